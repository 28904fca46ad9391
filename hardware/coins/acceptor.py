"""The contract every coin acceptor driver keeps, and the events it tells.

A coin has no escrow: by the time the device tells of it, it lies in the box or in a hopper, and the customer is to be credited.
The device keeps its last few events in a buffer with a counter and waits for no acknowledgement (reference cash.md 2.6). So
each :class:`CoinAccepted` carries a ``mark``, which the listener writes into its journal with the credit; a driver that is
started with the last mark of a former life tells what it missed, once, and :class:`CoinsUnaccounted` when it cannot.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from hardware.vocabulary import DeviceState, Fault, FullStatus, PowerState, RefuseReason


@dataclass(frozen=True)
class CoinAccepted:
    """A coin (or a note of a machine without escrow) is inside for good. It credits (UPOS DepositAmount)."""

    yen: int
    mark: str
    """The device's own count after this coin; opaque, for ``start(resume=...)``."""


@dataclass(frozen=True)
class CoinCountBegins:
    """The device is met for the first time of all. To be journaled: without it, a host that died over its first coin would
    not know that it had missed one."""

    mark: str
    """The device's own count now."""


@dataclass(frozen=True)
class CoinRefused:
    """A coin was let through to the return cup."""

    reason: RefuseReason
    code: str
    """What the device itself said, printable: ``INHIBITED[2]``."""


@dataclass(frozen=True)
class CoinsUnaccounted:
    """Coins may have come in that nobody can speak for: more events were missed than the device keeps, or it forgot them."""

    events: int | None
    """How many events were lost at most; None when the device cannot say. Each was a coin, a refusal or a trouble."""
    code: str
    mark: str
    """The device's count from here on, to be journaled like that of a coin."""


@dataclass(frozen=True)
class CoinFraudSuspected:
    """A coin on a string, going backwards, or the like (XFS fraudAttempt)."""

    code: str


@dataclass(frozen=True)
class CoinAcceptorStatus:
    """The device as a whole; told at every change."""

    state: DeviceState = DeviceState.CLOSED
    power: PowerState = PowerState.UNKNOWN
    faults: frozenset[Fault] = frozenset()
    ready: bool = False
    """True from the moment the device is identified and its missed events, if any, were told. False while off line,
    starting or at fault."""
    full: FullStatus = FullStatus.UNKNOWN


CoinEvent = CoinAccepted | CoinCountBegins | CoinRefused | CoinsUnaccounted | CoinFraudSuspected | CoinAcceptorStatus
CoinListener = Callable[[CoinEvent], None]


class CoinAcceptor(ABC):
    """A coin acceptor on a line.

    ``await start(listener)`` returns at once; from then on the driver keeps the line, and comes back by itself after silence,
    garbage or an unplugged cable. ``enable`` and ``disable`` say what is wanted and are carried out at the next exchange, and
    again after every restart of the device. A coin already rolling when ``disable`` arrives may still be told: it credits.
    """

    status: CoinAcceptorStatus
    """The last status told."""

    @property
    @abstractmethod
    def denominations(self) -> frozenset[int]:
        """Yen values that the device's own table offers; empty until it was read."""

    @abstractmethod
    async def start(self, listener: CoinListener, resume: str | None = None) -> None:
        """Begin to serve. ``resume`` is the last mark that the listener has journaled, None for the first life of all: then
        what the device still keeps of earlier events is nobody's and is not told, only :class:`CoinCountBegins`. Call once."""

    @abstractmethod
    async def close(self) -> None:
        """Inhibit the device if it still answers, then leave the line."""

    @abstractmethod
    def enable(self, denominations: frozenset[int]) -> None:
        """Accept these yen values and no others."""

    @abstractmethod
    def disable(self) -> None:
        """Accept nothing."""
