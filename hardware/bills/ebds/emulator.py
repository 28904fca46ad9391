"""An EBDS bill validator made of software: the device side of :mod:`.frames`, :mod:`.standard` and :mod:`.extended`.

What the standard messages do, and which choices stand behind it, is told in :mod:`.emulator_standard`. Here is what EBDS has
besides: extended notes, power-up policies, questions, soft reset. Choices where the reference is silent [U]:

* the policy outlives a power cut, all other orders, inhibits and the escrow time-out do not. The unit acts on the note inside
  at once, before the host speaks;
* under policy A, a note in escrow at power-up goes back. Under B and C it is shown as in escrow, with its value and without an
  end, until the host decides; ``quirks.out_of_order_while_held`` shows no state at all meanwhile, as the vendor's text can be
  read. Under all three a note still on the rollers goes back;
* a note stacked but untold when the power goes is told afterwards under B; ``quirks.retells_stacked`` says whether one that
  was told but not acknowledged is told again (a host that credits it twice has only itself to blame);
* with ``quirks.blank_stacked``, and in extended mode only, a note whose value is withheld is told as stacked with a blank
  record, and so is nothing at all when the cassette is refitted with no note on its way into it;
* an escrow time-out counts from the next note on; the answer to it is a standard reply;
* a note message replaces every standard reply while a note is in escrow, not the first one only;
* audits, value table, bookmarks, download: an invalid command.
"""

import math
from dataclasses import replace

from hardware.bills.ebds.emulator_standard import PowerUpHabits, StandardEmulator
from hardware.bills.ebds.emulator_tables import TableNote, identity_answers, nibbles, table_notes
from hardware.bills.ebds.events import Ending, NoteEnd, Notice
from hardware.bills.ebds.extended import (
    INHIBIT_BYTES,
    RETRIEVED,
    SOFT_RESET,
    ExtendedOrder,
    ExtendedReply,
    Item,
    NoteRecord,
    Subtype,
    note_reply,
    read_extended_order,
    read_inhibits,
)
from hardware.bills.ebds.frames import Frame, Kind
from hardware.bills.ebds.standard import DeviceStatus, Mode, PowerUpPolicy, State
from hardware.bills.phases import Event
from hardware.configfile import ConfigFile
from hardware.emulator import Happening
from hardware.lasting import State as Memory
from hardware.models import DeviceModel
from hardware.vocabulary import Fault

_NO_NOTICES: frozenset[Notice] = frozenset()
_BLANK = NoteRecord()


