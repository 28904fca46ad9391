"""From a chapter in which something was wrong to the shortest one in which it still is.

A plan is a row of numbers (:mod:`kiosk.simulation.dice`), and that is what hypothesis' shrinker works on: it leaves groups of
them out and makes the rest smaller, and plays what comes of it, until nothing simpler fails in the same way. Its engine is not
hypothesis' public face, so the version is pinned; nothing else here depends on it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis.internal.conjecture.data import ConjectureData, Status
from hypothesis.internal.conjecture.engine import ConjectureRunner, RunIsComplete
from hypothesis.internal.escalation import InterestingOrigin

from kiosk.simulation.chapter import ChapterResult, play
from kiosk.simulation.dice import SeededDice
from kiosk.simulation.plan import Plan, Visit
from kiosk.simulation.report import Failure
from kiosk.simulation.simulate import Order, plan_of
from kiosk.simulation.story import as_test, in_words

MOST_PLAYS = 600
"""Chapters that are played in search of a shorter one."""
NOBODY = 0
"""What is drawn for a visit in which nobody comes: the first habit."""
_GROUP = 1
_ORIGIN = InterestingOrigin(AssertionError, "a chapter", 0, (), ())
_FIGURES = re.compile(r"[0-9][0-9,.]*")


@dataclass(frozen=True)
class Shrunk:
    """The shortest story found."""

    plan: Plan
    result: ChapterResult
    plays: int
    files: tuple[Path, ...]
    text: str
    """Story and test, for people."""


class _GuidedDice:
    """Numbers that the shrinker puts forward."""

    def __init__(self, data: ConjectureData) -> None:
        self._data = data

    def number(self, low: int, high: int) -> int:
        return self._data.draw_integer(low, high, shrink_towards=low)

    @contextmanager
    def group(self) -> Iterator[None]:
        self._data.start_span(_GROUP)
        yield
        self._data.stop_span()


def kind_of(text: str) -> str:
    """Return what is wrong without the figures: what has to stay the same while the story gets shorter."""
    return _FIGURES.sub("#", text)[:60]


def smallest(order: Order, failure: Failure) -> tuple[Plan, ChapterResult, int]:
    """Return the shortest plan that still fails like the first violation of ``failure``, and how many were played."""
    dice = SeededDice(failure.seed)
    plan = plan_of(order, dice, failure.journeys)
    first = play(order.folder, plan)
    wanted = {kind_of(violation.text) for violation in first.violations[:1]}
    best: list[tuple[Plan, ChapterResult]] = [(plan, first)]
    best_size = [(len(dice.rolled), sum(dice.rolled))]

    def test(data: ConjectureData) -> None:
        tried = without_nobody(plan_of(order, _GuidedDice(data), failure.journeys))
        result = play(order.folder, tried)
        if any(kind_of(violation.text) in wanted for violation in result.violations):
            size = len(data.choices), sum(choice for choice in data.choices if isinstance(choice, int))
            if size <= best_size[0]:
                best_size[0], best[0] = size, (tried, result)
            data.mark_interesting(_ORIGIN)

    limits = settings(max_examples=MOST_PLAYS, deadline=None, database=None, derandomize=True)
    runner = ConjectureRunner(test, settings=limits, random=Random(0))
    try:
        runner.cached_test_function(_left_out(dice, first.journeys, lambda c: _fails(runner, c)))
        runner.shrink_interesting_test_cases()
    except RunIsComplete:  # it has played enough
        pass
    return (*best[0], runner.call_count)


def _fails(runner: ConjectureRunner, choices: Sequence[int]) -> bool:
    return runner.cached_test_function(choices).status is Status.INTERESTING


def _left_out(dice: SeededDice, journeys: int, fails: Callable[[Sequence[int]], bool]) -> list[int]:
    """Leave out as many whole visits as may be, many at a time first: quicker than the shrinker, which knows no visits."""
    visits = [(a, b) for a, b in dice.groups if not any(c <= a and b <= d and (a, b) != (c, d) for c, d in dice.groups)]
    pieces = [dice.rolled[: visits[0][0]], *(dice.rolled[a:b] for a, b in visits[:journeys])]
    missing = [[NOBODY]] * (len(visits) - journeys)

    def flat(row: list[list[int]]) -> list[int]:
        return [number for piece in [*row, *missing] for number in piece]

    step = len(pieces)
    while step:
        for at in range(1, len(pieces), step):
            shorter = [*pieces[:at], *([[NOBODY]] * len(pieces[at : at + step])), *pieces[at + step :]]
            if shorter != pieces and fails(flat(shorter)):
                pieces = shorter
        step //= 2
    return flat(pieces)


def without_nobody(plan: Plan) -> Plan:
    """Leave out the visits in which nobody came and nothing happened."""
    people = tuple(visit for visit in plan.visits if visit != Visit("passes by"))
    return replace(plan, visits=people)


def shrunk(order: Order, failure: Failure, out: Path) -> Shrunk:
    """Find the shortest story, write it down in ``out`` with a trace of every byte and a test to paste, and tell it."""
    plan, result, plays = smallest(order, failure)
    out.mkdir(parents=True, exist_ok=True)
    trace = out / f"seed-{failure.seed}-trace.txt"
    with trace.open("w", encoding="utf-8") as file:
        play(order.folder, plan, lambda line: print(line, file=file))
    story = in_words(plan, result)
    test = as_test(plan, failure.seed, story)
    files = (trace, out / f"seed-{failure.seed}-story.txt", out / f"test_seed_{failure.seed}.py")
    files[1].write_text(story + "\n", encoding="utf-8")
    files[2].write_text(test, encoding="utf-8")
    text = f"\nThe shortest story of it ({plays} plays):\n{story}\n\nAs a test:\n\n{test}\n" + "".join(
        f"wrote {path}\n" for path in files
    )
    return Shrunk(plan, result, plays, files, text)
