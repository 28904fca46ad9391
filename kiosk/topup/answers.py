"""What the carrier gateway can answer, as values, and how its JSON is believed: not at all until checked.

::

    Subscriber | Quote | Topup | Health      it answered what was asked
    Refused                                  it says no, and whether that is the last word
    NotFound                                 it never heard of our reference (only from ``find``)
    Lost                                     we do not know: no answer, or one that cannot be believed
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from kiosk.receipts.voucher import Voucher
from kiosk.topup.subscriber import LineStatus, Subscriber

Json = Mapping[str, object]

RETRIES = ("NEVER", "SAME_KEY", "AFTER_QUERY")
"""What the gateway's ``retry`` may say."""


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


class Unbelievable(ValueError):
    """An answer that is not what the gateway's description allows. Never leaves the client: it becomes a :class:`Lost`."""


def subscriber_from(raw: Json) -> Subscriber:
    """Read the answer of a look-up."""
    until = raw.get("valid_until")
    balance = raw.get("balance_jpy")
    return Subscriber(
        carrier=_text(raw, "carrier"),
        status=_member(LineStatus, raw, "status"),
        valid_until=None if until is None else _date(raw, "valid_until"),
        balance_yen=None if balance is None else _whole(raw, "balance_jpy"),
        brand=_text(raw, "brand", ""),
    )


def quote_from(raw: Json) -> Quote:
    """Read a quote."""
    disclosures = raw.get("disclosures")
    if not isinstance(disclosures, list) or not all(isinstance(d, str) for d in disclosures):
        raise Unbelievable("disclosures is not a list of texts")
    return Quote(
        id=_identifier(raw),
        price_yen=_whole(raw, "price_jpy"),
        discount_yen=_whole(raw, "discount_jpy", 0),
        credited_yen=_whole(raw, "credited_jpy", 0),
        valid_until=_moment(raw, "valid_until_after"),
        expires_at=_moment(raw, "expires_at"),
        disclosures=tuple(disclosures),
    )


def topup_from(raw: Json) -> Topup:
    """Read a top-up. The amount is optional in the gateway's description; ours always tells it and we insist."""
    return Topup(
        id=_identifier(raw),
        client_ref=_text(raw, "client_ref"),
        state=_member(TopupState, raw, "state"),
        version=_whole(raw, "version"),
        amount_yen=_whole(raw, "amount_jpy"),
        carrier_ref=_text(raw, "carrier_ref", ""),
        valid_until=_moment(raw, "valid_until") if "valid_until" in raw else None,
        decline_code=_text(raw, "decline_code", ""),
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
    return Voucher(serial, pin, _date(raw, "enter_by").isoformat() if "enter_by" in raw else "")


def health_from(raw: Json) -> Health:
    """Read the heartbeat."""
    carriers = raw.get("carriers")
    if not isinstance(carriers, list) or not all(isinstance(c, dict) for c in carriers):
        raise Unbelievable("carriers is not a list of objects")
    return Health(tuple(CarrierHealth(_text(c, "carrier"), _text(c, "state")) for c in carriers))


def refused_from(raw: Json) -> Refused:
    """Read a problem document (RFC 9457)."""
    retry = _text(raw, "retry")
    if retry not in RETRIES:
        raise Unbelievable(f"retry is {retry[:40]!r}")
    return Refused(_text(raw, "code"), retry, _text(raw, "title"))


_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_Member = TypeVar("_Member", bound=StrEnum)


def _member(kind: type[_Member], raw: Json, key: str) -> _Member:
    value = _text(raw, key)
    try:
        return kind(value)
    except ValueError as error:
        raise Unbelievable(f"{key} is {value[:40]!r}") from error


def _text(raw: Json, key: str, default: str | None = None) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str) or (not value and default is None):
        raise Unbelievable(f"{key} is not a text")
    return value


def _identifier(raw: Json) -> str:
    """Return ``id``, which goes into paths and into the journal: a "../" in it would ask for something else."""
    value = _text(raw, "id")
    if not _IDENTIFIER.fullmatch(value):
        raise Unbelievable("id is not 1 to 64 letters, digits, _ and -")
    return value


def _whole(raw: Json, key: str, default: int | None = None) -> int:
    value = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unbelievable(f"{key} is not a whole number of 0 or more")
    return value


def _moment(raw: Json, key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(raw, key))
    except ValueError as error:
        raise Unbelievable(f"{key} is not a date and time") from error
    if moment.tzinfo is None:
        raise Unbelievable(f"{key} has no time zone")
    return moment


def _date(raw: Json, key: str) -> date:
    try:
        return date.fromisoformat(_text(raw, key))
    except ValueError as error:
        raise Unbelievable(f"{key} is not a date") from error
