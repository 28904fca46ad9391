"""Puts one terminal together: journal, devices, carrier, till. The same for a shop, a desk, a test and a simulation."""

from collections.abc import Callable
from itertools import count

import httpx

from hardware.bench import Bench
from hardware.bills.acceptor import BillAcceptor
from hardware.clock import Calendar
from hardware.errors import ConfigError
from hardware.printers.printer import ReceiptPrinter
from kiosk.config import KioskConfig
from kiosk.errands import Errands
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.receipts.paper import PaperMaker
from kiosk.recovery import recover
from kiosk.screenmodel import ScreenModel
from kiosk.surroundings import Surroundings
from kiosk.till import Till
from kiosk.topup.gateway import Gateway


def make_till(
    config: KioskConfig,
    bench: Bench,
    http: httpx.AsyncClient,
    journal: Journal,
    calendar: Calendar,
    show: Callable[[ScreenModel], None],
) -> Till:
    """Return a till that goes on where the journal stops; the caller starts it. Raises ConfigError for an unfit bench."""
    acceptor, printer = _device(bench, "bill"), _device(bench, "printer")
    if not isinstance(acceptor, BillAcceptor) or not isinstance(printer, ReceiptPrinter):
        raise ConfigError(f"{config.folder}: the drivers of this bench do not fit their device classes")
    recovered = recover(config.shop, journal.rows())
    opened = journal.append(calendar.now(), Entry(Kind.OPENED, "", {"kiosk": config.kiosk_id}))[0]
    asked = count(1)
    gateway = Gateway(http, config.kiosk_id, config.gateway_timeout_s)
    around = Surroundings(
        kiosk_id=config.kiosk_id,
        shop=config.shop,
        journal=journal,
        acceptor=acceptor,
        printer=printer,
        errands=Errands(gateway, config.catalogue, calendar, lambda: f"{config.kiosk_id}/{opened}/{next(asked)}"),
        paper=PaperMaker(config.store, config.shop.carriers, config.languages, config.kiosk_id),
        calendar=calendar,
        show=show,
    )
    return Till(around, recovered)


def _device(bench: Bench, device_class: str) -> object:
    try:
        return bench.device(device_class).driver
    except KeyError as error:
        raise ConfigError(f"the bench: {error.args[0]}, and the kiosk cannot do without") from error
