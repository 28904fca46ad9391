"""The hash chain: every row carries a keyed hash of itself and of the row before it.

Canonical form of a row, in UTF-8: the JSON array ::

    [prev_hash, seq, at, kind, visit, body, [[account, yen], ...]]

without spaces, where ``body`` is the stored text as one JSON string, so that no two different rows have one form. The hash is
HMAC-SHA256 under the kiosk's key, written as 64 lower-case hex digits. Row 1 follows the *genesis* hash, made of the schema's
version and the kiosk's name, so one kiosk's rows never fit into another's journal.

Rows of schema 1 carry plain SHA-256. A journal that began so keeps them; the row that bridges to the keyed ones
(``migrated``) is keyed itself, and so seals all before it as they were found that day.

What the chain shows to who holds the key: any changed byte of a row or posting, a row removed from the middle, rows swapped,
inserted or copied in, and an end rewritten by somebody without the key. Without the key one sees only whether each row names
the hash of the row before it. What no chain shows by itself: the last rows removed (a shorter chain is a whole chain), or an
older copy of the whole file put back. Against the first stands the ``head`` that the journal keeps beside the rows; it finds
rows lost by accident or by a clumsy hand, but not by one who moves the head back as well. Against all of it, and against who
stole the key, stands an **anchor**: a :class:`Head` noted elsewhere, such as in the folder of secrets
(:mod:`kiosk.ledger.anchor`) or printed on the daily cash report. The audit takes anchors and proves everything up to them.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as quoted

from kiosk.ledger.accounts import Posting
from kiosk.ledger.entry import Row

KEY_BYTES = 32
"""Length of a new key: that of the hash, as RFC 2104 recommends."""

LEAST_KEY_BYTES = 16
UNKEYED_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at some moment: the last row's number (0 before the first) and hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read back what ``str`` wrote: ``12:9f86...``. Raises ValueError for anything else."""
        seq, _, digits = text.strip().partition(":")
        if not seq.isdecimal() or len(digits) != 64 or set(digits) - set("0123456789abcdef"):
            raise ValueError(f"{text!r} is no head of a journal: a row number, a colon, 64 hex digits")
        return cls(int(seq), digits)


@dataclass(frozen=True)
class Chain:
    """How one journal's rows are hashed. Raises ValueError for a key that is too short to be one."""

    kiosk_id: str
    schema: int
    key: bytes | None
    """None for who may only look at the structure, and for a journal of schema 1."""
    bridge: int = 0
    """The row where a journal of schema 1 was migrated, its first keyed one; 0 for a journal that began with keyed rows."""

    def __post_init__(self) -> None:
        if self.key is not None and len(self.key) < LEAST_KEY_BYTES:
            raise ValueError(f"a key of {len(self.key)} bytes is none: at least {LEAST_KEY_BYTES}")

    @property
    def genesis(self) -> str | None:
        """What row 1 follows; None when only the key could tell."""
        schema = UNKEYED_SCHEMA if self.bridge else self.schema
        return self._digest(0, f'["konbini-kiosk journal",{schema:d},{quoted(self.kiosk_id)}]')

    def row_hash(
        self, prev_hash: str, seq: int, at: str, kind: str, visit: str, body: str, postings: Sequence[Posting]
    ) -> str | None:
        """Return the hash of one row, None when only the key could tell.

        Raises ValueError for texts that UTF-8 cannot carry (lone surrogates).
        """
        legs = ",".join([f"[{quoted(p.account)},{p.yen:d}]" for p in postings])
        texts = f"{quoted(at)},{quoted(kind)},{quoted(visit)},{quoted(body)}"
        return self._digest(seq, f"[{quoted(prev_hash)},{seq:d},{texts},[{legs}]]")

    def is_intact(self, row: Row) -> bool | None:
        """Tell whether a row read from storage still has the hash it was written with; None when only the key could tell."""
        try:
            own = self.row_hash(row.prev_hash, row.seq, row.at_text, row.kind, row.visit, row.body_text, row.postings)
        except ValueError:
            return False
        return None if own is None else hmac.compare_digest(own.encode(), row.hash.encode())

    def _digest(self, seq: int, text: str) -> str | None:
        if self.schema == UNKEYED_SCHEMA or seq < self.bridge:
            return hashlib.sha256(text.encode()).hexdigest()
        return None if self.key is None else hmac.digest(self.key, text.encode(), "sha256").hex()


def fingerprint(key: bytes, kiosk_id: str) -> str:
    """Return what a journal calls its key: enough to tell a wrong key from a damaged row, and nothing of the key itself."""
    return hmac.digest(key, f'["konbini-kiosk key",{quoted(kiosk_id)}]'.encode(), "sha256").hex()[:16]
