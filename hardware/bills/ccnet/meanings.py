"""What CCNET codes mean in the words that all protocols share."""

from hardware.bills.ccnet.frames import FailureReason, PollCode, RejectReason
from hardware.vocabulary import Fault, RefuseReason

REFUSE_REASONS: dict[int, RefuseReason] = {
    RejectReason.INSERTION: RefuseReason.INSERTION,
    RejectReason.MAGNETIC: RefuseReason.NOT_GENUINE,
    RejectReason.REMAINING_IN_HEAD: RefuseReason.TRANSPORT,
    RejectReason.COMPENSATION: RefuseReason.UNREADABLE,
    RejectReason.CONVEYING: RefuseReason.TRANSPORT,
    RejectReason.IDENTIFICATION: RefuseReason.UNREADABLE,
    RejectReason.VERIFICATION: RefuseReason.NOT_GENUINE,
    RejectReason.OPTIC: RefuseReason.NOT_GENUINE,
    RejectReason.INHIBITED: RefuseReason.INHIBITED,
    RejectReason.CAPACITANCE: RefuseReason.NOT_GENUINE,
    RejectReason.OPERATION: RefuseReason.UNKNOWN,
    RejectReason.LENGTH: RefuseReason.LENGTH,
    RejectReason.ULTRAVIOLET: RefuseReason.NOT_GENUINE,
    RejectReason.BARCODE_UNRECOGNISED: RefuseReason.UNREADABLE,
    RejectReason.BARCODE_LENGTH: RefuseReason.UNREADABLE,
    RejectReason.BARCODE_START: RefuseReason.UNREADABLE,
    RejectReason.BARCODE_STOP: RefuseReason.UNREADABLE,
}
"""Reject bytes. The names are the protocol's; which of our few reasons each comes under is our reading of them [U]."""

POLL_FAULTS: dict[int, Fault] = {
    PollCode.DROP_CASSETTE_FULL: Fault.STACKER_FULL,
    PollCode.DROP_CASSETTE_OUT: Fault.STACKER_OPEN,
    PollCode.VALIDATOR_JAMMED: Fault.JAM_IN_ACCEPTOR,
    PollCode.DROP_CASSETTE_JAMMED: Fault.JAM_IN_STACKER,
    PollCode.CHEATED: Fault.CHEATED,
}
_FAILURES: dict[int, Fault] = {
    FailureReason.STACK_MOTOR: Fault.MOTOR_FAILURE,
    FailureReason.TRANSPORT_SPEED: Fault.MOTOR_FAILURE,
    FailureReason.TRANSPORT_MOTOR: Fault.MOTOR_FAILURE,
    FailureReason.ALIGNING_MOTOR: Fault.MOTOR_FAILURE,
    FailureReason.INITIAL_CASSETTE_STATUS: Fault.STACKER_OPEN,
}


def fault_of(code: int, detail: int) -> Fault | None:
    """Return the trouble that a poll code with its data byte reports, or None."""
    if code == PollCode.FAILURE:
        return _FAILURES.get(detail, Fault.DEVICE_FAILURE)
    return POLL_FAULTS.get(code)
