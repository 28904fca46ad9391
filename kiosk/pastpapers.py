"""Receipts of visits that are over: which there are, which of them nobody can vouch for, and one printed again at the desk.

A print at the desk is in the journal like any other, as intent and result, under the kiosk and no visit: the visit is at rest.
It goes on with the visit's own count of copies, so that no two papers bear the same mark, and with its date of issue.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from kiosk.desk import Desk
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind, Row
from kiosk.paperclerk import PaperClerk
from kiosk.recovery import retell
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State, sells_paper
from kiosk.topup.gateway import client_ref

log = structlog.get_logger()

DOUBT_DAYS: Final = 7
"""For how long a receipt in doubt is listed; an older one can still be asked for by its number."""
_DOUBTFUL: Final = ("printing", "failed", "unknown", "left")


class NoReprint(ValueError):
    """This paper cannot be printed again, or not now; the text says why."""


@dataclass(frozen=True)
class PastPaper:
    """The paper of one visit."""

    state: State
    """The visit when its paper was last spoken of."""
    issued_at: datetime
    again: int
    """How often it was sent to the printer at the desk."""
    outcome: str
    """How the last print ended; ``failed`` too when there was none, ``printing`` while nobody knows yet."""

    @property
    def copy(self) -> int:
        """The number that the next copy is marked with."""
        return self.state.copies + self.again

    @property
    def in_doubt(self) -> bool:
        """Whether the customer may be without it."""
        return self.outcome in _DOUBTFUL

    @property
    def yen(self) -> int:
        """The sum that the paper is about."""
        if self.state.receipt_kind == "owed":
            return self.state.owed_yen
        return self.state.price_yen


def past_paper(shop: Shop, story: Iterable[Row], desk: Iterable[Row]) -> PastPaper | None:
    """Read a visit's paper out of its own rows and those of the ``desk``; None when it left none."""
    last: State | None = None
    issued_at: datetime | None = None
    for row, state in retell(shop, story):
        if state.has_paper:
            last, issued_at = state, issued_at or row.at
    if last is None or issued_at is None:
        return None
    outcome, again, name = last.receipt, 0, ""
    for row in desk:
        if row.kind == Kind.INTENT and (row.body.get("action"), row.body.get("visit")) == ("reprint", last.visit):
            outcome, again, name = "printing", again + 1, row.body["intent"]
        elif row.kind == Kind.RESULT and row.body["intent"] == name:
            outcome = row.body["outcome"]
    return PastPaper(last, issued_at, again, outcome)


class PastPapers:
    """The receipts of one till's former visits."""

    def __init__(self, desk: Desk, clerk: PaperClerk, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self._desk = desk
        self._clerk = clerk
        self._spawn = spawn
        self._printing = False
        self.on_news: Callable[[str], None] = lambda news: None
        """Hears, in words for staff, what becomes of a paper that is printed again."""

    def resolve(self, intents: Iterable[str]) -> None:
        """After a restart: what a former life was printing, nobody can speak for."""
        for name in intents:
            self._desk.append(_result(name, "unknown"))

    def find(self, visit: int) -> PastPaper:
        """Return the paper of a visit that is over. Raises NoReprint when there is none."""
        around, state = self._desk.around, self._desk.state
        if visit == state.visit and not self._at_rest:
            raise NoReprint("that visit is not over")
        past = past_paper(around.shop, around.journal.rows(visit=str(visit)), self._desk_rows())
        if past is None:
            raise NoReprint(f"{client_ref(around.kiosk_id, visit)} left no receipt in this journal")
        return past

    async def listing(self) -> list[PastPaper]:
        """Return today's papers, and those in doubt of the last week; the latest first. Long work, done in small steps."""
        around = self._desk.around
        now, desk = around.calendar.now(), list(self._desk_rows())
        found = []
        for visit in range(self._desk.state.visit - (0 if self._at_rest else 1), 0, -1):
            await asyncio.sleep(0)
            story = list(around.journal.rows(visit=str(visit)))
            if story and story[0].at < now - timedelta(days=DOUBT_DAYS):
                break
            past = past_paper(around.shop, story, desk)
            if past is not None and (past.in_doubt or past.issued_at.date() == now.date()):
                found.append(past)
        return found

    def print_again(self, visit: int, by: Sequence[str]) -> PastPaper:
        """Print a paper again, marked as such; ``on_news`` hears how that ends. Raises NoReprint when it cannot be, and why.

        ``by``: who of the staff asked for it.
        """
        past = self.find(visit)
        if self._printing or not self._at_rest:
            raise NoReprint("the printer is wanted by a customer" if not self._printing else "the paper before is not out yet")
        printer = self._desk.around.printer.status
        if not printer.can_print or printer.held_up:
            raise NoReprint("the printer cannot print now")
        if past.state.receipt_kind == "receipt" and sells_paper(past.state) and not past.in_doubt:
            raise NoReprint("its PIN came out on paper, and must not be on a second one")
        if past.state.receipt_kind == "owed" and not self._desk.around.journal.balances(str(visit))[accounts.OWED]:
            raise NoReprint("what it promises was paid: nothing is owed on it any more")
        name = f"{visit}.again.{past.again + 1}"
        body = {"intent": name, "action": "reprint", "visit": visit, "copy": past.copy, "by": list(by)}
        if not self._desk.append(Entry(Kind.INTENT, "", body)):
            raise NoReprint("the journal cannot be written")
        self._printing = True
        self._spawn(self._print(past, name))
        return past

    async def _print(self, past: PastPaper, name: str) -> None:
        reference = client_ref(self._desk.around.kiosk_id, past.state.visit)

        def tell(outcome: str) -> None:
            self._desk.append(_result(name, outcome))
            log.info("printed again", reference=reference, copy=past.copy, outcome=outcome)
            self.on_news(f"receipt {reference}, copy {past.copy}: {outcome}")

        try:
            await self._clerk.make(past.state, past.state.receipt_kind, past.copy, past.issued_at, tell)
        finally:
            self._printing = False

    @property
    def _at_rest(self) -> bool:
        return self._desk.state.phase in (Phase.ATTRACT, Phase.OUT_OF_SERVICE)

    def _desk_rows(self) -> Iterable[Row]:
        return (row for row in self._desk.around.journal.rows(visit="") if row.kind in (Kind.INTENT, Kind.RESULT))


def _result(name: str, outcome: str) -> Entry:
    return Entry(Kind.RESULT, "", {"intent": name, "outcome": outcome})
