"""Store and forward: visits whose customer has left and whose carrier has not said yet what became of the top-up.

Neither refunded nor repeated blindly: the carrier is asked by our reference, less and less often, until it says. The settlement
file of the day says it at the latest (:mod:`kiosk.settlements`). Whichever speaks first is booked, once.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from random import Random
from typing import Any, Literal

import structlog

from kiosk.books import sold
from kiosk.desk import Desk
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.record import intent_id
from kiosk.recovery import Parked
from kiosk.topup.gateway import client_ref

log = structlog.get_logger()

FIRST_S = 30.0
MOST_S = 1800.0
"""Between two questions: twice as long each time, up to half an hour."""

SPREAD = 0.2
"""By this part a wait is shorter or longer, so that a thousand kiosks do not ask a carrier that is back all at once."""

Word = Literal["carrier", "settlement", "staff"]
"""Whose word it was."""


def waits(jitter: Random, first_s: float = FIRST_S, most_s: float = MOST_S) -> Iterator[float]:
    """Yield how long to wait before each try, without end."""
    wait_s = first_s
    while True:
        yield wait_s * jitter.uniform(1 - SPREAD, 1 + SPREAD)
        wait_s = min(2 * wait_s, most_s)


class Investigations:
    """Every visit of one till that is under investigation."""

    def __init__(self, desk: Desk, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        self._desk = desk
        self._spawn = spawn
        self._open: dict[str, Parked] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    @property
    def open(self) -> Mapping[str, Parked]:
        """What nobody has spoken about yet, by transaction number."""
        return self._open

    def take(self, parked: Parked) -> None:
        """Begin to ask about a visit that is parked in the journal."""
        reference = client_ref(self._desk.around.kiosk_id, parked.state.visit)
        self._open[reference] = parked
        self._asking[reference] = self._spawn(self._ask(reference, parked))

    def entries(self, reference: str, *, completed: bool, by: Word) -> tuple[Entry, ...]:
        """Return the rows that put an open visit to rest: sold, or owed on a slip. Raises KeyError for one that is not open."""
        parked = self._open[reference]
        visit, commit = str(parked.state.visit), parked.commit
        outcome = "completed" if completed else "declined"
        legs = accounts.owed(commit.yen) if commit.yen and not completed else ()
        body = {"intent": intent_id(parked.state.visit, commit.id), "outcome": outcome, "by": by}
        sale = (sold(parked.state),) if completed else ()
        return (Entry(Kind.RESULT, visit, body, legs), *sale, Entry(Kind.ENDED, visit, {}))

    def close(self, reference: str) -> None:
        """Its rows are written: ask no more."""
        del self._open[reference]
        task = self._asking.pop(reference)
        if task is not asyncio.current_task():
            task.cancel()

    async def _ask(self, reference: str, parked: Parked) -> None:
        commit, around = parked.commit, self._desk.around
        for wait_s in waits(around.jitter):
            await asyncio.sleep(wait_s)
            ended = await around.errands.ask_about(commit.topup, reference, commit.yen)
            if ended is None:
                continue
            log.info("investigation ended", reference=reference, outcome=ended.outcome)
            if self._desk.append(*self.entries(reference, completed=ended.outcome == "completed", by="carrier")):
                self.close(reference)
            return
