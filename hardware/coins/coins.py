"""Coins as matter: each lies in exactly one place, and nothing here can make two of one or none of one."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from hardware.vocabulary import RefuseReason


class CoinPlace(Enum):
    """Where a coin can lie: first the way in, then the ways out."""

    CUSTOMER = "customer"
    """In the customer's hand, or in the tray of a hopper: theirs."""
    ENTRY = "entry"
    """Rolling from the slot to the sensors, or waiting there behind one that is stuck."""
    SENSORS = "sensors"
    """Between the validation sensors, not yet judged."""
    GATE = "gate"
    """Let through by the gate, on its way to the credit sensor."""
    SORTER = "sorter"
    """Past the credit sensor, falling through the sorter."""
    BOX = "box"
    """In the cash box, a tube or whatever hangs below the coin's sorter path."""
    RETURN = "return"
    """On its way from gate or lever to the cup."""
    CUP = "cup"
    """In the return cup, where the customer can take it."""
    HOPPER = "hopper"
    """In a hopper's bowl."""
    DISC = "disc"
    """Lifted out of the bowl by the disc or belt, before the exit sensor."""
    STAFF = "staff"
    """With staff: not yet filled in, or taken out."""


class Trick(Enum):
    """What a coin can do on its way that no sensor foresees when it lets it through."""

    SLOW = "slow"
    """Too slow over the credit sensor: inside, and not credited."""
    FAST = "fast"
    """Too fast over the credit sensor: inside, and not credited."""
    EARLY = "early"
    """At the credit sensor before any coin could be there: inside, and not credited."""
    SEQUENCE = "sequence"
    """Over the credit sensors in the wrong order: inside, and not credited."""
    SWALLOWED = "swallowed"
    """Inside without the credit sensor having seen it at all."""
    BACKWARDS = "backwards"
    """Turns round behind the gate and comes out again."""
    STRING = "string"
    """On a string that the anti-string mechanism catches; the customer pulls it out."""


Flaw = RefuseReason | Trick
"""What is wrong with a coin: a reason to send it to the cup, or a trick it plays later."""


@dataclass(frozen=True)
class Coin:
    """One piece of metal."""

    serial: int
    """Tells two coins of one kind apart."""
    kind: str
    """The coin's name in the style of ccTalk ids, one for each mintage that sensors tell apart: ``JP500A``, ``JP500B``."""
    yen: int
    flaw: Flaw | None = None
    detail: str = ""
    """The flaw in the words of one protocol, when whoever made the coin wants that very code reported."""


class CoinPiles:
    """Every coin there is, each in exactly one place: moving is the only way to change it."""

    def __init__(self) -> None:
        # Dictionaries used as ordered sets: a bowl gives its coins in the order in which they were filled in.
        self._piles: dict[CoinPlace, dict[Coin, None]] = {place: {} for place in CoinPlace}
        self._where: dict[Coin, CoinPlace] = {}
        self._paths: dict[Coin, int] = {}

    def issue(self, kind: str, yen: int, at: CoinPlace, flaw: Flaw | None = None, detail: str = "") -> Coin:
        """Bring a new coin into the world."""
        coin = Coin(len(self._where) + 1, kind, yen, flaw, detail)
        self._where[coin] = at
        self._piles[at][coin] = None
        return coin

    def clear(self) -> None:
        """Take every coin out of the world, before another world's coins are laid down."""
        for pile in self._piles.values():
            pile.clear()
        self._where.clear()
        self._paths.clear()

    def where(self, coin: Coin) -> CoinPlace:
        """Return the one place of ``coin``. Raises KeyError for a coin of another world."""
        return self._where[coin]

    def path_of(self, coin: Coin) -> int:
        """Return the sorter path that ``coin`` was steered to, 0 before it was steered."""
        return self._paths.get(coin, 0)

    def steer(self, coin: Coin, path: int) -> None:
        """Set the sorter path of ``coin``."""
        self._paths[coin] = path

    def move(self, coin: Coin, to: CoinPlace) -> None:
        """Take ``coin`` from wherever it is and lay it at ``to``."""
        del self._piles[self._where[coin]][coin]
        self._where[coin] = to
        self._piles[to][coin] = None

    def at(self, *places: CoinPlace) -> list[Coin]:
        """Return the coins at ``places``, longest there first."""
        return [coin for place in places for coin in self._piles[place]]

    def first(self, place: CoinPlace) -> Coin | None:
        """Return the coin that has lain longest at ``place``."""
        return next(iter(self._piles[place]), None)

    def size(self, place: CoinPlace) -> int:
        """Return how many coins lie at ``place``."""
        return len(self._piles[place])

    def count(self, *places: CoinPlace) -> Counter[int]:
        """Return how many coins of each yen value lie at ``places``."""
        return Counter(coin.yen for coin in self.at(*places))

    def total(self) -> int:
        """Return how many coins lie anywhere: as many as were ever issued."""
        return sum(len(pile) for pile in self._piles.values())
