"""What a protocol is to :class:`hardware.bills.host.PolledAcceptor`: it asks, tells and obeys; the host keeps the line."""

from abc import abstractmethod
from typing import TypeVar

from hardware.bills.acceptor import BillEvent
from hardware.bills.story import NoteInside
from hardware.polledacceptor import AcceptingService
from hardware.vocabulary import FullStatus

H = TypeVar("H")


class UnitService(AcceptingService[H, BillEvent]):
    """Serves one bill validator, poll by poll. A note inside is first seen to its end, never reset away."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked = False
        """The unit waits for a second note to be taken from its mouth."""
        self.full = FullStatus.UNKNOWN
        """How full the cash box is, as far as the protocol has a word for it."""

    @property
    @abstractmethod
    def note(self) -> NoteInside | None:
        """The note inside, if one is known of."""

    def decided(self) -> None:
        """A decision about the note was just made: no patience with an earlier order holds it back."""
