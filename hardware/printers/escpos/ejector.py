"""Wire words of kiosk printers with a presenter, Custom's VKP80 and KPM families: full status and the ejector.

Tables stand in the manual's order [D: KPM150-H p. 8-10 and 24, KPM210 p. 36 and 76, KPM300 p. 9, 66 and 113];
what is [K] says so. Both sides of the line share this module.
"""

from dataclasses import dataclass
from enum import IntFlag
from typing import Final

FULL_STATUS: Final = b"\x10\x04\x14"
"""``DLE EOT 20``: answered at once, also when the buffer is full, by :data:`FULL_STATUS_HEAD` and four bytes."""
PRINT_STATUS: Final = b"\x10\x04\x11"
PRINTER_ID: Final = b"\x10\x04\x15"
EXTENDED_STATUS: Final = b"\x10\x04\x16"
FULL_STATUS_HEAD: Final = b"\x10\x0f"
FULL_STATUS_LENGTH: Final = 6
EJECTOR: Final = b"\x1de"
AUTOMATIC_FULL_STATUS: Final = b"\x1d\xe0"
PAPER_LEFT: Final = b"\x1d\xe1"
VIRTUAL_END: Final = b"\x1d\xe6"
ALIGN_TO_NOTCH: Final = b"\x1d\xf8"
PAPER_RECOVERY: Final = b"\x1c\xc1"
RESET: Final = (b"\x1c\xc0\x18\x10\x14\x1a", b"\x1c\xc0\x18\x10\x14\x1b")
"""Hardware reset, obeyed when received, busy or not."""

RETRACT: Final = EJECTOR + b"\x02"
EJECT: Final = EJECTOR + b"\x05"
EJECTOR_STATUS: Final = EJECTOR + b"\x06"


def present(steps: int) -> bytes:
    """Return the command that shows ``steps`` steps of the ticket at the mouth. Raises ValueError beyond a byte."""
    return EJECTOR + bytes((3, steps))


class KioskPaperBits(IntFlag):
    """Third byte of the full status."""

    END = 0x01
    NEAR_END = 0x04
    TICKET_IN_OUTPUT = 0x20
    VIRTUAL_END = 0x40
    NOTCH = 0x80


class KioskUserBits(IntFlag):
    """Fourth byte."""

    HEAD_UP = 0x01
    COVER_OPEN = 0x02
    SPOOLING = 0x04
    DRAG_MOTOR = 0x08
    LF_KEY = 0x20
    FF_KEY = 0x40


class KioskRecoverableBits(IntFlag):
    """Fifth byte: errors that pass."""

    HEAD_TEMPERATURE = 0x01
    SERIAL_ERROR = 0x02
    SUPPLY_VOLTAGE = 0x08
    BAD_COMMAND = 0x20
    """[K]"""
    PAPER_JAM = 0x40
    """[K]"""
    NOTCH_SEARCH = 0x80
    """[K]"""


class KioskUnrecoverableBits(IntFlag):
    """Sixth byte: errors that stay."""

    CUTTER = 0x01
    CUTTER_COVER = 0x02
    RAM = 0x04
    EEPROM = 0x08
    FLASH = 0x40
    """[K]"""


class EjectorBits(IntFlag):
    """Answer to ``GS e 6``."""

    NEAR_END = 0x01
    NO_PAPER = 0x04
    TICKET_AT_MOUTH = 0x08
    PRINTER_MOTOR = 0x10
    EJECTOR_MOTOR = 0x20
    ERROR = 0x40
    JAM = 0x80


class PrintBits(IntFlag):
    """Answer to ``DLE EOT 17``; :data:`PRINT_FIXED` is always in it."""

    DRAG_MOTOR = 0x04
    NO_PAPER = 0x20


PRINT_FIXED: Final = 0x12


@dataclass(frozen=True)
class FullStatus:
    """The four bytes of the full status."""

    paper: KioskPaperBits
    user: KioskUserBits
    recoverable: KioskRecoverableBits
    unrecoverable: KioskUnrecoverableBits

    def encode(self) -> bytes:
        """Return the six bytes that answer :data:`FULL_STATUS`."""
        return FULL_STATUS_HEAD + bytes((self.paper, self.user, self.recoverable, self.unrecoverable))

    def selected(self, items: int) -> bytes:
        """Return what ``GS E0 items`` sends at a change: ``10 items`` and only the bytes selected by bits 0 to 3."""
        each = (self.paper, self.user, self.recoverable, self.unrecoverable)
        return bytes((0x10, items, *(int(bits) for i, bits in enumerate(each) if items >> i & 1)))

    @classmethod
    def decode(cls, data: bytes) -> "FullStatus":
        """Read the six bytes. Raises ValueError when they are not such an answer."""
        if len(data) != FULL_STATUS_LENGTH or not data.startswith(FULL_STATUS_HEAD):
            raise ValueError(f"{data.hex(' ')} is not a full status")
        return cls(
            KioskPaperBits(data[2]), KioskUserBits(data[3]), KioskRecoverableBits(data[4]), KioskUnrecoverableBits(data[5])
        )
