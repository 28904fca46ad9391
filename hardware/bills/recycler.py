"""A bill acceptor that pays notes out again: drums added to the one note mechanism.

::

    ... ESCROW -> STACKER -> DRUM 1, DRUM 2 ...   (a value that a drum is assigned, while it has room)
                         '-> CASHBOX              (everything else)
    DRUM -> TRANSPORT -> BEZEL -> customer        (paid out, one note at a time; it waits at the mouth until taken)

A drum is a tape: the last note in is the first one out. Drums are matter and survive power; what each is assigned and how
many it may hold is the program's, which keeps it in lasting memory. All times are [U], and of no maker's machine.

Not modelled: notes moved from a drum to the cash box, a note taken back in that nobody took from the mouth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note, Place
from hardware.bills.phases import Event, Phase
from hardware.bills.timings import NoteTimings
from hardware.vocabulary import EmptyStatus, FullStatus


@dataclass(frozen=True)
class DrumSettings:
    """Figures of the drums of one model."""

    capacity: int
    """Notes that fit in each."""
    near_full: int
    near_empty: int
    pay_s: float
    """Drum to bezel."""
    take_s: float
    """How long a customer who takes notes at once lets one stick out."""


class Drum:
    """One drum: the notes on it, last in last."""

    def __init__(self, settings: DrumSettings) -> None:
        self._settings = settings
        self.capacity = settings.capacity
        """How many notes fit."""
        self.notes: list[Note] = []
        self.assigned: frozenset[int] = frozenset()
        """Yen values that are wound onto it."""
        self.limit = settings.capacity
        """How many notes its program lets it hold."""

    @property
    def empty(self) -> EmptyStatus:
        """What its sensors see of its lower end."""
        if not self.notes:
            return EmptyStatus.EMPTY
        return EmptyStatus.NEAR_EMPTY if len(self.notes) <= self._settings.near_empty else EmptyStatus.OK

    @property
    def full(self) -> FullStatus:
        """What its sensors see of its upper end."""
        if len(self.notes) >= self._settings.capacity:
            return FullStatus.FULL
        return FullStatus.NEAR_FULL if len(self.notes) >= self._settings.near_full else FullStatus.OK


class RecyclerMechanism(BillMechanism):
    """One acceptor with its cash box and its drums, which are called by number from 1."""

    def __init__(
        self,
        timings: NoteTimings,
        capacity: int,
        known: frozenset[int],
        near_full: int | None,
        drums: DrumSettings,
        loaded: Sequence[tuple[int, int]],
    ) -> None:
        """``loaded`` is what staff have wound onto each drum before the first day: a yen value and how many."""
        super().__init__(timings, capacity, known, near_full)
        self._drum_settings = drums
        self.drums: Mapping[int, Drum] = {number: Drum(drums) for number in range(1, len(loaded) + 1)}
        for number, (yen, count) in enumerate(loaded, start=1):
            self.drums[number].assigned = frozenset({yen})
            self._load(number, yen, count)

    # -- the path, with somewhere else to go ---------------------------------------------------------------------------

    def _drum_for(self, note: Note | None) -> Drum | None:
        """Return the drum that would take ``note``, None when it goes to the cash box."""
        if note is None or note.barcode:
            return None
        fitting = (drum for drum in self.drums.values() if note.yen in drum.assigned)
        return next((drum for drum in fitting if len(drum.notes) < drum.limit), None)

    def _fits(self, note: Note | None) -> bool:
        return self._drum_for(note) is not None or super()._fits(note)

    def _way_barred(self) -> bool:
        return super()._way_barred() and self._drum_for(self.inside) is None

    def _store(self, t: float, note: Note) -> None:
        drum = self._drum_for(note)
        if drum is None:
            super()._store(t, note)
            return
        self.piles.move(note, Place.DRUM)
        drum.notes.append(note)
        number = next(number for number, one in self.drums.items() if one is drum)
        self._tell(t, Event.NOTE_STACKED, note, drum=number)

    def _arrive(self, t: float) -> None:
        note = self.inside
        if self.phase is Phase.PAYING and note is not None:
            self._lay(Place.BEZEL)
            self._tell(t, Event.NOTE_PRESENTED, note)
            self._begin(Phase.PRESENTING, self._drum_settings.take_s)
        elif self.phase is Phase.PRESENTING and note is not None:
            if self.notes_are_taken:
                self._hand_over(t, note)
        else:
            super()._arrive(t)

    def _hand_over(self, t: float, note: Note) -> None:
        self.piles.move(note, Place.CUSTOMER)
        self._finish()
        self._tell(t, Event.NOTE_PAID, note)

    # -- orders of the program -----------------------------------------------------------------------------------------

    def pay_out(self, number: int, now_s: float) -> bool:
        """Send the last note of a drum to the mouth; False when it has none, or something is under way or in the way."""
        self.advance(now_s)
        drum = self.drums.get(number)
        resting = self.phase is Phase.REST and self.inside is None and self.mouth is None
        if drum is None or not drum.notes or not resting or self.faults or not self.powered:
            return False
        note = drum.notes.pop()
        self.piles.move(note, Place.TRANSPORT)
        self._begin(Phase.PAYING, self._drum_settings.pay_s)
        self._tell(now_s, Event.NOTE_PAYING, note, drum=number)
        self._regulate(now_s)
        return True

    # -- hands outside -------------------------------------------------------------------------------------------------

    def take(self, now_s: float) -> Note | None:
        self.advance(now_s)
        note = self.inside
        if self.phase is not Phase.PRESENTING or note is None:
            return super().take(now_s)
        self._hand_over(now_s, note)
        self._regulate(now_s)
        return note

    def pull_back(self, now_s: float) -> Note | None:
        self.advance(now_s)
        if self.phase is Phase.PAYING and self.mouth is None:
            return None  # it does not stick out yet
        return super().pull_back(now_s)

    def load(self, number: int, yen: int, count: int, now_s: float) -> int:
        """Staff wind notes onto a drum, as many as fit. Returns how many did. Raises KeyError for a drum that is not there."""
        self.advance(now_s)
        count = min(count, self.drums[number].capacity - len(self.drums[number].notes))
        self._load(number, yen, count)
        return count

    def _load(self, number: int, yen: int, count: int) -> None:
        for _ in range(count):
            note = self.piles.issue(yen)
            self.piles.move(note, Place.DRUM)
            self.drums[number].notes.append(note)

    def unload(self, number: int, now_s: float) -> list[Note]:
        """Staff take all notes off a drum. Returns them. Raises KeyError for a drum that is not there."""
        self.advance(now_s)
        drum = self.drums[number]
        taken, drum.notes = drum.notes, []
        for note in taken:
            self.piles.move(note, Place.STAFF)
        return taken
