"""What a printer sends, told apart and understood.

Answers, automatic status and noise arrive on one line without frames. :class:`Demultiplexer` sorts them by their first byte;
a byte that cannot belong where it stands ends whatever was half read and is looked at anew, so that garbage costs at most
what it touched. :class:`RealTimeStatus` is what the four ``DLE EOT`` bytes, or one automatic status, say together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from hardware.printers.escpos.ejector import (
    FULL_STATUS_HEAD,
    FULL_STATUS_LENGTH,
    FullStatus,
    KioskPaperBits,
    KioskRecoverableBits,
    KioskUnrecoverableBits,
)
from hardware.printers.escpos.frames import (
    ASB_LENGTH,
    NUL,
    XOFF,
    XON,
    Asb,
    AsbErrorBits,
    AsbPaperBits,
    AsbPrinterBits,
    ByteClass,
    ErrorBits,
    OfflineBits,
    PaperBits,
    PrinterBits,
    classify,
    decode_real_time,
)
from hardware.printers.printer import PrinterStatus
from hardware.vocabulary import DeviceState, Fault, PaperStatus, PowerState

LONGEST_BLOCK: Final = 80
"""A longer block is noise: without a bound one stray header would swallow every answer to come."""


@dataclass(frozen=True)
class FlowControl:
    """XON or XOFF that the port did not keep for itself."""

    may_send: bool


@dataclass(frozen=True)
class RealTimeReply:
    """One byte ``0xx1xx10``: an answer to ``DLE EOT``; which one, only the asker knows."""

    byte: int


@dataclass(frozen=True)
class AutomaticStatus:
    """Four bytes that the printer sent by itself (or at once when it was enabled)."""

    asb: Asb


@dataclass(frozen=True)
class FullStatusReply:
    """Six bytes that begin with ``10 0F``: an answer to ``DLE EOT 20`` of a kiosk printer."""

    status: FullStatus


@dataclass(frozen=True)
class SingleReply:
    """One byte ``0xx0xxxx``: an answer to ``GS r``, ``GS I`` or ``ESC v``."""

    byte: int


@dataclass(frozen=True)
class BlockReply:
    """A header, its contents and NUL."""

    block: bytes


@dataclass(frozen=True)
class Garbage:
    """Bytes that no reply begins with, or the remains of one that broke off."""

    data: bytes


Reply = FlowControl | RealTimeReply | AutomaticStatus | FullStatusReply | SingleReply | BlockReply | Garbage


class Demultiplexer:
    """Cuts the printer's bytes into replies, whatever pieces they arrive in.

    ``full_status`` says that the model has the full status of kiosk printers. Its head ``10 0F`` would else be an automatic
    status with every error at once and a finger on the button, which is then read as the full status it more likely is.
    """

    def __init__(self, *, full_status: bool = False) -> None:
        self._partial = bytearray()
        self._full_status = full_status

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Take bytes and yield the replies they complete."""
        for byte in data:
            yield from self._take(byte)

    def abandon(self) -> Iterator[Reply]:
        """Give up a half-read reply: the line was silent too long for the rest to come."""
        if self._partial:
            yield Garbage(bytes(self._partial))
            self._partial.clear()

    def _take(self, byte: int) -> Iterator[Reply]:
        if byte in (XON, XOFF):  # may stand in the middle of anything
            yield FlowControl(byte == XON)
            return
        if self._partial and not self._continues(byte):
            yield from self.abandon()
        if not self._partial:
            match classify(byte):
                case ByteClass.REAL_TIME:
                    yield RealTimeReply(byte)
                case ByteClass.SINGLE:
                    yield SingleReply(byte)
                case ByteClass.ASB_HEAD | ByteClass.BLOCK_HEAD:
                    self._partial.append(byte)
                case _:
                    yield Garbage(bytes((byte,)))
            return
        self._partial.append(byte)
        if self._in_full_status():
            if len(self._partial) == FULL_STATUS_LENGTH:
                yield FullStatusReply(FullStatus.decode(self._finish()))
        elif classify(self._partial[0]) is ByteClass.ASB_HEAD:
            if len(self._partial) == ASB_LENGTH:
                yield AutomaticStatus(Asb.decode(self._finish()))
        elif byte == NUL:
            yield BlockReply(self._finish())

    def _continues(self, byte: int) -> bool:
        """Tell whether ``byte`` can stand next in the half-read reply."""
        if self._in_full_status():
            return not byte & 0x10  # which no byte of it uses, and every status byte behind a broken one does
        if classify(self._partial[0]) is ByteClass.ASB_HEAD:
            # only 0xx0xxxx, so that a status byte behind a stray ASB head is not lost; the last byte means nothing
            return len(self._partial) == ASB_LENGTH - 1 or not byte & 0x90
        return (byte == NUL or 0x20 <= byte <= 0x7E) and len(self._partial) < LONGEST_BLOCK

    def _in_full_status(self) -> bool:
        return self._full_status and self._partial.startswith(FULL_STATUS_HEAD)

    def _finish(self) -> bytes:
        whole = bytes(self._partial)
        self._partial.clear()
        return whole


