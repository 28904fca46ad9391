"""The journal keeps what it acknowledged, refuses what is wrong, and stops for good when the disk fails."""

import json
import resource
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.ledger.accounts import Posting, note_in_escrow, note_stacked
from kiosk.ledger.chain import Head
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.intents import open_intents
from kiosk.ledger.journal import Journal, JournalError
from kiosk.ledger.opening import CHECKED_ROWS
from tests.kiosk.ledger.world import KIOSK, Till, busy_morning

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


def test_rows_come_back_as_written_after_the_file_was_closed(path):
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
        written, balances, head = list(journal.rows()), journal.balances(), journal.head
    with Journal.open(path, KIOSK) as journal:
        assert list(journal.rows()) == written
        assert journal.balances() == balances
        assert journal.head == head
        assert journal.head_hash() == journal.last_hash == written[-1].hash


def test_a_closed_journal_is_one_file(path):
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db", "secrets"]


@given(st.dictionaries(st.text(), JSON, max_size=4), st.text())
def test_any_json_body_and_any_visit_name_come_back_unchanged(body, visit):
    try:
        json.dumps([body, visit], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    with Journal.open(None, KIOSK) as journal:
        journal.append(NOW, Entry("remark", visit, body))
        (row,) = journal.rows()
    assert (row.body, row.visit, row.at) == (body, visit, NOW)


def test_numbers_are_given_without_a_gap_and_entries_of_one_call_share_a_moment():
    with Journal.open(None, KIOSK) as journal:
        assert journal.append(NOW, Entry("a", "", {})) == [1]
        assert journal.append(NOW, Entry("b", "", {}), Entry("c", "", {})) == [2, 3]
        assert journal.append(NOW) == []
        assert [row.seq for row in journal.rows(after=1)] == [2, 3]


def test_rows_written_while_reading_are_read_too():
    with Journal.open(None, KIOSK) as journal:
        for n in range(1100):
            journal.append(NOW, Entry("remark", str(n % 2), {"n": n}, note_in_escrow(1000)))
        seen = []
        for row in journal.rows():
            if row.seq == 700:
                journal.append(NOW, Entry("late", "", {}))
            seen.append(row.seq)
        assert seen == list(range(1, 1102))
        assert [row.body["n"] for row in journal.rows(visit="1")] == list(range(1, 1100, 2))
        assert all(len(row.postings) == 2 for row in journal.rows(visit="1"))


def test_the_same_entries_give_the_same_head_hash_and_another_kiosk_gives_another():
    def head_of(kiosk_id):
        with Journal.open(None, kiosk_id) as journal:
            busy_morning(journal)
            return journal.head_hash()

    assert head_of(KIOSK) == head_of(KIOSK) != head_of("osaka-0001")


def test_balances_name_every_plain_account_and_can_be_asked_for_one_visit():
    with Journal.open(None, KIOSK) as journal:
        assert set(journal.balances().values()) == {0}
        till = busy_morning(journal)
        till.begin("4")
        till.stack("4", 1000)
        assert journal.balances()["CASHBOX:1000"] == 4000
        assert journal.balances("4") == dict.fromkeys(journal.balances("2"), 0) | {
            "CASHBOX:1000": 1000,
            "CUSTOMER_INSERTED": -1000,
        }


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Entry("x", "", {}, (Posting("ESCROW", 1000),)), "sum to 1000"),
        (Entry("x", "", {}, (Posting("ESCROW", 1000.0), Posting("OWED", -1000.0))), "whole number"),
        (Entry("x", "", {}, (Posting("ESCROW", True), Posting("OWED", -1))), "whole number"),
        (Entry("x", "", {}, (Posting("ESCROW", 2**70), Posting("OWED", -(2**70)))), "whole number"),
        (Entry("x", "", {}, (Posting("ESCROWE", 1000), Posting("OWED", -1000))), "no account"),
        (Entry("", "", {}), "kind"),
        (Entry("x", "", {"at": NOW}), "not JSON"),
        (Entry("x", "", {"nan": float("nan")}), "not JSON"),
        (Entry("x", "", {1: "one"}), "not JSON"),
        (Entry("x", "", {"deep": [{None: "none"}]}), "not JSON"),
    ],
)
def test_a_wrong_entry_is_refused_and_none_of_its_companions_is_written(entry, why):
    with Journal.open(None, KIOSK) as journal:
        journal.append(NOW, Entry("right", "", {}))
        before = journal.head, journal.balances()
        with pytest.raises(ValueError, match=why):
            journal.append(NOW, Entry("right", "", {}, note_in_escrow(1000)), entry)
        assert (journal.head, journal.balances()) == before
        assert len(list(journal.rows())) == 1
        assert journal.append(NOW, Entry("right", "", {})) == [2]


