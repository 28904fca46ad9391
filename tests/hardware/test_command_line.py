"""``python -m hardware`` as its users and abusers meet it: real processes, real pseudo terminals."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from pathlib import Path

import pytest

from hardware.__main__ import main
from hardware.emulate import ReceiptFolder
from hardware.models import find_model
from tests.hardware.processes import PATIENCE_S, emulator, hardware, run

BILL = "jcm-id003-jpy"
PRINTER = "tm-t88v-ja"
STATUS_REQUEST = bytes.fromhex("FC 05 11 27 56")


def quick_bill_acceptor(folder: Path) -> Path:
    """Write a model as the validator's, with mechanics and polls ten times as fast."""
    text = find_model(BILL).path.read_text()
    quick = re.sub(r"^(\w+_s = )([\d.]+)", lambda m: f"{m[1]}{float(m[2]) / 10:.4f}", text, flags=re.M)
    path = folder / "quick.toml"
    path.write_text(quick.replace("reply_timeout_s = 0.0300", "reply_timeout_s = 0.3"))
    return path


def in_real_time(test: Callable[[Path], Coroutine[None, None, None]]) -> Callable[[Path], None]:
    @wraps(test)
    def run_it(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    return run_it


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["emulate", "no-such", "--pty", "{tmp}/v"], 1, "no model 'no-such', expected one of "),
        (["emulate", "no-such.toml", "--pty", "{tmp}/v"], 1, "no-such.toml: cannot be read (No such file or directory)"),
        (["emulate", BILL], 2, "one of the arguments --pty --tcp is required"),
        (["emulate", BILL, "--pty", ""], 2, "--pty: expected a name or a path, found nothing"),
        (["emulate", BILL, "--pty", "{tmp}"], 1, "something else stands there"),
        (["emulate", BILL, "--pty", "{tmp}/precious"], 1, "something else stands there"),
        (["emulate", BILL, "--pty", "{tmp}/precious/v"], 1, "cannot make the symlink: "),
        (["emulate", BILL, "--pty", "{tmp}/link"], 1, "there is one to precious, which is no pty"),
        (
            ["emulate", PRINTER, "--pty", "{tmp}/p", "--out", "{tmp}/precious"],
            1,
            "--out {tmp}/precious: cannot make the folder",
        ),
        (["drive", "no-such", "--port", "{tmp}/v"], 1, "no model 'no-such'"),
        (["drive", BILL, "--port", "{tmp}/v", "--accept", "--return"], 2, "--return: not allowed with argument --accept"),
        (["drive", BILL, "--port", "{tmp}/v", "--print", "hello"], 1, "--print is for printers"),
        (["drive", PRINTER, "--port", "{tmp}/v", "--accept"], 1, "--accept and --return are for bill acceptors"),
        (["emulate", "", "--pty", "{tmp}/v"], 2, "argument model: expected a name or a path, found nothing"),
        (
            ["drive", "cctalk-hopper-10-jpy", "--port", "{tmp}/v", "--pay", "10:x"],
            2,
            "expected YEN:COUNT such as 500:3, found '10:x'",
        ),
        (["drive", "cctalk-hopper-10-jpy", "--port", "{tmp}/v", "--pay", "10:0"], 2, "one piece of it or more, found '10:0'"),
        (["drive", "cctalk-hopper-10-jpy", "--port", "{tmp}/v", "--pay", "10:1,10:2"], 2, "each value once"),
        (["drive", "cctalk-coin-jpy", "--port", "{tmp}/v", "--pay", "10:1"], 1, "--pay is for devices that pay out"),
        (["drive", BILL, "--port", "{tmp}/v", "--pay", "1000:1"], 1, f"and {BILL} has no recycler"),
        (["dance"], 2, "invalid choice: 'dance'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_an_exit_status(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], arguments: Sequence[str], status: int, says: str
) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link").symlink_to("precious")
    with pytest.raises(SystemExit) as ending:
        main([word.format(tmp=tmp_path) for word in arguments])
    if ending.value.code != status:  # a text goes to standard error, and the status is 1 then
        assert status == 1
        print(ending.value.code, file=sys.stderr)
    out, errors = capfd.readouterr()
    assert out == ""
    assert says.format(tmp=tmp_path) in errors
    assert errors.count("\n") == 1
    assert (tmp_path / "precious").read_text() == "precious"
    assert os.readlink(tmp_path / "link") == "precious"


