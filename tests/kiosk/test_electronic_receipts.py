"""The receipt without paper: as text, as a picture and as a symbol on the screen, in every language."""

import io
from datetime import datetime

import pytest
import segno
from PIL import Image

from hardware.printers.escpos.layout import BREAK, text_columns
from hardware.printers.printer import Document, Qr, Rule, Text
from kiosk.config import KioskConfig
from kiosk.languages import TAGS
from kiosk.receipts.electronic import BRIEF_BYTES, COLUMNS, as_brief, as_png, as_text
from kiosk.receipts.voucher import Voucher
from kiosk.session.state import ReceiptKind
from kiosk.terminal import make_paper
from tests.kiosk.test_receipts import ISSUED, KINDS, PIN, REFERENCE, config, one_line, overpaid, visit, with_plan

__all__ = ["config"]


def paper(config: KioskConfig, language: str, kind: ReceiptKind, issued: datetime = ISSUED) -> Document:
    return make_paper(config).document(overpaid(language, kind), kind, 0, REFERENCE, issued)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", TAGS)
def test_the_text_says_all_that_the_paper_says_and_that_it_is_no_second_sale(
    config: KioskConfig, language: str, kind: ReceiptKind
) -> None:
    document = paper(config, language, kind)
    text = as_text(document, config.languages[language])
    assert one_line(config.languages[language].text("receipt.electronic")) in one_line(text)
    for item in document.items:
        if isinstance(item, Text):
            assert one_line(item.text) in one_line(text)
    assert all(text_columns(line) <= COLUMNS for line in text.splitlines())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", TAGS)
def test_the_symbol_holds_the_facts_and_stays_readable(config: KioskConfig, language: str, kind: ReceiptKind) -> None:
    brief = as_brief(paper(config, language, kind), config.languages[language])
    for fact in (
        REFERENCE,
        "¥",
        "090-****-2345",
        config.store.help_line,
        config.languages[language].text("receipt.electronic").replace(BREAK, ""),
        config.languages[language].text(f"receipt.title.{kind}"),
    ):
        assert fact in brief
    assert len(brief.encode()) <= BRIEF_BYTES
    assert segno.make_qr(brief, error="l").symbol_size(border=0)[0] <= 109


@pytest.mark.parametrize("language", TAGS)
def test_the_picture_is_black_on_white_and_as_long_as_its_lines(config: KioskConfig, language: str) -> None:
    document = paper(config, language, "receipt")
    image = Image.open(io.BytesIO(as_png(document, config.languages[language])))
    assert image.format == "PNG"
    assert image.mode == "1"
    assert image.height > 30 * len(document.items) * 0.7
    black = image.convert("L").histogram()[0] / (image.width * image.height)
    assert 0.02 < black < 0.3


def test_a_rule_and_a_symbol_are_drawn_too(config: KioskConfig) -> None:
    words = config.languages["ja"]
    plain, drawn = (Document((Text("あ"), *more)) for more in ((), (Rule(), Qr(REFERENCE))))
    ink = [Image.open(io.BytesIO(as_png(d, words))).convert("L").histogram()[0] for d in (plain, drawn)]
    assert ink[1] > ink[0] + 5000


def test_a_pin_is_never_in_the_symbol_on_the_screen(config: KioskConfig) -> None:
    brief = make_paper(config).brief(visit("ja", "receipt"), "receipt", REFERENCE, ISSUED)
    assert PIN not in brief.replace(" ", "")
    state = with_plan("ja", product="PIN")
    assert PIN not in make_paper(config).brief(state, "receipt", REFERENCE, ISSUED).replace(" ", "")
    with_pin = make_paper(config).document(state, "receipt", 0, REFERENCE, ISSUED, voucher=Voucher("S", PIN))
    assert PIN in as_text(with_pin, config.languages["ja"]).replace(" ", "")  # the file is the customer's own copy
