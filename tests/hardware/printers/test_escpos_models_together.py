"""Every shipped printer model, driven and emulated from its file alone, in every language the kiosk may print."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp

from hardware.models import load_models
from hardware.printers.escpos.page import Receipt
from hardware.printers.printer import Align, Barcode, Blank, Columns, Cut, Document, Qr, Rule, Text
from hardware.vocabulary import Fault, JobOutcome
from tests.hardware.printers.printerworld import World, play

MODELS = {
    name: model
    for name, model in load_models(Path(__file__).parents[3] / "config" / "devices").items()
    if model.protocol == "escpos"
}
ALL = pytest.mark.parametrize("name", MODELS)
PRESENTERS = pytest.mark.parametrize("name", ["custom-vkp80-ja"])
WORDS = {
    "ja": ("領収書", "プリペイドチャージ", "ご利用ありがとうございました。大切に保管してください。"),
    "en": ("RECEIPT", "Prepaid top-up", "Please keep this receipt for queries and refunds."),
    "zh-Hans": ("收据", "预付费充值", "充值成功，请妥善保管本收据，以便查询和退款。"),
    "zh-Hant": ("收據", "預付費儲值", "儲值成功，請妥善保管本收據，以便查詢和退款。"),
    "ko": ("영수증", "선불 충전", "문의 및 환불을 위해 영수증을 보관해 주십시오."),
    "vi": ("BIÊN LAI", "Nạp tiền trả trước", "Vui lòng giữ biên lai này để được hỗ trợ và hoàn tiền."),
    "ne": ("रसिद", "प्रिपेड टपअप", "सोधपुछ र रकम फिर्ताका लागि यो रसिद सुरक्षित राख्नुहोस्।"),
    "my": ("ပြေစာ", "ကြိုတင်ငွေဖြည့်ခြင်း", "ငွေပြန်အမ်းရန်အတွက် ဤပြေစာကို သိမ်းဆည်းထားပါ။"),
    "th": ("ใบเสร็จรับเงิน", "เติมเงินล่วงหน้า", "กรุณาเก็บใบเสร็จรับเงินนี้ไว้เพื่อขอคืนเงิน"),
}


def receipt(language: str) -> Document:
    title, item, notice = WORDS[language]
    return Document(
        [
            Text(title, Align.CENTER, width=2, height=2, bold=True),
            Blank(),
            Columns(item, "￥3,000"),
            Rule(),
            Text(notice),
            Qr(f"https://example.jp/r/0001?{language}"),
            Cut(),
        ],
        language,
    )


def the_paper(world: World) -> Receipt:
    """Return the one receipt, torn off by hand where nothing cuts."""
    if not world.emulator.receipts:
        world.hand("tear")
    (page,) = world.emulator.receipts
    return page


def print_and(name: str, language: str, look: Callable[[World, JobOutcome], None]) -> None:
    async def story(world: World) -> None:
        outcome = await world.printer.print(receipt(language))
        world.assert_every_byte_was_understood()
        look(world, outcome)

    play(name, story)


@ALL
@pytest.mark.parametrize("language", WORDS)
def test_a_receipt_in_every_language_comes_out_whole_and_its_code_can_be_scanned(name: str, language: str) -> None:
    def look(world: World, outcome: JobOutcome) -> None:
        assert outcome.came_out
        page = the_paper(world)
        codes = zxingcpp.read_barcodes(page.image().convert("L"))
        assert [code.text for code in codes] == [f"https://example.jp/r/0001?{language}"]

    print_and(name, language, look)


@ALL
def test_a_line_of_words_drawn_and_printed_fills_the_paper_and_breaks_nowhere(name: str) -> None:
    async def story(world: World) -> None:
        prices = [Columns("0 チャージ", "¥1,000"), Columns("1 充值", "￥10")]
        assert (await world.printer.print(Document([*prices, Cut()], "zh-Hans"))).came_out
        ends = [mark.x + mark.run.width_dots for mark in the_paper(world).runs if mark.run.text[-1] == "0"]
        columns = MODELS[name].settings["print"]["columns"]
        assert ends == [12 * columns] * 2

    play(name, story)


@ALL
@pytest.mark.parametrize("text", ["123456789012", "TX-20261125-0042", "1604", "{a}"])
def test_a_bar_code_can_be_scanned(name: str, text: str) -> None:
    async def story(world: World) -> None:
        assert (await world.printer.print(Document([Text("A"), Barcode(text), Blank(), Cut()]))).came_out
        world.assert_every_byte_was_understood()
        page = the_paper(world).image().convert("L")
        assert [code.text for code in zxingcpp.read_barcodes(page)] == [text]

    play(name, story)


@PRESENTERS
def test_a_ticket_is_taken_when_the_customer_pulls_it(name: str) -> None:
    async def story(world: World) -> None:
        job = asyncio.ensure_future(world.printer.print(receipt("ja")))
        while not world.printer.status.ticket_waits:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        world.hand("take")
        assert await job is JobOutcome.TAKEN

    play(name, story)


@PRESENTERS
def test_a_ticket_left_alone_is_drawn_back_and_was_presented(name: str) -> None:
    async def story(world: World) -> None:
        assert await world.printer.print(receipt("ja")) is JobOutcome.PRESENTED
        assert not world.printer.status.ticket_waits
        assert await world.printer.print(receipt("ja")) is JobOutcome.PRESENTED

    play(name, story)


@PRESENTERS
def test_a_ticket_jammed_on_its_way_out_is_unknown(name: str) -> None:
    async def story(world: World) -> None:
        world.hand("jam presenter")
        assert await world.printer.print(receipt("ja")) is JobOutcome.UNKNOWN
        assert Fault.JAM in world.printer.status.faults

    play(name, story)


@PRESENTERS
def test_the_scrap_of_a_broken_receipt_is_put_away_and_not_offered_to_the_next(name: str) -> None:
    async def story(world: World) -> None:
        world.hand("at 300 cover open")
        assert not (await world.printer.print(receipt("ja"))).came_out
        world.hand("cover close")
        await asyncio.sleep(60)
        assert {page.place for page in world.emulator.receipts} <= {"retracted"}
        assert await world.printer.print(receipt("ja")) is JobOutcome.PRESENTED

    play(name, story)
