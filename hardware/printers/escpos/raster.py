"""Bit images as they stream in: printed or stored band by band, never held whole on the word of a length field."""

from collections.abc import Callable

from hardware.printers.escpos.ink import Raster

BAND_ROWS = 64


class RasterStream:
    """Cuts the dots of one image into bands of at most :data:`BAND_ROWS` rows and hands each on."""

    def __init__(
        self, row_bytes: int, rows: int, scale: tuple[int, int], paper_dots: int, on_band: Callable[[Raster], None]
    ) -> None:
        self._row_bytes = row_bytes
        self._rows_left = rows
        self._scale = scale
        self._kept_bytes = min(row_bytes, -(-paper_dots // (8 * scale[0])))
        self._whole = (row_bytes * 8 * scale[0], rows * scale[1])
        self._on_band = on_band
        self._held = bytearray()
        self._first = True

    def feed(self, data: bytes, last: bool) -> None:
        """Take dots; with ``last`` what is left of a row is filled up white."""
        self._held += data
        if last:
            self._held += bytes(-len(self._held) % self._row_bytes)
        while self._rows_left and self._held:
            rows = min(len(self._held) // self._row_bytes, BAND_ROWS, self._rows_left)
            if not rows or (rows < min(BAND_ROWS, self._rows_left) and not last):
                break
            self._band(bytes(self._held[: rows * self._row_bytes]), rows)
            del self._held[: rows * self._row_bytes]
            self._rows_left -= rows
        if not self._rows_left:
            self._held.clear()

    def _band(self, data: bytes, rows: int) -> None:
        if self._kept_bytes < self._row_bytes:  # what lies beyond the paper's edge is lost, as on paper
            data = b"".join(data[i : i + self._kept_bytes] for i in range(0, len(data), self._row_bytes))
        self._on_band(Raster(data, self._kept_bytes, rows, *self._scale, self._whole, self._first))
        self._first = False


def column_image(mode: int, columns: int, data: bytes) -> Raster:
    """Turn the columns of ``ESC *`` (most significant bit on top) into rows.

    Modes 0 and 1 have 8 dots a column, each printed three rows high, 32 and 33 have 24; 0 and 32 double every column [D].
    """
    deep = mode in (32, 33)
    column_bytes = 3 if deep else 1
    row_bytes = -(-columns // 8)
    rows = [bytearray(row_bytes) for _ in range(8 * column_bytes)]
    for x in range(columns):
        bits = int.from_bytes(data[x * column_bytes : (x + 1) * column_bytes], "big")
        for y, row in enumerate(rows):
            if bits >> (len(rows) - 1 - y) & 1:
                row[x // 8] |= 0x80 >> (x % 8)
    scale_x, scale_y = (2 if mode in (0, 32) else 1), (1 if deep else 3)
    whole = (columns * scale_x, len(rows) * scale_y)
    return Raster(b"".join(rows), row_bytes, len(rows), scale_x, scale_y, whole, first=True)
