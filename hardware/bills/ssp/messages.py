"""SSP replies that carry more than a word: what unit it is, what its channels are worth, its counters.

``encode`` and ``decode`` are about what follows the OK byte. Decoders raise ValueError for what cannot be read, nothing else;
a count from the wire is believed only as far as bytes are there.

Source: the reference on SSP, [V]; the replies to UNIT_DATA, CHANNEL_VALUES, CHANNEL_SECURITY and GET_COUNTERS are [1].
"""

from dataclasses import dataclass

from hardware.bills.ssp.events import EXPANDED_FROM

UNIT_VALIDATOR = 0x00
"""Unit type of a note validator without payout."""
_FIRMWARE, _COUNTRY, _MULTIPLIER, _VALUE = 4, 3, 3, 4


@dataclass(frozen=True, slots=True)
class Channel:
    """What one kind of note is to the unit. Channel 1 is the first."""

    value: int
    """What the one-byte value counts: the worth is ``value`` times the real multiplier."""
    worth: int
    """In the currency's main unit (yen for Japan). From protocol 6 on the unit says it itself, before that it is a product."""
    currency: str
    """Three letters: JPY. Empty before protocol 6: one country then holds for all."""
    security: int
    """1 low, 2 standard, 3 high, 4 inhibited in the dataset; 0 no such channel [1]."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Reply to SETUP_REQUEST."""

    unit_type: int
    firmware: str
    """Four characters: ``0433`` is version 4.33."""
    country: str
    """Three letters: JPY."""
    multiplier: int
    """0 from protocol 6 on: then the expanded values count."""
    real_multiplier: int
    protocol: int
    """The version that the host has set, or the unit's own."""
    channels: tuple[Channel, ...]

    def encode(self) -> bytes:
        """Return the data after the OK byte."""
        channels = self.channels
        basic = (
            bytes((self.unit_type,))
            + _ascii(self.firmware, _FIRMWARE)
            + _ascii(self.country, _COUNTRY)
            + self.multiplier.to_bytes(_MULTIPLIER, "big")
            + bytes((len(channels), *(channel.value for channel in channels), *(channel.security for channel in channels)))
            + self.real_multiplier.to_bytes(_MULTIPLIER, "big")
            + bytes((self.protocol,))
        )
        return basic + _expanded(channels) if self.protocol >= EXPANDED_FROM else basic

    @classmethod
    def decode(cls, data: bytes) -> "Setup":
        """Read the data after the OK byte of a validator's reply. Raises ValueError."""
        reader = _Reader(data)
        unit_type, firmware, country = reader.byte(), reader.text(_FIRMWARE), reader.text(_COUNTRY)
        multiplier = reader.number(_MULTIPLIER)
        count = reader.byte()
        values, securities = reader.take(count), reader.take(count)
        real_multiplier, protocol = reader.number(_MULTIPLIER), reader.byte()
        if protocol >= EXPANDED_FROM:
            currencies = [reader.text(_COUNTRY) for _ in range(count)]
            worths = [int.from_bytes(reader.take(_VALUE), "little") for _ in range(count)]
        else:
            currencies = [""] * count
            worths = [value * (multiplier or real_multiplier) for value in values]
        channels = tuple(map(Channel, values, worths, currencies, securities))
        return cls(unit_type, firmware, country, multiplier, real_multiplier, protocol, channels)


@dataclass(frozen=True, slots=True)
class UnitData:
    """Reply to UNIT_DATA [1]."""

    unit_type: int
    firmware: str
    country: str
    multiplier: int
    protocol: int

    def encode(self) -> bytes:
        """Return the data after the OK byte."""
        return (
            bytes((self.unit_type,))
            + _ascii(self.firmware, _FIRMWARE)
            + _ascii(self.country, _COUNTRY)
            + self.multiplier.to_bytes(_MULTIPLIER, "big")
            + bytes((self.protocol,))
        )

    @classmethod
    def decode(cls, data: bytes) -> "UnitData":
        """Read the data after the OK byte. Raises ValueError."""
        reader = _Reader(data)
        return cls(reader.byte(), reader.text(_FIRMWARE), reader.text(_COUNTRY), reader.number(_MULTIPLIER), reader.byte())


@dataclass(frozen=True, slots=True)
class Counters:
    """Reply to GET_COUNTERS [1]: notes since RESET_COUNTERS; they outlive a power cut."""

    stacked: int = 0
    stored: int = 0
    dispensed: int = 0
    moved_to_stacker: int = 0
    rejected: int = 0

    def encode(self) -> bytes:
        """Return the data after the OK byte: the count of counters, then each as four bytes little-endian; they wrap."""
        figures = (self.stacked, self.stored, self.dispensed, self.moved_to_stacker, self.rejected)
        return bytes((len(figures),)) + b"".join((figure % 2**32).to_bytes(4, "little") for figure in figures)

    @classmethod
    def decode(cls, data: bytes) -> "Counters":
        """Read the data after the OK byte. Raises ValueError, also for another number of counters."""
        reader = _Reader(data)
        if reader.byte() != 5:
            raise ValueError(f"{data[0]} counters, expected 5")
        return cls(*(int.from_bytes(reader.take(4), "little") for _ in range(5)))


def encode_channel_values(channels: tuple[Channel, ...], protocol: int) -> bytes:
    """Return the data of a CHANNEL_VALUES reply: count and one-byte values, from protocol 6 on also currency and worth [1]."""
    values = bytes((len(channels), *(channel.value for channel in channels)))
    return values + _expanded(channels) if protocol >= EXPANDED_FROM else values


def encode_channel_security(channels: tuple[Channel, ...]) -> bytes:
    """Return the data of a CHANNEL_SECURITY reply: count, then one byte each [1]."""
    return bytes((len(channels), *(channel.security for channel in channels)))


def encode_inhibits(accepted: frozenset[int]) -> bytes:
    """Return the two bytes of SET_INHIBITS that let the channels ``accepted`` (1 is the first) pass and no other.

    Raises ValueError for a channel that two bytes have no bit for.
    """
    if not all(1 <= channel <= 16 for channel in accepted):
        raise ValueError(f"channels {sorted(accepted)}, 1 to 16 can be named")
    return sum(1 << channel - 1 for channel in accepted).to_bytes(2, "little")


def decode_inhibits(data: bytes) -> frozenset[int]:
    """Return the channels that SET_INHIBITS lets pass; low channels come first, 1 = accept."""
    mask = int.from_bytes(data, "little")
    return frozenset(bit + 1 for bit in range(len(data) * 8) if mask >> bit & 1)


def _expanded(channels: tuple[Channel, ...]) -> bytes:
    return b"".join(_ascii(channel.currency, _COUNTRY) for channel in channels) + b"".join(
        channel.worth.to_bytes(_VALUE, "little") for channel in channels
    )


def _ascii(text: str, length: int) -> bytes:
    data = text.encode("ascii")  # UnicodeEncodeError is a ValueError
    if len(data) != length:
        raise ValueError(f"{text!r}, expected {length} ASCII characters")
    return data


class _Reader:
    """Takes a reply apart from the front. Raises ValueError when it is too short."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) != count:
            raise ValueError(f"reply of {len(self._data)} bytes is too short: {self._data.hex(' ').upper()}")
        self._at += count
        return piece

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def text(self, length: int) -> str:
        return self.take(length).decode("ascii", "replace")
