"""The same paper without paper: as text, as a picture, and short enough for a QR symbol on the screen.

For a customer who agreed to go on while the printer could not print, or whose receipt did not surely come out. It says that it
is electronic, so that with a paper that comes after all it is not taken for a second purchase. Electronic receipts are no
documents for the stamp duty [K].
"""

import io
from typing import Final

import segno
from PIL import Image, ImageDraw

from hardware.printers.escpos.drawing import CELL_DOTS, draw_line
from hardware.printers.escpos.layout import BREAK, COLUMN_DOTS, columns_lines, text_columns, wrap
from hardware.printers.escpos.typefaces import face_index
from hardware.printers.printer import Align, Blank, Columns, Document, Qr, Rule, Text
from kiosk.languages import Language

COLUMNS: Final = 42
"""Half-width characters on a line, as on the paper."""
BRIEF_BYTES: Final = 1000
"""Most that a symbol on the screen carries: with more its modules get too small for an old telephone's camera [K]."""
_LEFT_OUT: Final = (3, 3, 5, 2)
"""Lines of the head that a brief can spare, each counted when those before are gone: the shop's address and telephone, the
number of the receipt, which is part of the transaction's, and the branch."""
_MARGIN_DOTS: Final = 24
_PITCH_DOTS: Final = 32


def as_text(document: Document, language: Language) -> str:
    """Return the paper as plain text of 42 columns, its QR symbol in words."""
    lines = [*(_centred(line) for line in wrap(language.text("receipt.electronic"), COLUMNS)), ""]
    return "\n".join([*lines, *plain_lines(document)]) + "\n"


def plain_lines(document: Document) -> list[str]:
    """Return what stands on a paper, line by line, its QR symbol in words."""
    lines: list[str] = []
    for item in document.items:
        match item:
            case Text():
                lines += [_placed(line, item.align) for line in wrap(item.text, COLUMNS)]
            case Columns():
                lines += columns_lines(item.left, item.right, COLUMNS)
            case Rule():
                lines.append("-" * COLUMNS)
            case Blank():
                lines += [""] * item.lines
            case Qr():
                lines.append(_centred(f"[{item.data}]"))
    return [line.rstrip() for line in lines]


def as_brief(document: Document, language: Language) -> str:
    """Return the facts of the paper for a QR symbol: headings and price lines, without explanations.

    Where they are more than ``BRIEF_BYTES``, as in scripts of three bytes a letter, what is said twice is left out, then the
    shop's address, then more of the head: shop and title first, number and money last.
    """
    lines, foot = [language.text("receipt.electronic")], list[str]()
    into = lines
    for item in document.items:
        match item:
            case Qr():
                into = foot
            case Text(text, align, bold=bold) if align is Align.CENTER or bold:
                into.append(text)
            case Columns(left, right):
                into.append(f"{left} {right}")
    places = list(_LEFT_OUT)
    while len((brief := "\n".join([*lines, *foot]).replace(BREAK, "")).encode("utf-8")) > BRIEF_BYTES and len(lines) > 4:
        if len(foot) > 1:
            foot.pop()
        else:
            del lines[min(places.pop(0) if places else 4, len(lines) - 1)]
    return brief


def as_png(document: Document, language: Language) -> bytes:
    """Return the paper as a 1-bit picture, drawn in the face of its language."""
    heading = wrap(language.text("receipt.electronic"), COLUMNS)
    blank = Image.new("1", (1, _PITCH_DOTS), 1)
    strips = [*(_line(line, document.language, Align.CENTER) for line in heading), blank]
    for item in document.items:
        match item:
            case Text():
                for line in wrap(item.text, COLUMNS // item.width):
                    strips.append(_line(line, document.language, item.align, item.bold, item.width, item.height))
            case Columns():
                for line in columns_lines(item.left, item.right, COLUMNS):
                    strips.append(_line(line, document.language, Align.LEFT, item.bold, 1, item.height))
            case Rule():
                strips.append(_rule())
            case Blank():
                strips += [blank] * item.lines
            case Qr():
                strips.append(_symbol(item))
    page = Image.new("1", (_width(), sum(strip.height for strip in strips) + 2 * _MARGIN_DOTS), 1)
    y = _MARGIN_DOTS
    for strip in strips:
        page.paste(strip, (0, y))
        y += strip.height
    file = io.BytesIO()
    page.save(file, "PNG", dpi=(180, 180))
    return file.getvalue()


def _width() -> int:
    return COLUMNS * COLUMN_DOTS + 2 * _MARGIN_DOTS


def _centred(line: str) -> str:
    return _placed(line, Align.CENTER)


def _placed(line: str, align: Align) -> str:
    free = max(0, COLUMNS - text_columns(line))
    return " " * {Align.LEFT: 0, Align.CENTER: free // 2, Align.RIGHT: free}[align] + line


def _line(text: str, tag: str, align: Align, bold: bool = False, width: int = 1, height: int = 1) -> Image.Image:
    pitch = _PITCH_DOTS if height == 1 else CELL_DOTS + 4
    strip = Image.new("1", (_width(), pitch * height), 1)
    bitmap = draw_line(text, face_index(tag), bold, Align.LEFT, pitch)
    if bitmap is None:
        return strip
    ink = Image.frombytes("1", (bitmap.width_bytes * 8, bitmap.rows), bytes(byte ^ 0xFF for byte in bitmap.data))
    ink = ink.resize((ink.width * width, ink.height * height))
    free = COLUMNS * COLUMN_DOTS - text_columns(text) * COLUMN_DOTS * width
    x = _MARGIN_DOTS + {Align.LEFT: 0, Align.CENTER: free // 2, Align.RIGHT: free}[align]
    strip.paste(ink, (x, bitmap.above * height))
    return strip


def _rule() -> Image.Image:
    strip = Image.new("1", (_width(), _PITCH_DOTS), 1)
    middle = _PITCH_DOTS // 2
    ImageDraw.Draw(strip).line((_MARGIN_DOTS, middle, _width() - _MARGIN_DOTS, middle), fill=0, width=2)
    return strip


def _symbol(item: Qr) -> Image.Image:
    matrix = segno.make_qr(item.data, error="m").matrix
    side = len(matrix)
    dots = Image.new("1", (side, side), 1)
    dots.putdata([1 - module for row in matrix for module in row])
    dots = dots.resize((side * item.module_dots, side * item.module_dots))
    strip = Image.new("1", (_width(), dots.height + 2 * _MARGIN_DOTS), 1)
    strip.paste(dots, ((strip.width - dots.width) // 2, _MARGIN_DOTS))
    return strip
