"""A step's commit in the journal against the least a durable commit can cost: one small row, synchronous=FULL, same disk."""

import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from hardware.clock import SIMULATION_EPOCH
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.record import event_to_json
from kiosk.session import events as ev
from tests.benchmarks.table import Row

COMMITS = 600
_BUILD = Path("build")
"""On the disk of the checkout: the folder for temporary files may be in memory."""


def _bare(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE row (seq INTEGER PRIMARY KEY, body TEXT)")
    return db


def measure() -> list[Row]:
    """Return the row: what the till writes when a note is in the box, by turns with the bare row."""
    ours_s, bare_s = [], []
    _BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_BUILD) as name:
        folder = Path(name)
        bare = _bare(folder / "bare.sqlite")
        with Journal.open(folder / "journal.sqlite", "KONBINI1") as journal:
            credited, inserted = ev.NoteCredited(1000), ev.NoteEscrowed(1000)
            journal.append(SIMULATION_EPOCH, Entry(Kind.VISIT, "1", {"reference": "KONBINI1-1"}))
            for number in range(COMMITS):
                escrowed = Entry(Kind.EVENT, "1", event_to_json(inserted), accounts.note_in_escrow(1000))
                intent = {"intent": f"1.{number}", "action": "stack", "yen": 1000}
                journal.append(SIMULATION_EPOCH, escrowed, Entry(Kind.INTENT, "1", intent))
                began_s = perf_counter()
                event = Entry(Kind.EVENT, "1", event_to_json(credited), accounts.note_stacked(1000))
                result = Entry(Kind.RESULT, "1", {"intent": f"1.{number}", "outcome": "NoteCredited"})
                journal.append(SIMULATION_EPOCH, event, result)
                ours_s.append(perf_counter() - began_s)
                began_s = perf_counter()
                bare.execute("INSERT INTO row VALUES (?, ?)", (number, "a small row"))
                bare_s.append(perf_counter() - began_s)
        bare.close()
    ours, least = median(ours_s) * 1000, median(bare_s) * 1000
    return [Row("journal commit of a credited note", f"{ours:.3f} ms", f"SQLite, one row {least:.3f} ms", ours / least, 1.2)]
