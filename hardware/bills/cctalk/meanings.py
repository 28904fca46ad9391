"""What the codes of ccTalk bill validators mean in the words that all protocols share.

The codes are the reference's [2]; which of our few words each comes under is our reading of them [U].
"""

from hardware.cctalk.codes import BillStatus, FaultCode
from hardware.vocabulary import Fault, RefuseReason

REFUSE_REASONS: dict[int, RefuseReason] = {
    BillStatus.REJECT_VALIDATION: RefuseReason.UNKNOWN,
    BillStatus.REJECT_TRANSPORT: RefuseReason.UNKNOWN,
    BillStatus.INHIBITED_SERIAL: RefuseReason.INHIBITED,
    BillStatus.INHIBITED_DIP: RefuseReason.INHIBITED,
}
"""A note that was read and found wanting, whatever for, is code 2, and one that did not come in straight, single and at the
right pace is code 3: the protocol does not say why."""

STATUS_FAULTS: dict[int, Fault] = {
    BillStatus.JAM_UNSAFE: Fault.JAM_IN_ACCEPTOR,
    BillStatus.JAM_SAFE: Fault.JAM_IN_ACCEPTOR,
    BillStatus.JAM_IN_STACKER: Fault.JAM_IN_STACKER,
    BillStatus.STACKER_REMOVED: Fault.STACKER_OPEN,
    BillStatus.STACKER_FAULTY: Fault.DEVICE_FAILURE,
    BillStatus.STACKER_FULL: Fault.STACKER_FULL,
    BillStatus.STACKER_JAMMED: Fault.JAM_IN_STACKER,
    BillStatus.ANTI_STRING_FAULTY: Fault.DEVICE_FAILURE,
}

STACKER_FAULTS = frozenset({Fault.STACKER_OPEN, Fault.STACKER_FULL, Fault.JAM_IN_STACKER})
"""Over when the unit says STACKER_OK."""

FRAUDS = frozenset({BillStatus.PULLED_BACK, BillStatus.TAMPER, BillStatus.OPTO_FRAUD, BillStatus.STRING_FRAUD})

JAMS = frozenset({BillStatus.JAM_UNSAFE, BillStatus.JAM_SAFE, BillStatus.JAM_IN_STACKER, BillStatus.STACKER_JAMMED})
"""Statuses after which staff may take the note out."""

STOPPING_FAULTS = frozenset({Fault.JAM, Fault.MOTOR_FAILURE, Fault.DEVICE_FAILURE, Fault.CHEATED})
"""Troubles found by the self-check in which staff may take the note out."""

_CHECK_FAULTS: dict[int, Fault] = {
    FaultCode.COIN_ON_STRING: Fault.CHEATED,
    FaultCode.STRING_SENSOR: Fault.CHEATED,
    FaultCode.BILL_MOTOR: Fault.MOTOR_FAILURE,
    FaultCode.BILL_JAMMED: Fault.JAM,
    FaultCode.STACKER_MISSING: Fault.STACKER_OPEN,
    FaultCode.STACKER_FULL: Fault.STACKER_FULL,
    FaultCode.DOOR_OPEN: Fault.STACKER_OPEN,
}


def check_fault(code: int) -> Fault | None:
    """Return the trouble that a self-check found; None when it found none."""
    if code == FaultCode.OK:
        return None
    return _CHECK_FAULTS.get(code, Fault.DEVICE_FAILURE)
