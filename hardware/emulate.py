"""An emulator on a pty, for a person or a program at standard input and output."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.console import LineInput, Output
from hardware.emulator import BadCommand, EmulatorRunner, Happening
from hardware.errors import ConfigError, OfflineError
from hardware.links.pty import PtyDevice
from hardware.models import DeviceModel
from hardware.protocols import make_emulator


class ReceiptFolder:
    """Keeps what a printer cut off as pictures: ``receipt.png``, ``receipt-2.png`` and so on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = 0

    def make(self) -> None:
        """Make the folder. Raises ConfigError."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--out {self._folder}: cannot make the folder: {error.strerror}") from error

    def keep(self, render_png: Callable[[], bytes]) -> dict[str, str]:
        """Write the next picture. Returns where it is, or why it could not be kept: paper comes out either way."""
        self._kept += 1
        path = self._folder / ("receipt.png" if self._kept == 1 else f"receipt-{self._kept}.png")
        try:
            path.write_bytes(render_png())
        except OSError as error:
            return {"png_error": f"{path}: {error.strerror}"}
        return {"png": str(path)}


async def emulate_on_pty(model: DeviceModel, pty: Path, out_dir: Path | None) -> None:
    """Serve until end of input, SIGTERM, SIGINT or SIGHUP.

    Raises ConfigError or OfflineError when it cannot begin, OfflineError when nobody takes its output any more.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    output = Output(on_gone=lambda: lines.put_nowait(None))
    receipts = ReceiptFolder(out_dir or Path.cwd())

    def happened(happening: Happening) -> None:
        message = happening.as_json()
        if happening.render_png is not None:
            message |= receipts.keep(happening.render_png)
        output.say(message)

    emulator = make_emulator(model)
    if out_dir is not None:
        receipts.make()
    line_to_host = PtyDevice(pty)
    runner = EmulatorRunner(emulator, line_to_host, happened)
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sig, lines.put_nowait, None)
    await runner.start()
    try:
        ready = {"event": "ready", "model": model.name, "pty": str(pty), "tty": line_to_host.tty}
        output.say({"t": round(loop.time(), 6), **ready})
        LineInput(lines).start()
        while output.failure is None and (line := await lines.get()) is not None:
            if line:
                answer = _obey(runner, line)  # first: what it makes happen is told before it, and time never runs back
                output.say({"t": round(loop.time(), 6), **answer})
                await asyncio.sleep(0)  # a script of many lines must not keep the host waiting
    finally:
        runner.stop()
    if output.failure is not None:
        raise OfflineError(output.failure)


def _obey(runner: EmulatorRunner, line: str) -> dict[str, Any]:
    if line == "help":
        return {"event": "answer", "command": line, "commands": runner.commands()}
    try:
        return {"event": "answer", "command": line, **runner.command(line)}
    except BadCommand as error:
        return {"event": "bad_command", "command": line, "expected": str(error)}
