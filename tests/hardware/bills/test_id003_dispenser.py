"""The recycler's dispenser against a scripted unit: what the host says, in which order, and what it believes."""

import asyncio

import pytest

from hardware.bills.acceptor import NoteInEscrow, NoteStacked
from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.frames import Command, Frame, Status
from hardware.bills.id003.recycler import PATIENCE_S
from hardware.bills.id003.recycler_frames import (
    RECYCLER_UNIT_FAILURE,
    ExtensionStatus,
    PayoutStatus,
    RecyclerError,
)
from hardware.dispenser import DispenserStatus, Payout
from hardware.errors import BusyError, OverDispenseError, SequenceError
from hardware.links.memory import memory_line
from hardware.vocabulary import DeviceState, Fault, PayoutOutcome
from tests.hardware.bills.id003_recycler_unit import PAYS, PayBench
from tests.hardware.bills.id003_unit import ALL_YEN, ESCROW_1000, MODEL
from tests.hardware.virtualtime import in_virtual_time

PAYING, PAY_VALID, PAY_STAY = PayoutStatus.PAYING, PayoutStatus.PAY_VALID, PayoutStatus.PAY_STAY
DONE, PARTIAL = PayoutOutcome.DONE, PayoutOutcome.PARTIAL
NOTHING, UNKNOWN = PayoutOutcome.NOTHING, PayoutOutcome.UNKNOWN

# ---------------------------------------------------------------- an order


@in_virtual_time
async def test_notes_are_ordered_one_at_a_time_while_inhibited_and_then_it_accepts_again() -> None:
    bench = await PayBench().ready()
    bench.driver.enable(frozenset({1000}))
    await asyncio.sleep(0.5)
    assert not bench.unit.inhibited
    payout = await bench.dispenser.dispense({1000: 2, 5000: 1, 10000: 0})
    assert payout == Payout(DONE, {5000: 1, 1000: 2})
    assert bench.unit.boxes == [2, 1, 1]
    assert bench.unit.inhibited_at_order == [True] * 3
    await asyncio.sleep(0.5)
    assert not bench.unit.inhibited
    assert bench.unit.mask == b"\xfe\xff"


@in_virtual_time
async def test_pay_valid_and_pay_stay_are_acknowledged_and_paying_is_not() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [(PAYING, PAYING, PAYING, PAY_STAY, PAY_STAY, PAY_VALID)]
    assert (await bench.dispenser.dispense({1000: 1})).outcome is DONE
    assert bench.unit.acks == 3


@in_virtual_time
async def test_a_pay_valid_that_repeats_because_its_ack_was_lost_is_one_note() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [(PAYING, PAY_VALID)]
    bench.unit.acks_lost = 5
    assert await bench.dispenser.dispense({1000: 1}) == Payout(DONE, {1000: 1})
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_a_note_that_shows_at_the_mouth_again_after_it_was_counted_is_the_same_note() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [(PAYING, PAY_VALID, PAY_STAY, PAY_VALID)]
    assert await bench.dispenser.dispense({1000: 2}) == Payout(DONE, {1000: 2})
    assert bench.unit.boxes == [1, 1]


@in_virtual_time
async def test_an_order_for_nothing_is_done_and_says_nothing_to_the_unit() -> None:
    bench = await PayBench().ready()
    mark = bench.dispenser.mark
    assert await bench.dispenser.dispense({1000: 0}) == Payout(DONE, {})
    assert bench.unit.boxes == []
    assert bench.dispenser.mark == mark


# ---------------------------------------------------------------- lost orders and replies


@in_virtual_time
async def test_an_order_that_never_arrived_is_given_again_once_the_status_shows_it() -> None:
    bench = await PayBench().ready()
    bench.unit.lost_orders = 2
    assert await bench.dispenser.dispense({1000: 1}) == Payout(DONE, {1000: 1})
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_an_order_whose_reply_was_lost_is_not_given_again() -> None:
    bench = await PayBench().ready()
    bench.unit.lost_replies = 1
    assert await bench.dispenser.dispense({1000: 1}) == Payout(DONE, {1000: 1})
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_a_unit_that_hears_no_order_at_all_has_paid_nothing() -> None:
    bench = await PayBench().ready()
    bench.unit.lost_orders = 100
    payout = await bench.dispenser.dispense({1000: 2})
    assert (payout.outcome, payout.paid) == (NOTHING, {})
    assert bench.unit.lost_orders == 97


