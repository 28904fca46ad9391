"""Where lines may break. Kivy breaks at spaces and then anywhere; Japanese and Chinese need more care [M].

Japanese breaks between phrases (BudouX), Chinese between characters, Latin, Korean and Nepali at spaces, Thai and Burmese
also where the catalogue says so by a zero width space; none begins a line with a closing mark or ends it with an opening one
(kinsoku), and a number is never torn from its unit sign.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Protocol, cast

Measure = Callable[[str], float]
"""Width of a text, in any unit."""

BREAK = "\u200b"
"""Zero width space: a line may end here. No line that :func:`wrap` returns holds one."""
_NEVER_FIRST = set(
    "、。，．・：；？！）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜～…‥%％℃,.!?:;)]}’”ん円年月日"
)
_NEVER_LAST = set("（「『【〈《〔［｛([{‘“¥￥")
_CLINGING = ("ください", "いただ", "ありません", "いません")
"""Verb endings that BudouX parts from their verb."""
_MARKS = "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u102b-\u103e\u0e31\u0e33-\u0e3a\u0e47-\u0e4e"
"""What stands on, under or round the letter before it."""
_RUN = re.compile(r"[0-9A-Za-z¥$#+\-–—.,:/%'’]+|\s+|.", re.S)


class _Parser(Protocol):
    def parse(self, sentence: str) -> list[str]: ...


@cache
def _japanese_parser() -> _Parser:
    import budoux

    return cast(_Parser, budoux.load_default_japanese_parser())


def _glue(pieces: list[str]) -> list[str]:
    """Join pieces that kinsoku forbids to part."""
    joined: list[str] = []
    for piece in pieces:
        stays = joined and (piece[0] in _NEVER_FIRST or joined[-1][-1] in _NEVER_LAST or piece.startswith(_CLINGING))
        number_goes_on = (
            joined and joined[-1][-1].isascii() and joined[-1][-1].isalnum() and piece[0].isascii() and piece[0].isalnum()
        )
        if stays or number_goes_on:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


@lru_cache(maxsize=512)
def pieces(text: str, tag: str) -> tuple[str, ...]:
    """Return ``text`` cut at every place where a line may end; joined they give it back, without its marks for that."""
    if not text:
        return ()
    if tag == "ja":
        phrases = _japanese_parser().parse(text)
        return tuple(_glue([part for phrase in phrases for part in re.findall(r"[^・ ]*[・ ]+|[^・ ]+", phrase)]))
    if tag in ("zh-Hans", "zh-Hant"):
        return tuple(_glue(_RUN.findall(text)))
    found = (part.replace(BREAK, "") for part in re.findall(rf"\s*[^\s{BREAK}]+[\s{BREAK}]*|[\s{BREAK}]+", text))
    return tuple(part for part in found if part)


def _sentences(paragraph: str) -> list[str]:
    return re.findall(r".+?(?:[。！？।။]+|[.!?]+(?=\s|$)|$)", paragraph)


def _characters(piece: str) -> list[str]:
    if piece.isascii():
        return list(piece)
    return _glue(re.findall(rf".[{_MARKS}]*", piece, re.S))


def _greedy(parts: tuple[str, ...], width: float, measure: Measure) -> list[str]:
    lines = [""]
    for part in parts:
        if measure((lines[-1] + part).rstrip()) <= width or not lines[-1]:
            lines[-1] += part
        else:
            lines.append(part)
        while measure(lines[-1].rstrip()) > width and len(lines[-1]) > 1:
            whole, kept = lines.pop(), ""
            letters = _characters(whole)
            while letters and (not kept or measure(kept + letters[0]) <= width):
                kept += letters.pop(0)
            if not letters:
                lines.append(kept)
                break
            lines += [kept, "".join(letters)]
    return [line.strip() for line in lines]


def wrap(text: str, tag: str, width: float, measure: Measure) -> list[str]:
    """Return lines no wider than ``width``, as few as possible and as even as possible.

    Sentences begin lines of their own where that needs no more of them; ``\\n`` in the text is obeyed.

    Only a single character wider than ``width`` may stick out.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        parts = pieces(paragraph, tag)
        best = _greedy(parts, width, measure)
        sentences = _sentences(paragraph) if len(best) > 1 else []
        apart = [wrap(sentence.strip(), tag, width, measure) for sentence in sentences] if len(sentences) > 1 else []
        if apart and sum(map(len, apart)) <= len(best):
            lines += [line for sentence in apart for line in sentence]
            continue
        low, high = width * 0.45, width
        for _ in range(7 if len(best) > 1 else 0):
            middle = (low + high) / 2
            attempt = _greedy(parts, middle, measure)
            tears = any(measure(part.strip()) > middle for part in parts)
            if len(attempt) == len(best) and not tears:
                best, high = attempt, middle
            else:
                low = middle
        lines += best
    return lines
