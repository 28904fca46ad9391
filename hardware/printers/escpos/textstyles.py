"""How characters look: the modes of ``ESC``, ``FS`` and ``GS`` that shape one-byte characters and kanji."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from hardware.printers.escpos.glyphs import Font
from hardware.printers.escpos.ink import Style


@lru_cache(maxsize=1024)
def _restyled(style: Style, **changes: Any) -> Style:
    """Return a style with some changes: the same few come again and again, and each works its measures out once."""
    return replace(style, **changes)


class TextStyles:
    """The style of one-byte characters (:attr:`ank`) and that of kanji, as the host has set them."""

    def __init__(self, dots_of: Callable[[int], int]) -> None:
        """``dots_of`` turns horizontal motion units into dots."""
        self._dots_of = dots_of
        self.reset()

    def reset(self) -> None:
        """Go back to power-on styles."""
        self.ank, self.kanji = Style(Font.A), Style(Font.KANJI)
        self._emphasised = self._struck_twice = False

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means the operands were out of range."""
        return {
            b"\x1b ": self._single_spacing, b"\x1b!": self._print_mode, b"\x1b-": self._underline, b"\x1bE": self._emphasise,
            b"\x1bG": self._strike_twice, b"\x1bM": self._font, b"\x1c!": self._kanji_mode, b"\x1c-": self._kanji_underline,
            b"\x1cS": self._kanji_spacing, b"\x1cW": self._kanji_quad, b"\x1d!": self._size, b"\x1dB": self._reverse,
        }  # fmt: skip

    def _single_spacing(self, args: bytes, t: float) -> bool:
        self.ank = _restyled(self.ank, right_space=self._dots_of(args[0]))
        return True

    def _print_mode(self, args: bytes, t: float) -> bool:
        n = args[0]
        self.ank = replace(
            self.ank,
            font=Font.B if n & 0x01 else Font.A,
            height=1 + (n >> 4 & 1),
            width=1 + (n >> 5 & 1),
            underline=1 if n & 0x80 else 0,
        )
        self._emphasised = bool(n & 0x08)
        self._weigh(kanji=False)
        return True

    def _weigh(self, *, kanji: bool = True) -> None:
        bold = self._emphasised or self._struck_twice
        self.ank = _restyled(self.ank, bold=bold)
        if kanji:
            self.kanji = _restyled(self.kanji, bold=bold)

    def _emphasise(self, args: bytes, t: float) -> bool:
        self._emphasised = bool(args[0] & 1)
        self._weigh()
        return True

    def _strike_twice(self, args: bytes, t: float) -> bool:
        self._struck_twice = bool(args[0] & 1)
        self._weigh()
        return True

    def _underline(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 2, 48, 49, 50):
            return False
        self.ank = _restyled(self.ank, underline=args[0] & 0x03)
        return True

    def _kanji_underline(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 2, 48, 49, 50):
            return False
        self.kanji = _restyled(self.kanji, underline=args[0] & 0x03)
        return True

    def _font(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 48, 49):
            return False
        self.ank = _restyled(self.ank, font=Font.B if args[0] & 1 else Font.A)
        return True

    def _size(self, args: bytes, t: float) -> bool:
        if args[0] & 0x88:
            return False
        width, height = (args[0] >> 4) + 1, (args[0] & 7) + 1
        self.ank = _restyled(self.ank, width=width, height=height)
        self.kanji = _restyled(self.kanji, width=width, height=height)  # kanji too on current models [M]
        return True

    def _reverse(self, args: bytes, t: float) -> bool:
        self.ank = _restyled(self.ank, reverse=bool(args[0] & 1))
        self.kanji = _restyled(self.kanji, reverse=bool(args[0] & 1))
        return True

    def _kanji_mode(self, args: bytes, t: float) -> bool:
        n = args[0]
        width, height = 1 + (n >> 2 & 1), 1 + (n >> 3 & 1)
        self.kanji = _restyled(self.kanji, width=width, height=height, underline=1 if n & 0x80 else 0)
        return True

    def _kanji_quad(self, args: bytes, t: float) -> bool:
        self.kanji = _restyled(self.kanji, width=1 + (args[0] & 1), height=1 + (args[0] & 1))
        return True

    def _kanji_spacing(self, args: bytes, t: float) -> bool:
        left, right = self._dots_of(args[0]), self._dots_of(args[1])
        self.kanji = _restyled(self.kanji, left_space=left, right_space=right)
        return True
