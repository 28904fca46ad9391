"""What may be said while a note may be in escrow. **The trap of SSP: a POLL accepts it.**

So a poll goes out only when it is known that none waits, or when it is to be stacked. From the READ with a channel on, HOLD is
said instead at every interval, until the caller decides: ``stack`` lets one POLL through, ``return_`` sends REJECT, ``hold``
changes nothing but the deadline. HOLD gives the note its whole time in the unit again; so a note that nobody decides about is
given back with REJECT when the profile's ``escrow_timeout_s`` is over, and if the host dies the unit's own time-out does it.
(The alternative, to keep the unit awake by harmless questions and let its time-out run, cannot tell when the note has gone but
by the poll that might accept it.)

An answer to a poll that was lost for good or could not be read may have told of a note in escrow. Then, and before the first
poll to any unit, HOLD asks whether one is there: CANNOT PROCESS means that there is none.

Pure; times in seconds of one clock.
"""

from hardware.bills.ssp.commands import Command, Reply
from hardware.bills.ssp.conversation import Heard
from hardware.bills.ssp.notes import NoteTeller
from hardware.bills.story import Decision, NoteInside

ODD_ANSWERS = 3
"""So many answers that are neither yes nor no are taken for a no."""


class Escrow:
    """Says what is to be said next, and reads the answers to HOLD and REJECT."""

    def __init__(self, notes: NoteTeller, timeout_s: float) -> None:
        """``timeout_s`` is how long an undecided note is kept."""
        self._notes = notes
        self._timeout_s = timeout_s
        self.is_known = False
        """Whether ``notes.waits`` can be relied on."""
        self._odd_answers = 0
        self._undecided_since_s: float | None = None
        self._can_hold = True

    def forget(self) -> None:
        """The unit may be another one, or the same after anything."""
        self.is_known = False
        self._can_hold = True
        self._odd_answers = 0

    def another_note(self) -> None:
        """A note is being read: its time begins when it waits."""
        self._undecided_since_s = None

    def word(self, now_s: float) -> Command | None:
        """Return what has to be said instead of a poll; None when a poll may go out."""
        if not self.is_known:
            return Command.HOLD
        note = self._notes.note
        if not self._notes.waits or note is None:
            return None
        self._mind_the_time(note, now_s)
        if note.decision is Decision.RETURN:
            return Command.REJECT
        if note.decision is Decision.STACK:
            return None
        return Command.HOLD if self._can_hold else Command.GET_SERIAL_NUMBER

    def _mind_the_time(self, note: NoteInside, now_s: float) -> None:
        if self._undecided_since_s is None:
            self._undecided_since_s = now_s
        if note.decision is Decision.NONE and now_s - self._undecided_since_s >= self._timeout_s:
            note.decision = Decision.RETURN

    def hold_answered(self, heard: Heard) -> None:
        """HOLD was answered."""
        if heard.ok and not heard.data:  # with data it is no answer to HOLD
            self._notes.adopted()
            self.is_known, self._odd_answers = True, 0
        elif heard.code == Reply.UNKNOWN_COMMAND:
            self._can_hold, self.is_known = False, True
        else:
            self._odd_answers += 1
            if heard.code == Reply.CANNOT_PROCESS or (not self._notes.waits and self._odd_answers >= ODD_ANSWERS):
                self._notes.waits = False
                self.is_known, self._odd_answers = True, 0

    def reject_answered(self, heard: Heard) -> None:
        """REJECT was answered."""
        self._odd_answers += 1
        if heard.ok or heard.code == Reply.CANNOT_PROCESS or self._odd_answers >= ODD_ANSWERS:
            self._notes.waits, self._odd_answers = False, 0
