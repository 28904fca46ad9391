"""What stands between a kiosk and the wrong books: key, noted end, older schema, checkpoint."""

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.ledger.accounts import note_in_escrow
from kiosk.ledger.audit import audit
from kiosk.ledger.custody import InMemory, InSecrets
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal, JournalError, custody_of
from kiosk.ledger.opening import CHECKED_ROWS
from kiosk.ledger.schema import SCHEMA_VERSION
from kiosk.secrets import Secrets
from tests.kiosk.ledger.test_audit import vandalise
from tests.kiosk.ledger.world import KIOSK, Till, busy_morning

SCHEMA_1 = Path(__file__).with_name("schema1.sql").read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def secrets(tmp_path):
    return tmp_path / "secrets"


def kept(path):
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
        return journal.head


# --- the key --------------------------------------------------------------------------------------------------------


def test_a_first_start_makes_a_key_that_only_the_kiosk_reads_and_each_kiosk_has_its_own(path, secrets, tmp_path):
    kept(path)
    key = secrets / "journal.key"
    assert len(key.read_bytes()) == 32
    assert (key.stat().st_mode & 0o777, secrets.stat().st_mode & 0o777) == (0o600, 0o700)
    (tmp_path / "other").mkdir()
    kept(tmp_path / "other" / "journal.db")
    assert (tmp_path / "other" / "secrets" / "journal.key").read_bytes() != key.read_bytes()


def test_the_key_may_be_kept_elsewhere(path, tmp_path, monkeypatch):
    monkeypatch.setenv("KONBINI_SECRETS", str(tmp_path / "far" / "away"))
    kept(path)
    assert sorted(file.name for file in (tmp_path / "far" / "away").iterdir()) == ["journal.head", "journal.key"]
    assert audit(path).hashes_checked


def test_a_journal_whose_key_is_gone_is_refused_and_no_other_key_is_made(path, secrets):
    kept(path)
    (secrets / "journal.key").rename(secrets / "kept")
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"its key is missing in .*secrets: put it back"):
        Journal.open(path, KIOSK)
    assert not (secrets / "journal.key").exists()
    assert path.read_bytes() == before
    (secrets / "kept").rename(secrets / "journal.key")
    Journal.open(path, KIOSK).close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda key: key.chmod(0o644), r"others can read or write it \(mode 644\)"),
        (lambda key: key.write_bytes(bytes(32)), "written under another key"),
        (lambda key: key.write_bytes(b"short"), "5 bytes are no key"),
    ],
)
def test_a_key_that_others_can_read_or_that_is_another_or_none_is_refused(path, secrets, spoil, words):
    kept(path)
    spoil(secrets / "journal.key")
    with pytest.raises(JournalError, match=words):
        Journal.open(path, KIOSK)


def test_a_row_rewritten_without_the_key_is_refused_at_the_next_start(path):
    head = kept(path)
    vandalise(path, "UPDATE journal SET body = '{}' WHERE kind = 'visit'")
    with pytest.raises(JournalError, match="is not as it was written"):
        Journal.open(path, KIOSK)
    db = sqlite3.connect(path)
    columns = "SELECT seq, at, kind, visit, prev_hash FROM journal WHERE seq = 2"
    seq, at, kind, visit, prev = db.execute(columns).fetchone()
    db.close()
    text = json.dumps([prev, seq, at, kind, visit, "{}", []], separators=(",", ":"))
    fresh = hashlib.sha256(text.encode()).hexdigest()
    follow = f"UPDATE journal SET prev_hash = '{fresh}' WHERE seq = 3"
    vandalise(path, f"UPDATE journal SET hash = '{fresh}' WHERE seq = 2", follow)
    with pytest.raises(JournalError, match="row 2 is not as it was written"):
        Journal.open(path, KIOSK)
    assert head.seq > 3


# --- the noted end --------------------------------------------------------------------------------------------------


def test_an_older_copy_of_the_file_is_refused(path):
    kept(path)
    older = path.read_bytes()
    with Journal.open(path, KIOSK) as journal:
        Till(journal).sell("4")
        head = journal.head
    newer = path.read_bytes()
    path.write_bytes(older)
    with pytest.raises(JournalError, match=rf"an older copy, or its end was cut off: it ends with row 30, and row {head.seq}"):
        Journal.open(path, KIOSK)
    assert path.read_bytes() == older
    path.write_bytes(newer)
    Journal.open(path, KIOSK).close()


def test_a_file_that_is_gone_is_not_quietly_begun_anew(path, secrets):
    kept(path)
    path.unlink()
    with pytest.raises(JournalError, match=r"there is no journal, but one that reached row 30 was noted .*put that file"):
        Journal.open(path, KIOSK)
    (secrets / "journal.head").unlink()
    with Journal.open(path, KIOSK) as journal:
        assert journal.head.seq == 0


