"""Which business day a moment belongs to: a shop's day ends in the small hours, not at midnight.

The date in the books is not read off the clock but kept by them: a business day is what lies between two ``day_opened`` rows,
and a new one is opened only with nobody at the kiosk. So a visit belongs to the day on which it began, whatever the hour at
which it ends, and a clock set back never gives a smaller date.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class ChangeOfDay:
    """When one business day ends and the next begins, on the shop's clock."""

    at: time = time(5)

    def date_of(self, moment: datetime) -> date:
        """Return the business date that the clock gives."""
        return moment.date() if moment.time() >= self.at else moment.date() - timedelta(days=1)

    def next_after(self, moment: datetime) -> datetime:
        """Return the next moment at which the clock's business date changes."""
        return datetime.combine(self.date_of(moment) + timedelta(days=1), self.at, moment.tzinfo)


@dataclass(frozen=True)
class OpenDay:
    """The business day that the books are on."""

    of: date
    number: int
    """Of the Z report that will close it: 1, 2, 3 ... without a gap."""
    clock_date: date
    """The business date that the clock gave when it was opened."""
    seq: int
    """Its ``day_opened`` row."""

    def date_after(self, clock_date: date) -> date:
        """Return the date of the day that follows when this one is closed now: the clock's, but never one that was before."""
        return max(clock_date, self.of + timedelta(days=1))

    def is_over(self, clock_date: date) -> bool:
        """Tell whether the clock is past this day, so that it is to be closed without being asked.

        Where the books are days ahead of the clock, because that once stood wrong, each day of the clock closes one of theirs.
        """
        ahead = self.of - self.clock_date > timedelta(days=1)
        return clock_date > (self.clock_date if ahead else self.of)

    def may_close(self, clock_date: date) -> bool:
        """Tell whether staff may close it: not on the clock's day on which the one before was closed already."""
        return clock_date >= self.of or clock_date != self.clock_date
