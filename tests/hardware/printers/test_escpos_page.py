"""Dots and text of what came out."""

import io

import pytest
from PIL import Image

from hardware.printers.escpos.codepages import jis_to_shift_jis, kanji, single_bytes
from hardware.printers.escpos.glyphs import Font, glyph
from hardware.printers.escpos.raster import column_image
from hardware.printers.escpos.symbols import code128_bars, code128_values, qr_image, qr_modules
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, raster


def receipt_of(data: bytes):
    return Bench().send(data + CUT).wait(10.0).printer.receipts[0]


def ink(image: Image.Image) -> list[str]:
    return ["".join(" #"[image.getpixel((x, y)) == 0] for x in range(image.width)) for y in range(image.height)]


def test_a_png_is_one_bit_deep_and_knows_its_resolution():
    receipt = receipt_of(PREAMBLE + "合計".encode("cp932") + b"\n")
    with Image.open(io.BytesIO(receipt.png())) as png:
        assert (png.mode, png.size) == ("1", (512, receipt.rows))
        assert png.info["dpi"] == pytest.approx((180, 180), abs=0.1)


def test_raster_dots_come_out_where_they_were_sent():
    receipt = receipt_of(b"\x1dv0\x00\x01\x00\x03\x00\x81\x42\x24")
    assert ink(receipt.image().crop((0, 106, 8, 109))) == ["#      #", " #    # ", "  #  #  "]


def test_a_raster_in_mode_3_has_double_dots():
    receipt = receipt_of(b"\x1dv0\x03\x01\x00\x01\x00\xa0")
    assert ink(receipt.image().crop((0, 106, 8, 108))) == ["##  ##  "] * 2


def test_a_raster_is_justified_like_text():
    receipt = receipt_of(b"\x1ba\x02" + raster(2, 1))
    assert ink(receipt.image().crop((494, 106, 512, 107))) == ["  " + "#" * 16]


def test_a_raster_wider_than_the_paper_loses_its_right_side_only():
    receipt = receipt_of(raster(80, 2) + b"A\n")
    assert receipt.text == "[image 640x2]\nA"
    assert receipt.image().crop((0, 106, 512, 108)).getextrema() == (0, 0)


def test_column_images_turn_into_rows():
    image = column_image(33, 2, bytes.fromhex("800001 400002"))
    assert (image.width_dots, image.height_dots) == (2, 24)
    assert [row for row in range(24) if image.data[row] == 0x80] == [0, 23]
    assert [row for row in range(24) if image.data[row] == 0x40] == [1, 22]


def test_magnified_characters_are_replicated_dots():
    normal = receipt_of(b"\x1b@A\n").image().crop((0, 106, 12, 130))
    double = receipt_of(b"\x1b@\x1d!\x11A\n").image().crop((0, 106, 24, 154))
    assert ink(double) == ink(normal.resize((24, 48), Image.Resampling.NEAREST))


def test_bold_prints_each_dot_twice():
    normal = ink(receipt_of(b"\x1b@I\n").image().crop((0, 106, 12, 130)))
    bold = ink(receipt_of(b"\x1b@\x1bE\x01I\n").image().crop((0, 106, 12, 130)))
    spread = ["".join("#" if "#" in (" " + row)[x : x + 2] else " " for x in range(12)) for row in normal]
    assert bold == spread


def test_underline_and_reverse_touch_only_their_run():
    under = receipt_of(b"\x1b@\x1b-\x02 \x1b-\x00 \n").image().crop((0, 106, 24, 130))
    assert ink(under) == [" " * 24] * 22 + ["#" * 12 + " " * 12] * 2
    reverse = receipt_of(b"\x1b@\x1dB\x01 \x1dB\x00 \n").image().crop((0, 106, 24, 130))
    assert ink(reverse) == ["#" * 12 + " " * 12] * 24


@pytest.mark.parametrize(("char", "font"), [("領", Font.KANJI), ("g", Font.A), ("[", Font.A), ("ﾌ", Font.A), ("x", Font.B)])
def test_glyphs_fill_their_cell_and_hold_ink(char: str, font: Font):
    cell = glyph(char, font)
    assert cell.size == (font.width_dots, font.height_dots)
    assert cell.getbbox() is not None


