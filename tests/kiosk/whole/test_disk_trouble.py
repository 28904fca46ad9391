"""The disk under the journal fails at any write of a journey: out of service at once, and every yen found again afterwards."""

import asyncio
import os
from datetime import datetime
from errno import EIO, ENOSPC, EROFS
from pathlib import Path
from random import Random

import pytest

from hardware.clock import run_virtual
from kiosk.config import KioskConfig, load_config
from kiosk.ledger import accounts
from kiosk.ledger.custody import InMemory
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal, JournalError
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.disk import SimulatedDisk, Verb
from kiosk.simulation.diskvfs import JOURNAL, DiskVfs
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store
from tests.kiosk.whole.conftest import CONFIG
from tests.kiosk.whole.test_recovery import CHANGE_STORIES, STORIES, Story, live, put_in
from tests.sampling import sampled


class CountingJournal(Journal):
    """Lets its disk fail at the chosen commit."""

    disk: SimulatedDisk
    verb = Verb.SYNC
    errno = EIO
    fails_at = 0
    commits = 0

    def append(self, at: datetime, *entries: Entry) -> list[int]:
        self.commits += 1
        if self.commits == self.fails_at:
            if self.errno == EROFS:
                self.disk.read_only = True
            else:
                self.disk.fail(self.verb, self.errno, lasting=self.errno == ENOSPC)
        return super().append(at, *entries)


async def lived_with_trouble(config: KioskConfig, story: Story, verb: Verb, errno: int, fails_at: int) -> int:
    """Return how many commits the journey had; raises AssertionError when a yen is out of place or somebody was served on."""
    disk, custody = SimulatedDisk(), InMemory()
    vfs = DiskVfs(disk)
    journal = CountingJournal.open(JOURNAL, config.kiosk_id, custody, vfs=vfs.name)
    journal.disk, journal.verb, journal.errno = disk, verb, errno
    world = await World.open(config, Random(1), journal, Store(None))
    world.on_broken = lambda error: None
    opening = journal.commits
    journal.fails_at = opening + fails_at
    living = asyncio.create_task(live(world, story))
    await asyncio.wait({living, world.till.broken}, return_when=asyncio.FIRST_COMPLETED)
    if not world.till.broken.done():
        living.result()
        await world.close()
        journal.close()
        return journal.commits - opening
    assert isinstance(world.till.broken.exception(), JournalError)
    assert world.shown.screen is Screen.OUT_OF_SERVICE
    visit = world.till.state.visit
    assert world.shown.reference == (f"{config.kiosk_id}-{visit}" if visit else "")
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    for touch in (Touch.START, Touch.CANCEL, Touch.AGREE):
        world.touch(touch)
    await asyncio.sleep(30)
    assert world.shown.screen is Screen.OUT_OF_SERVICE
    if world.has("bill"):
        assert world.validator.mechanism.inside is None
    await world.kill()
    journal.close()
    if fails_at % 2:
        disk.power_cut(Random(fails_at))
    disk.program_killed()
    disk.heal()
    acknowledged = journal.head.seq
    await world.start(Journal.open(JOURNAL, config.kiosk_id, custody, vfs=vfs.name))
    came_through = not any(
        row.kind == Kind.OPENED for row in world.journal.rows(after=acknowledged) if row.seq == acknowledged + 1
    )
    await world.until(Screen.ATTRACT, Screen.CASH, timeout_s=900)
    if world.shown.screen is Screen.CASH:
        await put_in(world, story)
        await world.until(Screen.ATTRACT, timeout_s=900)
    await asyncio.sleep(180)
    assert at_the_end(world) == []
    # rows that the disk kept although it said otherwise may announce what was never done, and nobody can tell
    assert came_through or world.journal.balance(accounts.UNACCOUNTED) == 0
    await world.close()
    world.journal.close()
    return 0


TROUBLES = [(verb, errno) for verb in (Verb.WRITE, Verb.SYNC) for errno in (EIO, ENOSPC, EROFS)]


@pytest.mark.parametrize(("verb", "errno"), TROUBLES, ids=lambda value: os.strerror(value) if isinstance(value, int) else value)
@pytest.mark.parametrize("name", ["paid", "cancelled after one note"])
def test_a_disk_that_fails_at_any_commit_of_a_journey_costs_nobody_a_yen(
    config: KioskConfig, name: str, verb: Verb, errno: int
) -> None:
    story = STORIES[name]
    commits = run_virtual(lived_with_trouble(config, story, verb, errno, 0))
    assert commits > 5
    for fails_at in sampled(range(1, commits + 1), 5, TROUBLES.index((verb, errno))):
        assert run_virtual(lived_with_trouble(config, story, verb, errno, fails_at)) == 0, f"commit {fails_at} did not fail"


@pytest.mark.parametrize("verb", [Verb.WRITE, Verb.SYNC])
@pytest.mark.parametrize("name", ["change for a note and a coin", "paid back after cancelling"])
def test_a_disk_that_fails_while_change_is_paid_costs_nobody_a_yen(change_config: KioskConfig, name: str, verb: Verb) -> None:
    story = CHANGE_STORIES[name]
    commits = run_virtual(lived_with_trouble(change_config, story, verb, EIO, 0))
    for fails_at in sampled(range(1, commits + 1), 6, 0 if verb is Verb.WRITE else 3):
        assert run_virtual(lived_with_trouble(change_config, story, verb, EIO, fails_at)) == 0, (
            f"commit {fails_at} did not fail"
        )


def test_a_unit_to_which_every_word_is_an_acknowledgement_tells_the_next_life_of_its_note(tmp_path: Path) -> None:
    bench = tmp_path / "bench.toml"
    shipped = CONFIG / "benches" / "cash-virtual.toml"
    bench.write_text(shipped.read_text(encoding="utf-8").replace("jcm-id003-jpy", "mei-ebds-jpy"), encoding="utf-8")
    config, story = load_config(CONFIG, bench), Story(plan="docomo-data-5gb", pieces=(500, 5000))
    commits = run_virtual(lived_with_trouble(config, story, Verb.SYNC, EIO, 0))
    for fails_at in sampled(range(8, commits - 4), 4):  # the coin, the note, the commit
        assert run_virtual(lived_with_trouble(config, story, Verb.SYNC, EIO, fails_at)) == 0, f"commit {fails_at} did not fail"
