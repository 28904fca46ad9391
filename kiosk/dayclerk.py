"""The till's clerk for business days: opens them, reads them (X), closes them (Z), by staff's word or at the change of day.

A day is closed only with nobody at the kiosk, so every visit is in the day on which it began. What a carrier says later of a
visit under investigation is booked on the day on which it is said: a Z report that was printed stays true.
"""

import asyncio
from datetime import date, datetime

import structlog

from hardware.printers.printer import Document
from kiosk.desk import Desk
from kiosk.ledger.businessdate import OpenDay
from kiosk.ledger.days import closing, first_day, open_day, row_at, totals_of, z_row
from kiosk.ledger.entry import Entry
from kiosk.ledger.totals import DayTotals
from kiosk.reportclerk import ReportClerk
from kiosk.reports.day import x_report, z_report

log = structlog.get_logger()

LOOK_AGAIN_S = 60.0
"""How long a change of day waits, at most, for a kiosk that is busy."""


class NotNow(ValueError):
    """What staff asked for cannot be done, or not now; the text says why."""


class DayClerk:
    """Keeps the business days of one till."""

    def __init__(self, desk: Desk, reports: ReportClerk) -> None:
        self._desk = desk
        self._reports = reports
        self._day: OpenDay | None = None
        self._clock: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Go on with the day that is open, or begin the first one; from now on days change by themselves."""
        around = self._desk.around
        self._day = open_day(around.journal)
        if self._day is None and self._desk.append(first_day(around.journal, self._clock_date())):
            self._day = open_day(around.journal)
        self.look()

    def stop(self) -> None:
        """Let no day change any more."""
        if self._clock is not None:
            self._clock.cancel()

    @property
    def day(self) -> OpenDay:
        """The business day that the books are on."""
        assert self._day is not None, "a till that has started is on some day"
        return self._day

    def look(self) -> None:
        """Close the day if it is over and nobody is at the kiosk; else look again when that may be so."""
        self.stop()
        if self._day is None:
            return
        hours, now = self._desk.around.business, self._desk.around.calendar.now()
        over = self._day.is_over(self._clock_date())
        if over and hours.closes_by_itself and self._desk.state.at_rest:
            self._close("")
        wait_s = LOOK_AGAIN_S if over else min((hours.change.next_after(now) - now).total_seconds() + 1.0, 86_400.0)
        if over or hours.closes_by_itself:
            self._clock = asyncio.get_running_loop().call_later(max(wait_s, LOOK_AGAIN_S), self.look)

    def totals(self) -> DayTotals:
        """Return what the open day adds up to by now."""
        return totals_of(self._desk.around.journal, self.day)

    def print_reading(self) -> Document:
        """Print an X report, and return it. Raises NotNow."""
        self._refuse_while_serving()
        around = self._desk.around
        intent = self._reports.intent("X", "")
        report = x_report(around.staff_paper, self.totals().as_json(), self.day.of, around.calendar.now())
        if self._desk.append(intent):
            self._reports.print(intent, report)
        return report

    def close_day(self, by: str) -> int:
        """Close the open day and begin the next; print its Z report, and return its number. Raises NotNow."""
        self._refuse_while_serving()
        day = self.day
        if not day.may_close(self._clock_date()):
            raise NotNow(f"today's business day is closed already (Z {day.number - 1}); {day.of} has not begun")
        if not self._close(by):
            raise NotNow("the journal cannot be written")
        return day.number

    def _close(self, by: str) -> bool:
        """Close the open day, if the journal can be written."""
        around, day = self._desk.around, self.day
        opened = row_at(around.journal, day.seq)
        assert opened is not None, "the open day has its row"
        closed, next_day = closing(day, self.totals(), self._clock_date(), opened.at, by)
        intent = self._reports.intent("Z", day.number)
        if not self._desk.append(closed, next_day, intent):
            return False
        log.info("day closed", number=day.number, date=day.of.isoformat(), by=by)
        self._day = open_day(around.journal)
        self._print(day.number, intent, copy=0)
        return True

    def print_again(self, number: int) -> None:
        """Print a Z report again, marked as a copy. Raises NotNow when there is none of that number."""
        self._refuse_while_serving()
        if z_row(self._desk.around.journal, number) is None:
            raise NotNow(f"there is no Z {number}")
        intent = self._reports.intent("Z", number)
        if self._desk.append(intent):
            self._print(number, intent, copy=1)

    def _print(self, number: int, intent: Entry, copy: int) -> None:
        around = self._desk.around
        row = z_row(around.journal, number)
        assert row is not None, "a day that was closed has its row"
        closed_at: datetime = row.at
        self._reports.print(intent, z_report(around.staff_paper, row.body, closed_at, f"{row.seq}:{row.hash}", copy))

    def _refuse_while_serving(self) -> None:
        if not self._desk.state.at_rest:
            raise NotNow("a customer is being served; ask again when the kiosk is free")

    def _clock_date(self) -> date:
        around = self._desk.around
        return around.business.change.date_of(around.calendar.now())
