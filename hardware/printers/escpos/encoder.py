"""Text as the bytes a Japanese printer's ROM prints: ASCII, half-width kana and Shift_JIS kanji, after ``FS C 1``.

The bytes are cp932, encoded strictly: a character that the ROM lacks is never replaced by ``?`` or by a look-alike; its
whole line goes to paper as dots instead (:mod:`hardware.printers.escpos.drawing`). Control characters are taken out before
anything is encoded, so no text from outside is ever a command. Facts are [M], measured with Python's codec, unless tagged.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_GETA: Final = "〓"
"""What Japanese typesetting puts where a character is missing; stands for half a surrogate pair."""

_LINE_END: Final = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
_INVISIBLE: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""C0 but line feed, DEL, C1, marks of writing direction, byte order mark."""
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")

_NOT_IN_ROM: Final = re.compile(r"[\\~]")
"""5C prints the yen sign under ESC R 8, and 7E an overline on some models [D]: these two are drawn."""


_APART: Final = re.compile(r"[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")
"""A letter with its marks behind it, as some keyboards and file systems write Vietnamese and kana."""


_SPECIAL: Final = re.compile(r"[\x00-\x1f\x7f-\xa0\u0300-\u036f\u2028-\u202e\u2066-\u2069\u3099\u309a\ufeff\ud800-\udfff]")
"""Everything that any of the patterns above is about: most texts hold none of it."""


def printable(text: str) -> str:
    """Return ``text`` without control characters; tab becomes a space, every kind of line end a line feed.

    A letter and its mark become the one character they are; nothing else is normalised, because that would turn the forms of
    names (神 U+FA19) into their common ones.
    """
    if not _SPECIAL.search(text):
        return text
    text = _LINE_END.sub("\n", text.replace("\t", " ").replace("\xa0", " "))
    text = _APART.sub(lambda match: unicodedata.normalize("NFC", match.group()), text)
    return _SURROGATE.sub(_GETA, _INVISIBLE.sub("", text))


@dataclass(frozen=True)
class Repertoire:
    """Which characters a printer's ROM holds: ASCII always; a Japanese one half-width kana and JIS X 0208 too."""

    kanji: bool = True
    """Whether it is a Japanese ROM. Without it everything but ASCII is drawn, the yen sign included: no other ROM can be
    trusted to have it at 5C."""
    row_13: bool = True
    """NEC row 13: ①, ㈱, №, Roman numbers."""
    ibm_extensions: bool = False
    """The 374 IBM extension characters, 髙 and 﨑 among them, as NEC-selected ED and EE; whether they are there depends on
    the model, so they are drawn unless its file promises them."""

    @cached_property
    def _well_formed(self) -> re.Pattern[bytes]:
        """Matches cp932 bytes of this ROM; the pairs are matched as pairs, because a trail byte may be 5C or 7C."""
        leads = rb"\x81-\x84\x88-\x9f\xe0-\xea" + (rb"\x87" if self.row_13 else b"")
        leads += rb"\xed\xee" if self.ibm_extensions else b""
        return re.compile(rb"(?:[\x20-\x7d\xa1-\xdf]|[" + leads + rb"][\x40-\x7e\x80-\xfc])*")

    def encode(self, text: str) -> bytes | None:
        """Return the bytes of one printable line, or None when the ROM lacks a character of it."""
        if _NOT_IN_ROM.search(text):
            return None
        if text.isascii() and text.isprintable():
            return text.encode("ascii")
        if not self.kanji:
            return None
        try:
            # cp932 refuses U+00A5, which is 5C under ESC R 8, and the em dash, whose stroke is that of U+2015
            data = text.replace("¥", "\\").replace("—", "―").encode("cp932")
        except UnicodeEncodeError:
            return None
        return data if self._well_formed.fullmatch(data) else None
