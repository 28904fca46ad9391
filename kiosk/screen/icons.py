"""Icons as strokes on a grid of 24, never as characters: fonts lack half of them and show boxes [M]."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin

from PIL import ImageDraw

Point = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """Draws on the grid: x to the right, y down, round ends."""

    canvas: ImageDraw.ImageDraw
    scale: float

    def line(self, *points: Point, width: float = 2.0, ink: int = 255) -> None:
        """Draw a line through ``points``."""
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        thick = width * self.scale
        self.canvas.line(scaled, fill=ink, width=round(thick), joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            self.canvas.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=ink)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float = 2, width: float = 2.0) -> None:
        """Draw the outline of a rounded box."""
        s, half = self.scale, width / 2
        corners = ((left - half) * s, (top - half) * s, (right + half) * s, (bottom + half) * s)
        self.canvas.rounded_rectangle(corners, (radius + half) * s, outline=255, width=round(width * s))

    def block(self, left: float, top: float, right: float, bottom: float, radius: float = 0, ink: int = 255) -> None:
        """Draw a filled rounded box."""
        s = self.scale
        self.canvas.rounded_rectangle((left * s, top * s, right * s, bottom * s), radius * s, fill=ink)

    def circle(self, x: float, y: float, radius: float, width: float = 2.0) -> None:
        """Draw a circle's edge."""
        s, outer = self.scale, radius + width / 2
        self.canvas.ellipse(
            ((x - outer) * s, (y - outer) * s, (x + outer) * s, (y + outer) * s), outline=255, width=round(width * s)
        )

    def dot(self, x: float, y: float, radius: float, ink: int = 255) -> None:
        """Draw a filled circle."""
        s = self.scale
        self.canvas.ellipse(((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s), fill=ink)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float = 2.0) -> None:
        """Draw part of a circle, clockwise from ``start`` to ``end`` degrees (0 is three o'clock)."""
        steps = max(2, int(abs(end - start) / 6))
        angles = [radians(start + (end - start) * i / steps) for i in range(steps + 1)]
        self.line(*[(x + radius * cos(a), y + radius * sin(a)) for a in angles], width=width)

    def shape(self, *points: Point, ink: int = 255) -> None:
        """Fill a polygon."""
        self.canvas.polygon([(x * self.scale, y * self.scale) for x, y in points], fill=ink)


def _check(p: Pen) -> None:
    p.line((5, 12.5), (10, 17.5), (19.5, 7), width=2.6)


def _cross(p: Pen) -> None:
    p.line((6.5, 6.5), (17.5, 17.5), width=2.4)
    p.line((17.5, 6.5), (6.5, 17.5), width=2.4)


def _left(p: Pen) -> None:
    p.line((14.5, 5.5), (8, 12), (14.5, 18.5), width=2.4)


def _right(p: Pen) -> None:
    p.line((9.5, 5.5), (16, 12), (9.5, 18.5), width=2.4)


def _arrow_up(p: Pen) -> None:
    p.line((12, 20), (12, 5), width=2.8)
    p.line((5.5, 11.2), (12, 4.6), (18.5, 11.2), width=2.8)


def _arrow_down(p: Pen) -> None:
    p.line((12, 4), (12, 19), width=2.8)
    p.line((5.5, 12.8), (12, 19.4), (18.5, 12.8), width=2.8)


def _lock(p: Pen) -> None:
    p.block(5, 10.5, 19, 21, 2.5)
    p.line((8, 11), (8, 8), width=2.2)
    p.line((16, 11), (16, 8), width=2.2)
    p.arc(12, 8, 4, 180, 360, width=2.2)
    p.dot(12, 15.5, 1.7, ink=0)


def _warning(p: Pen) -> None:
    p.line((12, 3.5), (22, 20.5), (2, 20.5), (12, 3.5), (13, 5.2))
    p.line((12, 10), (12, 14.5), width=2.2)
    p.dot(12, 17.6, 1.25)


def _info(p: Pen) -> None:
    p.circle(12, 12, 9)
    p.line((12, 11.5), (12, 16.5), width=2.2)
    p.dot(12, 7.8, 1.3)


def _question(p: Pen) -> None:
    p.circle(12, 12, 9)
    p.arc(12, 9.6, 2.6, -185, 55, width=2.1)
    p.line((13.3, 11.9), (12, 13.6), width=2.1)
    p.dot(12, 16.9, 1.25)


def _delete(p: Pen) -> None:
    p.line((8.5, 5.5), (21, 5.5), (21, 18.5), (8.5, 18.5), (2.5, 12), (8.5, 5.5), (9.5, 5.5), width=1.9)
    p.line((11.5, 9.3), (17, 14.7), width=1.9)
    p.line((17, 9.3), (11.5, 14.7), width=1.9)


def _phone(p: Pen) -> None:
    p.box(6.5, 2.5, 17.5, 21.5, 2.2, width=1.8)
    p.line((10.3, 18.6), (13.7, 18.6), width=1.6)


def _sim(p: Pen) -> None:
    p.line((5, 3), (14, 3), (19, 8), (19, 21), (5, 21), (5, 3), (6, 3), width=1.8)
    p.box(8.5, 11, 15.5, 17.5, 1, width=1.5)
    p.line((12, 11), (12, 17.5), width=1.3)
    p.line((8.5, 14.2), (15.5, 14.2), width=1.3)


