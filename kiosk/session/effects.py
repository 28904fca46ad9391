"""What a visit asks of the world. Those with an ``id`` move money or paper: the till journals them as intents first."""

from dataclasses import dataclass

from kiosk.session.state import Pieces, ReceiptKind
from kiosk.topup.target import Target


@dataclass(frozen=True)
class LookUp:
    """Ask the carrier who serves the number."""

    target: Target


@dataclass(frozen=True)
class GetQuote:
    """Ask the carrier for its price."""

    target: Target
    plan: str


@dataclass(frozen=True)
class HoldNote:
    """Keep the note in escrow until decided."""


@dataclass(frozen=True)
class StackNote:
    """Send the note in escrow to the cash box: no way back."""

    id: int
    yen: int


@dataclass(frozen=True)
class ReturnNote:
    """Give the note in escrow back."""

    id: int
    yen: int


@dataclass(frozen=True)
class Reserve:
    """Reserve the top-up at the carrier."""

    id: int
    quote: str


@dataclass(frozen=True)
class Commit:
    """Tell the carrier that the money is in: deliver."""

    id: int
    topup: str
    yen: int


@dataclass(frozen=True)
class Release:
    """Cancel the reservation."""

    id: int
    topup: str


@dataclass(frozen=True)
class PayOut:
    """Pay so many pieces out, from whatever holds them. Never repeated: what became of it is asked."""

    id: int
    pieces: Pieces


@dataclass(frozen=True)
class PrintPaper:
    """Print this visit's receipt or slip; ``copy`` 0 is the original, more is a reprint and marked so."""

    id: int
    kind: ReceiptKind
    copy: int


@dataclass(frozen=True)
class EndVisit:
    """The visit is at rest; the next customer may come."""


Effect = LookUp | GetQuote | HoldNote | StackNote | ReturnNote | Reserve | Commit | Release | PayOut | PrintPaper | EndVisit
Durable = StackNote | ReturnNote | Reserve | Commit | Release | PayOut | PrintPaper
"""Effects that are journaled as intents before they are carried out."""
