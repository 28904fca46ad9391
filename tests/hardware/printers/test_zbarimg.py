"""Every symbol that zbar knows is read by it from the PNG of the paper: zbar shares no code with what drew them."""

from pathlib import Path

import pytest

from hardware.printers.printer import Barcode, Blank, Cut, Document, Qr, Text
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, stored_qr
from tests.hardware.printers.printerworld import World, play
from tests.hardware.printers.test_escpos_symbols import bars
from tests.hardware.printers.zbarimg import Symbol, scanned
from tests.matrix.driverpaper import PRINTERS

QR = "QR-Code"
SYMBOLS = {
    "upc-a": (bars(65, b"01234567890"), Symbol("UPC-A", "012345678905")),
    "upc-e": (bars(66, b"01234565"), Symbol("UPC-E", "01234565")),
    "ean13": (bars(67, b"490123456789"), Symbol("EAN-13", "4901234567894")),
    "ean8": (bars(68, b"4912345"), Symbol("EAN-8", "49123456")),
    "code39": (bars(69, b"ABC-123"), Symbol("CODE-39", "ABC-123")),
    "itf": (bars(70, b"12345678"), Symbol("I2/5", "12345678")),
    "codabar": (bars(71, b"A12345B"), Symbol("Codabar", "A12345B")),
    "code93": (bars(72, b"Code93"), Symbol("CODE-93", "Code93")),
    "code128-b": (bars(73, b"{BTX-0042"), Symbol("CODE-128", "TX-0042")),
    "code128-c": (bars(73, b"{C\x14\x1a\x0b\x16"), Symbol("CODE-128", "20261122")),
    "gs1-128": (bars(74, b"(01)04912345123459(10)ABC"), Symbol("CODE-128", "010491234512345910ABC")),
    "databar": (bars(75, b"0123456789012"), Symbol("DataBar", "0101234567890128")),
    "databar-truncated": (bars(76, b"0123456789012"), Symbol("DataBar", "0101234567890128")),
    "databar-expanded": (bars(78, b"(01)98898765432106"), Symbol("DataBar-Exp", "0198898765432106")),
    "qr": (stored_qr(b"https://example.jp/r/0001"), Symbol(QR, "https://example.jp/r/0001")),
    "qr-small": (stored_qr(b"KONBINI1-42", module_dots=3), Symbol(QR, "KONBINI1-42")),
}
"""What a host sends and what zbar reads. It does not know DataBar Limited, nor PDF417; and text beyond ASCII in a QR symbol it
takes for Shift-JIS, whatever it is [M]."""


@pytest.mark.parametrize("model", ["tm-t88v-ja", "generic-80-ja", "desktop-58-ja", "custom-vkp80-ja"])
def test_every_symbology_is_read_from_the_picture_by_another_reader(model: str, tmp_path: Path) -> None:
    pictures = {
        name: Bench(model).send(PREAMBLE + data + CUT).wait(8.0).printer.receipts[0].png()
        for name, (data, _) in SYMBOLS.items()
    }
    found = scanned(pictures, tmp_path, "enable")
    assert found == {name: [symbol] for name, (_, symbol) in SYMBOLS.items()}


@pytest.mark.parametrize("model", PRINTERS)
def test_what_a_document_asks_for_is_read_from_the_paper_of_every_model(model: str, tmp_path: Path) -> None:
    symbols = [
        Qr("KONBINI1-42"),
        Qr("20261122"),
        Qr("https://example.jp/" + "x" * 80, module_dots=4),
        Barcode("TX-0042"),
    ]
    pictures = {}

    async def story(world: World) -> None:
        for number, symbol in enumerate(symbols):
            assert (await world.printer.print(Document([Text("A"), symbol, Blank(), Cut()]))).came_out
            pictures[f"{number}"] = world.emulator.receipts[-1].png()

    play(model, story)
    found = scanned(pictures, tmp_path)
    kinds = [QR, QR, QR, "CODE-128"]
    assert found == {f"{n}": [Symbol(kind, symbol.data)] for n, (kind, symbol) in enumerate(zip(kinds, symbols, strict=True))}


def test_paper_without_a_symbol_holds_none(tmp_path: Path) -> None:
    paper = Bench("tm-t88v-ja").send(PREAMBLE + b"4901234567894\n" + CUT).wait(8.0).printer.receipts[0]
    assert scanned({"plain": paper.png()}, tmp_path, "enable") == {"plain": []}
