"""A device whose process is killed at any instant comes back as one whose power was cut at that instant."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hardware.bills.acceptor import BillAcceptor, BillEvent, NoteInEscrow
from hardware.clock import run_virtual
from hardware.coins.acceptor import CoinAcceptor
from hardware.dispenser import CashDispenser
from hardware.emulator import Emulator, EmulatorRunner
from hardware.errors import ConfigError, OfflineError
from hardware.lasting import MemoryFile, State
from hardware.links.memory import memory_line
from hardware.links.port import SerialPort, SerialSettings
from hardware.models import find_model
from hardware.protocols import make_driver, make_emulator
from tests.hardware.processes import emulator, hardware
from tests.hardware.virtualtime import until

BILLS = (
    "jcm-id003-jpy", "jcm-id003-recycler-jpy", "cashcode-ccnet-jpy", "mei-ebds-jpy", "pyramid-apex-jpy", "nv200-ssp-jpy",
    "nv200-essp-jpy", "cctalk-bill-jpy",
)  # fmt: skip
AFTERWARDS_S = 8.0
"""What both live on after the cut: long enough to initialise and to bring out, or in, a note that was on its way."""


class TwinCheck(MemoryFile):
    """Wherever a state would be written down, compares one made anew from it with the device itself after a power cut."""

    def __init__(self, path: Path, device: Emulator) -> None:
        super().__init__(path)
        self._device = device
        self._last: State = {}
        self.cuts = 0

    def keep(self, name: str, model: str, state: State) -> None:
        if state == self._last:
            return
        self._last = state
        now_s = asyncio.get_running_loop().time()
        twin = make_emulator(self._device.model)
        twin.restore(json.loads(json.dumps(state)), now_s)
        assert _life_of(twin, now_s) == json.loads(in_a_copy_of_this_process(self._cut, now_s)), f"after a cut at {now_s}"
        self.cuts += 1

    def _cut(self, now_s: float) -> str:
        """Cut the device's power and tell how it lived on."""
        self._device.take_happenings()
        self._device.command("power off", now_s)
        self._device.command("power on", now_s)
        return json.dumps(_life_of(self._device, now_s))


def _life_of(device: Emulator, now_s: float) -> Any:
    """Return what a hand sees at the device after some time, what it would keep by then, and what had happened, sorted."""
    shown = device.command("state", now_s + AFTERWARDS_S)
    told = sorted(json.dumps([told.event, dict(told.data)]) for told in device.take_happenings())
    return json.loads(json.dumps([shown, device.state(), told]))


