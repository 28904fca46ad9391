"""What a poll brings: events, one behind the other, whose length depends on their code and on the protocol version.

Nothing in the packet says how long an event is. So a code that is not in the table is fatal for the rest of that packet: what
stood before it is good, where the next event begins nobody can know. The host sets the version with HOST_PROTOCOL_VERSION and
reads with that same version.

Source: the reference on SSP, [V] unless a member says otherwise. Lengths of the payout events before version 6 are [1].
"""

from dataclasses import dataclass
from enum import IntEnum

EXPANDED_FROM = 6
"""From this protocol version on, payout events carry a count and then value and currency per currency."""
INHIBITED_TOLD_FROM = 7
"""From this protocol version on, a unit says that all its channels are inhibited."""
_CURRENCY = 3
_VALUE = 4


class EventCode(IntEnum):
    """Codes of a poll reply, in numeric order."""

    JAM_RECOVERY = 0xB0
    ERROR_DURING_PAYOUT = 0xB1
    SMART_EMPTYING = 0xB3
    SMART_EMPTIED = 0xB4
    CHANNELS_INHIBITED = 0xB5
    """All channels are inhibited; from protocol version 7 on."""
    INITIALISING = 0xB6
    """Only in answer to POLL_WITH_ACK."""
    EMPTYING = 0xC2
    EMPTIED = 0xC3
    PAYOUT_OUT_OF_SERVICE = 0xC6
    MOVED_TO_STACKER = 0xC9
    NOTE_INTO_STACKER_AT_RESET = 0xCA
    NOTE_INTO_STORE_AT_RESET = 0xCB
    STACKING = 0xCC
    """On its way from escrow to the cash box."""
    NOTE_DISPENSED_AT_RESET = 0xCD
    HELD_IN_BEZEL = 0xCE
    DEVICE_FULL = 0xCF
    DISPENSED = 0xD2
    HOPPER_JAM = 0xD5
    HALTED = 0xD6
    """[1]"""
    FLOATING = 0xD7
    FLOATED = 0xD8
    TIMEOUT = 0xD9
    DISPENSING = 0xDA
    STORED_IN_PAYOUT = 0xDB
    INCOMPLETE_PAYOUT = 0xDC
    INCOMPLETE_FLOAT = 0xDD
    CASHBOX_PAID = 0xDE
    """[1]"""
    COIN_CREDIT = 0xDF
    NOTE_PATH_OPEN = 0xE0
    CLEARED_FROM_FRONT = 0xE1
    """A note of the unit's former life came back out at the front at reset. Data: channel, 00 when not known."""
    CLEARED_INTO_CASHBOX = 0xE2
    """A note of the unit's former life went into the cash box at reset. Data: channel, 00 when not known."""
    CASHBOX_REMOVED = 0xE3
    CASHBOX_REPLACED = 0xE4
    FRAUD_ATTEMPT = 0xE6
    """Data: channel."""
    STACKER_FULL = 0xE7
    DISABLED = 0xE8
    UNSAFE_JAM = 0xE9
    """Stuck where the customer could reach it."""
    SAFE_JAM = 0xEA
    """Stuck where the customer cannot reach it."""
    STACKED = 0xEB
    """In the cash box. Never credit from it."""
    REJECTED = 0xEC
    """Back at the front, the customer can take it."""
    REJECTING = 0xED
    CREDIT = 0xEE
    """The credit point: past where it could come back. Data: channel. May share a packet with STACKING."""
    READ = 0xEF
    """Data: 00 while the sensors read, then the channel of the note held in escrow NOW. TRAP: the next POLL accepts it."""
    SLAVE_RESET = 0xF1
    """The unit has restarted. First poll only; E1, E2, CA or an incomplete payout from its former life may stand beside it."""


