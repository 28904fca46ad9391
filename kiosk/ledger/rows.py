"""Reading rows with their postings out of a journal's database, a batch at a time."""

import sqlite3
from collections.abc import Iterator

from kiosk.ledger.accounts import Posting
from kiosk.ledger.entry import Row

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file raises: the module fails to decode SQLite's own message when that quotes the damaged bytes."""

BATCH_ROWS = 500
"""Few enough to stay small in memory, and no statement is left open between batches, so rows may be appended meanwhile."""

_ALL = "SELECT seq, at, kind, visit, body, prev_hash, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
_OF_VISIT = "SELECT seq, at, kind, visit, body, prev_hash, hash FROM journal WHERE visit = ? AND seq > ? ORDER BY seq LIMIT ?"
_POSTINGS = "SELECT seq, account, yen FROM posting WHERE seq BETWEEN ? AND ? ORDER BY seq, n"


def read_rows(db: sqlite3.Connection, after: int = 0, visit: str | None = None) -> Iterator[Row]:
    """Yield the rows numbered above ``after``, oldest first, of one ``visit`` when given. Raises :data:`UNREADABLE`."""
    while True:
        if visit is None:
            batch = db.execute(_ALL, (after, BATCH_ROWS)).fetchall()
        else:
            batch = db.execute(_OF_VISIT, (visit, after, BATCH_ROWS)).fetchall()
        if not batch:
            return
        if batch[-1][0] <= after:
            raise sqlite3.DatabaseError(f"rows out of order after {after}")  # a damaged tree must not be walked in circles
        postings: dict[int, list[Posting]] = {}
        for seq, account, yen in db.execute(_POSTINGS, (batch[0][0], batch[-1][0])):
            postings.setdefault(seq, []).append(Posting(account, yen))
        for seq, at, kind, visit_of_row, body, prev_hash, own_hash in batch:
            yield Row(seq, at, kind, visit_of_row, body, tuple(postings.get(seq, ())), prev_hash, own_hash)
        after = batch[-1][0]
