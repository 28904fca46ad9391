"""How characters look: the modes of ``ESC``, ``FS`` and ``GS`` that shape one-byte characters and kanji."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from hardware.printers.escpos.glyphs import Font
from hardware.printers.escpos.ink import Style


@lru_cache(maxsize=1024)
def _style(**look: Any) -> Style:
    """Return a style: the same few come again and again, and each works its measures out once."""
    return Style(**look)


class _Look:
    """What the host has chosen of one kind of characters; a style is made of it when somebody prints."""

    def __init__(self, font: Font) -> None:
        self._chosen: dict[str, Any] = {
            "font": font, "width": 1, "height": 1, "bold": False, "underline": 0, "reverse": False, "left_space": 0,
            "right_space": 0,
        }  # fmt: skip
        self._made: Style | None = None

    def choose(self, **changes: Any) -> None:
        """Change what the names of :class:`Style` say."""
        self._chosen.update(changes)
        self._made = None

    @property
    def style(self) -> Style:
        if self._made is None:
            self._made = _style(**self._chosen)
        return self._made


class TextStyles:
    """How one-byte characters (:attr:`ank`) and kanji look, as the host has set them."""

    def __init__(self, dots_of: Callable[[int], int]) -> None:
        """``dots_of`` turns horizontal motion units into dots."""
        self._dots_of = dots_of
        self.reset()

    def reset(self) -> None:
        """Go back to power-on styles."""
        self._ank, self._kanji = _Look(Font.A), _Look(Font.KANJI)
        self._emphasised = self._struck_twice = False

    @property
    def ank(self) -> Style:
        """The style of one-byte characters."""
        return self._ank.style

    @property
    def kanji(self) -> Style:
        """The style of kanji."""
        return self._kanji.style

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means the operands were out of range."""
        return {
            b"\x1b ": self._single_spacing, b"\x1b!": self._print_mode, b"\x1b-": self._underline, b"\x1bE": self._emphasise,
            b"\x1bG": self._strike_twice, b"\x1bM": self._font, b"\x1c!": self._kanji_mode, b"\x1c-": self._kanji_underline,
            b"\x1cS": self._kanji_spacing, b"\x1cW": self._kanji_quad, b"\x1d!": self._size, b"\x1dB": self._reverse,
        }  # fmt: skip

    def _single_spacing(self, args: bytes, t: float) -> bool:
        self._ank.choose(right_space=self._dots_of(args[0]))
        return True

    def _print_mode(self, args: bytes, t: float) -> bool:
        n = args[0]
        self._ank.choose(
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
        self._ank.choose(bold=bold)
        if kanji:
            self._kanji.choose(bold=bold)

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
        self._ank.choose(underline=args[0] & 0x03)
        return True

    def _kanji_underline(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 2, 48, 49, 50):
            return False
        self._kanji.choose(underline=args[0] & 0x03)
        return True

    def _font(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 48, 49):
            return False
        self._ank.choose(font=Font.B if args[0] & 1 else Font.A)
        return True

    def _size(self, args: bytes, t: float) -> bool:
        if args[0] & 0x88:
            return False
        width, height = (args[0] >> 4) + 1, (args[0] & 7) + 1
        self._ank.choose(width=width, height=height)
        self._kanji.choose(width=width, height=height)  # kanji too on current models [M]
        return True

    def _reverse(self, args: bytes, t: float) -> bool:
        self._ank.choose(reverse=bool(args[0] & 1))
        self._kanji.choose(reverse=bool(args[0] & 1))
        return True

    def _kanji_mode(self, args: bytes, t: float) -> bool:
        n = args[0]
        width, height = 1 + (n >> 2 & 1), 1 + (n >> 3 & 1)
        self._kanji.choose(width=width, height=height, underline=1 if n & 0x80 else 0)
        return True

    def _kanji_quad(self, args: bytes, t: float) -> bool:
        self._kanji.choose(width=1 + (args[0] & 1), height=1 + (args[0] & 1))
        return True

    def _kanji_spacing(self, args: bytes, t: float) -> bool:
        left, right = self._dots_of(args[0]), self._dots_of(args[1])
        self._kanji.choose(left_space=left, right_space=right)
        return True
