"""Rules from the reservation to the carrier's answer: notes in, commit, delivered or not."""

from dataclasses import replace

from kiosk.screenmodel import Touch
from kiosk.session import events as ev
from kiosk.session.cash import accepted, can_be_paid, decide, give_back, hold, print_paper, settle, stop
from kiosk.session.effects import Commit
from kiosk.session.outcome import Outcome, begin, stay
from kiosk.session.shop import Shop
from kiosk.session.state import Phase as P
from kiosk.session.state import State

REMOVE_NOTE = "notice.first_remove_note"
EXPLAINED = ("notice.note_too_large", "notice.no_change")
"""Notices that say why a note comes back, and stay while it does."""


def reserved(shop: Shop, state: State, event: ev.Reserved) -> Outcome:
    state = replace(state, topup=event.topup)
    if state.remaining_yen:
        state = replace(state, phase=P.CASH, notice=REMOVE_NOTE if state.mouth_blocked else "", notice_yen=0)
        return decide(shop, state, state.escrow.yen) if state.escrow else stay(state)
    state, returning = give_back(state, state.escrow.yen) if state.escrow else stay(state)
    state, committing = commit(state)
    return state, returning + committing


def commit(state: State) -> Outcome:
    state = replace(state, phase=P.COMMIT, effects=state.effects + 1, notice="", notice_yen=0, asking=False)
    return state, (Commit(state.effects, state.topup, state.price_yen),)


def cash_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    stacking = state.escrow is not None and state.escrow.decision == "stack"
    if event.intent.touch is Touch.CANCEL and not stacking:
        return stop(state, "notice.cancelled")
    return stay(state)


def note_held(shop: Shop, state: State, event: ev.NoteEscrowed) -> Outcome:
    return hold(state, event.yen)


def note_decided(shop: Shop, state: State, event: ev.NoteEscrowed) -> Outcome:
    return decide(shop, state, event.yen)


def note_credited(shop: Shop, state: State, event: ev.NoteCredited) -> Outcome:
    return paid_in(shop, replace(state, notes=(*state.notes, event.yen), escrow=None, notice="", notice_yen=0))


def coin_credited(shop: Shop, state: State, event: ev.CoinCredited) -> Outcome:
    return paid_in(shop, replace(state, coins=(*state.coins, event.yen), notice="", notice_yen=0, asking=False))


def paid_in(shop: Shop, state: State) -> Outcome:
    """Go on to the commit once all is paid; a note still inside is waited for, so that one sum is settled once."""
    if state.remaining_yen == 0 and state.escrow is None:
        return commit(state)
    return stay(watched(shop, state))


def watched(shop: Shop, state: State) -> State:
    """Tell the customer when nothing can be taken any more, because the change for it ran out meanwhile."""
    stuck = state.remaining_yen > 0 and state.escrow is None and state.cash_ready and not accepted(shop, state)
    if stuck and not can_be_paid(shop, state, state.remaining_yen):
        return replace(state, notice="notice.no_change_left", notice_yen=0)
    return replace(state, notice="", notice_yen=0) if state.notice == "notice.no_change_left" else state


def cash_changed(shop: Shop, state: State, event: ev.CashChanged) -> Outcome:
    return stay(watched(shop, state))


def coin_early(shop: Shop, state: State, event: ev.CoinCredited) -> Outcome:
    """A coin slipped in before it was welcome: it counts, and the journal follows the visit from here on."""
    state = replace(state, coins=(*state.coins, event.yen), booked=True, asking=False)
    return replace(state, notice="notice.coin_counted", notice_yen=event.yen), ()


def coin_without_visit(shop: Shop, state: State, event: ev.CoinCredited) -> Outcome:
    """A coin that nobody asked for, or of a former life, with no visit to count for: it goes back as if cancelled."""
    state = begin(state, P.RETURNING)
    return settle(replace(state, coins=(event.yen,), booked=True, notice="notice.device_trouble"))


