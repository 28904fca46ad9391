"""The question that lies over a screen when nobody has touched it for long."""

from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    CTA,
    DANGER,
    DESIGN_HEIGHT,
    DESIGN_WIDTH,
    INK,
    INK2,
    SURFACE,
    WHITE,
)
from kiosk.screenmodel import Intent, ScreenModel, Touch


def draw(p: Painter, model: ScreenModel) -> None:
    """Draw the dialog with its countdown."""
    p.fill(0, 0, DESIGN_WIDTH, DESIGN_HEIGHT, (*INK[:3], 0.62))
    money = model.inserted_yen + model.escrow_yen > 0
    x, y, w, h = 84.0, 400.0, 912.0, 1080.0
    p.shadow(x, y, w, h, 36, 28, 0.4)
    p.fill(x, y, w, h, SURFACE, 36)
    side = 264.0
    p.moving("countdown", 540 - side / 2, y + 64, side, side, BRAND, (("en", str(model.more_time_s)),))
    top = y + 64 + side + 36
    p.text(
        p.words.text("screen.more_time.title"),
        x + 48,
        top,
        w - 96,
        130,
        size=60,
        bold=True,
        align="center",
        lines=2,
        leading=1.22,
    )
    below = p.words.text("screen.more_time.money" if money else "screen.more_time.text")
    p.text(below, x + 48, top + 136, w - 96, 110, size=BODY, ink=INK2, align="center", lines=2)
    top = y + h - 48 - 150 - 24 - 176
    p.shadow(x + 48, top, w - 96, 176, 24, 10, 0.22)
    p.fill(x + 48, top, w - 96, 176, CTA, 24)
    p.text(p.words.text("screen.more_time.go_on"), x + 72, top, w - 144, 176, size=52, bold=True, ink=WHITE, align="center")
    p.target(Intent(Touch.MORE_TIME), x + 48, top, w - 96, 176)
    top += 176 + 24
    p.outline(x + 48, top, w - 96, 150, DANGER, 3)
    end = p.words.text("screen.more_time.end_money" if money else "screen.more_time.end")
    p.text(end, x + 72, top, w - 144, 150, size=40, bold=True, ink=DANGER, align="center")
    p.target(Intent(Touch.CANCEL), x + 48, top, w - 96, 150)
