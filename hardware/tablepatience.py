"""Patience with a polled device that does not tell its table of values. Money whose worth nobody knows is not let in."""

from hardware.vocabulary import Fault

TABLE_TRIES = 3
"""Table reads in vain before it is a fault."""
TABLE_PAUSE_S = 2.0
"""How long the device is then left alone before it is asked again, for a protocol whose reads are long or hold up the rest."""


class TablePatience:
    """Counts the reads in vain. Times are those of the loop's clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._not_before_s = 0.0

    @property
    def faults(self) -> frozenset[Fault]:
        """UNKNOWN_TABLE after :data:`TABLE_TRIES` reads in vain, and nothing else ever."""
        return frozenset({Fault.UNKNOWN_TABLE}) if self._failures >= TABLE_TRIES else frozenset()

    def is_due(self, now_s: float) -> bool:
        """Tell whether the table may be read now."""
        return now_s >= self._not_before_s

    def failed(self, now_s: float) -> None:
        """The table did not come, or could not be used; the pause counts from ``now_s``."""
        self._failures += 1
        if self._failures >= TABLE_TRIES:
            self._not_before_s = now_s + TABLE_PAUSE_S

    def over(self) -> None:
        """The table is known, or it may be another device's next time."""
        self._failures, self._not_before_s = 0, 0.0
