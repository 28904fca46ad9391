"""What every screen shares, always at the same place: wordmark, language strip, progress, notice and navigation bar."""

from dataclasses import dataclass

from kiosk.languages import TAGS
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_DEEP,
    BRAND_TINT,
    CONTENT_WIDTH,
    CTA,
    DANGER,
    DANGER_TINT,
    DESIGN_HEIGHT,
    DESIGN_WIDTH,
    DISABLED,
    HAIRLINE,
    INK,
    INK2,
    LABEL,
    LINE,
    MARGIN,
    NAV_HEIGHT,
    NAV_TOP,
    SMALL,
    SURFACE,
    TOUCH,
    WARN,
    WARN_TINT,
    WHITE,
    Colour,
    M,
    S,
)
from kiosk.screenmodel import Intent, Screen, ScreenModel, Touch

_STEPS = ("sim", "number", "plan", "pay", "done")
_NEXT_SHOWN_DISABLED = (Screen.IDENTIFY, Screen.CONFIRM)
_OWN_NOTICE = (Screen.ATTRACT, Screen.IDENTIFY, Screen.CASH, Screen.SORRY, Screen.DECLINED, Screen.OUT_OF_SERVICE)
_DANGERS = (
    "notice.not_served_by_carrier",
    "notice.carrier_down",
    "notice.device_trouble",
    "notice.line_suspended",
    "notice.cash_unavailable",
)
_FACTS = ("notice.note_waits_in_escrow", "notice.note_returned", "notice.cancelled", "notice.timed_out", "notice.quote_changed")
_STRIP_WIDTH, _STRIP_GAP = 212, 14
_HEADER_TOP = 28


@dataclass(frozen=True)
class Area:
    """Where a screen may draw its content, in units."""

    top: float
    bottom: float
    x: float = MARGIN
    w: float = CONTENT_WIDTH

    @property
    def height(self) -> float:
        """Height of the area."""
        return self.bottom - self.top


def draw(p: Painter, model: ScreenModel) -> Area:
    """Draw the frame around ``model``'s screen and return what is left inside it. The ground is the window's own colour."""
    on_brand = model.screen is Screen.ATTRACT
    if on_brand:
        p.fade(0, 0, DESIGN_WIDTH, 900, (*BRAND_DEEP[:3], 0.85), BRAND)
        p.fill(0, 900, DESIGN_WIDTH, 250, BRAND)
        p.target(Intent(Touch.START), 0, 0, DESIGN_WIDTH, DESIGN_HEIGHT, radius=1)
    wordmark(p, MARGIN, _HEADER_TOP + 8, WHITE if on_brand else BRAND, WHITE if on_brand else INK)
    if model.screen not in (Screen.OUT_OF_SERVICE, Screen.LANGUAGE):  # which speak all languages themselves
        _language_strip(p, on_brand)
    top = 188.0
    bottom: float = DESIGN_HEIGHT - MARGIN
    if model.progress:
        if not (model.screen is Screen.IDENTIFY and model.notice):  # the keypad leaves the notice no other place
            _progress(p, model.progress)
        top = 268.0
    if _navigation(p, model):
        bottom = NAV_TOP - 2 * M
    if model.notice and model.screen not in _OWN_NOTICE:
        bottom -= notice(p, model, bottom) + M
    return Area(top, bottom)


def wordmark(p: Painter, x: float, y: float, mark: Colour, ink: Colour) -> None:
    """Draw the house's name: the mark and two lines of spaced capitals."""
    p.icon("mark", x, y, 96, mark)
    for text, top, size, bold in (("KONBINI", y - 4, 42, True), ("TOP-UP", y + 47, 32, False)):
        left = x + 116
        gap = 3.0 if bold else 11.5
        for letter in text:
            p.text(letter, left, top, 60, size * 1.4, size=size, bold=bold, ink=ink, tag="en")
            left += p.typesetter.width_of(letter, "en", size, bold) + gap


