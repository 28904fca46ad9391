"""The printer's end of the serial line: bytes that are still on the wire, the receive buffer, and replies going out.

Baud is arithmetic, not timers: a piece handed over at one moment is cut where something could happen (behind a real-time
command, and every :data:`SLICE_BYTES`), and each slice counts as received when its last bit would be.
"""

import re
from collections import deque
from typing import Final

from hardware.printers.escpos.grammar import DLE, Command, Framer, RasterData, RasterHead, Text, Token, Unknown

SLICE_BYTES: Final = 256
_WIRE_LIMIT: Final = 1 << 20
"""Bytes a host may have pushed ahead of the baud rate; a real line would have made it wait long before."""
_REAL_TIME: Final = re.compile(
    rb"\x10(?:\x04(?:[\x01-\x06]|[\x07\x12].|\x08\x03)|\x05[\x00-\x02]"
    rb"|\x14(?:[\x01\x02]..|\x03.{5}|\x07.|\x08\x01\x03\x14\x01\x06\x02\x08))",
    re.DOTALL,
)
_LONGEST_REAL_TIME: Final = 10


class Wire:
    """Bytes between the host and the printer's receiver."""

    def __init__(self, bits_per_byte: int, baud: int) -> None:
        self._byte_s = bits_per_byte / baud
        self._slices: deque[tuple[float, bytes]] = deque()
        self._free_s = 0.0
        self._held = 0

    @property
    def byte_s(self) -> float:
        """Seconds one byte takes on the line."""
        return self._byte_s

    def put(self, data: bytes, now_s: float) -> int:
        """Take what the host wrote at ``now_s``; returns how many bytes found no room."""
        room = _WIRE_LIMIT - self._held
        lost, data = max(0, len(data) - room), data[:room]
        t = max(self._free_s, now_s)
        at = 0
        ends = [match.end() for match in _REAL_TIME.finditer(data)] if b"\x10" in data else []
        for end in (*ends, len(data)):
            while at < end:
                piece = data[at : min(end, at + SLICE_BYTES)]
                at += len(piece)
                t += len(piece) * self._byte_s
                self._slices.append((t, piece))
        self._free_s = t
        self._held += len(data)
        return lost

    def due_s(self) -> float | None:
        """Return when the next slice is complete."""
        return self._slices[0][0] if self._slices else None

    def take(self) -> bytes:
        """Return the next slice."""
        data = self._slices.popleft()[1]
        self._held -= len(data)
        return data

    def clear(self) -> None:
        """Nobody listens: what is on the line is lost."""
        self._slices.clear()
        self._held = 0
        self._free_s = 0.0


class ReceiveBuffer:
    """Commands waiting for the interpreter, bounded in bytes; what finds no room is dropped, wherever it falls."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._framer = Framer()
        self._tokens: deque[tuple[int, Token]] = deque()
        self._used = 0

    @property
    def free(self) -> int:
        """Bytes that still fit. An unfinished command counts only while something waits before it."""
        return max(0, self.capacity - self._used - (self._framer.pending_bytes if self._tokens else 0))

    def put(self, data: bytes) -> int:
        """Take received bytes; returns how many were dropped."""
        taken = data[: self.free]
        for token in self._framer.feed(taken):
            if isinstance(token, Command) and token.code[0] == DLE:
                continue  # real-time commands were obeyed when they came in
            size = _size(token)
            self._tokens.append((size, token))
            self._used += size
        return len(data) - len(taken)

    def take(self) -> Token | None:
        """Return the next command, or None."""
        if not self._tokens:
            return None
        size, token = self._tokens.popleft()
        self._used -= size
        return token

    def clear(self) -> None:
        """Lose everything, an unfinished command too."""
        self._framer = Framer()
        self._tokens.clear()
        self._used = 0


def _size(token: Token) -> int:
    """Return the bytes of the stream that a token stands for, near enough for the account of the buffer."""
    if isinstance(token, Text | RasterData | Unknown):
        return len(token.data)
    if isinstance(token, Command | RasterHead):
        return len(token.code) + len(token.args)
    return 1


class RealTimeScanner:
    """Finds real-time commands in the raw stream, inside image data too: that is how the printer does it [D]."""

    def __init__(self) -> None:
        self._tail = b""

    def scan(self, data: bytes) -> list[bytes]:
        """Return the commands that ``data`` completes."""
        if not self._tail and b"\x10" not in data:
            return []
        buf = self._tail + data
        found, end = [], 0
        for match in _REAL_TIME.finditer(buf):
            found.append(match[0])
            end = match.end()
        start = buf.find(b"\x10", max(end, len(buf) - _LONGEST_REAL_TIME + 1))
        self._tail = buf[start:] if start >= 0 else b""
        return found


class ReplyLine:
    """Replies on their way to the host, one after the other at the line's speed."""

    def __init__(self, byte_s: float) -> None:
        self._byte_s = byte_s
        self._free_s = 0.0
        self._waiting: deque[tuple[float, bytes]] = deque()

    def put(self, data: bytes, t: float) -> None:
        """Begin to send at ``t``, or when the line is free."""
        self._free_s = max(self._free_s, t) + len(data) * self._byte_s
        self._waiting.append((self._free_s, data))

    def due_s(self) -> float | None:
        """Return when the next reply is out."""
        return self._waiting[0][0] if self._waiting else None

    def take(self, now_s: float) -> bytes:
        """Return what is out by ``now_s``."""
        out = b""
        while self._waiting and self._waiting[0][0] <= now_s + 1e-9:
            out += self._waiting.popleft()[1]
        return out

    def clear(self) -> None:
        """Lose what has not gone out."""
        self._waiting.clear()
        self._free_s = 0.0
