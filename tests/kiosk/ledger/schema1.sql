-- The tables and triggers of a journal of schema 1, as the program made them until November 2026.

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

CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER journal_is_never_removed BEFORE DELETE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER posting_is_never_changed BEFORE UPDATE ON posting BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER posting_is_never_removed BEFORE DELETE ON posting BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER meta_is_never_changed BEFORE UPDATE ON meta BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER meta_is_never_removed BEFORE DELETE ON meta BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER head_is_never_removed BEFORE DELETE ON head BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

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
