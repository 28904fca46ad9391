"""What the till makes of each named trouble between kiosk and carriers: the customer's story, and the books after it."""

import asyncio

import pytest

from kiosk.config import KioskConfig
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.faults import EVERY_CARRIER, TROUBLES, CarrierState, Fault, Operation
from tests.kiosk.whole.visits import books, buy, choose, consent, enter, in_world, look_up, pay, walk_off


@pytest.mark.parametrize("operation", ["lookup", "quote", "reserve", "commit", "find"])
def test_an_answer_that_comes_twice_is_one_answer(config: KioskConfig, operation: Operation) -> None:
    async def story(world: World) -> None:
        world.faults.script(operation, Fault.DUPLICATE_REPLY)
        if operation == "find":
            world.faults.script("commit", Fault.DROP_AFTER_EFFECT)
        await buy(world)
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)
        assert [topup.effects for topup in world.carrier.topups.all()] == [1]

    in_world(config, story)


def test_a_reservation_that_ran_out_between_payment_and_commit_is_owed(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("commit", Fault.RESERVATION_EXPIRED)
        await buy(world)
        assert world.shown.screen is Screen.DECLINED
        await walk_off(world)
        assert books(world) == (2000, 0, 0, 2000)
        assert [topup.state for topup in world.carrier.topups.all()] == ["EXPIRED"]

    in_world(config, story)


def test_a_price_that_changed_before_the_reservation_takes_no_money(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("reserve", Fault.PRICE_CHANGED)
        await look_up(world)
        await consent(world)
        world.touch(Touch.NEXT)
        await world.until(Screen.SORRY)
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    in_world(config, story)


def test_a_price_that_changed_after_payment_is_owed_and_not_delivered(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("commit", Fault.PRICE_CHANGED)
        await buy(world)
        assert world.shown.screen is Screen.DECLINED
        await walk_off(world)
        assert books(world) == (2000, 0, 0, 2000)
        assert [topup.effects for topup in world.carrier.topups.all()] == [0]

    in_world(config, story)


def test_a_degraded_carrier_sells_slowly(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.set_state(EVERY_CARRIER, "DEGRADED")
        began = asyncio.get_running_loop().time()
        await buy(world)
        assert world.shown.screen is Screen.RESULT
        assert asyncio.get_running_loop().time() - began > 4 * world.faults.degraded_s
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize(("state", "screen"), [("QUERY_ONLY", Screen.PLAN), ("DOWN", Screen.SORRY)])
def test_a_carrier_that_sells_nothing_takes_no_money(config: KioskConfig, state: CarrierState, screen: Screen) -> None:
    async def story(world: World) -> None:
        world.faults.set_state("docomo", state)
        await enter(world)
        world.touch(Touch.NEXT)
        assert await world.until(Screen.PLAN, Screen.SORRY) is screen
        if screen is Screen.PLAN:
            world.touch(Touch.PLAN, world.shown.plans[0].id)
            await world.next_picture(30)
            await asyncio.sleep(1)
            assert world.shown.notice == "notice.carrier_down"
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize("state", ["QUERY_ONLY", "DOWN"])
def test_a_carrier_lost_between_payment_and_commit_is_asked_until_it_is_back(config: KioskConfig, state: CarrierState) -> None:
    async def story(world: World) -> None:
        await choose(world)
        world.faults.set_state("docomo", state)
        await pay(world)
        await world.until(Screen.UNKNOWN)
        await world.until(Screen.ATTRACT)
        assert books(world) == (2000, 0, 0, 0)
        world.faults.heal()
        await asyncio.sleep(600)
        assert at_the_end(world) == []
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize("skew_s", [-240.0, 240.0])
def test_carriers_whose_clock_is_wrong_by_minutes_sell_as_always(config: KioskConfig, skew_s: float) -> None:
    async def story(world: World) -> None:
        world.faults.skew_s = skew_s
        await buy(world)
        assert world.shown.screen is Screen.RESULT
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


def test_a_carriers_clock_that_jumps_past_the_reservation_leaves_the_money_owed(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world)
        world.faults.skew_s = 1200.0
        await pay(world)
        await world.until(Screen.DECLINED)
        await walk_off(world)
        assert books(world) == (2000, 0, 0, 2000)

    in_world(config, story)


ONE_AT_A_TIME = [name for name in TROUBLES if name.split(".")[0] in ("lookup", "quote", "reserve", "commit", "find", "other")]


@pytest.mark.parametrize("name", ONE_AT_A_TIME)
def test_any_one_trouble_leaves_every_yen_in_its_place(config: KioskConfig, name: str) -> None:
    async def story(world: World) -> None:
        TROUBLES[name](world.faults)
        if name.startswith("find"):
            world.faults.script("commit", Fault.DROP_AFTER_EFFECT)
        await enter(world)
        world.touch(Touch.NEXT)
        if await world.until(Screen.PLAN, Screen.SORRY, Screen.CARRIER) is Screen.PLAN:
            world.touch(Touch.PLAN, world.shown.plans[0].id)
            await asyncio.sleep(20)
            if world.shown.screen is Screen.CONFIRM:
                world.touch(Touch.AGREE)
                world.touch(Touch.NEXT)
                if await world.until(Screen.CASH, Screen.SORRY) is Screen.CASH:
                    await pay(world)
        await world.until(Screen.ATTRACT, timeout_s=900)
        await asyncio.sleep(700)
        assert at_the_end(world) == []
        inserted, sold, returned, owed = books(world)
        assert inserted == sold + returned + owed

    in_world(config, story)
