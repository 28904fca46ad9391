"""Reading rows with their postings out of a journal's database, a batch at a time.

Texts are fetched as bytes and decoded here: a byte that is no UTF-8 must not stop the reading of a damaged file. It is read as
an escape that is longer than the byte, so the hash of such a row cannot fit.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from kiosk.ledger.accounts import Posting
from kiosk.ledger.entry import Row

UNREADABLE = (apsw.Error, UnicodeDecodeError)
"""What reading a damaged file raises: SQLite's own message may quote the damaged bytes, and then fails to be decoded."""

BATCH_ROWS = 500
"""Few enough to stay small in memory, and no statement is left open between batches, so rows may be appended meanwhile."""


def _raw(column: str) -> str:
    """A text as bytes; bytes, which no column may hold, as their number."""
    return f"CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) WHEN 'blob' THEN length({column}) ELSE {column} END"


_COLUMNS = ", ".join(["seq", *map(_raw, ("at", "kind", "visit", "body", "prev_hash", "hash"))])
_ALL = f"SELECT {_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
_OF_VISIT = f"SELECT {_COLUMNS} FROM journal WHERE visit = ? AND seq > ? ORDER BY seq LIMIT ?"
_POSTINGS = f"SELECT seq, {_raw('account')}, yen FROM posting WHERE seq BETWEEN ? AND ? ORDER BY seq, n"


def fetch(db: apsw.Connection, query: str, values: Sequence[int | str] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query, of whatever types the file holds. Raises :data:`UNREADABLE`."""
    return db.execute(query, tuple(values)).fetchall()


def read_rows(db: apsw.Connection, after: int = 0, visit: str | None = None) -> Iterator[Row]:
    """Yield the rows numbered above ``after``, oldest first, of one ``visit`` when given. Raises :data:`UNREADABLE`."""
    while True:
        query, which = (_ALL, ()) if visit is None else (_OF_VISIT, (visit,))
        batch = fetch(db, query, (*which, after, BATCH_ROWS))
        if not batch:
            return
        if batch[-1][0] <= after:
            raise apsw.CorruptError(f"rows out of order after {after}")  # a damaged tree must not be walked in circles
        postings: dict[int, list[Posting]] = {}
        for seq, account, yen in fetch(db, _POSTINGS, (batch[0][0], batch[-1][0])):
            postings.setdefault(seq, []).append(Posting(_text(account), yen))
        for seq, *texts in batch:
            at, kind, visit_of_row, body, prev_hash, own_hash = map(_text, texts)
            yield Row(seq, at, kind, visit_of_row, body, tuple(postings.get(seq, ())), prev_hash, own_hash)
        after = batch[-1][0]


def _text(raw: Any) -> Any:
    """Decode what is a text in the file, and pass on what should be one and is not: that is the audit's to see."""
    return raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
