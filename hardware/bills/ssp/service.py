"""What the SSP host does about each answer: bring the unit up, keep or send the note in escrow, acknowledge, wait out troubles.

Start-up works from any state: a note inside is first seen to its end. What may be said while one may be in escrow is the
business of :mod:`.escrow`; nothing here says POLL without asking it.
"""

import asyncio
from random import Random

import structlog

from hardware.bills.orders import FaultPatience
from hardware.bills.service import UnitService
from hardware.bills.ssp.commands import Command, Reply
from hardware.bills.ssp.conversation import POLLS, Conversation, Heard
from hardware.bills.ssp.escrow import ODD_ANSWERS, Escrow
from hardware.bills.ssp.events import EventCode, Events, PollEvent, decode_events
from hardware.bills.ssp.meanings import ACKNOWLEDGED, JAMS, MOTION, QUIET
from hardware.bills.ssp.messages import encode_inhibits
from hardware.bills.ssp.notes import NoteTeller
from hardware.bills.ssp.profile import LOWEST_PROTOCOL, Profile
from hardware.bills.ssp.troubles import Troubles
from hardware.bills.ssp.unit import UnitFacts, bring_up
from hardware.bills.story import Decision, NoteInside
from hardware.vocabulary import Fault, FullStatus
from hardware.wire.codes import name_of

FAILURES = 3
"""Vain attempts to bring a unit up before that is a fault."""
REST_POLLS = 5
"""Polls at rest before the story of a note that was ordered into the box ends without a credit: some is still to come."""

_log = structlog.get_logger(__name__)


