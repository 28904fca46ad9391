"""Visits as customers live them, without any device."""

from dataclasses import replace

import pytest

from kiosk.screenmodel import Touch
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.cash import accepted
from kiosk.session.picture import picture
from kiosk.session.state import Phase
from tests.kiosk.session.visits import SHOP, Visit, at_cash, at_plan, paid, to_cash


def test_three_notes_pay_for_a_plan_and_only_then_is_the_carrier_told_to_deliver() -> None:
    visit = at_cash()
    for remaining in (3000, 2000, 1000):
        assert visit.state.remaining_yen == remaining
        assert visit.count(fx.Commit) == 0
        visit.do(ev.NoteEscrowed(1000))
        assert visit.state.credited_yen == 3000 - remaining
        visit.do(ev.NoteCredited(1000))
    assert visit.last(fx.Commit) == fx.Commit(5, "t1", 3000)
    visit.do(ev.Committed("completed", "2026-12-22"))
    assert visit.state.phase is Phase.RESULT
    assert visit.state.sold_yen == 3000
    assert visit.last(fx.PrintPaper) == fx.PrintPaper(6, "receipt", 0)


def test_a_note_put_in_before_the_number_waits_in_escrow_until_the_reservation() -> None:
    visit = Visit().do(ev.NoteEscrowed(1000))
    assert visit.state.phase is Phase.LANGUAGE
    assert visit.effects == [fx.HoldNote()]
    visit.touch(Touch.LANGUAGE, "en").touch(Touch.CARRIER, "docomo").type_in("09001234567").touch(Touch.NEXT).touch(Touch.NEXT)
    visit.do(ev.LookedUp("docomo", at_plan().state.offers)).touch(Touch.PLAN, "d3").do(ev.Quoted("q1", 3000, ""))
    visit.touch(Touch.AGREE).touch(Touch.NEXT)
    assert visit.count(fx.StackNote) == 0
    visit.do(ev.Reserved("t1"))
    assert visit.last(fx.StackNote) == fx.StackNote(2, 1000)


def test_a_note_larger_than_the_price_goes_back_with_a_message() -> None:
    visit = at_cash().do(ev.NoteEscrowed(5000))
    assert isinstance(visit.effects[-1], fx.ReturnNote)
    visit.do(ev.NoteGivenBack(5000))
    assert visit.state.notice == "notice.note_too_large"
    assert visit.state.credited_yen == 0


def test_only_notes_that_keep_the_sum_payable_are_welcome() -> None:
    visit = at_cash(6000)
    assert accepted(SHOP, visit.state) == {1000, 5000}
    visit.do(ev.NoteEscrowed(5000), ev.NoteCredited(5000))
    assert accepted(SHOP, visit.state) == {1000}
    visit.do(ev.NoteEscrowed(1000))
    assert accepted(SHOP, visit.state) == frozenset()


def test_cancelling_before_any_money_ends_the_visit_at_once() -> None:
    visit = at_plan().touch(Touch.CANCEL)
    assert visit.state.phase is Phase.ATTRACT
    assert visit.effects[-1] == fx.EndVisit()


def test_cancelling_returns_the_note_in_escrow_and_releases_the_reservation() -> None:
    visit = at_cash(3000)
    visit.do(ev.NoteEscrowed(10000)).touch(Touch.CANCEL)
    assert {type(effect) for effect in visit.effects[-2:]} == {fx.ReturnNote, fx.Release}
    visit.do(ev.NoteGivenBack(10000), ev.Released())
    assert visit.state.returned_yen == 10000
    assert visit.state.owed_yen == 0


def test_cancelling_after_a_note_was_stacked_makes_it_owed_with_a_slip() -> None:
    visit = at_cash().do(ev.NoteEscrowed(1000), ev.NoteCredited(1000)).touch(Touch.CANCEL)
    assert visit.state.phase is Phase.RETURNING
    assert visit.state.owed_yen == 1000
    assert visit.last(fx.PrintPaper).kind == "owed"  # type: ignore[attr-defined]


def test_cancel_is_not_offered_while_a_note_is_on_its_way_into_the_box() -> None:
    visit = at_cash().do(ev.NoteEscrowed(1000))
    assert picture(SHOP, visit.state, "").buttons == ()
    assert visit.touch(Touch.CANCEL).state.phase is Phase.CASH


def test_a_declined_top_up_owes_all_that_was_paid() -> None:
    visit = paid().do(ev.Committed("declined"))
    assert (visit.state.phase, visit.state.owed_yen, visit.state.sold_yen) == (Phase.DECLINED, 3000, 0)


def test_an_unanswered_top_up_is_neither_sold_nor_owed() -> None:
    visit = paid().do(ev.Committed("unknown"))
    assert (visit.state.phase, visit.state.owed_yen, visit.state.sold_yen) == (Phase.UNKNOWN, 0, 0)
    assert visit.last(fx.PrintPaper).kind == "investigation"  # type: ignore[attr-defined]


