"""Who stands at the staff's functions: a login with a PIN, a lock after wrong ones, and an end when nobody does anything.

Five wrong PINs in a row lock a name for a quarter of an hour. Every try is in the journal, synced before the answer, and a
kiosk that was switched off and on reads the lock from there. A name that nobody has is never written down: somebody may have
typed a PIN in its place; all such tries count as one person's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from kiosk.desk import Desk
from kiosk.ledger.entry import Entry, Kind, Row
from kiosk.secrets import SecretError
from kiosk.staffpins import StaffPins

log = structlog.get_logger()

MOST_FAILURES: Final = 5
LOCKED: Final = timedelta(minutes=15)
IDLE: Final = timedelta(seconds=120)
"""After so long without a word, whoever was logged in is no more."""
MOST_PERSONS: Final = 2
ROWS_BACK: Final = 2000
"""Where a lock is looked for after a start: more rows than a kiosk writes in a quarter of an hour."""

STRANGER: Final = ""
"""Under which tries with names that nobody has are counted."""


class NotAllowed(ValueError):
    """Nobody is logged in, or nobody can be now; the text says what to do."""


@dataclass
class _Tries:
    failures: int = 0
    last: datetime | None = None


class StaffLogin:
    """The doorkeeper of one till's staff functions."""

    def __init__(self, desk: Desk, pins: StaffPins) -> None:
        self._desk = desk
        self._pins = pins
        self._tries: dict[str, _Tries] = {}
        self._persons: list[str] = []
        self._last_word: datetime | None = None
        journal = desk.around.journal
        self._remember(journal.rows(after=max(journal.head.seq - ROWS_BACK, 0)))

    def persons(self) -> tuple[str, ...]:
        """Return who is logged in; with this they have done something. Raises NotAllowed when nobody is."""
        now = self._desk.around.calendar.now()
        if self._persons and self._last_word is not None and not timedelta(0) <= now - self._last_word < IDLE:
            self.leave()
        if not self._persons:
            raise NotAllowed(self.closed_because())
        self._last_word = now
        return tuple(self._persons)

    def closed_because(self) -> str:
        """Say why nothing can be done before a login."""
        try:
            names = self._pins.names()
        except SecretError as error:
            return f"staff functions are shut: {error}"
        if not names:
            return "staff functions are shut: nobody has a PIN yet. Set one in another shell: kiosk staff-pin set NAME"
        return "log in first: staff login NAME"

    def enter(self, name: str, pin: str) -> tuple[str, ...]:
        """Log somebody in, as the second person when one is there; return who is there now. Raises NotAllowed."""
        now = self._desk.around.calendar.now()
        try:
            names = self._pins.names()
            if not names:
                raise NotAllowed(self.closed_because())
            known = name if name in names else STRANGER
            if (left := self._locked_for(known, now)) is not None:
                raise NotAllowed(f"locked after {MOST_FAILURES} wrong PINs, for {_minutes(left)} more")
            fits = self._pins.fits(name, pin)
        except SecretError as error:
            raise NotAllowed(f"staff functions are shut: {error}") from error
        if not fits:
            raise self._failed(known, now)
        if not self._desk.append(_row("login", name)):
            raise NotAllowed("the journal cannot be written")
        self._tries.pop(known, None)
        if self._last_word is not None and now - self._last_word >= IDLE:
            self._persons = []
        self._persons = [*(person for person in self._persons if person != name), name][-MOST_PERSONS:]
        self._last_word = now
        return tuple(self._persons)

    def leave(self) -> None:
        """Log everybody out."""
        if self._persons:
            self._desk.append(_row("logout", " ".join(self._persons)))
        self._persons, self._last_word = [], None

    def _failed(self, known: str, now: datetime) -> NotAllowed:
        tries = self._tries.setdefault(known, _Tries())
        tries.failures, tries.last = tries.failures + 1, now
        locks = tries.failures >= MOST_FAILURES
        self._desk.append(_row("locked" if locks else "refused", known))
        log.warning("staff login refused", locks=locks)
        if locks:
            return NotAllowed(f"wrong name or PIN, for the {MOST_FAILURES}th time: locked for {_minutes(LOCKED)}")
        return NotAllowed("wrong name or PIN")

    def _locked_for(self, known: str, now: datetime) -> timedelta | None:
        """Return how long a name stays locked, None when it is not. A clock that was set back never makes it longer."""
        tries = self._tries.get(known)
        if tries is None or tries.last is None:
            return None
        tries.last = min(tries.last, now)
        left = tries.last + LOCKED - now
        if left <= timedelta(0):
            del self._tries[known]
            return None
        return left if tries.failures >= MOST_FAILURES else None

    def _remember(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row.kind != Kind.STAFF:
                continue
            body: dict[str, Any] = dict(row.body)
            match body["what"]:
                case "refused" | "locked":
                    tries = self._tries.setdefault(body["who"], _Tries())
                    tries.failures, tries.last = tries.failures + 1, row.at
                case "login":
                    self._tries.pop(body["who"], None)


def _row(what: str, who: str) -> Entry:
    return Entry(Kind.STAFF, "", {"what": what, "who": who})


def _minutes(time: timedelta) -> str:
    minutes = -(-int(time.total_seconds()) // 60)
    return f"{minutes} minute{'s' * (minutes != 1)}"
