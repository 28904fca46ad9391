"""CCNET (CashCode / CPI) as bytes: codes, frames and the splitter that both ends of the line share. Pure; keeps no time.

A request is ``02 | ADR | LNG | CMD | DATA... | CRC low | CRC high``. LNG counts the whole frame, 6 with no data. A frame over
250 bytes says LNG = 0 and gives its length in two bytes, high first, behind command and subcommand [1]; see :class:`Frame`.
The line is 9600 baud, 8N1 (19200 on some units).

An answer has no command byte: its data stand in that place. So a bill table of 120 bytes is a frame of 125, and the answer to
POLL begins with its :class:`PollCode` [2].

Several devices may hang on one line, told apart by ADR. A host acknowledges an answer that carries data, and every answer to
POLL, with 00; the unit answers an order that asks for no data with ACK 00, NAK FF or ILLEGAL COMMAND 30. NAK or silence: the
same again, at most three times.

TRAP: requests and answers share one number space: RESET is ILLEGAL COMMAND byte for byte, GET BILL TABLE is DROP CASSETTE FULL.
An answer means something only against its request, and on a line with echo a host hears itself.

TRAP: 02 is not escaped and stands in data (it is a bill type, too): only length and CRC together make a frame.

What the data of tables, masks and identification hold is the business of :mod:`.tables`.

Source: the reference on CCNET. Tags: [R] seen in a live exchange, [V] the vendor's table, [2] two implementations agree,
[1] one only, [U] unconfirmed; without a tag the code lists of several hosts agree.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from hardware.wire.crc import crc16_kermit
from hardware.wire.splitter import FrameSplitter

SYNC = 0x02
MIN_LENGTH = 6
MAX_SHORT = 250
"""The longest frame whose length stands in LNG itself [1]."""
MAX_LENGTH = 1024
"""Our cap [U]: the longest message here is a bill table of 125 bytes; only a firmware download would need more."""


class Address(IntEnum):
    """ADR: which device on the line is spoken to, and which one answers."""

    BILL_TO_BILL = 0x01
    """A recycler."""
    COIN_CHANGER = 0x02
    BILL_VALIDATOR = 0x03
    CARD_READER = 0x04


class Command(IntEnum):
    """What the controller sends, in the manual's order."""

    ACK = 0x00
    """From the host to every answer with data, from the unit to every order done. No reply."""
    RESET = 0x30
    """ACK, then the polls say INITIALIZE."""
    GET_STATUS = 0x31
    """Reply: 3 bytes enabled types, 3 bytes types with high security."""
    SET_SECURITY = 0x32
    """Three bytes, 1 = high. ACK."""
    POLL = 0x33
    """Reply: a :class:`PollCode` and its data."""
    ENABLE_BILL_TYPES = 0x34
    """Three bytes of enabled types, three of types to hold in escrow. ACK. 1 = enabled; all zero switches the unit off."""
    STACK = 0x35
    """Stack the note in escrow. ACK."""
    RETURN = 0x36
    """Give the note in escrow back. ACK."""
    IDENTIFICATION = 0x37
    """Reply: part number, serial number, asset number. Legal only where no note can be on its way [1]."""
    HOLD = 0x38
    """Keep the note in escrow, for about 10 s more [U]. ACK."""
    SET_BARCODE_PARAMETERS = 0x39
    EXTRACT_BARCODE_DATA = 0x3A
    GET_BILL_TABLE = 0x41
    """Reply: 24 rows of 5 bytes. Legal where IDENTIFICATION is [1]."""
    DOWNLOAD = 0x50
    """Firmware; has a subcommand."""
    GET_CRC32 = 0x51
    """Of the firmware: 4 bytes [U]."""
    REQUEST_STATISTICS = 0x60
    DIAGNOSTIC = 0xF0
    """Has a subcommand [U]."""
    NAK = 0xFF
    """From either end: what arrived was damaged, or cannot be done now."""


ILLEGAL_COMMAND = 0x30
"""The unit's answer to what it does not know or must not do now. TRAP: the number of RESET."""


class PollCode(IntEnum):
    """What the unit says to POLL, in the manual's order."""

    POWER_UP = 0x10
    POWER_UP_BILL_IN_VALIDATOR = 0x11
    """After RESET the note is returned (82)."""
    POWER_UP_BILL_IN_STACKER = 0x12
    """After RESET the note is stacked, and 81 is told if the unit still knows of it [U]."""
    INITIALIZE = 0x13
    IDLING = 0x14
    """Enabled, waiting for a note."""
    ACCEPTING = 0x15
    STACKING = 0x17
    RETURNING = 0x18
    UNIT_DISABLED = 0x19
    """No type is enabled."""
    HOLDING = 0x1A
    """The host asked for HOLD, and the note waits in escrow."""
    DEVICE_BUSY = 0x1B
    """Data: one byte, how long, in tenths of a second."""
    REJECTING = 0x1C
    """Data: one byte, see :class:`RejectReason`."""
    DISPENSING = 0x1D
    """Bill-to-bill units only, as are the next six."""
    UNLOADING = 0x1E
    SETTING_CASSETTE_TYPE = 0x21
    DISPENSED = 0x25
    UNLOADED = 0x26
    INVALID_BILL_NUMBER = 0x28
    CASSETTE_TYPE_SET = 0x29
    """21 while it goes on, 29 when it is done [1]."""
    DROP_CASSETTE_FULL = 0x41
    DROP_CASSETTE_OUT = 0x42
    VALIDATOR_JAMMED = 0x43
    DROP_CASSETTE_JAMMED = 0x44
    CHEATED = 0x45
    PAUSE = 0x46
    """A second note is at the mouth."""
    FAILURE = 0x47
    """Data: one byte, see :class:`FailureReason`."""
    ESCROW = 0x80
    """Data: one byte, the bill type. The host says STACK, RETURN or HOLD, or the note goes back after about 10 s [R]."""
    BILL_STACKED = 0x81
    """Data: one byte, the bill type. The credit point. TRAP: it comes again when the host's ACK got lost."""
    BILL_RETURNED = 0x82
    """Data: one byte, the bill type."""


