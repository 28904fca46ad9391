"""What pays notes out of an ID-003 recycler, for the caller: the contract of :class:`CashDispenser` over :mod:`.drums`.

After public captures [1]. The unit has no counter of orders that anybody knows of, so the mark is the driver's own running
number, which only this life of the host can answer for: an order of a former life is UNKNOWN, whatever the unit says.
"""

import asyncio
from collections.abc import Mapping

from hardware.bills.acceptor import AcceptorStatus
from hardware.bills.id003.drums import Drums, PayoutRecord
from hardware.dispenser import CashDispenser, DispenserListener, DispenserStatus, Payout, Pieces
from hardware.errors import BusyError, OverDispenseError, SequenceError
from hardware.vocabulary import Fault, PayoutOutcome

PATIENCE_S = 60.0
"""How long a payout may stand still (a note in escrow, a note that nobody takes, a unit off line) before it is given up."""


class Id003Dispenser(CashDispenser):
    """The paying half of a recycler; it lives on the acceptor's line, and serves once the acceptor was started too.

    Notes leave one at a time, the highest first, while the unit is inhibited; then it accepts again what the caller had
    enabled. A note that is on its way in comes first. The first thing that goes wrong ends the order.

    The unit's own bookkeeping of its drums has no known question, so :attr:`levels` are None. Of two drums with the same
    value the lower one is used.
    """

    def __init__(self, drums: Drums) -> None:
        self._drums = drums
        self.status = DispenserStatus()
        self._listener: DispenserListener | None = None
        self._acceptor = AcceptorStatus()
        self._life: str | None = None
        self._orders = 0
        self._last: PayoutRecord | None = None
        self._paying = False

    @property
    def denominations(self) -> frozenset[int]:
        return frozenset(self._drums.yen_by_box.values())

    @property
    def levels(self) -> Mapping[int, int | None]:
        return dict.fromkeys(self.denominations)

    @property
    def mark(self) -> str:
        if self._life is None:
            raise SequenceError("the recycler was not ready yet")
        return f"{self._life}/{self._orders}"

    async def start(self, listener: DispenserListener) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        if self._listener is not None:
            raise SequenceError("the recycler's dispenser was started already")
        self._listener = listener
        self._publish()

    async def close(self) -> None:
        """Tell nothing more, and order no more notes out; the line is the acceptor's to close."""
        if self._listener is None:
            return
        if self._last is not None:
            self._drums.stop(self._last)
        listener, self._listener = self._listener, None
        if self.status != DispenserStatus():
            self.status = DispenserStatus()
            listener(self.status)

    def line_is(self, acceptor: AcceptorStatus) -> None:
        """Take how the acceptor and its line are; the acceptor says it whenever something may have changed."""
        self._acceptor = acceptor
        self._publish()

    def _publish(self) -> None:
        acceptor = self._acceptor
        ready = acceptor.ready and self._drums.identified and self._listener is not None
        if ready and self._life is None:
            self._life = repr(asyncio.get_running_loop().time())
        status = DispenserStatus(acceptor.state, acceptor.power, acceptor.faults, ready)
        if status != self.status and self._listener is not None:
            self.status = status
            self._listener(status)

    async def dispense(self, pieces: Pieces) -> Payout:
        if self._paying:
            raise BusyError("another payout is under way")
        if not self.status.ready:
            raise SequenceError("the recycler is not ready")
        wanted = {yen: count for yen, count in pieces.items() if count}
        if not wanted.keys() <= self.denominations or any(count < 0 for count in wanted.values()):
            raise OverDispenseError(f"{dict(pieces)} cannot be paid from drums of {sorted(self.denominations)} yen")
        if not wanted:
            return Payout(PayoutOutcome.DONE, {})
        notes = [yen for yen, count in sorted(wanted.items(), reverse=True) for _ in range(count)]
        self._last = record = PayoutRecord(notes, len(notes))
        self._orders += 1
        self._paying = True
        try:
            self._drums.begin(record)
            await self._until_known(record)
        finally:  # also when the caller gives up: not a note more is ordered
            self._paying = False
            self._drums.stop(record, Fault.NO_ANSWER if Fault.NO_ANSWER in self._acceptor.faults else None)
        return record.payout()

    async def outcome_since(self, mark: str, pieces: Pieces) -> Payout:
        """See :meth:`CashDispenser.outcome_since`. UNKNOWN for a mark of another life, and for any but the last order."""
        life, _, number = mark.partition("/")
        if life != self._life or not number.isdecimal() or len(number) > 10:
            return Payout(PayoutOutcome.UNKNOWN, {})
        since = self._orders - int(number)
        if since == 0:
            return Payout(PayoutOutcome.NOTHING, {})
        if since != 1 or self._last is None:
            return Payout(PayoutOutcome.UNKNOWN, {})
        await self._until_known(self._last)
        return self._last.payout()

    async def _until_known(self, record: PayoutRecord) -> None:
        """Wait until no more can become known of ``record``, or nothing has for :data:`PATIENCE_S`."""
        progress = self._drums.progress
        while self._drums.is_open(record):
            progress.clear()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await progress.wait()
            except TimeoutError:
                return