def test_an_end_cut_off_together_with_its_head_is_refused(path):
    kept(path)
    vandalise(
        path,
        "DELETE FROM posting WHERE seq = (SELECT seq FROM head)",
        "DELETE FROM journal WHERE seq = (SELECT seq FROM head)",
        "UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1)",
    )
    with pytest.raises(JournalError, match="it ends with row 29, and row 30 was noted"):
        Journal.open(path, KIOSK)


def test_another_journal_of_the_same_kiosk_and_key_in_its_place_is_refused(path, secrets, tmp_path):
    kept(path)
    (tmp_path / "twin").mkdir()
    shutil.copytree(secrets, tmp_path / "twin" / "secrets")
    (tmp_path / "twin" / "secrets" / "journal.head").unlink()
    with Journal.open(tmp_path / "twin" / "journal.db", KIOSK) as twin:
        for visit in range(5):
            Till(twin).sell(str(visit))
    shutil.copy(tmp_path / "twin" / "journal.db", path)
    with pytest.raises(JournalError, match="another file in its place: its row 30 is not the one that was noted"):
        Journal.open(path, KIOSK)


def test_a_kiosk_that_died_between_a_commit_and_its_note_starts_again(path, secrets):
    """The note is older than the journal then, by any number of commits: that is no older copy."""
    with Journal.open(path, KIOSK) as journal:
        Till(journal).sell("1")
        for visit in ("2", "3"):
            note = (secrets / "journal.head").read_bytes()
            Till(journal).sell(visit)
            copy = path.with_name(f"after-{visit}")
            copy.mkdir()
            for name in ("journal.db", "journal.db-wal"):
                shutil.copy(path.with_name(name), copy / name)
            shutil.copytree(secrets, copy / "secrets")
            (copy / "secrets" / "journal.head").write_bytes(note)
            with Journal.open(copy / "journal.db", KIOSK) as again:
                assert again.head == journal.head


def test_a_note_that_says_nothing_is_refused(path, secrets):
    kept(path)
    (secrets / "journal.head").write_bytes(b"\xff\x00")
    with pytest.raises(JournalError, match=r"journal\.head: damaged"):
        Journal.open(path, KIOSK)


def test_the_end_is_noted_whenever_a_visit_is_at_rest_and_when_the_file_is_closed(path):
    with Journal.open(path, KIOSK) as journal:
        till = Till(journal)
        till.sell("1")
        assert custody_of(path).noted() == journal.head
        till.begin("2")
        assert custody_of(path).noted() != journal.head
    assert custody_of(path).noted() == journal.head


def test_a_journal_whose_end_cannot_be_noted_takes_no_more_rows(path, secrets):
    with Journal.open(path, KIOSK) as journal:
        Till(journal).sell("1")
        secrets.chmod(0o755)
        with pytest.raises(JournalError, match="the end of the journal cannot be noted"):
            Till(journal).sell("2")
        with pytest.raises(JournalError, match="takes no more rows"):
            Till(journal).sell("3")
    secrets.chmod(0o700)
    with Journal.open(path, KIOSK) as journal:
        assert list(journal.rows(visit="2"))[-1].kind == Kind.ENDED


# --- an older schema ------------------------------------------------------------------------------------------------


def row_hash_1(prev, seq, at, kind, visit, body, postings):
    legs = [[p.account, p.yen] for p in postings]
    text = json.dumps([prev, seq, at, kind, visit, body, legs], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def file_of_schema_1(path, rows):
    """Write rows as the program before keys did: its tables, its triggers, its plain hashes."""
    db = sqlite3.connect(path)
    db.executescript(SCHEMA_1)
    prev = hashlib.sha256(json.dumps(["konbini-kiosk journal", 1, KIOSK], separators=(",", ":")).encode()).hexdigest()
    db.execute("INSERT INTO meta VALUES ('schema', '1'), ('kiosk', ?)", (KIOSK,))
    db.execute("INSERT INTO head VALUES (1, 0, ?)", (prev,))
    for row in rows:
        own = row_hash_1(prev, row.seq, row.at_text, row.kind, row.visit, row.body_text, row.postings)
        db.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.seq, row.at_text, row.kind, row.visit, row.body_text, prev, own),
        )
        for n, posting in enumerate(row.postings):
            db.execute("INSERT INTO posting VALUES (?, ?, ?, ?)", (row.seq, n, posting.account, posting.yen))
        prev = own
    db.commit()
    db.close()


@pytest.fixture
def old(path):
    with Journal.open(None, KIOSK) as journal:
        busy_morning(journal)
        file_of_schema_1(path, journal.rows())
        return journal.balances()


def test_a_journal_of_schema_1_is_audited_as_it_is(path, old):
    report = audit(path)
    assert report.ok
    assert (report.rows, report.hashes_checked) == (30, True)


