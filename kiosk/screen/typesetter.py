"""Turns a text into textures, one a line: wrapped, balanced, and shrunk when it would not fit."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

from kivy.core.text import Label as CoreLabel
from kivy.graphics.texture import Texture

from kiosk.screen import lettering
from kiosk.screen.fonts import FontSet, has_own_face, script_of
from kiosk.screen.linebreak import pieces, wrap
from kiosk.screen.theme import SMALL, TYPE_SCALE

_MIDDLE = 0.375
"""How far above the base line the optical middle of digits, capitals and kanji lies, as a share of the size."""


def _on_scale(size: float) -> float:
    """Return the size of the type scale that is nearest, of two the smaller."""
    return float(min(TYPE_SCALE, key=lambda one: abs(one - size)))


@dataclass(frozen=True)
class Block:
    """A text made ready: its lines, and how big it came out, in units."""

    lines: tuple[str, ...]
    size: float
    leading: float
    """Height of a line as a share of ``size``."""
    width: float
    fits: bool
    """False when even the smallest size sticks out of the box it was made for."""

    @property
    def height(self) -> float:
        """Height of all lines."""
        return len(self.lines) * self.size * self.leading


class Typesetter:
    """Measures and renders, in sizes of the type scale; keeps the last textures because most of a screen stays the same."""

    def __init__(self, fonts: FontSet, unit: float, keep: int = 96) -> None:
        self._fonts = fonts
        self._unit = unit
        self._keep = keep
        self.customer = ""
        """Language of whoever stands before the screen; single words in other languages are drawn in the cheaper way."""
        self._textures: OrderedDict[tuple[str, str, int, bool], Texture] = OrderedDict()
        self.width_of = lru_cache(maxsize=8192)(self._width_of)
        self.set = lru_cache(maxsize=512)(self._set)

    def _by_pillow(self, tag: str) -> bool:
        return script_of(tag).shaped or (has_own_face(tag) and tag != self.customer)

    def forget(self) -> None:
        """Drop every texture and measure: the last customer's number must not outlive the visit."""
        self._textures.clear()
        self.width_of.cache_clear()
        self.set.cache_clear()

    def remembered(self) -> set[str]:
        """Return the lines that are kept."""
        return {key[0] for key in self._textures}

    def _pixels(self, size: float, tag: str) -> int:
        return max(8, round(_on_scale(size) * script_of(tag).scale * self._unit))

    def _label(self, text: str, tag: str, size: float, bold: bool) -> CoreLabel:
        return CoreLabel(
            text=text, font_name=str(self._fonts.face(tag, bold)), font_size=self._pixels(size, tag), color=(1, 1, 1, 1)
        )

    def _width_of(self, text: str, tag: str, size: float, bold: bool) -> float:
        """Return the width of a line in units."""
        if self._by_pillow(tag):
            return lettering.width_px(text, self._fonts.face(tag, bold), self._pixels(size, tag), script_of(tag)) / self._unit
        return float(self._label("", tag, size, bold).get_extents(text)[0]) / self._unit if text else 0.0

    def texture(self, line: str, tag: str, size: float, bold: bool) -> Texture:
        """Return one line in white."""
        key = (line, tag, self._pixels(size, tag), bold)
        if key in self._textures:
            self._textures.move_to_end(key)
        else:
            self._textures[key] = self._draw(line, tag, size, bold)
            if len(self._textures) > self._keep:
                self._textures.popitem(last=False)
        return self._textures[key]

    def _draw(self, line: str, tag: str, size: float, bold: bool) -> Texture:
        if self._by_pillow(tag):
            return lettering.draw(line, self._fonts.face(tag, bold), self._pixels(size, tag), script_of(tag))
        label = self._label(line, tag, size, bold)
        label.refresh()
        return label.texture

    def lift(self, size: float, tag: str) -> float:
        """Return how far above a line's middle its texture begins, in units."""
        return (script_of(tag).ascent - _MIDDLE) * self._pixels(size, tag) / self._unit

    def _set(
        self, text: str, tag: str, width: float, *, size: float, bold: bool, height: float, lines: int, leading: float
    ) -> Block:
        """Wrap ``text`` into a box of ``width`` by ``height`` and at most ``lines`` lines, shrinking to SMALL if need be.

        It also shrinks, to two thirds at most, before a word would be torn.
        """
        size = _on_scale(size)
        if not text.isascii():  # figures need no room for signs
            leading *= script_of(tag).leading
        untorn = size * 0.65
        while True:
            now = size
            rows = tuple(wrap(text, tag, width, lambda part: self.width_of(part, tag, now, bold)))  # noqa: B023  used at once
            widest = max(self.width_of(row, tag, size, bold) for row in rows)
            fits = len(rows) <= lines and len(rows) * size * leading <= height + 0.5 and widest <= width + 0.5
            words = pieces(text.replace("\n", " "), tag) if len(rows) > 1 and size > untorn else ()
            torn = any(self.width_of(word.strip(), tag, size, bold) > width for word in words)
            if (fits and not torn) or size <= SMALL:
                return Block(rows, size, leading, widest, fits)
            size = max(one for one in TYPE_SCALE if one < size)
