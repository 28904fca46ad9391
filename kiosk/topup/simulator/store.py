"""What the carriers remember: quotes, top-ups, lines as topped up, and every reply given under an Idempotency-Key.

SQLite, in memory or in a file that survives a restart. One request's effect and its kept reply are one transaction: a server
that dies between the two would answer a repeated commit with a second top-up.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class QuoteRow:
    """A quote given. Moments are ISO 8601 texts."""

    id: str
    target: str
    product_id: str
    price_yen: int
    discount_yen: int
    credited_yen: int
    valid_until: str
    expires_at: str
    used_by: str
    """``client_ref`` of the reservation made from it, or empty."""


@dataclass(frozen=True)
class TopupRow:
    """A reservation and what became of it."""

    id: str
    client_ref: str
    target: str
    carrier: str
    product_id: str
    state: str
    version: int
    amount_yen: int
    credited_yen: int
    valid_until: str
    reserved_at: str
    committed_at: str
    """Empty before commit."""
    tender: str
    effects: int
    """How often the line was given what was paid for. More than 1 would be the bug this whole design is about."""
    before: str
    after: str
    """The line's last day before and after the effect, for a reversal; ``before`` is empty for a new line."""
    settles_at: str
    settles_to: str
    """State that comes by itself at ``settles_at``; both empty when none will."""
    decline_code: str


@dataclass(frozen=True)
class LineRow:
    """A line that was topped up here: what now holds instead of the registry."""

    target: str
    balance_yen: int
    valid_until: str


@dataclass(frozen=True)
class ReplyRow:
    """A reply kept under its key."""

    key: str
    request_hash: str
    status: int
    body: str
    kept_at: str


class Table(Generic[R]):
    """Rows of one dataclass, by their first field."""

    def __init__(self, db: sqlite3.Connection, row: type[R]) -> None:
        names = [f.name for f in fields(row)]  # type: ignore[arg-type]
        self._db = db
        self._row = row
        self._name = row.__name__
        # Not INSERT OR REPLACE: on a second unique column that would delete another row without a word.
        self._put = (
            f"INSERT INTO {self._name} VALUES ({','.join('?' * len(names))}) "
            f"ON CONFLICT({names[0]}) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names[1:])}"
        )
        self._names = names
        columns = ", ".join(f"{n} PRIMARY KEY" if i == 0 else n for i, n in enumerate(names))
        db.execute(f"CREATE TABLE IF NOT EXISTS {self._name} ({columns}) WITHOUT ROWID")

    def index(self, column: str, *, unique: bool = False) -> None:
        """Make look-ups by ``column`` quick."""
        kind = "UNIQUE INDEX" if unique else "INDEX"
        self._db.execute(f"CREATE {kind} IF NOT EXISTS {self._name}_{column} ON {self._name} ({column})")

    def put(self, row: R) -> None:
        """Write a row, over the one with the same first field if there is one. Raises sqlite3.IntegrityError for a second
        row with another unique field the same."""
        self._db.execute(self._put, astuple(row))  # type: ignore[call-overload]

    def where(self, column: str, value: str) -> list[R]:
        """Return the rows with ``value`` in ``column``, in order of the first field."""
        if column not in self._names:
            raise KeyError(column)
        sql = f"SELECT * FROM {self._name} WHERE {column} = ? ORDER BY {self._names[0]}"
        return [self._row(*values) for values in self._db.execute(sql, (value,))]

    def starting(self, column: str, beginning: str) -> list[R]:
        """Return the rows whose ``column`` starts with ``beginning``, in order of the first field."""
        if column not in self._names:
            raise KeyError(column)
        sql = f"SELECT * FROM {self._name} WHERE {column} >= ? AND {column} < ? ORDER BY {self._names[0]}"
        return [self._row(*values) for values in self._db.execute(sql, (beginning, beginning + "\U0010ffff"))]

    def get(self, value: str) -> R | None:
        """Return the row with ``value`` in its first field."""
        return next(iter(self.where(self._names[0], value)), None)

    def all(self) -> list[R]:
        """Return every row, in order of the first field."""
        return [self._row(*values) for values in self._db.execute(f"SELECT * FROM {self._name} ORDER BY {self._names[0]}")]

    def next_number(self) -> int:
        """Return one more than the number in the highest first field (``T00000041``), or 1."""
        highest = self._db.execute(f"SELECT MAX({self._names[0]}) FROM {self._name}").fetchone()[0]
        return int(highest[1:]) + 1 if highest else 1


class Store:
    """The carriers' books. ``path`` None keeps them in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self.quotes = Table(self._db, QuoteRow)
        self.topups = Table(self._db, TopupRow)
        self.topups.index("client_ref", unique=True)
        self.topups.index("target")
        self.topups.index("committed_at")
        self.lines = Table(self._db, LineRow)
        self.replies = Table(self._db, ReplyRow)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is kept together, or not at all when an exception leaves the block. Never await inside."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
