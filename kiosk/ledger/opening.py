"""Opening a journal's database: what is looked at before the first row is written, and what is refused.

Looked at on opening: that the file is a whole number of pages and has the tables and triggers of its schema; that it is this
kiosk's, and its key at hand; that it goes on from the end that was noted elsewhere; and every row from the last checkpoint on,
at least the last :data:`CHECKED_ROWS`, by hash and by number. Time and memory for that do not grow with the age of the file.

Left to the audit: all rows before these, whether the checkpoint says what they say, and SQLite's integrity check of every page.
"""

from dataclasses import dataclass, replace

import apsw

from kiosk.ledger.chain import UNKEYED_SCHEMA, Chain, Head, fingerprint
from kiosk.ledger.custody import Custody
from kiosk.ledger.entry import Entry, Kind, Row
from kiosk.ledger.rows import fetch, read_rows
from kiosk.ledger.schema import SCHEMA_VERSION, alterations, create, migrate, objects, read_head, read_meta
from kiosk.ledger.trouble import JournalError

CHECKED_ROWS = 1000
"""How many rows at the end are verified at least: in a few hundredths of a second."""

_SYNCHRONOUS_FULL = 2
_LAST_CHECKPOINT = "SELECT seq FROM journal WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 1"
_HASH = "SELECT hash FROM journal WHERE seq = ?"


@dataclass(frozen=True)
class Opened:
    """What opening found."""

    chain: Chain
    head: Head
    checkpoint: Row | None
    """The last one."""


def open_database(db: apsw.Connection, kiosk_id: str, custody: Custody, *, in_memory: bool) -> Opened:
    """Make a new journal in an empty database, or look at the one in it; nothing is written into what is refused.

    Raises JournalError for what is not this kiosk's undamaged journal; apsw.Error and UnicodeDecodeError pass.
    """
    # Before the first read: with it SQLite keeps the WAL index in memory and the lock until it closes.
    fetch(db, "PRAGMA locking_mode = EXCLUSIVE")
    if not objects(db):
        _refuse_a_second_beginning(custody)
        _make_durable(db, in_memory=in_memory)
        return _begin(db, kiosk_id, custody)
    chain = _refuse_what_is_not_ours(db, kiosk_id, custody)
    head = read_head(db)
    checkpoint = _last_checkpoint(db)
    is_old = chain.schema == UNKEYED_SCHEMA
    after = head.seq if checkpoint is None else checkpoint.seq - 1
    _verify(db, chain, head, after=0 if is_old else max(0, min(after, head.seq - CHECKED_ROWS)))
    _refuse_an_older_copy(db, chain, head, custody)
    _make_durable(db, in_memory=in_memory)
    _save_anew(db)
    return _migrate(db, chain, head, custody) if is_old else Opened(chain, head, checkpoint)


def _save_anew(db: apsw.Connection) -> None:
    """Write everything that is not in the main file yet there, and sync it, before another row builds on it.

    A former life may have ended at a sync that failed. The system then shows what was to be saved and never saves it; rows
    behind it in the log would be synced, acknowledged, and gone with the next power cut (found by the simulation).
    """
    if (answer := fetch(db, "PRAGMA wal_checkpoint(TRUNCATE)")) and answer[0][0]:
        raise JournalError("the log beside it cannot be moved into it: somebody else reads it")


def chain_of(meta: dict[str, str], key: bytes | None) -> Chain:
    """Return how the journal with these facts is hashed. Raises JournalError when they are damaged."""
    schema = meta.get("schema")
    if schema not in (str(UNKEYED_SCHEMA), str(SCHEMA_VERSION)):
        raise JournalError(f"made with schema {schema}; this program knows schema {SCHEMA_VERSION} and can migrate schema 1")
    if schema == str(UNKEYED_SCHEMA):
        return Chain(meta.get("kiosk", ""), UNKEYED_SCHEMA, None)
    bridge = meta.get("bridge", "")
    if not bridge.isdecimal():
        raise JournalError(f"damaged: it says that it was migrated at row {bridge!r}")
    return Chain(meta.get("kiosk", ""), SCHEMA_VERSION, key, int(bridge))


def _refuse_a_second_beginning(custody: Custody) -> None:
    noted = custody.noted()
    if noted is not None:
        raise JournalError(
            f"there is no journal, but one that reached row {noted.seq} was noted in {custody}: put that file back; or, to"
            " begin new books on purpose, move the note away as well"
        )


