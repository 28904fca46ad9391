"""Whether the papers that the books tell of came out: each picture's QR code, read by a scanner that nothing here is made with.

A paper that the books call printed has its picture, nothing was printed oftener than it was announced, and for money owed a
slip was at least begun.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kiosk.ledger.audit import reading
from kiosk.ledger.entry import Kind
from kiosk.ledger.report import AuditReport
from kiosk.ledger.rows import read_rows
from kiosk.ledger.story import CAME_OUT
from kiosk.simulation.witness import REFERENCE
from tests.hardware.printers.zbarimg import scanned


def wrong_papers(out: Path, report: AuditReport, printer_kills: int = 0) -> list[str]:
    """Return what is wrong between the papers' pictures in ``out`` and its journal; an empty list when nothing is.

    A printer's emulator that is killed may have cut and told, and not yet drawn the picture: so many may be missing.
    """
    announced, printed = _in_the_books(out / "journal.sqlite")
    drawn = _drawn(out)
    wrong = [
        f"visit {visit}: {drawn[visit]} papers came out, {announced[visit]} were announced"
        for visit in sorted(drawn)
        if drawn[visit] > announced[visit]
    ]
    missing = printed - drawn
    if missing.total() > printer_kills:
        wrong.append(f"papers that came out by the books, and are not there: {dict(missing)}")
    owed = [visit.visit for visit in report.visits if visit.flows.owed]
    return wrong + [f"visit {visit}: money is owed, and no slip was begun" for visit in owed if not announced[visit]]


def _in_the_books(journal: Path) -> tuple[Counter[str], Counter[str]]:
    """How many papers of each visit were announced, and how many of them came out."""
    announced, printed = Counter[str](), Counter[str]()
    prints = set()
    with reading(journal) as db:
        for row in read_rows(db):
            if row.kind == Kind.INTENT and row.body["action"] == "print":
                announced[row.visit] += 1
                prints.add(row.body["intent"])
            elif row.kind == Kind.RESULT and row.body["intent"] in prints:
                printed[row.visit] += row.body["outcome"] in CAME_OUT
    return announced, printed


def _drawn(out: Path) -> Counter[str]:
    """How many papers of each visit have a picture, by the visit's number in the QR code."""
    pictures = {path.stem: path.read_bytes() for path in out.glob("receipt*.png")}
    if not pictures:
        return Counter()
    with tempfile.TemporaryDirectory() as folder:
        found = scanned(pictures, Path(folder))
    codes = (symbol.content for symbols in found.values() for symbol in symbols if symbol.kind == "QR-Code")
    return visits_of(codes)


def visits_of(codes: Iterable[str]) -> Counter[str]:
    """How often each visit is named; the report of a day bears the end of the journal, and names none."""
    return Counter(reference[2] for code in codes if (reference := REFERENCE.fullmatch(code)))
