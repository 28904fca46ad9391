"""Documents against the bytes of the reference."""

import dataclasses
import itertools
import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.escpos.composer import PrintSettings, compose, qr_modules
from hardware.printers.escpos.drawing import Bitmap, draw_line, raster_commands, without_real_time
from hardware.printers.escpos.encoder import Repertoire
from hardware.printers.escpos.layout import columns_lines, text_columns, wrap
from hardware.printers.escpos.typefaces import face_index, is_held, script_of, shaped_font
from hardware.printers.printer import Align, Barcode, Blank, Columns, Cut, Document, Item, Qr, Rule, Text

T88V = PrintSettings()
PREAMBLE = "1b 40 1b 52 08 1b 74 01 1c 43 01 "


def body(*items: Item, settings: PrintSettings = T88V, language: str = "ja") -> str:
    """Return the bytes after the preamble, in hexadecimal."""
    data = compose(Document(items, language), settings).data.hex(" ") + " "
    assert data.startswith(PREAMBLE)
    return data.removeprefix(PREAMBLE).rstrip()


def rasters(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Return mode, width in bytes and rows of every ``GS v 0``; stops the test at bytes that are none of ours."""
    at = 0
    while at < len(data):
        if data[at : at + 3] == b"\x1dv0":
            width, rows = int.from_bytes(data[at + 4 : at + 6], "little"), int.from_bytes(data[at + 6 : at + 8], "little")
            yield data[at + 3], width, rows
            at += 8 + width * rows
        else:
            assert data[at : at + 2] == b"\x1bJ", data[at:].hex(" ")
            at += 3


def test_japanese_goes_out_as_shift_jis_behind_the_preamble() -> None:
    assert body(Text("領収書")) == "97 cc 8e fb 8f 91 0a"


def test_size_applies_to_kanji_and_to_latin_and_goes_back_to_normal() -> None:
    assert body(Text("大", width=2, height=2), Text("A")) == "1d 21 11 1c 21 0c 91 e5 0a 1d 21 00 1c 21 00 41 0a"
    assert body(Text("大", width=2)) == "1d 21 10 1c 21 04 91 e5 0a"
    assert body(Text("大", height=2)) == "1d 21 01 1c 21 08 91 e5 0a"


def test_alignment_and_weight_are_sent_when_they_change() -> None:
    assert body(Text("A", Align.CENTER, bold=True), Text("B", Align.RIGHT)) == "1b 45 01 1b 61 01 41 0a 1b 45 00 1b 61 02 42 0a"


def test_a_double_width_line_wraps_at_half_the_columns() -> None:
    assert body(Text("A" * 22, width=2)).count("0a") == 2


def test_a_rule_crosses_the_paper_in_kanji() -> None:
    assert body(Rule()) == " ".join(["84 9f"] * 21) + " 0a"


def test_blank_lines_are_fed() -> None:
    assert body(Blank(3)) == "1b 64 03"
    assert body(Blank(300)) == "1b 64 ff 1b 64 2d"


def test_a_cut_feeds_to_the_blade_first() -> None:
    assert body(Cut()) == "1d 56 42 00"


def test_a_qr_symbol_is_drawn_by_the_printer_in_the_middle() -> None:
    assert body(Qr("abc")) == (
        "1b 61 01 1b 4a 30 1d 28 6b 04 00 31 41 32 00 1d 28 6b 03 00 31 43 06 1d 28 6b 03 00 31 45 31"
        " 1d 28 6b 06 00 31 50 30 61 62 63 1d 28 6b 03 00 31 51 30 1b 4a 30"
    )


def test_a_qr_symbol_too_wide_for_the_paper_gets_smaller_modules() -> None:
    assert qr_modules("x" * 200) == 57
    assert "31 43 08" in body(Qr("x" * 200, module_dots=16))


def test_a_qr_text_that_no_symbol_holds_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="QR"):
        body(Qr("x" * 3000))


def test_a_printer_without_qr_gets_the_same_symbol_as_dots() -> None:
    data = bytes.fromhex(body(Qr("abc"), settings=dataclasses.replace(T88V, native_qr=False)).removeprefix("1b 61 01"))
    assert list(rasters(data)) == [(0, 16, 126)]


def test_control_characters_in_any_text_never_reach_the_printer() -> None:
    evil = "\x1b@\x1dV\x00\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
    assert body(Text(evil), Columns(evil, evil), Qr(evil + "q")) == body(Text("@V"), Columns("@V", "@V"), Qr("@Vq"))


def test_a_character_that_the_rom_lacks_is_drawn() -> None:
    assert "1d 76 30 00" in body(Text("值"))


def test_chinese_is_drawn_in_its_own_shapes_even_where_the_rom_has_the_character() -> None:
    assert body(Text("直"), language="ja") == "92 bc 0a"
    assert "1d 76 30 00" in body(Text("直"), language="zh-Hans")
    assert draw_line("直", face_index("zh-Hans"), False, Align.LEFT, 30) != draw_line(
        "直", face_index("ja"), False, Align.LEFT, 30
    )


def test_a_chinese_receipt_still_sends_figures_as_text() -> None:
    assert body(Text("￥3,000 ABC"), language="zh-Hans") == "81 8f 33 2c 30 30 30 20 41 42 43 0a"


@pytest.mark.parametrize(
    ("tag", "face"), [("ja", 5), ("ja-JP", 5), ("en", 5), ("zh-Hans", 7), ("zh-Hans-CN", 7), ("zh-TW", 8), ("ko", 6)]
)
def test_the_face_follows_the_language(tag: str, face: int) -> None:
    assert face_index(tag) == face


def test_a_drawn_line_moves_the_paper_as_far_as_a_printed_one() -> None:
    for text in ("充值成功", "。充", "ệ", "gjpq~"):
        drawn = draw_line(text, 7, False, Align.LEFT, 30)
        assert drawn is not None
        assert drawn.above + drawn.rows + drawn.below == 30


def test_a_drawn_line_keeps_its_indentation_and_is_trimmed_elsewhere() -> None:
    plain, indented = (draw_line(text, 7, False, Align.LEFT, 30) for text in ("充", "  充"))
    assert plain is not None
    assert indented is not None
    assert (plain.width_bytes, indented.width_bytes) == (3, 6)
    assert [indented.data[row * 6 : row * 6 + 3] for row in range(indented.rows)] == [b"\x00\x00\x00"] * indented.rows


def test_dots_stand_in_the_columns_of_the_rom() -> None:
    """The last character of each line begins at column 4, whatever the face makes of the ones before it."""
    endings = set()
    for text in ("ABCD值", "ệệệệ值", "直直值", "    值", "é ｱ 值"):
        bitmap = draw_line(text, 7, False, Align.LEFT, 30)
        assert bitmap is not None
        endings.add((bitmap.width_bytes, max(_last_ink(bitmap, row) for row in range(bitmap.rows))))
    assert len(endings) == 1


def _last_ink(bitmap: Bitmap, row: int) -> int:
    dots = int.from_bytes(bitmap.data[row * bitmap.width_bytes : (row + 1) * bitmap.width_bytes])
    return bitmap.width_bytes * 8 - (dots & -dots).bit_length() if dots else 0


def test_magnified_lines_send_the_same_dots_and_let_the_printer_double_them() -> None:
    data = bytes.fromhex(body(Text("充", width=2, height=2), language="zh-Hans").removeprefix("1d 21 11 1c 21 0c"))
    assert [mode for mode, _, _ in rasters(data)] == [3]


def test_bold_dots_are_broader() -> None:
    thin, bold = (draw_line("值", 7, weight, Align.LEFT, 30) for weight in (False, True))
    assert thin is not None
    assert bold is not None
    assert sum(byte.bit_count() for byte in bold.data) > 1.2 * sum(byte.bit_count() for byte in thin.data)


def test_a_line_of_drawn_spaces_is_a_blank_line() -> None:
    assert body(Text("\u2003")) == "0a"


def test_tall_images_go_in_bands_that_lose_no_row() -> None:
    bands = list(rasters(b"".join(raster_commands(Bitmap(64, 300, bytes(64 * 300))))))
    assert sum(rows for _, _, rows in bands) == 300
    assert all(rows <= 128 and rows * width <= 2048 for _, width, rows in bands)


@given(st.lists(st.sampled_from([0x00, 0x04, 0x05, 0x10, 0x14, 0xFF])).map(bytes))
def test_dots_never_read_as_a_real_time_command(data: bytes) -> None:
    clean = without_real_time(data)
    assert not any(bytes((0x10, second)) in clean for second in (0x04, 0x05, 0x14))
    assert all(before & after == before for before, after in zip(data, clean, strict=True))


def test_the_last_dot_comes_before_the_cut() -> None:
    composed = compose(Document([Text("A"), Cut()]), T88V)
    assert composed.data[composed.last_dot :].hex(" ") == "1d 56 42 00"


def test_seams_stand_between_commands_and_never_inside_one() -> None:
    composed = compose(Document([Text("大", width=2), Text("值"), Qr("abc"), Cut()]), T88V)
    pieces = [composed.data[start:end] for start, end in itertools.pairwise((0, *composed.seams))]
    assert b"".join(pieces) == composed.data
    raster = next(piece for piece in pieces if piece.startswith(b"\x1dv0"))
    assert len(raster) == 8 + raster[4] * raster[6]
    assert [piece for piece in pieces if piece.startswith(b"\x1dV")] == [b"\x1dVB\x00"]
    assert b"\x91\xe5\n" in pieces


def test_the_length_of_the_paper_is_known() -> None:
    assert compose(Document([Text("A")] * 40 + [Cut()]), T88V).length_mm == pytest.approx(40 * 25.4 / 6 + 15, abs=0.1)


def test_composing_prints_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    body(Text("充"), Qr("abc"), Columns("a", "b"), Cut())
    assert capfd.readouterr() == ("", "")


# --- scripts that are shaped ---

NEPALI = "भुक्तानी सफल भयो, रसिद सुरक्षित राख्नुहोस्। श्री राष्ट्रिय क्षेत्र"
BURMESE = "ငွေဖြည့်ပြီးပါပြီ။ ပြေစာကို သိမ်းထားပါ။ ကြွက် ဣန္ဒြေ"
THAI = "เติมเงินสำเร็จ กรุณาเก็บใบเสร็จรับเงินไว้ น้ำ ปี่ กู้"


@pytest.mark.parametrize("text", [NEPALI, BURMESE, THAI])
def test_a_shaped_line_is_narrower_or_wider_than_its_letters_one_by_one_and_keeps_within_its_columns(text: str) -> None:
    line = text.split(" ")[0]
    shaped = draw_line(line, 5, False, Align.LEFT, 30)
    assert shaped is not None
    assert shaped.width_bytes * 8 <= text_columns(line) * 12 + 8
    assert text_columns(line) < sum(text_columns(letter) for letter in line)


@pytest.mark.parametrize("text", [NEPALI, BURMESE, THAI])
def test_ink_above_and_below_the_cell_is_sent_too(text: str) -> None:
    """What a taller sheet would show is what is sent: no mark of a stacked letter is cut off."""
    for word in text.split(" "):
        script = script_of(word[0])
        assert script is not None
        left, top, right, bottom = shaped_font(script).getbbox(word, anchor="ls")
        bitmap = draw_line(word, 5, False, Align.LEFT, 30)
        assert bitmap is not None
        assert abs(bitmap.rows - (bottom - top)) <= 2
        assert bitmap.width_bytes * 8 >= right - left - 2


@pytest.mark.parametrize("text", [NEPALI, BURMESE, THAI])
@pytest.mark.parametrize("columns", [8, 14, 21, 32, 42])
def test_shaped_lines_break_between_syllables_and_overrun_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_columns(line) <= columns for line in lines)
    marks = {"Mn", "Mc"}
    assert not any(line and unicodedata.category(line[0]) in marks for line in lines)
    assert not any(line[-1] in "\u094d\u1039เแโใไ" for line in lines)


def test_an_amount_stands_at_the_right_edge_behind_a_shaped_name() -> None:
    right_edges = set()
    for name in ("भुक्तानी", "ငွေဖြည့်", "เติมเงิน", "充值"):
        bitmap = draw_line(columns_lines(name, "￥3,000", 42)[0], 5, False, Align.LEFT, 30)
        assert bitmap is not None
        right_edges.add(max(_last_ink(bitmap, row) for row in range(bitmap.rows)))
    assert len(right_edges) == 1


@pytest.mark.parametrize("text", ["ế", "ガ", "ぱ"])
def test_a_letter_written_apart_from_its_mark_prints_as_the_one_it_is(text: str) -> None:
    assert body(Text(unicodedata.normalize("NFD", text))) == body(Text(text))


def test_the_form_of_a_name_is_not_normalised_away() -> None:
    assert body(Text("\ufa19")) != body(Text("\u795e"))


def test_a_character_that_nobody_can_draw_is_spelled_out_and_never_a_question_mark() -> None:
    assert body(Text("A😀")) == body(Text("A[U+1F600]"))
    assert body(Text("שלום")) == body(Text("[U+05E9][U+05DC][U+05D5][U+05DD]"))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_any_text_composes_and_no_line_is_wider_than_the_paper(text: str) -> None:
    composed = compose(Document([Text(text), Columns(text, text), Text(text, width=2)], "ne"), T88V)
    pieces = [composed.data[start:end] for start, end in itertools.pairwise((0, *composed.seams))]
    images = [piece for piece in pieces if piece.startswith(b"\x1dv0")]
    assert all(int.from_bytes(image[4:6], "little") * (1 + image[3] % 2) <= 64 for image in images)
    assert all(len(image) == 8 + image[4] * image[6] for image in images)


# --- other models ---


def test_a_rom_without_kanji_prints_ascii_and_draws_the_rest() -> None:
    latin = PrintSettings(repertoire=Repertoire(kanji=False))
    assert body(Text("ABC 1,000"), Rule(), settings=latin) == "41 42 43 20 31 2c 30 30 30 0a " + "2d " * 42 + "0a"
    for text in ("領収書", "ｱ", "ABCｱ"):
        assert "1d 76 30 00" in body(Text(text), settings=latin)
    assert body(Text("¥1,000"), settings=latin).endswith("31 2c 30 30 30 0a")


def test_a_rom_without_row_13_draws_its_signs() -> None:
    assert body(Text("①㈱")) == "87 40 87 8a 0a"
    assert "1d 76 30 00" in body(Text("①㈱"), settings=PrintSettings(repertoire=Repertoire(row_13=False)))


def test_a_presenter_shows_the_ticket_after_the_cut() -> None:
    assert body(Cut(), settings=PrintSettings(present_steps=8)) == "1d 56 42 00 1d 65 03 08"


def test_on_58_mm_nothing_is_wider_than_the_paper() -> None:
    narrow = PrintSettings(dots=384, dpi=203, columns=32, native_qr=False, repertoire=Repertoire(kanji=False))
    items = [
        Text("領収書（お客様控え）" * 3, width=2),
        Columns("プリペイドチャージ" * 3, "￥3,000"),
        Qr("https://example.jp/" * 3),
    ]
    composed = compose(Document(items), narrow)
    pieces = [composed.data[start:end] for start, end in itertools.pairwise((0, *composed.seams))]
    assert max(piece[4] * (1 + piece[3] % 2) for piece in pieces if piece.startswith(b"\x1dv0")) <= 48


# --- bar codes ---


def test_a_bar_code_of_digits_goes_in_pairs() -> None:
    assert body(Barcode("12345678")) == "1b 61 01 1d 68 50 1d 77 03 1d 48 02 1d 6b 49 06 7b 43 0c 22 38 4e"


def test_other_bar_codes_go_by_character_with_braces_doubled() -> None:
    assert body(Barcode("T1-{a}")).endswith("1d 6b 49 09 7b 42 54 31 2d 7b 7b 61 7d")


@pytest.mark.parametrize("digits", ["1604", "1605", "1620", "001604"])
def test_pairs_that_would_read_as_a_real_time_command_go_by_character(digits: str) -> None:
    assert body(Barcode(digits)).endswith(digits.encode().hex(" "))


def test_a_bar_code_too_wide_for_the_paper_becomes_a_qr_symbol_with_its_text() -> None:
    text = "x" * 60
    assert body(Barcode(text)) == body(Qr(text), Text(text, Align.CENTER))


@pytest.mark.parametrize("text", ["", "領収", "a\nb", "a\x7f"])
def test_what_no_bar_code_carries_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="CODE128"):
        body(Barcode(text))


def test_what_is_surely_held_is_held() -> None:
    """A sample of the ideographs, all of the rest: looking at twenty thousand drawings takes seconds."""
    rest = [*range(0x3000, 0x3021), *range(0x3041, 0x3097), *range(0x309B, 0x3100), *range(0xFF01, 0xFFA0)]
    assert all(is_held(chr(code)) for code in [*rest, *range(0x4E00, 0x9FA6, 41), *range(0xFFE0, 0xFFE7)])


# --- lines of which only a part is drawn ---


def test_figures_of_a_chinese_price_line_go_as_text_beside_the_drawn_name() -> None:
    data = compose(Document([Columns("预付费充值", "￥3,000")], "zh-Hans"), T88V).data.removeprefix(bytes.fromhex(PREAMBLE))
    assert data[:5] == b"\x1b*\x21" + (5 * 24).to_bytes(2, "little")
    assert data[5 + 5 * 24 * 3 :] == b" " * 25 + b"\x81\x8f3,000\n"


def test_a_model_that_cannot_mix_gets_the_whole_line_as_one_image() -> None:
    plain = dataclasses.replace(T88V, line_images=False)
    assert "1b 2a" not in body(Columns("预付费充值", "￥3,000"), settings=plain, language="zh-Hans")


@pytest.mark.parametrize(
    "item", [Text("Nạp tiền 3,000"), Text("充值 3", height=2), Text("充值成功"), Columns("भुक्तानी", "￥1"), Text("É充 1")]
)
def test_vietnamese_magnified_and_shaped_lines_and_those_all_drawn_stay_whole_images(item: Item) -> None:
    assert "1b 2a" not in body(item, language="zh-Hans")


@given(st.text(st.sampled_from("充值한국A1￥ gj()￥、。值"), min_size=1, max_size=21))
def test_drawn_parts_are_as_wide_as_their_columns(text: str) -> None:
    for command in re.finditer(rb"\x1b\*\x21(..)", compose(Document([Text(text)], "zh-Hans"), T88V).data, re.DOTALL):
        assert int.from_bytes(command[1], "little") % 12 == 0
