"""Draws shapes, icons and texts into a canvas: lengths in units, origin top left, everything on whole pixels."""

from dataclasses import dataclass

from kivy.graphics import BorderImage, Canvas, Color, Rectangle
from kivy.graphics.texture import Texture

from kiosk.screen import masks
from kiosk.screen.hollow import hollow_patch
from kiosk.screen.theme import BODY, HAIRLINE, INK, RADIUS, SURFACE, WHITE, Colour
from kiosk.screen.typesetter import Block, Typesetter
from kiosk.screen.words import Words


@dataclass(frozen=True)
class Frame:
    """How units become pixels in this window."""

    unit: float
    """Pixels in a unit: short side / 1080."""
    left: float
    """Pixels left of the design."""
    top: float
    """Pixels from the window's bottom to the design's top edge."""

    def box(self, x: float, y: float, w: float, h: float) -> tuple[int, int, int, int]:
        """Return left, bottom, width and height in whole pixels; neighbours in units stay neighbours in pixels."""
        left, right = round(self.left + x * self.unit), round(self.left + (x + w) * self.unit)
        top, bottom = round(self.top - y * self.unit), round(self.top - (y + h) * self.unit)
        return left, bottom, right - left, top - bottom

    def pixels(self, length: float) -> int:
        """Return a length in pixels, at least one."""
        return max(1, round(length * self.unit))


@dataclass(frozen=True)
class PlacedText:
    """A text as it was drawn, for tests of overflow."""

    text: str
    fits: bool
    box: tuple[float, float, float, float]
    """x, y, width and height that it took, in units."""


