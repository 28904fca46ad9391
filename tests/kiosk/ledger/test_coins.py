"""Coins and change in the books: every piece in one place, every visit told in one sentence, journals of before still read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ledger import accounts as a
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.ledger.report import render
from tests.kiosk.ledger.world import KIOSK, Till, busy_morning

PIECE = st.sampled_from([10, 50, 100, 500, 1000, 5000])
HOPPER = "hopper-10"


@pytest.fixture
def till():
    with Journal.open(None, KIOSK) as journal:
        yield Till(journal)


def change(till: Till, visit: str, *pieces: tuple[int, int]) -> None:
    """A payout, as the kiosk's till writes it."""
    legs: a.Postings = ()
    for yen, count in pieces:
        legs += a.change_paid(yen * count) + a.float_paid("changer", yen, count)
    till.act(visit, "pay_out", "paid", legs)


def filled(till: Till) -> None:
    legs = a.refilled("changer", 1000, 10) + a.refilled("changer", 500, 20) + a.refilled("changer", 10, 50)
    till.say("float", "", {"device": "changer"}, legs)


def overpaid(till: Till, visit: str) -> None:
    till.begin(visit)
    till.say(Kind.EVENT, visit, {"type": "CoinCredited", "yen": 500}, a.coin_in(a.coinbox(500), 500))
    till.stack(visit, 5000)
    till.act(visit, "commit", "completed", a.sale("docomo", 3480), plan="docomo 5 GB")
    change(till, visit, (1000, 2), (10, 2))
    till.end(visit)


def test_a_visit_with_coins_and_change_is_told_in_one_sentence_and_adds_up(till):
    filled(till)
    overpaid(till, "1")
    report = audit_journal(till.journal)
    assert report.ok, report.problems
    (story,) = report.visits
    assert "5,500 yen in (500 x1, 5,000 x1)" in str(story)
    assert "2,020 yen paid out" in str(story)
    assert "handed back" not in str(story)
    flows = report.totals
    assert (flows.inserted, flows.sold, flows.change, flows.returned) == (5500, 3480, 2020, 0)
    assert report.balances["FLOAT:changer:1000"] == 8000
    assert report.balances["REFILLED"] == -20_500
    assert report.balances["CHANGE_PAID"] == 0
    assert "FLOAT:changer:10" in render(report)


def test_filling_up_and_collecting_belong_to_no_visit_and_change_no_flow(till):
    filled(till)
    till.say("collected", "", {}, a.collected(a.float_of("changer", 10), 50, 49))
    report = audit_journal(till.journal)
    assert report.ok
    assert report.balances["OVER_SHORT"] == 10
    assert report.totals.as_json() == dict.fromkeys(report.totals.as_json(), 0)


def test_a_payout_nobody_can_speak_for_is_owed_and_nobody_loses_a_yen(till):
    filled(till)
    till.begin("1")
    till.say(Kind.EVENT, "1", {}, a.coin_in(a.coinbox(500), 500))
    till.act("1", "pay_out", "unknown", a.payout_unsure("changer", 500, 1) + a.owed(500))
    till.end("1")
    report = audit_journal(till.journal)
    assert report.ok
    assert (report.balances["UNACCOUNTED"], report.balances["OWED"]) == (500, -500)
    assert "500 yen owed on a slip; 500 yen unaccounted for" in str(report.visits[0])


@pytest.mark.parametrize(
    ("legs", "owed", "held"),
    [(a.found_paid(500, 500), 0, 9500), (a.unsure_still_there("changer", 500, 1), -500, 10_000)],
    ids=["it had come out", "it was still there"],
)
def test_what_was_unsure_is_cleared_up_later(till, legs, owed, held):
    test_a_payout_nobody_can_speak_for_is_owed_and_nobody_loses_a_yen(till)
    till.say("order_resolved", "1", {}, legs)
    report = audit_journal(till.journal)
    assert report.ok
    assert report.balances["UNACCOUNTED"] == 0
    assert report.balances["OWED"] == owed
    assert report.balances["FLOAT:changer:500"] == held


def test_more_out_of_a_float_than_was_in_it_is_a_problem(till):
    till.begin("1")
    change(till, "1", (10, 1))
    assert any("FLOAT:changer:10 holds -10 yen" in str(problem) for problem in audit_journal(till.journal).problems)


def test_change_on_paper_that_left_no_float_is_a_problem(till):
    filled(till)
    till.begin("1")
    till.say(Kind.EVENT, "1", {}, a.coin_in(a.coinbox(500), 500))
    till.act("1", "pay_out", "paid", a.change_paid(500))
    till.end("1")
    assert any("500 yen of change" in str(problem) for problem in audit_journal(till.journal).problems)


def test_a_journal_of_before_reads_as_it_did(till):
    busy_morning(till.journal)
    report = audit_journal(till.journal)
    assert not report.problems
    assert report.totals.change == 0


@given(PIECE, st.integers(1, 500))
def test_a_piece_through_the_machine_leaves_no_trace(yen, count):
    device = "changer"
    legs = a.refilled(device, yen, count) + a.change_paid(yen * count) + a.float_paid(device, yen, count)
    legs += a.coin_in(a.coinbox(yen), yen * count) + a.moved(a.coinbox(yen), a.float_of(device, yen), yen * count)
    books: dict[str, int] = {}
    for leg in legs:
        books[leg.account] = books.get(leg.account, 0) + leg.yen
    assert {name: sum_ for name, sum_ in books.items() if sum_} == {
        a.float_of(device, yen): yen * count,
        a.REFILLED: -yen * count,
    }


@given(PIECE, st.integers(0, 300), st.integers(0, 300))
def test_a_count_wins_over_the_books_and_the_difference_shows(yen, booked, found):
    legs = a.counted(a.float_of(HOPPER, yen), booked, found)
    assert sum(leg.yen for leg in legs) == 0
    assert bool(legs) == (booked != found)
    assert sum(leg.yen for leg in legs if leg.account == a.OVER_SHORT) == yen * (booked - found)


@pytest.mark.parametrize("name", ["FLOAT:", "FLOAT:x", "FLOAT::10", "FLOAT:X:10", "FLOAT:a:010", "COINBOX:", "COINBOX:-1"])
def test_a_misspelt_place_is_no_account(name):
    assert not a.is_account(name)
    assert a.denomination_of(name) is None
    assert a.device_of(name) is None


def test_places_say_what_lies_in_them():
    assert a.denomination_of("FLOAT:hopper-10:10") == 10
    assert a.device_of("FLOAT:hopper-10:10") == "hopper-10"
    assert a.denomination_of("COINBOX:500") == 500
    assert a.device_of("COINBOX:500") is None


def test_a_device_whose_name_cannot_be_part_of_an_account_is_refused():
    with pytest.raises(ValueError, match="cannot name a float"):
        a.float_of("Wechsler 1", 10)
    with pytest.raises(ValueError, match="holds no pieces"):
        a.counted("OWED", 1, 2)
    with pytest.raises(ValueError, match="cannot collect"):
        a.collected("OWED", 1, 2)


def test_an_entry_with_a_float_can_be_written_and_read_back(till):
    till.journal.append(till._at, Entry("float", "", {"device": "a"}, a.refilled("a", 10, 3)))
    assert till.journal.balance("FLOAT:a:10") == 30
    assert till.journal.balance("FLOAT:b:10") == 0
