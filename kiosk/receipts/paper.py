"""What is printed: receipt, OWED slip and "under investigation" slip, each in the customer's language.

Content follows Japanese receipts, and where a price includes tax those of a simplified qualified invoice: seller and
registration number, date, what was bought, a total for each tax class, the tax or the rate, tender. Then how long it is
valid, the refund rule, where to ask. Legal points are configuration, not advice.
"""

from collections.abc import Mapping
from datetime import datetime

from hardware.printers.printer import Align, Blank, Columns, Cut, Document, Item, Qr, Rule, Text
from kiosk.languages import Language
from kiosk.receipts.electronic import as_brief
from kiosk.receipts.payment import card_items, payment_items
from kiosk.receipts.store import StoreHeader
from kiosk.receipts.tender import CardSlip
from kiosk.receipts.voucher import Voucher
from kiosk.session.state import PlanOffer, ReceiptKind, State

REFUND_LATER = "refund.window"
"""The one policy under which money can be had back once a receipt exists."""


class PaperMaker:
    """Turns a visit into a document for the printer."""

    def __init__(
        self,
        store: StoreHeader,
        carriers: Mapping[str, Mapping[str, str]],
        languages: Mapping[str, Language],
        terminal: str,
        carrier_help: Mapping[str, str] | None = None,
    ) -> None:
        """``carriers``: names by language tag, ``carrier_help``: telephone numbers; both by carrier id."""
        self._store = store
        self._carriers = carriers
        self._languages = languages
        self._terminal = terminal
        self._carrier_help = carrier_help or {}

    def document(
        self,
        state: State,
        kind: ReceiptKind,
        copy: int,
        reference: str,
        issued_at: datetime,
        *,
        card: CardSlip | None = None,
        voucher: Voucher | None = None,
    ) -> Document:
        """Return the customer's paper; ``copy`` above 0 is marked as a reprint of what was issued at ``issued_at``.

        ``card`` when the money came by card, ``voucher`` when a PIN was bought: only a receipt shows it.
        """
        language = self._languages[state.language]
        items = [*self._head(language, kind, copy, reference, issued_at)]
        if state.plan is not None:
            items += self._subject(language, state, state.plan, sold=kind == "receipt")
        match kind:
            case "receipt":
                items += payment_items(language, self._store, state, card)
                items += _refund(language, state.plan)
                items += _voucher(language, voucher) if state.plan and state.plan.product == "PIN" else []
                items += [Rule(), *self._owed(language, state, "receipt.owed_change_why")] if state.owed_yen else []
            case "owed":
                items += self._owed(language, state, "receipt.owed_why" if not state.kept_yen else "receipt.owed_change_why")
            case "investigation":
                items += self._investigation(language, state)
                items += [Rule(), *self._owed(language, state, "receipt.owed_change_why")] if state.owed_yen else []
        items += self._foot(language, kind, reference, state.plan)
        return Document(tuple(items), state.language)

    def brief(self, state: State, kind: ReceiptKind, reference: str, issued_at: datetime) -> str:
        """Return the paper in short, for a QR symbol. Never with a PIN: whoever passes by can photograph a screen."""
        return as_brief(self.document(state, kind, 0, reference, issued_at), self._languages[state.language])

    def card_slip(self, language_tag: str, card: CardSlip, yen: int, reference: str, issued_at: datetime) -> Document:
        """Return the shop's copy of a card payment: with the signature line if the card asked for one, without any PIN."""
        language = self._languages[language_tag]
        items = self._head(language, "card", 0, reference, issued_at)
        items += [Text(language.text("receipt.card_for_shop"), Align.CENTER), Blank()]
        items += [Columns(language.text("receipt.total"), language.yen(yen), bold=True, height=2), Blank()]
        items += card_items(language, card)
        if card.signed:
            items += [Blank(), Text(language.text("receipt.card_signature")), Blank(2), Rule()]
        items += [Blank(), Text(reference, Align.CENTER), Cut()]
        return Document(tuple(items), language_tag)

    def _head(self, language: Language, kind: str, copy: int, reference: str, issued_at: datetime) -> list[Item]:
        store = self._store
        items: list[Item] = [Text(store.chain, Align.CENTER, width=2, height=2), Text(store.store, Align.CENTER)]
        items += [Text(store.address, Align.CENTER), Text(f"TEL {store.telephone}", Align.CENTER), Blank()]
        items.append(Text(language.text(f"receipt.title.{kind}"), Align.CENTER, width=2, height=2, bold=True))
        if copy:
            items.append(Blank())
            items.append(Text(language.text("receipt.reprint", copy=copy), Align.CENTER, height=2, bold=True))
        when = f"{language.date(issued_at.date().isoformat())} {issued_at:%H:%M}"
        if copy:
            items.append(Blank())
            items.append(Text(language.text("receipt.reprint_of", when=when), Align.CENTER))
        items.append(Blank())
        items.append(Columns(when, f"{language.text('receipt.terminal')} {self._terminal}"))
        items.append(Columns(language.text("receipt.number"), f"{int(reference.rsplit('-', 1)[1]):08d}"))
        items.append(Columns(language.text("receipt.transaction"), reference))
        items.append(Rule())
        return items

    def _subject(self, language: Language, state: State, plan: PlanOffer, *, sold: bool) -> list[Item]:
        target = "receipt.phone" if state.kind == "phone" else "receipt.iccid"
        items: list[Item] = [
            Text(self._carriers[plan.carrier][language.tag], bold=True),
            Text(plan.name_in(language.tag), bold=True),
            Columns(language.text(target), state.masked),
        ]
        if sold and plan.valid_until and plan.product != "PIN":
            items.append(Columns(language.text("receipt.valid_until"), language.date(plan.valid_until)))
        if sold:
            items.append(Columns(language.text("receipt.quantity"), language.yen(plan.list_price_yen)))
            off = plan.price_yen - plan.list_price_yen
            if off:
                items.append(Columns(language.text(plan.promotion or "receipt.discount"), language.yen(off)))
        items.append(Rule())
        return items

    def _owed(self, language: Language, state: State, why: str) -> list[Item]:
        items: list[Item] = [Columns(language.text("receipt.owed"), language.yen(state.owed_yen), bold=True, height=2), Blank()]
        if state.returned_yen:
            items.append(Columns(language.text("receipt.returned"), language.yen(state.returned_yen)))
        if state.change_yen:
            items.append(Columns(language.text("receipt.paid_back"), language.yen(state.change_yen)))
        items += [Rule(), Text(language.text(why)), Blank(), Text(language.text("receipt.owed_how")), Blank()]
        return items

    def _investigation(self, language: Language, state: State) -> list[Item]:
        paid = min(state.credited_yen, state.price_yen)
        items: list[Item] = [Columns(language.text("receipt.paid"), language.yen(paid), bold=True, height=2), Blank()]
        if state.credited_yen > paid:
            items.append(Columns(language.text("receipt.cash"), language.yen(state.credited_yen)))
            items.append(Columns(language.text("receipt.change"), language.yen(state.credited_yen - paid)))
        items += [Rule(), Text(language.text("receipt.investigation_why")), Blank()]
        items += [Text(language.text("receipt.investigation_how")), Blank()]
        return items

    def _foot(self, language: Language, kind: ReceiptKind, reference: str, plan: PlanOffer | None) -> list[Item]:
        final = kind == "receipt" and plan is not None and plan.refund != REFUND_LATER
        items: list[Item] = [
            Text(language.text("receipt.keep_proof" if final else "receipt.keep")),
            Columns(language.text("receipt.help_line"), self._store.help_line),
        ]
        if plan is not None and plan.carrier in self._carrier_help:
            items.append(Columns(self._carriers[plan.carrier][language.tag], self._carrier_help[plan.carrier]))
        items += [
            Blank(),
            Qr(reference),
            Blank(),
            Text(reference, Align.CENTER),
        ]
        if self._store.fictional:
            items += [Blank(), Text(language.text("receipt.fictional"), Align.CENTER)]
        items.append(Cut())
        return items


def _refund(language: Language, plan: PlanOffer | None) -> list[Item]:
    """Say whether money can be had back, and how; what could be had back before the top-up can be no more."""
    if plan is None:
        return []
    if plan.refund != REFUND_LATER:
        return [Text(language.text("refund.never"))]
    return [Text(language.text(plan.refund)), Text(language.text("receipt.claim"))]


def _voucher(language: Language, voucher: Voucher | None) -> list[Item]:
    """The PIN, large and in groups of four, apart from its serial number; and what swindlers do with PINs."""
    if voucher is None:
        return [Rule(), Text(language.text("receipt.pin_missing"), bold=True), Rule()]
    items: list[Item] = [Rule(), Text(language.text("receipt.pin"), Align.CENTER, bold=True)]
    items.append(Text(voucher.groups, Align.CENTER, width=1, height=2, bold=True))
    items.append(Columns(language.text("receipt.pin_serial"), voucher.serial))
    if voucher.enter_by:
        items.append(Columns(language.text("receipt.pin_enter_by"), language.date(voucher.enter_by)))
    items.append(Blank())
    return [*items, *(Text(language.text(f"receipt.{key}")) for key in ("pin_how", "pin_secret", "pin_fraud")), Rule()]
