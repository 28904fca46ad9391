"""A driver alone on a port: what it tells, as JSON lines."""

import asyncio
import re
import signal
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Literal

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, NoteInEscrow
from hardware.coins.acceptor import CoinAcceptor, CoinAcceptorStatus, CoinEvent
from hardware.configfile import ConfigFile
from hardware.console import Output
from hardware.dispenser import CashDispenser, DispenserStatus, Payout, Pieces
from hardware.errors import ConfigError, DeviceError, OfflineError, SequenceError
from hardware.links.port import SerialPort, SerialSettings
from hardware.models import DeviceModel
from hardware.printers.printer import Cut, Document, PrinterStatus, ReceiptPrinter, Text
from hardware.protocols import make_driver

Decision = Literal["stack", "return", "hold"]
"""What becomes of every note in escrow."""


def as_json(event: BillEvent | CoinEvent | DispenserStatus | Payout | PrinterStatus) -> dict[str, Any]:
    """Return a driver's event in the emulators' form: ``{"event": "note_stacked", "yen": 1000}``."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    return {"event": name} | {field.name: _plain(getattr(event, field.name)) for field in fields(event)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value


class _Teller:
    """Tells what happens, with the time."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._loop = asyncio.get_running_loop()

    def tell(self, message: dict[str, Any]) -> None:
        self._output.say({"t": round(self._loop.time(), 6), **message})


class _ToldPort(SerialPort):
    """A port that says why it does not open, once a reason."""

    def __init__(self, path: str, settings: SerialSettings, teller: _Teller) -> None:
        super().__init__(path, settings)
        self._teller = teller
        self._told: str | None = None

    async def open(self) -> None:
        try:
            await super().open()
        except OfflineError as error:
            if str(error) != self._told:
                self._told = str(error)
                self._teller.tell({"event": "port_not_open", "why": str(error)})
            raise
        self._told = None
        self._teller.tell({"event": "port_open", "port": self.name})


async def drive_port(
    model: DeviceModel, port: str, decision: Decision, text: str | None = None, pay: Pieces | None = None
) -> None:
    """Drive the device until SIGINT, SIGTERM or SIGHUP. A printer prints ``text`` once, as soon as it can; a hopper, or the
    recycler of a bill acceptor, pays out ``pay`` once, as soon as it can.

    A port that is not there is waited for. Raises ConfigError when the model cannot be used, OfflineError when nobody takes
    the output any more.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    if not model.has_wire:
        raise ConfigError(f'{model.path}: has no wire to drive; put it into a bench with link = "simulated"')
    output = Output(on_gone=stop.set)
    settings = SerialSettings.from_config(ConfigFile(model.path, model.settings).table("serial"))
    teller = _Teller(output)
    driver = make_driver(model, _ToldPort(port, settings, teller))
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sig, stop.set)
    if output.failure is None:
        match driver:
            case BillAcceptor():
                if pay is not None and driver.dispenser is None:
                    raise ConfigError(f"--pay is for devices that pay out, and {model.name} has no recycler")
                await _accept(driver, decision, teller)
                if driver.dispenser is not None:
                    await _pay(driver.dispenser, pay, teller, stop)
            case CoinAcceptor():
                await _take_coins(driver, teller)
            case CashDispenser():
                await _pay(driver, pay, teller, stop)
            case ReceiptPrinter():
                await _print(driver, text, teller, stop)
        await stop.wait()
        await driver.close()
    if output.failure is not None:
        raise OfflineError(output.failure)


async def _accept(acceptor: BillAcceptor, decision: Decision, teller: _Teller) -> None:
    """Start the acceptor; from then on every note meets the same decision."""
    decide = {"stack": acceptor.stack, "return": acceptor.return_, "hold": acceptor.hold}[decision]

    def decide_now() -> None:
        try:
            decide()
        except SequenceError as error:
            teller.tell({"event": "too_late", "why": str(error)})

    def heard(event: BillEvent) -> None:
        teller.tell(as_json(event))
        match event:
            case NoteInEscrow():
                asyncio.get_running_loop().call_soon(decide_now)
            case AcceptorStatus(ready=True):
                acceptor.enable(acceptor.denominations)

    await acceptor.start(heard)


async def _take_coins(acceptor: CoinAcceptor, teller: _Teller) -> None:
    """Start the coin acceptor; from then on every coin is taken."""

    def heard(event: CoinEvent) -> None:
        teller.tell(as_json(event))
        if isinstance(event, CoinAcceptorStatus) and event.ready:
            acceptor.enable(acceptor.denominations)

    await acceptor.start(heard)


async def _pay(dispenser: CashDispenser, pay: Pieces | None, teller: _Teller, stop: asyncio.Event) -> None:
    """Start the dispenser and pay out ``pay``, if anything, unless told to stop before it can."""
    ready = asyncio.Event()

    def heard(status: DispenserStatus) -> None:
        teller.tell(as_json(status))
        if status.ready:
            ready.set()

    await dispenser.start(heard)
    if pay is not None and await _first_of(ready, stop) is ready:
        try:
            payout = await dispenser.dispense(pay)
        except DeviceError as error:
            teller.tell({"event": "payout_refused", "why": str(error)})
        else:
            teller.tell(as_json(payout))


async def _first_of(ready: asyncio.Event, stop: asyncio.Event) -> asyncio.Event:
    waiting = [asyncio.create_task(event.wait()) for event in (ready, stop)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    return stop if stop.is_set() else ready


async def _print(printer: ReceiptPrinter, text: str | None, teller: _Teller, stop: asyncio.Event) -> None:
    """Start the printer and print ``text``, if any, unless told to stop before the printer can."""
    ready = asyncio.Event()

    def heard(status: PrinterStatus) -> None:
        teller.tell(as_json(status))
        if status.can_print:
            ready.set()

    await printer.start(heard)
    if text is not None and await _first_of(ready, stop) is ready:
        outcome = await printer.print(Document((Text(text), Cut())))
        teller.tell({"event": "print_ended", "outcome": outcome.value})
