"""A change machine that is simulated and claims no wire: what a service for a closed protocol would look like to its host.

Driver and machine are one program here, because nobody outside knows what would go between them. So this cannot show lost
replies, garbage or an unplugged cable. On a bench with memories a killed program is a power cut to its machine, which the next
program finds as it was; without one it is gone, and a mark of its former life gets the answer UNKNOWN, never a guess. Within
one program, a second driver on the same :class:`hardware.links.nowire.NoWire` is what a restarted host is to the machine.

The order of verbs and their errors are in :mod:`hardware.changer.changer`. Choices where UPOS leaves it to the vendor [U]:
money goes into the drums as it is counted, so REPAY pays the same worth from the drums (the same pieces where they are
there); a power cut closes an open deposit, and what was counted stays counted; a piece on its way out when the power went
lands in the overflow box and is not paid.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hardware.change import pieces_for
from hardware.changer.changer import (
    CashChanger,
    CashCounts,
    ChangerEvent,
    ChangerListener,
    ChangerStatus,
    DepositEnd,
    DepositStatus,
    DispenseEnded,
    PieceCounted,
    PieceRejected,
    PieceStuck,
)
from hardware.changer.facades import ChangerAcceptor, ChangerDispenser, SharedChanger
from hardware.changer.machine import ChangerMachine
from hardware.changer.marks import deposit_mark, deposits_since, orders_since, payout_mark
from hardware.changer.phases import Deposit, Event
from hardware.changer.tracks import Order
from hardware.dispenser import Payout, Pieces, worth_yen
from hardware.emulator import Happening
from hardware.errors import (
    BusyError,
    ConfigError,
    DeviceTimeout,
    DisabledError,
    HardwareFault,
    OfflineError,
    OverDispenseError,
    SequenceError,
)
from hardware.links.link import Link
from hardware.links.nowire import NoWire
from hardware.models import DeviceModel
from hardware.vocabulary import DeviceState, Fault, PayoutOutcome, PowerState, RefuseReason

_JAMS = frozenset({Fault.COIN_JAM, Fault.JAM_IN_ACCEPTOR, Fault.PAYOUT_JAM})
_REFUSED_FOR_FULL = "FULL_OR_NOT_ACCEPTED"


class SimulatedChanger(CashChanger):
    """One machine with its driver. ``machine`` is what hands and oracles use."""

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """``link`` has to be a :class:`NoWire`, which keeps the machine for the next driver.

        Raises ConfigError for a real line, and when the model cannot be used.
        """
        if not isinstance(link, NoWire):
            raise ConfigError(f'{model.path}: claims no wire, and was given {link.name}: expected link = "simulated"')
        self.machine = link.machine if isinstance(link.machine, ChangerMachine) else ChangerMachine(model)
        link.machine = self.machine
        self.status = ChangerStatus()
        self._listener: ChangerListener | None = None
        self._closed = False
        self._paying = False
        shared = SharedChanger(self)
        self.acceptor = ChangerAcceptor(shared)
        self.dispenser = ChangerDispenser(shared)

    def command(self, line: str) -> dict[str, Any]:
        """Do a hand's work at the machine. Raises BadCommand."""
        return self.machine.command(line)

    def watch(self, listener: Callable[[Happening], None]) -> None:
        """Let ``listener`` hear everything that really happens in the machine."""
        self.machine.watch = listener

    def stop(self) -> None:
        """Let the machine stand still for good."""
        self.machine.stop()

    # -- what is known without asking ----------------------------------------------------------------------------------

    @property
    def deposit_cash_list(self) -> frozenset[int]:
        return frozenset(self.machine.mechanism.units)

    @property
    def currency_cash_list(self) -> frozenset[int]:
        return frozenset(yen for yen, unit in self.machine.mechanism.units.items() if unit.pays)

    @property
    def deposit_counts(self) -> Pieces:
        return dict(self.machine.mechanism.deposit_counts)

    @property
    def deposit_amount_yen(self) -> int:
        return worth_yen(self.machine.mechanism.deposit_counts)

    @property
    def deposit_mark(self) -> str:
        return deposit_mark(self.machine.born, self.machine.mechanism.ever_counted)

    def deposits_since(self, mark: str) -> Sequence[PieceCounted] | None:
        pieces = deposits_since(mark, self.machine.born, self.machine.mechanism.ever_counted)
        return None if pieces is None else [PieceCounted(yen, mark_after) for yen, mark_after in pieces]

    @property
    def payout_mark(self) -> str:
        return payout_mark(self.machine.born, self.machine.mechanism.orders_given)

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self, listener: ChangerListener) -> None:
        self._listener = listener
        self.machine.host = self._happened
        self.machine.now_s()
        self.machine.settle()

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            if self.machine.host == self._happened:
                self.machine.host = None
            self._tell_status(ChangerStatus(power=self.status.power))
            self._listener = None

    def _happened(self, happenings: list[Happening]) -> None:
        counted_before = self.machine.mechanism.ever_counted - _counted_in(happenings)
        for happening in happenings:
            data = happening.data
            match happening.event:
                case Event.COUNTED:
                    counted_before[data["yen"]] += 1
                    self._tell(PieceCounted(data["yen"], deposit_mark(self.machine.born, counted_before)))
                case Event.REJECTED:
                    reason = RefuseReason(data["reason"])
                    self._tell(PieceRejected(reason, _REFUSED_FOR_FULL if reason is RefuseReason.INHIBITED else reason.name))
                case Event.STUCK:
                    self._tell(PieceStuck("JAM", deposit_mark(self.machine.born, counted_before)))
                case Event.PAYOUT_ENDED if self.machine.mechanism.order is not None:
                    self._tell(DispenseEnded(_payout(self.machine.mechanism.order)))
        self._tell_status(self._status())

    def _tell(self, event: ChangerEvent) -> None:
        if self._listener is not None:
            self._listener(event)

    def _tell_status(self, status: ChangerStatus) -> None:
        if status != self.status:
            self.status = status
            self._tell(status)

    def _status(self) -> ChangerStatus:
        mechanism = self.machine.mechanism
        busy = mechanism.paying or mechanism.counting
        if not mechanism.powered:
            state, power = DeviceState.CLOSED, PowerState.POWER_OFF
        elif not mechanism.ready:
            state, power = DeviceState.STARTING, PowerState.ONLINE
        else:
            state, power = DeviceState.BUSY if busy else DeviceState.IDLE, PowerState.ONLINE
        return ChangerStatus(
            state=DeviceState.ERROR if mechanism.faults and mechanism.ready else state,
            power=power,
            faults=frozenset(mechanism.faults) if mechanism.ready else frozenset(),
            ready=mechanism.ready and not mechanism.faults,
            deposit=self._deposit_status(),
            empty={yen: mechanism.level(yen) for yen in sorted(self.currency_cash_list)},
            counts={yen: mechanism.counts[yen] for yen in sorted(self.currency_cash_list)},
            full=mechanism.full,
            discrepancy=mechanism.discrepancy,
            exit_occupied=mechanism.notes_in_exit,
        )

    def _deposit_status(self) -> DepositStatus:
        mechanism = self.machine.mechanism
        if mechanism.deposit is Deposit.CLOSED:
            return DepositStatus.END
        if mechanism.faults & _JAMS:
            return DepositStatus.JAM
        if mechanism.counting or mechanism.deposit is Deposit.FIXING:
            return DepositStatus.COUNT
        steady = {Deposit.OPEN: DepositStatus.START, Deposit.PAUSED: DepositStatus.PAUSED, Deposit.FIXED: DepositStatus.FIXED}
        return steady[mechanism.deposit]

    # -- the verbs -----------------------------------------------------------------------------------------------------

    def _now_s(self) -> float:
        """Return the time for an order. Raises what every verb may raise."""
        if self._listener is None:
            raise DisabledError("the change machine is not started" if not self._closed else "the change machine was closed")
        now_s, mechanism = self.machine.now_s(), self.machine.mechanism
        if not mechanism.ready:
            raise OfflineError("the change machine has no power" if not mechanism.powered else "it is initialising itself")
        if mechanism.faults:
            raise HardwareFault(", ".join(sorted(fault.value for fault in mechanism.faults)))
        return now_s

    def _expect_standstill(self) -> None:
        if self._paying or self.machine.mechanism.paying:
            raise BusyError("a payout is under way")

    async def begin_deposit(self, accept: frozenset[int] | None = None) -> None:
        now_s = self._now_s()
        self._expect_standstill()
        wanted = self.deposit_cash_list if accept is None else accept & self.deposit_cash_list
        if not self.machine.mechanism.begin(wanted, now_s):
            raise SequenceError("begin_deposit: a deposit is open")
        self.machine.settle()

    async def pause_deposit(self) -> None:
        now_s = self._now_s()
        if not self.machine.mechanism.pause(True, now_s):
            raise SequenceError(f"pause_deposit: the deposit is {self.machine.mechanism.deposit.value}")
        self.machine.settle()

    async def resume_deposit(self) -> None:
        now_s = self._now_s()
        if not self.machine.mechanism.pause(False, now_s):
            raise SequenceError(f"resume_deposit: the deposit is {self.machine.mechanism.deposit.value}")
        self.machine.settle()

    async def fix_deposit(self) -> None:
        now_s, mechanism = self._now_s(), self.machine.mechanism
        if not mechanism.fix(now_s):
            raise SequenceError(f"fix_deposit: the deposit is {mechanism.deposit.value}")
        self.machine.settle()
        ended = await self.machine.until(
            lambda: mechanism.deposit is not Deposit.FIXING or bool(mechanism.faults), self.machine.answer_s
        )
        if mechanism.deposit is not Deposit.FIXED:
            self._now_s()  # says what came between, if it still stands
            raise DeviceTimeout("the counting does not end") if not ended else OfflineError("power went while counting")

    async def end_deposit(self, how: DepositEnd) -> Payout | None:
        now_s, mechanism = self._now_s(), self.machine.mechanism
        if mechanism.deposit is not Deposit.FIXED:
            raise SequenceError(f"end_deposit: the deposit is {mechanism.deposit.value}, fix_deposit comes first")
        if how is not DepositEnd.REPAY or not mechanism.deposit_counts:
            mechanism.end(now_s)
            self.machine.settle()
            return None if how is not DepositEnd.REPAY else Payout(PayoutOutcome.DONE, {})
        pieces: Pieces | None = +mechanism.deposit_counts
        if not self._has(mechanism.deposit_counts):
            pieces = pieces_for(self.deposit_amount_yen, mechanism.counts)
        if pieces is None:
            raise OverDispenseError(f"{self.deposit_amount_yen} yen cannot be paid back from {dict(mechanism.counts)}")
        mechanism.end(now_s)
        return await self._pay(pieces, now_s)

    async def dispense_change(self, yen: int) -> Payout:
        now_s = self._expect_payable(yen)
        pieces = pieces_for(yen, self.machine.mechanism.counts)
        if pieces is None:
            raise OverDispenseError(f"{yen} yen cannot be made from {dict(self.machine.mechanism.counts)}")
        return await self._pay(pieces, now_s)

    async def dispense_cash(self, pieces: Pieces) -> Payout:
        now_s = self._expect_payable(worth_yen(pieces) if all(count >= 0 for count in pieces.values()) else 0)
        if not self._has(pieces):
            raise OverDispenseError(f"{dict(pieces)} are not in {dict(self.machine.mechanism.counts)}")
        return await self._pay(pieces, now_s)

    def _expect_payable(self, yen: int) -> float:
        now_s = self._now_s()
        self._expect_standstill()
        if self.machine.mechanism.deposit is not Deposit.CLOSED:
            raise SequenceError("a deposit is open: fix and end it before paying out")
        if yen <= 0:
            raise SequenceError(f"{yen} yen cannot be paid out")
        return now_s

    def _has(self, pieces: Pieces) -> bool:
        counts = self.machine.mechanism.counts
        return all(count <= counts[yen] for yen, count in pieces.items() if count)

    async def _pay(self, pieces: Pieces, now_s: float) -> Payout:
        mechanism = self.machine.mechanism
        mark = self.payout_mark
        mechanism.pay(pieces, now_s)
        self._paying = True
        try:
            self.machine.settle()
            return await self._outcome(mark, pieces)
        finally:
            self._paying = False

    async def payout_since(self, mark: str, pieces: Pieces) -> Payout:
        self.machine.now_s()
        return await self._outcome(mark, pieces)

    async def _outcome(self, mark: str, pieces: Pieces) -> Payout:
        """Wait for the end of the order at ``mark``; stop what does not end, and tell what the machine's memory says."""
        mechanism = self.machine.mechanism

        def settled() -> bool:
            return mechanism.ready and not mechanism.paying

        timings = mechanism.timings
        slowest_s = sum(pieces.values()) * max(timings.note_out_s, timings.coin_out_s, timings.empty_s)
        if not await self.machine.until(settled, slowest_s + self.machine.answer_s):
            mechanism.stop_paying(self.machine.now_s())
            self.machine.settle()
            await self.machine.until(settled, self.machine.answer_s)
        if not settled():
            return Payout(PayoutOutcome.UNKNOWN, {}, None if mechanism.powered else Fault.NO_ANSWER)
        orders = orders_since(mark, self.machine.born, mechanism.orders_given)
        if orders == 0:
            return Payout(PayoutOutcome.NOTHING, {})
        order = mechanism.order
        if orders != 1 or order is None or order.pieces != {yen: count for yen, count in pieces.items() if count}:
            return Payout(PayoutOutcome.UNKNOWN, {})
        return _payout(order)

    async def read_cash_counts(self) -> CashCounts:
        self._now_s()
        self._expect_standstill()
        mechanism = self.machine.mechanism
        counts = {yen: mechanism.counts[yen] for yen in sorted(self.currency_cash_list)}
        return CashCounts(counts, mechanism.discrepancy)

    async def adjust_cash_counts(self, counts: Mapping[int, int]) -> None:
        self._now_s()
        self._expect_standstill()
        mechanism = self.machine.mechanism
        if mechanism.deposit is not Deposit.CLOSED:
            raise SequenceError("adjust_cash_counts: a deposit is open")
        if not counts.keys() <= self.currency_cash_list or any(count < 0 for count in counts.values()):
            raise SequenceError(f"adjust_cash_counts: {dict(counts)}, expected counts of {sorted(self.currency_cash_list)}")
        mechanism.counts.update({yen: count - mechanism.counts[yen] for yen, count in counts.items()})
        mechanism.discrepancy = False
        self.machine.settle()


def _counted_in(happenings: list[Happening]) -> Counter[int]:
    return Counter(happening.data["yen"] for happening in happenings if happening.event == Event.COUNTED)


def _payout(order: Order) -> Payout:
    paid = dict(+order.paid)
    if paid == order.pieces:
        return Payout(PayoutOutcome.DONE, paid)
    return Payout(PayoutOutcome.PARTIAL if paid else PayoutOutcome.NOTHING, paid, order.fault)
