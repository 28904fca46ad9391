"""The till's clerk for staff's papers: announced in the journal like any print, one at a time, and told how they ended."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from hardware.printers.printer import Document
from hardware.vocabulary import JobOutcome
from kiosk.desk import Desk
from kiosk.ledger.entry import Entry, Kind
from kiosk.paperclerk import PaperClerk

log = structlog.get_logger()

READY_S = 20
"""How long a paper waits for a printer that cannot print."""


class ReportClerk:
    """Prints reports and slips for the staff of one till."""

    def __init__(self, desk: Desk, paper: PaperClerk, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self._desk = desk
        self._paper = paper
        self._spawn = spawn
        self.on_news: Callable[[str], None] = lambda news: None
        """Hears, in words for staff, what became of a paper."""

    def intent(self, report: str, number: int | str) -> Entry:
        """Return the row that announces a paper, for the commit that gives reason for it."""
        name = f"report.{self._desk.around.journal.head.seq}"
        return Entry(Kind.INTENT, "", {"intent": name, "action": "report", "report": report, "number": number})

    def print(self, intent: Entry, document: Document) -> None:
        """Print what was announced; how that ends is written down and told."""
        self._spawn(self._print(intent, document))

    async def _print(self, intent: Entry, document: Document) -> None:
        outcome = await self._print_when_ready(document)
        told = outcome.value
        self._desk.append(Entry(Kind.RESULT, "", {"intent": intent.body["intent"], "outcome": told}))
        what = f"{intent.body['report']} {intent.body['number']}".strip()
        log.info("report", what=what, outcome=told)
        self.on_news(f"{what}: {told}" if outcome.came_out else f"{what}: NOT PRINTED ({told})")

    async def _print_when_ready(self, document: Document) -> JobOutcome:
        """Print, unless the printer is not able to within :data:`READY_S`: it may just be coming up, as the kiosk is."""
        for _ in range(READY_S):
            if self._desk.around.printer.status.can_print:
                return await self._paper.print_for_staff(document)
            await asyncio.sleep(1.0)
        return JobOutcome.FAILED
