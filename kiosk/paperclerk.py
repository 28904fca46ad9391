"""The till's clerk for paper: one print at a time, and what became of it told in the three words a visit knows.

The intent is in the journal before the first byte, the result before anybody is told. What nobody can speak for is
``unknown``, is never printed again by itself without its mark, and after a restart is not asked about: a printer keeps no
record of what it printed for whom.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final, Literal

from hardware.printers.printer import ReceiptPrinter
from hardware.vocabulary import JobOutcome
from kiosk.receipts.paper import PaperMaker
from kiosk.receipts.voucher import Voucher
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.state import State
from kiosk.topup.gateway import client_ref

PRINT_AGAIN_S: Final = 10.0
"""After a receipt that did not come out: by then a printer that is really gone has been found silent."""


def told(outcome: JobOutcome) -> Literal["printed", "failed", "unknown"]:
    """Return what a visit is told of a job. Printed, presented or taken: it came out."""
    if outcome.came_out:
        return "printed"
    return "failed" if outcome is JobOutcome.FAILED else "unknown"


class PaperClerk:
    """Prints the papers of one till's visits."""

    def __init__(
        self,
        printer: ReceiptPrinter,
        paper: PaperMaker,
        kiosk_id: str,
        now: Callable[[], datetime],
        handle: Callable[[ev.Event, int, str], None],
        issued_at: datetime | None,
        voucher: Callable[[str], Awaitable[Voucher | None]],
        discreet: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """``issued_at``: when the open visit's paper was first issued, as far as a former life knew. ``voucher`` asks the
        carrier for a PIN; whatever writes traces keeps quiet while ``discreet()`` is entered.
        """
        self._voucher = voucher
        self._discreet = discreet
        self._printer = printer
        self._paper = paper
        self._kiosk_id = kiosk_id
        self._now = now
        self._handle = handle
        self._issued_at = issued_at
        self._busy = asyncio.Lock()

    def visit_ended(self) -> None:
        """The next paper is another visit's."""
        self._issued_at = None

    def electronic(self, state: State) -> str:
        """Return the visit's paper in short, for a symbol on the screen; empty when paper came out or may still."""
        if state.receipt not in ("failed", "unknown") or not state.visit:
            return ""
        self._issued_at = self._issued_at or self._now()
        reference = client_ref(self._kiosk_id, state.visit)
        return self._paper.brief(state, state.receipt_kind, reference, self._issued_at)

    async def print(self, effect: fx.PrintPaper, state_now: Callable[[], State]) -> None:
        """Print one paper of the visit as it is now, tell how that ended, and try again if the printer was back unnoticed."""
        state = state_now()
        self._issued_at = self._issued_at or self._now()
        reference = client_ref(self._kiosk_id, state.visit)
        async with self._busy:
            outcome = await self._print(state, effect, reference, self._issued_at)
        self._handle(ev.PrintEnded(told(outcome)), effect.id, outcome.value)
        if outcome.came_out:
            return
        await asyncio.sleep(PRINT_AGAIN_S)
        later, able = state_now(), self._printer.status.can_print
        if able and later.visit == state.visit and later.receipt == told(outcome):
            self._handle(ev.DevicesChanged(later.cash_ready, able), 0, "")  # it may have been back before anybody missed it

    async def _print(self, state: State, effect: fx.PrintPaper, reference: str, issued_at: datetime) -> JobOutcome:
        """Make the paper and print it; a PIN is asked for now, is on this paper alone, and is forgotten with it."""
        secret = effect.kind == "receipt" and state.plan is not None and state.plan.product == "PIN"
        voucher = await self._voucher(reference) if secret else None
        with self._discreet() if secret else nullcontext():
            document = self._paper.document(state, effect.kind, effect.copy, reference, issued_at, voucher=voucher)
            return await self._printer.print(document)
