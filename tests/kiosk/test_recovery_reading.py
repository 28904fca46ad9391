"""What a start reads out of the journal."""

from datetime import datetime

from hardware.clock import SIMULATION_EPOCH
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.recovery import recover
from kiosk.session.shop import Shop

AT: datetime = SIMULATION_EPOCH


def test_what_comes_to_light_of_a_visit_at_rest_does_not_open_it_again() -> None:
    """Else its number would be given to the next customer, whose top-up the carrier would take for the first one's."""
    with Journal.open(None, "KONBINI1") as journal:
        journal.append(AT, Entry(Kind.VISIT, "7", {}), Entry(Kind.ENDED, "7", {}))
        order = {"intent": "7.3", "device": "hopper-10", "mark": "5", "pieces": [[10, 2]]}
        journal.append(AT, Entry(Kind.ORDER_RESOLVED, "7", {**order, "outcome": "paid", "paid": [[10, 2]]}))
        recovered = recover(Shop({}), journal)
    assert recovered.state.visit == 7
    assert recovered.journaled == 7
    assert not recovered.unfinished
