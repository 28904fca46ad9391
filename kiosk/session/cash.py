"""Cash within a visit: which notes are welcome, what becomes of the one in escrow, and how a visit gives money back."""

from dataclasses import replace

from kiosk.session.effects import Effect, EndVisit, HoldNote, PrintPaper, Release, ReturnNote, StackNote
from kiosk.session.outcome import Outcome
from kiosk.session.shop import Shop
from kiosk.session.state import BEFORE_MONEY, Escrow, Phase, ReceiptKind, State


def accepted(shop: Shop, state: State) -> frozenset[int]:
    """Return the notes that the acceptor should take now; none means shut.

    Before the price is known any note may wait in escrow. Then only those that keep the rest payable to the yen.
    """
    if state.phase in BEFORE_MONEY:
        return shop.denominations
    if state.phase is not Phase.CASH:
        return frozenset()
    rest = state.remaining_yen - (state.escrow.yen if state.escrow and state.escrow.decision == "stack" else 0)
    return frozenset(note for note in shop.denominations if note <= rest and shop.payable(rest - note))


def hold(state: State, yen: int) -> Outcome:
    """A note waits in escrow until the price is known."""
    waiting = replace(state, escrow=Escrow(yen, "hold", 0), notice="notice.note_waits_in_escrow", notice_yen=yen)
    return waiting, (HoldNote(),)


def decide(shop: Shop, state: State, yen: int) -> Outcome:
    """Stack the note when it keeps the sum payable, else give it back and say so."""
    if yen <= state.remaining_yen and shop.payable(state.remaining_yen - yen):
        state = replace(state, effects=state.effects + 1, notice="", notice_yen=0)
        return replace(state, escrow=Escrow(yen, "stack", state.effects)), (StackNote(state.effects, yen),)
    return give_back(replace(state, notice="notice.note_too_large", notice_yen=yen), yen)


def give_back(state: State, yen: int) -> Outcome:
    """Return the note in escrow."""
    state = replace(state, effects=state.effects + 1)
    return replace(state, escrow=Escrow(yen, "return", state.effects)), (ReturnNote(state.effects, yen),)


def print_paper(state: State, kind: ReceiptKind) -> Outcome:
    """Send the visit's paper to the printer, or say that there is none when the printer cannot."""
    state = replace(state, receipt_kind=kind)
    if not state.printer_ready:
        return replace(state, receipt="failed"), ()
    paper = PrintPaper(state.effects + 1, kind, state.copies)
    return replace(state, effects=state.effects + 1, receipt="printing", copies=state.copies + 1), (paper,)


def stop(state: State, notice: str) -> Outcome:
    """End the visit before delivery: note out, reservation released, credited money owed. Says ``notice`` meanwhile."""
    effects: tuple[Effect, ...] = ()
    state = replace(state, asking=False, notice=notice, notice_yen=0)
    if state.inserted_yen == 0 and state.returned_yen == 0 and not state.topup:
        if notice == "notice.cancelled":
            return rest(state)
        return replace(state, phase=Phase.SORRY), ()
    if state.escrow is not None and state.escrow.decision == "hold":
        state, effects = give_back(state, state.escrow.yen)
    if state.topup:
        release = Release(state.effects + 1, state.topup)
        state = replace(state, effects=state.effects + 1, topup="", releasing=True)
        effects += (release,)
    state, more = settle(replace(state, phase=Phase.RETURNING))
    return state, effects + more


def settle(state: State) -> Outcome:
    """While RETURNING: once no note is inside, what cannot come back is owed, and a slip says so."""
    unsold = state.credited_yen + sum(state.missing)
    if state.escrow is not None or unsold == 0 or state.owed_yen:
        return state, ()
    return print_paper(replace(state, owed_yen=unsold), "owed")


def rest(state: State) -> Outcome:
    """Close the visit and wipe everything of it; the next customer finds a clean screen."""
    phase = Phase.ATTRACT if state.cash_ready else Phase.OUT_OF_SERVICE
    clean = State(phase=phase, visit=state.visit, cash_ready=state.cash_ready, printer_ready=state.printer_ready)
    return replace(clean, activity=state.activity + 1), (EndVisit(),)
