"""``python -m tests.matrix [MATRIX...]``: what can go wrong, at every place where it can, and whether all stayed true.

Every fault at every place by default; ``--step 20`` takes every twentieth place. ``--at PLACE`` tries one in this process,
without forking: for a debugger.
"""

import argparse
import logging
import sys
from collections import Counter, defaultdict
from functools import partial

import structlog

from hardware.clock import stopwatch_s
from kiosk.simulation.crossroads import Ending, Story, everywhere, only
from tests.matrix import driverpaper, kioskpaper
from tests.matrix.printerfaults import faults_of

KIOSK_PRINTERS = ("tm-t88v-ja", "custom-vkp80-ja")
"""The printer that is shipped with the kiosk, and one with a presenter."""
MATRICES: dict[str, tuple[Story, list[str]]] = {
    f"{name}:{model}": (partial(story, model), faults_of(presenter=driverpaper.PRINTERS[model]))
    for name, story, models in (
        ("kiosk", kioskpaper.story, KIOSK_PRINTERS),
        ("printer", driverpaper.story, driverpaper.PRINTERS),
    )
    for model in models
}
"""The story, and the ways in which it can go on."""


class Tally:
    """Counts what came of a matrix and says it."""

    def __init__(self, matrix: str) -> None:
        self._matrix = matrix
        self._began_s = self._said_s = stopwatch_s()
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.stories = self.mistakes = 0

    def hear(self, place: str, fault: str, ending: Ending) -> None:
        """Take one ending in; tell what was wrong at once, with what shows it again, and every while how far it is."""
        self.stories += 1
        self._outcomes[fault or "nothing happens"][ending.outcome] += 1
        for mistake in ending.mistakes:
            self.mistakes += 1
            again = f'python -m tests.matrix {self._matrix} --fault "{fault}" --at {place}' if place else self._matrix
            say(f"WRONG {again}\n      {mistake}")
        if stopwatch_s() - self._said_s > 20:
            self._said_s = stopwatch_s()
            say(f"{self._matrix}: {self.stories} stories in {self._minutes():.1f} min, at {place}, {self.mistakes} wrong")

    def _minutes(self) -> float:
        return (stopwatch_s() - self._began_s) / 60

    def sum_up(self) -> None:
        """Say what came of each fault."""
        say(f"{self._matrix}: {self.stories} stories in {self._minutes():.1f} min, {self.mistakes} wrong")
        for fault, outcomes in self._outcomes.items():
            told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
            say(f"  {fault:<38} {told}")


def say(words: str) -> None:
    """Write a line now."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main() -> int:
    """Go through what is asked for. Returns 1 when something was wrong; Ctrl-C sums up what there was until then."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix")
    parser.add_argument("matrices", nargs="*", metavar="MATRIX", help=f"of {', '.join(MATRICES)}; default: all")
    parser.add_argument("--fault", action="append", metavar="NAME", help="only this one; may be given several times")
    parser.add_argument("--at", default="", metavar="PLACE", help="only this place: a row (517) or a moment (3.45s)")
    parser.add_argument("--step", type=int, default=1, help="take every so many-th place")
    parser.add_argument(
        "--skip", type=int, default=0, help="leave out so many places at the beginning, to go on where it stopped"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes at a time")
    given = parser.parse_args()
    if unknown := [name for name in given.matrices if name not in MATRICES]:
        parser.error(f"no matrix {unknown[0]}; there are {', '.join(MATRICES)}")
    if unknown := [name for name in given.fault or () if not any(name in faults for _, faults in MATRICES.values())]:
        parser.error(f"no fault {unknown[0]!r}; there are {', '.join(faults_of(presenter=True))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wrong = 0
    for name in given.matrices or MATRICES:
        (story, faults), tally = MATRICES[name], Tally(name)
        chosen = [fault for fault in faults if fault in (given.fault or faults)]
        try:
            if given.at:
                for fault in chosen:
                    tally.hear(given.at, fault, only(story, given.at, fault))
            else:
                everywhere(story, chosen, tally.hear, workers=given.workers, step=given.step, skip=given.skip)
        except KeyboardInterrupt:
            tally.sum_up()
            return 130  # as a shell says it
        tally.sum_up()
        wrong += tally.mistakes
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
