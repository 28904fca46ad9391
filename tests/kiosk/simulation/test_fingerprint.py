"""Fingerprints tell apart what will go on otherwise, and nothing else."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any

import pytest

from hardware.bills.id003.emulator import Id003Emulator
from hardware.clock import run_virtual
from hardware.models import load_model
from kiosk.simulation.fingerprint import CLOCK_FROM_S, fingerprint
from tests.kiosk.whole.conftest import CONFIG

NOW_S = CLOCK_FROM_S + 100.0


class Colour(Enum):
    RED = 1
    BLUE = 2


@dataclass
class Thing:
    number: int = 0
    colour: Colour = Colour.RED
    due_s: float | None = None
    said: deque[bytes] = field(default_factory=deque)
    pieces: Counter[int] = field(default_factory=Counter)
    dice: Random = field(default_factory=lambda: Random(1))
    more: Any = None


def same(one: Any, other: Any, later_s: float = 0.0, **how: Any) -> bool:
    return fingerprint(one, now_s=NOW_S, **how) == fingerprint(other, now_s=NOW_S + later_s, **how)


@pytest.mark.parametrize(
    "other",
    [
        Thing(number=1),
        Thing(colour=Colour.BLUE),
        Thing(due_s=NOW_S + 1),
        Thing(due_s=1.0),
        Thing(said=deque([b"a"])),
        Thing(pieces=Counter({100: 1})),
        Thing(dice=Random(2)),
        Thing(more=Thing()),
        Thing(more=[1, 2]),
    ],
    ids=["number", "colour", "moment", "span", "queue", "counts", "dice", "inside", "list"],
)
def test_whatever_differs_anywhere_inside_is_another_fingerprint(other: Thing) -> None:
    assert same(Thing(), Thing())
    assert not same(Thing(), other)
    assert not same(Thing(more=Thing()), Thing(more=other))


def test_a_field_that_nobody_has_told_of_counts() -> None:
    one, other = Thing(), Thing()
    other.__dict__["new"] = 1
    assert not same(one, other)
    assert same(one, other, without=["new"])


def test_the_same_state_at_another_time_is_the_same() -> None:
    assert same(Thing(due_s=NOW_S + 1), Thing(due_s=NOW_S + 8), later_s=7)
    assert not same(Thing(due_s=NOW_S + 1), Thing(due_s=NOW_S + 1), later_s=0.5)


def test_a_moment_that_is_over_is_one_of_a_few_old() -> None:
    assert same(Thing(due_s=NOW_S - 1), Thing(due_s=NOW_S - 2))
    assert not same(Thing(due_s=NOW_S - 1), Thing(due_s=NOW_S - 20))
    assert same(Thing(due_s=NOW_S - 1), Thing(due_s=NOW_S - 20), rough=True)
    assert not same(Thing(due_s=NOW_S - 1), Thing(due_s=NOW_S + 1), rough=True)


def test_a_span_of_time_is_no_moment() -> None:
    assert same(Thing(due_s=3.0), Thing(due_s=3.0), later_s=1)
    assert not same(Thing(due_s=3.0), Thing(due_s=4.0), rough=True)


def test_two_things_are_not_one_thing_twice() -> None:
    one = Thing()
    assert not same([one, one], [one, Thing()])


def test_where_a_task_stands_counts() -> None:
    async def walk(steps: list[asyncio.Event]) -> None:
        await steps[0].wait()
        await steps[1].wait()

    async def compare() -> None:
        steps = [asyncio.Event(), asyncio.Event()]
        steps[0].set()
        here = asyncio.create_task(walk([asyncio.Event(), asyncio.Event()]))
        there, also_there = (asyncio.create_task(walk(steps)) for _ in range(2))
        await asyncio.sleep(0.1)
        assert not same(here, there)
        assert same(there, also_there)

    run_virtual(compare())


def test_a_unit_that_was_asked_the_same_again_is_the_same_and_one_with_a_note_in_its_mouth_is_not() -> None:
    model = load_model(CONFIG / "devices" / "jcm-id003-jpy.toml")
    unit = Id003Emulator(model)
    words = []
    for second in range(3):
        now_s = NOW_S + second
        unit.receive(bytes.fromhex("FC 05 11 27 56"), now_s)
        unit.advance(now_s + 0.5)
        unit.take_replies(now_s + 0.5)
        words.append(fingerprint(unit, now_s=now_s + 0.5))
    assert words[1] == words[2]
    unit.command("insert 1000", NOW_S + 3)
    assert fingerprint(unit, now_s=NOW_S + 3) not in words
