"""Every paper in every language, through the printer's driver onto its emulator: all of the content, no strange byte."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hardware.bench import Bench
from hardware.clock import run_virtual
from hardware.printers.escpos.emulator import EscposEmulator
from hardware.printers.escpos.layout import BREAK
from hardware.printers.escpos.page import Receipt
from hardware.printers.printer import Document, PrinterStatus, ReceiptPrinter
from hardware.vocabulary import JobOutcome
from kiosk.config import KioskConfig, load_config
from kiosk.languages import TAGS
from kiosk.receipts.store import StampRule
from kiosk.receipts.tax import included_tax_yen
from kiosk.receipts.tender import CardSlip
from kiosk.receipts.voucher import Voucher
from kiosk.session.state import Phase, PlanOffer, ReceiptKind, State
from kiosk.terminal import make_paper

CONFIG = Path(__file__).parents[2] / "config"
ISSUED = datetime(2026, 11, 22, 20, 6, tzinfo=ZoneInfo("Asia/Tokyo"))
REFERENCE = "KONBINI1-42"
KINDS: tuple[ReceiptKind, ...] = ("receipt", "owed", "investigation")

OFFER = PlanOffer(
    id="docomo-data-10gb",
    carrier="docomo",
    names={"ja": "デモ データ10GB", "en": "Demo data 10 GB", "zh-Hans": "演示 流量10GB"},
    data_gb="10",
    price_yen=4000,
    list_price_yen=5000,
    valid_until="2026-12-22",
    valid_days=30,
    promotion="promotion.renewal_discount",
    refund="refund.never",
    tax="tax.standard_10_included",
)


@pytest.fixture(scope="module")
def config() -> KioskConfig:
    return load_config(CONFIG, CONFIG / "benches" / "virtual.toml")


def visit(language: str, kind: ReceiptKind) -> State:
    state = State(
        phase=Phase.RESULT,
        visit=42,
        language=language,
        carrier="docomo",
        masked="090-****-2345",
        plan=OFFER,
        price_yen=4000,
        notes=(1000, 1000, 1000, 1000),
    )
    return {
        "receipt": lambda: State(**{**vars(state), "sold_yen": 4000}),
        "owed": lambda: State(**{**vars(state), "owed_yen": 4000, "returned_yen": 1000}),
        "investigation": lambda: state,
    }[kind]()


def overpaid(language: str, kind: ReceiptKind) -> State:
    """Paid with a note of 5,000 yen, of whose change 700 yen came out."""
    state = State(**{**vars(visit(language, kind)), "notes": (5000,), "coins": (500,), "change_yen": 700, "returned_yen": 0})
    match kind:
        case "receipt":
            return State(**{**vars(state), "committed": "completed", "owed_yen": 800, "slip_yen": 800})
        case "investigation":
            return State(**{**vars(state), "committed": "unknown", "owed_yen": 800, "slip_yen": 800})
    return State(**{**vars(state), "committed": "declined", "owed_yen": 4800, "slip_yen": 4800})


def printed(
    config: KioskConfig, language: str, kind: ReceiptKind, copy: int = 0, state_of: Callable[[str, ReceiptKind], State] = visit
) -> Receipt:
    """Print one paper and return it as it came off."""
    return on_paper(config, make_paper(config).document(state_of(language, kind), kind, copy, REFERENCE, ISSUED))


def on_paper(config: KioskConfig, document: Document) -> Receipt:
    """Print a document through the driver on the emulator."""

    async def main() -> Receipt:
        bench = await Bench.open(config.bench)
        device = bench.device("printer")
        driver, emulator = device.driver, device.emulator
        assert isinstance(driver, ReceiptPrinter)
        assert isinstance(emulator, EscposEmulator)
        able = asyncio.Event()

        def said(status: PrinterStatus) -> None:
            if status.can_print:
                able.set()

        await driver.start(said)
        await able.wait()
        outcome = await driver.print(document)
        assert outcome is JobOutcome.PRINTED
        await driver.close()
        await bench.close()
        (receipt,) = emulator.receipts
        return receipt

    return run_virtual(main())


def one_line(text: str) -> str:
    """Drop all white space and marks of where a line may end: where it was wrapped is not the question."""
    return "".join(text.replace(BREAK, "").split())


def worded(document: Document) -> str:
    """Return every text of a document, each on a line of its own."""
    texts = [text for item in document.items for name, text in vars(item).items() if name in ("text", "left", "right")]
    return "\n".join(texts) + "\n"


@pytest.mark.parametrize("copy", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", TAGS)
def test_no_paper_holds_a_byte_or_a_glyph_that_the_printer_cannot_use(
    config: KioskConfig, language: str, kind: ReceiptKind, copy: int
) -> None:
    receipt = printed(config, language, kind, copy)
    assert not receipt.fates.unknown
    assert (receipt.fates.bad_pairs, receipt.fates.missing_glyphs) == (0, 0)
    assert "?" not in receipt.text
    assert "�" not in receipt.text
    assert receipt.qr == (REFERENCE,)
    assert REFERENCE in receipt.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", TAGS)
def test_a_paper_about_change_holds_nothing_that_the_printer_cannot_use(
    config: KioskConfig, language: str, kind: ReceiptKind
) -> None:
    receipt = printed(config, language, kind, state_of=overpaid)
    assert not receipt.fates.unknown
    assert (receipt.fates.bad_pairs, receipt.fates.missing_glyphs) == (0, 0)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_receipt_says_what_was_put_in_the_change_and_what_of_it_staff_still_owe(config: KioskConfig, language: str) -> None:
    text = one_line(printed(config, language, "receipt", state_of=overpaid).text)
    words = config.languages[language]
    for key, amount in (("cash", "¥5,500"), ("change", "¥1,500"), ("owed", "¥800"), ("paid_back", "¥700")):
        assert one_line(words.text(f"receipt.{key}") + amount) in text
    assert one_line(words.text("receipt.owed_change_why")) in text
    assert one_line(words.text("receipt.owed_how")) in text


def test_a_slip_for_a_top_up_under_investigation_tells_its_change_apart(config: KioskConfig) -> None:
    text = one_line(printed(config, "ja", "investigation", state_of=overpaid).text)
    words = config.languages["ja"]
    for key, amount in (("paid", "¥4,000"), ("cash", "¥5,500"), ("change", "¥1,500"), ("owed", "¥800")):
        assert one_line(words.text(f"receipt.{key}") + amount) in text


def test_a_refund_slip_names_what_the_machine_paid_back_and_what_staff_owe(config: KioskConfig) -> None:
    text = one_line(printed(config, "ja", "owed", state_of=overpaid).text)
    words = config.languages["ja"]
    assert one_line(words.text("receipt.owed") + "¥4,800") in text
    assert one_line(words.text("receipt.paid_back") + "¥700") in text
    assert one_line(words.text("receipt.owed_why")) in text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_receipt_says_who_sold_what_to_whom_for_how_much(config: KioskConfig, language: str) -> None:
    text = one_line(printed(config, language, "receipt").text)
    words = config.languages[language]
    store = config.store
    for part in (
        store.chain,
        store.store,
        store.address,
        store.telephone,
        store.registration,
        store.help_line,
        "0120-000-001",  # the carrier's own
        words.date("2026-11-22"),
        "20:06",
        config.kiosk_id,
        "00000042",
        REFERENCE,
        "090-****-2345",
        config.shop.carriers["docomo"][language],
        OFFER.names[language],
        words.date("2026-12-22"),
        words.text("receipt.title.receipt"),
        words.text("receipt.total"),
        "¥4,000",
        "¥5,000",
        "-¥1,000",
        words.text("promotion.renewal_discount"),
        words.text("receipt.standard_rate"),
        f"¥{included_tax_yen(4000):,}",
        words.text("receipt.cash"),
        words.text("receipt.change"),
        words.text("refund.never"),
        words.text("receipt.fictional"),
    ):
        assert one_line(part) in text, f"{part!r} is missing in {text}"


def test_chinese_lines_that_the_rom_has_no_glyphs_for_come_as_pictures(config: KioskConfig) -> None:
    receipt = printed(config, "zh-Hans", "receipt")
    assert receipt.text.count("[image") >= 10
    for part in (config.store.chain, config.store.telephone, "NTT docomo", REFERENCE):
        assert part in receipt.text
    words = config.languages["zh-Hans"]
    maker = make_paper(config)
    items = repr(maker.document(visit("zh-Hans", "receipt"), "receipt", 0, REFERENCE, ISSUED).items)
    for part in (words.text("receipt.total"), "¥4,000", words.text("refund.never"), "090-****-2345", words.date("2026-12-22")):
        assert part in items


@pytest.mark.parametrize("kind", ["owed", "investigation"])
def test_a_slip_says_the_amount_the_reference_and_what_to_do(config: KioskConfig, kind: ReceiptKind) -> None:
    text = printed(config, "ja", kind).text
    words = config.languages["ja"]
    for part in (f"receipt.title.{kind}", f"receipt.{kind}_how", f"receipt.{kind}_why"):
        assert one_line(words.text(part)) in one_line(text)
    for part in ("¥4,000", REFERENCE, config.store.help_line, "090-****-2345"):
        assert part in text
    assert words.text("receipt.valid_until") not in text  # nothing was delivered, or nobody knows


def test_a_reprint_says_so_and_keeps_the_first_date(config: KioskConfig) -> None:
    text = printed(config, "ja", "receipt", copy=2).text
    assert "再発行（2回目）" in text
    assert "初回発行 2026年11月22日 20:06" in text


def test_an_airtime_top_up_is_not_taxed_at_its_sale(config: KioskConfig) -> None:
    words = config.languages["ja"]
    maker = make_paper(config)
    offer = PlanOffer(**{**vars(OFFER), "tax": "tax.not_taxed_at_sale"})
    state = State(**{**vars(visit("ja", "receipt")), "plan": offer})
    texts = repr(maker.document(state, "receipt", 0, REFERENCE, ISSUED).items)
    assert words.text("receipt.not_taxed") in texts
    assert words.text("receipt.included_tax") not in texts


@pytest.mark.parametrize(("total", "tax"), [(0, 0), (1, 0), (10, 0), (11, 1), (1000, 90), (4000, 363), (11000, 1000)])
def test_the_tax_inside_a_total_is_rounded_down_once(total: int, tax: int) -> None:
    assert included_tax_yen(total) == tax


PIN = "8271940355361820"
CARD = CardSlip("VISA", "4242", "A12345", "T-0007", signed=True)


def with_plan(language: str, **facts: object) -> State:
    """A receipt's visit for another plan, paid with its price."""
    offer = replace(OFFER, **facts)  # type: ignore[arg-type]
    price = offer.price_yen
    return replace(visit(language, "receipt"), plan=offer, price_yen=price, sold_yen=price, notes=(price,))


