"""Host side of ID-003 in polled mode: the acceptor contract's face, and the task that keeps the line alive.

One task asks for the status every interval. What a status tells about notes is the business of :mod:`.notes`; what to do
about it, of :mod:`.service`; here are the line's comings and goings: opening, echo, silence, the cable pulled out.
"""

import asyncio

import structlog

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, Listener
from hardware.bills.id003.exchange import Exchange
from hardware.bills.id003.notes import Decision, Note
from hardware.bills.id003.service import Service
from hardware.bills.id003.settings import INHIBIT, PollSettings
from hardware.bills.id003.unit import Unit
from hardware.errors import OfflineError, SequenceError
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.vocabulary import DeviceState, Fault, PowerState

REOPEN_AFTER_S = (1.0, 2.0, 4.0, 8.0, 10.0)
"""Waits before the line is opened again; the last one from then on."""
ECHO_RETRY_S = 5.0
"""How long a line that echoes is left alone before it is tried again."""

_log = structlog.get_logger(__name__)


class Id003Driver(BillAcceptor):
    """An ID-003 bill validator on a line, in polled mode.

    While a note waits in escrow, ``enable`` and ``disable`` are held back until it has left: whether a unit keeps a note
    through INHIBIT is not documented [U]. A note whose escrow code is missing in the unit's own table is sent back and told
    as refused. A HOLDING left by a former host carries no value: the note is awaited, at last sent back, and told as
    NoteUnaccounted, unless the unit falls back to ESCROW and so names it.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[poll]`` cannot be used."""
        self.status = AcceptorStatus()
        self._model = model
        self._poll = PollSettings.from_model(model)
        self._exchange = Exchange(link, self._poll.reply_timeout_s)
        self._unit = Unit(self._exchange)
        self._service = Service(self._unit, self._poll, self._tell, self._publish)
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

    @property
    def firmware(self) -> str | None:
        """What the unit calls its firmware; None when it has not said (it is asked on a plain POWER UP only)."""
        return self._service.firmware

    async def start(self, listener: Listener) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        if self._task is not None:
            raise SequenceError("the ID-003 driver was started already")
        self._listener = listener
        self._task = asyncio.get_running_loop().create_task(self._live(), name=f"id003 {self._model.name}")

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
            await self._unit.set(INHIBIT, exactly=True)
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
        note: Note | None = self._service.notes.note
        if note is None or not note.undecided:
            raise SequenceError(f"{decision.value}: no undecided note is in escrow")
        note.decision = decision
        self._service.order_at_once()
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
        status = AcceptorStatus(state, self._power, faults, ready, blocked=online and service.blocked)
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
            _log.exception("id003_driver_died", device=self._model.name)
            self._line_fault = Fault.DEVICE_FAILURE
            self._publish()
            raise

    async def _hold_line(self) -> None:
        """Open the line and poll until it is lost."""
        try:
            await self._exchange.open()
        except OfflineError as error:
            _log.warning("id003_line_not_open", device=self._model.name, why=str(error))
            return
        loop = asyncio.get_running_loop()
        service, interval_s = self._service, self._poll.interval_s
        silences = 0
        while self._exchange.lost is None:
            asked_s = loop.time()
            frame = await self._unit.status()
            if frame is None:
                silences += 1
                if silences == self._poll.lost_after:
                    self._offline()
            elif self._power is PowerState.ONLINE and not service.doubts_line:
                silences = 0
                if frame is not service.quiet:
                    await service.serve(frame)
            else:
                silences = 0
                if not await self._greet():
                    await self._pause_until(asked_s + ECHO_RETRY_S)
                    continue
            await self._pause_until(asked_s + interval_s)
        _log.warning("id003_line_lost", device=self._model.name, why=str(self._exchange.lost))

    async def _greet(self) -> bool:
        """Somebody answers: make sure that it is not we ourselves. Returns False on a line that echoes."""
        service = self._service
        service.doubts_line = False
        if await self._unit.echoes():
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
        """The caller wants something: poll now instead of at the end of the interval."""
        self._service.quiet = None
        self._nudged = True
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
