"""Texts in the customer's language: gettext catalogues of ``config/languages``, read as they are (no compile step).

Entries are keyed (``msgid "screen.cash.title"``), so a text can change without touching code, and braces take facts:
``"あと {yen}"``. Amounts and dates are worded here too, by Babel.

Babel is imported where it is used: reading catalogues and wording dates. A screen that gets its texts from the till
(:func:`save_texts`, :func:`load_texts`) shows its first frame a tenth of a second earlier for it [measured].
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter

from hardware.errors import ConfigError

TAGS = ("ja", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ne", "my", "th")
"""Languages in the order the screen offers them; the first is the default."""

STAFF_TAGS = ("ja", "en", "zh-Hans")
"""Languages that papers for staff are worded in (keys ``report.*``); the other catalogues borrow the English ones."""
_STAND_IN = "en"
_FOR_STAFF = "report."

_DATES = {
    "ja": "y年M月d日",
    "zh-Hans": "y年M月d日",
    "zh-Hant": "y年M月d日",
    "ko": "y년 M월 d일",
    "vi": "dd/MM/y",
    "ne": "y MMMM d",
    "my": "y MMMM d",
    "th": "d MMM y",
}
"""Patterns of dates; ``MMMM d, y`` for the rest. Years are of the common era and digits Latin in every language: they stand
beside the Japanese ones of a SIM card's papers."""


@dataclass(frozen=True)
class Language:
    """One catalogue."""

    tag: str
    texts: dict[str, str]

    def text(self, key: str, **facts: object) -> str:
        """Return the text for ``key`` with its facts filled in. Raises KeyError for a key the catalogue lacks."""
        return self.texts[key].format(**facts) if facts else self.texts[key]

    def yen(self, amount: int) -> str:
        """Return an amount as people write it: ``¥1,000``; Latin digits in every language."""
        return f"-¥{-amount:,}" if amount < 0 else f"¥{amount:,}"

    def date(self, iso: str) -> str:
        """Return an ISO date in the language's long form."""
        from babel.core import Locale
        from babel.dates import format_date

        locale = Locale.parse(self.tag.replace("-", "_"))
        return format_date(date.fromisoformat(iso), format=_DATES.get(self.tag, "MMMM d, y"), locale=locale)


def load_languages(folder: Path) -> dict[str, Language]:
    """Read ``<tag>.po`` for every tag. Raises ConfigError for a missing or broken one, or keys that differ between them."""
    from babel.messages.pofile import read_po

    languages: dict[str, Language] = {}
    for tag in TAGS:
        path = folder / f"{tag}.po"
        try:
            with path.open("rb") as file:
                catalogue = read_po(file, abort_invalid=True)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
        except Exception as error:  # babel raises several kinds for one meaning
            raise ConfigError(f"{path}: not a gettext catalogue: {error}") from error
        languages[tag] = Language(tag, {str(m.id): str(m.string) for m in catalogue if m.id})
        _check_texts(path, languages[tag])
        if tag not in STAFF_TAGS:
            staffs = {key: text for key, text in languages[_STAND_IN].texts.items() if key.startswith(_FOR_STAFF)}
            languages[tag] = Language(tag, staffs | languages[tag].texts)
    first = languages[TAGS[0]].texts.keys()
    for tag in TAGS[1:]:
        if odd := sorted(first ^ languages[tag].texts.keys()):
            raise ConfigError(f"{folder / tag}.po: key {odd[0]}: stands in only one of {TAGS[0]}.po and {tag}.po")
        for key, text in languages[tag].texts.items():
            expected, found = _facts(languages[TAGS[0]].texts[key]), _facts(text)
            if not found <= expected:
                strange = ", ".join(sorted(found - expected))
                raise ConfigError(f"{folder / tag}.po: {key}: found {{{strange}}}, expected what {TAGS[0]}.po has")
    return languages


def save_texts(languages: dict[str, Language], path: Path) -> None:
    """Write checked catalogues where another process of ours finds them ready to use."""
    path.write_text(json.dumps({tag: language.texts for tag, language in languages.items()}), encoding="utf-8")


def load_texts(path: Path) -> dict[str, Language]:
    """Read what :func:`save_texts` wrote. Raises OSError or ValueError when it is not there or something else."""
    return {tag: Language(tag, texts) for tag, texts in json.loads(path.read_text(encoding="utf-8")).items()}


def _facts(text: str) -> set[str]:
    """Return the names in braces. Raises ValueError for braces that do not match."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _check_texts(path: Path, language: Language) -> None:
    for key, text in language.texts.items():
        if not text:
            raise ConfigError(f"{path}: {key}: found no text, expected one")
        try:
            _facts(text)
        except ValueError as error:
            raise ConfigError(f"{path}: {key}: found {text!r}, expected braces in pairs ({error})") from error
