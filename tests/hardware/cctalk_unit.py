"""A scripted ccTalk device for driver tests. Not an emulator: it answers what the test says, and only to its own address."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hardware.cctalk.frames import Codec, Frame, Mode, Splitter
from hardware.cctalk.headers import Header
from hardware.errors import OfflineError
from hardware.links.memory import MemoryEnd
from hardware.models import DeviceClass, DeviceModel

Answer = bytes | int | None
"""Data of a reply, the header of a NAK or BUSY, or silence."""
LATE_FOR_S = 8.0
NAK, BUSY = int(Header.NAK), int(Header.BUSY)


def model(device_class: DeviceClass, address: int, mode: Mode = Mode.SUM8, **tables: Mapping[str, Any]) -> DeviceModel:
    """Return a model for a driver test."""
    return DeviceModel(
        name="test-unit",
        device_class=device_class,
        protocol=f"cctalk-{device_class}",
        description="scripted device",
        confidence="none: it is a script",
        settings={"cctalk": {"address": address, "mode": mode.value}, **tables},
        path=Path("test-unit.toml"),
    )


class ScriptedDevice:
    """Answers from a table by header; what gets lost, and whether the wire echoes, is the test's to say."""

    def __init__(self, end: MemoryEnd, address: int, mode: Mode = Mode.SUM8) -> None:
        self.end = end
        self.address = address
        self.codec = Codec(mode)
        self.heard: list[Frame] = []
        self.wire: list[str] = []
        """What the host said, in hexadecimal."""
        self.silent = self.echo = False
        self.garbage = b""
        """Sent before every reply."""
        self.unheard: Counter[int] = Counter()
        """Questions by header that get lost on the way to the device."""
        self.unanswered: Counter[int] = Counter()
        """Questions by header that are obeyed, but whose reply gets lost."""
        self.late_s, self.late_from = 0.0, 0
        """From this reply on they come so late, for :data:`LATE_FOR_S`. Their order stays."""
        self._replies, self._late_until_s, self._due_s = 0, 0.0, 0.0
        self.table: dict[int, Answer | Callable[[bytes], Answer]] = {Header.SIMPLE_POLL: b""}
        self._splitter = Splitter(self.codec)
        end.attach(self._arrived, lambda error: None)

    def count(self, header: int) -> int:
        """Return how often a question was heard."""
        return sum(frame.header == header for frame in self.heard)

    def answer(self, header: int, data: bytes) -> Answer:
        """Return what the table says; NAK for what it does not have."""
        entry = self.table.get(header, NAK)
        return entry(data) if callable(entry) else entry

    def _arrived(self, data: bytes) -> None:
        self.wire.append(data.hex(" ").upper())
        if self.echo:
            self.send(data)
        self._splitter.reset()
        for frame in self._splitter.feed(data):
            if frame.to != self.address or self.silent:
                continue
            if self.unheard[frame.header]:
                self.unheard[frame.header] -= 1
                continue
            self.heard.append(frame)
            answer = self.answer(frame.header, frame.data)
            if self.unanswered[frame.header]:
                self.unanswered[frame.header] -= 1
            elif isinstance(answer, bytes):
                self._reply(Frame(1, 0, answer, self.address))
            elif answer is not None:
                self._reply(Frame(1, answer, b"", self.address))

    def _reply(self, frame: Frame) -> None:
        data = self.garbage + self.codec.encode(frame)
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        if self._replies == self.late_from:
            self._late_until_s = now_s + LATE_FOR_S
        self._replies += 1
        self._due_s = max(now_s + (self.late_s if now_s < self._late_until_s else 0.0), self._due_s)
        if self._due_s <= now_s:
            self.send(data)
        else:
            loop.call_at(self._due_s, self.send, data)

    def send(self, data: bytes) -> None:
        """Put bytes on the wire."""
        try:
            self.end.write(data)
        except OfflineError:
            pass  # the cable is out
