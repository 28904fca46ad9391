"""A document as the bytes one model prints it with.

python-escpos composes the plain commands (size, weight, alignment, QR, cut); text is encoded by
:mod:`hardware.printers.escpos.encoder`, because version 3.1 sends kanji as GB18030, other Japanese as ``?`` and control
characters as they are [M]. Nothing here waits for anything.
"""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Final, cast

import segno
from escpos import capabilities
from escpos.constants import QR_ECLEVEL_M
from escpos.escpos import Escpos
from segno.consts import ERROR_LEVEL_M, SYMBOL_CAPACITY

from hardware.configfile import ConfigFile
from hardware.printers.escpos import barcode
from hardware.printers.escpos.drawing import CELL_DOTS, draw_in_line, draw_line, draw_modules, raster_commands
from hardware.printers.escpos.ejector import present
from hardware.printers.escpos.encoder import Repertoire, printable
from hardware.printers.escpos.frames import ESC, FS, LF, PREAMBLE
from hardware.printers.escpos.layout import clusters, columns_lines, wrap
from hardware.printers.escpos.typefaces import JAPANESE_FACE, face_index, needs_shaping, spelled_out
from hardware.printers.printer import Align, Barcode, Blank, Columns, Cut, Document, Item, Qr, Rule, Text

if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:  # python-escpos makes a folder at its import and leaves it behind
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)

MM_PER_INCH: Final = 25.4
_CAPACITY_BITS: Final = cast(Mapping[int, Mapping[int, int]], SYMBOL_CAPACITY)
SMALLEST_MODULE_DOTS: Final = 2
"""A QR module below 0.28 mm does not survive thermal paper [K]."""

QUIET_MODULES: Final = 4
"""White above and below a symbol (ISO/IEC 18004): the blade cuts close behind the last dot, and a dark counter lies behind."""

_NARROW_LETTER: Final = re.compile("[\u00aa\u00b5\u00ba\u00c0-\u024f\u0370-\u10ff\u1e00-\u1fff\uff66-\uffdc]")
"""Letters of alphabets, half-width kana and half-width Hangul."""
_HAN: Final = re.compile("[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]")
"""Ideographs: the ROM has many that Chinese and Korean write, but in the Japanese shape (直, 骨, 角)."""


@dataclass(frozen=True)
class PrintSettings:
    """``[print]`` of a device model: what a job's bytes and its duration depend on."""

    dots: int = 512
    """Printable width."""
    dpi: int = 180
    columns: int = 42
    """Half-width characters of font A on a line."""
    speed_mm_s: float = 150.0
    cutter_gap_mm: float = 15.0
    """From the print head to the blade."""
    process_id: bool = True
    """Whether it knows ``GS ( H``; else ``GS r 1`` tells that a job is through."""
    native_qr: bool = True
    """Whether it draws QR symbols itself (``GS ( k``); else they go as dots."""
    line_images: bool = True
    """Whether it draws ``ESC *`` in one line with text, as all but the oddest do; then only what the ROM lacks is drawn."""
    present_steps: int = 0
    """How far a presenter shows the ticket after the cut; 0 for a printer without one."""
    repertoire: Repertoire = field(default_factory=Repertoire)

    @classmethod
    def from_config(cls, table: ConfigFile) -> "PrintSettings":
        """Read the ``[print]`` table. Keys that only an emulator reads are left alone."""
        return cls(
            dots=table.whole("dots", cls.dots, low=64, high=4096),
            dpi=table.whole("dpi", cls.dpi, low=90, high=1200),
            columns=table.whole("columns", cls.columns, low=8, high=255),
            speed_mm_s=table.number("speed_mm_s", cls.speed_mm_s, low=1.0),
            cutter_gap_mm=table.number("cutter_gap_mm", cls.cutter_gap_mm),
            process_id=table.flag("process_id", cls.process_id),
            native_qr=table.flag("native_qr", cls.native_qr),
            line_images=table.flag("line_images", cls.line_images),
            repertoire=Repertoire(
                kanji=table.flag("kanji", True),
                row_13=table.flag("row_13", True),
                ibm_extensions=table.flag("ibm_extensions", False),
            ),
        )

    @property
    def line_dots(self) -> int:
        """Height of a text line: a sixth of an inch [D]."""
        return self.dpi // 6


