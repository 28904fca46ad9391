"""What is inside a bill acceptor, with the hands that reach it: customers, staff, and whoever pulls the plug.

How notes move is in :mod:`hardware.bills.notepath`; this adds everything that happens to them from outside, and power.
"""

from collections import Counter

from hardware.bills.notepath import NotePath
from hardware.bills.notes import Note, Place
from hardware.bills.phases import Event, Phase
from hardware.vocabulary import Fault, RefuseReason

_IN_REACH = (Place.MOUTH, Place.BEZEL, Place.TRANSPORT, Place.ESCROW)
"""Where fingers can still get hold of a note's end."""


class BillMechanism(NotePath):
    """One acceptor with its cash box.

    Hands use :meth:`insert`, :meth:`pull_back`, :meth:`cheat`, :meth:`fail`, :meth:`clear` and the cash box's methods.
    """

    def insert(
        self, yen: int, now_s: float, flaw: RefuseReason | None = None, detail: str = "", barcode: str = ""
    ) -> Note | None:
        """Put a note to the mouth; None when another one is stuck there. See :meth:`where` for whether it was drawn in."""
        self.advance(now_s)
        if self.mouth is not None:
            return None
        note = self.piles.issue(yen, flaw, detail, barcode)
        self.piles.move(note, Place.MOUTH)
        self._tell(now_s, Event.NOTE_INSERTED, note)
        self._regulate(now_s)
        return note

    def pull_back(self, now_s: float) -> Note | None:
        """Pull with fingers: the note at the mouth, else one that is not yet on its way to the stacker. None: no grip,
        or stuck fast in a jam.

        A note pulled off running rollers lets them run back empty: a refusal (INSERTION) before escrow, a return after.
        """
        self.advance(now_s)
        note = self.mouth or self.inside
        if note is None or self.where(note) not in _IN_REACH:
            return None
        if self.where(note) is Place.BEZEL:
            return self.take(now_s)
        if note is not self.mouth:
            if Fault.JAM_IN_ACCEPTOR in self.faults:
                return None
            if self.phase is Phase.DRAWING:
                self._begin(Phase.REJECTING, self.timings.return_s)
                self.refused = RefuseReason.INSERTION
            elif self.phase is Phase.ESCROW:
                self._begin(Phase.RETURNING, self.timings.return_s)
        self.piles.move(note, Place.CUSTOMER)
        self._tell(now_s, Event.NOTE_PULLED, note)
        self._regulate(now_s)
        return note

    def take(self, now_s: float) -> Note | None:
        """Take the note that was given back and sticks out at the bezel; None when there is none."""
        self.advance(now_s)
        note = next(iter(self._at_bezel), None)
        if note is not None:
            self.piles.move(note, Place.CUSTOMER)
            self._finish()
            self._tell(now_s, Event.NOTE_RETURNED, note)
            self._regulate(now_s)
        return note

    def cheat(self, now_s: float) -> Note | None:
        """Pull with a string, out of the stacker too; the anti-cheat sensors notice. Returns the note that came out."""
        self.advance(now_s)
        note = self.inside
        if note is not None:
            self.piles.move(note, Place.CUSTOMER)
            self._tell(now_s, Event.NOTE_PULLED, note)
            self._finish()
        self.fail(Fault.CHEATED, now_s)
        return note

    def fail(self, fault: Fault, now_s: float, **facts: int | str) -> None:
        """Let something jam or break. A note inside stays where it is until :meth:`clear`; ``facts`` go into the happening."""
        self.advance(now_s)
        self.faults.add(fault)
        self._tell(now_s, fault.value, None, **facts)
        self._regulate(now_s)

    def clear(self, now_s: float) -> list[Note]:
        """Staff repair everything and keep the note they found inside, if any. Returns it."""
        self.advance(now_s)
        taken = [self.inside] if self.inside is not None else []
        for note in taken:
            self.piles.move(note, Place.STAFF)
            self._tell(now_s, Event.NOTE_TAKEN_BY_STAFF, note)
        self._finish()
        self.faults.clear()
        self._tell(now_s, Event.CLEARED)
        self._regulate(now_s)
        return taken

    def forgive_cheat(self, now_s: float) -> None:
        """A reset ends CHEATED: nothing is left in the path to be repaired."""
        self.advance(now_s)
        self.faults.discard(Fault.CHEATED)
        self._regulate(now_s)

    def open_box(self, now_s: float) -> None:
        """Take the cash box out. A note on its way into it stops where it is."""
        self.advance(now_s)
        if self.box.fitted:
            self.box.fitted = False
            self._tell(now_s, Event.CASHBOX_OPENED)
            self._regulate(now_s)

    def close_box(self, now_s: float) -> None:
        """Put the cash box back; a note that waited for it goes on."""
        self.advance(now_s)
        if not self.box.fitted:
            self.box.fitted = True
            self._tell(now_s, Event.CASHBOX_CLOSED)
            self._regulate(now_s)

    def fill_box(self, now_s: float) -> None:
        """Press the full-box sensor, without conjuring notes."""
        self.advance(now_s)
        self.box.sensor_pressed = True
        self._tell(now_s, Event.CASHBOX_FULL)

    def empty_box(self, now_s: float) -> Counter[int]:
        """Staff take all notes out of the cash box. Returns them by yen value."""
        self.advance(now_s)
        taken = self.box.empty()
        self._tell(now_s, Event.CASHBOX_EMPTIED, yen=sum(y * n for y, n in taken.items()), notes=taken.total())
        self._regulate(now_s)
        return taken

    # -- power ---------------------------------------------------------------------------------------------------------

    def power_off(self, now_s: float) -> None:
        """Cut the power: motors stop where they are and the program forgets what it was doing."""
        self.advance(now_s)
        if self.powered:
            self.powered = self._rollers_wanted = False
            self._finish()
            self._tell(now_s, Event.POWER_OFF)

    def power_on(self, now_s: float) -> None:
        """Give it power: nothing moves until ordered, but the sensors see the note inside."""
        self.advance(now_s)
        if not self.powered:
            self.powered = True
            self._tell(now_s, Event.POWER_ON)