def test_a_moment_without_its_time_zone_is_refused():
    with Journal.open(None, KIOSK) as journal, pytest.raises(ValueError, match="time zone"):
        journal.append(datetime(2026, 11, 22), Entry("x", "", {}))  # noqa: DTZ001


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = '{}' WHERE seq = 2",
        "UPDATE posting SET yen = 0",
        "UPDATE meta SET value = 'other'",
        "UPDATE head SET seq = 1",
        "DELETE FROM journal WHERE seq = 2",
        "DELETE FROM posting",
        "DELETE FROM head",
        "INSERT OR REPLACE INTO journal SELECT seq, at, kind, visit, '{}', prev_hash, hash FROM journal WHERE seq = 2",
        "INSERT INTO journal SELECT seq + 100, at, kind, visit, body, prev_hash, hash FROM journal WHERE seq = 2",
        "INSERT INTO posting VALUES (2, 9, 'ESCROW', 1000)",
    ],
)
def test_no_tool_can_change_a_row_while_the_triggers_stand(path, statement):
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|must (follow|belong)"):
        db.execute(statement)
    db.close()


def test_another_kiosks_journal_is_refused_untouched(path):
    Journal.open(path, "osaka-0001").close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="osaka-0001"):
        Journal.open(path, KIOSK)
    assert path.read_bytes() == before


def test_an_unknown_schema_is_refused(path):
    Journal.open(path, KIOSK).close()
    db = sqlite3.connect(path)
    db.executescript("DROP TRIGGER meta_is_never_changed; UPDATE meta SET value = '3' WHERE key = 'schema'")
    db.close()
    with pytest.raises(JournalError, match="made with schema 3"):
        Journal.open(path, KIOSK)


def test_a_journal_that_lost_a_trigger_is_refused(path):
    Journal.open(path, KIOSK).close()
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER journal_is_never_removed")
    db.close()
    with pytest.raises(JournalError, match="trigger journal_is_never_removed is missing"):
        Journal.open(path, KIOSK)


def test_a_journal_whose_last_row_is_gone_is_refused(path):
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
    db = sqlite3.connect(path)
    guard = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'journal_is_never_removed'").fetchone()[0]
    db.execute("DROP TRIGGER journal_is_never_removed")
    db.execute("DELETE FROM journal WHERE seq = (SELECT MAX(seq) FROM journal)")
    db.execute(guard)
    db.commit()
    db.close()
    with pytest.raises(JournalError, match="should end with row"):
        Journal.open(path, KIOSK)


@pytest.mark.parametrize("rows", [CHECKED_ROWS - 1, CHECKED_ROWS, CHECKED_ROWS + 1])
def test_rows_missing_within_reach_of_the_end_are_noticed_on_opening(path, rows):
    with Journal.open(path, KIOSK) as journal:
        journal.append(NOW, *(Entry("remark", "", {"n": n}) for n in range(rows)))
    Journal.open(path, KIOSK).close()
    db = sqlite3.connect(path)
    guard = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'journal_is_never_removed'").fetchone()[0]
    db.execute("DROP TRIGGER journal_is_never_removed")
    db.execute("DELETE FROM journal WHERE seq <= ?", (max(rows - CHECKED_ROWS, 0) + 1,))
    db.execute(guard)
    db.commit()
    db.close()
    with pytest.raises(JournalError, match="is not as it was written"):
        Journal.open(path, KIOSK)


