"""Carriers that are down, slow, forgetful or unsure: nobody pays for nothing, and nothing is delivered twice."""

import asyncio

import pytest

from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_rest, at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.faults import Fault
from tests.kiosk.whole.visits import NUMBER, books, buy, choose, consent, enter, in_world, look_up, pay, walk_off


def test_a_carrier_that_is_down_at_look_up_takes_no_money(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await enter(world, "09001009041")
        world.touch(Touch.NEXT)
        await world.until(Screen.SORRY, timeout_s=60)
        assert world.shown.notice == "notice.carrier_down"
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    in_world(config, story)


def test_a_number_of_another_carrier_can_be_bought_for_after_choosing_that_one(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await enter(world, "09002012345")
        world.touch(Touch.NEXT)
        await world.until(Screen.CARRIER)
        assert world.shown.notice == "notice.not_served_by_carrier"
        world.touch(Touch.CARRIER, "softbank")
        assert world.shown.screen is Screen.IDENTIFY
        assert world.shown.entry is not None
        assert world.shown.entry.complete
        world.touch(Touch.NEXT)
        world.touch(Touch.NEXT)
        await world.until(Screen.PLAN)
        await consent(world, world.shown.plans[0].id)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert books(world)[1] > 0

    in_world(config, story)


LOSSES = (Fault.DROP_BEFORE_EFFECT, Fault.DROP_AFTER_EFFECT, Fault.HTTP_500_AFTER_EFFECT, Fault.GARBAGE_REPLY)


@pytest.mark.parametrize("fault", LOSSES)
@pytest.mark.parametrize("operation", ["reserve", "commit"])
def test_a_lost_reply_is_asked_after_and_the_top_up_delivered_once(config: KioskConfig, operation: str, fault: Fault) -> None:
    async def story(world: World) -> None:
        assert operation in ("reserve", "commit")
        world.faults.script("reserve" if operation == "reserve" else "commit", fault)
        await buy(world)
        assert world.shown.screen is Screen.RESULT
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)
        assert [topup.effects for topup in world.carrier.topups.all()] == [1]

    in_world(config, story)


def test_a_carrier_that_never_answers_the_reservation_takes_no_money(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("reserve", *[Fault.DROP_BEFORE_EFFECT] * 9)
        await look_up(world)
        await consent(world)
        world.touch(Touch.NEXT)
        await world.until(Screen.SORRY, timeout_s=120)
        assert world.shown.notice == "notice.carrier_down"
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize(("number", "screen"), [("09001009034", Screen.RESULT), ("09001009035", Screen.DECLINED)])
def test_a_carrier_unsure_at_first_is_asked_until_it_knows(config: KioskConfig, number: str, screen: Screen) -> None:
    async def story(world: World) -> None:
        await buy(world, number)
        assert world.shown.screen is screen
        await walk_off(world)
        assert books(world) == ((2000, 2000, 0, 0) if screen is Screen.RESULT else (2000, 0, 0, 2000))

    in_world(config, story)


def test_a_carrier_that_stays_unsure_gets_an_investigation_slip_and_is_settled_later(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("commit", Fault.UNKNOWN)
        world.faults.delay_s = 300.0
        await buy(world)
        assert world.shown.screen is Screen.UNKNOWN
        reference = world.shown.reference
        (slip,) = world.printer.receipts
        assert "確認中のご案内" in slip.text
        assert "¥2,000" in slip.text
        assert reference in slip.text
        await world.until(Screen.ATTRACT)
        assert at_rest(world) == []
        assert not audit_journal(world.journal).ok  # the commit is still open
        await buy(world)  # the next customer is served meanwhile
        await world.until(Screen.ATTRACT)
        await asyncio.sleep(700)
        assert at_the_end(world) == []
        assert books(world) == (4000, 4000, 0, 0)

    in_world(config, story)


def test_an_unsettled_top_up_outlives_a_restart_of_the_kiosk(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("commit", Fault.UNKNOWN)
        world.faults.delay_s = 300.0
        await buy(world)
        await world.until(Screen.ATTRACT)
        await world.restart_kiosk()
        await world.until(Screen.ATTRACT)
        await asyncio.sleep(700)
        assert at_the_end(world) == []
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


def test_a_top_up_declined_after_payment_is_owed_with_a_slip(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world, "09001009031")
        assert world.shown.screen is Screen.DECLINED
        assert world.shown.owed_yen == 2000
        (slip,) = world.printer.receipts
        assert "お預かり票" in slip.text
        assert "お返しする金額" in slip.text
        assert "¥2,000" in slip.text
        assert world.shown.reference in slip.text
        assert slip.qr == (world.shown.reference,)
        assert NUMBER not in slip.text
        await walk_off(world)
        assert books(world) == (2000, 0, 0, 2000)

    in_world(config, story)


@pytest.mark.parametrize("notes_in", [0, 1])
def test_a_customer_who_dawdles_past_the_reservation_gets_the_money_back_or_a_slip(config: KioskConfig, notes_in: int) -> None:
    async def story(world: World) -> None:
        await choose(world)
        for _ in range(notes_in):
            await world.insert(1000)
            await asyncio.sleep(5)
        for _ in range(12):  # more than a quarter of an hour
            for _ in range(110):
                if world.shown.more_time_s:
                    world.touch(Touch.MORE_TIME)
                await asyncio.sleep(1)
        assert world.shown.screen is not Screen.CASH
        await walk_off(world)
        assert books(world) == (1000 * notes_in, 0, 0, 1000 * notes_in)

    in_world(config, story)
