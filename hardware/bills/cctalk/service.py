"""What the ccTalk host does about the buffered events of a bill validator: bring it up, carry out decisions, wait out faults.

The unit acknowledges nothing and repeats nothing: what happened is told by its counter [2]. Counter 0 after anything else is a
restart: the unit is set up again and nothing that stands in its buffer is taken for new. A jump by more than the five events
that it keeps means that some were lost, or that it restarted and went on before it was asked again; either way whatever was
known of a note inside proves nothing any more, and what is not told by the events that are left ends as NoteUnaccounted.

Where the events leave open whether a note still is in escrow (a former host left it, a jam was cleared), ROUTE_BILL 255 is
asked: it starts the escrow time anew and says by its answer whether a note is there.
"""

import asyncio
from collections.abc import Iterable

import structlog

from hardware.bills.acceptor import BillEvent
from hardware.bills.cctalk.meanings import STACKER_FAULTS, STATUS_FAULTS, STOPPING_FAULTS, check_fault
from hardware.bills.cctalk.notes import NoteTeller
from hardware.bills.cctalk.unit import Routed, Unit
from hardware.bills.orders import Answer, FaultPatience, NoteOrders
from hardware.bills.service import UnitService
from hardware.bills.story import NoteInside
from hardware.cctalk.codes import BillStatus, FaultCode, Route
from hardware.cctalk.events import EventReport, Pair, count_before
from hardware.cctalk.headers import name_of
from hardware.cctalk.host import LOOK_EVERY_S, TRIES
from hardware.pollsettings import PollSettings
from hardware.tablepatience import TablePatience
from hardware.vocabulary import Fault, FullStatus

RESTART_GRACE_S = 3.0
"""How long a restarted unit may take to say what became of the note that was inside."""
DOUBT_S = 15.0
"""How long a doubtful note may be out of escrow without an event before its story ends."""
NO_END_S = 30.0
"""The same for a note that was ordered somewhere: slow machinery takes its time."""
_log = structlog.get_logger(__name__)


