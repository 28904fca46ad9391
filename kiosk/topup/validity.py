"""How long a plan lasts: the rules of real prepaid products as pure functions of a moment and the line's present validity.

Every rule ends at 23:59:59 Japan time of some day, so a date says it all and the customer never has to count hours. Where
products count 24-hour days they round up to the end of the last day (povo2.0 does so "for the time being" [S]). The rules are
modelled on products found in public pages [S]; no carrier's present terms are claimed.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from hardware.clock import JST

_LAST_SECOND = time(23, 59, 59, tzinfo=JST)


class Rule(StrEnum):
    """The names are those of the carrier gateway."""

    DAYS_FROM_TOPUP = "DAYS_FROM_TOPUP"
    """To the end of the n-th day after today, whatever the line has now."""
    EXTEND_CURRENT_BY_DAYS = "EXTEND_CURRENT_BY_DAYS"
    """n days on top of what is left, but no further than ``cap_days`` from today (SoftBank prepaid: +60, cap 360 [S])."""
    END_OF_MONTH_AFTER_N = "END_OF_MONTH_AFTER_N"
    """To the last day of the n-th month after this one (IIJmio coupon card: 3 [S])."""
    HOURS_24_ROUND_UP_235959 = "HOURS_24_ROUND_UP_235959"
    """n times 24 hours from now, rounded up to the end of that day."""


@dataclass(frozen=True)
class Validity:
    """A rule with its figures."""

    rule: Rule
    n: int
    """Days, months or 24-hour spans, as the rule says; 1 or more."""
    cap_days: int = 0
    """EXTEND_CURRENT_BY_DAYS: farthest day from today; 0 means no cap. Other rules: 0."""


def end_of(day: date) -> datetime:
    """Return the last second of ``day`` in Japan."""
    return datetime.combine(day, _LAST_SECOND)


def today(now: datetime) -> date:
    """Return the date in Japan at ``now``. Raises ValueError for a time without a zone."""
    if now.tzinfo is None:
        raise ValueError(f"a moment needs its time zone: {now!r}")
    return now.astimezone(JST).date()


def end_of_month_after(day: date, months: int) -> date:
    """Return the last day of the month ``months`` after that of ``day``."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, monthrange(year, month + 1)[1])


def valid_until(validity: Validity, now: datetime, current: date | None) -> datetime:
    """Return the last second of validity after a top-up at ``now`` of a line valid until ``current`` (None: never topped up).

    EXTEND_CURRENT_BY_DAYS never takes away days that the line already has, even beyond the cap.
    """
    day = today(now)
    match validity.rule:
        case Rule.EXTEND_CURRENT_BY_DAYS:
            begins = max(day, current) if current else day
            ends = begins + timedelta(days=validity.n)
            if validity.cap_days:
                ends = max(begins, min(ends, day + timedelta(days=validity.cap_days)))
            return end_of(ends)
        case Rule.END_OF_MONTH_AFTER_N:
            return end_of(end_of_month_after(day, validity.n))
        case Rule.DAYS_FROM_TOPUP | Rule.HOURS_24_ROUND_UP_235959:
            # Both end on the same day: n times 24 hours from any moment of today fall on the n-th day after it.
            return end_of(day + timedelta(days=validity.n))
