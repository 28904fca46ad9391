"""What the EBDS host does: says its standing orders with every poll, and tells what the answers say.

There is no order that stands alone: STACK and RETURN are bits of the standing orders, set for as long as the unit says that
the note waits in escrow. A unit that is started, restarted or found in any state needs nothing else; with extended notes its
table is read and its inhibits are set while nothing is inside.
"""

import asyncio
from dataclasses import replace

from hardware.bills.ebds.conversation import Conversation, status_of
from hardware.bills.ebds.extended import (
    ExtendedOrder,
    Item,
    NoteRecord,
    ask,
    query_record,
    read_extended_reply,
    set_escrow_timeout,
    set_inhibits,
)
from hardware.bills.ebds.frames import Frame, Kind
from hardware.bills.ebds.notes import NoteTeller
from hardware.bills.ebds.profile import CURRENCY, Profile
from hardware.bills.ebds.standard import EVENTS, Condition, DeviceStatus, HostOrders, Mode, State, Trouble
from hardware.bills.service import UnitService
from hardware.bills.story import Decision, NoteInside
from hardware.tablepatience import TablePatience
from hardware.vocabulary import Fault, FullStatus

LAST_INDEX = 50
"""Records are numbered 1 to 50 [1]; a unit that never says "no more" must not be asked for ever."""
ALL_NUMBERS = 0x7F
QUESTIONS = (Item.TYPE, Item.SERIAL, Item.APPLICATION, Item.VARIANT_NAME)
"""What a unit is asked about itself, one question a poll, after its table was read."""
LET_GO_AFTER_S = 5.0
"""How long a unit may show no state at all, and no trouble either, before a note that nobody knows of is let go."""
_BUSY = State.ACCEPTING | State.ESCROWED | State.STACKING | State.RETURNING
_TOLD_ONCE = Condition.CHEATED | Condition.REJECTED


