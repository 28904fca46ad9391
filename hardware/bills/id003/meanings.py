"""What ID-003 codes mean in the words that all protocols share."""

from hardware.bills.id003.frames import Failure, Frame, Reject, Status
from hardware.vocabulary import Fault, RefuseReason

REFUSE_REASONS: dict[int, RefuseReason] = {
    Reject.INSERTION: RefuseReason.INSERTION,
    Reject.MAGNETIC: RefuseReason.NOT_GENUINE,
    Reject.REMAINING_IN_HEAD: RefuseReason.TRANSPORT,
    Reject.COMPENSATION: RefuseReason.UNREADABLE,
    Reject.CONVEYING: RefuseReason.TRANSPORT,
    Reject.DENOMINATION: RefuseReason.UNREADABLE,
    Reject.PHOTO_PATTERN_1: RefuseReason.NOT_GENUINE,
    Reject.PHOTO_LEVEL: RefuseReason.NOT_GENUINE,
    Reject.INHIBITED: RefuseReason.INHIBITED,
    Reject.OPERATION: RefuseReason.TRANSPORT,
    Reject.REMAINING_IN_STACKER: RefuseReason.TRANSPORT,
    Reject.LENGTH: RefuseReason.LENGTH,
    Reject.PHOTO_PATTERN_2: RefuseReason.NOT_GENUINE,
    Reject.TRUE_BILL_FEATURE: RefuseReason.NOT_GENUINE,
    Reject.BARCODE_1: RefuseReason.UNREADABLE,
    Reject.BARCODE_2: RefuseReason.UNREADABLE,
    Reject.BARCODE_3: RefuseReason.UNREADABLE,
    Reject.BARCODE_4: RefuseReason.UNREADABLE,
    Reject.BARCODE_5: RefuseReason.UNREADABLE,
    Reject.BARCODE_6: RefuseReason.UNREADABLE,
    Reject.MULTIPLE: RefuseReason.MULTIPLE,
    Reject.BARCODE_7: RefuseReason.UNREADABLE,
}
"""Reject bytes. The names are the protocol's [2]; which of our few reasons each comes under is our reading of them [D]."""

_STATUS_FAULTS: dict[int, Fault] = {
    Status.STACKER_FULL: Fault.STACKER_FULL,
    Status.STACKER_OPEN: Fault.STACKER_OPEN,
    Status.JAM_IN_ACCEPTOR: Fault.JAM_IN_ACCEPTOR,
    Status.JAM_IN_STACKER: Fault.JAM_IN_STACKER,
    Status.CHEATED: Fault.CHEATED,
    Status.FAILURE: Fault.DEVICE_FAILURE,
}

_FAILURE_FAULTS: dict[int, Fault] = {
    Failure.STACKER_MOTOR: Fault.MOTOR_FAILURE,
    Failure.TRANSPORT_MOTOR_SPEED: Fault.MOTOR_FAILURE,
    Failure.TRANSPORT_MOTOR: Fault.MOTOR_FAILURE,
    Failure.ALIGNING_MOTOR: Fault.MOTOR_FAILURE,
    Failure.CASH_BOX_NOT_READY: Fault.STACKER_OPEN,
}


def first_byte(frame: Frame) -> int:
    """Return the frame's first data byte; 0, which no table has, when a deviant unit sent none."""
    return frame.data[0] if frame.data else 0


def fault_of(frame: Frame) -> Fault | None:
    """Return the trouble that a status reports, or None."""
    if frame.code == Status.FAILURE:
        return _FAILURE_FAULTS.get(first_byte(frame), Fault.DEVICE_FAILURE)
    return _STATUS_FAULTS.get(frame.code)
