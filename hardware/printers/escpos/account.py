"""The account of what became of every byte, so that a test can assert "nothing unknown, nothing lost"."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Fates:
    """What became of the bytes of one receipt, or of all since the emulator was made."""

    used: int = 0
    """Bytes of text and of commands that were obeyed."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """Commands parsed by their exact length and without effect here, by name: ``{"ESC p": 1}``."""
    unknown: Mapping[str, int] = field(default_factory=dict)
    """Byte pairs that no manual of ours names, each swallowed whole."""
    bad_pairs: int = 0
    """Lead bytes of a two-byte character without a fitting second byte."""
    missing_glyphs: int = 0
    """Characters that the ROM cannot draw; they print as blanks."""
    dropped: int = 0
    """Bytes lost because the receive buffer was full."""
    ignored_bytes: int = 0
    unknown_bytes: int = 0
    """Bytes of the commands counted in :attr:`ignored` and :attr:`unknown`, dots and all."""
    unheard: int = 0
    """Bytes that came while the printer was not selected (``ESC =``)."""


class Account:
    """Counts one receipt and the whole; names are at most a few hundred, so it stays small whatever arrives."""

    def __init__(self) -> None:
        self._total = Fates()
        self._begin()

    def _begin(self) -> None:
        self.used = self.bad_pairs = self.missing_glyphs = self.dropped = 0
        self.ignored_bytes = self.unknown_bytes = self.unheard = 0
        self.ignored: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def _now(self) -> Fates:
        return Fates(
            self.used,
            MappingProxyType(dict(self.ignored)),
            MappingProxyType(dict(self.unknown)),
            self.bad_pairs,
            self.missing_glyphs,
            self.dropped,
            self.ignored_bytes,
            self.unknown_bytes,
            self.unheard,
        )

    def close_receipt(self) -> Fates:
        """Return the count since the last call and begin a new one."""
        fates = self._now()
        self._total = _sum(self._total, fates)
        self._begin()
        return fates

    @property
    def total(self) -> Fates:
        """Everything counted since the emulator was made."""
        return _sum(self._total, self._now())


def _sum(a: Fates, b: Fates) -> Fates:
    return Fates(
        a.used + b.used,
        _counted_together(a.ignored, b.ignored),
        _counted_together(a.unknown, b.unknown),
        a.bad_pairs + b.bad_pairs,
        a.missing_glyphs + b.missing_glyphs,
        a.dropped + b.dropped,
        a.ignored_bytes + b.ignored_bytes,
        a.unknown_bytes + b.unknown_bytes,
        a.unheard + b.unheard,
    )


def _counted_together(a: Mapping[str, int], b: Mapping[str, int]) -> Mapping[str, int]:
    return Counter(a) + Counter(b) if a and b else a or b