_ONE_BYTE = frozenset(
    {
        EventCode.READ,
        EventCode.CREDIT,
        EventCode.FRAUD_ATTEMPT,
        EventCode.CLEARED_FROM_FRONT,
        EventCode.CLEARED_INTO_CASHBOX,
    }
)
"""Events of a validator that carry a channel."""
_AMOUNTS = frozenset(
    {
        EventCode.SMART_EMPTYING,
        EventCode.SMART_EMPTIED,
        EventCode.MOVED_TO_STACKER,
        EventCode.NOTE_INTO_STACKER_AT_RESET,
        EventCode.NOTE_INTO_STORE_AT_RESET,
        EventCode.NOTE_DISPENSED_AT_RESET,
        EventCode.HELD_IN_BEZEL,
        EventCode.DISPENSED,
        EventCode.HOPPER_JAM,
        EventCode.HALTED,
        EventCode.FLOATING,
        EventCode.FLOATED,
        EventCode.TIMEOUT,
        EventCode.DISPENSING,
        EventCode.CASHBOX_PAID,
        EventCode.COIN_CREDIT,
    }
)
"""Before version 6 one value of four bytes; from then on a count, then value and currency for each."""
_TWO_AMOUNTS = frozenset({EventCode.INCOMPLETE_PAYOUT, EventCode.INCOMPLETE_FLOAT})
"""The same with two values: done, and asked for."""
_KNOWN = frozenset(EventCode)


@dataclass(frozen=True, slots=True)
class PollEvent:
    """One event."""

    code: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Return it as it stands in a poll reply."""
        return bytes((self.code,)) + self.data

    @property
    def channel(self) -> int:
        """The channel it carries, 0 when it carries none or the unit does not know it."""
        return self.data[0] if self.code in _ONE_BYTE and self.data else 0


@dataclass(frozen=True, slots=True)
class Events:
    """A poll reply after its OK byte, taken apart."""

    events: tuple[PollEvent, ...]
    rest: bytes = b""
    """What could not be read: it begins with a code that is unknown, or with an event that is cut short."""


def decode_events(data: bytes, version: int) -> Events:
    """Take a poll reply apart; ``data`` is what follows the OK byte. Never raises."""
    events: list[PollEvent] = []
    at = 0
    while at < len(data):
        length = _length(data, at, version)
        if length is None or at + 1 + length > len(data):
            break
        events.append(PollEvent(data[at], data[at + 1 : at + 1 + length]))
        at += 1 + length
    return Events(tuple(events), data[at:])


def _length(data: bytes, at: int, version: int) -> int | None:
    """Return how many bytes follow the code at ``at``, or None when that cannot be known."""
    code = data[at]
    if code in _ONE_BYTE:
        return 1
    values = 1 if code in _AMOUNTS or code == EventCode.ERROR_DURING_PAYOUT else 2 if code in _TWO_AMOUNTS else 0
    if not values:
        return 0 if code in _KNOWN else None
    more = 1 if code == EventCode.ERROR_DURING_PAYOUT else 0  # its cause; that it has one before version 6 too is [U]
    if version < EXPANDED_FROM:
        return values * _VALUE + more
    if at + 1 >= len(data):
        return None
    return 1 + data[at + 1] * (values * _VALUE + _CURRENCY) + more


def amounts_of(event: PollEvent, version: int) -> tuple[tuple[int, str], ...]:
    """Return value and currency for each currency of an event with amounts; the currency is empty before version 6.

    Of an incomplete payout or float it is what was done, not what was asked for. Never raises: no amounts, no pairs.
    """
    values = 2 if event.code in _TWO_AMOUNTS else 1
    if event.code not in _AMOUNTS and event.code not in _TWO_AMOUNTS and event.code != EventCode.ERROR_DURING_PAYOUT:
        return ()
    if version < EXPANDED_FROM:
        return ((int.from_bytes(event.data[:_VALUE], "little"), ""),)
    step = values * _VALUE + _CURRENCY
    rows = (event.data[at : at + step] for at in range(1, 1 + step * (event.data[0] if event.data else 0), step))
    return tuple((int.from_bytes(row[:_VALUE], "little"), row[-_CURRENCY:].decode("ascii", "replace")) for row in rows)


def encode_amount(code: int, value: int, currency: str, version: int) -> PollEvent:
    """Return an event that carries one amount, as ``version`` wants it. Raises ValueError for what has no room."""
    if not 0 <= value < 2**32 or len(currency) != _CURRENCY:
        raise ValueError(f"no event can carry {value} {currency}")
    data = value.to_bytes(_VALUE, "little")
    return PollEvent(code, data if version < EXPANDED_FROM else b"\x01" + data + currency.encode("ascii"))
