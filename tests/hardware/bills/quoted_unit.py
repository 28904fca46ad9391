"""Units for driver tests that answer with quoted bytes and know nothing else, and the bench around them.

No emulators: which bytes come next is the test's to say. What a unit keeps by itself is its protocol's handshake: a CCNET unit
goes on when its answer was acknowledged, a unit of the EBDS family when the bit toggles.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

from hardware.bills.acceptor import BillAcceptor
from hardware.errors import OfflineError
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import DeviceModel, find_model
from hardware.protocols import make_driver
from tests.hardware.bills.driverbench import DriverBench

ALL_YEN = frozenset({1000, 2000, 5000, 10000})


def model_with(name: str, **tables: dict[str, Any]) -> DeviceModel:
    """Return a shipped model with figures of its tables changed."""
    model = find_model(name)
    return replace(model, settings={**model.settings, **{k: {**model.settings.get(k, {}), **v} for k, v in tables.items()}})


class QuotedUnit:
    """One end of a line that answers frame by frame. Requests are told apart by the bytes that ``key`` makes of them."""

    length_at: int
    """Where in a frame its length stands."""

    def __init__(self, end: MemoryEnd) -> None:
        self.end = end
        self.heard: list[bytes] = []
        self.silent = self.echo = False
        self.before = self.behind = b""
        """Noise around every answer."""
        self.unheard: Counter[bytes] = Counter()
        """Requests by key that get lost on the way here."""
        self.unanswered: Counter[bytes] = Counter()
        """Requests by key that are obeyed, but whose answer gets lost."""
        self.plan: deque[bytes] = deque()
        end.attach(self._arrived, lambda error: None)

    def show(self, *quoted: str) -> None:
        """Say these, one after the other; the last one stays."""
        self.plan = deque(bytes.fromhex(text) for text in quoted)

    def key(self, request: bytes) -> bytes:
        """Return what tells requests of one kind."""
        raise NotImplementedError

    def answer(self, request: bytes) -> bytes | None:
        """Return the answer; None for none."""
        raise NotImplementedError

    def count(self, key: str) -> int:
        """Return how often a request was heard."""
        return sum(self.key(request) == bytes.fromhex(key) for request in self.heard)

    def say(self, data: bytes) -> None:
        """Put bytes on the line."""
        try:
            self.end.write(data)
        except OfflineError:
            pass  # the cable is out

    def _arrived(self, data: bytes) -> None:
        if self.echo:
            return self.say(data)
        while data:  # a host's frames come whole
            request, data = data[: data[self.length_at]], data[data[self.length_at] :]
            key = self.key(request)
            if self.silent or self.unheard[key]:
                self.unheard[key] -= not self.silent
                continue
            self.heard.append(request)
            answer = self.answer(request)
            if self.unanswered[key]:
                self.unanswered[key] -= 1
            elif answer is not None:
                self.say(self.before + answer + self.behind)
        return None


class Bench(DriverBench[Any, Any]):
    """The driver of any model and a unit of quoted bytes."""

    def __init__(self, model: DeviceModel, unit_class: Callable[[MemoryEnd], QuotedUnit], unit: Any = None) -> None:
        """``unit`` is one whose former host was killed; None for a new one."""
        self.model, self._unit_class = model, unit_class
        unit = unit or unit_class(memory_line("validator")[1])
        driver = make_driver(model, unit.end.peer)
        assert isinstance(driver, BillAcceptor)
        super().__init__(driver, unit)

    async def accepting(self) -> Self:
        """Bring the unit up and enable every note."""
        await self.start()
        await self.until_ready()
        self.driver.enable(ALL_YEN)
        await asyncio.sleep(1.0)
        self.unit.heard.clear()
        return self

    async def kill_host(self) -> "Bench":
        """End the driver as a killed process does. Return a new one on the same line."""
        await self.kill()
        return Bench(self.model, self._unit_class, self.unit)


# -- CCNET -------------------------------------------------------------------------------------------------------------

POLL, ACK, RESET, STACK, RETURN = "33", "00", "30", "35", "36"
SAYS_ACK, SAYS_NAK, SAYS_ILLEGAL = "02 03 06 00 C2 82", "02 03 06 FF BA 8D", "02 03 06 30 41 B3"
POWER_UP, INITIALIZE, IDLING, DISABLED = "02 03 06 10 43 92", "02 03 06 13 D8 A0", "02 03 06 14 67 D4", "02 03 06 19 82 0F"
TABLE = "02 03 7D 014A504E03 024A504E03 054A504E03 014A504E04" + "00" * 100


class CcnetUnit(QuotedUnit):
    """Says the head of its plan to every POLL and goes on when that was acknowledged."""

    length_at = 2

    def __init__(self, end: MemoryEnd) -> None:
        super().__init__(end)
        self.show(POWER_UP)
        self.enabled = False
        self.refused: dict[str, str] = {}
        """What is answered to requests by key instead of doing them."""
        self.table = TABLE
        self.after = {
            RESET: [INITIALIZE, INITIALIZE, "rest"],
            STACK: ["02 03 06 17 FC E6", "02 03 07 81 00 54 2A", "rest"],
            RETURN: ["02 03 06 18 0B 1E", "02 03 07 82 00 3C 00", "rest"],
            "38": ["02 03 06 1A 19 3D"],
        }
        """What the polls say after an order; ``rest`` is IDLING or UNIT DISABLED, whichever is set."""
        self._said_to_poll = False

    def key(self, request: bytes) -> bytes:
        return request[3:4]

    def show(self, *quoted: str) -> None:
        self.plan = deque(b"" if text == "rest" else bytes.fromhex(text) for text in quoted)

    def answer(self, request: bytes) -> bytes | None:
        key = self.key(request).hex()
        polled, self._said_to_poll = self._said_to_poll, key == POLL
        if key == ACK:
            if polled and len(self.plan) > 1:
                self.plan.popleft()
            return None
        if key == POLL:
            return self.plan[0] or bytes.fromhex(IDLING if self.enabled else DISABLED)
        if key in self.refused:
            return bytes.fromhex(self.refused[key])
        if key == "41":
            return with_crc(self.table)
        if key == "37":
            return with_crc("02 03 27" + (b"SM-JP1353".ljust(15) + b"21KC06000123" + bytes(7)).hex())
        if key == "34":
            self.enabled = any(request[4:7])
            if not self.plan[-1] and len(self.plan) == 1:
                self.show("rest")
        elif key in self.after:
            self.show(*self.after[key])
            self.enabled = self.enabled and key != RESET
        return bytes.fromhex(SAYS_ACK)


def with_crc(text: str) -> bytes:
    """Close the long CCNET answers, which the reference does not quote whole: CRC-16/KERMIT, low byte first."""
    body, crc = bytes.fromhex(text), 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return body + crc.to_bytes(2, "little")


# -- EBDS and Pyramid --------------------------------------------------------------------------------------------------


class EbdsUnit(QuotedUnit):
    """Says the next of its plan to every toggled message, the last one again to a repetition. Bytes are quoted with bit 0."""

    length_at = 1
    idle = "02 0B 20 01 10 00 00 54 0A 03 64"
    stacks = (
        "02 0B 20 08 10 00 00 54 0A 03 6D",
        "02 1E 70 02 11 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 69",
    )
    returns = ("02 0B 20 20 10 00 00 54 0A 03 45", "02 0B 20 41 10 00 00 54 0A 03 24")
    records = ("30 30 31 2B 30 33", "30 30 32 2B 30 33", "30 30 35 2B 30 33", "30 30 31 2B 30 34")

    def __init__(self, end: MemoryEnd) -> None:
        super().__init__(end)
        self.show(self.idle)
        self.inhibits = b""
        self.replies: dict[bytes, bytes] = {}
        """Answers by key, with bit 0, instead of what the plan says."""
        self.after = {0x20: self.stacks, 0x40: self.returns}
        self._bit: int | None = None
        self._last = b""

    def key(self, request: bytes) -> bytes:
        """Type and, of extended ones, subtype: 10, 60, 70 02."""
        return bytes((request[2] & 0x70,)) + (request[3:4] if request[2] & 0x70 == 0x70 else b"")

    def restart(self) -> None:
        """Power was gone: forget the bit and the inhibits."""
        self._bit, self.inhibits = None, b""

    @property
    def orders(self) -> bytes:
        """The last standing orders heard."""
        return next(request[3:6] for request in reversed(self.heard) if request[2] & 0x70 == 0x10)

    def answer(self, request: bytes) -> bytes | None:
        bit = request[2] & 1
        if bit != self._bit:
            self._bit, self._last = bit, _with_bit(self._new(request), bit)
        return self._last

    def _new(self, request: bytes) -> bytes:
        key = self.key(request)
        ordered = request[4] & 0x60
        if key == b"\x10" and ordered in self.after and self.plan[0][3 if self.plan[0][2] == 0x20 else 4] in (0x04, 0x00):
            self.show(*self.after[ordered], self.idle)
        if key in self.replies:
            return self.replies[key]
        if key == b"\x70\x02":
            return self._record(request[7])
        if key == b"\x60":
            return _closed(b"\x02\x08\x60ABC")
        if key == b"\x70\x03":
            self.inhibits = request[7:15]
        return self.plan.popleft() if len(self.plan) > 1 else self.plan[0]

    def _record(self, index: int) -> bytes:
        status = bytes.fromhex("02 01 10 00 00 54 0A")
        if index > len(self.records):
            return _closed(b"\x02\x1e\x70" + status + bytes((index,)) + bytes(17))
        note = b"JPY" + bytes.fromhex(self.records[index - 1]) + b"\0AAAA\0\0\0"
        return _closed(b"\x02\x1e\x70" + status + bytes((index,)) + note)


class PyramidUnit(EbdsUnit):
    """The vendor's bytes; notes have numbers."""

    idle = "02 0B 20 01 10 00 00 01 02 03 39"
    stacks = ("02 0B 20 08 10 00 00 01 02 03 30", "02 0B 20 11 10 08 00 01 02 03 21")
    returns = ("02 0B 20 20 10 00 00 01 02 03 18", "02 0B 20 41 10 00 00 01 02 03 79")


def _closed(body: bytes) -> bytes:
    check = 0
    for byte in body[1:]:
        check ^= byte
    return body + bytes((3, check))


def _with_bit(quoted: bytes, bit: int) -> bytes:
    return quoted[:2] + bytes((quoted[2] ^ bit,)) + quoted[3:-1] + bytes((quoted[-1] ^ bit,))