class Brush:
    """Draws into ``canvas``."""

    def __init__(self, canvas: Canvas, frame: Frame, typesetter: Typesetter, words: Words) -> None:
        self.frame = frame
        self.typesetter = typesetter
        self.words = words
        self.texts: list[PlacedText] = []
        self._canvas = canvas

    def on(self, canvas: Canvas) -> "Brush":
        """Return a brush like this one for another canvas."""
        return Brush(canvas, self.frame, self.typesetter, self.words)

    def _radius(self, radius: float, w: float, h: float) -> int:
        _, _, width, height = self.frame.box(0, 0, w, h)
        return max(1, min(round(radius * self.frame.unit), width // 2 - 1, height // 2 - 1))

    def fill(self, x: float, y: float, w: float, h: float, colour: Colour, radius: float = 0) -> None:
        """Fill a box, with rounded corners when ``radius`` is above 0."""
        left, bottom, width, height = self.frame.box(x, y, w, h)
        with self._canvas:
            Color(*colour)
            if radius:
                edge = self._radius(radius, w, h)
                BorderImage(texture=masks.rounded(edge), border=(edge,) * 4, pos=(left, bottom), size=(width, height))
            else:
                Rectangle(pos=(left, bottom), size=(width, height))

    def symbol(self, data: str, x: float, y: float, side: float) -> None:
        """Draw a QR symbol, white margin included, in a square of ``side``."""
        self._picture(masks.symbol(data), x, y, side, side, (1, 1, 1, 1))

    def outline(self, x: float, y: float, w: float, h: float, colour: Colour, width: float = 3, radius: float = RADIUS) -> None:
        """Draw the edge of a rounded box, inside it."""
        edge = self._radius(radius, w, h)
        thick = self.frame.pixels(width)
        with self._canvas:
            Color(*colour)
            hollow_patch(masks.ring(edge, thick), edge, min(edge, thick + 1), *self.frame.box(x, y, w, h))

    def shadow(
        self, x: float, y: float, w: float, h: float, radius: float = RADIUS, blur: float = 14, strength: float = 0.13
    ) -> None:
        """Draw what an opaque raised box throws on the ground, a little downwards; nothing where the box itself will lie."""
        edge, soft = self._radius(radius, w, h), self.frame.pixels(blur)
        drop = blur * 0.45
        left, bottom, width, height = self.frame.box(x, y + drop, w, h)
        grow, corner = 2 * soft, edge + 2 * soft
        band = min(corner, grow + self.frame.pixels(drop) + 1)
        with self._canvas:
            Color(*INK[:3], strength)
            hollow_patch(
                masks.shadow(edge, soft), corner, band, left - grow, bottom - grow, width + 2 * grow, height + 2 * grow
            )

    def card(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: Colour = SURFACE,
        edge: Colour | None = HAIRLINE,
        radius: float = RADIUS,
    ) -> None:
        """Draw a raised card."""
        self.shadow(x, y, w, h, radius)
        self.fill(x, y, w, h, colour, radius)
        if edge is not None:
            self.outline(x, y, w, h, edge, 2, radius)

    def fade(self, x: float, y: float, w: float, h: float, colour: Colour, ground: Colour) -> None:
        """Fill a box, fading from ``colour`` over ``ground`` at the top to ``ground``: one layer, where two cost twice."""
        self._picture(masks.gradient(colour, ground), x, y, w, h, WHITE)

    def icon(self, name: str, x: float, y: float, side: float, colour: Colour = INK) -> None:
        """Draw an icon with its top left corner at ``x``, ``y``."""
        pixels = self.frame.pixels(side)
        self._picture(masks.icon(name, pixels), x, y, pixels / self.frame.unit, pixels / self.frame.unit, colour)

    def arc(self, x: float, y: float, side: float, width: float, share: float, colour: Colour) -> None:
        """Draw a ring of which ``share`` (0 to 1) is left."""
        steps = max(0, min(120, round(share * 120)))
        self._picture(masks.arc(self.frame.pixels(side), self.frame.pixels(width), steps), x, y, side, side, colour)

    def disc(self, x: float, y: float, side: float, colour: Colour, icon: str = "", ink: Colour = SURFACE) -> None:
        """Draw a filled circle, with an icon in it when named."""
        self.fill(x, y, side, side, colour, side / 2)
        if icon:
            self.icon(icon, x + side * 0.22, y + side * 0.22, side * 0.56, ink)

    def _picture(self, texture: Texture, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        left, bottom, width, height = self.frame.box(x, y, w, h)
        with self._canvas:
            Color(*colour)
            Rectangle(texture=texture, pos=(left, bottom), size=(width, height))

    def measure(
        self,
        text: str,
        w: float,
        h: float = 9999,
        *,
        size: float = BODY,
        bold: bool = False,
        lines: int = 1,
        leading: float = 1.32,
        tag: str = "",
    ) -> Block:
        """Return how ``text`` would come out in a box, without drawing it."""
        tag = tag or self.words.tag
        return self.typesetter.set(text, tag, w, size=size, bold=bold, height=h, lines=lines, leading=leading)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        w: float,
        h: float = 0,
        *,
        size: float = BODY,
        bold: bool = False,
        ink: Colour = INK,
        align: str = "left",
        lines: int = 1,
        leading: float = 1.32,
        tag: str = "",
    ) -> float:
        """Write ``text`` and return its height in units.

        With a height ``h`` it stands in the middle of it, without one it begins at ``y``. It wraps to at most ``lines``
        lines and shrinks when it would not fit. ``align``: ``left``, ``center`` or ``right``.
        """
        if not text:
            return 0.0
        tag = tag or self.words.tag
        block = self.measure(text, w, h or 9999, size=size, bold=bold, lines=lines, leading=leading, tag=tag)
        top = y + (h - block.height) / 2 if h else y
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        step = block.size * block.leading
        for number, line in enumerate(block.lines):
            width = self.typesetter.width_of(line, tag, block.size, bold)
            self._line(line, x + (w - width) * share, top + (number + 0.5) * step, tag, block.size, bold, ink)
        self.texts.append(PlacedText(text, block.fits, (x + (w - block.width) * share, top, block.width, block.height)))
        return block.height

    def _line(self, line: str, x: float, middle: float, tag: str, size: float, bold: bool, ink: Colour) -> None:
        if not line:
            return
        texture = self.typesetter.texture(line, tag, size, bold)
        left, _, _, _ = self.frame.box(x, 0, 0, 0)
        top = self.frame.top - (middle - self.typesetter.lift(size, tag)) * self.frame.unit
        with self._canvas:
            Color(*ink)
            Rectangle(texture=texture, pos=(left, round(top) - texture.height), size=texture.size)

    def strike(
        self, text: str, x: float, y: float, w: float, h: float, *, size: float, ink: Colour, align: str = "right"
    ) -> None:
        """Write an amount that no longer holds, struck through."""
        self.text(text, x, y, w, h, size=size, ink=ink, align=align, tag="en")
        _, _, width, _ = self.texts[-1].box
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        self.fill(x + (w - width) * share - 4, y + h / 2 - 1.5, width + 8, 3, ink)
