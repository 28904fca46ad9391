"""A visit's receipt again, from its journal, as files: for a customer whose paper was lost, and for staff who look it up.

It is marked electronic, so it is no second receipt; a PIN is not on it, for no journal holds one.
"""

from collections.abc import Iterable
from pathlib import Path

from kiosk.config import KioskConfig
from kiosk.ledger.entry import Row
from kiosk.pastpapers import past_paper
from kiosk.receipts.electronic import as_png, as_text
from kiosk.terminal import make_paper
from kiosk.topup.gateway import client_ref


class NoReceipt(LookupError):
    """This visit has no receipt: it is not in the journal, or it ended before there was anything to print."""


def write_receipt(config: KioskConfig, rows: Iterable[Row], visit: int, folder: Path) -> tuple[Path, Path]:
    """Write the receipt or slip of a visit as PNG and as text into ``folder``; return where. Raises NoReceipt, OSError."""
    past = past_paper(config.shop, rows, ())
    if past is None:
        raise NoReceipt(f"visit {visit}: found no receipt in this journal")
    reference = client_ref(config.kiosk_id, visit)
    document = make_paper(config).document(past.state, past.state.receipt_kind, 0, reference, past.issued_at)
    language = config.languages[past.state.language]
    picture, text = folder / f"{reference}.png", folder / f"{reference}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(as_png(document, language))
    text.write_text(as_text(document, language), encoding="utf-8")
    return picture, text
