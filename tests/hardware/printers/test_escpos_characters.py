"""What a byte prints: kanji systems, ROM repertoires, UTF-8, code pages, and glyphs of the host's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.printers.escpos.account import Account
from hardware.printers.escpos.characters import CharacterModes, plain_text
from hardware.printers.escpos.codepages import INTERNATIONAL_SETS, PAGES
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


SYSTEMS = st.fixed_dictionaries(
    {
        "code_system": st.sampled_from([0, 1, 2]),
        "utf_8": st.booleans(),
        "kanji_on": st.booleans(),
        "page": st.sampled_from(sorted(PAGES)),
        "international": st.integers(0, INTERNATIONAL_SETS - 1),
    }
)
KANJI = st.text(st.sampled_from("領収書￥①髙高〜ｱﾝaZ~\\｜々 "), max_size=12).map(lambda text: text.encode("cp932"))
SAID = st.lists(st.one_of(st.binary(max_size=8), KANJI), max_size=4).map(b"".join).map(lambda b: bytes(c for c in b if c >= 32))


def agrees(data: bytes, repertoire: str, **modes: int | bool) -> None:
    modes_of_it = CharacterModes(Account(), repertoire=repertoire)
    modes_of_it.choose(**modes)
    counted = modes_of_it.count(data)
    spans = modes_of_it.decode(data)
    account = modes_of_it.account
    if counted is not None:
        assert (account.bad_pairs, account.missing_glyphs, modes_of_it.interrupt()) == (0, 0, ())
        assert counted == tuple(sum(len(span.text) for span in spans if span.wide is wide) for wide in (False, True))
        assert plain_text(data, modes_of_it.reading) == "".join(span.text for span in spans)


@settings(max_examples=400, deadline=None)
@given(data=SAID, repertoire=st.sampled_from(["jis", "nec", "ibm", "2004"]), modes=SYSTEMS)
def test_characters_that_are_only_counted_are_those_that_a_closer_look_finds(
    data: bytes, repertoire: str, modes: dict[str, int]
):
    agrees(data, repertoire, **modes)


@pytest.mark.parametrize("repertoire", ["jis", "nec", "ibm", "2004"])
def test_every_pair_of_bytes_is_counted_right_or_not_at_all(repertoire: str):
    for lead in range(0x20, 0x100):
        for trail in range(0x20, 0x100):
            agrees(bytes((lead, trail)), repertoire, code_system=1, page=1, international=8)


def test_an_ordinary_japanese_line_is_counted_at_a_glance():
    modes = CharacterModes(Account())
    modes.choose(code_system=1, page=1, international=8)
    assert modes.count("領収書 ﾃﾚﾎﾝ ￥1,000".encode("cp932")) == (11, 4)
    assert modes.count("①".encode("cp932")) is None


def test_both_widths_in_sizes_of_their_own_stand_on_one_base():
    receipt = printed(b"\x1b!\x10" + "高ab高".encode("cp932"))  # double height for one-byte characters alone
    [first, letters, last] = receipt.runs
    assert [run.run.text for run in receipt.runs] == ["高", "ab", "高"]
    assert first.y == last.y == letters.y + 24
    assert (letters.x, last.x) == (24, 48)
