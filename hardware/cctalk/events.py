"""Buffered events: the counter and the five newest pairs that coin acceptors (229) and bill validators (159) tell.

``counter | a b | a b | a b | a b | a b``, newest pair first. The counter is 0 only after power-up or reset, then 1 to 255 and
from 255 on to 1. Nothing is acknowledged: a host compares the counter with the last one, and five is all there ever is [2].
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

Pair = tuple[int, int]
"""(coin, sorter path) or (bill, step); (0, code) is a status."""

BUFFERED = 5
REPORT_LENGTH = 1 + 2 * BUFFERED
NOTHING: Pair = (0, 0)
"""What stands where no event was yet. A bill validator's MASTER_INHIBIT looks the same: the counter tells them apart."""


def next_count(counter: int) -> int:
    """Return the counter after one more event: never 0."""
    return counter % 255 + 1


def count_between(before: int, now: int) -> int:
    """Return how many events happened from counter ``before`` to ``now``, neither of them after a reset in between.

    255 in between look like none. A ``now`` of 0 after anything else is a reset and no count: ask before calling.
    """
    return now - before if now >= before else now - before + 255


def count_before(counter: int, events: int) -> int:
    """Return what the counter was so many ``events`` before it was ``counter``, with no reset in between."""
    return (counter - 1 - events) % 255 + 1


@dataclass(frozen=True, slots=True)
class EventReport:
    """One answer."""

    counter: int
    pairs: Sequence[Pair]
    """Five, newest first."""

    def encode(self) -> bytes:
        """Return the 11 bytes of data."""
        return bytes((self.counter, *(byte for pair in self.pairs for byte in pair)))

    @classmethod
    def decode(cls, data: bytes) -> "EventReport | None":
        """Read the data of an answer; None when it is not 11 bytes."""
        if len(data) != REPORT_LENGTH:
            return None
        return cls(data[0], tuple((data[at], data[at + 1]) for at in range(1, REPORT_LENGTH, 2)))

    def since(self, before: int) -> tuple[list[Pair], int]:
        """Return the pairs that are new after counter ``before``, oldest first, and how many more were lost.

        For a counter that fell back to 0 both are nothing: the unit has started anew, and what stands there is not to be
        taken for new.
        """
        if self.counter == 0:
            return [], 0
        new = count_between(before, self.counter)
        return list(reversed(self.pairs[: min(new, BUFFERED)])), max(0, new - BUFFERED)


class EventBuffer:
    """The device's end: remembers the newest five and counts."""

    def __init__(self) -> None:
        self.counter = 0
        self._pairs: deque[Pair] = deque([NOTHING] * BUFFERED, maxlen=BUFFERED)

    def add(self, first: int, second: int) -> None:
        """One more event: a credit, or with ``first`` 0 a status."""
        self._pairs.appendleft((first, second))
        self.counter = next_count(self.counter)

    def clear(self) -> None:
        """Power-up or reset: nothing has happened yet."""
        self.counter = 0
        self._pairs.extend([NOTHING] * BUFFERED)

    def answer(self) -> bytes:
        """Return the data of the answer."""
        return EventReport(self.counter, tuple(self._pairs)).encode()
