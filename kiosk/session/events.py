"""Everything that can happen to a visit. Plain values: each can be written into the journal and read back."""

from dataclasses import dataclass
from typing import Literal

from kiosk.screenmodel import Intent
from kiosk.session.state import PlanOffer


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
class NoteEscrowed:
    """A note waits in escrow."""

    yen: int


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
    """How a print job ended."""

    outcome: Literal["printed", "failed", "unknown"]


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
    | Restarted
    | ReservationEnding
    | MouthBlocked
)
