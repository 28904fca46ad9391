"""What a change machine holds: its units (a drum or hopper a value), and every piece of cash in exactly one place."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from hardware.configfile import ConfigFile

MOST_PIECES = 10_000
"""More than any machine of the class holds of one value; caps what a hand or a file can ask for."""


class Kind(Enum):
    """Notes and coins have an entry, a path and an exit each, and move side by side."""

    NOTE = "note"
    COIN = "coin"


@dataclass(frozen=True)
class CashUnit:
    """One value of the machine, and the drum or hopper that pays it."""

    yen: int
    kind: Kind
    capacity: int
    """Pieces. 0: there is no drum; what is taken goes to the overflow box and is never paid out."""
    near_full: int
    """From so many pieces on."""
    near_empty: int
    """Up to so many pieces."""
    loaded: int
    """Pieces that staff have put in before the machine's first day."""

    @property
    def pays(self) -> bool:
        """Whether this value can be paid out."""
        return self.capacity > 0

    @classmethod
    def read(cls, table: ConfigFile) -> "CashUnit":
        """Read one ``[[cash]]`` table of a model. Raises ConfigError."""
        table.only("yen", "kind", "capacity", "near_full", "near_empty", "loaded")
        capacity = table.whole("capacity", high=MOST_PIECES)
        return cls(
            yen=table.whole("yen", low=1, high=1_000_000),
            kind=Kind(table.choice("kind", [kind.value for kind in Kind])),
            capacity=capacity,
            near_full=table.whole("near_full", capacity * 9 // 10, high=capacity),
            near_empty=table.whole("near_empty", capacity // 10, high=capacity),
            loaded=table.whole("loaded", 0, high=capacity),
        )


def read_units(file: ConfigFile) -> dict[int, CashUnit]:
    """Return the units of a model by yen value. Raises ConfigError, also when two have one value."""
    units: dict[int, CashUnit] = {}
    for table in file.tables("cash"):
        unit = CashUnit.read(table)
        if unit.yen in units:
            raise table.wrong("yen", "a value that no other [[cash]] has")
        units[unit.yen] = unit
    return units


class Place(Enum):
    """Where a piece can lie."""

    CUSTOMER = "customer"
    ENTRY = "entry"
    """In the coin tray or the note slot, not yet taken by the belts."""
    PATH = "path"
    """On the belts, in either direction."""
    UNIT = "unit"
    """In the drum or hopper of its value."""
    OVERFLOW = "overflow"
    """In the box for what fits no unit; never paid out."""
    EXIT = "exit"
    """Paid out, or given back, and not yet taken."""
    STAFF = "staff"


class CashPiles:
    """All pieces there are; pieces of one value are alike. Moving is the only way to change a pile."""

    def __init__(self) -> None:
        self._piles: dict[Place, Counter[int]] = {place: Counter() for place in Place}

    def issue(self, yen: int, count: int, place: Place) -> None:
        """Bring ``count`` new pieces into the world."""
        self._piles[place][yen] += count

    def clear(self) -> None:
        """Take every piece out of the world, before another world's pieces are laid down."""
        for pile in self._piles.values():
            pile.clear()

    def move(self, yen: int, source: Place, to: Place, count: int = 1) -> None:
        """Move pieces. Raises ValueError when so many do not lie at ``source``: nothing is made of nothing."""
        pile = self._piles[source]
        if not 0 <= count <= pile[yen]:
            raise ValueError(f"{count} x {yen} yen at {source.value}: there are {pile[yen]}")
        pile[yen] -= count
        self._piles[to][yen] += count

    def number(self, yen: int, place: Place) -> int:
        """Return how many pieces of ``yen`` lie at ``place``."""
        return self._piles[place][yen]

    def at(self, place: Place) -> Counter[int]:
        """Return what lies at ``place``, by value, without zeroes."""
        return +self._piles[place]

    def worth_yen(self, *places: Place) -> int:
        """Return what lies at ``places`` (all of them when none is named)."""
        return sum(yen * n for place in places or Place for yen, n in self._piles[place].items())
