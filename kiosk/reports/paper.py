"""The head and foot that all papers for staff share, and how yen and places stand in a line; in the shop's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hardware.printers.printer import Align, Blank, Columns, Cut, Document, Item, Rule, Text
from kiosk.languages import Language
from kiosk.receipts.store import StoreHeader


@dataclass(frozen=True)
class StaffPaper:
    """What every paper for staff needs to know."""

    store: StoreHeader
    language: Language
    carriers: Mapping[str, Mapping[str, str]]
    """Names by language tag, by carrier id."""
    terminal: str

    def text(self, key: str, **facts: object) -> str:
        """Return a text of the reports."""
        return self.language.text(f"report.{key}", **facts)

    def yen(self, amount: int) -> str:
        """Return an amount, as on receipts."""
        return self.language.yen(amount)

    def carrier(self, carrier: str) -> str:
        """Return a carrier's name; one that is in the catalogue no more goes by its id."""
        return self.carriers.get(carrier, {}).get(self.language.tag, carrier)

    def place(self, place: str) -> str:
        """Return what staff call a place of the ledger."""
        name, _, device = place.partition(":")
        return self.text(f"place.{name.lower()}", device=device.rpartition(":")[0])

    def when(self, moment: datetime) -> str:
        """Return date and time."""
        return f"{self.language.date(moment.date().isoformat())} {moment:%H:%M}"

    def head(self, title: str, number: str, moment: datetime, copy: int) -> list[Item]:
        """Return the head: shop, title, whether it is a copy, when and where."""
        items: list[Item] = [Text(self.store.chain, Align.CENTER), Text(self.store.store, Align.CENTER), Blank()]
        items.append(Text(title, Align.CENTER, width=2, height=2, bold=True))
        if copy:
            items.append(Text(self.text("copy"), Align.CENTER, height=2, bold=True))
        items += [Blank(), Columns(self.when(moment), f"{self.text('terminal')} {self.terminal}")]
        return [*items, *([Columns(self.text("number"), number)] if number else []), Rule()]

    def amounts(self, *lines: tuple[str, int]) -> list[Item]:
        """Return lines of amounts; those of 0 yen are left out."""
        return [Columns(self.text(key), self.yen(yen)) for key, yen in lines if yen]

    def document(self, items: list[Item]) -> Document:
        """Return the paper as one document, marked as a demonstration where the shop is one."""
        if self.store.fictional:
            items = [*items, Blank(), Text(self.language.text("receipt.fictional"), Align.CENTER)]
        return Document((*items, Cut()), self.language.tag)
