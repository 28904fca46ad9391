"""What comes off the printer: pieces of paper become receipts, the presenter holds the cut ones, and the world is told."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from hardware.printers.escpos.account import Fates
from hardware.printers.escpos.page import Receipt
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Occurrence, Piece
from hardware.printers.presenter import Place, Presenter, PresenterFigures

KEPT_RECEIPTS: Final = 200
"""Receipts that are remembered; a simulation prints thousands."""
_PLACES: Final[Mapping[str, Place]] = {
    "ticket_presented": "mouth", "ticket_taken": "taken", "ticket_ejected": "ejected", "ticket_retracted": "retracted",
    "ticket_removed": "ejected",
}  # fmt: skip


class Tell(Protocol):
    """Lets the world know."""

    def __call__(
        self, event: str, t: float, data: Mapping[str, Any] | None = None, png: Callable[[], bytes] | None = None
    ) -> None: ...


class Tray:
    """Receipts, oldest first; the last :data:`KEPT_RECEIPTS` of them."""

    def __init__(self, machine: PrinterMechanism, figures: PresenterFigures | None, dots: int, tell: Tell) -> None:
        self.receipts: list[Receipt] = []
        self.presenter = Presenter(figures, self._presenter_told) if figures is not None else None
        self._machine = machine
        self._dots = dots
        self._tell = tell

    def collect(self) -> None:
        """Learn what has happened to the paper."""
        for occurrence in self._machine.take_occurrences():
            if occurrence.piece is None:
                self._tell(occurrence.name, occurrence.t)
            else:
                self._came_off(occurrence, occurrence.piece)

    def _came_off(self, occurrence: Occurrence, piece: Piece) -> None:
        fates = piece.note if isinstance(piece.note, Fates) else Fates()
        receipt = Receipt(piece, self._dots, self._machine.geometry.dpi, fates, occurrence.t)
        self.receipts.append(receipt)
        del self.receipts[:-KEPT_RECEIPTS]
        if self.presenter is not None and "cut" in piece.how:
            receipt.place = "inside"
            self.presenter.accept(piece, occurrence.t)
        data = {
            "text": receipt.text,
            "length_mm": round(receipt.length_mm, 1),
            "qr": list(receipt.qr),
            "unknown": sum(fates.unknown.values()),
            "missing_glyphs": fates.missing_glyphs,
            "bad_pairs": fates.bad_pairs,
        }
        self._tell("receipt_cut" if "cut" in piece.how else "paper_torn", occurrence.t, data, receipt.png)

    def _presenter_told(self, event: str, t: float, piece: Piece | None) -> None:
        place = _PLACES.get(event)
        receipt = next((one for one in reversed(self.receipts) if one.piece is piece), None)
        if receipt is not None and place is not None:
            receipt.place = place
        if event == "presenter_jammed":
            self._machine.jam_paper(t)
        self._tell(event, t, {"receipt": self.receipts.index(receipt)} if receipt is not None else {})
