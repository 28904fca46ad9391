"""ID-003 (JCM) as bytes: codes, frames and the splitter that both ends of the line share. Pure; keeps no time.

A frame is ``FC | LEN | CODE | DATA... | CRC low | CRC high``. LEN counts the whole frame, 5 with no data. The line is 9600
baud, 8 data bits, even parity, 1 stop bit [2]. There is no address, no sequence number and no retransmission flag: a lost
reply is simply asked for again.

TRAP: requests and statuses share one number space, so STATUS REQUEST is IDLING byte for byte, RESET is POWER UP, RETURN is
STACKER FULL. On a line with echo a host "sees" a healthy idle unit; nothing in this module can tell.

Source: the reference on ID-003; [2] two or more independent implementations agree unless a member says otherwise.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from hardware.wire.crc import crc16_kermit
from hardware.wire.splitter import FrameSplitter

SYNC = 0xFC
MIN_LENGTH = 5
MAX_LENGTH = 0x80
"""The longest frames seen are a currency table of 16 rows (69 bytes) and a version text (about 50)."""
BARCODE_TICKET = 0x6F
"""Data byte of ESCROW for a barcode ticket; its characters follow in ASCII [2]."""
COUNTRY_JAPAN = 0x0A
"""Country code of Japan in CURRENCY ASSIGN [2]."""


class Command(IntEnum):
    """What the controller sends, in the manual's order. SET commands (C0..CD) answer by echoing command and data."""

    STATUS_REQUEST = 0x11
    """Asks for the current status frame."""
    RESET = 0x40
    """ACK, then the status goes to INITIALIZE."""
    STACK_1 = 0x41
    """Stack the note in escrow; VEND VALID when it passes the stacker lever. ACK."""
    STACK_2 = 0x42
    """Stack the note in escrow; VEND VALID only when it is fully in the stacker. ACK."""
    RETURN = 0x43
    """Give the note in escrow back. ACK."""
    HOLD = 0x44
    """Keep the note in escrow (status HOLDING); restarts the escrow clock. ACK."""
    WAIT = 0x45
    """ACK."""
    ACK = 0x50
    """Said by the host to VEND VALID, and by the unit to orders. No reply."""
    GET_DENOMINATION = 0x80
    """Read back C0. 80..87: code + data."""
    GET_SECURITY = 0x81
    GET_COMMUNICATION_MODE = 0x82
    GET_INHIBIT = 0x83
    GET_DIRECTION = 0x84
    GET_OPTIONAL_FUNCTION = 0x85
    GET_BARCODE_FUNCTION = 0x86
    GET_BAR_INHIBIT = 0x87
    VERSION = 0x88
    """88 + ASCII such as ``i(USA)100-SS ID003-05V280-42 01AUG17 964D``. Ask on a plain POWER UP only."""
    BOOT_VERSION = 0x89
    """89 + 4 ASCII such as ``B05 ``."""
    CURRENCY_ASSIGN = 0x8A
    """8A + n rows, see :class:`CurrencyRow`."""
    SET_DENOMINATION = 0xC0
    """Two bytes, bit 0 of the first is escrow code 61. TRAP: 1 = disabled, the opposite of every other protocol here."""
    SET_SECURITY = 0xC1
    """Two bytes, bits as in C0; 1 = high."""
    SET_COMMUNICATION_MODE = 0xC2
    """00 polled, 01 interrupt mode 1, 02 mode 2 [U]."""
    SET_INHIBIT = 0xC3
    """01 inhibit, 00 accept."""
    SET_DIRECTION = 0xC4
    """Bits 0-3, 1 = this direction is inhibited."""
    SET_OPTIONAL_FUNCTION = 0xC5
    """Two bytes, see :class:`OptionalFunction`."""
    SET_BARCODE_FUNCTION = 0xC6
    """01 12 = interleaved 2 of 5, 18 characters."""
    SET_BAR_INHIBIT = 0xC7
    SET_ESCROW_LIMIT = 0xCD
    """On multi-escrow models; 01 = one bill [1]."""
    DOWNLOAD_START = 0xD0
    """D0..D4: firmware download [1]; named so that a trace can print them."""
    DOWNLOAD_DATA = 0xD1
    DOWNLOAD_END = 0xD2
    DOWNLOAD_END_STATUS = 0xD3
    DOWNLOAD_STATUS = 0xD4


class Status(IntEnum):
    """What the acceptor says, in the manual's order. (ACK, 50, is :attr:`Command.ACK` in both directions.)"""

    ENQ = 0x05
    """Sent unasked in interrupt mode; the host answers with STATUS REQUEST."""
    IDLING = 0x11
    """Enabled, waiting for a note."""
    ACCEPTING = 0x12
    ESCROW = 0x13
    """Data: one byte 61..68 (up to 70 on newer units), or 6F + ASCII for a barcode ticket."""
    STACKING = 0x14
    VEND_VALID = 0x15
    """The credit point. Carries no value: the note is that of the preceding ESCROW. Repeats until the host says ACK."""
    STACKED = 0x16
    """Never credit from it alone."""
    REJECTING = 0x17
    """Data: one byte, see :class:`Reject`."""
    RETURNING = 0x18
    HOLDING = 0x19
    DISABLE = 0x1A
    """Inhibited."""
    INITIALIZE = 0x1B
    """Waits for settings; independent hosts send C0, C1, C4, C5, C3, C6, C7 here."""
    POWER_UP = 0x40
    POWER_UP_BILL_IN_ACCEPTOR = 0x41
    POWER_UP_BILL_IN_STACKER = 0x42
    STACKER_FULL = 0x43
    STACKER_OPEN = 0x44
    JAM_IN_ACCEPTOR = 0x45
    JAM_IN_STACKER = 0x46
    PAUSE = 0x47
    """A second note is at the mouth."""
    CHEATED = 0x48
    FAILURE = 0x49
    """Data: one byte, see :class:`Failure`."""
    COMMUNICATION_ERROR = 0x4A
    INVALID_COMMAND = 0x4B


