"""Commands, status tables and reply blocks of ESC/POS: the pure codec that driver and emulator share.

Tables stand in the manual's order. Confidence of each fact: [D] stated in a public manual or issue, [M] measured by
running it, [K] engineering knowledge that no source confirmed yet. Unless a line says otherwise it is [D] (Epson's
TM-T88III and TM-T88IV technical texts).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntFlag
from typing import Final

NUL: Final = 0x00
LF: Final = b"\n"
DLE: Final = 0x10
XON: Final = 0x11
XOFF: Final = 0x13
ESC: Final = 0x1B
FS: Final = 0x1C
GS: Final = 0x1D

# --- ESC ---
INITIALISE: Final = b"\x1b@"
"""``ESC @``: clears print buffer and modes (kanji code system falls back to JIS), not the receive buffer."""
INTERNATIONAL_JAPAN: Final = b"\x1bR\x08"
"""``ESC R 8``: 5C prints the yen sign."""
PAGE_KATAKANA: Final = b"\x1bt\x01"
"""``ESC t 1``: A1-DF are half-width kana, 95 is a horizontal line."""
# --- FS ---
KANJI_SHIFT_JIS: Final = b"\x1cC\x01"
"""``FS C 1``: lead bytes 81-9F and E0-EF start a two-byte character."""
PREAMBLE: Final = INITIALISE + INTERNATIONAL_JAPAN + PAGE_KATAKANA + KANJI_SHIFT_JIS
"""What stands before every document, so that nothing an earlier one set lives on."""
# --- GS ---
CUT_PARTIAL_AFTER_FEED: Final = b"\x1dVB\x00"
"""``GS V 66 0``: feed until the last line is past the blade, then a partial cut."""
PAPER_STATUS_IN_SEQUENCE: Final = b"\x1dr\x01"
"""``GS r 1``: executed in order, so it answers after what came before; never answered while paper is out."""
AUTOMATIC_STATUS_ON: Final = b"\x1da\x0e"
"""``GS a``: report online, error and paper at every change; the printer answers at once with its present status."""
# --- real time: acted on when received, ahead of the receive buffer ---
CLEAR_BUFFERS: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""``DLE DC4 8``: clear receive and print buffer; answered by :data:`CLEAR_RESPONSE`."""
RECOVER_AFTER_CLEARING: Final = b"\x10\x05\x02"
"""``DLE ENQ 2``: recover from a cutter error and clear both buffers; acts only while such an error stands. No answer."""

CLEAR_RESPONSE: Final = b"\x37\x25\x00"
"""Header 37, identifier 25: the buffers are clear."""
PROCESS_ID_LENGTH: Final = 4
_PROCESS_ID_HEAD: Final = b"\x37\x22"


def real_time_status_request(n: int) -> bytes:
    """Return ``DLE EOT n``: 1 printer, 2 offline cause, 3 error cause, 4 roll paper sensor."""
    return bytes((DLE, 0x04, n))


def process_id_request(identity: bytes) -> bytes:
    """Return ``GS ( H`` function 48: answer with ``identity`` once everything before it is physically printed.

    ``identity`` is four characters 20-7E; raises ValueError otherwise. TM-T88IV and later; the T88III has it not.
    """
    _check_identity(identity)
    return b"\x1d(H\x06\x00\x30\x30" + identity


def process_id_reply(identity: bytes) -> bytes:
    """Return the block ``37 22 d1 d2 d3 d4 00`` that answers :func:`process_id_request`."""
    _check_identity(identity)
    return _PROCESS_ID_HEAD + identity + b"\x00"


def parse_process_id(block: bytes) -> bytes | None:
    """Return the identity in a reply block (closing NUL included), or None for a block of another kind."""
    if len(block) != len(_PROCESS_ID_HEAD) + PROCESS_ID_LENGTH + 1 or not block.startswith(_PROCESS_ID_HEAD):
        return None
    return block[2:-1] if block.endswith(b"\x00") else None


def _check_identity(identity: bytes) -> None:
    if len(identity) != PROCESS_ID_LENGTH or not all(0x20 <= byte <= 0x7E for byte in identity):
        raise ValueError(f"a process ID is {PROCESS_ID_LENGTH} characters 20-7E, not {identity!r}")


# --- status bytes that DLE EOT brings: 0xx1xx10, so never XON or XOFF ---
REAL_TIME_FIXED: Final = 0x12
_CLASS_MASK: Final = 0x93


class PrinterBits(IntFlag):
    """``DLE EOT 1``."""

    DRAWER_PIN_HIGH = 0x04
    OFFLINE = 0x08
    WAITING_FOR_RECOVERY = 0x20
    FEED_PRESSED = 0x40


class OfflineBits(IntFlag):
    """``DLE EOT 2``: why it is offline."""

    COVER_OPEN = 0x04
    FEEDING = 0x08
    """Paper is being fed by the button."""
    PAPER_END = 0x20
    """Printing stopped because paper ended."""
    ERROR = 0x40


