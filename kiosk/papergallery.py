"""Prints sample papers of every kind in each language on an emulated printer: ``python -m kiosk.papergallery OUT [FILTER...]``.

Leaves ``<kind>-<language>.png`` as they came off, and ``electronic-<language>.png`` as it is drawn without a printer. The
number is of a block that no carrier assigns, and everything else is as invented. The pictures of ``docs/pictures`` are made so:
``python -m kiosk.papergallery docs/pictures receipt-ja receipt-en`` and so on.
"""

import asyncio
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from hardware.bench import Bench
from hardware.clock import run_virtual
from hardware.printers.escpos.emulator import EscposEmulator
from hardware.printers.escpos.page import Receipt
from hardware.printers.printer import Document, PrinterStatus, ReceiptPrinter
from kiosk.config import KioskConfig, load_config
from kiosk.languages import TAGS
from kiosk.receipts.electronic import as_png
from kiosk.receipts.tender import CardSlip
from kiosk.receipts.voucher import Voucher
from kiosk.session.state import Phase, PlanOffer, State
from kiosk.terminal import make_paper

_CONFIG: Final = Path(__file__).resolve().parents[1] / "config"
_ISSUED: Final = datetime(2026, 11, 22, 20, 6, tzinfo=ZoneInfo("Asia/Tokyo"))
_REFERENCE: Final = "KONBINI1-42"
_CARD: Final = CardSlip("VISA", "4242", "A12345", "T-0007", signed=True)
_VOUCHER: Final = Voucher("SN-0042", "8271940355361820", "2027-05-31")


def samples(config: KioskConfig, language: str) -> dict[str, Document]:
    """Return one paper of each kind, as detailed as the kind can be."""
    paper = make_paper(config)
    plan = config.catalogue.plan("softbank-data-3gb")
    assert plan is not None
    offer = PlanOffer(
        id=plan.id,
        carrier=plan.carrier,
        names=dict(plan.name),
        data_gb=plan.data_gb,
        price_yen=1500,
        list_price_yen=2000,
        valid_until="2026-12-31",
        valid_days=39,
        promotion="promotion.renewal_discount",
        refund="refund.window",
        tax=plan.tax_key,
    )
    sale = State(
        phase=Phase.RESULT,
        visit=42,
        language=language,
        carrier=plan.carrier,
        masked="090-****-2345",
        plan=offer,
        price_yen=1500,
        notes=(5000,),
        coins=(500,),
        committed="completed",
        sold_yen=1500,
        change_yen=4000,
    )
    short = replace(sale, change_yen=3200, owed_yen=800, slip_yen=800)
    pin = replace(sale, plan=replace(offer, product="PIN", tax="tax.exempt", refund="refund.never"))
    return {
        "receipt": paper.document(sale, "receipt", 0, _REFERENCE, _ISSUED),
        "receipt-short-of-change": paper.document(short, "receipt", 0, _REFERENCE, _ISSUED),
        "receipt-again": paper.document(sale, "receipt", 2, _REFERENCE, _ISSUED),
        "receipt-card": paper.document(sale, "receipt", 0, _REFERENCE, _ISSUED, card=_CARD),
        "receipt-pin": paper.document(pin, "receipt", 0, _REFERENCE, _ISSUED, voucher=_VOUCHER),
        "receipt-pin-missing": paper.document(pin, "receipt", 0, _REFERENCE, _ISSUED),
        "owed": paper.document(
            replace(sale, committed="declined", sold_yen=0, owed_yen=800, slip_yen=800, change_yen=3700, returned_yen=1000),
            "owed",
            0,
            _REFERENCE,
            _ISSUED,
        ),
        "investigation": paper.document(
            replace(short, committed="unknown", sold_yen=0), "investigation", 0, _REFERENCE, _ISSUED
        ),
        "card": paper.card_slip(language, _CARD, 1500, _REFERENCE, _ISSUED),
    }


async def print_all(config: KioskConfig, documents: list[Document]) -> list[Receipt]:
    """Print on the bench's emulated printer and return what came off."""
    bench = await Bench.open(config.bench)
    device = bench.device("printer")
    driver, emulator = device.driver, device.emulator
    assert isinstance(driver, ReceiptPrinter)
    assert isinstance(emulator, EscposEmulator)
    able = asyncio.Event()

    def said(status: PrinterStatus) -> None:
        if status.can_print:
            able.set()

    await driver.start(said)
    await able.wait()
    for document in documents:
        await driver.print(document)
    await driver.close()
    await bench.close()
    return list(emulator.receipts)


def main(out: Path, wanted: list[str]) -> None:
    """Write the papers whose file name contains one of ``wanted`` (or all)."""
    config = load_config(_CONFIG, _CONFIG / "benches" / "virtual.toml")
    out.mkdir(parents=True, exist_ok=True)
    for tag in TAGS:
        papers = samples(config, tag)
        chosen = {
            name: document for name, document in papers.items() if not wanted or any(w in f"{name}-{tag}.png" for w in wanted)
        }
        came_off = run_virtual(print_all(config, list(chosen.values()))) if chosen else []
        for name, receipt in zip(chosen, came_off, strict=True):
            (out / f"{name}-{tag}.png").write_bytes(receipt.png())
        if not wanted or any(w in f"electronic-{tag}.png" for w in wanted):
            (out / f"electronic-{tag}.png").write_bytes(as_png(papers["receipt"], config.languages[tag]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
