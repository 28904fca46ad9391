"""A ccTalk bill validator made of software: the device side of the bill headers, in sum8, crc16 or bnv by its model.

Frames, events, counter, ids, masks (1 = accept) and routing follow the reference [2]. What nobody wrote down is chosen here
[U]:

* mask, master switch and operating mode are back at the model's after power-up and reset;
* power-up and reset are the same to the unit: the counter is 0, a note before the stacker goes back and is told as returned,
  one in the stacker goes on into the box and is told never: whether it was credited is nobody's knowledge any more. After a
  reset the note may be out, and the counter at 1, before the unit answers again;
* between the ACK to a reset and the restart (``reset_delay_s``) the unit answers but draws no further note in;
* escrow off: a good note is stacked at once, and told once, when it is in the box. A mode set while a note waits in escrow
  concerns the next note. Stacker off (bit 0) is stored and changes nothing: a unit with a box stacks into it;
* a returned note is told when it has left the unit, so one that sticks out of the mouth is not told yet;
* refusals by the master switch are told as 0, by the mask as 4, by a switch at the unit as 5;
* a jam is unsafe (6) while fingers may reach the note and safe (16) behind escrow; in the stacker it is 7 with a note in it and
  15 without; a broken motor or sensor is told by the self-check only;
* STACKER OK (10) follows repair of the stacker and the emptying of a full box;
* answers to 155, 145, 147 and 236, and dots as the id of an empty position.

Not modelled: barcode tickets beyond "one was read" (20), a unit that stops taking notes when it is not polled, upload of
tables, change of the bnv code (136, 137), the recycler.
"""

from hardware.benchcommand import Answer, BenchCommand, whole_number
from hardware.bills.cctalk.emulator_tables import (
    BARCODE,
    BOX_EVENTS,
    BREAKAGE_CODES,
    BREAKAGES,
    FAILURES,
    FAULT_CODES,
    FLAWS,
    POSITIONS,
    REFUSALS,
    bill_rows,
)
from hardware.bills.emulator import BillEmulator
from hardware.bills.notes import Place
from hardware.bills.phases import Event, Phase
from hardware.cctalk.codes import BillStatus, BillStep, FaultCode, OperatingMode, Route, RouteError
from hardware.cctalk.device import ACK, BUSY, NAK, UNKNOWN, CcTalkSlave, Reply
from hardware.cctalk.events import EventBuffer
from hardware.cctalk.headers import Header, name_of
from hardware.cctalk.ids import EMPTY_BILL_ID, JAPAN, JAPANESE_BILLS
from hardware.cctalk.masks import set_mask
from hardware.configfile import ConfigFile
from hardware.emulator import Happening
from hardware.models import DeviceModel
from hardware.vocabulary import Fault, RefuseReason

ALL_MODES = OperatingMode.STACKER | OperatingMode.ESCROW
SENSORS = (Place.MOUTH, Place.TRANSPORT, Place.ESCROW, Place.STACKER, Place.BEZEL)
"""Bits of the light barriers (236), from bit 0 [U]."""