def _language_strip(p: Painter, on_brand: bool) -> None:
    """Draw the present language, Japanese (or English, where the present one is Japanese), and the globe that leads to all."""
    tags = (p.words.tag, TAGS[0] if p.words.tag != TAGS[0] else TAGS[1])
    edge: Colour = (*WHITE[:3], 0.75) if on_brand else LINE
    x = DESIGN_WIDTH - MARGIN - TOUCH
    p.outline(x, _HEADER_TOP, TOUCH, TOUCH, edge, 3, 20)
    p.icon("globe", x + 26, _HEADER_TOP + 26, 60, WHITE if on_brand else INK)
    if not on_brand:  # there the whole screen leads to the languages
        p.target(Intent(Touch.LANGUAGE), x, _HEADER_TOP, TOUCH, TOUCH, radius=20)
    x -= (_STRIP_WIDTH + _STRIP_GAP) * len(tags)
    for tag in tags:
        chosen = tag == p.words.tag
        ground, ink = (BRAND, WHITE) if chosen else (SURFACE, INK)
        if on_brand:
            ground, ink = (WHITE, BRAND) if chosen else ((*WHITE[:3], 0.0), WHITE)
        p.fill(x, _HEADER_TOP, _STRIP_WIDTH, TOUCH, ground, 20)
        if not chosen:
            p.outline(x, _HEADER_TOP, _STRIP_WIDTH, TOUCH, edge, 3, 20)
        name = p.words.text_in(tag, "screen.endonym")
        p.text(name, x + 8, _HEADER_TOP, _STRIP_WIDTH - 16, TOUCH, size=LABEL, bold=chosen, ink=ink, align="center", tag=tag)
        p.target(Intent(Touch.LANGUAGE, tag), x, _HEADER_TOP, _STRIP_WIDTH, TOUCH, radius=20)
        x += _STRIP_WIDTH + _STRIP_GAP


def _progress(p: Painter, position: int) -> None:
    gap = 12.0
    w = (CONTENT_WIDTH - gap * (len(_STEPS) - 1)) / len(_STEPS)
    for number, step in enumerate(_STEPS, start=1):
        x = MARGIN + (number - 1) * (w + gap)
        p.fill(x, 172, w, 10, BRAND if number <= position else DISABLED, 5)
        here = number == position
        ink = BRAND if here else INK2
        p.text(p.words.text(f"screen.progress.{step}"), x, 190, w, 46, size=SMALL, bold=here, ink=ink, align="center")


def _worded(p: Painter, screen: Screen, button: str) -> str:
    """Return a button's text: the screen's own, or the usual one."""
    own = f"screen.{screen.value}.{button}"
    return p.words.text(own if p.words.has(own) else f"screen.{button}")


def _navigation(p: Painter, model: ScreenModel) -> bool:
    """Draw the bar when the screen has one, and say whether it has."""
    next_disabled = model.screen in _NEXT_SHOWN_DISABLED and "next" not in model.buttons
    if model.screen is Screen.ATTRACT or not (model.buttons or next_disabled):
        return False
    p.shadow(0, NAV_TOP - M, DESIGN_WIDTH, DESIGN_HEIGHT - NAV_TOP + M + 60, 2, 10, 0.14)
    p.fill(0, NAV_TOP - M, DESIGN_WIDTH, DESIGN_HEIGHT - NAV_TOP + M, SURFACE)
    rule(p, 0, NAV_TOP - M, DESIGN_WIDTH)
    if "cancel" in model.buttons:
        text = _worded(p, model.screen, "cancel")
        _button(p, Touch.CANCEL, text, 48, 288, "cross", ground=SURFACE, ink=DANGER, edge=DANGER)
    if "back" in model.buttons:
        _button(p, Touch.BACK, _worded(p, model.screen, "back"), 360, 264, "left", ground=SURFACE, ink=INK, edge=LINE)
    if "next" in model.buttons or next_disabled:
        text = _worded(p, model.screen, "next")
        if next_disabled:
            _button(p, Touch.NEXT, text, 648, 384, "lock", ground=DISABLED, ink=INK2, edge=None, enabled=False)
        else:
            _button(p, Touch.NEXT, text, 648, 384, "right", ground=CTA, ink=WHITE, edge=None)
    return True


