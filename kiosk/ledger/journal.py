"""The journal file: everything the kiosk did and every yen it moved, in order, for ever.

SQLite in WAL mode with ``synchronous=FULL``: one ``append`` is one transaction and one sync, and when it returns the rows
survive a power cut. That costs 0.3 to 0.5 ms on an ordinary disk [V], within a tenth of what one bare row costs [V].
``NORMAL`` is fifteen times faster and lost 354 of 417 acknowledged commits in a crash test [V], so there is no switch for it.
The file has one owner at a time: it stays locked from open to close.

A failed sync is never tried again. After EIO the kernel may drop the pages it could not write and call the next sync a
success, so the journal refuses all further writing and the kiosk goes out of service. Whether the failed rows are in the file
is then *unknown* until it is opened anew: recovery asks the file, as it asks the devices.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from kiosk.ledger.accounts import PLAIN_ACCOUNTS, Posting
from kiosk.ledger.chain import Head, genesis_hash, is_intact, row_hash
from kiosk.ledger.entry import Entry, Row
from kiosk.ledger.rows import UNREADABLE, fetch, read_rows
from kiosk.ledger.schema import SCHEMA_VERSION, alterations, create, objects, read_head, read_meta

_INSERT_ROW = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)"
_POSTING = "(?, ?, ?, ?)"
_BALANCES = "SELECT account, SUM(yen) FROM posting GROUP BY account"
_BALANCES_OF_VISIT = (
    "SELECT account, SUM(yen) FROM journal CROSS JOIN posting ON posting.seq = journal.seq WHERE visit = ? GROUP BY account"
)
_SYNCHRONOUS_FULL = 2

CHECKED_ROWS = 1000
"""How many rows at the end are verified on opening: far more than any recovery reads, in a few hundredths of a second."""

Statement = tuple[str, tuple[int | str, ...]]


class JournalError(Exception):
    """The books cannot be kept: another kiosk's file, one held by somebody else, damaged, or the disk failed.

    Not a DeviceError: there is nothing to retry and nothing to fall back on. A kiosk without a journal sells nothing.
    """


class Journal:
    """One open journal. Made by :meth:`open`; used by one task of one thread."""

    def __init__(self, db: apsw.Connection, kiosk_id: str, path: Path | None) -> None:
        self._db = db
        self.kiosk_id = kiosk_id
        self.path = path
        """The file, or None when the journal lives in memory."""
        self._broken: str | None = None
        self._head = read_head(db)
        self._balances: dict[str, int] = dict.fromkeys(PLAIN_ACCOUNTS, 0) | dict(fetch(db, _BALANCES))

    @classmethod
    def open(cls, path: Path | None, kiosk_id: str, *, vfs: str = "") -> Self:
        """Open the journal of ``kiosk_id`` at ``path``, making it when there is no file; None keeps it in memory.

        ``vfs`` names another layer under SQLite than the system's, such as a simulated disk.

        The folder must exist: a kiosk whose data disk is not mounted must not quietly begin a second set of books.
        Raises JournalError for a file that is held by another process, belongs to another kiosk, was made by another version
        of the schema, is damaged, was altered, or is no journal at all. Nothing is written to a file that is refused. What
        is checked is the structure and the last :data:`CHECKED_ROWS` rows; the whole chain is the audit's work.
        """
        if not kiosk_id:
            raise ValueError("a journal needs the name of its kiosk")
        where = str(path) if path is not None else "journal in memory"
        db: apsw.Connection | None = None
        try:
            db = apsw.Connection(str(path) if path is not None else ":memory:", vfs=vfs or None)
            # Before the first read: with it SQLite keeps the WAL index in memory and the lock until it closes.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            is_new = not objects(db)
            if not is_new:
                _refuse_what_is_not_ours(db, kiosk_id)
            _make_durable(db, in_memory=path is None)
            if is_new:
                create(db, kiosk_id)
            return cls(db, kiosk_id, path)
        except (*UNREADABLE, JournalError) as error:
            if db is not None:
                db.close()
            raise JournalError(f"{where}: {explain(error)}") from error

    def append(self, at: datetime, *entries: Entry) -> list[int]:
        """Write all ``entries`` in one transaction, wait until they are on the disk, and return their numbers.

        ``at`` is the moment, with its time zone. Raises ValueError, having written nothing, for an entry that is not valid
        (see :meth:`Entry.check`); JournalError when the disk failed now or earlier, upon which nothing is written any more.
        """
        if self._broken is not None:
            raise JournalError(f"the journal takes no more rows: {self._broken}")
        if at.tzinfo is None:
            raise ValueError("the journal wants a moment with its time zone")
        if not entries:
            return []
        at_text = at.isoformat(timespec="microseconds")
        seq, last_hash = self._head.seq, self._head.hash
        first = seq + 1
        statements: list[Statement] = []
        for entry in entries:
            entry.check()
            seq += 1
            kind, visit, body, prev_hash = str(entry.kind), entry.visit, entry.body_text(), last_hash
            last_hash = row_hash(prev_hash, seq, at_text, kind, visit, body, entry.postings)
            statements.append((_INSERT_ROW, (seq, at_text, kind, visit, body, prev_hash, last_hash)))
            if entry.postings:
                statements.append(_insert_postings(seq, entry.postings))
        self._commit(statements)
        self._head = Head(seq, last_hash)
        for entry in entries:
            for posting in entry.postings:
                self._balances[posting.account] = self._balances.get(posting.account, 0) + posting.yen
        return list(range(first, seq + 1))

    def _commit(self, statements: list[Statement]) -> None:
        execute = self._db.execute
        try:
            execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                execute(statement, values)
            execute("COMMIT")
        except apsw.Error as error:
            self._broken = explain(error)
            # SQLite has mostly rolled back by itself; if not even that works, the next open will, from the file.
            with suppress(apsw.Error):
                execute("ROLLBACK")
            raise JournalError(f"the journal cannot be written: {self._broken}") from error

    def rows(self, after: int = 0, visit: str | None = None) -> Iterator[Row]:
        """Read the rows numbered above ``after``, oldest first; those of one ``visit`` when given.

        Rows appended while reading are read too. Raises JournalError when the file cannot be read.
        """
        with self._reading():
            yield from read_rows(self._db, after, visit)

    def balances(self, visit: str | None = None) -> dict[str, int]:
        """Return the yen on each account, of all time or of one ``visit``; accounts without a parameter are always there."""
        if visit is None:
            return dict(self._balances)
        with self._reading():
            return dict.fromkeys(PLAIN_ACCOUNTS, 0) | dict(fetch(self._db, _BALANCES_OF_VISIT, (visit,)))

    def balance(self, account: str) -> int:
        """Return the yen on one account."""
        return self._balances.get(account, 0)

    @property
    def head(self) -> Head:
        """Number and hash of the last row: note it elsewhere and it becomes an anchor for the audit."""
        return self._head

    @property
    def last_hash(self) -> str:
        """Hash of the last row, of the genesis while there is none."""
        return self._head.hash

    def head_hash(self) -> str:
        """Return what names a whole run: two runs with the same head hash wrote the same journal, byte for byte."""
        return self._head.hash

    def close(self) -> None:
        """Move everything into the one main file and let go of it. Safe to call twice; a failed journal is only let go of.

        A disk that fails now takes nothing away: what was acknowledged is synced beside the file, for the next opening to read.
        """
        with suppress(apsw.Error):
            if self._broken is None:
                self._broken = "it was closed"
                fetch(self._db, "PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(apsw.Error):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except UNREADABLE as error:
            raise JournalError(f"{self.path or 'journal in memory'}: {explain(error)}") from error


def _insert_postings(seq: int, postings: tuple[Posting, ...]) -> Statement:
    """Put the legs of one row into one statement: its text depends on their number only, so SQLite prepares it once."""
    values: list[int | str] = []
    for n, posting in enumerate(postings):
        values += (seq, n, posting.account, posting.yen)
    return f"INSERT INTO posting VALUES {', '.join([_POSTING] * len(postings))}", tuple(values)


def explain(error: Exception) -> str:
    """Say in words that staff can act on what SQLite or the opening found; the original text stands behind."""
    code = getattr(error, "result", None)
    if isinstance(error, UnicodeDecodeError):
        return f"damaged: a text in it is no text [{error}]"
    if code is None:
        return str(error)
    meaning = {
        apsw.SQLITE_BUSY: "held by another process (is the kiosk running?)",
        apsw.SQLITE_CANTOPEN: "cannot be opened (is there such a folder, and may this user write to it?)",
        apsw.SQLITE_READONLY: "cannot be written (check its permissions, and that the disk is not mounted read-only)",
        apsw.SQLITE_NOTADB: "not a journal, or damaged at its very beginning",
        apsw.SQLITE_CORRUPT: "damaged",
        apsw.SQLITE_FULL: "the disk is full",
        apsw.SQLITE_IOERR: "the disk failed",
    }.get(code & 0xFF, "SQLite refuses it")
    return f"{meaning} [{error}]"


def _make_durable(db: apsw.Connection, *, in_memory: bool) -> None:
    """Set what makes a commit safe and read it back, for SQLite ignores a pragma it does not like without a word."""
    wanted: list[tuple[str, object]] = [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", _SYNCHRONOUS_FULL)]
    if in_memory:
        wanted.remove(("journal_mode", "wal"))
    for pragma, value in wanted:
        fetch(db, f"PRAGMA {pragma} = {value}")
        found = fetch(db, f"PRAGMA {pragma}")
        if found != [(value,)]:
            raise JournalError(f"SQLite answers {pragma} = {found}, and nothing but {value} is safe")


def _refuse_what_is_not_ours(db: apsw.Connection, kiosk_id: str) -> None:
    """Raise JournalError unless this is an undamaged journal of this kiosk and this version; apsw.Error passes."""
    if "table meta" not in objects(db):
        raise JournalError("a database, but not a kiosk's journal")
    meta = read_meta(db)
    if meta.get("schema") != str(SCHEMA_VERSION):
        raise JournalError(f"made with schema {meta.get('schema')}; this program knows schema {SCHEMA_VERSION} only")
    if meta.get("kiosk") != kiosk_id:
        raise JournalError(f"the journal of kiosk {meta.get('kiosk')!r}, not of {kiosk_id!r}")
    if changes := alterations(db):
        raise JournalError("altered: " + "; ".join(changes))
    if (check := fetch(db, "PRAGMA integrity_check(1)")) != [("ok",)]:
        raise JournalError(f"damaged: {check[0][0]}")
    head = read_head(db)
    start = max(head.seq - CHECKED_ROWS, 0)
    end = Head(0, genesis_hash(kiosk_id, SCHEMA_VERSION))
    for row in read_rows(db, start):
        if end.seq < start:
            end = Head(start, row.prev_hash)  # what came before is the audit's to judge
        if Head(row.seq - 1, row.prev_hash) != end or not is_intact(row):
            raise JournalError(f"damaged: row {row.seq} is not as it was written; run the audit")
        end = Head(row.seq, row.hash)
    if end != head:
        raise JournalError(f"damaged: it should end with row {head.seq} and does not; run the audit")