class EbdsEmulator(StandardEmulator):
    """One validator. ``fail transport`` opens its transport, ``clear`` closes it."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError naming file and key when it cannot be used."""
        file = ConfigFile(model.path, model.settings)
        self._table = table_notes(file)
        quirks = file.table("quirks", optional=True).only(
            "nearly_full_as_cheated", "blank_stacked", "out_of_order_while_held", "retells_stacked"
        )
        self._nearly_full_as_cheated = quirks.flag("nearly_full_as_cheated", False)
        self._blank_stacked = quirks.flag("blank_stacked", False)
        self._out_of_order_while_held = quirks.flag("out_of_order_while_held", False)
        self._retells_stacked = quirks.flag("retells_stacked", False)
        self._soft_reset_s = file.table("timing").number("soft_reset_s", 6.0)
        self._answers = identity_answers(file.table("identity"))
        self._policy: int = PowerUpPolicy.A
        self._forget_settings()
        super().__init__(model, {row.yen: row.number for row in reversed(self._table)}, {"transport": Fault.COVER_OPEN})

    def _forget_settings(self) -> None:
        self._passing = frozenset(row.index for row in self._table)
        self._tells_retrieved = False

    # -- starting ------------------------------------------------------------------------------------------------------

    def power_up_habits(self) -> PowerUpHabits:
        return PowerUpHabits(
            hold_escrow=self._policy in (PowerUpPolicy.B, PowerUpPolicy.C), report_stacked=self._policy == PowerUpPolicy.B
        )

    def retells_stacked(self) -> bool:
        return self._retells_stacked

    def tells_blank(self) -> bool:
        return self._blank_stacked and self.orders.extended_notes

    def start_anew(self, now_s: float) -> None:
        self._forget_settings()
        super().start_anew(now_s)

    # -- the host's messages -------------------------------------------------------------------------------------------

    def answer(self, frame: Frame, now_s: float) -> Frame | None:
        if frame.kind == Kind.AUXILIARY:
            return self._answer_question(frame, now_s)
        if frame.kind == Kind.EXTENDED:
            order = read_extended_order(frame)
            return self.refuse(frame, now_s) if order is None else self._answer_order(order, frame, now_s)
        reply = super().answer(frame, now_s)
        self._policy = self.orders.policy
        return reply

    def _answer_question(self, frame: Frame, now_s: float) -> Frame | None:
        if frame.data == SOFT_RESET:
            self._deaf_until_s = now_s + self._soft_reset_s
            self.start_anew(now_s)
            self.react(now_s)
            return None
        if len(frame.data) != len(SOFT_RESET) or any(frame.data[:2]):
            return self.refuse(frame, now_s)
        item = frame.data[2]
        if item == Item.CASH_VALUE:
            answer = nibbles(sum(yen * n for yen, n in self.mechanism.cashbox.items()), 6)  # [U] yen in the cassette
        elif item == Item.RESETS:
            answer = nibbles(self.starts, 6)  # [U]
        elif item in self._answers:
            answer = self._answers[item]
        else:
            return self.refuse(frame, now_s)
        self.react(now_s)
        return Frame(Kind.AUXILIARY, answer, frame.ack)

    def _answer_order(self, order: ExtendedOrder, frame: Frame, now_s: float) -> Frame:
        arguments = order.arguments
        subtype, length = order.subtype, len(arguments)
        if subtype == Subtype.NOTE and length == 1 and arguments[0]:  # 0 is the note inside, no row
            self._obey(order, now_s)
            record = next((row.record for row in self._table if row.index == arguments[0]), _BLANK)
            return note_reply(self.status(None, _NO_NOTICES), arguments[0], record).frame(frame.ack)
        if subtype == Subtype.INHIBITS and length == INHIBIT_BYTES:
            self._passing = read_inhibits(arguments)
        elif subtype == Subtype.ESCROW_TIMEOUT and length == 2:
            self.set_escrow_timeout(float(arguments[0]) or math.inf)
        elif subtype == Subtype.NOTE_RETRIEVED and length == 1 and arguments[0] in (0, 1):
            self._tells_retrieved = bool(arguments[0])
            self._obey(order, now_s)
            return ExtendedReply(Subtype.NOTE_RETRIEVED, self.status(None, _NO_NOTICES), b"\x01").frame(frame.ack)
        else:
            return self.refuse(frame, now_s)
        self._obey(order, now_s)
        return self.report(frame.ack)

    def _obey(self, order: ExtendedOrder, now_s: float) -> None:
        self._policy = order.orders.policy
        self.heed(order.orders, now_s)

    def enabled_yen(self) -> frozenset[int]:
        if self.orders.extended_notes:
            return frozenset(row.yen for row in self._table if self.orders.enabled and row.index in self._passing)
        return super().enabled_yen()

    # -- the status ----------------------------------------------------------------------------------------------------

    def wording(self, status: DeviceStatus, end: NoteEnd | None) -> DeviceStatus | ExtendedReply:
        if end is not None and end.ending is Ending.RETRIEVED:
            return ExtendedReply(Subtype.NOTE_RETRIEVED, status, bytes((RETRIEVED,)))
        if not self.orders.extended_notes:
            return status
        if end is not None and end.ending is Ending.STACKED_BLANK:
            return note_reply(status, 0, _BLANK)
        if end is not None and end.ending is Ending.STACKED:
            return note_reply(status, 0, self._row(end.yen).record)
        note = self.mechanism.inside
        if note is not None and State.ESCROWED in status.state:
            return note_reply(status, 0, self._row(note.yen).record)
        return status

    def _row(self, yen: int) -> TableNote:
        """Return the note's row. Two rows may share a value (two series): the first one that may pass."""
        rows = [row for row in self._table if row.yen == yen]
        return next((row for row in rows if row.index in self._passing), rows[0])

    def status(self, end: NoteEnd | None, notices: frozenset[Notice]) -> DeviceStatus:
        if self._nearly_full_as_cheated and self.mechanism.box.near_full and end is not None and end.ending is Ending.STACKED:
            notices |= {Notice.CHEATED}  # [1] some SC units
        status = super().status(end, notices)
        return replace(
            status,
            note=0 if self.orders.extended_notes else status.note,
            mode=status.mode | Mode.DEVICE_CAPS if Item.CAPABILITIES in self._answers else status.mode,
        )

    def lasting(self) -> State:
        return State(0) if self.held_since_power_up and self._out_of_order_while_held else super().lasting()

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        super().notice(happening)
        if happening.event == Event.CASHBOX_CLOSED and self.tells_blank() and not self.mechanism.note_in_stacker:
            self.events.add_end(NoteEnd(Ending.STACKED_BLANK))

    def firmware(self) -> Memory:
        return {**super().firmware(), "policy": self._policy}

    def restore_firmware(self, state: Memory) -> None:
        super().restore_firmware(state)
        self._policy = state["policy"]

    def note_is_out(self, end: NoteEnd) -> None:
        super().note_is_out(end)
        if self._tells_retrieved:
            self.events.add_end(NoteEnd(Ending.RETRIEVED))
