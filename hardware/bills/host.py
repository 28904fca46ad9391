"""The host side that all polled bill validators share: the acceptor contract's face, and the task that keeps the line alive.

One task asks the unit every interval. What an answer tells about notes, and what to do about it, is the business of the
protocol's :class:`hardware.bills.service.UnitService`; here are the line's comings and goings: opening, echo, silence, the
cable pulled out.
"""

import asyncio
from typing import Any, Generic, TypeVar

import structlog

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, Listener
from hardware.bills.pollsettings import PollSettings
from hardware.bills.service import UnitService
from hardware.bills.story import Decision
from hardware.errors import OfflineError, SequenceError
from hardware.models import DeviceModel
from hardware.vocabulary import DeviceState, Fault, PowerState
from hardware.wire.exchange import Exchange

REOPEN_AFTER_S = (1.0, 2.0, 4.0, 8.0, 10.0)
"""Waits before the line is opened again; the last one from then on."""
ECHO_RETRY_S = 5.0
"""How long a line that echoes is left alone before it is tried again."""

H = TypeVar("H")
_log = structlog.get_logger(__name__)


class PolledAcceptor(BillAcceptor, Generic[H]):
    """A bill validator that is asked, again and again, by the service of its protocol."""

    def __init__(self, model: DeviceModel, exchange: Exchange[Any], service: UnitService[H], poll: PollSettings) -> None:
        """Prepare; opens nothing yet."""
        self.status = AcceptorStatus()
        self._model = model
        self._poll = poll
        self._exchange = exchange
        self._service = service
        service.attach(self._tell, self._publish, self._nudge)
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None
        self._power = PowerState.UNKNOWN
        self._line_fault: Fault | None = None
        self._sleep: asyncio.Future[None] | None = None
        self._nudged = False
        self._reopenings = 0

    @property
    def denominations(self) -> frozenset[int]:
        return frozenset(self._service.worth_yen.values())

    async def start(self, listener: Listener) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        if self._task is not None:
            raise SequenceError(f"the driver of {self._model.name} was started already")
        self._listener = listener
        self._task = asyncio.get_running_loop().create_task(self._live(), name=f"driver of {self._model.name}")

    async def close(self) -> None:
        """Inhibit the unit if it still answers, then leave the line.

        Raises what ended the driver's task, if a bug (ours or the listener's) did.
        """
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        (ending,) = await asyncio.gather(task, return_exceptions=True)
        if self._power is PowerState.ONLINE and self._exchange.lost is None:
            await self._service.inhibit()
        self._exchange.close()
        if isinstance(ending, Exception):
            raise ending
        self._line_fault, self._power = None, PowerState.UNKNOWN
        self.status = AcceptorStatus()
        self._tell(self.status)

    def enable(self, denominations: frozenset[int]) -> None:
        self._service.wanted = frozenset(denominations)
        self._nudge()

    def disable(self) -> None:
        self._service.wanted = None
        self._nudge()

    def stack(self) -> None:
        self._decide(Decision.STACK)

    def return_(self) -> None:
        self._decide(Decision.RETURN)

    def hold(self) -> None:
        self._decide(Decision.HOLD)

    def _decide(self, decision: Decision) -> None:
        note = self._service.note
        if note is None or not note.undecided:
            raise SequenceError(f"{decision.value}: no undecided note is in escrow")
        note.decision = decision
        self._service.decided()
        self._nudge()

    def _tell(self, event: BillEvent) -> None:
        assert self._listener is not None
        self._listener(event)

    def _publish(self) -> None:
        """Tell the device's status if it differs from the last one told."""
        service = self._service
        faults = service.faults if self._line_fault is None else frozenset({self._line_fault})
        online = self._power is PowerState.ONLINE
        if faults:
            state = DeviceState.ERROR
        elif not online or not service.settled:
            state = DeviceState.STARTING
        else:
            state = DeviceState.BUSY if service.busy else DeviceState.IDLE
        ready = online and service.settled and not faults
        status = AcceptorStatus(state, self._power, faults, ready, online and service.blocked, service.full)
        if status != self.status:
            self.status = status
            self._tell(status)

    async def _live(self) -> None:
        """Keep the line for ever. Only a bug ends it, and is written down, shown as a fault and raised by ``close``."""
        try:
            while True:
                self._publish()
                await self._hold_line()
                self._offline()
                await asyncio.sleep(REOPEN_AFTER_S[min(self._reopenings, len(REOPEN_AFTER_S) - 1)])
                self._reopenings += 1
        except Exception:
            _log.exception("driver_died", device=self._model.name)
            self._line_fault = Fault.DEVICE_FAILURE
            self._publish()
            raise

    async def _hold_line(self) -> None:
        """Open the line and poll until it is lost."""
        try:
            await self._exchange.open()
        except OfflineError as error:
            _log.warning("line_not_open", device=self._model.name, why=str(error))
            return
        loop = asyncio.get_running_loop()
        service, exchange, interval_s = self._service, self._exchange, self._poll.interval_s
        silences = 0
        heard: H | None = None
        while exchange.lost is None:
            asked_s = loop.time()
            if heard is None:
                heard = await service.ask()
            if heard is None:
                silences += 1
                if silences == self._poll.lost_after:
                    self._offline()
            else:
                silences = 0
                if (self._power is not PowerState.ONLINE or service.doubts_line) and not await self._greet():
                    heard = None
                    await self._pause_until(asked_s + ECHO_RETRY_S)
                    continue
                if heard is not service.quiet:  # what was heard before the greeting counts: some units say things once
                    await service.serve(heard)
            heard = None
            if service.watches and service.quiet is not None and not (self._nudged or service.doubts_line):
                heard = await service.watch(asked_s + interval_s, interval_s)
                self._nudged = False
            else:
                await self._pause_until(asked_s + interval_s)
        _log.warning("line_lost", device=self._model.name, why=str(exchange.lost))

    async def _greet(self) -> bool:
        """Somebody answers: make sure that it is not we ourselves. Returns False on a line that echoes."""
        service = self._service
        service.doubts_line = False
        if await service.echoes():
            service.forget_unit()
            self._line_fault, self._power = Fault.LINE_ECHO, PowerState.UNKNOWN
            self._publish()
            return False
        self._line_fault, self._power = None, PowerState.ONLINE
        self._reopenings = 0
        self._publish()
        return True

    def _offline(self) -> None:
        """Nobody answers. A note inside stays an open story until somebody does."""
        self._service.forget_unit()
        self._line_fault, self._power = Fault.NO_ANSWER, PowerState.OFFLINE
        self._publish()

    def _nudge(self) -> None:
        """Poll now instead of at the end of the interval."""
        self._service.quiet = None
        self._nudged = True
        self._exchange.interrupt()
        if self._sleep is not None:
            _wake(self._sleep)

    async def _pause_until(self, when_s: float) -> None:
        """Sleep until ``when_s`` of the loop's clock, a nudge, or the loss of the line."""
        if not self._nudged and self._exchange.lost is None:
            loop = asyncio.get_running_loop()
            self._sleep = loop.create_future()
            timer = loop.call_at(when_s, _wake, self._sleep)
            try:
                await self._sleep
            finally:
                timer.cancel()
                self._sleep = None
        self._nudged = False


def _wake(sleep: asyncio.Future[None]) -> None:
    if not sleep.done():
        sleep.set_result(None)
