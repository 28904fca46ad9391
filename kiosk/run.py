"""``kiosk run``: one terminal in real time, with its screen, devices and carrier, until it is told to stop."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx
import structlog

from hardware.bench import Bench
from hardware.clock import RealCalendar
from hardware.console import LineInput
from kiosk.carrierprocess import CarrierProcess
from kiosk.config import KioskConfig
from kiosk.customer import Customer, Hand, ScriptStep
from kiosk.echo import hide_typing, show_typing
from kiosk.gatewayline import SIMULATOR, client, own_key
from kiosk.languages import save_texts
from kiosk.ledger.journal import Journal
from kiosk.logfile import LogFile
from kiosk.screenlink import ScreenLink
from kiosk.screenmodel import Intent
from kiosk.secrets import Secrets
from kiosk.shell import DeskShell
from kiosk.staffdesk import StaffDesk
from kiosk.staffpins import StaffPins
from kiosk.terminal import make_till
from kiosk.till import Till
from kiosk.wiretrace import WireTrace

log = structlog.get_logger()

Say = Callable[[str], None]


@dataclass(frozen=True)
class RunOptions:
    """What the command line asked for."""

    config: KioskConfig
    out_dir: Path
    windowed: bool
    customer: list[ScriptStep] | None
    """Steps of a scripted customer; the run ends with them. None serves until stopped."""

    @property
    def journal(self) -> Path:
        """Where the journal of this terminal is kept."""
        return self.out_dir / "journal.sqlite"


def has_display() -> bool:
    """Tell whether a screen can be shown: an X display, or a DRM device for a terminal without a desktop."""
    return bool(os.environ.get("DISPLAY")) or any(Path("/dev/dri").glob("card*"))


CustomerMaker = Callable[[ScreenLink, Hand, Path], Customer]


async def run(options: RunOptions, say: Say, make_customer: CustomerMaker = Customer) -> None:
    """Serve. Raises CustomerLost, JournalError, DeviceError; everything started here has ended when it returns.

    ``make_customer`` is for tests whose customers follow no script.
    """
    async with AsyncExitStack() as stack:
        await _run(options, say, stack, make_customer)


async def _run(options: RunOptions, say: Say, stack: AsyncExitStack, make_customer: CustomerMaker) -> None:
    config, out_dir = options.config, options.out_dir
    out_dir.mkdir(parents=True, exist_ok=True)
    run_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="konbini-")))
    # the journal first: it tells whether another kiosk runs here, whose trace must not be wiped
    journal = stack.enter_context(Journal.open(options.journal, config.kiosk_id))
    wire = stack.enter_context(closing(LogFile(out_dir / "wire.txt", anew=True)))
    http = await _gateway(options, say, stack)
    printer = next(spec.name for spec in config.bench if spec.model.device_class == "printer")
    trace = WireTrace(wire.line, printer)
    bench = await Bench.open(
        config.bench,
        run_dir=run_dir,
        out_dir=out_dir,
        memory_dir=out_dir / "memory",
        watch=lambda name, fact: _watch(say, name, fact),
        trace=trace,
    )
    stack.push_async_callback(bench.close)
    say("devices are there: " + ", ".join(f"{name} ({d.spec.model.name}, {d.spec.link})" for name, d in bench.devices.items()))

    till: Till | None = None

    def touched(intent: Intent) -> None:
        if till is not None:
            till.touched(intent)

    save_texts(config.languages, run_dir / "texts.json")
    arguments = ["--texts", str(run_dir / "texts.json"), *(["--windowed"] if options.windowed else [])]
    link = ScreenLink(run_dir / "screen", arguments, touched)
    till = make_till(config, bench, http, journal, RealCalendar(), link.show, trace.discreet)
    screen = asyncio.create_task(link.serve())
    stack.push_async_callback(_end, screen)
    if till.goes_on:
        say("the journal holds a visit that was cut off: it goes on where it stopped")
    await till.start()
    stack.push_async_callback(till.close)

    till.papers.on_news = till.trust.on_news = say
    if doubtful := [past for past in await till.papers.listing() if past.in_doubt]:
        say(f"receipts in doubt: {len(doubtful)}; staff receipts lists them, staff reprint prints one again")
    desk = StaffDesk(till, StaffPins(Secrets.beside(out_dir)))
    till.reports.on_news = say
    shell = DeskShell(bench, desk)
    await shell.start()
    stopped = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stopped.set)
    ends: list[asyncio.Future[Any]] = [till.broken, screen, asyncio.create_task(stopped.wait())]
    if options.customer is not None:
        customer = make_customer(link, shell.do, out_dir)
        ends.append(asyncio.create_task(customer.play(options.customer)))
    else:
        say(shell.greeting)
        say(desk.greeting)
        if sys.stdin is not None and not sys.stdin.closed:
            stack.callback(show_typing)
            reading = asyncio.create_task(_listen(shell, say))
            stack.push_async_callback(_end, reading)
    done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if till.lost and options.customer is None:
        say(f"OUT OF SERVICE: {till.broken.exception()}. Mend the disk, then stop the kiosk and start it again.")
        # the screen goes on saying so, and the drivers go on giving back what is put in, until somebody has come
        more, _ = await asyncio.wait(ends[1:], return_when=asyncio.FIRST_COMPLETED)
        done |= more
    for task in ends[2:]:
        task.cancel()
    for task in done:
        task.result()


async def _gateway(options: RunOptions, say: Say, stack: AsyncExitStack) -> httpx.AsyncClient:
    address, kiosk_id, ca_pem = options.config.gateway, options.config.kiosk_id, ""
    secrets = Secrets.beside(options.out_dir)
    if address.url == SIMULATOR:
        key = own_key(secrets)
        carrier = CarrierProcess(options.config.folder, options.out_dir / "carrier.sqlite", kiosk_id, key)
        stack.push_async_callback(carrier.stop)
        await carrier.start()
        address, ca_pem = replace(address, url=carrier.url), carrier.ca_pem
        say(f"carrier simulator is there: {address.url}")
    http = client(address, kiosk_id, secrets, RealCalendar().now, SystemRandom(), ca_pem)
    return await stack.enter_async_context(http)


def _watch(say: Say, name: str, fact: dict[str, Any]) -> None:
    """Tell at the desk what happens inside the devices, in one line each."""
    shown = {key: value for key, value in fact.items() if key not in ("t", "event", "text")}
    say(f"{name}: {fact['event']}" + "".join(f" {key}={value}" for key, value in shown.items()))


async def _listen(shell: DeskShell, say: Say) -> None:
    """Carry out what is typed at the desk. The end of input ends the listening, not the kiosk."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    LineInput(lines).start()
    while (line := await lines.get()) is not None:
        if line or shell.asks_secret:
            said = await shell.answer(line)
            (hide_typing if shell.asks_secret else show_typing)()
            say(said)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
