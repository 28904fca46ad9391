"""The host's end of an emulated ccTalk device, for tests: frames as the reference prints them, a hand, and a clock."""

from typing import Any

from hardware.emulator import Emulator, Happening

ACK_2, ACK_3 = "01 00 02 00 FD", "01 00 03 00 FC"
NOTHING = ""


def spelled(address: int, header: int, data: bytes = b"") -> str:
    """Return a request in the reference's spelling (sum8): ``02 00 01 FE FF``. Worked out here, not by the code under test."""
    return _closed(bytes((address, len(data), 1, header)) + data)


def answer(address: int, data: bytes = b"", header: int = 0) -> str:
    """Return a reply in the reference's spelling (sum8): ``01 00 02 00 FD``."""
    return _closed(bytes((1, len(data), address, header)) + data)


def _closed(body: bytes) -> str:
    return (body + bytes((-sum(body) % 256,))).hex(" ").upper()


class Host:
    """The other end of the line, with a hand at the machine and a clock of its own."""

    def __init__(self, unit: Emulator, address: int) -> None:
        self.unit = unit
        self.address = address
        self.now_s = 100.0
        self.happened: list[Happening] = []

    def wait(self, seconds: float) -> None:
        """Let time pass the way a runner does: alarm by alarm."""
        until_s = self.now_s + seconds
        while (due_s := self.unit.next_due_s()) is not None and due_s <= until_s:
            self.unit.advance(due_s)
            self.unit.take_replies(due_s)
        self.now_s = until_s
        self.unit.advance(until_s)
        self.happened += self.unit.take_happenings()

    def say(self, request: str) -> str:
        """Send bytes; return what the unit has answered 50 ms later."""
        self.unit.receive(bytes.fromhex(request), self.now_s)
        self.now_s += 0.050
        self.unit.advance(self.now_s)
        return self.unit.take_replies(self.now_s).hex(" ").upper()

    def ask(self, header: int, data: bytes = b"") -> bytes:
        """Send a request and return the data of its reply."""
        reply = bytes.fromhex(self.say(spelled(self.address, header, data)))
        assert reply[:1] == b"\x01", reply.hex(" ")
        assert reply.hex(" ").upper() == answer(self.address, reply[4:-1]), reply.hex(" ")
        return reply[4:-1]

    def refuses(self, header: int, data: bytes = b"") -> bool:
        """Send a request and tell whether it was refused with NAK."""
        return self.say(spelled(self.address, header, data)) == answer(self.address, header=5)

    def hand(self, line: str) -> dict[str, Any]:
        return self.unit.command(line, self.now_s)
