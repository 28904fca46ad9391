"""The faces hold every character that is written with them, each language in its own shapes."""

import fcntl
import os
from pathlib import Path
from threading import Thread

import pytest
from fontTools.ttLib import TTFont

from kiosk.languages import TAGS, Language
from kiosk.screen.fonts import FontSet, build_fonts
from kiosk.screen.samples import samples


def characters_of(folder: dict[str, Language], tag: str) -> set[str]:
    shown = (text for key, text in folder[tag].texts.items() if not key.startswith("receipt."))  # those are for paper
    texts = set("".join(shown)) | set("0123456789¥,-* GB_.+·") | set(folder[tag].date("2026-12-22"))
    names = {plan.name for model in samples(tag).values() for plan in model.plans}
    endonyms = {folder[tag].texts["screen.endonym"]}
    return {c for c in texts | set("".join(names | endonyms)) if c not in "\n\u200b"}


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("tag", TAGS)
def test_every_character_of_a_catalogue_is_in_its_face(
    languages: dict[str, Language], fonts: FontSet, tag: str, bold: bool
) -> None:
    with TTFont(str(fonts.face(tag, bold)), lazy=True) as font:
        cmap = font.getBestCmap()
    assert {c for c in characters_of(languages, tag) if ord(c) not in cmap} == set()


@pytest.mark.parametrize("bold", [False, True])
def test_chinese_readers_get_their_own_shapes_of_shared_characters(fonts: FontSet, bold: bool) -> None:
    with (
        TTFont(str(fonts.face("ja", bold)), lazy=True) as japanese,
        TTFont(str(fonts.face("zh-Hans", bold)), lazy=True) as chinese,
    ):
        ja, zh = japanese.getBestCmap(), chinese.getBestCmap()
    for character in "直骨海角":
        assert ja[ord(character)] != zh[ord(character)]
    assert ja[ord("1")] == zh[ord("1")]


@pytest.mark.parametrize("bold", [False, True])
def test_readers_in_taiwan_and_korea_get_their_own_shapes_too(fonts: FontSet, bold: bool) -> None:
    glyphs: dict[str, dict[int, str]] = {}
    for tag in ("ja", "zh-Hans", "zh-Hant", "ko"):
        with TTFont(str(fonts.face(tag, bold)), lazy=True) as font:
            glyphs[tag] = font.getBestCmap()
    assert len({glyphs[tag][ord("，")] for tag in ("ja", "zh-Hans", "zh-Hant")}) >= 2  # in the middle of its square in Taiwan
    assert glyphs["zh-Hant"][ord("直")] != glyphs["ja"][ord("直")]
    assert glyphs["ko"][ord("骨")] != glyphs["zh-Hans"][ord("骨")]


def test_faces_that_are_there_are_not_built_again(fonts: FontSet) -> None:
    said: list[str] = []
    before = [path.stat().st_mtime_ns for path in fonts.all_faces()]
    build_fonts(fonts.folder, said.append)
    assert [path.stat().st_mtime_ns for path in fonts.all_faces()] == before
    assert len(said) == len(fonts.all_faces()) == 14
    assert all("already there" in line for line in said)


def test_a_missing_face_is_built_whole_and_no_part_is_left(fonts: FontSet, tmp_path: Path) -> None:
    for path in fonts.all_faces():
        if "JP-Bold" not in path.name:
            (tmp_path / path.name).symlink_to(path)
    built = build_fonts(tmp_path)
    assert built.face("ja", True).read_bytes() == fonts.face("ja", True).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in built.all_faces())


def test_a_second_screen_waits_for_the_one_that_builds_and_builds_nothing_itself(fonts: FontSet, tmp_path: Path) -> None:
    said: list[str] = []
    turn = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX)
    second = Thread(target=build_fonts, args=(tmp_path, said.append))
    second.start()
    for path in fonts.all_faces():
        (tmp_path / path.name).symlink_to(path)
    os.close(turn)
    second.join(60)
    assert not second.is_alive()
    assert len(said) == 14
    assert all("already there" in line for line in said)
