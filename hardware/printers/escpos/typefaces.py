"""The faces that lines are drawn in, and which characters they hold.

Noto Sans Mono CJK draws Chinese, Korean, Vietnamese and the Latin, Greek and Cyrillic letters in the columns the ROM would
use. Devanagari (Nepali), Myanmar (Burmese) and Thai are shaped: signs move round their consonant, consonants join or stack,
and a run of them is as wide as it comes out. Pillow's Raqm does it, which needs FriBiDi on the machine (Debian: libfribidi0);
where it is missing a shaped script would print scrambled, so it counts as a script that no face here holds. So do scripts
written from right to left and emoji; what becomes of those stands in :func:`spelled_out`.
"""

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Final

import fontpkg_noto_sans_devanagari
import justmytype_intl_sea
import noto_cjk_sans_otc
from PIL import ImageFont, features

EM_DOTS: Final = 24
"""Size of the CJK faces: kanji fill 24 by 24 dots, half-width characters 12 by 24."""
JAPANESE_FACE: Final = 5
_FACES: Final = {
    "ja": JAPANESE_FACE,
    "ko": 6,
    "zh": 7,
    "zh-Hans": 7,
    "zh-CN": 7,
    "zh-SG": 7,
    "zh-Hant": 8,
    "zh-TW": 8,
    "zh-HK": 9,
}
"""BCP 47 tag to index in NotoSansCJK-Regular.ttc; the Mono faces have exact 12 and 24 dot advances."""


class Script(Enum):
    """A script that must be shaped: its letters, its file, and the size that stands well beside 24-dot kanji."""

    DEVANAGARI = ("\u0900-\u097f\ua8e0-\ua8ff", "noto_sans_devanagari", 24)
    MYANMAR = ("\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f", "notosansmyanmar", 22)
    THAI = ("\u0e00-\u0e7f", "notosansthai", 24)

    def __init__(self, letters: str, folder: str, em_dots: int) -> None:
        self.letters = letters
        self.folder = folder
        self.em_dots = em_dots


_PATHS: Final = {
    Script.DEVANAGARI: files(fontpkg_noto_sans_devanagari) / "files" / "NotoSansDevanagari[wdth,wght].ttf",
    Script.MYANMAR: files(justmytype_intl_sea) / "fonts/ofl/notosansmyanmar/NotoSansMyanmar[wdth,wght].ttf",
    Script.THAI: files(justmytype_intl_sea) / "fonts/ofl/notosansthai/NotoSansThai[wdth,wght].ttf",
}
_JOINERS: Final = "\u200c\u200d"
_RUN: Final = re.compile(
    "|".join(
        # wider gaps keep their columns; a point between or behind letters stands close to them
        f"(?P<{script.name}>[{script.letters}](?:[ .]?[{_JOINERS}{script.letters}])*[.,:;?!)]*)"
        for script in Script
    )
)
_SURELY_HELD: Final = re.compile("[\x20-\x7e\u3000-\u3020\u3041-\u3096\u309b-\u30ff\u4e00-\u9fa5\uff01-\uff9f\uffe0-\uffe6]*")
"""What most receipts are made of; a test looks at every one."""
_UNUSED: Final = "\uffff"


def face_index(language: str) -> int:
    """Return the face for a BCP 47 tag by its longest known beginning; Japanese when the language has none of its own."""
    parts = language.split("-")
    for length in range(len(parts), 0, -1):
        face = _FACES.get("-".join(parts[:length]))
        if face is not None:
            return face
    return JAPANESE_FACE


@lru_cache(maxsize=16)
def cell_font(face: int) -> ImageFont.FreeTypeFont:
    """Return a CJK face at :data:`EM_DOTS`."""
    return ImageFont.truetype(str(noto_cjk_sans_otc.FONT_PATH), EM_DOTS, index=face)


@lru_cache(maxsize=8)
def shaped_font(script: Script) -> ImageFont.FreeTypeFont:
    """Return the face of a shaped script at its size."""
    return ImageFont.truetype(str(_PATHS[script]), script.em_dots, layout_engine=ImageFont.Layout.RAQM)


def can_shape() -> bool:
    """Tell whether this machine can shape at all."""
    return bool(features.check("raqm"))


def runs(text: str) -> list[tuple[Script | None, str]]:
    """Cut ``text`` into runs of one shaped script, single spaces in it included, and the text between (None)."""
    found: list[tuple[Script | None, str]] = []
    end = 0
    for match in _RUN.finditer(text):
        if match.start() > end:
            found.append((None, text[end : match.start()]))
        assert match.lastgroup is not None
        found.append((Script[match.lastgroup], match.group()))
        end = match.end()
    if end < len(text):
        found.append((None, text[end:]))
    return found


def needs_shaping(text: str) -> bool:
    """Tell whether any of ``text`` is of a shaped script."""
    return _RUN.search(text) is not None


def script_of(character: str) -> Script | None:
    """Return the shaped script that a character belongs to."""
    match = _RUN.match(character)
    return None if match is None or match.lastgroup is None else Script[match.lastgroup]


@lru_cache(maxsize=4096)
def run_dots(script: Script, run: str) -> float:
    """Return how many dots a run takes on the line."""
    return shaped_font(script).getlength(run)


@lru_cache(maxsize=8192)
def is_held(character: str) -> bool:
    """Tell whether a face here holds ``character``: it is drawn as something else than the face's missing glyph."""
    if character.isascii() or unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return True
    script = script_of(character)
    if script is not None and not can_shape():
        return False
    font = cell_font(JAPANESE_FACE) if script is None else shaped_font(script)
    return _picture(font, character) != _picture(font, _UNUSED)


def _picture(font: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


@lru_cache(maxsize=1024)
def spelled_out(text: str) -> str:
    """Return ``text`` with every character that no face holds written as its code point, ``[U+1F600]``.

    It is ugly, and nothing is lost by it: a box or a ``?`` would not say what stood there.
    """
    if _SURELY_HELD.fullmatch(text) or all(map(is_held, text)):
        return text
    return "".join(character if is_held(character) else f"[U+{ord(character):04X}]" for character in text)
