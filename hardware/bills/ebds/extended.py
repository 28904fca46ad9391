"""The messages of EBDS besides the standard ones: notes with their records (type 7) and questions about the unit (type 6).

An extended message of the host is ``subtype | three bytes of orders | arguments``, one of the unit ``subtype | six bytes of
status | arguments``; only the direction tells them apart. An auxiliary question is three bytes of which the last says what is
asked; its answer is a type 6 frame whose data is the answer and nothing else [1].
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from hardware.bills.ebds.frames import Frame, Kind
from hardware.bills.ebds.standard import ORDERS_LENGTH, STATUS_LENGTH, DeviceStatus, HostOrders, read_orders, read_status


class Subtype(IntEnum):
    """First byte of an extended message."""

    BARCODE = 0x01
    """Of the unit, instead of a standard reply: the arguments are the ticket's characters."""
    NOTE = 0x02
    """Of the host: asks for the record with an index, from 1 up until a null record. Of the unit: the answer, and in
    extended mode also in place of a standard reply when a note is in escrow or stacked (index 0)."""
    INHIBITS = 0x03
    """Of the host: eight bytes of seven bits, bit 0 of the first is record 1; 1 = take it [1]. Answered by a standard
    reply. Send it while the unit idles only, or its answer could be taken for a note's [1]."""
    ESCROW_TIMEOUT = 0x04
    """Of the host: seconds for notes, seconds for barcodes; 1..127, 0 = never."""
    VALUE_TABLE = 0x06
    NOTE_RETRIEVED = 0x0B
    """Of the host: 1 or 0 asks the unit to say when a note given back was taken [1]. Of the unit: 1 it will, 0 it cannot,
    7F a note was taken now [1]."""
    ADVANCED_BOOKMARK = 0x0D
    CLEAR_AUDIT = 0x1D


class Item(IntEnum):
    """Last byte of an auxiliary question."""

    SOFTWARE_CRC = 0x00
    CASH_VALUE = 0x01
    RESETS = 0x02
    TYPE = 0x04
    SERIAL = 0x05
    BOOT_VERSION = 0x06
    APPLICATION = 0x07
    VARIANT_NAME = 0x08
    VARIANT_VERSION = 0x09
    AUDIT_LIFETIME = 0x0A
    """0A to 0C: audits. Which one holds what is [U]."""
    AUDIT_QUALITY = 0x0B
    AUDIT_PERFORMANCE = 0x0C
    CAPABILITIES = 0x0D
    APPLICATION_ID = 0x0E
    VARIANT_ID = 0x0F
    SOFT_RESET = 0x7F
    """With two more 7F before it. NO reply: silence of 5 to 8 s, then the power-up bit."""


RETRIEVED = 0x7F
"""Argument of the unit's NOTE_RETRIEVED when a note has been taken [1]."""
SOFT_RESET = bytes((0x7F, 0x7F, Item.SOFT_RESET))
INHIBIT_BYTES = 8
RECORD_LENGTH = 17
_HIGHEST_EXPONENT = 9
"""No note is worth more; a garbled exponent must not make numbers of a hundred digits."""


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """What the unit's own table says about one note; the texts are as they came, garbled ones too."""

    iso: str = "\0\0\0"
    """Three letters: ``JPY``. Three zero bytes: a blank or null record."""
    base: str = "\0\0\0"
    """Three digits: ``002``."""
    exponent: str = "\0\0\0"
    """Sign and two digits: ``+03``."""
    orientation: int = 0
    """0..3: how it came in."""
    type: int = 0
    series: int = 0
    compatibility: int = 0
    version: int = 0
    banknote_class: int = 0

    @property
    def blank(self) -> bool:
        """Whether it names no note: the end of the table in an answer to a query, or, with STACKED, a stacked note without
        a value, as after power-up or when the cassette is refitted. No credit."""
        return self.iso == "\0\0\0"

    @property
    def amount(self) -> int | None:
        """``base`` times ten to the power of ``exponent`` in the currency's main unit (yen for JPY): ``002``, ``+03`` is
        2000. None when the texts are no such number or it is not whole: nobody may guess what a note is worth."""
        sign, digits = self.exponent[:1], self.exponent[1:]
        if not (_is_digits(self.base) and _is_digits(digits) and sign in ("+", "-") and int(digits) <= _HIGHEST_EXPONENT):
            return None
        power: int = 10 ** int(digits)
        if sign == "+":
            return int(self.base) * power
        return int(self.base) // power if int(self.base) % power == 0 else None

    def encode(self) -> bytes:
        """Return the 17 bytes. Raises ValueError for texts of another length or not ASCII."""
        text = (self.iso + self.base + self.exponent).encode("ascii")
        if (len(self.iso), len(self.base), len(self.exponent)) != (3, 3, 3):
            raise ValueError(f"EBDS note record with texts of the wrong length: {self}")
        figures = (self.orientation, self.type, self.series, self.compatibility, self.version, self.banknote_class, 0, 0)
        return text + bytes(figures)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