@dataclass(frozen=True)
class RealTimeStatus:
    """The answers to ``DLE EOT`` 1 to 4."""

    printer: PrinterBits
    offline: OfflineBits
    error: ErrorBits
    paper: PaperBits

    @staticmethod
    def decode(answers: bytes) -> "RealTimeStatus":
        """Read the four answers in order. Raises ValueError when one lacks its fixed bits."""
        return _decoded(answers)

    @classmethod
    def from_asb(cls, asb: Asb) -> "RealTimeStatus":
        """Say in the words of ``DLE EOT`` what an automatic status says."""
        offline = AsbPrinterBits.OFFLINE in asb.printer
        paper = (PaperBits.NEAR_END if asb.paper & AsbPaperBits.NEAR_END else PaperBits(0)) | (
            PaperBits.END if asb.paper & AsbPaperBits.END else PaperBits(0)
        )
        return cls(
            (PrinterBits.OFFLINE if offline else PrinterBits(0))
            | (PrinterBits.WAITING_FOR_RECOVERY if asb.error & AsbErrorBits.WAITING_FOR_RECOVERY else PrinterBits(0))
            | (PrinterBits.FEED_PRESSED if asb.error & AsbErrorBits.FEED_PRESSED else PrinterBits(0)),
            (OfflineBits.COVER_OPEN if asb.printer & AsbPrinterBits.COVER_OPEN else OfflineBits(0))
            | (OfflineBits.FEEDING if asb.printer & AsbPrinterBits.FEEDING else OfflineBits(0))
            | (OfflineBits.PAPER_END if offline and asb.paper & AsbPaperBits.END else OfflineBits(0)),
            ErrorBits(
                asb.error & (ErrorBits.MECHANICAL | ErrorBits.CUTTER | ErrorBits.UNRECOVERABLE | ErrorBits.AUTO_RECOVERABLE)
            ),
            paper,
        )

    @cached_property
    def faults(self) -> frozenset[Fault]:
        """What is wrong, in everybody's words."""
        found = {
            Fault.COVER_OPEN: OfflineBits.COVER_OPEN in self.offline,
            Fault.CUTTER_JAM: ErrorBits.CUTTER in self.error,
            Fault.HEAD_HOT: ErrorBits.AUTO_RECOVERABLE in self.error,
            Fault.UNRECOVERABLE: ErrorBits.UNRECOVERABLE in self.error,
            Fault.DEVICE_FAILURE: ErrorBits.MECHANICAL in self.error or (OfflineBits.ERROR in self.offline and not self.error),
            Fault.PAPER_OUT: self.paper_status is PaperStatus.OUT,
            Fault.PAPER_LOW: self.paper_status is PaperStatus.LOW,
        }
        return frozenset(fault for fault, stands in found.items() if stands)

    @property
    def paper_status(self) -> PaperStatus:
        """How much paper there is. With the cover open the sensor may be wrong [D], so a lone "end" then says nothing."""
        if self.offline & OfflineBits.PAPER_END and not self.offline & OfflineBits.COVER_OPEN:
            return PaperStatus.OUT
        if self.paper & PaperBits.END:
            return PaperStatus.UNKNOWN if self.offline & OfflineBits.COVER_OPEN else PaperStatus.OUT
        return PaperStatus.LOW if self.paper & PaperBits.NEAR_END else PaperStatus.OK

    @property
    def busy(self) -> bool:
        """Whether it is offline for a reason that passes by itself: paper fed by hand, a start, a recovery under way."""
        return bool(self.printer & (PrinterBits.OFFLINE | PrinterBits.WAITING_FOR_RECOVERY))

    def told(self, *, printing: bool = False) -> PrinterStatus:
        """Return the status as listeners hear it."""
        faults = self.faults
        if faults - {Fault.PAPER_LOW}:
            state = DeviceState.ERROR
        else:
            state = DeviceState.BUSY if printing or self.busy else DeviceState.IDLE
        return PrinterStatus(state, PowerState.ONLINE, self.paper_status, faults, held_up=self.busy)


def with_presenter(told: PrinterStatus, full: FullStatus | None) -> PrinterStatus:
    """Add to a status what the full status of a kiosk printer says of ticket, path and paper."""
    if full is None or told.power is not PowerState.ONLINE:
        return told
    found = {
        Fault.JAM: bool(full.recoverable & KioskRecoverableBits.PAPER_JAM),
        Fault.CUTTER_JAM: bool(full.unrecoverable & KioskUnrecoverableBits.CUTTER),
        Fault.UNRECOVERABLE: bool(full.unrecoverable & ~(KioskUnrecoverableBits.CUTTER | KioskUnrecoverableBits.CUTTER_COVER)),
    }
    faults = told.faults | {fault for fault, stands in found.items() if stands}
    state = told.state if faults == told.faults else DeviceState.ERROR
    return replace(told, state=state, faults=faults, ticket_waits=KioskPaperBits.TICKET_IN_OUTPUT in full.paper)


@lru_cache(maxsize=64)  # an idle printer says the same at every poll
def _decoded(answers: bytes) -> RealTimeStatus:
    one, two, three, four = answers
    return RealTimeStatus(
        PrinterBits(decode_real_time(1, one)),
        OfflineBits(decode_real_time(2, two)),
        ErrorBits(decode_real_time(3, three)),
        PaperBits(decode_real_time(4, four)),
    )
