"""The audit finds what was done to the books, and says honestly what it cannot see."""

import dataclasses
import json
import shutil
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.ledger.accounts import (
    Posting,
    cash_collected,
    found_stacked,
    note_in_escrow,
    note_stacked,
    note_unaccounted,
    owed,
    owed_paid,
    sale,
)
from kiosk.ledger.audit import audit, audit_journal, audit_rows
from kiosk.ledger.chain import Chain, Head
from kiosk.ledger.custody import InMemory
from kiosk.ledger.entry import Kind
from kiosk.ledger.journal import Journal, JournalError
from kiosk.ledger.report import render
from kiosk.secrets import Secrets
from tests.kiosk.ledger.world import KIOSK, Till, busy_morning


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A closed journal of three visits; tests that change it change a copy."""
    path = tmp_path_factory.mktemp("book") / "journal.db"
    Secrets.beside(path.parent).create("journal.key", InMemory().existing_key())
    with Journal.open(path, KIOSK) as journal:
        busy_morning(journal)
    return path


@pytest.fixture
def copy(book, tmp_path):
    copy_key(book, tmp_path)
    return shutil.copy(book, tmp_path / "journal.db")


def copy_key(book, folder):
    (folder / "secrets").mkdir(mode=0o700)
    shutil.copy(book.parent / "secrets" / "journal.key", folder / "secrets")


@pytest.fixture
def till():
    with Journal.open(None, KIOSK) as journal:
        yield Till(journal)


def vandalise(path, *statements):
    """Change a journal as somebody who knows SQLite would: without its triggers, which are put back afterwards."""
    db = sqlite3.connect(path, isolation_level=None)
    guards = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        db.execute(statement)
    for _, sql in guards:
        db.execute(sql)
    db.close()


def texts(report):
    return "\n".join(str(problem) for problem in report.problems)


def test_good_books_are_in_order_and_the_file_is_not_touched(book):
    before = {file: file.read_bytes() for file in book.parent.rglob("*") if file.is_file()}
    report = audit(book)
    assert report.ok
    assert report.unfinished == ()
    assert {file: file.read_bytes() for file in book.parent.rglob("*") if file.is_file()} == before


def test_the_totals_say_where_all_money_went(book):
    totals = audit(book).totals
    assert (totals.inserted, totals.sold, totals.returned, totals.owed) == (18000, 3000, 15000, 0)
    assert totals.inserted == totals.sold + totals.returned


def test_a_journal_in_memory_is_audited_to_the_same_report(book):
    with Journal.open(None, KIOSK) as journal:
        busy_morning(journal)
        assert dataclasses.replace(audit_journal(journal), source="") == dataclasses.replace(audit(book), source="")


def flipped(rows):
    """Every row with every byte of every text flipped, one at a time, and every number changed."""
    for n, row in enumerate(rows):
        for name in ("at_text", "kind", "visit", "body_text", "prev_hash", "hash"):
            text = getattr(row, name)
            for place, letter in enumerate(text):
                yield n, dataclasses.replace(row, **{name: text[:place] + chr(ord(letter) ^ 1) + text[place + 1 :]})
        for place, posting in enumerate(row.postings):
            wrong = [Posting(posting.account, posting.yen ^ 1), Posting(posting.account[:-1], posting.yen)]
            for other in wrong:
                yield n, dataclasses.replace(row, postings=(*row.postings[:place], other, *row.postings[place + 1 :]))
        yield n, dataclasses.replace(row, postings=row.postings[::-1] or (Posting("ESCROW", 0),))


def test_flipping_any_byte_of_any_row_is_found_at_that_row_or_the_next(book):
    with Journal.open(None, KIOSK) as journal:
        Till(journal).sell("1")
        rows, head, chain = list(journal.rows()), journal.head, journal.chain
    tried = 0
    for n, wrong in flipped(rows):
        report = audit_rows([*rows[:n], wrong, *rows[n + 1 :]], chain, head=head)
        assert {problem.seq for problem in report.problems} & {n + 1, n + 2}, wrong
        tried += 1
    assert tried > 3000


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipping_any_byte_of_the_file_never_changes_a_row_unseen(book, tmp_path, data):
    content = bytearray(book.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "flipped.db"
    path.write_bytes(content)
    if not (tmp_path / "secrets").exists():
        copy_key(book, tmp_path)
    good = audit(book)
    try:
        Journal.open(path, KIOSK).close()
    except JournalError:
        path.write_bytes(content)
    try:
        report = audit(path)
    except JournalError:
        return
    render(report)
    json.dumps(report.as_json())
    if report.ok:
        assert dataclasses.replace(report, source="") == dataclasses.replace(good, source="")


@pytest.mark.parametrize("column", ["at", "kind", "visit", "body", "prev_hash", "hash"])
def test_a_changed_column_on_disk_is_found_with_its_row(copy, column):
    vandalise(copy, f"UPDATE journal SET {column} = {column} || ' ' WHERE seq = 7")
    assert "row 7: was changed after it was written" in texts(audit(copy))


def test_bytes_that_are_no_text_do_not_stop_the_audit(copy):
    vandalise(copy, "UPDATE journal SET visit = CAST(X'FF' AS TEXT) WHERE seq = 3")
    report = audit(copy)
    assert "row 3: was changed after it was written" in texts(report)
    assert report.rows == len(list_rows(copy))
    render(report).encode()


def list_rows(path):
    db = sqlite3.connect(path)
    rows = db.execute("SELECT seq FROM journal").fetchall()
    db.close()
    return rows


def test_a_changed_amount_is_found_three_times_over(copy):
    vandalise(copy, "UPDATE posting SET yen = yen + 1000 WHERE (seq, n) = (SELECT seq, n FROM posting LIMIT 1)")
    found = texts(audit(copy))
    for words in ("its hash does not fit", "its postings sum to 1,000 yen", "all accounts sum to 1,000 yen"):
        assert words in found


def test_a_row_removed_from_the_middle_is_found(copy):
    vandalise(copy, "DELETE FROM posting WHERE seq = 5", "DELETE FROM journal WHERE seq = 5")
    assert "row 6: 1 rows are missing before it" in texts(audit(copy))


def test_a_row_removed_and_the_rest_renumbered_is_found(copy):
    vandalise(copy, "DELETE FROM journal WHERE seq = 2", "UPDATE journal SET seq = seq - 1 WHERE seq > 2")
    assert "row 2: does not follow the row before it" in texts(audit(copy))


def test_a_last_row_removed_is_found_by_the_head_left_behind(copy):
    vandalise(
        copy, "DELETE FROM posting WHERE seq = (SELECT seq FROM head)", "DELETE FROM journal WHERE seq = (SELECT seq FROM head)"
    )
    assert "the journal ended with row" in texts(audit(copy))


def test_an_end_cut_off_together_with_its_head_is_seen_only_against_an_anchor(copy):
    anchor = audit(copy).head
    vandalise(
        copy,
        "DELETE FROM posting WHERE seq = (SELECT seq FROM head)",
        "DELETE FROM journal WHERE seq = (SELECT seq FROM head)",
        "UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1)",
    )
    assert audit(copy).ok
    assert f"row {anchor.seq} was noted elsewhere" in texts(audit(copy, [anchor]))


def rewritten(rows, chain):
    """The same rows, in English and with fresh hashes."""
    prev, forged = chain.genesis, []
    for row in rows:
        body = row.body_text.replace("ja", "en")
        own = chain.row_hash(prev, row.seq, row.at_text, row.kind, row.visit, body, row.postings)
        forged.append(dataclasses.replace(row, body_text=body, prev_hash=prev, hash=own))
        prev = own
    return forged


def test_a_chain_rewritten_by_who_stole_the_key_is_seen_only_against_an_anchor():
    with Journal.open(None, KIOSK) as journal:
        busy_morning(journal)
        rows, anchor, chain = list(journal.rows()), journal.head, journal.chain
    forged = rewritten(rows, chain)
    assert audit_rows(forged, chain).ok
    assert "rewritten" in texts(audit_rows(forged, chain, anchors=[anchor]))
    assert audit_rows(rows, chain, anchors=[anchor, Head(0, chain.genesis)]).ok


def test_a_chain_rewritten_without_the_key_is_found_at_every_row():
    with Journal.open(None, KIOSK) as journal:
        busy_morning(journal)
        rows, chain = list(journal.rows()), journal.chain
    for stranger in (dataclasses.replace(chain, key=b"not the kiosk's key"), Chain(KIOSK, 1, None)):
        report = audit_rows(rewritten(rows, stranger), chain)
        assert {problem.seq for problem in report.problems} == {row.seq for row in rows}


def test_without_the_key_only_the_structure_is_checked_and_the_report_says_so(copy):
    assert audit(copy).hashes_checked
    vandalise(copy, "UPDATE journal SET body = '{}' WHERE kind = 'opened'")
    assert "its hash does not fit" in texts(audit(copy))
    (copy.parent / "secrets" / "journal.key").unlink()
    report = audit(copy)
    assert report.ok
    assert not report.hashes_checked
    assert not report.as_json()["hashes_checked"]
    assert "Structure only" in render(report)
    vandalise(copy, "UPDATE journal SET prev_hash = hash WHERE seq = 5")
    assert "row 5: does not follow" in texts(audit(copy))


def test_another_key_is_said_and_nothing_is_held_against_the_rows(copy):
    (copy.parent / "secrets" / "journal.key").write_bytes(b"the key of some other kiosk")
    report = audit(copy)
    assert [problem.text.split(" in ")[0] for problem in report.problems] == ["written under another key than the one"]


def test_an_older_copy_of_the_file_is_found_by_the_end_noted_in_the_secrets(book, tmp_path):
    path = shutil.copy(book, tmp_path / "journal.db")
    shutil.copytree(book.parent / "secrets", tmp_path / "secrets")
    older = path.read_bytes()
    with Journal.open(path, KIOSK) as journal:
        Till(journal).say(Kind.REMARK, "", {"a door": "opened"})
    assert audit(path).ok
    path.write_bytes(older)
    assert "was noted elsewhere and is not in the journal" in texts(audit(path))


def test_a_checkpoint_that_lies_about_balances_is_found(till):
    till.sell("1")
    till.journal.append_checkpoint(NOW, {})
    assert audit_journal(till.journal).ok
    till.say(Kind.CHECKPOINT, "", {"balances": {"CASHBOX:1000": 3000, "SALES:docomo": -2000}, "memory": {}})
    (problem,) = audit_journal(till.journal).problems
    assert problem.seq == till.journal.head.seq
    assert "balances are not what" in problem.text


def test_rows_of_another_kiosk_do_not_follow_this_ones_genesis():
    with Journal.open(None, "osaka-0001") as journal:
        busy_morning(journal)
        chain = dataclasses.replace(journal.chain, kiosk_id=KIOSK)
        assert "row 1: does not follow" in texts(audit_rows(journal.rows(), chain))


def test_a_posting_without_its_row_is_found(copy):
    vandalise(copy, "INSERT INTO posting VALUES (999, 0, 'ESCROW', 0)")
    assert "row 999: postings without their row" in texts(audit(copy))


def test_a_missing_trigger_is_found(copy):
    db = sqlite3.connect(copy)
    db.execute("DROP TRIGGER posting_is_never_changed")
    db.close()
    assert "tampered with: trigger posting_is_never_changed is missing" in texts(audit(copy))


def test_columns_of_the_wrong_type_in_a_rebuilt_table_do_not_stop_the_audit(copy):
    vandalise(
        copy,
        "CREATE TABLE loose AS SELECT * FROM posting",
        "DROP TABLE posting",
        "ALTER TABLE loose RENAME TO posting",
        "UPDATE posting SET yen = 'many' WHERE rowid = 1",
    )
    found = texts(audit(copy))
    assert "values of the wrong types" in found
    assert "tampered with: table posting" in found


def test_a_file_cut_short_is_reported_as_far_as_it_reads(copy):
    copy.write_bytes(copy.read_bytes()[:-6000])
    report = audit(copy)
    assert not report.ok
    assert "damaged" in texts(report)


def test_a_running_kiosks_journal_cannot_be_audited(tmp_path):
    with Journal.open(tmp_path / "journal.db", KIOSK), pytest.raises(JournalError, match="held by another process"):
        audit(tmp_path / "journal.db")


def test_no_file_and_no_journal_are_the_callers_mistake(tmp_path):
    with pytest.raises(JournalError, match="no such file"):
        audit(tmp_path / "journal.db")
    sqlite3.connect(tmp_path / "songs.db").execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(JournalError, match="not a kiosk's journal"):
        audit(tmp_path / "songs.db")


def test_a_visit_put_to_rest_with_the_customers_money_is_found(till):
    till.begin("1")
    till.stack("1", 1000)
    till.end("1")
    assert "row 5: visit 1 is at rest with 1,000 yen of the customer's and 0 yen in escrow" in texts(
        audit_journal(till.journal)
    )


def test_money_moved_under_a_visit_at_rest_is_found(till):
    till.sell("1")
    till.say(Kind.REMARK, "1", {}, note_in_escrow(1000))
    assert "visit 1 is at rest with 1,000 yen of the customer's and 1,000 yen in escrow" in texts(audit_journal(till.journal))


def test_a_visit_at_rest_with_an_open_intent_is_found_and_one_under_way_is_only_unfinished(till):
    till.begin("1")
    till.say(Kind.INTENT, "1", {"intent": "p1", "action": "print"})
    under_way = audit_journal(till.journal)
    assert not under_way.ok
    assert under_way.problems == ()
    assert under_way.unfinished == ("row 2: intent p1 has no result", "visit 1 is not at rest")
    till.end("1")
    assert "row 2: intent p1 has no result, and visit 1 was put to rest" in texts(audit_journal(till.journal))


def test_results_that_answer_nothing_or_answer_twice_are_found(till):
    till.say(Kind.RESULT, "", {"intent": "never", "outcome": "done"})
    till.act("", "print", "printed")
    till.say(Kind.RESULT, "", {"intent": "i1", "outcome": "failed"})
    till.say(Kind.INTENT, "", {"intent": "i1", "action": "print"})
    found = texts(audit_journal(till.journal))
    assert "row 1: a result for intent never, which was never announced" in found
    assert "row 4: a result for intent i1, which has a result already" in found
    assert "row 5: intent i1 was announced before" in found


def test_an_unknown_outcome_may_become_known_later(till):
    till.act("", "stack", "unknown")
    till.say(Kind.RESULT, "", {"intent": "i1", "outcome": "stacked"})
    assert audit_journal(till.journal).ok


def test_more_out_of_a_place_than_ever_came_in_is_found(till):
    till.say(Kind.REMARK, "", {}, note_stacked(1000))
    till.say(Kind.REMARK, "", {}, found_stacked(5000))
    found = texts(audit_journal(till.journal))
    assert "row 1: ESCROW holds -1,000 yen" in found
    assert "row 2: UNACCOUNTED holds -5,000 yen" in found


def test_half_a_note_in_the_box_is_found(till):
    till.say(Kind.REMARK, "", {}, (Posting("CASHBOX:1000", 500), Posting("OVER_SHORT", -500)))
    assert "500 yen is no number of 1,000 yen pieces" in texts(audit_journal(till.journal))


def test_a_visit_is_told_as_one_sentence(book):
    stories = [str(story) for story in audit(book).visits]
    assert stories == [
        "Visit 1, 2026-11-22 09:00 to 09:00: 3,000 yen in (1,000 x3); docomo 3 GB sold for 3,000 yen; receipt printed",
        "Visit 2, 2026-11-22 09:00 to 09:00: 5,000 yen in (5,000 x1); 5,000 yen handed back",
        "Visit 3, 2026-11-22 09:00 to 09:00: 10,000 yen in (10,000 x1); 10,000 yen handed back",
    ]


def test_a_slip_a_lost_note_and_a_refused_top_up_are_told(till):
    till.begin("7")
    till.say(Kind.EVENT, "7", {}, note_in_escrow(1000))
    till.act("7", "stack", "unknown", note_unaccounted(1000))
    till.stack("7", 2000)
    till.act("7", "commit", "refused")
    till.act("7", "print", "failed")
    till.say(Kind.REMARK, "7", {}, owed(3000))
    (story,) = audit_journal(till.journal).visits
    assert str(story) == (
        "Visit 7, 2026-11-22 09:00, not at rest: 3,000 yen in (1,000 x1, 2,000 x1); top-up not completed (refused); "
        "receipt not printed (failed); 3,000 yen owed on a slip; 1,000 yen unaccounted for"
    )


def test_a_slip_honoured_and_a_box_emptied_keep_the_totals_true(till):
    till.begin("1")
    till.stack("1", 1000)
    till.say(Kind.ENDED, "1", {}, owed(1000))
    till.say("slip_honoured", "1", {}, owed_paid(1000))
    till.say("collected", "", {}, cash_collected(1000, 1, 0))
    report = audit_journal(till.journal)
    assert report.ok
    flows = {name: yen for name, yen in report.totals.as_json().items() if yen}
    assert flows == {"inserted": 1000, "refunded": 1000}
    assert {name: yen for name, yen in report.balances.items() if yen} == {"OVER_SHORT": 1000, "REFUND": -1000}


def test_the_report_reads_well(till):
    till.sell("1")
    till.begin("2")
    till.stack("2", 10000)
    till.say(Kind.REMARK, "2", {}, sale("ahamo", 4000) + owed(6000))
    report = audit_journal(till.journal)
    assert render(report) == (
        f"Audit of kiosk {KIOSK}: rows\n"
        f"{report.rows} rows, 2 visits, chain ends at row {report.rows} with {till.journal.last_hash}\n"
        "The books are whole; something is still open.\n"
        "\n"
        "Unfinished, to be asked about when the kiosk starts\n"
        "  - visit 2 is not at rest\n"
        "\n"
        "Money in and out\n"
        "  inserted        13,000 yen\n"
        "  sold             7,000 yen\n"
        "  returned             0 yen\n"
        "  owed             6,000 yen\n"
        "\n"
        "Balances\n"
        "  OWED                 -6,000 yen\n"
        "  CASHBOX:1000          3,000 yen\n"
        "  CASHBOX:10000        10,000 yen\n"
        "  SALES:ahamo          -4,000 yen\n"
        "  SALES:docomo         -3,000 yen\n"
        "\n"
        "Visit 1, 2026-11-22 09:00 to 09:00: 3,000 yen in (1,000 x3); docomo 3 GB sold for 3,000 yen; receipt printed\n"
        "    2026-11-22 09:00:03  The carrier reserves nothing.\n"
        "    09:00:04  A 1,000 yen note goes from the customer into escrow.\n"
        "    09:00:06  The 1,000 yen note falls from escrow into the note box.\n"
        "    09:00:07  A 1,000 yen note goes from the customer into escrow.\n"
        "    09:00:09  The 1,000 yen note falls from escrow into the note box.\n"
        "    09:00:10  A 1,000 yen note goes from the customer into escrow.\n"
        "    09:00:12  The 1,000 yen note falls from escrow into the note box.\n"
        "    09:00:13  The carrier is told that 0 yen are in.\n"
        "    09:00:16  The paper is printed.\n"
        "    09:00:17  All of it is at rest.\n"
        "\n"
        "Visit 2, 2026-11-22 09:00, not at rest: 10,000 yen in (10,000 x1); ahamo top-up sold for 4,000 yen; "
        "6,000 yen owed on a slip\n"
        "    2026-11-22 09:00:19  A 10,000 yen note goes from the customer into escrow.\n"
        "    09:00:21  The 10,000 yen note falls from escrow into the note box.\n"
        "    09:00:22  6,000 yen stay owed to the customer, on a slip.\n"
        "\n"
        "Open questions\n"
        "  1. tokyo-0042-2 is not at rest (2026-11-22 09:00)\n"
        "      -> start the kiosk: it finishes the story by itself\n"
        "  2. tokyo-0042-2: 6,000 yen are owed to the customer (2026-11-22 09:00)\n"
        "      -> when the customer shows the slip: staff pay tokyo-0042-2 6000\n"
    )


def test_the_report_names_its_problems_first_and_goes_into_json(copy):
    vandalise(copy, "UPDATE journal SET visit = '9' WHERE seq = 4")
    report = audit(copy)
    assert render(report).splitlines()[2:4] == [
        "1 PROBLEM",
        "  - row 4: was changed after it was written: its hash does not fit",
    ]
    assert json.loads(json.dumps(report.as_json()))["problems"] == [
        {"seq": 4, "text": "was changed after it was written: its hash does not fit"}
    ]
