"""One path of a change machine with what waits for it, the machine's times, and the order it remembers."""

from collections import Counter, deque
from dataclasses import dataclass, field

from hardware.configfile import ConfigFile
from hardware.dispenser import Pieces
from hardware.vocabulary import Fault, RefuseReason


@dataclass(frozen=True)
class ChangerTimings:
    """Times of one model, in seconds; all [U]."""

    note_in_s: float
    coin_in_s: float
    note_out_s: float
    coin_out_s: float
    empty_s: float
    """How long a drum turns before the machine believes that nothing comes."""
    boot_s: float

    @classmethod
    def read(cls, table: ConfigFile) -> "ChangerTimings":
        """Read the model's ``[timing]`` table. Raises ConfigError."""
        names = ("note_in_s", "coin_in_s", "note_out_s", "coin_out_s", "empty_s", "boot_s")
        return cls(**{name: table.number(name, low=0.001) for name in names})


@dataclass
class Order:
    """One payout, as the machine's lasting memory knows it."""

    number: int
    pieces: Pieces
    paid: Counter[int] = field(default_factory=Counter)
    fault: Fault | None = None
    ended: bool = False


@dataclass
class Moving:
    """The piece on a path. ``yen`` of 0: the drum turns and nothing has come out."""

    yen: int
    outwards: bool
    flaw: RefuseReason | None = None
    wanted_yen: int = 0


@dataclass
class Track:
    """One kind's entry, path and orders. Between two calls either ``due_s`` or ``rest_s`` is set while a piece moves."""

    entry: deque[tuple[int, RefuseReason | None]] = field(default_factory=deque)
    outgoing: deque[int] = field(default_factory=deque)
    moving: Moving | None = None
    due_s: float | None = None
    rest_s: float | None = None

    @property
    def idle(self) -> bool:
        return self.moving is None and not self.entry and not self.outgoing
