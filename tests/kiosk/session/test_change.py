"""Which sums can be made, and what may still be put in: checked against counting everything out."""

from collections import Counter
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.change import pieces_for
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.cash import accepted
from kiosk.session.change import as_pieces, can_finish, is_payable, most_payable, without
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, Pieces, State
from tests.kiosk.session.visits import SHOP, Visit, at_cash

COIN_SHOP = replace(SHOP, denominations=frozenset({1000, 2000, 5000, 10000}), coins=frozenset({10, 50, 100, 500}))
VALUES = (10, 50, 100, 500, 1000, 2000, 5000)

FLOATS = st.dictionaries(st.sampled_from(VALUES), st.integers(1, 3), max_size=5).map(
    lambda pieces: tuple(sorted(pieces.items(), reverse=True))
)


def every_sum(gives: Pieces) -> set[int]:
    """Count out every choice of pieces."""
    ranges = [[yen * count for count in range(most + 1)] for yen, most in gives]
    return {sum(choice) for choice in product(*ranges)}


@given(FLOATS, st.integers(0, 2500).map(lambda tens: tens * 10))
def test_the_most_that_can_be_paid_is_the_largest_sum_that_does_not_exceed_what_is_due(gives: Pieces, due: int) -> None:
    sums = every_sum(gives)
    assert most_payable(due, gives) == max(total for total in sums if total <= due)
    assert is_payable(due, gives) == (due in sums)
    assert is_payable(due, gives) == (pieces_for(due, dict(gives)) is not None)


@given(FLOATS, st.integers(1, 2500).map(lambda tens: tens * 10))
def test_what_can_be_paid_is_paid_to_the_yen_out_of_what_is_there(gives: Pieces, due: int) -> None:
    yen = most_payable(due, gives)
    pieces = as_pieces(yen, gives)
    assert sum(value * count for value, count in pieces) == yen
    assert not Counter(dict(pieces)) - Counter(dict(gives))
    assert sum(v * n for v, n in without(gives, pieces)) == sum(v * n for v, n in gives) - yen


def test_a_2000_yen_note_is_no_trap() -> None:
    assert as_pieces(6000, ((5000, 1), (2000, 3))) == ((2000, 3),)
    assert most_payable(4000, ((5000, 1), (2000, 3), (1000, 1))) == 4000


def test_an_odd_amount_of_yen_cannot_be_paid() -> None:
    assert not is_payable(15, ((10, 5),))
    assert most_payable(15, ((10, 5),)) == 10


def test_a_price_can_be_finished_by_overpaying_where_the_change_is_there() -> None:
    notes = ((10000, None), (5000, None), (1000, None))
    assert not can_finish(3480, notes, ())
    assert can_finish(3480, notes, ((500, 1), (10, 2)))
    assert not can_finish(3480, notes, ((500, 1), (10, 1)))
    assert can_finish(3480, ((5000, None),), ((1000, 1), (500, 1), (10, 2)))


def test_a_coin_that_may_not_be_used_once_more_does_not_count() -> None:
    assert can_finish(30, ((10, 3),), ())
    assert not can_finish(40, ((10, 3),), ())
    assert not can_finish(40, ((50, 0),), ((10, 5),))
    assert can_finish(40, ((50, 1),), ((10, 5),))


def paying(price_yen: int, gives: Pieces, takes: tuple[int, ...]) -> State:
    return State(phase=Phase.CASH, price_yen=price_yen, topup="t", takes=takes, gives=gives, cash_ready=True)


TAKES = st.sets(st.sampled_from((10, 50, 100, 500, 1000, 2000, 5000, 10000)), min_size=1).map(lambda s: tuple(sorted(s)))


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 1000).map(lambda tens: tens * 10), FLOATS, TAKES, st.randoms(use_true_random=False))
def test_whoever_puts_in_what_is_welcome_always_gets_to_the_end_to_the_yen(
    price: int, gives: Pieces, takes: tuple[int, ...], random: object
) -> None:
    """From any price that can be paid, any welcome piece leads to a price that can be paid, or to payable change."""
    purse = tuple((yen, 20 if yen < 1000 else None) for yen in sorted(takes, reverse=True))
    state = paying(price, gives, takes)
    if not can_finish(price, purse, gives):
        return
    for _ in range(400):
        welcome = sorted(accepted(COIN_SHOP, state))
        assert welcome, f"stuck with {state.remaining_yen} yen to go"
        yen = random.choice(welcome)  # type: ignore[attr-defined]
        state = replace(state, coins=(*state.coins, yen))
        if state.remaining_yen == 0:
            break
    assert state.remaining_yen == 0
    assert is_payable(state.credited_yen - price, gives)


@given(st.integers(1, 1000).map(lambda tens: tens * 10), FLOATS, TAKES)
def test_nothing_is_welcome_that_would_leave_a_sum_nobody_can_pay(price: int, gives: Pieces, takes: tuple[int, ...]) -> None:
    state = paying(price, gives, takes)
    for yen in accepted(COIN_SHOP, state):
        after = replace(state, coins=(yen,))
        assert after.remaining_yen == 0 or accepted(COIN_SHOP, after)


def test_a_float_that_shrinks_shuts_out_the_notes_it_could_give_change_for() -> None:
    state = paying(3480, ((1000, 1), (500, 1), (10, 2)), (10, 100, 1000, 5000))
    assert 5000 in accepted(COIN_SHOP, state)
    assert 5000 not in accepted(COIN_SHOP, replace(state, gives=((1000, 1), (500, 1), (10, 1))))


def test_a_kiosk_that_pays_nothing_out_takes_notes_as_before() -> None:
    visit = at_cash(6000)
    assert accepted(Shop(SHOP.carriers), visit.state) == {1000, 5000}


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 800).map(lambda tens: tens * 10),
    FLOATS,
    st.lists(st.sampled_from((10, 50, 100, 500, 1000, 5000, 10000)), max_size=12),
    st.sampled_from(["cancelled", "completed", "declined", "unknown"]),
    st.data(),
)
def test_whatever_is_put_in_is_kept_paid_back_or_owed_and_never_more_than_once(
    price: int, gives: Pieces, pieces: list[int], ending: str, data: st.DataObject
) -> None:
    visit = Visit(replace(paying(price, gives, (10, 50, 100, 500, 1000, 5000, 10000)), visit=1, booked=True), shop=COIN_SHOP)
    for yen in pieces:  # also those nobody asked for: coins roll on after the slot is shut
        visit.do(ev.CoinCredited(yen, "coins", "m"))
    if visit.state.phase is Phase.CASH:
        visit.do(ev.ReservationEnding())
    elif ending == "cancelled":
        visit.do(ev.Committed("declined"))
    else:
        visit.do(ev.Committed(ending))  # type: ignore[arg-type]
    while visit.state.paying is not None:
        order = visit.last(fx.PayOut)
        assert isinstance(order, fx.PayOut)
        assert not Counter(dict(order.pieces)) - Counter(dict(visit.state.gives or ()))
        paid = tuple((yen, data.draw(st.integers(0, count))) for yen, count in order.pieces)
        unsure = tuple((yen, data.draw(st.integers(0, dict(order.pieces)[yen] - n))) for yen, n in paid)
        visit.do(ev.PaidOut("hopper", paid, unsure))
    state = visit.state
    assert state.phase in (Phase.RETURNING, Phase.RESULT, Phase.DECLINED, Phase.UNKNOWN)
    assert sum(pieces) == state.kept_yen + state.change_yen + state.owed_yen
    if state.owed_yen:
        assert state.slip_yen == state.owed_yen
