"""What the printer's ROM cannot print, drawn as dots, and the commands that carry it.

A line is drawn in the face of its language (the ja, zh and ko shapes of one code point differ: 值 is not 値), at a threshold,
without dither, character by character in the columns the ROM would use; a shaped script run by run. Only its ink goes over the
wire: raster costs about twenty times what text costs, so white space is fed, not sent. Full-width characters may also be
drawn in one line with printed text (``ESC *``). [M] for faces, sizes and costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from hardware.printers.escpos.frames import ESC, GS
from hardware.printers.escpos.layout import COLUMN_DOTS, clusters, text_columns
from hardware.printers.escpos.typefaces import EM_DOTS, Script, cell_font, runs, shaped_font
from hardware.printers.printer import Align

CELL_DOTS: Final = EM_DOTS
BAND_ROWS: Final = 128
BAND_BYTES: Final = 2048
"""Largest ``GS v 0`` sent: longer ones overrun cheap buffers [D]; two of these fit a TM-T88's."""

_THRESHOLD: Final = 128
_BLACK_OR_WHITE: Final = [255 if grey >= _THRESHOLD else 0 for grey in range(256)]
_MARGIN: Final = 24
"""Room round the cells for accents, stacked consonants, and glyphs wider than their cell."""
_BASELINE: Final = _MARGIN + 21
"""Row of the baseline: the ideographic em box of Noto begins 21 of 24 dots above it."""


@dataclass(frozen=True)
class Bitmap:
    """One-bit dots, rows of whole bytes, most significant bit left, 1 is black."""

    width_bytes: int
    rows: int
    data: bytes
    above: int = 0
    """White rows to feed before, so that a line stands where the ROM would print it."""
    below: int = 0
    """White rows to feed after."""


class _Ink(NamedTuple):
    """Something drawn, and where its left upper corner stands from the pen."""

    dots: Image.Image
    left: int
    top: int


def _ink(text: str, font: ImageFont.FreeTypeFont) -> _Ink:
    left, top, right, bottom = map(int, font.getbbox(text, anchor="ls"))
    grey = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(grey).text((-left, -top), text, font=font, fill=255, anchor="ls")
    return _Ink(grey.point(_BLACK_OR_WHITE, mode="1"), left, top)


@lru_cache(maxsize=8192)
def _in_cell(character: str, face: int) -> _Ink:
    """Draw a character in the middle of its cell, if it does not fill it by itself."""
    font = cell_font(face)
    ink = _ink(character, font)
    slack = text_columns(character) * COLUMN_DOTS - font.getlength(character)
    return ink._replace(left=ink.left + int(slack / 2)) if slack else ink


@lru_cache(maxsize=1024)
def _shaped(run: str, script: Script) -> _Ink:
    """Draw a run of a shaped script: its words come again on every receipt."""
    return _ink(run, shaped_font(script))


