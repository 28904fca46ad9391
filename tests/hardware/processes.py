"""``python -m hardware`` as a real process, seen through its standard streams."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0
"""How long anything here may take on a loaded machine; nothing comes near it otherwise."""


class Command:
    """One running command. Leaving its ``async with`` kills it, if it still runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[dict[str, Any]] = []

    def type(self, line: str | bytes) -> None:
        """Put a line on its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")

    async def until(self, *events: str, **figures: Any) -> dict[str, Any]:
        """Read on until it tells one of ``events`` with these figures. Every line has to be a JSON object with a time."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while line := await self.process.stdout.readline():
                    told: dict[str, Any] = json.loads(line)
                    self.heard.append(told)
                    if told["event"] in events and figures.items() <= told.items():
                        return told
        except TimeoutError:
            raise AssertionError(f"no {events} {figures} within {PATIENCE_S:g} s; it told {self.heard}") from None
        raise AssertionError(f"ended without {events} {figures}; it told {self.heard}")

    async def end(self, sig: int | None = None) -> tuple[int, str]:
        """End its input, or send a signal; return the exit status and what stands on standard error."""
        if sig is not None:
            self.process.send_signal(sig)
        elif self.process.stdin is not None:
            self.process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            assert self.process.stdout is not None
            assert self.process.stderr is not None
            rest, errors, status = await asyncio.gather(
                self.process.stdout.read(), self.process.stderr.read(), self.process.wait()
            )
        self.heard += [json.loads(line) for line in rest.splitlines()]
        return status, errors.decode()

    def events(self) -> list[str]:
        """Return the names of all events heard so far."""
        return [told["event"] for told in self.heard]


@asynccontextmanager
async def hardware(*arguments: object, stdin: int = PIPE) -> AsyncIterator[Command]:
    """Run ``python -m hardware ARGUMENTS``."""
    words = [str(argument) for argument in arguments]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hardware", *words, stdin=stdin, stdout=PIPE, stderr=PIPE, limit=2**22
    )
    try:
        yield Command(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def emulator(model: str | Path, pty: object, *more: object) -> AsyncIterator[Command]:
    """Run an emulator that is ready."""
    async with hardware("emulate", model, "--pty", pty, *more) as command:
        await command.until("ready", model=Path(model).stem, pty=str(pty))
        yield command


async def run(*arguments: object) -> tuple[int, str, str]:
    """Run a command that ends by itself; return exit status, output and errors."""
    async with hardware(*arguments, stdin=DEVNULL) as command, asyncio.timeout(PATIENCE_S):
        out, errors = await command.process.communicate()
        assert command.process.returncode is not None
        return command.process.returncode, out.decode(), errors.decode()
