"""A log that cannot be written ends nothing, and says later how much is missing."""

import json
import resource
import signal
from pathlib import Path
from typing import TextIO, cast

import pytest
import structlog

from kiosk.logfile import LogFile


def test_lines_are_appended_and_a_trace_begins_anew(tmp_path: Path) -> None:
    for anew in (False, False, True):
        log = LogFile(tmp_path / "log", anew=anew)
        log.line("a line 確認")
        log.close()
        expected = 1 if anew else None
    assert (tmp_path / "log").read_text(encoding="utf-8").count("確認") == expected


def test_a_full_disk_ends_nothing_and_the_gap_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = LogFile(tmp_path / "log")
    log.line("before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (7, hard))
    try:
        for n in range(3):
            log.line(f"lost {n}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    log.line("after")
    log.line("and on")
    log.close()
    expected = ["before", "[3 lines are missing here: they could not be written]", "after", "and on"]
    assert (tmp_path / "log").read_text().splitlines() == expected
    assert capsys.readouterr().err.count("lines will be missing") == 1


def test_a_disk_that_takes_nothing_at_all_ends_no_caller_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    file = LogFile(Path("/dev/full"))
    log = structlog.wrap_logger(structlog.WriteLogger(cast(TextIO, file)), processors=[structlog.processors.JSONRenderer()])
    for n in range(5):
        log.info("printer", n=n)
    file.close()
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "No space left on device" in err


def test_what_is_no_text_for_utf8_is_written_all_the_same(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log")
    log.line(json.dumps("\ud800", ensure_ascii=False))
    log.close()
    assert "ud800" in (tmp_path / "log").read_text()
