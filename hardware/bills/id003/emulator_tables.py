"""What an emulated ID-003 unit is made of, as tables: settings after RESET, and which word of ours is which code of its."""

from hardware.bills.id003.frames import MAX_LENGTH, MIN_LENGTH, Command, CurrencyRow, Failure, Reject, Status
from hardware.bills.phases import Phase
from hardware.configfile import ConfigFile
from hardware.vocabulary import Fault, RefuseReason

FIRST_CODE = 0x61
TICKET = 0x6F
"""Stands in ESCROW for a barcode ticket; the ASCII of the ticket follows."""
TABLE_ROWS = 8
"""A table has rows 61..68 on ordinary units, up to 70 on newer ones."""

DEFAULT_SETTINGS: dict[int, bytes] = {
    Command.SET_DENOMINATION: b"\x00\x00",
    Command.SET_SECURITY: b"\x00\x00",
    Command.SET_COMMUNICATION_MODE: b"\x00",
    Command.SET_INHIBIT: b"\x01",  # [U] nothing is taken before the host said so
    Command.SET_DIRECTION: b"\x00",
    Command.SET_OPTIONAL_FUNCTION: b"\x00\x00",
    Command.SET_BARCODE_FUNCTION: b"\x00\x00",
    Command.SET_BAR_INHIBIT: b"\x00",
    Command.SET_ESCROW_LIMIT: b"\x01",
}
"""What each setting is after RESET, which also says how many data bytes its command must have."""

REJECT_CODES: dict[RefuseReason, Reject] = {
    RefuseReason.INSERTION: Reject.INSERTION,
    RefuseReason.NOT_GENUINE: Reject.PHOTO_PATTERN_1,
    RefuseReason.UNREADABLE: Reject.DENOMINATION,
    RefuseReason.INHIBITED: Reject.INHIBITED,
    RefuseReason.LENGTH: Reject.LENGTH,
    RefuseReason.MULTIPLE: Reject.MULTIPLE,
    RefuseReason.TRANSPORT: Reject.CONVEYING,
    RefuseReason.UNKNOWN: Reject.OPERATION,
}
_CODE_REASONS = {code: reason for reason, code in REJECT_CODES.items()}

FLAWS: dict[str, RefuseReason] = {
    code.name.lower(): _CODE_REASONS.get(code, RefuseReason.UNKNOWN) for code in Reject if code is not Reject.INHIBITED
}
"""Words of ``insert`` that ask for one very reject code."""

MOTOR_FAILURES = (Failure.STACKER_MOTOR, Failure.TRANSPORT_MOTOR_SPEED, Failure.TRANSPORT_MOTOR, Failure.ALIGNING_MOTOR)

FAILURES: dict[str, Fault] = {
    f"{code:02x}": Fault.MOTOR_FAILURE if code in MOTOR_FAILURES else Fault.DEVICE_FAILURE for code in Failure
}
"""Words of ``fail`` that ask for one very failure code."""
FAILURE_WORDS: dict[str, Failure] = {f"{code:02x}": code for code in Failure} | {"sensor": Failure.OPTICAL}

FAULT_STATUSES: dict[Fault, Status] = {
    Fault.JAM_IN_ACCEPTOR: Status.JAM_IN_ACCEPTOR,
    Fault.JAM_IN_STACKER: Status.JAM_IN_STACKER,
    Fault.CHEATED: Status.CHEATED,
    Fault.MOTOR_FAILURE: Status.FAILURE,
    Fault.DEVICE_FAILURE: Status.FAILURE,
}
"""In the order in which a unit with several would name them [U]."""

MOTION_STATUSES: dict[Phase, Status] = {
    Phase.DRAWING: Status.ACCEPTING,
    Phase.REJECTING: Status.REJECTING,
    Phase.RETURNING: Status.RETURNING,
    Phase.STACKING: Status.STACKING,
    Phase.PRESSING: Status.STACKING,
}


def currency_rows(file: ConfigFile) -> list[CurrencyRow]:
    """Return the unit's table from ``[[notes]]``, with empty rows for codes that no note has."""
    rows: dict[int, CurrencyRow] = {}
    for note in file.tables("notes"):
        code = note.whole("code", low=FIRST_CODE, high=FIRST_CODE + 15)
        if code == TICKET:
            raise note.wrong("code", "a code other than 6F, which stands for a barcode ticket")
        if code in rows:
            raise note.wrong("code", "a code that no other note has")
        power = note.whole("power", high=6)
        rows[code] = CurrencyRow(code, note.whole("country", low=1, high=255), note.whole("value", low=1, high=255), power)
    last = max([*rows, FIRST_CODE + TABLE_ROWS - 1])
    return [rows.get(code, CurrencyRow(code, 0, 0, 0)) for code in range(FIRST_CODE, last + 1)]


def identity_text(identity: ConfigFile, key: str) -> bytes:
    """Return a text of ``[identity]`` as the unit sends it. Raises ConfigError when no frame could carry it."""
    text = identity.text(key)
    if not text.isascii() or len(text) > MAX_LENGTH - MIN_LENGTH:
        raise identity.wrong(key, f"at most {MAX_LENGTH - MIN_LENGTH} ASCII characters")
    return text.encode("ascii")
