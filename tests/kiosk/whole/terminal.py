"""``kiosk run`` as a process of its own, for tests from outside: its lines, its children, its end."""

import asyncio
import os
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[3]
_NUMBERS = count(1)


class Terminal:
    """One started kiosk. Everything it starts inherits a mark, so that what it leaves behind can be found."""

    def __init__(
        self,
        out: Path,
        *arguments: str,
        display: str | None = None,
        stdin: int | None = subprocess.PIPE,
        program: tuple[str, ...] = ("kiosk", "run"),
    ) -> None:
        """``stdin`` None starts it with standard input closed. ``program`` is the module to run and its first words."""
        mark = f"{out}-{next(_NUMBERS)}"
        self._mark = f"KIOSK_TEST_MARK={mark}".encode()
        self.tmp = Path(f"{mark}-tmp")
        self.tmp.mkdir(parents=True)
        env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        env |= {"KIOSK_TEST_MARK": mark, "TMPDIR": str(self.tmp), "PYTHONUNBUFFERED": "1"}
        if display is not None:
            env["DISPLAY"] = display
        command = [sys.executable, "-m", *program, "--out", str(out), *arguments]
        if stdin is None:
            command = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for pid in self.alive():
            with suppress(ProcessLookupError):  # it was ending anyway
                os.kill(pid, signal.SIGKILL)
        self.process.wait(60)

    def type(self, line: str) -> None:
        """Type a line at the desk."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def until(self, text: str, timeout_s: float = 30.0) -> str:
        """Read what it says until ``text`` was said; return what came since the last call. Fails with all of it otherwise."""
        assert self.process.stdout is not None
        start = len(self.said)
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            while text not in self.said[start:]:
                assert waiting.select(timeout_s), f"{text!r} was not said:\n{self.said}"
                data = os.read(self.process.stdout.fileno(), 65536)
                assert data, f"it ended without saying {text!r}:\n{self.said}"
                self.said += data.decode("utf-8", "replace")
        return self.said[start:]

    def listen(self, for_s: float) -> None:
        """Read what it says for so long, or until it has ended, so that it never waits for a reader."""
        assert self.process.stdout is not None
        loop = asyncio.new_event_loop()
        end_s = loop.time() + for_s
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            while (left_s := end_s - loop.time()) > 0:
                if waiting.select(left_s):
                    data = os.read(self.process.stdout.fileno(), 65536)
                    if not data:
                        break
                    self.said += data.decode("utf-8", "replace")
        loop.close()

    def end(self, timeout_s: float = 60.0) -> int:
        """Wait for its end and return its exit status."""
        rest, _ = self.process.communicate(timeout=timeout_s)
        self.said += rest.decode("utf-8", "replace")
        return self.process.returncode

    def alive(self, part: str = "") -> list[int]:
        """Return the processes that it started, itself included, whose command line holds ``part``."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                marked = self._mark in (entry / "environ").read_bytes().split(b"\0")
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it ended meanwhile
                continue
            if marked and part in command and command:
                found.append(int(entry.name))
        return found
