"""One journey, with the kiosk killed at every write of its journal: before it and right after it, and started again."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from random import Random

import pytest

from hardware.clock import run_virtual
from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store
from tests.kiosk.whole.visits import choose, everything_is_there, pay_with
from tests.sampling import sampled


class Killed(BaseException):
    """The power of the kiosk's computer went."""


class MortalJournal(Journal):
    """Dies at a chosen write: either before it reached the disk, or after, when nobody has heard of it yet."""

    dies_at = 0
    after_the_write = False
    writes = 0
    died: "asyncio.Future[None]"

    def append(self, at: datetime, *entries: Entry) -> list[int]:
        self.writes += 1
        dies = self.writes == self.dies_at
        if dies and not self.after_the_write:
            self.die()
        seqs = super().append(at, *entries)
        if dies:
            self.die()
        return seqs

    def die(self) -> None:
        self.died.set_result(None)
        raise Killed


@dataclass(frozen=True)
class Story:
    """What a customer does."""

    number: str = "09001012345"
    plan: str = "docomo-data-3gb"
    pieces: tuple[int, ...] = (1000, 1000)
    cancels: bool = False
    """After the pieces, if the screen still asks for money."""


async def put_in(world: World, story: Story) -> None:
    await pay_with(world, *story.pieces)
    if story.cancels and world.shown.screen is Screen.CASH:
        world.touch(Touch.CANCEL)


async def live(world: World, story: Story) -> None:
    await everything_is_there(world)
    await choose(world, story.number, story.plan)
    await put_in(world, story)
    await world.until(Screen.ATTRACT, timeout_s=600)


async def killed_and_started_again(config: KioskConfig, story: Story, dies_at: int, after: bool) -> str:
    """Return what happened in one line; raises AssertionError when a yen is out of place."""
    journal = MortalJournal.open(None, config.kiosk_id)
    journal.dies_at, journal.after_the_write = dies_at, after
    journal.died = asyncio.get_running_loop().create_future()
    world = await World.open(config, Random(1), journal, Store(None))
    opening = journal.writes
    living = asyncio.create_task(live(world, story))
    await asyncio.wait({living, journal.died, world.till.broken}, return_when=asyncio.FIRST_COMPLETED)
    if not journal.died.done():
        if world.till.broken.done():
            world.till.broken.result()
        living.result()
        await world.close()
        return f"{opening} of {journal.writes} writes"
    dead = world.till
    await world.restart_kiosk()
    if dead.broken.done():
        dead.broken.exception()  # seen: it is what the test did to it
    await world.until(Screen.ATTRACT, Screen.CASH, timeout_s=900)
    if world.shown.screen is Screen.CASH:
        await put_in(world, story)
        await world.until(Screen.ATTRACT, timeout_s=900)
    await asyncio.sleep(180)
    assert at_the_end(world) == []
    await world.close()
    return "recovered"


STORIES = {
    "paid": Story(),
    "cancelled after one note": Story(pieces=(1000,), cancels=True),
    "cancelled before any note": Story(pieces=(), cancels=True),
    "declined at commit": Story("09001009031"),
    "commit's reply lost": Story("09001009032"),
    "free": Story("09001009001"),
}

CHANGE_STORIES = {
    "change for a note and a coin": Story(plan="docomo-data-5gb", pieces=(500, 5000)),
    "coins and notes to the yen": Story(pieces=(500, 500, 1000)),
    "paid back after cancelling": Story(plan="docomo-data-5gb", pieces=(500, 1000), cancels=True),
    "paid back after a refusal": Story("09001009031", pieces=(500, 5000)),
    "change though nobody knows of the top-up": Story("09001009036", pieces=(5000,)),
}


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("name", STORIES)
def test_a_kiosk_killed_at_any_write_of_the_journal_finishes_the_story(config: KioskConfig, name: str, after: bool) -> None:
    story = (STORIES | CHANGE_STORIES)[name]
    whole = run_virtual(killed_and_started_again(config, story, dies_at=0, after=after))
    opening, writes = (int(word) for word in whole.split() if word.isdecimal())
    assert writes > 5
    own = range(opening + 1, writes + 1)  # the first are the start of the kiosk itself
    for dies_at in sampled(own, 4, 0 if after else 2):
        outcome = run_virtual(killed_and_started_again(config, story, dies_at, after))
        assert outcome == "recovered", f"killed {'after' if after else 'before'} write {dies_at} of {writes}"


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("name", CHANGE_STORIES)
def test_a_kiosk_killed_at_any_write_pays_its_change_once(change_config: KioskConfig, name: str, after: bool) -> None:
    test_a_kiosk_killed_at_any_write_of_the_journal_finishes_the_story(change_config, name, after)


def test_the_journey_that_is_killed_sells_when_nobody_kills_it(config: KioskConfig) -> None:
    async def main() -> None:
        journal = Journal.open(None, config.kiosk_id)
        world = await World.open(config, Random(1), journal, Store(None))
        await live(world, STORIES["paid"])
        report = audit_journal(journal)
        assert report.ok
        assert (report.totals.inserted, report.totals.sold) == (2000, 2000)
        await world.close()

    run_virtual(main())
