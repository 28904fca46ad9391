"""Cards to choose from: carriers and plans."""

from kiosk.screen import chrome, pictures
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    INK,
    INK2,
    LABEL,
    LINE,
    OK,
    OK_TINT,
    SMALL,
    SURFACE,
    WHITE,
    M,
)
from kiosk.screenmodel import CarrierCard, Intent, PlanCard, ScreenModel, Touch


def carrier(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the carriers by name, without logos, and below them where the name can be found."""
    y = chrome.title(p, area, p.words.text("screen.carrier.title"), p.words.text("screen.carrier.below"))
    help_height = 300.0
    columns = 1 if len(model.carriers) <= 4 else 2
    rows = max(1, -(-len(model.carriers) // columns))
    gap = 24.0
    height = min(224.0, (area.bottom - help_height - M - y - gap * (rows - 1)) / rows)
    width = (area.w - gap * (columns - 1)) / columns
    for number, card in enumerate(model.carriers):
        left = area.x + (number % columns) * (width + gap)
        _carrier_card(p, card, left, y + (number // columns) * (height + gap), width, height)
    top = area.bottom - help_height
    p.fill(area.x, top, area.w, help_height, BRAND_TINT, 24)
    pictures.sim_card(p, area.x + 40, top + 62, 280)
    p.text(
        p.words.text("screen.carrier.help"), area.x + 364, top + 34, 580, size=40, bold=True, ink=BRAND, lines=2, leading=1.22
    )
    p.text(p.words.text("screen.carrier.help_text"), area.x + 364, top + 108, 580, size=LABEL, ink=INK, lines=4, leading=1.36)


def _carrier_card(p: Painter, card: CarrierCard, x: float, y: float, w: float, h: float) -> None:
    p.card(x, y, w, h, SURFACE, LINE)
    disc = min(120.0, h - 60)
    p.fill(x + 40, y + (h - disc) / 2, disc, disc, BRAND_TINT, 30)
    p.icon("sim", x + 40 + disc * 0.22, y + (h - disc * 0.56) / 2, disc * 0.56, BRAND)
    p.text(
        card.name,
        x + 40 + disc + 36,
        y,
        w - disc - 76 - 110,
        h,
        size=60,
        bold=True,
        lines=2,
        leading=1.2,
        tag=_tag(p, card.name),
    )
    p.icon("right", x + w - 96, y + (h - 56) / 2, 56, BRAND)
    p.target(Intent(Touch.CARRIER, card.id), x, y, w, h)


def _tag(p: Painter, text: str) -> str:
    return "en" if text.isascii() else p.words.tag


def plan(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the plans: data, price, last day, promotion and refund policy of each."""
    below = p.words.text("screen.plan.below", carrier=model.carrier, number=model.number)
    y = chrome.title(p, area, p.words.text("screen.plan.title"), below)
    columns = 1 if len(model.plans) <= 4 else 2
    rows = max(1, -(-len(model.plans) // columns))
    gap = 26.0
    height = min(360.0 if columns == 1 else 420.0, (area.bottom - y - gap * (rows - 1)) / rows)
    width = (area.w - 24.0 * (columns - 1)) / columns
    for number, card in enumerate(model.plans):
        left = area.x + (number % columns) * (width + 24)
        top = y + (number // columns) * (height + gap)
        p.card(left, top, width, height, SURFACE, LINE)
        (_wide if columns == 1 else _narrow)(p, card, left, top, width, height)
        p.target(Intent(Touch.PLAN, card.id), left, top, width, height)


def data(p: Painter, card: PlanCard, x: float, y: float, w: float, size: float, h: float) -> None:
    """Write the allowance with its unit, or the plan's name when it has none."""
    if not card.data_gb:
        p.text(card.name, x, y, w, h, size=size * 0.6, bold=True, lines=2, leading=1.2)
        return
    p.text(card.data_gb, x, y, w, h, size=size, bold=True, tag="en")
    drawn = p.measure(card.data_gb, w, h, size=size, bold=True, tag="en")
    at, down = x + drawn.width + 12, drawn.size * 0.183
    p.text("GB", at, y + down, 120, h, size=drawn.size * 0.5, bold=True, ink=INK2, tag="en")


def validity(p: Painter, card: PlanCard) -> str:
    """Return the last day in words, or the number of days while the day is not known."""
    if not card.valid_until:
        return p.words.text("screen.plan.days", days=card.valid_days)
    key = "screen.plan.enter_by" if card.product == "PIN" else "screen.plan.until"
    return p.words.text(key, date=p.words.date(card.valid_until))


def _terms(p: Painter, card: PlanCard, between: str = "", short: bool = False) -> str:
    """Return tax and refund policy, or where there is no room the policy alone: the tax stands on the next screen too."""
    parts = [p.words.text(key) for key in (() if short else (card.tax,)) + (card.refund,) if key]
    usual = "  ・  " if p.words.tag in ("ja", "zh-Hans", "zh-Hant") else "  ·  "
    return (between or usual).join(part for part in parts if part)


def _ribbon(p: Painter, card: PlanCard, x: float, y: float, most: float) -> float:
    """Draw the promotion as a filled tag with its right edge at ``x`` and return its width."""
    text = p.words.text(card.promotion)
    width = min(most, p.measure(text, most - 92, size=SMALL, bold=True).width + 92)
    p.fill(x - width, y, width, 56, OK, 28)
    p.icon("gift", x - width + 20, y + 10, 36, WHITE)
    p.text(text, x - width + 66, y, width - 90, 56, size=SMALL, bold=True, ink=WHITE)
    return width


def _wide(p: Painter, card: PlanCard, x: float, y: float, w: float, h: float) -> None:
    tall = h >= 330
    foot = 84.0
    body = h - foot
    middle = y + body / 2
    if card.data_gb:
        data(p, card, x + 44, middle - 102, 440, 96, 136)
        p.text(card.name, x + 44, middle + 26, 440, body / 2 - 30, size=34, ink=INK2, lines=2, leading=1.15)
    else:
        data(p, card, x + 44, y + 10, 440, 92, body - 20)
    right = x + w - 44
    top = middle - 79
    if card.promotion and tall:
        top = y + 84
        _ribbon(p, card, right, y + 20, 460)
    price = p.words.yen(card.price_yen)
    p.text(price, right - 420, top, 420, 100, size=84, bold=True, ink=BRAND, align="right", tag="en")
    if card.list_price_yen != card.price_yen:
        taken = p.typesetter.width_of(price, "en", 84, True)
        p.strike(p.words.yen(card.list_price_yen), right - taken - 224, top + 14, 200, 80, size=40, ink=INK2)
    until = validity(p, card)
    width = p.measure(until, 430, size=BODY, bold=True).width
    p.text(until, right - 430, top + 106, 430, 52, size=BODY, bold=True, align="right")
    p.icon("calendar", right - width - 54, top + 111, 40, INK2)
    line = y + h - foot
    p.fill(x + 2, line, w - 4, 2, (*LINE[:3], 0.28))
    room = w - 88
    if card.promotion and not tall:
        room -= _ribbon(p, card, right, line + 14, 380) + 24
    terms = _terms(p, card)
    if p.measure(terms, room, size=SMALL).fits:
        p.text(terms, x + 44, line, room, foot, size=SMALL, ink=INK2)
    else:
        p.text(_terms(p, card, "\n"), x + 44, line, room, foot, size=SMALL, ink=INK2, lines=2, leading=1.24)


def _narrow(p: Painter, card: PlanCard, x: float, y: float, w: float, h: float) -> None:
    inner, left = w - 64, x + 32
    low = h < 320
    band = 48.0 if low else 52.0
    if card.promotion:
        p.fill(x + 3, y + 3, w - 6, band, OK_TINT, 22)
        p.icon("gift", left, y + 11, 36, OK)
        p.text(p.words.text(card.promotion), left + 48, y + 3, inner - 48, band, size=SMALL, bold=True, ink=OK)
    top = y + band + (2 if low else 6)
    row = 80.0 if low else 96.0
    taken = p.typesetter.width_of(p.words.yen(card.price_yen), "en", 60, True)
    data(p, card, left, top, inner - taken - 20, 76, row)
    p.text(p.words.yen(card.price_yen), left, top, inner, row, size=60, bold=True, ink=BRAND, align="right", tag="en")
    top += row
    if card.list_price_yen != card.price_yen:
        p.strike(p.words.yen(card.list_price_yen), left, top - (2 if low else 14), inner, 38, size=SMALL, ink=INK2)
    top += 34 if low else 26
    p.text(validity(p, card), left, top, inner, 46, size=LABEL, bold=True)
    top += 48
    p.text(
        _terms(p, card, short=low),
        left,
        top,
        inner,
        y + h - (8 if low else 12) - top,
        size=SMALL,
        ink=INK2,
        lines=3,
        leading=1.2,
    )
