"""The device side of the standard messages, which EBDS and Pyramid RS-232 share: the acknowledgement bit, orders and status.

Frames, bits and the ordinary sequences are [R]/[2]. Where the reference is silent, the choice is marked [U] at its place.
These are the main ones:

* a repeated acknowledgement bit gets the last reply again whatever else the message says; after power-up any bit is new;
* events ride on standard replies and note messages only: an answer to a question tells none and ends none;
* no further note is drawn in before the host has acknowledged how the last one ended;
* with no denomination enabled, or unpolled for ``lapse_s``, no note is drawn in at all; with some enabled, others are drawn
  in and rejected. The first reply after such a lapse has the DISABLED bit;
* STACK and RETURN count when the message comes while a note is in escrow, never later. Both at once: an invalid command;
* a note that was on the rollers when the power went is pushed out and told as returned;
* a note pulled back and one refused both show RETURNING until the rollers stand, then RETURNED or REJECTED;
* CHEATED is told beside IDLING, and the unit recovers by itself once the host has it;
* while an event is told, a unit that is out of service says IDLING beside it.

Not modelled: orientation, high security, no-push and barcodes (taken and without effect), calibration, bookmarks, download,
stalled and pre-stack.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from hardware.bills.ebds.events import Ending, NoteEnd, Notice, PendingEvents
from hardware.bills.ebds.extended import ExtendedReply
from hardware.bills.ebds.frames import Frame, Kind, Splitter
from hardware.bills.ebds.standard import (
    ORDERS_LENGTH,
    Condition,
    DeviceStatus,
    HostOrders,
    Mode,
    State,
    Trouble,
    read_orders,
)
from hardware.bills.emulator import BillEmulator
from hardware.bills.phases import Event, Phase
from hardware.configfile import ConfigFile
from hardware.deviceshell import earliest
from hardware.emulator import Happening
from hardware.lasting import State as Memory
from hardware.models import DeviceModel
from hardware.vocabulary import Fault

_LASTING: Mapping[Phase, State] = {
    Phase.REST: State.IDLING,
    Phase.DRAWING: State.ACCEPTING,
    Phase.REJECTING: State.RETURNING,
    Phase.ESCROW: State.ESCROWED,
    Phase.RETURNING: State.RETURNING,
    Phase.STACKING: State.STACKING,
    Phase.PRESSING: State.STACKING,
}
_OUT_OF_SERVICE = State(0)
_WITH_VALUE = State.ESCROWED | State.STACKING
"""States beside which the note's number stands."""
_JAMS = {Fault.JAM_IN_ACCEPTOR, Fault.JAM_IN_STACKER}
_FAILURES = {Fault.MOTOR_FAILURE, Fault.DEVICE_FAILURE}
_OUTWARD = {Phase.REJECTING: Ending.REJECTED, Phase.RETURNING: Ending.RETURNED}
_NOTHING = HostOrders()
_CHEATED, _REJECTED, _JAMMED = int(Condition.CHEATED), int(Condition.REJECTED), int(Condition.JAMMED)
_STACKER_FULL, _CASSETTE_PRESENT = int(Condition.STACKER_FULL), int(Condition.CASSETTE_PRESENT)
_PAUSED, _POWER_UP, _FAILURE = int(Condition.PAUSED), int(Trouble.POWER_UP), int(Trouble.FAILURE)
_INVALID_COMMAND, _TRANSPORT_OPEN, _DISABLED = int(Trouble.INVALID_COMMAND), int(Trouble.TRANSPORT_OPEN), int(Mode.DISABLED)


@lru_cache(maxsize=128)
def _status(state: int, condition: int, trouble: int, number: int, mode: int, model: int, revision: int) -> DeviceStatus:
    return DeviceStatus(State(state), Condition(condition), Trouble(trouble), number, Mode(mode), model, revision)


@dataclass(frozen=True)
class PowerUpHabits:
    """What becomes of a note inside when the unit starts anew."""

    hold_escrow: bool
    """Keep a note in escrow for the host to decide, without an end; else it goes back."""
    report_stacked: bool
    """Tell a note that was past escrow as stacked, with its value."""


