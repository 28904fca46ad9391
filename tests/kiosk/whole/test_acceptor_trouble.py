"""The acceptor unplugged, silent, switched off, jammed or open, at every moment of a visit: no yen is ever out of place."""

import asyncio

import pytest

from kiosk.config import KioskConfig
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import books, buy, choose, consent, in_world, look_up, pay, walk_off

BREAKS = {
    "unplugged": ("unplug", "replug"),
    "silent": ("silence on", "silence off"),
    "switched off": ("power off", "power on"),
    "jammed in front": ("jam acceptor", "clear"),
    "jammed at the stacker": ("jam stacker", "clear"),
    "cash box out": ("open", "close"),
}
"""By name: what breaks it and what mends it."""


async def do(world: World, deed: str) -> None:
    match deed:
        case "unplug":
            world.unplug("bill")
        case "replug":
            await world.replug("bill")
        case _:
            await world.hand("bill", deed)


@pytest.mark.parametrize("name", BREAKS)
def test_a_dead_acceptor_puts_the_kiosk_out_of_service_and_a_mended_one_puts_it_back(config: KioskConfig, name: str) -> None:
    breaks, mends = BREAKS[name]

    async def story(world: World) -> None:
        await do(world, breaks)
        await world.until(Screen.OUT_OF_SERVICE, timeout_s=10)
        world.touch(Touch.START)
        assert world.shown.screen is Screen.OUT_OF_SERVICE
        await asyncio.sleep(120)
        assert world.shown.screen is Screen.OUT_OF_SERVICE
        await do(world, mends)
        await world.until(Screen.ATTRACT, timeout_s=60)
        await buy(world)
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


def test_noise_on_the_line_neither_stops_the_service_nor_moves_money(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        async def noise() -> None:
            while True:
                await do(world, "garbage")
                await asyncio.sleep(0.37)

        noisy = asyncio.create_task(noise())
        await buy(world)
        noisy.cancel()
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize("name", BREAKS)
def test_an_acceptor_that_dies_before_money_ends_the_visit_with_a_word(config: KioskConfig, name: str) -> None:
    breaks, mends = BREAKS[name]

    async def story(world: World) -> None:
        await look_up(world)
        await do(world, breaks)
        await world.until(Screen.SORRY, timeout_s=10)
        assert world.shown.notice == "notice.cash_unavailable"
        await world.until(Screen.OUT_OF_SERVICE, timeout_s=30)
        await do(world, mends)
        await world.until(Screen.ATTRACT, timeout_s=60)
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    in_world(config, story)


MOMENTS_S = (0.5, 1.25, 1.7, 2.1, 2.9)
"""After the note was put to the mouth: drawn in, in escrow, on its way, at the stacker's lever, in the box."""


@pytest.mark.parametrize("lasts_s", [4.0, 100.0])
@pytest.mark.parametrize("name", BREAKS)
def test_an_acceptor_that_dies_with_a_note_on_its_way_in_loses_no_yen(config: KioskConfig, name: str, lasts_s: float) -> None:
    breaks, mends = BREAKS[name]

    async def story(world: World, moment_s: float) -> None:
        await choose(world)
        await world.insert(1000)
        await asyncio.sleep(moment_s)
        await do(world, breaks)
        await asyncio.sleep(lasts_s)
        await do(world, mends)
        await asyncio.sleep(30)
        await pay(world)
        await asyncio.sleep(200)
        await world.until(Screen.ATTRACT)
        assert at_the_end(world) == []
        assert books(world)[0] <= sum(yen * pieces for yen, pieces in world.inserted.items())

    for moment_s in MOMENTS_S if lasts_s < 10 else MOMENTS_S[2:4]:
        in_world(config, lambda world, moment_s=moment_s: story(world, moment_s))


@pytest.mark.parametrize("lasts_s", [4.0, 100.0])
@pytest.mark.parametrize("name", BREAKS)
def test_an_acceptor_that_dies_while_a_note_goes_back_loses_no_yen(config: KioskConfig, name: str, lasts_s: float) -> None:
    breaks, mends = BREAKS[name]

    async def story(world: World, moment_s: float) -> None:
        await world.insert(10000)
        await world.until(Screen.LANGUAGE)
        await asyncio.sleep(3)
        world.touch(Touch.CANCEL)
        await asyncio.sleep(moment_s)
        await do(world, breaks)
        await asyncio.sleep(lasts_s)
        await do(world, mends)
        await asyncio.sleep(200)
        await world.until(Screen.ATTRACT)
        assert at_the_end(world) == []
        inserted, sold, returned, owed = books(world)
        assert (inserted, sold) == (10000, 0)
        assert returned + owed >= 10000

    for moment_s in (0.0, 0.3, 0.8, 1.5):
        in_world(config, lambda world, moment_s=moment_s: story(world, moment_s))


@pytest.mark.parametrize("lasts_s", [4.0, 100.0])
@pytest.mark.parametrize("name", BREAKS)
def test_an_acceptor_that_dies_with_a_held_note_loses_no_yen(config: KioskConfig, name: str, lasts_s: float) -> None:
    breaks, mends = BREAKS[name]

    async def story(world: World) -> None:
        await world.insert(1000)
        await world.until(Screen.LANGUAGE)
        assert world.shown.escrow_yen == 1000
        await do(world, breaks)
        await asyncio.sleep(lasts_s)
        await do(world, mends)
        await asyncio.sleep(200)
        await world.until(Screen.ATTRACT)
        assert at_the_end(world) == []
        inserted, sold, returned, owed = books(world)
        assert (inserted, sold) == (1000, 0)
        assert returned + owed >= 1000

    in_world(config, story)


@pytest.mark.parametrize("name", BREAKS)
def test_a_customer_who_goes_on_while_the_held_note_is_out_of_reach_loses_no_yen(config: KioskConfig, name: str) -> None:
    breaks, mends = BREAKS[name]

    async def story(world: World) -> None:
        await world.insert(1000)
        await world.until(Screen.LANGUAGE)
        await do(world, breaks)
        await asyncio.sleep(5)
        world.touch(Touch.LANGUAGE, "en")
        world.touch(Touch.CARRIER, "docomo")
        for digit in "09001012345":
            world.touch(Touch.KEY, digit)
        world.touch(Touch.NEXT)
        world.touch(Touch.NEXT)
        if await world.until(Screen.PLAN, Screen.SORRY, Screen.RETURNING) is Screen.PLAN:
            await consent(world)
            world.touch(Touch.NEXT)
        await asyncio.sleep(30)
        await do(world, mends)
        await asyncio.sleep(300)
        await world.until(Screen.ATTRACT)
        assert at_the_end(world) == []

    in_world(config, story)
