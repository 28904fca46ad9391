"""Symbols as real dots: what a scanner reads back from the paper."""

import pytest

from hardware.printers.escpos.barcodes import bar_code
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, stored_qr


def read(data: bytes, model: str = "tm-t88v-ja") -> tuple[tuple[str, str], ...]:
    return Bench(model).send(PREAMBLE + data + CUT).wait(8.0).printer.receipts[0].decoded()


def bars(number: int, data: bytes) -> bytes:
    return b"\x1dh\x50\x1dw\x02\x1dk" + bytes((number, len(data))) + data


def pdf417(*functions: tuple[int, bytes]) -> bytes:
    return b"".join(
        b"\x1d(k" + (len(data) + 2).to_bytes(2, "little") + bytes((48, function)) + data for function, data in functions
    )


@pytest.mark.parametrize(
    ("number", "data", "kind", "content"),
    [
        (65, b"01234567890", "EAN13", "0012345678905"),
        (66, b"01234565", "UPCE", "0012345000065"),
        (66, b"012345000065"[:12], "UPCE", "0012345000065"),
        (67, b"490123456789", "EAN13", "4901234567894"),
        (67, b"4901234567894", "EAN13", "4901234567894"),
        (68, b"4912345", "EAN8", "49123456"),
        (69, b"ABC-123", "Code39", "ABC-123"),
        (69, b"*ABC-123*", "Code39", "ABC-123"),
        (70, b"12345678", "ITF", "12345678"),
        (71, b"A12345B", "Codabar", "A12345B"),
        (72, b"Code93", "Code93", "Code93"),
        (73, b"{BTX-0042", "Code128", "TX-0042"),
        (73, b"{C\x14\x1a\x0b\x16", "Code128", "20261122"),
        (74, b"(01)04912345123459(10)ABC", "Code128", "(01)04912345123459(10)ABC"),
        (75, b"0123456789012", "DataBarOmni", "(01)01234567890128"),
        (77, b"0123456789012", "DataBarLtd", "(01)01234567890128"),
        (78, b"(01)98898765432106", "DataBarExp", "(01)98898765432106"),
    ],
)
def test_every_bar_code_is_read_back_from_the_dots(number: int, data: bytes, kind: str, content: str):
    assert read(bars(number, data)) == ((kind, content),)


def test_the_older_form_of_the_command_ends_with_nul():
    assert read(b"\x1dw\x02\x1dk\x02490123456789\x00") == (("EAN13", "4901234567894"),)


@pytest.mark.parametrize(
    ("number", "data"),
    [
        (65, b"12a"),
        (67, b"4901234567890"),
        (70, b"12x4"),
        (71, b"12345"),
        (75, b"12"),
        (78, b"zz"),
        (66, b"21234565"),
        (99, b"1"),
    ],
)
def test_data_that_breaks_the_rules_prints_nothing_and_is_counted(number: int, data: bytes):
    bench = Bench().send(PREAMBLE + bars(number, data) + b"A\n" + CUT).wait(5.0)
    receipt = bench.printer.receipts[0]
    assert receipt.text == "A"
    assert receipt.fates.ignored == {"GS k": 1}


def test_the_modules_of_ean13_are_those_of_the_standard():
    # guard 101, then 4 in front gives the parities L G L L G G for 901234
    symbol = bar_code(67, b"4901234567894")
    assert symbol is not None
    assert symbol.widths.startswith("111" + "3112" + "1123" + "2221" + "2122")
    assert sum(map(int, symbol.widths)) == 95
    assert symbol.text == "4901234567894"


def test_a_qr_symbol_and_a_bar_code_on_one_receipt_are_read_in_order():
    data = b"\x1ba\x01" + stored_qr(b"T-20261122-000123") + b"\n" + bars(73, b"{BTX-0042")
    assert read(data) == (("QRCode", "T-20261122-000123"), ("Code128", "TX-0042"))


def test_pdf417_is_read_back_and_its_size_told():
    data = b"receipt 0042, 3000 yen"
    made = pdf417((67, b"\x02"), (68, b"\x03"), (69, b"\x30\x32"), (80, b"0" + data))
    assert read(made + pdf417((81, b"0"))) == (("PDF417", data.decode()),)
    bench = Bench()
    [size] = [bench.ask(PREAMBLE + made + pdf417((82, b"0")))]
    assert size.startswith(b"\x37\x2f")
    assert size.endswith(b"\x1f1\x1f1\x00")


def test_a_symbol_cut_through_by_the_end_of_the_paper_is_not_read():
    bench = Bench()
    bench.hand("paper 20")
    bench.send(PREAMBLE + b"\n\n\n\n" + stored_qr(b"T-20261122-000123", module_dots=8) + CUT).wait(5.0)
    bench.hand("paper new")
    [receipt] = bench.wait(0.1).printer.receipts
    assert receipt.decoded() == ()
