"""The catalogues say the same things in every language, with the same facts in them."""

import re
from pathlib import Path
from string import Formatter

import pytest

from hardware.printers.escpos.typefaces import is_held
from kiosk.languages import STAFF_TAGS, TAGS, Language, load_languages

FOLDER = Path(__file__).parents[2] / "config" / "languages"
BREAK = "\u200b"


@pytest.fixture(scope="module")
def languages() -> dict[str, Language]:
    return load_languages(FOLDER)


def facts(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_every_catalogue_of_the_folder_is_offered() -> None:
    assert {path.stem for path in FOLDER.glob("*.po")} == set(TAGS)


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalogue_has_every_key_with_every_fact(languages: dict[str, Language], tag: str) -> None:
    texts, originals = languages[tag].texts, languages["ja"].texts
    assert texts.keys() == originals.keys()
    assert {key for key, text in texts.items() if facts(text) != facts(originals[key])} == set()


def test_what_only_staff_read_is_english_where_nobody_has_translated_it(languages: dict[str, Language]) -> None:
    for tag in set(TAGS) - set(STAFF_TAGS):
        assert languages[tag].text("report.title.x") == languages["en"].text("report.title.x")
        assert "report." not in (FOLDER / f"{tag}.po").read_text(encoding="utf-8")


@pytest.mark.parametrize("tag", TAGS)
def test_every_character_can_be_printed(languages: dict[str, Language], tag: str) -> None:
    assert {c for text in languages[tag].texts.values() for c in text if c not in "\n" + BREAK and not is_held(c)} == set()


@pytest.mark.parametrize(("tag", "letters"), [("th", "\u0e00-\u0e7f"), ("my", "\u1000-\u109f")])
def test_no_stretch_of_a_script_without_spaces_is_too_long_to_be_wrapped(
    languages: dict[str, Language], tag: str, letters: str
) -> None:
    sentences = [text for key, text in languages[tag].texts.items() if len(text) > 40 and not key.startswith("receipt.title")]
    stretches = [stretch for text in sentences for stretch in re.findall(f"[{letters}]+", text)]
    assert [stretch for stretch in stretches if len(stretch) > 30] == []


def test_the_translations_that_nobody_has_checked_say_so() -> None:
    for tag in ("zh-Hant", "ko", "vi", "ne", "my", "th"):
        assert "Not yet reviewed by a native speaker" in (FOLDER / f"{tag}.po").read_text(encoding="utf-8")[:300]


def test_dates_are_worded_as_the_country_writes_them(languages: dict[str, Language]) -> None:
    assert {tag: language.date("2026-12-22") for tag, language in languages.items()} == {
        "ja": "2026年12月22日",
        "en": "December 22, 2026",
        "zh-Hans": "2026年12月22日",
        "zh-Hant": "2026年12月22日",
        "ko": "2026년 12월 22일",
        "vi": "22/12/2026",
        "ne": "2026 डिसेम्बर 22",
        "my": "2026 ဒီဇင်ဘာ 22",
        "th": "22 ธ.ค. 2026",
    }
