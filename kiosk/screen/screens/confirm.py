"""The last look before money: everything that law and fairness want shown, and the consent."""

from kiosk.screen import chrome
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.screens.choosing import validity
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    CTA,
    INK,
    INK2,
    LABEL,
    LINE,
    OK,
    SMALL,
    SURFACE,
    WHITE,
    M,
)
from kiosk.screenmodel import Intent, PlanCard, ScreenModel, Touch

_PRICE_HEIGHT = 176.0
_CONSENT_HEIGHT = 176.0


def confirm(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the purchase as a table and the box to tick."""
    y = chrome.title(p, area, p.words.text("screen.confirm.title"))
    rows = _rows(p, model)
    consent_top = area.bottom - _CONSENT_HEIGHT
    row_h = min(132.0, (consent_top - M - y - _PRICE_HEIGHT - 16) / max(1, len(rows)))
    table_h = len(rows) * row_h + _PRICE_HEIGHT + 16
    p.card(area.x, y, area.w, table_h)
    top = y + 8
    for label, value in rows:
        chrome.row(p, top, label, value, x=area.x + 40, w=area.w - 80, h=row_h, size=38)
        chrome.rule(p, area.x + 40, top + row_h - 2, area.w - 80)
        top += row_h
    _price(p, model, area, top)
    _consent(p, model, area, consent_top)


def _rows(p: Painter, model: ScreenModel) -> list[tuple[str, str]]:
    text = p.words.text
    rows = [(text("screen.confirm.carrier"), model.carrier)]
    rows.append((text(f"screen.identify.{model.number_kind or 'phone'}"), model.number))
    plan = model.plan
    if plan is None:
        return [row for row in rows if row[1]]
    data = f"{plan.data_gb} GB" if plan.data_gb else ""
    rows.append(
        (
            text("screen.confirm.plan"),
            "  ".join(part for part in (plan.name, data if plan.data_gb not in plan.name else "") if part),
        )
    )
    rows.append((text("screen.confirm.validity"), validity(p, plan)))
    if plan.promotion:
        rows.append((text("screen.confirm.promotion"), text(plan.promotion)))
    if plan.refund:
        rows.append((text("screen.confirm.refund"), text(plan.refund)))
    return [row for row in rows if row[1]]


def _price(p: Painter, model: ScreenModel, area: Area, y: float) -> None:
    plan = model.plan
    price = model.price_yen or (plan.price_yen if plan else 0)
    x, w = area.x + 40, area.w - 80
    p.text(p.words.text("screen.confirm.price"), x, y + 28, 380, 76, size=40, bold=True)
    if plan is not None and plan.tax:
        p.text(p.words.text(plan.tax), x, y + 98, 460, 50, size=SMALL, ink=INK2)
    amount = p.words.yen(price)
    p.text(amount, x + w - 560, y, 560, _PRICE_HEIGHT, size=96, bold=True, ink=BRAND, align="right", tag="en")
    if plan is not None and plan.list_price_yen != plan.price_yen:
        _list_price(p, plan, x + w - p.typesetter.width_of(amount, "en", 96, True) - 24, y)


def _list_price(p: Painter, plan: PlanCard, right: float, y: float) -> None:
    p.strike(p.words.yen(plan.list_price_yen), right - 220, y + 20, 220, _PRICE_HEIGHT, size=44, ink=INK2)


def _consent(p: Painter, model: ScreenModel, area: Area, y: float) -> None:
    ticked = model.agreed
    p.card(area.x, y, area.w, _CONSENT_HEIGHT, BRAND_TINT if ticked else SURFACE, None)
    p.outline(area.x, y, area.w, _CONSENT_HEIGHT, BRAND if ticked else CTA, 5)
    side = 88.0
    box_y = y + (_CONSENT_HEIGHT - side) / 2
    p.fill(area.x + 40, box_y, side, side, OK if ticked else SURFACE, 18)
    if ticked:
        p.icon("check", area.x + 48, box_y + 8, side - 16, WHITE)
    else:
        p.outline(area.x + 40, box_y, side, side, LINE, 5, 18)
    left = area.x + 40 + side + 32
    text_w = area.w - side - 112
    p.text(
        p.words.text("screen.confirm.agree"), left, y + 22, text_w, 82, size=BODY + 2, bold=True, ink=INK, lines=2, leading=1.2
    )
    p.text(p.words.text("screen.confirm.agree_below"), left, y + 102, text_w, 56, size=LABEL - 2, ink=INK2, lines=1)
    p.target(Intent(Touch.AGREE), area.x, y, area.w, _CONSENT_HEIGHT)
