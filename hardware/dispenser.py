"""The contract of everything that pays money out: a coin hopper, a recycler's drums, a change machine.

A payout is the one thing that a device does to money which can never be taken back, so nothing here repeats itself. Before
an order the caller writes :attr:`CashDispenser.mark`, the device's own count of orders, into its journal; when the answer is
lost, or the caller dies, :meth:`CashDispenser.outcome_since` asks the device by that mark what became of the order
(reference cash.md 2.6: the event counter, last paid, last unpaid).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hardware.vocabulary import DeviceState, EmptyStatus, Fault, PayoutOutcome, PowerState

Pieces = Mapping[int, int]
"""How many coins or notes of each yen value: ``{500: 3, 10: 2}``. Values with a count of 0 may be left out."""


def worth_yen(pieces: Pieces) -> int:
    """Return what ``pieces`` are worth together."""
    return sum(yen * count for yen, count in pieces.items())


@dataclass(frozen=True)
class Payout:
    """How one order ended. It is the device's own count, never what was asked for."""

    outcome: PayoutOutcome
    paid: Pieces
    """What has left the device for sure. With outcome UNKNOWN more may have left."""
    fault: Fault | None = None
    """Why it is not all, if the device said."""

    @property
    def paid_yen(self) -> int:
        """What ``paid`` is worth."""
        return worth_yen(self.paid)


@dataclass(frozen=True)
class DispenserStatus:
    """The device as a whole; told at every change."""

    state: DeviceState = DeviceState.CLOSED
    power: PowerState = PowerState.UNKNOWN
    faults: frozenset[Fault] = frozenset()
    ready: bool = False
    """Whether an order would be carried out: on line, identified, its counter read, enabled, nothing wrong."""
    empty: Mapping[int, EmptyStatus] = field(default_factory=dict)
    """By yen value, as far as the device has a sensor or a count for it."""


DispenserListener = Callable[[DispenserStatus], None]


class CashDispenser(ABC):
    """A device that pays out.

    ``await start(listener)`` returns at once; from then on the driver keeps the line, and comes back by itself after silence,
    garbage or an unplugged cable, without ever ordering a payout by itself. One order at a time.
    """

    status: DispenserStatus
    """The last status told."""

    @property
    @abstractmethod
    def denominations(self) -> frozenset[int]:
        """Yen values that it can pay out; known before the line is open for a device that is set up by its model."""

    @property
    @abstractmethod
    def levels(self) -> Mapping[int, int | None]:
        """How many pieces of each value the device itself counts inside; None where it does not count."""

    @property
    @abstractmethod
    def mark(self) -> str:
        """The device's own count of orders, to be journaled before :meth:`dispense`. Raises SequenceError until ``ready``
        was told once: a mark that was not read from the device proves nothing."""

    @abstractmethod
    async def start(self, listener: DispenserListener) -> None:
        """Begin to serve. Call once."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the line. A payout under way goes on inside the device."""

    @abstractmethod
    async def dispense(self, pieces: Pieces) -> Payout:
        """Pay out, wait for the end, and return the device's own count. The wait is bounded.

        Never raises for what the device does or fails to do: that is the :class:`Payout`. A lost answer is asked about by
        the counter, for as long as the driver can; what stays unanswered is UNKNOWN. Raises BusyError during another order,
        SequenceError when not ready, OverDispenseError for values it does not have or more than it counts.
        """

    @abstractmethod
    async def outcome_since(self, mark: str, pieces: Pieces) -> Payout:
        """Say what became of the order for ``pieces`` that was, or was not, given at ``mark``. Waits, bounded, for the device.

        NOTHING when the device's counter still stands at ``mark``: the order never arrived. The caller asks before it gives
        a new order.
        """
