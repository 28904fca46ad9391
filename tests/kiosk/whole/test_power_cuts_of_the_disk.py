"""The power is cut after every operation of the disk under a whole journey: what was acknowledged is there, nothing is torn.

The same with a weaker sync loses acknowledged commits, which shows that the test can tell.
"""

from dataclasses import dataclass
from datetime import datetime
from random import Random

import apsw
import pytest

from hardware.clock import run_virtual
from kiosk.config import KioskConfig
from kiosk.ledger import opening
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.custody import InMemory
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal, JournalError
from kiosk.recovery import recover
from kiosk.simulation.disk import Operation, SimulatedDisk
from kiosk.simulation.diskvfs import JOURNAL, DiskVfs
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store
from tests.kiosk.whole.test_recovery import STORIES, live

CUTS_A_PLACE = 3
"""How many throws of the dice each prefix gets: what of the unsynced writes survives is drawn."""


@dataclass(frozen=True)
class Acknowledged:
    """A commit whose ``append`` had returned when the disk had done so many operations."""

    operations: int
    seq: int


class WitnessedJournal(Journal):
    """Remembers when what was acknowledged."""

    disk: SimulatedDisk
    told: list[Acknowledged]

    def append(self, at: datetime, *entries: Entry) -> list[int]:
        seqs = super().append(at, *entries)
        assert self.disk.operations is not None
        self.told.append(Acknowledged(len(self.disk.operations), seqs[-1]))
        return seqs


def journey(config: KioskConfig) -> tuple[list[Operation], list[Acknowledged]]:
    """Live one journey, in which a checkpoint is written too and the file is closed; return what the disk did."""

    async def main() -> tuple[list[Operation], list[Acknowledged]]:
        disk = SimulatedDisk(operations=[])
        vfs = DiskVfs(disk)
        journal = WitnessedJournal.open(JOURNAL, config.kiosk_id, InMemory(), vfs=vfs.name)
        journal.disk, journal.told = disk, []
        world = await World.open(config, Random(1), journal, Store(None))
        await live(world, STORIES["paid"])
        await world.close()
        journal.append_checkpoint(world.now(), {})
        journal.append(world.now(), Entry(Kind.REMARK, "", {"after": "the checkpoint"}))
        journal.close()
        assert disk.operations is not None
        return disk.operations, journal.told

    return run_virtual(main())


@dataclass
class Damage:
    """What power cuts did."""

    cuts: int = 0
    lost: int = 0
    """Times that an acknowledged commit was gone."""
    refused: int = 0
    """Times that the journal could not be opened, or was not whole."""


def cut_everywhere(config: KioskConfig, operations: list[Operation], told: list[Acknowledged]) -> Damage:
    damage = Damage()
    for done in range(len(operations) + 1):
        acknowledged = max((commit.seq for commit in told if commit.operations <= done), default=0)
        for throw in range(CUTS_A_PLACE):
            disk = SimulatedDisk.after(operations[:done])
            disk.power_cut(Random(done * CUTS_A_PLACE + throw))
            damage.cuts += 1
            vfs = DiskVfs(disk)
            try:
                with Journal.open(JOURNAL, config.kiosk_id, InMemory(), vfs=vfs.name) as journal:
                    damage.lost += journal.head.seq < acknowledged
                    damage.refused += audit_journal(journal).problems != ()
                    recover(config.shop, journal)
                damage.refused += integrity(vfs) != "ok"
            except JournalError:
                damage.refused += 1
    return damage


def integrity(vfs: DiskVfs) -> str:
    db = apsw.Connection(str(JOURNAL), vfs=vfs.name)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        return str(db.execute("PRAGMA integrity_check").fetchall()[0][0])
    finally:
        db.close()


def test_no_power_cut_at_any_operation_loses_or_tears_what_was_acknowledged(config: KioskConfig) -> None:
    operations, told = journey(config)
    assert len(operations) > 100
    assert len(told) > 10
    damage = cut_everywhere(config, operations, told)
    assert damage.cuts > 200
    assert (damage.lost, damage.refused) == (0, 0)


@pytest.mark.parametrize(("synchronous", "level"), [("OFF", 0), ("NORMAL", 1)])
def test_a_weaker_sync_loses_acknowledged_commits_and_the_test_sees_it(
    config: KioskConfig, monkeypatch: pytest.MonkeyPatch, synchronous: str, level: int
) -> None:
    monkeypatch.setattr(opening, "_SYNCHRONOUS_FULL", level)
    operations, told = journey(config)
    damage = cut_everywhere(config, operations, told)
    assert damage.lost > 20, synchronous
