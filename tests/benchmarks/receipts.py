"""Receipts: composing them, what they cost on the wire, and how fast the emulator makes paper and pictures of them.

Composing is measured on lines never seen before: lines of an earlier receipt are forgotten, faces and glyphs stay loaded.
So is interpreting: the native stream is of receipts that are all different.
"""

from dataclasses import replace
from statistics import median
from time import perf_counter

from hardware.models import load_model, models_folder
from hardware.printers.escpos.account import Account
from hardware.printers.escpos.composer import PrintSettings, compose, qr_modules
from hardware.printers.escpos.drawing import draw_in_line, draw_line
from hardware.printers.escpos.emulator import EscposEmulator
from hardware.printers.escpos.interpreter import Interpreter
from hardware.printers.escpos.reception import ReceiveBuffer
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Geometry
from hardware.printers.printer import Align, Blank, Columns, Cut, Document, Item, Qr, Rule, Text
from tests.benchmarks.table import Row

ROUNDS = 15
PIECE = 4096
NATIVE_RECEIPTS = 180
NATIVE_AIM_MB_S = 5
RASTER_AIM_MB_S = 50
COMPOSE_AIM_MS = 0.5
DRAW_AIM_MS = 60
PNG_AIM_MS = 100
_SETTINGS = PrintSettings()
_WORDS = {
    "ja": ("領収書", "プリペイドチャージ", "ご利用ありがとうございました。"),
    "en": ("RECEIPT", "Prepaid top-up", "Please keep this receipt."),
    "zh-Hans": ("收据", "预付费充值", "充值成功，请妥善保管本收据。"),
    "zh-Hant": ("收據", "預付費儲值", "儲值成功，請妥善保管本收據。"),
    "ko": ("영수증", "선불 충전", "영수증을 보관해 주십시오."),
    "vi": ("BIÊN LAI", "Nạp tiền trả trước", "Vui lòng giữ biên lai này."),
    "ne": ("रसिद", "प्रिपेड टपअप", "यो रसिद सुरक्षित राख्नुहोस्।"),
    "my": ("ပြေစာ", "ကြိုတင်ငွေဖြည့်ခြင်း", "ဤပြေစာကို သိမ်းဆည်းထားပါ။"),
    "th": ("ใบเสร็จรับเงิน", "เติมเงินล่วงหน้า", "กรุณาเก็บใบเสร็จรับเงินนี้ไว้"),
}


def receipt(language: str, number: int = 0) -> Document:
    """Return a receipt of 40 lines, its own for each ``number``."""
    title, product, notice = _WORDS[language]
    items: list[Item] = [Text(title, Align.CENTER, width=2, height=2, bold=True), Blank(), Rule()]
    items += [Columns(f"{product} {number}{line:02d}", f"￥{line + 1},000") for line in range(30)]
    items += [Rule(), Columns(product, "￥3,000", bold=True, height=2), Text(f"{notice} {number}"), Text(notice)]
    return Document([*items, Blank(2), Qr(f"https://example.jp/r/{number:08d}"), Cut()], language)


def _compose_ms(language: str, settings: PrintSettings = _SETTINGS) -> float:
    spent = []
    for number in range(ROUNDS):
        document = receipt(language, number)
        draw_line.cache_clear()
        draw_in_line.cache_clear()
        began_s = perf_counter()
        compose(document, settings)
        spent.append(perf_counter() - began_s)
    return 1000 * median(spent)


def _encode_ms(language: str) -> float:
    document = receipt(language)
    texts = [text for item in document.items for text in (getattr(item, "text", ""), getattr(item, "left", "")) if text]
    began_s = perf_counter()
    for text in texts:
        text.encode("cp932", "replace")
    return 1000 * (perf_counter() - began_s)


class _Nobody:
    """Hears what the interpreter would say to the host."""

    def say(self, data: bytes, t: float) -> None: ...

    def enable_automatic_status(self, items: int, t: float) -> None: ...

    def drawer_pulse(self, pin: int, on_ms: int, t: float) -> None: ...

    def enable_feed_button(self, on: bool) -> None: ...

    def enable_offline_response(self, kind: int) -> None: ...

    def restart(self, t: float) -> None: ...

    def dump(self, on: bool, t: float) -> None: ...

    def paper_in_sequence(self) -> int:
        return 0

    def drawer_in_sequence(self) -> int:
        return 0


