"""Paying in cash: what is owed, what is in, what may go in, what comes back, and what the machine is doing just now."""

from kiosk.screen import chrome, pictures
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    DISPLAY,
    INK,
    INK2,
    LABEL,
    OK,
    OK_TINT,
    WHITE,
    Colour,
    M,
)
from kiosk.screenmodel import ScreenModel

_ROW = 148.0
_REMAINING = 164.0
_COINS_BELOW_YEN = 1000


def cash(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the amounts, the slot and what it takes."""
    paid = model.remaining_yen <= 0
    takes_coins = any(yen < _COINS_BELOW_YEN for yen in model.accepted_yen)
    key = "screen.cash.paid" if paid else "screen.cash.title_coins" if takes_coins else "screen.cash.title"
    y = chrome.title(p, area, p.words.text(key), lines=1) - 8
    y = _amounts(p, model, area, y, paid) + M + 8
    bottom = area.bottom - _messages(p, model, area) - M
    height = bottom - y
    picture_w = 612.0
    if paid:
        p.fill(540 - 170, y + height / 2 - 170, 340, 340, OK_TINT, 170)
        p.disc(540 - 130, y + height / 2 - 130, 260, OK, "check")
        return
    p.card(area.x, y, picture_w, height)
    p.moving("note", area.x + 36, y + 36, picture_w - 72, height - 56)
    _accepted(p, model, area.x + picture_w + M, y, area.w - picture_w - M, height)


def _amounts(p: Painter, model: ScreenModel, area: Area, y: float, paid: bool) -> float:
    height = 2 * _ROW + _REMAINING
    p.card(area.x, y, area.w, height)
    _amount(p, "screen.cash.price", model.price_yen, area.x, y, area.w, _ROW, INK2, INK)
    chrome.rule(p, area.x + 44, y + _ROW, area.w - 88)
    _amount(p, "screen.cash.inserted", model.inserted_yen, area.x, y + _ROW, area.w, _ROW, INK2, INK)
    top = y + 2 * _ROW
    p.fill(area.x, top, area.w, _REMAINING, OK if paid or model.change_yen else BRAND, 24)
    if model.change_yen:
        _amount(p, "screen.cash.change", model.change_yen, area.x, top, area.w, _REMAINING, WHITE, WHITE)
    else:
        _amount(p, "screen.cash.remaining", max(0, model.remaining_yen), area.x, top, area.w, _REMAINING, WHITE, WHITE)
    return y + height


def _amount(p: Painter, key: str, yen: int, x: float, y: float, w: float, h: float, label: Colour, ink: Colour) -> None:
    p.text(p.words.text(key), x + 44, y, 380, h, size=40, bold=ink == WHITE, ink=label, lines=2, leading=1.2)
    p.text(p.words.yen(yen), x + w - 44 - 540, y, 540, h, size=DISPLAY, bold=True, ink=ink, align="right", tag="en")


def _accepted(p: Painter, model: ScreenModel, x: float, y: float, w: float, h: float) -> None:
    p.card(x, y, w, h)
    notes = [yen for yen in model.accepted_yen if yen >= _COINS_BELOW_YEN]
    coins = [yen for yen in model.accepted_yen if yen < _COINS_BELOW_YEN]
    p.text(
        p.words.text("screen.cash.accepted_coins" if coins else "screen.cash.accepted"),
        x + 28,
        y + 24,
        w - 56,
        72,
        size=LABEL,
        bold=True,
        ink=INK2,
        align="center",
        lines=2,
        leading=1.2,
    )
    if not model.accepted_yen:
        p.icon("hourglass", x + w / 2 - 40, y + h / 2 - 70, 80, INK2)
        p.text(p.words.text("screen.cash.wait"), x + 28, y + h / 2 + 24, w - 56, size=LABEL, ink=INK2, align="center", lines=3)
        return
    rows = [coins[number : number + 2] for number in range(0, len(coins), 2)]
    gap, coin_side = 20.0, min(124.0, (h - 140) * 0.26)
    for_coins = len(rows) * (coin_side + gap)
    top = y + 112
    if notes:
        room = h - 116 - 28 - for_coins
        note_h = min(136.0, (room - (len(notes) - 1) * gap) / len(notes))
        for yen in notes:
            pictures.note(p, x + 40, top, w - 80, note_h, yen, p.words.yen(yen))
            top += note_h + gap
    for row in rows:
        left = x + w / 2 - (len(row) * (coin_side + gap) - gap) / 2
        for yen in row:
            pictures.coin(p, left, top, coin_side, yen)
            left += coin_side + gap
        top += coin_side + gap


def _messages(p: Painter, model: ScreenModel, area: Area) -> float:
    """Draw what has to be said now from the bottom up and return its height: a notice, the note in escrow, or a hint."""
    used = 0.0
    if model.notice:
        used += chrome.notice(p, model, area.bottom)
    if model.escrow_yen and model.notice != "notice.note_waits_in_escrow":
        used += 16 if used else 0
        text = p.words.text("screen.cash.escrow", yen=p.words.yen(model.escrow_yen))
        used += chrome.banner(p, text, OK_TINT, OK, "note", bottom=area.bottom - used)
    if not used and model.remaining_yen > 0:
        text = p.words.text("screen.cash.hint_change" if model.gives_change else "screen.cash.hint")
        used = chrome.banner(p, text, BRAND_TINT, BRAND, "info", bottom=area.bottom)
    return used


def change(p: Painter, model: ScreenModel, area: Area) -> None:
    """Point at the tray while the change comes out, and say how much it will be."""
    y = area.top + 40
    title = p.words.text("screen.change.title")
    y += p.text(title, area.x, y, area.w, size=72, bold=True, align="center", lines=3, leading=1.24) + 32
    p.text(p.words.yen(model.change_yen), area.x, y, area.w, 150, size=128, bold=True, ink=OK, align="center", tag="en")
    y += 166
    p.moving("beckon", 540 - 60, y, 120, 132, OK)
    y += 152
    width = (area.w - 32) / 2
    for number, what in enumerate(("note", "coins")):
        pictures.lit_slot(p, area.x + number * (width + 32), y, width, 480, what)
    y += 480 + 40
    p.moving("spinner", 540 - 36, y, 72, 72, BRAND)
    p.text(p.words.text("screen.change.wait"), area.x, y + 96, area.w, size=BODY, ink=INK2, align="center", lines=3)
