"""The money part of a receipt: total, tax, tender, change, and the revenue stamp where one is due."""

from typing import Final

from hardware.printers.escpos.layout import text_columns
from hardware.printers.printer import Align, Blank, Columns, Item, Rule, Text
from kiosk.languages import Language
from kiosk.receipts import tax
from kiosk.receipts.stamp import STAMP_YEN, needs_stamp
from kiosk.receipts.store import StampRule, StoreHeader
from kiosk.receipts.tender import CardSlip
from kiosk.session.state import State

_STAMP_COLUMNS: Final = 20
"""Inner width of the box in half-width characters: 30 mm, a stamp of 200 yen is 18 to 22 mm wide."""


def payment_items(language: Language, store: StoreHeader, state: State, card: CardSlip | None) -> list[Item]:
    """Return the lines for what was sold in ``state``: paid in cash, unless there is a ``card``."""
    total = state.sold_yen
    items: list[Item] = [Blank(), Columns(language.text("receipt.total"), language.yen(total), bold=True, height=2), Blank()]
    classes = tax.totals([(state.plan.tax if state.plan else tax.NOT_TAXED, total)])
    for group in classes:
        items.append(Columns(language.text(group.line), language.yen(group.total_yen)))
        if group.tax_yen is not None:
            items.append(Columns(language.text("receipt.included_tax"), language.yen(group.tax_yen)))
    taxed = any(group.tax_yen is not None for group in classes)
    if taxed and store.registration:
        items.append(Columns(language.text("receipt.registration"), store.registration))
    if card is not None:
        return [*items, *card_items(language, card), Rule()]
    items.append(Columns(language.text("receipt.cash"), language.yen(state.credited_yen)))
    items.append(Columns(language.text("receipt.change"), language.yen(state.credited_yen - state.sold_yen)))
    if store.stamp is StampRule.BOX and needs_stamp(total, sum(group.tax_yen or 0 for group in classes)):
        items += _stamp_box(language)
    return [*items, Rule()]


def card_items(language: Language, card: CardSlip) -> list[Item]:
    """Return the lines of a card payment. They say that it is one: that is why no revenue stamp is due."""
    items: list[Item] = [
        Columns(language.text("receipt.card"), card.brand),
        Columns(language.text("receipt.card_number"), card.masked),
        Columns(language.text("receipt.card_way"), language.text("receipt.card_once")),
    ]
    if card.approval:
        items.append(Columns(language.text("receipt.card_approval"), card.approval))
    if card.terminal:
        items.append(Columns(language.text("receipt.card_terminal"), card.terminal))
    return [*items, Text(language.text("receipt.card_used"))]


def _stamp_box(language: Language) -> list[Item]:
    """A place for the stamp."""
    inside = ["", language.text("receipt.stamp"), language.yen(STAMP_YEN), ""]
    lines = ["┌" + "─" * (_STAMP_COLUMNS // 2) + "┐"]
    for words in inside:
        free = _STAMP_COLUMNS - text_columns(words)
        lines.append("│" + " " * (free // 2) + words + " " * (free - free // 2) + "│")
    lines.append("└" + "─" * (_STAMP_COLUMNS // 2) + "┘")
    return [Blank(), *(Text(line, Align.CENTER) for line in lines)]
