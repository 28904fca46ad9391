"""The one note inside, as a host of any protocol sees it, and how its story ends.

A wire tells a note's life in statuses that may be seen late, twice or not at all. The rules for reading them are the same for
every protocol:

* only the protocol's credit message credits, once per note (reference cash.md 2.8);
* a note that left escrow unseen went back to the customer if it was never ordered into the box. If it was, or if it got
  stuck and staff had to help, nobody knows;
* a power cut decides nothing by itself: where a power-up status found the note is a belief, not a fact.

Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from hardware.bills.acceptor import (
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.vocabulary import Belief, RefuseReason

NOTHING: Sequence[BillEvent] = ()


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


class StoryTeller:
    """Turns what a protocol says about notes into events. Holds the one note that can be inside.

    A protocol calls the method that its message means; what comes back is to be told in order. After a message of money
    (:meth:`credited`) the unit gets its acknowledgement only when that was told, also when nothing was.
    """

    def __init__(self) -> None:
        self.note: NoteInside | None = None
        self._credited = False
        """A credit was told and the unit has not been seen at rest since: another one is a repetition."""
        self._returned = False
        """The same for the message that a note was given back."""
        self._refusal_told = False
        self._fraud_told = False

    def inside(self) -> NoteInside:
        """Return the note inside; a new one of unknown value when none was known of."""
        if self.note is None:
            self.note = NoteInside(None)
        return self.note

    def not_rejecting(self) -> None:
        """The unit said something else than why it pushes a note out: the next such message is about another note."""
        self._refusal_told = False

    def at_rest(self) -> Sequence[BillEvent]:
        """Nothing is inside, or a new note comes: an open story ends here."""
        self._credited = self._returned = self._fraud_told = False
        return self._close() if self.note is not None else NOTHING

    def in_escrow(self, code: int, yen: int | None, *, table_known: bool, name: str) -> Sequence[BillEvent]:
        """A note of kind ``code`` waits. ``yen`` is None when the table does not have it, or is not ``table_known`` yet;
        ``name`` is what a refusal for want of a value prints."""
        events: list[BillEvent] = []
        note = self.note
        if note is not None and (note.returning_seen or note.stacked_seen or note.code not in (None, code)):
            events = self._close()  # the unit has moved on unseen: this is another note
            note = None
        self._credited = self._returned = False
        if note is None:
            note = self.note = NoteInside(None)
        note.code = code
        note.found_at_power_up = None  # the unit has it in hand again
        note.obscured = False
        if note.yen is None and not note.refused and table_known:
            note.yen = yen
            if yen is not None:
                note.decision = Decision.NONE  # a driver may have given up on it while nobody knew its worth
                events.append(NoteInEscrow(yen))
            else:
                note.refused = True
                note.decision = Decision.RETURN
                events.append(NoteRefused(RefuseReason.UNKNOWN, name))
        return events

    def stacking(self) -> None:
        """The note is on its way into the box."""
        if not self._credited:
            self.inside().moves_to_box()

    def credited(self, yen: int | None = None) -> Sequence[BillEvent]:
        """The protocol's credit message came; ``yen`` if it names the value."""
        repeated, self._credited = self._credited, True
        note, self.note = self.note, None
        if note is not None and note.yen is not None and yen in (None, note.yen):
            return [NoteStacked(note.yen)]
        if note is None and repeated:
            return NOTHING
        if note is not None and note.yen is not None:  # it names another note than the one that waited
            self.note = note
            return [*self._close(), NoteUnaccounted(yen, Belief.STACKED)]
        return [NoteUnaccounted(yen, Belief.STACKED)]

    def stacked(self) -> None:
        """The unit says that the note lies in the box, by a message that does not credit."""
        if self.note is not None:
            self.note.stacked_seen = True

    def returning(self) -> None:
        """The note is on its way back to the customer."""
        self.inside().returning_seen = True

    def returned(self, yen: int | None = None) -> Sequence[BillEvent]:
        """The protocol says, perhaps again and again, that the note was given back; ``yen`` if it names the value."""
        repeated, self._returned = self._returned, True
        if self.note is None:
            return NOTHING if repeated else [NoteUnaccounted(yen, Belief.RETURNED)]
        note = self.note
        note.yen = yen if note.yen is None and not note.refused else note.yen
        adopted = note.code is None  # of a former life: its escrow was never told
        note.returning_seen = True
        events = self._close()
        return [NoteUnaccounted(yen, Belief.RETURNED)] if adopted and events else events

    def rejecting(self, reason: RefuseReason, code: str) -> Sequence[BillEvent]:
        """A note is pushed back out; ``code`` is what the unit said, printable."""
        if self.note is not None:
            self.note.returning_seen = True
            return NOTHING
        if self._refusal_told:
            return NOTHING
        self._refusal_told = True
        return [NoteRefused(reason, code)]

    def cheated(self, code: str) -> Sequence[BillEvent]:
        """A string, or a note pulled where none should be."""
        if self.note is not None and (self.note.stacking_seen or self.note.stack_sent):
            self.note.gets_stuck()
        if self._fraud_told:
            return NOTHING
        self._fraud_told = True
        return [FraudSuspected(code)]

    def stuck(self) -> None:
        """A jam or a failure: staff may take the note out."""
        if self.note is not None:
            self.note.gets_stuck()

    def found(self, belief: Belief) -> None:
        """A power-up status says where the note is."""
        if belief is Belief.STACKED:
            if self._credited:
                return
            self.inside().moves_to_box()
        self.inside().found_at_power_up = belief

    def _close(self) -> list[BillEvent]:
        note, self.note = self.note, None
        verdict = note.verdict() if note is not None else None
        return [] if verdict is None else [verdict]
