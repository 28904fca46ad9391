"""Lines end where readers of the language expect them to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.languages import TAGS, Language
from kiosk.screen.linebreak import wrap


def half_width(text: str) -> float:
    """One for a Latin letter, two for a kanji."""
    return float(sum(1 if c.isascii() else 2 for c in text))


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("width", [18.0, 30.0, 47.0])
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(
    languages: dict[str, Language], tag: str, width: float
) -> None:
    for text in languages[tag].texts.values():
        for line in wrap(text, tag, width, half_width):
            assert not line[:1] or line[0] not in "、。，．」）？！：,.!?)”"
            assert not line[-1:] or line[-1] not in "「（“("


def test_japanese_breaks_between_phrases_and_after_a_middle_dot() -> None:
    assert wrap("まちがった番号へのチャージ", "ja", 20, half_width) == ["まちがった", "番号へのチャージ"]
    assert wrap("通話・データ残高 3,000円", "ja", 18, half_width) == ["通話・データ残高", "3,000円"]


def test_a_number_is_never_torn_in_chinese() -> None:
    lines = wrap("这张面额10000日元的纸币大于剩余金额", "zh-Hans", 14, half_width)
    assert any("10000" in line for line in lines)


def test_sentences_begin_lines_of_their_own_when_that_costs_no_line() -> None:
    assert wrap("The price has changed. Please check.", "en", 24, half_width) == ["The price has changed.", "Please check."]


def test_a_title_breaks_into_even_lines() -> None:
    lines = wrap("one two three four five six", "en", 25, half_width)
    assert lines == ["one two three", "four five six"]


@given(
    text=st.text(alphabet="あいう漢字、。「」ab1 .-\n", max_size=60),
    tag=st.sampled_from(TAGS),
    width=st.floats(min_value=8, max_value=60),
)
@settings(deadline=None, max_examples=80)
def test_wrapping_loses_no_character_but_spaces(text: str, tag: str, width: float) -> None:
    lines = wrap(text, tag, width, half_width)
    assert "".join("".join(lines).split()) == "".join(text.split())