class StandardEmulator(BillEmulator):
    """One unit; subclasses answer what is not a standard message."""

    def __init__(self, model: DeviceModel, numbers: Mapping[int, int], failures: Mapping[str, Fault]) -> None:
        """``numbers`` gives the number 1..7 of each yen value, 0 for one without. Raises ConfigError."""
        super().__init__(model, frozenset(numbers), {}, failures)
        file = ConfigFile(model.path, model.settings)
        timing, identity = file.table("timing"), file.table("identity")
        self.numbers = dict(numbers)
        self._byte_gap_s = timing.number("byte_gap_s", 0.02)
        self._lapse_s = timing.number("lapse_s", 5.0, low=0.1)
        self._power_up_s = timing.number("power_up_s", 1.0)
        self._own_timings = self.mechanism.timings
        self._model_number = identity.whole("model", high=0x7F)
        self._revision = identity.whole("revision", high=0x7F)
        self._splitter = Splitter()
        self._last_byte_s = 0.0
        self.starts = 1
        """How often the unit has started, by power or by order."""
        self.events = PendingEvents()
        self.held_since_power_up = False
        """Whether the note in escrow lay there when the unit started, and nobody has decided."""
        self._start_over(0.0, report_stacked=False)

    # -- starting ------------------------------------------------------------------------------------------------------

    @abstractmethod
    def power_up_habits(self) -> PowerUpHabits:
        """Return what the unit does with a note inside; asked before it forgets the host's orders."""

    def retells_stacked(self) -> bool:
        """Return whether a note told as stacked, but not acknowledged, is told again after power-up [U: it is not]."""
        return False

    def wake(self, now_s: float) -> None:
        self.start_anew(now_s)

    def firmware(self) -> Memory:
        return {**super().firmware(), "events": self.events.state()}

    def restore_firmware(self, state: Memory) -> None:
        super().restore_firmware(state)
        self.events.restore(state["events"])

    def start_anew(self, now_s: float) -> None:
        """Do what a unit does when power comes, or when it is told to start over: forget, and deal with a note inside."""
        habits = self.power_up_habits()
        self.starts += 1
        self._start_over(now_s, report_stacked=habits.report_stacked)
        self.mechanism.forgive_cheat(now_s)
        self.set_escrow_timeout(math.inf)
        self.mechanism.clear_path(now_s, keep_escrow=habits.hold_escrow)
        self.set_escrow_timeout(None)
        self.held_since_power_up = self.mechanism.phase is Phase.ESCROW

    def _start_over(self, now_s: float, *, report_stacked: bool) -> None:
        self._splitter.reset()
        self._last_ack: int | None = None
        self._last_reply = b""
        self.orders = _NOTHING
        """What the host said last; nothing is enabled before it has spoken."""
        self.events.lose_power(keep_untold=report_stacked, keep_told=report_stacked and self.retells_stacked())
        self.events.add_notice(Notice.POWER_UP)
        self._power_up_ends_s: float | None = max(now_s, self._deaf_until_s) + self._power_up_s
        self._polled_until_s: float | None = None
        self._lapsed = False
        self._going_out: NoteEnd | None = None
        self._stack_at_once = False
        self._escrowed_yen = 0  # of the note that was last in escrow
        self._value_withheld = self.mechanism.note_in_stacker and not report_stacked
        self.obey_settings()

    def set_escrow_timeout(self, timeout_s: float | None) -> None:
        """Set how long the next note waits in escrow; None for the model's own figure."""
        own = self._own_timings
        self.mechanism.timings = own if timeout_s is None else replace(own, escrow_timeout_s=timeout_s)

    # -- the host's messages -------------------------------------------------------------------------------------------

    def hear(self, data: bytes, now_s: float) -> None:
        if now_s - self._last_byte_s > self._byte_gap_s:
            self._splitter.reset()
        self._last_byte_s = now_s
        for frame in self._splitter.feed(data):
            # Another device's number, or a unit's own message come back as an echo: not for us [U].
            if frame.device == 0 and frame.kind != Kind.DEVICE and now_s >= self._deaf_until_s:
                self._take(frame, now_s)

    def _take(self, frame: Frame, now_s: float) -> None:
        if frame.ack != self._last_ack:
            told = self.events.acknowledged()
            if told and Notice.CHEATED in told:
                self.mechanism.forgive_cheat(now_s)
            self._last_ack = frame.ack
            self._polled_until_s = now_s + self._lapse_s
            reply = self.answer(frame, now_s)
            self._last_reply = reply.encode() if reply is not None else b""
        else:
            self._polled_until_s = now_s + self._lapse_s
            self.react(now_s)
        if self._last_reply:
            self.say(self._last_reply, now_s)

    def answer(self, frame: Frame, now_s: float) -> Frame | None:
        """Do what a new message says and return the reply, or None for silence."""
        orders = read_orders(frame.data) if frame.kind == Kind.HOST and len(frame.data) == ORDERS_LENGTH else None
        if orders is None:
            return self.refuse(frame, now_s)
        self.heed(orders, now_s)
        return self.report(frame.ack)

    def refuse(self, frame: Frame, now_s: float) -> Frame:
        """Answer a message that is not understood [U: with a standard reply that says so]."""
        self.events.add_notice(Notice.INVALID_COMMAND)
        self.react(now_s)
        return self.report(frame.ack)

    def heed(self, orders: HostOrders, now_s: float) -> None:
        """Take the host's orders; those about escrow count now or never."""
        self.orders = orders
        self.obey_settings()
        if orders.stack and orders.return_:
            self.events.add_notice(Notice.INVALID_COMMAND)
        elif orders.stack:
            self.mechanism.stack(now_s)
        elif orders.return_:
            self.mechanism.give_back(now_s)
        self.react(now_s)

    def obey_settings(self) -> None:
        """Tell the mechanism which notes may pass."""
        self.mechanism.permitted = self.enabled_yen()

    def enabled_yen(self) -> frozenset[int]:
        """Return the values that the host's orders let pass: bit 0 is number 1."""
        return frozenset(yen for yen, number in self.numbers.items() if number and self.orders.enabled >> number - 1 & 1)

    # -- the status ----------------------------------------------------------------------------------------------------

    def report(self, ack: int) -> Frame:
        """Return the reply to a standard message, with the events that are due."""
        end = self.events.end
        if end is not None and end.ending is Ending.STACKED_BLANK and not self.tells_blank():
            self.events.skip_end()
            end = self.events.end
        frame = self.wording(self.status(end, self.events.notices), end).frame(ack)
        self.events.told()
        self._lapsed = False
        return frame

    def tells_blank(self) -> bool:
        """Return whether a note stacked without its value is told at all; else it is swallowed."""
        return False

    def wording(self, status: DeviceStatus, end: NoteEnd | None) -> DeviceStatus | ExtendedReply:
        """Return what carries ``status`` and how a note ended; a subclass may have longer words for it."""
        return status

    def status(self, end: NoteEnd | None, notices: frozenset[Notice]) -> DeviceStatus:
        """Return the six bytes with these events; money first: no fault hides that a note was stacked."""
        mechanism, ending = self.mechanism, end.ending if end is not None else None
        state = self.lasting()
        event = self.state_event(ending)
        if not int(state) and (int(event) or notices):
            state = State.IDLING
        # Sums of plain numbers, made flags at the end by a table: a status is asked for ten times a second, and joining flags
        # one by one was half of what an idle unit costs.
        condition = trouble = 0
        if notices and Notice.CHEATED in notices:
            condition |= _CHEATED
        if notices and Notice.INVALID_COMMAND in notices:
            trouble |= _INVALID_COMMAND
        if ending is Ending.REJECTED:
            condition |= _REJECTED
        if mechanism.faults and mechanism.faults & _JAMS:
            condition |= _JAMMED
        if mechanism.box.full:
            condition |= _STACKER_FULL
        if mechanism.box.fitted:
            condition |= _CASSETTE_PRESENT
        if mechanism.paused:
            condition |= _PAUSED
        if self._powering_up:
            trouble |= _POWER_UP
        if mechanism.faults and mechanism.faults & _FAILURES:
            trouble |= _FAILURE
        if mechanism.faults and Fault.COVER_OPEN in mechanism.faults:
            trouble |= _TRANSPORT_OPEN
        mode = _DISABLED if self._lapsed else 0
        number = self.number(state, end)
        return _status(int(state) | int(event), condition, trouble, number, mode, self._model_number, self._revision)

    def state_event(self, ending: Ending | None) -> State:
        """Return the event bit of the first byte."""
        if ending in (Ending.STACKED, Ending.STACKED_BLANK):
            return State.STACKED
        return State.RETURNED if ending is Ending.RETURNED else _OUT_OF_SERVICE

    def lasting(self) -> State:
        """Return what the unit is at: one bit, or none when it is out of service."""
        mechanism = self.mechanism
        if mechanism.faults and mechanism.faults - {Fault.CHEATED}:
            return _OUT_OF_SERVICE
        if mechanism.phase is Phase.REST and (mechanism.box.full or not mechanism.box.fitted):
            return _OUT_OF_SERVICE
        return _LASTING[mechanism.phase]

    def number(self, state: State, end: NoteEnd | None) -> int:
        """Return the number of the note that is told of, or 0."""
        if end is not None and end.ending is Ending.STACKED:
            return self.numbers[end.yen]
        note = self.mechanism.inside
        if note is None or self._value_withheld or not state & _WITH_VALUE:
            return 0
        return self.numbers[note.yen]

    @property
    def _powering_up(self) -> bool:
        return self._power_up_ends_s is not None or Notice.POWER_UP in self.events.notices

    def status_name(self) -> str:
        if not self.mechanism.powered:
            return "no power"
        status = self.status(self.events.end, self.events.notices)
        words: list[State | Condition | Trouble | Mode] = [*status.state, *status.condition, *status.trouble, *status.mode]
        return "|".join(str(word.name) for word in words) or "OUT_OF_SERVICE"

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        if happening.event == Event.NOTE_DRAWN:
            self._value_withheld, self._escrowed_yen = False, 0
        elif happening.event == Event.NOTE_IN_ESCROW:
            self._escrowed_yen = int(happening.data["yen"])
            self._stack_at_once = not self.orders.escrow
        elif happening.event == Event.NOTE_STACKED:
            ending = Ending.STACKED_BLANK if self._value_withheld else Ending.STACKED
            self.events.add_end(NoteEnd(ending, 0 if self._value_withheld else int(happening.data["yen"])))
            self._value_withheld = False
        elif happening.event == Event.CLEARED:
            self._going_out = None
        elif happening.event == Fault.CHEATED.value:
            self.events.add_notice(Notice.CHEATED)

    def settle(self, now_s: float) -> None:
        if self._power_up_ends_s is not None and self._power_up_ends_s <= now_s:
            self._power_up_ends_s = None
        if self._polled_until_s is not None and self._polled_until_s <= now_s:
            self._polled_until_s, self._lapsed = None, True
        self._follow_a_note_out()
        if self.mechanism.phase is not Phase.ESCROW:
            self._stack_at_once = self.held_since_power_up = False
        elif self._stack_at_once:
            self._stack_at_once = False
            if not self.mechanism.stack(now_s):  # no box, or a full one: the host never sees it in escrow [U]
                self.mechanism.give_back(now_s)
        self.mechanism.let_in(self._can_draw(), now_s)

    def _follow_a_note_out(self) -> None:
        """Tell a note that goes back when the rollers have done with it, whether a hand took it or they gave it."""
        phase = self.mechanism.phase
        if not self.mechanism.powered:
            self._going_out = None
        elif phase in _OUTWARD:
            if self._going_out is None or self._going_out.ending is not _OUTWARD[phase]:
                self._going_out = NoteEnd(_OUTWARD[phase], self._escrowed_yen)
        elif self._going_out is not None:
            if phase is Phase.REST:
                self.note_is_out(self._going_out)
            self._going_out = None

    def note_is_out(self, end: NoteEnd) -> None:
        """A note has gone back; queue what is to be told of it."""
        self.events.add_end(end)

    def _can_draw(self) -> bool:
        mechanism = self.mechanism
        ready = mechanism.powered and not self._powering_up and self._polled_until_s is not None
        return (
            ready and self.events.end is None and bool(self.orders.enabled) and mechanism.box.fitted and not mechanism.box.full
        )

    def own_due_s(self) -> float | None:
        return earliest(self._power_up_ends_s, self._polled_until_s) if self.mechanism.powered else None
