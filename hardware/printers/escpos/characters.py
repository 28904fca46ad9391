"""From bytes to characters, the way the printer's modes say: Shift_JIS, JIS in kanji mode, or a code page."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from unicodedata import east_asian_width

from hardware.printers.escpos.account import Account
from hardware.printers.escpos.codepages import KATAKANA_PAGE, REPLACED, jis_to_shift_jis, kanji, single_bytes

_SHIFT_JIS = re.compile(
    rb"((?:[\x81-\x9f\xe0-\xef][\x40-\x7e\x80-\xfc])+)|([^\x81-\x9f\xe0-\xef]+)|[\x81-\x9f\xe0-\xef].?", re.DOTALL
)
_SHIFT_JIS_2004 = re.compile(
    rb"((?:[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc])+)|([^\x81-\x9f\xe0-\xfc]+)|[\x81-\x9f\xe0-\xfc].?", re.DOTALL
)
_JIS = re.compile(rb"((?:[\x21-\x7e]{2})+)|([^\x21-\x7e]+)|[\x21-\x7e].?", re.DOTALL)
_PATTERNS = {"shift_jis": _SHIFT_JIS, "shift_jis_2004": _SHIFT_JIS_2004}
_UTF_8 = re.compile(
    rb"([\x20-\x7e]+)|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    rb"|((?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z)|.",
    re.DOTALL,
)
_NATIONAL = re.compile(f"[{re.escape(REPLACED)}]")
_WIDE_BLANK = "\u3000"
_SINGLES = bytes((*range(0x20, 0x7F), *range(0xA1, 0xE0)))
"""Bytes that are a character by themselves under Shift_JIS; what such a character is depends on the page."""


class Span(NamedTuple):
    """Characters of one width and encoding."""

    text: str
    data: bytes
    encoding: str
    wide: bool


class Reading(NamedTuple):
    """How bytes become characters: what the host has chosen, and what the ROM holds."""

    wide_encoding: str | None
    """``shift_jis``, ``shift_jis_2004``, ``jis`` or ``utf_8``; None when every byte is a character."""
    page: int
    international: int
    repertoire: str


class _Decoded(NamedTuple):
    spans: tuple[Span, ...]
    lead: bytes
    """A lead byte at the end that waits for its second byte."""
    bad_pairs: int
    missing_glyphs: int


@lru_cache(maxsize=4096)
def _decode(data: bytes, reading: Reading) -> _Decoded:
    """Return what ``data`` prints; fixed lines come again with every receipt, so the answer is kept."""
    wide_encoding, page, international, repertoire = reading
    if wide_encoding == "utf_8":
        return _decode_utf_8(data, repertoire)
    if wide_encoding is None:
        span, missing = _single(data, page, international)
        return _Decoded((span,), b"", 0, missing)
    spans, lead, bad, missing = [], b"", 0, 0
    for match in _PATTERNS.get(wide_encoding, _JIS).finditer(data):
        piece = match[0]
        if match[2]:
            span, blanks = _single(piece, page, international)
        elif match[1]:
            span, blanks = _pairs(piece, wide_encoding, repertoire)
        elif len(piece) == 1:
            lead = piece
            continue
        else:
            # Both bytes are swallowed and one full-width blank stands in their place [K].
            span, blanks = Span(_WIDE_BLANK, piece, wide_encoding, wide=True), 0
            bad += 1
        spans.append(span)
        missing += blanks
    return _Decoded(tuple(spans), lead, bad, missing)


def spans(data: bytes, reading: Reading) -> tuple[Span, ...]:
    """Return what ``data`` prints, one width after the other."""
    return _decode(data, reading).spans


def plain_text(data: bytes, reading: Reading) -> str:
    """Return what ``data``, which :meth:`CharacterModes.count` could count, prints."""
    if reading.wide_encoding == "shift_jis" and reading.page == KATAKANA_PAGE:
        text = data.decode("cp932")  # it has the half-width kana where that page has them
        if not _NATIONAL.search(text):
            return text
    return "".join([span.text for span in spans(data, reading)])


@lru_cache(maxsize=256)
def _tables(page: int, international: int) -> tuple[dict[int, str], bytes]:
    """Return a table for ``str.translate`` and the bytes that the page has a character for."""
    table = single_bytes(page, international)
    return {byte: char or " " for byte, char in table.items()}, bytes(byte for byte, char in table.items() if char)


def _single(data: bytes, page: int, international: int) -> tuple[Span, int]:
    table, defined = _tables(page, international)
    text = data.decode("latin-1").translate(table)
    return Span(text, data, f"page {page}", wide=False), len(data.translate(None, defined))


def _decode_utf_8(data: bytes, repertoire: str) -> _Decoded:
    """Decode ``FS ( C`` text; each character beyond ASCII stands alone, since their cells and bytes differ."""
    spans, lead, bad, missing = [], b"", 0, 0
    for match in _UTF_8.finditer(data):
        piece = match[0]
        if match[1]:
            spans.append(Span(piece.decode("ascii"), piece, "utf_8", wide=False))
        elif match[2]:
            lead = piece
        else:
            try:
                char = piece.decode("utf-8")
            except UnicodeDecodeError:
                bad += 1
                spans.append(Span(" ", piece, "utf_8", wide=False))
                continue
            wide = east_asian_width(char) in "WFA"
            known = _in_rom(char, repertoire)
            missing += not known
            spans.append(Span(char if known else _WIDE_BLANK if wide else " ", piece, "utf_8", wide))
    return _Decoded(tuple(spans), lead, bad, missing)


def _in_rom(char: str, repertoire: str) -> bool:
    try:
        encoded = char.encode("cp932")
    except UnicodeEncodeError:
        return False
    return len(encoded) == 1 or kanji(encoded, repertoire) is not None


def _all_in_rom(pairs: bytes, repertoire: str) -> bool:
    """Whether the ROM is sure to hold a glyph for each of these Shift_JIS pairs, told at one stroke."""
    try:
        pairs.decode("shift_jis" if repertoire in ("jis", "nec") else "cp932")
    except UnicodeDecodeError:
        return False
    return True


def _pairs(data: bytes, encoding: str, repertoire: str) -> tuple[Span, int]:
    if encoding == "shift_jis" and _all_in_rom(data, repertoire):
        return Span(data.decode("cp932"), data, encoding, wide=True), 0
    pairs = [data[i : i + 2] for i in range(0, len(data), 2)]
    if encoding == "jis":
        pairs = [jis_to_shift_jis(pair[0], pair[1]) for pair in pairs]
    x0213 = encoding == "shift_jis_2004"
    chars = [kanji(pair, repertoire, x0213=x0213) for pair in pairs]
    missing = chars.count(None)
    return Span("".join([char or _WIDE_BLANK for char in chars]), data, encoding, wide=True), missing


@dataclass
class CharacterModes:
    """``FS C``, ``FS &``, ``ESC t`` and ``ESC R``; power-on values of a Japanese model. Change them by :meth:`choose`."""

    account: Account
    code_system: int = 0
    """``FS C``: 0 JIS, 1 Shift_JIS, 2 Shift_JIS-2004; JIS is what ``ESC @`` brings back."""
    utf_8: bool = False
    """``FS ( C``."""
    repertoire: str = "nec"
    user_pairs: set[bytes] = field(default_factory=set)
    """Pairs that the host has defined a glyph for."""
    kanji_on: bool = False
    """``FS &``: means something only under the JIS code system [D: PPTII-A p.39]."""
    page: int = 0
    international: int = 0
    _lead: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        self.choose()

    def choose(self, **modes: int | bool) -> None:
        """Set some of the modes by their names."""
        for name, value in modes.items():
            setattr(self, name, value)
        self.reading = Reading(self._encoding, self.page, self.international, self.repertoire)
        self._defined = _tables(self.page, self.international)[1]
        self._all_single = self.reading.wide_encoding is None
        self._countable = self.reading.wide_encoding == "shift_jis" and not _SINGLES.translate(None, self._defined)

    def count(self, data: bytes) -> tuple[int, int] | None:
        """Return how many characters one and two bytes wide ``data`` is, or None where it takes a closer look.

        It does wherever anything is to be counted or to be waited for: :meth:`decode` has that look.
        """
        if self._countable and not self._lead and b"\x7f" not in data:
            try:
                # this codec knows the pairs of JIS X 0208 alone, which every kanji ROM holds
                count = len(data.decode("shift_jis"))
            except UnicodeDecodeError:
                return None
            wide = len(data) - count
            return count - wide, wide
        if self._all_single and not self._lead and not data.translate(None, self._defined):
            return len(data), 0
        return None

    def decode(self, data: bytes) -> tuple[Span, ...]:
        """Return what ``data`` prints. A lead byte at the end waits for the next call."""
        decoded = _decode(self._lead + data, self.reading)
        self._lead = decoded.lead
        self.account.bad_pairs += decoded.bad_pairs
        self.account.missing_glyphs += decoded.missing_glyphs
        if self.user_pairs:
            self.account.missing_glyphs -= sum(self._filled(span) for span in decoded.spans if span.wide)
        return decoded.spans

    def _filled(self, span: Span) -> int:
        """Return how many blanks of ``span`` the host's own glyphs fill."""
        pairs = (span.data[i : i + 2] for i in range(0, len(span.data), 2))
        return sum(pair in self.user_pairs and char == _WIDE_BLANK for pair, char in zip(pairs, span.text, strict=False))

    @property
    def _encoding(self) -> str | None:
        if self.utf_8:
            return "utf_8"
        return ("jis" if self.kanji_on else None, "shift_jis", "shift_jis_2004")[self.code_system]

    def interrupt(self) -> tuple[Span, ...]:
        """A command came: a lead byte still waiting for its second is a bad pair. The command itself is obeyed [K]."""
        if not self._lead:
            return ()
        piece, self._lead = self._lead, b""
        self.account.bad_pairs += 1
        return (Span(_WIDE_BLANK, piece, self._encoding or "jis", wide=True),)

    def forget(self) -> None:
        """Throw away a waiting lead byte: the print buffer was cleared."""
        self._lead = b""
