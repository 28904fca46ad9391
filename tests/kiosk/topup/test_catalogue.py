from pathlib import Path

import pytest

from hardware.clock import SIMULATION_EPOCH
from hardware.errors import ConfigError
from kiosk.languages import TAGS
from kiosk.topup.catalogue import Carrier, Tax, fingerprint, load_catalogue
from kiosk.topup.promotions import offer
from kiosk.topup.subscriber import LineStatus, Subscriber
from tests.kiosk.topup.gatewaybench import CATALOGUE, CONFIG

GOOD = (CONFIG / "carriers" / "docomo.toml").read_text(encoding="utf-8")


def test_the_shipped_carriers_stand_in_the_order_of_the_screen() -> None:
    assert [c.id for c in CATALOGUE.carriers] == ["docomo", "softbank", "kddi"]


@pytest.mark.parametrize("carrier", CATALOGUE.carriers, ids=lambda c: c.id)
def test_each_carrier_has_a_few_fictional_plans_most_of_them_payable_in_notes(carrier: Carrier) -> None:
    assert carrier.fictional
    assert all(carrier.notice[tag] for tag in TAGS)
    assert 3 <= len(carrier.plans) <= 5
    assert all(1000 <= p.price_yen <= 10_000 and p.price_yen % 10 == 0 for p in carrier.plans)
    assert sum(p.price_yen % 1000 == 0 for p in carrier.plans) >= 3
    assert {p.tax for p in carrier.plans} >= {Tax.STANDARD_10_INCLUDED, Tax.NOT_TAXED_AT_SALE}


def test_both_promotions_can_be_met_at_every_carrier() -> None:
    for carrier in CATALOGUE.carriers:
        keys = {promotion.key for plan in carrier.plans for promotion in plan.promotions}
        assert keys == {"promotion.first_month_free", "promotion.renewal_discount"}


def test_names_are_given_in_every_language_of_the_screen() -> None:
    for carrier in CATALOGUE.carriers:
        for name in (carrier.name, *(p.name for p in carrier.plans)):
            assert tuple(name) == TAGS


def test_a_name_that_nobody_has_translated_stands_in_english(tmp_path: Path) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith("vi = ")]
    (tmp_path / "docomo.toml").write_text("\n".join(lines), encoding="utf-8")
    for plan in load_catalogue(tmp_path).carriers[0].plans:
        assert plan.name["vi"] == plan.name["en"] != plan.name["ko"]


def test_keys_for_the_screen_follow_the_gateways_names() -> None:
    plan = CATALOGUE.plan("docomo-airtime-3000")
    assert plan is not None
    assert (plan.tax_key, plan.refund_key) == ("tax.not_taxed_at_sale", "refund.never")


def test_a_carriers_fingerprint_changes_with_a_price(tmp_path: Path) -> None:
    (tmp_path / "docomo.toml").write_text(GOOD.replace("price_yen = 5000", "price_yen = 6000"), encoding="utf-8")
    changed = load_catalogue(tmp_path).carriers[0]
    docomo = CATALOGUE.carriers[0]
    assert fingerprint(docomo) != fingerprint(changed)
    assert fingerprint(docomo) == fingerprint(load_catalogue(CONFIG / "carriers").carriers[0])


