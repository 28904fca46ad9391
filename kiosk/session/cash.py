"""Cash within a visit: what is welcome, what becomes of the note in escrow, and how a visit gives money back."""

from dataclasses import replace

from kiosk.session.change import Purse, as_pieces, can_finish, is_payable, most_payable, without
from kiosk.session.effects import Effect, EndVisit, HoldNote, PayOut, PrintPaper, Release, ReturnNote, StackNote
from kiosk.session.events import PaidOut
from kiosk.session.outcome import Outcome, stay
from kiosk.session.shop import Shop
from kiosk.session.state import BEFORE_MONEY, Escrow, Paying, Phase, ReceiptKind, State


def purse(shop: Shop, state: State) -> Purse:
    """Return what a customer may still put in: notes without end, coins up to the number one may pay with."""
    takes = shop.denominations if state.takes is None else frozenset(state.takes) & (shop.denominations | shop.coins)
    return tuple(
        (yen, max(0, shop.coins_of_a_kind - state.coins.count(yen)) if yen in shop.coins else None)
        for yen in sorted(takes, reverse=True)
    )


def accepted(shop: Shop, state: State) -> frozenset[int]:
    """Return the notes and coins that are welcome now; none means shut.

    Before the price is known any note may wait in escrow. Then only what keeps the rest payable to the yen: by what the
    customer may still put in, and by the change that lies ready for what is too much.
    """
    if state.phase in BEFORE_MONEY:
        return frozenset(yen for yen, _ in purse(shop, state))
    if state.phase is not Phase.CASH:
        return frozenset()
    rest = state.remaining_yen - (state.escrow.yen if state.escrow and state.escrow.decision == "stack" else 0)
    if rest <= 0:
        return frozenset()
    return frozenset(yen for yen, left in purse(shop, state) if left != 0 and _keeps_payable(shop, state, yen, rest))


def _keeps_payable(shop: Shop, state: State, yen: int, rest_yen: int) -> bool:
    """Whether ``rest_yen`` less this piece can be paid to the last yen, by the customer or, below 0, to the customer."""
    gives = state.gives or ()
    if yen >= rest_yen:
        return is_payable(yen - rest_yen, gives)
    pieces = tuple((v, n - 1 if v == yen and n is not None else n) for v, n in purse(shop, state))
    return can_finish(rest_yen - yen, pieces, gives)


def can_be_paid(shop: Shop, state: State, price_yen: int) -> bool:
    """Whether this kiosk, as it is now, can be paid ``price_yen`` to the yen, with acceptors that are out for a moment back."""
    pieces = purse(shop, state) or purse(shop, replace(state, takes=tuple(shop.denominations)))
    return can_finish(price_yen, pieces, state.gives or ())


def hold(state: State, yen: int) -> Outcome:
    """A note waits in escrow until the price is known."""
    waiting = replace(state, escrow=Escrow(yen, "hold", 0), notice="notice.note_waits_in_escrow", notice_yen=yen)
    return waiting, (HoldNote(),)


def decide(shop: Shop, state: State, yen: int) -> Outcome:
    """Stack the note when it keeps the sum payable, else give it back and say why."""
    rest = state.remaining_yen
    if rest > 0 and yen in shop.denominations and _keeps_payable(shop, state, yen, rest):
        state = replace(state, effects=state.effects + 1, notice="", notice_yen=0)
        return replace(state, escrow=Escrow(yen, "stack", state.effects)), (StackNote(state.effects, yen),)
    notice = "notice.no_change" if state.gives and yen > rest > 0 else "notice.note_too_large"
    return give_back(replace(state, notice=notice, notice_yen=yen), yen)


def give_back(state: State, yen: int) -> Outcome:
    """Return the note in escrow."""
    state = replace(state, effects=state.effects + 1)
    return replace(state, escrow=Escrow(yen, "return", state.effects)), (ReturnNote(state.effects, yen),)


def print_paper(state: State, kind: ReceiptKind) -> Outcome:
    """Send the visit's paper to the printer, or say that there is none when the printer cannot."""
    state = replace(state, receipt_kind=kind, slip_yen=state.owed_yen)
    if not state.printer_ready:
        return replace(state, receipt="failed"), ()
    paper = PrintPaper(state.effects + 1, kind, state.copies)
    return replace(state, effects=paper.id, receipt="printing", copies=state.copies + 1, paper=paper.id), (paper,)


def stop(state: State, notice: str) -> Outcome:
    """End the visit before delivery: note out, reservation released, money paid back or owed. Says ``notice`` meanwhile."""
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
    """While paying back: pay what is due out of what lies ready, then put on a slip what cannot be paid, then print.

    Called after everything that changes what is due; waits for the note still inside, for a payout under way, and after a
    restart for the devices to say what they hold. What left no doubt is paid; a note out of sight is owed, never paid, for
    it may have gone back.
    """
    if state.paying is not None or (state.escrow is not None and state.phase is not Phase.CHANGE):
        return stay(state)
    if state.due_yen > 0:
        if state.gives is None:
            return stay(state)
        if yen := most_payable(state.due_yen, state.gives):
            order = PayOut(state.effects + 1, as_pieces(yen, state.gives))
            return replace(state, effects=order.id, paying=Paying(order.id, yen)), (order,)
    owing = max(0, state.due_yen) + state.due_missing_yen
    state = replace(state, owed_yen=state.owed_yen + owing, owed_missing_yen=state.owed_missing_yen + state.due_missing_yen)
    if state.phase is Phase.CHANGE:
        sold = state.committed == "completed"
        return print_paper(
            replace(state, phase=Phase.RESULT if sold else Phase.UNKNOWN), "receipt" if sold else "investigation"
        )
    if state.owed_yen > state.slip_yen:
        return print_paper(state, "owed")
    if state.phase is Phase.DECLINED and not state.receipt:
        return replace(state, receipt="none"), ()
    return stay(state)


def paid_out(state: State, event: PaidOut) -> Outcome:
    """Count one device's part of a payout; at its end the customer is owed what did not come out for sure.

    Neither repeated nor tried another way: what is unsure may be in the customer's hand.
    """
    paying = state.paying
    if paying is None:
        return stay(state)
    yen = sum(value * count for value, count in event.paid)
    left = paying.left_yen - yen
    gives = None if state.gives is None else without(state.gives, event.paid, event.unsure)
    state = replace(state, change_yen=state.change_yen + yen, gives=gives)
    if not event.last:
        return replace(state, paying=Paying(paying.intent, left)), ()
    return settle(replace(state, paying=None, owed_yen=state.owed_yen + max(0, left)))


def unsettled(state: State) -> bool:
    """Whether money is still to be paid back or owed."""
    return state.paying is not None or state.due_yen > 0 or state.due_missing_yen > 0


def rest(state: State) -> Outcome:
    """Close the visit and wipe everything of it; the next customer finds a clean screen."""
    phase = Phase.ATTRACT if state.cash_ready else Phase.OUT_OF_SERVICE
    clean = replace(
        State(phase=phase, visit=state.visit, cash_ready=state.cash_ready, printer_ready=state.printer_ready),
        mouth_blocked=state.mouth_blocked,
        takes=state.takes,
        gives=state.gives,
    )
    return replace(clean, activity=state.activity + 1), (EndVisit(),)
