"""What a unit has to tell once: kept until a message with the other acknowledgement bit shows that the host has it."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from hardware.bills.ebds.standard import Condition, Trouble


class Ending(Enum):
    """How the visit of a note ended."""

    STACKED = "stacked"
    STACKED_BLANK = "stacked_blank"
    """Stacked, and the unit has forgotten or withholds what it was worth; or nothing was stacked at all."""
    RETURNED = "returned"
    REJECTED = "rejected"
    RETRIEVED = "retrieved"
    """Taken from the bezel, told besides RETURNED or REJECTED to a host that asked for it."""


@dataclass(frozen=True)
class NoteEnd:
    """One ending and the note's value; 0 when there was no note, or nobody knows."""

    ending: Ending
    yen: int = 0


class PendingEvents:
    """Endings are told one at a time, because the vendor of Pyramid has them exclude each other [2]; flags all at once."""

    def __init__(self) -> None:
        self._ends: deque[NoteEnd] = deque()
        self._flags: set[Condition | Trouble] = set()
        self._told_end: NoteEnd | None = None
        self._told_flags: set[Condition | Trouble] = set()

    def add_end(self, end: NoteEnd) -> None:
        """Queue an ending."""
        self._ends.append(end)

    def add_flag(self, flag: Condition | Trouble) -> None:
        """Raise a bit that is told once."""
        self._flags.add(flag)

    @property
    def end(self) -> NoteEnd | None:
        """The ending to be told next."""
        return self._ends[0] if self._ends else None

    @property
    def flags(self) -> frozenset[Condition | Trouble]:
        """The bits to be told next."""
        return frozenset(self._flags)

    def skip_end(self) -> None:
        """Drop the next ending without a word."""
        self._ends.popleft()
        self._told_end = None

    def told(self) -> None:
        """Note that a reply with all this has gone out; whether it arrived, the next message shows."""
        self._told_end = self.end
        self._told_flags = set(self._flags)

    def acknowledged(self) -> frozenset[Condition | Trouble]:
        """The host has the last reply: forget what it told. Returns the bits among it."""
        if self._told_end is not None:
            self._ends.popleft()
        flags = frozenset(self._told_flags)
        self._flags -= flags
        self._told_end, self._told_flags = None, set()
        return flags

    def lose_power(self, *, keep_untold: bool, keep_told: bool) -> None:
        """Forget all but, if wished, notes stacked whose value was not told yet, and told but not acknowledged."""
        kept = [
            end for end in self._ends if end.ending is Ending.STACKED and (keep_told if end is self._told_end else keep_untold)
        ]
        self._ends = deque(kept)
        self._flags.clear()
        self._told_end, self._told_flags = None, set()
