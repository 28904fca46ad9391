"""Customers who dawdle, tap twice, put money in too early, pull it out again or walk away: the books are right every time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kiosk.config import KioskConfig
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import NUMBER, books, buy, choose, consent, enter, in_world, look_up, pay, walk_off


async def to_language(world: World) -> None:
    world.touch(Touch.START)


async def to_carrier(world: World) -> None:
    world.touch(Touch.LANGUAGE, "zh-Hans")


async def to_identify(world: World) -> None:
    world.touch(Touch.LANGUAGE, "en")
    world.touch(Touch.CARRIER, "docomo")
    world.touch(Touch.KEY, "0")


async def to_looking_up(world: World) -> None:
    await enter(world)
    world.touch(Touch.NEXT)


async def to_quote(world: World) -> None:
    await look_up(world)
    world.touch(Touch.PLAN, "docomo-data-3gb")


async def to_confirm(world: World) -> None:
    await look_up(world)
    await consent(world)


async def to_no_printer(world: World) -> None:
    await world.hand("printer", "paper 0")
    await to_confirm(world)
    await asyncio.sleep(5)
    world.touch(Touch.NEXT)


async def to_reserve(world: World) -> None:
    await to_confirm(world)
    world.touch(Touch.NEXT)


async def to_cash_half_paid(world: World) -> None:
    await choose(world)
    await world.insert(1000)
    await asyncio.sleep(5)


async def to_processing(world: World) -> None:
    await choose(world)
    await pay(world)


async def to_declined(world: World) -> None:
    await buy(world, "09001009031")


async def to_returning(world: World) -> None:
    await to_cash_half_paid(world)
    world.touch(Touch.CANCEL)


async def to_sorry(world: World) -> None:
    await enter(world, "09001009012")
    world.touch(Touch.NEXT)
    await world.until(Screen.SORRY)


async def to_take(world: World) -> None:
    await buy(world)
    world.touch(Touch.NEXT)


Way = Callable[[World], Awaitable[None]]

WAYS: dict[Screen, tuple[Way, tuple[int, int, int, int]]] = {
    Screen.LANGUAGE: (to_language, (0, 0, 0, 0)),
    Screen.CARRIER: (to_carrier, (0, 0, 0, 0)),
    Screen.IDENTIFY: (to_identify, (0, 0, 0, 0)),
    Screen.NUMBER_CHECK: (enter, (0, 0, 0, 0)),
    Screen.LOOKING_UP: (to_looking_up, (0, 0, 0, 0)),
    Screen.PLAN: (look_up, (0, 0, 0, 0)),
    Screen.CONFIRM: (to_confirm, (0, 0, 0, 0)),
    Screen.NO_PRINTER: (to_no_printer, (0, 0, 0, 0)),
    Screen.CASH: (to_cash_half_paid, (1000, 0, 0, 1000)),
    Screen.PROCESSING: (to_processing, (2000, 2000, 0, 0)),
    Screen.RESULT: (buy, (2000, 2000, 0, 0)),
    Screen.DECLINED: (to_declined, (2000, 0, 0, 2000)),
    Screen.RETURNING: (to_returning, (1000, 0, 0, 1000)),
    Screen.SORRY: (to_sorry, (0, 0, 0, 0)),
    Screen.TAKE: (to_take, (2000, 2000, 0, 0)),
}
"""How to get to each screen, and what the books say after walking away there."""


@pytest.mark.parametrize("screen", WAYS)
def test_a_customer_may_walk_away_at_any_screen(config: KioskConfig, screen: Screen) -> None:
    async def story(world: World) -> None:
        way, expected = WAYS[screen]
        await way(world)
        assert world.shown.screen is screen
        await walk_off(world)
        assert books(world) == expected
        if screen is not Screen.NO_PRINTER:
            await buy(world)
            await walk_off(world)

    in_world(config, story)


def test_a_customer_may_walk_away_while_the_quote_or_the_reservation_is_asked_for(config: KioskConfig) -> None:
    for way in (to_quote, to_reserve):

        async def story(world: World, way: Way = way) -> None:
            await way(world)
            assert world.shown.screen is Screen.LOOKING_UP
            await walk_off(world)
            assert books(world) == (0, 0, 0, 0)

        in_world(config, story)


def test_a_note_put_in_before_the_number_waits_and_is_used(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.insert(1000)
        await world.until(Screen.LANGUAGE)
        assert (world.shown.escrow_yen, world.shown.notice) == (1000, "notice.note_waits_in_escrow")
        await asyncio.sleep(25)  # longer than the unit itself would wait
        assert world.shown.escrow_yen == 1000
        world.touch(Touch.LANGUAGE, "ja")
        world.touch(Touch.CARRIER, "docomo")
        for digit in NUMBER:
            world.touch(Touch.KEY, digit)
        world.touch(Touch.NEXT)
        world.touch(Touch.NEXT)
        await world.until(Screen.PLAN)
        await consent(world)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        assert world.inserted.total() == 2
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


def test_a_held_note_comes_back_when_its_customer_cancels_and_another_when_they_walk_away(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.insert(5000)
        await world.until(Screen.LANGUAGE)
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert books(world) == (5000, 0, 5000, 0)
        await world.insert(10000)
        await world.until(Screen.LANGUAGE)
        await walk_off(world)
        assert books(world) == (15000, 0, 15000, 0)

    in_world(config, story)


def test_a_note_that_a_free_plan_does_not_need_comes_back(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.insert(1000)
        await world.until(Screen.LANGUAGE)
        world.touch(Touch.LANGUAGE, "ja")
        world.touch(Touch.CARRIER, "docomo")
        for digit in "09001009001":
            world.touch(Touch.KEY, digit)
        world.touch(Touch.NEXT)
        world.touch(Touch.NEXT)
        await world.until(Screen.PLAN)
        await consent(world)
        world.touch(Touch.NEXT)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert books(world) == (1000, 0, 1000, 0)

    in_world(config, story)


def test_a_note_larger_than_the_rest_goes_back_with_a_word(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.insert(10000)
        await asyncio.sleep(5)
        assert world.shown.screen is Screen.CASH
        assert world.shown.notice == "notice.note_too_large"
        await pay(world)
        await walk_off(world)
        assert books(world)[1] == 2000
        assert not world.validator.mechanism.cashbox[10000]

    in_world(config, story)


def test_a_held_note_larger_than_the_price_goes_back_with_a_word(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.insert(10000)
        await world.until(Screen.LANGUAGE)
        world.touch(Touch.LANGUAGE, "ja")
        world.touch(Touch.CARRIER, "docomo")
        for digit in NUMBER:
            world.touch(Touch.KEY, digit)
        world.touch(Touch.NEXT)
        world.touch(Touch.NEXT)
        await world.until(Screen.PLAN)
        await consent(world)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        assert (world.shown.notice, world.shown.notice_yen) == ("notice.note_too_large", 10000)
        await asyncio.sleep(5)
        assert (world.shown.notice, world.shown.notice_yen) == ("notice.note_too_large", 10000)
        await pay(world)
        await walk_off(world)
        assert books(world) == (12000, 2000, 10000, 0)

    in_world(config, story)


def test_eight_thousand_yen_are_paid_with_a_five_and_three_ones(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.until(Screen.ATTRACT)
        world.touch(Touch.START)
        world.touch(Touch.LANGUAGE, "en")
        world.touch(Touch.CARRIER, "softbank")
        for digit in "09002009003":
            world.touch(Touch.KEY, digit)
        world.touch(Touch.NEXT)
        world.touch(Touch.NEXT)
        await world.until(Screen.PLAN)
        plan = next(plan for plan in world.shown.plans if plan.price_yen == 8000)
        await consent(world, plan.id)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        assert world.shown.accepted_yen == (1000, 5000)
        await world.insert(5000)
        await asyncio.sleep(5)
        assert world.shown.accepted_yen == (1000,)
        await pay(world)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert books(world) == (8000, 8000, 0, 0)

    in_world(config, story)


def test_a_note_answers_the_question_for_more_time(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world)
        while not world.shown.more_time_s:
            await world.next_picture(100)
        await world.insert(1000)
        await asyncio.sleep(30)
        assert (world.shown.screen, world.shown.inserted_yen, world.shown.more_time_s) == (Screen.CASH, 1000, 0)
        await pay(world)
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize("at_s", [17.0, 18.0, 18.5, 19.0, 19.5, 19.9])
def test_a_note_inserted_at_the_last_moment_is_credited_or_comes_back(config: KioskConfig, at_s: float) -> None:
    async def story(world: World) -> None:
        await choose(world)
        while not world.shown.more_time_s:
            await world.next_picture(100)
        await asyncio.sleep(at_s)
        await world.insert(1000)
        await walk_off(world)
        inserted, sold, returned, owed = books(world)
        assert sold == 0
        assert inserted == returned + owed

    in_world(config, story)


def test_a_second_note_at_the_mouth_waits_for_its_turn(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.insert(1000)
        await asyncio.sleep(1.5)
        await world.insert(1000)
        await asyncio.sleep(10)
        assert world.shown.notice == "notice.first_remove_note"
        await world.hand("bill", "pull-back")
        await asyncio.sleep(10)
        assert (world.shown.inserted_yen, world.shown.notice) == (1000, "")
        await pay(world)
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize("after_s", [0.5, 1.3, 1.6, 1.9, 2.3])
def test_a_note_pulled_back_is_never_credited(config: KioskConfig, after_s: float) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.insert(1000)
        await asyncio.sleep(after_s)
        pulled = await world.hand("bill", "pull-back")
        await asyncio.sleep(10)
        assert world.shown.inserted_yen == (0 if pulled["ok"] else 1000)
        await pay(world)
        await walk_off(world)
        assert books(world)[1] == 2000

    in_world(config, story)


def test_every_touch_done_twice_buys_one_top_up(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        def twice(touch: Touch, value: str = "") -> None:
            world.touch(touch, value)
            world.touch(touch, value)

        twice(Touch.START)
        twice(Touch.LANGUAGE, "en")
        twice(Touch.CARRIER, "docomo")
        for digit in NUMBER:
            world.touch(Touch.KEY, digit)
        twice(Touch.NEXT)  # the second one says yes to the number
        await world.until(Screen.PLAN)
        twice(Touch.PLAN, "docomo-data-3gb")
        await world.until(Screen.CONFIRM)
        world.touch(Touch.AGREE)
        twice(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            await world.next_picture(60)
        twice(Touch.NEXT)
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)
        assert len(world.printer.receipts) == 1

    in_world(config, story)
