"""A scripted ID-003 unit with a recycler, and the bench around it. Not the emulator: it does what the test says."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.frames import Command, Frame, Status
from hardware.bills.id003.recycler import Id003Dispenser
from hardware.bills.id003.recycler_frames import (
    EXTENSION,
    RECYCLER,
    ExtensionCommand,
    ExtensionStatus,
    PayoutStatus,
    extension_status,
    recycle_currency,
)
from hardware.dispenser import DispenserStatus, Payout, Pieces
from hardware.links.memory import MemoryEnd
from tests.hardware.bills.id003_unit import MODEL, Bench, ScriptedUnit

NOTES = [(0x61, 1, 3), (0x62, 2, 3), (0x63, 5, 3), (0x64, 1, 4)]
RECYCLER_MODEL = replace(
    MODEL,
    settings={
        **MODEL.settings,
        "notes": [{"code": code, "country": 0x0A, "value": value, "power": power} for code, value, power in NOTES],
        "recycler": {"drums": [{"code": 0x61}, {"code": 0x64}]},
    },
)
"""Its drums are not those of the unit below: the unit's own word counts."""

PAYS = (PayoutStatus.PAYING, PayoutStatus.PAYING, PayoutStatus.PAY_STAY, PayoutStatus.PAY_VALID)


class RecyclerUnit(ScriptedUnit):
    """A :class:`ScriptedUnit` with extension F0: box 1 pays 1000, box 2 pays 5000."""

    masks: dict[int, int] | None = {1: 0b0001, 2: 0b0100}
    """None: INVALID COMMAND."""
    extension: int = ExtensionStatus.NORMAL
    """What F0 1A is answered with."""
    acks_lost = 0
    """So many ACKs of the host do not arrive."""
    lost_orders = 0
    """So many orders to pay out do not arrive."""
    lost_replies = 0
    """So many orders to pay out are obeyed, but their ACK gets lost."""
    refuses = False
    """Orders to pay out are answered INVALID COMMAND."""
    stray_refusal = False
    """An INVALID COMMAND that belongs to something else arrives before the answer to an order."""

    def __init__(self, end: MemoryEnd) -> None:
        super().__init__(end)
        self.pays: list[tuple[int, ...]] = []
        """What follows the next orders to pay out; :data:`PAYS` when nothing stands here."""
        self.boxes: list[int] = []
        """The box of each order that arrived."""
        self.inhibited_at_order: list[bool] = []
        self._said = 0

    @property
    def acks(self) -> int:
        """How many ACKs of the host arrived."""
        return self.count(Command.ACK)

    def _answer(self, frame: Frame) -> Frame | None:
        if frame.code == EXTENSION:
            return self._extension(frame)
        if frame.code == Command.ACK:
            if self.acks_lost:
                self.acks_lost -= 1
                return None
            if self._said == PayoutStatus.PAY_VALID == self._plan[0].code:
                self.show(*(list(self._plan)[1:] or [Frame(0)]))
                return None
        if frame.code == Command.STATUS_REQUEST:
            said = self._plan[0] if self._plan[0].code == PayoutStatus.PAY_VALID else super()._answer(frame)
            assert said is not None
            self._said = said.code
            return said
        return super()._answer(frame)

    def _extension(self, frame: Frame) -> Frame | None:
        if frame.data == bytes((ExtensionCommand.STATUS_REQUEST,)):
            return extension_status(self.extension)
        if frame.data == bytes((RECYCLER, ExtensionCommand.GET_RECYCLE_CURRENCY)):
            return Frame(Status.INVALID_COMMAND) if self.masks is None else recycle_currency(self.masks)
        assert frame.data[:2] == bytes((RECYCLER, ExtensionCommand.PAY_OUT))
        if self.lost_orders:
            self.lost_orders -= 1
            return None
        self.boxes.append(frame.data[3])
        assert frame.data[2] == 1, "one note at a time"
        self.inhibited_at_order.append(self.inhibited)
        if self.stray_refusal:
            self._send(Frame(Status.INVALID_COMMAND).encode())
        if self.refuses:
            return Frame(Status.INVALID_COMMAND)
        self.show(*(self.pays.pop(0) if self.pays else PAYS))
        if self.lost_replies:
            self.lost_replies -= 1
            return None
        return Frame(Command.ACK)


class PayBench(Bench):
    """A driver with its dispenser, a scripted recycler, and all that was told."""

    unit: RecyclerUnit

    def __init__(self, unit: RecyclerUnit | None = None) -> None:
        super().__init__(unit)
        self.unit = RecyclerUnit(self.unit.end) if unit is None else unit
        self.driver = Id003Driver(RECYCLER_MODEL, self.host)
        assert self.driver.dispenser is not None
        self.dispenser: Id003Dispenser = self.driver.dispenser
        self.dispenser_told: list[DispenserStatus] = []

    async def start(self) -> Self:
        await self.dispenser.start(self.dispenser_told.append)
        await super().start()
        return self

    async def ready(self) -> Self:
        """Bring the unit up, inhibited, until it would pay."""
        await self.start()
        await self.until(lambda: self.dispenser.status.ready)
        return self

    async def until(self, condition: Callable[[], bool], within_s: float = 100.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.01)

    def paying(self, pieces: Pieces) -> "asyncio.Task[Payout]":
        return asyncio.create_task(self.dispenser.dispense(pieces))

    async def kill_host(self) -> "PayBench":
        """End the driver as a killed process does. Return a new one on the same line."""
        await self.kill()
        return PayBench(self.unit)
