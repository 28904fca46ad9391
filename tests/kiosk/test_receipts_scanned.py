"""The symbols of every paper in every language, read from its picture by a reader that shares no code with what drew it."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from hardware.printers.printer import Barcode, Document, Qr
from kiosk.config import load_config
from kiosk.languages import TAGS
from kiosk.receipts.voucher import Voucher
from kiosk.terminal import make_paper
from tests.hardware.printers.printerworld import World, play
from tests.hardware.printers.zbarimg import Symbol, scanned
from tests.kiosk.test_receipts import CARD, CONFIG, ISSUED, KINDS, PIN, REFERENCE, overpaid, visit, with_plan
from tests.sampling import sampled

MODELS = ["tm-t88v-ja", "generic-58", "custom-vkp80-ja"]
"""Symbols drawn by the printer; drawn by us, on narrow paper; on a printer with a presenter."""


def papers(language: str) -> dict[str, Document]:
    """Every paper that a customer can be handed, by name."""
    maker = make_paper(load_config(CONFIG, CONFIG / "benches" / "virtual.toml"))
    found = {}
    for kind in KINDS:
        found[kind] = maker.document(visit(language, kind), kind, 0, REFERENCE, ISSUED)
        found[f"{kind}-again"] = maker.document(visit(language, kind), kind, 2, REFERENCE, ISSUED)
        found[f"{kind}-change-owed"] = maker.document(overpaid(language, kind), kind, 0, REFERENCE, ISSUED)
    sold = with_plan(language, tax="tax.exempt", refund="refund.never", product="PIN")
    voucher = Voucher("SN-0042", PIN, "2026-12-31")
    found["pin"] = maker.document(sold, "receipt", 0, REFERENCE, ISSUED, voucher=voucher)
    found["pin-missing"] = maker.document(sold, "receipt", 0, REFERENCE, ISSUED)
    found["card"] = maker.document(visit(language, "receipt"), "receipt", 0, REFERENCE, ISSUED, card=CARD)
    found["sim"] = maker.document(replace(visit(language, "receipt"), kind="iccid"), "receipt", 0, REFERENCE, ISSUED)
    return found


@pytest.mark.parametrize(("model", "language"), sampled(list(product(MODELS, TAGS)), 2))
def test_a_scanner_reads_what_each_paper_was_to_say_and_nothing_else(model: str, language: str, tmp_path: Path) -> None:
    documents = papers(language)
    pictures = {}

    async def story(world: World) -> None:
        for name, document in documents.items():
            assert (await world.printer.print(document)).came_out
            pictures[name] = world.emulator.receipts[-1].png()

    play(model, story)
    wanted = {name: sorted(symbols(document)) for name, document in documents.items()}
    assert all(Symbol("QR-Code", REFERENCE) in found for found in wanted.values())
    assert {name: sorted(found) for name, found in scanned(pictures, tmp_path).items()} == wanted


def symbols(document: Document) -> list[Symbol]:
    """What a document asks the printer to draw."""
    kinds = {Qr: "QR-Code", Barcode: "CODE-128"}
    return [Symbol(kinds[type(item)], item.data) for item in document.items if isinstance(item, Qr | Barcode)]
