"""A scripted ID-003 unit for driver tests, and the bench around it. Not the emulator: it does what the test says."""

import asyncio
from collections import Counter, deque
from pathlib import Path
from typing import Self

from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.frames import Command, Frame, Splitter, Status
from hardware.errors import OfflineError
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import DeviceModel
from tests.hardware.bills.driverbench import DriverBench

JPY_TABLE = bytes.fromhex("61 0A 01 03 62 0A 02 03 63 0A 05 03 64 0A 01 04 65 00 00 00 66 00 00 00 67 00 00 00 68 00 00 00")
ALL_YEN = frozenset({1000, 2000, 5000, 10000})
ESCROW_1000 = Frame(Status.ESCROW, b"\x61")
ESCROW_10000 = Frame(Status.ESCROW, b"\x64")

MODEL = DeviceModel(
    name="test-unit",
    device_class="bill",
    protocol="id003",
    description="scripted unit",
    confidence="none: it is a script",
    settings={"poll": {"interval_s": 0.2, "reply_timeout_s": 0.3, "lost_after": 3, "hold_renew_s": 4.0}},
    path=Path("test-unit.toml"),
)


class ScriptedUnit:
    """Answers as the reference's exchanges do; what it shows next, drops or garbles is the test's to say."""

    def __init__(self, end: MemoryEnd) -> None:
        self.end = end
        self.heard: list[Frame] = []
        self.table = JPY_TABLE
        self.inhibited = True
        self.mask = b"\xff\xff"
        self.silent = False
        self.echo = False
        self.garbage = b""
        """Sent before every reply."""
        self.unheard: Counter[int] = Counter()
        """Requests by code that get lost on the way to the unit."""
        self.unanswered: Counter[int] = Counter()
        """Requests by code that are obeyed, but whose reply gets lost."""
        self.refused: set[int] = set()
        """Requests by code that are answered INVALID COMMAND."""
        self.after: dict[int, list[Frame]] = {
            Command.STACK_2: [Frame(Status.STACKING), Frame(Status.STACKING), Frame(Status.VEND_VALID)],
            Command.RETURN: [Frame(Status.RETURNING), Frame(Status.RETURNING), Frame(0)],
            Command.HOLD: [Frame(Status.HOLDING)],
        }
        """Statuses that follow an order (RESET: only the next one); code 0 stands for IDLING or DISABLE, whichever is set."""
        self._plan: deque[Frame] = deque([Frame(Status.POWER_UP)])
        self._splitter = Splitter()
        end.attach(self._arrived, lambda error: None)

    def show(self, *statuses: Frame | int) -> None:
        """Show these, one a poll; the last one stays."""
        self._plan = deque(status if isinstance(status, Frame) else Frame(status) for status in statuses)

    def count(self, code: int) -> int:
        """Return how often a request was heard."""
        return sum(frame.code == code for frame in self.heard)

    def _rest(self) -> Frame:
        return Frame(Status.DISABLE if self.inhibited else Status.IDLING)

    def _arrived(self, data: bytes) -> None:
        if self.echo:
            self._send(data)
            return
        for frame in self._splitter.feed(data):
            if self.silent:
                continue
            if self.unheard[frame.code]:
                self.unheard[frame.code] -= 1
                continue
            self.heard.append(frame)
            reply = self._answer(frame)
            if self.unanswered[frame.code]:
                self.unanswered[frame.code] -= 1
            elif reply is not None:
                self._send(self.garbage + reply.encode())

    def _send(self, data: bytes) -> None:
        try:
            self.end.write(data)
        except OfflineError:
            pass  # the cable is out

    def _answer(self, frame: Frame) -> Frame | None:
        code = frame.code
        if code in self.refused:
            return Frame(Status.INVALID_COMMAND)
        if code == Command.STATUS_REQUEST:
            status = self._plan[0] if len(self._plan) == 1 else self._plan.popleft()
            return status if status.code else self._rest()
        if code == Command.ACK:
            if self._plan[0].code == Status.VEND_VALID:
                self.show(Status.STACKED, 0)
            return None
        if code == Command.RESET:
            self.show(*self.after.pop(Command.RESET, [Frame(Status.INITIALIZE)]))
            return Frame(Command.ACK)
        if code == Command.GET_INHIBIT:
            return Frame(code, bytes((self.inhibited,)))
        if code == Command.VERSION:
            return Frame(code, b"i(JPN)100-SS ID003-05V280-42 01AUG17 964D")
        if code == Command.CURRENCY_ASSIGN:
            return Frame(code, self.table)
        if code == Command.SET_INHIBIT:
            self.inhibited = bool(frame.data[0])
            if self._plan[0].code in (Status.INITIALIZE, Status.IDLING, Status.DISABLE):
                self.show(0)
            return frame
        if code >= Command.SET_DENOMINATION:
            if code == Command.SET_DENOMINATION:
                self.mask = frame.data
            return frame
        if code in self.after:
            self.show(*self.after[code])
            return Frame(Command.ACK)
        return Frame(Status.INVALID_COMMAND)


class Bench(DriverBench[Id003Driver, ScriptedUnit]):
    """The driver and a scripted unit."""

    def __init__(self, unit: ScriptedUnit | None = None) -> None:
        """``unit`` is one whose host was killed; None for a new one."""
        unit = unit or ScriptedUnit(memory_line("validator")[1])
        super().__init__(Id003Driver(MODEL, unit.end.peer), unit)

    async def accepting(self) -> Self:
        """Bring the unit up and enable every note."""
        await self.start()
        await self.until_ready()
        self.driver.enable(ALL_YEN)
        await asyncio.sleep(0.5)
        assert not self.unit.inhibited
        self.unit.heard.clear()
        return self

    async def kill_host(self) -> "Bench":
        """End the driver as a killed process does. Return a new one on the same line."""
        await self.kill()
        return Bench(self.unit)
