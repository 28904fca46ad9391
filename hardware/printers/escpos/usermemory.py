"""User memory: bytes that a host may leave in the printer and fetch again, ``FS g`` 1 and 2.

1 KB on models of this class; at most 80 bytes are read at a time; the answer is ``5F data 00`` [D: Epson's reference].
What was never written reads as blanks [K]. It lives through power off.
"""

from collections.abc import Callable
from typing import Final

WRITE: Final = b"\x1cg1"
READ: Final = b"\x1cg2"
_MOST_READ: Final = 80
_LOWEST: Final = 0x20


class UserMemory:
    """Some bytes with an address each."""

    def __init__(self, size: int, say: Callable[[bytes, float], None]) -> None:
        """A ``size`` of 0 is a printer without it."""
        self._bytes = bytearray(b" " * size)
        self._say = say

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {WRITE: self._write, READ: self._read} if self._bytes else {}

    def _place(self, args: bytes) -> tuple[int, int] | None:
        """Return where the bytes that ``m a1 a2 a3 a4 nL nH`` speaks of begin and end."""
        start, length = int.from_bytes(args[1:5], "little"), int.from_bytes(args[5:7], "little")
        return (start, start + length) if args[0] == 0 and length and start + length <= len(self._bytes) else None

    def _write(self, args: bytes, t: float) -> bool:
        place, data = self._place(args), args[7:]
        if place is None or min(data) < _LOWEST:
            return False
        self._bytes[slice(*place)] = data
        return True

    def _read(self, args: bytes, t: float) -> bool:
        place = self._place(args)
        if place is None or place[1] - place[0] > _MOST_READ:
            return False
        self._say(b"\x5f" + self._bytes[slice(*place)] + b"\x00", t)
        return True
