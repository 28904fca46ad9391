"""Names of states, faults and reasons, each with what UnifiedPOS and XFS4IoT call it.

The two dialects of the field: UPOS (Japan's point of sale) and XFS4IoT (banking, self-service). Ours stays close to both, so
that a log can print either. A value that a wire invents is never forced into these: protocols keep unknown codes printable.
"""

from enum import Enum


class Term(Enum):
    """A word of ours with its two translations; empty where that dialect has no word."""

    upos: str
    xfs: str

    def __new__(cls, value: str, upos: str = "", xfs: str = "") -> "Term":
        term = object.__new__(cls)
        term._value_ = value
        term.upos = upos
        term.xfs = xfs
        return term


class DeviceState(Term):
    """What a device is doing."""

    CLOSED = "closed", "S_CLOSED", "offline"
    STARTING = "starting", "S_CLOSED", "starting"
    IDLE = "idle", "S_IDLE", "online"
    BUSY = "busy", "S_BUSY", "deviceBusy"
    ERROR = "error", "S_ERROR", "hardwareError"


class PowerState(Term):
    """Whether the device answers."""

    ONLINE = "online", "PS_ONLINE", "online"
    OFFLINE = "offline", "PS_OFFLINE", "offline"
    POWER_OFF = "power_off", "PS_OFF", "powerOff"
    NO_DEVICE = "no_device", "PS_OFF_OFFLINE", "noDevice"
    UNKNOWN = "unknown", "PS_UNKNOWN", "unknown"


class Remedy(Term):
    """What staff should do about a fault."""

    NONE = "none"
    RESET = "reset", "RETRY", "reset"
    CLEAR = "clear", "CLEAR", "clear"
    CONFIGURE = "configure", "CLEAR", "configuration"
    MAINTAIN = "maintain", "CLEAR", "maintenance"
    SUSPEND = "suspend", "CLEAR", "suspend"


class Fault(Term):
    """A trouble of a machine, named the same for every protocol."""

    NO_ANSWER = "no_answer", "E_OFFLINE", "offline"
    LINE_ECHO = "line_echo", "E_FAILURE", "hardwareError"
    UNKNOWN_TABLE = "unknown_table", "E_FAILURE", "hardwareError"
    STACKER_FULL = "stacker_full", "CHAN_STATUS_FULL", "full"
    STACKER_OPEN = "stacker_open", "E_FAILURE", "notPresent"
    JAM_IN_ACCEPTOR = "jam_in_acceptor", "CHAN_STATUS_JAM", "jammed"
    JAM = "jam", "CHAN_STATUS_JAM", "jammed"
    """Something is stuck and the protocol does not say where."""
    JAM_IN_STACKER = "jam_in_stacker", "CHAN_STATUS_JAM", "jammed"
    CHEATED = "cheated", "", "fraudAttempt"
    MOTOR_FAILURE = "motor_failure", "E_FAILURE", "hardwareError"
    DEVICE_FAILURE = "device_failure", "E_FAILURE", "hardwareError"
    COIN_JAM = "coin_jam", "CHAN_STATUS_JAM", "jammed"
    PAYOUT_JAM = "payout_jam", "CHAN_STATUS_JAM", "jammed"
    PAYOUT_EMPTY = "payout_empty", "CHAN_STATUS_EMPTY", "empty"
    PAPER_OUT = "paper_out", "REC_EMPTY", "out"
    PAPER_LOW = "paper_low", "REC_NEAREMPTY", "low"
    COVER_OPEN = "cover_open", "COVER_OPEN", "open"
    CUTTER_JAM = "cutter_jam", "E_FAILURE", "jammed"
    HEAD_HOT = "head_hot", "E_FAILURE", "hardwareError"
    UNRECOVERABLE = "unrecoverable", "E_FAILURE", "hardwareError"

    @property
    def remedy(self) -> Remedy:
        """What staff should do."""
        return _REMEDIES[self]


