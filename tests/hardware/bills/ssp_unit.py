"""A scripted SSP unit for driver tests, and the bench around it. Not the emulator: it does what the test says."""

import asyncio
from collections import Counter, deque
from pathlib import Path
from random import Random
from typing import Self

from hardware.bills.acceptor import NoteInEscrow
from hardware.bills.ssp.crypto import DEFAULT_FIXED_KEY, AesLayer, aes_key, exchanged_key, intermediate_key
from hardware.bills.ssp.driver import SspDriver
from hardware.bills.ssp.frames import Packet, Splitter
from hardware.errors import OfflineError
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import DeviceModel
from tests.hardware.bills.driverbench import DriverBench

ALL_YEN = frozenset({1000, 2000, 5000, 10000})
JPY_SETUP = (
    "F0 00 30 34 33 33 4A 50 59 00 00 00 04 01 02 05 0A 02 02 02 02 00 03 E8 06 4A 50 59 4A 50 59 4A 50 59 4A 50 59"
    " E8 03 00 00 D0 07 00 00 88 13 00 00 10 27 00 00"
)
"""DATA of the reference's set-up reply."""
POLL, POLL_WITH_ACK, EVENT_ACK, HOLD, REJECT, SYNC, LAST_REJECT = "07", "56", "57", "18", "08", "11", "17"
VERSION, SERIAL, SETUP, INHIBITS, ENABLE, DISABLE, RESET = "06", "0C", "05", "02", "0A", "09", "01"
GENERATOR, MODULUS, KEYS = "4A", "4B", "4C"
SECRET = 0x1234567


def model(**host: object) -> DeviceModel:
    """Return a model with this ``[host]``."""
    poll = {"interval_s": 0.2, "reply_timeout_s": 1.0, "lost_after": 3}
    settings = {"poll": poll, "host": {"protocol": 6, **host}}
    return DeviceModel("test-unit", "bill", "ssp", "scripted unit", "none: it is a script", settings, Path("test-unit.toml"))


