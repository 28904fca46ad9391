"""What is printed: receipt, OWED slip and "under investigation" slip, each in the customer's language.

Content follows Japanese receipts: seller and registration number, date, what was bought, tax class with its total, tender,
refund rule, where to ask. Legal points are configuration, not advice.
"""

from dataclasses import dataclass
from datetime import datetime

from hardware.printers.printer import Align, Blank, Columns, Cut, Document, Item, Qr, Rule, Text
from kiosk.languages import Language
from kiosk.session.state import PlanOffer, ReceiptKind, State

STANDARD_RATE_PERCENT = 10


@dataclass(frozen=True)
class StoreHeader:
    """Who sells: printed on top of every paper. From ``config/terminal.toml``."""

    chain: str
    store: str
    address: str
    telephone: str
    registration: str
    """Qualified invoice issuer's number, ``T`` and 13 digits; empty when there is none."""
    help_line: str
    fictional: bool
    """Whether the papers must say that they are a demonstration."""


def included_tax_yen(total_yen: int) -> int:
    """Return the consumption tax inside a total at the standard rate, rounded down once per receipt and rate."""
    return total_yen * STANDARD_RATE_PERCENT // (100 + STANDARD_RATE_PERCENT)


class PaperMaker:
    """Turns a visit into a document for the printer."""

    def __init__(
        self, store: StoreHeader, carriers: dict[str, dict[str, str]], languages: dict[str, Language], terminal: str
    ) -> None:
        self._store = store
        self._carriers = carriers
        self._languages = languages
        self._terminal = terminal

    def document(self, state: State, kind: ReceiptKind, copy: int, reference: str, issued_at: datetime) -> Document:
        """Return the paper for ``state``; ``copy`` above 0 is marked as a reprint of what was issued at ``issued_at``."""
        language = self._languages[state.language]
        items = [*self._head(language, kind, copy, reference, issued_at)]
        if state.plan is not None:
            items += self._subject(language, state, state.plan, sold=kind == "receipt")
        match kind:
            case "receipt":
                items += self._payment(language, state)
                items += self._owed(language, state, "receipt.owed_change_why") if state.owed_yen else []
            case "owed":
                items += self._owed(language, state, "receipt.owed_why" if not state.kept_yen else "receipt.owed_change_why")
            case "investigation":
                items += self._investigation(language, state)
                items += self._owed(language, state, "receipt.owed_change_why") if state.owed_yen else []
        items += self._foot(language, reference)
        return Document(tuple(items), state.language)

    def _head(self, language: Language, kind: str, copy: int, reference: str, issued_at: datetime) -> list[Item]:
        store = self._store
        items: list[Item] = [Text(store.chain, Align.CENTER, width=2, height=2), Text(store.store, Align.CENTER)]
        items += [Text(store.address, Align.CENTER), Text(f"TEL {store.telephone}", Align.CENTER), Blank()]
        items.append(Text(language.text(f"receipt.title.{kind}"), Align.CENTER, width=2, height=2, bold=True))
        if copy:
            items.append(Blank())
            items.append(Text(language.text("receipt.reprint", copy=copy), Align.CENTER, height=2, bold=True))
        items.append(Blank())
        when = f"{language.date(issued_at.date().isoformat())} {issued_at:%H:%M}"
        items.append(Columns(when, f"{language.text('receipt.terminal')} {self._terminal}"))
        items.append(Columns(language.text("receipt.number"), f"{int(reference.rsplit('-', 1)[1]):08d}"))
        items.append(Columns(language.text("receipt.transaction"), reference))
        items.append(Rule())
        return items

    def _subject(self, language: Language, state: State, plan: PlanOffer, *, sold: bool) -> list[Item]:
        target = "receipt.phone" if state.kind == "phone" else "receipt.iccid"
        items: list[Item] = [
            Text(self._carriers[plan.carrier][language.tag], bold=True),
            Text(plan.names[language.tag], bold=True),
            Columns(language.text(target), state.masked),
        ]
        if sold and plan.valid_until:
            items.append(Columns(language.text("receipt.valid_until"), language.date(plan.valid_until)))
        if sold and plan.list_price_yen != plan.price_yen:
            items.append(Columns(language.text("receipt.list_price"), language.yen(plan.list_price_yen)))
            off = plan.price_yen - plan.list_price_yen
            items.append(Columns(language.text(plan.promotion or "receipt.discount"), language.yen(off)))
        items.append(Rule())
        return items

    def _payment(self, language: Language, state: State) -> list[Item]:
        total = state.sold_yen
        total_line = Columns(language.text("receipt.total"), language.yen(total), bold=True, height=2)
        items: list[Item] = [Blank(), total_line, Blank()]
        plan = state.plan
        if plan is not None and plan.tax == "tax.standard_10_included":
            items.append(Columns(language.text("receipt.standard_rate"), language.yen(total)))
            items.append(Columns(language.text("receipt.included_tax"), language.yen(included_tax_yen(total))))
            if self._store.registration:
                items.append(Columns(language.text("receipt.registration"), self._store.registration))
        else:
            items.append(Columns(language.text("receipt.not_taxed"), language.yen(total)))
        items.append(Columns(language.text("receipt.cash"), language.yen(state.credited_yen)))
        items.append(Columns(language.text("receipt.change"), language.yen(state.credited_yen - state.sold_yen)))
        items.append(Rule())
        if plan is not None:
            items.append(Text(language.text(plan.refund)))
        return items

    def _owed(self, language: Language, state: State, why: str) -> list[Item]:
        items: list[Item] = [Columns(language.text("receipt.owed"), language.yen(state.owed_yen), bold=True, height=2)]
        if state.returned_yen:
            items.append(Columns(language.text("receipt.returned"), language.yen(state.returned_yen)))
        if state.change_yen:
            items.append(Columns(language.text("receipt.paid_back"), language.yen(state.change_yen)))
        items += [Rule(), Text(language.text(why)), Blank(), Text(language.text("receipt.owed_how")), Blank()]
        return items

    def _investigation(self, language: Language, state: State) -> list[Item]:
        paid = min(state.credited_yen, state.price_yen)
        items: list[Item] = [Columns(language.text("receipt.paid"), language.yen(paid), bold=True, height=2)]
        if state.credited_yen > paid:
            items.append(Columns(language.text("receipt.cash"), language.yen(state.credited_yen)))
            items.append(Columns(language.text("receipt.change"), language.yen(state.credited_yen - paid)))
        items += [Rule(), Text(language.text("receipt.investigation_why")), Blank()]
        items += [Text(language.text("receipt.investigation_how")), Blank()]
        return items

    def _foot(self, language: Language, reference: str) -> list[Item]:
        items: list[Item] = [
            Text(language.text("receipt.keep")),
            Columns(language.text("receipt.help_line"), self._store.help_line),
            Blank(),
            Qr(reference),
            Blank(),
            Text(reference, Align.CENTER),
        ]
        if self._store.fictional:
            items += [Blank(), Text(language.text("receipt.fictional"), Align.CENTER)]
        items.append(Cut())
        return items
