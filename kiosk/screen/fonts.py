"""The four font faces the screen writes with, built once from the installed Noto Sans CJK packages.

Kivy opens face 0 of a collection (Japanese) for everyone, and Chinese readers see 直 骨 海 in the wrong shape [M]. So the
regular collection is split into its Japanese and its Simplified Chinese face; of bold only the Japanese face is at hand,
and its ``locl`` feature for Simplified Chinese is baked into the character map of a derived face.

``python -m kiosk.screen.fonts [DIR]`` builds what is missing and says what it did.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "build" / "fonts"
"""Cache of the checkout; the kiosk's installation may name another."""

_REGULAR_FACES = {"ja": 0, "zh-Hans": 2}
"""Index in NotoSansCJK-Regular.ttc: 0 JP, 1 KR, 2 SC, 3 TC, 4 HK [M]."""


@dataclass(frozen=True)
class FontSet:
    """Paths of the faces, by language tag and weight."""

    folder: Path

    def face(self, tag: str, bold: bool) -> Path:
        """Return the file for a language: Chinese has its own, all others share the Japanese face and its Latin."""
        region = "SC" if tag == "zh-Hans" else "JP"
        return self.folder / f"KonbiniSans{region}-{'Bold' if bold else 'Regular'}.otf"

    def all_faces(self) -> tuple[Path, ...]:
        """Return the four files."""
        return tuple(self.face(tag, bold) for tag in ("ja", "zh-Hans") for bold in (False, True))


def _split_regular(index: int, target: Path) -> None:
    from fontTools.ttLib import TTFont
    from noto_cjk_sans_otc import FONT_PATH

    with TTFont(str(FONT_PATH), fontNumber=index, lazy=True) as font:
        font.save(str(target))


def _copy_bold(target: Path) -> None:
    from noto_cjk_sans_jp_bold import FONT_PATH

    target.write_bytes(FONT_PATH.read_bytes())


def _derive_chinese_bold(target: Path) -> None:
    """Save the Japanese bold face with every character that ``locl`` would change for ``ZHS`` changed for good."""
    from fontTools.ttLib import TTFont
    from noto_cjk_sans_jp_bold import FONT_PATH

    with TTFont(str(FONT_PATH), lazy=True) as font:
        gsub = font["GSUB"].table
        swaps: dict[str, str] = {}
        for record in gsub.ScriptList.ScriptRecord:
            for language in record.Script.LangSysRecord:
                if language.LangSysTag.strip() != "ZHS":
                    continue
                for number in language.LangSys.FeatureIndex:
                    feature = gsub.FeatureList.FeatureRecord[number]
                    if feature.FeatureTag != "locl":
                        continue
                    for lookup in feature.Feature.LookupListIndex:
                        for subtable in gsub.LookupList.Lookup[lookup].SubTable:
                            swaps.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
        for table in font["cmap"].tables:
            if table.isUnicode() and hasattr(table, "cmap"):
                for character, glyph in table.cmap.items():
                    table.cmap[character] = swaps.get(glyph, glyph)
        font.save(str(target))


def _recipes(fonts: FontSet) -> dict[Path, Callable[[Path], None]]:
    return {
        fonts.face("ja", False): lambda path: _split_regular(_REGULAR_FACES["ja"], path),
        fonts.face("zh-Hans", False): lambda path: _split_regular(_REGULAR_FACES["zh-Hans"], path),
        fonts.face("ja", True): _copy_bold,
        fonts.face("zh-Hans", True): _derive_chinese_bold,
    }


def build_fonts(folder: Path = DEFAULT_FOLDER, say: Callable[[str], None] = lambda _: None) -> FontSet:
    """Build the faces that ``folder`` lacks and return the set. A half-written face is never left under its final name.

    Raises OSError when the folder cannot be written, ImportError when a font package is not installed.
    """
    fonts = FontSet(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path, recipe in _recipes(fonts).items():
        if path.exists():
            say(f"{path}: already there")
            continue
        part = path.with_suffix(f".part{os.getpid()}")
        recipe(part)
        part.replace(path)
        say(f"{path}: built, {path.stat().st_size / 1e6:.1f} MB")
    return fonts


if __name__ == "__main__":
    build_fonts(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER, print)
