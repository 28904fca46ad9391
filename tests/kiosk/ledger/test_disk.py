"""The simulated disk keeps what was synced, may lose the rest, and fails when told; the journal on it as on any other."""

from errno import EIO, ENOSPC, EROFS
from random import Random

import pytest

from kiosk.ledger.custody import InMemory
from kiosk.ledger.journal import Journal, JournalError
from kiosk.simulation.disk import DiskError, SimulatedDisk, Verb
from kiosk.simulation.diskvfs import JOURNAL, DiskVfs
from tests.kiosk.ledger.world import KIOSK, Till, busy_morning


def filled(disk, name="file", data=b"x" * 2000):
    disk.open(name, create=True)
    disk.write(name, 0, data)
    disk.sync(name)


def test_what_was_synced_outlives_every_power_cut_and_what_was_not_may_be_there_in_any_part():
    seen = set()
    for seed in range(200):
        disk = SimulatedDisk()
        filled(disk)
        disk.write("file", 500, b"y" * 1000)
        disk.power_cut(Random(seed))
        content = disk.read("file", 0, 5000)
        assert content[:500] == b"x" * 500
        assert content[1500:] == b"x" * 500
        seen.add(content[500:1500].count(b"y"))
    assert {0, 1000} < seen
    assert seen <= {sum(parts) for parts in [(a, b, c) for a in (0, 12) for b in (0, 512) for c in (0, 476)]}


def test_a_file_that_was_never_synced_may_be_gone_and_a_deleted_one_back():
    there, back = set(), set()
    for seed in range(50):
        disk = SimulatedDisk()
        disk.open("new", create=True)
        filled(disk, "old")
        disk.delete("old", syncs_folder=False)
        disk.power_cut(Random(seed))
        there.add(disk.exists("new"))
        back.add(disk.exists("old"))
    assert there == back == {True, False}


def test_what_a_failed_sync_was_to_save_no_later_sync_saves():
    lost = 0
    for seed in range(50):
        disk = SimulatedDisk()
        filled(disk)
        disk.write("file", 0, b"z")
        disk.fail("sync", EIO)
        with pytest.raises(DiskError):
            disk.sync("file")
        disk.sync("file")
        assert disk.read("file", 0, 1) == b"z"
        disk.power_cut(Random(seed))
        lost += disk.read("file", 0, 1) == b"x"
    assert lost


def test_it_fails_at_the_operation_it_was_told_and_for_as_long():
    disk = SimulatedDisk()
    filled(disk)
    disk.fail(Verb.WRITE, ENOSPC, skip=1, lasting=True)
    disk.write("file", 0, b"1")
    for _ in range(3):
        with pytest.raises(DiskError) as caught:
            disk.write("file", 0, b"2")
        assert caught.value.errno == ENOSPC
    disk.heal()
    disk.read_only = True
    with pytest.raises(DiskError) as caught:
        disk.sync("file")
    assert caught.value.errno == EROFS
    assert disk.read("file", 0, 1) == b"1"


def test_its_operations_done_again_make_the_same_disk():
    disk = SimulatedDisk(operations=[])
    filled(disk)
    disk.truncate("file", 100)
    disk.write("file", 150, b"end")
    filled(disk, "gone")
    disk.delete("gone", syncs_folder=True)
    again = SimulatedDisk.after(disk.operations)
    assert again.files == disk.files
    assert not again.deleted


def test_the_journal_on_it_comes_back_after_power_cuts_with_all_that_it_acknowledged():
    disk = SimulatedDisk()
    vfs = DiskVfs(disk)
    for seed in range(20):
        with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
            Till(journal).sell("1")
            head = journal.head
            disk.power_cut(Random(seed))
            with pytest.raises(JournalError, match="the disk failed"):
                Till(journal).sell("2")
        with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
            assert journal.head == head


def test_a_killed_program_can_write_no_more_and_leaves_what_it_wrote():
    disk = SimulatedDisk()
    vfs = DiskVfs(disk)
    dead = Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name)
    busy_morning(dead)
    disk.program_killed()
    with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
        assert journal.head == dead.head
        dead.close()
        Till(journal).sell("9")


@pytest.mark.parametrize(("verb", "errno", "words"), [("sync", EIO, "disk failed"), ("write", ENOSPC, "disk is full")])
def test_a_failure_is_told_in_words_and_nothing_is_written_after_it(verb, errno, words):
    disk = SimulatedDisk()
    vfs = DiskVfs(disk)
    with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
        busy_morning(journal)
        head = journal.head
        disk.fail(verb, errno)
        with pytest.raises(JournalError, match=words):
            Till(journal).sell("9")
        changed = disk.done[Verb.WRITE], disk.done[Verb.SYNC]
        with pytest.raises(JournalError, match="takes no more rows"):
            Till(journal).sell("10")
        assert (disk.done[Verb.WRITE], disk.done[Verb.SYNC]) == changed
    disk.power_cut(Random(1))
    with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
        assert journal.head.seq >= head.seq


def test_a_disk_that_only_says_that_it_synced_loses_what_was_acknowledged():
    lost = 0
    for seed in range(20):
        disk = SimulatedDisk()
        vfs = DiskVfs(disk)
        journal = Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name)
        disk.ignores_sync = True
        busy_morning(journal)
        head = journal.head
        disk.power_cut(Random(seed))
        journal.close()
        with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as after:
            lost += after.head != head
    assert lost


def test_what_is_written_after_a_failed_sync_and_a_restart_does_not_hang_on_what_that_sync_lost():
    """The cache still shows the rows that the sync gave up: a chain of commits that goes on from them would break with them."""
    for fails_at in range(1, 12):
        disk = SimulatedDisk()
        vfs = DiskVfs(disk)
        journal = Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name)
        disk.fail("sync", EIO, skip=fails_at)
        with pytest.raises(JournalError):
            busy_morning(journal)
        disk.program_killed()
        journal.close()
        with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
            Till(journal).sell("9")
            acknowledged = journal.head
            disk.power_cut(Random(fails_at))
        with Journal.open(JOURNAL, KIOSK, InMemory(), vfs=vfs.name) as journal:
            assert journal.head == acknowledged