@pytest.mark.parametrize("language", TAGS)
def test_a_card_receipt_says_that_it_is_one_and_shows_four_digits(config: KioskConfig, language: str) -> None:
    words = config.languages[language]
    document = make_paper(config).document(visit(language, "receipt"), "receipt", 0, REFERENCE, ISSUED, card=CARD)
    content = worded(document)
    for part in ("VISA", "**** **** **** 4242", "A12345", "T-0007", words.text("receipt.card_used")):
        assert part in content
    assert f"{words.text('receipt.cash')}\n" not in content
    assert not on_paper(config, document).fates.unknown


def test_the_shops_copy_of_a_card_payment_has_a_line_to_sign_and_no_more_of_the_card(config: KioskConfig) -> None:
    text = on_paper(config, make_paper(config).card_slip("ja", CARD, 4000, REFERENCE, ISSUED)).text
    for part in ("加盟店控え", "ご署名", "¥4,000", "**** **** **** 4242", REFERENCE):
        assert part in text


@pytest.mark.parametrize("language", TAGS)
def test_a_pin_is_printed_in_groups_apart_from_its_serial_with_a_warning_and_not_in_the_qr(
    config: KioskConfig, language: str
) -> None:
    voucher = Voucher("SN-0042", PIN, "2026-12-31")
    state = with_plan(language, tax="tax.exempt", refund="refund.never", product="PIN")
    document = make_paper(config).document(state, "receipt", 0, REFERENCE, ISSUED, voucher=voucher)
    words = config.languages[language]
    content = worded(document)
    assert "SN-0042" in content
    for key in ("receipt.pin", "receipt.pin_serial", "receipt.pin_fraud", "receipt.exempt", "receipt.pin_secret"):
        assert words.text(key) in content
    receipt = on_paper(config, document)
    assert "8271 9403 5536 1820" in receipt.text
    assert receipt.qr == (REFERENCE,)


