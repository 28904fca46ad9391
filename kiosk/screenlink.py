"""The till's end of the screen: a Unix socket, the screen's process behind it, and its restart when it dies.

Models go out, touches come in, one JSON object a line. Only the newest model matters: a screen that connects gets it at once.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from hardware.process import end_process
from kiosk.screenmodel import Intent, ScreenModel

log = structlog.get_logger()

RESTART_S = (0.5, 1.0, 2.0, 5.0)
"""Waits before the screen is started again; the last one repeats."""

LONGEST_LINE_BYTES = 64 * 1024


class ScreenLink:
    """Serves one screen."""

    def __init__(self, socket: Path, arguments: list[str], on_intent: Callable[[Intent], None]) -> None:
        self._socket = socket
        self._arguments = arguments
        self._on_intent = on_intent
        self._newest: ScreenModel | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._process: asyncio.subprocess.Process | None = None
        self._closing = False
        self.ready = asyncio.Event()
        """Set while a screen is connected that has drawn its first frame."""
        self.starts = 0
        self.on_another_screen: Callable[[ScreenModel], None] = lambda model: None
        """Hears of every change of screen right after it was sent, before anything else is."""

    def show(self, model: ScreenModel) -> None:
        """Send a model; a screen that is away gets the newest when it is back."""
        if model == self._newest:
            return
        is_another = self._newest is None or model.screen is not self._newest.screen
        self._newest = model
        if self._writer is not None:
            self._writer.write(model.to_json().encode() + b"\n")
            if is_another:
                self.on_another_screen(model)

    @property
    def shown(self) -> ScreenModel | None:
        """The newest model sent."""
        return self._newest

    @property
    def pid(self) -> int:
        """Process id of the screen, for tests that kill it."""
        assert self._process is not None
        return self._process.pid

    def ask(self, **message: Any) -> "asyncio.Future[dict[str, Any]]":
        """Have the screen touched or photographed, after what was sent before. Raises ConnectionError."""
        if self._writer is None:
            raise ConnectionError("no screen is connected")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers.append(answer)
        self._writer.write(json.dumps(message).encode() + b"\n")
        return answer

    async def control(self, timeout_s: float = 20.0, **message: Any) -> dict[str, Any]:
        """:meth:`ask` and wait for the answer. Raises ConnectionError, TimeoutError."""
        async with asyncio.timeout(timeout_s):
            return await self.ask(**message)

    async def serve(self) -> None:
        """Start the screen and keep it alive until cancelled."""
        server = await asyncio.start_unix_server(self._connected, self._socket, limit=LONGEST_LINE_BYTES)
        try:
            while True:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", "kiosk.screen", "--socket", str(self._socket), *self._arguments),
                    stdin=asyncio.subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C at the shell is for the till, which ends its screen itself
                )
                code = await self._process.wait()
                wait_s = RESTART_S[min(self.starts, len(RESTART_S) - 1)]
                self.starts += 1
                log.warning("the screen ended, starting it again", code=code, wait_s=wait_s)
                await asyncio.sleep(wait_s)
        finally:
            self._closing = True
            server.close()
            await self._end_process()

    async def _end_process(self) -> None:
        """End the screen: its socket closes, then SIGTERM, then SIGKILL."""
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            await end_process(self._process, by_itself=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closing:
            writer.close()
            return
        self._writer = writer
        if self._newest is not None:
            writer.write(self._newest.to_json().encode() + b"\n")
        try:
            while line := await reader.readline():
                self._take(line.decode("utf-8", "replace"))
        except (ConnectionError, ValueError) as error:
            log.warning("the screen's line broke", why=str(error))
        finally:
            self.ready.clear()
            writer.close()
            if self._writer is writer:
                self._writer = None
            while self._answers:
                answer = self._answers.popleft()
                if not answer.done():
                    answer.set_exception(ConnectionError("the screen went away"))

    def _take(self, line: str) -> None:
        try:
            raw = json.loads(line)
            control = raw.get("control")
            if control == "ready":
                self.ready.set()
            elif control is not None:
                if self._answers and not (answer := self._answers.popleft()).done():
                    answer.set_result(raw)
            else:
                self._on_intent(Intent.from_json(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("the screen said something else", line=line[:200], why=str(error))
