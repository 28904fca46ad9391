"""What a protocol is to :class:`hardware.bills.host.PolledAcceptor`: it asks, tells and obeys; the host keeps the line."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from hardware.bills.acceptor import BillEvent
from hardware.bills.story import NoteInside
from hardware.vocabulary import Fault, FullStatus

H = TypeVar("H")


class UnitService(ABC, Generic[H]):
    """Serves one unit, poll by poll. ``H`` is what one poll hears.

    Start-up must work from any state that the unit may be in, because a host can die at any instant and the unit lives on: a
    note inside is first seen to its end, never reset away. No method raises for anything that the line can say or fail to say.
    """

    watches = False
    """Whether this protocol has a :meth:`watch`: cheaper than asking, for a line at rest."""

    def __init__(self) -> None:
        self.wanted: frozenset[int] | None = None
        """Yen values to accept; None is inhibited. Set by the host; to be carried out at a next exchange and after restarts."""
        self.worth_yen: dict[int, int] = {}
        """Yen by the protocol's own code, as last read from the unit."""
        self.settled = False
        """The unit is initialised, or holds an adopted note that was told; its table is read; nothing inside is untold."""
        self.busy = False
        """A note moves or waits inside."""
        self.blocked = False
        """The unit waits for a second note to be taken from its mouth."""
        self.full = FullStatus.UNKNOWN
        """How full the cash box is, as far as the protocol has a word for it."""
        self.quiet: H | None = None
        """Something heard that asks for nothing when the same object is heard again; the host need not bring it here."""
        self.doubts_line = False
        """What is heard contradicts what was ordered: perhaps nobody but an echo is there. The host asks :meth:`echoes`."""
        self._tell: Callable[[BillEvent], None]
        self._publish: Callable[[], None]
        self._nudge: Callable[[], None]

    def attach(self, tell: Callable[[BillEvent], None], publish: Callable[[], None], nudge: Callable[[], None]) -> None:
        """Say who hears of notes (``tell``), that the status may have changed (``publish``), and that the next poll shall
        come at once (``nudge``)."""
        self._tell, self._publish, self._nudge = tell, publish, nudge

    @property
    @abstractmethod
    def faults(self) -> frozenset[Fault]:
        """The troubles of the unit itself."""

    @property
    @abstractmethod
    def note(self) -> NoteInside | None:
        """The note inside, if one is known of."""

    @abstractmethod
    async def ask(self) -> H | None:
        """Ask the unit how it is, repeating the question where the protocol repeats; None when nothing valid came."""

    @abstractmethod
    async def serve(self, heard: H) -> None:
        """Tell what was heard, then do what it asks for."""

    async def watch(self, first_s: float, interval_s: float) -> H | None:
        """Wait, asking again every ``interval_s`` from ``first_s`` on, until something other than :attr:`quiet` is heard.

        None when that cannot be said any more: then the host asks in the ordinary way. Called only while :attr:`quiet` is
        set, and only of a service with :attr:`watches`.
        """
        return None

    async def echoes(self) -> bool:
        """Tell whether the line gives back what we say; False where the protocol cannot be fooled by an echo."""
        return False

    @abstractmethod
    def forget_unit(self) -> None:
        """The unit may be another one, or the same after anything: bring it up anew. An open note stays open."""

    def decided(self) -> None:
        """A decision about the note was just made: no patience with an earlier order holds it back."""

    @abstractmethod
    async def inhibit(self) -> None:
        """Have the unit take nothing more; the host is about to leave the line."""
