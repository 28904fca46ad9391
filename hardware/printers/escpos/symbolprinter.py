"""The commands that print symbols: ``GS ( k`` for QR and PDF417, ``GS k`` and its settings for bar codes."""

from collections.abc import Callable
from typing import Final

from hardware.printers.escpos.barcodes import Linear, bar_code, pdf417_rows
from hardware.printers.escpos.glyphs import Font
from hardware.printers.escpos.ink import Bars, Matrix, Placed, PrintedLine, QrSymbol, Style, TextRun
from hardware.printers.escpos.symbols import QR_LEVELS, code128_bars, code128_readable, code128_values, qr_modules
from hardware.printers.escpos.typesetter import Typesetter

_QR: Final = 49
_PDF417: Final = 48
_NAMES: Final = (
    "UPC-A", "UPC-E", "EAN13", "EAN8", "CODE39", "ITF", "CODABAR", "CODE93", "CODE128", "GS1-128", "DataBar", "DataBar",
    "DataBar Limited", "DataBar Expanded",
)  # fmt: skip
_CODE128: Final = 73


class SymbolPrinter:
    """Settings and stored data of symbols. A symbol is printed as a line of its own, under the line's justification.

    QR symbols of model 1 and Micro QR come out as model 2 [K].
    """

    def __init__(
        self,
        setter: Typesetter,
        say: Callable[[bytes, float], None],
    ) -> None:
        self._setter = setter
        self._say = say
        self.reset()

    def reset(self) -> None:
        """Power-on values; what was stored is gone."""
        self._module_dots = 3
        self._level = "L"
        self._data = b""
        self._bar_rows = 162
        self._bar_dots = 3
        self._readable_place = 0
        self._readable_font = Font.A
        self._pdf417_data = b""
        self._pdf417_level = "10%"
        self._pdf417_dots, self._pdf417_rows = 3, 3

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means the operands were out of range."""
        return {
            b"\x1d(k": self._two_dimensional,
            b"\x1dk": self._bar_code,
            b"\x1dh": self._bar_height,
            b"\x1dw": self._bar_width,
            b"\x1dH": self._readable_where,
            b"\x1df": self._readable_face,
        }

    def _two_dimensional(self, args: bytes, t: float) -> bool:
        if len(args) < 5 or args[2] not in (_QR, _PDF417):
            return False
        if args[2] == _PDF417:
            return self._stacked(args[3], args[4:], t)
        function, operands = args[3], args[4:]
        if function == 65:
            return operands[0] in (49, 50, 51)
        if function == 67 and 1 <= operands[0] <= 16:
            self._module_dots = operands[0]
            return True
        if function == 69 and operands[0] in QR_LEVELS:
            self._level = QR_LEVELS[operands[0]]
            return True
        if function == 80 and operands[0] == 48:
            self._data = operands[1:]
            return True
        if function == 81 and operands[0] == 48:
            return self._print_qr(t)
        if function == 82 and operands[0] == 48:
            modules = qr_modules(self._data, self._level) or 0
            size = str(modules * self._module_dots).encode()
            # width, height, fixed 1, "can be printed", between unit separators [K]
            self._say(b"\x37\x36" + size + b"\x1f" + size + b"\x1f1\x1f" + (b"1" if modules else b"0") + b"\x00", t)
            return True
        return False

    def _print_qr(self, t: float) -> bool:
        modules = qr_modules(self._data, self._level) if self._data else None
        if modules is None or modules * self._module_dots > self._setter.line.width or not self._setter.line.at_start:
            return False
        symbol = QrSymbol(self._data, self._level, self._module_dots, modules)
        ink = PrintedLine((Placed(self._setter.line.indent(symbol.width_dots), 0, symbol),))
        self._setter.print_ink(ink, symbol.height_dots, t)
        return True

    def _stacked(self, function: int, operands: bytes, t: float) -> bool:
        """Obey the PDF417 functions; columns, rows and options are taken and chosen by the symbol itself [K]."""
        n = operands[0]
        match function:
            case 65 | 66 | 70:
                return (n <= 30, n == 0 or 3 <= n <= 90, n in (0, 1))[(65, 66, 70).index(function)]
            case 67 if 2 <= n <= 8:
                self._pdf417_dots = n
            case 68 if 2 <= n <= 8:
                self._pdf417_rows = n
            case 69 if len(operands) > 1 and n == 48 and 48 <= operands[1] <= 56:
                self._pdf417_level = str(operands[1] - 48)
            case 69 if len(operands) > 1 and n == 49 and 1 <= operands[1] <= 40:
                self._pdf417_level = f"{10 * operands[1]}%" if operands[1] < 10 else "50%"
            case 80 if n == 48:
                self._pdf417_data = operands[1:]
            case 81 if n == 48:
                return self._print_pdf417(t)
            case 82 if n == 48:
                symbol = self._pdf417()
                width, height = (symbol.width_dots, symbol.height_dots) if symbol is not None else (0, 0)
                good = b"1" if symbol is not None else b"0"
                self._say(b"\x37\x2f" + b"%d\x1f%d\x1f1\x1f" % (width, height) + good + b"\x00", t)
            case _:
                return False
        return True

    def _pdf417(self) -> Matrix | None:
        rows = pdf417_rows(self._pdf417_data, self._pdf417_level)
        if rows is None:
            return None
        content = self._pdf417_data.decode("utf-8", "replace")
        return Matrix(rows, self._pdf417_dots, self._pdf417_dots * self._pdf417_rows, content)

    def _print_pdf417(self, t: float) -> bool:
        symbol = self._pdf417()
        if symbol is None or symbol.width_dots > self._setter.line.width or not self._setter.line.at_start:
            return False
        ink = PrintedLine((Placed(self._setter.line.indent(symbol.width_dots), 0, symbol),))
        self._setter.print_ink(ink, symbol.height_dots, t)
        return True

    def _bar_height(self, args: bytes, t: float) -> bool:
        self._bar_rows = args[0] or self._bar_rows
        return args[0] > 0

    def _bar_width(self, args: bytes, t: float) -> bool:
        if not 2 <= args[0] <= 6:
            return False
        self._bar_dots = args[0]
        return True

    def _readable_where(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 2, 3, 48, 49, 50, 51):
            return False
        self._readable_place = args[0] & 3
        return True

    def _readable_face(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 48, 49):
            return False
        self._readable_font = Font.B if args[0] & 1 else Font.A
        return True

    def _bar_code(self, args: bytes, t: float) -> bool:
        number, data = (args[0], args[2:]) if args[0] >= 65 else (args[0] + 65, args[1:].rstrip(b"\0"))
        if not self._setter.line.at_start or number > 78 or (args[0] < 65 and args[0] > 6):
            return False
        symbol = _code128(data) if number == _CODE128 else bar_code(number, data)
        if symbol is None:
            return False
        content = symbol.text
        bars = Bars(symbol.widths, self._bar_dots, self._bar_rows, content, _NAMES[number - 65])
        if bars.width_dots > self._setter.line.width:
            return False
        words = TextRun(content, data, "page 0", Style(self._readable_font))
        left = self._setter.line.indent(bars.width_dots)
        middle = max(0, left + (bars.width_dots - words.width_dots) // 2)
        rows, placed = 0, []
        if self._readable_place & 1:
            placed.append(Placed(middle, 0, words))
            rows = words.height_dots
        placed.append(Placed(left, rows, bars))
        rows += bars.height_dots
        if self._readable_place & 2:
            placed.append(Placed(middle, rows, words))
            rows += words.height_dots
        self._setter.print_ink(PrintedLine(tuple(placed)), rows, t)
        return True


def _code128(data: bytes) -> Linear | None:
    values = code128_values(data)
    return None if values is None else Linear(code128_bars(values), code128_readable(data))