class Service(UnitService[EventReport]):
    """Serves one unit, poll by poll."""

    watches = True

    def __init__(self, unit: Unit, poll: PollSettings) -> None:
        super().__init__()
        self._unit = unit
        self.notes = NoteTeller()
        self._orders = NoteOrders(
            stack=lambda: self._route(Route.STACK),
            return_=lambda: self._route(Route.RETURN),
            hold=lambda: self._route(Route.EXTEND),
            hold_renew_s=poll.hold_renew_s,
        )
        self._patience = FaultPatience()
        self._last: int | None = None
        """The unit's counter, as far as its events were told; None before this host first heard of it."""
        self._serial: bytes | None = None
        self._is_identified = self._table_is_fresh = False
        self._table_patience = TablePatience()
        self._look_at_s = 0.0
        self._status_faults: frozenset[Fault] = frozenset()
        self._check_fault: Fault | None = None
        self._applied: frozenset[int] | None = None
        """Yen values that the unit lets in by the settings last acknowledged; None is not known."""
        self._restarted_s: float | None = None
        self._empty_since_s: float | None = None
        """Since when escrow is empty though no event ended the story of the note inside."""
        self._unknown_told: set[Pair] = set()

    @property
    def faults(self) -> frozenset[Fault]:
        found = self._status_faults
        if self._check_fault is not None and not (self._check_fault in (Fault.JAM, Fault.DEVICE_FAILURE) and found):
            found |= {self._check_fault}  # a status names the place; the self-check alone does not
        return found | self._table_patience.faults

    @property
    def note(self) -> NoteInside | None:
        return self.notes.note

    def decided(self) -> None:
        self._orders.at_once()

    def forget_unit(self) -> None:
        self._is_identified = self._table_is_fresh = self.settled = False
        self._applied = self._check_fault = self.quiet = None
        self._status_faults = frozenset()
        self._table_patience.over()
        self._look_at_s = 0.0

    async def inhibit(self) -> None:
        await self._unit.inhibit()

    async def ask(self) -> EventReport | None:
        report = await self._unit.events(self._last, TRIES if self.settled else 1)
        if report is not None and report == self.quiet and self._now_s() < self._look_at_s:
            return self.quiet
        return report

    async def watch(self, first_s: float, interval_s: float) -> EventReport | None:
        assert self.quiet is not None
        await self._unit.watch(self.quiet, self._look_at_s, first_s, interval_s)
        return None

    async def serve(self, heard: EventReport) -> None:
        self.quiet = None
        if not (await self._identify() and await self._read_table()):
            self._publish()
            return
        self._hear(heard)
        self._publish()
        if self._now_s() >= self._look_at_s or self.faults:
            await self._look()
        await self._serve_note()
        self.settled = self._table_is_fresh and self.notes.adopted is None and self._restarted_s is None
        if self.settled and self.notes.note is None and not self.faults:
            await self._apply_wishes()
        self.busy = self.notes.note is not None
        self._publish()
        if self.settled and not self.busy and not self.faults and self._applied == self.wish():
            self.quiet = heard

    # -- who is there --------------------------------------------------------------------------------------------------

    async def _identify(self) -> bool:
        """Make sure that it is the unit whose counter is known; True where it does not tell its number."""
        if self._is_identified:
            return True
        serial = await self._unit.serial()
        if isinstance(serial, bytes):
            if self._serial not in (None, serial):
                _log.warning("cctalk_another_bill_validator", was=self._serial, serial=serial)
                self.notes.doubt()
                self._tell_all(self.notes.is_lost(self.worth_yen))
                self._last = None
            self._serial = serial
        self._is_identified = serial is not None
        return True

    async def _read_table(self) -> bool:
        if self._table_is_fresh:
            return True
        if not self._table_patience.is_due(self._now_s()):
            return False
        worth_yen = await self._unit.worth_yen()
        if worth_yen is None:
            self._table_patience.failed(self._now_s())
            return False
        self.worth_yen, self._table_is_fresh = worth_yen, True
        self._table_patience.over()
        return True

    # -- what it says --------------------------------------------------------------------------------------------------

    def _hear(self, report: EventReport) -> None:
        last, self._last = self._last, report.counter
        if last is None:
            if report.counter:
                marks = [self._mark(report, age) for age in range(len(report.pairs))]
                self._tell_all(self.notes.found_at_start(report.pairs, marks, self.worth_yen))
        elif report.counter == 0 and last:
            _log.warning("cctalk_unit_restarted", counter_was=last)
            self._restarted()
        else:
            pairs, lost = report.since(last)
            if lost:
                _log.error("cctalk_bill_events_lost", lost=lost, counter_was=last, counter=report.counter)
                self.notes.doubt()
                self._applied = None
            for nth, pair in enumerate(pairs, 1):
                self._see(pair, self._mark(report, len(pairs) - nth))
            if lost and self.notes.note is not None and self.notes.note.obscured:
                self._tell_all(self.notes.is_lost(self.worth_yen))

    def _mark(self, report: EventReport, age: int) -> str:
        """What the event is called that had so many after it: the unit and its count then."""
        return f"{self._serial.hex() if self._serial is not None else ''}:{count_before(report.counter, age)}"

    def _restarted(self) -> None:
        """The unit stands at 0: all that it was told is gone, and what a note inside does now it may say or not."""
        self.settled = self._table_is_fresh = False
        self._applied = self._check_fault = None
        self._status_faults = frozenset()
        self._look_at_s = 0.0
        self.notes.doubt()
        self._restarted_s = self._now_s()

    def _see(self, pair: Pair, mark: str) -> None:
        self._empty_since_s = None
        first, second = pair
        if not first:
            if second in STATUS_FAULTS:
                self._status_faults |= {STATUS_FAULTS[second]}
            elif second == BillStatus.STACKER_OK:
                self._status_faults -= STACKER_FAULTS
                self._check_fault = None  # asked for again at once
            elif second == BillStatus.STACKER_INSERTED:
                self._status_faults -= {Fault.STACKER_OPEN, Fault.STACKER_FULL}
            elif second > max(BillStatus) and pair not in self._unknown_told:
                self._unknown_told.add(pair)
                _log.warning("cctalk_unknown_bill_status", code=name_of(BillStatus, second))
            self._look_at_s = 0.0
        elif second > 1 and pair not in self._unknown_told:
            self._unknown_told.add(pair)
            _log.warning("cctalk_unknown_bill_event", bill=first, step=second)
        self._tell_all(self.notes.see(pair, self.worth_yen, mark))
        self.full = FullStatus.FULL if Fault.STACKER_FULL in self._status_faults else FullStatus.UNKNOWN

    async def _look(self) -> None:
        """Ask for the self-check and, at rest, whether the settings still stand."""
        code = await self._unit.self_check()
        if code is not None:
            self._check_fault = check_fault(code)
            if code == FaultCode.OK:
                self._status_faults = frozenset()
            elif self._check_fault in STOPPING_FAULTS:
                self.notes.stuck()
        self.full = FullStatus.FULL if Fault.STACKER_FULL in self.faults else FullStatus.UNKNOWN
        self._publish()
        if not self.faults:
            self._patience.over()
            self._look_at_s = self._now_s() + LOOK_EVERY_S
            if (
                self._applied is not None
                and self.notes.note is None
                and not await self._unit.is_set_up(self.codes_of(self._applied))
            ):
                self._applied = None
        elif self.notes.note is None and self._patience.reset_is_due():
            await self._unit.reset()
            self._applied = None

    # -- the note inside -----------------------------------------------------------------------------------------------

    async def _serve_note(self) -> None:
        now_s = self._now_s()
        grace_s = RESTART_GRACE_S if self.notes.note is not None else 0.0
        if self._restarted_s is not None and now_s - self._restarted_s >= grace_s:
            self._restarted_s = None
            self._tell_all(self.notes.is_lost(self.worth_yen))
        note = self.notes.note
        if note is None:
            self._empty_since_s = None
            return
        if self._restarted_s is not None:
            return
        doubtful = note.obscured or self.notes.adopted is not None
        if doubtful:
            if self.faults:
                return  # staff may be at it
            routed = await self._unit.route(Route.EXTEND)
            if routed is Routed.EMPTY:
                self._is_out_of_escrow()
            elif routed is not Routed.SILENT:
                self._empty_since_s = None
                self._tell_all(self.notes.is_in_escrow(self.worth_yen))
        else:
            await self._orders.carry_out(note, now_s)
        if self._empty_since_s is not None and now_s - self._empty_since_s > (DOUBT_S if doubtful else NO_END_S):
            self._empty_since_s = None
            self._tell_all(self.notes.is_lost(self.worth_yen))

    async def _route(self, route: Route) -> Answer:
        routed = await self._unit.route(route)
        if routed is Routed.EMPTY:
            self._is_out_of_escrow()
        return routed.answer

    def _is_out_of_escrow(self) -> None:
        if self._empty_since_s is None:
            self._empty_since_s = self._now_s()

    # -- what is wanted ------------------------------------------------------------------------------------------------

    async def _apply_wishes(self) -> None:
        """Only with nothing inside: what a unit does with a note in escrow when it is inhibited is not known [U]."""
        wish = self.wish()
        if self._applied == wish:
            return
        self._applied = None
        if await self._unit.set_up(self.codes_of(wish)):
            self._applied = wish

    def _tell_all(self, events: Iterable[BillEvent]) -> None:
        for event in events:
            self._tell(event)

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
