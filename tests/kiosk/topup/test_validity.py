from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import JST
from kiosk.topup.validity import Rule, Validity, end_of_month_after, valid_until

DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(timezones=st.just(JST)))


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=JST)


def ends(year: int, month: int, day: int) -> datetime:
    return at(year, month, day, 23, 59, 59)


@pytest.mark.parametrize(
    ("now", "days", "last"),
    [
        (at(2026, 11, 22), 30, ends(2026, 12, 22)),
        (at(2026, 11, 22, 23, 59, 59), 30, ends(2026, 12, 22)),
        (at(2027, 1, 31), 30, ends(2027, 3, 2)),
        (at(2028, 1, 31), 30, ends(2028, 3, 1)),
        (at(2026, 12, 31), 1, ends(2027, 1, 1)),
    ],
)
def test_days_from_topup_end_with_the_nth_day_after(now: datetime, days: int, last: datetime) -> None:
    assert valid_until(Validity(Rule.DAYS_FROM_TOPUP, days), now, date(2099, 1, 1)) == last


@pytest.mark.parametrize(
    ("current", "last"),
    [
        (None, ends(2027, 1, 21)),
        (date(2026, 11, 21), ends(2027, 1, 21)),
        (date(2026, 11, 22), ends(2027, 1, 21)),
        (date(2026, 12, 2), ends(2027, 1, 31)),
        (date(2027, 9, 18), ends(2027, 11, 17)),
        (date(2027, 9, 19), ends(2027, 11, 17)),
        (date(2027, 11, 17), ends(2027, 11, 17)),
        (date(2028, 2, 29), ends(2028, 2, 29)),
    ],
)
def test_extending_adds_to_what_is_left_up_to_the_cap_and_never_takes_days_away(current: date | None, last: datetime) -> None:
    assert valid_until(Validity(Rule.EXTEND_CURRENT_BY_DAYS, 60, 360), at(2026, 11, 22), current) == last


def test_extending_without_a_cap_has_no_end() -> None:
    assert valid_until(Validity(Rule.EXTEND_CURRENT_BY_DAYS, 60), at(2026, 11, 22), date(2030, 1, 1)) == ends(2030, 3, 2)


@pytest.mark.parametrize(
    ("now", "months", "last"),
    [
        (at(2026, 11, 22), 3, ends(2027, 2, 28)),
        (at(2027, 11, 1), 3, ends(2028, 2, 29)),
        (at(2026, 11, 30, 23, 59, 59), 1, ends(2026, 12, 31)),
        (at(2026, 12, 31), 12, ends(2027, 12, 31)),
        (at(2027, 1, 31), 1, ends(2027, 2, 28)),
    ],
)
def test_end_of_month_is_the_last_day_of_a_month_of_any_length(now: datetime, months: int, last: datetime) -> None:
    assert valid_until(Validity(Rule.END_OF_MONTH_AFTER_N, months), now, None) == last


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (at(2026, 11, 22, 0, 0, 0), ends(2026, 11, 23)),
        (at(2026, 11, 22, 23, 59, 59), ends(2026, 11, 23)),
        (at(2028, 2, 28, 12), ends(2028, 2, 29)),
    ],
)
def test_24_hours_round_up_to_the_end_of_the_day_they_end_in(now: datetime, last: datetime) -> None:
    assert valid_until(Validity(Rule.HOURS_24_ROUND_UP_235959, 1), now, None) == last


def test_the_day_is_japans_wherever_the_clock_of_the_caller_is() -> None:
    still_the_21st_in_utc = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert valid_until(Validity(Rule.DAYS_FROM_TOPUP, 1), still_the_21st_in_utc, None) == ends(2026, 11, 23)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        valid_until(Validity(Rule.DAYS_FROM_TOPUP, 1), at(2026, 11, 22).replace(tzinfo=None), None)


@given(DAYS, st.integers(0, 60))
def test_the_day_after_a_month_end_is_a_first(day: date, months: int) -> None:
    last = end_of_month_after(day, months)
    assert (last + timedelta(days=1)).day == 1
    assert (last.year * 12 + last.month) - (day.year * 12 + day.month) == months


@given(st.sampled_from(Rule), st.integers(1, 60), MOMENTS, st.none() | DAYS)
def test_every_rule_ends_at_the_last_second_of_a_day_after_today(
    rule: Rule, n: int, now: datetime, current: date | None
) -> None:
    last = valid_until(Validity(rule, n), now, current)
    assert last.isoformat().endswith("T23:59:59+09:00")
    assert last.date() > now.date()
