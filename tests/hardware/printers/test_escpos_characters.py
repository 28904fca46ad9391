"""What a byte prints: kanji systems, ROM repertoires, UTF-8, code pages, and glyphs of the host's own."""

import pytest

from hardware.printers.escpos.page import Receipt
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench


def printed(data: bytes, **rom: object) -> Receipt:
    bench = Bench(rom=rom).send(PREAMBLE + data + b"\n" + CUT).wait(5.0)
    [receipt] = bench.printer.receipts
    return receipt


@pytest.mark.parametrize(
    ("kanji", "text", "missing"),
    [("jis", "　　　高", 3), ("nec", "①　　高", 2), ("ibm", "①髙﨑高", 0), ("2004", "①髙﨑高", 0)],
)
def test_the_rom_decides_which_kanji_are_blank(kanji: str, text: str, missing: int):
    receipt = printed("①髙﨑高".encode("cp932"), kanji=kanji)
    assert receipt.runs[0].run.text == text
    assert receipt.fates.missing_glyphs == missing


def test_shift_jis_2004_needs_a_rom_that_has_it():
    fish = "𩸽".encode("shift_jis_2004")
    assert printed(b"\x1cC\x02" + fish, kanji="2004").text == "𩸽"
    old = printed(b"\x1cC\x02" + "魚".encode("cp932"))
    assert old.text == "魚"  # refused: Shift_JIS stays
    assert old.fates.ignored == {"FS C": 1}


def test_utf_8_is_taken_by_models_that_know_it():
    receipt = printed(b"\x1c(C\x02\x00\x30\x02" + "合計 ¥3,000 é 値".encode(), utf_8=True)
    assert receipt.text.startswith("合計")
    assert receipt.runs[0].run.encoding == "utf_8"
    assert receipt.fates.missing_glyphs == 2  # ¥ and é are in no kanji ROM
    assert printed(b"\x1c(C\x02\x00\x30\x02A").fates.ignored == {"FS ( C": 1}


def test_utf_8_may_be_cut_anywhere_and_what_is_none_is_counted():
    bench = Bench(rom={"utf_8": True}).send(PREAMBLE + b"\x1c(C\x02\x00\x30\x02")
    for byte in "領収書".encode():
        bench.send(bytes((byte,))).wait(0.01)
    bench.send(b"\xff\n" + CUT).wait(5.0)
    assert bench.printer.receipts[0].text == "領収書"
    assert bench.printer.receipts[0].fates.bad_pairs == 1


@pytest.mark.parametrize(
    ("page", "byte", "char"),
    [(0, 0x82, "é"), (1, 0xB1, "ｱ"), (1, 0xF9, "市"), (2, 0x9C, "£"), (16, 0x80, "€"), (17, 0x80, "А"), (18, 0x88, "ł"),
     (19, 0xD5, "€"), (21, 0xA1, "ก")],
)  # fmt: skip
def test_a_code_page_says_what_a_high_byte_is(page: int, byte: int, char: str):
    assert printed(b"\x1cC\x00\x1bt" + bytes((page, byte))).text == char


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "#$@[\\]^`{|}~"), (1, "#$à°ç§^`éùè¨"), (3, "£$@[\\]^`{|}~"), (8, "#$@[¥]^`{|}~"), (13, "#$@[₩]^`{|}~")],
)
def test_an_international_set_replaces_twelve_characters(number: int, text: str):
    assert printed(b"\x1cC\x00\x1bR" + bytes((number,)) + b"#$@[\\]^`{|}~").text == text


def test_a_glyph_of_the_host_prints_its_dots_while_it_is_selected():
    bar = b"\x1b&\x03AA\x0c" + b"\xff\x00\x00" * 12
    receipt = printed(bar + b"A\x1b%\x01A\x1b%\x00A")
    assert receipt.text == "A〓A"
    image = receipt.image()
    assert all(image.getpixel((x, 106 + y)) == 0 for x in range(12, 24) for y in range(8))
    assert all(image.getpixel((x, 106 + y)) != 0 for x in range(12, 24) for y in range(8, 24))
    assert printed(bar + b"\x1b%\x01\x1b?AA").text == "A"


def test_a_kanji_of_the_host_stands_in_its_cell_and_is_not_missing():
    define = b"\x1c2\xec\x40" + b"\x00\x00\xff" * 24
    receipt = printed(define + "領".encode("cp932") + b"\xec\x40")
    assert receipt.text == "領〓"
    assert receipt.fates.missing_glyphs == 0
    assert receipt.image().getpixel((24, 106 + 23)) == 0
    assert printed(define + b"\x1c?\xec\x40\xec\x40").fates.missing_glyphs == 1


def test_initialise_forgets_glyphs_and_systems():
    bar = b"\x1b&\x03AA\x0c" + b"\xff\x00\x00" * 12
    assert printed(bar + b"\x1b%\x01" + b"\x1b@\x1b%\x01A").text == "A"
