"""How ccTalk names money: ``JP100A`` for a coin, ``JP0001A`` for a bill, and what a country's bills are scaled by.

Two letters of country, the value, one letter of issue. Three characters of value for a coin, in the country's base unit; four
for a bill, times the country's scale [2]. Japan's bills count in thousands: JP0001A is 1,000 yen. That a coin's value is not
scaled for Japan (JP100A is 100 yen) is [2] too; coins with a K or a point in their value are read as [1] has them.
"""

import re
from dataclasses import dataclass

COIN_ID_LENGTH = 6
BILL_ID_LENGTH = 7
_SHAPE = re.compile(rb"([A-Z]{2})([0-9.KM]+)([A-Z0-9])")
_NUMBER = re.compile(r"(\d*)([.KM]?)(\d*)")
_FACTORS = {"": 1, ".": 1, "K": 1000, "M": 1_000_000}


@dataclass(frozen=True, slots=True)
class MoneyId:
    """A coin's or a bill's name, taken apart."""

    country: str
    value: int
    """Of a coin, in the country's base unit; of a bill, still to be scaled."""
    issue: str


@dataclass(frozen=True, slots=True)
class CountryScaling:
    """Answer to REQUEST_COUNTRY_SCALING."""

    factor: int
    decimals: int

    def encode(self) -> bytes:
        """Return the three bytes: Japan is ``E8 03 00``."""
        return self.factor.to_bytes(2, "little") + bytes((self.decimals,))

    @classmethod
    def decode(cls, data: bytes) -> "CountryScaling | None":
        """Read an answer's data; None when it is no scale: not three bytes, or a factor of 0 (country unknown)."""
        if len(data) != 3 or not any(data[:2]):
            return None
        return cls(int.from_bytes(data[:2], "little"), data[2])

    def amount(self, value: int) -> int | None:
        """Return what a bill of ``value`` is worth in the country's main unit; None when that is no whole number."""
        if self.decimals > 9:  # a garbled byte would make a divisor of 255 digits
            return None
        whole, rest = divmod(value * self.factor, 10**self.decimals)
        return None if rest else whole


JAPAN = "JP"
JAPANESE_BILLS = CountryScaling(1000, 0)
EMPTY_COIN_ID = b"." * COIN_ID_LENGTH
EMPTY_BILL_ID = b"." * BILL_ID_LENGTH
"""What an empty position answers [U]; anything that is no id means the same."""


def _read(data: bytes, length: int) -> MoneyId | None:
    shape = _SHAPE.fullmatch(data) if len(data) == length else None
    if shape is None:
        return None
    country, value, issue = (part.decode("ascii") for part in shape.groups())
    number = _NUMBER.fullmatch(value)
    if number is None:
        return None
    before, mark, behind = number.groups()
    scaled = int(before + behind or "0") * _FACTORS[mark]
    worth, rest = divmod(scaled, 10 ** len(behind)) if mark else (scaled, 0)
    return None if rest or not worth else MoneyId(country, worth, issue)


def read_coin_id(data: bytes) -> MoneyId | None:
    """Read the answer to REQUEST_COIN_ID; None for an empty position, noise, and parts of the base unit."""
    return _read(data, COIN_ID_LENGTH)


def read_bill_id(data: bytes) -> MoneyId | None:
    """Read the answer to REQUEST_BILL_ID; None for an empty position and noise."""
    return _read(data, BILL_ID_LENGTH)


def write_coin_id(country: str, value: int, issue: str) -> bytes:
    """Return ``JP100A``. Raises ValueError when it does not fit."""
    return _write(country, value, issue, 3)


def write_bill_id(country: str, value: int, issue: str) -> bytes:
    """Return ``JP0001A``; ``value`` is scaled already. Raises ValueError when it does not fit."""
    return _write(country, value, issue, 4)


def _write(country: str, value: int, issue: str, digits: int) -> bytes:
    text = f"{country}{value:0{digits}}{issue}".encode("ascii")
    if _read(text, 2 + digits + 1) is None:
        raise ValueError(f"{text!r} is no ccTalk id of {3 + digits} characters")
    return text
