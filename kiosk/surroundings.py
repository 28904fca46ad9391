"""What a till works with: the devices, the books and the people around it, put together by ``kiosk/terminal.py``."""

from collections.abc import Callable
from dataclasses import dataclass

from hardware.bills.acceptor import BillAcceptor
from hardware.clock import Calendar
from hardware.printers.printer import ReceiptPrinter
from kiosk.errands import Errands
from kiosk.ledger.journal import Journal
from kiosk.receipts.paper import PaperMaker
from kiosk.screenmodel import ScreenModel
from kiosk.session.shop import Shop


@dataclass(frozen=True)
class Surroundings:
    """What the till works with."""

    kiosk_id: str
    shop: Shop
    journal: Journal
    acceptor: BillAcceptor
    printer: ReceiptPrinter
    errands: Errands
    paper: PaperMaker
    calendar: Calendar
    show: Callable[[ScreenModel], None]
