"""What the carrier gateway can answer, as values, and how its JSON is believed: not at all until checked.

::

    Subscriber | Quote | Topup | Health      it answered what was asked
    Refused                                  it says no, and whether that is the last word
    NotFound                                 it never heard of our reference (only from ``find``)
    Lost                                     we do not know: no answer, or one that cannot be believed
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.receipts.voucher import Voucher
from kiosk.topup.fields import Json, Unbelievable, day, identifier, member, moment, text, whole, word, words
from kiosk.topup.subscriber import LineStatus, Subscriber

RETRIES = ("NEVER", "SAME_KEY", "AFTER_QUERY")
"""What the gateway's ``retry`` may say."""

_MOST_DISCLOSURES = 32
_MOST_CARRIERS = 64


class TopupState(StrEnum):
    """RESERVED -> EXPIRED | CANCELLED | SUBMITTED -> COMPLETED | DECLINED | UNKNOWN; a commit taken back -> REVERSED."""

    RESERVED = "RESERVED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    SUBMITTED = "SUBMITTED"
    COMPLETED = "COMPLETED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    REVERSAL_PENDING = "REVERSAL_PENDING"
    REVERSED = "REVERSED"
    REVERSAL_FAILED = "REVERSAL_FAILED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself. COMPLETED is final though it can still be reversed."""
        return self not in (
            TopupState.RESERVED,
            TopupState.SUBMITTED,
            TopupState.UNKNOWN,
            TopupState.REVERSAL_PENDING,
        )


@dataclass(frozen=True)
class Quote:
    """A price the carrier stands by until ``expires_at``."""

    id: str
    price_yen: int
    discount_yen: int
    credited_yen: int
    valid_until: datetime
    """Last second of the line's validity after the top-up."""
    expires_at: datetime
    disclosures: tuple[str, ...]
    """Catalogue keys of what the customer must be shown before paying."""


@dataclass(frozen=True)
class Topup:
    """A reservation and what became of it."""

    id: str
    client_ref: str
    state: TopupState
    version: int
    """Grows with every change, so that an old answer can be told from a newer one."""
    amount_yen: int
    carrier_ref: str = ""
    """The carrier's own reference, for the receipt; empty before it completed."""
    valid_until: datetime | None = None
    decline_code: str = ""
    voucher: Voucher | None = None
    """The PIN that was bought: told by ``find`` alone, and shown by no repr."""


@dataclass(frozen=True)
class CarrierHealth:
    """Whether one carrier can be reached."""

    carrier: str
    state: str
    """UP, DEGRADED, QUERY_ONLY or DOWN."""


@dataclass(frozen=True)
class Health:
    """The gateway lives, and this is what it says about the carriers."""

    carriers: tuple[CarrierHealth, ...]


@dataclass(frozen=True)
class Refused:
    """The gateway understood and said no. Only ``is_final`` means that the step did not and will not happen."""

    code: str
    """``QUOTE_EXPIRED``, ``KYC_REQUIRED``, ...; a code we do not know is kept as it came."""
    retry: str
    """``NEVER``, ``SAME_KEY`` (the same call again may work) or ``AFTER_QUERY`` (``find`` first)."""
    title: str

    @property
    def is_final(self) -> bool:
        """Whether asking again is useless. After a commit nothing else may be taken for a "no"."""
        return self.retry == "NEVER"


@dataclass(frozen=True)
class NotFound:
    """The gateway never received this ``client_ref``: the same reserve may be sent again."""

    client_ref: str


@dataclass(frozen=True)
class Lost:
    """Neither success nor failure: ask with ``find``."""

    why: str
    """For the log. Holds no number of a customer."""
    code: str = ""
    """The problem code when a server error carried one (``CARRIER_DOWN``), to word a notice with; proves nothing."""


def subscriber_from(raw: Json) -> Subscriber:
    """Read the answer of a look-up."""
    until = raw.get("valid_until")
    balance = raw.get("balance_jpy")
    return Subscriber(
        carrier=word(raw, "carrier"),
        status=member(LineStatus, raw, "status"),
        valid_until=None if until is None else day(raw, "valid_until"),
        balance_yen=None if balance is None else whole(raw, "balance_jpy"),
        brand=text(raw, "brand", ""),
    )


def quote_from(raw: Json) -> Quote:
    """Read a quote."""
    return Quote(
        id=identifier(raw),
        price_yen=whole(raw, "price_jpy"),
        discount_yen=whole(raw, "discount_jpy", 0),
        credited_yen=whole(raw, "credited_jpy", 0),
        valid_until=moment(raw, "valid_until_after"),
        expires_at=moment(raw, "expires_at"),
        disclosures=words(raw, "disclosures", _MOST_DISCLOSURES),
    )


def topup_from(raw: Json) -> Topup:
    """Read a top-up. The amount is optional in the gateway's description; ours always tells it and we insist."""
    return Topup(
        id=identifier(raw),
        client_ref=word(raw, "client_ref"),
        state=member(TopupState, raw, "state"),
        version=whole(raw, "version"),
        amount_yen=whole(raw, "amount_jpy"),
        carrier_ref=word(raw, "carrier_ref", ""),
        valid_until=moment(raw, "valid_until") if "valid_until" in raw else None,
        decline_code=word(raw, "decline_code", ""),
        voucher=_voucher(raw.get("voucher")),
    )


def _voucher(raw: object) -> Voucher | None:
    """Read a PIN. What is wrong with one is never told by quoting it."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise Unbelievable("voucher is not an object")
    pin, serial = raw.get("pin"), raw.get("serial")
    if not isinstance(pin, str) or not re.fullmatch(r"[0-9]{8,24}", pin):
        raise Unbelievable("voucher.pin is not 8 to 24 digits")
    if not isinstance(serial, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,32}", serial):
        raise Unbelievable("voucher.serial is not 1 to 32 letters and digits")
    return Voucher(serial, pin, day(raw, "enter_by").isoformat() if "enter_by" in raw else "")


def health_from(raw: Json) -> Health:
    """Read the heartbeat."""
    carriers = raw.get("carriers")
    if not isinstance(carriers, list) or len(carriers) > _MOST_CARRIERS or not all(isinstance(c, dict) for c in carriers):
        raise Unbelievable("carriers is not a list of objects")
    return Health(tuple(CarrierHealth(word(c, "carrier"), word(c, "state")) for c in carriers))


def refused_from(raw: Json) -> Refused:
    """Read a problem document (RFC 9457)."""
    retry = word(raw, "retry")
    if retry not in RETRIES:
        raise Unbelievable(f"retry is {retry[:40]!r}")
    return Refused(word(raw, "code"), retry, text(raw, "title"))
