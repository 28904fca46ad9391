"""Screens for what went wrong: in plain words, with what happens to the money and what to do next."""

from kiosk.screen import chrome
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.screens.ending import amounts, receipt_line
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    DANGER,
    DANGER_TINT,
    INK,
    INK2,
    KEY,
    SURFACE,
    WARN,
    WARN_TINT,
    Colour,
    L,
    M,
)
from kiosk.screenmodel import ScreenModel


def _head(
    p: Painter,
    area: Area,
    icon: str,
    ground: Colour,
    ink: Colour,
    title: str,
    text: str,
    lead: float = 0.1,
    size: float = 220.0,
) -> float:
    """Draw the picture and the words of a trouble in the middle; return where content goes on."""
    y = area.top + max(40.0, area.height * lead)
    p.disc(540 - size / 2, y, size, ground, icon, ink)
    y += size + 48
    y += p.text(title, area.x, y, area.w, size=60, bold=True, align="center", lines=3, leading=1.24)
    if text:
        y += 24
        y += p.text(text, area.x + 24, y, area.w - 48, size=40, ink=INK2, align="center", lines=6, leading=1.4)
    return y + L + 8


def _size(model: ScreenModel) -> float:
    """The picture makes room for the receipt's QR symbol."""
    return 120.0 if model.electronic else 220.0


def no_printer(p: Painter, model: ScreenModel, area: Area) -> None:
    """Ask, before any money, whether to go on without paper; or say why that cannot be, when paper is what is bought."""
    may_go_on = "next" in model.buttons
    text = p.words.text("screen.no_printer.text" if may_go_on else "screen.no_printer.text_pin")
    y = _head(p, area, "printer", WARN_TINT, WARN, p.words.text("screen.no_printer.title"), text)
    if may_go_on:
        chrome.banner(p, p.words.text("screen.no_printer.instead"), BRAND_TINT, BRAND, "info", bottom=y + 140)


def declined(p: Painter, model: ScreenModel, area: Area) -> None:
    """The carrier said no: why, if it said so, and what becomes of the money."""
    why = p.words.message(model.notice, model.notice_yen) or p.words.text("screen.declined.text")
    y = _head(p, area, "cross", DANGER_TINT, DANGER, p.words.text("screen.declined.title"), why, 0.0, _size(model))
    amounts(p, model, area, y)


def unknown(p: Painter, model: ScreenModel, area: Area) -> None:
    """The carrier did not say: neither success nor failure, and a number to ask with."""
    y = _head(
        p,
        area,
        "hourglass",
        WARN_TINT,
        WARN,
        p.words.text("screen.unknown.title"),
        p.words.text("screen.unknown.text"),
        0.02,
        _size(model),
    )
    if model.reference:
        p.card(area.x, y, area.w, 236, SURFACE)
        p.text(
            p.words.text("screen.result.reference"), area.x + 40, y + 24, area.w - 80, 60, size=BODY, ink=INK2, align="center"
        )
        p.text(model.reference, area.x + 40, y + 88, area.w - 80, 120, size=KEY, bold=True, ink=INK, align="center", tag="en")
        y += 236 + M
    receipt_line(p, model, area, y)


def sorry(p: Painter, model: ScreenModel, area: Area) -> None:
    """The visit cannot go on; no money has been taken."""
    why = p.words.message(model.notice, model.notice_yen) or p.words.text("screen.sorry.text")
    y = _head(p, area, "info", BRAND_TINT, BRAND, p.words.text("screen.sorry.title"), why)
    amounts(p, model, area, y)
