"""The till's clerk for paper: one print at a time, and what became of it told in the words a visit knows.

The intent is in the journal before the first byte, the result before anybody is told; with a presenter that is two results:
``presented`` as soon as the paper stands at the mouth, then ``taken`` or ``left``. What nobody can speak for is
``unknown``, is never printed again by itself without its mark, and after a restart is not asked about: a printer keeps no
record of what it printed for whom.
"""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Final, Literal

from hardware.printers.printer import Document
from hardware.vocabulary import JobOutcome
from kiosk.desk import Desk
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.state import ReceiptKind, State, sells_paper
from kiosk.topup.gateway import client_ref

PRINT_AGAIN_S: Final = 10.0
"""After a receipt that did not come out: by then a printer that is really gone has been found silent."""

Tell = Callable[[str], None]
"""Hears ``printed``, ``failed`` or ``unknown``; or ``presented``, and later ``taken`` or ``left``."""


def told(outcome: JobOutcome) -> Literal["printed", "presented", "failed", "unknown"]:
    """Return what is told at first of a job that ended so."""
    match outcome:
        case JobOutcome.PRINTED:
            return "printed"
        case JobOutcome.PRESENTED | JobOutcome.TAKEN:
            return "presented"
        case JobOutcome.FAILED:
            return "failed"
    return "unknown"


class PaperClerk:
    """Prints the papers of one till's visits."""

    def __init__(self, desk: Desk, issued_at: datetime | None) -> None:
        """``issued_at``: when the open visit's paper was issued, as far as a former life knew."""
        self._desk = desk
        self._busy = asyncio.Lock()
        self.issued_at = issued_at
        """When the visit's paper was issued, on paper or on the screen only; every later copy says the same. None before."""

    def electronic(self) -> str:
        """Return the visit's paper in short, for a symbol on the screen; empty while paper came out or still may."""
        state = self._desk.state
        if not state.paper_doubtful or self.issued_at is None:
            return ""
        around = self._desk.around
        return around.paper.brief(state, state.receipt_kind, client_ref(around.kiosk_id, state.visit), self.issued_at)

    async def print_for_staff(self, document: Document) -> JobOutcome:
        """Print a paper that is no customer's, after what is being printed now."""
        async with self._busy:
            return await self._desk.around.printer.print(document)

    async def print(self, effect: fx.PrintPaper) -> None:
        """Print one paper of the visit as it is now, tell how that ended, and try again if the printer was back unnoticed."""
        state, issued_at = self._desk.state, self.issued_at
        assert issued_at is not None, "a paper is issued in the step that asks for it"

        def tell(outcome: str) -> None:
            event: ev.Event
            match outcome:
                case "taken" | "left":
                    event = ev.TicketEnded(outcome, effect.id)
                case "printed" | "presented" | "failed":
                    event = ev.PrintEnded(outcome, effect.id)
                case _:
                    event = ev.PrintEnded("unknown", effect.id)
            self._desk.handle(event, effect.id, outcome)

        outcome = await self.make(state, effect.kind, effect.copy, issued_at, tell)
        if outcome.came_out:
            return
        await asyncio.sleep(PRINT_AGAIN_S)
        later, able = self._desk.state, self._desk.around.printer.status.can_print
        if able and later.visit == state.visit and later.receipt == told(outcome):
            # it may have been back before anybody missed it
            self._desk.handle(ev.DevicesChanged(later.cash_ready, able), 0, "")

    async def make(self, state: State, kind: ReceiptKind, copy: int, issued_at: datetime, tell: Tell) -> JobOutcome:
        """Make the paper and print it; a PIN is asked for now, is on this paper alone, and is forgotten with it."""
        around = self._desk.around
        reference = client_ref(around.kiosk_id, state.visit)
        shown = asyncio.Event()

        def presented() -> None:
            shown.set()
            tell("presented")

        async with self._busy:
            secret = kind == "receipt" and sells_paper(state)
            voucher = await around.errands.voucher(reference) if secret else None
            with around.discreet() if secret else nullcontext():
                document = around.paper.document(state, kind, copy, reference, issued_at, voucher=voucher)
                outcome = await around.printer.print(document, presented)
            first = told(outcome)
            if not shown.is_set():
                tell(first)
            if first == "presented":
                tell("taken" if outcome is JobOutcome.TAKEN else "left")
        return outcome
