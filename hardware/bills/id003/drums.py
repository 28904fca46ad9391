"""Paying notes out of an ID-003 recycler, status by status: what the host knows of its drums, and the one note under way.

After public captures [1]: one project has driven such a unit, nothing else is public. Its sequence is inhibit, order, poll,
acknowledge; here one note is ordered at a time, so that PAY VALID, which carries no value, can mean that note only.

The unit has no counter of orders, so an order is never repeated because its reply was lost. What the status shows decides:

* PAYING, PAY STAY or PAY VALID: it was obeyed;
* DISABLE for :data:`NOT_OBEYED_S` after an order that nobody acknowledged: it did not arrive, and may be given again;
* PAY VALID: the note is paid. It repeats until the ACK reached the unit, so nothing but a power cut can take it away [U];
* a recycler error without a PAY VALID: the note is not paid [U];
* anything else, a power cut or a gap on the line among it, leaves the note in doubt.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from hardware.bills.id003.frames import CurrencyRow
from hardware.bills.id003.recycler_frames import ExtensionStatus, PayoutStatus, RecyclerError
from hardware.bills.id003.settings import FIRST_ESCROW_CODE, worth_in_yen
from hardware.bills.id003.unit import Unit
from hardware.bills.orders import Answer
from hardware.configfile import ConfigFile
from hardware.dispenser import Payout
from hardware.models import DeviceModel
from hardware.vocabulary import Fault, PayoutOutcome
from hardware.wire.codes import name_of

NOT_OBEYED_S = 3.0
"""How long the unit may go on saying DISABLE after an order without an answer before the order counts as lost."""
OBEYED_S = 10.0
"""The same after an order that it acknowledged, before it is a riddle."""
ORDER_TRIES = 3
"""Orders for one note, each shown by the status not to have arrived."""
CURRENCY_TRIES = 3
"""Unanswered questions for the recycle currency before the model's own words are taken for it."""

PAYOUT_STATUSES = frozenset(PayoutStatus)

_FAULTS: dict[int, Fault] = {
    ExtensionStatus.EMPTY: Fault.PAYOUT_EMPTY,
    RecyclerError.RECYCLER_JAM: Fault.PAYOUT_JAM,
    RecyclerError.DOOR_OPEN: Fault.COVER_OPEN,
    RecyclerError.MOTOR: Fault.MOTOR_FAILURE,
    RecyclerError.RECYCLE_BOX_OPEN: Fault.COVER_OPEN,
}
"""The names are the protocol's [1]; which of our faults each comes under is our reading of them [D]."""

_log = structlog.get_logger(__name__)


@dataclass
class PayoutRecord:
    """One order of the caller and what became of it. Mutable: it lives, and is kept until the next one."""

    notes: list[int]
    """Yen values still to be ordered, in order."""
    ordered: int
    """Notes asked for at first."""
    paid: Counter[int] = field(default_factory=Counter)
    in_doubt: bool = False
    """One note was ordered and nobody knows what became of it. (At most one ever is: then the order ends.)"""
    fault: Fault | None = None
    over: bool = False
    """No more notes will be ordered for it."""

    def payout(self) -> Payout:
        """Return how it stands, in the words of the contract."""
        count = self.paid.total()
        if self.in_doubt:
            outcome = PayoutOutcome.UNKNOWN
        elif count == self.ordered:
            outcome = PayoutOutcome.DONE
        else:
            outcome = PayoutOutcome.PARTIAL if count else PayoutOutcome.NOTHING
        return Payout(outcome, dict(self.paid), None if outcome is PayoutOutcome.DONE else self.fault)


@dataclass
class _NoteOut:
    """A note that was ordered out. Mutable."""

    yen: int
    record: PayoutRecord
    answer: Answer = Answer.SILENT
    tries: int = 0
    ordered_s: float = 0.0
    obeyed: bool = False
    at_mouth: bool = False
    paid: bool = False
    gap: bool = False
    """The line or the unit was away meanwhile."""


