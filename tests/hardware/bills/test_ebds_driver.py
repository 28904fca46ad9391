"""The EBDS driver against a unit of quoted bytes: the toggling bit, the weak check, every story, restarts, deaths, noise."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.acceptor import (
    AcceptorStatus,
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.bills.ebds.extended import Item
from hardware.clock import run_virtual
from hardware.errors import ConfigError
from hardware.links.memory import memory_line
from hardware.models import DeviceModel
from hardware.protocols import make_driver
from hardware.vocabulary import Belief, DeviceState, Fault, FullStatus, PowerState, RefuseReason
from tests.hardware.bills.quoted_unit import ALL_YEN, Bench, EbdsUnit, model_with
from tests.hardware.virtualtime import in_virtual_time

MODEL = model_with("mei-ebds-jpy")
PLAIN = model_with("mei-ebds-jpy", host={"extended": False})
IDLE, POWER_UP = EbdsUnit.idle, "02 0B 20 01 10 01 00 54 0A 03 65"
ACCEPTING, STACKING = "02 0B 20 02 10 00 00 54 0A 03 67", "02 0B 20 08 10 08 00 54 0A 03 65"
RETURNING, RETURNED = EbdsUnit.returns
NOTHING = "02 0B 20 00 10 00 00 54 0A 03 65"
REJECTED = "02 0B 20 01 12 00 00 54 0A 03 66"
ESCROW_1000 = "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 7C"
ESCROW_10000 = "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 34 00 41 41 41 41 00 00 00 03 7B"
STACKED_1000 = EbdsUnit.stacks[1]
STACKED_1000_NEXT_WAITS = "02 1E 70 02 14 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 6C"
STACKED_BLANK = "02 1E 70 02 11 10 00 00 54 0A 00" + "00" * 17 + "03 33"
STACKED_AND_POWER_UP = "02 1E 70 02 11 10 01 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 68"
PLAIN_ESCROW, PLAIN_STACKED = "02 0B 20 04 10 08 00 54 0A 03 69", "02 0B 20 11 10 08 00 54 0A 03 7C"


def bench(unit: EbdsUnit | None = None) -> Bench:
    return Bench(MODEL, EbdsUnit, unit)


# ---------------------------------------------------------------- start-up


@in_virtual_time
async def test_start_up_reads_the_table_until_the_null_record_and_lets_nothing_in_before_enable() -> None:
    b = await bench().start()
    await b.until_ready()
    asked = [request.hex(" ").upper() for request in b.unit.heard]
    assert asked[0] == "02 08 10 00 1C 14 03 10", "policy B, escrow, extended notes, nothing enabled"
    assert [request[7] for request in b.unit.heard if b.unit.key(request) == b"\x70\x02"] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert b.driver.denominations == ALL_YEN
    await asyncio.sleep(2)
    assert all(request[3 if request[2] < 0x70 else 4] == 0 for request in b.unit.heard if request[2] & 0x70 != 0x60)
    assert b.driver.identity[Item.SERIAL] == "ABC"
    assert b.driver.status == AcceptorStatus(DeviceState.IDLE, PowerState.ONLINE, frozenset(), True)


@in_virtual_time
async def test_the_bit_toggles_with_every_new_message_and_stays_for_a_repetition() -> None:
    b = await bench().accepting()
    b.unit.unanswered[b"\x10"] = 2
    await asyncio.sleep(2)
    bits = [request[2] & 1 for request in b.unit.heard]
    assert bits[:4] in ([0, 0, 0, 1], [1, 1, 1, 0])
    assert b.unit.heard[0] == b.unit.heard[1] == b.unit.heard[2]
    assert all(one != other for one, other in pairwise(bits[3:]))


@in_virtual_time
async def test_enable_sets_the_inhibits_first_and_the_orders_then_and_a_restarted_unit_gets_them_again() -> None:
    b = await bench().accepting()
    assert b.unit.inhibits == b"\x0f" + bytes(7)
    b.driver.enable(frozenset({1000, 10000, 777}))
    await asyncio.sleep(1)
    assert b.unit.inhibits == b"\x09" + bytes(7)
    assert b.unit.orders[0] == 0x7F
    b.unit.restart()
    b.unit.show(POWER_UP, POWER_UP, IDLE)
    await asyncio.sleep(2)
    assert b.unit.inhibits == b"\x09" + bytes(7)
    assert b.unit.orders[0] == 0x7F
    b.driver.disable()
    await asyncio.sleep(1)
    assert b.unit.orders[0] == 0
    assert b.stories == []


@in_virtual_time
async def test_a_unit_whose_table_changed_with_a_restart_is_read_again() -> None:
    b = await bench().accepting()
    b.unit.records = ("30 30 35 2B 30 33",)
    b.unit.show(POWER_UP, IDLE)
    b.unit.restart()
    await asyncio.sleep(3)
    assert b.driver.denominations == {5000}
    assert b.unit.inhibits == b"\x01" + bytes(7)


@in_virtual_time
async def test_an_answer_of_subtype_03_to_the_inhibits_is_an_answer() -> None:
    b = bench()
    b.unit.replies[b"\x70\x03"] = bytes.fromhex("02 0C 70 03 01 10 00 00 54 0A 03 30")
    await b.accepting()
    await asyncio.sleep(1)
    assert b.unit.orders[0] == 0x7F
    assert b.unit.count("70 03") == 0, "said twice, heard alike, and done"
    assert b.driver.status.ready


@pytest.mark.parametrize("key", [b"\x10", b"\x60", b"\x70\x02", b"\x70\x03", b"\x70\x04"])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_start_up_survives_any_message_lost_in_either_direction(key: bytes, way: str) -> None:
    b = bench()
    getattr(b.unit, way)[key] = 2
    b.driver.enable(ALL_YEN)
    await b.start()
    await b.until_ready()
    await asyncio.sleep(2)
    assert b.driver.denominations == ALL_YEN
    assert b.unit.orders[0] == 0x7F


@pytest.mark.parametrize(
    "reply",
    [
        "02 0B 20 01 10 02 00 54 0A 03 66",
        "02 1E 70 02 01 10 00 00 54 0A 01" + "00" * 17 + "03 22",
        "02 1E 70 02 01 10 00 00 54 0A 09 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 70",
    ],
    ids=["invalid command", "null record", "another record"],
)
@in_virtual_time
async def test_a_table_that_never_comes_is_a_fault_until_it_does(reply: str) -> None:
    b = bench()
    b.unit.replies[b"\x70\x02"] = bytes.fromhex(reply)
    b.driver.enable(ALL_YEN)
    await b.start()
    await asyncio.sleep(5)
    assert b.driver.status.faults == {Fault.UNKNOWN_TABLE}
    assert b.unit.orders[0] == 0
    b.unit.replies.clear()
    await b.until_ready()
    await asyncio.sleep(1)
    assert b.unit.orders[0] == 0x7F


# ---------------------------------------------------------------- stories


@in_virtual_time
async def test_a_note_is_stacked_by_a_bit_of_the_orders_and_credited_once() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.show(ACCEPTING, ESCROW_1000)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    stack = {request.hex(" ").upper() for request in b.unit.heard if request[4] & 0x20}
    assert len(stack) == 1
    assert stack <= {"02 08 10 7F 3C 14 03 4F", "02 08 11 7F 3C 14 03 4E"}, "STACK of the reference with policy B"
    assert b.driver.status.ready


@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@pytest.mark.parametrize("at_s", [0.05, 0.2, 0.35, 0.5, 0.65])
@pytest.mark.parametrize("losses", [1, 3])
@pytest.mark.parametrize("decide", ["stack", "return_"])
@in_virtual_time
async def test_a_note_has_one_story_whatever_is_lost(way: str, at_s: float, losses: int, decide: str) -> None:
    b = await bench().accepting()
    b.on_escrow = getattr(b.driver, decide)
    b.unit.show(ACCEPTING, ESCROW_1000)
    await asyncio.sleep(at_s)
    getattr(b.unit, way)[b"\x10"] = losses
    await asyncio.sleep(6)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000) if decide == "stack" else NoteReturned(1000)]


@in_virtual_time
async def test_two_notes_of_one_value_are_two_credits() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    for _ in range(2):
        b.unit.show(ESCROW_1000)
        await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)] * 2


@in_virtual_time
async def test_two_refusals_with_the_same_bytes_are_two_stories() -> None:
    b = await bench().accepting()
    b.unit.show(REJECTED, REJECTED, IDLE)
    await asyncio.sleep(2)
    assert b.stories == [NoteRefused(RefuseReason.UNKNOWN, "REJECTED")] * 2


@in_virtual_time
async def test_returned_and_stacked_at_once_is_no_credit() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.return_
    b.unit.after[0x40] = (RETURNING, "02 0B 20 51 10 08 00 54 0A 03 3C")
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@pytest.mark.parametrize(("ordered", "end"), [(False, []), (True, [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.STACKED)])])
@in_virtual_time
async def test_a_stacked_note_with_a_blank_record_is_no_credit(ordered: bool, end: list[BillEvent]) -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[0x20] = (EbdsUnit.stacks[0], STACKED_BLANK)
    b.unit.show(ESCROW_1000 if ordered else STACKED_BLANK, *([] if ordered else [IDLE]))
    await asyncio.sleep(3)
    assert b.stories == end


@in_virtual_time
async def test_a_standard_reply_in_extended_mode_says_no_value_but_credits_the_note_that_is_known() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    number_4 = "02 0B 20 04 10 20 00 54 0A 03 41"
    b.unit.after[0x20] = (STACKING, "02 0B 20 11 10 20 00 54 0A 03 54")
    b.unit.show(number_4, ESCROW_1000)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_note_of_another_currency_is_given_back_and_told_as_refused() -> None:
    b = await bench().accepting()
    b.unit.show("02 1E 70 02 04 10 00 00 54 0A 00 55 53 44 30 30 31 2B 30 30 02 43 41 44 42 00 00 00 03 78")
    await asyncio.sleep(3)
    assert [type(story) for story in b.stories] == [NoteRefused]
    assert any(request[4] & 0x40 for request in b.unit.heard)


@in_virtual_time
async def test_an_undecided_note_goes_back_in_time_and_a_held_one_waits() -> None:
    b = await bench().accepting()
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(1)
    b.driver.hold()
    await asyncio.sleep(100)
    b.driver.stack()
    await asyncio.sleep(2)
    b.unit.show(ESCROW_10000)
    await asyncio.sleep(29)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000), NoteInEscrow(10000)]
    await asyncio.sleep(5)
    assert b.stories[3:] == [NoteReturned(10000)]


# ---------------------------------------------------------------- the weak check


def _flipped(quoted: bytes, one: int, other: int, position: int) -> bytes:
    """Flip the same bit of two bytes between LEN and the check: the XOR still holds."""
    frame = bytearray(quoted)
    for at in {3 + one % (len(frame) - 5), 3 + other % (len(frame) - 5)}:
        frame[at] ^= 1 << position
    if one % (len(frame) - 5) == other % (len(frame) - 5):
        frame[-1] ^= 1 << position
    return bytes(frame)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), st.integers(0, 27), st.integers(0, 27), st.integers(0, 6))
def test_two_flips_in_one_answer_neither_make_nor_take_a_credit(nth: int, one: int, other: int, position: int) -> None:
    async def hear() -> None:
        b = await bench().accepting()
        b.on_escrow = b.driver.stack
        answer, said = b.unit.answer, [0]

        def garbled(request: bytes) -> bytes | None:
            said[0] += 1
            own: bytes | None = answer(request)
            return _flipped(own, one, other, position) if own and said[0] == nth + 1 else own

        b.unit.answer = garbled
        b.unit.show(ACCEPTING, ESCROW_1000)
        await asyncio.sleep(5)
        assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]

    run_virtual(hear())


@in_virtual_time
async def test_an_answer_with_the_other_bit_or_two_states_is_no_answer() -> None:
    b = await bench().accepting()
    b.unit.answer = lambda request: bytes.fromhex("02 0B 20 05 10 08 00 54 0A 03 68" if request[2] & 1 == 0 else IDLE)
    await asyncio.sleep(6)
    assert b.driver.status.faults == {Fault.NO_ANSWER}
    assert b.stories == []


# ---------------------------------------------------------------- faults


FAULTS = [
    ("02 0B 20 00 14 00 00 54 0A 03 61", Fault.JAM),
    ("02 0B 20 00 18 00 00 54 0A 03 6D", Fault.STACKER_FULL),
    ("02 0B 20 00 00 00 00 54 0A 03 75", Fault.STACKER_OPEN),
    ("02 0B 20 00 10 04 00 54 0A 03 61", Fault.DEVICE_FAILURE),
    ("02 0B 20 00 10 40 00 54 0A 03 25", Fault.COVER_OPEN),
    ("02 0B 20 00 10 00 01 54 0A 03 64", Fault.DEVICE_FAILURE),
    ("02 0B 20 00 10 00 02 54 0A 03 67", Fault.DEVICE_FAILURE),
]


@pytest.mark.parametrize(("quoted", "fault"), FAULTS)
@in_virtual_time
async def test_each_fault_takes_the_unit_out_of_service_until_it_is_over(quoted: str, fault: Fault) -> None:
    b = await bench().accepting()
    b.unit.show(quoted)
    await asyncio.sleep(2)
    assert b.driver.status.faults == {fault}
    assert b.driver.status.state is DeviceState.ERROR
    assert not b.driver.status.ready
    b.unit.show(IDLE)
    await asyncio.sleep(1)
    assert b.driver.status.ready
    assert b.stories == []


@in_virtual_time
async def test_no_state_at_all_is_out_of_service() -> None:
    b = await bench().accepting()
    b.unit.show(NOTHING)
    await asyncio.sleep(2)
    assert not b.driver.status.ready
    b.unit.show(IDLE)
    await asyncio.sleep(1)
    assert b.driver.status.ready


@in_virtual_time
async def test_a_string_is_suspected_and_stacked_with_cheated_is_a_nearly_full_box() -> None:
    b = await Bench(model_with("mei-ebds-jpy", host={"near_full_as_cheated": True}), EbdsUnit).accepting()
    b.on_escrow = b.driver.stack
    b.unit.show("02 0B 20 01 11 00 00 54 0A 03 65", IDLE)
    await asyncio.sleep(1)
    cheated = "02 1E 70 02 11 11 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 68"
    b.unit.after[0x20] = (EbdsUnit.stacks[0], cheated)
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert b.stories == [FraudSuspected("CHEATED"), NoteInEscrow(1000), NoteStacked(1000)]
    assert b.driver.status.full is FullStatus.NEAR_FULL


# ---------------------------------------------------------------- restarts and deaths


@pytest.mark.parametrize(
    ("ordered", "afterwards", "end"),
    [
        (False, [POWER_UP, IDLE], NoteReturned(1000)),
        (True, [POWER_UP, IDLE], NoteUnaccounted(1000, Belief.UNKNOWN)),
        (True, [POWER_UP, POWER_UP, STACKED_1000, IDLE], NoteStacked(1000)),
        (True, [STACKED_AND_POWER_UP, POWER_UP, IDLE], NoteStacked(1000)),
        (True, [POWER_UP, STACKED_BLANK, IDLE], NoteUnaccounted(1000, Belief.STACKED)),
        (True, [POWER_UP, RETURNING, RETURNED, IDLE], NoteReturned(1000)),
    ],
)
@in_virtual_time
async def test_a_power_cut_with_a_note_inside_is_told_as_what_the_unit_then_says(
    ordered: bool, afterwards: list[str], end: BillEvent
) -> None:
    b = await bench().accepting()
    b.unit.after[0x20] = (STACKING,) * 50
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    if ordered:
        b.driver.stack()
        await asyncio.sleep(0.5)
    b.unit.restart()
    b.unit.show(*afterwards)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), end]
    assert b.driver.status.ready


@in_virtual_time
async def test_the_value_of_a_note_stacked_unheard_is_not_that_of_the_next_one_which_waits_by_now() -> None:
    b = await (await bench().accepting()).kill_host()
    b.unit.show(STACKED_1000_NEXT_WAITS, ESCROW_10000)
    await b.start()
    await asyncio.sleep(2)
    assert b.stories == [NoteUnaccounted(1000, Belief.STACKED), NoteInEscrow(10000)]


@in_virtual_time
async def test_nothing_is_let_in_while_a_note_is_stacked() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[0x20] = (STACKING,) * 5 + (STACKED_1000, IDLE)
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(4)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    let_in = [request[3] != 0 for request in b.unit.heard if request[2] & 0x70 == 0x10]
    assert [key for key, _ in groupby(let_in)] == [True, False, True]


@pytest.mark.parametrize("again", [[STACKED_AND_POWER_UP], [POWER_UP, STACKED_1000], [POWER_UP, STACKED_AND_POWER_UP]])
@in_virtual_time
async def test_a_credit_told_before_a_power_cut_and_again_after_it_is_one_credit(again: list[str]) -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[0x20] = (STACKED_1000,)
    b.unit.show(ESCROW_1000)
    while NoteStacked(1000) not in b.stories:
        await asyncio.sleep(0.01)
    b.unit.restart()
    b.unit.show(*again, IDLE)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    assert b.driver.status.ready


@pytest.mark.parametrize(("decide", "end"), [("stack", NoteStacked(1000)), ("return_", NoteReturned(1000))])
@pytest.mark.parametrize("shown", [ESCROW_1000, NOTHING])
@in_virtual_time
async def test_a_note_held_after_a_power_cut_is_still_the_callers_to_decide(decide: str, end: BillEvent, shown: str) -> None:
    b = await bench().accepting()
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    b.unit.restart()
    b.unit.show(POWER_UP, POWER_UP, shown)
    await asyncio.sleep(3)
    getattr(b.driver, decide)()
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), end]
    assert b.driver.status.ready


@in_virtual_time
async def test_a_note_held_out_of_sight_that_a_new_host_knows_nothing_of_is_let_go() -> None:
    b = bench()
    b.unit.show(POWER_UP, NOTHING)
    await b.start()
    await b.until_ready(10.0)
    assert b.stories == [NoteUnaccounted(None, Belief.RETURNED)]


@pytest.mark.parametrize(
    ("left_in", "told"),
    [
        ([IDLE], []),
        ([POWER_UP, IDLE], []),
        ([ACCEPTING, ACCEPTING, IDLE], []),
        ([STACKING, STACKED_1000, IDLE], [NoteUnaccounted(1000, Belief.STACKED)]),
        ([STACKING, IDLE], [NoteUnaccounted(None, Belief.UNKNOWN)]),
        ([STACKED_1000, IDLE], [NoteUnaccounted(1000, Belief.STACKED)]),
        ([RETURNING, RETURNED, IDLE], [NoteUnaccounted(None, Belief.RETURNED)]),
        ([ESCROW_1000], [NoteInEscrow(1000), NoteStacked(1000)]),
    ],
)
@in_virtual_time
async def test_a_new_host_finds_any_state_and_tells_what_was_inside(left_in: list[str], told: list[BillEvent]) -> None:
    b = await (await bench().accepting()).kill_host()
    b.unit.show(*left_in)
    b.on_escrow = b.driver.stack
    b.driver.enable(ALL_YEN)
    await b.start()
    await b.until_ready(10.0)
    await asyncio.sleep(1)
    assert b.stories == told
    await asyncio.sleep(1)
    assert b.unit.orders[0] == 0x7F


@in_virtual_time
async def test_what_comes_in_the_last_answer_before_closing_is_told() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[0x20] = (STACKING,) * 50
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    b.unit.show(STACKED_1000, IDLE)
    await b.driver.close()
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_close_switches_the_unit_off_even_when_an_answer_was_still_owed() -> None:
    b = await bench().accepting()
    b.unit.unanswered[b"\x10"] = 1
    await asyncio.sleep(0.3)
    await b.driver.close()
    assert b.unit.orders[0] == 0


# ---------------------------------------------------------------- without extended notes


@in_virtual_time
async def test_without_extended_notes_the_numbers_of_the_model_count() -> None:
    b = await Bench(PLAIN, EbdsUnit).start()
    await b.until_ready()
    b.driver.enable(frozenset({1000, 10000}))
    b.on_escrow = b.driver.stack
    b.unit.after[0x20] = (STACKING, PLAIN_STACKED)
    await asyncio.sleep(1)
    assert b.unit.orders == bytes.fromhex("09 1C 04")
    b.unit.show(ACCEPTING, PLAIN_ESCROW)
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    assert all(request[2] & 0x70 == 0x10 for request in b.unit.heard)


def test_a_note_whose_digits_are_none_is_no_note_and_one_without_digits_is_named() -> None:
    model = model_with("mei-ebds-jpy", host={"extended": False})
    note = {"index": 1, "number": 1, "iso": "USD", "base": "001", "exponent": "+00"}
    dollars = make_driver(_with_notes(model, [note]), memory_line("x")[0])
    assert dollars.denominations == frozenset()  # type: ignore[union-attr]
    with pytest.raises(ConfigError, match="base"):
        make_driver(_with_notes(model, [{**note, "base": 1}]), memory_line("x")[0])


def _with_notes(model: DeviceModel, notes: list[dict[str, Any]]) -> DeviceModel:
    return replace(model, settings={**model.settings, "notes": notes})


# ---------------------------------------------------------------- the line


@pytest.mark.parametrize("noise", ["00", "7F 7F", "02", "02 1E", "02 0B 20 11 10 08 00 54 0A 03", "03"])
@pytest.mark.parametrize("side", ["before", "behind"])
@in_virtual_time
async def test_noise_around_every_answer_changes_nothing(noise: str, side: str) -> None:
    b = bench()
    setattr(b.unit, side, bytes.fromhex(noise))
    await b.accepting()
    b.on_escrow = b.driver.stack
    b.unit.show(ACCEPTING, ESCROW_1000)
    await asyncio.sleep(5)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_line_of_eight_bits_shows_the_parity_and_is_understood() -> None:
    b = bench()
    answer: Callable[[bytes], bytes] = b.unit.answer
    b.unit.answer = lambda request: bytes(byte | (byte.bit_count() & 1) << 7 for byte in answer(request))
    await b.accepting()
    await asyncio.sleep(1)
    assert b.unit.orders[0] == 0x7F
    assert b.driver.status.ready


@in_virtual_time
async def test_an_echo_alone_is_nobody() -> None:
    b = bench()
    b.unit.echo = True
    await b.start()
    await asyncio.sleep(10)
    assert not b.driver.status.ready
    assert b.driver.status.faults == {Fault.NO_ANSWER}
    b.unit.echo = False
    await b.until_ready()


FRAGMENTS = [IDLE, POWER_UP, ACCEPTING, RETURNING, RETURNED, NOTHING, REJECTED, ESCROW_1000, ESCROW_10000, STACKED_BLANK,
             "02 0B 20 51 10 08 00 54 0A 03 3C", *[quoted for quoted, _ in FAULTS]]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS).map(bytes.fromhex), st.binary(max_size=12)), max_size=25), st.booleans())
def test_whatever_the_line_says_nothing_is_credited_that_was_not_said_and_service_comes_back(
    line: list[bytes], twice: bool
) -> None:
    async def hear() -> None:
        b = await bench().accepting()
        b.on_escrow = b.driver.stack
        answer, noise = b.unit.answer, [piece for piece in line for _ in range(1 + twice)]

        def noisy(request: bytes) -> bytes | None:
            if not noise:
                own: bytes | None = answer(request)
                return own
            piece = noise.pop(0)
            if len(piece) > 12 or len(piece) == 11:
                piece = piece[:2] + bytes((piece[2] ^ request[2] & 1,)) + piece[3:-1] + bytes((piece[-1] ^ request[2] & 1,))
            return piece

        b.unit.answer = noisy
        b.unit.after[0x20] = ()
        await asyncio.sleep(25)
        assert not noise
        b.unit.show(IDLE)
        await b.until_ready(60.0)
        assert not any(isinstance(event, NoteStacked) for event in b.stories)
        await asyncio.sleep(1)
        b.unit.after[0x20] = EbdsUnit.stacks
        b.unit.show(ESCROW_1000)
        await asyncio.sleep(5)
        assert b.stories[-1] == NoteStacked(1000)

    run_virtual(hear())
