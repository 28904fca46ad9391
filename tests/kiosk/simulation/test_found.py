"""What the simulation has found, told again in short: none of it may come back."""

from datetime import UTC, datetime
from random import Random

from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal, JournalError
from kiosk.simulation.disk import SimulatedDisk
from kiosk.simulation.diskvfs import JOURNAL, DiskVfs

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_rows_written_after_a_failed_sync_and_a_restart_outlive_a_power_cut() -> None:
    """Seed 490664347387: a sync failed, the program started again on the same disk, and a power cut took 261 rows."""
    for seed in range(20):
        disk = SimulatedDisk()
        vfs = DiskVfs(disk)
        journal = Journal.open(JOURNAL, "KONBINI1", vfs=vfs.name)
        journal.append(NOON, Entry("before", "", {}))
        disk.fail("sync")
        try:
            journal.append(NOON, Entry("not acknowledged", "", {}))
        except JournalError:
            disk.program_killed()
        journal.close()
        disk.heal()
        journal = Journal.open(JOURNAL, "KONBINI1", vfs=vfs.name)
        acknowledged = journal.append(NOON, Entry("after", "", {}))[0]
        disk.power_cut(Random(seed))
        journal.close()
        with Journal.open(JOURNAL, "KONBINI1", vfs=vfs.name) as found:
            assert found.head.seq == acknowledged, f"seed {seed}"


def test_what_a_failed_sync_gave_up_does_not_come_back_over_what_was_saved_later() -> None:
    """Seed 198095745877421: the simulated disk itself laid old sectors over a log that had begun again."""
    for seed in range(20):
        disk = SimulatedDisk()
        disk.open("log", create=True)
        disk.write("log", 0, b"first" * 200)
        disk.fail("sync")
        try:
            disk.sync("log")
        except OSError:
            disk.truncate("log", 0)
        disk.write("log", 0, b"later" * 100)
        disk.sync("log")
        disk.power_cut(Random(seed))
        assert disk.read("log", 0, 2000) == b"later" * 100, f"seed {seed}"
