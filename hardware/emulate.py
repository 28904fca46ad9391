"""An emulator on a pty or a TCP port, or several that share one, for a person or a program at standard input and output."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hardware.console import LineInput, Output
from hardware.emulator import BadCommand, EmulatorRunner, Happening
from hardware.errors import ConfigError, OfflineError
from hardware.lasting import MemoryFile
from hardware.links.bus import PartyLine
from hardware.links.pty import PtyDevice
from hardware.links.tcp import TcpDevice
from hardware.models import DeviceModel
from hardware.protocols import make_emulator


class ReceiptFolder:
    """Keeps what a printer cut off as pictures: ``receipt.png``, ``receipt-2.png`` and so on."""

    def __init__(self, folder: Path, memory: MemoryFile | None = None) -> None:
        """With a ``memory`` that is open, numbers go on where a former process ended."""
        self._folder = folder
        self._memory = memory
        self._kept = 0 if memory is None else memory.receipts

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
        if self._memory is not None:
            self._memory.keep_receipts(self._kept)
        try:
            path.write_bytes(render_png())
        except OSError as error:
            return {"png_error": f"{path}: {error.strerror}"}
        return {"png": str(path)}


async def emulate(
    models: DeviceModel | Mapping[str, DeviceModel], place: Path | int, out_dir: Path | None, memory_file: Path | None = None
) -> None:
    """Serve until end of input, SIGTERM, SIGINT or SIGHUP, at ``place``: the symlink to make to a pty, or the number of a TCP
    port of this machine (0: any that is free).

    With several ``models`` by name, all are on the one line; commands begin with a device's name (``coins: insert 100``), and
    answers and happenings carry it as ``device``.

    ``memory_file`` stands for the units' lasting memory: a process that is killed, at any instant, has been a power cut to them
    when the next one is started with that file.

    Raises ConfigError or OfflineError when it cannot begin, OfflineError when nobody takes its output any more.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    output = Output(on_gone=lambda: lines.put_nowait(None))

    def now_s() -> float:
        return round(loop.time(), 6)

    memory = None
    if memory_file is not None:
        memory = MemoryFile(memory_file, lambda why: output.say({"t": now_s(), "event": "memory_failed", "why": why}))
        await memory.open()
    receipts = ReceiptFolder(out_dir or Path.cwd(), memory)

    def happened(happening: Happening, **device: str) -> None:
        message = {**happening.as_json(), **device}
        if happening.render_png is not None:
            message |= receipts.keep(happening.render_png)
        output.say(message)

    line_to_host: PtyDevice | TcpDevice = TcpDevice(place) if isinstance(place, int) else PtyDevice(place)
    ready: dict[str, Any]
    if isinstance(models, DeviceModel):
        ready = {"event": "ready", "model": models.name}
        runners = {"": EmulatorRunner(make_emulator(models), line_to_host, happened, memory=memory)}
    else:
        ready = {"event": "ready", "devices": {name: model.name for name, model in models.items()}}
        line = PartyLine(line_to_host)
        runners = {
            name: EmulatorRunner(
                make_emulator(model), line.member(name), partial(happened, device=name), memory=memory, name=name
            )
            for name, model in models.items()
        }
    if out_dir is not None:
        receipts.make()
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sig, lines.put_nowait, None)
    try:
        for runner in runners.values():
            await runner.start()
        if isinstance(line_to_host, TcpDevice):
            ready["tcp"] = line_to_host.name
        else:
            ready |= {"pty": line_to_host.name, "tty": line_to_host.tty}
        output.say({"t": now_s(), **ready})
        LineInput(lines).start()
        while output.failure is None and (command := await lines.get()) is not None:
            if command:
                answer = _obey(runners, command)  # first: what it makes happen is told before it, and time never runs back
                output.say({"t": now_s(), **answer})
                await asyncio.sleep(0)  # a script of many lines must not keep the host waiting
    finally:
        for runner in runners.values():
            runner.stop()
        if memory is not None:
            memory.close()
    if output.failure is not None:
        raise OfflineError(output.failure)


def _obey(runners: Mapping[str, EmulatorRunner], line: str) -> dict[str, Any]:
    """Do what ``line`` says, with the one device there is, or with the one that it names."""
    if "" in runners:
        return _obey_one(runners[""], line, line)
    if line == "help":
        return {"event": "answer", "command": line, "commands": {n: runner.commands() for n, runner in runners.items()}}
    name, colon, words = line.partition(":")
    if not colon or name.strip() not in runners:
        expected = f"DEVICE: COMMAND, where DEVICE is one of {', '.join(runners)}"
        return {"event": "bad_command", "command": line, "expected": expected}
    return {**_obey_one(runners[name.strip()], line, words.strip()), "device": name.strip()}


def _obey_one(runner: EmulatorRunner, line: str, words: str) -> dict[str, Any]:
    if words == "help":
        return {"event": "answer", "command": line, "commands": runner.commands()}
    try:
        return {"event": "answer", "command": line, **runner.command(words)}
    except BadCommand as error:
        return {"event": "bad_command", "command": line, "expected": str(error)}