def coin_late(shop: Shop, state: State, event: ev.CoinCredited) -> Outcome:
    """A coin that was still rolling when paying was over: it goes back."""
    phase = P.RETURNING if state.phase in (P.TAKE, P.SORRY) else state.phase
    state = replace(state, phase=phase, coins=(*state.coins, event.yen), booked=True)
    return stay(state) if phase is P.COMMIT else settle(state)


def coin_rejected(shop: Shop, state: State, event: ev.CoinRejected) -> Outcome:
    return replace(state, notice="notice.coin_refused", notice_yen=0), ()


def coins_uncounted(shop: Shop, state: State, event: ev.CoinsUncounted) -> Outcome:
    return replace(state, notice="notice.coins_uncounted", notice_yen=0), ()


def note_given_back(shop: Shop, state: State, event: ev.NoteGivenBack) -> Outcome:
    """Keeps a notice that explains the return; else says that the note came back."""
    notice = state.notice if state.notice in EXPLAINED else "notice.note_returned"
    state = replace(state, escrow=None, returned_yen=state.returned_yen + event.yen, notice=notice, notice_yen=event.yen)
    return commit(state) if state.phase is P.CASH and state.remaining_yen == 0 else stay(state)


def note_rejected(shop: Shop, state: State, event: ev.NoteRejected) -> Outcome:
    too_large = event.reason == "inhibited" and state.phase is P.CASH
    because = "notice.no_change" if state.gives else "notice.note_too_large"
    return replace(state, notice=because if too_large else "notice.note_refused", notice_yen=0), ()


def note_missing(shop: Shop, state: State, event: ev.NoteMissing) -> Outcome:
    return stop(replace(state, escrow=None, missing=(*state.missing, event.yen)), "notice.device_trouble")


def committed(shop: Shop, state: State, event: ev.Committed) -> Outcome:
    match event.outcome:
        case "completed":
            plan = replace(state.plan, valid_until=event.valid_until) if state.plan and event.valid_until else state.plan
            state = replace(state, committed="completed", sold_yen=state.price_yen, plan=plan, topup="")
            return settle(to(state, P.CHANGE)) if state.due_yen else print_paper(to(state, P.RESULT), "receipt")
        case "declined":
            return settle(replace(to(state, P.DECLINED), committed="declined", topup=""))
    # what was paid beyond the price is in no doubt, whatever became of the top-up
    state = replace(state, committed="unknown")
    return settle(to(state, P.CHANGE)) if state.due_yen else print_paper(to(state, P.UNKNOWN), "investigation")


def to(state: State, phase: P) -> State:
    return replace(state, phase=phase)


def given_back_late(shop: Shop, state: State, event: ev.NoteGivenBack) -> Outcome:
    return replace(state, escrow=None, returned_yen=state.returned_yen + event.yen), ()


def cash_lost_late(shop: Shop, state: State, event: ev.DevicesChanged) -> Outcome:
    return replace(state, notice="" if event.cash_ready else "notice.device_trouble", notice_yen=0), ()


def reservation_ending(shop: Shop, state: State, event: ev.ReservationEnding) -> Outcome:
    """End the payment while the reservation still stands; a note on its way to the box may yet complete it."""
    stacking = state.escrow is not None and state.escrow.decision == "stack"
    return stay(state) if stacking else stop(state, "notice.reservation_expired")


def mouth_blocked(shop: Shop, state: State, event: ev.MouthBlocked) -> Outcome:
    if event.blocked:
        return replace(state, notice=REMOVE_NOTE, notice_yen=0), ()
    if state.notice != REMOVE_NOTE:
        return stay(state)
    if state.escrow is not None and state.escrow.decision == "hold":
        return replace(state, notice="notice.note_waits_in_escrow", notice_yen=state.escrow.yen), ()
    return replace(state, notice="", notice_yen=0), ()
