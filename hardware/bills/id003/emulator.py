"""An ID-003 bill validator made of software: the device side of :mod:`hardware.bills.id003.frames`.

Follows the reference on ID-003: frames, codes and the ordinary sequences are [R]/[2]. Where real units differ or nobody
wrote it down, the choice made here is marked [U] at its place. These are the main ones:

* orders about escrow (STACK-1, STACK-2, RETURN, HOLD, WAIT) are INVALID COMMAND when no note waits there, and so are
  settings before RESET;
* INITIALIZE lasts until INHIBIT (C3) was set, and at least ``initialise_s``; a RESET forgets all settings but C5;
* after staff repaired a jam or a failure the unit initialises itself and waits for settings again; an opened or full box
  needs no RESET once it is in its place or emptied;
* a note given back and left at the bezel keeps the unit RETURNING or REJECTING until it is taken.

Interrupt modes are in :mod:`.interrupt`, tickets in :mod:`.tickets`, and the recycler extension, for models that have a
``[recycler]`` table, in :mod:`.recycler_emulator`; each says there what is [U] about it.

Not modelled: direction and security (stored only), download (INVALID COMMAND), several notes in escrow, encryption, and the
stacker-nearly-full and entrance-sensor events of C5: the bits are stored and read back, but no code for either is known.
"""

from hardware.benchcommand import Answer, BenchCommand, no_words
from hardware.bills.emulator import BillEmulator
from hardware.bills.id003 import recycler_emulator
from hardware.bills.id003.credit import Credit, StackedNote
from hardware.bills.id003.emulator_tables import (
    DEFAULT_SETTINGS,
    FAILURE_WORDS,
    FAILURES,
    FAULT_STATUSES,
    FIRST_CODE,
    FLAWS,
    MOTION_STATUSES,
    REJECT_CODES,
    TICKET,
    currency_rows,
    identity_text,
)
from hardware.bills.id003.frames import (
    Command,
    Failure,
    Frame,
    OptionalFunction,
    Reject,
    Splitter,
    Status,
    encode_currency_table,
)
from hardware.bills.id003.interrupt import Interrupts
from hardware.bills.id003.recycler_emulator import RecyclerFace, read_drums, read_loads
from hardware.bills.id003.recycler_frames import EXTENSION, RECYCLER_UNIT_FAILURE, PayoutStatus, RecyclerError, status_name
from hardware.bills.id003.tickets import ticket_command, tickets_permitted
from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note
from hardware.bills.phases import Event, Phase
from hardware.bills.recycler import RecyclerMechanism
from hardware.bills.timings import NoteTimings
from hardware.configfile import ConfigFile
from hardware.deviceshell import earliest
from hardware.emulator import Happening
from hardware.lasting import State
from hardware.models import DeviceModel
from hardware.vocabulary import RefuseReason

ENQ = Frame(Status.ENQ).encode()
INTERRUPT_MODES = (0x01, 0x02)


