"""Port 9100: a printer on TCP, both ends real sockets of this machine."""

import asyncio

import pytest

from hardware.bench import Bench
from hardware.benchfile import load_bench
from hardware.errors import ConfigError, OfflineError
from hardware.links.memory import memory_line
from hardware.links.tcp import TcpDevice, TcpPort, parse_address
from hardware.models import load_models, models_folder
from hardware.printers.printer import Cut, Document, ReceiptPrinter, Text
from hardware.vocabulary import JobOutcome
from tests.hardware.processes import PATIENCE_S, hardware
from tests.hardware.virtualtime import in_virtual_time

SOON_S = 5.0


class Ear:
    """Hears one end."""

    def __init__(self, end: TcpDevice | TcpPort) -> None:
        self.heard = b""
        self.lost: list[str] = []
        self._news = asyncio.Event()
        end.attach(self._bytes, self._lost)

    def _bytes(self, data: bytes) -> None:
        self.heard += data
        self._news.set()

    def _lost(self, error: OfflineError) -> None:
        self.lost.append(str(error))
        self._news.set()

    async def until(self, heard: bytes | None) -> None:
        async with asyncio.timeout(SOON_S):
            while (self.heard != heard) if heard is not None else not self.lost:
                self._news.clear()
                await self._news.wait()


async def line() -> tuple[TcpPort, Ear, TcpDevice, Ear]:
    device = TcpDevice(0)
    at_device = Ear(device)
    await device.open()
    host = TcpPort(device.name)
    at_host = Ear(host)
    await host.open()
    return host, at_host, device, at_device


async def over_tcp() -> None:
    host, at_host, device, at_device = await line()
    host.write(b"\x10\x04\x01")
    await at_device.until(b"\x10\x04\x01")
    device.write(b"\x12")
    await at_host.until(b"\x12")
    device.close()
    await at_host.until(None)
    assert at_host.lost == [f"{host.name}: the other end hung up"]
    host.close()


def test_bytes_go_both_ways_and_a_device_that_leaves_is_told():
    asyncio.run(over_tcp())


def test_a_second_host_is_turned_away_and_the_first_is_not_disturbed():
    async def scene() -> None:
        host, _, device, at_device = await line()
        second = TcpPort(device.name)
        ear = Ear(second)
        await second.open()
        await ear.until(None)
        host.write(b"still here")
        await at_device.until(b"still here")
        host.close()
        device.close()

    asyncio.run(scene())


def test_a_device_that_is_not_ready_leaves_bytes_with_the_host():
    async def scene() -> None:
        host, _, device, at_device = await line()
        device.set_ready(False)
        data = bytes(4_000_000)
        host.write(data)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await host.drain()
        assert host.unsent() > 0
        device.set_ready(True)
        async with asyncio.timeout(SOON_S):
            await host.drain()
        await at_device.until(data)
        host.close()
        device.close()

    asyncio.run(scene())


def test_nobody_listening_is_off_line():
    async def scene() -> None:
        device = TcpDevice(0)
        Ear(device)
        await device.open()
        device.close()
        with pytest.raises(OfflineError, match="cannot connect"):
            await TcpPort(device.name).open()

    asyncio.run(scene())


@pytest.mark.parametrize("text", ["9100", "host", "host:", "host:0", "host:70000", "a b:9100", ""])
def test_an_address_is_host_and_port(text: str):
    with pytest.raises(ValueError, match="HOST:PORT"):
        parse_address(text)


def test_a_bench_file_names_the_address(tmp_path):
    file = tmp_path / "bench.toml"
    file.write_text('[devices.printer]\nmodel = "tm-t88v-ja"\nlink = "tcp"\naddress = "nowhere"\n')
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:9100"):
        load_bench(file, load_models(models_folder()))


async def printed_over_tcp(tmp_path) -> JobOutcome:
    async with hardware("emulate", "tm-t88v-ja", "--tcp", "0", "--out", tmp_path) as emulator:
        ready = await emulator.until("ready")
        file = tmp_path / "bench.toml"
        file.write_text(f'[devices.printer]\nmodel = "tm-t88v-ja"\nlink = "tcp"\naddress = "{ready["tcp"]}"\n')
        bench = await Bench.open(load_bench(file, load_models(models_folder())))
        driver = bench.devices["printer"].driver
        assert isinstance(driver, ReceiptPrinter)
        can_print = asyncio.Event()
        await driver.start(lambda status: can_print.set() if status.can_print else None)
        async with asyncio.timeout(PATIENCE_S):
            await can_print.wait()
            outcome = await driver.print(Document([Text("領収書"), Cut()]))
        await driver.close()
        await bench.close()
        await emulator.until("receipt_cut")
    return outcome


def test_a_receipt_is_printed_by_an_emulator_in_a_process_of_its_own_on_a_tcp_port(tmp_path):
    assert asyncio.run(printed_over_tcp(tmp_path)) is JobOutcome.PRINTED
    assert (tmp_path / "receipt.png").read_bytes().startswith(b"\x89PNG")


@in_virtual_time
async def test_a_memory_line_keeps_bytes_while_the_other_end_is_not_ready() -> None:
    host, device = memory_line("printer")
    heard: list[bytes] = []
    device.attach(heard.append, lambda error: None)
    host.attach(heard.append, lambda error: None)
    await host.open()
    await device.open()
    device.set_ready(False)
    assert host.ready is False
    host.write(b"abc")
    assert host.unsent() == 3
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60):
            await host.drain()
    assert heard == []
    device.set_ready(True)
    await host.drain()
    await asyncio.sleep(0.01)
    assert heard == [b"abc"]
    assert host.unsent() == 0
