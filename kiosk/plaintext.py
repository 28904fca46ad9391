"""Text from outside, made fit to be read: by people on a screen, a paper or a terminal, and by programs in a log.

A carrier's error text may hold anything: an escape sequence that rewrites the terminal it is shown on, a command of the
printer, an override that turns the line around, half a character that no file can hold, ten thousand letters, or a customer's
number.
"""

import re

MOST_CHARACTERS = 200
"""Of one text; what is longer was not written for people."""

_ALSO_PRINTABLE = frozenset("\u3000\u200c\u200d")
"""The ideographic space, and the joiners that Nepali and Burmese are spelled with."""

_MANY_DIGITS = re.compile(r"(?!\d{4}-\d\d-\d\d)(?<![\w.])\+?\d(?:[ ./()-]{0,2}\d){8,}")
"""Nine digits and more, as numbers of lines, cards and PINs are written; a date is none."""


def plain(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return ``text`` with everything that does not print spelled out (``\\x1b``), and cut to ``most`` characters."""
    cut = text[:most] if len(text) <= most else text[: most - 1] + "…"
    return "".join(c if c.isprintable() or c in _ALSO_PRINTABLE else _spelled(c) for c in cut)


def discreet(text: str) -> str:
    """Return ``text`` without numbers that could be a line's, a card's or a PIN; the last two digits stay."""
    return _MANY_DIGITS.sub(lambda found: f"[…{''.join(filter(str.isdecimal, found[0]))[-2:]}]", text)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii") if character != "\\" else character
