"""``kiosk power-cuts`` at a terminal: journey after journey, how many cuts there are, what came of them, and what was wrong."""

import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random

import structlog

from hardware.clock import stopwatch_s
from kiosk.simulation.atlas import Atlas, Cut, Tally
from kiosk.simulation.choices import Anywhere, Chosen
from kiosk.simulation.crossroads import Ending, everywhere, only
from kiosk.simulation.journeys import Journey
from kiosk.simulation.keptfile import KeptFile, version_of
from kiosk.simulation.powercuts import rehearse, survey, travel

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
    keep: Path | None
    """Folder of files with what came of each cut; what stands there is not played again."""
    proof: int
    """So many cuts that are known without having been played to the end are, to see whether the story is the same."""


class _Report:
    """Hears what came of the cuts of one journey and says it."""

    def __init__(self, order: CutOrder, journey: Journey, file: KeptFile | None) -> None:
        self._order, self._journey, self._file = order, journey, file
        self._began_s = self._said_s = stopwatch_s()
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.met: set[Cut] = set()
        """What was played to where another one had been."""
        self.stories: dict[Cut, str] = {}
        """What was played, and the story it told."""
        self.wrong = 0
        self.compared = self.unlike = 0

    def remember(self, cut: Cut, ending: Ending) -> None:
        """Take in one ending, of this run or a former one."""
        place, way = cut
        self.stories[cut] = ending.story
        self._outcomes[way or "nothing"][ending.outcome] += 1
        if ending.met:
            self.met.add(cut)
        self.wrong += bool(ending.mistakes)
        if ending.mistakes:
            again = f'"{self._journey.name}"' + (f" --cut {way} --at {place}" if place else "")
            say("\n      ".join((f"WRONG kiosk power-cuts {again}{' --leaves' * self._order.leaves}", *ending.mistakes)))

    def hear(self, place: str, way: str, ending: Ending) -> None:
        """Take one ending in and keep it; tell at once what was wrong, and how to see it again."""
        self.remember((place, way), ending)
        if self._file is not None and place:
            self._file.add({"place": place, "way": way, **asdict(ending)})
        if stopwatch_s() - self._said_s > _TELL_EVERY_S:
            self._said_s = stopwatch_s()
            say(f"{self._journey.name}: {len(self.stories)} played, at {place}, {self.wrong} wrong")

    def sum_up(self, tally: Tally) -> None:
        """Say how many there are, how each is known, and what came of it."""
        name, bench, told = self._journey.name, self._journey.bench, self._journey.told
        minutes = (stopwatch_s() - self._began_s) / 60
        say(f"{name} ({told}; {bench}): {minutes:.1f} min, {self.wrong} wrong")
        say(f"  {'kind':<8}{'found':>9}{'played':>9}{'proven':>9}{'between':>9}{'left':>9}")
        for kind in tally.found:
            say(_line(kind, tally, kind))
        say(_line("all", tally))
        compared = f"; {self.unlike} of {self.compared} known ones told another story" if self.compared else ""
        say(f"  of those played {len(self.met)} came to where another had been{compared}")
        for what, outcomes in self._outcomes.items():
            say(f"  {what:<18} " + "; ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))


def _line(title: str, tally: Tally, kind: str = "") -> str:
    def count(counter: Counter[str]) -> int:
        return counter[kind] if kind else counter.total()

    found, *known = map(count, (tally.found, tally.played, tally.proven, tally.between))
    return f"  {title:<8}" + "".join(f"{number:>9}" for number in (found, *known, found - sum(known)))


def run(order: CutOrder) -> int:
    """Cut, say what came of it, and return the exit status."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    version = version_of(order.folder) if order.keep is not None else ""
    total, wrong = Tally(), 0
    for journey in order.journeys:
        file = _kept(order, journey, version)
        report = _Report(order, journey, file)
        for line in file.read() if file is not None else ():
            report.remember((line.pop("place"), line.pop("way")), Ending(**line | {"mistakes": tuple(line["mistakes"])}))
        if report.stories:
            say(f"{journey.name}: {len(report.stories)} endings are kept from before")
        tally = _cut_all(order, journey, report)
        report.sum_up(tally)
        total.add(tally)
        wrong += report.wrong + report.unlike
    if len(order.journeys) > 1:
        covered = total.proven.total() + total.between.total()
        played = f"{total.played.total()} played, {covered} covered by equivalence, {total.left} left, {wrong} wrong"
        say(f"all journeys: {total.found.total()} found, {played}")
    return min(wrong, 1)


def _kept(order: CutOrder, journey: Journey, version: str) -> KeptFile | None:
    if order.keep is None:
        return None
    name = journey.name.replace(":", "-").replace(" ", "-") + "-leaves" * order.leaves
    return KeptFile(order.keep / f"{name}.jsonl", {"journey": journey.name, "leaves": order.leaves, "version": version})


def _cut_all(order: CutOrder, journey: Journey, report: _Report) -> Tally:
    operations = rehearse(order.folder, journey) if "disk" in order.kinds else {}
    atlas = survey(order.folder, journey, order.kinds, order.what, operations)
    story = partial(travel, order.folder, journey, leaves=order.leaves, operations=operations)

    def play(cuts: Sequence[Cut], *, to_the_end: bool = False) -> None:
        everywhere(
            partial(story, choice=Chosen(cuts)), (), report.hear, workers=order.workers, step=1, skip=0, meets=not to_the_end
        )
        for place, way in set(cuts) - report.stories.keys():
            report.hear(place, way, Ending("not reached", (f"the journey never came to {place}",)))

    dice = Random(journey.name)
    if order.step > 1:
        play([cut for cut in atlas.due(report.stories) if dice.random() * order.step < 1])
    else:
        while due := atlas.due(report.stories):
            play(due)
    tally = atlas.tally(report.stories)
    if order.proof:
        _prove(atlas, order.proof, dice, report, play)
    return tally


def _prove(atlas: Atlas, most: int, dice: Random, report: _Report, play: Callable[..., None]) -> None:
    """Play some cuts to the end that are known already, and count those whose story is not the one that it must be."""
    known = [(cut, report.stories[model]) for cut, model in atlas.covered(report.stories)]
    known += [(cut, report.stories[cut]) for cut in sorted(report.met)]
    sample = dice.sample(known, min(most, len(known)))
    play([cut for cut, _ in sample], to_the_end=True)
    for cut, story in sample:
        report.compared += 1
        if report.stories[cut] != story:
            report.unlike += 1
            say(f"UNLIKE {cut[1]} at {cut[0]} tells another story than what stands for it")


def tell(folder: Path, journey: Journey, place: str, what: str, *, leaves: bool) -> int:
    """Cut at one place only, in this process, and tell the story with every byte. Returns the exit status."""
    kind = place.partition("-")[0]
    operations = rehearse(folder, journey) if kind == "disk" else {}
    story = partial(travel, folder, journey, choice=Anywhere(kind), note=say, leaves=leaves, operations=operations)
    ending = only(story, place, what)
    say(f"=== {ending.outcome}")
    for mistake in ending.mistakes:
        say(f"WRONG {mistake}")
    return 1 if ending.mistakes else 0


def say(words: str) -> None:
    """Write a line now."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
