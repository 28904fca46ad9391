"""The printer's fonts as 1-bit bitmaps, drawn from Noto Sans Mono CJK JP and cut at half grey.

Cells are those of a Japanese TM-T88: kanji 24x24, font A 12x24, font B 9x17 [D: T88III]. The shapes are not the maker's; a
real ROM draws its own. The face is wide and narrow in exactly two to one, so columns line up as on paper.
"""

from enum import Enum
from functools import lru_cache
from typing import Final

import noto_cjk_sans_otc
from PIL import Image, ImageDraw, ImageFont

_MONO_JP: Final = 5
_THRESHOLD: Final = 128
_END_OF_LATIN: Final = "\u0250"


class Font(Enum):
    """A cell size in dots and the em and baseline that fill it."""

    A = (12, 24, 24, 21)
    B = (9, 17, 17, 15)
    KANJI = (24, 24, 24, 21)

    def __init__(self, width_dots: int, height_dots: int, em_dots: int, baseline: int) -> None:
        self.width_dots = width_dots
        self.height_dots = height_dots
        self.em_dots = em_dots
        self.baseline = baseline

    def baseline_of(self, char: str) -> int:
        """Return the row on which ``char`` stands; Latin stands higher, so that brackets and descenders stay in the cell."""
        return self.baseline - 2 if self is not Font.KANJI and char < _END_OF_LATIN else self.baseline


@lru_cache(maxsize=8)
def _face(em_dots: int) -> ImageFont.FreeTypeFont:
    path = str(noto_cjk_sans_otc.FONT_PATH)
    return ImageFont.truetype(path, em_dots, index=_MONO_JP, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def glyph(char: str, font: Font) -> Image.Image:
    """Return a cell of the font with ``char`` in it: mode ``1``, ink is 1."""
    grey = Image.new("L", (font.width_dots, font.height_dots), 0)
    face = _face(font.em_dots)
    left = round((font.width_dots - face.getlength(char)) / 2)
    ImageDraw.Draw(grey).text((left, font.baseline_of(char)), char, fill=255, font=face, anchor="ls")
    return grey.point(lambda level: 255 if level >= _THRESHOLD else 0, mode="1")


@lru_cache(maxsize=2048)
def magnified(char: str, font: Font, width: int, height: int, bold: bool) -> Image.Image:
    """Return the cell with every dot repeated ``width`` by ``height`` times; bold prints it twice, one dot apart."""
    cell = glyph(char, font)
    if bold:
        cell = cell.copy()
        again = glyph(char, font)
        cell.paste(1, (1, 0), again)
    if width == height == 1:
        return cell
    return cell.resize((cell.width * width, cell.height * height), Image.Resampling.NEAREST)
