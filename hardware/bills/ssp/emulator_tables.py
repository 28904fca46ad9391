"""What an emulated SSP unit is made of, as tables: its model file, and which word of ours is which code of its."""

from dataclasses import dataclass
from enum import Enum

from hardware.bills.ssp.commands import PAYOUT_COMMANDS, Command, Reject
from hardware.bills.ssp.events import EventCode
from hardware.bills.ssp.frames import HIGHEST_ADDRESS
from hardware.bills.ssp.messages import Channel
from hardware.bills.ssp.security import Encryption
from hardware.configfile import ConfigFile
from hardware.vocabulary import RefuseReason

MOST_CHANNELS = 16
"""As many as SET INHIBITS has bits for."""
INHIBITED_IN_DATASET = 4
"""Security of a channel that the unit itself does not accept [1]."""

PARAMETERS: dict[Command, range] = {
    Command.SET_INHIBITS: range(1, 9),  # [1] its length varies; how far is [U]
    Command.HOST_PROTOCOL_VERSION: range(1, 2),
    Command.SET_GENERATOR: range(8, 9),
    Command.SET_MODULUS: range(8, 9),
    Command.REQUEST_KEY_EXCHANGE: range(8, 9),
    Command.CONFIGURE_BEZEL: range(4, 5),
    Command.SET_FIXED_KEY: range(8, 9),
}
"""How many bytes of parameters a command wants; none when it is not here."""

MUST_BE_ENCRYPTED = PAYOUT_COMMANDS | {Command.POLL, Command.POLL_WITH_ACK, Command.EVENT_ACK}
"""Commands that a key-enabled unit answers KEY NOT SET when they come plain: replies with credits and payout commands. That
EVENT ACK is one of them is [1], that enable, inhibits, hold and reject are not is [U]."""

ROUTE_COMMANDS = frozenset(
    {Command.SET_DENOMINATION_ROUTE, Command.GET_DENOMINATION_ROUTE, Command.ENABLE_PAYOUT, Command.DISABLE_PAYOUT}
)
"""Payout commands that a unit without payout answers CANNOT PROCESS, not connected [1]; the others it does not know [U]."""

REJECT_CODES: dict[RefuseReason, Reject] = {
    RefuseReason.INSERTION: Reject.NO_NOTE,
    RefuseReason.NOT_GENUINE: Reject.GRAPH,
    RefuseReason.UNREADABLE: Reject.AVERAGE,
    RefuseReason.LENGTH: Reject.LENGTH,
    RefuseReason.MULTIPLE: Reject.DOUBLE_NOTE,
    RefuseReason.TRANSPORT: Reject.SLOW_MECHANISM,
    RefuseReason.UNKNOWN: Reject.BURIED,
}
"""What the unit says for a flaw named in our words [U]."""
_CODE_REASONS = {
    **{code: reason for reason, code in REJECT_CODES.items()},
    Reject.TOO_LONG: RefuseReason.LENGTH,
    Reject.SHORT: RefuseReason.LENGTH,
    Reject.WIDTH: RefuseReason.LENGTH,
    Reject.SECOND_NOTE: RefuseReason.MULTIPLE,
    Reject.UNABLE_TO_STACK: RefuseReason.TRANSPORT,
}
_BY_CONDUCT = frozenset(
    {Reject.ACCEPTED, Reject.CHANNEL_INHIBIT, Reject.BY_HOST, Reject.DISABLED_BY_HOST, Reject.ESCROW_TIMEOUT}
)
"""Codes that come from what happens to a good note, never from a flaw of it."""
FLAWS: dict[str, RefuseReason] = {
    code.name.lower(): _CODE_REASONS.get(code, RefuseReason.UNKNOWN) for code in Reject if code not in _BY_CONDUCT
}
"""Words of ``insert`` that ask for one very reject code."""


