"""What an emulated SSP unit makes of its note path: which notes it lets in, what it tells at a poll, what it credits.

The mechanism is the truth; this is the unit's program above it, without the line. See
:mod:`hardware.bills.ssp.emulator` for the choices that nobody wrote down.
"""

from dataclasses import asdict, replace

from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note, Place
from hardware.bills.phases import Event, Phase
from hardware.bills.ssp.commands import Reject
from hardware.bills.ssp.emulator_tables import FLAWS, INHIBITED_IN_DATASET, REJECT_CODES, CreditPoint, UnitFacts
from hardware.bills.ssp.events import INHIBITED_TOLD_FROM, EventCode, PollEvent, encode_amount
from hardware.bills.ssp.messages import Channel, Counters
from hardware.bills.ssp.pollqueue import PollQueue, Waiting
from hardware.emulator import Happening
from hardware.lasting import State
from hardware.vocabulary import Fault, RefuseReason
from hardware.wire.codes import name_of

_LEAVING = (Phase.REJECTING, Phase.RETURNING)
_GONE = (Place.CUSTOMER, Place.STAFF, Place.CASHBOX)


class Validator:
    """The program of one unit."""

    def __init__(self, mechanism: BillMechanism, channels: tuple[Channel, ...], facts: UnitFacts) -> None:
        self._mechanism = mechanism
        self.channels = channels
        self._facts = facts
        self.protocol = facts.protocol_at_start
        """Version that the host has set."""
        self.enabled = False
        self.accepted: frozenset[int] = frozenset()
        """Channels that the host lets pass."""
        self.path_open = False
        """Whether somebody has opened the note path."""
        self.in_service = True
        """False: it takes no note until it is reset."""
        self.counters = Counters()
        """Outlive a power cut."""
        self.last_reject = Reject.ACCEPTED
        self._queue = PollQueue()
        self._queue.add(EventCode.SLAVE_RESET)
        self._polled_with_ack = False
        self._note: Note | None = None  # the one that was judged good last, until its story is over
        self._channel = 0
        self._offered = False  # the host has been told that it waits in escrow
        self._undecided = False  # it waits there and nothing was ordered
        self._credited = 0  # serial of the note credited last
        self._was_leaving = False
        self._former: Note | None = None  # a note of the time before the last restart
        self._former_channel = 0
        self._former_owed = False  # should it reach the box, the host has to be told

    # -- commands ------------------------------------------------------------------------------------------------------

    def enable(self, wanted: bool) -> None:
        """Take notes, or none."""
        self.enabled = wanted
        self._obey()

    def set_accepted(self, channels: frozenset[int]) -> None:
        """Let these channels pass and no other."""
        self.accepted = channels
        self._obey()

    def _obey(self) -> None:
        self._mechanism.permitted = (
            frozenset(self.channels[n - 1].worth for n in self._open_channels()) if self.enabled else frozenset()
        )

    def _open_channels(self) -> list[int]:
        return [
            number
            for number, channel in enumerate(self.channels, 1)
            if number in self.accepted and channel.worth and channel.security != INHIBITED_IN_DATASET
        ]

    def hold(self, now_s: float) -> bool:
        """Keep the note in escrow; False when there is none."""
        return self._mechanism.restart_escrow_timer(now_s, held=True)

    def reject(self, now_s: float, why: Reject = Reject.BY_HOST) -> bool:
        """Give the note in escrow back; False when there is none."""
        if not self._mechanism.give_back(now_s):
            return False
        self._undecided, self.last_reject = False, why
        return True

    def acknowledge(self) -> bool:
        """The host has heard of the money; False when it had not been told of any."""
        return self._queue.acknowledge()

    def poll(self, now_s: float, *, with_ack: bool) -> bytes:
        """Return the events for this poll, after accepting the note in escrow that the last one has told of."""
        self._polled_with_ack = with_ack
        if self._mechanism.phase is Phase.ESCROW and self._offered and not self._waits_for_ack:
            if self._mechanism.stack(now_s):
                self._undecided = False
            else:
                self.reject(now_s, Reject.UNABLE_TO_STACK)
        just_restarted = self._queue.has(EventCode.SLAVE_RESET)
        told = self._queue.take(self._render, with_ack=with_ack)
        if just_restarted:
            return told
        states = self.states(with_ack=with_ack)
        self._offered = self._mechanism.phase is Phase.ESCROW
        return told + b"".join(state.encode() for state in states)

    def _render(self, waiting: Waiting) -> bytes:
        if waiting.channel is None:
            return bytes((waiting.code,))
        if waiting.code is EventCode.NOTE_INTO_STACKER_AT_RESET:
            worth = self.channels[waiting.channel - 1].worth if waiting.channel else 0
            return encode_amount(waiting.code, worth, self._facts.country, self.protocol).encode()
        return bytes((waiting.code, waiting.channel))

    # -- what lasts ----------------------------------------------------------------------------------------------------

    def states(self, *, with_ack: bool) -> list[PollEvent]:
        """Return what is told at every poll while it lasts."""
        mechanism = self._mechanism
        box = mechanism.box
        told = [*self._motion(), *self._jam()]
        if box.full:
            told.append(PollEvent(EventCode.STACKER_FULL))
        if not box.fitted:
            told.append(PollEvent(EventCode.CASHBOX_REMOVED))
        if self.path_open:
            told.append(PollEvent(EventCode.NOTE_PATH_OPEN))
        if with_ack and self._former is not None:
            told.append(PollEvent(EventCode.INITIALISING))
        if self.enabled and not mechanism.permitted and self.protocol >= INHIBITED_TOLD_FROM:
            told.append(PollEvent(EventCode.CHANNELS_INHIBITED))
        if not self._takes_notes:
            told.append(PollEvent(EventCode.DISABLED))
        return told

    def _motion(self) -> list[PollEvent]:
        phase = self._mechanism.phase
        if self._former is not None:
            return []
        if phase is Phase.DRAWING:
            return [PollEvent(EventCode.READ, b"\x00")]
        if phase is Phase.ESCROW:
            return [PollEvent(EventCode.READ, bytes((self._channel,)))]
        if phase in (Phase.STACKING, Phase.PRESSING):
            return [PollEvent(EventCode.STACKING)]
        return [PollEvent(EventCode.REJECTING)] if phase in _LEAVING and not self._at_bezel else []

    def _jam(self) -> list[PollEvent]:
        faults, note = self._mechanism.faults, self._mechanism.inside
        safe, unsafe = Fault.JAM_IN_STACKER in faults, Fault.JAM_IN_ACCEPTOR in faults
        if note is not None and faults & {Fault.MOTOR_FAILURE, Fault.DEVICE_FAILURE}:
            in_stacker = self._mechanism.note_in_stacker
            safe, unsafe = safe or in_stacker, unsafe or not in_stacker
        codes = [code for code, seen in ((EventCode.SAFE_JAM, safe), (EventCode.UNSAFE_JAM, unsafe)) if seen]
        return [PollEvent(code) for code in codes]

    @property
    def _at_bezel(self) -> bool:
        note = self._mechanism.inside
        return note is not None and self._mechanism.where(note) is Place.BEZEL

    @property
    def _waits_for_ack(self) -> bool:
        return self._polled_with_ack and self._queue.money_waits

    @property
    def _takes_notes(self) -> bool:
        mechanism = self._mechanism
        usable = mechanism.box.fitted and not mechanism.box.full and not mechanism.faults and not self.path_open
        return usable and self.in_service and self._former is None and bool(mechanism.permitted)

    def status_name(self) -> str:
        """Return what a poll would tell of what lasts, in the manual's words."""
        return " ".join(name_of(EventCode, state.code) for state in self.states(with_ack=True)) or "READY"

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        """Learn what happened."""
        match happening.event:
            case Event.NOTE_IN_ESCROW:
                self._note, self._offered, self._undecided = self._mechanism.inside, False, True
                self._channel = self._channel_of(happening.data["yen"])
            case Event.NOTE_REFUSED:
                self.last_reject = self._reject_code(happening)
            case Event.NOTE_AT_LEVER if self._facts.credit_point is CreditPoint.LEVER:
                self._credit()
            case Event.NOTE_STACKED:
                self._stacked()
            case Event.NOTE_PULLED | Event.NOTE_TAKEN_BY_STAFF:
                self._taken_out()
            case Event.CLEARED:
                self._was_leaving = False
            case Event.CASHBOX_CLOSED:
                self._queue.add(EventCode.CASHBOX_REPLACED)
            case Fault.CHEATED.value:
                self._queue.add(EventCode.FRAUD_ATTEMPT, self._channel if self._note is not None else 0)
            case _:
                pass

    def _channel_of(self, yen: int) -> int:
        """Return the channel of a value; of two with the same (two series) the first one that is let pass."""
        return next((number for number in self._open_channels() if self.channels[number - 1].worth == yen), 0)

    def _reject_code(self, happening: Happening) -> Reject:
        note, reason = self._mechanism.inside, RefuseReason(happening.data["reason"])
        if note is not None and note.detail in FLAWS:
            return Reject[note.detail.upper()]
        if reason is RefuseReason.INHIBITED:
            open_in_dataset = {c.worth for c in self.channels if c.security != INHIBITED_IN_DATASET}
            known = happening.data["yen"] in open_in_dataset
            return Reject.DISABLED_BY_HOST if known else Reject.CHANNEL_INHIBIT
        return REJECT_CODES[reason]

    def _credit(self) -> None:
        note = self._note
        if note is not None and self._former is None and note.serial != self._credited:
            self._credited = note.serial
            self._queue.add(EventCode.CREDIT, self._channel, note.serial)

    def _stacked(self) -> None:
        self.counters = replace(self.counters, stacked=self.counters.stacked + 1)
        if self._former is None:
            self._credit()
            self._queue.add(EventCode.STACKED)
            self.last_reject = Reject.ACCEPTED

    def _taken_out(self) -> None:
        mechanism, note = self._mechanism, self._note
        if mechanism.inside is None and mechanism.phase in _LEAVING and not self._was_leaving:
            self._undecided, self.last_reject = False, Reject.NO_NOTE
        if note is not None and mechanism.where(note) in (Place.CUSTOMER, Place.STAFF):
            self._queue.forget_credit(note.serial)

    def settle(self, now_s: float) -> None:
        """Give the mechanism its standing orders."""
        mechanism = self._mechanism
        self._follow_former()
        if self._undecided and mechanism.phase is not Phase.ESCROW:
            self._undecided = False
            if mechanism.phase is Phase.RETURNING:
                self.last_reject = Reject.ESCROW_TIMEOUT
        self._follow_leaving()
        if self._note is not None and mechanism.where(self._note) in _GONE:
            self._note = None
        if Fault.CHEATED in mechanism.faults and not self._queue.has(EventCode.FRAUD_ATTEMPT):
            mechanism.forgive_cheat(now_s)
        # With some channels inhibited notes are still drawn in and pushed back: that is how the customer learns of it.
        mechanism.let_in(self._takes_notes and not self._waits_for_ack, now_s)

    def _follow_leaving(self) -> None:
        leaving = self._former is None and self._mechanism.phase in _LEAVING and not self._at_bezel
        if self._was_leaving and not leaving:
            self._queue.add(EventCode.REJECTED)
            self.counters = replace(self.counters, rejected=self.counters.rejected + 1)
        self._was_leaving = leaving

    def _follow_former(self) -> None:
        note = self._former
        if note is None:
            return
        place = self._mechanism.where(note)
        if place in (Place.CUSTOMER, Place.BEZEL):
            self._queue.add(EventCode.CLEARED_FROM_FRONT, self._former_channel, note.serial)
        elif place is Place.CASHBOX and self._former_owed:
            self._queue.add(self._facts.into_cashbox_at_reset, self._former_channel, note.serial)
        if place in (*_GONE, Place.BEZEL):
            self._former = None

    def state(self) -> State:
        """Return what is kept without power, for JSON."""
        note = self._mechanism.inside
        serial = note.serial if note is not None else 0
        is_former = note is not None and note is self._former
        return {
            "counters": asdict(self.counters),
            "last_reject": int(self.last_reject),
            "queue": self._queue.state(serial),
            "channel": self._former_channel if is_former else self._channel if note is not None and note is self._note else 0,
            "credited": bool(serial) and serial == self._credited,
            "former": is_former,
            "former_owed": is_former and self._former_owed,
        }

    def restore(self, state: State) -> None:
        """Take up what :meth:`state` of a former life returned; the mechanism has its notes already."""
        note = self._mechanism.inside
        self.counters = Counters(**state["counters"])
        self.last_reject = Reject(state["last_reject"])
        self._queue.restore(state["queue"], note.serial if note is not None else 0)
        self._credited = note.serial if note is not None and state["credited"] else 0
        if state["former"]:
            self._former, self._former_channel, self._former_owed = note, state["channel"], state["former_owed"]
        else:
            self._note, self._channel = note, state["channel"]

    def restart(self, now_s: float) -> None:
        """Power came, or a reset: forget what lived in memory only, and clear the path."""
        mechanism = self._mechanism
        self.protocol = self._facts.protocol_at_start
        self.accepted, self.in_service = frozenset(), True
        self.enable(False)
        self._polled_with_ack = self._offered = self._undecided = self._was_leaving = False
        self._become_former(mechanism.inside)
        self._queue.restart(self._former.serial if self._former is not None else 0, self._facts.into_cashbox_at_reset)
        self._note = None
        mechanism.forgive_cheat(now_s)
        mechanism.clear_path(now_s)

    def _become_former(self, note: Note | None) -> None:
        """A note inside at a restart; one that was inside at the restart before keeps what is known of it."""
        if note is None:
            self._former = None
            return
        if note is not self._former:
            self._former_channel = self._channel if note is self._note else 0
            unheard = self._credited != note.serial or self._queue.has(EventCode.CREDIT, note.serial)
            self._former_owed = self._mechanism.note_in_stacker and unheard
            self._former = note
