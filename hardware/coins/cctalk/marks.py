"""Marks of ccTalk devices: whose count it is, and where it stood. Opaque to whoever keeps them.

``cctalk:010203:17``: serial number and event counter of a coin acceptor; a hopper's mark has its last payout behind them. With
the number, a device that was exchanged between two lives is not taken for the old one. Pure.
"""

from dataclasses import dataclass

_WORD = "cctalk"
NO_SERIAL = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    """A device's count at one moment."""

    serial: str
    """Serial number in hexadecimal; "-" for a device that does not tell it."""
    counter: int
    """Event counter: 0 only after power-up or reset, then 1 to 255."""
    more: tuple[int, ...] = ()
    """Other figures of the same moment."""

    def __str__(self) -> str:
        return ":".join((_WORD, self.serial, str(self.counter), *(str(figure) for figure in self.more)))


def read_mark(text: str) -> Mark | None:
    """Read a mark; None for a text that no driver of ccTalk wrote."""
    word, *parts = text.split(":")
    if word != _WORD or len(parts) < 2 or not all(part.isascii() and part.isdecimal() for part in parts[1:]):
        return None
    counter, *more = (int(part[:10]) for part in parts[1:])
    return Mark(parts[0], counter, tuple(more)) if counter <= 255 else None


def serial_text(serial: bytes | None) -> str:
    """Return a serial number as marks have it: low byte first on the line, high byte first here."""
    return NO_SERIAL if serial is None else serial[::-1].hex().upper()
