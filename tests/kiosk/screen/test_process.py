"""The screen as a process of its own, driven over the socket like the till and the scripted customer do."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
from PIL import Image

from kiosk.screen.samples import samples


@dataclass
class Run:
    """A running screen and the till's end of its socket."""

    process: "subprocess.Popen[bytes]"
    connection: socket.socket
    lines: IO[str]
    folder: Path

    def say(self, line: str | dict[str, Any]) -> None:
        self.connection.sendall((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")

    def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self.lines.readline())
        return heard


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "till"))
    server.listen()
    server.settimeout(30)
    command = [sys.executable, "-m", "kiosk.screen", "--socket", str(tmp_path / "till"), "--windowed", "--offscreen"]
    process = subprocess.Popen([*command, "--shots", str(tmp_path)], stderr=subprocess.PIPE)
    connection, _ = server.accept()
    connection.settimeout(30)
    yield Run(process, connection, connection.makefile("r"), tmp_path)
    connection.close()
    server.close()
    process.kill()
    process.communicate()


def test_a_scripted_customer_sees_and_touches_the_real_screen(run: Run) -> None:
    assert run.hear() == {"control": "ready"}
    for garbage in ("garbage", "[]", '{"screen": "nowhere"}', '{"control": ["x"]}', '{"control": "tap", "touch": {}}'):
        run.say(garbage)
    assert run.hear()["control"] == "missing"
    assert run.hear()["control"] == "missing"

    run.say(samples("en")["03-carrier"].to_json())
    run.say({"control": "tap", "touch": "carrier", "value": "docomo"})
    assert run.hear() == {"touch": "carrier", "value": "docomo"}
    assert run.hear() == {"control": "done", "asked": "tap", "touch": "carrier", "value": "docomo"}

    run.say({"control": "tap", "touch": "next"})
    assert run.hear() == {"control": "missing", "asked": "tap", "touch": "next"}

    run.say({"control": "shot", "path": "shots/03-carrier.png"})
    assert run.hear()["control"] == "done"
    with Image.open(run.folder / "shots" / "03-carrier.png") as shot:
        assert shot.size == (540, 960)
        assert len(shot.getcolors(1 << 20) or []) > 50

    run.say({"control": "shot", "path": "till/x.png"})
    assert run.hear()["control"] == "failed"

    run.connection.shutdown(socket.SHUT_RDWR)
    assert run.process.wait(timeout=20) == 0


def test_without_a_till_there_is_no_screen(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.screen", "--socket", str(tmp_path / "nobody"), "--offscreen"],
        timeout=60,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"nobody" in done.stderr
