"""The change machine as a coin acceptor and a cash dispenser: what a till that knows only these two gets."""

import asyncio

import pytest

from hardware.change import pieces_for
from hardware.changer.changer import DepositStatus
from hardware.changer.simulated import SimulatedChanger
from hardware.changer.units import Place
from hardware.clock import run_virtual
from hardware.coins.acceptor import CoinAccepted, CoinRefused, CoinsUnaccounted
from hardware.dispenser import Payout
from hardware.errors import BusyError, ConfigError, OverDispenseError, SequenceError
from hardware.links.memory import memory_line
from hardware.vocabulary import EmptyStatus, Fault, PayoutOutcome, PowerState, RefuseReason
from tests.hardware.changer.world import ALL, ENOUGH_S, MODEL, World


async def until_still() -> None:
    await asyncio.sleep(ENOUGH_S)


async def started() -> World:
    world = World()
    await world.start_halves()
    await until_still()
    return world


def test_coins_and_notes_credit_once_each_with_a_mark_that_grows() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        world.hand("insert 1000 2")
        world.hand("insert 500")
        await until_still()
        accepted = [event for event in world.coins if isinstance(event, CoinAccepted)]
        assert [event.yen for event in accepted] == [500, 1000, 1000]
        assert len({event.mark for event in accepted}) == 3
        assert world.lying_yen(Place.UNIT) == world.worth_yen + 2500

    run_virtual(visit())


def test_only_enabled_values_are_taken_and_none_after_disable() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(frozenset({100}))
        await until_still()
        world.hand("insert 100")
        world.hand("insert 500")
        await until_still()
        assert world.credited_yen == 100
        assert [event.reason for event in world.coins if isinstance(event, CoinRefused)] == [RefuseReason.INHIBITED]
        world.changer.acceptor.enable(frozenset({500}))
        await until_still()
        world.hand("insert 500")
        world.changer.acceptor.disable()
        await until_still()
        assert world.credited_yen == 600
        assert not world.hand("insert 500")["ok"]

    run_virtual(visit())


def test_paying_closes_the_entries_for_as_long_as_it_takes() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        world.hand("insert 10000")
        paying = asyncio.create_task(world.changer.dispenser.dispense({5000: 1, 1000: 4}))
        await asyncio.sleep(2)
        assert world.credited_yen == 10000
        assert not world.hand("insert 1000")["ok"]
        assert await paying == Payout(PayoutOutcome.DONE, {5000: 1, 1000: 4})
        await asyncio.sleep(0.1)
        assert world.hand("insert 1000")["ok"]

    run_virtual(visit())


def test_a_whole_visit_leaves_what_was_paid_for() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        held_yen = world.held_yen()
        world.hand("insert 2000 2")
        await until_still()
        world.changer.acceptor.disable()
        levels = {yen: count for yen, count in world.changer.dispenser.levels.items() if count}
        change = pieces_for(world.credited_yen - 2980, levels)
        assert change == {1000: 1, 10: 2}
        assert (await world.changer.dispenser.dispense(change)).outcome is PayoutOutcome.DONE
        assert world.held_yen() == held_yen + 2980

    run_virtual(visit())


def test_levels_and_marks_are_the_machines_own() -> None:
    async def visit() -> None:
        world = World()
        with pytest.raises(SequenceError):
            _ = world.changer.dispenser.mark
        await world.start_halves()
        assert world.changer.dispenser.denominations == ALL - {10000}
        assert world.changer.acceptor.denominations == ALL
        assert world.changer.dispenser.levels[500] == 30
        assert world.changer.dispenser.status.empty[2000] is EmptyStatus.EMPTY
        before = world.changer.dispenser.mark
        await world.changer.dispenser.dispense({500: 2})
        assert world.changer.dispenser.levels[500] == 28
        assert world.changer.dispenser.mark != before

    run_virtual(visit())


def test_an_order_that_cannot_be_begun_raises() -> None:
    async def visit() -> None:
        world = await started()
        with pytest.raises(OverDispenseError):
            await world.changer.dispenser.dispense({500: 31})
        paying = asyncio.create_task(world.changer.dispenser.dispense({500: 2}))
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError):
            await world.changer.dispenser.dispense({500: 1})
        await paying
        world.hand("fail motor")
        with pytest.raises(SequenceError):
            await world.changer.dispenser.dispense({500: 1})

    run_virtual(visit())


