"""``kiosk run`` with real processes, ptys, sockets and signals: it plays, it survives, it ends and leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.ledger.audit import audit
from kiosk.screenlink import ScreenLink
from kiosk.screenmodel import CarrierCard, Intent, Screen, ScreenModel
from tests.kiosk.whole.terminal import ROOT, Terminal
from tests.nightly.papers import wrong_papers

NUMBER = "09001012345"
SHORT_VISIT = f"""
wait attract
insert 1000
wait language escrow_yen=1000
touch language en
wait carrier
touch carrier docomo
wait identify
type {NUMBER}
touch next
wait number_check
touch next
wait plan
touch plan docomo-data-1gb
wait confirm
touch agree
wait confirm agreed=True
touch next
wait result receipt=printed
touch next
wait take
touch next
wait attract
"""
NO_DISPLAY = ":4711"
"""A display that is not there: the kiosk serves until stopped, and its screen is of no interest."""


def nothing_is_left(terminal: Terminal) -> None:
    assert terminal.alive() == []
    assert list(terminal.tmp.iterdir()) == []


def test_a_scripted_customer_tops_up_and_the_kiosk_ends_leaving_only_its_papers(tmp_path: Path) -> None:
    script = tmp_path / "visit.txt"
    script.write_text(SHORT_VISIT, encoding="utf-8")
    out = tmp_path / "out"
    with Terminal(out, "--customer", str(script), stdin=subprocess.DEVNULL) as terminal:
        assert terminal.end() == 0, terminal.said
        nothing_is_left(terminal)
    assert "in order" in terminal.said
    report = audit(out / "journal.sqlite")
    assert report.ok
    assert (report.totals.inserted, report.totals.sold) == (1000, 1000)
    assert (out / "receipt.png").stat().st_size > 1000
    assert (out / "wire.txt").read_text().count("validator >") > 10
    mine = [
        path for path in out.rglob("*") if path.is_file() and path.name != "carrier.sqlite"
    ]  # the carrier's own books know its customers
    secrets = (NUMBER, f"090-0101-{NUMBER[-4:]}", NUMBER[1:])
    for path in mine:
        data = path.read_bytes()
        assert not any(secret.encode() in data for secret in secrets), f"{path.name} holds the customer's number"
        assert NUMBER.encode().hex(" ").upper().encode() not in data, f"{path.name} holds the number in hexadecimal"
    assert NUMBER not in terminal.said
    assert wrong_papers(out, report) == []
    (out / "receipt.png").unlink()
    assert wrong_papers(out, report) == ["papers that came out by the books, and are not there: {'1': 1}"]


def test_the_desk_types_a_second_kiosk_is_refused_a_killed_device_comes_back_and_ctrl_c_ends_all(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Terminal(out, display=NO_DISPLAY) as terminal:
        terminal.until("help lists everything")
        with Terminal(out, display=NO_DISPLAY) as second:
            assert second.end(20) == 1
            assert second.said.startswith("kiosk: ")
            assert second.said.count("\n") == 1
            assert "journal.sqlite" in second.said
            nothing_is_left(second)
        assert (out / "wire.txt").stat().st_size > 100  # and it has not wiped the first one's trace
        audited = subprocess.run(
            [os.fspath(ROOT / ".venv/bin/python"), "-m", "kiosk", "audit", str(out / "journal.sqlite")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert (audited.returncode, audited.stderr.count("\n")) == (1, 1)
        terminal.type("help")
        terminal.until("needs the name in front")
        terminal.type("power off")
        assert "validator" in terminal.until("printer")
        terminal.type("rubbish")
        terminal.until("no device knows 'rubbish'")
        terminal.type("validator")
        terminal.until("validator what?")
        terminal.type("printer cover sideways")
        terminal.until("? expected: cover open|close")
        terminal.type("cover open")
        terminal.until("printer: cover open")
        log = out / "kiosk.log"
        while '"state": "idle", "power": "online"' not in log.read_text():  # a unit that is not ready pushes notes out again
            terminal.type("validator state")
            terminal.until("validator: ok")
        terminal.type("insert 1000")
        terminal.until("note_in_escrow yen=1000")
        (validator,) = terminal.alive("jcm-id003-jpy")
        os.kill(validator, signal.SIGKILL)
        while "validator: power_on" not in terminal.said or '"no_answer"' not in log.read_text():
            terminal.type("help")
            terminal.until("needs the name in front")
        assert terminal.alive("jcm-id003-jpy") != [validator]
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end(15) == 0, terminal.said
        nothing_is_left(terminal)
        assert "Traceback" not in terminal.said
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert any(line["event"] == "acceptor" and line.get("faults") == ["no_answer"] for line in lines)


@pytest.mark.parametrize("stdin", ["closed", "ended"])
def test_a_kiosk_without_standard_input_serves_until_it_is_told_to_stop(tmp_path: Path, stdin: str) -> None:
    arguments = ["--bench", str(no_ports(tmp_path))]
    source = None if stdin == "closed" else subprocess.DEVNULL
    with Terminal(tmp_path / "out", *arguments, display=NO_DISPLAY, stdin=source) as terminal:
        terminal.until("real slot")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end(15) == 0, terminal.said
        nothing_is_left(terminal)


def no_ports(folder: Path) -> Path:
    """A bench of real units whose ports are not there."""
    bench = folder / "bench.toml"
    bench.write_text(
        f'[devices.validator]\nmodel = "jcm-id003-jpy"\nlink = "serial"\nport = "{folder}/cash"\n'
        f'[devices.printer]\nmodel = "tm-t88v-ja"\nlink = "serial"\nport = "{folder}/paper"\n',
        encoding="utf-8",
    )
    return bench


def test_a_script_with_a_mistake_is_refused_with_file_and_line(tmp_path: Path) -> None:
    script = tmp_path / "visit.txt"
    script.write_text("wait attract\nwait nowhere\n", encoding="utf-8")
    with Terminal(tmp_path / "out", "--customer", str(script)) as terminal:
        assert terminal.end() == 1
    assert terminal.said.startswith(f"kiosk: {script}: line 2: found screen 'nowhere'")
    assert terminal.said.count("\n") == 1


def test_a_script_that_loses_its_way_says_where_and_what_was_shown(tmp_path: Path) -> None:
    script = tmp_path / "visit.txt"
    script.write_text("wait attract\ntouch carrier docomo\n", encoding="utf-8")
    with Terminal(tmp_path / "out", "--customer", str(script)) as terminal:
        assert terminal.end() == 1
        nothing_is_left(terminal)
    last = terminal.said.splitlines()[-1]
    assert last.startswith(f"kiosk: {script}: line 2: touch carrier docomo: ")
    assert "the screen shows attract" in last
    assert "Traceback" not in terminal.said


def test_a_killed_screen_is_started_again_and_shows_the_same(tmp_path: Path) -> None:
    model = ScreenModel(Screen.CARRIER, progress=1, carriers=(CarrierCard("docomo", "NTTドコモ"),), buttons=("back", "cancel"))
    touched: list[Intent] = []

    async def main() -> None:
        link = ScreenLink(tmp_path / "screen", ["--languages", str(ROOT / "config" / "languages")], touched.append)
        serving = asyncio.create_task(link.serve())
        link.show(model)
        async with asyncio.timeout(30):
            await link.ready.wait()
        await link.control(control="shot", path=str(tmp_path / "before.png"))
        first = link.pid
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(30):
            while link.ready.is_set():
                await asyncio.sleep(0.01)
            await link.ready.wait()
        assert link.pid != first
        await link.control(control="shot", path=str(tmp_path / "after.png"))
        answer = await link.control(control="tap", touch="carrier", value="docomo")
        assert answer["control"] == "done"
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(main())
    assert (tmp_path / "before.png").read_bytes() == (tmp_path / "after.png").read_bytes()
    assert [intent.value for intent in touched] == ["docomo"]


def test_a_kiosk_whose_ports_are_missing_starts_is_out_of_service_and_comes_into_service_with_them(tmp_path: Path) -> None:
    """The screen is not asked: the log tells when the acceptor is there, and the till follows it."""
    out = tmp_path / "out"
    log = out / "kiosk.log"
    with Terminal(out, "--bench", str(no_ports(tmp_path)), display=NO_DISPLAY) as terminal:
        terminal.until("real slot")
        emulators = [
            subprocess.Popen(
                [sys.executable, "-m", "hardware", "emulate", model, "--pty", str(tmp_path / port), "--out", str(tmp_path)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for model, port in (("jcm-id003-jpy", "cash"), ("tm-t88v-ja", "paper"))
        ]
        for emulator in emulators:
            assert emulator.stdout is not None
            assert b"ready" in emulator.stdout.readline()
        wanted = [('"acceptor"', '"idle"'), ('"printer"', '"idle"')]
        while not all(any(a in line and b in line for line in log.read_text().splitlines()) for a, b in wanted):
            terminal.type("help")
            terminal.until("name in front")
        assert '"no_answer"' in log.read_text()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end(15) == 0, terminal.said
        nothing_is_left(terminal)
        for emulator in emulators:
            emulator.communicate(timeout=10)
