"""What the ID-003 host does about each status: bring the unit up, carry out decisions, wait out faults.

Start-up works from any state that the unit may be in, because the host can die at any instant and the unit lives on:

* a note inside (ACCEPTING ... RETURNING) is first seen to its end, never reset away;
* an idle unit is inhibited, and a unit at rest is reset, so that it asks for its settings;
* POWER UP is reset; INITIALIZE gets the currency table read, then the settings, each echoed.

A recycler's payouts are a part of this: :mod:`.drums` sees every status first and orders notes out when the unit is at rest.
"""

import asyncio

import structlog

from hardware.bills.id003.drums import PAYOUT_STATUSES, Drums
from hardware.bills.id003.frames import Command, Failure, Frame, Status
from hardware.bills.id003.meanings import fault_of, first_byte
from hardware.bills.id003.notes import NoteTeller
from hardware.bills.id003.options import HostOptions
from hardware.bills.id003.recycler_frames import RECYCLER_UNIT_FAILURE
from hardware.bills.id003.settings import ACCEPT, INHIBIT, denomination_mask
from hardware.bills.id003.unit import Unit
from hardware.bills.orders import Answer, FaultPatience, NoteOrders
from hardware.bills.service import UnitService
from hardware.bills.story import Decision, NoteInside
from hardware.pollsettings import PollSettings
from hardware.tablepatience import TablePatience
from hardware.vocabulary import Fault
from hardware.wire.codes import name_of

PATIENCE_S = 2.0
"""How long an acknowledged RESET, or accepted settings, may take to show in the status."""
ADOPTED_HOLD_S = 15.0
"""How long a HOLDING of unknown worth is left to fall back to ESCROW: longer than the escrow time-out, about 10 s [U]."""
ODD_POLLS = 10
"""Polls in which IDLING or DISABLE contradicts what was set, before it is set again."""

_BUSY = frozenset(
    {
        Status.ACCEPTING,
        Status.ESCROW,
        Status.STACKING,
        Status.VEND_VALID,
        Status.STACKED,
        Status.REJECTING,
        Status.RETURNING,
        Status.HOLDING,
        Status.PAUSE,
    }
)
_KEEPS_SETTINGS = _BUSY - {Status.ESCROW, Status.HOLDING, Status.VEND_VALID} | {Status.IDLING, Status.DISABLE}
"""In these the unit is told what to accept; not with a note in escrow, which it might let go [U]."""

_log = structlog.get_logger(__name__)


