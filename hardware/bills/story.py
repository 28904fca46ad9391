"""The one note inside, as a host of any protocol sees it, and how its story ends.

A wire tells a note's life in statuses that may be seen late, twice or not at all. The rules for reading them are the same for
every protocol:

* only the protocol's credit message credits, once per note (reference cash.md 2.8);
* a note that left escrow unseen went back to the customer if it was never ordered into the box. If it was, or if it got
  stuck and staff had to help, nobody knows;
* a power cut decides nothing by itself: where a power-up status found the note is a belief, not a fact.

Pure.
"""

from dataclasses import dataclass
from enum import Enum

from hardware.bills.acceptor import BillEvent, NoteReturned, NoteUnaccounted
from hardware.vocabulary import Belief


class Decision(Enum):
    """What the caller wants done with the note in escrow."""

    NONE = "none"
    HOLD = "hold"
    STACK = "stack"
    RETURN = "return"


@dataclass
class NoteInside:
    """A note that is or was inside, and all that was seen of it. Mutable: it lives."""

    yen: int | None
    """None while its value is not known: a note of a host's former life."""
    code: int | None = None
    """What the protocol calls its kind: escrow code, bill type, channel, note index."""
    decision: Decision = Decision.NONE
    stack_sent: bool = False
    """A stack order left the host and was not refused outright: it may have been obeyed, whether or not its ACK came."""
    stacking_seen: bool = False
    stacked_seen: bool = False
    """The unit said that it lies in the box, by a message that does not credit."""
    returning_seen: bool = False
    found_at_power_up: Belief | None = None
    """Where a power-up status found it."""
    obscured: bool = False
    """A jam or a failure stopped it and staff may have taken it out, or a string pulled it out of the stacker."""
    refused: bool = False
    """Told as refused already, because its code is not in the unit's own table; on its way back."""

    @property
    def undecided(self) -> bool:
        """Whether the caller knows of it and has not sent it anywhere yet."""
        return self.yen is not None and self.decision in (Decision.NONE, Decision.HOLD)

    def moves_to_box(self) -> None:
        """The unit pulls it inwards, whatever it did before."""
        self.stacking_seen = True
        self.returning_seen = False

    def gets_stuck(self) -> None:
        """What was seen before proves nothing any more."""
        self.obscured = True
        self.returning_seen = self.stacked_seen = False
        self.found_at_power_up = None

    def verdict(self) -> BillEvent | None:
        """Return how the story ends now that the note is out of sight and no credit came; None if it was told already."""
        if self.refused and not self.stacking_seen:
            return None
        if self.returning_seen:
            return self._returned()
        if self.stacked_seen:
            return NoteUnaccounted(self.yen, Belief.STACKED)
        if self.found_at_power_up is not None:
            return NoteUnaccounted(self.yen, self.found_at_power_up)
        if self.stack_sent or self.stacking_seen or self.obscured:
            return NoteUnaccounted(self.yen, Belief.UNKNOWN)
        return self._returned()

    def _returned(self) -> BillEvent:
        return NoteUnaccounted(None, Belief.RETURNED) if self.yen is None else NoteReturned(self.yen)