def test_every_model_is_listed_with_what_there_is_for_it() -> None:
    status, out, errors = asyncio.run(run("list", "--json"))
    assert (status, errors) == (0, "")
    rows = {row["model"]: row for row in json.loads(out)}
    assert rows[BILL].items() >= {"class": "bill", "protocol": "id003", "driver": True, "emulator": True}.items()
    assert rows[PRINTER].items() >= {"class": "printer", "protocol": "escpos", "driver": True, "emulator": True}.items()
    status, out, errors = asyncio.run(run("list"))
    assert (status, errors) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["model", *rows]


@in_real_time
async def test_an_emulator_answers_every_line_and_goes_with_the_end_of_its_input(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "there"
    async with emulator(BILL, path) as validator:
        assert os.readlink(path) == validator.heard[0]["tty"]
        validator.type("insert 1000")
        await validator.until("answer", command="insert 1000", ok=True)
        assert "note_inserted" in validator.events()
        validator.type("sing")
        assert "insert YEN" in (await validator.until("bad_command", command="sing"))["expected"]
        validator.type("help")
        assert "pull-back" in (await validator.until("answer", command="help"))["commands"]
        assert await validator.end() == (0, "")
        assert not path.is_symlink()
        times = [told["t"] for told in validator.heard]
        assert times == sorted(times)


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_emulator_told_to_end_takes_its_symlink_along(tmp_path: Path, sig: int) -> None:
    async def end_it() -> None:
        async with emulator(BILL, tmp_path / "v") as validator:
            assert await validator.end(sig) == (0, "")
            assert not (tmp_path / "v").is_symlink()

    asyncio.run(end_it())


@in_real_time
async def test_rubbish_at_its_input_is_answered_and_costs_nothing(tmp_path: Path) -> None:
    async with emulator(BILL, tmp_path / "v") as validator:
        validator.type(bytes(b for b in range(256) if b != 10))
        await validator.until("bad_command")
        validator.type(b"insert " + b"9" * 1_000_000)
        answer = await validator.until("bad_command")
        assert len(answer["command"]) < 1100
        assert answer["command"].endswith("…")
        validator.type("   ")
        validator.type("state")
        await validator.until("answer", command="state")
        assert await validator.end() == (0, "")


@in_real_time
async def test_input_from_a_file_is_obeyed_to_its_last_line_even_without_a_line_end(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("insert 1000\n\nstate")
    with script.open() as stdin:
        async with hardware("emulate", BILL, "--pty", tmp_path / "v", stdin=stdin.fileno()) as validator:
            assert await validator.end() == (0, "")
    assert [told["command"] for told in validator.heard if told["event"] == "answer"] == ["insert 1000", "state"]
    assert not (tmp_path / "v").is_symlink()


@in_real_time
async def test_a_script_without_end_does_not_keep_the_emulator_from_ending(tmp_path: Path) -> None:
    with open("/dev/zero", "rb") as stdin:  # a line that never ends, from a file that no loop can wait for
        async with hardware("emulate", BILL, "--pty", tmp_path / "v", stdin=stdin.fileno()) as validator:
            await validator.until("ready")
            assert await validator.end(signal.SIGTERM) == (0, "")


@pytest.mark.parametrize(
    ("redirect", "status", "says"),
    [
        ("< /dev/null", 0, ""),
        ("<&-", 0, ""),
        ("< /dev/null > /dev/full", 1, "hardware: standard output: No space left on device\n"),
        ("< /dev/null >&-", 1, "hardware: standard output is closed\n"),
    ],
)
def test_streams_that_lead_nowhere_end_an_emulator_in_order(tmp_path: Path, redirect: str, status: int, says: str) -> None:
    command = f"{sys.executable} -m hardware emulate {BILL} --pty {tmp_path}/v {redirect}"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (ended.returncode, ended.stderr) == (status, says)
    assert not (tmp_path / "v").is_symlink()


@in_real_time
async def test_an_emulator_that_nobody_listens_to_ends_with_one_line(tmp_path: Path) -> None:
    read, write = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hardware", "emulate", BILL, "--pty", str(tmp_path / "v"),
        stdin=subprocess.PIPE, stdout=write, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(write)
    assert await asyncio.to_thread(os.read, read, 10_000)
    os.close(read)
    async with asyncio.timeout(PATIENCE_S):
        _, errors = await process.communicate(b"state\nstate\n")
    assert (process.returncode, errors) == (1, b"hardware: standard output: Broken pipe\n")
    assert not (tmp_path / "v").is_symlink()


@in_real_time
async def test_a_path_belongs_to_one_living_emulator_and_to_the_next_when_it_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "v"
    async with emulator(BILL, path) as first:
        status, out, errors = await run("emulate", PRINTER, "--pty", path)
        assert (status, out) == (1, "")
        assert errors == f"hardware: {path}: another emulator has its symlink there\n"
        assert os.readlink(path) == first.heard[0]["tty"]
        await first.end(signal.SIGKILL)
        assert path.is_symlink()
        async with emulator(BILL, path) as second:
            assert await second.end() == (0, "")
        assert not path.is_symlink()


@in_real_time
async def test_hosts_that_come_and_go_rave_or_never_read_leave_the_emulator_well(tmp_path: Path) -> None:
    path = tmp_path / "v"
    async with emulator(BILL, path) as validator:
        for _ in range(300):
            host = os.open(path, os.O_RDWR | os.O_NOCTTY)
            os.write(host, STATUS_REQUEST)
            os.close(host)
        host = os.open(path, os.O_RDWR | os.O_NOCTTY)
        garbage = bytes(i * i % 251 for i in range(4096))
        await asyncio.to_thread(lambda: [os.write(host, garbage + STATUS_REQUEST * 100) for _ in range(200)])
        validator.type("state")
        await validator.until("answer", command="state")
        os.set_blocking(host, False)
        os.close(host)
        assert await validator.end() == (0, "")


@in_real_time
async def test_a_driver_waits_for_its_port_stacks_what_comes_and_survives_the_devices_death(tmp_path: Path) -> None:
    path, model = tmp_path / "v", quick_bill_acceptor(tmp_path)
    async with hardware("drive", model, "--port", path, "--accept") as driver:
        missing = await driver.until("port_not_open")
        assert missing["why"] == f"{path}: cannot be opened: No such file or directory"
        for _ in range(2):
            async with emulator(model, path) as validator:
                await driver.until("acceptor_status", state="idle", ready=True)
                validator.type("insert 1000")
                await driver.until("note_stacked", yen=1000)
                await validator.until("note_stacked", yen=1000)
                await validator.end(signal.SIGKILL)
            await driver.until("acceptor_status", power="offline")
        status, errors = await driver.end(signal.SIGTERM)
        assert status == 0
        assert "Traceback" not in errors
        assert driver.events().count("note_stacked") == 2


@in_real_time
async def test_a_driver_told_to_return_gives_every_note_back(tmp_path: Path) -> None:
    path, model = tmp_path / "v", quick_bill_acceptor(tmp_path)
    async with emulator(model, path) as validator, hardware("drive", model, "--port", path, "--return") as driver:
        await driver.until("acceptor_status", state="idle", ready=True)
        validator.type("insert 5000")
        await driver.until("note_returned", yen=5000)
        assert await driver.end(signal.SIGINT) == (0, "")
        await validator.end()
        assert "note_stacked" not in validator.events()


@in_real_time
async def test_a_line_printed_from_the_command_line_comes_out_as_text_and_picture(tmp_path: Path) -> None:
    path, out = tmp_path / "p", tmp_path / "paper"
    async with (
        emulator(PRINTER, path, "--out", out) as printer,
        hardware("drive", PRINTER, "--port", path, "--print", "千円 received") as driver,
    ):
        receipt = await printer.until("receipt_cut", text="千円 received")
        assert receipt["png"] == str(out / "receipt.png")
        assert Path(receipt["png"]).read_bytes().startswith(b"\x89PNG")
        await driver.until("print_ended", outcome="printed")
        assert await driver.end(signal.SIGTERM) == (0, "")


@in_real_time
async def test_a_driver_without_its_printer_ends_when_told_and_prints_nothing(tmp_path: Path) -> None:
    async with hardware("drive", PRINTER, "--port", tmp_path / "p", "--print", "hello") as driver:
        await driver.until("printer_status", power="offline")
        assert await driver.end(signal.SIGTERM) == (0, "")
        assert "print_ended" not in driver.events()


def test_receipts_are_numbered_and_one_that_cannot_be_kept_is_said_to_be_lost(tmp_path: Path) -> None:
    receipts = ReceiptFolder(tmp_path)
    assert receipts.keep(lambda: b"first") == {"png": str(tmp_path / "receipt.png")}
    (tmp_path / "receipt-2.png").mkdir()
    assert receipts.keep(lambda: b"second") == {"png_error": f"{tmp_path / 'receipt-2.png'}: Is a directory"}
    assert receipts.keep(lambda: b"third") == {"png": str(tmp_path / "receipt-3.png")}
    assert (tmp_path / "receipt-3.png").read_bytes() == b"third"
