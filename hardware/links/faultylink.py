"""A line with faults: wraps the host's end of any link, that of a real unit too."""

import asyncio
from random import Random

from hardware.errors import OfflineError
from hardware.links.faults import LineFaults, Toward
from hardware.links.link import Link
from hardware.links.turn import Turn

WHOLE_AFTER_S = 0.03
"""On a real port a message has come whole after so long a silence: more than a USB adapter's 16 ms of keeping bytes back."""


class FaultyLink(Link):
    """Wraps another link, the host's end of it; :attr:`faults` is what is wrong with the line, at first nothing.

    :meth:`unplug` pulls the cable on the host's side, whatever the line is made of, and :meth:`replug` puts it back.
    """

    def __init__(self, inner: Link, dice: Random, whole_after_s: float = 0.0) -> None:
        """``whole_after_s``: :data:`WHOLE_AFTER_S` for a port, whose pieces are any cut of the stream; 0 for memory."""
        self.name = inner.name
        self.faults = LineFaults(dice, whole_after_s)
        self.writes = 0
        """How often the host has written."""
        self._inner = inner
        self._is_open = False
        self._plugged = True
        self._timer: asyncio.TimerHandle | None = None

    @property
    def turn(self) -> Turn:
        return self._inner.turn

    @property
    def dice(self) -> Random:
        return self._inner.dice

    async def open(self) -> None:
        if not self._plugged:
            raise OfflineError(f"{self.name}: unplugged")
        self._inner.attach(self._arrived, self._lost)
        await self._inner.open()
        self._is_open = True

    def unplug(self) -> None:
        """Pull the cable: what is under way is lost, and ``open`` raises OfflineError until :meth:`replug`."""
        was_open = self._is_open
        self._plugged = False
        self.close()
        if was_open:
            self._on_lost(OfflineError(f"{self.name}: unplugged"))

    def replug(self) -> None:
        """Put the cable back; whoever uses the line opens it again."""
        self._plugged = True

    def touch(self) -> None:
        """Look at the line again after a step was set that works by itself (a stuck line)."""
        self._settle()

    def write(self, data: bytes) -> None:
        if not self._is_open:
            raise OfflineError(f"{self.name}: not open")
        self.writes += 1
        if self.faults.idle:
            self._inner.write(data)
        else:
            self.faults.carry(Toward.DEVICE, data, asyncio.get_running_loop().time())
            self._settle()

    def _arrived(self, data: bytes) -> None:
        if self.faults.idle:
            self._on_bytes(data)
        else:
            self.faults.carry(Toward.HOST, data, asyncio.get_running_loop().time())
            self._settle()

    def _settle(self) -> None:
        """Pass on what has arrived by now, and come back when more will."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._is_open:
            return
        loop = asyncio.get_running_loop()
        outgoing = self.faults.take(Toward.DEVICE, loop.time())
        if outgoing:
            self._inner.write(outgoing)
        incoming = self.faults.take(Toward.HOST, loop.time())
        due_s = self.faults.next_due_s()
        if due_s is not None:
            self._timer = loop.call_at(due_s, self._settle)
        if incoming:
            self._on_bytes(incoming)

    def _lost(self, error: OfflineError) -> None:
        self.close()
        self._on_lost(error)

    async def drain(self) -> None:
        await self._inner.drain()

    def unsent(self) -> int:
        return self._inner.unsent()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.faults.lose_all()
        self._is_open = False
        self._inner.close()