@pytest.mark.parametrize(("says", "fault"), [(ExtensionStatus.NORMAL, None), (ExtensionStatus.EMPTY, Fault.PAYOUT_EMPTY)])
@in_virtual_time
async def test_a_refused_order_paid_nothing_and_is_not_given_again(says: int, fault: Fault | None) -> None:
    bench = await PayBench().ready()
    bench.unit.refuses = True
    bench.unit.extension = says
    assert await bench.dispenser.dispense({1000: 2}) == Payout(NOTHING, {}, fault)
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_an_order_that_was_acknowledged_and_never_showed_is_unknown() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [(0,)]
    payout = await bench.dispenser.dispense({1000: 2})
    assert (payout.outcome, payout.paid) == (UNKNOWN, {})
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_a_refusal_that_belongs_to_something_else_does_not_hide_a_paid_note() -> None:
    bench = await PayBench().ready()
    bench.unit.stray_refusal = True
    assert await bench.dispenser.dispense({1000: 1}) == Payout(DONE, {1000: 1})
    assert bench.unit.boxes == [1]


# ---------------------------------------------------------------- trouble half-way


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (RecyclerError.RECYCLER_JAM, Fault.PAYOUT_JAM),
        (RecyclerError.DOOR_OPEN, Fault.COVER_OPEN),
        (RecyclerError.MOTOR, Fault.MOTOR_FAILURE),
        (RecyclerError.EEPROM, Fault.DEVICE_FAILURE),
        (RecyclerError.PAY_OUT_NOTE, Fault.DEVICE_FAILURE),
        (RecyclerError.RECYCLE_BOX_OPEN, Fault.COVER_OPEN),
        (RecyclerError.HARDWARE, Fault.DEVICE_FAILURE),
        (0x77, Fault.DEVICE_FAILURE),
    ],
)
@in_virtual_time
async def test_a_recycler_error_ends_the_order_with_what_was_paid_and_its_name(error: int, fault: Fault) -> None:
    bench = await PayBench().ready()
    bench.unit.extension = error
    bench.unit.pays = [PAYS, (PAYING, RECYCLER_UNIT_FAILURE)]
    assert await bench.dispenser.dispense({1000: 3}) == Payout(PARTIAL, {1000: 1}, fault)
    assert bench.unit.boxes == [1, 1]
    await asyncio.sleep(0.5)
    assert bench.dispenser.status.faults == {fault}
    assert not bench.dispenser.status.ready
    bench.unit.extension = ExtensionStatus.NORMAL
    bench.unit.show(0)
    await bench.until(lambda: bench.dispenser.status.ready)
    assert await bench.dispenser.dispense({1000: 1}) == Payout(DONE, {1000: 1})


@in_virtual_time
async def test_an_error_that_only_the_extension_tells_ends_the_order_too() -> None:
    bench = await PayBench().ready()
    bench.unit.extension = RecyclerError.RECYCLER_JAM
    bench.unit.pays = [(PAYING, PAYING, 0)]
    assert await bench.dispenser.dispense({1000: 1}) == Payout(NOTHING, {}, Fault.PAYOUT_JAM)


@in_virtual_time
async def test_an_error_right_after_pay_valid_does_not_unpay_the_note() -> None:
    bench = await PayBench().ready()
    bench.unit.extension = RecyclerError.MOTOR
    bench.unit.pays = [(PAYING, PAY_VALID, RECYCLER_UNIT_FAILURE)]
    assert await bench.dispenser.dispense({1000: 2}) == Payout(PARTIAL, {1000: 1}, Fault.MOTOR_FAILURE)


@in_virtual_time
async def test_an_error_with_a_note_at_the_mouth_leaves_that_note_in_doubt() -> None:
    bench = await PayBench().ready()
    bench.unit.extension = RecyclerError.RECYCLER_JAM
    bench.unit.pays = [PAYS, (PAYING, PAY_STAY, RECYCLER_UNIT_FAILURE)]
    assert await bench.dispenser.dispense({1000: 3}) == Payout(UNKNOWN, {1000: 1}, Fault.PAYOUT_JAM)


@in_virtual_time
async def test_a_note_that_went_out_of_sight_without_pay_valid_is_in_doubt() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [PAYS, (PAYING, PAYING, 0)]
    payout = await bench.dispenser.dispense({1000: 3})
    assert (payout.outcome, payout.paid) == (UNKNOWN, {1000: 1})
    assert bench.unit.boxes == [1, 1]


@in_virtual_time
async def test_a_note_that_nobody_takes_ends_the_wait_and_is_counted_when_it_goes_at_last() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [(PAYING, PAY_STAY)]
    mark = bench.dispenser.mark
    payout = await bench.dispenser.dispense({1000: 2})
    assert (payout.outcome, payout.paid) == (UNKNOWN, {})
    bench.unit.show(PAY_VALID)
    assert await bench.dispenser.outcome_since(mark, {1000: 2}) == Payout(PARTIAL, {1000: 1})
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_a_power_cut_leaves_the_note_in_doubt_and_pays_nothing_more() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [PAYS, (PAYING, PAYING, Status.POWER_UP)]
    payout = await bench.dispenser.dispense({1000: 3})
    assert (payout.outcome, payout.paid) == (UNKNOWN, {1000: 1})
    await bench.until(lambda: bench.dispenser.status.ready)
    await asyncio.sleep(20)
    assert bench.unit.boxes == [1, 1]