def test_a_pin_that_the_carrier_does_not_tell_is_said_to_be_missing_and_where_to_ask(config: KioskConfig) -> None:
    words = config.languages["ja"]
    state = with_plan("ja", tax="tax.exempt", refund="refund.never", product="PIN")
    assert words.text("receipt.pin_missing") in repr(make_paper(config).document(state, "receipt", 0, REFERENCE, ISSUED).items)
    plain = make_paper(config).document(visit("ja", "receipt"), "receipt", 0, REFERENCE, ISSUED)
    assert words.text("receipt.pin_missing") not in repr(plain.items)


@pytest.mark.parametrize("kind", ["owed", "investigation"])
def test_a_pin_is_on_no_paper_but_the_receipt(config: KioskConfig, kind: ReceiptKind) -> None:
    voucher = Voucher("SN-0042", PIN)
    document = make_paper(config).document(visit("ja", kind), kind, 0, REFERENCE, ISSUED, voucher=voucher)
    assert voucher.groups not in repr(document.items)
    assert PIN not in repr(document.items)


@pytest.mark.parametrize("language", TAGS)
def test_a_sum_that_needs_a_stamp_gets_a_box_for_it_and_one_below_does_not(config: KioskConfig, language: str) -> None:
    store = replace(config.store, stamp=StampRule.BOX)
    maker = make_paper(replace(config, store=store))
    words = config.languages[language]
    big = with_plan(language, price_yen=60_000, list_price_yen=60_000, tax="tax.not_taxed_at_sale")
    small = with_plan(language, price_yen=49_990, list_price_yen=49_990, tax="tax.not_taxed_at_sale")
    document = maker.document(big, "receipt", 0, REFERENCE, ISSUED)
    assert words.text("receipt.stamp") in repr(document.items)
    assert words.text("receipt.stamp") not in repr(maker.document(small, "receipt", 0, REFERENCE, ISSUED).items)
    assert words.text("receipt.stamp") not in repr(maker.document(big, "receipt", 0, REFERENCE, ISSUED, card=CARD).items)
    assert not on_paper(config, document).fates.unknown


@pytest.mark.parametrize("language", TAGS)
def test_a_refundable_sale_says_how_to_claim_and_another_does_not(config: KioskConfig, language: str) -> None:
    claim = config.languages[language].text("receipt.claim")
    for refund in ("refund.never", "refund.before_commit_only", "refund.window"):
        items = make_paper(config).document(with_plan(language, refund=refund), "receipt", 0, REFERENCE, ISSUED).items
        assert (claim in worded(Document(items))) is (refund == "refund.window")
        final = config.languages[language].text("receipt.keep_proof")
        assert (f"{final}\n" in worded(Document(items))) is (refund != "refund.window")