class Service(UnitService[Frame]):
    """Serves one unit, poll by poll."""

    watches = True

    def __init__(self, conversation: Conversation, profile: Profile) -> None:
        super().__init__()
        self._conversation = conversation
        self._profile = profile
        self.worth_yen = {} if profile.extended else dict(profile.worth_by_number)
        self.notes = NoteTeller()
        self._status: DeviceStatus | None = None
        self._table_is_fresh = False
        self._table_patience = TablePatience()
        self._let_in: frozenset[int] = frozenset()
        """Yen values that the standing orders, and with records the inhibits, let in."""
        self._inhibits: frozenset[int] | None = None
        """Records that the unit acknowledged as let in; None is not known."""
        self._waits_for_ever = False
        """Whether the unit acknowledged that it gives no note back by itself."""
        self._table_is_doubtful = False
        """The unit was restarted since: read again at the next rest."""
        self._undecided_since_s: float | None = None
        self._stateless_since_s: float | None = None
        self._lets_go = False
        self._questions: tuple[Item, ...] = ()
        self.identity: dict[Item, str] = {}
        """What the unit said of itself: type, serial number, application, variant."""
        self._unit_faults: frozenset[Fault] = frozenset()

    @property
    def faults(self) -> frozenset[Fault]:
        return self._unit_faults | self._table_patience.faults

    @property
    def note(self) -> NoteInside | None:
        return self.notes.note

    @property
    def _rests(self) -> bool:
        status = self._status
        if status is None or self.notes.note is not None:
            return False
        return status.lasting is State.IDLING and not status.trouble & Trouble.POWER_UP

    @property
    def _stateless(self) -> bool:
        """No state and no trouble: out of service. A unit may show a note so that it holds after power-up [1]."""
        status = self._status
        if status is None or status.lasting or self._unit_faults:
            return False
        return not (status.condition & Condition.PAUSED or status.trouble & Trouble.POWER_UP)

    @property
    def _waits(self) -> bool:
        """A note of ours waits for a decision."""
        status = self._status
        if self.notes.note is None or status is None:
            return False
        return status.lasting is State.ESCROWED or self._stateless

    def _orders(self) -> HostOrders:
        note, profile, waits = self.notes.note, self._profile, self._waits
        stack = waits and note is not None and note.decision is Decision.STACK
        if stack and note is not None:
            note.stack_sent = True
        # the next one may come once this one is told: a host that dies meanwhile leaves one that cannot tell them apart.
        # [U] that a unit goes on stacking when nothing is let in any more; with a note still in escrow it is not tried
        let_in = frozenset[int]() if note is not None and note.stacking_seen else self._let_in
        if profile.extended:
            enabled = ALL_NUMBERS if let_in else 0
        else:
            enabled = sum(1 << n - 1 for n, yen in self.worth_yen.items() if yen in let_in)
        return HostOrders(
            enabled=enabled,
            orientation=profile.orientation,
            escrow=True,
            stack=stack,
            return_=self._lets_go or (waits and note is not None and note.decision is Decision.RETURN),
            policy=profile.policy,
            extended_notes=profile.extended,
        )

    def _orders_frame(self, ack: int) -> Frame:
        return self._orders().frame(ack)

    async def ask(self) -> Frame | None:
        answer = await self._conversation.say(self._orders_frame)
        if answer is not None and self.quiet is not None and answer.data == self.quiet.data and answer.kind == self.quiet.kind:
            return self.quiet
        return answer

    async def watch(self, first_s: float, interval_s: float) -> Frame | None:
        assert self.quiet is not None
        return await self._conversation.watch(self._orders_frame, self.quiet, first_s, interval_s)

    def forget_unit(self) -> None:
        self._conversation.forget()
        self._table_is_fresh = self.settled = self.blocked = False
        self._table_patience.over()
        self._waits_for_ever = False
        self._status = self._inhibits = self.quiet = self._stateless_since_s = None
        self._unit_faults = frozenset()
        self._lets_go = False
        self._switch_off()

    def _switch_off(self) -> None:
        """Let nothing in until the inhibits are known again; not with a note inside, which a unit might then let go [U]."""
        if self.notes.note is None:
            self._let_in = frozenset()

    async def inhibit(self) -> None:
        self._switch_off()
        for _ in range(1 + self._conversation.owes):
            answer = await self._conversation.say(self._orders_frame)
            if answer is not None:
                self._hear(answer)  # what it tells is told once

    async def serve(self, heard: Frame) -> None:
        self.quiet = None
        self._hear(heard)
        status = self._status
        if status is None:
            return
        if self._rests:
            await self._set_up()
        at_rest = self._rests  # a note may have come in meanwhile
        self._keep_wishes(at_rest)
        if at_rest or (self.notes.note is not None and self.notes.note.yen is not None):
            self.settled = self._table_is_fresh or not self._profile.extended
        elif self._stateless:
            self.settled = False
        self._mind_the_time()
        self._publish()
        told = status.state & EVENTS or status.condition & _TOLD_ONCE
        if at_rest and self.settled and not (told or self.faults) and self._content():
            self.quiet = heard

    def _hear(self, frame: Frame) -> None:
        """Tell what any answer's status says: events come with every kind of answer, once."""
        status = status_of(frame)
        if status is None:
            return
        if self._profile.extended and status.note:
            status = replace(status, note=0)  # means something only without extended notes
        reply = read_extended_reply(frame)
        record = reply.record if reply is not None and reply.index == 0 else None
        self._status = status
        self._unit_faults = _faults_of(status)
        self.blocked = bool(status.condition & Condition.PAUSED)
        self.busy = bool(status.state & _BUSY)
        self.full = self._fullness(status)
        if status.trouble & Trouble.POWER_UP:
            self._inhibits = None
            self._waits_for_ever = self.settled = False
            self._table_is_doubtful = True
            self._switch_off()
        for event in self.notes.see(status, record, self._worth(status, record)):
            self._tell(event)

    def _worth(self, status: DeviceStatus, record: NoteRecord | None) -> int | None:
        if record is not None:
            return record.amount if record.iso == CURRENCY and record.amount else None
        return self._profile.worth_by_number.get(status.note)

    def _fullness(self, status: DeviceStatus) -> FullStatus:
        if status.condition & Condition.STACKER_FULL:
            return FullStatus.FULL
        if not self._profile.near_full_as_cheated:
            return FullStatus.UNKNOWN
        if State.STACKED in status.state:
            return FullStatus.NEAR_FULL if Condition.CHEATED in status.condition else FullStatus.OK
        return self.full if self.full is not FullStatus.FULL else FullStatus.UNKNOWN

    # -- set-up: while nothing is inside -------------------------------------------------------------------------------

    async def _set_up(self) -> None:
        profile = self._profile
        if not profile.extended:
            return
        if (not self._table_is_fresh or self._table_is_doubtful) and not await self._read_table():
            self._table_patience.failed(asyncio.get_running_loop().time())
            return
        if self._rests and not self._waits_for_ever:
            self._waits_for_ever = await self._extended(set_escrow_timeout(self._orders(), 0, 0))
        if self._questions:
            await self._ask_who_it_is()
        indices = self._indices()
        if self._rests and self._inhibits != indices and await self._extended(set_inhibits(self._orders(), indices)):
            self._inhibits = indices

    async def _read_table(self) -> bool:
        """Ask for the records one by one until a null record. Whatever goes wrong: all again later."""
        worth_yen: dict[int, int] = {}
        for index in range(1, LAST_INDEX + 1):
            answer = await self._conversation.say(query_record(self._orders(), index).frame)
            if answer is None:
                return False
            self._hear(answer)
            reply = read_extended_reply(answer)
            if reply is None or reply.index != index or reply.record is None:
                return False
            record = reply.record
            if record.blank:
                break
            if record.iso == CURRENCY and record.amount:
                worth_yen[index] = record.amount
        if not worth_yen:
            return False
        self.worth_yen = worth_yen
        self._table_is_fresh, self._table_is_doubtful = True, False
        self._table_patience.over()
        self._questions = QUESTIONS
        return True

    async def _ask_who_it_is(self) -> None:
        """Ask one auxiliary question; a unit that does not know it answers with its status, and is not asked again."""
        item = self._questions[0]
        answer = await self._conversation.say(lambda ack: ask(item, ack))
        if answer is None:
            return
        self._questions = self._questions[1:]
        if answer.kind == Kind.AUXILIARY:
            self.identity[item] = answer.data.rstrip(b" \0").decode("ascii", "backslashreplace")
        else:
            self._hear(answer)

    async def _extended(self, order: ExtendedOrder) -> bool:
        """Say an order that is answered by a status; tell what that says. False when no answer came, or one to another."""
        frames: list[Frame] = []

        def build(ack: int) -> Frame:
            frames.append(order.frame(ack))
            return frames[-1]

        answer = await self._conversation.say(build)
        if answer is None:
            return False
        self._hear(answer)
        return bool(frames)

    def _mind_the_time(self) -> None:
        """Give back a note that nobody decides about.

        EBDS has no order to hold, and a new time-out counts from the next note on [U]. So the unit is told never to give a
        note back by itself, and the time-out is kept here: a held note waits for as long as the caller wants.
        """
        now_s = asyncio.get_running_loop().time()
        note = self.notes.note
        if note is not None or not self._stateless:
            self._stateless_since_s = None
        elif self._stateless_since_s is None:
            self._stateless_since_s = now_s
        self._lets_go = self._stateless_since_s is not None and now_s - self._stateless_since_s >= LET_GO_AFTER_S
        if note is None or not self._waits or not (self._profile.extended or self._stateless):
            self._undecided_since_s = None
            return
        if self._undecided_since_s is None or note.decision is not Decision.NONE:
            self._undecided_since_s = now_s
        elif now_s - self._undecided_since_s >= self._profile.escrow_timeout_s:
            note.decision = Decision.RETURN

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def _indices(self) -> frozenset[int]:
        return self.codes_of(self.wish())

    def _may_come_in(self) -> frozenset[int]:
        """Yen values that shall be let in; with records, only once the unit has acknowledged the inhibits for them."""
        return frozenset() if self._profile.extended and self._inhibits != self._indices() else self.wish()

    def _keep_wishes(self, at_rest: bool) -> None:
        """Bring the standing orders to what is wanted; not with a note inside, which a unit might then let go [U]."""
        if at_rest:
            may_come_in = self._may_come_in()
            if may_come_in != self._let_in:
                self._let_in = may_come_in
                self._nudge()

    def _content(self) -> bool:
        inhibits_are_set = not self._profile.extended or self._inhibits == self._indices()
        return not self._questions and inhibits_are_set and self._let_in == self._may_come_in()


def _faults_of(status: DeviceStatus) -> frozenset[Fault]:
    faults: set[Fault] = set()
    if status.condition & Condition.JAMMED:
        faults.add(Fault.JAM)
    if status.condition & Condition.STACKER_FULL:
        faults.add(Fault.STACKER_FULL)
    if not status.condition & Condition.CASSETTE_PRESENT:
        faults.add(Fault.STACKER_OPEN)
    if status.trouble & Trouble.FAILURE or status.mode & (Mode.STALLED | Mode.FLASH_DOWNLOAD):
        faults.add(Fault.DEVICE_FAILURE)
    if status.trouble & Trouble.TRANSPORT_OPEN:
        faults.add(Fault.COVER_OPEN)
    return frozenset(faults)
