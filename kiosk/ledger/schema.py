"""The tables of a journal file, and the triggers by which the file defends itself.

The triggers stop mistakes: a row cannot be changed, removed, or added anywhere but at the end of the chain, by whatever tool
opened the file. They do not stop a person who drops them first; the hash chain and the audit are for that.
"""

from collections.abc import Mapping

import apsw

from kiosk.ledger.chain import UNKEYED_SCHEMA, Head
from kiosk.ledger.rows import fetch

SCHEMA_VERSION = 2

_TABLES = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    visit TEXT NOT NULL,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE INDEX journal_by_visit ON journal (visit);

CREATE TABLE posting (
    seq INTEGER NOT NULL REFERENCES journal (seq),
    n INTEGER NOT NULL,
    account TEXT NOT NULL,
    yen INTEGER NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
"""

_FORBIDDEN = """
CREATE TRIGGER {table}_is_never_{done} BEFORE {verb} ON {table} BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
"""

_CHAIN_TRIGGERS = """
CREATE TRIGGER journal_grows_at_its_end BEFORE INSERT ON journal
WHEN (SELECT NEW.seq <> seq + 1 OR NEW.prev_hash <> hash FROM head) BEGIN
    SELECT RAISE(ABORT, 'a new row must follow the last one');
END;

CREATE TRIGGER head_follows_journal AFTER INSERT ON journal BEGIN
    UPDATE head SET seq = NEW.seq, hash = NEW.hash;
END;

CREATE TRIGGER head_only_moves_forward BEFORE UPDATE ON head WHEN NEW.seq <> OLD.seq + 1 BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER posting_belongs_to_the_last_row BEFORE INSERT ON posting
WHEN NEW.seq <> (SELECT seq FROM head) BEGIN
    SELECT RAISE(ABORT, 'a posting must belong to the last row');
END;
"""


_CHECKPOINTS = """
CREATE INDEX journal_checkpoints ON journal (seq) WHERE kind = 'checkpoint';
"""

_TO_SCHEMA_2 = f"""{_CHECKPOINTS}
DROP TRIGGER meta_is_never_changed;
UPDATE meta SET value = '2' WHERE key = 'schema';
{_FORBIDDEN.format(table="meta", verb="UPDATE", done="changed")}
"""


def _script(schema: int) -> str:
    forbidden = [("journal", "UPDATE"), ("journal", "DELETE"), ("posting", "UPDATE"), ("posting", "DELETE")]
    forbidden += [("meta", "UPDATE"), ("meta", "DELETE"), ("head", "DELETE")]
    triggers = [
        _FORBIDDEN.format(table=table, verb=verb, done="changed" if verb == "UPDATE" else "removed")
        for table, verb in forbidden
    ]
    return _TABLES + "".join(triggers) + _CHAIN_TRIGGERS + _CHECKPOINTS * (schema > UNKEYED_SCHEMA)


def create(db: apsw.Connection, meta: Mapping[str, str], genesis: str) -> None:
    """Lay out an empty journal in an empty database. The caller has begun a transaction: a kill half-way leaves it empty.

    ``meta`` names ``schema`` and ``kiosk``, and from schema 2 on the ``bridge`` row and the fingerprint of the ``key``.
    """
    _run(db, _script(int(meta["schema"])))
    for fact in meta.items():
        db.execute("INSERT INTO meta VALUES (?, ?)", fact)
    db.execute("INSERT INTO head VALUES (1, 0, ?)", (genesis,))


def migrate(db: apsw.Connection, bridge: int, fingerprint: str) -> None:
    """Make a journal of schema 1 one of schema 2, in the transaction that the caller has begun; the bridging row is theirs."""
    _run(db, _TO_SCHEMA_2)
    db.execute("INSERT INTO meta VALUES ('bridge', ?), ('key', ?)", (str(bridge), fingerprint))


def _run(db: apsw.Connection, script: str) -> None:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if apsw.complete(statement):
            db.execute(statement.strip())
            statement = ""


def objects(db: apsw.Connection) -> dict[str, str | None]:
    """Return every object of a database and the statement that made it."""
    return dict(fetch(db, "SELECT type || ' ' || name, sql FROM sqlite_schema"))


def alterations(db: apsw.Connection, schema: int) -> list[str]:
    """Return, in words, how the tables and triggers of a journal differ from those of ``schema``; empty when they do not."""
    fresh = apsw.Connection(":memory:")
    try:
        create(fresh, {"schema": str(schema)}, "")
        expected = objects(fresh)
    finally:
        fresh.close()
    found = objects(db)
    changes = [f"{name} is missing" for name in expected if name not in found]
    changes += [f"{name} does not belong here" for name in found if name not in expected]
    changes += [f"{name} was altered" for name in expected if name in found and found[name] != expected[name]]
    return sorted(changes)


def read_meta(db: apsw.Connection) -> dict[str, str]:
    """Return the facts about the file: schema, kiosk, bridge, key. Raises apsw.Error when they are not texts."""
    meta = dict(fetch(db, "SELECT key, value FROM meta"))
    if not all(isinstance(text, str) for pair in meta.items() for text in pair):
        raise apsw.CorruptError("the facts about the journal are damaged")
    return meta


def read_head(db: apsw.Connection) -> Head:
    """Return the end of the chain as the file remembers it. Raises apsw.Error when it does not."""
    rows = fetch(db, "SELECT seq, hash FROM head")
    if len(rows) != 1 or not isinstance(rows[0][0], int) or not isinstance(rows[0][1], str):
        raise apsw.CorruptError("the head of the journal is missing or damaged")
    return Head(*rows[0])
