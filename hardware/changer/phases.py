"""What a change machine's insides can be doing, and what people are told when something happened there."""

from enum import Enum, StrEnum


class Event(StrEnum):
    """Names of the happenings in here, besides those of the faults, which are called as in :class:`Fault`."""

    INSERTED = "cash_inserted"
    COUNTED = "cash_counted"
    REJECTED = "cash_rejected"
    GIVEN_BACK = "cash_given_back"
    """From the path or the entry, uncounted, after a power cut or a repair."""
    STUCK = "cash_stuck"
    """A fault stopped the belts with this piece on its way in."""
    PAYOUT_STARTED = "payout_started"
    PAID = "cash_paid"
    """Has passed the exit sensor."""
    RECOVERED = "cash_recovered"
    """On its way out when the power went; laid into the overflow box afterwards."""
    PAYOUT_ENDED = "payout_ended"
    TAKEN = "exit_taken"
    FIXED = "deposit_fixed"
    CLEARED = "cleared"
    POWER_OFF = "power_off"
    POWER_ON = "power_on"
    READY = "ready"


class Deposit(Enum):
    """How far a deposit is."""

    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"
    FIXING = "fixing"
    """Nothing more goes in; the rest is being counted."""
    FIXED = "fixed"
