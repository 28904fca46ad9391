"""The bench of every bill driver's tests: the driver, the unit at the far end of its line, and all that was told."""

from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, NoteInEscrow
from hardware.links.memory import MemoryEnd
from tests.hardware.virtualtime import kill, until


class HasEnd(Protocol):
    """A unit at its end of the line."""

    end: MemoryEnd


U = TypeVar("U", bound=HasEnd)
D = TypeVar("D", bound=BillAcceptor)


class DriverBench(Generic[D, U]):
    """One driver, one unit, one memory line, and all that was told."""

    def __init__(self, driver: D, unit: U) -> None:
        self.driver, self.unit = driver, unit
        self.host = unit.end.peer
        self.told: list[BillEvent] = []
        self.on_escrow: Callable[[], None] = lambda: None

    def listen(self, event: BillEvent) -> None:
        """The listener."""
        self.told.append(event)
        if isinstance(event, NoteInEscrow):
            self.on_escrow()

    async def start(self) -> Self:
        """Begin to serve."""
        await self.unit.end.open()
        await self.driver.start(self.listen)
        return self

    async def until_ready(self, within_s: float = 20.0) -> None:
        """Wait until the driver says so."""
        await until(lambda: self.driver.status.ready, within_s)

    async def kill(self) -> None:
        """End the driver as a killed process does: no goodbye."""
        await kill(self.driver, self.host)

    @property
    def stories(self) -> list[BillEvent]:
        """What was told about notes."""
        return [event for event in self.told if not isinstance(event, AcceptorStatus)]

    @property
    def statuses(self) -> list[AcceptorStatus]:
        """What was told about the unit."""
        return [event for event in self.told if isinstance(event, AcceptorStatus)]