class CreditPoint(Enum):
    """When a unit says CREDIT: where it takes the note to be past recovery."""

    LEVER = "lever"
    """As soon as the note has passed the stacker lever: the credit shares its packet with STACKING, as seen live [R]."""
    CASHBOX = "cashbox"
    """When the note lies in the box."""


@dataclass(frozen=True)
class UnitFacts:
    """Tables ``[unit]`` and ``[encryption]`` of a model."""

    address: int
    firmware: str
    """Four digits, as in the set-up reply."""
    firmware_full: bytes
    dataset: bytes
    country: str
    serial: int
    multiplier: int
    protocol_at_start: int
    protocol_highest: int
    credit_point: CreditPoint
    into_cashbox_at_reset: EventCode
    """How it tells that a note of its former life went into the box: by channel (E2) or by value (CA)."""
    encryption: Encryption
    fixed_key: int

    @classmethod
    def read(cls, file: ConfigFile) -> "UnitFacts":
        """Read both tables. Raises ConfigError."""
        unit = file.table("unit").only(
            *("address", "firmware", "firmware_full", "dataset", "country", "serial", "value_multiplier"),
            *("protocol_at_start", "protocol_highest", "credit_at", "power_up_event"),
        )
        highest = unit.whole("protocol_highest", 8, low=1, high=255)
        encryption = file.table("encryption").only("mode", "fixed_key")
        power_up = unit.choice("power_up_event", ("channel", "value"), "channel")
        return cls(
            address=unit.whole("address", 0, high=HIGHEST_ADDRESS),
            firmware=_ascii(unit, "firmware", 4),
            firmware_full=_ascii(unit, "firmware_full", 16).encode(),
            dataset=_ascii(unit, "dataset", 8).encode(),
            country=_ascii(unit, "country", 3),
            serial=unit.whole("serial", high=2**32 - 1),
            multiplier=unit.whole("value_multiplier", low=1, high=2**24 - 1),
            protocol_at_start=unit.whole("protocol_at_start", 4, low=1, high=highest),
            protocol_highest=highest,
            credit_point=CreditPoint(unit.choice("credit_at", tuple(point.value for point in CreditPoint), "lever")),
            into_cashbox_at_reset=(
                EventCode.CLEARED_INTO_CASHBOX if power_up == "channel" else EventCode.NOTE_INTO_STACKER_AT_RESET
            ),
            encryption=Encryption(encryption.choice("mode", tuple(mode.value for mode in Encryption))),
            fixed_key=_key(encryption),
        )


def read_channels(file: ConfigFile, multiplier: int) -> tuple[Channel, ...]:
    """Return the unit's channels from ``[[notes]]``; one that no note has is sent as empty. Raises ConfigError."""
    country = file.table("unit").text("country")
    channels: dict[int, Channel] = {}
    for note in file.tables("notes"):
        note.only("channel", "yen", "security")
        number = note.whole("channel", low=1, high=MOST_CHANNELS)
        if number in channels:
            raise note.wrong("channel", "a channel that no other note has")
        yen = note.whole("yen", low=1)
        if yen % multiplier or not 1 <= yen // multiplier <= 255:
            raise note.wrong("yen", f"1 to 255 times the value_multiplier {multiplier}")
        security = note.whole("security", 2, low=1, high=INHIBITED_IN_DATASET)
        channels[number] = Channel(yen // multiplier, yen, country, security)
    return tuple(channels.get(number, Channel(0, 0, country, 0)) for number in range(1, max(channels, default=0) + 1))


def _ascii(table: ConfigFile, key: str, length: int) -> str:
    text = table.text(key)
    if not text.isascii() or len(text) != length:
        raise table.wrong(key, f"{length} ASCII characters")
    return text


def _key(table: ConfigFile) -> int:
    text = table.text("fixed_key", "0123456701234567")
    try:
        number = int(text, 16)
    except ValueError:
        number = -1
    if not 0 <= number < 2**64:
        raise table.wrong("fixed_key", "16 hexadecimal digits in quotes")
    return number
