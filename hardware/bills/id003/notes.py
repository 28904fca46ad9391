"""What the statuses of an ID-003 unit say about notes: each note becomes exactly one story of the acceptor's contract. Pure.

The wire tells a note's life in statuses that may be seen late, twice or not at all; here they become events. Rules:

* VEND VALID is the only thing that credits, once per escrow. The unit repeats it until the host's ACK reached it, even
  across a power cut, so a second one before the next sign of rest (IDLING, DISABLE, ACCEPTING, ESCROW) is the same note.
* A note that left escrow unseen went back to the customer if no STACK was ever sent. If one was, or if the note got stuck
  and staff had to help, nobody knows.
* A power cut decides nothing: the verdict waits until the unit rests, for power recovery may still say VEND VALID [U].
"""

from collections.abc import Mapping, Sequence

from hardware.bills.acceptor import (
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.bills.id003.frames import Frame, Reject, Status, name_of
from hardware.bills.id003.meanings import REFUSE_REASONS, first_byte
from hardware.bills.story import Decision, NoteInside
from hardware.vocabulary import Belief, RefuseReason

NOTHING: Sequence[BillEvent] = ()


class NoteTeller:
    """Turns statuses into events. Holds the one note that can be inside."""

    def __init__(self) -> None:
        self.note: NoteInside | None = None
        self._credited = False
        """A VEND VALID was told and the unit has not been seen at rest since: another one is a repetition."""
        self._refusal_told = False
        self._fraud_told = False

    def see(self, frame: Frame, worth_yen: Mapping[int, int] | None) -> Sequence[BillEvent]:
        """Take one status and return what it tells, in order.

        ``worth_yen`` says what escrow codes are worth, None while the unit's table is unknown. A VEND VALID among the
        statuses has to be acknowledged after the events were told, also when there are none.
        """
        code = frame.code
        if code not in (Status.REJECTING, Status.PAUSE):
            self._refusal_told = False
        match code:
            case Status.IDLING | Status.DISABLE | Status.ACCEPTING:
                return self._at_rest()
            case Status.ESCROW if frame.data:
                return self._in_escrow(first_byte(frame), worth_yen)
            case Status.HOLDING | Status.ESCROW:
                self._inside()
            case Status.STACKING:
                if not self._credited:
                    self._inside().moves_to_box()
            case Status.VEND_VALID:
                return self._vend_valid()
            case Status.STACKED:
                if self.note is not None:
                    self.note.stacked_seen = True
            case Status.REJECTING:
                return self._rejecting(first_byte(frame))
            case Status.RETURNING:
                self._inside().returning_seen = True
            case Status.POWER_UP_BILL_IN_ACCEPTOR:
                self._inside().found_at_power_up = Belief.RETURNED
            case Status.POWER_UP_BILL_IN_STACKER:
                if not self._credited:
                    self._inside().moves_to_box()
                    self._inside().found_at_power_up = Belief.STACKED
            case Status.JAM_IN_ACCEPTOR | Status.JAM_IN_STACKER | Status.FAILURE:
                if self.note is not None:
                    self.note.gets_stuck()
            case Status.CHEATED:
                return self._cheated()
            case _:
                pass
        return NOTHING

    def _inside(self) -> NoteInside:
        """Return the note inside; a new one of unknown value when none was known of."""
        if self.note is None:
            self.note = NoteInside(None)
        return self.note

    def _close(self) -> list[BillEvent]:
        note, self.note = self.note, None
        verdict = note.verdict() if note is not None else None
        return [] if verdict is None else [verdict]

    def _at_rest(self) -> Sequence[BillEvent]:
        self._credited = False
        self._fraud_told = False
        return self._close() if self.note is not None else NOTHING

    def _in_escrow(self, escrow_code: int, worth_yen: Mapping[int, int] | None) -> Sequence[BillEvent]:
        events: list[BillEvent] = []
        note = self.note
        if note is not None and (
            note.returning_seen or note.stacked_seen or note.code not in (None, escrow_code)
        ):  # the unit has moved on unseen: this is another note
            events = self._close()
            note = None
        self._credited = False
        if note is None:
            note = self.note = NoteInside(None)
        note.code = escrow_code
        note.found_at_power_up = None  # the unit has it in hand again
        note.obscured = False
        if note.yen is None and not note.refused and worth_yen is not None:
            note.yen = worth_yen.get(escrow_code)
            if note.yen is not None:
                events.append(NoteInEscrow(note.yen))
            else:
                note.refused = True
                note.decision = Decision.RETURN
                events.append(NoteRefused(RefuseReason.UNKNOWN, f"ESCROW[0x{escrow_code:02X}]"))
        return events

    def _vend_valid(self) -> Sequence[BillEvent]:
        note, self.note = self.note, None
        repeated, self._credited = self._credited, True
        if note is not None:
            return [NoteUnaccounted(None, Belief.STACKED) if note.yen is None else NoteStacked(note.yen)]
        return NOTHING if repeated else [NoteUnaccounted(None, Belief.STACKED)]

    def _rejecting(self, reason: int) -> Sequence[BillEvent]:
        if self.note is not None:
            self.note.returning_seen = True
            return NOTHING
        if self._refusal_told:
            return NOTHING
        self._refusal_told = True
        return [NoteRefused(REFUSE_REASONS.get(reason, RefuseReason.UNKNOWN), name_of(Reject, reason))]

    def _cheated(self) -> Sequence[BillEvent]:
        if self.note is not None and (self.note.stacking_seen or self.note.stack_sent):
            self.note.gets_stuck()
        if self._fraud_told:
            return NOTHING
        self._fraud_told = True
        return [FraudSuspected(name_of(Status, Status.CHEATED))]
