"""The serial number that the printer counts by itself: ``GS C`` sets it up, ``GS c`` prints it.

It counts up or down between two bounds, repeats each value as often as asked, and begins anew behind the last; a step, a number
of repetitions or a range of zero stands still [D: Epson's reference; an obsolete command, which not every model has]. ``ESC @``
sets it back. [K]: a value set outside the bounds is brought to the one it counts from, once it has been printed.
"""

from collections.abc import Callable
from typing import Final

PRINT: Final = b"\x1dc"
SET_UP: Final = b"\x1dC"
_MOST: Final = 65535
_LIMITS: Final = (_MOST, _MOST, 255, 255, _MOST)


class Counter:
    """One counter; :meth:`commands` takes what it prints to where text goes."""

    def __init__(self, write: Callable[[bytes, float], None]) -> None:
        self._write = write
        self.reset()

    def reset(self) -> None:
        """Power-on values: 1 to 65535, one by one [D]."""
        self._digits, self._layout = 0, 0
        self._first, self._last, self._step, self._repeats, self.value = 1, _MOST, 1, 1, 1
        self._printed = 0

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {SET_UP: self._set_up, PRINT: self._print}

    def _set_up(self, args: bytes, t: float) -> bool:
        kind, operands = args[0], args[1:]
        match kind:
            case 0x30 if operands[0] <= 5 and operands[1] in (0, 1, 2, 48, 49, 50):
                self._digits, self._layout = operands[0], operands[1] & 3
            case 0x31:
                self._first, self._last = int.from_bytes(operands[:2], "little"), int.from_bytes(operands[2:4], "little")
                self._step, self._repeats = operands[4], operands[5]
                self._printed = 0
            case 0x32:
                self.value = int.from_bytes(operands, "little")
            case 0x3B:
                return self._set_by_text(operands)
            case _:
                return False
        return True

    def _set_by_text(self, operands: bytes) -> bool:
        """``sa;sb;sn;sr;sc;``: decimal; what is left out stays [D]."""
        words = operands.split(b";")[:-1]
        before = (self._first, self._last, self._step, self._repeats, self.value)
        if len(words) != len(before) or not all(word.isdigit() or not word for word in words):
            return False
        values = [int(word) if word else old for word, old in zip(words, before, strict=True)]
        if any(value > limit for value, limit in zip(values, _LIMITS, strict=True)):
            return False
        self._first, self._last, self._step, self._repeats, self.value = values
        self._printed = 0
        return True

    def _print(self, args: bytes, t: float) -> bool:
        digits = str(self.value)
        if self._digits:
            digits = digits[-self._digits :]
            digits = digits.ljust(self._digits) if self._layout == 2 else digits.rjust(self._digits, " 0"[self._layout])
        self._write(digits.encode(), t)
        self._count()
        return True

    def _count(self) -> None:
        if self._first == self._last or not self._step or not self._repeats:
            return
        self._printed += 1
        if self._printed < self._repeats:
            return
        self._printed = 0
        up = self._first < self._last
        self.value += self._step if up else -self._step
        low, high = min(self._first, self._last), max(self._first, self._last)
        if not low <= self.value <= high:
            self.value = self._first
