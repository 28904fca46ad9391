"""Bar codes of ``GS k`` and PDF417 as modules: the symbols that zxing-cpp encodes, from the operands as the manual has them.

CODE128 keeps its own encoder (:mod:`hardware.printers.escpos.symbols`), because there the host chooses the code sets. Data that
breaks a symbology's rules gives None, and nothing is printed. [K]: data with a wrong check digit is refused; an odd ITF loses
its last digit; a UPC-E number of 11 or 12 digits is shortened by the rule of the standard. PDF417 chooses its own columns and
rows.
"""

from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

import zxingcpp
from zxingcpp import BarcodeFormat

_GTIN_DIGITS: Final = 13
_PDF417_ROW_MODULES: Final = 3
"""Modules that zxing-cpp makes one row high."""
LONGEST_PDF417: Final = 1108
"""Bytes that the largest symbol holds."""


class Linear(NamedTuple):
    """A bar code: widths of bars and gaps in turn, in modules, a bar first; and the text that people read under it."""

    widths: str
    text: str


def bar_code(symbology: int, data: bytes) -> Linear | None:
    """Return the symbol of ``GS k m`` (0-6 or 65-78, without 73) for ``data``, or None when there is none."""
    number = symbology + 65 if symbology < 7 else symbology
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return None
    form = _FORMS.get(number)
    content = None if form is None else _content(number, text)
    if form is None or not content:
        return None
    widths = _widths(content, form, gs1=number == 74)
    if widths is None:
        return None
    return Linear(widths, _readable(number, text, content))


def _content(number: int, text: str) -> str | None:
    """Return what the encoder takes for the operands of one symbology."""
    match number:
        case 65 | 67 | 68:  # UPC-A, EAN13, EAN8: with or without check digit
            return text if text.isdigit() and len(text) in _DIGITS[number] else None
        case 66:
            return _upc_e(text)
        case 69:
            return text.strip("*") if text.strip("*").isprintable() else None
        case 70:
            return text[: len(text) // 2 * 2] if text.isdigit() else None
        case 71:
            framed = len(text) > 2 and text[0].upper() in "ABCD" and text[-1].upper() in "ABCD"
            return text.upper() if framed else None
        case 74:
            return _gs1(text)
        case 75 | 76 | 77:
            return text if text.isdigit() and len(text) == _GTIN_DIGITS else None
        case 78:
            return _gs1(text)
        case _:
            return text


_DIGITS: Final = {65: (11, 12), 67: (12, 13), 68: (7, 8)}
_FORMS: Final = {
    65: BarcodeFormat.UPCA, 66: BarcodeFormat.UPCE, 67: BarcodeFormat.EAN13, 68: BarcodeFormat.EAN8, 69: BarcodeFormat.Code39,
    70: BarcodeFormat.ITF, 71: BarcodeFormat.Codabar, 72: BarcodeFormat.Code93, 74: BarcodeFormat.Code128,
    75: BarcodeFormat.DataBarOmni, 76: BarcodeFormat.DataBarOmni, 77: BarcodeFormat.DataBarLtd, 78: BarcodeFormat.DataBarExp,
}  # fmt: skip
"""By function B of ``GS k``; truncated DataBar (76) is the same bars, less high."""


def _gs1(text: str) -> str | None:
    """Return an element string in the form with its identifiers in brackets; a lone number is taken as a GTIN."""
    text = text.replace("{1", "").replace(" ", "")
    if text.startswith("("):
        return text
    return f"(01){text[2:]}" if text.startswith("01") and len(text) == 16 and text.isdigit() else None


def _upc_e(text: str) -> str | None:
    if not text.isdigit() or len(text) not in (6, 7, 8, 11, 12) or (len(text) > 6 and text[0] not in "01"):
        return None
    if len(text) < 11:
        return text
    maker, item = text[1:6], text[6:11]
    if maker[2] in "012" and maker[3:] == "00" and item[:2] == "00":
        short = maker[:2] + item[2:] + maker[2]
    elif maker[3:] == "00" and item[:3] == "000":
        short = maker[:3] + item[3:] + "3"
    elif maker[4] == "0" and item[:4] == "0000":
        short = maker[:4] + item[4] + "4"
    elif item[:4] == "0000" and item[4] >= "5":
        short = maker + item[4]
    else:
        return None
    return text[0] + short + text[11:]


def _readable(number: int, text: str, content: str) -> str:
    if number in (65, 67, 68):
        short = len(content) in (11, 12, 7) and len(content) == _DIGITS[number][0]
        return content + _check_digit(content) if short else content
    return content if number != 69 else f"*{content}*"


def _check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(digits)))
    return str(-total % 10)


@lru_cache(maxsize=256)
def _widths(content: str, form: BarcodeFormat, *, gs1: bool) -> str | None:
    rows = _modules(content, form, gs1=gs1)
    if not rows:
        return None
    runs = [(dark, len(list(run))) for dark, run in groupby(rows[0])]
    if runs and not runs[0][0]:
        runs = runs[1:]
    return "".join(str(count) for _, count in runs)


def _modules(content: str | bytes, form: BarcodeFormat, **options: object) -> list[list[bool]] | None:
    try:
        symbol = zxingcpp.create_barcode(content, form, **{name: value for name, value in options.items() if value})
        image = symbol.to_image(scale=1, add_hrt=False, add_quiet_zones=False)
    except (ValueError, RuntimeError):
        return None
    height, width = image.shape[:2]
    dots = bytes(memoryview(image))  # type: ignore[arg-type]  # a buffer, which its stubs do not say
    return [[dot == 0 for dot in dots[y * width : (y + 1) * width]] for y in range(height)]


@lru_cache(maxsize=32)
def pdf417_rows(data: bytes, level: str) -> tuple[bytes, ...] | None:
    """Return the rows of a PDF417 symbol, one byte 0 or 1 a module, or None when ``data`` is too long or empty.

    ``level`` is an error correction level ``"0"`` to ``"8"`` or a share such as ``"20%"``.
    """
    if not data or len(data) > LONGEST_PDF417:
        return None
    rows = _modules(data, BarcodeFormat.PDF417, ec_level=level)
    return None if rows is None else tuple(bytes(row) for row in rows[::_PDF417_ROW_MODULES])
