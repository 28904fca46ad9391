"""``kiosk audit`` and ``kiosk simulate`` as people and scripts call them: exit status, one-line errors, one JSON object."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 22, 11, 6, tzinfo=UTC)


def kiosk(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal in order: one note in, one sale, at rest."""
    path = tmp_path / "journal.sqlite"
    with Journal.open(path, "KONBINI1") as journal:
        journal.append(AT, Entry(Kind.OPENED, "", {"kiosk": "KONBINI1"}), Entry(Kind.VISIT, "1", {"reference": "KONBINI1-1"}))
        journal.append(AT, Entry(Kind.EVENT, "1", {"type": "NoteEscrowed", "yen": 1000}, accounts.note_in_escrow(1000)))
        journal.append(AT, Entry(Kind.INTENT, "1", {"intent": "1.1", "action": "stack", "yen": 1000}))
        stacked = Entry(Kind.EVENT, "1", {"type": "NoteCredited", "yen": 1000}, accounts.note_stacked(1000))
        journal.append(AT, stacked, Entry(Kind.RESULT, "1", {"intent": "1.1", "outcome": "NoteCredited"}))
        journal.append(AT, Entry(Kind.EVENT, "1", {"type": "Committed"}, accounts.sale("docomo", 1000)))
        journal.append(AT, Entry(Kind.ENDED, "1", {}))
    return path


def test_a_good_journal_passes_its_audit(path: Path) -> None:
    result = kiosk("audit", str(path))
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert "1,000" in result.stdout


def test_an_audit_as_json_is_one_object(path: Path) -> None:
    result = kiosk("audit", str(path), "--json")
    assert result.returncode == 0
    assert result.stdout.count("\n") == 1
    assert isinstance(json.loads(result.stdout), dict)


def test_a_tampered_journal_fails_its_audit(path: Path) -> None:
    with sqlite3.connect(path) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in tables:
            db.execute(f"DROP TRIGGER {name}")
        changed = db.execute("UPDATE journal SET body = replace(body, '1000', '2000') WHERE body LIKE '%1000%'").rowcount
    db.close()
    assert changed
    result = kiosk("audit", str(path))
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    report = json.loads(kiosk("audit", str(path), "--json").stdout)
    assert report["problems"]


def test_an_open_intent_fails_the_audit(path: Path) -> None:
    with Journal.open(path, "KONBINI1") as journal:
        journal.append(AT, Entry(Kind.VISIT, "2", {"reference": "KONBINI1-2"}))
        journal.append(AT, Entry(Kind.INTENT, "2", {"intent": "2.1", "action": "reserve", "quote": "q"}))
    result = kiosk("audit", str(path))
    assert result.returncode == 1
    assert "2.1" in result.stdout or "visit 2" in result.stdout


def one_line(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("kiosk: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def test_what_is_no_journal_is_told_in_one_line(path: Path, tmp_path: Path) -> None:
    one_line(kiosk("audit", str(tmp_path / "nowhere.sqlite")), "nowhere.sqlite", "no such file")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE birds (name TEXT)")
    db.close()
    one_line(kiosk("audit", str(other)), "not a kiosk's journal")
    one_line(kiosk("audit", str(tmp_path)), str(tmp_path))


def test_a_file_of_another_kind_fails_the_audit_with_a_reason(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database at all, but long enough to be looked at " * 30)
    result = kiosk("audit", str(text))
    assert (result.returncode, result.stderr) == (1, "")
    assert "the file is not a journal" in result.stdout


def test_a_journal_that_a_kiosk_holds_is_told_in_one_line(path: Path) -> None:
    with Journal.open(path, "KONBINI1") as journal:
        journal.append(AT, Entry(Kind.OPENED, "", {"kiosk": "KONBINI1"}))
        one_line(kiosk("audit", str(path)), str(path))


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(tmp_path: Path) -> None:
    taken = tmp_path / "out"
    taken.write_text("a file is in the way")
    one_line(kiosk("run", "--out", str(taken)), f"--out {taken}: cannot be written to")


def simulated(seed: int, hash_seed: str) -> dict[str, object]:
    result = kiosk("simulate", "--journeys", "5", "--seed", str(seed), "--json", hash_seed=hash_seed)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("\n") == 1
    facts: dict[str, object] = json.loads(result.stdout)
    return facts


def test_a_seed_tells_the_whole_story_and_another_tells_another() -> None:
    first, again, other = simulated(1, "1"), simulated(1, "2"), simulated(2, "1")
    figures = ("journeys", "virtual_s", "inserted_yen", "sold_yen", "returned_yen", "owed_yen", "violations", "journal_hash")
    assert [first[name] for name in figures] == [again[name] for name in figures]
    assert first["journal_hash"] != other["journal_hash"]
    assert first["violations"] == other["violations"] == 0
    assert isinstance(first["wall_s"], float)
    assert isinstance(first["virtual_s"], float)
    assert first["virtual_s"] > 60
