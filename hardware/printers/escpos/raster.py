"""Bit images as they stream in: printed or stored band by band, never held whole on the word of a length field."""

from collections.abc import Callable
from typing import Final

from hardware.printers.escpos.account import Account
from hardware.printers.escpos.grammar import GRAPHICS_LONG, GRAPHICS_SHORT, RASTER
from hardware.printers.escpos.ink import Placed, PrintedLine, Raster, columns_as_raster
from hardware.printers.escpos.storedimages import StoredImages
from hardware.printers.escpos.tokens import RasterData, RasterHead
from hardware.printers.escpos.typesetter import Typesetter

BAND_ROWS: Final = 64
STORED_ROWS: Final = 4096
"""Rows the graphics buffer holds; a taller image is not stored [K]."""


class RasterStream:
    """Cuts the dots of one image into bands of at most :data:`BAND_ROWS` rows."""

    def __init__(self, row_bytes: int, rows: int, scale: tuple[int, int], paper_dots: int) -> None:
        self._row_bytes = row_bytes
        self._rows_left = rows
        self._scale = scale
        self._kept_bytes = min(row_bytes, -(-paper_dots // (8 * scale[0])))
        self._whole = (row_bytes * 8 * scale[0], rows * scale[1])
        self._held = bytearray()
        self._first = True

    def feed(self, data: bytes, last: bool) -> list[Raster]:
        """Take dots and return the bands they complete; with ``last`` what is left of a row is filled up white."""
        self._held += data
        if last:
            self._held += bytes(-len(self._held) % self._row_bytes)
        bands = []
        while self._rows_left:
            rows = min(len(self._held) // self._row_bytes, BAND_ROWS, self._rows_left)
            if not rows or (rows < min(BAND_ROWS, self._rows_left) and not last):
                break
            bands.append(self._band(bytes(self._held[: rows * self._row_bytes]), rows))
            del self._held[: rows * self._row_bytes]
            self._rows_left -= rows
        if not self._rows_left:
            self._held.clear()
        return bands

    def _band(self, data: bytes, rows: int) -> Raster:
        if self._kept_bytes < self._row_bytes:  # what lies beyond the paper's edge is lost, as on paper
            data = b"".join(data[i : i + self._kept_bytes] for i in range(0, len(data), self._row_bytes))
        band = Raster(data, self._kept_bytes, rows, *self._scale, self._whole, self._first)
        self._first = False
        return band


class RasterPrinter:
    """``GS v 0`` prints as the dots come; ``GS ( L`` and ``GS 8 L`` store (function 112), then print (50 or 2)."""

    def __init__(self, setter: Typesetter, account: Account, images: StoredImages) -> None:
        self._setter = setter
        self._images = images
        self._account = account
        self.reset()

    def reset(self) -> None:
        """Forget what was stored."""
        self.abandon()
        self._stored: list[Raster] = []

    def abandon(self) -> None:
        """Forget the image that is coming in; the dots still to come go nowhere."""
        self._stream: RasterStream | None = None
        self._direct = False

    def begin(self, head: RasterHead) -> bool:
        """Take the operands of an image; False when they are out of range and its dots will go nowhere."""
        args = head.args
        self._stream, self._direct = None, head.code == RASTER
        if self._direct:
            mode, scale = args[0], (1 + (args[0] & 1), 1 + (args[0] >> 1 & 1))
            row_bytes, rows = int.from_bytes(args[1:3], "little"), int.from_bytes(args[3:5], "little")
            # Old models print it as text when it does not begin a line; we swallow it, by its length [D].
            good = mode in (0, 1, 2, 3, 48, 49, 50, 51) and self._setter.line.at_start
        else:
            tone, scale_x, scale_y, colour = args[-8:-4]
            scale = (scale_x, scale_y)
            row_bytes, rows = (int.from_bytes(args[-4:-2], "little") + 7) // 8, int.from_bytes(args[-2:], "little")
            good = tone == 48 and colour == 49 and {scale_x, scale_y} <= {1, 2} and rows * scale_y <= STORED_ROWS
            self._stored = []
        if not (good and row_bytes and rows):
            return False
        self._stream = RasterStream(row_bytes, rows, scale, self._setter.line.paper_dots)
        return True

    def dots(self, token: RasterData, t: float) -> None:
        """Take some dots of the image begun."""
        if self._stream is None:
            self._account.ignored_bytes += len(token.data)
            return
        self._account.used += len(token.data)
        bands = self._stream.feed(token.data, token.last)
        if self._direct:
            self._print(bands, t)
        else:
            self._stored += bands
        if token.last:
            self._stream = None

    def _print(self, bands: list[Raster], t: float) -> None:
        for band in bands:
            x = self._setter.line.indent(band.width_dots)
            self._setter.print_ink(PrintedLine((Placed(x, 0, band),)), band.height_dots, t)

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {GRAPHICS_SHORT: self._print_short, GRAPHICS_LONG: self._print_long, b"\x1b*": self._column_image}

    def _print_short(self, args: bytes, t: float) -> bool:
        return self._graphics(args[2:], t)

    def _print_long(self, args: bytes, t: float) -> bool:
        return self._graphics(args[4:], t)

    def _graphics(self, body: bytes, t: float) -> bool:
        if body[:2] in (b"\x30\x02", b"\x30\x32"):
            return self._print_stored(body[:2], t)
        if len(body) < 2 or body[0] != 0x30:
            return False
        if body[1] == 113:
            return self._store_columns(body[2:])
        return self._images.graphics(body[1], body[2:], t)

    def _store_columns(self, operands: bytes) -> bool:
        """Function 113: ``a bx by c xL xH yL yH`` and columns of y dots."""
        if len(operands) < 8 or operands[0] != 48 or not {*operands[1:3]} <= {1, 2}:
            return False
        columns, deep = int.from_bytes(operands[4:6], "little"), -(-int.from_bytes(operands[6:8], "little") // 8)
        if not columns or not deep or deep * 8 > STORED_ROWS:
            return False
        self._stored = [columns_as_raster(columns, deep, operands[8:], operands[1], operands[2])]
        return True

    def _print_stored(self, function: bytes, t: float) -> bool:
        if function not in (b"\x30\x02", b"\x30\x32") or not self._setter.line.at_start:
            return False
        self._print(self._stored, t)
        self._stored = []
        return True

    def _column_image(self, args: bytes, t: float) -> bool:
        columns, line = args[1] + 256 * args[2], self._setter.line
        if args[0] not in (0, 1, 32, 33) or not columns or columns > line.paper_dots:
            return False
        image = column_image(args[0], columns, args[3:])
        if line.cursor + image.width_dots > line.width:
            return False
        line.place(image)
        return True


def column_image(mode: int, columns: int, data: bytes) -> Raster:
    """Turn the columns of ``ESC *`` (most significant bit on top) into rows.

    Modes 0 and 1 have 8 dots a column, each printed three rows high, 32 and 33 have 24; 0 and 32 double every column [D].
    """
    deep = mode in (32, 33)
    scale_x, scale_y = (2 if mode in (0, 32) else 1), (1 if deep else 3)
    return columns_as_raster(columns, 3 if deep else 1, data, scale_x, scale_y)
