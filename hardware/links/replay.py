"""A recorded line: plays a wire trace of :mod:`hardware.links.tap` back to a driver, as the device that was there once.

Each request of the host is looked up in the recording from where it stands, and the bytes that followed then follow now, after
the same time. A driver need not ask exactly as it did: a request that comes more often than it was recorded gets the last
answer it had, one that was never recorded gets silence and is kept in :attr:`Recording.unexpected`.

What a recording cannot show: anything that the driver decides otherwise than then. It is a witness, not a device.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hardware.errors import ConfigError, OfflineError
from hardware.links.link import Link

_LINE = re.compile(r"(?P<t>\d+\.\d+) (?P<name>\S+) (?P<mark>[<>]) (?P<hex>[0-9A-F]{2}(?: [0-9A-F]{2})*)", re.ASCII)
LONGEST_TRACE = 64 * 2**20
"""Bytes of a trace file that are read at most: a day of polling, and no accident with a wrong file."""
MOST_UNEXPECTED = 100
"""Unexpected requests that are kept."""


@dataclass(frozen=True)
class Exchange:
    """One request and what the device said until the next."""

    request: bytes
    """Empty for what it said before anybody asked."""
    replies: tuple[tuple[float, bytes], ...]
    """Seconds after the request, and bytes."""


@dataclass
class Recording:
    """What one device said to whom. Mutable: it moves on as it is played."""

    exchanges: list[Exchange]
    at: int = 0
    """How far it has been played: the next exchange that has not."""
    unexpected: list[bytes] = field(default_factory=list)
    """Requests that were never recorded."""

    @classmethod
    def parse(cls, lines: Iterable[str], name: str) -> "Recording":
        """Read the trace lines of the device ``name``; lines of others, and those without bytes, are passed over."""
        exchanges: list[Exchange] = []
        request, asked_s, replies = b"", 0.0, list[tuple[float, bytes]]()
        for line in lines:
            match = _LINE.fullmatch(line.strip())
            if match is None or match["name"] != name:
                continue
            t, data = float(match["t"]), bytes.fromhex(match["hex"])
            if match["mark"] == ">":
                exchanges.append(Exchange(request, tuple(replies)))
                request, asked_s, replies = data, t, []
            else:
                replies.append((max(0.0, t - asked_s) if request else 0.0, data))
        exchanges.append(Exchange(request, tuple(replies)))
        if not exchanges[0].request and not exchanges[0].replies:
            del exchanges[0]
        return cls(exchanges)

    @classmethod
    def read(cls, path: Path, name: str) -> "Recording":
        """Read a trace file. Raises ConfigError when it cannot be read or holds nothing of the device ``name``."""
        try:
            with path.open("rb") as file:
                text = file.read(LONGEST_TRACE).decode("utf-8", "replace")
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
        recording = cls.parse(text.splitlines(), name)
        if not recording.exchanges:
            raise ConfigError(
                f"{path}: found no line of {name!r}, expected a wire trace such as `12.5 {name} > FC 05 11 27 56`"
            )
        return recording

    @property
    def finished(self) -> bool:
        """Whether it has been played to its end."""
        return self.at >= len(self.exchanges)

    def greeting(self) -> tuple[tuple[float, bytes], ...]:
        """Return what the device said before it was asked, once."""
        if self.at == 0 and self.exchanges and not self.exchanges[0].request:
            self.at = 1
            return self.exchanges[0].replies
        return ()

    def answer(self, request: bytes) -> tuple[tuple[float, bytes], ...]:
        """Return what followed ``request`` then: its next time in the recording, else its last one before, else nothing."""
        for n in range(self.at, len(self.exchanges)):
            if self.exchanges[n].request == request:
                self.at = n + 1
                return self.exchanges[n].replies
        for n in range(min(self.at, len(self.exchanges)) - 1, -1, -1):
            if self.exchanges[n].request == request:
                return self.exchanges[n].replies
        if len(self.unexpected) < MOST_UNEXPECTED:
            self.unexpected.append(request)
        return ()


class ReplayLink(Link):
    """The host's end of a line at which a recording answers."""

    def __init__(self, name: str, recording: Recording) -> None:
        self.name = name
        self.recording = recording
        self._is_open = False
        self._timers: list[asyncio.TimerHandle] = []

    async def open(self) -> None:
        self._is_open = True
        self._say(self.recording.greeting())

    def write(self, data: bytes) -> None:
        if not self._is_open:
            raise OfflineError(f"{self.name}: not open")
        self._say(self.recording.answer(data))

    def _say(self, replies: Iterable[tuple[float, bytes]]) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        self._timers = [timer for timer in self._timers if timer.when() > now_s and not timer.cancelled()]
        for delay_s, data in replies:
            self._timers.append(loop.call_later(delay_s, self._arrive, data))

    def _arrive(self, data: bytes) -> None:
        if self._is_open:
            self._on_bytes(data)

    async def drain(self) -> None:
        if not self._is_open:
            raise OfflineError(f"{self.name}: not open")

    def unsent(self) -> int:
        return 0

    def close(self) -> None:
        self._is_open = False
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
