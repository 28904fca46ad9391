"""Change: the fewest pieces that pay an amount exactly from what is there, checked against trying everything."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.change import HIGHEST_YEN, pieces_for

YEN = (1, 5, 10, 50, 100, 500, 1000, 2000, 5000, 10000)


def by_trying(yen: int, available: dict[int, int]) -> int | None:
    """Return the fewest pieces, found by trying every handful."""
    handfuls = product(*(range(count + 1) for count in available.values()))
    sizes = [sum(counts) for counts in handfuls if sum(v * n for v, n in zip(available, counts, strict=True)) == yen]
    return min(sizes, default=None)


@given(
    available=st.dictionaries(st.sampled_from(YEN), st.integers(0, 4), max_size=5),
    steps=st.integers(0, 4000),
    step=st.sampled_from((1, 5, 10, 100, 500, 1000)),
)
def test_it_finds_what_trying_every_handful_finds(available: dict[int, int], steps: int, step: int) -> None:
    yen = steps * step % 20_001
    check(yen, available)


@given(
    available=st.dictionaries(st.integers(1, 12), st.integers(0, 4), max_size=4),
    yen=st.integers(0, 60),
)
def test_it_does_so_for_values_that_no_mint_has_ever_struck(available: dict[int, int], yen: int) -> None:
    check(yen, available)


def check(yen: int, available: dict[int, int]) -> None:
    pieces, expected = pieces_for(yen, available), by_trying(yen, available)
    if pieces is None:
        assert expected is None
    else:
        assert sum(pieces.values()) == expected
        assert sum(value * count for value, count in pieces.items()) == yen
        assert all(0 < count <= available[value] for value, count in pieces.items())


@given(available=st.dictionaries(st.sampled_from(YEN), st.integers(0, 10**9)), yen=st.integers(0, 20_000))
def test_what_it_names_is_there_and_pays_the_amount_however_much_there_is(available: dict[int, int], yen: int) -> None:
    pieces = pieces_for(yen, available)
    if pieces is not None:
        assert sum(value * count for value, count in pieces.items()) == yen
        assert all(0 < count <= available[value] for value, count in pieces.items())


@pytest.mark.parametrize(
    ("yen", "available", "pieces"),
    [
        (6000, {5000: 1, 2000: 3}, {2000: 3}),
        (8000, {5000: 1, 2000: 4, 1000: 1}, {5000: 1, 2000: 1, 1000: 1}),
        (0, {100: 3}, {}),
        (0, {}, {}),
        (300, {100: 3, 500: 9}, {100: 3}),
        (300, {100: 2, 50: 1, 10: 4}, None),
        (1000, {}, None),
        (7, {5: 1, 1: 1}, None),
    ],
)
def test_these_amounts_are_paid_so(yen: int, available: dict[int, int], pieces: dict[int, int] | None) -> None:
    assert pieces_for(yen, available) == pieces


def test_twenty_thousand_yen_in_small_coins_is_found_though_only_just_payable() -> None:
    available = {1: 4, 5: 1, 10: 4, 50: 1, 100: 4, 500: 1, 1000: 4, 2000: 5, 5000: 1}
    assert pieces_for(19_999 + 1, {**available, 1: 5}) == {1: 5, 5: 1, 10: 4, 50: 1, 100: 4, 500: 1, 1000: 4, 2000: 5, 5000: 1}
    assert pieces_for(20_001, {**available, 1: 5}) is None


@pytest.mark.parametrize("yen", [-1, HIGHEST_YEN + 1])
def test_an_amount_that_nobody_can_mean_is_refused(yen: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to"):
        pieces_for(yen, {1: 1})
