"""The troubles that a unit's polls have told of and not taken back.

The reference does not say whether a unit tells a trouble at every poll while it lasts or once when it begins, and units may
differ. So both are read: what was told in two polls or more is over as soon as a poll does not tell it; what was told once is
over when the unit says so (cash box replaced, restarted, a note read), or when it has seemed well for :data:`WELL_POLLS`. A
cash box that was told once as removed is out until something says that it is back.
"""

from collections.abc import Set

from hardware.bills.ssp.events import EventCode
from hardware.bills.ssp.meanings import FAULTS
from hardware.vocabulary import Fault

WELL_POLLS = 5


class Troubles:
    """Counts what polls tell."""

    def __init__(self) -> None:
        self._told: dict[int, int] = {}
        """In how many polls each lasting trouble was told."""
        self._well = 0

    @property
    def faults(self) -> frozenset[Fault]:
        """What is wrong now."""
        return frozenset(FAULTS[code] for code in self._told)

    def see(self, codes: Set[int]) -> None:
        """Take the codes of one poll's events."""
        if EventCode.SLAVE_RESET in codes:
            self.clear()
        for code in FAULTS:
            if code in codes:
                self._told[code] = self._told.get(code, 0) + 1
            elif self._told.get(code, 0) >= 2:
                del self._told[code]
        if EventCode.CASHBOX_REPLACED in codes:
            self._told.pop(EventCode.CASHBOX_REMOVED, None)
        if EventCode.READ in codes:
            self._told = {code: times for code, times in self._told.items() if code in codes}
        self._well = 0 if codes & FAULTS.keys() else self._well + 1
        if self._well >= WELL_POLLS:
            self._told = {code: 1 for code in self._told if code == EventCode.CASHBOX_REMOVED}

    def clear(self) -> None:
        """Forget: the unit starts anew."""
        self._told = {}
        self._well = 0
