"""Banknotes as matter: each lies in exactly one place, and nothing here can make two of one or none of one."""

from collections import Counter
from collections.abc import KeysView
from dataclasses import dataclass
from enum import Enum

from hardware.vocabulary import RefuseReason


class Place(Enum):
    """Where a note can lie, from the customer's hand inwards."""

    CUSTOMER = "customer"
    """In the customer's hand."""
    MOUTH = "mouth"
    """Stuck into the slot; the rollers have not taken it and fingers still hold it."""
    BEZEL = "bezel"
    """Given back and sticking out of the slot: the rollers are done with it and nobody has taken it yet."""
    TRANSPORT = "transport"
    """On the rollers between slot and escrow, in either direction."""
    ESCROW = "escrow"
    """Recognised and waiting, still returnable."""
    STACKER = "stacker"
    """Past escrow and not yet in the box: on its way through the stacker lever and under the pressing plate."""
    CASHBOX = "cashbox"
    """In the cash box."""
    DRUM = "drum"
    """Wound up in a recycler's drum, to be paid out again."""
    STAFF = "staff"
    """Taken out by staff: from the emptied box or from a cleared jam."""


@dataclass(frozen=True)
class Note:
    """One piece of paper."""

    serial: int
    """Tells two notes of one value apart."""
    yen: int
    flaw: RefuseReason | None = None
    """Why the sensors will push it back, or None for a good note."""
    detail: str = ""
    """The flaw in the words of one protocol, when whoever made the note wants that very code reported."""
    barcode: str = ""
    """What is printed on a barcode ticket, which is worth nothing to us; empty for a note."""


class NotePiles:
    """Every note there is, each on exactly one pile: moving is the only way to change a pile."""

    def __init__(self) -> None:
        # Dictionaries used as ordered sets: the order in the box is the order of stacking, and moving costs no search.
        self._piles: dict[Place, dict[Note, None]] = {place: {} for place in Place}
        self._issued = 0

    def issue(self, yen: int, flaw: RefuseReason | None = None, detail: str = "", barcode: str = "") -> Note:
        """Bring a new note into the world, in the customer's hand."""
        self._issued += 1
        note = Note(self._issued, yen, flaw, detail, barcode)
        self._piles[Place.CUSTOMER][note] = None
        return note

    def clear(self) -> None:
        """Take every note out of the world, before another world's notes are laid down."""
        for pile in self._piles.values():
            pile.clear()
        self._issued = 0

    def where(self, note: Note) -> Place:
        """Return the one place of ``note``. Raises KeyError for a note of another world."""
        for place, pile in self._piles.items():
            if note in pile:
                return place
        raise KeyError(note)

    def move(self, note: Note, to: Place) -> None:
        """Take ``note`` from wherever it is and lay it at ``to``."""
        del self._piles[self.where(note)][note]
        self._piles[to][note] = None

    def at(self, place: Place) -> KeysView[Note]:
        """Return the notes at ``place``, longest there first: a window on them that stays true when they move."""
        return self._piles[place].keys()

    def size(self, place: Place) -> int:
        """Return how many notes lie at ``place``."""
        return len(self._piles[place])

    def count(self, place: Place) -> Counter[int]:
        """Return how many notes of each yen value lie at ``place``."""
        return Counter(note.yen for note in self._piles[place])

    def total_yen(self) -> int:
        """Return the value of every note ever issued, wherever it lies."""
        return sum(note.yen for pile in self._piles.values() for note in pile)
