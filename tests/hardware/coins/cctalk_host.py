"""The host's end of an emulated ccTalk device, for tests: frames as the reference prints them, a hand, and a clock."""

from hardware.emulator import Emulator
from tests.hardware.emulatorhost import EmulatorHost

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


class Host(EmulatorHost[Emulator]):
    """The other end of the line, with a hand at the machine and a clock of its own."""

    answer_s = 0.050

    def __init__(self, unit: Emulator, address: int) -> None:
        super().__init__(unit)
        self.address = address

    def say(self, request: str) -> str:
        """Send bytes; return what the unit has answered."""
        return self.line(request)

    def ask(self, header: int, data: bytes = b"") -> bytes:
        """Send a request and return the data of its reply."""
        reply = bytes.fromhex(self.say(spelled(self.address, header, data)))
        assert reply[:1] == b"\x01", reply.hex(" ")
        assert reply.hex(" ").upper() == answer(self.address, reply[4:-1]), reply.hex(" ")
        return reply[4:-1]

    def refuses(self, header: int, data: bytes = b"") -> bool:
        """Send a request and tell whether it was refused with NAK."""
        return self.say(spelled(self.address, header, data)) == answer(self.address, header=5)
