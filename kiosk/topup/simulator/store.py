"""What the carriers remember: quotes, top-ups, lines as topped up, and every reply given under an Idempotency-Key.

SQLite, in memory or in a file that survives a restart. One request's effect and its kept reply are one transaction: a server
that dies between the two would answer a repeated commit with a second top-up.
"""

import hashlib
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


_SEALED = "target"
"""The field that is a customer's number."""


class Seal:
    """Hides a text so that the same text is always hidden in the same way, and can be looked up by it: AES-SIV."""

    def __init__(self, key: bytes) -> None:
        # here, for it costs a tenth of a second that books in memory can do without
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        self._cipher = AESSIV(hashlib.sha256(b"konbini carriers' books" + key).digest())

    def hide(self, text: str) -> str:
        """Return the sealed text, in hexadecimal."""
        return self._cipher.encrypt(text.encode(), None).hex()

    def show(self, sealed: str) -> str:
        """Return what was sealed. Raises ValueError or InvalidTag for what another key sealed."""
        return self._cipher.decrypt(bytes.fromhex(sealed), None).decode()


class Table(Generic[R]):
    """Rows of one dataclass, by their first field."""

    def __init__(self, db: sqlite3.Connection, row: type[R], seal: "Seal | None" = None) -> None:
        names = [f.name for f in fields(row)]  # type: ignore[arg-type]
        self._db = db
        self._row = row
        self._seal = seal
        self._sealed = names.index(_SEALED) if seal is not None and _SEALED in names else None
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
        values = list(astuple(row))  # type: ignore[call-overload]
        if self._sealed is not None and self._seal is not None:
            values[self._sealed] = self._seal.hide(values[self._sealed])
        self._db.execute(self._put, values)

    def where(self, column: str, value: str) -> list[R]:
        """Return the rows with ``value`` in ``column``, in order of the first field."""
        if column not in self._names:
            raise KeyError(column)
        sql = f"SELECT * FROM {self._name} WHERE {column} = ? ORDER BY {self._names[0]}"
        if self._seal is not None and column == _SEALED:
            value = self._seal.hide(value)
        return self._rows(sql, value)

    def starting(self, column: str, beginning: str) -> list[R]:
        """Return the rows whose ``column`` starts with ``beginning``, in order of the first field."""
        if column not in self._names:
            raise KeyError(column)
        sql = f"SELECT * FROM {self._name} WHERE {column} >= ? AND {column} < ? ORDER BY {self._names[0]}"
        return self._rows(sql, beginning, beginning + "\U0010ffff")

    def get(self, value: str) -> R | None:
        """Return the row with ``value`` in its first field."""
        return next(iter(self.where(self._names[0], value)), None)

    def all(self) -> list[R]:
        """Return every row, in order of the first field."""
        return self._rows(f"SELECT * FROM {self._name} ORDER BY {self._names[0]}")

    def _rows(self, sql: str, *values: str) -> list[R]:
        found = []
        for row in self._db.execute(sql, values):
            fields_of_it = list(row)
            if self._sealed is not None and self._seal is not None:
                fields_of_it[self._sealed] = self._seal.show(fields_of_it[self._sealed])
            found.append(self._row(*fields_of_it))
        return found

    def next_number(self) -> int:
        """Return one more than the number in the highest first field (``T00000041``), or 1."""
        highest = self._db.execute(f"SELECT MAX({self._names[0]}) FROM {self._name}").fetchone()[0]
        return int(highest[1:]) + 1 if highest else 1


class Store:
    """The carriers' books. ``path`` None keeps them in memory; with a ``key`` the numbers of lines are sealed in them."""

    def __init__(self, path: Path | None = None, key: bytes | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        seal = Seal(key) if key is not None else None
        self.quotes = Table(self._db, QuoteRow, seal)
        self.topups = Table(self._db, TopupRow, seal)
        self.topups.index("client_ref", unique=True)
        self.topups.index("target")
        self.topups.index("committed_at")
        self.lines = Table(self._db, LineRow, seal)
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