class CcTalkBillEmulator(CcTalkSlave, BillEmulator):
    """One validator. Bench commands besides those of every bill acceptor and every ccTalk device: ``event``."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError naming file and key when it cannot be used."""
        file = ConfigFile(model.path, model.settings)
        self._rows = bill_rows(file)
        start = file.table("bill").only("power_up_mask", "power_up_master", "power_up_mode")
        self._power_up_mask = start.whole("power_up_mask", 0, high=0xFFFF)
        self._power_up_master = start.flag("power_up_master", False)
        self._power_up_mode = OperatingMode(start.whole("power_up_mode", high=int(ALL_MODES)))
        super().__init__(model, frozenset(row.yen for row in self._rows.values()), FLAWS, FAILURES)
        self._currency = file.table("identity").text("currency").encode("ascii", errors="replace")
        self._events = EventBuffer()
        self._mask, self._master, self._mode = 0, False, OperatingMode(0)
        self._phase_before = Phase.REST
        self._forget()
        self._path_to_clear = False

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            "event": BenchCommand("event CODE", "let it tell a status (0 to 255) that nothing here causes", self._event),
            **super()._line_commands(),
        }

    def _forget(self) -> None:
        """Lose what lives in memory only."""
        self._events.clear()
        self._mask, self._master, self._mode = self._power_up_mask, self._power_up_master, self._power_up_mode
        self._bill: int | None = None  # number of the note inside, from when it was recognised
        self._stack_at_once = False
        self._tell_return = True  # a note found at start comes out without a refusal before
        self._stacker_was_bad = self._string_seen = False
        self._path_to_clear = True
        self._obey_settings()

    def _obey_settings(self) -> None:
        """Tell the mechanism which notes may pass."""
        self.mechanism.permitted = frozenset(row.yen for row in self._rows.values() if self._accepts(row.position))

    def _accepts(self, position: int) -> bool:
        enabled = self._mask >> (position - 1) & 1  # 1 = accept [2], whatever some public comments say
        return self._master and bool(enabled) and not self._rows[position].dip_inhibited

    # -- the host's commands -------------------------------------------------------------------------------------------

    def obey(self, header: int, data: bytes, now_s: float) -> Reply:
        """Do what the host asks, in the order of the headers; what all devices answer alike is answered already."""
        match header, len(data):
            case Header.READ_OPTO_STATES, 0:
                return bytes((sum(bool(self.mechanism.piles.size(place)) << bit for bit, place in enumerate(SENSORS)),))
            case Header.PERFORM_SELF_CHECK, 0:
                return bytes((self._self_check(),))
            case Header.MODIFY_INHIBIT_STATUS, size if size:
                self._mask = set_mask(self._mask, data)
            case Header.REQUEST_INHIBIT_STATUS, 0:
                return self._mask.to_bytes(2, "little")
            case Header.MODIFY_MASTER_INHIBIT, 1:
                self._master = bool(data[0] & 1)
            case Header.REQUEST_MASTER_INHIBIT, 0:
                return bytes((self._master,))
            case Header.READ_BUFFERED_BILL_EVENTS, 0:
                return self._events.answer()
            case Header.REQUEST_BILL_ID, 1 if 1 <= data[0] <= POSITIONS:
                row = self._rows.get(data[0])
                return EMPTY_BILL_ID if row is None else row.bill_id
            case Header.REQUEST_COUNTRY_SCALING, 2:
                return JAPANESE_BILLS.encode() if data == JAPAN.encode() else bytes(3)
            case Header.REQUEST_BILL_POSITION, 2:
                mine = data == JAPAN.encode()
                return sum(1 << (position - 1) for position in self._rows if mine).to_bytes(2, "little")
            case Header.ROUTE_BILL, 1:
                return self._route(data[0], now_s)
            case Header.MODIFY_BILL_OPERATING_MODE, 1:
                self._mode = OperatingMode(data[0] & ALL_MODES)
            case Header.REQUEST_BILL_OPERATING_MODE, 0:
                return bytes((self._mode,))
            case Header.PERFORM_STACKER_CYCLE, 0:
                return self._cycle_stacker()
            case Header.REQUEST_CURRENCY_REVISION, 0 | 2:
                return self._currency if data in (b"", JAPAN.encode()) else NAK
            case _:
                return UNKNOWN
        self._obey_settings()
        return ACK

    def _route(self, route: int, now_s: float) -> Reply:
        mechanism = self.mechanism
        if route not in (Route.RETURN, Route.STACK, Route.EXTEND):
            return NAK
        if mechanism.phase is not Phase.ESCROW or mechanism.inside is None or self._stack_at_once:
            return bytes((RouteError.ESCROW_EMPTY,))
        if route == Route.RETURN:
            done = mechanism.give_back(now_s)
        elif route == Route.STACK:
            done = mechanism.stack(now_s)
        else:
            done = mechanism.restart_escrow_timer(now_s, held=True)
        return ACK if done else bytes((RouteError.FAILED,))

    def _cycle_stacker(self) -> Reply:
        mechanism = self.mechanism
        if mechanism.phase in (Phase.STACKING, Phase.PRESSING):
            return BUSY
        return NAK if mechanism.faults or not mechanism.box.fitted else ACK

    def _self_check(self) -> FaultCode:
        mechanism = self.mechanism
        for fault, code in FAULT_CODES.items():
            if fault in mechanism.faults:
                exact = FAILURES.get(self.failure) is fault
                return BREAKAGE_CODES.get(self.failure, code) if exact else code
        if not mechanism.box.fitted:
            return FaultCode.STACKER_MISSING
        return FaultCode.STACKER_FULL if mechanism.box.full else FaultCode.OK

    def status_name(self) -> str:
        if not self.mechanism.powered:
            return "no power"
        return f"event counter {self._events.counter}, self-check {name_of(FaultCode, self._self_check())}"

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        if not self.mechanism.powered:
            return
        event, word = happening.event, happening.data.get("what", "")
        if event == Event.NOTE_IN_ESCROW:
            self._recognised(happening.data["yen"])
        elif event == Event.NOTE_REFUSED:
            self._tell_return = False
            self._tell(self._refusal(RefuseReason(happening.data["reason"]), happening.data["yen"]))
        elif event == Event.NOTE_STACKED:
            if self._bill is not None:  # else this life has not seen it in escrow, nor ordered it in
                self._events.add(self._bill, BillStep.STACKED)
            self._note_gone()
        elif event == Event.NOTE_RETURNED:
            if self._tell_return:
                self._tell(BillStatus.RETURNED)
            self._note_gone()
        elif event == Event.NOTE_PULLED:
            self._pulled()
        elif event in BOX_EVENTS:
            self._stacker_was_bad |= event == Event.CASHBOX_FULL
            self._tell(BOX_EVENTS[event])
        elif event in (Event.CLEARED, Event.CASHBOX_EMPTIED):
            if self._stacker_was_bad and not self.mechanism.box.full:
                self._stacker_was_bad = False
                self._tell(BillStatus.STACKER_OK)
            if event == Event.CLEARED:
                self._note_gone()
        elif word in BREAKAGES:
            self._stacker_was_bad |= word == "stacker"
            self._tell(BREAKAGES[word])
        elif event in (Fault.JAM_IN_ACCEPTOR.value, Fault.JAM_IN_STACKER.value):
            self._jammed(in_stacker=event == Fault.JAM_IN_STACKER.value)
        elif event == Fault.CHEATED.value:
            self._tell(BillStatus.STRING_FRAUD if self._string_seen else BillStatus.OPTO_FRAUD)
            self._string_seen = False

    def _tell(self, status: int) -> None:
        self._events.add(0, status)

    def _note_gone(self) -> None:
        self._bill, self._tell_return = None, True

    def _recognised(self, yen: int) -> None:
        """Name the note by its number; of two series of one value by the first that is accepted."""
        numbers = [row.position for row in self._rows.values() if row.yen == yen]
        self._bill = next((number for number in numbers if self._accepts(number)), numbers[0])
        self._tell_return = True
        if self._mode & OperatingMode.ESCROW:
            self._events.add(self._bill, BillStep.IN_ESCROW)
        else:
            self._stack_at_once = True

    def _refusal(self, reason: RefuseReason, yen: int) -> BillStatus:
        note = self.mechanism.inside
        if note is not None and note.detail == BARCODE:
            return BillStatus.BARCODE
        if reason is not RefuseReason.INHIBITED:
            return REFUSALS[reason]
        if not self._master:
            return BillStatus.MASTER_INHIBIT
        by_switch = all(row.dip_inhibited for row in self._rows.values() if row.yen == yen)
        return BillStatus.INHIBITED_DIP if by_switch else BillStatus.INHIBITED_SERIAL

    def _pulled(self) -> None:
        """A note is in the customer's hand again without the rollers' doing."""
        if Fault.CHEATED in self.mechanism.faults and self._phase_before is not Phase.REST:
            self._string_seen = True  # the sensors tell it in a moment
            self._note_gone()
        elif self.mechanism.inside is None and self._phase_before in (Phase.DRAWING, Phase.ESCROW):
            self._tell(BillStatus.PULLED_BACK)
            self._note_gone()
        elif self.mechanism.inside is None and self._phase_before is Phase.RETURNING:
            self._tell(BillStatus.RETURNED)  # on its way out already: the customer only helped
            self._note_gone()

    def _jammed(self, *, in_stacker: bool) -> None:
        with_note = self.mechanism.note_in_stacker
        if in_stacker:
            self._stacker_was_bad = True
            self._tell(BillStatus.JAM_IN_STACKER if with_note else BillStatus.STACKER_JAMMED)
        else:
            self._tell(BillStatus.JAM_SAFE if with_note else BillStatus.JAM_UNSAFE)

    def settle(self, now_s: float) -> None:
        super().settle(now_s)
        mechanism = self.mechanism
        if self.listening and self._path_to_clear:
            self._clear_path(now_s)
        if self._stack_at_once and (
            mechanism.stack(now_s) or mechanism.phase is not Phase.ESCROW or mechanism.give_back(now_s)
        ):
            self._stack_at_once = False
        taking = self.listening and not self.restarting and mechanism.box.fitted and not mechanism.box.full
        mechanism.let_in(taking, now_s)
        self._phase_before = mechanism.phase

    def _clear_path(self, now_s: float) -> None:
        self._path_to_clear = False
        self.mechanism.forgive_cheat(now_s)
        self.mechanism.clear_path(now_s)

    def wake(self, now_s: float) -> None:
        super().wake(now_s)
        self._forget()

    def restart(self, now_s: float) -> None:
        super().restart(now_s)
        self._clear_path(now_s)  # the motors never lost power: what moves is turned round at once

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _event(self, words: list[str], now_s: float) -> Answer:
        code = whole_number("event", words, 0, 255)
        self._tell(code)
        return {"ok": True, "note": f"status {code} is the newest event", "counter": self._events.counter}
