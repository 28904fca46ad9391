"""What is written into the journal, and what is read back.

An :class:`Entry` is what the till has to say; the journal gives it a number, a time and a hash, and hands it back as a
:class:`Row`. A row keeps the stored texts as they stand, so that an audit judges the bytes and not an interpretation of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from kiosk.ledger.accounts import Posting, is_account

MOST_YEN = 10**12
"""No kiosk holds a trillion yen; a posting beyond it is a fault of the program (and SQLite's integers end at 2**63)."""


class Kind(StrEnum):
    """The kinds of rows the till writes; a journal takes any other non-empty text too."""

    OPENED = "opened"
    """The kiosk started."""
    VISIT = "visit"
    """A customer's visit begins."""
    SNAPSHOT = "snapshot"
    """The session's state, numbers masked."""
    EVENT = "event"
    """Something the session was told."""
    INTENT = "intent"
    """Announces an action before it is done: ``{"intent": id, "action": "stack" | "reserve" | "commit" | "print" | ...}``."""
    RESULT = "result"
    """How that action ended: ``{"intent": id, "outcome": ...}``."""
    SOLD = "sold"
    """The carrier completed the visit's top-up: what was sold, its tax class and its price."""
    PARKED = "parked"
    """The visit's customer has left, and its carrier has not said yet what became of the top-up."""
    CHECKPOINT = "checkpoint"
    """What all rows before it come to: ``balances``, and the ``memory`` of who wrote it. Moves nothing, decides nothing."""
    MIGRATED = "migrated"
    """Bridges the rows of an older schema, of which it names the ``end``, to those of this one."""
    REMARK = "remark"
    """A note for people."""
    ORDER = "order"
    """Written right before a device is told to pay out: which, how many pieces, and its own count (``mark``) to ask it by."""
    ORDER_RESOLVED = "order_resolved"
    """Says at last what became of an order that nobody could speak for."""
    FLOAT = "float"
    """The shop's own money lies in a device that pays out: on its first day, or filled in by staff."""
    MOVED = "moved"
    """Pieces went from a box to a drum of the same device, as its own count says."""
    COLLECTED = "collected"
    """Staff emptied a place and counted."""
    PAID_AT_DESK = "paid_at_desk"
    """Staff honoured a slip out of the shop's own till."""
    STAFF = "staff"
    """Somebody came to the staff's functions, left them, or was kept out."""
    DAY_OPENED = "day_opened"
    """A business day begins: its date, its number, and what the day before carried forward."""
    DAY_CLOSED = "day_closed"
    """The Z report: what the business day added up to."""
    SETTLEMENT = "settlement"
    """The settlement file of a day was compared with the books: how much both sides have alike, was answered, differs."""
    DIFFERENCE = "difference"
    """One thing in which a settlement file and the books differ: ``what``, of which ``day`` and ``reference``. For staff."""
    ENDED = "ended"
    """The visit is at rest: all its money has its final place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be written. ``visit`` is empty for what concerns the kiosk and no customer."""

    kind: str
    visit: str
    body: Mapping[str, Any]
    postings: tuple[Posting, ...] = ()

    def check(self) -> None:
        """Raise ValueError, saying why, unless the entry has a kind and its postings are whole yen that sum to zero."""
        if not self.kind:
            raise ValueError("an entry needs a kind")
        total = 0
        for posting in self.postings:
            yen = posting.yen
            if type(yen) is not int or not -MOST_YEN <= yen <= MOST_YEN:
                raise ValueError(f"{self.kind}: {yen!r} to {posting.account} is not a whole number of yen")
            if not is_account(posting.account):
                raise ValueError(f"{self.kind}: there is no account {posting.account!r}")
            total += yen
        if total:
            raise ValueError(f"{self.kind}: postings sum to {total} yen instead of 0")

    def body_text(self) -> str:
        """Return the body as canonical JSON: keys sorted, no spaces. Raises ValueError for what JSON cannot say exactly."""
        try:
            text = _encode(dict(self.body))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{self.kind}: the body is not JSON: {error}") from error
        _check_keys(self.kind, self.body)
        return text if _is_storable(text) else _encode_ascii(dict(self.body))


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def _is_storable(text: str) -> bool:
    """Tell whether a file can hold a text: half a character, as broken input has it, must be escaped first."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_keys(kind: str, value: object) -> None:
    """Refuse keys that are not texts: the encoder would turn 1 into "1" and None into "null" without a word."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{kind}: the body is not JSON: key {key!r} is not a text")
            if isinstance(inner, dict | list | tuple):
                _check_keys(kind, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            if isinstance(inner, dict | list | tuple):
                _check_keys(kind, inner)


@dataclass(frozen=True)
class Row:
    """One row as it is stored."""

    seq: int
    """1, 2, 3 ... without a gap."""
    at_text: str
    kind: str
    visit: str
    body_text: str
    postings: tuple[Posting, ...]
    prev_hash: str
    hash: str

    @cached_property
    def at(self) -> datetime:
        """When it was written. Raises ValueError when the stored text is no date (only a damaged row has such)."""
        return datetime.fromisoformat(self.at_text)

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The body, parsed. Raises ValueError when the stored text is not a JSON object (only a damaged row has such)."""
        value = json.loads(self.body_text)
        if not isinstance(value, dict):
            raise ValueError(f"row {self.seq}: the body is not a JSON object")
        return value
