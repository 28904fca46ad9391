"""What the events of an SSP unit say about notes: each note becomes exactly one story of the acceptor's contract. Pure.

CREDIT (EE) is the only thing that credits, and names the channel; STACKED (EB) never does. After a restart the unit says what
it did with the note that was inside: CLEARED FROM FRONT (E1) is a return, CLEARED INTO CASHBOX (E2, or CA with the value) is no
credit, also for the very note that was ordered in: it is declared as NoteUnaccounted, believed stacked. The reference (2.8) has
EE alone as the credit point, and a unit that restarts between EE and the next poll says E2 for a note already credited; the
till, which knows its open intent, decides.

READ (EF) with a channel is told once. So a note whose READ was missed, because the host is another one, has no known value:
it is adopted when HOLD says that it is there, given back, and declared.
"""

from collections.abc import Mapping, Sequence

from hardware.bills.acceptor import BillEvent, NoteReturned, NoteUnaccounted
from hardware.bills.ssp.commands import Reject
from hardware.bills.ssp.events import EventCode, PollEvent, amounts_of
from hardware.bills.ssp.meanings import GIVEN_BACK, REFUSE_REASONS
from hardware.bills.story import NOTHING, Decision, StoryTeller
from hardware.vocabulary import Belief, RefuseReason
from hardware.wire.codes import name_of

CURRENCIES = ("JPY", "")
"""What an amount of yen may be marked with; nothing before protocol 6."""


