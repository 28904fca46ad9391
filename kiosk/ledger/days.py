"""Business days in the journal: the one that is open, and what closing it writes.

``day_closed`` (the Z report) and the ``day_opened`` of the next day are one commit, so there is always exactly one open day and
no yen between two of them. Every ``day_opened`` names the one before, so a day of last year is found in as many steps as there
were days since, whatever the size of the file.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Protocol

from kiosk.ledger import accounts
from kiosk.ledger.businessdate import OpenDay
from kiosk.ledger.chain import Head
from kiosk.ledger.entry import Entry, Kind, Row
from kiosk.ledger.journal import Journal
from kiosk.ledger.totals import DayTotals

_STRIDE = 1000


class Rows(Protocol):
    """Where rows are read: a journal, or a file that is only looked at."""

    @property
    def head(self) -> Head:
        """The end of the chain."""
        ...

    def rows(self, after: int = 0, visit: str | None = None) -> Iterator[Row]:
        """Read the rows numbered above ``after``, oldest first; those of one ``visit`` when given."""
        ...


def last_of(journal: Rows, kind: Kind) -> Row | None:
    """Return the last row of a kind, None when there is none. Reads backwards, so what was lately written is soon found."""
    end = journal.head.seq
    while end > 0:
        start = max(end - _STRIDE, 0)
        found = None
        for row in journal.rows(after=start):
            if row.seq > end:
                break
            if row.kind == kind:
                found = row
        if found is not None:
            return found
        end = start
    return None


def row_at(journal: Rows, seq: int) -> Row | None:
    """Return the row of that number, None when there is none."""
    return next((row for row in journal.rows(after=seq - 1) if row.seq == seq), None) if seq > 0 else None


def open_day(journal: Rows) -> OpenDay | None:
    """Return the business day that the books are on, None for a journal that has not begun one."""
    row = last_of(journal, Kind.DAY_OPENED)
    return as_day(row) if row is not None else None


def as_day(row: Row) -> OpenDay:
    """Read a ``day_opened`` row."""
    body = row.body
    return OpenDay(date.fromisoformat(body["date"]), body["number"], date.fromisoformat(body["clock_date"]), row.seq)


def first_day(journal: Journal, clock_date: date) -> Entry:
    """Return the row that begins the first business day, with what the journal holds by now."""
    balances = {name: yen for name, yen in sorted(journal.balances().items()) if yen}
    sold = -sum(yen for name, yen in balances.items() if accounts.carrier_of(name) is not None)
    carried = DayTotals.carried({"balances": balances, "grand_total_yen": sold}).to_carry()
    return _opened(clock_date, 1, clock_date, 0, carried)


def totals_of(journal: Rows, day: OpenDay) -> DayTotals:
    """Return what the open ``day`` adds up to by now."""
    rows = journal.rows(after=day.seq - 1)
    totals = DayTotals.carried(next(rows).body)
    for row in rows:
        totals.hear(row)
    return totals


def closing(day: OpenDay, totals: DayTotals, clock_date: date, opened_at: datetime, by: str) -> tuple[Entry, Entry]:
    """Return the Z row of ``day`` and the row that opens the next one, for one commit. ``by`` is empty when nobody asked."""
    facts = {"date": day.of.isoformat(), "number": day.number, "by": by, "opened": opened_at.isoformat(timespec="seconds")}
    next_day = _opened(day.date_after(clock_date), day.number + 1, clock_date, day.seq, totals.to_carry())
    return Entry(Kind.DAY_CLOSED, "", {**facts, **totals.as_json()}), next_day


def _opened(of: date, number: int, clock_date: date, previous: int, carried: dict[str, Any]) -> Entry:
    facts = {"date": of.isoformat(), "number": number, "clock_date": clock_date.isoformat(), "previous": previous}
    return Entry(Kind.DAY_OPENED, "", {**facts, **carried})


def days_back(journal: Rows) -> Iterator[Row]:
    """Yield the ``day_opened`` rows from the last one back to the first."""
    row = last_of(journal, Kind.DAY_OPENED)
    while row is not None:
        yield row
        row = row_at(journal, row.body["previous"])


def z_row(journal: Rows, number: int) -> Row | None:
    """Return the Z row of that number, None when no such day was closed."""
    for opened in days_back(journal):
        if opened.body["number"] == number + 1:
            before = row_at(journal, opened.seq - 1)
            return before if before is not None and before.kind == Kind.DAY_CLOSED else None
    return None