class ErrorBits(IntFlag):
    """``DLE EOT 3``: which error."""

    MECHANICAL = 0x04
    """Recoverable; newer models only."""
    CUTTER = 0x08
    UNRECOVERABLE = 0x20
    AUTO_RECOVERABLE = 0x40
    """Head temperature or supply voltage; passes by itself."""


class PaperBits(IntFlag):
    """``DLE EOT 4``. Each sensor drives two bits together."""

    NEAR_END = 0x0C
    END = 0x60


RealTimeBits = PrinterBits | OfflineBits | ErrorBits | PaperBits
_TABLES: Final[Mapping[int, type[RealTimeBits]]] = {1: PrinterBits, 2: OfflineBits, 3: ErrorBits, 4: PaperBits}


def encode_real_time(bits: RealTimeBits) -> int:
    """Return the status byte that carries ``bits``; no bits is 12."""
    return REAL_TIME_FIXED | int(bits)


def decode_real_time(n: int, byte: int) -> RealTimeBits:
    """Return what ``byte`` says as the answer to ``DLE EOT n``. Raises ValueError when it lacks the fixed bits."""
    if classify(byte) is not ByteClass.REAL_TIME:
        raise ValueError(f"{byte:02X} is not an answer to DLE EOT")
    return _TABLES[n](byte & ~REAL_TIME_FIXED)


# --- automatic status back: four bytes in a row ---
ASB_LENGTH: Final = 4
_ASB_FIXED: Final = 0x10
_ASB_LAST: Final = 0x0F


class AsbPrinterBits(IntFlag):
    """First byte of ASB, ``0xx1xx00``."""

    NONE = 0
    DRAWER_PIN_HIGH = 0x04
    OFFLINE = 0x08
    COVER_OPEN = 0x20
    FEEDING = 0x40


class AsbErrorBits(IntFlag):
    """Second byte, ``0xx0xxxx``."""

    NONE = 0
    WAITING_FOR_RECOVERY = 0x01
    FEED_PRESSED = 0x02
    MECHANICAL = 0x04
    CUTTER = 0x08
    UNRECOVERABLE = 0x20
    AUTO_RECOVERABLE = 0x40


class AsbPaperBits(IntFlag):
    """Third byte, ``0xx0xxxx``."""

    NONE = 0
    NEAR_END = 0x03
    END = 0x0C


@dataclass(frozen=True)
class Asb:
    """One automatic status. Its fourth byte means nothing and differs between makers (0F on Epson [K])."""

    printer: AsbPrinterBits = AsbPrinterBits.NONE
    error: AsbErrorBits = AsbErrorBits.NONE
    paper: AsbPaperBits = AsbPaperBits.NONE

    def encode(self) -> bytes:
        """Return the four bytes; an idle printer with a closed drawer line says ``10 00 00 0F``."""
        return bytes((_ASB_FIXED | self.printer, self.error, self.paper, _ASB_LAST))

    @classmethod
    def decode(cls, data: bytes) -> "Asb":
        """Read four bytes. Raises ValueError when the first three lack their fixed bits."""
        head_ok = len(data) == ASB_LENGTH and classify(data[0]) is ByteClass.ASB_HEAD
        if not head_ok or any(byte & 0x90 for byte in data[1:3]):
            raise ValueError(f"{data.hex(' ')} is not an automatic status")
        return cls(AsbPrinterBits(data[0] & ~_ASB_FIXED), AsbErrorBits(data[1]), AsbPaperBits(data[2]))


# --- GS r 1: paper in sequence, 0xx0xxxx ---
class PaperInSequenceBits(IntFlag):
    """Answer to ``GS r 1``. END is practically never seen: at paper end the printer is offline and does not answer."""

    NEAR_END = 0x03
    END = 0x0C


# --- telling replies apart by their first byte ---
class ByteClass(Enum):
    """What a byte from the printer begins."""

    XON = "xon"
    XOFF = "xoff"
    REAL_TIME = "real_time"
    """One byte: an answer to DLE EOT."""
    ASB_HEAD = "asb_head"
    """The first of four bytes."""
    BLOCK_HEAD = "block_head"
    """A header; the block runs to NUL."""
    SINGLE = "single"
    """One byte: an answer to GS r, GS I or ESC v."""
    GARBAGE = "garbage"


BLOCK_HEADS: Final = frozenset({0x5F, 0x3D, 0x35, 0x37, 0x3B, 0x53})


def classify(byte: int) -> ByteClass:
    """Return the class of a first byte. XON and XOFF share the masks' class of the headers and are matched exactly."""
    if byte == XON:
        return ByteClass.XON
    if byte == XOFF:
        return ByteClass.XOFF
    if byte & _CLASS_MASK == REAL_TIME_FIXED:
        return ByteClass.REAL_TIME
    if byte & _CLASS_MASK == _ASB_FIXED:
        return ByteClass.ASB_HEAD
    if byte in BLOCK_HEADS:
        return ByteClass.BLOCK_HEAD
    return ByteClass.SINGLE if byte & 0x90 == 0 else ByteClass.GARBAGE
