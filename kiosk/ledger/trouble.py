"""What can be wrong with a journal, in words that staff can act on."""

import apsw


class JournalError(Exception):
    """The books cannot be kept: another kiosk's file, one held by somebody else, damaged, or the disk failed.

    Not a DeviceError: there is nothing to retry and nothing to fall back on. A kiosk without a journal sells nothing.
    """


_MEANING = {
    apsw.SQLITE_BUSY: "held by another process (is the kiosk running?)",
    apsw.SQLITE_CANTOPEN: "cannot be opened (is there such a folder, and may this user write to it?)",
    apsw.SQLITE_READONLY: "cannot be written (check its permissions, and that the disk is not mounted read-only)",
    apsw.SQLITE_NOTADB: "not a journal, or damaged at its very beginning",
    apsw.SQLITE_CORRUPT: "damaged",
    apsw.SQLITE_FULL: "the disk is full",
    apsw.SQLITE_IOERR: "the disk failed",
}


def explain(error: Exception) -> str:
    """Say what SQLite or the opening found; the original text stands behind."""
    if isinstance(error, UnicodeDecodeError):
        return f"damaged: a text in it is no text [{error}]"
    code = getattr(error, "result", None)
    return str(error) if code is None else f"{_MEANING.get(code, 'SQLite refuses it')} [{error}]"
