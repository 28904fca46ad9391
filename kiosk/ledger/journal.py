"""The journal file: everything the kiosk did and every yen it moved, in order, for ever.

SQLite in WAL mode with ``synchronous=FULL``: one ``append`` is one transaction and one sync, and when it returns the rows
survive a power cut. That costs 0.3 to 0.5 ms on an ordinary disk [V], within a tenth of what one bare row costs [V].
``NORMAL`` is fifteen times faster and lost 354 of 417 acknowledged commits in a crash test [V], so there is no switch for it.
The file has one owner at a time: it stays locked from open to close.

A failed sync is never tried again. After EIO the kernel may drop the pages it could not write and call the next sync a
success, so the journal refuses all further writing and the kiosk goes out of service. Whether the failed rows are in the file
is then *unknown* until it is opened anew: recovery asks the file, as it asks the devices.

Now and then a **checkpoint** row says what all rows before it come to: the balances, and whatever its writer has to remember.
Opening then reads the rows from there on only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import apsw

from kiosk.ledger.accounts import PLAIN_ACCOUNTS, Posting
from kiosk.ledger.chain import Chain, Head
from kiosk.ledger.custody import Custody, InMemory, InSecrets
from kiosk.ledger.entry import Entry, Kind, Row
from kiosk.ledger.opening import Opened, open_database
from kiosk.ledger.rows import UNREADABLE, fetch, read_rows
from kiosk.ledger.trouble import JournalError as JournalError
from kiosk.ledger.trouble import explain
from kiosk.secrets import Secrets

_INSERT_ROW = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)"
_POSTING = "(?, ?, ?, ?)"
_BALANCES = "SELECT account, SUM(yen) FROM posting WHERE seq > ? GROUP BY account"
_BALANCES_OF_VISIT = (
    "SELECT account, SUM(yen) FROM journal CROSS JOIN posting ON posting.seq = journal.seq WHERE visit = ? GROUP BY account"
)

NOTED = frozenset({Kind.OPENED, Kind.ENDED, Kind.CHECKPOINT})
"""After a commit with a row of these kinds the end of the journal is noted in its custody: seldom enough to cost nothing."""

Statement = tuple[str, tuple[int | str, ...]]


class Journal:
    """One open journal. Made by :meth:`open`; used by one task of one thread."""

    def __init__(self, db: apsw.Connection, opened: Opened, custody: Custody, path: Path | None) -> None:
        self._db = db
        self._chain = opened.chain
        self._custody = custody
        self.path = path
        """The file, or None when the journal lives in memory."""
        self._broken: str | None = None
        self._head = opened.head
        self.checkpoint = opened.checkpoint
        """The last one; None while there is none."""
        self._balances: dict[str, int] = dict.fromkeys(PLAIN_ACCOUNTS, 0)
        if opened.checkpoint is not None:
            self._balances |= opened.checkpoint.body["balances"]
        for account, yen in fetch(db, _BALANCES, (self._read_from,)):
            self._balances[account] = self._balances.get(account, 0) + yen

    @classmethod
    def open(cls, path: Path | None, kiosk_id: str, custody: Custody | None = None, *, vfs: str = "") -> Self:
        """Open the journal of ``kiosk_id`` at ``path``, making it when there is no file; None keeps it in memory.

        ``custody`` keeps its key and where it ended; without one, the folder of secrets that belongs to ``path`` does.
        ``vfs`` names another layer under SQLite than the system's, such as a simulated disk; that has no folder of secrets.

        The folder must exist: a kiosk whose data disk is not mounted must not quietly begin a second set of books.
        Raises JournalError for a file that is held by another process, belongs to another kiosk, was made by an unknown
        version of the schema, is damaged, was altered, is older than what was noted of it, or is no journal at all; also when
        its key is missing, is another, or can be read by others. Nothing is written to a file that is refused.
        :mod:`kiosk.ledger.opening` says what is looked at, and what only the audit does. A journal of schema 1 is verified
        from its first row to its last and then goes on with keyed rows.
        """
        if not kiosk_id:
            raise ValueError("a journal needs the name of its kiosk")
        if custody is None:
            custody = InMemory() if path is None or vfs else custody_of(path)
        where = str(path) if path is not None else "journal in memory"
        db: apsw.Connection | None = None
        try:
            db = apsw.Connection(str(path) if path is not None else ":memory:", vfs=vfs or None)
            journal = cls(db, open_database(db, kiosk_id, custody, in_memory=path is None), custody, path)
            custody.note(journal.head)
            return journal
        except (*UNREADABLE, JournalError, ValueError, KeyError) as error:
            if db is not None:
                with suppress(apsw.Error):
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
            own_hash = self._chain.row_hash(prev_hash, seq, at_text, kind, visit, body, entry.postings)
            assert own_hash is not None, "an open journal has its key"
            last_hash = own_hash
            statements.append((_INSERT_ROW, (seq, at_text, kind, visit, body, prev_hash, last_hash)))
            if entry.postings:
                statements.append(_insert_postings(seq, entry.postings))
        self._commit(statements)
        self._head = Head(seq, last_hash)
        for entry in entries:
            for posting in entry.postings:
                self._balances[posting.account] = self._balances.get(posting.account, 0) + posting.yen
        if not NOTED.isdisjoint(entry.kind for entry in entries):
            self._note()
        return list(range(first, seq + 1))

    def append_checkpoint(self, at: datetime, memory: Mapping[str, Any]) -> None:
        """Write what all rows up to here come to: balances, and ``memory``, the writer's own. Raises as :meth:`append` does."""
        balances = {account: yen for account, yen in self._balances.items() if yen}
        (seq,) = self.append(at, Entry(Kind.CHECKPOINT, "", {"balances": balances, "memory": dict(memory)}))
        self.checkpoint = next(self.rows(after=seq - 1))

    @property
    def rows_since_checkpoint(self) -> int:
        """How many rows the next opening would read."""
        return self._head.seq - self._read_from

    @property
    def _read_from(self) -> int:
        return self.checkpoint.seq if self.checkpoint is not None else 0

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

    def _note(self) -> None:
        try:
            self._custody.note(self._head)
        except JournalError as error:
            self._broken = str(error)
            raise

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
    def kiosk_id(self) -> str:
        """Whose journal it is."""
        return self._chain.kiosk_id

    @property
    def chain(self) -> Chain:
        """How its rows are hashed; holds the key."""
        return self._chain

    @property
    def head(self) -> Head:
        """Number and hash of the last row: note it elsewhere and it becomes an anchor for the audit."""
        return self._head

    @property
    def last_hash(self) -> str:
        """Hash of the last row, of the genesis while there is none."""
        return self._head.hash

    def head_hash(self) -> str:
        """Return what names a whole run: two runs with the same key and head hash wrote the same journal, byte for byte."""
        return self._head.hash

    def close(self) -> None:
        """Move everything into the one main file and let go of it. Safe to call twice; a failed journal is only let go of.

        A disk that fails now takes nothing away: what was acknowledged is synced beside the file, for the next opening to read.
        """
        with suppress(apsw.Error, JournalError):
            if self._broken is None:
                self._note()
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


def custody_of(path: Path) -> Custody:
    """Return the folder of secrets that belongs to the journal at ``path``."""
    return InSecrets(Secrets.beside(path.absolute().parent))


def _insert_postings(seq: int, postings: tuple[Posting, ...]) -> Statement:
    """Put the legs of one row into one statement: its text depends on their number only, so SQLite prepares it once."""
    values: list[int | str] = []
    for n, posting in enumerate(postings):
        values += (seq, n, posting.account, posting.yen)
    return f"INSERT INTO posting VALUES {', '.join([_POSTING] * len(postings))}", tuple(values)
