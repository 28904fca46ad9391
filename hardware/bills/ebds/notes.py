"""What the statuses of an EBDS or Pyramid unit say about notes: each note becomes one story of the acceptor's contract. Pure.

The bit STACKED credits, once per toggled message. A unit that loses power before the toggled message may tell it again
afterwards [U]; so an event is over only when the unit has been seen at rest without it, and a power-up status decides nothing.
TRAP: a unit in the field says RETURNED and STACKED at once after a return,
the value still set; events that exclude each other are refused, and the note's story ends by what else was seen of it. A
stacked note with a blank record is no credit either.
"""

from collections.abc import Sequence

from hardware.bills.acceptor import BillEvent
from hardware.bills.ebds.extended import NoteRecord
from hardware.bills.ebds.standard import Condition, DeviceStatus, State, Trouble
from hardware.bills.story import StoryTeller
from hardware.vocabulary import RefuseReason


class NoteTeller(StoryTeller):
    """Turns statuses into events."""

    def see(self, status: DeviceStatus, record: NoteRecord | None, yen: int | None) -> Sequence[BillEvent]:
        """Take one status and return what it tells, in order. ``record`` is the note's own, where one came; ``yen`` what the
        record or the number is worth, None when neither says."""
        events = [*self._events(status, record, yen)]
        match status.lasting:
            case State.IDLING if status.trouble & Trouble.POWER_UP:
                pass  # what was inside may still be told
            case State.IDLING | State.ACCEPTING:
                events += self._rest(status)
            case State.ESCROWED if State.STACKED in status.state:
                self.inside()  # the value is that of the note before, which a host that was away has not heard of
            case State.ESCROWED if (record is not None and not record.blank) or status.note > 0:
                events += self.in_escrow(yen or 0, yen, table_known=True, name=_name(status, record))
            case State.ESCROWED:
                self.inside()  # its record is still to come
            case State.STACKING:
                self.stacking()
            case State.RETURNING if self.note is not None:  # else a note is being refused: REJECTED follows
                self.returning()
            case _:
                pass
        if status.condition & Condition.JAMMED or status.trouble & Trouble.FAILURE:
            self.stuck()
        return events

    def _rest(self, status: DeviceStatus) -> Sequence[BillEvent]:
        credited, returned = self._credited, self._returned
        events = self.at_rest()
        self._credited = credited and State.STACKED in status.state
        self._returned = returned and State.RETURNED in status.state
        return events

    def _events(self, status: DeviceStatus, record: NoteRecord | None, yen: int | None) -> Sequence[BillEvent]:
        events: list[BillEvent] = []
        if status.contradictory:
            return events
        if State.STACKED in status.state:
            if record is not None and record.blank:
                if self.note is not None and self.note.stack_sent:  # else it is about no note: a cassette was refitted
                    self.stacked()
            else:
                events += self.credited(yen)
        if State.RETURNED in status.state:
            events += self.returned(yen)
        if Condition.REJECTED in status.condition:
            self.not_rejecting()  # told once, so each is another note
            events += self.rejecting(RefuseReason.UNKNOWN, "REJECTED")
        if Condition.CHEATED in status.condition and State.STACKED not in status.state:
            events += self.cheated("CHEATED")
        return events


def _name(status: DeviceStatus, record: NoteRecord | None) -> str:
    """Return what a refusal for want of a value prints."""
    if record is None:
        return f"ESCROWED[{status.note}]"
    return f"ESCROWED[{record.iso!r} {record.base!r} {record.exponent!r}]"