@pytest.mark.parametrize("content", [b"not a database at all, but long enough " * 10, b"SQLite format 3\0" + bytes(500)])
def test_a_file_that_is_no_database_is_refused_untouched(path, content):
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"not a journal|damaged"):
        Journal.open(path, KIOSK)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_untouched(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE songs (title TEXT)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="not a kiosk's journal"):
        Journal.open(path, KIOSK)
    assert path.read_bytes() == before


def test_a_torn_file_is_refused(path):
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(JournalError, match="damaged"):
        Journal.open(path, KIOSK)


def test_a_missing_folder_is_not_made(tmp_path):
    with pytest.raises(JournalError, match="is there such a folder"):
        Journal.open(tmp_path / "unmounted" / "journal.db", KIOSK)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_held_by_another_process_is_refused(path):
    holder = "import sys, pathlib; from kiosk.ledger.journal import Journal; "
    holder += f"j = Journal.open(pathlib.Path(sys.argv[1]), {KIOSK!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(JournalError, match="held by another process"):
            Journal.open(path, KIOSK)
        process.communicate()
    Journal.open(path, KIOSK).close()


def test_after_a_disk_error_nothing_is_written_any_more_and_what_was_acknowledged_is_there(path):
    journal = Journal.open(path, KIOSK)
    till = Till(journal)
    till.sell("1")
    acknowledged, balances = journal.head, journal.balances()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal_bytes = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal_bytes, hard))
    try:
        with pytest.raises(JournalError, match="cannot be written"):
            till.stack("2", 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(JournalError, match="takes no more rows"):
        till.say("remark", "", {})
    assert (journal.head, journal.balances()) == (acknowledged, balances)
    journal.close()
    with Journal.open(path, KIOSK) as reopened:
        assert reopened.head == acknowledged


def test_a_closed_journal_takes_nothing_and_may_be_closed_again():
    journal = Journal.open(None, KIOSK)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="it was closed"):
        journal.append(NOW, Entry("x", "", {}))


def test_an_intent_is_open_until_its_result_is_written():
    with Journal.open(None, KIOSK) as journal:
        till = Till(journal)
        till.act("1", "reserve", "reserved")
        assert open_intents(journal.rows()) == []
        till.say(Kind.INTENT, "1", {"intent": "stack-1", "action": "stack"})
        till.say(Kind.INTENT, "1", {"intent": "print-1", "action": "print"})
        assert [row.body["action"] for row in open_intents(journal.rows())] == ["stack", "print"]
        till.say(Kind.RESULT, "1", {"intent": "stack-1", "outcome": "unknown"}, note_in_escrow(1000) + note_stacked(1000))
        assert [row.body["action"] for row in open_intents(journal.rows())] == ["print"]


def test_a_head_is_read_back_from_its_text():
    with Journal.open(None, KIOSK) as journal:
        busy_morning(journal)
        assert Head.parse(f" {journal.head}\n") == journal.head
    for wrong in ("", "12", "12:", "x:" + "0" * 64, "12:" + "0" * 63, "12:" + "G" * 64):
        with pytest.raises(ValueError, match="no head"):
            Head.parse(wrong)


def test_half_a_character_is_escaped_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal.open(path, KIOSK) as journal:
        journal.append(NOW, Entry(Kind.REMARK, "", {"what": "a\ud800"}))
    with Journal.open(path, KIOSK) as journal:
        (row,) = journal.rows()
        assert row.body_text == '{"what":"a\\ud800"}'
        assert row.body["what"] == "a\ud800"