class ScriptedUnit:
    """Answers as the reference's exchanges do; what a poll brings, what is dropped or refused is the test's to say."""

    def __init__(self, end: MemoryEnd) -> None:
        self.end = end
        self.wire: list[str] = []
        """Every packet as it came, repetitions too."""
        self.heard: list[str] = []
        """DATA of every packet that was carried out, decrypted."""
        self.enabled = False
        self.inhibits = "00 00"
        self.escrow = False
        self.accepted = 0
        """Notes that a poll has accepted out of escrow."""
        self.silent = False
        self.echo = False
        self.garbage = b""
        """Sent before every reply."""
        self.unheard: Counter[str] = Counter()
        """Packets by command that get lost on the way to the unit."""
        self.unanswered: Counter[str] = Counter()
        """Packets by command that are carried out, but whose reply gets lost."""
        self.replies: dict[str, str] = {
            SETUP: JPY_SETUP,
            SERIAL: "F0 00 1C 96 2C",
            LAST_REJECT: "F0 00",
            EVENT_ACK: "F0",
            VERSION: "F0",
        }
        """DATA of the answers to commands; OK for the others."""
        self.polls: deque[str] = deque(["F0 F1 E8"])
        """What the next polls bring; then OK, and DISABLED while it is."""
        self.after_accept = ["F0 CC", "F0 EE 01 CC", "F0 CC", "F0 EB"]
        self.after_reject = ["F0 ED", "F0 EC"]
        self.needs_keys = False
        self.layer: AesLayer | None = None
        self.count = 0
        self._numbers: dict[str, int] = {}
        self._last: tuple[bool, bytes] | None = None
        self._splitter = Splitter()
        end.attach(self._arrived, lambda error: None)

    def show(self, *polls: str) -> None:
        """Bring these, one a poll."""
        self.polls = deque(polls)

    def times(self, command: str) -> int:
        """Return how often a command was carried out."""
        return sum(data.startswith(command) for data in self.heard)

    def restart(self) -> None:
        """Lose all that was set."""
        self.enabled, self.escrow, self.layer, self._last = False, False, None, None

    def _arrived(self, data: bytes) -> None:
        if self.echo:
            self.send(data)
        for packet in self._splitter.feed(data):
            self.wire.append(packet.encode().hex(" ").upper())
            if not self.silent:
                self._packet(packet)

    def _packet(self, packet: Packet) -> None:
        message = packet.data
        if self._last is not None and self._last[0] == packet.flag and message != b"\x11":
            self.send(self._last[1])  # a repetition: not carried out
            return
        sealed = message[0] == 0x7E
        if sealed:
            opened = None if self.layer is None else self.layer.open(message)
            if self.layer is not None and (opened is None or opened.count != self.count):
                return
            message = b"\xff" if opened is None else opened.data
        command = f"{message[0]:02X}"
        if self.unheard[command]:
            self.unheard[command] -= 1
            return
        if (sealed and self.layer is None) or (self.needs_keys and not sealed and command in (POLL, POLL_WITH_ACK)):
            reply = bytes((0xFA,))
            sealed = False
        else:
            self.heard.append(message.hex(" ").upper())
            reply = bytes.fromhex(self._answer(command, message))
        if sealed and self.layer is not None:
            self.count += 1
            reply = self.layer.seal(reply, self.count, Random(1))
        answer = Packet(reply, packet.flag).encode()
        self._last = packet.flag, answer
        if self.unanswered[command]:
            self.unanswered[command] -= 1
        else:
            self.send(self.garbage + answer)

    def send(self, data: bytes) -> None:
        try:
            self.end.write(data)
        except OfflineError:
            pass  # the cable is out

    def _answer(self, command: str, message: bytes) -> str:
        if command in self.replies and command not in (POLL, POLL_WITH_ACK):
            return self.replies[command]
        if command in (POLL, POLL_WITH_ACK):
            return self.replies.get(command) or self._poll()
        if command in (HOLD, REJECT) and not self.escrow:
            return "F5"
        if command == REJECT:
            self.escrow = False
            self.show(*self.after_reject)
        elif command in (ENABLE, DISABLE):
            self.enabled = command == ENABLE
        elif command == INHIBITS:
            self.inhibits = message[1:].hex(" ").upper()
        elif command == RESET:
            self.restart()
            self.show("F0 F1 E8")
        elif command in (GENERATOR, MODULUS, KEYS):
            self._numbers[command] = int.from_bytes(message[1:], "little")
            if command == KEYS:
                return self._agree()
        return "F0"

    def _agree(self) -> str:
        generator, modulus, theirs = (self._numbers[command] for command in (GENERATOR, MODULUS, KEYS))
        self.layer = AesLayer(aes_key(DEFAULT_FIXED_KEY, exchanged_key(theirs, modulus, SECRET)))
        self.count = 0
        return "F0" + intermediate_key(generator, modulus, SECRET).to_bytes(8, "little").hex()

    def _poll(self) -> str:
        if self.escrow:
            self.escrow, self.accepted = False, self.accepted + 1
            self.show(*self.after_accept)
        if not self.polls:
            return "F0" if self.enabled else "F0 E8"
        brings = self.polls.popleft()
        at = brings.rfind("EF ")
        self.escrow = at >= 0 and brings[at + 3 : at + 5] != "00"
        return brings


class Bench(DriverBench[SspDriver, ScriptedUnit]):
    """The driver and a scripted unit."""

    def __init__(self, unit: ScriptedUnit | None = None, **host: object) -> None:
        """``unit`` is one whose host was killed; None for a new one."""
        unit = unit or ScriptedUnit(memory_line("validator")[1])
        super().__init__(SspDriver(model(**host), unit.end.peer, Random(7)), unit)

    async def accepting(self) -> Self:
        """Bring the unit up and enable every note."""
        await self.start()
        await self.until_ready()
        self.driver.enable(ALL_YEN)
        await asyncio.sleep(1.0)
        assert self.unit.enabled
        self.unit.heard.clear()
        self.unit.wire.clear()
        return self

    async def in_escrow(self, channel: int = 1) -> Self:
        """Show a note in escrow, and wait until it was told."""
        self.unit.show("F0 EF 00", f"F0 EF {channel:02X}")
        async with asyncio.timeout(5):
            while not any(isinstance(event, NoteInEscrow) for event in self.told):
                await asyncio.sleep(0.01)
        return self

    async def kill_host(self, **host: object) -> "Bench":
        """End the driver as a killed process does. Return a new one on the same line."""
        await self.kill()
        return Bench(self.unit, **host)
