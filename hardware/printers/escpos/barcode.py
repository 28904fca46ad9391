"""CODE128 as a printer wants it: the operand of ``GS k 73`` and how wide the bars come out.

python-escpos 3.1 knows set B only and says on the terminal what it does [M], so the command is put together here. Digits go
in pairs (set C), which makes the symbol half as wide; a pair is one binary byte, so a text whose pairs would read as a
real-time command stays in set B.
"""

import re
from typing import Final

from hardware.printers.escpos.frames import GS

_REAL_TIME: Final = re.compile(rb"\x10[\x04\x05\x14]")
_DIGIT_PAIRS: Final = re.compile("(?:[0-9]{2}){2,}")
_MODULES_A_CHARACTER: Final = 11
_STOP_MODULES: Final = 13
QUIET_MODULES: Final = 10
"""White on either side (ISO/IEC 15417)."""
WIDTHS_DOTS: Final = (3, 2)
"""Module widths tried, the easier to scan first; ``GS w`` takes 2 to 6 [D]."""


def pack(text: str) -> bytes:
    """Return the operand for ``text``: ``{C`` and pairs, or ``{B`` and characters, with ``{`` doubled [D].

    Raises ValueError for an empty text and for anything but ASCII from space to tilde.
    """
    if not text or not (text.isascii() and text.isprintable()):
        raise ValueError(f"CODE128 carries ASCII 20-7E here, not {text!r}")
    if _DIGIT_PAIRS.fullmatch(text):
        pairs = bytes(int(text[at : at + 2]) for at in range(0, len(text), 2))
        if not _REAL_TIME.search(pairs):
            return b"{C" + pairs
    return b"{B" + text.replace("{", "{{").encode("ascii")


def modules(operand: bytes) -> int:
    """Return the modules of the bars for what :func:`pack` returned, without the white beside them."""
    characters = len(operand[2:]) if operand.startswith(b"{C") else len(operand[2:].replace(b"{{", b"{"))
    return (1 + characters + 1) * _MODULES_A_CHARACTER + _STOP_MODULES


def commands(text: str, height_dots: int, paper_dots: int) -> tuple[bytes, ...] | None:
    """Return the commands that print ``text`` with its characters under the bars, or None when the paper is too narrow.

    Raises ValueError for what CODE128 does not carry.
    """
    operand = pack(text)
    needed = modules(operand) + 2 * QUIET_MODULES
    module_dots = next((width for width in WIDTHS_DOTS if needed * width <= paper_dots), None)
    if module_dots is None or len(operand) > 255:
        return None
    return (
        bytes((GS, 0x68, min(255, max(1, height_dots)))),
        bytes((GS, 0x77, module_dots)),
        bytes((GS, 0x48, 2)),
        bytes((GS, 0x6B, 73, len(operand))) + operand,
    )