def test_the_ids_of_nobody_are_found_as_nothing() -> None:
    assert CATALOGUE.plan("nobody") is None
    assert CATALOGUE.carrier("nobody") is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('id = "docomo"\n', 'id = "dokomo"\n', "id: found 'dokomo', expected the file's name, 'docomo'"),
        ("position = 1", 'position = "1"', "position: found '1', expected a whole number from 1 to 99"),
        ("fictional = true", "fictional = 1", "fictional: found 1, expected true or false"),
        ('"BEST_SINGLE"', '"ALL"', "stacking: found 'ALL', expected one of BEST_SINGLE"),
        ('ja = "NTTドコモ"\n', "", "name.ja: found nothing, expected a text in quotes"),
        ('en = "NTT docomo"', 'eng = "NTT docomo"', "name.eng: unknown key, expected one of ja, en, zh-Hans, zh-Hant"),
        ("price_yen = 1000", "price_yen = 1505", "plan[0].price_yen: found 1505, expected a multiple of 10"),
        (
            "price_yen = 1000",
            "price_yen = 110000",
            "plan[0].price_yen: found 110000, expected a whole number from 100 to 100000",
        ),
        ("price_yen = 1000", "price_jen = 1000", "plan[0].price_yen: found nothing"),
        (
            'tax = "STANDARD_10_INCLUDED"',
            'tax = "8"',
            "plan[0].tax: found '8', expected one of STANDARD_10_INCLUDED, EXEMPT, NOT_TAXED",
        ),
        ('kind = "DIRECT"', 'kind = "CARD"', "plan[0].kind: found 'CARD', expected one of DIRECT, PIN"),
        ('refundable = "NEVER"', "", "plan[4].refundable: found nothing, expected one of NEVER, BEFORE_COMMIT_ONLY, WINDOW"),
        ("credit_yen = 3000\n", "", "plan[4].credit_yen: found nothing, expected the balance that is sold"),
        (
            'id = "docomo-data-3gb"',
            'id = "docomo-data-1gb"',
            "plan[1].id: found 'docomo-data-1gb', expected an id that no other",
        ),
        ("n = 7 }", "n = 0 }", "plan[0].validity.n: found 0, expected a whole number from 1 to 3660"),
        ("n = 7 }", "n = 7, cap_days = 9 }", "plan[0].validity.cap_days: found 9, expected nothing"),
        ('"DAYS_FROM_TOPUP"', '"DAYS"', "plan[0].validity.rule: found 'DAYS', expected one of DAYS_FROM_TOPUP, EXTEND"),
        ('plans = ["docomo-data-3gb"]', 'plans = ["no"]', "promotion[0].plans: found ['no'], expected a list of plan ids of"),
        (
            "discount_yen = 1000",
            "discount_yen = 5000",
            "promotion[1].discount_yen: found 5000, expected a whole number from 100",
        ),
        ("discount_yen = 1000", "discount_yen = 1205", "promotion[1].discount_yen: found 1205, expected a multiple of 10"),
        (
            '"FIRST_MONTH_FREE"',
            '"FIRST_MONTH_FREE"\ndiscount_yen = 1000',
            "promotion[0].discount_yen: found 1000, expected noth",
        ),
        ("[notice]", "[notes]", "notes: unknown key, expected one of id, position"),
        ("position = 1", "position = = 1", "not valid TOML"),
    ],
)
def test_every_mistake_names_file_key_found_and_expected(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    path = tmp_path / "docomo.toml"
    path.write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as mistake:
        load_catalogue(tmp_path)
    assert str(mistake.value).startswith(f"{path}: ")
    assert said in str(mistake.value)


def test_two_carriers_may_not_stand_in_one_place_nor_share_a_plan(tmp_path: Path) -> None:
    (tmp_path / "docomo.toml").write_text(GOOD, encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(GOOD.replace('id = "docomo"\n', 'id = "other"\n'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"other.toml: position: found 1, expected another than that of docomo"):
        load_catalogue(tmp_path)
    other.write_text(other.read_text(encoding="utf-8").replace("position = 1", "position = 2"), encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"other.toml: plan.id: found 'docomo-data-1gb', expected one that docomo does not have"
    ):
        load_catalogue(tmp_path)


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"found no \*.toml"):
        load_catalogue(tmp_path)


def test_no_promotion_of_the_shipped_plans_makes_a_price_that_coins_cannot_pay() -> None:
    for carrier in CATALOGUE.carriers:
        for plan in carrier.plans:
            for until in (None, SIMULATION_EPOCH.date()):
                price_yen = offer(plan, Subscriber(carrier.id, LineStatus.ACTIVE, until), SIMULATION_EPOCH).price_yen
                assert price_yen >= 0
                assert price_yen % 10 == 0
