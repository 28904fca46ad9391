"""Lines as textures, drawn by Pillow: shaped scripts, and a word or two in a language that is not the customer's.

Devanagari, Myanmar and Thai are shaped: signs move round their consonant, consonants join or stack. Kivy, even when told the
script, measures such lines as if nothing moved: up to 15 % too wide, or so narrow that the last letters are cut off [M].
Pillow's Raqm measures what it draws; it needs FriBiDi, as receipts do.

A face with all of CJK keeps some 10 MB with Kivy once its first letter is drawn, and under 1 MB with Pillow while it is few
letters [M]: so a language that only greets, or stands in the list of languages, costs next to nothing.
"""

from functools import lru_cache
from pathlib import Path

from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw, ImageFont

from kiosk.screen.fonts import Script

_OVERHANG = 0.12
"""Room for strokes that reach beyond the last letter's advance, as a share of the size."""


@lru_cache(maxsize=16)
def _font(path: Path, pixels: int, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(path), pixels, layout_engine=engine)


def close_faces() -> None:
    """Close every face: the next screen opens what it needs in a millisecond each."""
    _font.cache_clear()


def width_px(line: str, path: Path, pixels: int, script: Script) -> float:
    """Return how far the pen goes over a line."""
    return _font(path, pixels, script.shaped).getlength(line)


def draw(line: str, path: Path, pixels: int, script: Script) -> Texture:
    """Return a line in white; its base line lies ``script.ascent`` sizes below the texture's top."""
    width = int(width_px(line, path, pixels, script) + 2 * _OVERHANG * pixels) + 1
    baseline = round(script.ascent * pixels)
    mask = Image.new("L", (width, baseline + round(script.descent * pixels) + 1), 0)
    ImageDraw.Draw(mask).text((0, baseline), line, fill=255, font=_font(path, pixels, script.shaped), anchor="ls")
    white = Image.new("L", mask.size, 255)
    texture = Texture.create(size=mask.size, colorfmt="rgba")
    texture.blit_buffer(Image.merge("RGBA", (white, white, white, mask)).tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture
