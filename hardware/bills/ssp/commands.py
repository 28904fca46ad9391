"""SSP commands, the device's generic replies, and why it last rejected a note, as tables.

The first byte of DATA is a :class:`Command` from the host and a :class:`Reply` from the device. Source: the reference on SSP,
[V] the maker's manual, unless a member says otherwise.
"""

from enum import IntEnum


class Command(IntEnum):
    """What the host asks, in the manual's order."""

    RESET = 0x01
    """The unit restarts as after a power cut."""
    SET_INHIBITS = 0x02
    """Two bytes, low channels first, 1 = accept."""
    DISPLAY_ON = 0x03
    """Bezel lamp."""
    DISPLAY_OFF = 0x04
    SETUP_REQUEST = 0x05
    """See :class:`~hardware.bills.ssp.messages.Setup`."""
    HOST_PROTOCOL_VERSION = 0x06
    """One byte. OK, or FAIL when the unit does not know that version. It decides how long events are."""
    POLL = 0x07
    """Brings the events since the last poll and clears them. TRAP: it also accepts the note in escrow that was reported."""
    REJECT = 0x08
    """Gives the note in escrow back."""
    DISABLE = 0x09
    ENABLE = 0x0A
    GET_SERIAL_NUMBER = 0x0C
    """Four bytes, big-endian. To be read again after every gap: somebody may have swapped the unit."""
    UNIT_DATA = 0x0D
    CHANNEL_VALUES = 0x0E
    CHANNEL_SECURITY = 0x0F
    SYNC = 0x11
    """Resets the sequence: the next new packet carries flag 0."""
    LAST_REJECT_CODE = 0x17
    """One byte, see :class:`Reject`."""
    HOLD = 0x18
    """Keeps the note in escrow and gives it its whole waiting time again; to be sent instead of POLL."""
    GET_FIRMWARE_VERSION = 0x20
    GET_DATASET_VERSION = 0x21
    GET_ALL_LEVELS = 0x22
    SET_REFILL_MODE = 0x30
    PAYOUT_AMOUNT = 0x33
    GET_DENOMINATION_LEVEL = 0x35
    HALT_PAYOUT = 0x38
    SET_DENOMINATION_ROUTE = 0x3B
    GET_DENOMINATION_ROUTE = 0x3C
    FLOAT_AMOUNT = 0x3D
    GET_MINIMUM_PAYOUT = 0x3E
    EMPTY_ALL = 0x3F
    FLOAT_BY_DENOMINATION = 0x44
    PAYOUT_BY_DENOMINATION = 0x46
    SET_GENERATOR = 0x4A
    """Eight bytes, little-endian, a prime number; out of range when it is none [1]."""
    SET_MODULUS = 0x4B
    """Eight bytes, little-endian, a prime number; out of range when it is none [1]."""
    REQUEST_KEY_EXCHANGE = 0x4C
    """Eight bytes, little-endian: the host's intermediate key; OK and eight of the device's. FAIL before 4A and 4B [1]."""
    SET_BAUD_RATE = 0x4D
    SMART_EMPTY = 0x52
    CASHBOX_PAYOUT_DATA = 0x53
    CONFIGURE_BEZEL = 0x54
    """Colour: red, green, blue, and whether to keep it [1]."""
    POLL_WITH_ACK = 0x56
    """Like POLL, but events about money repeat until EVENT_ACK, and the unit takes no further note meanwhile."""
    EVENT_ACK = 0x57
    GET_COUNTERS = 0x58
    """A count of counters, then four bytes little-endian each: stacked, stored, dispensed, to the stacker, rejected [1]."""
    RESET_COUNTERS = 0x59
    DISABLE_PAYOUT = 0x5B
    ENABLE_PAYOUT = 0x5C
    SET_FIXED_KEY = 0x60
    """Eight bytes, little-endian. To be sent encrypted [1]."""
    RESET_FIXED_KEY = 0x61
    """Back to the default key; the unit then restarts [1]."""
    ESCROW_1 = 0x76
    """76..7A: escrow transactions of units with a bundle; the reference does not tell them apart."""
    ESCROW_2 = 0x77
    ESCROW_3 = 0x78
    ESCROW_4 = 0x79
    ESCROW_5 = 0x7A


class Reply(IntEnum):
    """The first byte of every answer."""

    OK = 0xF0
    UNKNOWN_COMMAND = 0xF2
    WRONG_PARAMETER_COUNT = 0xF3
    OUT_OF_RANGE = 0xF4
    CANNOT_PROCESS = 0xF5
    """Not now, or not by this unit; a reason byte may follow."""
    SOFTWARE_ERROR = 0xF6
    FAIL = 0xF8
    KEY_NOT_SET = 0xFA
    """This has to be encrypted, and it was not, or no keys have been agreed."""


class Reject(IntEnum):
    """Answer to LAST_REJECT_CODE: why the last note came back. Codes the reference leaves out are [1]."""

    ACCEPTED = 0x00
    """It did not: the last note was taken."""
    LENGTH = 0x01
    AVERAGE = 0x02
    COASTLINE = 0x03
    GRAPH = 0x04
    BURIED = 0x05
    CHANNEL_INHIBIT = 0x06
    """Inhibited in the unit's own dataset [1]."""
    SECOND_NOTE = 0x07
    BY_HOST = 0x08
    CROSS_CHANNEL = 0x09
    """Recognised as two denominations at once."""
    REAR_SENSOR = 0x0A
    TOO_LONG = 0x0B
    DISABLED_BY_HOST = 0x0C
    """On a channel that the host has inhibited [1]."""
    SLOW_MECHANISM = 0x0D
    STRING_ATTEMPT = 0x0E
    FRAUD_CHANNEL = 0x0F
    """Obsolete [1]."""
    NO_NOTE = 0x10
    PEAK_DETECT = 0x11
    """[1]"""
    TWISTED = 0x12
    """[1]"""
    ESCROW_TIMEOUT = 0x13
    BARCODE = 0x14
    NO_CAM = 0x15
    """It did not reach the sensors [1]."""
    SLOT_1 = 0x16
    """[1]"""
    SLOT_2 = 0x17
    """[1]"""
    LENS_OVERSAMPLE = 0x18
    """Moved faster than it could be read [1]."""
    WIDTH = 0x19
    SHORT = 0x1A
    PAYOUT_NOTE = 0x1B
    DOUBLE_NOTE = 0x1C
    UNABLE_TO_STACK = 0x1D


class NoPayout(IntEnum):
    """Reason byte after CANNOT_PROCESS of the commands that enable or route a payout [1]."""

    NOT_CONNECTED = 0x01
    INVALID_CURRENCY = 0x02
    BUSY_OR_ERROR = 0x03


PAYOUT_COMMANDS = frozenset(
    {
        Command.GET_ALL_LEVELS,
        Command.SET_REFILL_MODE,
        Command.PAYOUT_AMOUNT,
        Command.GET_DENOMINATION_LEVEL,
        Command.HALT_PAYOUT,
        Command.SET_DENOMINATION_ROUTE,
        Command.GET_DENOMINATION_ROUTE,
        Command.FLOAT_AMOUNT,
        Command.GET_MINIMUM_PAYOUT,
        Command.EMPTY_ALL,
        Command.FLOAT_BY_DENOMINATION,
        Command.PAYOUT_BY_DENOMINATION,
        Command.SMART_EMPTY,
        Command.CASHBOX_PAYOUT_DATA,
        Command.DISABLE_PAYOUT,
        Command.ENABLE_PAYOUT,
    }
)
"""Commands to a payout unit. On key-enabled units all must be encrypted; what a unit without a payout says to them is [U]."""
