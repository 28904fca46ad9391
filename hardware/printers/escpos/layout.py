"""Where characters stand on a line, counted in columns: a half-width character takes one, a full-width one two.

Widths follow the printer: what its code page sends as two bytes is full-width there, whatever Unicode says of it (Greek,
``×``, ``①``). The rest follows East Asian Width, so a drawn line stands in the same columns as a printed one.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_NEVER_FIRST: Final = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%"
)
"""Characters that may not begin a line (kinsoku, JIS X 4051)."""
_NEVER_LAST: Final = frozenset("（〔［｛〈《「『【‘“([{￥¥＄$")
"""Characters that may not end a line."""


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
    return sum(map(character_columns, text))


def clusters(text: str) -> list[str]:
    """Cut ``text`` into characters that keep their combining marks."""
    found: list[str] = []
    for character in text:
        if found and character_columns(character) == 0:
            found[-1] += character
        else:
            found.append(character)
    return found


def wrap(text: str, columns: int) -> list[str]:
    """Break ``text`` into lines of at most ``columns``, at its line feeds and wherever it is too long.

    Lines break at spaces (which then vanish) and between full-width characters, but not before closing or after opening
    punctuation; a word longer than the line is broken inside. Nothing else is lost. Raises ValueError below 2 columns.
    """
    if columns < 2:
        raise ValueError(f"no line has {columns} columns")
    return [line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, columns)]


def _wrap_paragraph(text: str, columns: int) -> list[str]:
    if text_columns(text) <= columns:
        return [text]
    lines: list[str] = []
    left = clusters(text)
    while left:
        fits = _how_many_fit(left, columns)
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
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return before == " " or text_columns(before) == 2 or text_columns(after) == 2


def columns_lines(left: str, right: str, columns: int) -> list[str]:
    """Lay out a left and a right part: ``right`` ends at the last column, on the last line of ``left`` if it fits there.

    ``right`` is never broken, save when it alone is wider than the paper.
    """
    if text_columns(right) > columns:
        return wrap(left, columns) + wrap(right, columns)
    lines = wrap(left, columns)
    room = columns - text_columns(right)
    if text_columns(lines[-1]) + (1 if lines[-1] and right else 0) > room:
        lines.append("")
    lines[-1] += " " * (room - text_columns(lines[-1])) + right
    return lines
