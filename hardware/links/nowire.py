"""The place of a line where there is none: a device that is simulated whole, driver and machine in one."""

from collections.abc import Callable
from typing import Any, Protocol

from hardware.emulator import Happening
from hardware.errors import OfflineError
from hardware.lasting import MemoryFile
from hardware.links.link import Link


class SimulatedMachine(Protocol):
    """A machine that lives inside its driver."""

    watch: Callable[[Happening], None]
    """Hears everything that happens in it."""

    def commands(self) -> dict[str, str]:
        """Return every command with one line of help."""

    def command(self, line: str) -> dict[str, Any]:
        """Do a hand's work. Raises BadCommand."""

    def remember(self, memory: MemoryFile, name: str, model: str) -> None:
        """Go on from what is written down in ``memory``, and keep it true from here on. Raises ConfigError."""

    def leave(self) -> None:
        """Tell whoever drives it nothing any more: its host's program is gone."""

    def stop(self) -> None:
        """Stand still for good."""


class NoWire(Link):
    """Stands where a bench keeps a device's line. It carries nothing; it remembers the machine between two drivers of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.machine: SimulatedMachine | None = None
        """The simulated machine, put here by the first driver; a later driver finds it as a restarted host would."""

    async def open(self) -> None:
        raise OfflineError(f"{self.name}: has no wire")

    def write(self, data: bytes) -> None:
        raise OfflineError(f"{self.name}: has no wire")

    async def drain(self) -> None:
        """Nothing is ever underway."""

    def unsent(self) -> int:
        return 0

    def close(self) -> None:
        """There is nothing to close."""
