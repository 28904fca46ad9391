"""What a line of print holds before it is dots: characters, rasters, symbols. Nothing is drawn until somebody looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from PIL import Image, ImageChops, ImageDraw

from hardware.printers.escpos.characters import Reading, plain_text, spans
from hardware.printers.escpos.glyphs import Font, magnified
from hardware.printers.escpos.symbols import qr_image


class Mark(Protocol):
    """Something that stands on the paper."""

    @property
    def width_dots(self) -> int:
        """Dots it takes along the line."""
        ...

    @property
    def height_dots(self) -> int:
        """Dot rows it takes."""
        ...

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        """Put its ink (0 in a mode ``1`` image) with its left upper corner at ``x``, ``y``."""
        ...

    def plain(self) -> str:
        """Return it as text."""
        ...


@dataclass(frozen=True)
class Style:
    """How characters look."""

    font: Font
    width: int = 1
    """Horizontal magnification."""
    height: int = 1
    """Vertical magnification."""
    bold: bool = False
    underline: int = 0
    """Dots thick; 0 for none."""
    reverse: bool = False
    left_space: int = 0
    right_space: int = 0
    """Dots beside every character, before magnification."""

    @cached_property
    def pitch_dots(self) -> int:
        """Dots from one character to the next."""
        return (self.left_space + self.font.width_dots + self.right_space) * self.width

    @cached_property
    def height_dots(self) -> int:
        """Dot rows of a cell."""
        return self.font.height_dots * self.height


class TextRun(NamedTuple):
    """Characters of one style in a row. All cells are equally wide."""

    text: str
    data: bytes
    """The bytes that were printed as ``text``."""
    encoding: str
    """``shift_jis``, ``jis``, or ``page N``."""
    style: Style

    @property
    def width_dots(self) -> int:
        return self.style.pitch_dots * len(self.text)

    @property
    def height_dots(self) -> int:
        return self.style.height_dots

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        style, ink = self.style, 1 if self.style.reverse else 0
        right, below = x + self.width_dots - 1, y + style.height_dots - 1
        pen = ImageDraw.Draw(page)
        if style.reverse:
            pen.rectangle((x, y, right, below), fill=0)
        at = x + style.left_space * style.width
        for char in self.text:
            if char not in " \u3000":
                page.paste(ink, (at, y), magnified(char, style.font, style.width, style.height, style.bold))
            at += style.pitch_dots
        if style.underline and not style.reverse:
            pen.rectangle((x, below - style.underline + 1, right, below), fill=0)

    def plain(self) -> str:
        return self.text


class Manner(NamedTuple):
    """What all characters between two commands have in common."""

    reading: Reading
    ank: Style
    kanji: Style
    """How characters of one and of two bytes look."""


class Words(NamedTuple):
    """Characters of one or both widths as they came, told apart when somebody looks: :meth:`runs`."""

    data: bytes
    manner: Manner
    width_dots: int
    height_dots: int

    def runs(self, x: int, y: int) -> Iterator[tuple[int, int, TextRun]]:
        """Return the runs of each width and their left upper corners, on one base; that of all is at ``x``, ``y``."""
        for text, data, encoding, wide in spans(self.data, self.manner.reading):
            run = TextRun(text, data, encoding, self.manner.kanji if wide else self.manner.ank)
            yield x, y + self.height_dots - run.height_dots, run
            x += run.width_dots

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        for at_x, at_y, run in self.runs(x, y):
            run.draw(page, at_x, at_y)

    def plain(self) -> str:
        return plain_text(self.data, self.manner.reading)


@dataclass(frozen=True)
class Raster:
    """One band of a bit image. The bands of one image share ``whole``; only the first speaks for it as text."""

    data: bytes
    row_bytes: int
    rows: int
    scale_x: int
    scale_y: int
    whole: tuple[int, int]
    """Dots of the image: width, height."""
    first: bool
    advance: int = 0
    """Dots it takes along the line when it stands for a character; else its own width, without what fills up its bytes."""

    @property
    def width_dots(self) -> int:
        return self.advance or min(self.whole[0], self.row_bytes * 8 * self.scale_x)

    @property
    def height_dots(self) -> int:
        return self.rows * self.scale_y

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        if not self.data:
            return
        dots = Image.frombytes("1", (self.row_bytes * 8, self.rows), self.data)
        width = self.row_bytes * 8 * self.scale_x
        page.paste(0, (x, y), dots.resize((width, self.height_dots), Image.Resampling.NEAREST))

    def plain(self) -> str:
        if self.advance:
            return "〓"  # a glyph that only the host knows
        return f"[image {self.whole[0]}x{self.whole[1]}]" if self.first else ""


def columns_as_raster(columns: int, column_bytes: int, data: bytes, scale_x: int = 1, scale_y: int = 1) -> Raster:
    """Turn an image given column by column (most significant bit on top) into rows."""
    rows = 8 * column_bytes
    whole = (columns * scale_x, rows * scale_y)
    if not columns or not rows:
        return Raster(b"", 0, rows, scale_x, scale_y, whole, first=True)
    size = columns * column_bytes
    on_its_side = Image.frombytes("1", (rows, columns), data[:size].ljust(size, b"\0"))
    dots = on_its_side.transpose(Image.Transpose.TRANSPOSE).tobytes()
    return Raster(dots, -(-columns // 8), rows, scale_x, scale_y, whole, first=True)


@dataclass(frozen=True)
class QrSymbol:
    """A QR symbol, model 2."""

    data: bytes
    level: str
    module_dots: int
    modules: int
    """Modules along one side."""

    @property
    def width_dots(self) -> int:
        return self.modules * self.module_dots

    @property
    def height_dots(self) -> int:
        return self.modules * self.module_dots

    @cached_property
    def content(self) -> str:
        """What a reader would say: UTF-8, else Shift_JIS, else Latin-1."""
        for encoding in ("utf-8", "cp932"):
            try:
                return self.data.decode(encoding)
            except UnicodeDecodeError:
                continue
        return self.data.decode("latin-1")

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        page.paste(0, (x, y), qr_image(self.data, self.level, self.module_dots))

    def plain(self) -> str:
        return f"[QR {self.content}]"


@dataclass(frozen=True)
class Bars:
    """A bar code: widths in modules, bar and gap in turn."""

    widths: str
    module_dots: int
    height_dots: int
    content: str
    symbology: str = "CODE128"

    @property
    def width_dots(self) -> int:
        return sum(map(int, self.widths)) * self.module_dots

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        pen = ImageDraw.Draw(page)
        for index, width in enumerate(self.widths):
            dots = int(width) * self.module_dots
            if index % 2 == 0:
                pen.rectangle((x, y, x + dots - 1, y + self.height_dots - 1), fill=0)
            x += dots

    def plain(self) -> str:
        return f"[barcode {self.content}]"


@dataclass(frozen=True)
class Turned:
    """A mark turned anticlockwise by ``angle``: 90, 180 or 270 degrees."""

    mark: Mark
    angle: int

    @property
    def width_dots(self) -> int:
        return self.mark.width_dots if self.angle == 180 else self.mark.height_dots

    @property
    def height_dots(self) -> int:
        return self.mark.height_dots if self.angle == 180 else self.mark.width_dots

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        straight = Image.new("1", (max(self.mark.width_dots, 1), max(self.mark.height_dots, 1)), 1)
        self.mark.draw(straight, 0, 0)
        turned = straight.rotate(self.angle, expand=True)
        page.paste(0, (x, y), ImageChops.invert(turned.convert("L")))

    def plain(self) -> str:
        return self.mark.plain()


@dataclass(frozen=True)
class Matrix:
    """A symbol of modules in rows: PDF417."""

    rows: tuple[bytes, ...]
    """One byte, 0 or 1, a module."""
    module_dots: int
    row_dots: int
    content: str

    @property
    def width_dots(self) -> int:
        return len(self.rows[0]) * self.module_dots

    @property
    def height_dots(self) -> int:
        return len(self.rows) * self.row_dots

    def draw(self, page: Image.Image, x: int, y: int) -> None:
        dots = Image.frombytes("L", (len(self.rows[0]), len(self.rows)), b"".join(self.rows))
        mask = dots.point(lambda dot: 255 * dot, mode="1")
        page.paste(0, (x, y), mask.resize((self.width_dots, self.height_dots), Image.Resampling.NEAREST))

    def plain(self) -> str:
        return f"[PDF417 {self.content}]"


class Placed(NamedTuple):
    """A mark and where its left upper corner stands in its line."""

    x: int
    y: int
    mark: Mark


class PrintedLine(NamedTuple):
    """The ink of one motion of the paper."""

    placed: tuple[Placed, ...]