def test_a_jam_that_comes_before_the_order_does_pays_nothing() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        world.hand("insert 1000 3")
        mark = world.changer.dispenser.mark
        paying = asyncio.create_task(world.changer.dispenser.dispense({500: 2}))
        await asyncio.sleep(0.5)
        world.hand("fail notes")
        assert await paying == Payout(PayoutOutcome.NOTHING, {}, Fault.JAM_IN_ACCEPTOR)
        assert await world.changer.dispenser.outcome_since(mark, {500: 2}) == Payout(PayoutOutcome.NOTHING, {})
        assert CoinsUnaccounted(1, "JAM", world.changer.deposit_mark) in world.coins
        world.hand("clear")
        await until_still()
        assert world.hand("insert 1000")["ok"], "the entries open again by themselves"

    run_virtual(visit())


def test_a_host_that_died_hears_once_what_came_in_meanwhile() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        world.hand("insert 100")
        await until_still()
        (first,) = (event for event in world.coins if isinstance(event, CoinAccepted))
        world.changer.machine.host = None  # killed: it hears nothing more and says nothing more
        world.hand("insert 100 2")
        world.hand("insert 1000")
        await until_still()
        world.coins.clear()
        world.renew()
        await world.start_halves(resume=first.mark)
        await until_still()
        missed = [event for event in world.coins if isinstance(event, CoinAccepted)]
        assert [event.yen for event in missed] == [100, 100, 1000]
        assert world.changer.status.deposit is DepositStatus.END, "the entries of a former life are shut"
        world.coins.clear()
        world.renew()
        await world.start_halves(resume=missed[1].mark)
        assert [event.yen for event in world.coins if isinstance(event, CoinAccepted)] == [1000]

    run_virtual(visit())


@pytest.mark.parametrize("mark", ["", "7/", "0.000000/100:9", "0.000000/nonsense", "x" * 5000])
def test_a_mark_that_the_machine_cannot_place_is_told_as_unaccounted(mark: str) -> None:
    async def visit() -> None:
        world = World()
        await world.start_halves(resume=mark)
        assert CoinsUnaccounted(None, "MARK_OF_ANOTHER_LIFE", world.changer.deposit_mark) in world.coins
        assert world.credited_yen == 0

    run_virtual(visit())


@pytest.mark.parametrize("dies_after_s", [0.0, 0.5, 1.0, 10.0])
def test_a_host_that_died_while_paying_learns_what_became_of_it(dies_after_s: float) -> None:
    async def visit() -> None:
        world = await started()
        mark, order = world.changer.dispenser.mark, {1000: 3, 10: 0}
        paying = asyncio.create_task(world.changer.dispenser.dispense(order))
        await asyncio.sleep(dies_after_s)
        paying.cancel()
        world.renew()
        await world.start_halves()
        assert await world.changer.dispenser.outcome_since(mark, order) == Payout(PayoutOutcome.DONE, {1000: 3})
        assert await world.changer.dispenser.outcome_since(world.changer.dispenser.mark, order) == Payout(
            PayoutOutcome.NOTHING, {}
        )
        assert world.lying_yen(Place.CUSTOMER) == 3000

    run_virtual(visit())


def test_what_became_of_an_older_order_or_of_another_machines_is_unknown() -> None:
    async def visit() -> None:
        world = await started()
        mark = world.changer.dispenser.mark
        await world.changer.dispenser.dispense({500: 1})
        for asked in ("", "99.000000/0", "0.000000/77", "0.000000/-1", "0.000000/x"):
            assert (await world.changer.dispenser.outcome_since(asked, {500: 1})).outcome is PayoutOutcome.UNKNOWN
        assert (await world.changer.dispenser.outcome_since(mark, {500: 2})).outcome is PayoutOutcome.UNKNOWN
        await world.changer.dispenser.dispense({500: 1})
        assert (await world.changer.dispenser.outcome_since(mark, {500: 1})).outcome is PayoutOutcome.UNKNOWN

    run_virtual(visit())


def test_a_power_cut_takes_the_halves_off_line_and_the_entries_open_again_afterwards() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        world.hand("insert 100 3")
        await asyncio.sleep(0.3)
        world.hand("power off")
        assert world.changer.acceptor.status.power is world.changer.dispenser.status.power is PowerState.POWER_OFF
        assert not world.changer.acceptor.status.ready
        world.hand("power on")
        await until_still()
        assert world.credited_yen == 100
        assert world.lying_yen(Place.CUSTOMER) == 200
        assert world.hand("insert 100")["ok"]

    run_virtual(visit())


def test_closing_both_halves_shuts_the_entries() -> None:
    async def visit() -> None:
        world = await started()
        world.changer.acceptor.enable(ALL)
        await until_still()
        await world.changer.acceptor.close()
        assert world.changer.dispenser.status.ready
        await world.changer.dispenser.close()
        assert not world.hand("insert 100")["ok"]
        assert not world.changer.dispenser.status.ready

    run_virtual(visit())


def test_a_real_line_is_refused() -> None:
    line, _ = memory_line("changer")
    with pytest.raises(ConfigError, match="claims no wire"):
        SimulatedChanger(MODEL, line)