@lru_cache(maxsize=64)
def read_record(data: bytes) -> NoteRecord | None:
    """Return the record that ``data`` is; None when it is too short. Texts are taken as they come."""
    if len(data) < RECORD_LENGTH:
        return None
    text = data[:9].decode("latin-1")
    return NoteRecord(text[:3], text[3:6], text[6:9], *data[9:15])


@dataclass(frozen=True, slots=True)
class ExtendedOrder:
    """An extended message of the host."""

    subtype: int
    """A :class:`Subtype`."""
    orders: HostOrders
    """They count as those of a standard message do."""
    arguments: bytes = b""

    def frame(self, ack: int) -> Frame:
        """Return it as a frame. Raises ValueError as the encoders do."""
        return Frame(Kind.EXTENDED, bytes((self.subtype,)) + self.orders.encode() + self.arguments, ack)


@dataclass(frozen=True, slots=True)
class ExtendedReply:
    """An extended message of the unit."""

    subtype: int
    """A :class:`Subtype`."""
    status: DeviceStatus
    arguments: bytes = b""

    def frame(self, ack: int) -> Frame:
        """Return it as a frame. Raises ValueError as the encoders do."""
        return Frame(Kind.EXTENDED, bytes((self.subtype,)) + self.status.encode() + self.arguments, ack)

    @property
    def index(self) -> int | None:
        """Of a NOTE message: which record of the table it is; 0 for the note that is inside. None for other messages."""
        return self.arguments[0] if self.subtype == Subtype.NOTE and self.arguments else None

    @property
    def record(self) -> NoteRecord | None:
        """Of a NOTE message: the record; None for other messages, and for one too short to hold it."""
        return read_record(self.arguments[1:]) if self.subtype == Subtype.NOTE else None


def note_reply(status: DeviceStatus, index: int, record: NoteRecord) -> ExtendedReply:
    """Return the unit's NOTE message."""
    return ExtendedReply(Subtype.NOTE, status, bytes((index,)) + record.encode())


def query_record(orders: HostOrders, index: int) -> ExtendedOrder:
    """Return the host's question for record ``index``, 1 to 50."""
    return ExtendedOrder(Subtype.NOTE, orders, bytes((index,)))


def set_inhibits(orders: HostOrders, indices: frozenset[int]) -> ExtendedOrder:
    """Return the host's order to take the records ``indices`` (1 to 56) and no others."""
    mask = bytearray(INHIBIT_BYTES)
    for index in indices:
        byte, bit = divmod(index - 1, 7)
        if not 0 <= byte < INHIBIT_BYTES:
            raise ValueError(f"EBDS note record {index}, from 1 to {7 * INHIBIT_BYTES} can be told")
        mask[byte] |= 1 << bit
    return ExtendedOrder(Subtype.INHIBITS, orders, bytes(mask))


def read_inhibits(arguments: bytes) -> frozenset[int]:
    """Return the indices of the records that an INHIBITS order lets pass."""
    return frozenset(7 * i + bit + 1 for i, byte in enumerate(arguments) for bit in range(7) if byte >> bit & 1)


def set_escrow_timeout(orders: HostOrders, notes_s: int, barcodes_s: int) -> ExtendedOrder:
    """Return the host's order how long an undecided note or ticket waits: whole seconds, 1 to 127; 0 = for ever."""
    return ExtendedOrder(Subtype.ESCROW_TIMEOUT, orders, bytes((notes_s, barcodes_s)))


def tell_when_retrieved(orders: HostOrders, *, wanted: bool) -> ExtendedOrder:
    """Return the host's order to say, or not, when a note given back was taken."""
    return ExtendedOrder(Subtype.NOTE_RETRIEVED, orders, bytes((wanted,)))


def ask(item: int, ack: int) -> Frame:
    """Return the auxiliary question for ``item``."""
    return Frame(Kind.AUXILIARY, bytes((0, 0, item)), ack)


def soft_reset(ack: int) -> Frame:
    """Return the order to start anew, which no unit answers."""
    return Frame(Kind.AUXILIARY, SOFT_RESET, ack)


@lru_cache(maxsize=64)
def read_extended_order(frame: Frame) -> ExtendedOrder | None:
    """Return the host's extended message that ``frame`` is; None when it is another kind or too short."""
    orders = read_orders(frame.data[1:])
    if frame.kind != Kind.EXTENDED or orders is None:
        return None
    return ExtendedOrder(frame.data[0], orders, frame.data[1 + ORDERS_LENGTH :])


@lru_cache(maxsize=64)
def read_extended_reply(frame: Frame) -> ExtendedReply | None:
    """Return the unit's extended message that ``frame`` is; None when it is another kind or too short."""
    status = read_status(frame.data[1:])
    if frame.kind != Kind.EXTENDED or status is None:
        return None
    return ExtendedReply(frame.data[0], status, frame.data[1 + STATUS_LENGTH :])
