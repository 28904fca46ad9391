"""Rules for the end of a visit: money back, paper, time-outs, restarts, in and out of service."""

from dataclasses import replace

from kiosk.screenmodel import Touch
from kiosk.session import events as ev
from kiosk.session.cash import give_back, paid_out, print_paper, rest, settle, stop, unsettled
from kiosk.session.outcome import Outcome, go, stay
from kiosk.session.shop import Shop
from kiosk.session.state import Phase as P
from kiosk.session.state import State


def returning_credited(shop: Shop, state: State, event: ev.NoteCredited) -> Outcome:
    return settle(replace(state, notes=(*state.notes, event.yen), escrow=None))


def returning_given_back(shop: Shop, state: State, event: ev.NoteGivenBack) -> Outcome:
    return settle(replace(state, escrow=None, returned_yen=state.returned_yen + event.yen))


def returning_missing(shop: Shop, state: State, event: ev.NoteMissing) -> Outcome:
    return settle(replace(state, escrow=None, missing=(*state.missing, event.yen)))


def returning_escrowed(shop: Shop, state: State, event: ev.NoteEscrowed) -> Outcome:
    return give_back(state, event.yen)


def returning_timed_out(shop: Shop, state: State, event: ev.TimedOut) -> Outcome:
    if state.escrow is not None:
        return returning_missing(shop, state, ev.NoteMissing(state.escrow.yen))
    return finish_timed_out(shop, state, event)


def released(shop: Shop, state: State, event: ev.Released) -> Outcome:
    return settle(replace(state, releasing=False))


def print_ended(shop: Shop, state: State, event: ev.PrintEnded) -> Outcome:
    """An earlier paper, overtaken by one that says more, is of no interest any more."""
    return stay(state) if event.intent not in (0, state.paper) else stay(replace(state, receipt=event.outcome))


def ticket_ended(shop: Shop, state: State, event: ev.TicketEnded) -> Outcome:
    return stay(state) if event.intent != state.paper else stay(replace(state, receipt=event.outcome))


def finish(state: State) -> Outcome:
    """What is done is done: show what to take, or let the next customer come."""
    if state.releasing or state.receipt == "printing" or state.escrow is not None or unsettled(state):
        return stay(state)
    return go(state, P.TAKE) if state.receipt in ("printed", "presented") or state.change_yen else rest(state)


def devices_spoke(shop: Shop, state: State, event: ev.CashChanged) -> Outcome:
    """After a restart: now it is known what can be paid back."""
    return settle(state) if unsettled(state) else stay(state)


def counted_out(shop: Shop, state: State, event: ev.PaidOut) -> Outcome:
    return paid_out(state, event)


def change_timed_out(shop: Shop, state: State, event: ev.TimedOut) -> Outcome:
    """Devices that never came back after a restart hold nothing that could be paid: it is owed."""
    return settle(replace(state, gives=state.gives or ()))


def finish_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    return finish(state) if event.intent.touch is Touch.NEXT else stay(state)


def finish_timed_out(shop: Shop, state: State, event: ev.TimedOut) -> Outcome:
    """A note that was to go back, and whose acceptor fell silent, is declared missing and owed."""
    if state.escrow is not None:
        return settle(replace(state, escrow=None, missing=(*state.missing, state.escrow.yen)))
    return change_timed_out(shop, state, event) if unsettled(state) else finish(state)


def rest_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    """A paper at the mouth is one customer's: the next waits until it is gone."""
    return stay(state) if event.intent.touch is Touch.LANGUAGE or state.receipt == "presented" else rest(state)


def rest_timed_out(shop: Shop, state: State, event: ev.TimedOut) -> Outcome:
    return rest(state)


def idle_timed_out(shop: Shop, state: State, event: ev.TimedOut) -> Outcome:
    """First ask for more time; silence after that ends the visit."""
    return stop(state, "notice.timed_out") if state.asking else (replace(state, asking=True), ())


def into_service(shop: Shop, state: State, event: ev.DevicesChanged) -> Outcome:
    return (replace(state, phase=P.ATTRACT) if event.cash_ready else state), ()


def out_of_service(shop: Shop, state: State, event: ev.DevicesChanged) -> Outcome:
    return (state if event.cash_ready else replace(state, phase=P.OUT_OF_SERVICE)), ()


def printer_back(shop: Shop, state: State, event: ev.DevicesChanged) -> Outcome:
    """Paper that did not come out, or perhaps did not, is printed again and marked as a reprint."""
    if event.printer_ready and state.receipt in ("failed", "unknown") and state.copies < 4:
        return print_paper(state, state.receipt_kind)
    return stay(state)


def restarted_early(shop: Shop, state: State, event: ev.Restarted) -> Outcome:
    return stop(state, "notice.device_trouble")


def restarted(shop: Shop, state: State, event: ev.Restarted) -> Outcome:
    """Whoever watched a paper at the mouth is gone: what is known of it is that it was printed."""
    receipt = "printed" if state.receipt == "presented" else state.receipt
    return replace(state, asking=False, receipt=receipt), ()
