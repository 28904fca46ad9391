"""The hexadecimal dump: the printer prints what it receives instead of obeying it, for whoever looks for a fault in a program.

``GS ( A`` 1 begins it, or the power switched on with the FEED button pressed and the cover open; FEED pressed three times ends
it, or power off [D: Epson's technical texts]. A line that is not full is printed when FEED is pressed [D]. Real-time commands
are obeyed when they come in, and dumped as well [K]. The words at its head are ours.
"""

from typing import Final

from hardware.printers.escpos.glyphs import Font
from hardware.printers.escpos.typesetter import Typesetter

_PRESSES: Final = 3
_HEAD: Final = (b"Hexadecimal Dump", b"To end it, press FEED", b"three times.", b"")
_COLUMNS_PER_BYTE: Final = 4
"""Two figures, a blank, and the character."""


class HexDump:
    """Sets received bytes as figures and characters, as many on a line as it holds."""

    def __init__(self, setter: Typesetter) -> None:
        self._setter = setter
        self._held = b""
        self._presses = 0

    def begin(self, t: float) -> None:
        """Print the head."""
        self._held, self._presses = b"", 0
        for line in _HEAD:
            self._setter.write(line + b"\n", t)

    def add(self, data: bytes, t: float) -> None:
        """Print the lines that ``data`` fills."""
        size = self._line_bytes()
        data = self._held + data
        full = len(data) - len(data) % size
        for start in range(0, full, size):
            self._print(data[start : start + size], t)
        self._held = data[full:]

    def press_feed(self, t: float) -> bool:
        """Print what is held; return whether that was the press that ends the dump."""
        if self._held:
            self._print(self._held, t)
            self._held = b""
        self._presses += 1
        return self._presses >= _PRESSES

    def _line_bytes(self) -> int:
        return max(1, (self._setter.line.width // Font.A.width_dots - 1) // _COLUMNS_PER_BYTE)

    def _print(self, data: bytes, t: float) -> None:
        figures = data.hex(" ").upper().ljust(3 * self._line_bytes() - 1)
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
        self._setter.write(f"{figures} {characters}\n".encode(), t)
