"""Visits as a till would write them, for the tests of this folder."""

from datetime import timedelta

from hardware.clock import SIMULATION_EPOCH
from kiosk.ledger.accounts import (
    Postings,
    found_returned,
    note_in_escrow,
    note_returned,
    note_stacked,
    note_unaccounted,
    owed,
    sale,
)
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal

KIOSK = "tokyo-0042"


class Till:
    """Writes entries one second apart and remembers where each commit ended."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._at = SIMULATION_EPOCH
        self._intents = 0

    def write(self, *entries: Entry) -> None:
        self._at += timedelta(seconds=1)
        self.journal.append(self._at, *entries)

    def say(self, kind: str, visit: str, body: dict[str, object] | None = None, postings: Postings = ()) -> None:
        self.write(Entry(kind, visit, body or {}, postings))

    def act(self, visit: str, action: str, outcome: str, postings: Postings = (), **facts: object) -> None:
        """Write an intent and its result."""
        self._intents += 1
        name = f"i{self._intents}"
        self.say(Kind.INTENT, visit, {"intent": name, "action": action, **facts})
        self.say(Kind.RESULT, visit, {"intent": name, "outcome": outcome}, postings)

    def begin(self, visit: str) -> None:
        self.say(Kind.VISIT, visit, {"language": "ja"})

    def stack(self, visit: str, yen: int) -> None:
        self.say(Kind.EVENT, visit, {"event": "note_in_escrow", "yen": yen}, note_in_escrow(yen))
        self.act(visit, "stack", "stacked", note_stacked(yen), yen=yen)

    def end(self, visit: str) -> None:
        self.say(Kind.ENDED, visit)

    def sell(self, visit: str) -> None:
        """A whole visit: three notes of 1,000 yen for 3 GB, and a receipt."""
        self.begin(visit)
        self.act(visit, "reserve", "reserved", carrier="docomo")
        for _ in range(3):
            self.stack(visit, 1000)
        self.act(visit, "commit", "completed", sale("docomo", 3000), plan="docomo 3 GB")
        self.act(visit, "print", "printed")
        self.end(visit)

    def hand_back(self, visit: str) -> None:
        """A visit given up: the note goes back out of escrow."""
        self.begin(visit)
        self.say(Kind.EVENT, visit, {"event": "note_in_escrow", "yen": 5000}, note_in_escrow(5000))
        self.act(visit, "return", "returned", note_returned(5000))
        self.end(visit)

    def lose_sight(self, visit: str) -> None:
        """A visit whose note vanished: declared, slip given, and later found to have gone back to the customer."""
        self.begin(visit)
        self.say(Kind.EVENT, visit, {"event": "note_in_escrow", "yen": 10000}, note_in_escrow(10000))
        self.act(visit, "stack", "unknown", note_unaccounted(10000))
        self.write(Entry(Kind.REMARK, visit, {"slip": "A1"}, owed(10000)), Entry(Kind.ENDED, visit, {}))
        self.say(Kind.REMARK, visit, {"found": "on the camera"}, found_returned(10000, slip_given=True))


def busy_morning(journal: Journal) -> Till:
    """Open a kiosk and serve three customers."""
    till = Till(journal)
    till.say(Kind.OPENED, "", {"version": "0.1.0"})
    till.sell("1")
    till.hand_back("2")
    till.lose_sight("3")
    return till
