"""What each bill protocol costs: the driver's CPU a poll against a bare read and write, emulators a core, a cash journey."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

import psutil
import serial

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, NoteInEscrow, NoteStacked
from hardware.clock import run_virtual
from hardware.configfile import ConfigFile
from hardware.emulator import EmulatorRunner
from hardware.errors import OfflineError
from hardware.links.link import Link
from hardware.links.memory import memory_line
from hardware.links.port import SerialPort, SerialSettings
from hardware.links.tap import Tap
from hardware.models import DeviceModel, find_model
from hardware.process import EmulatorProcess
from hardware.protocols import make_driver, make_emulator
from tests.benchmarks.table import Row

MODELS = (
    "jcm-id003-jpy",
    "cashcode-ccnet-jpy",
    "mei-ebds-jpy",
    "pyramid-apex-jpy",
    "nv200-ssp-jpy",
    "nv200-essp-jpy",
    "cctalk-bill-jpy",
)
FAST_POLL_S = 0.012
"""As often as a unit that takes 8 ms to answer can be asked."""
EXCHANGES = 400
ROUNDS = 3
JOURNEYS = 400
POLL_S = 0.2
SSP_SYNC = [(bytes.fromhex("7F 80 01 11 65 82"), bytes.fromhex("7F 80 01 F0 23 80"))]
"""What the bare loop says to an encrypted unit: a sealed poll that is played back gets no answer."""


class _CountingPort(SerialPort):
    """Counts what the unit answers."""

    answers = 0

    def attach(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[OfflineError], None]) -> None:
        def count(data: bytes) -> None:
            self.answers += 1
            on_bytes(data)

        super().attach(count, on_lost)


def _model(name: str, interval_s: float) -> DeviceModel:
    model = find_model(name)
    poll = {**model.settings.get("poll", {}), "interval_s": interval_s}
    return replace(model, settings={**model.settings, "poll": poll})


def _acceptor(model: DeviceModel, link: Link) -> BillAcceptor:
    driver = make_driver(model, link)
    assert isinstance(driver, BillAcceptor)
    return driver


async def _until_ready(driver: BillAcceptor) -> None:
    ready = asyncio.Event()

    def heard(event: BillEvent) -> None:
        if isinstance(event, AcceptorStatus) and event.ready:
            ready.set()

    await driver.start(heard)
    async with asyncio.timeout(30):
        await ready.wait()
    driver.enable(driver.denominations)
    await asyncio.sleep(1.0)


def _bare_cpu_s(path: Path, settings: SerialSettings, asked: list[tuple[bytes, bytes]]) -> float:
    """Return the CPU seconds of one write and one read of the same frames through pyserial, on the same pty.

    At the driver's pace: a processor that has slept between two polls wakes up with cold caches, and that is most of either
    figure.
    """
    with serial.Serial(str(path), settings.baud, timeout=0.5) as port:
        port.reset_input_buffer()
        began_s, next_s = process_time(), perf_counter()
        for number in range(EXCHANGES):
            next_s += FAST_POLL_S
            sleep(max(0.0, next_s - perf_counter()))
            request, reply = asked[number % len(asked)]
            port.write(request)
            port.read(len(reply))
        return (process_time() - began_s) / EXCHANGES


async def _on_a_pty(name: str) -> tuple[float, float, float]:
    """Return CPU seconds a poll: of our driver, of the bare loop, and of the emulator's process."""
    model = _model(name, FAST_POLL_S)
    settings = SerialSettings.from_config(ConfigFile(model.path, model.settings).table("serial"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        process = EmulatorProcess(model, path, None, lambda happening: None)
        await process.start()
        try:
            said: list[str] = []
            port = SerialPort(str(path), settings)
            tapped = _acceptor(model, Tap(port, said.append))
            await _until_ready(tapped)
            await tapped.close()
            asked = SSP_SYNC if model.settings.get("host", {}).get("encrypted") else _exchanges(said)
            emulator = psutil.Process(process.pid)
            ours_s, bare_s, theirs_s = [], [], []
            for _ in range(ROUNDS):
                counting = _CountingPort(str(path), settings)
                driver = _acceptor(model, counting)
                await _until_ready(driver)
                before = emulator.cpu_times()
                began_s, answers_before = process_time(), counting.answers
                await asyncio.sleep(EXCHANGES * FAST_POLL_S)
                polls = counting.answers - answers_before
                ours_s.append((process_time() - began_s) / polls)
                after = emulator.cpu_times()
                theirs_s.append((after.user + after.system - before.user - before.system) / polls)
                await driver.close()
                bare_s.append(_bare_cpu_s(path, settings, asked))
        finally:
            await process.stop()
    return median(ours_s), median(bare_s), median(theirs_s)


def _exchanges(said: list[str]) -> list[tuple[bytes, bytes]]:
    """Return the last two questions of a trace with their answers: two, because some protocols alternate a bit.

    What a host says without getting an answer (an acknowledgement) goes with the question after it.
    """
    pairs: list[tuple[bytes, bytes]] = []
    question = b""
    for line in said[-16:-4]:
        if " > " in line:
            question += bytes.fromhex(line.split(" > ")[1])
        elif " < " in line and question:
            pairs.append((question, bytes.fromhex(line.split(" < ")[1])))
            question = b""
    return pairs[-2:]


async def _journeys(name: str) -> float:
    """Feed notes to a driver and an emulator until they are in the box; return the virtual seconds."""
    model = find_model(name)
    host, device = memory_line(name)
    runner = EmulatorRunner(make_emulator(model), device, lambda happening: None)
    await runner.start()
    driver = _acceptor(model, host)
    stacked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heard(event: BillEvent) -> None:
        if isinstance(event, NoteInEscrow):
            loop.call_soon(driver.stack)
        elif isinstance(event, NoteStacked):
            stacked.set()
        elif isinstance(event, AcceptorStatus) and event.ready:
            driver.enable(driver.denominations)

    await driver.start(heard)
    await asyncio.sleep(10)
    began_s = loop.time()
    for _ in range(JOURNEYS):
        stacked.clear()
        runner.command("insert 1000")
        async with asyncio.timeout(60):
            await stacked.wait()
        await asyncio.sleep(20)  # a customer reads, chooses, and looks for the next note
    return loop.time() - began_s


def measure() -> list[Row]:
    """Return the rows, three a protocol."""
    rows: list[Row] = []
    for name in MODELS:
        ours_s, bare_s, theirs_s = asyncio.run(_on_a_pty(name))
        rows.append(
            Row(f"{name}: CPU a poll", f"{ours_s * 1e6:.0f} µs", f"pyserial {bare_s * 1e6:.0f} µs", ours_s / bare_s, 2.0)
        )
        rows.append(
            Row(
                f"{name}: emulators a core",
                f"{theirs_s * 1e6:.0f} µs a poll",
                f"a poll each {POLL_S} s",
                POLL_S / theirs_s,
                200,
                "",
                more_is_better=True,
            )
        )
        began_s = perf_counter()
        virtual_s = run_virtual(_journeys(name))
        wall_s = perf_counter() - began_s
        ours = f"{virtual_s:,.0f} virtual s in {wall_s:.2f} s"
        rows.append(Row(f"{name}: {JOURNEYS} notes", ours, "real time", virtual_s / wall_s, 3000, more_is_better=True))
    return rows
