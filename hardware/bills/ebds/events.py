"""What a unit has to tell once: kept until a message with the other acknowledgement bit shows that the host has it."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from hardware.lasting import State


class Ending(Enum):
    """How the visit of a note ended."""

    STACKED = "stacked"
    STACKED_BLANK = "stacked_blank"
    """Stacked, and the unit has forgotten or withholds what it was worth; or nothing was stacked at all."""
    RETURNED = "returned"
    REJECTED = "rejected"
    RETRIEVED = "retrieved"
    """Taken from the bezel, told besides RETURNED or REJECTED to a host that asked for it."""


class Notice(Enum):
    """Bits that are told once. No flags of bytes: those of different bytes are equal numbers, and a set would mix them up."""

    POWER_UP = "power_up"
    INVALID_COMMAND = "invalid_command"
    CHEATED = "cheated"


@dataclass(frozen=True)
class NoteEnd:
    """One ending and the note's value; 0 when there was no note, or nobody knows."""

    ending: Ending
    yen: int = 0


class PendingEvents:
    """Endings are told one at a time, because the vendor of Pyramid has them exclude each other [2]; notices all at once."""

    def __init__(self) -> None:
        self._ends: deque[NoteEnd] = deque()
        self._notices: set[Notice] = set()
        self._told_end: NoteEnd | None = None
        self._told_notices: set[Notice] = set()

    def add_end(self, end: NoteEnd) -> None:
        """Queue an ending."""
        self._ends.append(end)

    def add_notice(self, notice: Notice) -> None:
        """Raise a bit that is told once."""
        self._notices.add(notice)

    @property
    def end(self) -> NoteEnd | None:
        """The ending to be told next."""
        return self._ends[0] if self._ends else None

    @property
    def notices(self) -> frozenset[Notice]:
        """The bits to be told next."""
        return frozenset(self._notices)

    def skip_end(self) -> None:
        """Drop the next ending without a word."""
        self._ends.popleft()
        self._told_end = None

    def told(self) -> None:
        """Note that a reply with all this has gone out; whether it arrived, the next message shows."""
        self._told_end = self.end
        self._told_notices = set(self._notices)

    def acknowledged(self) -> frozenset[Notice]:
        """The host has the last reply: forget what it told. Returns the bits among it."""
        if self._told_end is not None:
            self._ends.popleft()
        notices = frozenset(self._told_notices)
        self._notices -= notices
        self._told_end, self._told_notices = None, set()
        return notices

    def state(self) -> State:
        """Return the endings, for JSON; notices live in memory that needs power."""
        return {"ends": [[end.ending.value, end.yen] for end in self._ends], "told": self._told_end is not None}

    def restore(self, state: State) -> None:
        """Take up what :meth:`state` of a former life returned."""
        self._ends = deque(NoteEnd(Ending(ending), yen) for ending, yen in state["ends"])
        self._told_end = self._ends[0] if state["told"] and self._ends else None

    def lose_power(self, *, keep_untold: bool, keep_told: bool) -> None:
        """Forget all but, if wished, notes stacked whose value was not told yet, and told but not acknowledged."""
        kept = [
            end for end in self._ends if end.ending is Ending.STACKED and (keep_told if end is self._told_end else keep_untold)
        ]
        self._ends = deque(kept)
        self._notices.clear()
        self._told_end, self._told_notices = None, set()
