"""The recycler extension of ID-003 as bytes: prefix F0, as a JCM two-drum "bill wallet" was seen to speak it.

After public captures [1]: one project has driven such a unit, and every frame printed here has a good CRC; no vendor document
is public. Its requests are ordinary frames with code F0. While notes are paid out, the *ordinary* STATUS REQUEST (11) is
answered with 20, 24 and 23 [1: seen as ``FC 05 24 09 30``], which is how a host follows a payout.

[U], because nobody wrote it down: the reply to the extension status request, taken to be ``F0 1A`` and the status;
:func:`decode_extension_status` reads it without the ``1A`` too. The names marked (named) are known from host programs only,
and the emulator answers INVALID COMMAND to them: among them is a count of notes in the drums, whose reply nobody shows.
"""

from collections.abc import Mapping
from enum import IntEnum

from hardware.bills.id003.frames import Frame, Status
from hardware.wire.codes import name_of

EXTENSION = 0xF0
"""Code of every frame of the extension, in both directions."""
RECYCLER = 0x20
"""The sub-group; :attr:`ExtensionCommand.STATUS_REQUEST` goes without it."""
BOXES = 2
"""Drums are called box 1 and box 2."""


class ExtensionCommand(IntEnum):
    """What follows ``F0 20`` (``F0`` alone for the status request)."""

    STATUS_REQUEST = 0x1A
    PAY_OUT = 0x4A
    """Count, box. ACK; carried out only while the unit is inhibited, else INVALID COMMAND [U for the refusal]."""
    COLLECT = 0x4B
    """(named) Notes from a drum into the cash box."""
    CLEAR = 0x4C
    """(named)"""
    EMERGENCY_STOP = 0x4D
    """(named)"""
    GET_RECYCLE_CURRENCY = 0x90
    """Code + a mask of two bytes, low first, for each box [1]."""
    GET_RECYCLE_COUNT = 0x92
    """Code + two bytes, low first, for each box: how many notes it may hold [1]."""
    GET_CURRENT_COUNT = 0xA2
    """(named)"""
    SET_RECYCLE_CURRENCY = 0xD0
    """For each box a mask of two bytes, low first, and the number of the box. Echo [1]."""
    SET_RECYCLE_COUNT = 0xD2
    """A count of two bytes, low first, and the number of the box. Echo [1]."""
    SET_CURRENT_COUNT = 0xE2
    """(named)"""


class PayoutStatus(IntEnum):
    """Said to STATUS REQUEST (11) while notes are paid out, and to the extension status request."""

    PAYING = 0x20
    """A note is on its way to the mouth."""
    PAY_VALID = 0x23
    """A note was paid out. Repeats until the host says ACK. That it is said for each note is [U]."""
    PAY_STAY = 0x24
    """A note waits at the mouth to be taken. The host says ACK, which changes nothing [U]."""


class ExtensionStatus(IntEnum):
    """What the recycler is at, besides :class:`PayoutStatus` and :class:`RecyclerError`."""

    UNCONNECTED = 0x00
    """(named) No recycler is fitted."""
    NORMAL = 0x10
    EMPTY = 0x11
    """(named) Never said by the emulator: of which box, and beside what else, is not known."""
    FULL = 0x12
    """(named) Likewise."""
    BUSY = 0x1F
    """(named)"""


class RecyclerError(IntEnum):
    """Said to the extension status request until it is cleared."""

    RECYCLER_JAM = 0x40
    DOOR_OPEN = 0x41
    MOTOR = 0x42
    EEPROM = 0x43
    PAY_OUT_NOTE = 0x44
    RECYCLE_BOX_OPEN = 0x45
    HARDWARE = 0x4A


RECYCLER_UNIT_FAILURE = 0x4C
"""Said to STATUS REQUEST (11) while a :class:`RecyclerError` stands [1: another host program names it so]."""
_PAYOUT_STATUSES = frozenset(PayoutStatus)


def status_name(code: int) -> str:
    """Return the name of an answer to STATUS REQUEST (11), whether or not only a unit with a recycler says it. Never raises."""
    if code == RECYCLER_UNIT_FAILURE:
        return f"RECYCLER_UNIT_FAILURE[0x{code:02X}]"
    return name_of(PayoutStatus if code in _PAYOUT_STATUSES else Status, code)


def status_request() -> Frame:
    """Return ``F0 1A``."""
    return Frame(EXTENSION, bytes((ExtensionCommand.STATUS_REQUEST,)))


def extension_status(status: int) -> Frame:
    """Return the reply to the extension status request [U: its shape]."""
    return Frame(EXTENSION, bytes((ExtensionCommand.STATUS_REQUEST, status)))


def decode_extension_status(frame: Frame) -> int | None:
    """Return the status in a reply to the extension status request, None when it is something else."""
    if frame.code != EXTENSION or not 1 <= len(frame.data) <= 2:
        return None
    if len(frame.data) == 2 and frame.data[0] != ExtensionCommand.STATUS_REQUEST:
        return None
    return frame.data[-1]


def request(command: ExtensionCommand, data: bytes = b"") -> Frame:
    """Return a frame of the sub-group: ``F0 20``, the command, its data."""
    return Frame(EXTENSION, bytes((RECYCLER, command)) + data)


def get_recycle_currency() -> Frame:
    """Return the request for what each box recycles."""
    return request(ExtensionCommand.GET_RECYCLE_CURRENCY)


def set_recycle_currency(masks: Mapping[int, int]) -> Frame:
    """Return the order for what each box recycles: masks by box, bit 0 is escrow code 61."""
    groups = (mask.to_bytes(2, "little") + bytes((box,)) for box, mask in sorted(masks.items()))
    return request(ExtensionCommand.SET_RECYCLE_CURRENCY, b"".join(groups))


def recycle_currency(masks: Mapping[int, int]) -> Frame:
    """Return the reply to :func:`get_recycle_currency`."""
    pairs = (mask.to_bytes(2, "little") for _, mask in sorted(masks.items()))
    return request(ExtensionCommand.GET_RECYCLE_CURRENCY, b"".join(pairs))


def decode_masks(frame: Frame) -> dict[int, int] | None:
    """Return the masks by box in a reply about recycle currency: of GET, or the echo of SET. None when it is neither."""
    if frame.code != EXTENSION or len(frame.data) < 2 or frame.data[0] != RECYCLER:
        return None
    command, data = frame.data[1], frame.data[2:]
    if command == ExtensionCommand.GET_RECYCLE_CURRENCY and len(data) % 2 == 0:
        return {i // 2 + 1: int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)}
    if command == ExtensionCommand.SET_RECYCLE_CURRENCY and len(data) % 3 == 0:
        return {data[i + 2]: int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 3)}
    return None


def pay_out(count: int, box: int) -> Frame:
    """Return the order to pay ``count`` notes (1 to 255) from ``box``."""
    return request(ExtensionCommand.PAY_OUT, bytes((count, box)))
