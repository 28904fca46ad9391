"""Screens of a kiosk nobody stands at yet: the invitation and the closed shutter."""

from kiosk.languages import TAGS
from kiosk.screen import chrome, pictures
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    CTA,
    INK2,
    LABEL,
    MARGIN,
    SMALL,
    WARN,
    WARN_TINT,
    WHITE,
)
from kiosk.screenmodel import ScreenModel


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


def out_of_service(p: Painter, model: ScreenModel, area: Area) -> None:
    """Say in all languages at once that the kiosk is closed, and give staff the reference when there is one."""
    p.disc(480, 188, 120, WARN_TINT, "wrench", WARN)
    top, gap = 344.0, 16.0
    height = (area.bottom - 60 - top - gap * (len(TAGS) - 1)) / len(TAGS)
    for tag in TAGS:
        p.card(area.x, top, area.w, height)
        p.fill(area.x + 2, top + 24, 8, height - 48, WARN, 4)
        middle = top + height / 2
        title = p.words.text_in(tag, "screen.out_of_service.title")
        p.text(title, area.x + 44, middle - 62, 896, 62, size=40, bold=True, tag=tag)
        text = p.words.text_in(tag, "screen.out_of_service.text")
        p.text(text, area.x + 44, middle + 6, 896, 50, size=LABEL, ink=INK2, tag=tag)
        top += height + gap
    code = model.reference or model.notice.removeprefix("notice.")
    if code:
        p.text(code, area.x, top, area.w, 44, size=SMALL, ink=INK2, align="center", tag="en")