def _refuse_what_is_not_ours(db: apsw.Connection, kiosk_id: str, custody: Custody) -> Chain:
    if "table meta" not in objects(db):
        raise JournalError("a database, but not a kiosk's journal")
    meta = read_meta(db)
    chain = chain_of(meta, None)
    if chain.kiosk_id != kiosk_id:
        raise JournalError(f"the journal of kiosk {chain.kiosk_id!r}, not of {kiosk_id!r}")
    if changes := alterations(db, chain.schema):
        raise JournalError("altered: " + "; ".join(changes))
    if chain.schema == UNKEYED_SCHEMA:
        return chain
    key = custody.existing_key()
    if key is None:
        raise JournalError(
            f"its key is missing in {custody}: put it back from where it was kept; without it no row can be added"
        )
    if meta.get("key") != fingerprint(key, kiosk_id):
        raise JournalError(f"written under another key than the one in {custody}: put the right key back")
    return replace(chain, key=key)


def _refuse_an_older_copy(db: apsw.Connection, chain: Chain, head: Head, custody: Custody) -> None:
    noted = custody.noted()
    if noted is None:
        return
    if noted.seq > head.seq:
        raise JournalError(
            f"an older copy, or its end was cut off: it ends with row {head.seq}, and row {noted.seq} was noted in {custody}."
            " Put the newest file back; do not go on from this one"
        )
    hashes = fetch(db, _HASH, (noted.seq,)) if noted.seq else [(chain.genesis,)]
    if hashes != [(noted.hash,)]:
        raise JournalError(f"another file in its place: its row {noted.seq} is not the one that was noted in {custody}")


def _last_checkpoint(db: apsw.Connection) -> Row | None:
    found = fetch(db, _LAST_CHECKPOINT)
    return next(read_rows(db, found[0][0] - 1)) if found else None


def _verify(db: apsw.Connection, chain: Chain, head: Head, after: int) -> None:
    end = Head(0, chain.genesis or "")
    for row in read_rows(db, after):
        if end.seq < after:
            end = Head(after, row.prev_hash)  # what came before is the audit's to judge
        if Head(row.seq - 1, row.prev_hash) != end or not chain.is_intact(row):
            raise JournalError(f"damaged: row {row.seq} is not as it was written; run the audit")
        end = Head(row.seq, row.hash)
    if end != head:
        raise JournalError(f"damaged: it should end with row {head.seq} and does not; run the audit")


def _begin(db: apsw.Connection, kiosk_id: str, custody: Custody) -> Opened:
    key = custody.make_key()
    chain = Chain(kiosk_id, SCHEMA_VERSION, key)
    assert chain.genesis is not None
    meta = {"schema": str(SCHEMA_VERSION), "kiosk": kiosk_id, "bridge": "0", "key": fingerprint(key, kiosk_id)}
    db.execute("BEGIN IMMEDIATE")
    create(db, meta, chain.genesis)
    db.execute("COMMIT")
    return Opened(chain, Head(0, chain.genesis), None)


def _migrate(db: apsw.Connection, old: Chain, head: Head, custody: Custody) -> Opened:
    """Bridge the chain of schema 1 to keyed rows, in one transaction. The bridge carries the time of the row before it."""
    key = custody.make_key()
    new = Chain(old.kiosk_id, SCHEMA_VERSION, key, head.seq + 1)
    at = fetch(db, "SELECT at FROM journal WHERE seq = ?", (head.seq,))
    at_text = at[0][0] if at else "1970-01-01T00:00:00.000000+00:00"
    body = Entry(Kind.MIGRATED, "", {"from_schema": UNKEYED_SCHEMA, "to_schema": SCHEMA_VERSION, "end": str(head)}).body_text()
    own = new.row_hash(head.hash, head.seq + 1, at_text, Kind.MIGRATED, "", body, ())
    assert own is not None
    db.execute("BEGIN IMMEDIATE")
    migrate(db, head.seq + 1, fingerprint(key, old.kiosk_id))
    db.execute(
        "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
        (head.seq + 1, at_text, str(Kind.MIGRATED), "", body, head.hash, own),
    )
    db.execute("COMMIT")
    return Opened(new, Head(head.seq + 1, own), None)


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
