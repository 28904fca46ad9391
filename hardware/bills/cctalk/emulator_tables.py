"""What an emulated ccTalk bill validator is made of, as tables: its notes, and which trouble of ours is which code of its.

Codes are the reference's [2]; which trouble gets which of them is chosen here [U], after the codes' names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.bills.phases import Event
from hardware.cctalk.codes import BillStatus, FaultCode
from hardware.cctalk.ids import JAPAN, JAPANESE_BILLS, read_bill_id
from hardware.configfile import ConfigFile
from hardware.vocabulary import Fault, RefuseReason

POSITIONS = 16
"""Notes in the table: bits of the inhibit mask."""

REFUSALS: Mapping[RefuseReason, BillStatus] = {
    RefuseReason.INSERTION: BillStatus.REJECT_TRANSPORT,
    RefuseReason.NOT_GENUINE: BillStatus.REJECT_VALIDATION,
    RefuseReason.UNREADABLE: BillStatus.REJECT_VALIDATION,
    RefuseReason.INHIBITED: BillStatus.INHIBITED_SERIAL,
    RefuseReason.LENGTH: BillStatus.REJECT_VALIDATION,
    RefuseReason.MULTIPLE: BillStatus.REJECT_TRANSPORT,
    RefuseReason.TRANSPORT: BillStatus.REJECT_TRANSPORT,
    RefuseReason.UNKNOWN: BillStatus.REJECT_VALIDATION,
}

BARCODE = "barcode"
FLAWS: Mapping[str, RefuseReason] = {BARCODE: RefuseReason.UNKNOWN}
"""Words of ``insert`` besides the common ones: a ticket, told as 20 and given back."""

FAILURES: Mapping[str, Fault] = {
    "stacker": Fault.MOTOR_FAILURE,
    "anti-string": Fault.DEVICE_FAILURE,
    "tamper": Fault.CHEATED,
}
"""What can break besides ``motor`` and ``sensor``, of which only the self-check tells."""

BREAKAGES: Mapping[str, BillStatus] = {
    "stacker": BillStatus.STACKER_FAULTY,
    "anti-string": BillStatus.ANTI_STRING_FAULTY,
    "tamper": BillStatus.TAMPER,
}
"""Status by the word of what broke."""

BOX_EVENTS: Mapping[str, BillStatus] = {
    Event.CASHBOX_OPENED: BillStatus.STACKER_REMOVED,
    Event.CASHBOX_CLOSED: BillStatus.STACKER_INSERTED,
    Event.CASHBOX_FULL: BillStatus.STACKER_FULL,
}

FAULT_CODES: Mapping[Fault, FaultCode] = {
    Fault.JAM_IN_ACCEPTOR: FaultCode.BILL_JAMMED,
    Fault.JAM_IN_STACKER: FaultCode.STACKER,
    Fault.CHEATED: FaultCode.STRING_SENSOR,
    Fault.MOTOR_FAILURE: FaultCode.BILL_MOTOR,
    Fault.DEVICE_FAILURE: FaultCode.BILL_SENSOR,
}
"""Answer to the self-check, the gravest first."""
BREAKAGE_CODES: Mapping[str, FaultCode] = {"stacker": FaultCode.STACKER, "anti-string": FaultCode.STRING_SENSOR}
"""The same by the word of what broke, where that is more exact."""


@dataclass(frozen=True)
class BillRow:
    """One position of the unit's table."""

    position: int
    """1 to 16: how events call the note."""
    bill_id: bytes
    """Seven characters, answered to 157: ``JP0001A``."""
    yen: int
    dip_inhibited: bool
    """Whether a switch at the unit refuses it, whatever the host's mask says."""


def bill_rows(file: ConfigFile) -> dict[int, BillRow]:
    """Read the model's ``[[notes]]`` by position. Raises ConfigError."""
    rows: dict[int, BillRow] = {}
    for note in file.tables("notes"):
        note.only("position", "id", "dip_inhibited")
        position = note.whole("position", low=1, high=POSITIONS)
        if position in rows:
            raise note.wrong("position", "a position that no other note has")
        text = note.text("id")
        money = read_bill_id(text.encode("ascii", errors="replace"))
        yen = None if money is None or money.country != JAPAN else JAPANESE_BILLS.amount(money.value)
        if yen is None:
            raise note.wrong("id", "seven characters such as JP0001A for 1,000 yen")
        rows[position] = BillRow(position, text.encode("ascii"), yen, note.flag("dip_inhibited", False))
    return rows
