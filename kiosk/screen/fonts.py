"""The font faces the screen writes with, built once from the installed Noto Sans packages.

Kivy opens face 0 of a collection (Japanese) for everyone, and Chinese readers see 直 骨 海 in the wrong shape [M]. So the
regular collection is split into its Japanese, Simplified Chinese, Traditional Chinese and Korean faces; of bold only the
Japanese face is at hand, and its ``locl`` feature for the others is baked into the character map of derived faces.

Kivy has no fallback either: a character that a face lacks is a box. Devanagari, Myanmar and Thai come from variable faces of
Noto Sans that hold Latin letters, digits and the yen sign too; one face is cut from them for each weight.

``python -m kiosk.screen.fonts [DIR]`` builds what is missing and says what it did.
"""

import fcntl
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "build" / "fonts"
"""Cache of the checkout; the kiosk's installation may name another."""


LOOK_EVERY_S = 0.1
LOOKS = 1200
"""How often to look whether another process has built the faces: 2 min in all. Fourteen take 20 s on a busy machine [M]."""


@dataclass(frozen=True)
class Script:
    """How a script is written."""

    ascent: float = 1.16
    """Share of the size that its face keeps above the base line (``hhea``) [M]."""
    descent: float = 0.288
    """The same below it."""
    shaped: bool = False
    """Whether its signs move round one another."""
    scale: float = 1.0
    """Size that looks as large as a kanji of size 1."""
    leading: float = 1.0
    """How much higher than usual its lines must be, lest signs above and below run into each other."""


_SCRIPTS = {
    "ne": Script(ascent=0.896, descent=0.408, shaped=True, leading=1.06),
    "my": Script(ascent=1.324, descent=0.86, shaped=True, scale=0.84, leading=1.16),
    "th": Script(ascent=1.061, descent=0.45, shaped=True, leading=1.06),
}
_CJK = Script()

_REGIONS: dict[str, tuple[str, int, str]] = {
    "zh-Hans": ("SC", 2, "ZHS"),
    "zh-Hant": ("TC", 3, "ZHT"),
    "ko": ("KR", 1, "KOR"),
}
"""Region, index in NotoSansCJK-Regular.ttc (0 JP, 1 KR, 2 SC, 3 TC, 4 HK [M]), OpenType language system."""
_JAPANESE = ("JP", 0, "JAN")
_SHAPED = {"ne": "Devanagari", "my": "Myanmar", "th": "Thai"}


def script_of(tag: str) -> Script:
    """Return how the language's script is written."""
    return _SCRIPTS.get(tag, _CJK)


def has_own_face(tag: str) -> bool:
    """Return whether a language has a face beside the Japanese one."""
    return tag in _REGIONS or tag in _SHAPED


@dataclass(frozen=True)
class FontSet:
    """Paths of the faces, by language tag and weight."""

    folder: Path

    def face(self, tag: str, bold: bool) -> Path:
        """Return the file for a language: all that have none of their own share the Japanese face and its Latin."""
        weight = "Bold" if bold else "Regular"
        if tag in _SHAPED:
            return self.folder / f"KonbiniSans{_SHAPED[tag]}-{weight}.ttf"
        region, _, _ = _REGIONS.get(tag, _JAPANESE)
        return self.folder / f"KonbiniSans{region}-{weight}.otf"

    def all_faces(self) -> tuple[Path, ...]:
        """Return every file."""
        return tuple(self.face(tag, bold) for tag in ("ja", *_REGIONS, *_SHAPED) for bold in (False, True))


def _split_regular(index: int, target: Path) -> None:
    from fontTools.ttLib import TTFont
    from noto_cjk_sans_otc import FONT_PATH

    with TTFont(str(FONT_PATH), fontNumber=index, lazy=True) as font:
        font.save(str(target))


def _copy_bold(target: Path) -> None:
    from noto_cjk_sans_jp_bold import FONT_PATH

    target.write_bytes(FONT_PATH.read_bytes())


