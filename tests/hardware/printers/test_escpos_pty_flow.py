"""XON/XOFF over a real pseudo terminal: the kernel holds the host's bytes, and neither byte is ever seen by the host."""

import asyncio
from dataclasses import replace
from pathlib import Path

from hardware.emulator import EmulatorRunner
from hardware.links.port import SerialPort, SerialSettings
from hardware.links.pty import PtyDevice
from hardware.models import load_model
from hardware.printers.escpos.emulator import EscposEmulator
from tests.hardware.printers.escpos_bench import CUT, DEVICES, PREAMBLE

PATIENCE_S = 20.0
LETTERS = 30_000


def quick_printer() -> EscposEmulator:
    """A printer with a small buffer and no patience: the line and the paper are as fast as a test wants them."""
    model = load_model(DEVICES / "tm-t88v-ja.toml")
    settings = {
        **model.settings,
        "serial": {**model.settings["serial"], "baud": 2_000_000, "flow": "xonxoff"},
        "print": {**model.settings["print"], "speed_mm_s": 20_000},
        "buffer": {"bytes": 512, "busy": "full"},
    }
    return EscposEmulator(replace(model, settings=settings))


async def scene(path: Path) -> None:
    printer = quick_printer()
    runner = EmulatorRunner(printer, PtyDevice(path), lambda happening: None)
    await runner.start()
    host = SerialPort(str(path), SerialSettings(baud=115200, flow="xonxoff"))
    heard: list[bytes] = []
    host.attach(heard.append, lambda error: None)
    await host.open()
    host.write(b"\x1da\x00")  # no status by itself: what comes back then is flow control or an answer
    await asyncio.sleep(0.1)
    runner.command("cover open")
    host.write(PREAMBLE + b"A" * LETTERS + b"\n" + CUT + b"\x1dr\x01")
    async with asyncio.timeout(PATIENCE_S):
        while runner.command("state")["buffer_free"] > 16:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert runner.command("state")["buffer_free"] == 16  # to the byte, although the host wrote on
    assert heard == []
    runner.command("cover close")
    async with asyncio.timeout(PATIENCE_S):
        await host.drain()
        while not printer.receipts or not heard:
            await asyncio.sleep(0.01)
    host.close()
    runner.stop()
    assert printer.fates.dropped == 0
    assert sum(len(run.run.text) for run in printer.receipts[0].runs) == LETTERS
    assert b"".join(heard) == b"\x00"  # the answer to GS r: no XON, no XOFF


def test_a_full_printer_holds_a_host_on_a_pty_to_the_byte(tmp_path: Path):
    asyncio.run(scene(tmp_path / "printer"))
