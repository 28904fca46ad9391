"""The hash chain: every row carries the SHA-256 of itself and of the row before it.

Canonical form of a row, in UTF-8: the JSON array ::

    [prev_hash, seq, at, kind, visit, body, [[account, yen], ...]]

without spaces, where ``body`` is the stored text as one JSON string, so that no two different rows have one form. Hashes are 64
lower-case hex digits. Row 1 follows the *genesis* hash, made of the schema's version and the kiosk's name, so one kiosk's rows
never fit into another's journal.

What the chain shows: any changed byte of a row or posting, a row removed from the middle, rows swapped, inserted or copied
in. What it cannot show by itself: the last rows removed (a shorter chain is a whole chain), everything from some row on
rewritten with fresh hashes, or an older copy of the whole file put back. Against the first stands the ``head`` that the
journal keeps beside the rows; it finds rows lost by accident or by a clumsy hand, but not by one who moves the head back as
well. Against all of it stands only an **anchor**: a :class:`Head` noted where the writer of the file has no pen, such as
printed on the daily cash report or sent to the centre. The audit takes anchors and proves everything up to them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as quoted

from kiosk.ledger.accounts import Posting
from kiosk.ledger.entry import Row


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


def genesis_hash(kiosk_id: str, schema_version: int) -> str:
    """Return what row 1 of this kiosk's journal follows."""
    return hashlib.sha256(f'["konbini-kiosk journal",{schema_version:d},{quoted(kiosk_id)}]'.encode()).hexdigest()


def row_hash(prev_hash: str, seq: int, at: str, kind: str, visit: str, body: str, postings: Sequence[Posting]) -> str:
    """Return the hash of one row. Raises ValueError for texts that UTF-8 cannot carry (lone surrogates)."""
    legs = ",".join([f"[{quoted(p.account)},{p.yen:d}]" for p in postings])
    texts = f"{quoted(at)},{quoted(kind)},{quoted(visit)},{quoted(body)}"
    return hashlib.sha256(f"[{quoted(prev_hash)},{seq:d},{texts},[{legs}]]".encode()).hexdigest()


def is_intact(row: Row) -> bool:
    """Tell whether a row read from storage still has the hash it was written with."""
    try:
        return row.hash == row_hash(row.prev_hash, row.seq, row.at_text, row.kind, row.visit, row.body_text, row.postings)
    except ValueError:
        return False
