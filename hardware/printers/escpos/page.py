"""A receipt that came out: its dots, its text and the account of the bytes that made it."""

import io
from functools import cached_property
from typing import NamedTuple

import zxingcpp
from PIL import Image, PngImagePlugin

from hardware.printers.escpos.account import Fates
from hardware.printers.escpos.ink import Bars, Mark, Matrix, PrintedLine, QrSymbol, TextRun, Turned, Words
from hardware.printers.paper import MM_PER_INCH, Piece
from hardware.printers.presenter import Place

_COLUMN_DOTS = 12
_LINE_ROWS = 30
_QUIET_DOTS = 40


class Run(NamedTuple):
    """A text run with its place on the receipt, in dots from its left upper corner."""

    x: int
    y: int
    run: TextRun


class _Standing(NamedTuple):
    x: int
    y: int
    mark: Mark


class Receipt:
    """Paper that left the printer. Everything is worked out when asked for, and kept."""

    def __init__(self, piece: Piece, dots: int, dpi: int, fates: Fates, t: float) -> None:
        self.piece = piece
        self.dots = dots
        self.dpi = dpi
        self.fates = fates
        self.t = t
        """When it came off, in seconds of the emulator's clock."""
        self.place: Place | None = None
        """Where a printer with a presenter has it now; None: it hangs out, free to be taken."""

    @property
    def rows(self) -> int:
        """Length in dot rows, white margins included."""
        return self.piece.rows

    @property
    def length_mm(self) -> float:
        """Length in millimetres."""
        return self.piece.rows * MM_PER_INCH / self.dpi

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The text runs, as they stand on this paper."""
        runs: list[Run] = []
        for x, y, mark in (standing for line in self._lines for standing in line):
            if isinstance(mark, TextRun):
                runs.append(Run(x, y, mark))
            elif isinstance(mark, Words):
                runs += [Run(*run) for run in mark.runs(x, y)]
        return tuple(runs)

    @cached_property
    def qr(self) -> tuple[str, ...]:
        """What the QR symbols on this paper say."""
        return tuple(mark.content for line in self._lines for _, _, mark in line if isinstance(mark, QrSymbol))

    @cached_property
    def bar_codes(self) -> tuple[str, ...]:
        """What the bar codes and PDF417 symbols on this paper were told to say."""
        return tuple(mark.content for line in self._lines for _, _, mark in line if isinstance(mark, Bars | Matrix))

    def decoded(self) -> tuple[tuple[str, str], ...]:
        """Read the symbols back from the dots: symbology (``QRCode``, ``Code128``, ``EAN13``) and content, from the top down.

        What a scanner at the counter would see; a symbol that is cut through or covered is not there.
        """
        picture = Image.new("L", (self.dots + 2 * _QUIET_DOTS, self.rows + 2 * _QUIET_DOTS), 255)
        picture.paste(self.image().convert("L"), (_QUIET_DOTS, _QUIET_DOTS))
        found = sorted(zxingcpp.read_barcodes(picture), key=lambda symbol: symbol.position.top_left.y)
        return tuple((symbol.format.name, symbol.text) for symbol in found)

    @cached_property
    def text(self) -> str:
        """The paper as plain text: columns kept as spaces, ``[QR ...]`` and ``[image WxH]`` for what is not text."""
        lines: list[str] = []
        below = 0
        for line in self._lines:
            words = _plain_line(line)
            if not words:
                below = max(below, max(y + mark.height_dots for _, y, mark in line))
                continue
            if lines and min(y for _, y, _ in line) - below >= _LINE_ROWS:
                lines.append("")
            lines.append(words)
            below = max(y + mark.height_dots for _, y, mark in line)
        return "\n".join(lines)

    @cached_property
    def _lines(self) -> tuple[tuple[_Standing, ...], ...]:
        """Marks whose middle row is on this piece, line by line."""
        lines = []
        for paper_row, ink_row, rows, ink in self.piece.strips:
            assert isinstance(ink, PrintedLine)
            shift = paper_row - self.piece.first_row - ink_row
            line = []
            for x, y, mark in ink.placed:
                if isinstance(mark, Words) and not (ink_row <= y and y + mark.height_dots <= ink_row + rows):
                    line += [_Standing(a, b + shift, run) for a, b, run in mark.runs(x, y) if _shows(b, run, ink_row, rows)]
                elif _shows(y, mark, ink_row, rows):
                    line.append(_Standing(x, y + shift, mark.mark if isinstance(mark, Turned) else mark))
            if line:
                lines.append(tuple(line))
        return tuple(lines)

    def image(self) -> Image.Image:
        """Draw every dot: mode ``1``, ``dots`` wide, ``rows`` high, black is 0."""
        page = Image.new("1", (self.dots, max(self.rows, 1)), 1)
        for strip in self.piece.strips:
            ink = strip.ink
            assert isinstance(ink, PrintedLine)
            height = strip.ink_row + strip.rows
            band = Image.new("1", (self.dots, height), 1)
            for x, y, mark in ink.placed:
                mark.draw(band, x, y)
            page.paste(band.crop((0, strip.ink_row, self.dots, height)), (0, strip.paper_row - self.piece.first_row))
        return page

    def png(self) -> bytes:
        """Return :meth:`image` as a 1-bit PNG that knows its resolution."""
        file = io.BytesIO()
        info = PngImagePlugin.PngInfo()
        info.add_text("Description", f"receipt, {self.length_mm:.1f} mm, {self.piece.how}")
        self.image().save(file, "PNG", dpi=(self.dpi, self.dpi), pnginfo=info)
        return file.getvalue()


def _shows(y: int, mark: Mark, first_row: int, rows: int) -> bool:
    """Whether the middle row of a mark is among ``rows`` rows from ``first_row`` on."""
    return 0 <= y + mark.height_dots // 2 - first_row < rows


def _plain_line(line: tuple[_Standing, ...]) -> str:
    words, column_dots = "", 0
    for x, _, mark in line:
        plain = mark.plain()
        if plain:
            words += " " * ((x - column_dots) // _COLUMN_DOTS) + plain
            column_dots = x + mark.width_dots
    return words.rstrip()
