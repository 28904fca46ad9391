"""A CCNET bill validator made of software: the device side of :mod:`hardware.bills.ccnet.frames`.

Follows the reference on CCNET: frames, codes and the ordinary sequences are [R]/[2]. Where it is silent or unsure, the choice
made here is [U]. These are the main ones:

* 81 and 82 are told to every POLL until the host's ACK for one of them comes, all else is told as it is at the moment. While
  one of them waits, no further note is drawn in, and no fault hides it. NAK makes the unit say its last answer again, however
  often;
* 81 that is due, or a note in the stacker whose 81 will be due, outlives RESET and power cut when the model says
  ``credit_after_power_cut = true``, and is forgotten when it says false. A kept 81 whose note already lies in the box shows as
  12 at power-up; all are told after RESET. 82 that is due is forgotten at a power cut. The type of a recognised note before the
  stacker is remembered in any case, so that 82 can name it; a note that was never recognised goes back without 82;
* before RESET only POLL, RESET, GET STATUS, IDENTIFICATION, GET BILL TABLE and GET CRC32 are legal. ENABLE BILL TYPES is legal
  during INITIALIZE. STACK, RETURN and HOLD are legal with a note in escrow and nowhere else, STACK not when the cassette is
  full or out. What is not legal, not known or has data of a wrong size is answered with ILLEGAL COMMAND; NAK means busy;
* RESET forgets types and security; so does the unit after staff repaired a jam or a failure: it initialises itself. A cassette
  that was out or full needs no RESET once it is in its place or emptied;
* with no type enabled no note is drawn in; with some enabled, another note is read and rejected as inhibited (68);
* a type that is not to be held in escrow is stacked at once; when that cannot be, the note goes back;
* a note that is pulled out of escrow by hand is told as returned (82) when the rollers stand still.

Not modelled: recycling cassettes of bill-to-bill units, barcode tickets, download, statistics, diagnostic (all of them ILLEGAL
COMMAND), security (stored only), bus reset by a line held low, the time that bytes take. A nearly full cassette is not told:
CCNET has no word for it.
"""

from collections import deque
from math import ceil

from hardware.benchcommand import Answer, BenchCommand, whole_number
from hardware.bills.ccnet.conversation import Conversation
from hardware.bills.ccnet.emulator_tables import (
    AT_REST,
    FAILURE_WORDS,
    FAILURES,
    FAULT_CODES,
    FLAWS,
    MOTION_CODES,
    REJECT_CODES,
    bill_rows,
    firmware_crc,
    identification,
)
from hardware.bills.ccnet.frames import (
    ILLEGAL_COMMAND,
    Command,
    FailureReason,
    Frame,
    PollCode,
    RejectReason,
    Splitter,
)
from hardware.bills.ccnet.tables import MASK_NONE, MASK_SIZE, decode_mask, encode_bill_table
from hardware.bills.emulator import BillEmulator
from hardware.bills.phases import Event, Phase
from hardware.configfile import ConfigFile
from hardware.emulator import Happening
from hardware.lasting import State
from hardware.models import DeviceModel
from hardware.vocabulary import Fault, RefuseReason
from hardware.wire.codes import name_of

_LONGEST_BUSY_S = 25


