"""Codes inside ccTalk answers: troubles of coins, of bills, of the self-check, and where a bill shall go.

Source: the reference on ccTalk [2]. Members marked [1] are not in it: names from the published generic specification as
implementations quote it.
"""

from enum import IntEnum, IntFlag

from hardware.cctalk.headers import name_of


class CoinError(IntEnum):
    """Second byte of a coin acceptor's pair (0, code)."""

    NULL = 0
    REJECT = 1
    INHIBITED = 2
    MULTIPLE_WINDOW = 3
    WAKE_UP_TIMEOUT = 4
    VALIDATION_TIMEOUT = 5
    CREDIT_SENSOR_TIMEOUT = 6
    SORTER_OPTO_TIMEOUT = 7
    SECOND_CLOSE_COIN = 8
    GATE_NOT_READY = 9
    CREDIT_SENSOR_NOT_READY = 10
    SORTER_NOT_READY = 11
    REJECT_COIN_NOT_CLEARED = 12
    VALIDATION_SENSOR_NOT_READY = 13
    CREDIT_SENSOR_BLOCKED = 14
    SORTER_OPTO_BLOCKED = 15
    CREDIT_SEQUENCE = 16
    GOING_BACKWARDS = 17
    TOO_FAST = 18
    TOO_SLOW = 19
    STRING_MECHANISM = 20
    DCE_TIMEOUT = 21
    DCE_NOT_SEEN = 22
    TOO_EARLY = 23
    REPEATED_TRIP = 24
    SLUG = 25
    REJECT_SENSOR_BLOCKED = 26
    GAMES_OVERLOAD = 27
    """[1]"""
    METER_PULSES = 28
    """[1]"""
    GATE_OPEN = 29
    """Open when it should be closed."""
    GATE_CLOSED = 30
    """Closed when it should be open."""
    MANIFOLD_TIMEOUT = 31
    """[1]"""
    MANIFOLD_BLOCKED = 32
    """[1]"""
    MANIFOLD_NOT_READY = 33
    """[1]"""
    SECURITY_CHANGED = 34
    """[1]"""
    MOTOR = 35
    SWALLOWED = 36
    INHIBITED_COIN_1 = 128
    """128 to 159: coin 1 to 32 is inhibited."""
    CREDIT_CANCELLED_COIN_1 = 160
    """160 to 191: the credit of coin 1 to 32 is taken back."""
    DATA_BLOCK_REQUEST = 253
    """[1]"""
    RETURN_LEVER = 254
    UNSPECIFIED = 255


def coin_error_name(code: int) -> str:
    """Return ``SLUG[25]``, ``INHIBITED_COIN_3[130]``, ``UNKNOWN[99]``. Never raises."""
    for first, words in (
        (CoinError.INHIBITED_COIN_1, "INHIBITED_COIN"),
        (CoinError.CREDIT_CANCELLED_COIN_1, "CREDIT_CANCELLED_COIN"),
    ):
        if first <= code < first + 32:
            return f"{words}_{code - first + 1}[{code}]"
    return name_of(CoinError, code)


class BillStatus(IntEnum):
    """Second byte of a bill validator's pair (0, code)."""

    MASTER_INHIBIT = 0
    """The master switch refuses everything."""
    RETURNED = 1
    """The bill in escrow went back."""
    REJECT_VALIDATION = 2
    REJECT_TRANSPORT = 3
    INHIBITED_SERIAL = 4
    """By the host's mask."""
    INHIBITED_DIP = 5
    """By a switch at the unit."""
    JAM_UNSAFE = 6
    """In the transport, where fingers may still reach it."""
    JAM_IN_STACKER = 7
    PULLED_BACK = 8
    TAMPER = 9
    STACKER_OK = 10
    STACKER_REMOVED = 11
    STACKER_INSERTED = 12
    STACKER_FAULTY = 13
    STACKER_FULL = 14
    STACKER_JAMMED = 15
    JAM_SAFE = 16
    """In the transport, out of reach."""
    OPTO_FRAUD = 17
    STRING_FRAUD = 18
    ANTI_STRING_FAULTY = 19
    BARCODE = 20
    """A ticket was read."""


class BillStep(IntEnum):
    """Second byte of a bill validator's pair (bill, step)."""

    STACKED = 0
    """The credit point [2]."""
    IN_ESCROW = 1
    """Held, undecided [2]."""


class Route(IntEnum):
    """Data of ROUTE_BILL."""

    RETURN = 0
    STACK = 1
    EXTEND = 255
    """Start the escrow time-out anew; hosts in the field do so every 4 s."""


class RouteError(IntEnum):
    """The one byte that ROUTE_BILL is answered with instead of ACK."""

    ESCROW_EMPTY = 254
    FAILED = 255


class OperatingMode(IntFlag):
    """Data of MODIFY_BILL_OPERATING_MODE."""

    STACKER = 1
    ESCROW = 2
    """Off: every good bill is stacked at once."""


class FaultCode(IntEnum):
    """Answer to PERFORM_SELF_CHECK."""

    OK = 0
    EEPROM = 1
    """[1]"""
    COILS = 2
    CREDIT_SENSOR = 3
    PIEZO_SENSOR = 4
    """[1], as all up to 22."""
    REFLECTIVE_SENSOR = 5
    DIAMETER_SENSOR = 6
    WAKE_UP_SENSOR = 7
    SORTER_SENSOR = 8
    NVRAM = 9
    DISPENSING = 10
    LOW_LEVEL_SENSOR = 11
    HIGH_LEVEL_SENSOR = 12
    COUNTING = 13
    KEYPAD = 14
    BUTTON = 15
    DISPLAY = 16
    AUDITING = 17
    REJECT_SENSOR = 18
    COIN_RETURN = 19
    COIN_ON_STRING = 20
    RIM_SENSOR = 21
    THERMISTOR = 22
    PAYOUT_MOTOR = 23
    PAYOUT_TIMEOUT = 24
    PAYOUT_JAMMED = 25
    PAYOUT_SENSOR = 26
    LEVEL_SENSOR = 27
    """[1], as all up to 35."""
    PERSONALITY_MISSING = 28
    PERSONALITY = 29
    ROM = 30
    SLAVE_MISSING = 31
    INTERNAL_LINE = 32
    SUPPLY_VOLTAGE = 33
    TEMPERATURE = 34
    DCE = 35
    BILL_SENSOR = 36
    BILL_MOTOR = 37
    STACKER = 38
    BILL_JAMMED = 39
    RAM = 40
    """[1], as all up to 43."""
    STRING_SENSOR = 41
    GATE_OPEN = 42
    GATE_CLOSED = 43
    STACKER_MISSING = 44
    STACKER_FULL = 45
    FLASH_ERASE = 46
    """[1]"""
    FLASH_WRITE = 47
    """[1]"""
    SLAVE_SILENT = 48
    OPTO_SENSOR = 49
    """[1]"""
    BATTERY = 50
    """[1]"""
    DOOR_OPEN = 51
    MICROSWITCH = 52
    """[1], as all up to 57."""
    CLOCK = 53
    FIRMWARE = 54
    INITIALISATION = 55
    SUPPLY_CURRENT = 56
    BOOTLOADER = 57
    UNSPECIFIED = 255
