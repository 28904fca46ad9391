"""One step of a visit as rows of the journal."""

from kiosk.books import sold
from kiosk.ledger.accounts import Postings
from kiosk.ledger.entry import Entry, Kind
from kiosk.record import event_to_json, intent_id, intent_to_json, state_to_json
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.state import State


def entries_of_step(
    before: State,
    event: ev.Event,
    after: State,
    durable: list[fx.Durable],
    legs: Postings,
    resolved: int,
    outcome: str,
) -> list[Entry]:
    """Tell what happened, whose intent it ends, what was sold by it, and what is announced now, in that order.

    ``resolved`` is the number of the intent that ended so with ``outcome``, 0 for none.
    """
    number = after.visit or before.visit
    visit = str(number)
    entries: list[Entry] = []
    if before.booked or legs:
        entries.append(Entry(Kind.EVENT, visit, event_to_json(event), legs))
    if before.escrow is not None and after.escrow != before.escrow and before.escrow.intent:
        body = {"intent": intent_id(number, before.escrow.intent), "outcome": type(event).__name__}
        entries.append(Entry(Kind.RESULT, visit, body))
    if resolved:
        entries.append(Entry(Kind.RESULT, visit, {"intent": intent_id(number, resolved), "outcome": outcome}))
    if after.committed == "completed" != before.committed:
        entries.append(sold(after))
    if after.booked and not before.booked:
        entries.append(Entry(Kind.SNAPSHOT, visit, {"state": state_to_json(after)}))
    return entries + [Entry(Kind.INTENT, visit, intent_to_json(number, effect)) for effect in durable]
