"""The fields of the gateway's JSON, which is believed only as far as it was checked.

What goes on to paths, journal and screen is a *word*: short, of visible ASCII. What is for people is a *text*, and is made
fit to be read before anybody sees it (:mod:`kiosk.plaintext`).
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from kiosk.plaintext import discreet, plain

Json = Mapping[str, object]

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[!-~]{1,64}")
_MOST = 10**12
_Member = TypeVar("_Member", bound=StrEnum)


class Unbelievable(ValueError):
    """An answer that is not what the gateway's description allows. Never leaves the client: it becomes a ``Lost``."""


def json_object(content: bytes, prefix: str = "") -> Json:
    """Return the JSON object that ``content`` is; what is said of anything else begins with ``prefix``."""
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unbelievable(f"{prefix}not JSON") from error
    if not isinstance(raw, dict):
        raise Unbelievable(f"{prefix}not a JSON object")
    return raw


def member(kind: type[_Member], raw: Json, key: str) -> _Member:
    """Return a field that is one of a list of words."""
    value = word(raw, key)
    try:
        return kind(value)
    except ValueError as error:
        raise Unbelievable(f"{key} is {value[:40]!r}") from error


def text(raw: Json, key: str, default: str | None = None) -> str:
    """Return a text for people: printable, short, and without anybody's number."""
    value = raw.get(key, default)
    if not isinstance(value, str) or (not value and default is None):
        raise Unbelievable(f"{key} is not a text")
    return discreet(plain(value))


def word(raw: Json, key: str, default: str | None = None) -> str:
    """Return a name or code: 1 to 64 visible ASCII characters, or ``default`` when there is none."""
    value = raw.get(key, default)
    if value == default and isinstance(value, str):
        return value
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise Unbelievable(f"{key} is not a word")
    return value


def words(raw: Json, key: str, most: int) -> tuple[str, ...]:
    """Return a list of at most ``most`` words."""
    value = raw.get(key)
    if not isinstance(value, list) or len(value) > most or not all(isinstance(w, str) and _WORD.fullmatch(w) for w in value):
        raise Unbelievable(f"{key} is not a list of words")
    return tuple(value)


def identifier(raw: Json) -> str:
    """Return ``id``, which goes into paths and into the journal: a "../" in it would ask for something else."""
    value = word(raw, "id")
    if not _IDENTIFIER.fullmatch(value):
        raise Unbelievable("id is not 1 to 64 letters, digits, _ and -")
    return value


def whole(raw: Json, key: str, default: int | None = None) -> int:
    """Return a whole number of 0 or more, small enough for any ledger."""
    value = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise Unbelievable(f"{key} is not a whole number of 0 or more")
    return value


def moment(raw: Json, key: str) -> datetime:
    """Return a date and time with its time zone."""
    try:
        value = datetime.fromisoformat(word(raw, key))
    except ValueError as error:
        raise Unbelievable(f"{key} is not a date and time") from error
    if value.tzinfo is None:
        raise Unbelievable(f"{key} has no time zone")
    return value


def day(raw: Json, key: str) -> date:
    """Return a date."""
    try:
        return date.fromisoformat(word(raw, key))
    except ValueError as error:
        raise Unbelievable(f"{key} is not a date") from error
