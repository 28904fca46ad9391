"""A line as the carrier describes it when looked up."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.topup.validity import today


class LineStatus(StrEnum):
    """The gateway's ``status``."""

    ACTIVE = "ACTIVE"
    EXPIRED_GRACE = "EXPIRED_GRACE"
    """Out of validity, but a top-up still brings it back."""
    SUSPENDED = "SUSPENDED"
    KYC_REQUIRED = "KYC_REQUIRED"
    """The carrier wants to see an identity document first; a kiosk cannot."""
    NOT_PREPAID = "NOT_PREPAID"
    UNKNOWN = "UNKNOWN"
    """No such line."""


@dataclass(frozen=True)
class Subscriber:
    """What a look-up answers."""

    carrier: str
    """Who serves the line now: the MNP database's word, not the prefix's."""
    status: LineStatus
    valid_until: date | None = None
    """Last day of validity; None for a line that was never topped up."""
    balance_yen: int | None = None
    brand: str = ""

    @property
    def can_top_up(self) -> bool:
        """Whether a plan may be offered at all."""
        return self.status in (LineStatus.ACTIVE, LineStatus.EXPIRED_GRACE)

    @property
    def is_new(self) -> bool:
        """Whether this is the line's first top-up: active, with no validity yet [A: the gateway has no flag for it]."""
        return self.status is LineStatus.ACTIVE and self.valid_until is None

    def is_valid(self, now: datetime) -> bool:
        """Whether the line still runs at ``now``: what a renewal discount asks for."""
        return self.status is LineStatus.ACTIVE and self.valid_until is not None and self.valid_until >= today(now)
