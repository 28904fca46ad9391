"""The plugin in another project: fixtures, NOT RUN, the report, and a person at the terminal."""

import asyncio
from pathlib import Path

import pytest

from hardware.models import find_model
from hardware.process import EmulatorProcess
from tests.hardware.testing.project import Project

OWN_TEST = """
from pathlib import Path

from hardware.bills.acceptor import NoteInEscrow, NoteStacked
from hardware.testing import BillRig

BENCH = Path("bench.toml")


async def test_our_kiosk_takes_a_note(bill_acceptor: BillRig) -> None:
    rig = await bill_acceptor.ready()
    await rig.insert(1000)
    await rig.until_told(NoteInEscrow(1000))
    rig.stack()
    await rig.until_told(NoteStacked(1000))
    await rig.conclude()


async def test_our_kiosk_gives_change(dispenser) -> None:
    await dispenser.ready()


def test_without_a_device() -> None:
    pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.add_model("jcm", "id003")
    project.write_bench({"validator": "jcm"})
    return project


def test_fixtures_serve_the_tests_of_another_project(project: Project) -> None:
    (project.folder / "test_ours.py").write_text(OWN_TEST)
    run = project.pytest("test_ours.py", "-v")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "test_our_kiosk_takes_a_note[validator] PASSED" in run.stdout
    assert "test_our_kiosk_gives_change[none] NOT RUN" in run.stdout
    assert "1 x the bench has no device that pays out" in run.stdout
    assert "2 passed, 1 not run" in run.stdout


def test_a_fixture_without_a_bench_says_how_to_name_one(project: Project) -> None:
    (project.folder / "test_ours.py").write_text(OWN_TEST.replace("BENCH =", "OTHER ="))
    run = project.pytest("test_ours.py")
    assert run.returncode != 0
    assert "wants a bench: give --bench FILE" in run.stdout + run.stderr


def test_a_mistake_in_the_bench_file_is_named(project: Project) -> None:
    project.write_bench({"validator": "no-such-model"})
    run = project.pytest("--bench", "bench.toml")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert run.stderr.strip() == "ERROR: bench.toml: devices.validator.model: found 'no-such-model', expected one of jcm"
    (project.folder / "test_ours.py").write_text(OWN_TEST)
    run = project.pytest("test_ours.py")
    assert "bench.toml: devices.validator.model: found 'no-such-model', expected one of jcm" in run.stdout
    assert "plugin.py" not in run.stdout, "a mistake is a line, not a way through our code"


def test_a_folder_that_cannot_be_made_is_told_before_the_run_and_not_after_it(project: Project) -> None:
    for option in ("--bench-report", "--bench-trace"):
        run = project.pytest("--bench", "bench.toml", option, "bench.toml/there")
        assert run.returncode == pytest.ExitCode.USAGE_ERROR
        assert run.stderr.strip() == f"ERROR: {option} bench.toml/there: cannot make the folder: Not a directory"


def test_a_bench_without_a_device_that_the_contract_is_about_is_a_mistake(project: Project) -> None:
    project.add_model("printer", "escpos", like="tm-t88v-ja")
    project.write_bench({"printer": "printer"})
    run = project.pytest("--bench", "bench.toml")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert run.stderr.startswith("ERROR: bench.toml: has no device that takes or pays out money")


def test_the_report_names_each_check_its_time_and_what_the_device_said(project: Project) -> None:
    run = project.pytest("--bench", "bench.toml", "--bench-report", "report", "-k", "escrow_and_is_credited or nearly_full")
    assert run.returncode == 0, run.stdout + run.stderr
    report = project.report()
    assert (report["verdict"], report["counts"]) == ("passed in part", {"passed": 1, "failed": 0, "not run": 1})
    (check,) = [check for check in report["checks"] if check["result"] == "passed"]
    assert check["sentence"] == "a note waits in escrow and is credited only when stacked"
    assert (check["device"], check["protocol"], check["model"], check["link"]) == ("validator", "id003", "jcm", "memory")
    assert check["clock"] == "virtual"
    assert check["seconds"] > 10 > check["real_seconds"] > 0
    assert "NoteInEscrow first" in check["demand"]
    assert any("told: NoteStacked(yen=1000)" in line for line in check["told"])
    assert any("inside: note_stacked yen=1000" in line for line in check["told"])
    assert any(" validator < FC 05 11 27 56" in line for line in check["wire"])
    (not_run,) = [check for check in report["checks"] if check["result"] == "not run"]
    assert "no word for a nearly full box" in not_run["reason"]
    html = (project.folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "a note waits in escrow and is credited only when stacked" in html
    assert "passed in part: 1 passed, 0 failed, 1 not run" in html
    assert "http" not in html, "the page needs nothing from elsewhere"


def test_a_failed_check_says_why_and_shows_the_wire(project: Project) -> None:
    (project.folder / "test_ours.py").write_text(OWN_TEST.replace("NoteStacked(1000))", "NoteStacked(9000), within_s=3.0)"))
    run = project.pytest("test_ours.py", "--bench", "bench.toml", "--bench-report", "report")
    assert run.returncode == 1
    assert "wire of validator" in run.stdout
    failed = [check for check in project.report()["checks"] if check["result"] == "failed"]
    assert [check["reason"] for check in failed] == ["AssertionError: NoteStacked(yen=9000) told: not within 3 s"], run.stdout


def test_nobody_at_the_terminal_of_a_real_unit_is_not_run_and_never_passed(project: Project) -> None:
    """The port is not there at all, so what needs no hand fails, and what needs one is not run."""
    project.write_bench({"validator": "jcm"}, "serial", f'port = "{project.folder}/tty"\n')
    run = project.pytest("--bench", "bench.toml", "-k", "not_there_yet", "-v")
    assert f"bench: validator: jcm, serial {project.folder}/tty, WHICH IS NOT THERE" in run.stdout
    assert "bills_power.py::test_" in run.stdout, "a check has the name of its file, wherever that lies"
    assert "NOT RUN" in run.stdout
    assert "nobody is at the terminal to switch its power off (validator)" in run.stdout
    assert "passed" not in run.stdout
    assert run.returncode == 0
    assert project.pytest("--bench", "bench.toml", "-k", "not_there_yet", "--bench-all").returncode == 1


def test_a_device_that_never_gets_ready_fails_with_the_state_that_it_is_in(project: Project) -> None:
    dead = OWN_TEST.replace("rig = await bill", "await bill_acceptor.power(False)\n    rig = await bill")
    (project.folder / "test_ours.py").write_text(dead)
    run = project.pytest("test_ours.py", "-k", "takes_a_note", "--bench-report", "report")
    assert run.returncode == 1
    (check,) = project.report()["checks"]
    assert "ready (now AcceptorStatus(state=<DeviceState.ERROR" in check["reason"]
    assert "<PowerState.OFFLINE" in check["reason"]
    assert check["reason"].endswith(": not within 60 s")


def test_a_person_at_a_real_port_is_asked_and_waited_for(project: Project) -> None:
    """A real unit is played by an emulator behind a port that the bench calls serial; the person, by who reads the terminal."""
    port = project.folder / "tty"
    project.write_bench({"validator": "jcm"}, "serial", f'port = "{port}"\n')
    asked: list[str] = []

    async def sit_at_the_terminal() -> tuple[int | None, str]:
        unit = EmulatorProcess(find_model("jcm-id003-jpy"), port, None, lambda happening: None)
        await unit.start()
        try:
            arguments = project.arguments(
                "--bench",
                "bench.toml",
                "--bench-hand",
                "ask",
                "-k",
                "a_returned_note or a_worn_motor and 10",
                "-v",
            )
            process = await asyncio.create_subprocess_exec(
                *arguments,
                cwd=project.folder,
                env=project.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            assert process.stdout is not None
            output = ""
            async for line in process.stdout:
                text = line.decode()
                output += text
                if text.startswith(">>> "):
                    asked.append(text.removeprefix(">>> ").strip())
                    if "insert a 1,000-yen note" in text:
                        assert (await unit.command("insert 1000"))["ok"]
            return await process.wait(), output
        finally:
            await unit.stop()

    code, output = asyncio.run(asyncio.wait_for(sit_at_the_terminal(), 120))
    assert "validator: please insert a 1,000-yen note" in asked
    assert "test_a_returned_note_is_back_with_the_customer_and_not_credited[validator] " in output
    assert "1 passed" in output, output
    assert "1 x nobody is asked to wear its motor out (validator)" in output
    assert code == 0


def test_a_check_recorded_once_runs_unchanged_on_its_recording(project: Project) -> None:
    (project.folder / "test_ours.py").write_text(OWN_TEST)
    assert project.pytest("test_ours.py", "-k", "takes_a_note", "--bench-trace", "traces").returncode == 0
    (trace,) = (project.folder / "traces").iterdir()
    assert trace.name == "test_our_kiosk_takes_a_note-validator.trace"
    project.write_bench({"validator": "jcm"}, "recording", f'trace = "{trace}"\n')
    run = project.pytest("test_ours.py", "-k", "takes_a_note", "--bench-report", "report")
    assert run.returncode == 0, run.stdout
    (check,) = project.report()["checks"]
    assert (check["link"], check["clock"], check["result"]) == ("recording", "virtual", "passed")
    trace.write_text(trace.read_text().replace("< FC 05 15 03 10", "< FC 05 16 98 22"))  # it never said VEND VALID
    run = project.pytest("test_ours.py", "-k", "takes_a_note", "--bench-report", "report")
    assert run.returncode == 1
    assert "NoteStacked(yen=1000) told: not within" in project.report()["checks"][0]["reason"]
