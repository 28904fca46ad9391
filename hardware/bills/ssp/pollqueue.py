"""What an emulated SSP unit has to tell at the next poll: events that happened once, as opposed to states that last.

A plain POLL takes them away. POLL WITH ACK leaves those about money standing until EVENT ACK, and only those are then
cleared that the host has really been told [V]. Which events count as money beyond the credit is [U].
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hardware.bills.ssp.events import EventCode

MONEY = frozenset(
    {
        EventCode.CREDIT,
        EventCode.CLEARED_FROM_FRONT,
        EventCode.CLEARED_INTO_CASHBOX,
        EventCode.FRAUD_ATTEMPT,
        EventCode.NOTE_INTO_STACKER_AT_RESET,
        EventCode.NOTE_INTO_STORE_AT_RESET,
        EventCode.NOTE_DISPENSED_AT_RESET,
    }
)
"""Events that POLL WITH ACK repeats until EVENT ACK."""
FORMER_LIFE = frozenset({EventCode.CLEARED_FROM_FRONT, EventCode.CLEARED_INTO_CASHBOX, EventCode.NOTE_INTO_STACKER_AT_RESET})
"""Told about notes of the time before a power cut; not told yet, they outlive another one [U]."""
MOST_AT_ONCE = 16
"""So many events go into one packet, the rest waits: no packet carries more than 255 bytes."""


@dataclass
class Waiting:
    """One event on its way to the host. Mutable: it is told."""

    code: EventCode
    channel: int | None = None
    """None for an event without one."""
    serial: int = 0
    """Which note it is about, or 0."""
    told: bool = False
    """A POLL WITH ACK has carried it."""


class PollQueue:
    """Events in the order in which they happened."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []

    def add(self, code: EventCode, channel: int | None = None, serial: int = 0) -> None:
        """Tell this at the next poll."""
        self._waiting.append(Waiting(code, channel, serial))

    def take(self, render: Callable[[Waiting], bytes], *, with_ack: bool) -> bytes:
        """Return what goes into this poll's reply, and forget what need not be repeated."""
        now, later = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        kept = [waiting for waiting in now if waiting.code in MONEY] if with_ack else []
        for waiting in kept:
            waiting.told = True
        self._waiting = kept + later
        return b"".join(map(render, now))

    def acknowledge(self) -> bool:
        """The host has heard; return False when it had not been told anything that wants an acknowledgement."""
        unheard = [waiting for waiting in self._waiting if not waiting.told]
        heard = len(unheard) < len(self._waiting)
        self._waiting = unheard
        return heard

    @property
    def money_waits(self) -> bool:
        """Whether anything about money is not told, or told and not acknowledged."""
        return any(waiting.code in MONEY for waiting in self._waiting)

    def has(self, code: EventCode, serial: int | None = None) -> bool:
        """Return whether such an event (of that note) waits."""
        return any(waiting.code is code and serial in (None, waiting.serial) for waiting in self._waiting)

    def forget_credit(self, serial: int) -> None:
        """Say nothing of a credit: the note has come out again and the host has not heard of it."""
        self._waiting = [w for w in self._waiting if w.told or w.serial != serial or w.code is not EventCode.CREDIT]

    def state(self, inside: int) -> list[list[Any]]:
        """Return what waits, for JSON, each with whether it is about the note with the serial number ``inside``."""
        return [[int(w.code), w.channel, bool(inside) and w.serial == inside, w.told] for w in self._waiting]

    def restore(self, state: list[list[Any]], inside: int) -> None:
        """Take up what :meth:`state` of a former life returned; the note inside may have another serial number now."""
        self._waiting = [
            Waiting(EventCode(code), channel, inside if is_it else 0, told) for code, channel, is_it, told in state
        ]

    def restart(self, in_stacker: int, into_cashbox: EventCode) -> None:
        """The unit has restarted. What it said may never have been heard; what is known of money outlives that [U].

        A credit that was not told, or told and not acknowledged, becomes ``into_cashbox``; that of the note with the serial
        ``in_stacker`` does so only when that note arrives in the box.
        """
        survivors = [Waiting(EventCode.SLAVE_RESET)]
        for waiting in self._waiting:
            if waiting.code in FORMER_LIFE:
                survivors.append(Waiting(waiting.code, waiting.channel, waiting.serial))
            elif waiting.code is EventCode.CREDIT and waiting.serial != in_stacker:
                survivors.append(Waiting(into_cashbox, waiting.channel, waiting.serial))
        self._waiting = survivors
