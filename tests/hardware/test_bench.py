"""Benches: files in which every mistake is named, and devices that come and go without a trace."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from hardware.bench import Bench
from hardware.benchfile import DeviceSpec, load_bench
from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, NoteInEscrow, NoteStacked
from hardware.clock import run_virtual
from hardware.emulator import BadCommand
from hardware.errors import ConfigError, OfflineError
from hardware.models import load_models, models_folder
from hardware.vocabulary import DeviceState, PowerState

MODELS = load_models(models_folder())
BENCHES = sorted((models_folder().parent / "benches").glob("*.toml"))
VALIDATOR = '[devices.validator]\nmodel = "jcm-id003-jpy"\nlink = "memory"\n'
CHANGER = '[devices.changer]\nmodel = "upos-changer-jpy"\nlink = "simulated"\n'
PRINTER = '[devices.printer]\nmodel = "tm-t88v-ja"\nlink = "memory"\n'


def bench_file(tmp_path: Path, text: str) -> list[DeviceSpec]:
    path = tmp_path / "bench.toml"
    path.write_text(text)
    return load_bench(path, MODELS)


@pytest.mark.parametrize("path", BENCHES, ids=lambda path: path.stem)
def test_every_shipped_bench_can_be_read_and_those_of_a_kiosk_take_notes_and_print(path: Path) -> None:
    specs = load_bench(path, MODELS)
    if not path.stem.startswith("conformance"):  # those hold whatever is to be examined
        classes = {spec.model.device_class for spec in specs}
        assert "printer" in classes
        assert classes & {"bill", "changer"}
    assert all(bool(spec.port) == (spec.link == "serial") for spec in specs)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "devices: found nothing, expected a table [devices]"),
        ("[devices]", "devices: found none, expected a table [devices.NAME] for each device"),
        ("[device.validator]", "device: unknown key, expected one of devices"),
        ("[devices]\nvalidator = 3", "devices.validator: found 3, expected a table [devices.validator]"),
        ('[devices."Old One"]', "devices.Old One: found {}, expected a name of lower-case letters, digits and dashes"),
        ('[devices."../up"]', "devices.../up: found {}, expected a name of lower-case letters, digits and dashes"),
        (VALIDATOR.replace("jcm", "jmc"), "devices.validator.model: found 'jmc-id003-jpy', expected one of "),
        (VALIDATOR.replace("model", "modle"), "devices.validator.modle: unknown key, expected one of model, link"),
        (
            VALIDATOR.replace("memory", "usb"),
            "devices.validator.link: found 'usb', expected one of memory, pty, serial, tcp, recording, simulated",
        ),
        (
            VALIDATOR.replace("memory", "simulated"),
            "devices.validator.link: found 'simulated', expected one of memory, pty, serial",
        ),
        (CHANGER.replace("simulated", "pty"), "devices.changer.link: found 'pty', expected simulated: it has no wire"),
        (CHANGER + 'port = "/dev/x"', "devices.changer.port: unknown key, expected one of model, link"),
        (VALIDATOR.replace("memory", "serial"), "devices.validator.port: found nothing, expected a text in quotes"),
        (VALIDATOR + 'port = "/dev/ttyUSB0"', "devices.validator.port: unknown key, expected one of model, link"),
        (
            (VALIDATOR + 'port = "/dev/x"\n' + PRINTER + 'port = "/dev/x"\n').replace("memory", "serial"),
            "devices.printer.port: found '/dev/x', expected a port that no other device is at",
        ),
    ],
)
def test_every_mistake_in_a_bench_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        bench_file(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'bench.toml'}: {says}")


class Host:
    """A program that stacks every note it is shown."""

    def __init__(self, driver: object) -> None:
        assert isinstance(driver, BillAcceptor)
        self.driver = driver
        self.stacked: list[int] = []
        self._changed = asyncio.Event()

    def _hear(self, event: BillEvent) -> None:
        match event:
            case AcceptorStatus(ready=True):
                self.driver.enable(self.driver.denominations)
            case NoteInEscrow():
                asyncio.get_running_loop().call_soon(self.driver.stack)
            case NoteStacked(yen=yen):
                self.stacked.append(yen)
        self._changed.set()

    async def start(self) -> None:
        """Start the driver and wait until the unit is ready for notes."""
        await self.driver.start(self._hear)
        await self.until(lambda: self.driver.status == AcceptorStatus(DeviceState.IDLE, PowerState.ONLINE, ready=True))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def test_a_bench_in_memory_works_in_virtual_time_and_shows_what_the_driver_does_not_see(tmp_path: Path) -> None:
    async def use() -> None:
        watched: list[tuple[str, dict[str, Any]]] = []
        trace: list[str] = []
        specs = bench_file(tmp_path, VALIDATOR + PRINTER)
        bench = await Bench.open(specs, watch=lambda name, happening: watched.append((name, happening)), trace=trace.append)
        assert list(bench.devices) == ["validator", "printer"]
        device = bench.device("bill")
        assert device.hand is not None
        assert device.emulator is not None
        host = Host(device.driver)
        await host.start()
        assert (await device.hand.command("insert 1000"))["ok"]
        await host.until(lambda: host.stacked == [1000])
        for nonsense in ("sing", "insert " + "9" * 5000):
            with pytest.raises(BadCommand):
                await device.hand.command(nonsense)
        await asyncio.sleep(1)
        assert ("validator", "note_stacked") in [(name, happening["event"]) for name, happening in watched]
        assert any(" validator > FC 05 11 27 56" in line for line in trace)
        await device.driver.close()
        await bench.close()
        await bench.close()

    run_virtual(use())


def test_fresh_drivers_on_the_same_lines_go_on_with_the_same_machines(tmp_path: Path) -> None:
    async def renew() -> None:
        bench = await Bench.open(bench_file(tmp_path, VALIDATOR))
        before = bench.device("bill")
        await Host(before.driver).start()
        await before.driver.close()
        bench.renew_drivers()
        after = bench.device("bill")
        assert after.driver is not before.driver
        assert (after.link, after.emulator, after.hand, after.line) == (before.link, before.emulator, before.hand, before.line)
        assert after.hand is not None
        host = Host(after.driver)
        await host.start()
        await after.hand.command("insert 2000")
        await host.until(lambda: host.stacked == [2000])
        await after.driver.close()
        await bench.close()

    run_virtual(renew())


def test_a_bench_says_what_it_has_not(tmp_path: Path) -> None:
    async def ask() -> None:
        bench = await Bench.open(bench_file(tmp_path, PRINTER))
        with pytest.raises(KeyError, match="no bill device"):
            bench.device("bill")
        await bench.close()

    run_virtual(ask())


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_a_bench_of_processes_leaves_neither_processes_nor_symlinks(tmp_path: Path) -> None:
    async def use() -> None:
        specs = bench_file(tmp_path, (VALIDATOR + PRINTER).replace("memory", "pty"))
        before = children()
        bench = await Bench.open(specs, run_dir=tmp_path / "run", out_dir=tmp_path / "out")
        assert len(children() - before) == 2
        assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["printer", "validator"]
        for device in bench.devices.values():
            assert device.hand is not None
            assert (await device.hand.command("state"))["event"] == "answer"
            for nonsense in ("sing", "", " \n ", "insert " + "9" * 5000, "\udcff", "sing\x00\u3000\rsing"):
                with pytest.raises(BadCommand):
                    await device.hand.command(nonsense)
        await bench.close()
        assert children() == before
        assert list((tmp_path / "run").iterdir()) == []
        await bench.close()

    asyncio.run(use())


def test_an_emulator_that_was_killed_is_offline_to_its_hand_and_its_symlink_is_cleared_away(tmp_path: Path) -> None:
    async def kill() -> None:
        before = children()
        bench = await Bench.open(bench_file(tmp_path, VALIDATOR.replace("memory", "pty")), run_dir=tmp_path / "run")
        hand = bench.device("bill").hand
        assert hand is not None
        (pid,) = children() - before
        os.kill(pid, signal.SIGSTOP)
        asking = asyncio.create_task(hand.command("state"))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(OfflineError, match="ended before it answered"):
            await asking
        with pytest.raises(OfflineError):
            await hand.command("state")
        assert (tmp_path / "run" / "validator").is_symlink()
        await bench.close()
        assert list((tmp_path / "run").iterdir()) == []

    asyncio.run(kill())


def test_a_killed_emulator_that_remembers_is_started_again_with_what_lay_in_it(tmp_path: Path) -> None:
    told: list[str] = []

    async def kill() -> None:
        before = children()
        bench = await Bench.open(
            bench_file(tmp_path, VALIDATOR.replace("memory", "pty")),
            run_dir=tmp_path / "run",
            memory_dir=tmp_path / "memory",
            watch=lambda name, happening: told.append(happening["event"]),
        )
        hand = bench.device("bill").hand
        assert hand is not None
        await hand.command("insert 1000")
        (pid,) = children() - before
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            while "power_on" not in told:
                await asyncio.sleep(0.05)
            while True:
                try:
                    state = await hand.command("state")
                    break
                except OfflineError:  # not quite ready
                    await asyncio.sleep(0.05)
        assert state["mouth"] == {"yen": 1000, "place": "mouth"}
        assert (tmp_path / "run" / "validator").is_symlink()
        await bench.close()
        assert children() == before
        assert list((tmp_path / "run").iterdir()) == []

    asyncio.run(kill())
    assert told[-2:] == ["power_off", "power_on"]


def test_a_bench_that_cannot_come_up_whole_leaves_nothing_behind(tmp_path: Path) -> None:
    async def fail() -> None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "printer").write_text("precious")
        before = children()
        specs = bench_file(tmp_path, (VALIDATOR + PRINTER).replace("memory", "pty"))
        with pytest.raises(OfflineError, match=r"the emulator of tm-t88v-ja at .*printer ended at once with status 1"):
            await Bench.open(specs, run_dir=tmp_path / "run")
        assert children() == before
        assert [path.name for path in (tmp_path / "run").iterdir()] == ["printer"]
        assert (tmp_path / "run" / "printer").read_text() == "precious"

    asyncio.run(fail())


def test_a_bench_of_real_ports_is_made_before_they_are_there(tmp_path: Path) -> None:
    async def make() -> None:
        bench = await Bench.open(bench_file(tmp_path, VALIDATOR.replace("memory", "serial") + f'port = "{tmp_path}/tty"\n'))
        device = bench.device("bill")
        assert (device.hand, device.emulator, device.line) == (None, None, None)
        with pytest.raises(OfflineError, match="No such file or directory"):
            await device.link.open()
        await bench.close()

    asyncio.run(make())
