"""The contract every receipt printer driver keeps.

A job ends PRINTED only when the printer itself said so after the last dot; PRESENTED and TAKEN only from a printer with a
presenter, when it was seen at the mouth, and then seen gone; FAILED only when it is certain that not all was printed;
everything else is UNKNOWN.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from hardware.vocabulary import DeviceState, Fault, JobOutcome, PaperStatus, PowerState


class Align(Enum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True)
class Text:
    """One line of text. It is printed whole: wrapped by East Asian width when too long, rastered when the ROM lacks a glyph."""

    text: str
    align: Align = Align.LEFT
    width: int = 1
    """Horizontal magnification, 1 or 2."""
    height: int = 1
    """Vertical magnification, 1 or 2."""
    bold: bool = False


@dataclass(frozen=True)
class Columns:
    """One line with a left and a right part, as in a price list; the right part is never broken."""

    left: str
    right: str
    bold: bool = False
    height: int = 1


@dataclass(frozen=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True)
class Blank:
    """White space of ``lines`` text lines."""

    lines: int = 1


@dataclass(frozen=True)
class Qr:
    """A QR symbol in the middle of the paper."""

    data: str
    module_dots: int = 6


@dataclass(frozen=True)
class Barcode:
    """A CODE128 symbol in the middle of the paper, its characters below it. ASCII from space to tilde.

    On paper too narrow for it the same text stands there as a QR symbol.
    """

    data: str
    height_dots: int = 80


@dataclass(frozen=True)
class Cut:
    """Feed to the cutter and cut."""


Item = Text | Columns | Rule | Blank | Qr | Barcode | Cut


@dataclass(frozen=True)
class Document:
    """What to print, in plain terms that no protocol shows through."""

    items: Sequence[Item]
    language: str = "ja"
    """BCP 47 tag (``ja``, ``en``, ``zh-Hans``): decides the face of rastered text."""


@dataclass(frozen=True)
class PrinterStatus:
    """The printer as a whole; told at every change."""

    state: DeviceState = DeviceState.CLOSED
    power: PowerState = PowerState.UNKNOWN
    paper: PaperStatus = PaperStatus.UNKNOWN
    faults: frozenset[Fault] = field(default_factory=frozenset)
    ticket_waits: bool = False
    """Whether a ticket stands at the mouth of a presenter; never for a printer without one."""
    held_up: bool = False
    """Whether it prints nothing just now for a reason that passes: paper fed by hand, a start, a recovery under way."""

    @property
    def can_print(self) -> bool:
        """Whether a receipt started now can be expected to come out, be it after a moment."""
        hindering = self.faults - {Fault.PAPER_LOW}
        return self.power is PowerState.ONLINE and not hindering and self.paper in (PaperStatus.OK, PaperStatus.LOW)


Listener = Callable[[PrinterStatus], None]


class ReceiptPrinter(ABC):
    """A receipt printer on a line.

    ``await start(listener)`` returns at once; from then on the driver opens the line, asks for status while no job runs, and
    comes back by itself after silence, garbage or an unplugged cable.
    """

    status: PrinterStatus
    """The last status told."""

    @abstractmethod
    async def start(self, listener: Listener) -> None:
        """Begin to serve. Call once."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the line."""

    @abstractmethod
    async def print(self, document: Document, presented: Callable[[], None] | None = None) -> JobOutcome:
        """Print a document and return how it ended; never raises for what a machine or a line does.

        Raises BusyError while another job runs. Bounded in time by the length of the job, and with a presenter by the time a
        customer has to take the ticket: meanwhile ``status.ticket_waits`` says that it can be taken. ``presented`` is called
        once when the ticket is first seen at the mouth: the outcome is PRESENTED then, or becomes TAKEN. FAILED also when the
        printer could not print at the start (no paper, cover open, silent): then nothing was sent. After FAILED or UNKNOWN in
        the middle of a job the driver clears what the printer still holds before the next job, so that no old job ever prints.
        """
