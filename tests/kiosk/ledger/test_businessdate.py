"""The business day: the shop's, not midnight's, and never a smaller one."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import JST
from kiosk.ledger.businessdate import ChangeOfDay, OpenDay

FIVE = ChangeOfDay(time(5))
NAIVE = datetime(2000, 1, 1, tzinfo=JST).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ("2026-11-25T04:59:59.999999", "2026-11-24"),
        ("2026-11-25T05:00:00", "2026-11-25"),
        ("2026-11-25T23:59:59", "2026-11-25"),
        ("2026-11-26T00:00:00", "2026-11-25"),
        ("2027-01-01T03:00:00", "2026-12-31"),
        ("2028-03-01T00:30:00", "2028-02-29"),
    ],
)
def test_the_small_hours_belong_to_the_day_before(clock: str, day: str) -> None:
    assert FIVE.date_of(datetime.fromisoformat(clock).replace(tzinfo=JST)) == date.fromisoformat(day)


def test_a_shop_may_change_its_day_at_midnight() -> None:
    assert ChangeOfDay(time(0)).date_of(datetime(2026, 11, 26, 0, 0, tzinfo=JST)) == date(2026, 11, 26)


@given(st.datetimes(timezones=st.just(JST), min_value=NAIVE.replace(year=2000), max_value=NAIVE.replace(year=2099)), st.times())
def test_the_next_change_is_within_a_day_and_changes_the_date(now: datetime, at: time) -> None:
    change = ChangeOfDay(at)
    then = change.next_after(now)
    assert timedelta(0) < then - now <= timedelta(days=1)
    assert change.date_of(then) == change.date_of(now) + timedelta(days=1)
    assert change.date_of(then - timedelta(microseconds=1)) == change.date_of(now)


def day(of: str, clock: str) -> OpenDay:
    return OpenDay(date.fromisoformat(of), 3, date.fromisoformat(clock), 10)


def test_a_day_closed_by_staff_is_followed_by_one_that_waits_for_its_own_change_of_day() -> None:
    early = day("2026-11-26", "2026-11-25")
    assert not early.is_over(date(2026, 11, 25))
    assert not early.may_close(date(2026, 11, 25)), "closed twice on one day"
    assert not early.is_over(date(2026, 11, 26))
    assert early.may_close(date(2026, 11, 26))
    assert early.is_over(date(2026, 11, 27))


def test_days_on_which_the_kiosk_was_off_have_no_report() -> None:
    assert day("2026-11-25", "2026-11-25").date_after(date(2026, 11, 29)) == date(2026, 11, 29)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 40))
def test_whatever_the_clock_says_the_date_in_the_books_only_grows(of: date, clock: date, back: int) -> None:
    assert OpenDay(of, 1, clock, 1).date_after(clock - timedelta(days=back)) > of


def test_a_clock_that_once_stood_years_ahead_does_not_keep_the_shop_from_closing_its_days() -> None:
    ahead = day("2036-05-06", "2026-11-25")
    assert not ahead.is_over(date(2026, 11, 25))
    assert ahead.is_over(date(2026, 11, 26))
    assert ahead.may_close(date(2026, 11, 26))
    assert ahead.date_after(date(2026, 11, 26)) == date(2036, 5, 7)
