"""The verbs of UnifiedPOS at a simulated change machine: their order, their errors, and what moves."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hardware.changer.changer import CashCounts, DepositEnd, DepositStatus, DispenseEnded, PieceCounted, PieceRejected
from hardware.changer.units import Place
from hardware.clock import run_virtual
from hardware.dispenser import Payout
from hardware.errors import (
    BusyError,
    DeviceError,
    DisabledError,
    HardwareFault,
    OfflineError,
    OverDispenseError,
    SequenceError,
)
from hardware.vocabulary import DeviceState, EmptyStatus, Fault, FullStatus, PayoutOutcome, PowerState, RefuseReason
from tests.hardware.changer.world import ENOUGH_S, LOADED, World


def test_a_deposit_is_begun_counted_fixed_and_ended() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        assert world.changer.status.deposit is DepositStatus.START
        world.hand("insert 1000")
        world.hand("insert 100 3")
        assert world.changer.status.deposit is DepositStatus.COUNT
        await world.changer.fix_deposit()
        assert world.changer.status.deposit is DepositStatus.FIXED
        assert world.changer.deposit_counts == {1000: 1, 100: 3}
        assert world.changer.deposit_amount_yen == 1300
        assert await world.changer.end_deposit(DepositEnd.CHANGE) is None
        assert world.changer.status.deposit is DepositStatus.END
        assert [event.yen for event in world.told if isinstance(event, PieceCounted)] == [100, 100, 100, 1000]
        assert (await world.changer.read_cash_counts()).counts[100] == 63

    run_virtual(visit())


def test_counting_takes_time_and_coins_overtake_notes() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("insert 1000 2")
        world.hand("insert 10")
        await asyncio.sleep(0.24)
        assert world.changer.deposit_amount_yen == 0
        await asyncio.sleep(0.02)
        assert world.changer.deposit_amount_yen == 10
        await asyncio.sleep(1.34)
        assert world.changer.deposit_amount_yen == 2010

    run_virtual(visit())


def test_a_paused_deposit_takes_nothing_but_counts_what_is_in_the_entry() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("insert 500 2")
        await world.changer.pause_deposit()
        assert not world.hand("insert 500")["ok"]
        await asyncio.sleep(ENOUGH_S)
        assert world.changer.deposit_amount_yen == 1000
        assert world.changer.status.deposit is DepositStatus.PAUSED
        await world.changer.resume_deposit()
        assert world.hand("insert 500")["ok"]
        await world.changer.fix_deposit()
        assert world.changer.deposit_amount_yen == 1500

    run_virtual(visit())


def test_repay_gives_the_same_pieces_back() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("insert 1000")
        world.hand("insert 50 2")
        await world.changer.fix_deposit()
        assert await world.changer.end_deposit(DepositEnd.REPAY) == Payout(PayoutOutcome.DONE, {1000: 1, 50: 2})
        assert world.lying_yen(Place.CUSTOMER) == 1100
        assert (await world.changer.read_cash_counts()).counts[1000] == 40

    run_virtual(visit())


def test_repay_gives_the_same_worth_where_the_piece_itself_lies_in_the_overflow_box() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("insert 10000")
        await world.changer.fix_deposit()
        payout = await world.changer.end_deposit(DepositEnd.REPAY)
        assert payout is not None
        assert payout.paid == {5000: 2}
        assert world.lying_yen(Place.OVERFLOW) == 10000

    run_virtual(visit())


def test_a_repayment_that_cannot_be_made_leaves_the_deposit_fixed() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.adjust_cash_counts(dict.fromkeys(LOADED, 0))
        await world.changer.begin_deposit()
        world.hand("insert 10000")
        await world.changer.fix_deposit()
        with pytest.raises(OverDispenseError):
            await world.changer.end_deposit(DepositEnd.REPAY)
        assert world.changer.status.deposit is DepositStatus.FIXED
        await world.changer.end_deposit(DepositEnd.NO_CHANGE)

    run_virtual(visit())


def test_change_is_paid_in_as_few_pieces_as_there_are() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        assert await world.changer.dispense_change(6660) == Payout(
            PayoutOutcome.DONE, {5000: 1, 1000: 1, 500: 1, 100: 1, 50: 1, 10: 1}
        )
        world.hand("load 2000 3")
        await world.changer.adjust_cash_counts({**dict.fromkeys(LOADED, 0), 2000: 3, 5000: 1})
        assert (await world.changer.dispense_change(6000)).paid == {2000: 3}
        assert world.lying_yen(Place.CUSTOMER) == 12660
        assert DispenseEnded(Payout(PayoutOutcome.DONE, {2000: 3})) in world.told

    run_virtual(visit())


def test_not_waiting_for_a_payout_is_a_task_of_the_callers_own_and_its_end_is_told() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        paying = asyncio.create_task(world.changer.dispense_cash({100: 2}))
        await asyncio.sleep(0.1)
        assert world.changer.status.state is DeviceState.BUSY
        await asyncio.sleep(ENOUGH_S)
        assert paying.done()
        assert world.told.count(DispenseEnded(Payout(PayoutOutcome.DONE, {100: 2}))) == 1

    run_virtual(visit())


async def _opened(world: World) -> None:
    await world.start()
    await world.changer.begin_deposit()


async def _paused(world: World) -> None:
    await _opened(world)
    await world.changer.pause_deposit()


async def _fixed(world: World) -> None:
    await _opened(world)
    await world.changer.fix_deposit()


async def _paying(world: World) -> None:
    await world.start()
    world.changer.machine.mechanism.pay({100: 5}, world.changer.machine.now_s())


async def _broken(world: World) -> None:
    await world.start()
    world.hand("fail motor")


async def _dark(world: World) -> None:
    await world.start()
    world.hand("power off")


async def _closed(world: World) -> None:
    await world.start()
    await world.changer.close()


async def _fresh(world: World) -> None:
    """Nobody has started it."""


Step = Callable[[World], Awaitable[object]]
VERBS: dict[str, Step] = {
    "begin_deposit": lambda world: world.changer.begin_deposit(),
    "pause_deposit": lambda world: world.changer.pause_deposit(),
    "resume_deposit": lambda world: world.changer.resume_deposit(),
    "fix_deposit": lambda world: world.changer.fix_deposit(),
    "end_deposit": lambda world: world.changer.end_deposit(DepositEnd.NO_CHANGE),
    "dispense_change": lambda world: world.changer.dispense_change(100),
    "dispense_cash": lambda world: world.changer.dispense_cash({100: 1}),
    "read_cash_counts": lambda world: world.changer.read_cash_counts(),
    "adjust_cash_counts": lambda world: world.changer.adjust_cash_counts({100: 1}),
}
WRONG_ORDER: list[tuple[Step, type[DeviceError], str]] = [
    (World.start, SequenceError, "pause_deposit resume_deposit fix_deposit end_deposit"),
    (_opened, SequenceError, "begin_deposit resume_deposit end_deposit dispense_change dispense_cash adjust_cash_counts"),
    (_paused, SequenceError, "begin_deposit pause_deposit end_deposit dispense_change dispense_cash adjust_cash_counts"),
    (_fixed, SequenceError, "begin_deposit pause_deposit resume_deposit fix_deposit dispense_change adjust_cash_counts"),
    (_paying, BusyError, "begin_deposit dispense_change dispense_cash read_cash_counts adjust_cash_counts"),
    (_broken, HardwareFault, " ".join(VERBS)),
    (_dark, OfflineError, " ".join(VERBS)),
    (_closed, DisabledError, " ".join(VERBS)),
    (_fresh, DisabledError, " ".join(VERBS)),
]


@pytest.mark.parametrize(
    ("arrange", "error", "verb"),
    [(arrange, error, verb) for arrange, error, verbs in WRONG_ORDER for verb in verbs.split()],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_each_verb_out_of_order_raises_its_error_and_moves_nothing(arrange: Step, error: type[DeviceError], verb: str) -> None:
    async def visit() -> None:
        world = World()
        await arrange(world)
        before = {place: world.mechanism.piles.at(place) for place in Place}
        with pytest.raises(error):
            await VERBS[verb](world)
        assert {place: world.mechanism.piles.at(place) for place in Place} == before

    run_virtual(visit())


@pytest.mark.parametrize("pieces", [{}, {100: 0}, {100: -1}])
def test_an_order_for_nothing_is_a_mistake(pieces: dict[int, int]) -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        with pytest.raises(SequenceError):
            await world.changer.dispense_cash(pieces)
        with pytest.raises(SequenceError):
            await world.changer.dispense_change(sum(pieces.values()))

    run_virtual(visit())


@pytest.mark.parametrize("pieces", [{100: 61}, {2000: 1}, {10000: 1}, {3: 1}])
def test_more_than_is_there_is_not_begun(pieces: dict[int, int]) -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        mark = world.changer.payout_mark
        with pytest.raises(OverDispenseError):
            await world.changer.dispense_cash(pieces)
        with pytest.raises(OverDispenseError):
            await world.changer.dispense_change(999_999)
        assert world.changer.payout_mark == mark
        assert world.lying_yen(Place.CUSTOMER) == 0

    run_virtual(visit())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("insert 1000 counterfeit", RefuseReason.NOT_GENUINE),
        ("insert 100 1 length", RefuseReason.LENGTH),
        ("insert 25", RefuseReason.UNREADABLE),
        ("insert 5", RefuseReason.INHIBITED),
    ],
)
def test_what_is_not_wanted_comes_back_uncounted(line: str, reason: RefuseReason) -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit(frozenset({100, 1000}))
        world.hand(line)
        await world.changer.fix_deposit()
        assert world.changer.deposit_amount_yen == 0
        assert [event.reason for event in world.told if isinstance(event, PieceRejected)] == [reason]
        assert world.lying_yen(Place.CUSTOMER) == int(line.split()[1])

    run_virtual(visit())


def test_levels_are_told_as_drums_fill_and_empty() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        assert world.changer.status.empty[1000] is EmptyStatus.OK
        assert world.changer.status.empty[2000] is world.changer.status.device is EmptyStatus.EMPTY
        await world.changer.dispense_cash({1000: 30})
        assert world.changer.status.empty[1000] is EmptyStatus.NEAR_EMPTY
        assert world.changer.status.full is FullStatus.OK
        await world.changer.begin_deposit()
        world.hand("insert 2000 18")
        await world.changer.fix_deposit()
        assert world.changer.status.full is FullStatus.NEAR_FULL
        assert world.changer.status.empty[2000] is EmptyStatus.OK

    run_virtual(visit())


def test_a_full_drum_spills_into_the_overflow_box_and_a_full_box_refuses() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.mechanism.overflow_capacity = 2
        world.hand("insert 2000 23")
        await world.changer.fix_deposit()
        assert world.mechanism.piles.number(2000, Place.UNIT) == 20
        assert world.mechanism.piles.number(2000, Place.OVERFLOW) == 2
        assert world.changer.status.full is FullStatus.FULL
        assert world.changer.deposit_counts == {2000: 22}
        assert world.lying_yen(Place.CUSTOMER) == 2000
        await world.changer.end_deposit(DepositEnd.NO_CHANGE)
        assert world.hand("collect")["pieces"] == {"2000": 2}
        assert world.changer.status.full is FullStatus.NEAR_FULL

    run_virtual(visit())


def test_a_jam_while_paying_ends_the_payout_with_what_has_come_out_and_leaves_the_counts_in_doubt() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        paying = asyncio.create_task(world.changer.dispense_cash({1000: 3}))
        await asyncio.sleep(0.8)
        world.hand("fail payout")
        assert await paying == Payout(PayoutOutcome.PARTIAL, {1000: 1}, Fault.PAYOUT_JAM)
        assert world.changer.status.faults == {Fault.PAYOUT_JAM}
        assert world.hand("clear")["kept"] == {"1000": 1}
        await asyncio.sleep(ENOUGH_S)
        assert world.lying_yen(Place.CUSTOMER) == 1000
        assert await world.changer.read_cash_counts() == CashCounts({**_levels(), 1000: 38}, discrepancy=True)
        await world.changer.adjust_cash_counts({1000: 39})
        assert await world.changer.read_cash_counts() == CashCounts({**_levels(), 1000: 39}, discrepancy=False)

    run_virtual(visit())


def _levels() -> dict[int, int]:
    return {1: 0, 5: 0, 10: 50, 50: 40, 100: 60, 500: 30, 1000: 40, 2000: 0, 5000: 10}


def test_a_jam_while_counting_ends_fix_and_leaves_what_was_counted_counted() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("insert 100 3")
        await asyncio.sleep(0.3)
        fixing = asyncio.create_task(world.changer.fix_deposit())
        await asyncio.sleep(0.01)
        world.hand("fail coins")
        assert world.changer.status.deposit is DepositStatus.JAM
        with pytest.raises(HardwareFault):
            await fixing
        assert world.changer.deposit_amount_yen == 100
        world.hand("clear")
        assert world.lying_yen(Place.CUSTOMER, Place.STAFF) == 200
        assert world.changer.status.deposit is DepositStatus.FIXED
        await world.changer.end_deposit(DepositEnd.NO_CHANGE)

    run_virtual(visit())


def test_a_drum_that_is_emptier_than_its_count_pays_what_it_has_and_says_so() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        world.hand("unload 1000 39")
        payout = await world.changer.dispense_cash({1000: 3, 100: 1})
        assert payout == Payout(PayoutOutcome.PARTIAL, {1000: 1, 100: 1}, Fault.PAYOUT_EMPTY)
        assert await world.changer.read_cash_counts() == CashCounts({**_levels(), 1000: 0, 100: 59}, discrepancy=True)
        assert world.changer.status.ready

    run_virtual(visit())


def test_notes_left_in_the_exit_hold_up_the_next_notes_until_taken() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        world.hand("leave on")
        assert (await world.changer.dispense_cash({1000: 2})).outcome is PayoutOutcome.DONE
        assert world.changer.status.exit_occupied
        paying = asyncio.create_task(world.changer.dispense_cash({1000: 1, 100: 1}))
        await asyncio.sleep(20)
        assert not paying.done()
        assert world.hand("take")["pieces"] == {"100": 1, "1000": 2}
        assert await paying == Payout(PayoutOutcome.DONE, {1000: 1, 100: 1})

    run_virtual(visit())


def test_an_exit_that_nobody_empties_ends_the_wait_with_what_was_paid() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        world.hand("leave on")
        await world.changer.dispense_cash({1000: 1})
        assert await world.changer.dispense_cash({1000: 1, 100: 1}) == Payout(PayoutOutcome.PARTIAL, {100: 1})
        world.hand("take")
        await asyncio.sleep(ENOUGH_S)
        assert world.lying_yen(Place.CUSTOMER) == 1100

    run_virtual(visit())


@pytest.mark.parametrize("cut_s", [0.05, 0.25, 0.69, 0.71, 1.45, 2.05])
def test_a_power_cut_while_paying_is_answered_with_what_has_passed_the_exit(cut_s: float) -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        mark = world.changer.payout_mark
        order = {1000: 3, 100: 2}
        paying = asyncio.create_task(world.changer.dispense_cash(order))
        await asyncio.sleep(cut_s)
        world.hand("power off")
        assert world.changer.status.power is PowerState.POWER_OFF
        await asyncio.sleep(5)
        assert not paying.done()
        world.hand("power on")
        payout = await paying
        assert payout.paid_yen == world.lying_yen(Place.CUSTOMER) < 3200
        assert await world.changer.payout_since(mark, order) == payout
        assert world.lying_yen() == world.worth_yen
        assert world.lying_yen(Place.PATH) == 0
        assert not world.changer.status.discrepancy

    run_virtual(visit())


def test_a_machine_that_stays_dark_leaves_the_payout_unknown() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        paying = asyncio.create_task(world.changer.dispense_cash({1000: 3}))
        await asyncio.sleep(1)
        world.hand("power off")
        assert await paying == Payout(PayoutOutcome.UNKNOWN, {}, Fault.NO_ANSWER)
        world.hand("power on")
        await asyncio.sleep(ENOUGH_S)
        assert world.lying_yen(Place.CUSTOMER) == 1000

    run_virtual(visit())


def test_a_power_cut_while_counting_gives_the_uncounted_back_and_closes_the_deposit() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("insert 100 4")
        await asyncio.sleep(0.3)
        world.hand("power off")
        world.hand("power on")
        assert world.changer.status.state is DeviceState.STARTING
        await asyncio.sleep(ENOUGH_S)
        assert world.changer.status.deposit is DepositStatus.END
        assert world.changer.deposit_amount_yen == 100
        assert world.lying_yen(Place.CUSTOMER) == 300

    run_virtual(visit())
