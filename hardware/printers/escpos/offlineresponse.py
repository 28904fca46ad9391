"""The block that says the printer has gone off line: ``GS ( H`` 49 asks for it.

``37 23 00``, or with the cause between: five bytes ``01xxxxxx`` [D: Epson's programming guide, TM-L90]. Of the cause the first
two bytes, lasting errors, are [D]; that the others are recoverable errors, passing errors, and cover and paper is [K].
"""

from collections.abc import Callable
from typing import Final

from hardware.printers.escpos.signs import stopped_by_paper
from hardware.printers.mechanism import PrinterMechanism

_HEAD: Final = b"\x37\x23"
_FIXED: Final = 0x40


class OfflineResponse:
    """Watches the machine, and speaks once each time it goes off line for more than a pressed button."""

    def __init__(self, machine: PrinterMechanism, say: Callable[[bytes, float], None]) -> None:
        self._machine, self._say = machine, say
        self._kind = 0
        self._off_line = False

    def choose(self, kind: int) -> None:
        """0: say nothing, 1: say that it is off line, 2: with the cause. Power on brings 0 back [D]."""
        self._kind = kind
        self._off_line = any(self._cause())

    def observe(self, t: float) -> None:
        """Speak if it has gone off line."""
        if not self._kind:
            return
        cause = self._cause()
        before, self._off_line = self._off_line, any(cause)
        if self._off_line and not before:
            shown = bytes(_FIXED | byte for byte in cause) if self._kind == 2 else b""
            self._say(_HEAD + shown + b"\x00", t)

    def _cause(self) -> tuple[int, ...]:
        machine = self._machine
        recoverable = machine.cutter_error | machine.jammed << 1
        return machine.failed, 0, recoverable, machine.head_hot, machine.cover_open | stopped_by_paper(machine) << 1
