"""What an emulated CCNET unit is made of, as tables: which word of ours is which code of its, and the model's notes."""

from hardware.bills.ccnet.frames import FailureReason, PollCode, RejectReason
from hardware.bills.ccnet.tables import EMPTY_ROW, TABLE_ROWS, BillRow, Identification
from hardware.bills.phases import Phase
from hardware.configfile import ConfigFile
from hardware.vocabulary import Fault, RefuseReason

REJECT_CODES: dict[RefuseReason, RejectReason] = {
    RefuseReason.INSERTION: RejectReason.INSERTION,
    RefuseReason.NOT_GENUINE: RejectReason.VERIFICATION,
    RefuseReason.UNREADABLE: RejectReason.IDENTIFICATION,
    RefuseReason.INHIBITED: RejectReason.INHIBITED,
    RefuseReason.LENGTH: RejectReason.LENGTH,
    RefuseReason.MULTIPLE: RejectReason.OPERATION,
    RefuseReason.TRANSPORT: RejectReason.CONVEYING,
    RefuseReason.UNKNOWN: RejectReason.OPERATION,
}
"""What the unit says for each reason. CCNET has no word for two notes at once: 62, a bill that remains in the head, is [U]."""
_CODE_REASONS = {code: reason for reason, code in REJECT_CODES.items()}

FLAWS: dict[str, RefuseReason] = {
    code.name.lower(): _CODE_REASONS.get(code, RefuseReason.UNKNOWN)
    for code in RejectReason
    if code is not RejectReason.INHIBITED
}
"""Words of ``insert`` that ask for one very reject code."""

MOTOR_FAILURES = (
    FailureReason.STACK_MOTOR,
    FailureReason.TRANSPORT_SPEED,
    FailureReason.TRANSPORT_MOTOR,
    FailureReason.ALIGNING_MOTOR,
)

FAILURES: dict[str, Fault] = {
    f"{code:02x}": Fault.MOTOR_FAILURE if code in MOTOR_FAILURES else Fault.DEVICE_FAILURE for code in FailureReason
}
"""Words of ``fail`` that ask for one very failure code."""
FAILURE_WORDS: dict[str, FailureReason] = {f"{code:02x}": code for code in FailureReason} | {
    "sensor": FailureReason.OPTIC_CANAL
}

FAULT_CODES: dict[Fault, PollCode] = {
    Fault.JAM_IN_ACCEPTOR: PollCode.VALIDATOR_JAMMED,
    Fault.JAM_IN_STACKER: PollCode.DROP_CASSETTE_JAMMED,
    Fault.CHEATED: PollCode.CHEATED,
    Fault.MOTOR_FAILURE: PollCode.FAILURE,
    Fault.DEVICE_FAILURE: PollCode.FAILURE,
}
"""In the order in which a unit with several would name them [U]."""

MOTION_CODES: dict[Phase, PollCode] = {
    Phase.DRAWING: PollCode.ACCEPTING,
    Phase.REJECTING: PollCode.REJECTING,
    Phase.RETURNING: PollCode.RETURNING,
    Phase.STACKING: PollCode.STACKING,
    Phase.PRESSING: PollCode.STACKING,
}

AT_REST = frozenset(
    {
        PollCode.POWER_UP,
        PollCode.POWER_UP_BILL_IN_VALIDATOR,
        PollCode.POWER_UP_BILL_IN_STACKER,
        PollCode.INITIALIZE,
        PollCode.UNIT_DISABLED,
        PollCode.DROP_CASSETTE_FULL,
        PollCode.DROP_CASSETTE_OUT,
        PollCode.VALIDATOR_JAMMED,
        PollCode.DROP_CASSETTE_JAMMED,
        PollCode.CHEATED,
        PollCode.PAUSE,
        PollCode.FAILURE,
    }
)
"""Where IDENTIFICATION and GET BILL TABLE are legal [1]."""


def bill_rows(file: ConfigFile) -> list[BillRow]:
    """Return the unit's table from ``[[notes]]``: 24 rows, empty ones for types that no note has. Raises ConfigError."""
    rows: dict[int, BillRow] = {}
    for note in file.tables("notes"):
        note.only("type", "country", "value", "exponent")
        bill_type = note.whole("type", high=TABLE_ROWS - 1)
        if bill_type in rows:
            raise note.wrong("type", "a type that no other note has")
        country = note.text("country")
        if not country.isascii() or len(country) != 3:
            raise note.wrong("country", "three ASCII letters")
        rows[bill_type] = BillRow(note.whole("value", low=1, high=255), country, note.whole("exponent", high=6))
    return [rows.get(bill_type, EMPTY_ROW) for bill_type in range(TABLE_ROWS)]


def identification(identity: ConfigFile) -> Identification:
    """Return who the unit is from ``[identity]``. Raises ConfigError when no frame could carry it."""
    return Identification(
        _text(identity, "part_number", 15), _text(identity, "serial_number", 12), _hex(identity, "asset_number", "00" * 7, 7)
    )


def firmware_crc(identity: ConfigFile) -> bytes:
    """Return the four bytes of GET CRC32 from ``[identity]``; none when the model has no ``crc32``. Raises ConfigError."""
    return _hex(identity, "crc32", "", 4) if "crc32" in identity.data else b""


def _text(identity: ConfigFile, key: str, fits: int) -> str:
    text = identity.text(key)
    if not text.isascii() or len(text) > fits:
        raise identity.wrong(key, f"at most {fits} ASCII characters")
    return text


def _hex(identity: ConfigFile, key: str, default: str, size: int) -> bytes:
    try:
        data = bytes.fromhex(identity.text(key, default))
    except ValueError:
        data = b""
    if len(data) != size:
        raise identity.wrong(key, f"{size} bytes in hexadecimal")
    return data
