"""A line between two ends in one process: what virtual time and unit tests use.

Bytes arrive at the other end after ``latency_s`` of loop time, never inside the ``write`` call, so that no call of ours is
re-entered. Each end has a ready line; while it is down, the other end keeps what it is given, as a UART with hardware handshake
does. What it does not model: baud rate, parity. :meth:`MemoryEnd.unplug` is the cable coming out.
"""

import asyncio
from collections.abc import Callable, Iterable
from random import Random

from hardware.errors import OfflineError
from hardware.links.link import Link


class MemoryEnd(Link):
    """One of the two ends that :func:`memory_line` returns."""

    def __init__(self, name: str, latency_s: float) -> None:
        self.name = name
        self._latency_s = latency_s
        self._peer: MemoryEnd | None = None
        self._loop: asyncio.AbstractEventLoop
        self._is_open = False
        self._plugged = True
        self._ready = True
        self._kept: list[bytes] = []
        self._sent = asyncio.Event()
        self._sent.set()
        self._dice = Random(name)
        self.passing: Callable[[bytes], Iterable[bytes]] = lambda data: (data,)
        """Sees each message as it arrives at this end, and returns the pieces in which it does. A generator may let something
        happen between two pieces, and keep the rest to itself."""

    @property
    def dice(self) -> Random:
        """Known ones, so that the same run says the same bytes again."""
        return self._dice

    @property
    def ready(self) -> bool:
        return self.peer._ready

    def set_ready(self, on: bool) -> None:
        self._ready = on
        if on:
            self.peer._send_kept()

    def _send_kept(self) -> None:
        kept, self._kept = self._kept, []
        self._sent.set()
        for data in kept:
            if self._is_open and self._plugged:
                self.write(data)

    @property
    def peer(self) -> "MemoryEnd":
        """The other end of the line."""
        assert self._peer is not None
        return self._peer

    async def open(self) -> None:
        if not self._plugged:
            raise OfflineError(f"{self.name}: unplugged")
        self._loop = asyncio.get_running_loop()  # held: asking for it costs a system call
        self._is_open = True

    def write(self, data: bytes) -> None:
        if not self._is_open or not self._plugged:
            raise OfflineError(f"{self.name}: not open")
        peer = self.peer
        if not peer._ready:
            self._kept.append(data)
            self._sent.clear()
            return
        if self._latency_s:
            self._loop.call_later(self._latency_s, peer._arrive, data)
        else:
            self._loop.call_soon(peer._arrive, data)

    def _arrive(self, data: bytes) -> None:
        for piece in self.passing(data):
            if self._is_open and self._plugged:
                self._on_bytes(piece)

    async def drain(self) -> None:
        if not self._is_open:
            raise OfflineError(f"{self.name}: not open")
        await self._sent.wait()
        if not self._is_open:
            raise OfflineError(f"{self.name}: not open")

    def unsent(self) -> int:
        return sum(map(len, self._kept))

    def close(self) -> None:
        self._is_open = False
        self._kept = []
        self._sent.set()

    def unplug(self) -> None:
        """Pull the cable: both ends lose the line until :meth:`replug`."""
        peer = self._peer
        assert peer is not None
        for end in (self, peer):
            was_open = end._is_open
            end._plugged = False
            end._is_open = False
            end._kept = []
            end._sent.set()
            if was_open:
                end._on_lost(OfflineError(f"{end.name}: unplugged"))

    def replug(self) -> None:
        """Put the cable back; each end has to be opened again."""
        assert self._peer is not None
        self._plugged = self._peer._plugged = True


def memory_line(name: str, latency_s: float = 0.001) -> tuple[MemoryEnd, MemoryEnd]:
    """Return the host's end and the device's end of a new line."""
    host, device = MemoryEnd(name, latency_s), MemoryEnd(f"{name} (device)", latency_s)
    host._peer, device._peer = device, host
    return host, device
