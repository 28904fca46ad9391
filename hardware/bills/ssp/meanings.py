"""What SSP codes mean in the words that all protocols share."""

from hardware.bills.ssp.commands import Reject
from hardware.bills.ssp.events import EventCode
from hardware.vocabulary import Fault, RefuseReason

REFUSE_REASONS: dict[int, RefuseReason] = {
    Reject.LENGTH: RefuseReason.LENGTH,
    Reject.AVERAGE: RefuseReason.UNREADABLE,
    Reject.COASTLINE: RefuseReason.NOT_GENUINE,
    Reject.GRAPH: RefuseReason.NOT_GENUINE,
    Reject.BURIED: RefuseReason.INSERTION,
    Reject.CHANNEL_INHIBIT: RefuseReason.INHIBITED,
    Reject.SECOND_NOTE: RefuseReason.MULTIPLE,
    Reject.CROSS_CHANNEL: RefuseReason.UNREADABLE,
    Reject.REAR_SENSOR: RefuseReason.TRANSPORT,
    Reject.TOO_LONG: RefuseReason.LENGTH,
    Reject.DISABLED_BY_HOST: RefuseReason.INHIBITED,
    Reject.SLOW_MECHANISM: RefuseReason.TRANSPORT,
    Reject.FRAUD_CHANNEL: RefuseReason.NOT_GENUINE,
    Reject.NO_NOTE: RefuseReason.INSERTION,
    Reject.PEAK_DETECT: RefuseReason.NOT_GENUINE,
    Reject.TWISTED: RefuseReason.INSERTION,
    Reject.BARCODE: RefuseReason.UNREADABLE,
    Reject.NO_CAM: RefuseReason.TRANSPORT,
    Reject.LENS_OVERSAMPLE: RefuseReason.UNREADABLE,
    Reject.WIDTH: RefuseReason.LENGTH,
    Reject.SHORT: RefuseReason.LENGTH,
    Reject.PAYOUT_NOTE: RefuseReason.TRANSPORT,
    Reject.DOUBLE_NOTE: RefuseReason.MULTIPLE,
    Reject.UNABLE_TO_STACK: RefuseReason.TRANSPORT,
}
"""Last reject codes. The names are the protocol's; which of our few reasons each comes under is our reading of them [U]."""

GIVEN_BACK = frozenset({Reject.BY_HOST, Reject.ESCROW_TIMEOUT})
"""The note had been read and waited in escrow: it was returned, not refused."""

FAULTS: dict[int, Fault] = {
    EventCode.UNSAFE_JAM: Fault.JAM_IN_ACCEPTOR,
    EventCode.SAFE_JAM: Fault.JAM,
    EventCode.STACKER_FULL: Fault.STACKER_FULL,
    EventCode.CASHBOX_REMOVED: Fault.STACKER_OPEN,
}
"""Events that are troubles. A jam that can be reached from the front is in the acceptor; where one is that cannot be reached,
the protocol does not say."""

JAMS = frozenset({EventCode.UNSAFE_JAM, EventCode.SAFE_JAM})

MOTION = frozenset(
    {
        EventCode.READ,
        EventCode.STACKING,
        EventCode.STACKED,
        EventCode.STORED_IN_PAYOUT,
        EventCode.CREDIT,
        EventCode.REJECTING,
        EventCode.REJECTED,
        EventCode.CLEARED_FROM_FRONT,
        EventCode.CLEARED_INTO_CASHBOX,
        EventCode.NOTE_INTO_STACKER_AT_RESET,
        EventCode.NOTE_INTO_STORE_AT_RESET,
        EventCode.NOTE_DISPENSED_AT_RESET,
        EventCode.INITIALISING,
        EventCode.FRAUD_ATTEMPT,
    }
)
"""A poll that brought one of these does not show a unit at rest."""

QUIET = frozenset({EventCode.DISABLED, EventCode.CHANNELS_INHIBITED})
"""All that a unit at rest may say poll after poll without telling anything new."""

ACKNOWLEDGED = frozenset(
    {
        EventCode.CREDIT,
        EventCode.FRAUD_ATTEMPT,
        EventCode.CLEARED_FROM_FRONT,
        EventCode.CLEARED_INTO_CASHBOX,
        EventCode.NOTE_INTO_STACKER_AT_RESET,
        EventCode.NOTE_INTO_STORE_AT_RESET,
        EventCode.NOTE_DISPENSED_AT_RESET,
        EventCode.MOVED_TO_STACKER,
        EventCode.STORED_IN_PAYOUT,
        EventCode.STACKED,
        EventCode.REJECTED,
        EventCode.COIN_CREDIT,
        EventCode.DISPENSED,
        EventCode.CASHBOX_PAID,
        EventCode.INCOMPLETE_PAYOUT,
        EventCode.INCOMPLETE_FLOAT,
        EventCode.FLOATED,
        EventCode.EMPTIED,
        EventCode.SMART_EMPTIED,
        EventCode.HALTED,
        EventCode.ERROR_DURING_PAYOUT,
    }
)
"""Events after which EVENT ACK is said. Which of them a unit repeats until then the reference leaves open but for "money
events"; an EVENT ACK with nothing to acknowledge is refused and does no harm [U]."""
