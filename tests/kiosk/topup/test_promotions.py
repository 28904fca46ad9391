from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.topup.catalogue import Plan, Promotion, PromotionKind, Refundable, Tax
from kiosk.topup.promotions import offer
from kiosk.topup.subscriber import LineStatus, Subscriber
from kiosk.topup.validity import Rule, Validity

FREE = Promotion(PromotionKind.FIRST_MONTH_FREE, ("p",))
OFF_1000 = Promotion(PromotionKind.RENEWAL_DISCOUNT, ("p",), 1000)
OFF_2000 = Promotion(PromotionKind.RENEWAL_DISCOUNT, ("p",), 2000)
TODAY = NOW.date()


def plan(*promotions: Promotion) -> Plan:
    return Plan(
        id="p",
        carrier="docomo",
        name={},
        data_gb="3",
        price_yen=5000,
        credit_yen=0,
        tax=Tax.STANDARD_10_INCLUDED,
        refundable=Refundable.NEVER,
        validity=Validity(Rule.DAYS_FROM_TOPUP, 30),
        balance_cap_yen=0,
        daily_limit_yen=0,
        promotions=promotions,
    )


def line(until: date | None, status: LineStatus = LineStatus.ACTIVE) -> Subscriber:
    return Subscriber("docomo", status, until)


def test_a_new_lines_first_month_is_free() -> None:
    priced = offer(plan(FREE), line(None), NOW)
    assert (priced.price_yen, priced.list_price_yen, priced.promotion) == (0, 5000, "promotion.first_month_free")


@pytest.mark.parametrize(
    ("subscriber", "price_yen"),
    [
        (line(TODAY), 4000),
        (line(TODAY + timedelta(days=1)), 4000),
        (line(TODAY - timedelta(days=1)), 5000),
        (line(TODAY - timedelta(days=1), LineStatus.EXPIRED_GRACE), 5000),
        (line(None), 5000),
    ],
)
def test_a_renewal_discount_is_for_lines_still_valid_today(subscriber: Subscriber, price_yen: int) -> None:
    priced = offer(plan(OFF_1000), subscriber, NOW)
    assert priced.price_yen == price_yen
    assert priced.promotion == ("promotion.renewal_discount" if price_yen == 4000 else "")


def test_of_several_promotions_the_best_one_is_given_alone() -> None:
    assert offer(plan(OFF_1000, OFF_2000, OFF_1000), line(TODAY), NOW).price_yen == 3000


def test_an_offer_counts_the_days_to_its_last() -> None:
    priced = offer(plan(), line(None), NOW)
    assert priced.valid_days == 30
    assert priced.valid_until.date() == TODAY + timedelta(days=30)


@given(st.lists(st.sampled_from([FREE, OFF_1000, OFF_2000])), st.none() | st.dates(), st.sampled_from(LineStatus))
def test_a_price_is_never_below_zero_and_stays_payable_in_notes(
    promotions: list[Promotion], until: date | None, status: LineStatus
) -> None:
    priced = offer(plan(*promotions), line(until, status), NOW)
    assert 0 <= priced.price_yen <= 5000
    assert priced.price_yen % 1000 == 0
    assert bool(priced.promotion) == (priced.price_yen < 5000)