class NoteTeller(StoryTeller):
    """Turns events into events."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = False
        """The unit was heard to have a note in escrow, and nothing since says that it has moved: a POLL would accept it."""
        self.refusal_due = False
        """A note was pushed out that was in no escrow, and it is to be asked why; then call :meth:`refused`."""
        self._pushing_out = False
        self._gone_back = False
        """A note was told as returned and no other has come since: what is said about one pushed out is about this."""

    def see(self, event: PollEvent, worth_yen: Mapping[int, int] | None, version: int) -> Sequence[BillEvent]:
        """Take one event and return what it tells, in order. ``worth_yen`` says what channels are worth, None while the
        unit's table is unknown; ``version`` is the protocol's."""
        events = self._see(event, worth_yen, version)
        if any(isinstance(told, NoteReturned) or _is_return(told) for told in events):
            self._gone_back = True
        return events

    def _see(self, event: PollEvent, worth_yen: Mapping[int, int] | None, version: int) -> Sequence[BillEvent]:
        code, channel = event.code, event.channel
        yen = None if worth_yen is None else worth_yen.get(channel)
        match code:
            case EventCode.READ:
                return self._read(channel, yen, table_known=worth_yen is not None)
            case EventCode.STACKING:
                self.waits = False
                self.stacking()
            case EventCode.CREDIT:
                self.waits = False
                return self._credit(channel, yen, table_known=worth_yen is not None)
            case EventCode.STACKED | EventCode.STORED_IN_PAYOUT:
                self.waits = False
                self.stacked()
            case EventCode.REJECTING:
                self.waits = False
                if self.note is not None:
                    self.returning()
                elif not self._gone_back:
                    self._pushing_out = True
            case EventCode.REJECTED:
                self.waits = False
                if self.note is not None:
                    return self.returned()
                self.refusal_due, self._pushing_out = not self._gone_back, False
            case EventCode.CLEARED_FROM_FRONT:
                return self._cleared(Belief.RETURNED, yen)
            case EventCode.CLEARED_INTO_CASHBOX:
                return self._cleared(Belief.STACKED, yen)
            case EventCode.NOTE_INTO_STACKER_AT_RESET | EventCode.NOTE_INTO_STORE_AT_RESET:
                return self._cleared(Belief.STACKED, _amount(event, worth_yen, version))
            case EventCode.NOTE_DISPENSED_AT_RESET:
                return self._cleared(Belief.RETURNED, _amount(event, worth_yen, version))
            case EventCode.UNSAFE_JAM | EventCode.SAFE_JAM:
                self.waits = False
                self.stuck()
            case EventCode.FRAUD_ATTEMPT:
                self.waits = False
                return self.cheated(name_of(EventCode, code))
            case EventCode.SLAVE_RESET:
                self.waits = False
                self.stuck()  # E1 or E2 say what became of a note; without them nobody knows
            case _:
                pass
        return NOTHING

    def _read(self, channel: int, yen: int | None, *, table_known: bool) -> Sequence[BillEvent]:
        self.not_rejecting()
        events = [] if channel else [*self.rest()]  # scanning: a new note
        self._pushing_out = self._gone_back = False
        if channel:
            self.waits = True
            events += self.in_escrow(channel, yen, table_known=table_known, name=f"READ[0x{channel:02X}]")
        return events

    def _credit(self, channel: int, yen: int | None, *, table_known: bool) -> Sequence[BillEvent]:
        note = self.note
        if note is not None and note.code not in (None, channel):  # it names another note than the one that waited
            self.note, self._credited = None, True
            note.gets_stuck()
            verdict = note.verdict()
            return [*([] if verdict is None else [verdict]), NoteUnaccounted(yen, Belief.STACKED)]
        if note is not None and not table_known:
            yen = note.yen
        return self.credited(yen)

    def _cleared(self, belief: Belief, yen: int | None) -> Sequence[BillEvent]:
        """The unit has restarted and says what became of the note inside."""
        self.waits = False
        note = self.note
        if note is None:
            told_already = self._credited if belief is Belief.STACKED else self._gone_back
            return NOTHING if told_already else [NoteUnaccounted(yen, belief)]
        if None not in (yen, note.yen) and yen != note.yen:  # it names another note than the one that was inside
            note.gets_stuck()
            return [*self._close(), NoteUnaccounted(yen, belief)]
        if belief is Belief.RETURNED:
            return self.returned(yen)
        self.note = None
        return [NoteUnaccounted(yen if note.yen is None else note.yen, belief)]

    def adopted(self) -> None:
        """HOLD says that a note is in escrow. If its READ was missed it is given back: nobody can say what it is worth."""
        self.waits = True
        note = self.inside()
        if note.code is None:
            note.decision = Decision.RETURN

    def rest(self) -> Sequence[BillEvent]:
        """Nothing is inside. A unit that gives a note back says so: one that is gone without that word went who knows where."""
        self.waits = False
        if self.note is not None:
            self.note.obscured = True
        if self._pushing_out:
            self.refusal_due, self._pushing_out = True, False
        events = self.at_rest()
        if any(isinstance(told, NoteReturned) or _is_return(told) for told in events):
            self._gone_back = True
        return events

    def refused(self, code: int | None) -> Sequence[BillEvent]:
        """The unit was asked why it pushed a note out; ``code`` is None when it does not say."""
        self.refusal_due = False
        if code in GIVEN_BACK:
            self._gone_back = True
            return [NoteUnaccounted(None, Belief.RETURNED)]  # of a former host's life
        if code is None:
            return self.rejecting(RefuseReason.UNKNOWN, name_of(EventCode, EventCode.REJECTED))
        name = name_of(Reject, code)
        events = [*self.rejecting(REFUSE_REASONS.get(code, RefuseReason.UNKNOWN), name)]
        self.not_rejecting()  # said once a note
        return [*events, *self.cheated(name)] if code == Reject.STRING_ATTEMPT else events


def _is_return(told: BillEvent) -> bool:
    return isinstance(told, NoteUnaccounted) and told.believed is Belief.RETURNED


def _amount(event: PollEvent, worth_yen: Mapping[int, int] | None, version: int) -> int | None:
    """Return the yen of an event with an amount, if the unit has such a note at all."""
    for value, currency in amounts_of(event, version):
        if currency in CURRENCIES and worth_yen is not None and value in worth_yen.values():
            return value
    return None
