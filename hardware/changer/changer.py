"""The contract of a change machine that takes and pays notes and coins, in the words of UnifiedPOS (CashChanger).

Japan's change machines (Glory, Fuji Electric, Laurel, ...) are programmed through UPOS; what goes over their wires is closed
[U: believed under NDA], so this contract is as deep as anybody outside can honestly go. The verbs and the order of calls
are those of UPOS CashChanger 1.14 [2: its Java and .NET forms agree]:

::

    begin_deposit -> (pause_deposit -> resume_deposit)* -> fix_deposit -> end_deposit(CHANGE | NO_CHANGE | REPAY)
    dispense_change / dispense_cash          only while no deposit is open [U: vendors differ, so nobody may rely on more]
    read_cash_counts -> adjust_cash_counts   whenever the machine stands still

Where UPOS ends, three things are added, each marked in its docstring: which values to accept, a count of all pieces ever
taken, and a count of all orders ever given. A service for a real machine has to bring them from the vendor's own commands.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hardware.coins.acceptor import CoinAcceptor
from hardware.dispenser import CashDispenser, Payout, Pieces
from hardware.vocabulary import DeviceState, EmptyStatus, Fault, FullStatus, PowerState, RefuseReason, Term


class DepositStatus(Term):
    """Where a deposit stands. UPOS keeps COUNT and JAM apart from the rest; PAUSED and FIXED are START to it."""

    END = "end", "CHAN_STATUS_DEPOSIT_END", ""
    """No deposit is open."""
    START = "start", "CHAN_STATUS_DEPOSIT_START", "cashInActive"
    COUNT = "count", "CHAN_STATUS_DEPOSIT_COUNT", "cashInActive"
    """Open, and pieces are being counted right now."""
    PAUSED = "paused", "CHAN_STATUS_DEPOSIT_START", "cashInActive"
    FIXED = "fixed", "CHAN_STATUS_DEPOSIT_START", "cashInActive"
    """Counted for good; only ``end_deposit`` is left."""
    JAM = "jam", "CHAN_STATUS_DEPOSIT_JAM", "cashInActive"


class DepositEnd(Term):
    """What becomes of a deposit."""

    CHANGE = "change", "CHAN_DEPOSIT_CHANGE", "CashInEnd"
    """It stays, and it was more than was due: change follows by ``dispense_change``."""
    NO_CHANGE = "nochange", "CHAN_DEPOSIT_NOCHANGE", "CashInEnd"
    """It stays, and no change follows."""
    REPAY = "repay", "CHAN_DEPOSIT_REPAY", "CashInRollback"
    """It is paid back."""


@dataclass(frozen=True)
class CashCounts:
    """What ``read_cash_counts`` tells."""

    counts: Mapping[int, int]
    """Pieces of each yen value that can be paid out, as the machine believes."""
    discrepancy: bool
    """Whether the machine knows that these may be wrong: after a jam, or when a drum ran empty before its count did."""


@dataclass(frozen=True)
class ChangerStatus:
    """The machine as a whole; told at every change (UPOS StatusUpdateEvent)."""

    state: DeviceState = DeviceState.CLOSED
    power: PowerState = PowerState.UNKNOWN
    faults: frozenset[Fault] = frozenset()
    ready: bool = False
    """Whether a verb would be carried out: started, powered, initialised, nothing wrong."""
    deposit: DepositStatus = DepositStatus.END
    empty: Mapping[int, EmptyStatus] = field(default_factory=dict)
    """Level of each value that can be paid out, as its sensors see it."""
    counts: Mapping[int, int] = field(default_factory=dict)
    """Pieces of each value that can be paid out, as the machine believes."""
    full: FullStatus = FullStatus.UNKNOWN
    """FULL when a piece of some value could no longer be taken in (UPOS FullStatus)."""
    discrepancy: bool = False
    exit_occupied: bool = False
    """Whether notes lie in the exit that nobody has taken."""

    @property
    def device(self) -> EmptyStatus:
        """The worst level of all (UPOS DeviceStatus)."""
        levels = self.empty.values()
        worst = (EmptyStatus.EMPTY, EmptyStatus.NEAR_EMPTY, EmptyStatus.OK)
        return next((level for level in worst if level in levels), EmptyStatus.UNKNOWN)


@dataclass(frozen=True)
class PieceCounted:
    """A coin or note of a deposit is inside for good (UPOS DataEvent, DepositAmount). Credits."""

    yen: int
    mark: str
    """``deposit_mark`` after this piece."""


@dataclass(frozen=True)
class PieceRejected:
    """A coin or note was given back uncounted."""

    reason: RefuseReason
    code: str


@dataclass(frozen=True)
class PieceStuck:
    """A jam caught a piece on its way in: not counted, not given back. Staff will find it."""

    code: str
    mark: str
    """``deposit_mark``, which the piece is not in."""


@dataclass(frozen=True)
class DispenseEnded:
    """A payout is over (UPOS StatusUpdateEvent CHAN_STATUS_ASYNC with AsyncResultCode), whoever awaits it or not."""

    payout: Payout


ChangerEvent = ChangerStatus | PieceCounted | PieceRejected | PieceStuck | DispenseEnded
ChangerListener = Callable[[ChangerEvent], None]


class CashChanger(ABC):
    """A change machine.

    Every verb may raise, besides what it names itself: DisabledError before ``start`` or after ``close`` (E_DISABLED),
    OfflineError when the machine has no power or is still initialising (E_OFFLINE), HardwareFault at a fault that staff
    must clear first (E_FAILURE). After such an error nothing has moved.

    The verbs that move money wait for its end; not waiting, which UPOS calls AsyncMode, is a task of the caller's own, and
    :class:`DispenseEnded` tells its end to the listener too. Their wait is bounded.
    """

    status: ChangerStatus
    """The last status told."""
    acceptor: CoinAcceptor
    """The taking half, for a host that wants no more than coins and notes that credit at once. Shares the machine with
    ``dispenser``, and with no other caller of the verbs."""
    dispenser: CashDispenser
    """The paying half."""

    @property
    @abstractmethod
    def deposit_cash_list(self) -> frozenset[int]:
        """Yen values that can be taken in (UPOS DepositCashList)."""

    @property
    @abstractmethod
    def currency_cash_list(self) -> frozenset[int]:
        """Yen values that can be paid out (UPOS CurrencyCashList)."""

    @property
    @abstractmethod
    def deposit_counts(self) -> Pieces:
        """What the open deposit, or the last one, has counted (UPOS DepositCounts)."""

    @property
    @abstractmethod
    def deposit_amount_yen(self) -> int:
        """What ``deposit_counts`` are worth (UPOS DepositAmount)."""

    @abstractmethod
    async def start(self, listener: ChangerListener) -> None:
        """Begin to serve (UPOS open, claim, enable). Call once."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the machine (UPOS disable, release, close). A payout under way goes on inside it; so does a deposit."""

    @abstractmethod
    async def begin_deposit(self, accept: frozenset[int] | None = None) -> None:
        """Take money in (UPOS beginDeposit); ``deposit_counts`` begin at nothing.

        ``accept`` narrows the values, None takes all. UPOS has no word for it; machines that can do it have one of their own
        [U]. Raises SequenceError when a deposit is open (E_ILLEGAL), BusyError during a payout (E_BUSY).
        """

    @abstractmethod
    async def pause_deposit(self) -> None:
        """Take nothing more for now; what is in the entry is still counted (UPOS pauseDeposit CHAN_DEPOSIT_PAUSE).

        Raises SequenceError when no deposit is open, or it is paused or fixed already (E_ILLEGAL).
        """

    @abstractmethod
    async def resume_deposit(self) -> None:
        """Go on taking (UPOS pauseDeposit CHAN_DEPOSIT_RESTART). Raises SequenceError unless paused (E_ILLEGAL)."""

    @abstractmethod
    async def fix_deposit(self) -> None:
        """Take nothing more and wait until all that was put in is counted (UPOS fixDeposit).

        Raises SequenceError when no deposit is open or it is fixed already (E_ILLEGAL); HardwareFault when a jam, or
        OfflineError when a power cut, ends the counting: what was counted by then stays counted; DeviceTimeout (E_TIMEOUT)
        when the counting does not end.
        """

    @abstractmethod
    async def end_deposit(self, how: DepositEnd) -> Payout | None:
        """Close the deposit (UPOS endDeposit); returns what was paid back for REPAY, else None.

        Raises SequenceError unless the deposit is fixed (E_ILLEGAL), OverDispenseError when REPAY cannot pay all of it back
        (EOVERDISPENSE): it is then still fixed, to be ended in another way.
        """

    @abstractmethod
    async def dispense_change(self, yen: int) -> Payout:
        """Pay an amount in as few pieces as there are (UPOS dispenseChange).

        Raises SequenceError for an amount of nothing or during a deposit (E_ILLEGAL), BusyError during another payout
        (E_BUSY), OverDispenseError when the counts cannot make the amount exactly (EOVERDISPENSE).
        """

    @abstractmethod
    async def dispense_cash(self, pieces: Pieces) -> Payout:
        """Pay these very pieces (UPOS dispenseCash). Raises like :meth:`dispense_change`."""

    @abstractmethod
    async def read_cash_counts(self) -> CashCounts:
        """Return what the machine believes to hold (UPOS readCashCounts). Raises BusyError during a payout (E_BUSY)."""

    @abstractmethod
    async def adjust_cash_counts(self, counts: Mapping[int, int]) -> None:
        """Tell the machine what staff have counted, by yen value, and end the discrepancy (UPOS adjustCashCounts).

        Values left out keep their count. Raises SequenceError for values it does not pay out, for a negative count, or during
        a deposit (E_ILLEGAL), BusyError during a payout (E_BUSY).
        """

    # -- beyond UPOS ---------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def deposit_mark(self) -> str:
        """Count of all pieces ever taken, by value; outlives power cuts. Opaque."""

    @abstractmethod
    def deposits_since(self, mark: str) -> Sequence[PieceCounted] | None:
        """Return what was counted since ``mark``, or None when the machine cannot say (the mark is another machine's).

        One event a piece, each with the mark after it, so that a host that dies between two of them loses none.
        """

    @property
    @abstractmethod
    def payout_mark(self) -> str:
        """Count of all orders ever given to pay out; outlives power cuts. Opaque."""

    @abstractmethod
    async def payout_since(self, mark: str, pieces: Pieces) -> Payout:
        """Say what became of the order for ``pieces`` given, or not, at ``mark``; see CashDispenser.outcome_since."""
