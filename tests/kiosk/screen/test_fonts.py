"""The faces hold every character that is written with them, each language in its own shapes."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.languages import TAGS, Language
from kiosk.screen.fonts import FontSet, build_fonts
from kiosk.screen.samples import samples


def characters_of(folder: dict[str, Language], tag: str) -> set[str]:
    texts = set("".join(folder[tag].texts.values())) | set("0123456789¥,-* GB_.+年月日")
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


def test_faces_that_are_there_are_not_built_again(fonts: FontSet) -> None:
    said: list[str] = []
    before = [path.stat().st_mtime_ns for path in fonts.all_faces()]
    build_fonts(fonts.folder, said.append)
    assert [path.stat().st_mtime_ns for path in fonts.all_faces()] == before
    assert len(said) == 4
    assert all("already there" in line for line in said)


def test_a_missing_face_is_built_whole_and_no_part_is_left(fonts: FontSet, tmp_path: Path) -> None:
    for path in fonts.all_faces():
        if "JP-Bold" not in path.name:
            (tmp_path / path.name).symlink_to(path)
    built = build_fonts(tmp_path)
    assert built.face("ja", True).read_bytes() == fonts.face("ja", True).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in built.all_faces())
