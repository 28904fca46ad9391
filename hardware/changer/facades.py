"""A change machine seen as two devices that a host knows already: one that takes (like a coin acceptor) and one that pays.

Written against the contract alone, so they fit any change machine. Coins and notes both credit when they are counted: no
escrow is claimed. The two share one machine, which cannot pay while it takes: a payout closes the entries, and they open
again afterwards if the host still wants them open.
"""

import asyncio
from collections.abc import Mapping

import structlog

from hardware.changer.changer import (
    CashChanger,
    ChangerEvent,
    ChangerListener,
    ChangerStatus,
    DepositEnd,
    DepositStatus,
    PieceCounted,
    PieceRejected,
    PieceStuck,
)
from hardware.coins.acceptor import (
    CoinAccepted,
    CoinAcceptor,
    CoinAcceptorStatus,
    CoinCountBegins,
    CoinEvent,
    CoinListener,
    CoinRefused,
    CoinsUnaccounted,
)
from hardware.dispenser import CashDispenser, DispenserListener, DispenserStatus, Payout, Pieces
from hardware.errors import BusyError, DeviceError, OverDispenseError, SequenceError
from hardware.vocabulary import DeviceState, Fault, PayoutOutcome, PowerState

_log = structlog.get_logger()


class SharedChanger:
    """One machine and who listens to it; started with the first of them and closed with the last."""

    def __init__(self, changer: CashChanger) -> None:
        self.changer = changer
        self.lock = asyncio.Lock()
        """Held by whoever has a sequence of verbs to say."""
        self.listeners: list[ChangerListener] = []

    async def join(self, listener: ChangerListener) -> None:
        """Let ``listener`` hear every event from here on; it gets the present status first."""
        self.listeners.append(listener)
        if len(self.listeners) == 1:
            await self.changer.start(self._heard)
        else:
            listener(self.changer.status)

    async def leave(self, listener: ChangerListener) -> None:
        """Let it hear no more; the last one closes the machine."""
        if listener in self.listeners:
            self.listeners.remove(listener)
            if not self.listeners:
                await self.changer.close()

    def _heard(self, event: ChangerEvent) -> None:
        for listener in tuple(self.listeners):
            listener(event)

    async def end_deposit(self) -> None:
        """Close the entries, whatever state the deposit is in; what was counted stays. Raises DeviceError."""
        if self.changer.status.deposit is DepositStatus.END:
            return
        if self.changer.status.deposit is not DepositStatus.FIXED:
            await self.changer.fix_deposit()
        await self.changer.end_deposit(DepositEnd.NO_CHANGE)


class ChangerAcceptor(CoinAcceptor):
    """The taking half."""

    def __init__(self, shared: SharedChanger) -> None:
        self._shared = shared
        self.status = CoinAcceptorStatus()
        self._listener: CoinListener | None = None
        self._resume: str | None = None
        self._told_missed = False
        self._wanted: frozenset[int] | None = None
        self._open: frozenset[int] | None = None
        """What the open deposit accepts; None when none is open that we began."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def denominations(self) -> frozenset[int]:
        return self._shared.changer.deposit_cash_list

    async def start(self, listener: CoinListener, resume: str | None = None) -> None:
        self._listener, self._resume = listener, resume
        await self._shared.join(self._heard)
        self._task = asyncio.create_task(self._serve())

    async def close(self) -> None:
        self._wanted = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            async with self._shared.lock:
                try:
                    await self._shared.end_deposit()
                except DeviceError as error:
                    _log.warning("changer_deposit_left_open", error=str(error))
            await self._shared.leave(self._heard)
            self._set_status(CoinAcceptorStatus())
        self._listener = None

    def enable(self, denominations: frozenset[int]) -> None:
        self._wanted = denominations
        self._wake.set()

    def disable(self) -> None:
        self._wanted = None
        self._wake.set()

    async def _serve(self) -> None:
        """Bring the deposit to what is wanted, again after every change of the machine."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._shared.lock:
                try:
                    await self._reconcile()
                except DeviceError as error:  # the status that ends it wakes us
                    _log.info("changer_deposit_waits", error=str(error))

    async def _reconcile(self) -> None:
        changer = self._shared.changer
        if not changer.status.ready:
            return
        if changer.status.deposit is DepositStatus.END:
            self._open = None
        shut = changer.status.deposit is DepositStatus.FIXED  # by a sequence that a fault cut off
        if changer.status.deposit is not DepositStatus.END and (shut or self._open is None or self._open != self._wanted):
            await self._shared.end_deposit()
            self._open = None
        if self._wanted and self._open is None and changer.status.state is not DeviceState.BUSY:
            wanted = self._wanted
            await changer.begin_deposit(wanted)
            self._open = wanted

    def _heard(self, event: ChangerEvent) -> None:
        match event:
            case ChangerStatus():
                if event.ready and not self._told_missed:
                    self._told_missed = True
                    self._tell_missed()
                self._set_status(
                    CoinAcceptorStatus(event.state, event.power, event.faults, event.ready and self._told_missed, event.full)
                )
                self._wake.set()
            case PieceCounted() if self._told_missed:
                self._tell(CoinAccepted(event.yen, event.mark))
            case PieceRejected():
                self._tell(CoinRefused(event.reason, event.code))
            case PieceStuck():
                self._tell(CoinsUnaccounted(1, event.code, event.mark))

    def _tell_missed(self) -> None:
        """Tell what was counted between the mark that the host journaled and now."""
        changer = self._shared.changer
        if self._resume is None:
            self._tell(CoinCountBegins(changer.deposit_mark))
            return
        missed = changer.deposits_since(self._resume)
        if missed is None:
            self._tell(CoinsUnaccounted(None, "MARK_OF_ANOTHER_LIFE", changer.deposit_mark))
            return
        for piece in missed:
            self._tell(CoinAccepted(piece.yen, piece.mark))

    def _set_status(self, status: CoinAcceptorStatus) -> None:
        if status != self.status:
            self.status = status
            self._tell(status)

    def _tell(self, event: CoinEvent) -> None:
        if self._listener is not None:
            self._listener(event)


