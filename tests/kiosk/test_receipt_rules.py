"""The rules behind a receipt, each by itself: issuer's number, tax, revenue stamp, cards, PINs, and how a print ended."""

import re
from pathlib import Path
from shutil import copytree

import pytest

from hardware.errors import ConfigError
from hardware.vocabulary import JobOutcome
from kiosk.config import load_config
from kiosk.paperclerk import told
from kiosk.receipts import tax
from kiosk.receipts.registration import NEVER_ASSIGNED, check_digit, doubts
from kiosk.receipts.stamp import needs_stamp
from kiosk.receipts.tender import CardSlip
from kiosk.receipts.voucher import Voucher

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("number", ["7010705000725", "4011001098993", "2120901007402", "7123456789012", "9999999999999"])
def test_the_first_digit_of_a_corporate_number_checks_the_others(number: str) -> None:
    assert check_digit(number[1:]) == int(number[0])


@pytest.mark.parametrize("place", range(1, 13))
def test_a_digit_mistyped_by_one_is_noticed_wherever_it_stands(place: int) -> None:
    number = "7010705000725"
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    assert (doubts("T" + wrong, fictional=False) == "") is (number[place] == "9")  # 9 and 0 weigh the same


def test_a_number_that_is_no_corporations_is_doubted_and_not_refused(tmp_path: Path) -> None:
    assert "first digit would be 9, not 1" in doubts("T1234567890123", fictional=True)
    folder = copytree(CONFIG, tmp_path / "config")
    file = folder / "terminal.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(NEVER_ASSIGNED, "T1234567890123"), encoding="utf-8")
    (warning,) = load_config(folder, folder / "benches" / "virtual.toml").warnings
    assert "terminal.toml: [store] registration: not a corporate number" in warning


def test_the_number_for_demonstrations_is_fine_in_one_and_doubted_at_a_shop() -> None:
    assert doubts(NEVER_ASSIGNED, fictional=True) == ""
    assert "demonstrations" in doubts(NEVER_ASSIGNED, fictional=False)
    assert doubts("", fictional=False) == ""


def test_each_tax_class_has_a_total_of_its_own_and_only_a_rate_has_a_tax() -> None:
    sold = [(tax.STANDARD, 1000), (tax.NOT_TAXED, 3000), (tax.EXEMPT, 2000), (tax.STANDARD, 1005)]
    assert tax.totals(sold) == (
        tax.TaxTotal("receipt.standard_rate", 2005, 182),
        tax.TaxTotal("receipt.exempt", 2000, None),
        tax.TaxTotal("receipt.not_taxed", 3000, None),
    )


def test_tax_is_rounded_down_once_for_a_rate_and_not_for_each_line() -> None:
    assert tax.totals([(tax.STANDARD, 105)] * 10)[0].tax_yen == 95
    assert 10 * tax.included_tax_yen(105) == 90


@pytest.mark.parametrize(
    ("cash", "tax_yen", "due"), [(49_999, 0, False), (50_000, 0, True), (54_000, 4_909, False), (55_000, 5_000, True)]
)
def test_a_stamp_is_due_from_50000_yen_in_cash_without_the_tax_that_is_shown(cash: int, tax_yen: int, due: bool) -> None:
    assert needs_stamp(cash, tax_yen) is due


def test_a_shop_that_wants_no_stamps_may_not_sell_what_needs_one(tmp_path: Path) -> None:
    folder = copytree(CONFIG, tmp_path / "config")
    plans = folder / "carriers" / "docomo.toml"
    plans.write_text(plans.read_text(encoding="utf-8").replace("price_yen = 1000", "price_yen = 50000"), encoding="utf-8")
    bench = folder / "benches" / "virtual.toml"
    with pytest.raises(ConfigError, match=r"docomo\.toml: docomo-data-1gb: price_yen: found 50000, expected less than 50000"):
        load_config(folder, bench)
    terminal = folder / "terminal.toml"
    terminal.write_text(re.sub('stamp = "below"', 'stamp = "box"', terminal.read_text(encoding="utf-8")), encoding="utf-8")
    assert load_config(folder, bench).store.stamp == "box"


@pytest.mark.parametrize("last4", ["", "123", "12345", "4111111111111111", "１２３４", "12a4"])
def test_a_card_slip_takes_the_last_four_digits_and_nothing_longer(last4: str) -> None:
    with pytest.raises(ValueError, match="last four"):
        CardSlip("VISA", last4, "123456")


def test_a_card_number_finds_no_way_into_a_slip_by_another_field() -> None:
    with pytest.raises(ValueError, match="must not hold"):
        CardSlip("VISA", "1111", "4111 1111-1111 1111")


def test_a_pin_is_grouped_for_reading_and_never_shown_by_accident() -> None:
    voucher = Voucher("SN-0042", "1234567890123456", "2026-12-31")
    assert voucher.groups == "1234 5678 9012 3456"
    assert "5678" not in repr(voucher)
    assert "5678" not in f"{voucher}"


def test_a_print_that_is_neither_failed_nor_unknown_came_out() -> None:
    for outcome in JobOutcome:
        assert told(outcome) == {"taken": "presented"}.get(outcome.value, outcome.value)
