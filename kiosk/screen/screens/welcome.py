"""Screens of a kiosk nobody stands at yet: the invitation, the languages, and the closed shutter."""

from kiosk.languages import TAGS
from kiosk.screen import chrome, pictures
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    CTA,
    INK,
    INK2,
    LABEL,
    LINE,
    MARGIN,
    SMALL,
    SURFACE,
    WARN,
    WARN_TINT,
    WHITE,
)
from kiosk.screenmodel import Intent, ScreenModel, Touch


def attract(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the invitation: the whole screen is one button."""
    greetings = tuple((tag, p.words.text_in(tag, "screen.attract.greeting")) for tag in _from(p.words.tag))
    p.moving("greeting", MARGIN, 220, 984, 140, WHITE, greetings)
    p.text(p.words.text("screen.attract.what"), MARGIN, 374, 940, size=44, ink=WHITE, lines=2)
    pictures.handset(p, 640, 560, 352, 690)
    for number, (icon, key) in enumerate((("phone", "number"), ("signal", "plan"), ("note", "pay"))):
        y = 606.0 + number * 150
        p.fill(MARGIN, y, 104, 104, (*WHITE[:3], 0.16), 52)
        p.icon(icon, MARGIN + 24, y + 24, 56, WHITE)
        p.text(
            p.words.text(f"screen.attract.{key}"),
            MARGIN + 132,
            y,
            420,
            104,
            size=40,
            bold=True,
            ink=WHITE,
            lines=2,
            leading=1.22,
        )
    top = 1336
    p.shadow(MARGIN, top, 984, 200, 100, 20, 0.28)
    p.fill(MARGIN, top, 984, 200, CTA, 100)
    start = p.words.text("screen.attract.start")
    block = p.measure(start, 720, 160, size=60, bold=True, lines=2)
    left = MARGIN + (984 - block.width - 116) / 2
    p.icon("touch", left, top + 54, 92, WHITE)
    p.text(start, left + 116, top, 740, 200, size=60, bold=True, ink=WHITE, lines=2)
    y = 1576.0
    if model.notice:
        chrome.notice(p, model, y + 150)
    else:
        others = "   ·   ".join(p.words.text_in(tag, "screen.attract.start") for tag in ("ja", "en") if tag != p.words.tag)
        p.text(others, MARGIN, y, 984, 60, size=BODY, ink=INK2, align="center", tag="ja")
        y += 84.0
    if any(yen >= 1000 for yen in model.accepted_yen) and not model.notice:
        _accepted(p, model, y)
    p.text(p.words.text("screen.attract.fictional"), MARGIN, 1836, 984, 48, size=SMALL, ink=INK2, align="center")


def _from(tag: str) -> tuple[str, ...]:
    """Return all languages, the present one first."""
    start = TAGS.index(tag)
    return TAGS[start:] + TAGS[:start]


def _accepted(p: Painter, model: ScreenModel, y: float) -> None:
    label = p.words.text("screen.cash.accepted")
    notes = [yen for yen in model.accepted_yen if yen >= 1000]
    width = p.measure(label, 420, size=LABEL).width
    note_w, gap = 184.0, 20.0
    x = (1080 - width - 28 - len(notes) * (note_w + gap) + gap) / 2
    p.text(label, x, y, 420, 92, size=LABEL, ink=INK2)
    for number, yen in enumerate(notes):
        pictures.note(p, x + width + 28 + number * (note_w + gap), y, note_w, 92, yen, p.words.yen(yen))


def language(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the three languages, each in its own words."""
    y = area.top + 16
    p.disc(480, y, 120, BRAND_TINT, "globe", BRAND)
    y += 156
    for tag in TAGS:
        y += p.text(
            p.words.text_in(tag, "screen.language.title"), area.x, y, area.w, size=44, bold=True, align="center", tag=tag
        )
    y += 56
    height = min(270.0, (area.bottom - y - 2 * 32) / 3)
    for tag in TAGS:
        chosen = tag == p.words.tag
        p.card(area.x, y, area.w, height, SURFACE, BRAND if chosen else LINE)
        if chosen:
            p.outline(area.x, y, area.w, height, BRAND, 6)
        middle = y + height / 2
        p.text(p.words.text_in(tag, "screen.endonym"), area.x + 56, middle - 92, 780, 100, size=72, bold=True, tag=tag)
        p.text(p.words.text_in(tag, "screen.attract.greeting"), area.x + 56, middle + 22, 780, 60, size=BODY, ink=INK2, tag=tag)
        p.icon("right", area.x + area.w - 120, middle - 32, 64, BRAND)
        p.target(Intent(Touch.LANGUAGE, tag), area.x, y, area.w, height)
        y += height + 32


def out_of_service(p: Painter, model: ScreenModel, area: Area) -> None:
    """Say in all languages at once that the kiosk is closed, and give staff the reference when there is one."""
    p.disc(450, 236, 180, WARN_TINT, "wrench", WARN)
    top, height = 500.0, 352.0
    for tag in TAGS:
        p.card(area.x, top, area.w, height)
        p.fill(area.x + 2, top + 40, 8, height - 80, WARN, 4)
        p.text(p.words.text_in(tag, "screen.endonym"), area.x + 56, top + 40, 400, 44, size=SMALL, ink=INK2, tag=tag)
        title = p.words.text_in(tag, "screen.out_of_service.title")
        used = p.text(title, area.x + 56, top + 92, 880, size=56, bold=True, ink=INK, lines=2, leading=1.22, tag=tag)
        text = p.words.text_in(tag, "screen.out_of_service.text")
        p.text(text, area.x + 56, top + 92 + used + 18, 880, size=BODY, ink=INK2, lines=3, tag=tag)
        top += height + 32
    code = model.reference or model.notice.removeprefix("notice.")
    if code:
        p.text(code, area.x, top + 20, area.w, 44, size=SMALL, ink=INK2, align="center", tag="en")