def in_a_copy_of_this_process(act: Callable[[float], str], now_s: float) -> str:
    """Return what ``act`` returns in a fork: the one way to copy a device with everything in it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, act(now_s).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer.decode()


def checked(tmp_path: Path, model_name: str, use: Callable[[Any, EmulatorRunner], Awaitable[None]]) -> int:
    """Let a driver and a hand ``use`` a device, compare at every step, and return at how many."""

    async def live() -> int:
        model = find_model(model_name)
        host, far = memory_line("line")
        device = make_emulator(model)
        check = TwinCheck(tmp_path / "memory.json", device)
        runner = EmulatorRunner(device, far, lambda happening: None, memory=check)
        await runner.start()
        driver = make_driver(model, host)
        await use(driver, runner)
        await driver.close()  # type: ignore[attr-defined]
        runner.stop()
        return check.cuts

    return run_virtual(live())


@pytest.mark.parametrize("model", BILLS)
def test_a_bill_acceptor_remembers_every_note_and_what_it_owes_the_host(tmp_path: Path, model: str) -> None:
    async def use(driver: BillAcceptor, runner: EmulatorRunner) -> None:
        orders = iter((driver.stack, driver.return_, driver.stack))

        def told(event: BillEvent) -> None:
            if isinstance(event, NoteInEscrow):
                asyncio.get_running_loop().call_later(0.3, next(orders))

        await driver.start(told)
        driver.enable(frozenset({1000, 5000}))
        await asyncio.sleep(20)
        for line in ("insert 1000", "insert 5000", "insert 1000 counterfeit", "insert 1000", "jam", "clear", "insert 10000"):
            runner.command(line)
            await asyncio.sleep(8)
        if driver.dispenser is not None:
            driver.enable(frozenset())
            await driver.dispenser.start(lambda status: None)
            await asyncio.sleep(3)
            await driver.dispenser.dispense({1000: 2})

    assert checked(tmp_path, model, use) > 15


@pytest.mark.parametrize("model", ["cctalk-hopper-500-jpy", "cctalk-hopper-cipher-500-jpy"])
def test_a_hopper_remembers_its_coins_and_what_it_last_paid_and_did_not(tmp_path: Path, model: str) -> None:
    async def use(driver: CashDispenser, runner: EmulatorRunner) -> None:
        await driver.start(lambda status: None)
        await until(lambda: driver.status.ready)
        await driver.dispense({500: 4})
        runner.command("jam")
        await driver.dispense({500: 2})
        runner.command("clear")
        await until(lambda: driver.status.ready, 60)
        await driver.dispense({500: 1})

    assert checked(tmp_path, model, use) > 10


def test_a_coin_acceptor_remembers_every_coin_wherever_it_was_rolling(tmp_path: Path) -> None:
    async def use(driver: CoinAcceptor, runner: EmulatorRunner) -> None:
        await driver.start(lambda event: None)
        driver.enable(frozenset({10, 100, 500}))
        await asyncio.sleep(5)
        for line in ("insert 100", "insert 500", "insert 10 slow", "insert 50", "jam sensor", "insert 100", "clear"):
            runner.command(line)
            await asyncio.sleep(1.3)

    assert checked(tmp_path, "cctalk-coin-jpy", use) > 15


def test_a_killed_process_comes_back_with_the_note_at_its_mouth(tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"

    async def main() -> None:
        async with emulator("jcm-id003-jpy", tmp_path / "port", "--memory", memory) as first:
            first.type("insert 1000")
            await first.until("answer")
            first.process.send_signal(signal.SIGKILL)
            await first.process.wait()
        kept = json.loads(memory.read_text())
        assert kept["devices"][""]["state"]["insides"]["piles"] == {"mouth": [[1000, "", "", "", 1]]}
        async with emulator("jcm-id003-jpy", tmp_path / "port", "--memory", memory) as second:
            second.type("state")
            assert (await second.until("answer"))["mouth"] == {"yen": 1000, "place": "mouth"}
            assert second.events()[:2] == ["power_off", "power_on"]

    asyncio.run(main())


def test_a_second_process_waits_for_the_first_one_to_leave_the_memory(tmp_path: Path) -> None:
    async def main() -> None:
        first, second = MemoryFile(tmp_path / "memory.json"), MemoryFile(tmp_path / "memory.json")
        await first.open()
        waiting = asyncio.create_task(second.open())
        await asyncio.sleep(0)
        first.keep("", "model", {"coins": 7})
        first.close()
        await waiting
        assert second.recall("", "model") == {"coins": 7}
        second.close()

    asyncio.run(main())


def test_a_memory_that_another_process_keeps_is_refused_in_the_end(tmp_path: Path) -> None:
    async def main() -> None:
        first, second = MemoryFile(tmp_path / "memory.json"), MemoryFile(tmp_path / "memory.json")
        await first.open()
        with pytest.raises(OfflineError, match="another process"):
            await second.open()
        first.close()

    run_virtual(main())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "receipts": 0, "devices": {}}'])
def test_a_file_that_is_no_memory_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "memory.json").write_text(text)
    with pytest.raises(ConfigError, match=r"memory\.json: is no memory of this version"):
        asyncio.run(MemoryFile(tmp_path / "memory.json").open())


def test_the_memory_of_another_model_is_refused_by_the_command(tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    state = {"version": 1, "receipts": 0, "devices": {"": {"model": "jcm-id003-jpy", "state": {}}}}
    memory.write_text(json.dumps(state))

    async def main() -> None:
        async with hardware("emulate", "nv200-ssp-jpy", "--pty", tmp_path / "port", "--memory", memory) as command:
            status, errors = await command.end()
        assert status == 1
        assert errors == f"hardware: {memory}: holds a device of model jcm-id003-jpy, expected nv200-ssp-jpy\n"

    asyncio.run(main())


def test_a_memory_that_cannot_be_written_is_told_once_and_again_after_it_could(tmp_path: Path) -> None:
    told: list[str] = []

    async def main() -> None:
        memory = MemoryFile(tmp_path / "memory.json", told.append)
        await memory.open()
        (tmp_path / "memory.json.new").mkdir()
        memory.keep("", "model", {"coins": 1})
        memory.keep("", "model", {"coins": 2})
        os.rmdir(tmp_path / "memory.json.new")
        memory.keep("", "model", {"coins": 3})
        (tmp_path / "memory.json.new").mkdir()
        memory.keep("", "model", {"coins": 4})
        memory.close()

    asyncio.run(main())
    assert told == [f"{tmp_path}/memory.json: Is a directory"] * 2


def test_a_killed_printer_keeps_its_paper_and_overwrites_no_picture(tmp_path: Path) -> None:
    async def main() -> None:
        paper_mm = []
        for _ in range(2):
            words = ("--memory", tmp_path / "memory.json", "--out", tmp_path)
            async with emulator("tm-t88v-ja", tmp_path / "port", *words) as printer:
                heard: list[bytes] = []
                host = SerialPort(str(tmp_path / "port"), SerialSettings())
                host.attach(heard.append, lambda error: None)
                await host.open()
                async with asyncio.timeout(20):
                    while not heard:  # it does not listen before it has started
                        host.write(b"\x10\x04\x01")
                        await asyncio.sleep(0.1)
                host.write(b"a line\n\x1dVB\x00")
                await printer.until("receipt_cut")
                host.close()
                printer.type("state")
                paper_mm.append((await printer.until("answer"))["paper_mm"])
                printer.process.send_signal(signal.SIGKILL)
                await printer.process.wait()
        assert paper_mm[1] < paper_mm[0] - 5

    asyncio.run(main())
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["receipt-2.png", "receipt.png"]