def test_a_note_out_of_sight_is_owed_and_ends_the_visit() -> None:
    visit = at_cash().do(ev.NoteEscrowed(1000), ev.NoteMissing(1000))
    assert (visit.state.phase, visit.state.owed_yen, visit.state.missing) == (Phase.RETURNING, 1000, (1000,))


def test_a_silent_acceptor_is_given_up_after_a_minute_and_the_note_is_owed() -> None:
    visit = Visit().do(ev.NoteEscrowed(1000)).touch(Touch.CANCEL)
    assert visit.state.phase is Phase.RETURNING
    visit.wait()
    assert (visit.state.owed_yen, visit.state.missing) == (1000, (1000,))


def test_silence_is_first_asked_about_and_then_ends_the_visit() -> None:
    visit = at_plan().wait()
    assert visit.state.asking
    assert visit.touch(Touch.MORE_TIME).state.phase is Phase.PLAN
    assert visit.wait().wait().state.phase is Phase.SORRY


def test_a_stale_alarm_changes_nothing() -> None:
    visit = at_plan()
    before = visit.state
    assert visit.do(ev.TimedOut("1/plan/0/")).state == before


def test_a_note_put_in_answers_the_question_for_more_time() -> None:
    visit = at_cash().wait().do(ev.NoteEscrowed(1000))
    assert not visit.state.asking


def test_the_language_can_be_changed_on_every_screen_and_loses_nothing() -> None:
    visit = at_cash().do(ev.NoteEscrowed(1000), ev.NoteCredited(1000))
    visit.touch(Touch.LANGUAGE, "zh-Hans")
    assert (visit.state.language, visit.state.credited_yen, visit.state.phase) == ("zh-Hans", 1000, Phase.CASH)


def test_the_sheet_of_languages_opens_and_shuts_and_lets_nothing_through() -> None:
    visit = at_cash().touch(Touch.LANGUAGE)
    assert picture(SHOP, visit.state, "").choosing_language
    visit.touch(Touch.CANCEL)
    assert (visit.state.phase, visit.state.choosing_language) == (Phase.CASH, False)
    visit.touch(Touch.LANGUAGE).touch(Touch.LANGUAGE)
    assert not visit.state.choosing_language
    visit.touch(Touch.LANGUAGE).touch(Touch.LANGUAGE, "ne")
    assert (visit.state.language, visit.state.choosing_language) == ("ne", False)


def test_the_sheet_of_languages_goes_when_the_visit_moves_on() -> None:
    visit = at_cash().do(ev.NoteEscrowed(1000)).touch(Touch.LANGUAGE)
    visit.do(ev.NoteCredited(1000), ev.NoteEscrowed(1000), ev.NoteCredited(1000), ev.NoteEscrowed(1000))
    assert visit.state.choosing_language
    visit.do(ev.NoteCredited(1000))
    assert (visit.state.phase, visit.state.choosing_language) == (Phase.COMMIT, False)


def test_no_sheet_of_languages_opens_where_the_screen_shows_them_anyway() -> None:
    visit = at_cash()
    for phase in (Phase.ATTRACT, Phase.LANGUAGE, Phase.OUT_OF_SERVICE):
        visit.state = replace(visit.state, phase=phase)
        assert not visit.touch(Touch.LANGUAGE).state.choosing_language


def test_a_plan_whose_name_an_old_journal_holds_in_three_languages_is_shown_in_english() -> None:
    visit = at_plan().touch(Touch.LANGUAGE, "my")
    assert [plan.name for plan in picture(SHOP, visit.state, "").plans] == [offer.names["en"] for offer in visit.state.offers]


def test_without_a_printer_the_customer_is_asked_before_paying() -> None:
    visit = at_plan().do(ev.DevicesChanged(True, False)).touch(Touch.PLAN, "d3").do(ev.Quoted("q1", 3000, ""))
    visit.touch(Touch.AGREE).touch(Touch.NEXT)
    assert visit.state.phase is Phase.NO_PRINTER
    assert visit.touch(Touch.NEXT).state.phase is Phase.RESERVE


def test_consent_is_needed_before_anything_is_reserved() -> None:
    visit = at_plan().touch(Touch.PLAN, "d3").do(ev.Quoted("q1", 3000, "")).touch(Touch.NEXT)
    assert visit.state.phase is Phase.CONFIRM
    assert visit.count(fx.Reserve) == 0


def test_a_free_plan_skips_the_payment() -> None:
    visit = at_cash(0)
    assert visit.state.phase is Phase.COMMIT
    assert visit.do(ev.Committed("completed")).state.phase is Phase.RESULT


def test_a_note_waiting_for_a_free_plan_goes_back() -> None:
    visit = at_plan().do(ev.NoteEscrowed(1000)).touch(Touch.PLAN, "d3").do(ev.Quoted("q1", 0, "")).touch(Touch.AGREE)
    visit.touch(Touch.NEXT).do(ev.Reserved("t1"))
    assert visit.count(fx.ReturnNote) == 1
    assert visit.do(ev.NoteGivenBack(1000), ev.Committed("completed")).state.returned_yen == 1000