class Id003Emulator(BillEmulator):
    """One validator. Bench commands besides those of every bill acceptor: ``comm-error``."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError naming file and key when it cannot be used."""
        file = ConfigFile(model.path, model.settings)
        self._rows = currency_rows(file)
        self._recycler_table = file.table("recycler") if "recycler" in file.data else None
        self._recycler: RecyclerFace | None = None
        self._settings = dict(DEFAULT_SETTINGS)
        failures = {**FAILURES, **(recycler_emulator.FAILURES if self._recycler_table else {})}
        super().__init__(model, frozenset(row.amount for row in self._rows if row.country), FLAWS, failures)
        timing, identity = file.table("timing"), file.table("identity")
        self._initialise_s = timing.number("initialise_s")
        self._byte_gap_s = timing.number("byte_gap_s", 0.1)
        self._answers = {
            Command.VERSION: identity_text(identity, "version"),
            Command.BOOT_VERSION: identity_text(identity, "boot"),
            Command.CURRENCY_ASSIGN: encode_currency_table(self._rows),
        }
        self._interrupts = Interrupts(timing.number("enq_repeat_s", 1.0, low=0.05))
        self._splitter = Splitter()
        self._last_byte_s = 0.0
        self._powering_up = True
        self._inhibit_was_set = False
        self._initialising_until_s: float | None = None
        self._stacked = StackedNote()
        self._vend_valid_was_said = False
        self._comm_error_next = False
        self._obey_settings()

    def build(self, timings: NoteTimings, capacity: int, known: frozenset[int], near_full: int) -> BillMechanism:
        table = self._recycler_table
        if table is None:
            return super().build(timings, capacity, known, near_full)
        loads = read_loads(table, self._rows)
        mechanism = RecyclerMechanism(timings, capacity, known, near_full, read_drums(table), loads)
        self._recycler = RecyclerFace(mechanism, self._rows)
        return mechanism

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            **super()._line_commands(),
            **(self._recycler.commands() if self._recycler is not None else {}),
            "ticket": ticket_command(self.mechanism, self._settings),
            "comm-error": BenchCommand("comm-error", "answer the next status request COMMUNICATION ERROR", self._comm_error),
        }

    # -- the host's commands -------------------------------------------------------------------------------------------

    def hear(self, data: bytes, now_s: float) -> None:
        if now_s - self._last_byte_s > self._byte_gap_s:
            self._splitter.reset()
        self._last_byte_s = now_s
        for frame in self._splitter.feed(data):
            reply = self._reply_to(frame, now_s)
            if reply is not None:
                self.say(reply.encode(), now_s)
            self.react(now_s)

    def _reply_to(self, frame: Frame, now_s: float) -> Frame | None:
        """Do what the host asks, in the order of the manual's table."""
        code = frame.code
        if code == Command.ACK:
            self._acknowledged(now_s)
            return None
        if code == EXTENSION and self._recycler is not None:
            may_pay = self._status().code == Status.DISABLE
            return self._recycler.reply_to(frame, self._recycler_error(), now_s, may_pay=may_pay)
        if code in DEFAULT_SETTINGS:
            return self._set(frame, now_s)
        if frame.data:
            done = False
        elif code == Command.STATUS_REQUEST:
            return self._report(now_s)
        elif code == Command.RESET:
            self._reset(now_s)
            done = True
        elif code in (Command.STACK_1, Command.STACK_2):
            done = self._stack(code == Command.STACK_1, now_s)
        elif code == Command.RETURN:
            done = self.mechanism.give_back(now_s)
        elif code == Command.HOLD:
            done = self.mechanism.restart_escrow_timer(now_s, held=True)
        elif code == Command.WAIT:  # [U] more time, without the name of HOLDING
            done = self.mechanism.restart_escrow_timer(now_s, held=self.mechanism.held)
        elif Command.GET_DENOMINATION <= code <= Command.GET_BAR_INHIBIT:
            return Frame(code, self._settings[code - Command.GET_DENOMINATION + Command.SET_DENOMINATION])
        elif code in self._answers:
            return Frame(code, self._answers[Command(code)])
        else:
            done = False
        return Frame(Command.ACK if done else Status.INVALID_COMMAND)

    def _acknowledged(self, now_s: float) -> None:
        if self._stacked.credit is Credit.DUE and self._vend_valid_was_said:
            self._stacked.credit = Credit.NONE
        elif self._recycler is not None:
            self._recycler.acknowledge()

    def _set(self, frame: Frame, now_s: float) -> Frame:
        if self._powering_up or len(frame.data) != len(DEFAULT_SETTINGS[frame.code]):
            return Frame(Status.INVALID_COMMAND)
        self._settings[frame.code] = frame.data
        self._obey_settings()
        if frame.code == Command.SET_INHIBIT:
            self._inhibit_was_set = True
        elif frame.code == Command.SET_COMMUNICATION_MODE:
            self._interrupts.told(self._status(), now_s, settled=True)  # it calls for changes from here on
        return frame

    def _stack(self, credit_at_lever: bool, now_s: float) -> bool:
        if not self.mechanism.stack(now_s):
            return False
        self._stacked.credit, self._stacked.credit_at_lever, self._stacked.ordered = Credit.OWED, credit_at_lever, True
        self._vend_valid_was_said = False
        return True

    def _reset(self, now_s: float) -> None:
        recovering = self._power_recovery
        keep_escrow = recovering and self._powering_up  # [U] what "does not return it" means: it is offered again
        if not recovering:
            self._stacked.forget_credit()
        self._stacked.untold &= self._stacked.credit is Credit.DUE
        if self._recycler is not None:
            self._recycler.forget()
        self._powering_up = False
        self._begin_initialising(now_s)
        self.mechanism.forgive_cheat(now_s)
        self.mechanism.clear_path(now_s, keep_escrow=keep_escrow)

    def _begin_initialising(self, now_s: float) -> None:
        self._forget_settings()
        self._initialising_until_s = now_s + self._initialise_s

    def _forget_settings(self) -> None:
        # C5 has to outlive a power cut, or power recovery would not be known when it is needed [U].
        options = self._settings[Command.SET_OPTIONAL_FUNCTION]
        self._settings |= {**DEFAULT_SETTINGS, Command.SET_OPTIONAL_FUNCTION: options}
        self._inhibit_was_set = False
        self._obey_settings()

    def _obey_settings(self) -> None:
        """Tell the mechanism which notes may pass."""
        accepts = self._settings[Command.SET_INHIBIT][0] & 1 == 0
        self.mechanism.permitted = frozenset(
            row.amount for row in self._rows if accepts and row.country and self._is_enabled(row.escrow_code)
        )
        self.mechanism.tickets_permitted = tickets_permitted(self._settings)

    @property
    def _power_recovery(self) -> bool:
        return bool(self._settings[Command.SET_OPTIONAL_FUNCTION][0] & OptionalFunction.POWER_RECOVERY)

    # -- the status ----------------------------------------------------------------------------------------------------

    def _report(self, now_s: float) -> Frame:
        """Answer a status request; some statuses are said once, and saying them ends them."""
        if self._comm_error_next:
            self._comm_error_next = False
            return Frame(Status.COMMUNICATION_ERROR)
        frame = self._status()
        if frame.code == Status.VEND_VALID:
            self._vend_valid_was_said = True
        elif frame.code == Status.STACKED:
            self._stacked.untold = False
        elif frame.code == PayoutStatus.PAY_VALID and self._recycler is not None:
            self._recycler.pay_valid_was_said = True
        self._interrupts.told(frame, now_s, settled=frame.code not in (Status.VEND_VALID, PayoutStatus.PAY_VALID))
        return frame

    def _status(self) -> Frame:
        """Return what the unit is at. Money first: no fault hides a VEND VALID that the host has not acknowledged."""
        mechanism = self.mechanism
        if self._powering_up:
            return Frame(self._power_up_status())
        if self._stacked.credit is Credit.DUE:
            return Frame(Status.VEND_VALID)
        if self._recycler is not None and self._recycler.pay_valid:
            return Frame(PayoutStatus.PAY_VALID)
        if self._recycler_error() is not None:
            return Frame(RECYCLER_UNIT_FAILURE)
        for fault, status in FAULT_STATUSES.items() if mechanism.faults else ():
            if fault in mechanism.faults:
                return Frame(status, bytes((self._failure_code(),)) if status is Status.FAILURE else b"")
        if self._stacked.untold:
            return Frame(Status.STACKED)
        before_escrow = mechanism.phase in (Phase.DRAWING, Phase.REJECTING, Phase.RETURNING)
        paying = self._recycler.status() if self._recycler is not None else None
        if not mechanism.box.fitted and not before_escrow and paying is None:
            return Frame(Status.STACKER_OPEN)
        if mechanism.paused:
            return Frame(Status.PAUSE)
        if paying is not None:
            return Frame(paying)
        if mechanism.phase in MOTION_STATUSES:
            motion = MOTION_STATUSES[mechanism.phase]
            return Frame(motion, bytes((self._reject_code(),)) if motion is Status.REJECTING else b"")
        if not self._initialised:
            return Frame(Status.INITIALIZE)
        if mechanism.phase is Phase.ESCROW:
            return Frame(Status.HOLDING) if mechanism.held else Frame(Status.ESCROW, self._escrow_data())
        if mechanism.box.full:
            return Frame(Status.STACKER_FULL)
        return Frame(Status.IDLING if mechanism.permitted else Status.DISABLE)

    def _power_up_status(self) -> Status:
        if self.mechanism.note_in_stacker or self._stacked.credit is Credit.DUE:
            return Status.POWER_UP_BILL_IN_STACKER
        return Status.POWER_UP_BILL_IN_ACCEPTOR if self.mechanism.note_in_acceptor else Status.POWER_UP

    def _failure_code(self) -> int:
        return FAILURE_WORDS.get(self.failure, Failure.STACKER_MOTOR)

    def _reject_code(self) -> int:
        note, reason = self.mechanism.inside, self.mechanism.refused or RefuseReason.UNKNOWN
        if note is not None and note.detail in FLAWS:
            return Reject[note.detail.upper()]
        return REJECT_CODES[reason]

    def _recycler_error(self) -> RecyclerError | None:
        """Return what is broken in the recycler, if that is what broke last."""
        if self._recycler is None or not self.mechanism.faults:
            return None
        return recycler_emulator.ERRORS.get(self.failure)

    def _escrow_data(self) -> bytes:
        note = self.mechanism.inside
        if note is not None and note.barcode:
            return bytes((TICKET,)) + note.barcode.encode("ascii")
        return bytes((self._escrow_code(note),))

    def _escrow_code(self, note: Note | None) -> int:
        """Return the note's code. Two codes may share a value (two series): the first one that is not disabled."""
        codes = [row.escrow_code for row in self._rows if note is not None and row.country and row.amount == note.yen]
        return next((code for code in codes if self._is_enabled(code)), codes[0])

    def _is_enabled(self, escrow_code: int) -> bool:
        mask = int.from_bytes(self._settings[Command.SET_DENOMINATION], "little")
        return not mask >> (escrow_code - FIRST_CODE) & 1  # TRAP: 1 = disabled, only in this protocol

    @property
    def _initialised(self) -> bool:
        return self._inhibit_was_set and self._initialising_until_s is None and not self._powering_up

    def status_name(self) -> str:
        return status_name(self._status().code) if self.mechanism.powered else "no power"

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        if happening.event == Event.NOTE_AT_LEVER and self._stacked.credit is Credit.OWED and self._stacked.credit_at_lever:
            self._stacked.credit = Credit.DUE
        elif happening.event == Event.NOTE_STACKED:
            self._stacked.untold, self._stacked.ordered = self._stacked.ordered, False
            if self._stacked.credit is Credit.OWED:
                self._stacked.credit = Credit.DUE
        elif happening.event == Event.CLEARED:
            self.failure = ""
            self._begin_initialising(happening.t)
        if self._recycler is not None:
            self._recycler.notice(happening)

    def settle(self, now_s: float) -> None:
        if self._initialising_until_s is not None and self._initialising_until_s <= now_s:
            self._initialising_until_s = None
        if self._stacked.credit is Credit.OWED and not self.mechanism.note_in_stacker:
            self._stacked.forget_credit()  # a string or staff took the note: no credit is owed any more
        # While inhibited, notes are still drawn in and pushed back: that is how the customer learns of it.
        self.mechanism.let_in(self._can_draw(), now_s)
        if self._recycler is not None:
            self._recycler.settle(now_s)
        if self._interrupting and self._interrupts.calls(self._status(), now_s):
            self.say(ENQ, now_s)

    @property
    def _interrupting(self) -> bool:
        return self.mechanism.powered and self._settings[Command.SET_COMMUNICATION_MODE][0] in INTERRUPT_MODES

    def _can_draw(self) -> bool:
        busy_telling = self._stacked.credit is not Credit.NONE or self._stacked.untold
        if self._recycler is not None and self._recycler.busy:
            return False
        if self.mechanism.faults:
            return False  # nor at the instant of the repair: the unit initialises itself before it takes the note at the mouth
        box = self.mechanism.box
        return self.mechanism.powered and self._initialised and not busy_telling and box.fitted and not box.full

    def own_due_s(self) -> float | None:
        if not self.mechanism.powered:
            return None
        return earliest(self._initialising_until_s, self._interrupts.due_s if self._interrupting else None)

    def facts(self) -> Answer:
        return {**super().facts(), **(self._recycler.facts() if self._recycler is not None else {})}

    def firmware(self) -> State:
        recycler = {} if self._recycler is None else self._recycler.firmware()
        options = self._settings[Command.SET_OPTIONAL_FUNCTION].hex()
        return {**super().firmware(), "options": options, "stacked": self._stacked.state(), "recycler": recycler}

    def restore_firmware(self, state: State) -> None:
        super().restore_firmware(state)
        self._settings[Command.SET_OPTIONAL_FUNCTION] = bytes.fromhex(state["options"])
        self._stacked = StackedNote.restored(state["stacked"])
        if self._recycler is not None:
            self._recycler.restore_firmware(state["recycler"])

    def wake(self, now_s: float) -> None:
        self._splitter.reset()
        self._comm_error_next = self._vend_valid_was_said = False
        self._initialising_until_s = None
        self._powering_up = True
        self._forget_settings()
        if self._recycler is not None:
            self._recycler.forget()
        if not self._power_recovery:
            self._stacked.forget_credit()
            self._stacked.untold = False

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _comm_error(self, words: list[str], now_s: float) -> Answer:
        no_words("comm-error", words)
        self._comm_error_next = True
        return {"ok": True, "note": "the next status request gets COMMUNICATION ERROR"}
