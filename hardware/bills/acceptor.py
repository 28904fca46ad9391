"""The contract every bill acceptor driver keeps, and the events it tells.

Credit rule (reference cash.md 2.8): :class:`NoteStacked` is the only event that credits. It is told once per note, however
often the device repeats itself, and the device gets its acknowledgement only after the listener has returned. So a listener
that writes the event to a synced journal before returning never loses a note and never credits one twice. One that cannot write
raises :class:`hardware.errors.NotRecordedError`: the device is not acknowledged and not asked any more, and whoever talks to it
next hears of the note again, as after a host that died.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.dispenser import CashDispenser
from hardware.vocabulary import Belief, DeviceState, Fault, FullStatus, PowerState, RefuseReason


@dataclass(frozen=True)
class NoteInEscrow:
    """A note was read and waits inside, still returnable. Decide with stack, return_ or hold (UPOS DataEvent)."""

    yen: int
    mark: str = field(default="", compare=False)
    """What the unit itself calls this moment, where it counts them: by it a later life of the host tells this note from another
    of the same value. Empty where a protocol has no such count."""


@dataclass(frozen=True)
class NoteStacked:
    """The note is in the cash box. The only event that credits (UPOS DepositAmount, XFS CountsChanged)."""

    yen: int


@dataclass(frozen=True)
class NoteReturned:
    """The note in escrow went back to the customer; for whatever reason: asked for, timed out, pulled."""

    yen: int


@dataclass(frozen=True)
class NoteRefused:
    """A note never reached escrow and was pushed back out."""

    reason: RefuseReason
    code: str
    """What the device itself said, printable: ``DENOMINATION[0x76]``."""


@dataclass(frozen=True)
class NoteUnaccounted:
    """A note was inside when the driver could not see, and the protocol cannot say its value, or its fate, for sure.

    ``yen`` is None when the device gave no value (ID-003 VEND VALID carries none): the journal's open intent knows.
    """

    yen: int | None
    believed: Belief
    mark: str = field(default="", compare=False)
    """That of its :class:`NoteInEscrow`, as far as the unit still knows it; empty otherwise."""


@dataclass(frozen=True)
class FraudSuspected:
    """String, pull-back or the like (XFS fraudAttempt)."""

    code: str


@dataclass(frozen=True)
class AcceptorStatus:
    """The device as a whole; told at every change."""

    state: DeviceState = DeviceState.CLOSED
    power: PowerState = PowerState.UNKNOWN
    faults: frozenset[Fault] = frozenset()
    ready: bool = False
    """True from the moment the unit is initialised, its table read and no note is inside that it has not told about.
    False while offline, starting or at fault. The first True after ``start`` means: whatever was inside has been told."""
    blocked: bool = False
    """True while the unit waits for a second note to be taken from its mouth, and does nothing with the first meanwhile."""
    full: FullStatus = FullStatus.UNKNOWN
    """How full the cash box is, as far as the protocol has a word for it. FULL is a fault too; NEAR_FULL never is."""


BillEvent = NoteInEscrow | NoteStacked | NoteReturned | NoteRefused | NoteUnaccounted | FraudSuspected | AcceptorStatus
Listener = Callable[[BillEvent], None]


class BillAcceptor(ABC):
    """A bill acceptor on a line.

    ``await start(listener)`` returns at once; from then on the driver opens the line, initialises the unit, polls it, and
    comes back by itself after silence, garbage or an unplugged cable. Every change is told to the listener, on the loop, in
    order. A note is told as exactly one of these stories, and no call of ours changes that:

    * NoteInEscrow, then NoteStacked or NoteReturned or NoteUnaccounted;
    * NoteRefused;
    * NoteUnaccounted alone, for a note of a former life; before the NoteInEscrow of the next one, if that waits by now. Of two
      of the same value both bear marks then, or nothing is told of the first.

    ``enable`` and ``disable`` say what is wanted and are carried out at the next exchange, and again after every restart of
    the unit. A note in escrow stays the caller's to decide on even after ``disable``.
    """

    status: AcceptorStatus
    """The last status told."""
    holds = True
    """Whether the protocol can keep a note beyond the unit's own time-out; else ``hold`` only leaves things as they are."""
    dispenser: CashDispenser | None = None
    """What pays notes out of this unit's recycler, on the same line; None for a unit that only takes."""

    @property
    @abstractmethod
    def denominations(self) -> frozenset[int]:
        """Yen values that the unit's own table offers; empty until it was read."""

    @abstractmethod
    async def start(self, listener: Listener) -> None:
        """Begin to serve. Call once."""

    @abstractmethod
    async def close(self) -> None:
        """Inhibit the unit if it still answers, then leave the line. A note in escrow stays in the unit's hands."""

    @abstractmethod
    def enable(self, denominations: frozenset[int]) -> None:
        """Accept these yen values and no others. Values that the unit does not have are ignored."""

    @abstractmethod
    def disable(self) -> None:
        """Accept nothing."""

    @abstractmethod
    def stack(self) -> None:
        """Send the note in escrow to the cash box. Raises SequenceError when no undecided note is there."""

    @abstractmethod
    def return_(self) -> None:
        """Give the note in escrow back. Raises SequenceError when no undecided note is there."""

    @abstractmethod
    def hold(self) -> None:
        """Keep the note in escrow beyond the unit's own time-out, until decided otherwise; the driver renews it.

        Raises SequenceError when no undecided note is there."""
