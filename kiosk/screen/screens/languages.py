"""All languages, each in its own words: a screen of its own at the beginning, a sheet over any later one."""

from kiosk.languages import TAGS
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import BRAND, BRAND_TINT, DESIGN_HEIGHT, DESIGN_WIDTH, INK, INK2, LINE, MARGIN, SURFACE, TOUCH
from kiosk.screenmodel import Intent, ScreenModel, Touch

_GAP = 24.0


def language(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the choice a visit begins with."""
    p.disc(480, area.top, 120, BRAND_TINT, "globe", BRAND)
    y = area.top + 144
    for tag in (TAGS[0], TAGS[1]):
        asked = p.words.text_in(tag, "screen.language.title")
        y += p.text(asked, area.x, y, area.w, size=44, bold=True, align="center", tag=tag)
    y += 32
    _choices(p, area.x, y, area.w, area.bottom - y)


def sheet(p: Painter) -> None:
    """Draw the choice over a screen; a touch beside it shuts it."""
    p.fill(0, 0, DESIGN_WIDTH, DESIGN_HEIGHT, (*INK[:3], 0.62))
    p.target(Intent(Touch.LANGUAGE), 0, 0, DESIGN_WIDTH, DESIGN_HEIGHT, radius=1)
    x, y, w, h = MARGIN - 8.0, 300.0, 1000.0, 1320.0
    p.shadow(x, y, w, h, 36, 28, 0.4)
    p.fill(x, y, w, h, SURFACE, 36)
    p.text(p.words.text("screen.language.title"), x + 40, y + 30, w - 200, TOUCH, size=48, bold=True)
    p.icon("cross", x + w - 32 - TOUCH + 28, y + 30 + 28, 56, INK2)
    p.target(Intent(Touch.LANGUAGE), x + w - 32 - TOUCH, y + 30, TOUCH, TOUCH, radius=20)
    _choices(p, x + 32, y + 172, w - 64, h - 172 - 32)


def _choices(p: Painter, x: float, y: float, w: float, h: float) -> None:
    """Draw the first language over the whole width, the others in two columns."""
    rows = 1 + len(TAGS) // 2
    height = min(190.0, (h - (rows - 1) * _GAP) / rows)
    half = (w - _GAP) / 2
    for number, tag in enumerate(TAGS):
        left = x if number % 2 or not number else x + half + _GAP
        top = y + (number + 1) // 2 * (height + _GAP)
        _choice(p, tag, left, top, half if number else w, height)


def _choice(p: Painter, tag: str, x: float, y: float, w: float, h: float) -> None:
    chosen = tag == p.words.tag
    p.card(x, y, w, h, SURFACE, BRAND if chosen else LINE)
    if chosen:
        p.outline(x, y, w, h, BRAND, 6)
    middle = y + h / 2
    p.text(p.words.text_in(tag, "screen.endonym"), x + 36, middle - 72, w - 120, 80, size=52, bold=True, tag=tag)
    p.text(p.words.text_in(tag, "screen.attract.greeting"), x + 36, middle + 18, w - 120, 50, size=32, ink=INK2, tag=tag)
    p.icon("right", x + w - 80, middle - 26, 52, BRAND)
    p.target(Intent(Touch.LANGUAGE, tag), x, y, w, h)
