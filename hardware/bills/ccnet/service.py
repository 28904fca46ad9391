"""What the CCNET host does about each poll code: bring the unit up, carry out decisions, wait out faults.

Start-up works from any state: a note inside is first seen to its end; POWER UP is reset; the table is read during INITIALIZE
or UNIT DISABLED, where it is legal [1]; an idle unit that a former host had enabled is first disabled.
"""

import asyncio

import structlog

from hardware.bills.ccnet.frames import Command, Frame, PollCode
from hardware.bills.ccnet.meanings import fault_of
from hardware.bills.ccnet.notes import NoteTeller
from hardware.bills.ccnet.tables import Identification
from hardware.bills.ccnet.unit import Unit
from hardware.bills.orders import Answer, FaultPatience, NoteOrders
from hardware.bills.service import UnitService
from hardware.bills.story import Decision, NoteInside
from hardware.pollsettings import PollSettings
from hardware.tablepatience import TablePatience
from hardware.vocabulary import Fault
from hardware.wire.codes import name_of

PATIENCE_S = 2.0
"""How long an acknowledged RESET may take to show."""
ODD_POLLS = 5
"""Polls in which IDLING or UNIT DISABLED contradicts the masks that were sent, before they are sent again."""

_BUSY = frozenset(
    {
        PollCode.ACCEPTING,
        PollCode.ESCROW,
        PollCode.STACKING,
        PollCode.BILL_STACKED,
        PollCode.REJECTING,
        PollCode.RETURNING,
        PollCode.BILL_RETURNED,
        PollCode.HOLDING,
        PollCode.DEVICE_BUSY,
        PollCode.PAUSE,
    }
)
_REST = frozenset({PollCode.IDLING, PollCode.UNIT_DISABLED})
_POWER_UP = frozenset({PollCode.POWER_UP, PollCode.POWER_UP_BILL_IN_VALIDATOR, PollCode.POWER_UP_BILL_IN_STACKER})

_log = structlog.get_logger(__name__)


