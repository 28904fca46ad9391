"""The host side that every device shares which is asked again and again: the task that keeps its line alive.

One task asks the device every interval. What an answer tells, and what to do about it, is the business of the protocol's
:class:`PolledService`; here are the line's comings and goings: opening, echo, silence, the cable pulled out. Bill acceptors,
coin acceptors and hoppers stand on it with the face that their contract asks for.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import structlog

from hardware.errors import NotRecordedError, OfflineError, SequenceError
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings
from hardware.vocabulary import DeviceState, Fault, PowerState
from hardware.wire.exchange import Exchange

REOPEN_AFTER_S = (1.0, 2.0, 4.0, 8.0, 10.0)
"""Waits before the line is opened again; the last one from then on."""
ECHO_RETRY_S = 5.0
"""How long a line that echoes is left alone before it is tried again."""

H = TypeVar("H")
E = TypeVar("E")
_log = structlog.get_logger(__name__)


class PolledService(ABC, Generic[H, E]):
    """Serves one device, poll by poll. ``H`` is what one poll hears, ``E`` what is told to the listener.

    Start-up must work from any state that the device may be in, because a host can die at any instant and the device lives
    on. No method raises for anything that the line can say or fail to say.
    """

    watches = False
    """Whether this protocol has a :meth:`watch`: cheaper than asking, for a line at rest."""

    def __init__(self) -> None:
        self.settled = False
        """The device is initialised and what it kept from before is told."""
        self.busy = False
        """Something moves or waits inside."""
        self.quiet: H | None = None
        """Something heard that asks for nothing when the same object is heard again; the host need not bring it here."""
        self.doubts_line = False
        """What is heard contradicts what was ordered: perhaps nobody but an echo is there. The host asks :meth:`echoes`."""
        self._tell: Callable[[E], None]
        self._publish: Callable[[], None]
        self._nudge: Callable[[], None]

    def attach(self, tell: Callable[[E], None], publish: Callable[[], None], nudge: Callable[[], None]) -> None:
        """Say who hears of events (``tell``), that the status may have changed (``publish``), and that the next poll shall
        come at once (``nudge``)."""
        self._tell, self._publish, self._nudge = tell, publish, nudge

    @property
    @abstractmethod
    def faults(self) -> frozenset[Fault]:
        """The troubles of the device itself."""

    @abstractmethod
    async def ask(self) -> H | None:
        """Ask the device how it is, repeating the question where the protocol repeats; None when nothing valid came."""

    @abstractmethod
    async def serve(self, heard: H) -> None:
        """Tell what was heard, then do what it asks for."""

    async def watch(self, first_s: float, interval_s: float) -> H | None:
        """Wait, asking again every ``interval_s`` from ``first_s`` on, until something other than :attr:`quiet` is heard.

        None when that cannot be said any more: then the host asks in the ordinary way. Called only while :attr:`quiet` is
        set, and only of a service with :attr:`watches`.
        """
        return None

    async def echoes(self) -> bool:
        """Tell whether the line gives back what we say; False where the protocol cannot be fooled by an echo."""
        return False

    @abstractmethod
    def forget_unit(self) -> None:
        """The device may be another one, or the same after anything: bring it up anew. An open story stays open."""

    @abstractmethod
    async def inhibit(self) -> None:
        """Have the device do nothing by itself any more; the host is about to leave the line."""


class PolledDevice(ABC, Generic[H, E]):
    """The half of a driver that keeps the line. A contract's class stands beside it and gives it a face."""

    def __init__(self, model: DeviceModel, exchange: Exchange[Any], service: PolledService[H, E], poll: PollSettings) -> None:
        """Prepare; opens nothing yet."""
        self._model = model
        self._poll = poll
        self._exchange = exchange
        self._line_service = service
        service.attach(self._tell, self._publish, self._nudge)
        self._listener: Callable[[E], None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._power = PowerState.UNKNOWN
        self._line_fault: Fault | None = None
        self._left_alone = False
        """Whether the listener could not write: any further word, even to inhibit it, could acknowledge (EBDS: it does)."""
        self._sleep: asyncio.Future[None] | None = None
        self._nudged = False
        self._reopenings = 0

    @abstractmethod
    def _publish(self) -> None:
        """Tell the device's status if it differs from the last one told."""

    def _began(self, listener: Callable[[E], None]) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        if self._task is not None:
            raise SequenceError(f"the driver of {self._model.name} was started already")
        self._listener = listener
        self._task = asyncio.get_running_loop().create_task(self._live(), name=f"driver of {self._model.name}")

    async def _ended(self) -> bool:
        """Inhibit the device if it still answers, then leave the line; False when nothing had begun.

        Raises what ended the driver's task, if a bug (ours or the listener's) did.
        """
        task, self._task = self._task, None
        if task is None:
            return False
        task.cancel()
        (ending,) = await asyncio.gather(task, return_exceptions=True)
        if self._power is PowerState.ONLINE and self._exchange.lost is None and not self._left_alone:
            await self._line_service.inhibit()
        self._exchange.close()
        if isinstance(ending, Exception):
            raise ending
        self._line_fault, self._power = None, PowerState.UNKNOWN
        return True

    def _tell(self, event: E) -> None:
        assert self._listener is not None
        self._listener(event)

    @property
    def _online(self) -> bool:
        return self._power is PowerState.ONLINE

    @property
    def _faults(self) -> frozenset[Fault]:
        """The line's trouble, which hides those of the device behind it, or the device's own."""
        return self._line_service.faults if self._line_fault is None else frozenset({self._line_fault})

    @property
    def _state(self) -> DeviceState:
        service = self._line_service
        if self._faults:
            return DeviceState.ERROR
        if not self._online or not service.settled:
            return DeviceState.STARTING
        return DeviceState.BUSY if service.busy else DeviceState.IDLE

    async def _live(self) -> None:
        """Keep the line until the listener cannot write, or for ever.

        Only a bug else ends it, and is written down, shown as a fault and raised by ``close``.
        """
        try:
            while True:
                self._publish()
                await self._hold_line()
                self._offline()
                await asyncio.sleep(REOPEN_AFTER_S[min(self._reopenings, len(REOPEN_AFTER_S) - 1)])
                self._reopenings += 1
        except NotRecordedError as error:
            _log.error("device_left_alone", device=self._model.name, why=str(error))
            self._line_fault = Fault.DEVICE_FAILURE
            self._publish()
            self._left_alone = True
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
        service, exchange, interval_s = self._line_service, self._exchange, self._poll.interval_s
        silences = 0
        heard: H | None = None
        while exchange.lost is None:
            asked_s = loop.time()
            if heard is None:
                heard = await service.ask()
            if heard is None:
                silences += 1
                service.quiet = None  # else every second silence would be a watch's, and counted by nobody
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
                heard = await service.watch(asked_s + self._poll.rest_s, self._poll.rest_s)
                self._nudged = False
            else:
                await self._pause_until(asked_s + interval_s)
        _log.warning("line_lost", device=self._model.name, why=str(exchange.lost))

    async def _greet(self) -> bool:
        """Somebody answers: make sure that it is not we ourselves. Returns False on a line that echoes."""
        service = self._line_service
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
        """Nobody answers. A story that is open stays open until somebody does."""
        self._line_service.forget_unit()
        self._line_fault, self._power = Fault.NO_ANSWER, PowerState.OFFLINE
        self._publish()

    def _nudge(self) -> None:
        """Poll now instead of at the end of the interval."""
        self._line_service.quiet = None
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
