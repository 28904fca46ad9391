"""What a till works with: the devices, the books and the people around it, put together by ``kiosk/terminal.py``."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random

from hardware.bills.acceptor import BillAcceptor
from hardware.clock import Calendar
from hardware.coins.acceptor import CoinAcceptor
from hardware.dispenser import CashDispenser
from hardware.printers.printer import ReceiptPrinter
from kiosk.businesshours import BusinessHours
from kiosk.errands import Errands
from kiosk.ledger.journal import Journal
from kiosk.receipts.paper import PaperMaker
from kiosk.reports.paper import StaffPaper
from kiosk.screenmodel import ScreenModel
from kiosk.session.shop import Shop


@dataclass(frozen=True)
class Surroundings:
    """What the till works with."""

    kiosk_id: str
    shop: Shop
    journal: Journal
    acceptor: BillAcceptor | None
    """None on a bench whose notes go into a change machine, or that takes coins only."""
    printer: ReceiptPrinter
    errands: Errands
    paper: PaperMaker
    staff_paper: StaffPaper
    calendar: Calendar
    show: Callable[[ScreenModel], None]
    acceptor_name: str = ""
    coin_acceptors: Mapping[str, CoinAcceptor] = field(default_factory=dict)
    """By the name of the device; a change machine stands here and among the dispensers under one name."""
    dispensers: Mapping[str, CashDispenser] = field(default_factory=dict)
    """In the order in which they are asked to pay."""
    jitter: Random = field(default_factory=lambda: Random(0))
    """Spreads what many kiosks would otherwise do at the same moment."""
    discreet: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered while a PIN is on its way to the printer: whoever traces the wire leaves the bytes out."""
    business: BusinessHours = field(default_factory=BusinessHours)
    opening_floats: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """By device: what the config says lies in it before the first payout, for devices that do not count."""
