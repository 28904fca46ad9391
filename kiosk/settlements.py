"""The till's clerk for settlement files: fetches each day's on the day after, and has what it says booked once.

The promise that no top-up stays unknown rests on it: what the carrier has not said by then, its file says. A day is done with
one commit of the journal that holds the answers, the differences and the ``settlement`` row; a kiosk killed before it asks
again, one killed after it goes on with the next day.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import structlog

from hardware.clock import JST
from kiosk.desk import Desk
from kiosk.investigations import Investigations, waits
from kiosk.ledger.entry import Entry, Kind
from kiosk.memory import Settled
from kiosk.reconciliation import Commitment, Commitments, Difference, Findings, What, reconcile
from kiosk.topup.answers import Lost, Refused
from kiosk.topup.settlement import SettlementEnd, SettlementLine

log = structlog.get_logger()

ASK_FROM = timedelta(hours=1)
"""After midnight: before, no carrier has closed its day."""

FIRST_WAIT_S = 600.0
MOST_WAIT_S = 1800.0
LOOK_AGAIN_S = 3600.0
"""How long the clerk sleeps at most before it looks at the clock again, which somebody may have set."""

OVERDUE = timedelta(days=1, hours=12)
"""After the end of a day: from then on staff are told that its file is not there."""

ROWS_BEFORE = timedelta(hours=2)
"""How long before midnight the rows begin that the next day's file is compared with."""

LISTED_TOO_MANY = 1000
"""Lines of ours beyond four times what we know of: such a file is not worth comparing."""


class Settlements:
    """Fetches and books the settlement files of one till."""

    def __init__(self, desk: Desk, investigations: Investigations, settled: Settled) -> None:
        self._desk = desk
        self._investigations = investigations
        self._settled = settled
        self._told_overdue: date | None = None

    async def run(self) -> None:
        """Go on for as long as the kiosk runs."""
        while True:
            day = self._next_day()
            await self._until(datetime.combine(day + timedelta(days=1), time(), JST) + ASK_FROM)
            for wait_s in waits(self._desk.around.jitter, FIRST_WAIT_S, MOST_WAIT_S):
                await asyncio.sleep(wait_s)
                if await self._settle(day):
                    break

    def _next_day(self) -> date:
        if self._settled.day is not None:
            return self._settled.day + timedelta(days=1)
        first = next(iter(self._desk.around.journal.rows()), None)
        return first.at.astimezone(JST).date() if first is not None else self._now().date()

    def _now(self) -> datetime:
        return self._desk.around.calendar.now().astimezone(JST)

    async def _until(self, moment: datetime) -> None:
        while (left_s := (moment - self._now()).total_seconds()) > 0:
            await asyncio.sleep(min(left_s, LOOK_AGAIN_S))

    async def _settle(self, day: date) -> bool:
        """Fetch one day's file and book what it says; return whether the day is done."""
        books = Commitments(self._desk.around.kiosk_id)
        rows_after = await self._read(books, day + timedelta(days=1))
        lines: list[SettlementLine] = []
        most = LISTED_TOO_MANY + 4 * len(books.found)

        def hear(line: SettlementLine) -> None:
            if len(lines) <= most:
                lines.append(line)

        answer = await self._desk.around.errands.settlement(day, hear)
        if isinstance(answer, Refused) and answer.is_final:
            none = Findings({}, (Difference(What.NO_FILE, ""),), 0, ())
            return self._book(Settled(day, rows_after), None, none)
        if not isinstance(answer, SettlementEnd) or len(lines) > most:
            self._not_yet(day, answer if not isinstance(answer, SettlementEnd) else Lost(f"more than {most} lines of ours"))
            return False
        # From here on nothing is awaited: what the books say now is what the file is compared with.
        if self._desk.committing:
            return False
        for row in self._desk.around.journal.rows(after=books.heard):
            books.hear(row)
        known = {**self._forgotten(day, books.found), **books.found}
        findings = reconcile(day, lines, known, self._settled.early, self._investigations.open)
        return self._book(Settled(day, rows_after, findings.early), answer, findings)

    async def _read(self, books: Commitments, next_day: date) -> int:
        """Let ``books`` hear the rows to compare with; return the number of the row after which those of the next day begin."""
        begins = datetime.combine(next_day, time(), JST) - ROWS_BEFORE
        last, before = self._settled.rows_after, True
        for row in self._desk.around.journal.rows(after=last):
            books.hear(row)
            before = before and row.at < begins
            last = row.seq if before else last
            if row.seq % 500 == 0:
                await asyncio.sleep(0)  # a screen must not stand still for a day's rows
        return last

    def _forgotten(self, day: date, found: Mapping[str, Commitment]) -> dict[str, Commitment]:
        """Return what is still open from days that are done: a later file may speak of it after all."""
        past = datetime.combine(day - timedelta(days=7), time(), JST)
        return {
            reference: Commitment(reference, parked.commit.yen, past, parked.state.carrier)
            for reference, parked in self._investigations.open.items()
            if reference not in found
        }

    def _book(self, after: Settled, end: SettlementEnd | None, findings: Findings) -> bool:
        """Write a day's answers and differences; return whether they are written."""
        answered: list[Entry] = []
        for reference, delivered in findings.answers.items():
            answered += self._investigations.entries(reference, completed=delivered, by="settlement")
        facts = after.as_json()
        differences = [Entry(Kind.DIFFERENCE, "", {"day": facts["day"], **found.body()}) for found in findings.differences]
        body = {
            **facts,
            "lines": end.lines if end is not None else None,
            "yen": end.amount_yen if end is not None else None,
            "confirmed": findings.confirmed,
            "answered": len(findings.answers),
            "differences": len(differences),
        }
        if not self._desk.append(*answered, *differences, Entry(Kind.SETTLEMENT, "", body)):
            return False
        self._settled = after
        for reference in findings.answers:
            self._investigations.close(reference)
        tell = log.warning if differences else log.info
        tell("settlement", **{key: value for key, value in body.items() if key != "early"})
        return True

    def _not_yet(self, day: date, answer: Refused | Lost) -> None:
        log.info("settlement file is not there", day=day.isoformat(), answer=str(answer))
        overdue = self._now() > datetime.combine(day + timedelta(days=1), time(), JST) + OVERDUE
        if overdue and self._told_overdue != day:
            self._told_overdue = day
            self._desk.remark("the settlement file is overdue", day=day.isoformat())