@dataclass(frozen=True)
class Composition:
    """A composed document."""

    data: bytes
    last_dot: int
    """Length of the beginning of ``data`` without which the last dot cannot be printed (the cut comes after)."""
    length_mm: float
    """How far the paper moves, the feed to the cutter included."""
    seams: tuple[int, ...]
    """Ends of lines and commands, the last one the end of ``data``: only there may another command stand."""


def compose(document: Document, settings: PrintSettings) -> Composition:
    """Return the bytes of ``document``. Raises ValueError for a text that no symbol on this paper can hold."""
    sheet = _Sheet(settings, document.language)
    for item in document.items:
        sheet.put(item)
    return sheet.composition()


class _Sheet(Escpos):  # type: ignore[misc]
    """One document being composed; python-escpos writes its commands through ``_raw``."""

    def __init__(self, settings: PrintSettings, language: str) -> None:
        super().__init__()
        self._settings = settings
        self._face = face_index(language)
        self._out = bytearray(PREAMBLE)
        self._last_dot = 0
        self._seams = [len(self._out)]
        self._height_dots = 0
        self._align, self._bold, self._size = Align.LEFT, False, (1, 1)

    def _raw(self, msg: bytes) -> None:
        """Take one whole command or line: python-escpos, too, hands over what is used here command by command."""
        self._out += msg
        self._seams.append(len(self._out))

    def _read(self) -> bytes:
        raise AssertionError("a sheet of paper is only written")

    def composition(self) -> Composition:
        length_mm = self._height_dots * MM_PER_INCH / self._settings.dpi
        return Composition(bytes(self._out), self._last_dot, length_mm, tuple(self._seams))

    def put(self, item: Item) -> None:
        columns = self._settings.columns
        match item:
            case Text():
                for line in wrap(_words(item.text), columns // item.width):
                    self._line(line, item.align, item.bold, item.width, item.height)
            case Columns():
                for line in columns_lines(_words(item.left), _words(item.right).replace("\n", " "), columns):
                    self._line(line, Align.LEFT, item.bold, 1, item.height)
            case Rule():
                # a kanji: byte 95 of the katakana page would be one too, but as a lead byte under FS C 1
                self._line("─" * (columns // 2) if self._settings.repertoire.kanji else "-" * columns, Align.LEFT, False, 1, 1)
            case Blank():
                self._style(Align.LEFT, False, 1, 1)
                for lines in _portions(item.lines):
                    self.print_and_feed(lines)
                self._height_dots += item.lines * self._settings.line_dots
            case Qr():
                self._symbol(item)
            case Barcode():
                self._bars(item)
            case Cut():
                self._style(Align.LEFT, False, 1, 1)
                self.cut(feed=False)  # its odd name for GS V 66 0: feed to the blade, then cut
                if self._settings.present_steps:
                    self._raw(present(self._settings.present_steps))
                self._height_dots += round(self._settings.cutter_gap_mm * self._settings.dpi / MM_PER_INCH)

    def _style(self, align: Align, bold: bool, width: int, height: int) -> None:
        """Send what differs from the line before; called at the beginning of a line, where alignment is heard."""
        if (width, height) != self._size:
            self.set(custom_size=True, width=width, height=height)
            # some models magnify kanji by GS ! and some by FS ! only; both say the same
            self._raw(bytes((FS, 0x21, (width - 1) << 2 | (height - 1) << 3)))
            self._size = (width, height)
        if bold is not self._bold:
            self.set(bold=bold)
            self._bold = bold
        if align is not self._align:
            self.set(align=align.value)
            self._align = align

    def _line(self, text: str, align: Align, bold: bool, width: int, height: int) -> None:
        self._style(align, bold, width, height)
        foreign = self._face != JAPANESE_FACE and _HAN.search(text)
        native = None if foreign else self._settings.repertoire.encode(text)
        if native is None:
            self._drawn_line(text, width, height)
            return
        self._raw(native + LF)
        self._dotted()
        self._height_dots += max(self._settings.line_dots, CELL_DOTS * height)

    def _drawn_line(self, text: str, width: int, height: int) -> None:
        pitch = self._settings.line_dots if height == 1 else CELL_DOTS + 3  # tall ROM lines, too, stand closer
        bitmap = draw_line(text, self._face, self._bold, self._align, pitch, self._settings.dots // width // 8 * 8)
        if bitmap is None:
            self._raw(LF)
            self._height_dots += pitch * height
            return
        self._height_dots += (bitmap.above + bitmap.rows + bitmap.below) * height
        bands = raster_commands(bitmap, width, height)
        if self._settings.line_images and width == height == 1:
            mixed = self._mixed_line(text)
            if mixed is not None and len(mixed) < sum(map(len, bands)):
                self._raw(mixed)
                self._dotted()
                return
        self._feed_dots(bitmap.above * height)
        self._raster(bands)
        self._dotted()
        self._feed_dots(bitmap.below * height)

    def _mixed_line(self, text: str) -> bytes | None:
        """Return a line of which only what the ROM lacks is drawn; None when that cannot be or when it has nothing else.

        Words of letters are left whole: half of a Vietnamese word in the ROM's face and half in ours would look broken.
        """
        if needs_shaping(text):
            return None
        line, any_native = b"", False
        for native, run in groupby(clusters(text), self._is_native):
            words = "".join(run)
            if not native and _NARROW_LETTER.search(words):
                return None
            data = self._settings.repertoire.encode(words) if native else draw_in_line(words, self._face, self._bold)
            if data is None:
                return None
            any_native = any_native or native
            line += data
        return line + LF if any_native else None

    def _is_native(self, cluster: str) -> bool:
        foreign = self._face != JAPANESE_FACE and _HAN.search(cluster)
        return not foreign and self._settings.repertoire.encode(cluster) is not None

    def _feed_dots(self, dots: int) -> None:
        """Feed by ``ESC J``, whose unit is half a dot (1/360 inch at 180 dpi [D], 1/406 at 203 [K])."""
        for units in _portions(2 * dots):
            self._raw(bytes((ESC, 0x4A, units)))

    def _symbol(self, item: Qr) -> None:
        content = printable(item.data)  # image data is scanned for real-time commands, and so is a symbol's text
        if not content:
            return
        self._style(Align.CENTER, False, 1, 1)
        modules = qr_modules(content)
        module_dots = min(item.module_dots, 16, self._settings.dots // modules)
        if module_dots < SMALLEST_MODULE_DOTS:
            raise ValueError(f"a QR symbol of {modules} modules does not fit {self._settings.dots} dots")
        quiet_dots = QUIET_MODULES * module_dots
        self._feed_dots(quiet_dots)
        if self._settings.native_qr:
            self.qr(content, ec=QR_ECLEVEL_M, size=module_dots, native=True)
        else:
            self._raster(_drawn_symbol(content, module_dots))
        self._dotted()
        self._feed_dots(quiet_dots)
        self._height_dots += modules * module_dots + 2 * quiet_dots

    def _bars(self, item: Barcode) -> None:
        commands = barcode.commands(item.data, item.height_dots, self._settings.dots)
        if commands is None:  # narrow paper: the same text in the symbol that takes less of it
            self._symbol(Qr(item.data))
            self.put(Text(item.data, Align.CENTER))
            return
        self._style(Align.CENTER, False, 1, 1)
        for command in commands:
            self._raw(command)
        self._dotted()
        self._height_dots += item.height_dots + self._settings.line_dots

    def _raster(self, bands: tuple[bytes, ...]) -> None:
        for band in bands:
            self._raw(band)

    def _dotted(self) -> None:
        self._last_dot = len(self._out)


def _words(text: str) -> str:
    """Return ``text`` as it can stand on paper: no control characters, and nothing that neither ROM nor faces hold."""
    return spelled_out(printable(text))


def qr_modules(content: str) -> int:
    """Return the modules on a side of the symbol for ``content`` as bytes at level M. Raises ValueError when none holds it."""
    payload_bits = 8 * len(content.encode("utf-8"))
    for version in range(1, 41):
        head_bits = 4 + (8 if version < 10 else 16)
        if head_bits + payload_bits <= _CAPACITY_BITS[version][ERROR_LEVEL_M]:
            return 17 + 4 * version
    raise ValueError(f"no QR symbol holds {payload_bits // 8} bytes")


@lru_cache(maxsize=64)
def _drawn_symbol(content: str, module_dots: int) -> tuple[bytes, ...]:
    symbol = segno.make_qr(content, error="m", mode="byte", encoding="utf-8", eci=False, boost_error=False)
    return raster_commands(draw_modules(symbol.matrix, module_dots))


def _portions(amount: int) -> list[int]:
    """Cut an amount into parts that one parameter byte can carry."""
    whole, rest = divmod(amount, 255)
    return [255] * whole + ([rest] if rest else [])
