"""One journey, with the kiosk killed at every write of its journal: before it and right after it, and started again."""

import asyncio
from datetime import datetime
from random import Random

import pytest

from hardware.clock import run_virtual
from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Screen
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store
from tests.kiosk.whole.visits import choose, pay


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


async def live(world: World, number: str, plan: str, cancel_after: int | None) -> None:
    await choose(world, number, plan)
    await pay(world, cancel_after=cancel_after)
    await world.until(Screen.ATTRACT, timeout_s=600)


async def killed_and_started_again(config: KioskConfig, story: tuple[str, str, int | None], dies_at: int, after: bool) -> str:
    """Return what happened in one line; raises AssertionError when a yen is out of place."""
    journal = MortalJournal.open(None, config.kiosk_id)
    journal.dies_at, journal.after_the_write = dies_at, after
    journal.died = asyncio.get_running_loop().create_future()
    world = await World.open(config, Random(1), journal, Store(None))
    living = asyncio.create_task(live(world, *story))
    await asyncio.wait({living, journal.died, world.till.broken}, return_when=asyncio.FIRST_COMPLETED)
    if not journal.died.done():
        if world.till.broken.done():
            world.till.broken.result()
        living.result()
        await world.close()
        return f"{journal.writes} writes"
    await world.restart_kiosk()
    await world.until(Screen.ATTRACT, Screen.CASH, timeout_s=900)
    if world.shown.screen is Screen.CASH:
        await pay(world, cancel_after=story[2])
        await world.until(Screen.ATTRACT, timeout_s=900)
    await asyncio.sleep(120)
    assert at_the_end(world) == []
    await world.close()
    return "recovered"


STORIES = {
    "paid": ("09001012345", "docomo-data-3gb", None),
    "cancelled after one note": ("09001012345", "docomo-data-3gb", 1),
    "cancelled before any note": ("09001012345", "docomo-data-3gb", 0),
    "declined at commit": ("09001009031", "docomo-data-3gb", None),
    "commit's reply lost": ("09001009032", "docomo-data-3gb", None),
    "free": ("09001009001", "docomo-data-3gb", None),
}


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("name", STORIES)
def test_a_kiosk_killed_at_any_write_of_the_journal_finishes_the_story(config: KioskConfig, name: str, after: bool) -> None:
    story = STORIES[name]
    whole = run_virtual(killed_and_started_again(config, story, dies_at=0, after=after))
    writes = int(whole.split()[0])
    assert writes > 5
    for dies_at in range(2, writes + 1):  # the first write is the start of the kiosk itself
        outcome = run_virtual(killed_and_started_again(config, story, dies_at, after))
        assert outcome == "recovered", f"killed {'after' if after else 'before'} write {dies_at} of {writes}"


def test_the_journey_that_is_killed_sells_when_nobody_kills_it(config: KioskConfig) -> None:
    async def main() -> None:
        journal = Journal.open(None, config.kiosk_id)
        world = await World.open(config, Random(1), journal, Store(None))
        await live(world, *STORIES["paid"])
        report = audit_journal(journal)
        assert report.ok
        assert (report.totals.inserted, report.totals.sold) == (2000, 2000)
        await world.close()

    run_virtual(main())
