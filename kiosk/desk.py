"""What the devices' clerks may ask of the till: tell it what happened, and have things written down."""

from typing import Any, Protocol

from kiosk.ledger.accounts import Postings
from kiosk.ledger.entry import Entry
from kiosk.session import events as ev
from kiosk.session.state import State
from kiosk.surroundings import Surroundings


class Desk(Protocol):
    """The till, as those who serve one kind of device see it."""

    around: Surroundings

    @property
    def state(self) -> State:
        """The visit."""
        ...

    @property
    def lost(self) -> bool:
        """Whether the journal cannot be written any more: nothing may be decided, and nothing be acknowledged to a device."""
        ...

    @property
    def committing(self) -> bool:
        """Whether the visit waits for its carrier's answer to a commit."""
        ...

    def handle(self, event: ev.Event, resolves: int = 0, outcome: str = "") -> None:
        """Take one event through session, journal and world."""
        ...

    def remark(self, what: str, legs: Postings = (), **facts: Any) -> None:
        """Write something down for people, with its postings."""
        ...

    def append(self, *entries: Entry) -> bool:
        """Write rows and return whether they are written; the kiosk breaks down when the journal fails."""
        ...

    def devices_changed(self) -> None:
        """Something about a device is not as it was: look again at what it can do."""
        ...
