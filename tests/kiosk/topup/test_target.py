import pytest

from kiosk.topup.target import Target

PHONE = Target("phone", "+819001234567")
CARD_19 = Target("iccid", "8981990000000000013")
CARD_20 = Target("iccid", "89819900000000012345")


def test_a_phone_number_is_shown_grouped_three_four_four() -> None:
    assert PHONE.full == "090-0123-4567"


def test_an_iccid_is_shown_in_groups_of_four() -> None:
    assert CARD_19.full == "8981 9900 0000 0000 013"
    assert CARD_20.full == "8981 9900 0000 0001 2345"


def test_masking_leaves_the_network_and_the_last_digits() -> None:
    assert PHONE.masked == "090-****-4567"
    assert CARD_20.masked == "8981 **** **** ***1 2345"
    assert CARD_19.masked == "8981 **** **** **00 013"


@pytest.mark.parametrize("target", [PHONE, CARD_19, CARD_20])
def test_no_way_of_printing_a_target_tells_the_number(target: Target) -> None:
    middle = target.value[5:-5]
    for text in (repr(target), str(target), f"{target}", repr([target]), str(target.for_journal())):
        assert middle not in text.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("target", [PHONE, CARD_19, CARD_20])
def test_a_target_survives_the_wire(target: Target) -> None:
    assert Target.from_api(target.to_api()) == target


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "09001234567"),
        ("phone", "+8190012345678"),
        ("phone", "+81900123456７"),
        ("iccid", "898199000000000001"),
        ("iccid", "898199000000000000134"),
        ("iccid", "8901990000000000013"),
        ("eid", "8981990000000000013"),
    ],
)
def test_a_target_of_another_form_is_refused_without_repeating_the_number(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match="not a target") as refusal:
        Target(kind, value)  # type: ignore[arg-type]
    assert value not in str(refusal.value)


@pytest.mark.parametrize("raw", [{}, {"msisdn": "+819001234567", "iccid": "8981990000000000013"}, {"number": "1"}])
def test_the_wire_must_name_exactly_one_number(raw: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either msisdn or iccid"):
        Target.from_api(raw)
