"""Screens of the number: typing it, and reading it back."""

from kiosk.screen import chrome
from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.theme import (
    BODY,
    BRAND,
    BRAND_TINT,
    DANGER,
    DISABLED,
    INK,
    INK2,
    KEY,
    LABEL,
    LINE,
    OK,
    RADIUS,
    SMALL,
    SURFACE,
    TOUCH,
    WARN,
    WARN_TINT,
    WHITE,
    L,
    M,
)
from kiosk.screenmodel import EntryField, Intent, ScreenModel, Touch

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "delete")
_KEY_WIDTH, _KEY_HEIGHT, _KEY_GAP = 308.0, 250.0, 30.0


def identify(p: Painter, model: ScreenModel, area: Area) -> None:
    """Draw the tabs, the field and the keypad."""
    entry = model.entry or EntryField("phone", "", "")
    if model.notice:
        chrome.notice(p, model, 258, size=SMALL)
    _tabs(p, entry, area.top + 2)
    _field(p, entry, area.x, area.top + 2 + TOUCH + 18, area.w, area.bottom - 4 * _KEY_HEIGHT - 3 * 12 - 16)
    top = area.bottom - 4 * _KEY_HEIGHT - 3 * 12
    for number, key in enumerate(_KEYS):
        x = area.x + (number % 3) * (_KEY_WIDTH + _KEY_GAP)
        _key(p, key, x, top + (number // 3) * (_KEY_HEIGHT + 12))


def _tabs(p: Painter, entry: EntryField, y: float) -> None:
    gap = 16.0
    width = (984 - gap) / 2
    for number, (kind, icon) in enumerate((("phone", "phone"), ("iccid", "sim"))):
        x = 48 + number * (width + gap)
        chosen = entry.kind == kind
        p.fill(x, y, width, TOUCH, BRAND if chosen else SURFACE, RADIUS)
        if not chosen:
            p.outline(x, y, width, TOUCH, LINE, 3)
        ink = WHITE if chosen else INK
        text = p.words.text(f"screen.identify.{kind}")
        block = p.measure(text, width - 130, TOUCH - 16, size=BODY, bold=True, lines=2, leading=1.2)
        left = x + (width - block.width - 64) / 2
        p.icon(icon, left, y + 32, 48, ink)
        p.text(text, left + 64, y, width - 130, TOUCH, size=BODY, bold=True, ink=ink, lines=2, leading=1.2)
        p.target(Intent(Touch.KIND, kind), x, y, width, TOUCH)


def _field(p: Painter, entry: EntryField, x: float, y: float, w: float, bottom: float) -> None:
    h = bottom - y
    edge = DANGER if entry.problem else OK if entry.complete else BRAND
    p.card(x, y, w, h, SURFACE, None)
    p.outline(x, y, w, h, edge, 4)
    p.text(p.words.text(f"screen.identify.{entry.kind}.label"), x + 32, y + 12, w - 64, 46, size=SMALL, ink=INK2)
    _digits(p, entry.shown, x + 32, y + 54, w - 64, h - 54 - 66)
    line_y = bottom - 64
    text = p.words.text(entry.problem) if entry.problem else p.words.text(f"screen.identify.{entry.kind}.hint")
    ink, icon = (DANGER, "warning") if entry.problem else (INK2, "info")
    if entry.complete and not entry.problem:
        text, ink, icon = p.words.text("screen.identify.complete"), OK, "check"
    p.icon(icon, x + 32, line_y + 7, 40, ink)
    p.text(text, x + 86, line_y, w - 118, 54, size=SMALL + 2, bold=bool(entry.problem), ink=ink, lines=2, leading=1.12)


def _digits(p: Painter, shown: str, x: float, y: float, w: float, h: float) -> None:
    """Write the digits in cells of one width, with a line to fill for each that is missing and the first of them lit."""
    size = float(KEY)
    narrow = 0.52
    cells = sum(narrow if c in "- " else 1.0 for c in shown) or 1.0
    advance = min(size * 0.75, w / cells)
    size = min(size, advance / 0.58)
    lit = False
    middle = y + h / 2
    for character in shown:
        width = advance * (narrow if character in "- " else 1.0)
        if character == "_":
            p.fill(x + advance * 0.1, middle + size * 0.40, advance * 0.8, 8 if not lit else 5, DISABLED if lit else BRAND, 2)
            lit = True
        elif character == "-":
            p.fill(x + width * 0.2, middle - 2, width * 0.6, 4, LINE, 2)
        elif character != " ":
            p.text(character, x, y, width, h, size=size, bold=True, align="center", tag="en")
        x += width


def _key(p: Painter, key: str, x: float, y: float) -> None:
    w, h = _KEY_WIDTH, _KEY_HEIGHT
    digit = key.isdigit()
    p.card(x, y, w, h, SURFACE if digit else BRAND_TINT, LINE)
    if digit:
        p.text(key, x, y, w, h, size=96, bold=True, align="center", tag="en")
    else:
        icon = "delete" if key == "delete" else "cross"
        p.icon(icon, x + (w - 76) / 2, y + 52, 76, INK)
        p.text(p.words.text(f"screen.identify.{key}"), x + 12, y + 142, w - 24, 64, size=LABEL, bold=True, align="center")
    p.target(Intent(Touch.KEY, key), x, y, w, h)


def groups(number: str, kind: str) -> list[str]:
    """Return the number in the groups people read it in; its own separators are kept to."""
    apart = number.replace("-", " ").split()
    if len(apart) != 1:
        return apart
    if kind == "phone":
        return [part for part in (number[:3], number[3:7], number[7:]) if part]
    return [number[i : i + 4] for i in range(0, len(number), 4)]


def number_check(p: Painter, model: ScreenModel, area: Area) -> None:
    """Show the number in full, as big as it goes: this is the moment it is checked."""
    y = chrome.title(p, area, p.words.text("screen.number_check.title"), p.words.text("screen.number_check.below"))
    parts = groups(model.number, model.number_kind)
    rows = [parts[i : i + 3] for i in range(0, len(parts), 3)] or [[""]]
    row_h = 288.0 if len(rows) == 1 else 190.0
    height = 118 + len(rows) * (row_h + 20) + 112
    p.card(area.x, y, area.w, height)
    kind = p.words.text(f"screen.identify.{model.number_kind}") if model.number_kind else ""
    p.icon("phone" if model.number_kind == "phone" else "sim", area.x + 40, y + 36, 48, INK2)
    p.text(kind, area.x + 104, y + 24, area.w - 144, 72, size=BODY, ink=INK2)
    tile_y = y + 110
    longest = max(sum(max(1, len(part)) for part in row) for row in rows)
    advance = (area.w - 80 - 2 * 20 - 3 * 36) / max(1, longest)
    size = min(124.0 if len(rows) == 1 else 104.0, advance / 0.60)
    for line in rows:
        tile_x = area.x + 40
        for part in line:
            width = 36 + advance * len(part)
            p.fill(tile_x, tile_y, width, row_h, BRAND_TINT, RADIUS)
            p.text(part, tile_x + 6, tile_y, width - 12, row_h, size=size, bold=True, ink=INK, align="center", tag="en")
            tile_x += width + 20
        tile_y += row_h + 20
    if model.carrier:
        chrome.rule(p, area.x + 40, tile_y + 4, area.w - 80)
        chrome.row(
            p, tile_y + 6, p.words.text("screen.confirm.carrier"), model.carrier, x=area.x + 40, w=area.w - 80, h=104, size=40
        )
    y += height + L
    chrome.banner(p, p.words.text("screen.number_check.warning"), WARN_TINT, WARN, "warning", bottom=y + 132)
    y += 132 + M
    p.text(p.words.text("screen.number_check.read_aloud"), area.x, y, area.w, size=38, ink=INK2, lines=3)