def _derive_bold(language_system: str, target: Path) -> None:
    """Save the Japanese bold face with every character that ``locl`` would change for the language changed for good."""
    from fontTools.ttLib import TTFont
    from noto_cjk_sans_jp_bold import FONT_PATH

    with TTFont(str(FONT_PATH), lazy=True) as read:
        glyphs, swaps = read.getGlyphOrder(), _local_shapes(read["GSUB"].table, language_system)
    # Another reading of the same file: a table that was looked into is packed anew when saved, outlines and all, in 20 s [M].
    with TTFont(str(FONT_PATH), lazy=True, recalcBBoxes=False) as font:
        font.setGlyphOrder(glyphs)
        for table in font["cmap"].tables:
            if table.isUnicode() and hasattr(table, "cmap"):
                for character, glyph in table.cmap.items():
                    table.cmap[character] = swaps.get(glyph, glyph)
        font.save(str(target))


def _local_shapes(gsub: Any, language_system: str) -> dict[str, str]:
    """Return which glyph a language writes in the place of which."""
    swaps: dict[str, str] = {}
    for record in gsub.ScriptList.ScriptRecord:
        for language in record.Script.LangSysRecord:
            if language.LangSysTag.strip() != language_system:
                continue
            features = [gsub.FeatureList.FeatureRecord[number] for number in language.LangSys.FeatureIndex]
            for feature in features:
                if feature.FeatureTag != "locl":
                    continue
                for lookup in feature.Feature.LookupListIndex:
                    for subtable in gsub.LookupList.Lookup[lookup].SubTable:
                        swaps.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
    return swaps


def _cut_weight(tag: str, weight: int, target: Path) -> None:
    """Save one weight of a variable face."""
    source = _variable_faces()[tag]
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    with TTFont(str(source)) as font:
        instantiateVariableFont(font, {"wght": weight, "wdth": 100}).save(str(target))


def _variable_faces() -> dict[str, Path]:
    import fontpkg_noto_sans_devanagari
    import justmytype_intl_sea

    sea = Path(justmytype_intl_sea.__file__).parent / "fonts" / "ofl"
    return {
        "ne": Path(fontpkg_noto_sans_devanagari.__file__).parent / "files" / "NotoSansDevanagari[wdth,wght].ttf",
        "my": sea / "notosansmyanmar" / "NotoSansMyanmar[wdth,wght].ttf",
        "th": sea / "notosansthai" / "NotoSansThai[wdth,wght].ttf",
    }


def _recipes(fonts: FontSet) -> dict[Path, Callable[[Path], None]]:
    def regular(index: int) -> Callable[[Path], None]:
        return lambda path: _split_regular(index, path)

    def bold(system: str) -> Callable[[Path], None]:
        return lambda path: _derive_bold(system, path)

    def weight(tag: str, value: int) -> Callable[[Path], None]:
        return lambda path: _cut_weight(tag, value, path)

    recipes = {fonts.face("ja", False): regular(0), fonts.face("ja", True): _copy_bold}
    for tag, (_, index, system) in _REGIONS.items():
        recipes |= {fonts.face(tag, False): regular(index), fonts.face(tag, True): bold(system)}
    for tag in _SHAPED:
        recipes |= {fonts.face(tag, False): weight(tag, 400), fonts.face(tag, True): weight(tag, 700)}
    return recipes


def build_fonts(folder: Path = DEFAULT_FOLDER, say: Callable[[str], None] = lambda _: None) -> FontSet:
    """Build the faces that ``folder`` lacks and return the set. A half-written face is never left under its final name.

    One process builds, others that lack faces wait for it: two that share a busy machine would both take more than twice as
    long, and show nothing meanwhile.

    Raises OSError when the folder cannot be written, ImportError when a font package is not installed.
    """
    fonts = FontSet(folder)
    folder.mkdir(parents=True, exist_ok=True)
    turn = os.open(folder, os.O_RDONLY)
    try:
        if not all(path.exists() for path in fonts.all_faces()):
            _take_turn(turn)
        _build(fonts, say)
    finally:
        os.close(turn)
    return fonts


def _take_turn(folder: int) -> None:
    """Hold the folder against other builders, or go on beside one that does not come to its end."""
    for _ in range(LOOKS):
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go of by the kernel, however its holder ends
            return
        except BlockingIOError:
            Event().wait(LOOK_EVERY_S)


def _build(fonts: FontSet, say: Callable[[str], None]) -> None:
    for path, recipe in _recipes(fonts).items():
        if path.exists():
            say(f"{path}: already there")
            continue
        part = path.with_suffix(f".part{os.getpid()}")
        recipe(part)
        part.replace(path)
        say(f"{path}: built, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    build_fonts(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER, print)
