"""A line that writes down what passes: the wire trace of a run, one line of text a piece."""

import asyncio
from collections.abc import Callable
from random import Random

from hardware.errors import OfflineError
from hardware.links.link import Link
from hardware.links.turn import Turn

Trace = Callable[[str], None]
"""Takes one line such as ``12.345678 validator > FC 05 11 27 56`` (``>`` host to device, ``<`` device to host)."""


class Tap(Link):
    """Wraps another link; behaves exactly as it does."""

    def __init__(self, inner: Link, trace: Trace, name: str | None = None) -> None:
        self._inner = inner
        self._trace = trace
        self.name = name or inner.name

    @property
    def turn(self) -> Turn:
        return self._inner.turn

    @property
    def dice(self) -> Random:
        return self._inner.dice

    def _write_down(self, mark: str, data: bytes) -> None:
        self._trace(f"{asyncio.get_running_loop().time():.6f} {self.name} {mark} {data.hex(' ').upper()}")

    async def open(self) -> None:
        self._inner.attach(self._arrived, self._lost)
        await self._inner.open()
        self._trace(f"{asyncio.get_running_loop().time():.6f} {self.name} = open")

    def _arrived(self, data: bytes) -> None:
        self._write_down("<", data)
        self._on_bytes(data)

    def _lost(self, error: OfflineError) -> None:
        self._trace(f"{asyncio.get_running_loop().time():.6f} {self.name} = lost: {error}")
        self._on_lost(error)

    def write(self, data: bytes) -> None:
        self._inner.write(data)
        self._write_down(">", data)

    async def drain(self) -> None:
        await self._inner.drain()

    def unsent(self) -> int:
        return self._inner.unsent()

    def close(self) -> None:
        self._inner.close()