class Service(UnitService[Frame]):
    """Serves one unit, status by status. Owns what is known of the unit; the driver owns the line."""

    watches = True

    def __init__(self, unit: Unit, poll: PollSettings, options: HostOptions, drums: Drums | None = None) -> None:
        """``drums`` serves the recycler; None for a unit without one."""
        super().__init__()
        self._unit = unit
        self.drums = drums
        if drums is not None:
            drums.nudge = lambda: self._nudge()
        self._options = options
        unit.on_enq = lambda: self._nudge()
        self.notes = NoteTeller()
        self.firmware: str | None = None
        self._initialised = False
        self._table_is_fresh = False
        self._table_patience = TablePatience()
        self._unit_fault: Fault | None = None
        self._applied: frozenset[int] | None = None
        self._applied_for_sure = False
        self._odd_polls = 0
        self._fault_patience = FaultPatience()
        self._reset_not_before_s = 0.0
        self._settings_done_s = 0.0
        self._orders = NoteOrders(
            stack=lambda: unit.order(options.stack_command),
            return_=lambda: unit.order(Command.RETURN),
            hold=lambda: unit.order(Command.HOLD),
            hold_renew_s=poll.hold_renew_s,
        )
        self._hold_since_s: float | None = None
        self._unknown_told: set[int] = set()
        self._takes_note = False

    @property
    def faults(self) -> frozenset[Fault]:
        of_unit = frozenset[Fault]() if self._unit_fault is None else frozenset({self._unit_fault})
        return of_unit | self._table_patience.faults

    def forget_unit(self) -> None:
        self._initialised = self._table_is_fresh = self._applied_for_sure = self.settled = False
        self.blocked = False
        self._unit_fault = None
        self._table_patience.over()
        self.quiet = None
        if self.drums is not None:
            self.drums.restarted()

    @property
    def _wish(self) -> frozenset[int] | None:
        """What to accept now: nothing while notes are to be paid out, but a note on its way in comes first."""
        return None if self.drums is not None and self.drums.at_work and not self._takes_note else self.wanted

    @property
    def note(self) -> NoteInside | None:
        return self.notes.note

    async def ask(self) -> Frame | None:
        return await self._unit.status()

    async def watch(self, first_s: float, interval_s: float) -> Frame | None:
        assert self.quiet is not None
        return await self._unit.watch(self.quiet, first_s, interval_s)

    async def echoes(self) -> bool:
        return await self._unit.echoes()

    async def inhibit(self) -> None:
        await self._unit.set(INHIBIT, exactly=True)

    def decided(self) -> None:
        self._orders.at_once()

    async def serve(self, frame: Frame) -> None:
        self.quiet = None
        self._tell_notes(frame)
        code = frame.code
        self.blocked = code == Status.PAUSE
        fault = await self._fault_of(frame)
        if fault is not None:
            if fault is not self._unit_fault and code == Status.FAILURE:
                _log.warning("id003_failure", failure=name_of(Failure, first_byte(frame)))
            self._unit_fault = fault
            if self.drums is not None:
                self.drums.trouble(fault)
            self._publish()
            if self._fault_patience.reset_is_due():
                await self._reset()
            return
        self._takes_note = code in _BUSY
        self.busy = self._takes_note or (self.drums is not None and self.drums.at_work)
        match code:
            case _ if self.drums is not None and code in PAYOUT_STATUSES:
                self._unit_fault = None
                self.busy = True
                self.drums.see(code)
            case Status.IDLING | Status.DISABLE:
                await self._rest(frame)
            case Status.ESCROW | Status.HOLDING:
                await self._escrow(frame)
            case Status.POWER_UP | Status.POWER_UP_BILL_IN_ACCEPTOR | Status.POWER_UP_BILL_IN_STACKER:
                await self._power_up(code)
            case Status.INITIALIZE:
                await self._initialize()
            case _ if code not in _BUSY and code not in self._unknown_told:
                self._unknown_told.add(code)
                _log.warning("id003_unexpected_status", status=name_of(Status, code), data=frame.data.hex())
        self._publish()
        if code in _KEEPS_SETTINGS:
            await self._apply_wishes()
        at_rest = code in (Status.IDLING, Status.DISABLE) and self.settled and not self.faults
        if at_rest and self.drums is not None:
            inhibited = code == Status.DISABLE and self._applied_for_sure and self._applied is None
            await self.drums.rest(self.worth_yen, asyncio.get_running_loop().time(), inhibited=inhibited)
            self._publish()
        content = self._applied_for_sure and self._applied == self._wish and not self._odd_polls
        if at_rest and content and (self.drums is None or self.drums.content):
            self.quiet = frame

    async def _fault_of(self, frame: Frame) -> Fault | None:
        if self.drums is not None and frame.code == RECYCLER_UNIT_FAILURE:
            return await self.drums.failure()
        return fault_of(frame)

    def _tell_notes(self, frame: Frame) -> None:
        for event in self.notes.see(frame, self.worth_yen if self._table_is_fresh else None):
            self._tell(event)
        if frame.code == Status.VEND_VALID:
            self._unit.acknowledge()  # only now: the listener has written the credit down

    async def _power_up(self, code: int) -> None:
        self._hold_since_s = None
        if self._initialised:
            _log.warning("id003_unit_restarted", status=name_of(Status, code))
        self._unit_fault = None
        self._restart()
        if code == Status.POWER_UP and self.firmware is None:
            self.firmware = await self._unit.version()
        await self._reset()

    def _restart(self) -> None:
        self._initialised = self._table_is_fresh = self._applied_for_sure = self.settled = False
        if self.drums is not None:
            self.drums.restarted()

    async def _reset(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s < self._reset_not_before_s:
            return
        self._restart()
        if await self._unit.order(Command.RESET) is Answer.DONE:
            self._reset_not_before_s = now_s + PATIENCE_S

    async def _initialize(self) -> None:
        """Read the table and send the settings, inhibited. Whatever goes unanswered is all done again at the next poll."""
        now_s = asyncio.get_running_loop().time()
        if self._initialised and now_s < self._settings_done_s + PATIENCE_S:
            return
        self._restart()
        await self._read_table()
        if await self._unit.set(denomination_mask(self.worth_yen, frozenset()), exactly=True) is not Answer.DONE:
            return
        for setting in self._options.settings_at_initialize():
            answer = await self._unit.set(setting, exactly=False)
            if answer is Answer.SILENT:
                return
            if answer is Answer.REFUSED:
                _log.info("id003_setting_refused", setting=name_of(Command, setting.code), data=setting.data.hex())
        if await self._unit.set(INHIBIT, exactly=True) is not Answer.DONE:
            return
        self._initialised = self._applied_for_sure = True
        self._applied = None
        self._odd_polls = 0
        self._settings_done_s = now_s

    async def _read_table(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._table_is_fresh or not self._table_patience.is_due(now_s):
            return
        worth_yen = await self._unit.worth_yen()
        if worth_yen is None:
            self._table_patience.failed(now_s)
            return
        self.worth_yen = worth_yen
        self._table_is_fresh = True
        self._table_patience.over()

    async def _rest(self, frame: Frame) -> None:
        """Nothing is inside."""
        self._hold_since_s = None
        idling = frame.code == Status.IDLING
        if not self._initialised:
            if idling:  # enabled by a former host: no note may slip in while we reset
                await self._unit.set(INHIBIT, exactly=True)
                self._odd(frame)
            else:
                await self._reset()
            return
        await self._read_table()
        self.settled = self._table_is_fresh
        self._unit_fault = None
        self._fault_patience.over()
        if self._applied_for_sure and idling != (self._applied is not None):
            self._odd(frame)
        else:
            self._odd_polls = 0

    def _odd(self, frame: Frame) -> None:
        """Count statuses that contradict what was set; in the end set it again, and ask whether that is a unit at all."""
        self._odd_polls += 1
        if self._odd_polls >= ODD_POLLS:
            self._odd_polls = 0
            self._applied_for_sure = False
            self.doubts_line = frame.code == Status.IDLING

    async def _escrow(self, frame: Frame) -> None:
        """A note waits."""
        if not self._table_is_fresh:
            await self._read_table()
            if self._table_is_fresh:
                self._tell_notes(frame)
        note = self.notes.note
        if note is None:
            return
        self._unit_fault = None
        if note.yen is not None:
            self._hold_since_s = None
            if self._table_is_fresh:
                self.settled = True
        elif frame.code == Status.HOLDING:
            self._give_up_hold(note)
        self._publish()
        await self._orders.carry_out(note, asyncio.get_running_loop().time())

    def _give_up_hold(self, note: NoteInside) -> None:
        """Send back a note held by a former host when its worth does not come to light."""
        now_s = asyncio.get_running_loop().time()
        if self._hold_since_s is None:
            self._hold_since_s = now_s
        if now_s - self._hold_since_s >= ADOPTED_HOLD_S:
            note.decision = Decision.RETURN

    async def _apply_wishes(self) -> None:
        """Bring the unit to accept what is wanted, if it does not already."""
        wanted = self._wish
        if not self.settled or self.faults or (self._applied_for_sure and self._applied == wanted):
            return
        was_accepting = self._applied_for_sure and self._applied is not None
        self._applied_for_sure = False
        if wanted is None:
            done = await self._unit.set(INHIBIT, exactly=True) is Answer.DONE
        else:
            done = await self._unit.set(denomination_mask(self.worth_yen, wanted), exactly=True) is Answer.DONE
            if done and not was_accepting:
                done = await self._unit.set(ACCEPT, exactly=True) is Answer.DONE
        if done:
            self._applied, self._applied_for_sure = wanted, True
