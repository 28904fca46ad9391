"""Pictures put together from shapes: notes, slots, cards. No carrier's logo and no banknote's likeness among them."""

from kiosk.screen.brush import Brush
from kiosk.screen.theme import BG, BRAND, DISABLED, HAIRLINE, INK, INK2, OK, SURFACE, WHITE, Colour, colour, mix

_NOTES: dict[int, Colour] = {
    1000: colour("#3E6A8F"),
    2000: colour("#3F7A5A"),
    5000: colour("#7A4E86"),
    10000: colour("#8A6234"),
}
"""The family of tint people know each note by."""


def note(brush: Brush, x: float, y: float, w: float, h: float, yen: int, text: str = "") -> None:
    """Draw a note's shape in its tint; ``text`` is its amount, written on it."""
    ink = _NOTES.get(yen, INK2)
    ground = mix(ink, SURFACE, 0.16)
    brush.shadow(x, y, w, h, 12, 8, 0.16)
    brush.fill(x, y, w, h, ground, 12)
    brush.outline(x, y, w, h, ink, 3, 12)
    brush.outline(x + 9, y + 9, w - 18, h - 18, (*ink[:3], 0.35), 2, 7)
    if text:
        brush.text(text, x + 16, y, w - 32, h, size=min(44, h * 0.4), bold=True, ink=mix(ink, INK, 0.75), align="center")
        return
    side = h * 0.46
    brush.fill(x + (w - side) / 2, y + (h - side) / 2, side, side, (*ink[:3], 0.28), side / 2)
    for left in (x + 30, x + w - 30 - w * 0.16):
        brush.fill(left, y + h * 0.40, w * 0.16, h * 0.075, (*ink[:3], 0.5), 4)
        brush.fill(left, y + h * 0.55, w * 0.11, h * 0.06, (*ink[:3], 0.32), 4)


_COINS: dict[int, Colour] = {
    10: colour("#A8623A"),
    50: colour("#8C949C"),
    100: colour("#8C949C"),
    500: colour("#B08A3C"),
}
"""The family of metal people know each coin by; the bicolour 500 and the older one share a colour here."""


def coin(brush: Brush, x: float, y: float, side: float, yen: int) -> None:
    """Draw a coin's shape in its metal with its value; 50 has its hole."""
    ink = _COINS.get(yen, INK2)
    brush.shadow(x, y, side, side, side / 2, 6, 0.16)
    brush.fill(x, y, side, side, mix(ink, SURFACE, 0.30), side / 2)
    brush.outline(x + 2, y + 2, side - 4, side - 4, ink, 4, side / 2 - 2)
    brush.outline(x + 12, y + 12, side - 24, side - 24, (*ink[:3], 0.45), 2, side / 2 - 12)
    brush.text(str(yen), x, y, side, side, size=side * 0.32, bold=True, ink=mix(ink, INK, 0.75), align="center", tag="en")


def _tray(brush: Brush, x: float, y: float, w: float, h: float) -> None:
    """Draw the cup that coins fall into, lit, with coins in it."""
    brush.fill(x, y, w, h, mix(INK, INK2, 0.86), 28)
    brush.fill(x + 14, y + 14, w - 28, h - 28, (*WHITE[:3], 0.05), 20)
    cup_w, cup_h = w * 0.70, h * 0.56
    cup_x, cup_y = x + (w - cup_w) / 2, y + h * 0.24
    brush.fill(cup_x, cup_y, cup_w, cup_h, mix(OK, INK, 0.30), 40)
    brush.outline(cup_x, cup_y, cup_w, cup_h, colour("#57E29A"), 5, 40)
    side = min(cup_h, cup_w * 0.85) * 0.40
    for across, down, yen in ((0.28, 0.46, 100), (0.52, 0.30, 10), (0.72, 0.50, 500)):
        coin(brush, cup_x + cup_w * across - side / 2, cup_y + cup_h * down, side, yen)


def note_slot(brush: Brush, x: float, y: float, w: float, h: float, inside: float) -> None:
    """Draw the front of the note reader with a note going in; ``inside`` says how far, 0 to 1."""
    face = h * 0.42
    note_w, note_h = w * 0.50, h * 0.66
    lip = y + face - 34
    start, end = y + h - note_h, lip - note_h * 0.80
    top = start + (end - start) * inside
    _upright_note(brush, x + (w - note_w) / 2, top, note_w, note_h)
    brush.fill(x, y - 4, w, face - 26, SURFACE)
    brush.shadow(x, y, w, face, 28, 14, 0.20)
    brush.fill(x, y, w, face, mix(INK, INK2, 0.86), 28)
    brush.fill(x + 14, y + 14, w - 28, face - 28, (*WHITE[:3], 0.05), 20)
    mouth_w = note_w + 72
    mouth_x = x + (w - mouth_w) / 2
    brush.fill(mouth_x, lip - 34, mouth_w, 68, mix(INK, BRAND, 0.9), 20)
    brush.outline(mouth_x, lip - 34, mouth_w, 68, colour("#5CC3FF"), 5, 20)
    brush.fill(mouth_x + 30, lip - 4, mouth_w - 60, 10, colour("#02070D"), 5)
    brush.fill(x + (w - note_w) / 2, lip + 1, note_w, 33, (*INK[:3], 0.0), 2)
    for number in range(3):
        brush.icon(
            "arrow_up", x + w / 2 - 24 + (number - 1) * 84, y + face * 0.16, 48, (*WHITE[:3], 0.85 if number == 1 else 0.4)
        )


