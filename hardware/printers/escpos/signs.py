"""What the printer says of its machine: the bits of ``DLE EOT``, of automatic status and of ``GS r``."""

from functools import cache

from hardware.printers.escpos.frames import (
    Asb,
    AsbErrorBits,
    AsbPaperBits,
    AsbPrinterBits,
    ErrorBits,
    OfflineBits,
    PaperBits,
    PaperInSequenceBits,
    PrinterBits,
    encode_real_time,
)
from hardware.printers.mechanism import PrinterMechanism


def stopped_by_paper(machine: PrinterMechanism) -> bool:
    """Whether the printer has stopped for lack of paper."""
    return machine.paper_out or (machine.stop_at_near_end and machine.paper_low)


def offline(machine: PrinterMechanism) -> bool:
    """Whether the printer is off line. Reception goes on; printing and the commands in the buffer wait."""
    return machine.cover_open or machine.feed_pressed or stopped_by_paper(machine) or in_error(machine)


def in_error(machine: PrinterMechanism) -> bool:
    """Whether any error stands, passing or lasting."""
    return machine.cutter_error or machine.failed or machine.head_hot or machine.jammed


def real_time(machine: PrinterMechanism, n: int) -> int | None:
    """Return the answer to ``DLE EOT n``, or None for an ``n`` that this printer leaves unanswered (slip, other makers)."""
    if n == 1:
        printer = PrinterBits.OFFLINE if offline(machine) else PrinterBits(0)
        printer |= PrinterBits.DRAWER_PIN_HIGH if machine.drawer_open else 0
        return encode_real_time(printer | (PrinterBits.FEED_PRESSED if machine.feed_pressed else 0))
    if n == 2:
        cause = OfflineBits(0)
        cause |= OfflineBits.COVER_OPEN if machine.cover_open else 0
        cause |= OfflineBits.FEEDING if machine.feed_pressed else 0
        cause |= OfflineBits.PAPER_END if stopped_by_paper(machine) else 0
        cause |= OfflineBits.ERROR if in_error(machine) else 0
        return encode_real_time(cause)
    if n == 3:
        error = ErrorBits(0)
        error |= ErrorBits.MECHANICAL if machine.jammed else 0
        error |= ErrorBits.CUTTER if machine.cutter_error else 0
        error |= ErrorBits.UNRECOVERABLE if machine.failed else 0
        error |= ErrorBits.AUTO_RECOVERABLE if machine.head_hot else 0
        return encode_real_time(error)
    if n == 4:
        roll = PaperBits.NEAR_END if machine.paper_low else PaperBits(0)
        return encode_real_time(roll | (PaperBits.END if machine.paper_out else 0))
    return None


def automatic(machine: PrinterMechanism) -> Asb:
    """Return the automatic status of this moment; the same object while nothing has changed."""
    return _automatic(
        offline(machine),
        machine.cover_open,
        machine.cutter_error,
        machine.failed,
        machine.head_hot,
        machine.paper_low,
        machine.paper_out,
        machine.jammed,
        machine.feed_pressed,
        machine.drawer_open,
    )


@cache  # it is compared after everything that happens, and a status is one of few
def _automatic(
    is_offline: bool,
    cover_open: bool,
    cutter_error: bool,
    failed: bool,
    head_hot: bool,
    paper_low: bool,
    paper_out: bool,
    jammed: bool,
    feed_pressed: bool,
    drawer_open: bool,
) -> Asb:
    printer = AsbPrinterBits.OFFLINE if is_offline else AsbPrinterBits.NONE
    printer |= AsbPrinterBits.COVER_OPEN if cover_open else 0
    printer |= AsbPrinterBits.FEEDING if feed_pressed else 0
    printer |= AsbPrinterBits.DRAWER_PIN_HIGH if drawer_open else 0
    error = AsbErrorBits.CUTTER if cutter_error else AsbErrorBits.NONE
    error |= AsbErrorBits.FEED_PRESSED if feed_pressed else 0
    error |= AsbErrorBits.MECHANICAL if jammed else 0
    error |= AsbErrorBits.UNRECOVERABLE if failed else 0
    error |= AsbErrorBits.AUTO_RECOVERABLE if head_hot else 0
    paper = AsbPaperBits.NEAR_END if paper_low else AsbPaperBits.NONE
    paper |= AsbPaperBits.END if paper_out else 0
    return Asb(printer, error, paper)


def changed_items(before: Asb, after: Asb) -> int:
    """Return the ``GS a`` items that differ: b0 drawer, b1 on line or off, b2 error, b3 paper, b6 panel switch."""
    drawer, switch = AsbPrinterBits.DRAWER_PIN_HIGH, AsbErrorBits.FEED_PRESSED
    return (
        (0x01 if (before.printer ^ after.printer) & drawer else 0)
        | (0x02 if (before.printer ^ after.printer) & ~drawer else 0)
        | (0x04 if (before.error ^ after.error) & ~switch else 0)
        | (0x40 if (before.error ^ after.error) & switch else 0)
        | (0x08 if before.paper != after.paper else 0)
    )


def paper_in_sequence(machine: PrinterMechanism) -> int:
    """Return the answer to ``GS r 1``."""
    roll = PaperInSequenceBits.NEAR_END if machine.paper_low else PaperInSequenceBits(0)
    return int(roll | (PaperInSequenceBits.END if machine.paper_out else 0))
