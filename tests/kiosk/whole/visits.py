"""A customer's ordinary moves at the whole kiosk in virtual time, for tests in which something else then happens."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from hardware.clock import run_virtual
from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Kind
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store

NUMBER = "09001012345"
"""A line of docomo at the carrier simulator; the plan below costs it 2,000 yen."""
PLAN = "docomo-data-3gb"
SERVED_AGAIN = (Screen.ATTRACT, Screen.OUT_OF_SERVICE)

Books = tuple[int, int, int, int]
"""Yen inserted, sold, returned, owed."""


def in_world(config: KioskConfig, story: Callable[[World], Awaitable[None]]) -> None:
    """Switch a kiosk on, let ``story`` happen to it in virtual time, switch it off."""

    async def main() -> None:
        world = await World.open(config, Random(1), Journal.open(None, config.kiosk_id), Store(None))
        await everything_is_there(world)
        await story(world)
        if world.till.broken.done():
            world.till.broken.result()
        await world.close()

    run_virtual(main())


async def everything_is_there(world: World) -> None:
    """Wait for every device: a kiosk serves as soon as one takes money, and a change machine is there at once."""
    await world.until(Screen.ATTRACT)
    around = world.till.around
    while not around.printer.status.can_print or (around.acceptor is not None and not around.acceptor.status.ready):
        await asyncio.sleep(0.1)


def books(world: World) -> Books:
    """What the journal says of customers' money."""
    totals = audit_journal(world.journal).totals
    return totals.inserted, totals.sold, totals.returned, totals.owed


def prints(world: World) -> list[str]:
    """What the journal says of printing, in order."""
    names = {row.body["intent"] for row in world.journal.rows() if row.kind == Kind.INTENT and row.body["action"] == "print"}
    told = (row for row in world.journal.rows() if row.kind in (Kind.INTENT, Kind.RESULT) and row.body["intent"] in names)
    return [row.body["outcome"] if row.kind == Kind.RESULT else "intent" for row in told]


async def walk_off(world: World, *, wait_s: float = 900.0) -> None:
    """Leave the kiosk alone until the next customer could come, and see that every yen is in its place."""
    await world.until(*SERVED_AGAIN, timeout_s=wait_s)
    assert at_the_end(world) == []


async def enter(world: World, number: str = NUMBER, language: str = "ja", carrier: str = "docomo") -> None:
    """From the first touch to the number that is to be checked."""
    await world.until(Screen.ATTRACT)
    world.touch(Touch.START)
    world.touch(Touch.LANGUAGE, language)
    world.touch(Touch.CARRIER, carrier)
    for digit in number:
        world.touch(Touch.KEY, digit)
    world.touch(Touch.NEXT)


async def look_up(world: World, number: str = NUMBER, language: str = "ja", carrier: str = "docomo") -> None:
    """From the first touch to the plans."""
    await enter(world, number, language, carrier)
    world.touch(Touch.NEXT)
    await world.until(Screen.PLAN)


async def consent(world: World, plan: str = PLAN) -> None:
    """From the plans to the ticked box."""
    world.touch(Touch.PLAN, plan)
    await world.until(Screen.CONFIRM)
    world.touch(Touch.AGREE)


async def choose(world: World, number: str = NUMBER, plan: str = PLAN, language: str = "ja", carrier: str = "docomo") -> None:
    """From the first touch to the cash screen, or to the result of a free plan."""
    await look_up(world, number, language, carrier)
    await consent(world, plan)
    world.touch(Touch.NEXT)
    await world.until(Screen.CASH, Screen.RESULT)


async def pay(world: World, *, cancel_after: int | None = None) -> None:
    """Feed 1,000-yen notes while the screen asks for them; press cancel after some."""
    paid = 0
    while world.shown.screen is Screen.CASH:
        note_on_its_way = world.validator.mechanism.inside is not None
        if world.shown.escrow_yen or not world.shown.accepted_yen or note_on_its_way:
            await world.next_picture(1)
            continue
        if paid == cancel_after:
            world.touch(Touch.CANCEL)
            return
        await world.insert(1000)
        paid += 1
        await world.next_picture(10)


async def pay_with(world: World, *pieces: int) -> None:
    """Put in these notes and coins one after the other, each when the one before has been taken."""
    for yen in pieces:
        await settled(world)
        if world.shown.screen is not Screen.CASH:
            return
        await asyncio.sleep(0.5)  # the device has to be done with the piece before
        await world.insert(yen)
    await settled(world)


async def settled(world: World, *, most_s: float = 30.0) -> None:
    """Wait until nothing moves in any device any more, or paying is over."""
    async with asyncio.timeout(most_s):
        while world.shown.screen is Screen.CASH and (world.on_its_way or world.shown.escrow_yen):
            await asyncio.sleep(0.05)


async def buy(world: World, number: str = NUMBER, plan: str = PLAN, language: str = "ja", carrier: str = "docomo") -> None:
    """A whole top-up, paid, until the kiosk has said what came of it and has stopped printing."""
    await choose(world, number, plan, language, carrier)
    await pay(world)
    await world.until(Screen.RESULT, Screen.DECLINED, Screen.UNKNOWN)
    while world.shown.receipt == "printing":
        await world.next_picture(60)
