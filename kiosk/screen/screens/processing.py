"""Waiting, with the truth about what is being waited for."""

from kiosk.screen import chrome
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    DANGER,
    DISABLED,
    HAIRLINE,
    INK,
    INK2,
    LINE,
    OK,
    SURFACE,
    WARN,
    Colour,
    L,
)
from kiosk.screenmodel import ScreenModel, Step

_STATES: dict[str, tuple[str, Colour]] = {
    "done": ("check", OK),
    "failed": ("cross", DANGER),
    "unknown": ("question", WARN),
}


def looking_up(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the short wait for the carrier, and for what."""
    middle = area.top + area.height * 0.36
    p.moving("spinner", 540 - 130, middle - 130, 260, 260, BRAND)
    p.icon("signal", 540 - 48, middle - 48, 96, BRAND)
    y = middle + 130 + L + 16
    y += p.text(
        p.words.text("screen.looking_up.title"), area.x, y, area.w, size=56, bold=True, align="center", lines=3, leading=1.24
    )
    y += 20
    y += p.text(p.words.text("screen.looking_up.text"), area.x, y, area.w, size=BODY, ink=INK2, align="center", lines=3)
    facts = "   ".join(part for part in (model.carrier, model.number) if part)
    if facts:
        width = min(area.w, p.measure(facts, area.w - 96, size=40, bold=True).width + 96)
        p.fill(540 - width / 2, y + L, width, 104, BRAND_TINT, 52)
        p.text(facts, 540 - width / 2 + 48, y + L, width - 96, 104, size=40, bold=True, ink=BRAND, align="center")


def processing(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the steps with their real states: nothing is shown as done before it is."""
    pin = "_pin" if model.plan is not None and model.plan.product == "PIN" else ""
    y = chrome.title(p, area, p.words.text(f"screen.processing.title{pin}"), p.words.text("screen.processing.below"))
    row_h = min(252.0, (area.bottom - y - 220) / max(1, len(model.steps)))
    p.card(area.x, y + 8, area.w, row_h * max(1, len(model.steps)) + 32)
    top = y + 24
    for number, step in enumerate(model.steps):
        last = number == len(model.steps) - 1
        if not last:
            reached = step.state == "done"
            p.fill(area.x + 40 + 54, top + row_h / 2, 8, row_h, OK if reached else HAIRLINE, 4)
        _step(p, step, area.x + 40, top, area.w - 80, row_h)
        top += row_h
    if model.reference:
        text = p.words.text("screen.reference", reference=model.reference)
        p.text(text, area.x, top + 40, area.w, 60, size=BODY, ink=INK2, align="center")


def _step(p: Painter, step: Step, x: float, y: float, w: float, h: float) -> None:
    side = 116.0
    top = y + (h - side) / 2
    running = step.state == "running"
    p.fill(x, top, side, side, SURFACE, side / 2)
    if running:
        p.moving("spinner", x + 4, top + 4, side - 8, side - 8, BRAND)
    elif step.state in _STATES:
        icon, ink = _STATES[step.state]
        p.disc(x + 4, top + 4, side - 8, ink, icon)
    else:
        p.outline(x + 10, top + 10, side - 20, side - 20, DISABLED, 8, side / 2)
    ink = INK if step.state != "waiting" else INK2
    name = p.words.text(step.text)
    p.text(
        name,
        x + side + 40,
        y + h / 2 - 76,
        w - side - 40,
        76,
        size=46,
        bold=running or step.state in _STATES,
        ink=ink,
        lines=2,
        leading=1.15,
    )
    state = p.words.text(f"screen.step.{step.state}")
    tint = _STATES[step.state][1] if step.state in _STATES else BRAND if running else LINE
    p.text(state, x + side + 40, y + h / 2 + 6, w - side - 40, 56, size=34, ink=tint if tint is not LINE else INK2)
