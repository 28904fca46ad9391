"""What a byte means to a Japanese printer: code pages, international sets, and the kanji in its ROM.

Katakana page: 80-9F and E0-FF hold rules and 円年月日時分秒 [D: escpos-printer-db]; the order of the marks and the table
of international sets are [K], as are Thai pages 21 and 26, read as Windows has them; pages 20, 22-25 and 30 (TCVN-3) are not
modelled. What the kanji ROM holds is a model's :data:`REPERTOIRES`; everything else two bytes can say is a blank.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

KATAKANA_PAGE: Final = 1
_CODECS: Final = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858",
    21: "cp874", 26: "cp874", 52: "cp1258",
}  # fmt: skip
_MARKS_80: Final = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
_MARKS_E0: Final = "═╞╪╡◢◣◥◤♠♥♦♣●○╱╲╳円年月日時分秒〒市区町村人▒ "

PAGES: Final = frozenset({KATAKANA_PAGE, *_CODECS})
"""Numbers that ``ESC t`` knows here."""

REPLACED: Final = "#$@[\\]^`{|}~"
"""Characters of ASCII that ``ESC R`` may replace."""
_INTERNATIONAL: Final = (
    "#$@[\\]^`{|}~", "#$à°ç§^`éùè¨", "#$§ÄÖÜ^`äöüß", "£$@[\\]^`{|}~", "#$@ÆØÅ^`æøå~", "#¤ÉÄÖÅÜéäöåü", "#$@°\\é^ùàòèì",
    "₧$@¡Ñ¿^`¨ñ}~", "#$@[¥]^`{|}~", "#¤ÉÆØÅÜéæøåü", "#$ÉÆØÅÜéæøåü", "#$á¡Ñ¿é`íñóú", "#$á¡Ñ¿éüíñóú", "#$@[₩]^`{|}~",
    "#$ŽŠĐĆČžšđćč", "#¥@[\\]^`{|}~",
)  # fmt: skip
INTERNATIONAL_SETS: Final = len(_INTERNATIONAL)
"""``ESC R`` takes 0 to one less than this; 8 is Japan."""


@lru_cache(maxsize=256)
def single_bytes(page: int, international: int) -> Mapping[int, str | None]:
    """Return what each byte 00-FF prints in ``ESC t page`` under ``ESC R international``; None where the page has nothing."""
    table: dict[int, str | None] = {byte: chr(byte) for byte in range(0x7F)}
    table[0x7F] = None
    for place, char in zip(REPLACED, _INTERNATIONAL[international], strict=True):
        table[ord(place)] = char
    for byte in range(0x80, 0x100):
        table[byte] = _high_byte(page, byte)
    return table


def _high_byte(page: int, byte: int) -> str | None:
    if page != KATAKANA_PAGE:
        char = bytes((byte,)).decode(_CODECS[page], "replace")
        return None if char == "\ufffd" else char
    if byte < 0xA0:
        return _MARKS_80[byte - 0x80]
    if byte >= 0xE0:
        return _MARKS_E0[byte - 0xE0]
    return " " if byte == 0xA0 else bytes((byte,)).decode("cp932")


REPERTOIRES: Final = ("jis", "nec", "ibm", "2004")
"""Kanji ROMs: JIS X 0208 alone; with NEC's row 13 (①㈱); also with the IBM extensions (髙﨑); JIS X 0213:2004."""


@lru_cache(maxsize=16384)
def kanji(pair: bytes, repertoire: str = "nec", *, x0213: bool = False) -> str | None:
    """Return the character that the ROM draws for a Shift_JIS pair, or None where it holds nothing.

    The character is read the way Windows does, so that 81 60 is a full-width tilde; with ``x0213`` (``FS C 2``) as
    Shift_JIS-2004. Whether a ROM holds the extensions is model dependent [K].
    """
    try:
        if x0213:
            char = pair.decode("shift_jis_2004")
            return char if len(char) == 1 else None
        if repertoire in ("jis", "nec") and not (repertoire == "nec" and pair[0] == 0x87):
            pair.decode("shift_jis")
        return pair.decode("cp932")
    except UnicodeDecodeError:
        return None


def jis_to_shift_jis(row: int, cell: int) -> bytes:
    """Return the Shift_JIS pair of a JIS pair (both bytes 21-7E)."""
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))
