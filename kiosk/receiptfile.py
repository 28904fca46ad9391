"""A visit's receipt again, from its journal, as files: for a customer whose paper was lost, and for staff who look it up.

It is marked electronic, so it is no second receipt; a PIN is not on it, for no journal holds one.
"""

from collections.abc import Iterable
from pathlib import Path

from kiosk.config import KioskConfig
from kiosk.ledger.entry import Kind, Row
from kiosk.receipts.electronic import as_png, as_text
from kiosk.record import event_from_json, state_from_json
from kiosk.session.machine import step
from kiosk.session.state import Phase, State
from kiosk.terminal import make_paper
from kiosk.topup.gateway import client_ref


class NoReceipt(LookupError):
    """This visit has no receipt: it is not in the journal, or it ended before there was anything to print."""


def write_receipt(config: KioskConfig, rows: Iterable[Row], visit: int, folder: Path) -> tuple[Path, Path]:
    """Write the receipt or slip of a visit as PNG and as text into ``folder``; return where. Raises NoReceipt, OSError."""
    state = State(phase=Phase.ATTRACT, visit=visit - 1, cash_ready=True)
    last: State | None = None
    issued_at = None
    for row in rows:
        if row.kind == Kind.SNAPSHOT:
            state = state_from_json(row.body["state"])
        elif row.kind == Kind.EVENT:
            state, _ = step(config.shop, state, event_from_json(dict(row.body)))
        elif row.kind == Kind.INTENT and row.body["action"] == "print":
            issued_at = issued_at or row.at
        if state.visit == visit and state.receipt not in ("", "none"):
            last = state
            if state.receipt == "failed" and issued_at is None:
                issued_at = row.at
    if last is None or issued_at is None:
        raise NoReceipt(f"visit {visit}: found no receipt in this journal")
    reference = client_ref(config.kiosk_id, visit)
    document = make_paper(config).document(last, last.receipt_kind, 0, reference, issued_at)
    language = config.languages[last.language]
    picture, text = folder / f"{reference}.png", folder / f"{reference}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(as_png(document, language))
    text.write_text(as_text(document, language), encoding="utf-8")
    return picture, text
