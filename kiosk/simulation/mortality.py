"""A journal whose program can die at any of its writes: just before it, or right after, when nobody has heard of it yet."""

from collections.abc import Callable
from datetime import datetime

from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal, JournalError


class Killed(BaseException):
    """The kiosk's program is gone, in the middle of whatever it did. No part of it may catch this."""


class MortalJournal(Journal):
    """The production journal with somebody at its elbow."""

    before_write: Callable[[tuple[Entry, ...]], None] | None = None
    """Called with what is about to be written; may raise :class:`Killed`."""
    after_write: Callable[[tuple[Entry, ...]], None] | None = None
    """Called with what has been written; may raise :class:`Killed`."""
    on_failure: Callable[[], None] | None = None
    """Called when a write has failed; may raise :class:`Killed`: who dies in the middle of it does not hear that it failed."""

    def append(self, at: datetime, *entries: Entry) -> list[int]:
        if self.before_write is not None:
            self.before_write(entries)
        try:
            seqs = super().append(at, *entries)
        except JournalError:
            if self.on_failure is not None:
                self.on_failure()
            raise
        if self.after_write is not None:
            self.after_write(entries)
        return seqs
