"""One business day or one visit out of a journal: checked and told without reading the rest.

Of a day every row is checked against its hash and the row before it, and its Z report against its rows. What came before is
taken from what the day was opened with: that this is true, and that no row is missing before or after, only the audit of the
whole journal can say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import apsw

from kiosk.ledger.audit import keyed_chain, reading
from kiosk.ledger.chain import Chain, Head
from kiosk.ledger.custody import Custody
from kiosk.ledger.daycheck import DayCheck
from kiosk.ledger.days import days_back
from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.journal import custody_of
from kiosk.ledger.questions import Questions
from kiosk.ledger.report import AuditReport, Problem
from kiosk.ledger.rows import UNREADABLE, read_rows
from kiosk.ledger.schema import objects, read_head, read_meta
from kiosk.ledger.story import Flows, StoryTeller
from kiosk.ledger.telling import diary, sentences
from kiosk.ledger.trouble import JournalError, explain


class _File:
    """A journal file that is only read."""

    def __init__(self, db: apsw.Connection, custody: Custody) -> None:
        if "table meta" not in objects(db):
            raise JournalError("a database, but not a kiosk's journal")
        self._db = db
        self.chain: Chain = keyed_chain(read_meta(db), custody)
        self.head: Head = read_head(db)

    def rows(self, after: int = 0, visit: str | None = None) -> Iterator[Row]:
        yield from read_rows(self._db, after, visit)


def audit_day(path: Path, day: date, custody: Custody | None = None) -> AuditReport:
    """Audit one business day. Raises JournalError when it cannot be read, or there is no such day in it."""
    with reading(path) as db:
        try:
            file = _File(db, custody or custody_of(path))
            opened = _opened_on(file, day)
            rows = [opened]
            for row in file.rows(after=opened.seq):
                if row.kind == Kind.DAY_OPENED:
                    break
                rows.append(row)
            return _report(file, rows, f"business day {day}", str(path))
        except UNREADABLE as error:
            raise JournalError(f"{path}: {explain(error)}") from error


def audit_visit(path: Path, visit: str, custody: Custody | None = None) -> AuditReport:
    """Audit the rows of one visit, each for itself. Raises JournalError when they cannot be read, or there are none."""
    with reading(path) as db:
        try:
            file = _File(db, custody or custody_of(path))
            rows = list(file.rows(visit=visit))
            if not visit or not rows:
                raise JournalError(f"{path}: there is no visit {visit or '(none)'} in it")
            return _report(file, rows, f"visit {visit}", str(path))
        except UNREADABLE as error:
            raise JournalError(f"{path}: {explain(error)}") from error


def _opened_on(file: _File, day: date) -> Row:
    dates: list[str] = []
    for opened in days_back(file):
        if opened.body["date"] == day.isoformat():
            return opened
        dates.append(opened.body["date"])
        if opened.body["date"] < day.isoformat():
            break
    raise JournalError(f"there is no business day {day} in it" + (f"; nearby is {dates[-1]}" if dates else ""))


def _report(file: _File, rows: list[Row], part: str, source: str) -> AuditReport:
    is_day = rows[0].kind == Kind.DAY_OPENED
    problems, checked = _check(file.chain, rows, one_after_the_other=is_day)
    days = DayCheck()
    questions = Questions()
    told: list[str] = []
    visits: dict[str, None] = {}
    intents: dict[str, Any] = {}
    for row in rows:
        body = row.body
        problems += [Problem(wrong, row.seq) for wrong in days.hear(row, body)]
        questions.hear(row, body)
        if row.visit:
            visits.setdefault(row.visit)
        elif is_day:
            if row.kind == Kind.INTENT:
                intents[str(body.get("intent"))] = body
            answered = intents.get(str(body.get("intent")), {}) if row.kind == Kind.RESULT else {}
            said = [*diary(row, body)] or [*sentences(row, body, answered)]
            told += [f"{row.at_text[11:19]}  {sentence}." for sentence in said]
    tellers = [_told(file, visit) for visit in visits]
    stories = tuple(teller.story() for teller in tellers)
    return AuditReport(
        kiosk_id=file.chain.kiosk_id,
        source=source,
        rows=len(rows),
        head=file.head,
        problems=tuple(problems),
        unfinished=tuple(f"visit {teller.visit} is not at rest" for teller in tellers if not teller.ended),
        balances=days.totals.balances() if days.totals is not None else _sums(rows),
        totals=sum((story.flows for story in stories), Flows()),
        visits=stories,
        questions=questions.all(file.chain.kiosk_id, tellers),
        part=part,
        diary=tuple(told),
        hashes_checked=checked,
    )


def _check(chain: Chain, rows: Iterable[Row], *, one_after_the_other: bool) -> tuple[list[Problem], bool]:
    """Return what is wrong with each row, and whether hashes could be checked."""
    problems: list[Problem] = []
    checked = True
    before: Row | None = None
    for row in rows:
        intact = chain.is_intact(row)
        checked = checked and intact is not None
        if intact is False:
            problems.append(Problem("was changed after it was written: its hash does not fit", row.seq))
        if one_after_the_other and before is not None and Head(row.seq - 1, row.prev_hash) != Head(before.seq, before.hash):
            problems.append(Problem("does not follow the row before it", row.seq))
        if total := sum(posting.yen for posting in row.postings):
            problems.append(Problem(f"its postings sum to {total:,} yen instead of 0", row.seq))
        before = row
    return problems, checked


def _sums(rows: Iterable[Row]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in rows:
        for posting in row.postings:
            sums[posting.account] += posting.yen
    return dict(sums)


def _told(file: _File, visit: str) -> StoryTeller:
    teller: StoryTeller | None = None
    for row in file.rows(visit=visit):
        teller = teller or StoryTeller(visit, row.at_text)
        teller.hear(row, row.body)
    assert teller is not None, "a visit that was met has rows"
    return teller
