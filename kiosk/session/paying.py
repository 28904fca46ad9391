"""Rules from the reservation to the carrier's answer: notes in, commit, delivered or not."""

from dataclasses import replace

from kiosk.screenmodel import Touch
from kiosk.session import events as ev
from kiosk.session.cash import decide, give_back, hold, print_paper, stop
from kiosk.session.effects import Commit
from kiosk.session.outcome import Outcome, stay
from kiosk.session.shop import Shop
from kiosk.session.state import Phase as P
from kiosk.session.state import State


def reserved(shop: Shop, state: State, event: ev.Reserved) -> Outcome:
    state = replace(state, topup=event.topup)
    if state.remaining_yen:
        state = replace(state, phase=P.CASH, notice="", notice_yen=0)
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
    state = replace(state, notes=(*state.notes, event.yen), escrow=None, notice="", notice_yen=0)
    return commit(state) if state.remaining_yen == 0 else stay(state)


def note_given_back(shop: Shop, state: State, event: ev.NoteGivenBack) -> Outcome:
    """Keeps a notice that explains the return; else says that the note came back."""
    notice = state.notice if state.notice == "notice.note_too_large" else "notice.note_returned"
    return replace(state, escrow=None, returned_yen=state.returned_yen + event.yen, notice=notice, notice_yen=event.yen), ()


def note_rejected(shop: Shop, state: State, event: ev.NoteRejected) -> Outcome:
    too_large = event.reason == "inhibited" and state.phase is P.CASH
    return replace(state, notice="notice.note_too_large" if too_large else "notice.note_refused", notice_yen=0), ()


def note_missing(shop: Shop, state: State, event: ev.NoteMissing) -> Outcome:
    return stop(replace(state, escrow=None, missing=(*state.missing, event.yen)), "notice.device_trouble")


def committed(shop: Shop, state: State, event: ev.Committed) -> Outcome:
    match event.outcome:
        case "completed":
            plan = replace(state.plan, valid_until=event.valid_until) if state.plan and event.valid_until else state.plan
            state = replace(state, phase=P.RESULT, sold_yen=state.price_yen, plan=plan, topup="")
            return print_paper(state, "receipt")
        case "declined":
            state = replace(state, phase=P.DECLINED, owed_yen=state.credited_yen, topup="")
            return print_paper(state, "owed") if state.owed_yen else (replace(state, receipt="none"), ())
    return print_paper(replace(state, phase=P.UNKNOWN), "investigation")


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
        return replace(state, notice="notice.first_remove_note", notice_yen=0), ()
    if state.notice != "notice.first_remove_note":
        return stay(state)
    if state.escrow is not None and state.escrow.decision == "hold":
        return replace(state, notice="notice.note_waits_in_escrow", notice_yen=state.escrow.yen), ()
    return replace(state, notice="", notice_yen=0), ()