@lru_cache(maxsize=512)
def draw_line(text: str, face: int, bold: bool, align: Align, pitch_rows: int, most_dots: int = 4096) -> Bitmap | None:
    """Draw one line and trim it to its ink, or return None when it is all white.

    Left-aligned lines keep the white on their left, because it is their indentation; the others are placed by the printer.
    ``pitch_rows`` is the height a ROM line takes on paper; what the ink does not fill of it becomes ``above`` and ``below``,
    and ink that is higher pushes the paper further. Ink wider than ``most_dots``, by a stroke that leaves its cell at the edge
    of the paper, is squeezed.
    """
    width = text_columns(text) * COLUMN_DOTS + 2 * _MARGIN
    dots = Image.new("1", (width, CELL_DOTS + 2 * _MARGIN))
    for x, piece in _pieces(text, face):
        for smear in (0, 1) if bold else (0,):  # a printer's emphasis, too, is every dot twice
            dots.paste(1, (_MARGIN + x + smear + piece.left, _BASELINE + piece.top), piece.dots)
    ink = dots.getbbox()
    if ink is None:
        return None
    left, top, right, bottom = ink
    if right - min(left, _MARGIN) > most_dots:
        dots = dots.resize((most_dots, dots.height), Image.Resampling.NEAREST, (min(left, _MARGIN), 0, right, dots.height))
        left, right = 0, most_dots
    elif align is Align.LEFT:
        left = min(left, _MARGIN)
    missing = -(right - left) % 8
    left -= {Align.LEFT: 0, Align.CENTER: missing // 2, Align.RIGHT: missing}[align]
    right = left + -(-(right - left) // 8) * 8
    above = max(0, top - _MARGIN)  # ROM characters stand at the top of their line, the gap is below
    below = max(0, _MARGIN + pitch_rows - bottom)
    return _pack(dots.crop((left, top, right, bottom)), above, below)


def _pieces(text: str, face: int) -> Iterator[tuple[int, _Ink]]:
    """Return what stands on a line, with the place of each pen in dots."""
    x = 0
    for script, run in runs(text):
        if script is not None:
            yield x, _shaped(run, script)
            x += text_columns(run) * COLUMN_DOTS
            continue
        for character in clusters(run):
            if character != " ":
                yield x, _in_cell(character, face)
            x += text_columns(character) * COLUMN_DOTS


@lru_cache(maxsize=1024)
def draw_in_line(text: str, face: int, bold: bool) -> bytes | None:
    """Return ``ESC * 33`` with ``text`` in cells of the ROM's size, to stand in one line with printed text.

    None when its ink leaves the cells, which are as high as the command can draw. Mode 33 is a column of 24 dots at the full
    resolution along the line [D].
    """
    width = text_columns(text) * COLUMN_DOTS
    dots = Image.new("1", (width, CELL_DOTS))
    x = 0
    for character in clusters(text):
        ink = _in_cell(character, face)
        left, top = x + ink.left, _BASELINE - _MARGIN + ink.top
        if left < 0 or top < 0 or left + ink.dots.width + bold > width or top + ink.dots.height > CELL_DOTS:
            return None
        for smear in (0, 1) if bold else (0,):
            dots.paste(1, (left + smear, top), ink.dots)
        x += text_columns(character) * COLUMN_DOTS
    columns = without_real_time(dots.transpose(Image.Transpose.TRANSPOSE).tobytes())
    return bytes((ESC, 0x2A, 33)) + width.to_bytes(2, "little") + columns


def draw_modules(matrix: tuple[bytearray, ...], module_dots: int) -> Bitmap:
    """Draw a QR symbol's modules (1 is black), each ``module_dots`` square."""
    size = len(matrix)
    small = Image.new("1", (size, size))
    small.putdata([255 if module else 0 for row in matrix for module in row])
    side = size * module_dots
    large = Image.new("1", (-(-side // 8) * 8, side))
    large.paste(small.resize((side, side), Image.Resampling.NEAREST), ((large.width - side) // 2, 0))
    return _pack(large, 0, 0)


def _pack(dots: Image.Image, above: int, below: int) -> Bitmap:
    return Bitmap(dots.width // 8, dots.height, without_real_time(dots.tobytes()), above, below)


def without_real_time(data: bytes) -> bytes:
    """Return image bytes in which nothing reads as the beginning of a real-time command.

    A printer looks for ``DLE EOT``, ``DLE ENQ`` and ``DLE DC4`` in image data too [D]: dots could ask for status, open the
    drawer or clear the buffer. One dot more beside the one of DLE (10 becomes 18) and they cannot; nobody sees it.
    """
    for second in (b"\x04", b"\x05", b"\x14"):
        data = data.replace(b"\x10" + second, b"\x18" + second)
    return data


def raster_commands(bitmap: Bitmap, width: int = 1, height: int = 1) -> tuple[bytes, ...]:
    """Return ``GS v 0`` commands, one a band, that print ``bitmap`` magnified ``width`` by ``height`` (1 or 2) times."""
    rows_a_band = max(1, min(BAND_ROWS, BAND_BYTES // bitmap.width_bytes))
    mode = (width - 1) | (height - 1) << 1
    bands = []
    for first in range(0, bitmap.rows, rows_a_band):
        rows = min(rows_a_band, bitmap.rows - first)
        head = bytes((GS, 0x76, 0x30, mode)) + bitmap.width_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
        bands.append(head + bitmap.data[first * bitmap.width_bytes : (first + rows) * bitmap.width_bytes])
    return tuple(bands)
