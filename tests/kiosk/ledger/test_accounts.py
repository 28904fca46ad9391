"""Every function of the plan of accounts balances, whatever the amount."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ledger import accounts as a

YEN = st.sampled_from([1000, 2000, 5000, 10000])
MOVES = [
    a.note_in_escrow,
    a.note_returned,
    a.note_stacked,
    lambda yen: a.sale("docomo", yen),
    a.owed,
    a.owed_paid,
    a.note_unaccounted,
    a.found_stacked,
    lambda yen: a.found_returned(yen, slip_given=True),
    lambda yen: a.found_returned(yen, slip_given=False),
    lambda yen: a.found_paid(yen, yen),
    lambda yen: a.found_paid(yen, 0),
    lambda yen: a.found_paid(yen, 500),
    a.unaccounted_written_off,
    a.forgotten,
    a.change_paid,
    a.card_captured,
    a.card_reversed,
]


def booked(*moves: a.Postings) -> dict[str, int]:
    books: Counter[str] = Counter()
    for posting in (posting for move in moves for posting in move):
        books[posting.account] += posting.yen
    return {name: yen for name, yen in books.items() if yen}


@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(1, 10**7 - 1))))
def test_any_sequence_of_moves_sums_to_zero_on_known_accounts(moves):
    postings = [posting for move, yen in moves for posting in move(yen)]
    assert sum(posting.yen for posting in postings) == 0
    assert all(a.is_account(posting.account) for posting in postings)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("amount", [0, -1000, 1000.0, True, "1000"])
def test_only_whole_yen_above_zero_can_move(move, amount):
    with pytest.raises(ValueError, match="not an amount"):
        move(amount)


@given(YEN)
def test_a_note_in_and_out_of_escrow_leaves_no_trace(yen):
    assert booked(a.note_in_escrow(yen), a.note_returned(yen)) == {}


@given(YEN)
def test_a_note_sold_for_is_in_the_box_and_earned(yen):
    books = booked(a.note_in_escrow(yen), a.note_stacked(yen), a.sale("ahamo", yen))
    assert books == {f"CASHBOX:{yen}": yen, "SALES:ahamo": -yen}


@given(YEN)
def test_a_lost_note_found_in_the_box_ends_as_if_it_had_been_stacked_and_owed(yen):
    lost = booked(a.note_in_escrow(yen), a.note_unaccounted(yen), a.owed(yen), a.found_stacked(yen))
    seen = booked(a.note_in_escrow(yen), a.note_stacked(yen), a.owed(yen))
    assert lost == seen


@given(YEN)
def test_a_lost_note_that_went_back_ends_as_if_it_had_never_come(yen):
    with_slip = booked(a.note_in_escrow(yen), a.note_unaccounted(yen), a.owed(yen), a.found_returned(yen, slip_given=True))
    in_visit = booked(a.note_in_escrow(yen), a.note_unaccounted(yen), a.found_returned(yen, slip_given=False))
    assert with_slip == in_visit == {}


@given(YEN, st.integers(0, 500), st.integers(0, 500))
def test_a_collection_empties_the_box_and_shows_the_difference(yen, booked_notes, counted_notes):
    if booked_notes == counted_notes == 0:
        return
    books = booked(a.cash_collected(yen, booked_notes, counted_notes))
    assert sum(books.values()) == 0
    assert books.get(f"CASHBOX:{yen}", 0) == -yen * booked_notes
    assert books.get("OVER_SHORT", 0) == yen * (booked_notes - counted_notes)


def test_nothing_cannot_be_collected():
    with pytest.raises(ValueError, match="cannot collect"):
        a.cash_collected(1000, 0, 0)


@pytest.mark.parametrize("name", ["", "ESCROWS", "CASHBOX:", "CASHBOX:01000", "CASHBOX:1000 ", "SALES:", "SALES:a b", "escrow"])
def test_a_misspelt_account_is_no_account(name):
    assert not a.is_account(name)


def test_a_carrier_that_cannot_be_part_of_a_name_is_refused():
    with pytest.raises(ValueError, match="carrier"):
        a.sale("ド コモ", 1000)
