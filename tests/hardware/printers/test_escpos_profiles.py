"""Every shipped printer model, as the emulator makes it."""

import pytest

from hardware.models import load_models, models_folder
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, stored_qr

PRINTERS = sorted(model.name for model in load_models(models_folder()).values() if model.device_class == "printer")


@pytest.mark.parametrize("model", PRINTERS)
def test_every_model_prints_text_and_a_symbol_as_wide_as_its_paper(model: str):
    bench = Bench(model).send(PREAMBLE + "領収書 ¥3,000".replace("¥", "\\").encode("cp932") + b"\n")
    bench.send(stored_qr(b"T-20261122-000123") + CUT).wait(8.0)
    [receipt] = bench.printer.receipts
    assert receipt.text.split("\n")[0] == "領収書 ¥3,000"
    assert receipt.decoded() == (("QRCode", "T-20261122-000123"),)
    assert receipt.image().width == receipt.dots
    assert bench.printer.fates.unknown == {}


def test_a_printer_without_a_cutter_feeds_to_the_tear_bar_and_waits_for_a_hand():
    bench = Bench("desktop-58-ja", mechanics={"cutter": False}).send(PREAMBLE + b"A\n" + CUT).wait(5.0)
    assert bench.printer.receipts == []
    assert bench.ask(b"\x1dI\x02") == b"\x01"
    assert bench.hand("tear") == {"torn": True}
    assert bench.printer.receipts[0].text == "A"
    assert bench.printer.receipts[0].piece.how == "torn"


def test_a_clone_prints_and_says_nothing():
    bench = Bench(rom={"dialect": "clone"})
    assert bench.ask(b"\x10\x04\x01\x1dI\x01\x1da\x0e\x1dr\x01") == b""
    assert bench.send(PREAMBLE + b"A\n" + CUT).wait(5.0).printer.receipts[0].text == "A"
