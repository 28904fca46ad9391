"""What the codes of ccTalk coin acceptors mean in the words that all protocols share.

The codes are the reference's [2]; which of our few words each comes under is our reading of them [U].
"""

from hardware.cctalk.codes import CoinError, FaultCode
from hardware.vocabulary import Fault, RefuseReason

REFUSE_REASONS: dict[int, RefuseReason] = {
    CoinError.REJECT: RefuseReason.UNKNOWN,
    CoinError.INHIBITED: RefuseReason.INHIBITED,
    CoinError.MULTIPLE_WINDOW: RefuseReason.UNREADABLE,
    CoinError.WAKE_UP_TIMEOUT: RefuseReason.UNREADABLE,
    CoinError.VALIDATION_TIMEOUT: RefuseReason.UNREADABLE,
    CoinError.SECOND_CLOSE_COIN: RefuseReason.MULTIPLE,
    CoinError.TOO_FAST: RefuseReason.TRANSPORT,
    CoinError.TOO_SLOW: RefuseReason.TRANSPORT,
    CoinError.SLUG: RefuseReason.NOT_GENUINE,
}
"""Everything else that is no trouble of the device comes under UNKNOWN."""

FRAUDS = frozenset(
    {
        CoinError.CREDIT_SEQUENCE,
        CoinError.GOING_BACKWARDS,
        CoinError.STRING_MECHANISM,
        CoinError.TOO_EARLY,
        CoinError.REPEATED_TRIP,
    }
)
FAULTS: dict[int, Fault] = {
    CoinError.SORTER_OPTO_TIMEOUT: Fault.COIN_JAM,
    CoinError.CREDIT_SENSOR_TIMEOUT: Fault.COIN_JAM,
    CoinError.REJECT_COIN_NOT_CLEARED: Fault.COIN_JAM,
    CoinError.CREDIT_SENSOR_BLOCKED: Fault.COIN_JAM,
    CoinError.SORTER_OPTO_BLOCKED: Fault.COIN_JAM,
    CoinError.REJECT_SENSOR_BLOCKED: Fault.COIN_JAM,
    CoinError.MANIFOLD_BLOCKED: Fault.COIN_JAM,
    CoinError.DCE_TIMEOUT: Fault.COIN_JAM,
    CoinError.GATE_OPEN: Fault.DEVICE_FAILURE,
    CoinError.GATE_CLOSED: Fault.DEVICE_FAILURE,
    CoinError.MOTOR: Fault.MOTOR_FAILURE,
}
"""Troubles; the self-check says when they are over."""

SILENT = frozenset({CoinError.NULL, CoinError.RETURN_LEVER})
"""No coin and no trouble: the lever is the customer's."""

_CHECK_FAULTS: dict[int, Fault] = {
    FaultCode.COIN_RETURN: Fault.COIN_JAM,
    FaultCode.REJECT_SENSOR: Fault.COIN_JAM,
    FaultCode.CREDIT_SENSOR: Fault.COIN_JAM,
    FaultCode.SORTER_SENSOR: Fault.COIN_JAM,
    FaultCode.COIN_ON_STRING: Fault.CHEATED,
    FaultCode.PAYOUT_MOTOR: Fault.MOTOR_FAILURE,
}
"""A sensor that is covered and one that is broken look alike to the self-check: someone has to look into the coin path."""


def check_fault(code: int) -> Fault | None:
    """Return the trouble that a self-check found; None when it found none."""
    return None if code == FaultCode.OK else _CHECK_FAULTS.get(code, Fault.DEVICE_FAILURE)


def is_inhibited_coin(code: int) -> bool:
    """Tell whether the code names one of the coins 1 to 32 that is inhibited."""
    return CoinError.INHIBITED_COIN_1 <= code < CoinError.INHIBITED_COIN_1 + 32


def is_cancelled_credit(code: int) -> bool:
    """Tell whether the code takes back the credit of one of the coins 1 to 32."""
    return CoinError.CREDIT_CANCELLED_COIN_1 <= code < CoinError.CREDIT_CANCELLED_COIN_1 + 32