class Drums:
    """Serves the recycler of one unit. Owned by the unit's service, which brings every status here first."""

    def __init__(self, unit: Unit, yen_by_box: Mapping[int, int]) -> None:
        """``yen_by_box`` is what the model says of the drums; the unit's own word replaces it."""
        self._unit = unit
        self._by_model = dict(yen_by_box)
        self.yen_by_box = dict(yen_by_box)
        self.identified = False
        """The unit was asked what its drums recycle, since it was last started."""
        self.fault: Fault | None = None
        """The recycler's own trouble."""
        self.progress = asyncio.Event()
        """Set whenever something about an order becomes known."""
        self.nudge: Callable[[], None] = lambda: None
        """Have the unit asked at once."""
        self._currency_tries = 0
        self._record: PayoutRecord | None = None
        self._note: _NoteOut | None = None
        self._last: _NoteOut | None = None
        """The note before, should the unit speak of it after all."""

    # -- for the dispenser ---------------------------------------------------------------------------------------------

    @property
    def at_work(self) -> bool:
        """An order is under way, or a note of one: the unit has to stay inhibited."""
        return self._note is not None or (self._record is not None and not self._record.over)

    def is_open(self, record: PayoutRecord) -> bool:
        """Whether more may still become known of ``record`` by waiting for the unit."""
        return not record.over or (self._note is not None and self._note.record is record)

    def begin(self, record: PayoutRecord) -> None:
        """Order its notes out, as soon as the unit is at rest and inhibited."""
        self._record = record
        self.nudge()

    def stop(self, record: PayoutRecord, fault: Fault | None = None) -> None:
        """Order no more notes for ``record``. A note under way is followed, and in doubt until its end is seen."""
        if record.over:
            return
        record.over = True
        record.notes.clear()
        record.fault = record.fault or fault
        if self._note is not None and self._note.record is record and not self._note.paid:
            record.in_doubt = True
        self.progress.set()
        self.nudge()

    # -- for the service -----------------------------------------------------------------------------------------------

    @property
    def content(self) -> bool:
        """Nothing is to be done while the status stays as it is."""
        return self.identified and not self.at_work

    def see(self, code: int) -> None:
        """Take a status that :data:`PAYOUT_STATUSES` has."""
        note = self._note
        self.fault = None
        if code == PayoutStatus.PAY_VALID:
            self._pay_valid()
        elif note is not None:
            if not note.obeyed or (code == PayoutStatus.PAY_STAY and not note.at_mouth):
                self.progress.set()
            note.obeyed = True
            note.at_mouth = note.at_mouth or code == PayoutStatus.PAY_STAY
        if code != PayoutStatus.PAYING:
            self._unit.acknowledge()  # a PAY VALID is written down by now

    def _pay_valid(self) -> None:
        note = self._note or self._last
        if note is None:
            _log.warning("id003_pay_valid_of_a_former_life")
        elif not note.paid:  # else its ACK was lost: the unit says it again
            if self._note is None:
                _log.warning("id003_pay_valid_after_the_end", yen=note.yen)
            note.paid = note.obeyed = True
            note.record.paid[note.yen] += 1
            note.record.in_doubt = False
            self.progress.set()

    async def failure(self) -> Fault:
        """The unit said that its recycler is at fault: ask for the name of it."""
        status = await self._unit.recycler_status()
        if status is None:  # not heard: what it said before still stands
            self.fault = self.fault or Fault.DEVICE_FAILURE
            return self.fault
        fault = _FAULTS.get(status, Fault.DEVICE_FAILURE)
        if fault is not self.fault:
            _log.warning("id003_recycler_failure", status=name_of(RecyclerError, status))
        self.fault = fault
        return fault

    def trouble(self, fault: Fault) -> None:
        """The unit is at fault: an order ends here."""
        note, record = self._note, self._record
        if note is not None:
            self._end(in_doubt=note.gap or note.at_mouth, fault=fault)
        elif record is not None:
            self.stop(record, fault)

    def restarted(self) -> None:
        """The unit, or the line, was away: an order ends here, a note under way may have gone anywhere."""
        self.identified = False
        self._currency_tries = 0
        self.fault = None
        if self._note is not None:
            self._note.gap = True
        if self._record is not None:
            self.stop(self._record, Fault.NO_ANSWER)

    async def rest(self, worth_yen: Mapping[int, int], now_s: float, *, inhibited: bool) -> None:
        """The unit is at rest and initialised; ``inhibited`` for sure or not."""
        if not self.identified:
            await self._identify(worth_yen)
        if self._note is not None:
            await self._judge(self._note, now_s)
        record = self._record
        if self._note is None and self.identified and record is not None and not record.over and inhibited:
            if record.notes:
                await self._order(_NoteOut(record.notes.pop(0), record), now_s)
            else:
                self.stop(record)

    # -- one note ------------------------------------------------------------------------------------------------------

    async def _order(self, note: _NoteOut, now_s: float) -> None:
        box = next((box for box, yen in sorted(self.yen_by_box.items()) if yen == note.yen), None)
        if box is None:  # the unit was set up anew meanwhile
            self.stop(note.record, Fault.PAYOUT_EMPTY)
            return
        self._note = note
        note.tries += 1
        note.ordered_s = now_s
        note.answer = await self._unit.pay_out(box)
        self.progress.set()

    async def _judge(self, note: _NoteOut, now_s: float) -> None:
        """The unit rests again, or still: say what became of the note."""
        if note.paid:
            self._end(in_doubt=False)
            return
        if not note.gap:
            seen = note.obeyed or note.answer is Answer.DONE
            if now_s < note.ordered_s + (OBEYED_S if seen else NOT_OBEYED_S):
                return
            status = await self._unit.recycler_status()
            if status in PAYOUT_STATUSES:
                return  # obeyed after all; STATUS REQUEST will say so too
            fault = None if status is None else _FAULTS.get(status)
            if not seen:
                if note.answer is Answer.SILENT and fault is None and note.tries < ORDER_TRIES and not note.record.over:
                    _log.warning("id003_payout_order_lost", yen=note.yen, tries=note.tries)
                    await self._order(note, now_s)
                else:
                    self._end(in_doubt=False, fault=fault)
                return
            if fault is not None and not note.at_mouth:
                self._end(in_doubt=False, fault=fault)
                return
        self._end(in_doubt=True, fault=Fault.NO_ANSWER if note.gap else Fault.DEVICE_FAILURE)

    def _end(self, *, in_doubt: bool, fault: Fault | None = None) -> None:
        """The note's story ends; so does the order, unless the note was paid."""
        note = self._note
        assert note is not None
        self._note, self._last = None, note
        record = note.record
        if not note.paid:
            _log.warning("id003_note_not_paid", yen=note.yen, in_doubt=in_doubt)
            self.stop(record, fault)
            record.in_doubt = in_doubt
        elif fault is not None:
            self.stop(record, fault)
        elif not record.notes:
            self.stop(record)
        self.progress.set()

    async def _identify(self, worth_yen: Mapping[int, int]) -> None:
        """Read what the drums recycle. A drum that takes several values pays a note of unknown value: it is not used."""
        masks = await self._unit.recycle_currency()
        if masks is None:
            self._currency_tries += 1
            if self._currency_tries < CURRENCY_TRIES:
                return
            _log.info("id003_recycle_currency_unknown", taken=self._by_model)
            self.yen_by_box = dict(self._by_model)
        else:
            by_bit = {1 << code - FIRST_ESCROW_CODE: yen for code, yen in worth_yen.items()}
            self.yen_by_box = {box: by_bit[mask] for box, mask in masks.items() if mask in by_bit}
        self.identified = True


def boxes_from_model(model: DeviceModel) -> dict[int, int] | None:
    """Return the yen that each drum pays, by the number of its box; None for a model without ``[recycler]``.

    Raises ConfigError.
    """
    if "recycler" not in model.settings:
        return None
    settings = ConfigFile(model.path, model.settings)
    rows = [
        CurrencyRow(note.whole("code"), note.whole("country"), note.whole("value"), note.whole("power"))
        for note in settings.tables("notes")
    ]
    worth_yen = worth_in_yen(rows)
    codes: Sequence[int] = [drum.whole("code") for drum in settings.table("recycler").tables("drums")]
    return {box: worth_yen[code] for box, code in enumerate(codes, start=1) if code in worth_yen}
