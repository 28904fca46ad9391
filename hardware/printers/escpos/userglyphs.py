"""Glyphs of the host's own: ``ESC &`` and ``ESC %`` for one-byte codes, ``FS 2`` for kanji; and what the ROM holds besides.

They go with ``ESC @`` [D]. [K]: a glyph narrower than its cell stands at the left of it and takes the cell's width; one set
holds for both fonts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hardware.printers.escpos.characters import Span
from hardware.printers.escpos.ink import Mark, Raster, Style, columns_as_raster

_KANJI_DOTS = 24
_FIRST, _LAST = 0x20, 0x7E


@dataclass(frozen=True)
class Rom:
    """What a model has: its kanji repertoire, whether it takes UTF-8, and commands that not every model knows."""

    kanji: str = "nec"
    utf_8: bool = False
    settings: bool = False
    """``GS ( E``, ``GS ( K`` and ``GS ( N``."""
    counter: bool = False
    """``GS C`` and ``GS c``."""
    user_bytes: int = 0
    """Size of the user memory of ``FS g``."""


class UserGlyphs:
    """Glyphs by code."""

    def __init__(self) -> None:
        self._single: dict[int, Raster] = {}
        self._kanji: dict[bytes, Raster] = {}
        self.pairs: set[bytes] = set()
        """Two-byte codes that have one."""
        self._on = False

    def reset(self) -> None:
        """Forget them all."""
        self._single.clear()
        self._kanji.clear()
        self.pairs.clear()
        self._on = False

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {
            b"\x1b&": self._define,
            b"\x1b%": self._select,
            b"\x1b?": self._cancel,
            b"\x1c2": self._define_kanji,
            b"\x1c?": self._cancel_kanji,
        }

    @property
    def any(self) -> bool:
        """Whether there are any that could be drawn."""
        return bool(self._kanji) or (self._on and bool(self._single))

    def concern(self, span: Span) -> bool:
        """Whether any character of ``span`` is to be drawn by a glyph of the host's."""
        if span.wide:
            return bool(self._kanji) and any(span.data[i : i + 2] in self._kanji for i in range(0, len(span.data), 2))
        return self._on and any(byte in self._single for byte in span.data)

    def split(self, span: Span, style: Style) -> Iterator[tuple[str, bytes, Mark | None]]:
        """Return each character with its bytes, and the mark that stands for it if it is the host's own."""
        size = 2 if span.wide else 1
        for i, char in enumerate(span.text):
            data = span.data[i * size : (i + 1) * size]
            glyph = self._kanji.get(data) if span.wide else self._single.get(data[0]) if data else None
            yield char, data, None if glyph is None else _sized(glyph, style)

    def _define(self, args: bytes, t: float) -> bool:
        column_bytes, first, last = args[0], args[1], args[2]
        if column_bytes not in (1, 2, 3) or not _FIRST <= first <= last <= _LAST:
            return False
        at = 3
        for code in range(first, last + 1):
            columns, dots = args[at], args[at + 1 : at + 1 + args[at] * column_bytes]
            if columns:
                self._single[code] = columns_as_raster(columns, column_bytes, dots)
            at += 1 + len(dots)
        return True

    def _select(self, args: bytes, t: float) -> bool:
        self._on = bool(args[0] & 1)
        return True

    def _cancel(self, args: bytes, t: float) -> bool:
        return self._single.pop(args[0], None) is not None

    def _define_kanji(self, args: bytes, t: float) -> bool:
        pair = args[:2]
        jis = pair[0] == 0x77 and 0x21 <= pair[1] <= 0x7E
        shift_jis = pair[0] == 0xEC and (0x40 <= pair[1] <= 0x7E or 0x80 <= pair[1] <= 0x9E)
        if not (jis or shift_jis):
            return False
        self._kanji[pair] = columns_as_raster(_KANJI_DOTS, 3, args[2:])
        self.pairs.add(pair)
        return True

    def _cancel_kanji(self, args: bytes, t: float) -> bool:
        self.pairs.discard(args)
        return self._kanji.pop(args, None) is not None


def _sized(glyph: Raster, style: Style) -> Raster:
    whole = (glyph.whole[0] * style.width, glyph.whole[1] * style.height)
    return Raster(
        glyph.data, glyph.row_bytes, glyph.rows, style.width, style.height, whole, first=True, advance=style.pitch_dots
    )
