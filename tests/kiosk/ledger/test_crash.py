"""A kiosk killed at any instant opens its journal again with every acknowledged row and no half of any other."""

import shutil
import subprocess
import sys

import pytest

from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.ledger.accounts import note_in_escrow, note_stacked
from kiosk.ledger.audit import audit
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal
from tests.kiosk.ledger.world import KIOSK, Till, busy_morning

FILES = ("journal.db", "journal.db-wal")


def copy_disk(source, target):
    """Take what is on the disk at this moment, as a power cut would leave it."""
    target.mkdir()
    shutil.copytree(source / "secrets", target / "secrets")
    for name in FILES:
        if (source / name).exists():
            shutil.copy(source / name, target / name)
    return target / "journal.db"


class PhotographingJournal(Journal):
    """A journal whose disk is copied after each append: one picture for each possible moment of death."""

    def append(self, at, *entries):
        seqs = super().append(at, *entries)
        folder = self.path.parent
        copy_disk(folder, folder.parent / f"killed-after-{seqs[-1]:03}")
        return seqs


def test_killed_after_any_commit_it_reopens_with_exactly_the_acknowledged_rows(tmp_path):
    (tmp_path / "disk").mkdir()
    journal = PhotographingJournal.open(tmp_path / "disk" / "journal.db", KIOSK)
    busy_morning(journal)
    rows = list(journal.rows())
    pictures = sorted(tmp_path.glob("killed-after-*"))
    assert len(pictures) > 20
    for picture in pictures:
        acknowledged = int(picture.name[-3:])
        assert audit(picture / "journal.db").problems == ()
        with Journal.open(picture / "journal.db", KIOSK) as reopened:
            assert list(reopened.rows()) == rows[:acknowledged]
            assert sum(reopened.balances().values()) == 0
            assert reopened.append(NOW, Entry("opened", "", {})) == [acknowledged + 1]
        assert audit(picture / "journal.db").problems == ()
    journal.close()


@pytest.mark.parametrize("damage", ["torn", "zeroed"])
def test_a_commit_torn_at_any_place_is_wholly_there_or_wholly_gone(tmp_path, damage):
    (tmp_path / "disk").mkdir()
    journal = Journal.open(tmp_path / "disk" / "journal.db", KIOSK)
    Till(journal).sell("1")
    wal = tmp_path / "disk" / "journal.db-wal"
    before_bytes = wal.stat().st_size
    acknowledged = journal.head.seq
    first = Entry("event", "2", {"padding": "x" * 3000}, note_in_escrow(1000))
    journal.append(NOW, first, Entry("result", "2", {"padding": "y" * 3000}, note_stacked(1000)))
    after = wal.read_bytes()
    cuts = range(before_bytes, len(after) + 1, 613)
    seen = set()
    for cut in [*cuts, len(after)]:
        picture = copy_disk(tmp_path / "disk", tmp_path / f"cut-{cut}")
        tail = bytes(len(after) - cut) if damage == "zeroed" else b""
        picture.with_name(FILES[1]).write_bytes(after[:cut] + tail)
        with Journal.open(picture, KIOSK) as reopened:
            seen.add(reopened.head.seq)
            assert reopened.balances()["ESCROW"] == 0
        shutil.rmtree(picture.parent)
    assert seen == {acknowledged, acknowledged + 2}
    journal.close()


def test_a_process_killed_outright_loses_nothing_it_was_told_is_safe(tmp_path):
    program = """
import sys, pathlib
from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal
journal = Journal.open(pathlib.Path(sys.argv[1]), sys.argv[2])
while True:
    print(*journal.append(NOW, Entry("event", "1", {})), flush=True)
"""
    path = tmp_path / "journal.db"
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(path), KIOSK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            told = [process.stdout.readline() for _ in range(40)]
            process.kill()
            told += process.stdout.readlines()
        acknowledged = int([line for line in told if line.endswith("\n")][-1])
        with Journal.open(path, KIOSK) as journal:
            assert journal.head.seq in (acknowledged, acknowledged + 1)
        assert audit(path).problems == ()


def test_killed_while_the_file_was_being_made_it_is_made_again(tmp_path):
    path = tmp_path / "journal.db"
    path.touch()
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
    assert audit(path).ok
