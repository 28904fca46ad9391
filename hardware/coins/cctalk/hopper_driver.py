"""Host side of ccTalk hoppers.

What became of an order is read in :mod:`.hopper_outcome`; how it is given and followed stands in :mod:`.hopper_service`; one
question and its answer in :mod:`hardware.cctalk.host`; the line's comings and goings in :mod:`hardware.polled`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from hardware.cctalk.host import CcTalkHost
from hardware.coins.cctalk.hopper_outcome import HIGHEST_COUNT, HopperStatus
from hardware.coins.cctalk.hopper_service import Service
from hardware.coins.cctalk.hopper_unit import SECURITIES, Unit
from hardware.configfile import ConfigFile
from hardware.dispenser import CashDispenser, DispenserListener, DispenserStatus, Payout, Pieces
from hardware.errors import BusyError, OverDispenseError, SequenceError
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.polled import PolledDevice
from hardware.pollsettings import PollSettings
from hardware.vocabulary import EmptyStatus, Fault, PayoutOutcome


class CcTalkHopperDriver(PolledDevice[HopperStatus, DispenserStatus], CashDispenser):
    """A ccTalk hopper of one value on a line, shared or its own, secured as the model's ``[hopper] security`` says.

    One order is at most 255 coins, the most that the hopper can count: a larger one is refused with OverDispenseError, since
    two orders under one mark could not be told apart after a power failure. A hopper that ran empty stays ready, for it
    notices new coins only by the next order; its ``empty`` says so.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when ``[poll]``, ``[cctalk]`` or ``[hopper]`` cannot be used."""
        poll = PollSettings.from_model(model)
        hopper = ConfigFile(model.path, model.settings).table("hopper")
        self._yen = hopper.whole("yen", low=1, high=500)
        host = CcTalkHost(model, link, poll.reply_timeout_s)
        self._service = Service(Unit(host, hopper.choice("security", SECURITIES)), self._yen)
        self.status = DispenserStatus()
        super().__init__(model, host.exchange, self._service, poll)

    @property
    def denominations(self) -> frozenset[int]:
        return frozenset({self._yen})

    @property
    def levels(self) -> Mapping[int, int | None]:
        """The hopper counts what leaves it, not what is in it."""
        return {self._yen: None}

    @property
    def mark(self) -> str:
        if self._service.mark is None:
            raise SequenceError(f"{self._model.name}: its count was not read yet")
        return str(self._service.mark)

    async def start(self, listener: DispenserListener) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        self._began(listener)

    async def close(self) -> None:
        """Leave the line. A payout under way goes on inside the device, and is told as UNKNOWN here.

        Raises what ended the driver's task, if a bug (ours or the listener's) did.
        """
        try:
            if await self._ended():
                self.status = DispenserStatus()
                self._tell(self.status)
        finally:
            self._service.end_order()

    async def dispense(self, pieces: Pieces) -> Payout:
        count = self._count(pieces)
        if self._service.order is not None:
            raise BusyError(f"{self._model.name}: an order is under way")
        if not self.status.ready:
            raise SequenceError(f"{self._model.name}: not ready")
        if not count:
            return Payout(PayoutOutcome.DONE, {})
        order = self._service.begin(count)
        self._publish()
        self._nudge()
        try:
            await self._wait(order.end)
        except asyncio.CancelledError:
            if not order.sent:
                order.end.cancel()  # it will not be given any more
            raise
        if not order.end.done():
            self._service.end_order()
        return order.end.result()

    async def outcome_since(self, mark: str, pieces: Pieces) -> Payout:
        answer = self._service.question(mark, self._count(pieces))
        self._nudge()
        await self._wait(answer)
        return answer.result() if answer.done() else Payout(PayoutOutcome.UNKNOWN, {})

    async def _wait(self, answer: "asyncio.Future[Payout]") -> None:
        """Wait for an answer, or the end of the task that would give it. Raises SequenceError when there is none."""
        if self._task is None:
            raise SequenceError(f"{self._model.name}: not started")
        ends: tuple[asyncio.Future[Any], ...] = (answer, self._task)
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)

    def _count(self, pieces: Pieces) -> int:
        """Return how many coins of its own value are asked for. Raises OverDispenseError."""
        for yen, count in pieces.items():
            if count and yen != self._yen:
                raise OverDispenseError(f"{self._model.name}: pays {self._yen} yen, not {yen}")
            if not 0 <= count <= HIGHEST_COUNT:
                raise OverDispenseError(f"{self._model.name}: {count} coins in one order, expected 0 to {HIGHEST_COUNT}")
        return pieces.get(self._yen, 0)

    def _publish(self) -> None:
        service, faults = self._service, self._faults
        ready = self._online and service.settled and service.mark is not None and not faults - {Fault.PAYOUT_EMPTY}
        status = DispenserStatus(self._state, self._power, faults, ready, {self._yen: self._emptiness})
        if status != self.status:
            self.status = status
            self._tell(status)

    @property
    def _emptiness(self) -> EmptyStatus:
        health = self._service.health
        if health is None:
            return EmptyStatus.UNKNOWN
        if health.fault is Fault.PAYOUT_EMPTY:
            return EmptyStatus.EMPTY
        if health.low is None:
            return EmptyStatus.UNKNOWN
        return EmptyStatus.NEAR_EMPTY if health.low else EmptyStatus.OK