class Service(UnitService[Heard]):
    """Serves one unit, answer by answer."""

    watches = True

    def __init__(self, conversation: Conversation, profile: Profile, random: Random) -> None:
        """``random`` makes the keys."""
        super().__init__()
        self._conversation = conversation
        self._profile = profile
        self._random = random
        self.notes = NoteTeller()
        self.facts: UnitFacts | None = None
        """What the unit last said of itself."""
        self._up = False
        self._up_failures = 0
        self._up_fault: Fault | None = None
        self._escrow = Escrow(self.notes, profile.escrow_timeout_s)
        self._odd_polls = 0
        """In how many polls what the unit shows contradicted what was switched on or off."""
        self._rest_polls = 0
        self._poll_command = Command.POLL_WITH_ACK if profile.poll_with_ack else Command.POLL
        self._polled = False
        """Since it was brought up: a restart told from then on is news."""
        self._unacknowledged: list[PollEvent] = []
        """Told to the listener, but the unit may not have heard the EVENT ACK: said again, they are the same."""
        self._troubles = Troubles()
        self._patience = FaultPatience()
        self._applied: frozenset[int] | None = None
        """Yen values that the unit lets in by the settings last acknowledged; empty is switched off, None is not known."""
        self._unknown_told: set[bytes] = set()

    @property
    def faults(self) -> frozenset[Fault]:
        faults = self._troubles.faults
        return faults if self._up_fault is None else faults | {self._up_fault}

    @property
    def note(self) -> NoteInside | None:
        return self.notes.note

    # -- asking --------------------------------------------------------------------------------------------------------

    async def ask(self) -> Heard | None:
        conversation = self._conversation
        heard = conversation.take_late()
        if heard is None:
            if conversation.waits:
                heard = await conversation.again()
            elif not self._up:
                heard = await conversation.sync()
            else:
                heard = await conversation.say(self._question())
        return self.quiet if heard == self.quiet else heard

    def _question(self) -> bytes:
        """Return what is to be said next."""
        word = self._escrow.word(asyncio.get_running_loop().time())
        if word is None and self.notes.refusal_due:
            word = Command.LAST_REJECT_CODE
        if word is None:
            word = self._poll_command
            if self.notes.waits and self.notes.note is not None:
                self.notes.note.stack_sent = True
        return bytes((word,))

    async def watch(self, first_s: float, interval_s: float) -> Heard | None:
        assert self.quiet is not None
        return await self._conversation.watch(bytes((self._poll_command,)), self.quiet, first_s, interval_s)

    async def inhibit(self) -> None:
        await self._conversation.say(bytes((Command.DISABLE,)))
        late = self._conversation.take_late()
        if late is not None and late.ok:
            self._tell_events(self._decode(late.data))

    def forget_unit(self) -> None:
        self._up = self.settled = self.blocked = False
        self._applied = self.quiet = self._up_fault = None
        self._up_failures = self._odd_polls = self._rest_polls = 0
        self._escrow.forget()
        self._troubles.clear()
        self.full = FullStatus.UNKNOWN

    # -- answers -------------------------------------------------------------------------------------------------------

    async def serve(self, heard: Heard) -> None:
        self.quiet = None
        if self._profile.encrypted and self._up and not self._conversation.is_sealed:
            _log.warning("ssp_keys_lost", code=name_of(Reply, heard.code))
            self._start_over()
        if heard.command == Command.SYNC:
            await self._bring_up()
        elif heard.command in POLLS:
            await self._polled_answer(heard)
        elif heard.command == Command.HOLD:
            self._escrow.hold_answered(heard)
            if not self.notes.waits:
                self._nudge()
        elif heard.command == Command.REJECT:
            self._escrow.reject_answered(heard)
        elif heard.command == Command.EVENT_ACK:
            self._acknowledged(heard)
        elif heard.command == Command.LAST_REJECT_CODE:
            self._reason(heard)
        self._tell_adopted()
        self.busy = self.busy or self.notes.waits
        self._publish()
        if not self._up or self.notes.refusal_due or self._decided_note():
            self._nudge()

    def _decided_note(self) -> bool:
        """Tell whether an order was given while this answer was being told."""
        note = self.notes.note
        waits = self.notes.waits and self._escrow.is_known and note is not None
        return waits and note is not None and note.decision is Decision.STACK and not note.stack_sent

    def _start_over(self) -> None:
        """The unit has lost what was set; bring it up again."""
        self._up = self.settled = False
        self._applied = None
        self._escrow.forget()

    async def _bring_up(self) -> None:
        self._start_over()
        found = await bring_up(self._conversation, self._profile, self._random)
        if self._profile.encrypted and not self._conversation.is_sealed and isinstance(found, UnitFacts):
            found = Fault.DEVICE_FAILURE
        if not isinstance(found, UnitFacts):
            self._up_failures += 1
            if self._up_failures >= FAILURES:
                self._up_fault = found or Fault.DEVICE_FAILURE
                await asyncio.sleep(self._profile.retry_s)
            return
        if self.facts is not None and found.serial != self.facts.serial:
            _log.warning("ssp_another_unit", was=self.facts.serial, serial=found.serial)
            self._another_unit()
        self.facts, self.worth_yen = found, found.worth_yen
        self._up, self._up_failures, self._up_fault = True, 0, None
        self._polled = False

    def _another_unit(self) -> None:
        """The one before went away with whatever was inside."""
        self.notes.stuck()
        for event in self.notes.rest():
            self._tell(event)
        self._unacknowledged.clear()
        self._poll_command = Command.POLL_WITH_ACK if self._profile.poll_with_ack else Command.POLL

    def _tell_adopted(self) -> None:
        """A note whose READ came when the table was not known has a value now; one that is there can be decided on."""
        note = self.notes.note
        if not (self._up and self.notes.waits and note is not None):
            return
        if note.code is not None and note.yen is None and not note.refused:
            for event in self.notes.see(PollEvent(EventCode.READ, bytes((note.code,))), self.worth_yen, 0):
                self._tell(event)
        if note.yen is not None and self._escrow.is_known:
            self.settled = True

    def _reason(self, heard: Heard) -> None:
        for event in self.notes.refused(heard.data[0] if heard.ok and heard.data else None):
            self._tell(event)

    # -- polls ---------------------------------------------------------------------------------------------------------

    async def _polled_answer(self, heard: Heard) -> None:
        if not heard.ok:
            self._escrow.is_known = False
            if heard.code == Reply.UNKNOWN_COMMAND and heard.command == Command.POLL_WITH_ACK:
                self._poll_command = Command.POLL
            elif heard.code == Reply.KEY_NOT_SET:
                self._start_over()
            else:
                self._report(bytes((heard.code,)), name_of(Reply, heard.code))
            return
        read = self._decode(heard.data)
        self._escrow.is_known = not read.rest
        self.notes.waits = False  # a note that was told before is accepted by this poll
        self._tell_events(read)
        codes = {event.code for event in read.events}
        if EventCode.SLAVE_RESET in codes and self._polled:
            self._start_over()
        self._polled = True
        if heard.command == Command.POLL_WITH_ACK and codes & ACKNOWLEDGED:
            await self._acknowledge(read)
        self._troubles.see(codes)
        self.full = FullStatus.FULL if Fault.STACKER_FULL in self._troubles.faults else FullStatus.UNKNOWN
        self.busy = bool(codes & MOTION) or self.notes.note is not None
        if not self._up:
            return
        if codes & JAMS:
            if self._patience.reset_is_due():
                await self._reset()
        elif not codes & MOTION and not read.rest:
            await self._rest(heard, codes)
        else:
            self._rest_polls = 0

    def _decode(self, data: bytes) -> Events:
        version = LOWEST_PROTOCOL if self.facts is None else self.facts.version
        read = decode_events(data, version)
        if read.rest and data[:1] == bytes((EventCode.SLAVE_RESET,)):
            older = decode_events(data, LOWEST_PROTOCOL)  # it has forgotten the version that was agreed on
            return read if older.rest else older
        if read.rest:
            self._report(read.rest, name_of(EventCode, read.rest[0]))
        return read

    def _report(self, what: bytes, name: str) -> None:
        if what[:1] not in self._unknown_told:
            self._unknown_told.add(what[:1])
            _log.warning("ssp_unexpected_code", code=name, rest=what.hex())

    def _tell_events(self, read: Events) -> None:
        worth_yen = self.worth_yen if self._up else None
        version = LOWEST_PROTOCOL if self.facts is None else self.facts.version
        for event in read.events:
            if event.code == EventCode.READ:
                self._unacknowledged.clear()  # another note: the unit has its acknowledgement
                self._escrow.another_note()
            elif event in self._unacknowledged:
                continue
            for told in self.notes.see(event, worth_yen, version):
                self._tell(told)

    async def _acknowledge(self, read: Events) -> None:
        """Say EVENT ACK, now that the listener has written down what was told."""
        self._unacknowledged = [event for event in read.events if event.code in ACKNOWLEDGED]
        heard = await self._conversation.say(bytes((Command.EVENT_ACK,)))
        if heard is not None:
            self._acknowledged(heard)

    def _acknowledged(self, heard: Heard) -> None:
        if heard.code in (Reply.OK, Reply.CANNOT_PROCESS):
            self._unacknowledged.clear()

    async def _reset(self) -> None:
        heard = await self._conversation.say(bytes((Command.RESET,)))
        if heard is not None and heard.ok:
            self._start_over()

    async def _rest(self, heard: Heard, codes: set[int]) -> None:
        """Nothing moves: end what is open, then let in what is wanted."""
        note = self.notes.note
        self._rest_polls += 1
        if note is not None and (note.stack_sent or note.stacking_seen) and self._rest_polls < REST_POLLS:
            return
        for event in self.notes.rest():
            self._tell(event)
        self.busy = False
        self._patience.over()
        self.settled = True
        if self.faults:
            return
        disabled = EventCode.DISABLED in codes
        if self._applied is not None and disabled == bool(self._applied):
            self._odd_polls += 1
            if self._odd_polls >= ODD_ANSWERS:
                self._odd_polls, self._applied = 0, None
        else:
            self._odd_polls = 0
        await self._apply_wishes()
        content = self._applied == self.wish() and not self._odd_polls and not self.notes.refusal_due
        if content and disabled != bool(self._applied) and codes <= QUIET and heard.command == self._poll_command:
            self.quiet = heard

    async def _apply_wishes(self) -> None:
        wish = self.wish()
        if self._applied == wish:
            return
        self._applied = None
        channels = self.codes_of(wish)
        orders = [bytes((Command.SET_INHIBITS,)) + encode_inhibits(channels)] if wish else []
        for order in (*orders, bytes((Command.ENABLE if wish else Command.DISABLE,))):
            heard = await self._conversation.say(order)
            if heard is None or not heard.ok:
                return
        self._applied = wish