class Reject(IntEnum):
    """Data byte of REJECTING: why a note was pushed back out."""

    INSERTION = 0x71
    MAGNETIC = 0x72
    REMAINING_IN_HEAD = 0x73
    COMPENSATION = 0x74
    CONVEYING = 0x75
    DENOMINATION = 0x76
    PHOTO_PATTERN_1 = 0x77
    PHOTO_LEVEL = 0x78
    INHIBITED = 0x79
    OPERATION = 0x7B
    REMAINING_IN_STACKER = 0x7C
    """A note is left in the stacker or the transport."""
    LENGTH = 0x7D
    PHOTO_PATTERN_2 = 0x7E
    """Colour."""
    TRUE_BILL_FEATURE = 0x7F
    """[1] one implementation only."""
    BARCODE_1 = 0x91
    """91..96 and 9D concern barcode tickets; the reference does not tell them apart."""
    BARCODE_2 = 0x92
    BARCODE_3 = 0x93
    BARCODE_4 = 0x94
    BARCODE_5 = 0x95
    BARCODE_6 = 0x96
    MULTIPLE = 0x98
    """Two notes at once. [1] one implementation only."""
    BARCODE_7 = 0x9D


class Failure(IntEnum):
    """Data byte of FAILURE."""

    STACKER_MOTOR = 0xA2
    TRANSPORT_MOTOR_SPEED = 0xA5
    TRANSPORT_MOTOR = 0xA6
    ALIGNING_MOTOR = 0xA7
    CASH_BOX_NOT_READY = 0xAB
    OPTICAL = 0xAC
    MAGNETIC = 0xAD
    HEAD_REMOVED = 0xAF
    BOOT_ROM = 0xB0
    EXTERNAL_ROM = 0xB1
    ROM = 0xB2
    EXTERNAL_ROM_WRITE = 0xB3


class OptionalFunction(IntEnum):
    """Bits of the first data byte of SET OPTIONAL FUNCTION."""

    POWER_RECOVERY = 1 << 1
    AUTO_RETRY = 1 << 2
    BARCODE_24_CHARACTERS = 1 << 3
    STACKER_NEARLY_FULL = 1 << 5
    ENTRANCE_SENSOR = 1 << 6
    ENCRYPTION = 1 << 7


@dataclass(frozen=True, slots=True)
class Frame:
    """One message in either direction."""

    code: int
    """A :class:`Command` or a :class:`Status`: only the direction tells which."""
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the frame as it goes over the wire. Raises ValueError when ``data`` is too long for one."""
        length = MIN_LENGTH + len(self.data)
        if length > MAX_LENGTH:
            raise ValueError(f"ID-003 frame of {length} bytes, {MAX_LENGTH} fit")
        return _encoded(bytes((SYNC, length, self.code)) + self.data)


# A line says the same few frames over and over: a poll costs look-ups, not CRCs.
@lru_cache(maxsize=256)
def _encoded(body: bytes) -> bytes:
    return body + crc16_kermit(body).to_bytes(2, "little")


@lru_cache(maxsize=256)
def _whole(raw: bytes) -> Frame | None:
    """Return the frame that ``raw`` is from first byte to last, or None."""
    length = len(raw)
    if not MIN_LENGTH <= length <= MAX_LENGTH or raw[0] != SYNC or raw[1] != length:
        return None
    if crc16_kermit(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        return None
    return Frame(raw[2], raw[3:-2])


def _end_of(buffer: bytes, start: int) -> int:
    """Return where the frame that seems to begin at ``start`` would end, or ``start`` when none can begin there."""
    if start + 1 == len(buffer):
        return start + MIN_LENGTH
    length = buffer[start + 1]
    # A forged or garbled LEN (``FC FF``) would make us sit and swallow up to fifty good answers that follow it, and let a
    # line of noise grow the buffer; so a length that no frame of the protocol has is noise at once.
    return start + length if MIN_LENGTH <= length <= MAX_LENGTH else start


class Splitter(FrameSplitter[Frame]):
    """Finds ID-003 frames in a stream of bytes cut anywhere."""

    def __init__(self) -> None:
        super().__init__(SYNC, _end_of, _whole)


@dataclass(frozen=True, slots=True)
class CurrencyRow:
    """One row of CURRENCY ASSIGN: what an escrow code is worth."""

    escrow_code: int
    """61..68, up to 70 on newer units."""
    country: int
    """0A is Japan; 00 means that the unit has no note here."""
    value: int
    power_of_ten: int

    @property
    def amount(self) -> int:
        """``value`` times ten to its power, in the country's main unit (yen for Japan)."""
        return int(self.value * 10**self.power_of_ten)


def encode_currency_table(rows: list[CurrencyRow]) -> bytes:
    """Return the data of a CURRENCY ASSIGN reply."""
    return b"".join(bytes((row.escrow_code, row.country, row.value, row.power_of_ten)) for row in rows)


def decode_currency_table(data: bytes) -> list[CurrencyRow]:
    """Return the rows of a CURRENCY ASSIGN reply. Raises ValueError when ``data`` is not whole rows of four bytes."""
    if not data or len(data) % 4:
        raise ValueError(f"currency table of {len(data)} bytes, expected rows of 4")
    return [CurrencyRow(*data[i : i + 4]) for i in range(0, len(data), 4)]
