"""A printer, its driver and the line between, in virtual time, and everything that people see of them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from hardware.clock import run_virtual
from hardware.emulator import EmulatorRunner, Happening
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import load_model
from hardware.printers.escpos.driver import EscposPrinter
from hardware.printers.escpos.emulator import EscposEmulator
from hardware.printers.printer import PrinterStatus

MODELS = Path(__file__).parents[3] / "config" / "devices"


class World:
    """A printer, its driver, and what people see of both."""

    def __init__(self, name: str) -> None:
        self.line: MemoryEnd
        self.line, far = memory_line("printer")
        self.emulator = EscposEmulator(load_model(MODELS / f"{name}.toml"))
        self.happenings: list[Happening] = []
        self.runner = EmulatorRunner(self.emulator, far, self.happenings.append)
        self.printer = EscposPrinter(load_model(MODELS / f"{name}.toml"), self.line)
        self.heard: list[PrinterStatus] = []

    def hand(self, command: str) -> None:
        self.runner.command(command)

    @property
    def papers(self) -> list[str]:
        """The text of every receipt that was cut off."""
        return [str(one.data["text"]) for one in self.happenings if one.event == "receipt_cut"]

    def assert_every_byte_was_understood(self) -> None:
        fates = self.emulator.fates
        assert not fates.unknown
        assert (fates.bad_pairs, fates.missing_glyphs, fates.dropped) == (0, 0, 0)


def play(name: str, story: Callable[[World], Awaitable[None]]) -> None:
    """Run one story in virtual time with a printer that is up."""

    async def run() -> None:
        world = World(name)
        await world.runner.start()
        await world.printer.start(world.heard.append)
        await asyncio.sleep(5)
        await story(world)
        await world.printer.close()
        world.runner.stop()

    run_virtual(run())