@in_virtual_time
async def test_a_pay_valid_that_outlived_the_power_cut_takes_the_doubt_away() -> None:
    bench = await PayBench().ready()
    bench.unit.pays = [(PAYING, Status.POWER_UP)]
    bench.unit.after[Command.RESET] = [Frame(PAY_VALID), Frame(Status.INITIALIZE)]
    assert await bench.dispenser.dispense({1000: 1}) == Payout(DONE, {1000: 1})


@in_virtual_time
async def test_silence_in_a_payout_is_waited_out_and_a_standing_pay_valid_counts() -> None:
    bench = await PayBench().ready()
    paying = bench.paying({1000: 2})
    await bench.until(lambda: bench.unit.boxes == [1])
    bench.unit.silent = True
    await asyncio.sleep(5)
    bench.unit.silent = False
    payout = await paying
    assert payout == Payout(PARTIAL, {1000: 1}, Fault.NO_ANSWER)
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_a_unit_that_never_comes_back_ends_in_unknown() -> None:
    bench = await PayBench().ready()
    paying = bench.paying({1000: 2})
    await bench.until(lambda: bench.unit.boxes == [1])
    bench.unit.silent = True
    async with asyncio.timeout(3 * PATIENCE_S):
        assert await paying == Payout(UNKNOWN, {}, Fault.NO_ANSWER)


@in_virtual_time
async def test_a_unit_lost_before_the_first_note_has_paid_nothing() -> None:
    bench = await PayBench().accepting()
    paying = bench.paying({1000: 2})
    bench.unit.silent = True
    assert await paying == Payout(NOTHING, {}, Fault.NO_ANSWER)
    bench.unit.silent = False
    await asyncio.sleep(20)
    assert bench.unit.boxes == []


# ---------------------------------------------------------------- notes on their way in


@in_virtual_time
async def test_a_note_in_escrow_comes_first_and_stays_the_callers() -> None:
    bench = await PayBench().accepting()
    bench.unit.show(ESCROW_1000)
    await bench.until(lambda: NoteInEscrow(1000) in bench.stories)
    paying = bench.paying({5000: 1})
    await asyncio.sleep(5)
    assert bench.unit.boxes == []
    bench.driver.stack()
    assert (await paying).outcome is DONE
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_note_that_stays_in_escrow_ends_the_wait_with_nothing_ordered() -> None:
    bench = await PayBench().accepting()
    bench.unit.show(ESCROW_1000)
    await bench.until(lambda: NoteInEscrow(1000) in bench.stories)
    assert await bench.dispenser.dispense({5000: 1}) == Payout(NOTHING, {})
    bench.driver.stack()
    await asyncio.sleep(20)
    assert bench.unit.boxes == []


@in_virtual_time
async def test_a_full_cash_box_ends_an_order_before_it_began() -> None:
    bench = await PayBench().accepting()
    bench.unit.show(Status.STACKER_FULL)
    assert await bench.dispenser.dispense({5000: 1}) == Payout(NOTHING, {}, Fault.STACKER_FULL)
    assert bench.unit.boxes == []


# ---------------------------------------------------------------- the caller


@in_virtual_time
async def test_a_caller_that_gives_up_has_not_a_note_more_ordered() -> None:
    bench = await PayBench().ready()
    mark = bench.dispenser.mark
    paying = bench.paying({1000: 3})
    await bench.until(lambda: bench.unit.boxes == [1])
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)
    assert await bench.dispenser.outcome_since(mark, {1000: 3}) == Payout(PARTIAL, {1000: 1})
    await asyncio.sleep(20)
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_a_closed_dispenser_orders_nothing_more_and_the_acceptor_goes_on() -> None:
    bench = await PayBench().accepting()
    paying = bench.paying({1000: 3})
    await bench.until(lambda: bench.unit.boxes == [1])
    await bench.dispenser.close()
    assert await paying == Payout(PARTIAL, {1000: 1})
    assert bench.dispenser.status == DispenserStatus()
    await asyncio.sleep(1)
    assert not bench.unit.inhibited
    assert bench.unit.boxes == [1]


@in_virtual_time
async def test_closing_the_acceptor_closes_its_dispensers_state() -> None:
    bench = await PayBench().ready()
    await bench.driver.close()
    assert bench.dispenser_told[-1].state is DeviceState.CLOSED
    assert not bench.dispenser.status.ready


