"""Interrupt mode of an emulated ID-003 unit: ENQ, unasked, whenever there is something new to ask for.

[2] that mode 1 says ENQ (05) at each change of status, and that the host answers with STATUS REQUEST (11). [U]: how soon
after the change ENQ comes; that it is repeated until the host asks, and how often; that a VEND VALID or PAY VALID goes on
calling until it is acknowledged; that mode 2, said to call only when the unit needs the host [1], which nobody spells out,
does the same as mode 1.
"""

from hardware.bills.id003.frames import Frame

DELAY_S = 0.02
"""From the change to the first ENQ: behind the answer to whatever the host has just said, as two frames [U]."""


class Interrupts:
    """What the host knows or was called for, and when to call it again. Pure: times are handed in."""

    def __init__(self, repeat_s: float) -> None:
        self._repeat_s = repeat_s
        self._known: Frame | None = None
        self.due_s: float | None = None
        """When ENQ is said again; None while the host knows all."""

    def told(self, status: Frame, now_s: float, *, settled: bool) -> None:
        """The host knows ``status``. Not ``settled``: the unit waits for its ACK."""
        self._known = status
        self.due_s = None if settled else now_s + self._repeat_s

    def calls(self, status: Frame, now_s: float) -> bool:
        """Return whether ENQ is said now that the unit is at ``status``."""
        if status != self._known:
            self._known, self.due_s = status, now_s + DELAY_S
        if self.due_s is None or now_s < self.due_s:
            return False
        self.due_s = now_s + self._repeat_s
        return True
