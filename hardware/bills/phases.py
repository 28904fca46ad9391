"""What a bill acceptor's insides can be doing, and what people are told when something happened there."""

from enum import Enum, StrEnum


class Phase(Enum):
    """What the motors are doing."""

    REST = "rest"
    """Nothing moves. A note may lie inside: after power-up, or after a halt, nobody has ordered anything about it."""
    DRAWING = "drawing"
    REJECTING = "rejecting"
    ESCROW = "escrow"
    RETURNING = "returning"
    STACKING = "stacking"
    """From escrow to the stacker lever."""
    PRESSING = "pressing"
    """From the stacker lever into the box."""


class Event(StrEnum):
    """Names of the happenings in here, besides those of the faults, which are called as in :class:`Fault`."""

    NOTE_INSERTED = "note_inserted"
    NOTE_DRAWN = "note_drawn"
    NOTE_IN_ESCROW = "note_in_escrow"
    NOTE_REFUSED = "note_refused"
    """Judged bad and on its way back; ``note_returned`` follows when the customer has it."""
    NOTE_STACKING = "note_stacking"
    NOTE_AT_LEVER = "note_at_lever"
    NOTE_STACKED = "note_stacked"
    """Physically in the cash box."""
    NOTE_RETURNED = "note_returned"
    """In the customer's hand again, by the rollers."""
    NOTE_AT_BEZEL = "note_at_bezel"
    """Given back, but nobody takes it: it sticks out of the slot and holds the unit up."""
    NOTE_PULLED = "note_pulled"
    """In the customer's hand again, by fingers or string."""
    NOTE_TAKEN_BY_STAFF = "note_taken_by_staff"
    CASHBOX_OPENED = "cashbox_opened"
    CASHBOX_CLOSED = "cashbox_closed"
    CASHBOX_EMPTIED = "cashbox_emptied"
    CASHBOX_NEAR_FULL = "cashbox_near_full"
    CASHBOX_FULL = "cashbox_full"
    CLEARED = "cleared"
    POWER_OFF = "power_off"
    POWER_ON = "power_on"
