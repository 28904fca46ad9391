"""A settlement file against our books, line by line."""

from datetime import date, datetime

import pytest

from hardware.clock import JST
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.reconciliation import Commitment, Commitments, Difference, Findings, What, reconcile
from kiosk.topup.answers import TopupState
from kiosk.topup.settlement import SettlementLine

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=JST)
LATE = datetime(2026, 11, 22, 23, 50, tzinfo=JST)
REF = "KIOSK001-1"


def ours(outcome: str = "completed", at: datetime = NOON) -> dict[str, Commitment]:
    return {REF: Commitment(REF, 2000, at, "docomo", outcome)}


def listed(state: TopupState = TopupState.COMPLETED, yen: int = 2000, carrier: str = "docomo") -> SettlementLine:
    return SettlementLine(REF, "T1", carrier, yen, state)


def kinds(findings: Findings) -> list[What]:
    return [difference.what for difference in findings.differences]


def test_a_sale_that_both_sides_have_is_confirmed() -> None:
    assert reconcile(DAY, [listed()], ours(), (), {}) == Findings({}, (), 1, ())


@pytest.mark.parametrize(
    ("lines", "outcome", "what"),
    [
        ([], "completed", [What.MISSING]),
        ([], "declined", []),
        ([listed(yen=3000)], "completed", [What.AMOUNT]),
        ([listed(carrier="kddi")], "completed", [What.CARRIER]),
        ([listed(TopupState.REVERSED)], "completed", [What.NOT_DELIVERED]),
        ([listed(TopupState.REVERSED)], "declined", []),
        ([listed()], "declined", [What.DELIVERED]),
        ([listed(), listed()], "completed", [What.REPEATED]),
        ([listed(TopupState.UNKNOWN)], "completed", [What.UNDECIDED]),
        ([listed(TopupState.RESERVED)], "declined", [What.UNDECIDED]),
    ],
)
def test_every_difference_has_a_name(lines: list[SettlementLine], outcome: str, what: list[What]) -> None:
    assert kinds(reconcile(DAY, lines, ours(outcome), (), {})) == what


def test_a_top_up_that_nobody_sold_here_is_a_difference_with_its_amount() -> None:
    findings = reconcile(DAY, [listed()], {}, (), {})
    assert findings.differences == (Difference(What.EXTRA, REF, 0, 2000, "docomo"),)


@pytest.mark.parametrize(
    ("lines", "answers"),
    [
        ([listed()], {REF: True}),
        ([], {REF: False}),
        ([listed(TopupState.REVERSED)], {REF: False}),
        ([listed(TopupState.DECLINED)], {REF: False}),
        ([listed(TopupState.SUBMITTED)], {}),
    ],
)
def test_the_file_answers_what_nobody_else_did(lines: list[SettlementLine], answers: dict[str, bool]) -> None:
    assert reconcile(DAY, lines, ours(""), (), {REF: None}).answers == answers


def test_a_commit_whose_visit_is_still_under_way_is_left_to_it() -> None:
    assert reconcile(DAY, [], ours(""), (), {}) == Findings({}, (), 0, ())


def test_an_answer_with_another_amount_is_an_answer_and_a_difference() -> None:
    findings = reconcile(DAY, [listed(yen=1000)], ours(""), (), {REF: None})
    assert findings.answers == {REF: True}
    assert kinds(findings) == [What.AMOUNT]


def test_a_commit_near_midnight_may_stand_in_either_of_two_files() -> None:
    next_day = date(2026, 11, 23)
    books = ours("", LATE)
    first = reconcile(DAY, [listed()], books, (), {REF: None})
    assert (first.answers, first.early) == ({REF: True}, (REF,))
    second = reconcile(next_day, [], ours("completed", LATE), first.early, {})
    assert second == Findings({}, (), 0, ())
    assert reconcile(DAY, [], books, (), {REF: None}).answers == {}
    assert reconcile(next_day, [], books, (), {REF: None}).answers == {REF: False}
    assert kinds(reconcile(next_day, [], ours("completed", LATE), (), {})) == [What.MISSING]


def test_a_line_of_a_day_on_which_it_cannot_have_been_is_believed_and_told() -> None:
    findings = reconcile(date(2026, 11, 25), [listed()], ours(""), (), {REF: None})
    assert findings.answers == {REF: True}
    assert kinds(findings) == [What.OTHER_DAY]


def test_the_books_are_read_off_the_rows() -> None:
    with Journal.open(None, "KIOSK001") as journal:
        journal.append(
            NOON,
            Entry(Kind.VISIT, "1", {"reference": REF}),
            Entry(Kind.SNAPSHOT, "1", {"state": {"carrier": "docomo"}}),
            Entry(Kind.INTENT, "1", {"intent": "1.1", "action": "reserve"}),
            Entry(Kind.INTENT, "1", {"intent": "1.2", "action": "commit", "yen": 2000, "topup": "T1"}),
            Entry(Kind.RESULT, "1", {"intent": "1.1", "outcome": "Reserved"}),
        )
        books = Commitments("KIOSK001")
        for row in journal.rows():
            books.hear(row)
        assert books.found == {REF: Commitment(REF, 2000, NOON, "docomo", "")}
        journal.append(NOON, Entry(Kind.RESULT, "1", {"intent": "1.2", "outcome": "completed"}), Entry(Kind.ENDED, "1", {}))
        for row in journal.rows(after=books.heard):
            books.hear(row)
        assert books.found[REF].outcome == "completed"