def test_a_journal_of_schema_1_goes_on_with_keyed_rows_and_is_whole_from_the_first_row_to_the_last(path, old):
    before = audit(path).head
    with Journal.open(path, KIOSK) as journal:
        assert journal.balances() == old
        bridge = next(journal.rows(after=30))
        assert bridge.kind == Kind.MIGRATED
        assert bridge.body == {"from_schema": 1, "to_schema": SCHEMA_VERSION, "end": str(before)}
        journal.append(NOW, Entry(Kind.EVENT, "4", {}, note_in_escrow(1000)))
    with Journal.open(path, KIOSK) as journal:
        assert journal.head.seq == 32
    report = audit(path, anchors=[before])
    assert report.problems == ()
    assert report.rows == 32


@pytest.mark.parametrize("seq", [1, 15, 30, 31])
def test_after_the_migration_no_row_on_either_side_can_be_changed_unseen(path, old, seq):
    Journal.open(path, KIOSK).close()
    vandalise(path, f"UPDATE journal SET body = '{{}}' WHERE seq = {seq}")
    report = audit(path)
    assert seq in {problem.seq for problem in report.problems}


def test_rows_before_the_bridge_rewritten_with_fresh_plain_hashes_are_found_at_the_bridge(path, old, secrets):
    """Anybody can make the hashes of schema 1; but the bridge is keyed."""
    Journal.open(path, KIOSK).close()
    db = sqlite3.connect(path)
    rows = db.execute("SELECT seq, at, kind, visit, body, prev_hash FROM journal WHERE seq IN (30)").fetchall()
    db.close()
    (seq, at, kind, visit, _, prev) = rows[0]
    own = row_hash_1(prev, seq, at, kind, visit, "{}", ())
    vandalise(
        path,
        "DELETE FROM posting WHERE seq = 30",
        f"UPDATE journal SET body = '{{}}', hash = '{own}' WHERE seq = 30",
        f"UPDATE journal SET prev_hash = '{own}' WHERE seq = 31",
    )
    assert {31} <= {problem.seq for problem in audit(path).problems}
    with pytest.raises(JournalError, match="row 31 is not as it was written"):
        Journal.open(path, KIOSK)


def test_the_bridge_cannot_be_moved_to_make_keyed_rows_plain(path, old):
    with Journal.open(path, KIOSK) as journal:
        journal.append(NOW, Entry(Kind.REMARK, "", {"a": "door"}))
    vandalise(path, "UPDATE meta SET value = '40' WHERE key = 'bridge'")
    assert any("keyed rows from row 40" in str(problem) for problem in audit(path).problems)
    with pytest.raises(JournalError, match="is not as it was written"):
        Journal.open(path, KIOSK)


def test_a_journal_of_schema_1_that_was_tampered_with_is_not_sealed(path, old):
    vandalise(path, "UPDATE journal SET body = '{}' WHERE seq = 3")
    before = path.read_bytes()
    with pytest.raises(JournalError, match="row 3 is not as it was written"):
        Journal.open(path, KIOSK)
    assert path.read_bytes() == before


def test_an_empty_journal_of_schema_1_is_migrated_too(path):
    file_of_schema_1(path, [])
    with Journal.open(path, KIOSK) as journal:
        assert [row.kind for row in journal.rows()] == [Kind.MIGRATED]
    assert audit(path).ok


# --- checkpoints ----------------------------------------------------------------------------------------------------


def test_opening_takes_balances_from_the_checkpoint_and_the_rows_after_it(path):
    with Journal.open(path, KIOSK) as journal:
        till = busy_morning(journal)
        journal.append_checkpoint(NOW, {"last": 3})
        assert journal.rows_since_checkpoint == 0
        till.begin("4")
        till.stack("4", 1000)
        balances = journal.balances()
    with Journal.open(path, KIOSK) as journal:
        assert journal.balances() == balances
        assert journal.checkpoint.body["memory"] == {"last": 3}
        assert journal.rows_since_checkpoint == 4
    assert audit(path).problems == ()


def test_rows_older_than_checkpoint_and_reach_are_the_audits(path):
    with Journal.open(path, KIOSK) as journal:
        journal.append(NOW, *(Entry("remark", "", {"n": n}) for n in range(20)))
        journal.append_checkpoint(NOW, {})
        journal.append(NOW, *(Entry("remark", "", {"n": n}) for n in range(CHECKED_ROWS)))
    vandalise(path, "UPDATE journal SET body = '{}' WHERE seq = 20")
    Journal.open(path, KIOSK).close()
    assert [problem.seq for problem in audit(path).problems] == [20]
    vandalise(path, "UPDATE journal SET body = '{}' WHERE seq = 21")
    with pytest.raises(JournalError, match="row 21 is not as it was written"):
        Journal.open(path, KIOSK)


def test_custody_says_where_it_is():
    assert str(InMemory()) == "memory"
    assert str(InSecrets(Secrets(Path("/data/secrets")))) == "/data/secrets"
