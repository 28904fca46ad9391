"""The contract of a byte line, and the error every dead line ends in.

A link carries bytes and knows nothing of frames. ``hardware.links`` has these: ``serial`` (a real or pseudo port through
pyserial), ``pty`` (the far end of one, for emulators), ``memory`` (two ends in one process, for virtual time), ``tap``
(wraps any of them and writes down what passed), ``faultylink`` (wraps one and spoils it), ``replay`` (plays what was written
down), ``tcp`` (a network printer's port, both ends) and ``bus`` (shares one among several).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from random import Random
from secrets import SystemRandom

from hardware.errors import OfflineError
from hardware.links.turn import Turn


class Link(ABC):
    """One end of a line between a host and a device.

    Order of calls: ``attach``, ``await open()``, then ``write`` and ``drain`` as often as wished, then ``close``. A closed
    link may be opened again: that is how a driver comes back after the cable was out. Nothing here blocks the loop.
    """

    name: str
    """How people know the line: a port path, or the device's name on the bench."""

    _on_bytes: Callable[[bytes], None]
    _on_lost: Callable[[OfflineError], None]
    _turn: Turn | None = None

    @property
    def turn(self) -> Turn:
        """The right to ask on this line, to be held for one question and its answer (``async with link.turn``).

        Several drivers of one party line share it; on a line of one's own nobody else ever holds it.
        """
        if self._turn is None:
            self._turn = Turn()
        return self._turn

    @property
    def dice(self) -> Random:
        """Where keys for this line come from: the operating system, but for a line that leads nowhere outside this process."""
        return SystemRandom()

    @property
    def ready(self) -> bool:
        """Whether the other end's ready line (DTR, seen here as DSR) lets us send; always true on a line that has none."""
        return True

    def set_ready(self, on: bool) -> None:
        """Raise or drop our own ready line. Without effect on a line that has none (a pseudo terminal)."""
        _ = on  # most lines have none

    def attach(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[OfflineError], None]) -> None:
        """Say who hears what arrives (``on_bytes``, any cut of the stream) and that the line died (``on_lost``, once)."""
        self._on_bytes = on_bytes
        self._on_lost = on_lost

    @abstractmethod
    async def open(self) -> None:
        """Open the line. Raises OfflineError when there is no such port or nobody holds the other end."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Queue ``data`` for sending. Raises OfflineError when the line is not open."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until everything written has left this end. The caller bounds the wait: a printer may hold it for ever."""

    @abstractmethod
    def unsent(self) -> int:
        """Return how many bytes written have not left this end yet."""

    @abstractmethod
    def close(self) -> None:
        """Close this end, throwing away what was not sent. Safe to call twice; ``on_lost`` is not called for it."""