class ChangerDispenser(CashDispenser):
    """The paying half."""

    def __init__(self, shared: SharedChanger) -> None:
        self._shared = shared
        self.status = DispenserStatus()
        self._listener: DispenserListener | None = None
        self._was_ready = False
        self._busy = False

    @property
    def denominations(self) -> frozenset[int]:
        return self._shared.changer.currency_cash_list

    @property
    def levels(self) -> Mapping[int, int | None]:
        return dict(self._shared.changer.status.counts)

    @property
    def mark(self) -> str:
        if not self._was_ready:
            raise SequenceError("the change machine has not yet told how many orders it was given")
        return self._shared.changer.payout_mark

    async def start(self, listener: DispenserListener) -> None:
        self._listener = listener
        await self._shared.join(self._heard)

    async def close(self) -> None:
        await self._shared.leave(self._heard)
        self._set_status(DispenserStatus())
        self._listener = None

    async def dispense(self, pieces: Pieces) -> Payout:
        if self._busy:
            raise BusyError("another payout is under way")
        if not self.status.ready:
            raise SequenceError("the change machine is not ready")
        levels = self._shared.changer.status.counts
        if any(count > levels.get(yen, 0) for yen, count in pieces.items() if count):
            raise OverDispenseError(f"{dict(pieces)} are not in {dict(levels)}")
        wanted = {yen: count for yen, count in pieces.items() if count}
        if not wanted:
            return Payout(PayoutOutcome.DONE, {})
        self._busy = True
        try:
            async with self._shared.lock:
                return await self._pay(wanted)
        finally:
            self._busy = False

    async def _pay(self, pieces: Pieces) -> Payout:
        try:
            await self._shared.end_deposit()
            return await self._shared.changer.dispense_cash(pieces)
        except DeviceError as error:  # raised before anything moved: so says the contract of CashChanger
            _log.warning("changer_paid_nothing", error=str(error))
            return Payout(PayoutOutcome.NOTHING, {}, self._fault())

    def _fault(self) -> Fault | None:
        status = self._shared.changer.status
        if status.power is PowerState.POWER_OFF:
            return Fault.NO_ANSWER
        return min(status.faults, key=lambda fault: fault.value, default=None)

    async def outcome_since(self, mark: str, pieces: Pieces) -> Payout:
        return await self._shared.changer.payout_since(mark, {yen: count for yen, count in pieces.items() if count})

    def _heard(self, event: ChangerEvent) -> None:
        if isinstance(event, ChangerStatus):
            self._was_ready = self._was_ready or event.ready
            self._set_status(DispenserStatus(event.state, event.power, event.faults, event.ready, dict(event.empty)))

    def _set_status(self, status: DispenserStatus) -> None:
        if status != self.status:
            self.status = status
            if self._listener is not None:
                self._listener(status)