def test_a_line_of_another_carrier_is_refused_before_money() -> None:
    visit = Visit().touch(Touch.START).touch(Touch.LANGUAGE, "en").touch(Touch.CARRIER, "docomo").type_in("09001234567")
    visit.touch(Touch.NEXT).touch(Touch.NEXT).do(ev.LookedUp("kddi", ()))
    assert (visit.state.phase, visit.state.notice) == (Phase.CARRIER, "notice.not_served_by_carrier")
    assert visit.state.typed == "09001234567"


def test_a_receipt_that_failed_is_printed_again_and_marked_when_the_printer_is_back() -> None:
    visit = paid().do(ev.Committed("completed"), ev.PrintEnded("failed"), ev.DevicesChanged(True, False))
    visit.do(ev.DevicesChanged(True, True))
    assert visit.last(fx.PrintPaper).copy == 1  # type: ignore[attr-defined]


def test_what_became_of_an_earlier_paper_is_not_said_of_a_later_one() -> None:
    visit = paid().do(ev.Committed("completed"))
    first = visit.state.paper
    visit.do(ev.PrintEnded("presented", first), ev.CoinCredited(100, "coins", "7"))
    assert visit.last(fx.PrintPaper).kind == "owed"  # type: ignore[attr-defined]
    visit.do(ev.TicketEnded("taken", first), ev.PrintEnded("unknown", first))
    assert visit.state.receipt == "printing"
    visit.do(ev.PrintEnded("presented", visit.state.paper), ev.TicketEnded("left", visit.state.paper))
    assert visit.state.receipt == "left"


def test_a_journal_of_before_papers_were_numbered_is_understood() -> None:
    assert paid().do(ev.Committed("completed"), ev.PrintEnded("printed")).state.receipt == "printed"


def test_the_full_number_is_shown_only_on_the_check_and_wiped_at_the_end() -> None:
    visit = Visit().touch(Touch.START).touch(Touch.LANGUAGE, "en").touch(Touch.CARRIER, "docomo").type_in("09001234567")
    visit.touch(Touch.NEXT)
    assert picture(SHOP, visit.state, "").number == "090-0123-4567"
    visit.touch(Touch.NEXT).do(ev.LookedUp("docomo", ()))
    assert picture(SHOP, visit.state, "").number == "090-****-4567"
    visit.touch(Touch.CANCEL)
    assert "4567" not in repr(visit.state)


@pytest.mark.parametrize("typed", ["0800123456", "0312345678", "123"])
def test_a_wrong_number_keeps_its_digits_and_goes_no_further(typed: str) -> None:
    visit = Visit().touch(Touch.START).touch(Touch.LANGUAGE, "en").touch(Touch.CARRIER, "docomo")
    visit.type_in(typed).touch(Touch.NEXT)
    assert (visit.state.phase, visit.state.typed) == (Phase.IDENTIFY, typed)


def test_a_number_that_is_too_short_is_told_so_when_next_is_touched_and_the_next_key_clears_it() -> None:
    visit = Visit().touch(Touch.START).touch(Touch.LANGUAGE, "en").touch(Touch.CARRIER, "docomo").type_in("0900012")
    assert picture(SHOP, visit.state, "").entry.problem == ""  # type: ignore[union-attr]
    visit.touch(Touch.NEXT)
    assert picture(SHOP, visit.state, "").entry.problem == "problem.phone_too_short"  # type: ignore[union-attr]
    assert visit.state.typed == "0900012"
    visit.type_in("3")
    assert picture(SHOP, visit.state, "").entry.problem == ""  # type: ignore[union-attr]


def test_out_of_service_comes_and_goes_with_the_acceptor() -> None:
    visit = Visit().do(ev.DevicesChanged(False, True))
    assert visit.state.phase is Phase.OUT_OF_SERVICE
    assert visit.do(ev.DevicesChanged(True, True)).state.phase is Phase.ATTRACT


def test_what_the_journal_keeps_of_a_visit_holds_no_number() -> None:
    from kiosk.record import state_from_json, state_to_json

    state = at_cash().state
    plain = state_to_json(state)
    assert "09001234567" not in str(plain)
    assert "9001234567" not in str(plain)
    assert state_from_json(plain) == state.for_journal()


def test_whoever_comes_to_pay_is_told_of_a_note_that_somebody_left_in_the_mouth() -> None:
    visit = at_cash().do(ev.NoteRejected("inhibited"), ev.MouthBlocked(True)).wait().wait().do(ev.Released()).wait()
    assert visit.state.phase is Phase.ATTRACT
    assert visit.state.notice == ""
    to_cash(visit)
    assert visit.state.notice == "notice.first_remove_note"
    visit.do(ev.MouthBlocked(False))
    assert visit.state.notice == ""
