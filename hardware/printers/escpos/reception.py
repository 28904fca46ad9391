"""The printer's end of the serial line: bytes that are still on the wire, the receive buffer, and replies going out.

Baud is arithmetic, not timers: a piece handed over at one moment is cut where something could happen (behind a real-time
command, and every :data:`SLICE_BYTES`), and each slice counts as received when its last bit would be.
"""

import re
from collections import deque
from typing import Final

from hardware.printers.escpos.grammar import DLE, Framer
from hardware.printers.escpos.tokens import Command, Raw, Text, Token, token_bytes

SLICE_BYTES: Final = 256
_WIRE_LIMIT: Final = 1 << 20
"""Bytes a host may have pushed ahead of the baud rate; a real line would have made it wait long before."""
_REAL_TIME: Final = re.compile(
    rb"\x10(?:\x04(?:[\x01-\x06]|[\x07\x12].|\x08\x03)|\x05[\x00-\x02]"
    rb"|\x14(?:[\x01\x02]..|\x03.{5}|\x07.|\x08\x01\x03\x14\x01\x06\x02\x08))",
    re.DOTALL,
)
_CUSTOM_REAL_TIME: Final = re.compile(
    rb"\x10\x04[\x11\x14-\x16]|\x1c\xc0\x18\x10\x14[\x1a\x1b]|" + _REAL_TIME.pattern, re.DOTALL
)
"""With the words of kiosk printers: full status and hardware reset [D: KPM manuals]."""
_LONGEST_REAL_TIME: Final = 10
_RESET_CODE: Final = b"\x1c\xc0"


class Wire:
    """Bytes between the host and the printer's receiver: those in the host's UART, too, while the printer holds the line."""

    def __init__(self, bits_per_byte: int, baud: int, *, custom: bool = False) -> None:
        self._byte_s = bits_per_byte / baud
        self._real_time = _CUSTOM_REAL_TIME if custom else _REAL_TIME
        self._chunks: deque[tuple[bytes, deque[int]]] = deque()
        """What was written, and where in it something could happen."""
        self._at = 0
        """Bytes of the first chunk that have been received."""
        self._done_s = 0.0
        """When the last byte was in."""
        self._held = 0
        self._stopped = False
        self.slice_bytes = SLICE_BYTES
        """The most that may be received at one moment; small when the buffer is nearly full, so that flow control is exact."""

    @property
    def byte_s(self) -> float:
        """Seconds one byte takes on the line."""
        return self._byte_s

    def put(self, data: bytes, now_s: float) -> int:
        """Take what the host wrote at ``now_s``; returns how many bytes found no room."""
        room = _WIRE_LIMIT - self._held
        lost, data = max(0, len(data) - room), data[:room]
        if not data:
            return lost
        if not self._chunks:
            self._done_s = max(self._done_s, now_s)
        ends = [match.end() for match in self._real_time.finditer(data)] if b"\x10" in data or b"\x1c" in data else []
        if not ends or ends[-1] != len(data):
            ends.append(len(data))
        self._chunks.append((data, deque(ends)))
        self._held += len(data)
        return lost

    def stop(self) -> None:
        """The printer's line says busy: the host's UART sends nothing more."""
        self._stopped = True

    def go_on(self, now_s: float) -> None:
        """The line says ready again."""
        if self._stopped:
            self._stopped = False
            self._done_s = max(self._done_s, now_s)

    def due_s(self) -> float | None:
        """Return when the next slice is complete."""
        if not self._chunks or self._stopped:
            return None
        return self._done_s + self._next_bytes() * self._byte_s

    def _next_bytes(self) -> int:
        return min(self.slice_bytes, self._chunks[0][1][0] - self._at)

    def take(self) -> bytes:
        """Return the next slice."""
        count = self._next_bytes()
        data, ends = self._chunks[0]
        taken = data[self._at : self._at + count]
        self._at += count
        if self._at == ends[0]:
            ends.popleft()
        if not ends:
            self._chunks.popleft()
            self._at = 0
        self._done_s += count * self._byte_s
        self._held -= count
        return taken

    def clear(self) -> None:
        """Nobody listens: what is on the line is lost."""
        self._chunks.clear()
        self._at = self._held = 0
        self._done_s = 0.0


class ReceiveBuffer:
    """Commands waiting for the interpreter, bounded in bytes; what finds no room is dropped, wherever it falls."""

    def __init__(self, capacity: int, *, custom: bool = False) -> None:
        self.capacity = capacity
        self._custom = custom
        self._framer = Framer(custom=custom)
        self._tokens: deque[tuple[int, Token]] = deque()
        self._used = 0
        self._dumping = False
        self.real_time_bytes = 0
        """Bytes of real-time commands that came through."""
        self.forgotten = 0
        """Bytes that were cleared before anybody obeyed them."""

    @property
    def waiting_bytes(self) -> int:
        """Bytes of commands and half a command that wait."""
        return self._used + self._framer.pending_bytes

    @property
    def free(self) -> int:
        """Bytes that still fit. An unfinished command counts only while something waits before it."""
        return max(0, self.capacity - self._used - (self._framer.pending_bytes if self._tokens else 0))

    @property
    def inside_image(self) -> bool:
        """Whether the next byte received is a dot of an image."""
        return self._framer.inside_image

    def put(self, data: bytes) -> int:
        """Take received bytes; returns how many were dropped."""
        taken = data[: self.free]
        tokens, used = self._tokens, self._used
        if self._dumping:
            if taken:
                tokens.append((len(taken), Raw(taken)))
                self._used += len(taken)
            return len(data) - len(taken)
        for token in self._framer.feed(taken):
            size = len(token.data) if isinstance(token, Text) else token_bytes(token)
            if type(token) is Command and (token.code[0] == DLE or token.code == _RESET_CODE):
                self.real_time_bytes += size
                continue  # real-time commands were obeyed when they came in
            tokens.append((size, token))
            used += size
        self._used = used
        return len(data) - len(taken)

    def dump(self, on: bool) -> None:
        """Take what comes from now on, and a command not yet complete, as it is; or as commands again."""
        pending = self._framer.pending
        self._framer = Framer(custom=self._custom)
        self._dumping = on
        self.put(pending)

    def take(self) -> Token | None:
        """Return the next command, or None."""
        if not self._tokens:
            return None
        size, token = self._tokens.popleft()
        self._used -= size
        return token

    def clear(self) -> None:
        """Lose everything, an unfinished command too."""
        self.forgotten += self.waiting_bytes
        self._framer = Framer(custom=self._custom)
        self._tokens.clear()
        self._used = 0


class RealTimeScanner:
    """Finds real-time commands in the raw stream, inside image data too: that is how the printer does it [D]."""

    def __init__(self, *, custom: bool = False) -> None:
        self._real_time = _CUSTOM_REAL_TIME if custom else _REAL_TIME
        self._begins = (b"\x10", b"\x1c") if custom else (b"\x10",)
        self._tail = b""

    def scan(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the commands that ``data`` completes, each with the place in ``data`` where it ends."""
        if not self._tail and not any(begin in data for begin in self._begins):
            return []
        buf, before = self._tail + data, len(self._tail)
        found, end = [], 0
        for match in self._real_time.finditer(buf):
            end = match.end()
            found.append((end - before, match[0]))
        low = max(end, len(buf) - _LONGEST_REAL_TIME + 1)
        starts = [start for begin in self._begins if (start := buf.find(begin, low)) >= 0]
        self._tail = buf[min(starts) :] if starts else b""
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
