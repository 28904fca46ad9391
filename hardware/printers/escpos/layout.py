"""Where characters stand on a line, counted in columns: a half-width character takes one, a full-width one two.

Widths follow the printer: what its code page sends as two bytes is full-width there, whatever Unicode says of it (Greek,
``×``, ``①``). The rest follows East Asian Width, so a drawn line stands in the same columns as a printed one. Shaped scripts
have no columns: a run of Devanagari, Myanmar or Thai takes as many as it is wide when drawn. Thai and Burmese lines break
between syllables as far as their letters tell, for no dictionary says where their words end; a text that marks them itself,
with zero width spaces (U+200B), breaks at these and at its spaces only.
"""

import re
import unicodedata
from functools import lru_cache
from math import ceil
from typing import Final

from hardware.printers.escpos.typefaces import Script, needs_shaping, run_dots, runs, script_of

COLUMN_DOTS: Final = 12
"""Width of a half-width character of font A; kanji are 24 by 24."""
_NEVER_FIRST: Final = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%।॥၊။ๆฯ"
)
"""Characters that may not begin a line (kinsoku, JIS X 4051)."""
BREAK: Final = "\u200b"
"""Zero width space: a line may end here. It is gone from every line that :func:`wrap` returns."""
_NEVER_LAST: Final = frozenset("（〔［｛〈《「『【‘“([{￥¥＄$")
"""Characters that may not end a line."""
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
"""Syllables of Korean, which writes spaces between its words and is broken there."""
_STACKERS: Final = "\u094d\u1039"
"""Virama of Devanagari and of Myanmar: the consonant after it joins the one before."""
_MYANMAR_FINALS: Final = "\u103a\u1039"
"""Asat and virama: the consonant that carries one closes the syllable before."""
_THAI_BEFORE: Final = "เแโใไ"
_THAI_AFTER: Final = "ะาำๅ"
_BREAKS_INSIDE: Final = frozenset({Script.MYANMAR, Script.THAI})
"""Scripts that write no space between words."""


@lru_cache(maxsize=8192)
def character_columns(character: str) -> int:
    """Return 0 for a combining or invisible character, 1 for a half-width, 2 for a full-width one."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    try:
        return len(character.encode("cp932"))
    except UnicodeEncodeError:
        pass
    width = unicodedata.east_asian_width(character)
    if width == "A":  # é and ø are ambiguous too, but no face draws a Latin letter full-width
        return 1 if ord(character) < 0x250 else 2
    return 2 if width in ("W", "F") else 1


@lru_cache(maxsize=4096)
def text_columns(text: str) -> int:
    """Return how many columns ``text`` takes."""
    try:
        return len(text.encode("cp932"))  # which none of the shaped and none of the invisible characters has
    except UnicodeEncodeError:
        pass
    if not needs_shaping(text):
        return sum(map(character_columns, text))
    return sum(
        sum(map(character_columns, run)) if script is None else ceil(run_dots(script, run) / COLUMN_DOTS)
        for script, run in runs(text)
    )


def clusters(text: str) -> list[str]:
    """Cut ``text`` into characters that keep their combining marks, in shaped scripts into syllables."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
            if character in _MYANMAR_FINALS and len(found[-1]) == 2 and len(found) > 1 and script_of(found[-2][-1]):
                final = found.pop()
                found[-1] += final
        else:
            found.append(character)
    return found


def _joins(before: str, character: str) -> bool:
    """Tell whether ``character`` cannot stand apart from the cluster ``before``."""
    if character_columns(character) == 0:
        return True
    if script_of(character) is None:
        return False
    last = before[-1]
    return (
        unicodedata.category(character) == "Mc"
        or last in _STACKERS
        or (last == "\u200d" and before[-2:-1] in ("\u094d", "\u1039"))
        or last in _THAI_BEFORE
        or (character in _THAI_AFTER and script_of(last) is Script.THAI)
    )


def wrap(text: str, columns: int) -> list[str]:
    """Break ``text`` into lines of at most ``columns``, at its line feeds and wherever it is too long.

    Lines break at spaces (which then vanish) and between full-width characters, but not before closing or after opening
    punctuation; a word longer than the line is broken inside. Nothing else is lost. Raises ValueError below 2 columns.
    """
    if columns < 2:
        raise ValueError(f"no line has {columns} columns")
    if BREAK not in text and "\n" not in text and text_columns(text) <= columns:
        return [text]
    return [line for paragraph in text.split("\n") for line in _wrap_marked(paragraph, columns)]


def _wrap_marked(text: str, columns: int) -> list[str]:
    """Break a text that marks where its lines may end there and at spaces; any other by what its letters tell."""
    if BREAK not in text:
        return _wrap_paragraph(text, columns)
    lines = [""]
    for word in re.findall(f"[^ {BREAK}]+ *", text):
        if text_columns((lines[-1] + word).rstrip(" ")) > columns:
            lines[-1:] = [*(line for line in (lines[-1].rstrip(" "),) if line), *_wrap_paragraph(word, columns)]
        else:
            lines[-1] += word
    return [*lines[:-1], lines[-1].rstrip(" ")]


def _wrap_paragraph(text: str, columns: int) -> list[str]:
    if text_columns(text) <= columns:
        return [text]
    lines: list[str] = []
    left = clusters(text)
    while left:
        fits = _how_many_fit(left, columns)
        if not fits:  # one syllable wider than the line
            left[:1] = list(left[0])
            fits = max(1, _how_many_fit(left, columns))
        if fits == len(left):
            lines.append("".join(left))
            break
        end = next((at for at in range(fits, 0, -1) if _may_break(left, at)), fits)
        lines.append("".join(left[:end]).rstrip(" "))
        while end < len(left) and left[end] == " ":
            end += 1
        left = left[end:]
    return lines


def _how_many_fit(characters: list[str], columns: int) -> int:
    if any(map(needs_shaping, characters)):
        longer = range(1, len(characters) + 1)
        return next((n - 1 for n in longer if text_columns("".join(characters[:n])) > columns), len(characters))
    used = 0
    for count, character in enumerate(characters):
        used += text_columns(character)
        if used > columns:
            return count
    return len(characters)


def _may_break(characters: list[str], at: int) -> bool:
    """Tell whether a line may end just before ``characters[at]``."""
    before, after = characters[at - 1], characters[at]
    if after == " ":
        return any(character != " " for character in characters[:at])
    if after in _NEVER_FIRST or before in _NEVER_LAST or (_HANGUL.fullmatch(before) and _HANGUL.fullmatch(after)):
        return False
    script, next_script = script_of(before[0]), script_of(after[0])
    if script is not None and script is next_script:
        return script in _BREAKS_INSIDE
    return before == " " or text_columns(before) == 2 or text_columns(after) == 2


def columns_lines(left: str, right: str, columns: int) -> list[str]:
    """Lay out a left and a right part: ``right`` ends at the last column, on the last line of ``left`` if it fits there.

    ``right`` is never broken, save when it alone is wider than the paper.
    """
    right = right.replace(BREAK, "")
    if text_columns(right) > columns:
        return wrap(left, columns) + wrap(right, columns)
    lines = wrap(left, columns)
    room = columns - text_columns(right)
    if text_columns(lines[-1]) + (1 if lines[-1] and right else 0) > room:
        lines.append("")
    lines[-1] += " " * (room - text_columns(lines[-1])) + right
    return lines
