"""Several devices on one line: as a bench file, in memory, and as one process on one pseudo terminal."""

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from hardware.__main__ import main
from hardware.bench import Bench
from hardware.benchfile import load_bench
from hardware.clock import run_virtual
from hardware.emulator import BadCommand
from hardware.errors import ConfigError
from hardware.links.link import Link
from hardware.models import find_model, load_models, models_folder
from tests.hardware.coins.cctalk_host import answer, spelled
from tests.hardware.processes import PATIENCE_S, hardware, run

MODELS = load_models(models_folder())
BUS = '[buses.cash]\nlink = "memory"\n'
COINS = '[devices.coins]\nmodel = "cctalk-coin-jpy"\nbus = "cash"\n'
HOPPER = '[devices.hopper]\nmodel = "cctalk-hopper-500-jpy"\nbus = "cash"\n'
ENABLE, STATUS, DISPENSE_2 = "03 01 01 A4 A5 B2", "03 00 01 A6 56", spelled(3, 167, bytes.fromhex("12 34 56 02"))
MASK, CREDIT = "02 02 01 E7 FF FF 16", "02 00 01 E5 18"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BUS, "devices: found nothing, expected a table [devices]"),
        (COINS, "devices.coins.bus: found 'cash', expected one of "),
        (BUS + COINS.replace('"cash"', '"cahs"'), "devices.coins.bus: found 'cahs', expected one of cash"),
        (BUS + COINS + 'link = "memory"\n', "devices.coins.link: unknown key, expected one of model, bus"),
        (BUS + 'port = "/dev/x"\n' + COINS, "buses.cash.port: unknown key, expected one of link"),
        (BUS.replace("memory", "serial") + COINS, "buses.cash.port: found nothing, expected a text in quotes"),
        (BUS.replace("cash", '"A B"') + COINS, "buses.A B: found {'link': 'memory'}, expected a name of lower-case letters"),
        (BUS + COINS + BUS.replace("cash", "spare"), "buses.spare: found {'link': 'memory'}, expected devices with bus"),
        (BUS + COINS.replace("devices.coins", "devices.cash"), "devices.cash: found {"),
        (
            BUS + COINS + COINS.replace("devices.coins", "devices.more"),
            "devices.more.model: found 'cctalk-coin-jpy', expected a model for more with another address than 2",
        ),
        (
            BUS + COINS + '[devices.validator]\nmodel = "jcm-id003-jpy"\nbus = "cash"\n',
            "devices.validator.model: found 'jcm-id003-jpy', expected a cctalk model for validator",
        ),
        (
            (BUS + 'port = "/dev/x"\n').replace("memory", "serial")
            + COINS
            + '[devices.validator]\nmodel = "jcm-id003-jpy"\nlink = "serial"\nport = "/dev/x"\n',
            "devices.validator.port: found '/dev/x', expected a port that no other device is at",
        ),
    ],
)
def test_every_mistake_about_a_shared_line_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_bench(path, MODELS)
    assert str(error.value).startswith(f"{path}: {says}")


def test_one_device_gives_back_the_bytes_of_a_shared_line_and_no_second_one(tmp_path: Path) -> None:
    echoing = {}
    for name in ("cctalk-coin-jpy", "cctalk-hopper-500-jpy"):
        path = tmp_path / f"{name}.toml"
        path.write_text(find_model(name).path.read_text().replace("echo = false", "echo = true"))
        echoing[name] = find_model(str(path))
    path = tmp_path / "bench.toml"
    path.write_text(BUS + COINS + HOPPER)
    load_bench(path, MODELS | {"cctalk-coin-jpy": echoing["cctalk-coin-jpy"]})
    with pytest.raises(ConfigError, match="expected a model for hopper without echo, since coins gives back"):
        load_bench(path, MODELS | echoing)


def test_line_settings_that_differ_cannot_share_a_line(tmp_path: Path) -> None:
    slow = tmp_path / "slow.toml"
    slow.write_text(find_model("cctalk-hopper-500-jpy").path.read_text().replace("baud = 9600", "baud = 4800"))
    path = tmp_path / "bench.toml"
    path.write_text(BUS + COINS + HOPPER)
    with pytest.raises(ConfigError, match="expected a model for hopper with the line settings of coins"):
        load_bench(path, MODELS | {"cctalk-hopper-500-jpy": find_model(str(slow))})


