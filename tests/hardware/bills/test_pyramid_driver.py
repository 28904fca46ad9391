"""The Pyramid driver against the vendor's bytes: what is not as in EBDS."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.acceptor import BillEvent, NoteInEscrow, NoteRefused, NoteReturned, NoteStacked, NoteUnaccounted
from hardware.clock import run_virtual
from hardware.errors import ConfigError
from hardware.links.memory import memory_line
from hardware.protocols import make_driver
from hardware.vocabulary import Belief, Fault, RefuseReason
from tests.hardware.bills.quoted_unit import ALL_YEN, Bench, PyramidUnit, model_with
from tests.hardware.virtualtime import in_virtual_time

MODEL = model_with("pyramid-apex-jpy")
IDLE = PyramidUnit.idle
ESCROW_1, ESCROW_4 = "02 0B 20 04 10 08 00 01 02 03 34", "02 0B 20 04 10 20 00 01 02 03 1C"
STACKING, STACKED_1 = PyramidUnit.stacks
JAM = "02 0B 20 00 14 00 00 01 02 03 3C"
EVERY_EVENT = "02 0B 20 51 13 03 00 01 02 03 69"
RETURNED_AND_STACKED = "02 0B 20 51 10 08 00 01 02 03 61"
POWER_UP, NO_STATE = "02 0B 20 01 10 01 00 01 02 03 38", "02 0B 20 00 10 00 00 01 02 03 38"


def bench() -> Bench:
    return Bench(MODEL, PyramidUnit)


def said(b: Bench) -> set[str]:
    return {request.hex(" ").upper() for request in b.unit.heard}


@in_virtual_time
async def test_the_orders_are_the_vendors_but_for_notes_that_the_model_does_not_have() -> None:
    b = await bench().start()
    await b.until_ready()
    assert said(b) == {"02 08 10 00 10 00 03 08"}
    b.driver.enable(ALL_YEN)
    await asyncio.sleep(1)
    b.unit.heard.clear()
    b.unit.show(ESCROW_1)
    await asyncio.sleep(1)
    poll = {"02 08 10 0F 10 00 03 07", "02 08 11 0F 10 00 03 06"}
    assert said(b) == poll
    b.driver.stack()
    await asyncio.sleep(2)
    stack = {"02 08 10 0F 30 00 03 27", "02 08 11 0F 30 00 03 26"}
    nothing_more_until_it_is_in = {"02 08 10 00 10 00 03 08", "02 08 11 00 10 00 03 09"}
    assert said(b) - poll - nothing_more_until_it_is_in <= stack
    assert said(b) & nothing_more_until_it_is_in
    b.unit.heard.clear()
    b.unit.show(ESCROW_4)
    b.on_escrow = b.driver.return_
    await asyncio.sleep(2)
    assert said(b) - poll <= {"02 08 10 0F 50 00 03 47", "02 08 11 0F 50 00 03 46"}
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000), NoteInEscrow(10000), NoteReturned(10000)]
    assert not b.driver.holds


@in_virtual_time
async def test_a_bill_type_that_the_model_does_not_have_is_given_back() -> None:
    b = await bench().accepting()
    b.unit.show("02 0B 20 04 10 38 00 01 02 03 04")
    await asyncio.sleep(2)
    assert b.stories == [NoteRefused(RefuseReason.UNKNOWN, "ESCROWED[7]")]


@in_virtual_time
async def test_returned_and_stacked_at_once_is_no_credit_with_the_value_still_set() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.return_
    b.unit.after[0x40] = (PyramidUnit.returns[0], RETURNED_AND_STACKED)
    b.unit.show(ESCROW_1)
    await asyncio.sleep(2)
    assert b.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_every_event_at_once_says_nothing_about_money() -> None:
    b = await bench().accepting()
    b.unit.show(EVERY_EVENT, IDLE)
    await asyncio.sleep(2)
    assert b.stories == []
    assert b.driver.status.ready


@pytest.mark.parametrize("two_states", ["02 0B 20 05 10 08 00 01 02 03 35", "02 0B 20 0C 10 08 00 01 02 03 3C"])
@in_virtual_time
async def test_two_states_at_once_are_no_answer(two_states: str) -> None:
    b = await bench().accepting()
    b.unit.show(two_states)
    await asyncio.sleep(5)
    assert b.driver.status.faults == {Fault.NO_ANSWER}
    assert b.stories == []


@pytest.mark.parametrize(
    ("quoted", "faults"),
    [
        (JAM, {Fault.JAM}),
        ("02 0B 20 00 18 00 00 01 02 03 30", {Fault.STACKER_FULL}),
        ("02 0B 20 00 10 04 00 01 02 03 3C", {Fault.DEVICE_FAILURE}),
        ("02 0B 20 01 00 00 00 01 02 03 29", {Fault.STACKER_OPEN}),
        (NO_STATE, set()),
    ],
)
@in_virtual_time
async def test_no_state_is_a_fault_where_one_is_named_and_never_ready(quoted: str, faults: set[Fault]) -> None:
    b = await bench().accepting()
    b.unit.show(quoted)
    await asyncio.sleep(2)
    assert b.driver.status.faults == faults
    assert not b.driver.status.ready
    b.unit.show(IDLE)
    await asyncio.sleep(1)
    assert b.driver.status.ready


@pytest.mark.parametrize(("ordered", "end"), [(False, NoteReturned(1000)), (True, NoteUnaccounted(1000, Belief.UNKNOWN))])
@in_virtual_time
async def test_after_a_power_cut_the_unit_says_nothing_of_the_note(ordered: bool, end: BillEvent) -> None:
    b = await bench().accepting()
    b.unit.after[0x20] = (STACKING,) * 50
    b.unit.show(ESCROW_1)
    await asyncio.sleep(0.5)
    if ordered:
        b.driver.stack()
        await asyncio.sleep(0.5)
    b.unit.restart()
    b.unit.show(POWER_UP, POWER_UP, IDLE)
    await asyncio.sleep(2)
    assert b.stories == [NoteInEscrow(1000), end]
    assert b.driver.status.ready


@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@pytest.mark.parametrize("at_s", [0.05, 0.15, 0.25, 0.35])
@in_virtual_time
async def test_a_note_is_credited_once_whatever_is_lost(way: str, at_s: float) -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.show(ESCROW_1)
    await asyncio.sleep(at_s)
    getattr(b.unit, way)[b"\x10"] = 2
    await asyncio.sleep(4)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@pytest.mark.parametrize("note", [{"type": 8, "yen": 1000}, {"type": 0, "yen": 1000}, {"type": 1, "yen": 0}])
def test_a_bill_type_that_cannot_be_is_named(note: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="notes"):
        make_driver(replace(MODEL, settings={**MODEL.settings, "notes": [note]}), memory_line("x")[0])


class ForgetfulUnit(PyramidUnit):
    """A simulator by others in the field: it never repeats its answer, whatever the bit says."""

    def answer(self, request: bytes) -> bytes | None:
        self._bit = None
        return super().answer(request)


@pytest.mark.parametrize(
    ("repeats", "told"),
    [(True, NoteUnaccounted(1000, Belief.UNKNOWN)), (False, NoteStacked(1000))],
    ids=["an ordinary model", "a model with the quirk"],
)
@in_virtual_time
async def test_a_unit_that_does_not_repeat_its_answers_credits_only_as_a_quirk_of_its_model(
    repeats: bool, told: BillEvent
) -> None:
    b = await Bench(model_with("pyramid-apex-jpy", host={"repeats_answers": repeats}), ForgetfulUnit).accepting()
    b.on_escrow = b.driver.stack
    b.unit.show(ESCROW_1, ESCROW_1, ESCROW_1)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), told]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127), st.integers(0, 127)), max_size=20))
def test_whatever_the_unit_says_nothing_is_credited_without_stacked_and_service_comes_back(
    statuses: list[tuple[int, int, int]],
) -> None:
    async def hear() -> None:
        b = await bench().accepting()
        b.on_escrow = b.driver.stack
        b.unit.after[0x20] = ()
        quoted = [bytes((2, 11, 0x20, state & ~0x10, condition, third, 0, 1, 2, 3)) for state, condition, third in statuses]
        b.unit.show(*[(frame + bytes((_check(frame),))).hex() for frame in quoted], IDLE)
        await asyncio.sleep(25)
        await b.until_ready(5.0)
        assert not any(isinstance(event, NoteStacked) for event in b.stories)
        b.unit.after[0x20] = PyramidUnit.stacks
        b.unit.show(ESCROW_1)
        await asyncio.sleep(3)
        assert b.stories[-1] == NoteStacked(1000)

    run_virtual(hear())


def _check(frame: bytes) -> int:
    check = 0
    for byte in frame[1:-1]:
        check ^= byte
    return check