def _note(p: Pen) -> None:
    p.box(2.5, 6.5, 21.5, 17.5, 1.8, width=1.8)
    p.circle(12, 12, 2.6, width=1.7)
    p.dot(6, 12, 1.0)
    p.dot(18, 12, 1.0)


def _printer(p: Pen) -> None:
    p.line((7, 8), (7, 3), (17, 3), (17, 8), width=1.9)
    p.line((7, 17), (3.5, 17), (3.5, 8.5), (20.5, 8.5), (20.5, 17), (17, 17), width=1.9)
    p.box(7, 13.5, 17, 21, 0.8, width=1.9)


def _receipt(p: Pen) -> None:
    p.line(
        (5.5, 21), (5.5, 3), (18.5, 3), (18.5, 21), (15.9, 19), (14.2, 21), (12, 19), (9.8, 21), (8.1, 19), (5.5, 21), width=1.8
    )
    for y, right in ((7.5, 15), (11, 15), (14.5, 12)):
        p.line((9, y), (right, y), width=1.7)


def _wrench(p: Pen) -> None:
    p.line((5, 19), (13, 11), width=3.6)
    p.arc(16.2, 7.8, 4.2, -10, 280, width=2.6)


def _calendar(p: Pen) -> None:
    p.box(3.5, 5, 20.5, 20.5, 2, width=1.8)
    p.line((3.5, 10), (20.5, 10), width=1.8)
    p.line((8, 2.8), (8, 6.5), width=1.9)
    p.line((16, 2.8), (16, 6.5), width=1.9)


def _gift(p: Pen) -> None:
    p.box(3.5, 8, 20.5, 12, 1, width=1.9)
    p.line((5.2, 12), (5.2, 20.7), (18.8, 20.7), (18.8, 12), width=1.9)
    p.line((12, 8), (12, 20.5), width=1.9)
    p.arc(9.3, 5.4, 2.5, 40, 380, width=1.8)
    p.arc(14.7, 5.4, 2.5, 160, 500, width=1.8)


def _touch(p: Pen) -> None:
    p.line((10, 14.2), (10, 7.2), width=2)
    p.arc(11.6, 7, 1.6, 180, 360, width=2)
    p.line((13.2, 7), (13.2, 12), (18.2, 13), width=2)
    p.line((18.2, 13), (19.2, 14.2), (18.2, 21.5), (11, 21.5), (6.2, 15.8), (7.5, 14.3), (10, 15.8), width=2)
    p.arc(11.6, 7, 5, 150, 390, width=1.5)


def _globe(p: Pen) -> None:
    p.circle(12, 12, 9, width=1.8)
    p.line((3, 12), (21, 12), width=1.7)
    for squeeze in (0.42,):
        points = [(12 + 9 * squeeze * cos(radians(a)), 12 + 9 * sin(radians(a))) for a in range(0, 361, 8)]
        p.line(*points, width=1.7)


def _hourglass(p: Pen) -> None:
    p.line((6, 3), (18, 3), width=2.1)
    p.line((6, 21), (18, 21), width=2.1)
    p.line((7.5, 3), (7.5, 7), (12, 12), (16.5, 7), (16.5, 3), width=1.9)
    p.line((7.5, 21), (7.5, 17), (12, 12), (16.5, 17), (16.5, 21), width=1.9)
    p.shape((9.3, 20.3), (14.7, 20.3), (12, 16.4))


def _signal(p: Pen) -> None:
    for i in range(4):
        p.block(3 + i * 4.8, 17 - i * 4.2, 6.4 + i * 4.8, 21, 1)


def _dot(p: Pen) -> None:
    p.dot(12, 12, 12)


def _ring(p: Pen) -> None:
    p.circle(12, 12, 10.6, width=2.4)


def _mark(p: Pen) -> None:
    """The house mark: a SIM card with its cut corner and an arrow going up through it."""
    p.shape((2, 2.5), (2.5, 2), (15.5, 2), (22, 8.5), (22, 21.5), (21.5, 22), (2.5, 22), (2, 21.5))
    p.line((12, 18), (12, 8.6), width=2.7, ink=0)
    p.line((7.3, 12.6), (12, 7.9), (16.7, 12.6), width=2.7, ink=0)


def _shield(p: Pen) -> None:
    p.line((12, 2.8), (20, 5.8), (20, 11.5), width=1.9)
    p.line((12, 2.8), (4, 5.8), (4, 11.5), width=1.9)
    p.line((4, 11.5), (5.5, 16), (12, 21.2), (18.5, 16), (20, 11.5), width=1.9)
    p.line((8.3, 11.8), (11, 14.5), (15.8, 9), width=2)


ICONS: dict[str, Callable[[Pen], None]] = {
    "check": _check,
    "cross": _cross,
    "left": _left,
    "right": _right,
    "arrow_up": _arrow_up,
    "arrow_down": _arrow_down,
    "lock": _lock,
    "warning": _warning,
    "info": _info,
    "question": _question,
    "delete": _delete,
    "phone": _phone,
    "sim": _sim,
    "note": _note,
    "printer": _printer,
    "receipt": _receipt,
    "wrench": _wrench,
    "calendar": _calendar,
    "gift": _gift,
    "touch": _touch,
    "globe": _globe,
    "hourglass": _hourglass,
    "signal": _signal,
    "dot": _dot,
    "ring": _ring,
    "mark": _mark,
    "shield": _shield,
}
"""Every icon by name."""
