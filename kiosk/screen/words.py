"""The texts of one model: its language, and what to do with a key that no catalogue has."""

import logging
from dataclasses import dataclass
from datetime import date

from kiosk.languages import Language

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """All languages, with the one the customer chose."""

    languages: dict[str, Language]
    tag: str

    def text(self, key: str, **facts: object) -> str:
        """Return the text for ``key``; an unknown key is logged and gives nothing: a screen with a gap beats no screen."""
        return self.text_in(self.tag, key, **facts)

    def text_in(self, tag: str, key: str, **facts: object) -> str:
        """Return a text in a language that is not the customer's: endonyms, the out-of-service page."""
        try:
            return self.languages[tag].text(key, **facts)
        except (KeyError, IndexError):
            _log.warning("no text %r in %s", key, tag)
            return ""

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self.languages[self.tag].texts

    def message(self, key: str, amount_yen: int) -> str:
        """Return a notice, in its form with an amount (``<key>.yen``) when there is an amount and such a form."""
        if amount_yen and self.has(f"{key}.yen"):
            return self.text(f"{key}.yen", yen=self.yen(amount_yen))
        return self.text(key) if key else ""

    def yen(self, amount: int) -> str:
        """Return an amount as people write it."""
        return self.languages[self.tag].yen(amount)

    def date(self, iso: str) -> str:
        """Return an ISO date in long form; something that is no date is shown as it came."""
        try:
            date.fromisoformat(iso)
        except ValueError:
            return iso
        return self.languages[self.tag].date(iso)