def _interpret(stream: bytes) -> float:
    """Return the bytes a second that the interpreter makes lines on cut paper of; nothing is drawn, no wire holds it up."""
    rates = []
    for _ in range(ROUNDS):
        machine = PrinterMechanism(Geometry(dpi=180, speed_mm_s=1e9, cutter_gap_mm=15, cut_s=0), 1e9, 1.0)
        machine.power_on(0.0)
        interpreter = Interpreter(machine, _Nobody(), 512, Account(), process_id=True, identity={})
        interpreter.power_on(0.0)
        buffer, receipts, t = ReceiveBuffer(1 << 20), 0, 1.0
        began_s = perf_counter()
        for start in range(0, len(stream), PIECE):
            buffer.put(stream[start : start + PIECE])
            while (token := buffer.take()) is not None:
                interpreter.obey(token, t)
            t += 1
            machine.advance(t)
            receipts += len(machine.take_occurrences())
        rates.append(len(stream) / (perf_counter() - began_s))
        assert receipts
    return median(rates)


def _simulate(stream: bytes) -> float:
    """Return the bytes a second of the whole emulator in virtual time: wire, buffer, flow control, motors, the text of it."""
    rates = []
    for _ in range(5):
        printer, t = EscposEmulator(load_model(models_folder() / "custom-vkp80-ja.toml")), 5.0
        printer.advance(t)
        began_s = perf_counter()
        for start in range(0, len(stream), PIECE):
            printer.receive(stream[start : start + PIECE], t)
            t += 2.0
            printer.advance(t)
        rates.append(len(stream) / (perf_counter() - began_s))
        assert printer.receipts
    return median(rates)


def _png_ms() -> float:
    printer = EscposEmulator(load_model(models_folder() / "tm-t88v-ja.toml"))
    printer.advance(5.0)
    printer.receive(compose(receipt("ja"), _SETTINGS).data, 5.0)
    printer.advance(60.0)
    page = printer.receipts[-1]
    spent = []
    for _ in range(ROUNDS):
        began_s = perf_counter()
        page.png()
        spent.append(perf_counter() - began_s)
    return 1000 * median(spent)


def measure() -> list[Row]:
    """Return the rows of the printer. The aims are figures, not ratios; the baseline says what the least could be."""
    native, drawn, least = _compose_ms("ja"), _compose_ms("zh-Hans", replace(_SETTINGS, line_images=False)), _encode_ms("ja")
    rows = [
        _ms("compose 40 lines ja, native QR", native, f"cp932 alone {least:.3f} ms", COMPOSE_AIM_MS),
        _ms("compose 40 lines zh, all raster", drawn, f"ja native {native:.2f} ms", DRAW_AIM_MS),
    ]
    raster = b"\x1b@\x1dv0\x00\x40\x00\x80\x00" + bytes(range(256)).replace(b"\x10", b"\x18") * 32 + b"\x1dVB\x00"
    natives = b"".join(compose(receipt("ja", number), _SETTINGS).data for number in range(NATIVE_RECEIPTS))
    for what, stream, less, aim in (
        ("native", natives, natives, NATIVE_AIM_MB_S),
        ("raster", raster * (10_000_000 // len(raster)), raster * (200_000 // len(raster)), RASTER_AIM_MB_S),
    ):
        rate, whole = _interpret(stream) / 1e6, _simulate(less) / 1e6
        least = f"whole emulator {whole:.2f} MB/s"
        rows.append(Row(f"interpret {what} stream", f"{rate:.2f} MB/s", least, rate, aim, "MB/s", more_is_better=True))
    rows.append(_ms("page to PNG, 40 lines", _png_ms(), f"{qr_modules('x' * 30)} modules of QR in it", PNG_AIM_MS))
    base = len(compose(receipt("ja"), _SETTINGS).data)
    for language in _WORDS:
        size = len(compose(receipt(language), _SETTINGS).data)
        rows.append(Row(f"bytes on the wire, {language}", f"{size:,} B", f"ja {base:,} B", size / base, 50))
    return rows


def _ms(what: str, ms: float, baseline: str, aim_ms: float) -> Row:
    return Row(what, f"{ms:.3f} ms", baseline, ms, aim_ms, "ms")
