"""Shapes as small white textures that Kivy tints and stretches: smooth edges without multisampling.

Multisampling costs two thirds of the frame rate on a software renderer [M], so shapes are drawn once at four times their
size, reduced, and kept. Rounded ones are nine-patches: one texture serves every width and height.
"""

from collections.abc import Callable
from functools import cache, lru_cache

import segno
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw, ImageFilter

from kiosk.screen.icons import ICONS, Pen
from kiosk.screen.theme import Colour, mix

_FINE = 4


def _upload(picture: Image.Image) -> Texture:
    texture = Texture.create(size=picture.size, colorfmt="rgba")
    texture.blit_buffer(picture.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


def _texture(mask: Image.Image) -> Texture:
    white = Image.new("L", mask.size, 255)
    return _upload(Image.merge("RGBA", (white, white, white, mask)))


def _drawn(width: int, height: int, draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    mask = Image.new("L", (width * _FINE, height * _FINE), 0)
    draw(ImageDraw.Draw(mask))
    return mask.reduce(_FINE)


@cache
def rounded(radius: int) -> Texture:
    """Return a filled rounded square with corners of ``radius`` pixels and a middle of two."""
    side = 2 * radius + 2
    return _texture(_drawn(side, side, lambda d: d.rounded_rectangle((0, 0, side * 4 - 1, side * 4 - 1), radius * 4, fill=255)))


@cache
def ring(radius: int, width: int) -> Texture:
    """Return the edge of :func:`rounded`, ``width`` pixels wide, lying inside the shape."""
    side = 2 * radius + 2

    def draw(d: ImageDraw.ImageDraw) -> None:
        d.rounded_rectangle((0, 0, side * 4 - 1, side * 4 - 1), radius * 4, fill=255)
        inner = (width * 4, width * 4, side * 4 - 1 - width * 4, side * 4 - 1 - width * 4)
        d.rounded_rectangle(inner, max(0, radius - width) * 4, fill=0)

    return _texture(_drawn(side, side, draw))


@cache
def shadow(radius: int, blur: int) -> Texture:
    """Return a soft shadow of :func:`rounded`, reaching ``2 * blur`` pixels beyond it on every side."""
    side = 2 * (radius + 2 * blur) + 2
    reach = 2 * blur
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((reach, reach, side - reach - 1, side - reach - 1), radius, fill=255)
    return _texture(mask.filter(ImageFilter.GaussianBlur(blur * 0.8)))


@cache
def icon(name: str, side: int) -> Texture:
    """Return an icon of :mod:`kiosk.screen.icons`, ``side`` pixels square. Raises KeyError for a name that is none."""
    mask = Image.new("L", (side * _FINE, side * _FINE), 0)
    ICONS[name](Pen(ImageDraw.Draw(mask), side * _FINE / 24))
    return _texture(mask.reduce(_FINE))


@cache
def arc(side: int, width: int, steps: int) -> Texture:
    """Return a ring of ``side`` pixels of which ``steps`` of 120 parts are left, beginning at the top, clockwise."""

    def draw(d: ImageDraw.ImageDraw) -> None:
        if steps > 0:
            d.arc((0, 0, side * 4 - 1, side * 4 - 1), -90, -90 + steps * 3, fill=255, width=width * 4)

    return _texture(_drawn(side, side, draw))


@cache
def gradient(top: Colour, ground: Colour) -> Texture:
    """Return an opaque column fading from ``top``, as far as that is opaque, to ``ground``."""
    column = Image.new("RGBA", (1, 64))
    steps = [mix(top, ground, top[3] * (255 - row * 4) / 255) for row in range(64)]
    column.putdata([tuple(round(part * 255) for part in step) for step in steps])
    texture = _upload(column)
    texture.wrap = "clamp_to_edge"
    return texture


@lru_cache(maxsize=2)
def symbol(data: str) -> Texture:
    """Return a QR symbol, a pixel a module, with the white margin of four modules that readers ask for."""
    matrix = segno.make_qr(data, error="l").matrix
    side = len(matrix)
    dots = Image.new("RGBA", (side + 8, side + 8), "white")
    ink = Image.new("RGBA", (side, side))
    ink.putdata([(0, 0, 0, 255) if module else (255, 255, 255, 255) for row in matrix for module in row])
    dots.paste(ink, (4, 4))
    texture = _upload(dots)
    texture.mag_filter = "nearest"
    return texture