_REMEDIES = {
    Fault.NO_ANSWER: Remedy.RESET,
    Fault.LINE_ECHO: Remedy.CONFIGURE,
    Fault.UNKNOWN_TABLE: Remedy.CONFIGURE,
    Fault.STACKER_FULL: Remedy.CLEAR,
    Fault.STACKER_OPEN: Remedy.CLEAR,
    Fault.JAM_IN_ACCEPTOR: Remedy.CLEAR,
    Fault.JAM_IN_STACKER: Remedy.CLEAR,
    Fault.JAM: Remedy.CLEAR,
    Fault.CHEATED: Remedy.SUSPEND,
    Fault.MOTOR_FAILURE: Remedy.MAINTAIN,
    Fault.DEVICE_FAILURE: Remedy.MAINTAIN,
    Fault.COIN_JAM: Remedy.CLEAR,
    Fault.PAYOUT_JAM: Remedy.CLEAR,
    Fault.PAYOUT_EMPTY: Remedy.CLEAR,
    Fault.PAPER_OUT: Remedy.CLEAR,
    Fault.PAPER_LOW: Remedy.NONE,
    Fault.COVER_OPEN: Remedy.CLEAR,
    Fault.CUTTER_JAM: Remedy.CLEAR,
    Fault.HEAD_HOT: Remedy.NONE,
    Fault.UNRECOVERABLE: Remedy.MAINTAIN,
}


class FullStatus(Term):
    """How much room is left for money coming in."""

    OK = "ok", "CHAN_STATUS_OK", "ok"
    NEAR_FULL = "near_full", "CHAN_STATUS_NEARFULL", "high"
    FULL = "full", "CHAN_STATUS_FULL", "full"
    UNKNOWN = "unknown", "", "unknown"
    """The protocol has no word for it."""


class EmptyStatus(Term):
    """How much money is left to pay out."""

    OK = "ok", "CHAN_STATUS_OK", "ok"
    NEAR_EMPTY = "near_empty", "CHAN_STATUS_NEAREMPTY", "low"
    EMPTY = "empty", "CHAN_STATUS_EMPTY", "empty"
    UNKNOWN = "unknown", "", "unknown"


class PayoutOutcome(Term):
    """How an order to pay out ended. UNKNOWN is neither: the device's own counter could not be read."""

    DONE = "done", "S_IDLE", "ok"
    PARTIAL = "partial", "E_FAILURE", "partialDispense"
    NOTHING = "nothing", "E_FAILURE", "notDispensed"
    UNKNOWN = "unknown", "E_TIMEOUT", "unknown"


class RefuseReason(Term):
    """Why a note or a coin was given back."""

    INSERTION = "insertion", "", "invalidBill"
    NOT_GENUINE = "not_genuine", "", "counterfeit"
    UNREADABLE = "unreadable", "", "invalidBill"
    INHIBITED = "inhibited", "", "limitOverAmount"
    LENGTH = "length", "", "invalidBill"
    MULTIPLE = "multiple", "", "multipleItems"
    TRANSPORT = "transport", "", "invalidMedia"
    UNKNOWN = "unknown", "", "invalidBill"


class Belief(Term):
    """Where a note probably is that the protocol can no longer speak for."""

    STACKED = "stacked", "", "cashInStored"
    RETURNED = "returned", "", "itemsPresented"
    UNKNOWN = "unknown", "CapDiscrepancy", "unknown"


class PaperStatus(Term):
    """How much paper the printer has."""

    OK = "ok", "REC_PAPEROK", "full"
    LOW = "low", "REC_NEAREMPTY", "low"
    OUT = "out", "REC_EMPTY", "out"
    UNKNOWN = "unknown", "PS_UNKNOWN", "unknown"


class JobOutcome(Term):
    """How a print job ended. UNKNOWN is neither success nor failure: nobody may guess."""

    PRINTED = "printed", "OutputComplete", "ok"
    """Every dot is on paper, and cut off where the printer cuts; nobody looked for what became of it."""
    PRESENTED = "presented", "OutputComplete", "mediaPresented"
    """Printed, and held out at the mouth of a presenter; nobody was seen to take it."""
    TAKEN = "taken", "OutputComplete", "mediaTaken"
    """Printed, held out, and pulled from the mouth."""
    FAILED = "failed", "E_FAILURE", "hardwareError"
    UNKNOWN = "unknown", "E_TIMEOUT", "timeOut"

    @property
    def came_out(self) -> bool:
        """Whether the printer itself said that all of it is on paper."""
        return self in (JobOutcome.PRINTED, JobOutcome.PRESENTED, JobOutcome.TAKEN)
