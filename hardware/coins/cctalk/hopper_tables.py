"""What a ccTalk hopper calls the troubles of its mechanism.

Flags of the hopper test (163): the reference has them [1] as overcurrent, opto, jam, fraud and blocked, power-up, disabled. The
names of the single bits here are those of the published generic specification as several implementations quote it [2]; where
the two differ (bit 1: time-out there, opto in the reference) the quoted specification is followed.
"""

from collections.abc import Mapping
from enum import IntFlag

from hardware.cctalk.codes import FaultCode
from hardware.vocabulary import Fault


class HopperFlag(IntFlag):
    """Both status registers as one number, the first one in the low byte."""

    OVERCURRENT = 1 << 0
    TIMED_OUT = 1 << 1
    JAM = 1 << 2
    """The motor met a jam in the last payout."""
    BLOCKED_IDLE = 1 << 3
    FRAUD_IDLE = 1 << 4
    BLOCKED_IN_PAYOUT = 1 << 5
    POWER_UP = 1 << 6
    DISABLED = 1 << 7
    FRAUD_IN_PAYOUT = 1 << 8
    CHECKSUM = 1 << 14
    """The memory that outlives a power cut is damaged."""


OF_LAST_PAYOUT = (
    HopperFlag.OVERCURRENT | HopperFlag.TIMED_OUT | HopperFlag.JAM | HopperFlag.BLOCKED_IN_PAYOUT | HopperFlag.FRAUD_IN_PAYOUT
)
"""Flags that the next accepted dispense clears [U]."""

FAILURES: Mapping[str, Fault] = {
    "motor": Fault.MOTOR_FAILURE,
    "sensor": Fault.DEVICE_FAILURE,
    "memory": Fault.UNRECOVERABLE,
}
"""What can break."""

SELF_CHECK: Mapping[Fault, FaultCode] = {
    Fault.UNRECOVERABLE: FaultCode.NVRAM,
    Fault.MOTOR_FAILURE: FaultCode.PAYOUT_MOTOR,
    Fault.DEVICE_FAILURE: FaultCode.PAYOUT_SENSOR,
    Fault.CHEATED: FaultCode.PAYOUT_SENSOR,
    Fault.PAYOUT_JAM: FaultCode.PAYOUT_JAMMED,
    Fault.PAYOUT_EMPTY: FaultCode.PAYOUT_TIMEOUT,
}
"""Fault code of the self-check (232), the gravest first; codes [1], their use [U]."""