def _upright_note(brush: Brush, x: float, y: float, w: float, h: float) -> None:
    ink = _NOTES[1000]
    brush.shadow(x, y, w, h, 14, 10, 0.18)
    brush.fill(x, y, w, h, mix(ink, SURFACE, 0.18), 14)
    brush.outline(x, y, w, h, ink, 3, 14)
    brush.outline(x + 12, y + 12, w - 24, h - 24, (*ink[:3], 0.35), 2, 8)
    side = w * 0.36
    brush.fill(x + (w - side) / 2, y + (h - side) / 2, side, side, (*ink[:3], 0.28), side / 2)
    brush.fill(x + w / 2 - 30, y + 36, 60, 14, (*ink[:3], 0.5), 6)
    brush.fill(x + w / 2 - 30, y + h - 50, 60, 14, (*ink[:3], 0.5), 6)


def lit_slot(brush: Brush, x: float, y: float, w: float, h: float, what: str) -> None:
    """Draw a slot with what comes out of it: ``receipt`` or ``note``, or the cup of ``coins``."""
    if what == "coins":
        _tray(brush, x, y, w, h)
        return
    brush.fill(x, y, w, h, mix(INK, INK2, 0.86), 28)
    brush.fill(x + 14, y + 14, w - 28, h - 28, (*WHITE[:3], 0.05), 20)
    mouth_w, mouth_h = w * 0.62, 56.0
    mouth_x, mouth_y = x + (w - mouth_w) / 2, y + h * 0.20
    glow = colour("#57E29A")
    brush.fill(mouth_x, mouth_y, mouth_w, mouth_h, mix(OK, INK, 0.45), 18)
    brush.outline(mouth_x, mouth_y, mouth_w, mouth_h, glow, 5, 18)
    brush.fill(mouth_x + 26, mouth_y + 23, mouth_w - 52, 10, colour("#02070D"), 5)
    paper_w = mouth_w - 88
    paper_x, paper_y = x + (w - paper_w) / 2, mouth_y + 28
    paper_h = y + h - paper_y - 28
    if what == "note":
        ink = _NOTES[1000]
        brush.fill(paper_x, paper_y, paper_w, paper_h, mix(ink, SURFACE, 0.2), 4)
        brush.outline(paper_x + 12, paper_y - 8, paper_w - 24, paper_h - 6, (*ink[:3], 0.4), 2, 8)
        side = min(paper_w, paper_h) * 0.42
        brush.fill(x + (w - side) / 2, paper_y + (paper_h - side) / 2, side, side, (*ink[:3], 0.3), side / 2)
        return
    brush.fill(paper_x, paper_y, paper_w, paper_h, WHITE, 4)
    brush.icon("mark", x + w / 2 - 22, paper_y + 18, 44, BRAND)
    line_y = paper_y + 80
    for share in (1.0, 0.7, 0.86, 1.0, 0.55, 0.92, 0.7, 1.0, 0.4, 0.8, 0.62):
        if line_y + 12 < paper_y + paper_h - 12:
            brush.fill(paper_x + 24, line_y, (paper_w - 48) * share, 10, DISABLED, 5)
        line_y += 30


def sim_card(brush: Brush, x: float, y: float, w: float) -> None:
    """Draw a plastic SIM holder with its chip and the place where the long number stands, framed."""
    h = w * 0.63
    brush.card(x, y, w, h, SURFACE, HAIRLINE, 16)
    chip = h * 0.46
    left, top = x + w * 0.10, y + h * 0.14
    brush.fill(left, top, chip * 0.86, chip, mix(colour("#C79A3B"), SURFACE, 0.55), 10)
    brush.outline(left, top, chip * 0.86, chip, colour("#9A7426"), 3, 10)
    brush.fill(left + chip * 0.40, top + 4, 3, chip - 8, colour("#9A7426"))
    for share in (0.33, 0.66):
        brush.fill(left + 4, top + chip * share, chip * 0.86 - 8, 3, colour("#9A7426"))
    for number, share in enumerate((0.34, 0.22)):
        brush.fill(x + w * 0.52, y + h * (0.20 + number * 0.16), w * share, h * 0.06, BG, 4)
        brush.fill(x + w * 0.52, y + h * (0.20 + number * 0.16), w * share, h * 0.06, (*DISABLED[:3], 0.7), 4)
    brush.fill(x + w * 0.08, y + h * 0.70, w * 0.84, h * 0.20, mix(BRAND, SURFACE, 0.10), 8)
    brush.outline(x + w * 0.08, y + h * 0.70, w * 0.84, h * 0.20, BRAND, 3, 8)


def handset(brush: Brush, x: float, y: float, w: float, h: float) -> None:
    """Draw a telephone whose data fills up."""
    brush.fill(x, y, w, h, mix(INK, BRAND, 0.8), 44)
    brush.outline(x, y, w, h, (*WHITE[:3], 0.55), 4, 44)
    brush.fill(x + 16, y + 16, w - 32, h - 32, WHITE, 32)
    brush.fill(x + w / 2 - 40, y + 30, 80, 16, mix(INK, WHITE, 0.9), 8)
    side = w * 0.56
    left, top = x + (w - side) / 2, y + h * 0.17
    brush.arc(left, top, side, 22, 1.0, mix(BRAND, WHITE, 0.14))
    brush.arc(left, top, side, 22, 0.78, BRAND)
    brush.icon("arrow_up", left + side * 0.28, top + side * 0.28, side * 0.44, BRAND)
    for number in range(4):
        bar_h = 26 + number * 24
        brush.fill(x + w / 2 - 92 + number * 50, y + h * 0.80 - bar_h, 34, bar_h, mix(BRAND, WHITE, 0.25 + 0.25 * number), 8)
    brush.fill(x + w * 0.2, y + h * 0.86, w * 0.6, 14, DISABLED, 7)