class Service(UnitService[Frame]):
    """Serves one unit, poll by poll."""

    watches = True

    def __init__(self, unit: Unit, poll: PollSettings) -> None:
        super().__init__()
        self._unit = unit
        self.notes = NoteTeller()
        self.identification: Identification | None = None
        self._orders = NoteOrders(
            stack=lambda: unit.order(Command.STACK),
            return_=lambda: unit.order(Command.RETURN),
            hold=lambda: unit.order(Command.HOLD),
            hold_renew_s=poll.hold_renew_s,
        )
        self._patience = FaultPatience()
        self._table_is_fresh = False
        self._table_patience = TablePatience()
        self._unit_fault: Fault | None = None
        self._applied: frozenset[int] | None = None
        """Yen values that the unit lets in by the masks last acknowledged; empty is switched off, None is not known."""
        self._odd_polls = 0
        self._reset_not_before_s = 0.0
        self._greeted: Frame | None = None
        """What the unit said when it was asked whether it is an echo: not acknowledged, and not told yet."""
        self._unknown_told: set[int] = set()

    @property
    def faults(self) -> frozenset[Fault]:
        of_unit = frozenset[Fault]() if self._unit_fault is None else frozenset({self._unit_fault})
        return of_unit | self._table_patience.faults

    @property
    def note(self) -> NoteInside | None:
        return self.notes.note

    async def ask(self) -> Frame | None:
        frame = await self._unit.poll()
        if frame is None:
            return None
        if self._unit.is_own_poll(frame):
            self.doubts_line = True
        elif frame == self.quiet:
            self._unit.acknowledge()
            return self.quiet
        return frame

    async def watch(self, first_s: float, interval_s: float) -> Frame | None:
        assert self.quiet is not None
        frame = await self._unit.watch(self.quiet, first_s, interval_s)
        if frame is not None and self._unit.is_own_poll(frame):
            self.doubts_line = True
        return frame

    async def echoes(self) -> bool:
        frame = await self._unit.poll()
        if frame is not None and self._unit.is_own_poll(frame):
            return True
        self._greeted = frame
        return False

    async def inhibit(self) -> None:
        await self._unit.enable(frozenset())

    def decided(self) -> None:
        self._orders.at_once()

    def forget_unit(self) -> None:
        self._table_is_fresh = self.settled = self.blocked = False
        self._applied = self._unit_fault = self.quiet = self._greeted = None
        self._odd_polls = 0
        self._table_patience.over()

    async def serve(self, heard: Frame) -> None:
        self.quiet = None
        greeted, self._greeted = self._greeted, None
        if self._unit.is_own_poll(heard):
            return  # an echo that began this moment; the host looks into it
        self._tell_notes(heard)
        if greeted is not None and greeted != heard:  # the ACK will count for this one
            heard = greeted
            self._tell_notes(heard)
        code = heard.code
        self._unit.acknowledge()  # only now: the listener has written a credit down
        self.blocked = code == PollCode.PAUSE
        fault = fault_of(code, heard.data[0] if heard.data else 0)
        if fault is not None:
            self._unit_fault = fault
            self._publish()
            if self._patience.reset_is_due():
                await self._reset()
            return
        self.busy = code in _BUSY
        if code in _POWER_UP:
            await self._power_up(code)
        elif code == PollCode.INITIALIZE:
            self.settled, self._applied = False, None
            await self._read_table()
        elif code in _REST:
            await self._rest(code)
        elif code in (PollCode.ESCROW, PollCode.HOLDING):
            await self._escrow()
        elif code not in _BUSY and code not in self._unknown_told:
            self._unknown_told.add(code)
            _log.warning("ccnet_unexpected_poll_code", code=name_of(PollCode, code), data=heard.data.hex())
        self._publish()
        content = code in _REST and self.settled and not self.faults and self._applied == self.wish()
        if content and not self._odd_polls:
            self.quiet = heard

    def _tell_notes(self, frame: Frame) -> None:
        for event in self.notes.see(frame, self.worth_yen if self._table_is_fresh else None):
            self._tell(event)

    async def _power_up(self, code: int) -> None:
        self._unit_fault = None
        if self.settled:
            _log.warning("ccnet_unit_restarted", code=name_of(PollCode, code))
        await self._reset()

    async def _reset(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s < self._reset_not_before_s:
            return
        self.settled = self._table_is_fresh = False
        self._applied = None
        if await self._unit.order(Command.RESET) is Answer.DONE:
            self._reset_not_before_s = now_s + PATIENCE_S

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
        self.identification = await self._unit.identification() or self.identification

    async def _rest(self, code: int) -> None:
        """Nothing is inside: finish what start-up lacks, then let in what is wanted."""
        self._unit_fault = None
        self._patience.over()
        if not self._table_is_fresh:
            if code == PollCode.IDLING:  # enabled by a former host: the table is legal to read only when it is switched off
                await self._unit.enable(frozenset())
                return
            await self._read_table()
        self.settled = self._table_is_fresh
        if not self.settled:
            return
        if self._applied is not None and (code == PollCode.IDLING) != bool(self._applied):
            self._odd_polls += 1
            if self._odd_polls >= ODD_POLLS:
                self._odd_polls, self._applied = 0, None
        else:
            self._odd_polls = 0
        await self._apply_wishes()

    async def _apply_wishes(self) -> None:
        wish = self.wish()
        if self.faults or self._applied == wish:
            return
        self._applied = None
        if await self._unit.enable(self.codes_of(wish)) is Answer.DONE:
            self._applied = wish

    async def _escrow(self) -> None:
        """A note waits. One that a former host left is given back: the table cannot be read with a note inside [1], so nobody
        can say what it is worth."""
        note = self.notes.note
        if note is None:
            return
        self._unit_fault = None
        if note.yen is not None:
            self.settled = self._table_is_fresh
        else:
            note.decision = Decision.RETURN
        self._publish()
        await self._orders.carry_out(note, asyncio.get_running_loop().time())
