"""Words of the printer's mechanics: motions of the paper, what is left standing on it, pieces that come off, and measures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

MM_PER_INCH: Final = 25.4


class Feed(NamedTuple):
    """Move the paper ``rows`` dot rows on, printing ``ink`` (any picture the protocol's page understands) on the way."""

    rows: int
    ink: object | None = None


class Retract(NamedTuple):
    """Pull the paper ``rows`` dot rows back."""

    rows: int


class Cut(NamedTuple):
    """Let the cutter work where the paper stands. ``note`` goes with the piece that comes off."""

    partial: bool
    note: object | None = None


class Mark(NamedTuple):
    """Call ``reached`` with the time when everything queued before is physically done."""

    reached: Callable[[float], None]


Motion = Feed | Retract | Cut | Mark


class Strip(NamedTuple):
    """Rows ``ink_row`` to ``ink_row + rows`` of one ink, standing on the paper from ``paper_row``."""

    paper_row: int
    ink_row: int
    rows: int
    ink: object


@dataclass(frozen=True, slots=True)
class Piece:
    """Paper that left the printer."""

    first_row: int
    rows: int
    strips: tuple[Strip, ...]
    how: Literal["cut", "partial_cut", "torn", "replaced"]
    note: object | None = None


class Occurrence(NamedTuple):
    """Something that happened to the machine: ``paper_low``, ``paper_out``, ``cutter_jammed``, ``piece`` ..."""

    t: float
    name: str
    piece: Piece | None = None


@dataclass(frozen=True)
class Geometry:
    """Fixed measures of one printer."""

    dpi: int = 180
    speed_mm_s: float = 150.0
    cutter_gap_mm: float = 15.0
    manual_cutter_mm: float = 27.0
    cut_s: float = 0.3
    past_sensor_mm: float = 10.0
    """Paper between end sensor and head: the line being printed is finished on it."""

    def rows(self, length_mm: float) -> int:
        """Return the nearest whole number of dot rows."""
        return round(length_mm * self.dpi / MM_PER_INCH)

    def mm(self, rows: int) -> float:
        """Return the length of ``rows`` dot rows."""
        return rows * MM_PER_INCH / self.dpi