class Asker:
    """Asks on a link in hexadecimal, one question at a time."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard = b""
        link.attach(self._hear, lambda error: None)

    def _hear(self, data: bytes) -> None:
        self.heard += data

    async def ask(self, request: str) -> str:
        async with self.link.turn:
            self.heard = b""
            self.link.write(bytes.fromhex(request))
            await asyncio.sleep(0.08)
            return self.heard.hex(" ").upper()


def test_a_bench_in_memory_puts_devices_on_one_line_and_each_answers_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(BUS + COINS + HOPPER)

    async def use() -> None:
        watched: list[tuple[str, str]] = []
        trace: list[str] = []
        bench = await Bench.open(
            load_bench(path, MODELS), watch=lambda name, told: watched.append((name, told["event"])), trace=trace.append
        )
        coins, hopper = bench.devices["coins"], bench.devices["hopper"]
        askers = [Asker(coins.link), Asker(hopper.link)]
        for asker in askers:
            await asker.link.open()
        assert coins.hand is not None
        assert hopper.hand is not None
        await hopper.hand.command("fill 10")
        assert await askers[0].ask(MASK) == answer(2)
        both = await asyncio.gather(askers[0].ask(spelled(2, 254)), askers[1].ask(ENABLE))
        assert tuple(both) == (answer(2), answer(3))
        await coins.hand.command("insert 100")
        assert await askers[1].ask(DISPENSE_2) == answer(3)
        await asyncio.sleep(2)
        assert await askers[1].ask(STATUS) == answer(3, bytes((1, 0, 2, 0)))
        assert await askers[0].ask(CREDIT) == answer(2, bytes((1, 3, 3, *bytes(8))))
        assert {("coins", "coin_in_box"), ("hopper", "coin_paid")} <= set(watched)
        assert sum(f" cash > {DISPENSE_2}" in line for line in trace) == 1, "a shared line is traced once"
        assert coins.line is hopper.line
        for asker in askers:
            asker.link.close()
        await bench.close()

    run_virtual(use())


def test_a_bench_on_a_pseudo_port_runs_them_in_one_process(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text((BUS + COINS + HOPPER).replace("memory", "pty"))

    async def use() -> None:
        watched: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        bench = await Bench.open(
            load_bench(path, MODELS), run_dir=tmp_path, watch=lambda name, told: watched.put_nowait((name, told))
        )
        try:
            assert [entry.name for entry in tmp_path.iterdir() if entry.is_symlink()] == ["cash"]
            asker = Asker(bench.devices["hopper"].link)
            await asker.link.open()
            hand = bench.devices["hopper"].hand
            assert hand is not None
            assert (await hand.command("fill 10"))["level"] == 110
            with pytest.raises(BadCommand):
                await hand.command("insert 100")
            async with asyncio.timeout(PATIENCE_S):
                while await asker.ask(ENABLE) != answer(3):
                    pass
                while await asker.ask(DISPENSE_2) != answer(3):
                    pass
                while (told := await watched.get())[1]["event"] != "coin_paid":
                    pass
            assert told[0] == "hopper"
            asker.link.close()
        finally:
            await bench.close()

    asyncio.run(use())


def test_on_the_command_line_each_command_names_its_device_and_each_happening_carries_it(tmp_path: Path) -> None:
    async def use() -> None:
        words = ("emulate", "coins=cctalk-coin-jpy", "cctalk-hopper-500-jpy", "--pty", tmp_path / "bus")
        async with hardware(*words) as line:
            ready = await line.until("ready", pty=str(tmp_path / "bus"))
            assert ready["devices"] == {"coins": "cctalk-coin-jpy", "cctalk-hopper-500-jpy": "cctalk-hopper-500-jpy"}
            assert os.readlink(tmp_path / "bus") == ready["tty"]
            line.type("coins: insert 100")
            await line.until("answer", command="coins: insert 100", device="coins", ok=True)
            await line.until("coin_returned", device="coins", yen=100)
            line.type("cctalk-hopper-500-jpy: fill 10")
            await line.until("answer", device="cctalk-hopper-500-jpy", level=110)
            line.type("coins: dance")
            assert "insert YEN" in (await line.until("bad_command", device="coins"))["expected"]
            for nameless in ("insert 100", "bank: insert 100", ":", ": state"):
                line.type(nameless)
                told = await line.until("bad_command", command=nameless)
                assert told["expected"] == "DEVICE: COMMAND, where DEVICE is one of coins, cctalk-hopper-500-jpy"
            line.type("help")
            commands = (await line.until("answer", command="help"))["commands"]
            assert "fill N" in commands["cctalk-hopper-500-jpy"]
            line.type("coins: help")
            assert "lever" in (await line.until("answer", command="coins: help"))["commands"]
            assert await line.end() == (0, "")
        assert not (tmp_path / "bus").is_symlink()

    asyncio.run(use())


@pytest.mark.parametrize(
    ("models", "says"),
    [
        (["cctalk-coin-jpy", "cctalk-coin-jpy"], "cctalk-coin-jpy: found twice, expected a name for each device"),
        (["a=cctalk-coin-jpy", "b=cctalk-coin-jpy"], "b: found cctalk-coin-jpy, expected a model for b with another address"),
        (["cctalk-coin-jpy", "jcm-id003-jpy"], "jcm-id003-jpy: found jcm-id003-jpy, expected a cctalk model for"),
        (["a=jcm-id003-jpy"], "a: found jcm-id003-jpy, expected a cctalk model for a"),
        (["a=no-such", "b=cctalk-coin-jpy"], "no model 'no-such'"),
    ],
)
def test_what_cannot_share_a_line_on_the_command_line_is_one_line_and_status_1(
    tmp_path: Path, models: list[str], says: str
) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["emulate", *models, "--pty", str(tmp_path / "bus")])
    assert says in str(ending.value.code)
    assert "\n" not in str(ending.value.code)


def test_a_device_on_a_shared_line_can_be_unplugged_alone(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(BUS + COINS + HOPPER)

    async def use() -> None:
        bench = await Bench.open(load_bench(path, MODELS))
        asker = Asker(bench.devices["coins"].link)
        await asker.link.open()
        hand = bench.devices["coins"].hand
        assert hand is not None
        await hand.command("line unplug")
        assert await asker.ask(spelled(2, 254)) == ""
        assert await asker.ask(spelled(3, 254)) == answer(3)
        await hand.command("line replug")
        await asyncio.sleep(0.1)
        assert await asker.ask(spelled(2, 254)) == answer(2)
        asker.link.close()
        await bench.close()

    run_virtual(use())


def test_the_list_shows_the_devices_of_shared_lines() -> None:
    status, out, errors = asyncio.run(run("list", "--json"))
    assert (status, errors) == (0, "")
    rows = {row["model"]: row for row in json.loads(out)}
    coins = [name for name in rows if re.match("cctalk-(coin|hopper)", name)]
    assert len(coins) == 6
    assert all(rows[name]["emulator"] for name in coins)
