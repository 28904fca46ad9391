"""A driver alone on a port: what it tells, as JSON lines."""

import asyncio
import re
import signal
from dataclasses import fields
from enum import Enum
from typing import Any, Literal

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, NoteInEscrow
from hardware.configfile import ConfigFile
from hardware.emulate import say
from hardware.links.port import SerialPort, SerialSettings
from hardware.models import DeviceModel
from hardware.printers.printer import Cut, Document, PrinterStatus, Text
from hardware.protocols import make_driver

Decision = Literal["stack", "return", "hold"]
"""What becomes of every note in escrow."""


def as_json(event: BillEvent | PrinterStatus) -> dict[str, Any]:
    """Return a driver's event in the emulators' form: ``{"event": "note_stacked", "yen": 1000}``."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    return {"event": name} | {field.name: _plain(getattr(event, field.name)) for field in fields(event)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    return value


async def drive_port(model: DeviceModel, port: str, decision: Decision, text: str | None) -> None:
    """Drive the device until SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, stop.set)
    settings = SerialSettings.from_config(ConfigFile(model.path, model.settings).table("serial"))
    driver = make_driver(model, SerialPort(port, settings))

    def tell(event: BillEvent | PrinterStatus) -> None:
        say({"t": round(loop.time(), 6), **as_json(event)})

    if isinstance(driver, BillAcceptor):
        acceptor = driver

        def decide() -> None:
            match decision:
                case "stack":
                    acceptor.stack()
                case "return":
                    acceptor.return_()
                case "hold":
                    acceptor.hold()

        def heard(event: BillEvent) -> None:
            tell(event)
            match event:
                case NoteInEscrow():
                    loop.call_soon(decide)
                case AcceptorStatus(ready=True):
                    acceptor.enable(acceptor.denominations)

        await acceptor.start(heard)
    else:
        ready = asyncio.Event()

        def heard_printer(status: PrinterStatus) -> None:
            tell(status)
            if status.can_print:
                ready.set()

        await driver.start(heard_printer)
        if text is not None:
            await _first(ready, stop)
            outcome = await driver.print(Document((Text(text), Cut())))
            say({"t": round(loop.time(), 6), "event": "print_ended", "outcome": outcome.value})
    await stop.wait()
    await driver.close()


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
