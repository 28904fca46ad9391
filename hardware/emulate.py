"""An emulator on a pty, for a person or a program at standard input and output."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from hardware.emulator import BadCommand, EmulatorRunner, Happening
from hardware.links.pty import PtyDevice
from hardware.models import DeviceModel
from hardware.protocols import make_emulator


class LineInput:
    """Lines of standard input on the loop: a terminal, a pipe, or a file, which no loop can wait for."""

    def __init__(self, on_line: "asyncio.Queue[str | None]") -> None:
        self._queue = on_line
        self._rest = b""
        self._fd = sys.stdin.fileno()

    def start(self) -> None:
        """Begin to read. ``None`` in the queue is the end of input."""
        try:
            asyncio.get_running_loop().add_reader(self._fd, self._readable)
        except PermissionError:
            self._take(sys.stdin.buffer.read())
            self._queue.put_nowait(None)

    def _readable(self) -> None:
        data = os.read(self._fd, 65536)
        if not data:
            asyncio.get_running_loop().remove_reader(self._fd)
            if self._rest:
                self._take(b"\n")
            self._queue.put_nowait(None)
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._queue.put_nowait(line.decode("utf-8", "replace").strip())


def say(message: dict[str, Any]) -> None:
    """Print one JSON object as a line, at once."""
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def emulate_on_pty(model: DeviceModel, pty: Path, out_dir: Path | None) -> None:
    """Serve until end of input or SIGTERM. Raises ConfigError, OfflineError when it cannot begin."""
    loop = asyncio.get_running_loop()
    cuts = 0

    def happened(happening: Happening) -> None:
        nonlocal cuts
        message = happening.as_json()
        if happening.render_png is not None:
            cuts += 1
            folder = out_dir or Path.cwd()
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / ("receipt.png" if cuts == 1 else f"receipt-{cuts}.png")
            path.write_bytes(happening.render_png())
            message["png"] = str(path)
        say(message)

    runner = EmulatorRunner(make_emulator(model), PtyDevice(pty), happened)
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, lines.put_nowait, None)
    await runner.start()
    try:
        say({"t": round(loop.time(), 6), "event": "ready", "model": model.name, "pty": str(pty)})
        LineInput(lines).start()
        while (line := await lines.get()) is not None:
            if line:
                say({"t": round(loop.time(), 6), **_obey(runner, line)})
    finally:
        runner.stop()


def _obey(runner: EmulatorRunner, line: str) -> dict[str, Any]:
    if line == "help":
        return {"event": "answer", "command": line, "commands": runner.emulator.commands()}
    try:
        return {"event": "answer", "command": line, **runner.command(line)}
    except BadCommand as error:
        return {"event": "bad_command", "command": line, "expected": str(error)}
