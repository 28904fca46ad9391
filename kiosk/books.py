"""From a step of a visit to its postings: what a change of state means in yen. Pure; the till writes it into the journal."""

from collections.abc import Mapping

from kiosk.ledger import accounts
from kiosk.ledger.accounts import Postings
from kiosk.ledger.entry import Entry, Kind
from kiosk.session import events as ev
from kiosk.session.state import State


def postings(before: State, event: ev.Event, after: State) -> Postings:
    """Return the balanced postings of one step of one visit; empty for a step that moved no money.

    A sale is a row of its own, see :func:`sold`.
    """
    legs: Postings = ()
    if isinstance(event, ev.NoteEscrowed) and before.escrow is None and after.escrow is not None:
        legs += accounts.note_in_escrow(event.yen)
    if before.escrow is not None and after.escrow is None:
        yen = before.escrow.yen
        if len(after.notes) > len(before.notes):
            legs += accounts.note_stacked(yen)
        elif len(after.missing) > len(before.missing):
            legs += accounts.note_unaccounted(yen)
        else:
            legs += accounts.note_returned(yen)
    match event:
        case ev.CoinCredited(yen):
            legs += accounts.coin_in(accounts.coinbox(yen), yen)
        case ev.PaidOut(device, paid, unsure) if before.paying is not None:
            for yen, count in paid:
                legs += accounts.change_paid(yen * count) + accounts.float_paid(device, yen, count)
            for yen, count in unsure:
                legs += accounts.payout_unsure(device, yen, count)
    if (after.visit == before.visit or isinstance(event, ev.CoinCredited)) and after.owed_yen > before.owed_yen:
        legs += accounts.owed(after.owed_yen - before.owed_yen)
    return legs


def sold(state: State) -> Entry:
    """Return the row that says what a visit bought, with its posting; without one where the first month is free."""
    plan = state.plan
    assert plan is not None, "nothing is committed without a plan"
    facts = {"carrier": state.carrier, "plan": plan.id, "name": plan.names["ja"], "tax": plan.tax, "yen": state.price_yen}
    legs = accounts.sale(state.carrier, state.price_yen) if state.price_yen else ()
    return Entry(Kind.SOLD, str(state.visit), facts, legs)


def stray_postings(
    event: ev.NoteCredited | ev.NoteGivenBack, balances: Mapping[str, int], *, unasked: bool = False
) -> Postings:
    """Return the postings of a note that no visit has in escrow.

    One declared missing has turned up; or the box holds more than the books say, and they must say so: always when it is one
    that nobody asked for (``unasked``), which the unit kept against our order.
    """
    missing = not unasked and balances[accounts.UNACCOUNTED] >= event.yen
    if isinstance(event, ev.NoteGivenBack):
        return accounts.found_paid(event.yen, -balances[accounts.OWED]) if missing else ()
    if missing:
        return accounts.found_stacked(event.yen)
    return (accounts.Posting(accounts.cashbox(event.yen), event.yen), accounts.Posting(accounts.OVER_SHORT, -event.yen))
