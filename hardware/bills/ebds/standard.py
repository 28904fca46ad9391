"""The standard messages of EBDS: three bytes of standing orders from the host, six bytes of status from the unit.

Both stand in the data of frames of their own (types 1 and 2) and inside extended messages (type 7). Pyramid RS-232 has the
same bits, with the orientation and the extended notes left out [2].

Unknown bits survive decoding and encoding; a flag set prints them as numbers. Source: the reference on EBDS and Pyramid.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import lru_cache

from hardware.bills.ebds.frames import Frame, Kind

ORDERS_LENGTH = 3
STATUS_LENGTH = 6
NOTE_TYPES = 7
"""Denominations 1..7 of the mode without extended notes."""


class Orientation(IntEnum):
    """Bits 2-3 of the second byte: which ways round a note may come in."""

    ONE_WAY = 0
    TWO_WAY = 1
    FOUR_WAY = 2
    FOUR_WAY_BOTH_BITS = 3
    """What hosts in the field send; the same as FOUR_WAY."""


class PowerUpPolicy(IntEnum):
    """Bits 2-3 of the third byte: what the unit does at power-up with a note inside (vendor's text, second hand [1])."""

    A = 0
    """A note past escrow is stacked, and no value is reported."""
    B = 1
    """A note in escrow is held, out of order until the host decides. One past escrow is stacked and its value reported. The
    only policy under which no money gets lost."""
    C = 2
    """A note in escrow is held. One past escrow is stacked, and no value is reported."""


@dataclass(frozen=True, slots=True)
class HostOrders:
    """The host's three bytes: not an event but how things shall be, said again with every message."""

    enabled: int = 0
    """Bit 0 is denomination 1, up to bit 6 for 7. 1 = take it. In extended mode any bit enables all (per note: 7/03)."""
    special_interrupt: bool = False
    """Obsolete."""
    high_security: bool = False
    orientation: int = Orientation.FOUR_WAY_BOTH_BITS
    """See :class:`Orientation`."""
    escrow: bool = False
    """Keep each note for the host to decide; without it the unit stacks at once."""
    stack: bool = False
    """Stack the note in escrow."""
    return_: bool = False
    """Give the note in escrow back."""
    no_push: bool = False
    barcode: bool = False
    policy: int = PowerUpPolicy.A
    """See :class:`PowerUpPolicy`; 3 has no name."""
    extended_notes: bool = False
    """Report a note with its record (7/02) instead of with a number from 1 to 7."""
    extended_coupons: bool = False
    reserved: int = 0
    """Bit 6 of the third byte: without a name, kept as it came."""

    def encode(self) -> bytes:
        """Return the three bytes. Raises ValueError for a number that does not fit its bits."""
        if not 0 <= self.enabled <= 0x7F or not 0 <= self.orientation <= 3 or not 0 <= self.policy <= 3:
            raise ValueError(f"EBDS orders out of range: {self}")
        return bytes(
            (
                self.enabled,
                self.special_interrupt
                | self.high_security << 1
                | self.orientation << 2
                | self.escrow << 4
                | self.stack << 5
                | self.return_ << 6,
                self.no_push
                | self.barcode << 1
                | self.policy << 2
                | self.extended_notes << 4
                | self.extended_coupons << 5
                | (self.reserved & 1) << 6,
            )
        )

    def frame(self, ack: int) -> Frame:
        """Return the host's standard message with these orders."""
        return Frame(Kind.HOST, self.encode(), ack)


class State(IntFlag):
    """First status byte. No bit at all: out of service. TRAP: bit STACKED is an event, and alone proves nothing, see
    :attr:`DeviceStatus.contradictory`."""

    IDLING = 0x01
    ACCEPTING = 0x02
    ESCROWED = 0x04
    STACKING = 0x08
    STACKED = 0x10
    """Event: the note is in the box. The credit point."""
    RETURNING = 0x20
    RETURNED = 0x40
    """Event: the customer has the note again."""


EVENTS = State.STACKED | State.RETURNED
"""The bits that are told once; the others say what the unit is at."""


class Condition(IntFlag):
    """Second status byte. TRAP: CASSETTE_PRESENT is 1 when all is well, the other way round than the rest."""

    CHEATED = 0x01
    """Event. Some SC units say STACKED with CHEATED to mean that the stacker is nearly full [1]."""
    REJECTED = 0x02
    """Event."""
    JAMMED = 0x04
    STACKER_FULL = 0x08
    CASSETTE_PRESENT = 0x10
    PAUSED = 0x20
    """A second note is at the mouth."""
    CALIBRATION = 0x40


class Trouble(IntFlag):
    """Third status byte, without the note's value that stands in its bits 3 to 5."""

    POWER_UP = 0x01
    INVALID_COMMAND = 0x02
    """Event."""
    FAILURE = 0x04
    TRANSPORT_OPEN = 0x40


class Mode(IntFlag):
    """Fourth status byte."""

    STALLED = 0x01
    FLASH_DOWNLOAD = 0x02
    PRE_STACK = 0x04
    RAW_BARCODE = 0x08
    DEVICE_CAPS = 0x10
    """Auxiliary question 0D is understood."""
    DISABLED = 0x20


NO_TROUBLE = Trouble(0)
NO_MODE = Mode(0)
_VALUE_SHIFT = 3
_VALUE_BITS = 0x07 << _VALUE_SHIFT


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """The unit's six bytes."""

    state: State = State.IDLING
    condition: Condition = Condition.CASSETTE_PRESENT
    trouble: Trouble = NO_TROUBLE
    note: int = 0
    """Denomination 1..7, beside ESCROWED or STACKED without extended notes. 0: none said."""
    mode: Mode = NO_MODE
    model: int = 0
    revision: int = 0

    def encode(self) -> bytes:
        """Return the six bytes. Raises ValueError for a number that does not fit its bits."""
        trouble = int(self.trouble)  # a plain number: joining flags costs more than all the rest of an idle poll
        if not 0 <= self.note <= NOTE_TYPES or trouble & _VALUE_BITS:
            raise ValueError(f"EBDS status out of range: {self}")
        third = trouble | self.note << _VALUE_SHIFT
        return bytes((self.state, self.condition, third, self.mode, self.model, self.revision))

    def frame(self, ack: int) -> Frame:
        """Return the unit's standard message with this status."""
        return Frame(Kind.DEVICE, self.encode(), ack)

    @property
    def lasting(self) -> State:
        """What the unit is at, without the events. A sound status has one bit of it at most; Pyramid: exactly one, or none
        with a jam, a full box or a failure."""
        return self.state & ~EVENTS

    @property
    def contradictory(self) -> bool:
        """Whether events are told together that exclude each other (stacked, returned, rejected: vendor of Pyramid [2]).

        TRAP [R]: a unit in the field says 51 after a return: returned, stacked and idle, with the value still set. Crediting
        on the stacked bit alone pays the customer twice.
        """
        told = (State.STACKED in self.state) + (State.RETURNED in self.state) + (Condition.REJECTED in self.condition)
        return told > 1


@lru_cache(maxsize=256)
def read_orders(data: bytes) -> HostOrders | None:
    """Return the orders that begin ``data``, or None when it is too short. More bytes may follow (extended messages)."""
    if len(data) < ORDERS_LENGTH:
        return None
    first, second, third = data[:ORDERS_LENGTH]
    return HostOrders(
        enabled=first & 0x7F,
        special_interrupt=bool(second & 0x01),
        high_security=bool(second & 0x02),
        orientation=second >> 2 & 3,
        escrow=bool(second & 0x10),
        stack=bool(second & 0x20),
        return_=bool(second & 0x40),
        no_push=bool(third & 0x01),
        barcode=bool(third & 0x02),
        policy=third >> 2 & 3,
        extended_notes=bool(third & 0x10),
        extended_coupons=bool(third & 0x20),
        reserved=third >> 6 & 1,
    )


@lru_cache(maxsize=256)
def read_status(data: bytes) -> DeviceStatus | None:
    """Return the status that begins ``data``, or None when it is too short. More bytes may follow (extended messages)."""
    if len(data) < STATUS_LENGTH:
        return None
    state, condition, third, mode, model, revision = data[:STATUS_LENGTH]
    return DeviceStatus(
        State(state),
        Condition(condition),
        Trouble(third & ~_VALUE_BITS),
        (third & _VALUE_BITS) >> _VALUE_SHIFT,
        Mode(mode),
        model,
        revision,
    )
