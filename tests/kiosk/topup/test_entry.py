import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.topup.entry import check_entry, finish_entry
from kiosk.topup.target import Kind

DIGITS = st.text("0123456789")


def phone_problem(typed: str, *, allow_unassigned: bool = True) -> str:
    return check_entry("phone", typed, allow_unassigned=allow_unassigned).problem


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", "___-____-____"),
        ("0", "0__-____-____"),
        ("090", "090-____-____"),
        ("0900123", "090-0123-____"),
        ("09001234567", "090-0123-4567"),
        ("090012345678", "090-0123-45678"),
    ],
)
def test_the_field_groups_what_is_typed_and_pads_what_is_missing(typed: str, shown: str) -> None:
    assert check_entry("phone", typed, allow_unassigned=True).shown == shown


def test_every_prefix_of_a_good_number_is_without_problem_and_only_the_whole_is_complete() -> None:
    number = "07001234567"
    for length in range(len(number)):
        entry = check_entry("phone", number[:length], allow_unassigned=True)
        assert (entry.problem, entry.complete, entry.target) == ("", False, None)
    whole = check_entry("phone", number, allow_unassigned=True)
    assert whole.complete
    assert whole.target is not None
    assert whole.target.value == "+817001234567"


@pytest.mark.parametrize(
    "typed",
    [
        "090-0123-4567",
        "０９０－０１２３－４５６７",
        "０９０ー０１２３ー４５６７",
        "090 0123 4567",
        "+81 90 0123 4567",
        "+81(0)90-0123-4567",
        "+8109001234567",
        "010 81 90 0123 4567",
        " 090.0123.4567\r\n",
    ],
)
def test_pasted_and_scanned_forms_of_one_number_are_one_number(typed: str) -> None:
    target = check_entry("phone", typed, allow_unassigned=True).target
    assert target is not None
    assert target.value == "+819001234567"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("9", "problem.phone_not_mobile"),
        ("9001234567", "problem.phone_not_mobile"),
        ("110", "problem.phone_not_mobile"),
        ("0120", "problem.phone_toll_free"),
        ("0800", "problem.phone_toll_free"),
        ("08001234567", "problem.phone_toll_free"),
        ("03", "problem.phone_not_mobile"),
        ("0300000000", "problem.phone_not_mobile"),
        ("06600000000", "problem.phone_not_mobile"),
        ("050", "problem.phone_not_mobile"),
        ("05000000000", "problem.phone_not_mobile"),
        ("0570", "problem.phone_not_mobile"),
        ("0200", "problem.phone_not_mobile"),
        ("0204", "problem.phone_not_mobile"),
        ("0081900123", "problem.phone_not_mobile"),
        ("+1202", "problem.not_digits"),
        ("090-0123-456x", "problem.not_digits"),
        ("090012345678", "problem.phone_too_long"),
    ],
)
def test_a_wrong_number_is_told_as_soon_as_it_is_certain(typed: str, problem: str) -> None:
    entry = check_entry("phone", typed, allow_unassigned=True)
    assert (entry.problem, entry.complete, entry.target) == (problem, False, None)


@pytest.mark.parametrize("typed", ["0900", "0700", "0600", "09001234567"])
def test_never_assigned_blocks_are_admitted_in_simulation_only(typed: str) -> None:
    assert phone_problem(typed, allow_unassigned=False) == "problem.phone_unassigned"
    assert phone_problem(typed, allow_unassigned=True) == ""


def test_the_simulation_switch_does_not_admit_toll_free_0800() -> None:
    assert phone_problem("0800", allow_unassigned=True) == "problem.phone_toll_free"


@given(st.sampled_from("6789"), st.sampled_from("123456789"), st.text("0123456789", min_size=7, max_size=7))
def test_every_assigned_mobile_number_is_accepted(second: str, fourth: str, rest: str) -> None:
    typed = f"0{second}0{fourth}{rest}"
    entry = check_entry("phone", typed, allow_unassigned=False)
    assert entry.complete
    assert entry.target is not None
    assert phonenumbers.is_valid_number(phonenumbers.parse(entry.target.value))


@given(st.sampled_from("12356789"), st.text("0123456789", min_size=7, max_size=7))
def test_data_lines_are_accepted_although_the_library_calls_them_pagers(fourth: str, rest: str) -> None:
    assert check_entry("phone", f"020{fourth}{rest}", allow_unassigned=False).complete


@given(st.text("0123456789", min_size=9, max_size=10).map("0".__add__))
@example("0102100000")
def test_whatever_else_the_library_calls_a_real_number_is_not_complete(typed: str) -> None:
    accepted = check_entry("phone", typed, allow_unassigned=False).complete
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(typed, "JP"))
    except phonenumbers.NumberParseException:  # 010 dials abroad, and what follows is no country
        assert not accepted
        return
    if accepted:
        assert kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.PAGER)
    if kind == phonenumbers.PhoneNumberType.MOBILE:
        assert accepted


@given(st.sampled_from(["phone", "iccid"]), st.text(max_size=80), st.booleans())
def test_any_text_gets_an_answer_and_next_always_has_a_target_or_a_reason(kind: Kind, typed: str, allowed: bool) -> None:
    live = check_entry(kind, typed, allow_unassigned=allowed)
    final = finish_entry(kind, typed, allow_unassigned=allowed)
    assert live.complete == (live.target is not None) == final.complete
    assert not (live.complete and live.problem)
    assert (final.target is None) == bool(final.problem)


@given(st.sampled_from(["phone", "iccid"]), DIGITS)
def test_an_entry_never_prints_what_was_typed(kind: Kind, typed: str) -> None:
    entry = check_entry(kind, typed, allow_unassigned=True)
    if len(typed) > 5:
        assert typed not in repr(entry).replace(" ", "").replace("-", "")


def test_too_short_is_told_by_next_and_not_while_typing() -> None:
    assert check_entry("phone", "0900", allow_unassigned=True).problem == ""
    assert finish_entry("phone", "0900", allow_unassigned=True).problem == "problem.phone_too_short"
    assert finish_entry("phone", "", allow_unassigned=True).problem == "problem.phone_too_short"
    assert finish_entry("iccid", "8981", allow_unassigned=True).problem == "problem.iccid_too_short"


def test_next_repeats_a_problem_that_typing_showed() -> None:
    assert finish_entry("phone", "0120", allow_unassigned=True).problem == "problem.phone_toll_free"