@in_virtual_time
async def test_wrong_orders_are_the_callers_mistake() -> None:
    bench = PayBench()
    with pytest.raises(SequenceError, match="not ready"):
        await bench.dispenser.dispense({1000: 1})
    with pytest.raises(SequenceError, match="not ready yet"):
        _ = bench.dispenser.mark
    await bench.ready()
    with pytest.raises(SequenceError, match="already"):
        await bench.dispenser.start(bench.dispenser_told.append)
    for pieces in ({10000: 1}, {7: 1}, {1000: -1}):
        with pytest.raises(OverDispenseError):
            await bench.dispenser.dispense(pieces)
    paying = bench.paying({1000: 1})
    await asyncio.sleep(0.5)
    with pytest.raises(BusyError):
        await bench.dispenser.dispense({1000: 1})
    assert (await paying).outcome is DONE
    assert bench.unit.boxes == [1]


# ---------------------------------------------------------------- marks


@in_virtual_time
async def test_a_mark_answers_for_the_last_order_of_this_life_only() -> None:
    bench = await PayBench().ready()
    first = bench.dispenser.mark
    assert await bench.dispenser.outcome_since(first, {1000: 1}) == Payout(NOTHING, {})
    await bench.dispenser.dispense({1000: 1})
    second = bench.dispenser.mark
    assert second != first
    assert await bench.dispenser.outcome_since(first, {1000: 1}) == Payout(DONE, {1000: 1})
    await bench.dispenser.dispense({5000: 1})
    assert await bench.dispenser.outcome_since(second, {5000: 1}) == Payout(DONE, {5000: 1})
    assert await bench.dispenser.outcome_since(first, {1000: 1}) == Payout(UNKNOWN, {})
    for mark in ("", "/", "0/0", second.split("/")[0], second + "9" * 30, second[:-1] + "-1", second[:-1] + "7"):
        assert await bench.dispenser.outcome_since(mark, {1000: 1}) == Payout(UNKNOWN, {})


@in_virtual_time
async def test_an_order_of_a_killed_host_is_unknown_and_its_pay_valid_is_acknowledged_but_not_ours() -> None:
    bench = await PayBench().ready()
    mark = bench.dispenser.mark
    paying = bench.paying({1000: 3})
    await bench.until(lambda: bench.unit.boxes == [1])
    new = await bench.kill_host()
    paying.cancel()
    await new.ready()
    assert await new.dispenser.outcome_since(mark, {1000: 3}) == Payout(UNKNOWN, {})
    assert new.dispenser.mark != mark
    assert await new.dispenser.dispense({5000: 1}) == Payout(DONE, {5000: 1})
    assert bench.unit.boxes == [1, 2]


# ---------------------------------------------------------------- which notes


@pytest.mark.parametrize(
    ("masks", "yen"),
    [
        ({1: 0b0001, 2: 0b0100}, {1000, 5000}),
        ({1: 0b0010, 2: 0b0010}, {2000}),
        ({1: 0b0011, 2: 0b1000}, {10000}),  # a drum that mixes values pays nobody knows what
        ({1: 0, 2: 0x8000}, set()),
        (None, {1000, 10000}),  # refused: what the model says
    ],
)
@in_virtual_time
async def test_the_units_own_word_says_which_notes_it_pays(masks: dict[int, int] | None, yen: set[int]) -> None:
    bench = PayBench()
    assert bench.dispenser.denominations == {1000, 10000}
    bench.unit.masks = masks
    await bench.ready()
    assert bench.dispenser.denominations == yen
    assert bench.dispenser.levels == dict.fromkeys(yen)


def test_a_model_without_recycler_pays_nothing_out() -> None:
    host, _ = memory_line("validator")
    assert Id003Driver(MODEL, host).dispenser is None


@in_virtual_time
async def test_a_unit_of_such_a_model_is_never_asked_about_a_recycler() -> None:
    from tests.hardware.bills.id003_unit import Bench

    bench = await Bench().accepting()
    await asyncio.sleep(2)
    assert all(frame.code != 0xF0 for frame in bench.unit.heard)


@pytest.mark.parametrize("status", [PAYING, PAY_STAY])
@in_virtual_time
async def test_a_payout_that_a_former_host_began_is_not_reset_away(status: int) -> None:
    bench = PayBench()
    bench.unit.show(status)
    await bench.start()
    await asyncio.sleep(5)
    assert bench.unit.count(Command.RESET) == 0
    bench.unit.show(PAY_VALID)
    await bench.until(lambda: bench.dispenser.status.ready)
    assert bench.driver.dispenser is not None
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(1)
    assert not bench.unit.inhibited
