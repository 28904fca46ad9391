"""The dialect of kiosk printers with a presenter, as the printer speaks it: full status, ejector, paper length.

Bits and commands as in :mod:`hardware.printers.escpos.ejector` [D]. Not answered, as no source gives their layout: printer ID
(``DLE EOT 21``) and extended status (22). Notches, the virtual paper end's tolerance and logos are not modelled.
"""

from collections.abc import Callable

from hardware.printers.escpos import ejector
from hardware.printers.escpos.ejector import (
    EjectorBits,
    FullStatus,
    KioskPaperBits,
    KioskRecoverableBits,
    KioskUnrecoverableBits,
    KioskUserBits,
    PrintBits,
)
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Mark, Retract
from hardware.printers.presenter import Moving, Presenter

_AUTOMATIC = 0x0F
"""Selectable bytes that are modelled; 4 and 5 are "info" bytes without a public layout."""
_MOST_RECOVERY_MM = 26


class KioskFace:
    """What is said of machine and presenter, and what the host can ask of them."""

    def __init__(
        self,
        machine: PrinterMechanism,
        presenter: Presenter | None,
        step_mm: float,
        say: Callable[[bytes, float], None],
        collect: Callable[[], None],
    ) -> None:
        """``collect`` gives the presenter what has been cut off by now."""
        self._machine, self._presenter, self._say = machine, presenter, say
        self._collect = collect
        self._step_mm = step_mm
        self._automatic = 0
        self._virtual_end_mm = 0.0
        self._last = self.full_status()

    def power_on(self) -> None:
        """Forget what the host had set."""
        self._automatic = 0

    def full_status(self) -> FullStatus:
        """Return the full status of this moment."""
        machine, presenter = self._machine, self._presenter
        paper = KioskPaperBits.END if machine.paper_out else KioskPaperBits(0)
        paper |= KioskPaperBits.NEAR_END if machine.paper_low else 0
        paper |= KioskPaperBits.TICKET_IN_OUTPUT if presenter is not None and presenter.occupied else 0
        paper |= KioskPaperBits.VIRTUAL_END if self._left_mm() < 10 else 0
        user = KioskUserBits.COVER_OPEN | KioskUserBits.HEAD_UP if machine.cover_open else KioskUserBits(0)
        user |= KioskUserBits.DRAG_MOTOR if self._printing() else 0
        user |= KioskUserBits.LF_KEY if machine.feed_pressed else 0
        recoverable = KioskRecoverableBits.HEAD_TEMPERATURE if machine.head_hot else KioskRecoverableBits(0)
        recoverable |= KioskRecoverableBits.PAPER_JAM if self._jammed() else 0
        unrecoverable = KioskUnrecoverableBits.CUTTER if machine.cutter_error else KioskUnrecoverableBits(0)
        unrecoverable |= KioskUnrecoverableBits.EEPROM if machine.failed else 0
        return FullStatus(paper, user, recoverable, unrecoverable)

    def real_time(self, sequence: bytes) -> bytes | None:
        """Return the answer to a real-time question of this dialect, or None where there is none."""
        if sequence == ejector.FULL_STATUS:
            return self.full_status().encode()
        if sequence == ejector.PRINT_STATUS:
            bits = PrintBits.NO_PAPER if self._machine.paper_out else PrintBits(0)
            bits |= PrintBits.DRAG_MOTOR if self._printing() else 0
            return bytes((ejector.PRINT_FIXED | bits,))
        return None

    def observe(self, t: float) -> None:
        """Send the selected bytes when one of their bits has changed."""
        if not self._automatic:
            return
        now = self.full_status()
        before, self._last = self._last, now
        if before.selected(self._automatic) != now.selected(self._automatic):
            self._say(now.selected(self._automatic), t)

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {
            ejector.EJECTOR: self._eject,
            ejector.AUTOMATIC_FULL_STATUS: self._select,
            ejector.PAPER_LEFT: self._tell_length,
            ejector.VIRTUAL_END: self._set_virtual_end,
            ejector.PAPER_RECOVERY: self._recover_paper,
        }

    # --- inside ---

    def _printing(self) -> bool:
        return not self._machine.idle and not self._machine.stopped

    def _jammed(self) -> bool:
        return self._machine.jammed or (self._presenter is not None and self._presenter.jammed)

    def _left_mm(self) -> float:
        return self._machine.paper_mm - self._virtual_end_mm

    def _eject(self, args: bytes, t: float) -> bool:
        presenter, function = self._presenter, args[0]
        if presenter is None or function not in (2, 3, 5, 6):
            return False
        if function == 6:
            act: Callable[[float], object] = self._tell_ejector
        elif function == 3:
            shown_mm = args[1] * self._step_mm
            act = lambda when: presenter.present(shown_mm, when)  # noqa: E731
        else:
            act = presenter.retract if function == 2 else presenter.eject
        self._machine.add(Mark(lambda when: self._do(act, when)), t)  # in sequence: the ticket must have been cut
        return True

    def _tell_ejector(self, t: float) -> None:
        presenter, machine = self._presenter, self._machine
        assert presenter is not None
        bits = EjectorBits.NEAR_END if machine.paper_low else EjectorBits(0)
        bits |= EjectorBits.NO_PAPER if machine.paper_out else 0
        bits |= EjectorBits.TICKET_AT_MOUTH if presenter.at_mouth else 0
        bits |= EjectorBits.PRINTER_MOTOR if self._printing() else 0
        bits |= EjectorBits.EJECTOR_MOTOR if presenter.moving is not Moving.NO else 0
        bits |= EjectorBits.ERROR if machine.cutter_error or machine.failed or machine.head_hot else 0
        bits |= EjectorBits.JAM if self._jammed() else 0
        self._say(bytes((bits,)), t)

    def _select(self, args: bytes, t: float) -> bool:
        self._automatic = args[0] & _AUTOMATIC
        self._last = self.full_status()
        return True

    def _tell_length(self, args: bytes, t: float) -> bool:
        self._say(f"{max(0, int(self._left_mm() / 10))}cm".encode(), t)
        return True

    def _set_virtual_end(self, args: bytes, t: float) -> bool:
        self._virtual_end_mm = 10.0 * int.from_bytes(args, "little")
        return True

    def _recover_paper(self, args: bytes, t: float) -> bool:
        if args[0] > _MOST_RECOVERY_MM:
            return False
        self._machine.add(Retract(self._machine.geometry.rows(args[0])), t)
        return True

    def _do(self, act: Callable[[float], object], t: float) -> None:
        self._collect()
        act(t)
