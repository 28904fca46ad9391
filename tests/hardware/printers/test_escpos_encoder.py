"""Text against the bytes of the reference, and the columns it stands in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.escpos.encoder import Repertoire, printable
from hardware.printers.escpos.layout import columns_lines, text_columns, wrap

ROM = Repertoire()
JAPANESE = st.text(st.sampled_from("aZ 09¥￥あア漢字ー。、「」①×Ωｱﾟ〜−‖"))

NATIVE = [
    ("領収書", "97 cc 8e fb 8f 91"),
    ("￥", "81 8f"),
    ("¥3,000", "5c 33 2c 30 30 30"),
    ("〜", "81 60"),
    ("～", "81 60"),
    ("−", "81 7c"),
    ("－", "81 7c"),
    ("‖", "81 61"),
    ("∥", "81 61"),
    ("—", "81 5c"),
    ("―", "81 5c"),
    ("①", "87 40"),
    ("㈱", "87 8a"),
    ("ﾌﾟﾘﾍﾟ", "cc df d8 cd df"),
    ("ソ表", "83 5c 95 5c"),  # trail bytes that look like the yen sign
    ("Thank you!", "54 68 61 6e 6b 20 79 6f 75 21"),
]


@pytest.mark.parametrize(("text", "expected"), NATIVE)
def test_what_the_rom_holds_is_sent_as_the_reference_says(text: str, expected: str) -> None:
    data = ROM.encode(text)
    assert data is not None
    assert data.hex(" ") == expected


@pytest.mark.parametrize("text", ["充值", "值", "한국어", "Tiếng Việt", "é", "a\\b", "~", "😀", "\ue000", "領収書 值"])
def test_a_line_with_one_character_outside_the_rom_is_not_sent_as_text(text: str) -> None:
    assert ROM.encode(text) is None


def test_ibm_extensions_are_sent_only_to_a_rom_that_has_them() -> None:
    assert ROM.encode("髙﨑") is None
    assert Repertoire(ibm_extensions=True).encode("髙﨑") == bytes.fromhex("eee0ed95")


def test_a_rom_without_row_13_gets_no_circled_digits() -> None:
    assert Repertoire(row_13=False).encode("①") is None


def test_control_characters_vanish_and_the_text_between_them_stays() -> None:
    assert printable("\x1b@\x1dV\x00") == "@V"
    assert printable("a\tb\xa0c\x7f\x9b\x10\x04\x01d") == "a b cd"


def test_every_kind_of_line_end_becomes_a_line_feed() -> None:
    assert printable("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_half_a_surrogate_pair_prints_as_a_missing_character() -> None:
    assert printable("\ud83d") == "〓"


@given(st.text())
def test_no_text_ever_becomes_a_control_byte(text: str) -> None:
    for line in printable(text).split("\n"):
        data = Repertoire(ibm_extensions=True).encode(line)
        assert data is None or all(byte >= 0x20 and byte != 0x7F for byte in data)


@given(JAPANESE)
def test_a_line_is_as_many_columns_wide_as_the_printer_makes_it(text: str) -> None:
    data = ROM.encode(text)
    assert data is not None
    assert text_columns(text) == len(data)


def test_letters_outside_the_rom_have_the_width_their_face_draws() -> None:
    assert [text_columns(one) for one in ("é", "值", "한", "e\u0302", "ệ", "👍")] == [1, 2, 2, 1, 1, 2]


def test_text_wraps_by_width_and_not_by_count() -> None:
    assert wrap("あいうえおかきくけこ", 8) == ["あいうえ", "おかきく", "けこ"]


def test_a_line_does_not_begin_with_closing_nor_end_with_opening_punctuation() -> None:
    assert wrap("あいうえ。おか", 8) == ["あいう", "え。おか"]
    assert wrap("あいう「え」お", 8) == ["あいう", "「え」お"]


def test_words_stay_whole_and_a_word_longer_than_the_line_is_broken() -> None:
    assert wrap("keep this receipt", 12) == ["keep this", "receipt"]
    assert wrap("abcdefghijkl", 5) == ["abcde", "fghij", "kl"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(4, 48))
def test_wrapping_loses_only_spaces_and_overruns_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_columns(line) <= columns for line in lines)


def test_left_and_right_parts_fill_the_line_exactly() -> None:
    assert columns_lines("チャージ", "￥3,000", 20) == ["チャージ     ￥3,000"]


def test_a_long_left_part_wraps_and_the_right_part_stays_whole_on_the_last_line() -> None:
    assert columns_lines("あいうえおかきくけこさし", "￥3,000", 20) == ["あいうえおかきくけこ", "さし         ￥3,000"]


def test_a_right_part_without_room_gets_a_line_of_its_own() -> None:
    assert columns_lines("あいうえおかきく", "￥3,000", 20) == ["あいうえおかきく", "             ￥3,000"]


@given(JAPANESE, st.text("￥,0123456789", max_size=10))
def test_nothing_of_either_part_is_cut_off(left: str, right: str) -> None:
    lines = columns_lines(left, right, 24)
    assert lines[-1].endswith(right)
    assert "".join(lines).replace(" ", "") == (left + right).replace(" ", "")
    assert all(text_columns(line) <= 24 for line in lines)
