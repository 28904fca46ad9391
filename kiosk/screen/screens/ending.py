"""How a visit ends well, or at least with the money where it belongs."""

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
    OK,
    OK_TINT,
    SURFACE,
    WARN,
    WARN_TINT,
    Colour,
    L,
    M,
)
from kiosk.screenmodel import ScreenModel

_SMALLEST_SYMBOL = 300.0
"""Below it an ordinary telephone cannot tell the modules apart from arm's length [K]."""
_RECEIPTS: dict[str, tuple[str, Colour, Colour]] = {
    "printing": ("receipt", BRAND_TINT, BRAND),
    "printed": ("receipt", OK_TINT, OK),
    "presented": ("receipt", OK_TINT, OK),
    "taken": ("check", OK_TINT, OK),
    "failed": ("warning", WARN_TINT, WARN),
    "unknown": ("question", WARN_TINT, WARN),
    "left": ("question", WARN_TINT, WARN),
}
_DOUBTFUL = ("failed", "unknown", "left")


def result(p: Painter, model: ScreenModel, area: Area) -> None:
    """Say that it worked, until when it holds, and how the receipt is doing."""
    y = area.top + 24
    size = 160 if model.electronic else 300  # the symbol needs the room
    p.fill(540 - size / 2, y, size, size, OK_TINT, size / 2)
    p.disc(540 - size * 0.39, y + size * 0.11, size * 0.78, OK, "check")
    y += size + 32
    pin = model.plan is not None and model.plan.product == "PIN"
    title = p.words.text("screen.result.title_pin" if pin else "screen.result.title")
    y += p.text(title, area.x, y, area.w, size=64, bold=True, align="center", lines=2, leading=1.22)
    y += L
    if pin:
        what = p.words.text("screen.result.pin_missing" if model.receipt in _DOUBTFUL else "screen.result.pin")
        p.card(area.x, y, area.w, 220)
        p.text(what, area.x + 48, y, area.w - 96, 220, size=40, align="center", lines=4, leading=1.36)
        y += 220 + M
    elif model.plan is not None and model.plan.valid_until:
        p.card(area.x, y, area.w, 268)
        p.icon("calendar", area.x + 48, y + 48, 60, BRAND)
        p.text(p.words.text("screen.result.valid"), area.x + 128, y + 40, area.w - 176, 76, size=40, ink=INK2)
        until = p.words.date(model.plan.valid_until)
        p.text(until, area.x + 48, y + 124, area.w - 96, 112, size=80, bold=True, ink=BRAND)
        y += 268 + M
    y = _facts(p, model, area, y) + M
    receipt_line(p, model, area, y)


def _facts(p: Painter, model: ScreenModel, area: Area, y: float) -> float:
    text = p.words.text
    plan = model.plan
    named = (
        "" if plan is None else plan.name + (f"  {plan.data_gb} GB" if plan.data_gb and plan.data_gb not in plan.name else "")
    )
    rows = [
        (text("screen.confirm.carrier"), "   ".join(part for part in (model.carrier, model.number) if part)),
        (text("screen.confirm.plan"), named),
        (text("screen.result.change"), p.words.yen(model.change_yen) if model.change_yen else ""),
        (text("screen.result.owed"), p.words.yen(model.owed_yen) if model.owed_yen else ""),
        (text("screen.result.returned"), p.words.yen(model.returned_yen) if model.returned_yen else ""),
        (text("screen.result.reference"), model.reference),
    ]
    return facts(p, [row for row in rows if row[1]], area, y)


def facts(p: Painter, rows: list[tuple[str, str]], area: Area, y: float) -> float:
    """Draw rows of label and value on a card; return its lower edge."""
    if not rows:
        return y
    row_h = 92.0
    p.card(area.x, y, area.w, len(rows) * row_h + 16)
    for number, (label, value) in enumerate(rows):
        top = y + 8 + number * row_h
        chrome.row(p, top, label, value, x=area.x + 40, w=area.w - 80, h=row_h)
        if number:
            chrome.rule(p, area.x + 40, top, area.w - 80)
    return y + len(rows) * row_h + 16


def receipt_line(p: Painter, model: ScreenModel, area: Area, y: float) -> float:
    """Draw the receipt's state, with a turning ring while it prints; return the lower edge."""
    if model.receipt not in _RECEIPTS:
        return y
    icon, ground, ink = _RECEIPTS[model.receipt]
    side = min(440.0, area.bottom - y)
    if model.electronic and side >= _SMALLEST_SYMBOL:
        return _electronic(p, model, area, y, side)
    h = 128.0
    p.fill(area.x, y, area.w, h, ground, 24)
    if model.receipt == "printing":
        p.moving("spinner", area.x + 32, y + 28, 72, 72, ink)
    else:
        p.icon(icon, area.x + 36, y + 32, 64, ink)
    text = p.words.text(f"screen.receipt.{model.receipt}")
    p.text(text, area.x + 136, y, area.w - 176, h, size=BODY, bold=True, ink=INK, lines=2, leading=1.28)
    return y + h


def _electronic(p: Painter, model: ScreenModel, area: Area, y: float, side: float) -> float:
    """Draw the receipt as a QR symbol, and beside it what became of the paper; return the lower edge."""
    p.card(area.x, y, area.w, side, SURFACE)
    p.symbol(model.electronic, area.x + 12, y + 12, side - 24)
    x, w = area.x + side + 12, area.w - side - 52
    paper = p.words.text(f"screen.receipt.{model.receipt}")
    p.text(paper, x, y + 16, w, side * 0.55 - 16, size=BODY, bold=True, ink=WARN, lines=5, leading=1.28)
    words = p.words.text("screen.receipt.electronic")
    p.text(words, x, y + side * 0.55, w, side * 0.45 - 16, size=BODY, ink=INK, lines=4, leading=1.28)
    return y + side


