import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from kiosk.topup.entry import check_entry
from kiosk.topup.iccid import luhn_digit, luhn_valid

CARDS = ["8981990000000000013", "8981990000000000021", "8981990000000000039", "89819900000000000016", "89819900000000000024"]
EID = "89001012012341234012345678901224"


def problem(typed: str) -> str:
    return check_entry("iccid", typed, allow_unassigned=True).problem


@given(st.text("0123456789", min_size=1, max_size=40))
def test_luhn_agrees_with_the_library(digits: str) -> None:
    assert luhn_valid(digits) == luhn.is_valid(digits)
    assert luhn_digit(digits) == luhn.calc_check_digit(digits)


@given(st.sampled_from(CARDS), st.data())
def test_no_single_wrong_digit_passes(card: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(card) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != card[place]]))
    assert not luhn_valid(card[:place] + wrong + card[place + 1 :])


def test_the_one_swap_that_luhn_cannot_see_is_why_the_customer_reads_the_number_back() -> None:
    assert luhn_valid("8981990123456789010")
    assert luhn_valid("8981909123456789010")


@pytest.mark.parametrize("card", CARDS)
def test_cards_of_19_and_20_digits_are_complete_with_their_last_digit(card: str) -> None:
    entry = check_entry("iccid", card, allow_unassigned=False)
    assert entry.complete
    assert entry.target is not None
    assert entry.target.value == card
    assert not check_entry("iccid", card[:18], allow_unassigned=False).complete


@pytest.mark.parametrize(("printed", "value"), [("8981 9900 0000 0000 013F", CARDS[0]), ("89819900000000000016f", CARDS[3])])
def test_a_printed_filler_is_dropped(printed: str, value: str) -> None:
    target = check_entry("iccid", printed, allow_unassigned=False).target
    assert target is not None
    assert target.value == value


def test_full_width_digits_of_a_scanner_are_digits() -> None:
    assert check_entry("iccid", "８９８１９９０００００００００００１３", allow_unassigned=False).complete


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("8", ""),
        ("898", ""),
        ("7", "problem.iccid_prefix"),
        ("8982", "problem.iccid_prefix"),
        ("8901990000000000013", "problem.iccid_prefix"),
        ("89819900000000000017", "problem.iccid_luhn"),
        ("898199000000000000161", "problem.iccid_too_long"),
        ("8981990000FF0000013", "problem.not_digits"),
        (EID, "problem.iccid_is_eid"),
        ("8981" + "0" * 28, "problem.iccid_is_eid"),
    ],
)
def test_each_mistake_has_its_own_message(typed: str, expected: str) -> None:
    assert problem(typed) == expected


def test_19_digits_that_do_not_check_are_told_and_leave_room_for_a_twentieth() -> None:
    entry = check_entry("iccid", "8981990000000000014", allow_unassigned=True)
    assert (entry.problem, entry.shown) == ("problem.iccid_luhn", "8981 9900 0000 0000 014_")


def test_the_field_is_padded_to_19_and_grows_to_20() -> None:
    assert check_entry("iccid", "898199", allow_unassigned=True).shown == "8981 99__ ____ ____ ___"
    assert check_entry("iccid", CARDS[3], allow_unassigned=True).shown == "8981 9900 0000 0000 0016"
