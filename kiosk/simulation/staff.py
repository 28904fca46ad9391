"""Staff between customers: new paper, an empty cash box, a cleared fault. They count by hand and write it down."""

from kiosk.ledger import accounts
from kiosk.ledger.accounts import Postings
from kiosk.ledger.entry import Entry
from kiosk.simulation.world import World

BOX_NOTES = 400
"""Staff empty the box before it is full."""

PAPER_MM = 3000.0


async def go_round(world: World) -> None:
    """Look after the machine while nobody stands before it."""
    box = world.validator.mechanism.cashbox
    if box.total() >= BOX_NOTES:
        counted = dict(box)
        await world.hand("bill", "open")
        await world.hand("bill", "empty")
        await world.hand("bill", "close")
        legs: Postings = ()
        for yen, pieces in sorted(counted.items()):
            booked = world.journal.balances().get(accounts.cashbox(yen), 0) // yen
            legs += accounts.cash_collected(yen, booked, pieces)
        facts = {str(yen): pieces for yen, pieces in sorted(counted.items())}
        world.journal.append(world.now(), Entry("collected", "", {"notes": facts}, legs))
    if world.printer.mechanism.paper_mm < PAPER_MM:
        await world.hand("printer", "paper new")
