"""Everything that can happen to a visit. Plain values: each can be written into the journal and read back."""

from dataclasses import dataclass
from typing import Literal

from kiosk.screenmodel import Intent
from kiosk.session.state import Pieces, PlanOffer


@dataclass(frozen=True)
class Touched:
    """The customer touched the screen."""

    intent: Intent


@dataclass(frozen=True)
class TimedOut:
    """The timer of ``timers.timer`` ran out; a stale key is ignored."""

    key: str


@dataclass(frozen=True)
class DevicesChanged:
    """Which devices can serve now."""

    cash_ready: bool
    printer_ready: bool


@dataclass(frozen=True)
class CashChanged:
    """What the devices can take and pay out now. Told before the first visit, and whenever it changes."""

    takes: tuple[int, ...]
    gives: Pieces


@dataclass(frozen=True)
class CoinCredited:
    """A coin, or a note of a machine without escrow, is inside for good: it credits, whenever it comes."""

    yen: int
    device: str
    mark: str
    """The device's own count after it, by which a later life tells what it missed."""


@dataclass(frozen=True)
class CoinRejected:
    """A coin went through to the cup."""

    reason: str


@dataclass(frozen=True)
class CoinsUncounted:
    """Coins may have come in that the device can no longer speak for."""


@dataclass(frozen=True)
class PaidOut:
    """One device has done its part of a payout, or nobody can say what it did."""

    device: str
    paid: Pieces
    """Out for sure, counted by the device itself."""
    unsure: Pieces = ()
    """May have left or not: gone out of sight."""
    last: bool = True
    """Whether this ends the payout."""


@dataclass(frozen=True)
class NoteEscrowed:
    """A note waits in escrow."""

    yen: int
    mark: str = ""
    """What the acceptor calls this moment, where it counts them: see :class:`hardware.bills.acceptor.NoteInEscrow`."""


@dataclass(frozen=True)
class NoteCredited:
    """A note is in the cash box: the only event that credits."""

    yen: int


@dataclass(frozen=True)
class NoteGivenBack:
    """The note in escrow went back to the customer."""

    yen: int


@dataclass(frozen=True)
class NoteRejected:
    """A note was pushed out before it reached escrow."""

    reason: str


@dataclass(frozen=True)
class NoteMissing:
    """The note in escrow is out of sight and the protocol cannot say where."""

    yen: int


@dataclass(frozen=True)
class LookedUp:
    """The carrier knows the line; ``offers`` are what it can have today."""

    carrier: str
    offers: tuple[PlanOffer, ...]


@dataclass(frozen=True)
class Quoted:
    """The carrier's binding price."""

    quote: str
    price_yen: int
    valid_until: str


@dataclass(frozen=True)
class CarrierSaidNo:
    """Look-up, quote or reservation was refused, or could not be had; ``notice`` says why to the customer."""

    notice: str


@dataclass(frozen=True)
class Reserved:
    """The carrier holds the top-up for us."""

    topup: str


@dataclass(frozen=True)
class Committed:
    """How the commit ended, as far as the carrier says within the customer's patience."""

    outcome: Literal["completed", "declined", "unknown"]
    valid_until: str = ""


@dataclass(frozen=True)
class Released:
    """The reservation is gone: cancelled, expired, or never there."""


@dataclass(frozen=True)
class PrintEnded:
    """What came out of a print job."""

    outcome: Literal["printed", "presented", "failed", "unknown"]
    """``presented``: all of it is on paper, and stands at the mouth of a presenter; a :class:`TicketEnded` follows."""
    intent: int = 0
    """Number of the intent that it ends; 0 in journals of before it was told."""


@dataclass(frozen=True)
class TicketEnded:
    """What became of the paper at the mouth of a presenter."""

    outcome: Literal["taken", "left"]
    """``left``: its time was over, or it went some other way; nobody was seen to take it."""
    intent: int


@dataclass(frozen=True)
class Restarted:
    """The kiosk was down and is back; told once, before anything else, to a visit that was not at rest."""


@dataclass(frozen=True)
class ReservationEnding:
    """The carrier will not hold the top-up much longer, and it is not paid for."""


@dataclass(frozen=True)
class MouthBlocked:
    """Whether a second note lies at the mouth of the acceptor, which waits until it is taken away."""

    blocked: bool


Event = (
    Touched
    | TimedOut
    | DevicesChanged
    | CashChanged
    | CoinCredited
    | CoinRejected
    | CoinsUncounted
    | PaidOut
    | NoteEscrowed
    | NoteCredited
    | NoteGivenBack
    | NoteRejected
    | NoteMissing
    | LookedUp
    | Quoted
    | CarrierSaidNo
    | Reserved
    | Committed
    | Released
    | PrintEnded
    | TicketEnded
    | Restarted
    | ReservationEnding
    | MouthBlocked
)