def take(p: Painter, model: ScreenModel, area: Area) -> None:
    """Point at what is still in the machine's mouth."""
    if model.receipt == "left":
        _left(p, model, area)
        return
    paper = model.receipt in ("printing", "printed", "presented", "unknown")
    money = model.returned_yen + model.change_paid_yen > 0
    what = "both" if paper and money else "money" if money else "receipt" if paper else "nothing"
    y = area.top + 40
    y += p.text(
        p.words.text(f"screen.take.{what}"), area.x, y, area.w, size=72, bold=True, align="center", lines=3, leading=1.24
    )
    y += 48
    # what a device pays out are coins and notes: the cup stands for both
    came_out = (("receipt", paper), ("note", model.returned_yen > 0), ("coins", model.change_paid_yen > 0))
    slots = [name for name, there in came_out if there]
    if not slots:
        p.fill(540 - 170, y + 40, 340, 340, OK_TINT, 170)
        p.disc(540 - 130, y + 80, 260, OK, "check")
        y += 460
    else:
        p.moving("beckon", 540 - 60, y, 120, 132, OK)
        y += 152
        width = 640.0 if len(slots) == 1 else (area.w - (len(slots) - 1) * 32) / len(slots)
        x = 540 - (len(slots) * width + (len(slots) - 1) * 32) / 2
        for name in slots:
            pictures.lit_slot(p, x, y, width, 540, name)
            paid = {"note": model.returned_yen, "coins": model.change_paid_yen}.get(name)
            label = p.words.text("screen.take.paper") if paid is None else p.words.yen(paid)
            p.text(label, x, y + 560, width, 64, size=44, bold=True, align="center")
            x += width + 32
        y += 670
    y += p.text(p.words.text("screen.take.thanks"), area.x, y, area.w, size=48, ink=BRAND, bold=True, align="center", lines=2)
    p.text(
        p.words.text("screen.take.keep" if paper or model.receipt == "taken" else "screen.take.bye"),
        area.x,
        y + 16,
        area.w,
        size=BODY,
        ink=INK2,
        align="center",
        lines=3,
    )


def _left(p: Painter, model: ScreenModel, area: Area) -> None:
    """Ask after a receipt that nobody was seen to take, and show what replaces it."""
    y = area.top + 40
    p.disc(540 - 80, y, 160, WARN_TINT, "question", WARN)
    y += 160 + L
    title = p.words.text("screen.take.left")
    y += p.text(title, area.x, y, area.w, size=72, bold=True, align="center", lines=3, leading=1.24) + M
    below = p.words.text("screen.take.left_below")
    y += p.text(below, area.x, y, area.w, size=40, ink=INK2, align="center", lines=3, leading=1.36) + L
    y = facts(p, [(p.words.text("screen.result.reference"), model.reference)], area, y) + M
    receipt_line(p, model, area, y)


def returning(p: Painter, model: ScreenModel, area: Area) -> None:
    """Show what came back and what is owed; before either is known, that money is on its way."""
    known = back(model) > 0 or model.owed_yen > 0
    icon, ground, ink = ("warning", WARN_TINT, WARN) if model.owed_yen else ("note", BRAND_TINT, BRAND)
    y = area.top + (32 if model.owed_yen else area.height * 0.16)
    if known:
        p.disc(540 - 100, y, 200, ground, icon, ink)
    else:
        p.moving("spinner", 540 - 110, y, 220, 220, BRAND)
    y += 268
    key = "owed" if model.owed_yen else "returned" if known else "title"
    y += p.text(
        p.words.text(f"screen.returning.{key}"), area.x, y, area.w, size=60, bold=True, align="center", lines=3, leading=1.24
    )
    if not known:
        y += 20
        y += p.text(p.words.text("screen.returning.wait"), area.x, y, area.w, size=40, ink=INK2, align="center", lines=3)
    amounts(p, model, area, y + L)


def back(model: ScreenModel) -> int:
    """What the customer has got back, from escrow and from whatever pays out."""
    return model.returned_yen + model.change_paid_yen


def amounts(p: Painter, model: ScreenModel, area: Area, y: float) -> float:
    """Draw what was returned and what is owed, how to claim it, the reference and the slip; return where content goes on."""
    rows = [("screen.returning.returned_row", back(model), INK), ("screen.returning.owed_row", model.owed_yen, WARN)]
    rows = [row for row in rows if row[1] > 0]
    if rows:
        h = 168.0
        p.card(area.x, y, area.w, h * len(rows), SURFACE)
        for number, (key, yen, ink) in enumerate(rows):
            top = y + number * h
            p.text(p.words.text(key), area.x + 44, top, 400, h, size=40, ink=INK2, lines=2, leading=1.2)
            p.text(
                p.words.yen(yen), area.x + area.w - 544, top, 500, h, size=DISPLAY, bold=True, ink=ink, align="right", tag="en"
            )
            if number:
                chrome.rule(p, area.x + 44, top, area.w - 88)
        y += h * len(rows) + M
    if model.owed_yen > 0:
        on_paper = model.receipt not in _DOUBTFUL
        claim = p.words.text("screen.returning.claim" if on_paper else "screen.returning.claim_without_slip")
        y += chrome.banner(p, claim, WARN_TINT, WARN, "info", bottom=y + chrome.banner_height(p, claim)) + M
    if model.reference:
        y = facts(p, [(p.words.text("screen.result.reference"), model.reference)], area, y) + M
    if model.receipt in _RECEIPTS:
        y = receipt_line(p, model, area, y) + M
    return y
