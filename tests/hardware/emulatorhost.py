"""The host's end of any emulated device, for tests: bytes out and in, a hand at the machine, and a clock of its own."""

from typing import Any, Generic, TypeVar

from hardware.emulator import Emulator, Happening

U = TypeVar("U", bound=Emulator)


class EmulatorHost(Generic[U]):
    """The other end of the line. What is said, and how, is the protocol's to add."""

    answer_s = 0.010
    """How long the host listens for an answer."""

    def __init__(self, unit: U) -> None:
        self.unit = unit
        self.now_s = 100.0
        self.happened: list[Happening] = []

    def wait(self, seconds: float) -> None:
        """Let time pass the way a runner does: alarm by alarm. Nobody listens meanwhile."""
        until_s = self.now_s + seconds
        while (due_s := self.unit.next_due_s()) is not None and due_s <= until_s:
            self.unit.advance(due_s)
            self.unit.take_replies(due_s)
        self.now_s = until_s
        self.unit.advance(until_s)
        self.happened += self.unit.take_happenings()

    def exchange(self, data: bytes, for_s: float | None = None) -> bytes:
        """Put bytes on the line; return what came back while the host listened, ``for_s`` instead of as ever."""
        self.unit.receive(data, self.now_s)
        self.now_s += self.answer_s if for_s is None else for_s
        self.unit.advance(self.now_s)
        return self.unit.take_replies(self.now_s)

    def line(self, wire: str, for_s: float | None = None) -> str:
        """Send bytes as the reference prints them; return the answer in the same spelling."""
        return self.exchange(bytes.fromhex(wire), for_s).hex(" ").upper()

    def hand(self, line: str) -> dict[str, Any]:
        """Do something at the machine."""
        return self.unit.command(line, self.now_s)
