"""The place of a line where there is none: a device that is simulated whole, driver and machine in one."""

from hardware.errors import OfflineError
from hardware.links.link import Link


class NoWire(Link):
    """Stands where a bench keeps a device's line. It carries nothing; it remembers the machine between two drivers of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.machine: object | None = None
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