class RejectReason(IntEnum):
    """Data byte of REJECTING: why a note was pushed back out."""

    INSERTION = 0x60
    MAGNETIC = 0x61
    """The dielectric sensor on some models."""
    REMAINING_IN_HEAD = 0x62
    COMPENSATION = 0x63
    CONVEYING = 0x64
    IDENTIFICATION = 0x65
    VERIFICATION = 0x66
    OPTIC = 0x67
    INHIBITED = 0x68
    CAPACITANCE = 0x69
    OPERATION = 0x6A
    LENGTH = 0x6C
    ULTRAVIOLET = 0x6D
    BARCODE_UNRECOGNISED = 0x92
    """92..95 concern barcode tickets."""
    BARCODE_LENGTH = 0x93
    BARCODE_START = 0x94
    BARCODE_STOP = 0x95


class FailureReason(IntEnum):
    """Data byte of FAILURE."""

    STACK_MOTOR = 0x50
    TRANSPORT_SPEED = 0x51
    TRANSPORT_MOTOR = 0x52
    ALIGNING_MOTOR = 0x53
    INITIAL_CASSETTE_STATUS = 0x54
    OPTIC_CANAL = 0x55
    MAGNETIC_CANAL = 0x56
    CAPACITANCE_CANAL = 0x5F


_WITH_SUBCOMMAND = frozenset({Command.DOWNLOAD, Command.DIAGNOSTIC})
"""Commands whose first data byte is a subcommand [U]: in a long frame the length comes behind it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message in either direction."""

    address: int
    """An :class:`Address`: the device that is spoken to, or that speaks."""
    code: int
    """The byte behind LNG: a :class:`Command`, :class:`PollCode`, ILLEGAL_COMMAND or the first byte of an answer's data. Only
    the direction and the request before it tell which."""
    data: bytes = b""
    """What follows the code, with a subcommand as its first byte, and without the length that long frames put in between."""

    @classmethod
    def answer(cls, address: int, payload: bytes) -> "Frame":
        """Return the frame in which the unit sends data. Raises ValueError for none at all."""
        if not payload:
            raise ValueError("a CCNET answer holds at least one byte")
        return cls(address, payload[0], payload[1:])

    @property
    def payload(self) -> bytes:
        """All that stands between LNG and CRC: the data of an answer."""
        return bytes((self.code,)) + self.data

    def encode(self) -> bytes:
        """Return the frame as it goes over the wire. Raises ValueError when ``data`` is too long for one."""
        length = MIN_LENGTH + len(self.data)
        if length <= MAX_SHORT:
            return _encoded(bytes((SYNC, self.address, length, self.code)) + self.data)
        length += 2
        if length > MAX_LENGTH:
            raise ValueError(f"CCNET frame of {length} bytes, {MAX_LENGTH} fit")
        size = _length_at(self.code) - 4
        long = self.data[:size] + length.to_bytes(2, "big") + self.data[size:]
        return _encoded(bytes((SYNC, self.address, 0, self.code)) + long)


def _length_at(code: int) -> int:
    """Return where in a long frame its two bytes of length stand."""
    return 5 if code in _WITH_SUBCOMMAND else 4


# A line says the same few frames over and over: a poll costs look-ups, not CRCs.
@lru_cache(maxsize=256)
def _encoded(body: bytes) -> bytes:
    return body + crc16_kermit(body).to_bytes(2, "little")


@lru_cache(maxsize=256)
def _whole(raw: bytes) -> Frame | None:
    """Return the frame that ``raw`` is from first byte to last, or None."""
    length = len(raw)
    if length < MIN_LENGTH or raw[0] != SYNC or _end_of(raw, 0) != length:
        return None
    if crc16_kermit(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        return None
    data = raw[4:-2]
    if not raw[2]:
        at = _length_at(raw[3]) - 4
        data = data[:at] + data[at + 2 :]
    return Frame(raw[1], raw[3], data)


def _end_of(buffer: bytes, start: int) -> int:
    """Return where the frame that seems to begin at ``start`` would end, or ``start`` when none can begin there."""
    here = len(buffer) - start
    if here < 3:
        return start + MIN_LENGTH
    length = buffer[start + 2]
    if length:
        return start + length if MIN_LENGTH <= length <= MAX_SHORT else start
    at = _length_at(buffer[start + 3]) if here > 3 else 4
    if here < at + 2:
        return start + MAX_SHORT + 1
    # A forged or garbled length (``02 03 00 33 FF FF``) would let a line of noise grow the buffer without end; so a length
    # that no long frame has is noise at once.
    length = int.from_bytes(buffer[start + at : start + at + 2], "big")
    return start + length if MAX_SHORT < length <= MAX_LENGTH else start


class Splitter(FrameSplitter[Frame]):
    """Finds CCNET frames in a stream of bytes cut anywhere, whatever their address."""

    def __init__(self) -> None:
        super().__init__(SYNC, _end_of, _whole)
