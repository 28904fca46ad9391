"""Plays many customers: chapters drawn from seeds, side by side in processes, to the same result for any number of them.

A *chapter* is :data:`JOURNEYS_A_CHAPTER` customers at one kiosk on one bench, drawn from one seed. Chapter 0 of a run has the
run's own seed, every other one a seed worked out from that and its number; so whatever went wrong in a chapter is found again
by a run of that chapter's seed alone.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from hardware.clock import stopwatch_s
from kiosk.simulation.benches import Bench, benches, config_of, targets_of
from kiosk.simulation.chapter import ChapterResult, play
from kiosk.simulation.dice import Dice, SeededDice
from kiosk.simulation.faults import FaultKind
from kiosk.simulation.keptchapters import KeptChapters
from kiosk.simulation.keptfile import version_of
from kiosk.simulation.plan import Plan, draw_plan
from kiosk.simulation.report import SimulationResult, Sum

JOURNEYS_A_CHAPTER = 20
FAILURES_ENOUGH = 5


@dataclass(frozen=True)
class Order:
    """What is to be simulated."""

    folder: Path
    """The config folder."""
    journeys: int
    seed: int
    faults: tuple[FaultKind, ...]
    bench: Path | None = None
    """A bench file; else each chapter picks one of all there are."""
    workers: int = 1
    failures: int = FAILURES_ENOUGH
    """After so many chapters in which something was wrong the run ends."""
    keep: Path | None = None
    """A file in which what came of each chapter is kept; a run that was stopped goes on from it."""

    @property
    def benches(self) -> Sequence[Bench]:
        """Where it can play."""
        return benches(self.folder) if self.bench is None else ((str(self.bench), 1),)

    @property
    def chapters(self) -> Iterator[tuple[int, int]]:
        """Seed and number of customers of each chapter."""
        for number, first in enumerate(range(0, self.journeys, JOURNEYS_A_CHAPTER)):
            yield chapter_seed(self.seed, number), min(JOURNEYS_A_CHAPTER, self.journeys - first)


def chapter_seed(seed: int, number: int) -> int:
    """Return the seed of a run's chapter."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:6], "big")


def plan_of(order: Order, dice: Dice, journeys: int) -> Plan:
    """Draw one chapter."""
    languages = config_of(order.folder, order.benches[0][0]).shop.languages
    targets = partial(targets_of, order.folder)
    return draw_plan(dice, journeys, order.benches, targets, order.faults, languages)


def simulate(order: Order, progress: Callable[[SimulationResult], None] = lambda so_far: None) -> SimulationResult:
    """Play what is ordered. ``progress`` hears after each chapter how it stands. Ends early when enough is wrong."""
    run = Sum(order.seed)
    kept = KeptChapters(order.keep, _what(order)) if order.keep is not None else None
    known = kept.read() if kept is not None else {}
    played = _played(order, [chapter for chapter in order.chapters if chapter[0] not in known])
    since_s = stopwatch_s()
    for seed, journeys in order.chapters:
        if seed in known:
            done, wall_s = known[seed]
        else:
            done, now_s = next(played), stopwatch_s()
            wall_s, since_s = now_s - since_s, now_s
            if kept is not None:
                kept.add(seed, done, wall_s)
        run.add(seed, journeys, done, wall_s)
        progress(run.result)
        if len(run.result.failures) >= order.failures:
            break
    return run.result


def _what(order: Order) -> dict[str, object]:
    """Return what kept chapters must agree on to be those of one run."""
    return {
        "seed": order.seed,
        "journeys": order.journeys,
        "faults": [kind.name for kind in order.faults],
        "bench": str(order.bench or ""),
        "version": version_of(order.folder),
    }


def _played(order: Order, chapters: Iterable[tuple[int, int]]) -> Iterator[ChapterResult]:
    """Play chapters, in order, a few ahead of whoever asks."""
    deed = partial(_play_chapter, order)
    if order.workers == 1:
        yield from map(deed, chapters)
        return
    waiting = iter(chapters)
    with ExitStack() as stack:
        pool = ProcessPoolExecutor(order.workers)
        stack.callback(pool.shutdown, cancel_futures=True)
        ahead = [pool.submit(deed, chapter) for chapter in islice(waiting, 4 * order.workers)]
        while ahead:
            yield ahead.pop(0).result()
            ahead += [pool.submit(deed, chapter) for chapter in islice(waiting, 1)]


def _play_chapter(order: Order, chapter: tuple[int, int]) -> ChapterResult:
    seed, journeys = chapter
    return play(order.folder, plan_of(order, SeededDice(seed), journeys))
