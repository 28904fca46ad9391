"""Whatever keeps the printer from printing is known before payment: the customer is asked, and told the truth."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hardware.printers.escpos.layout import BREAK
from kiosk.config import KioskConfig
from kiosk.screenmodel import Screen, Touch
from kiosk.session.shop import Shop
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import NUMBER, books, buy, consent, in_world, look_up, pay, walk_off

LANGUAGES = Shop(carriers={}).languages


async def paper_ends(world: World) -> None:
    await world.hand("printer", "paper 0")


async def cover_opens(world: World) -> None:
    await world.hand("printer", "cover open")


async def cutter_jams_on_the_customer_before(world: World) -> None:
    await world.hand("printer", "jam cutter")
    await buy(world, NUMBER[:-1] + "9")
    await walk_off(world)


async def is_switched_off(world: World) -> None:
    await world.hand("printer", "power off")


async def is_unplugged(world: World) -> None:
    world.unplug("printer")


async def is_hot(world: World) -> None:
    await world.hand("printer", "hot on")


async def breaks(world: World) -> None:
    await world.hand("printer", "fail")


async def is_held_up(world: World) -> None:
    await world.hand("printer", "feed press")


UNABLE: dict[str, Callable[[World], Awaitable[None]]] = {
    act.__name__: act
    for act in (
        paper_ends,
        cover_opens,
        cutter_jams_on_the_customer_before,
        is_switched_off,
        is_unplugged,
        is_hot,
        breaks,
        is_held_up,
    )
}


async def to_the_question(world: World, language: str) -> None:
    await look_up(world, language=language)
    await consent(world)
    world.touch(Touch.NEXT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", UNABLE)
def test_the_customer_is_asked_and_gets_a_symbol_instead(config: KioskConfig, name: str, language: str) -> None:
    async def story(world: World) -> None:
        await UNABLE[name](world)
        await asyncio.sleep(10)
        before = books(world)
        await to_the_question(world, language)
        assert (world.shown.screen, world.shown.language) == (Screen.NO_PRINTER, language)
        assert world.shown.buttons == ("cancel", "next")
        assert books(world) == before
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        assert world.shown.receipt == "failed"  # known at once: nothing was sent to a printer that cannot print
        words = config.languages[language]
        for fact in (words.text("receipt.electronic"), words.text("receipt.title.receipt"), "¥2,000", world.shown.reference):
            assert fact.replace(BREAK, "") in world.shown.electronic
        await walk_off(world)

    in_world(config, story)


@pytest.mark.parametrize("name", UNABLE)
def test_the_customer_who_says_no_has_paid_nothing(config: KioskConfig, name: str) -> None:
    async def story(world: World) -> None:
        await UNABLE[name](world)
        await asyncio.sleep(10)
        before = books(world)
        await to_the_question(world, "ja")
        assert world.shown.screen is Screen.NO_PRINTER
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert books(world) == before

    in_world(config, story)


@pytest.mark.parametrize("deeds", [("paper 900",), ("feed press", "feed release"), ("power off", "power on")])
def test_nobody_is_asked_for_what_passes_by_itself_or_leaves_paper_enough(config: KioskConfig, deeds: tuple[str, ...]) -> None:
    async def story(world: World) -> None:
        for deed in deeds:
            await asyncio.sleep(5)
            await world.hand("printer", deed)
        await look_up(world)
        await asyncio.sleep(5)
        await consent(world)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            assert await world.next_picture(60)
        assert world.shown.receipt == "printed"
        assert world.shown.electronic == ""
        await walk_off(world)

    in_world(config, story)


@pytest.mark.parametrize(("leaves", "comes"), [("cover open", "cover close"), ("feed press", "feed release")])
def test_a_printer_that_is_back_takes_its_question_from_the_screen(config: KioskConfig, leaves: str, comes: str) -> None:
    async def story(world: World) -> None:
        await world.hand("printer", leaves)
        await asyncio.sleep(5)
        await to_the_question(world, "en")
        assert world.shown.screen is Screen.NO_PRINTER
        await world.hand("printer", comes)
        assert await world.next_picture(10)
        assert (world.shown.screen, world.shown.agreed) == (Screen.CONFIRM, True)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            assert await world.next_picture(60)
        assert world.shown.receipt == "printed"
        await walk_off(world)

    in_world(config, story)
