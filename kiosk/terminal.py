"""Puts one terminal together: journal, devices, carrier, till. The same for a shop, a desk, a test and a simulation."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from random import Random

import httpx
import structlog

from hardware.bench import Bench
from hardware.bills.acceptor import BillAcceptor
from hardware.changer.changer import CashChanger
from hardware.clock import Calendar
from hardware.coins.acceptor import CoinAcceptor
from hardware.dispenser import CashDispenser
from hardware.errors import ConfigError
from hardware.printers.printer import ReceiptPrinter
from hardware.protocols import Driver
from kiosk.config import KioskConfig
from kiosk.errands import Errands
from kiosk.languages import TAGS
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.memory import checkpoint_if_due
from kiosk.receipts.paper import PaperMaker
from kiosk.recovery import recover
from kiosk.reports.paper import StaffPaper
from kiosk.screenmodel import ScreenModel
from kiosk.surroundings import Surroundings
from kiosk.till import Till
from kiosk.topup.gateway import Gateway

log = structlog.get_logger()


def make_till(
    config: KioskConfig,
    bench: Bench,
    http: httpx.AsyncClient,
    journal: Journal,
    calendar: Calendar,
    show: Callable[[ScreenModel], None],
    discreet: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Till:
    """Return a till that goes on where the journal stops; the caller starts it. Raises ConfigError for an unfit bench.

    ``discreet`` is entered while a PIN is on its way to the printer.
    """
    drivers = {name: device.driver for name, device in bench.devices.items()}
    acceptor_name, acceptor = next(((n, d) for n, d in drivers.items() if isinstance(d, BillAcceptor)), ("", None))
    printer = next((driver for driver in drivers.values() if isinstance(driver, ReceiptPrinter)), None)
    coin_acceptors, dispensers = _coin_acceptors(drivers), _dispensers(drivers)
    if printer is None or (acceptor is None and not coin_acceptors):
        raise ConfigError(f"{config.folder}: this bench lacks a printer, or anything that takes money; a kiosk needs both")
    for warning in config.warnings:
        log.warning("config", warning=warning)
    recovered = recover(config.shop, journal)
    checkpoint_if_due(journal, calendar.now())
    opened = journal.append(calendar.now(), Entry(Kind.OPENED, "", {"kiosk": config.kiosk_id}))[0]
    asked = count(1)
    gateway = Gateway(http, config.kiosk_id, config.gateway.timeout_s)
    around = Surroundings(
        kiosk_id=config.kiosk_id,
        shop=config.shop,
        journal=journal,
        acceptor=acceptor,
        printer=printer,
        errands=Errands(gateway, config.catalogue, calendar, lambda: f"{config.kiosk_id}/{opened}/{next(asked)}"),
        paper=make_paper(config),
        staff_paper=StaffPaper(config.store, config.languages[TAGS[0]], config.shop.carriers, config.kiosk_id),
        calendar=calendar,
        show=show,
        acceptor_name=acceptor_name,
        coin_acceptors=coin_acceptors,
        dispensers=dispensers,
        discreet=discreet,
        jitter=Random(config.kiosk_id),
        business=config.business,
        opening_floats=config.opening_floats,
    )
    return Till(around, recovered)


def make_paper(config: KioskConfig) -> PaperMaker:
    """Return what makes this terminal's papers."""
    carrier_help = {carrier.id: carrier.help_line for carrier in config.catalogue.carriers if carrier.help_line}
    return PaperMaker(config.store, config.shop.carriers, config.languages, config.kiosk_id, carrier_help)


def _coin_acceptors(drivers: Mapping[str, Driver]) -> dict[str, CoinAcceptor]:
    """Return what takes money without escrow: coin acceptors, and the taking halves of change machines."""
    found: dict[str, CoinAcceptor] = {}
    for name, driver in drivers.items():
        if isinstance(driver, CashChanger):
            found[name] = driver.acceptor
        elif isinstance(driver, CoinAcceptor):
            found[name] = driver
    return found


def _dispensers(drivers: Mapping[str, Driver]) -> dict[str, CashDispenser]:
    """Return what pays out: hoppers, the paying halves of change machines, and bill acceptors' recyclers."""
    found: dict[str, CashDispenser] = {}
    for name, driver in drivers.items():
        if isinstance(driver, CashDispenser):
            found[name] = driver
        elif isinstance(driver, CashChanger | BillAcceptor) and driver.dispenser is not None:
            found[name] = driver.dispenser
    return found
