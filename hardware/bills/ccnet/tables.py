"""What stands in the data of CCNET messages: bill table, masks of bill types, identification. Pure; both ends share it.

Source: the reference on CCNET; tags as in :mod:`.frames`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TABLE_ROWS = 24
"""Bill types 0 to 23: one bit of a mask each."""
ROW_SIZE = 5
MASK_SIZE = 3
MASK_ALL = b"\xff\xff\xff"
MASK_NONE = b"\x00\x00\x00"
_DIVIDE = 0x80
_PART_SIZE, _SERIAL_SIZE, _ASSET_SIZE = 15, 12, 7


@dataclass(frozen=True, slots=True)
class BillRow:
    """One row of GET BILL TABLE: what a bill type is worth. A row of zeros is a type that the unit does not have."""

    value: int
    """First digits, one byte."""
    country: str
    """Three letters: a country such as ``JPN`` or a currency such as ``EUR``; both occur. Empty: no such type."""
    exponent: int
    """The byte as it stands: bits 0-6 are a power of ten, bit 7 set means divide by it instead."""

    @property
    def amount(self) -> int | None:
        """Value in the country's main unit (yen for Japan); None when it is a fraction of one."""
        power = 10 ** (self.exponent & ~_DIVIDE)
        if not self.exponent & _DIVIDE:
            return int(self.value * power)
        return None if self.value % power else int(self.value // power)


EMPTY_ROW = BillRow(0, "", 0)


def encode_bill_table(rows: Sequence[BillRow]) -> bytes:
    """Return the data of a GET BILL TABLE reply, type 0 first, zeros behind the last. Raises ValueError for more than 24."""
    if len(rows) > TABLE_ROWS:
        raise ValueError(f"bill table of {len(rows)} rows, {TABLE_ROWS} fit")
    packed = (bytes((r.value, *r.country.encode("latin-1")[:3].ljust(3, b"\0"), r.exponent)) for r in rows)
    return b"".join(packed).ljust(TABLE_ROWS * ROW_SIZE, b"\0")


def decode_bill_table(data: bytes) -> list[BillRow]:
    """Return the 24 rows of a GET BILL TABLE reply, type 0 first. Raises ValueError when ``data`` is not 120 bytes."""
    if len(data) != TABLE_ROWS * ROW_SIZE:
        raise ValueError(f"bill table of {len(data)} bytes, expected {TABLE_ROWS * ROW_SIZE}")
    rows = (data[at : at + ROW_SIZE] for at in range(0, len(data), ROW_SIZE))
    return [BillRow(row[0], row[1:4].rstrip(b"\0").decode("latin-1"), row[4]) for row in rows]


def encode_mask(types: Iterable[int]) -> bytes:
    """Return three bytes, high first: type 0 is bit 0 of the THIRD. 1 = enabled. Raises ValueError for no type of 0 to 23."""
    mask = 0
    for bill_type in types:
        if not 0 <= bill_type < TABLE_ROWS:
            raise ValueError(f"bill type {bill_type}, expected 0 to {TABLE_ROWS - 1}")
        mask |= 1 << bill_type
    return mask.to_bytes(MASK_SIZE, "big")


def decode_mask(mask: bytes) -> frozenset[int]:
    """Return the bill types whose bit is set in a mask as :func:`encode_mask` writes it; never raises."""
    bits = int.from_bytes(mask[:MASK_SIZE], "big")
    return frozenset(bill_type for bill_type in range(TABLE_ROWS) if bits >> bill_type & 1)


@dataclass(frozen=True, slots=True)
class Identification:
    """Who the unit is."""

    part_number: str
    """Up to 15 characters; names model and firmware."""
    serial_number: str
    """Up to 12 characters."""
    asset_number: bytes = bytes(_ASSET_SIZE)
    """Seven bytes that mean something to the maker only."""

    def encode(self) -> bytes:
        """Return the data of an IDENTIFICATION reply; texts are filled up with blanks [U]. Raises ValueError for too long
        or not ASCII."""
        part, serial = self.part_number.encode("ascii"), self.serial_number.encode("ascii")
        if len(part) > _PART_SIZE or len(serial) > _SERIAL_SIZE or len(self.asset_number) != _ASSET_SIZE:
            raise ValueError("identification: part number takes 15, serial number 12 characters, asset number 7 bytes")
        return part.ljust(_PART_SIZE) + serial.ljust(_SERIAL_SIZE) + self.asset_number

    @classmethod
    def decode(cls, data: bytes) -> "Identification":
        """Read the data of an IDENTIFICATION reply; bytes that are no ASCII become backslash codes. Raises ValueError for
        fewer bytes than its 34; what follows them is left alone."""
        serial_at, asset_at = _PART_SIZE, _PART_SIZE + _SERIAL_SIZE
        if len(data) < asset_at + _ASSET_SIZE:
            raise ValueError(f"identification of {len(data)} bytes, expected {asset_at + _ASSET_SIZE}")
        part, serial = data[:serial_at].decode("ascii", "backslashreplace"), data[serial_at:asset_at]
        return cls(
            part.rstrip(" \0"),
            serial.decode("ascii", "backslashreplace").rstrip(" \0"),
            data[asset_at : asset_at + _ASSET_SIZE],
        )