class CcnetEmulator(BillEmulator):
    """One validator. Bench commands besides those of every bill acceptor: ``busy``, ``nak``."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError naming file and key when it cannot be used."""
        file = ConfigFile(model.path, model.settings)
        rows = bill_rows(file)
        self._yen_of = {bill_type: row.amount or 0 for bill_type, row in enumerate(rows) if row.country}
        super().__init__(model, frozenset(self._yen_of.values()), FLAWS, FAILURES)
        timing, identity = file.table("timing"), file.table("identity").only(*_IDENTITY_KEYS)
        self._initialise_s = timing.number("initialise_s")
        self._byte_gap_s = timing.number("byte_gap_s", 0.1)
        self._address = file.table("ccnet").whole("address", low=1, high=255)
        unit = file.table("unit", optional=True).only("credit_after_power_cut")
        self._keeps_credit = unit.flag("credit_after_power_cut", True)
        self._table = encode_bill_table(rows)
        self._identification = identification(identity).encode()
        self._crc32 = firmware_crc(identity)
        self._splitter = Splitter()
        self._conversation = Conversation(timing.number("ack_s", 0.5))
        self._last_byte_s = 0.0
        self._enabled = self._escrowed = self._security = MASK_NONE
        self._powering_up = True
        self._initialising_until_s: float | None = None
        self._bill_type: int | None = None
        """Type of the note inside, from when it was recognised until it is told or lost from sight."""
        self._events: deque[Frame] = deque()
        """81 and 82 that the host has not acknowledged."""
        self._busy_until_s = 0.0
        self._naks = 0

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            **super()._line_commands(),
            "busy": BenchCommand("busy S", "for so many seconds polls say DEVICE BUSY and orders get NAK", self._busy),
            "nak": BenchCommand("nak N", "the next N requests get NAK and are not obeyed", self._nak),
        }

    # -- the host's commands -------------------------------------------------------------------------------------------

    def hear(self, data: bytes, now_s: float) -> None:
        if now_s - self._last_byte_s > self._byte_gap_s:
            self._splitter.reset()
        self._last_byte_s = now_s
        for frame in self._splitter.feed(data):
            if frame.address == self._address:
                self._take(frame, now_s)
                self.react(now_s)

    def _take(self, frame: Frame, now_s: float) -> None:
        """Take one frame of ours: a word about what was said last, or a request."""
        on_wire_s = now_s + self._reply_s
        if frame.code == Command.ACK:
            understood = self._conversation.acknowledged(now_s)
            if self._events and understood == self._events[0]:
                self._events.popleft()
            return
        if frame.code == Command.NAK:
            answer = self._conversation.again(on_wire_s)
        else:
            self._conversation.order()
            answer = self._conversation.says(self._reply_to(frame, now_s), on_wire_s)
        if answer is not None:
            self.say(answer.encode(), now_s)

    def _reply_to(self, frame: Frame, now_s: float) -> Frame:
        """Do what the host asks, in the order of the manual's table."""
        code, data = frame.code, frame.data
        if self._naks:
            self._naks -= 1
            return self._short(Command.NAK)
        if code == Command.POLL and not data:
            return self._poll_answer(now_s)
        if now_s < self._busy_until_s:
            return self._short(Command.NAK)
        if code == Command.RESET and not data:
            self._reset(now_s)
            return self._short(Command.ACK)
        if code == Command.GET_STATUS and not data:
            return Frame.answer(self._address, self._enabled + self._security)
        answer = self._facts_for(code)
        if answer and not data:
            return Frame.answer(self._address, answer) if self._status().code in AT_REST else self._short(ILLEGAL_COMMAND)
        done = not self._powering_up and self._obey(code, data, now_s)
        return self._short(Command.ACK if done else ILLEGAL_COMMAND)

    def _facts_for(self, code: int) -> bytes:
        """Return what the unit can tell about itself; nothing for another command."""
        if code == Command.IDENTIFICATION:
            return self._identification
        if code == Command.GET_BILL_TABLE:
            return self._table
        return self._crc32 if code == Command.GET_CRC32 else b""

    def _obey(self, code: int, data: bytes, now_s: float) -> bool:
        """Do what needs a unit that has been reset; False when it is not legal now."""
        if code == Command.SET_SECURITY and len(data) == MASK_SIZE:
            self._security = data
            return True
        if code == Command.ENABLE_BILL_TYPES and len(data) == 2 * MASK_SIZE:
            self._enable(data[:MASK_SIZE], data[MASK_SIZE:])
            return True
        if data:
            return False
        if code == Command.STACK:
            return self.mechanism.stack(now_s)
        if code == Command.RETURN:
            return self.mechanism.give_back(now_s)
        return code == Command.HOLD and self.mechanism.restart_escrow_timer(now_s, held=True)

    def _enable(self, enabled: bytes, escrowed: bytes) -> None:
        self._enabled, self._escrowed = enabled, escrowed
        yen_of = self._yen_of
        self.mechanism.permitted = frozenset(yen_of[one] for one in decode_mask(enabled) if one in yen_of)

    def _reset(self, now_s: float) -> None:
        if not self._keeps_credit:
            self._forget_credit()
        self._powering_up = False
        self._begin_initialising(now_s)
        self.mechanism.forgive_cheat(now_s)
        self.mechanism.clear_path(now_s)

    def _begin_initialising(self, now_s: float) -> None:
        self._enable(MASK_NONE, MASK_NONE)
        self._security = MASK_NONE
        self._initialising_until_s = now_s + self._initialise_s

    def _forget_credit(self) -> None:
        self._events.clear()
        if self.mechanism.note_in_stacker:
            self._bill_type = None

    # -- what it says --------------------------------------------------------------------------------------------------

    def _short(self, code: int) -> Frame:
        return Frame(self._address, code)

    def _poll_answer(self, now_s: float) -> Frame:
        if now_s < self._busy_until_s:
            return Frame(self._address, PollCode.DEVICE_BUSY, bytes((ceil((self._busy_until_s - now_s) * 10),)))
        return self._status()

    def _status(self) -> Frame:
        """Return what the unit is at. Money first: no fault hides an event that the host has not acknowledged."""
        mechanism = self.mechanism
        if self._powering_up:
            return self._short(self._power_up_code())
        if self._events:
            return self._events[0]
        for fault, code in FAULT_CODES.items() if mechanism.faults else ():
            if fault in mechanism.faults:
                return Frame(self._address, code, bytes((self._failure_code(),)) if code is PollCode.FAILURE else b"")
        outwards = mechanism.phase in (Phase.DRAWING, Phase.REJECTING, Phase.RETURNING)
        if not mechanism.box.fitted and not outwards:
            return self._short(PollCode.DROP_CASSETTE_OUT)
        if mechanism.paused:
            return self._short(PollCode.PAUSE)
        if mechanism.phase in MOTION_CODES:
            motion = MOTION_CODES[mechanism.phase]
            return Frame(self._address, motion, bytes((self._reject_code(),)) if motion is PollCode.REJECTING else b"")
        if self._initialising_until_s is not None:
            return self._short(PollCode.INITIALIZE)
        if mechanism.phase is Phase.ESCROW:
            if mechanism.held:
                return self._short(PollCode.HOLDING)
            return Frame(self._address, PollCode.ESCROW, bytes((self._bill_type or 0,)))
        if mechanism.box.full:
            return self._short(PollCode.DROP_CASSETTE_FULL)
        return self._short(PollCode.UNIT_DISABLED if self._enabled == MASK_NONE else PollCode.IDLING)

    def _power_up_code(self) -> PollCode:
        if self.mechanism.note_in_stacker or self._events:
            return PollCode.POWER_UP_BILL_IN_STACKER
        return PollCode.POWER_UP_BILL_IN_VALIDATOR if self.mechanism.note_in_acceptor else PollCode.POWER_UP

    def _failure_code(self) -> int:
        return FAILURE_WORDS.get(self.failure, FailureReason.STACK_MOTOR)

    def _reject_code(self) -> int:
        note, reason = self.mechanism.inside, self.mechanism.refused or RefuseReason.UNKNOWN
        if note is not None and note.detail in FLAWS:
            return RejectReason[note.detail.upper()]
        return REJECT_CODES[reason]

    def status_name(self) -> str:
        if not self.mechanism.powered:
            return "no power"
        return name_of(PollCode, self._status().code)

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        event = happening.event
        if event == Event.NOTE_IN_ESCROW:
            self._recognise(happening.data["yen"])
            if not self._is_set(self._escrowed) and not self.mechanism.stack(happening.t):
                self.mechanism.give_back(happening.t)
        elif event == Event.NOTE_STACKED:
            self._conclude(PollCode.BILL_STACKED)
        elif event == Event.NOTE_RETURNED:
            self._conclude(PollCode.BILL_RETURNED)
        elif event == Event.NOTE_TAKEN_BY_STAFF:
            self._bill_type = None
        elif event == Event.CLEARED:
            self._begin_initialising(happening.t)

    def _recognise(self, yen: int) -> None:
        """Name the note's type. Two types may share a value (two series): the first one that is enabled."""
        types = [bill_type for bill_type, worth in self._yen_of.items() if worth == yen]
        self._bill_type = next((one for one in types if one in decode_mask(self._enabled)), types[0])

    def _is_set(self, mask: bytes) -> bool:
        return self._bill_type in decode_mask(mask)

    def _conclude(self, code: PollCode) -> None:
        """The note has left the path: tell its end, unless nobody knows which type it was."""
        if self._bill_type is not None:
            self._events.append(Frame(self._address, code, bytes((self._bill_type,))))
            self._bill_type = None

    def settle(self, now_s: float) -> None:
        if self._initialising_until_s is not None and self._initialising_until_s <= now_s:
            self._initialising_until_s = None
        mechanism = self.mechanism
        if self._bill_type is not None and mechanism.inside is None and mechanism.phase is Phase.REST:
            self._note_vanished()
        mechanism.let_in(self._can_draw(), now_s)

    def _note_vanished(self) -> None:
        """Fingers or a string have the note that was recognised: no credit, and 82 only when it went by ordinary ways."""
        if self.mechanism.powered and not self._powering_up and Fault.CHEATED not in self.mechanism.faults:
            self._conclude(PollCode.BILL_RETURNED)
        self._bill_type = None

    def _can_draw(self) -> bool:
        ready = self.mechanism.powered and not self._powering_up and self._initialising_until_s is None
        box = self.mechanism.box
        if self.mechanism.faults:
            return False  # nor at the instant of the repair: the unit initialises itself before it takes the note at the mouth
        return ready and not self._events and self._enabled != MASK_NONE and box.fitted and not box.full

    def own_due_s(self) -> float | None:
        return self._initialising_until_s if self.mechanism.powered else None

    def firmware(self) -> State:
        events = [[event.code, event.data.hex()] for event in self._events]
        return {**super().firmware(), "bill_type": self._bill_type, "events": events}

    def restore_firmware(self, state: State) -> None:
        super().restore_firmware(state)
        self._bill_type = state["bill_type"]
        self._events = deque(Frame(self._address, code, bytes.fromhex(data)) for code, data in state["events"])

    def wake(self, now_s: float) -> None:
        self._splitter.reset()
        self._conversation.reset()
        self._initialising_until_s = None
        self._busy_until_s, self._naks = 0.0, 0
        self._powering_up = True
        self._enable(MASK_NONE, MASK_NONE)
        self._security = MASK_NONE
        self._events = deque(event for event in self._events if event.code == PollCode.BILL_STACKED)
        if not self._keeps_credit:
            self._forget_credit()

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _busy(self, words: list[str], now_s: float) -> Answer:
        self._busy_until_s = now_s + whole_number("busy", words, 0, _LONGEST_BUSY_S)
        return {"ok": True, "note": f"busy for {words[0]} s"}

    def _nak(self, words: list[str], now_s: float) -> Answer:
        self._naks = whole_number("nak", words, 0, 1000)
        return {"ok": True, "note": f"the next {self._naks} requests get NAK"}


_IDENTITY_KEYS = ("part_number", "serial_number", "asset_number", "crc32")