def _button(
    p: Painter,
    touch: Touch,
    text: str,
    x: float,
    w: float,
    icon: str,
    *,
    ground: Colour,
    ink: Colour,
    edge: Colour | None,
    enabled: bool = True,
) -> None:
    """Draw one button of the bar: icon before the text, or behind it when it leads on."""
    if edge is None and enabled:
        p.shadow(x, NAV_TOP, w, NAV_HEIGHT, 24, 10, 0.22)
    p.fill(x, NAV_TOP, w, NAV_HEIGHT, ground, 24)
    if edge is not None:
        p.outline(x, NAV_TOP, w, NAV_HEIGHT, edge, 3)
    side, gap = 48.0, 14.0
    room = w - 2 * 22 - side - gap
    size: float = BODY + 4 if edge is None else BODY - 2
    single = p.measure(text, room, size=size, bold=True)
    if single.fits and single.size >= BODY - 4:
        size = single.size
    block = p.measure(text, room, NAV_HEIGHT - 20, size=size, bold=True, lines=2, leading=1.22)
    left = x + (w - block.width - side - gap) / 2
    behind = icon == "right"
    p.icon(icon, left + block.width + gap if behind else left, NAV_TOP + (NAV_HEIGHT - side) / 2, side, ink)
    at = left if behind else left + side + gap
    p.text(text, at, NAV_TOP, room, NAV_HEIGHT, size=size, bold=True, ink=ink, lines=2, leading=1.22)
    p.target(Intent(touch), x, NAV_TOP, w, NAV_HEIGHT, enabled=enabled)


def notice(p: Painter, model: ScreenModel, bottom: float, size: float = LABEL) -> float:
    """Draw the model's notice as a banner that ends at ``bottom`` and return its height."""
    text = p.words.message(model.notice, model.notice_yen)
    return banner(p, text, *tone(model.notice), bottom=bottom, size=size) if text else 0.0


def tone(key: str) -> tuple[Colour, Colour, str]:
    """Return ground, ink and icon of a notice: a fact, a caution or a trouble."""
    if key in _DANGERS:
        return DANGER_TINT, DANGER, "warning"
    if key in _FACTS:
        return BRAND_TINT, BRAND, "info"
    return WARN_TINT, WARN, "warning"


def banner(
    p: Painter, text: str, ground: Colour, ink: Colour, icon: str, *, bottom: float, size: float = LABEL, lines: int = 3
) -> float:
    """Draw a message on a tinted box that ends at ``bottom`` and return its height."""
    x, w = MARGIN, CONTENT_WIDTH
    height = banner_height(p, text, size, lines)
    room = w - 128.0
    top = bottom - height
    p.fill(x, top, w, height, ground, 24)
    p.outline(x, top, w, height, (*ink[:3], 0.45), 2)
    p.icon(icon, x + 28, top + (height - 52) / 2, 52, ink)
    p.text(text, x + 100, top, room, height, size=size, bold=True, ink=INK, lines=lines, leading=1.34)
    return height


def banner_height(p: Painter, text: str, size: float = LABEL, lines: int = 3) -> float:
    """Return how high :func:`banner` will be."""
    block = p.measure(text, CONTENT_WIDTH - 128.0, size=size, bold=True, lines=lines, leading=1.34)
    return max(104.0, block.height + (2 * S + 12 if size >= LABEL else S + 12))


def title(p: Painter, area: Area, text: str, below: str = "", lines: int = 2) -> float:
    """Write a screen's title and the line below it; return where content goes on."""
    y = area.top
    y += p.text(text, area.x, y, area.w, size=60, bold=True, lines=lines, leading=1.22)
    if below:
        y += S - 4
        y += p.text(below, area.x, y, area.w, size=BODY, ink=INK2, lines=3, leading=1.36)
    return y + M + 4


def row(
    p: Painter, y: float, label: str, value: str, *, x: float, w: float, h: float, size: float = BODY, bold: bool = True
) -> None:
    """Write a label and, right of it, its value."""
    p.text(label, x, y, w * 0.38, h, size=LABEL, ink=INK2, lines=2, leading=1.2)
    p.text(value, x + w * 0.38 + M, y, w * 0.62 - M, h, size=size, bold=bold, align="right", lines=2, leading=1.22)


def rule(p: Painter, x: float, y: float, w: float) -> None:
    """Draw a hairline."""
    p.fill(x, y, w, 2, HAIRLINE)
