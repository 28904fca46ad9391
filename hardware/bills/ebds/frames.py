"""EBDS (MEI / CPI Cashflow SC, SCN, SCR, Series 2000) as bytes: frames, and the splitter that both ends share. No clock.

A frame is ``02 | LEN | CTL | DATA... | 03 | XOR``. LEN counts the whole frame; XOR is over LEN, CTL and DATA, so without 02
and 03. CTL is type (bits 6-4), device (bits 3-1, always 0) and acknowledgement (bit 0). The line is 9600 baud, 7 data bits,
even parity, 1 stop bit [R]. Pyramid RS-232 is the same framer with a few habits of its own [2].

The host toggles the acknowledgement bit with every new message and the unit echoes it. A unit that sees the bit of the last
message again repeats its last reply, and neither its state nor its events move on.

What stands in the data is the business of :mod:`.standard` (types 1 and 2) and :mod:`.extended` (types 6 and 7).

TRAP: XOR is a weak check. Two flips of one bit position cancel out, and many frames share a check byte: power-up with idle
and stacking both end in 65. A host has to look at whether a frame makes sense, and at the acknowledgement bit.

TRAP: with 7 data bits, an adapter left at 8N1 shows the parity bit as bit 7 of every byte; see :class:`Splitter`.

Not here: the 8-bit messages of the firmware download [1]. A byte above 7F makes a frame noise.

Source: the reference on EBDS. Tags: [R] seen in a live exchange, [2] two implementations agree, [1] one, [U] unconfirmed.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, reduce
from operator import xor

from hardware.wire.splitter import FrameSplitter

STX = 0x02
ETX = 0x03
MIN_LENGTH = 5
MAX_LENGTH = 0x7F
"""All that a LEN of seven bits can say. The longest message known is the reply with the value table, 82 bytes [1]."""

_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))


class Kind(IntEnum):
    """Bits 6-4 of CTL: what kind of message it is."""

    HOST = 1
    """The host's standard message: its standing orders, three bytes. The unit answers with DEVICE or EXTENDED."""
    DEVICE = 2
    """The unit's standard message: its status, six bytes."""
    BOOKMARK = 3
    CALIBRATE = 4
    FLASH_DOWNLOAD = 5
    AUXILIARY = 6
    """A question of three bytes whose last says what is asked, and its answer."""
    EXTENDED = 7
    """Either side; the first byte of the data is the subtype."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message in either direction."""

    kind: int
    """A :class:`Kind`, 0 to 7; a plain int because nobody has named type 0."""
    data: bytes = b""
    ack: int = 0
    """The acknowledgement bit, 0 or 1."""
    device: int = 0
    """0 to 7; 0 on every unit known."""

    def encode(self) -> bytes:
        """Return the frame as it goes over the wire. Raises ValueError for what no frame can carry."""
        length = MIN_LENGTH + len(self.data)
        if length > MAX_LENGTH:
            raise ValueError(f"EBDS frame of {length} bytes, {MAX_LENGTH} fit")
        if not 0 <= self.kind <= 7 or not 0 <= self.device <= 7 or self.ack not in (0, 1):
            raise ValueError(f"EBDS frame with type {self.kind}, device {self.device}, acknowledgement {self.ack}")
        if self.data and max(self.data) > 0x7F:
            raise ValueError(f"EBDS data above 7F: {self.data.hex(' ')}")
        return _encoded(bytes((length, self.kind << 4 | self.device << 1 | self.ack)) + self.data)


def check_of(body: bytes) -> int:
    """Return the XOR over ``body``: everything between 02 and 03, without them."""
    return reduce(xor, body, 0)


# A line says the same few frames over and over: a poll costs look-ups, not sums.
@lru_cache(maxsize=256)
def _encoded(body: bytes) -> bytes:
    return bytes((STX, *body, ETX, check_of(body)))


@lru_cache(maxsize=256)
def _whole(raw: bytes) -> Frame | None:
    """Return the frame that ``raw`` is from first byte to last, or None."""
    length = len(raw)
    if not MIN_LENGTH <= length <= MAX_LENGTH or raw[0] != STX or raw[1] != length or raw[-2] != ETX:
        return None
    if max(raw) > 0x7F or check_of(raw[1:-2]) != raw[-1]:
        return None
    control = raw[2]
    return Frame(control >> 4, raw[3:-2], control & 1, control >> 1 & 7)


def _end_of(buffer: bytes, start: int) -> int:
    """Return where the frame that seems to begin at ``start`` would end, or ``start`` when none can begin there."""
    if start + 1 == len(buffer):
        return start + MIN_LENGTH
    length = buffer[start + 1]
    # A LEN that no frame has is noise at once: else a garbled one would make us sit and wait for bytes that never come.
    return start + length if MIN_LENGTH <= length <= MAX_LENGTH else start


class Splitter(FrameSplitter[Frame]):
    """Finds EBDS frames in a stream of bytes cut anywhere."""

    def __init__(self, *, mask_parity: bool = False) -> None:
        """With ``mask_parity``, bit 7 of every byte is dropped: for an adapter left at 8N1 on a line of seven bits."""
        super().__init__(STX, _end_of, _whole)
        self._mask_parity = mask_parity

    def feed(self, data: bytes) -> list[Frame]:
        """Take what arrived and return the frames that are now complete, in order."""
        return super().feed(data.translate(_SEVEN_BITS) if self._mask_parity else data)
