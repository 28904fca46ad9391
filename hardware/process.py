"""An emulator in a process of its own (``python -m hardware emulate``): started, spoken to and ended from here."""

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from hardware.console import LONGEST_LINE
from hardware.emulator import BadCommand
from hardware.errors import DeviceTimeout, OfflineError
from hardware.models import DeviceModel

log = structlog.get_logger(__name__)

GRACE_S = 3.0
"""How long a child has to end before the next, harder word."""

RESTART_S = (0.5, 1.0, 2.0, 5.0)
"""Waits before an emulator that remembers is started again after an end that nobody ordered; the last one repeats."""
LIVED_S = 10.0
"""An emulator that has lived so long begins with the first wait again."""

START_S = 60.0
ANSWER_S = 5.0


async def end_process(process: asyncio.subprocess.Process, *, by_itself: bool) -> None:
    """End a child of ours and wait for it: SIGTERM, then SIGKILL, and nothing at first when it should end ``by_itself``.

    Speaks to this process alone, and only while it has not been waited for: its number cannot have passed to another.
    """
    words = (None, process.terminate, process.kill) if by_itself else (process.terminate, process.kill)
    for word in words:
        if word is not None and process.returncode is None:
            word()
        try:
            async with asyncio.timeout(GRACE_S):
                await process.wait()
                return
        except TimeoutError:
            continue


async def _hang_up(stdin: asyncio.StreamWriter) -> None:
    """End a child's input, and hear what became of it: a child that died with a command under way has broken the pipe."""
    stdin.close()
    try:
        async with asyncio.timeout(GRACE_S):
            await stdin.wait_closed()
    except (ConnectionError, TimeoutError):
        pass  # it is ended by harder words next


class EmulatorProcess:
    """One emulated device behind a pty, or several that share it. Their happenings come back as JSON objects."""

    def __init__(
        self,
        models: DeviceModel | Mapping[str, DeviceModel],
        pty: Path,
        out_dir: Path | None,
        on_happening: Callable[[dict[str, Any]], None],
        memory: Path | None = None,
    ) -> None:
        """``models``: one device, or several by their names; then happenings carry a ``device``.

        With ``memory``, the file of their lasting memory, an emulator that ends unasked is started again: to its host it was
        out and is back, with everything that lay in it.
        """
        if isinstance(models, DeviceModel):
            self._arguments = [str(models.path)]
            self._who = models.name
        else:
            self._arguments = [f"{name}={model.path}" for name, model in models.items()]
            self._who = ", ".join(models)
        self._pty = pty
        self._out_dir = out_dir
        self._memory = memory
        self._guard: asyncio.Task[None] | None = None
        self._on_happening = on_happening
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: deque[tuple[str, asyncio.Future[dict[str, Any]]]] = deque()
        self._ready = asyncio.Event()
        """Set when the emulator said that it is ready, and when it has ended."""
        self._tty: str | None = None

    async def start(self) -> None:
        """Start the process and wait until its pty is there. Raises OfflineError when it does not come up."""
        await self._launch()
        if self._memory is not None:
            self._guard = asyncio.create_task(self._keep_alive())

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began_s = loop.time()
            assert self._reading is not None
            assert self._process is not None
            await asyncio.wait([self._reading])
            status = await self._process.wait()
            failures = 0 if loop.time() - began_s > LIVED_S else failures
            wait_s = RESTART_S[min(failures, len(RESTART_S) - 1)]
            failures += 1
            log.warning("an emulator ended, starting it again", who=self._who, status=status, wait_s=wait_s)
            await asyncio.sleep(wait_s)
            try:
                await self._launch()
            except OfflineError as error:
                log.warning("an emulator did not come back", who=self._who, why=str(error))

    async def _launch(self) -> None:
        self._ready.clear()
        self._tty = None
        arguments = [sys.executable, "-m", "hardware", "emulate", *self._arguments, "--pty", str(self._pty)]
        if self._out_dir is not None:
            arguments += ["--out", str(self._out_dir)]
        if self._memory is not None:
            arguments += ["--memory", str(self._memory)]
        self._process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**22,
            # Ctrl-C at the shell is for the kiosk, which ends its devices itself, in order
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(START_S):
                await self._ready.wait()
        except TimeoutError as error:
            raise OfflineError(f"the emulator of {self._who} did not come up within {START_S:.0f} s") from error
        if self._tty is None:
            status = await self._process.wait()
            raise OfflineError(f"the emulator of {self._who} at {self._pty} ended at once with status {status}")

    @property
    def pid(self) -> int:
        """Process id, for tests that kill it."""
        assert self._process is not None
        return self._process.pid

    async def command(self, line: str, device: str = "") -> dict[str, Any]:
        """Send one command and return its answer; ``device`` says to which of several. Raises BadCommand, DeviceTimeout,
        OfflineError."""
        process = self._process
        if process is None or process.stdin is None or self._reading is None or self._reading.done():
            raise OfflineError(f"the emulator of {self._who} is not running")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        line = line.replace("\n", " ").strip()
        if device:
            line = f"{device}: {line}"
        data = line.encode("utf-8", "replace")
        if not 0 < len(data) <= LONGEST_LINE:
            raise BadCommand(f"a command has 1 to {LONGEST_LINE} bytes; help lists them")
        self._answers.append((data.decode(), answer))
        process.stdin.write(data + b"\n")
        try:
            async with asyncio.timeout(ANSWER_S):
                reply = await answer
        except TimeoutError as error:
            raise DeviceTimeout(f"the emulator of {self._who} did not answer {line!r}") from error
        if reply["event"] == "bad_command":
            raise BadCommand(str(reply["expected"]))
        return reply

    async def _read(self) -> None:
        """Hear the process until it ends, then let go of everybody who waits for it."""
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            async for line in self._process.stdout:
                self._heard(json.loads(line))
        finally:
            self._ready.set()
            for _, waiter in self._answers:
                if not waiter.done():
                    waiter.set_exception(OfflineError(f"the emulator of {self._who} ended before it answered"))
            self._answers.clear()

    def _heard(self, happening: dict[str, Any]) -> None:
        match happening["event"]:
            case "ready":
                self._tty = happening["tty"]
                self._ready.set()
            case "answer" | "bad_command":
                self._answered(happening)
            case _:
                self._on_happening(happening)

    def _answered(self, reply: dict[str, Any]) -> None:
        """Hand an answer to who asked for it; a question before it that got none will get none any more."""
        while self._answers:
            line, waiter = self._answers.popleft()
            if line == reply["command"]:
                if not waiter.done():
                    waiter.set_result(reply)
                return

    async def stop(self) -> None:
        """End the process: end of input first, then SIGTERM, then SIGKILL; never another process than ours."""
        if self._guard is not None:
            self._guard.cancel()
            await asyncio.gather(self._guard, return_exceptions=True)
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            await _hang_up(process.stdin)
        await end_process(process, by_itself=True)
        if self._reading is not None:
            await self._reading
        if self._tty is not None and self._pty.is_symlink() and os.readlink(self._pty) == self._tty:
            self._pty.unlink()  # left behind when it had to be killed
