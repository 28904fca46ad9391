"""``kiosk power-cuts`` at a terminal: journey after journey, what was cut at how many instants, and what was wrong."""

import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from hardware.clock import stopwatch_s
from kiosk.simulation.crossroads import Ending, everywhere, only
from kiosk.simulation.journeys import Journey
from kiosk.simulation.powercuts import Sample, travel

_TELL_EVERY_S = 30.0


@dataclass(frozen=True)
class CutOrder:
    """What is to be cut."""

    folder: Path
    """The config folder."""
    journeys: Sequence[Journey]
    kinds: Sequence[str]
    what: Sequence[str]
    """Only these; everything when empty."""
    step: int
    workers: int
    leaves: bool


class _Tally:
    """Counts what came of one journey and says it."""

    def __init__(self, order: CutOrder, journey: Journey) -> None:
        self._order, self._journey = order, journey
        self._began_s = self._said_s = stopwatch_s()
        self._tried: Counter[str] = Counter()
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.wrong = 0

    def hear(self, place: str, way: str, ending: Ending) -> None:
        """Take one ending in; tell at once what was wrong, and how to see it again."""
        self._tried[place.partition("-")[0]] += bool(place)
        self._outcomes[way or "nothing"][ending.outcome] += 1
        self.wrong += bool(ending.mistakes)
        if ending.mistakes:
            again = f'"{self._journey.name}"' + (f" --cut {way} --at {place}" if place else "")
            say("\n      ".join((f"WRONG kiosk power-cuts {again}{' --leaves' * self._order.leaves}", *ending.mistakes)))
        if stopwatch_s() - self._said_s > _TELL_EVERY_S:
            self._said_s = stopwatch_s()
            say(f"{self._journey.name}: {self._tried.total()} cuts, at {place}, {self.wrong} wrong")

    def sum_up(self, seen: Counter[str]) -> None:
        """Say what was tried of all there is, and what came of it."""
        minutes = (stopwatch_s() - self._began_s) / 60
        kinds = ", ".join(f"{self._tried[kind]} of {seen[kind]} {kind}" for kind in seen)
        name, bench, told = self._journey.name, self._journey.bench, self._journey.told
        say(f"{name} ({told}; {bench}): {kinds}; {minutes:.1f} min, {self.wrong} wrong")
        for what, outcomes in self._outcomes.items():
            say(f"  {what:<12} " + "; ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))


def run(order: CutOrder) -> int:
    """Cut, say what came of it, and return the exit status."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wrong = 0
    for journey in order.journeys:
        sample = Sample(order.kinds, order.step, order.what, seed=journey.name)
        tally = _Tally(order, journey)
        story = partial(travel, order.folder, journey, sample=sample, leaves=order.leaves)
        everywhere(story, (), tally.hear, workers=order.workers, step=1, skip=0)
        tally.sum_up(sample.seen)
        wrong += tally.wrong
    return min(wrong, 1)


def tell(folder: Path, journey: Journey, place: str, what: str, *, leaves: bool) -> int:
    """Cut at one place only, in this process, and tell the story with every byte. Returns the exit status."""
    story = partial(travel, folder, journey, sample=Sample((place.partition("-")[0],)), note=say, leaves=leaves)
    ending = only(story, place, what)
    say(f"=== {ending.outcome}")
    for mistake in ending.mistakes:
        say(f"WRONG {mistake}")
    return 1 if ending.mistakes else 0


def say(words: str) -> None:
    """Write a line now."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