def test_absolute_position_leaves_a_gap_in_dots_and_in_text():
    receipt = receipt_of(b"\x1b@A\x1b$\x78\x00B\n")
    assert [run.x for run in receipt.runs] == [0, 120]
    assert receipt.text == "A" + " " * 9 + "B"


def test_tabs_margins_and_spacing_move_the_cursor():
    receipt = receipt_of(
        b"\x1b@\x1dL\x18\x00A\tB\n\x1dL\x00\x00\x1b \x06CC\x1b \x00D\n\x1cS\x02\x04\x1cC\x01" + b"\x97\xcc" * 2 + b"E\n"
    )
    assert [run.x for run in receipt.runs] == [24, 24 + 96, 0, 36, 0, 60]


def test_a_narrow_area_wraps_and_centres_inside_itself():
    receipt = receipt_of(b"\x1b@\x1dW\x30\x00\x1ba\x01ABCDEF\n")
    assert [(run.x, run.run.text) for run in receipt.runs] == [(0, "ABCD"), (12, "EF")]


def test_motion_units_change_feeds_and_positions():
    receipt = receipt_of(b"\x1b@\x1dP\x5a\xb4\x1b$\x0a\x00A\x1bJ\x3cB\n")
    assert [(run.x, run.y - 106) for run in receipt.runs] == [(20, 0), (0, 60)]


def test_half_rows_add_up():
    feeds = b"\x1b@" + b"\x1bJ\x01" * 10 + b"A\n"
    assert receipt_of(feeds).runs[0].y == 106 + 5


def test_white_between_lines_shows_as_one_empty_line():
    assert receipt_of(b"A\n\n\n\nB\n").text == "A\n\nB"


@pytest.mark.parametrize("char", "領値亜腕熙①㈱～－∥￥")
def test_the_rom_holds_jis_x_0208_and_row_13(char: str):
    assert kanji(char.encode("cp932")) == char


@pytest.mark.parametrize("pair", ["eee0", "ed95", "fb6e", "8540", "8240"])
def test_the_rom_holds_nothing_else(pair: str):
    assert kanji(bytes.fromhex(pair)) is None


def test_every_jis_code_maps_to_its_shift_jis_code():
    for char in "、亜腕弌熙Ａあア":
        row, cell = char.encode("euc_jp")
        assert jis_to_shift_jis(row - 0x80, cell - 0x80) == char.encode("cp932")


def test_the_katakana_page_holds_kana_rules_and_the_marks_of_dates():
    page = single_bytes(1, 8)
    assert "".join(str(page[byte]) for byte in (0x95, 0xB1, 0xDF, 0xF1, 0xF2, 0xFD)) == "─ｱﾟ円年人"


@pytest.mark.parametrize(
    "data", [b"1", b"0123456789" * 30, b"HTTP://A.B/C" * 9, b"https://a.example/r?x=1", bytes(range(256)) * 4]
)
@pytest.mark.parametrize("level", "LMQH")
def test_the_size_of_a_qr_symbol_is_known_before_it_is_drawn(data: bytes, level: str):
    modules = qr_modules(data, level)
    assert modules is not None
    assert qr_image(data, level, 1).size == (modules, modules)


def test_more_than_a_qr_symbol_can_hold_is_no_symbol():
    assert qr_modules(b"x" * 2953, "L") == 177
    assert qr_modules(b"x" * 2954, "L") is None


def test_code128_has_its_check_value_and_every_symbol_eleven_modules():
    values = code128_values(b"{APJJ123C")
    assert values is not None
    assert values == [103, 48, 42, 42, 17, 18, 19, 35, 54]  # the worked example of the symbology's literature
    assert sum(map(int, code128_bars(values))) == 11 * len(values) + 13


def test_code128_pairs_of_set_c_and_changes_of_set():
    assert code128_values(b"{C\x0c\x22{BA") == [105, 12, 34, 100, 33, (105 + 12 + 68 + 300 + 132) % 103]
    assert code128_values(b"no set") is None
    assert code128_values(b"{C\x7f") is None


def test_one_command_feeds_a_metre_at_most():
    bench = Bench().send(b"\x1dP\x00\x01\x1b3\xff\x1bd\xff").wait(20.0)
    assert bench.printer.mechanism.head_row == 40 * 180
