"""What a ccTalk coin acceptor calls the troubles of its mechanism, and the coins that a model knows.

Error codes are the reference's (ccTalk, coin acceptor) [2]; which trouble of ours gets which code is a choice of ours [U], made
after the codes' names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.cctalk.codes import CoinError, FaultCode
from hardware.cctalk.ids import COIN_ID_LENGTH
from hardware.coins.coins import Flaw, Trick
from hardware.coins.mechanism import JamPlace
from hardware.configfile import ConfigFile
from hardware.vocabulary import Fault, RefuseReason

POSITIONS = 16
"""Coins in the table of an acceptor: bits of the inhibit mask."""

PATHS = 8
"""Sorter paths that exist."""


FLAWS: Mapping[str, Flaw] = {
    "reject": RefuseReason.UNKNOWN,
    "multiple-window": RefuseReason.UNREADABLE,
    "wake-up-timeout": RefuseReason.TRANSPORT,
    "validation-timeout": RefuseReason.TRANSPORT,
    "second-close-coin": RefuseReason.MULTIPLE,
    "reject-coin-not-cleared": RefuseReason.TRANSPORT,
    "dce-timeout": RefuseReason.TRANSPORT,
    "dce-not-seen": RefuseReason.UNREADABLE,
    "repeated-trip": RefuseReason.INSERTION,
    "slug": RefuseReason.NOT_GENUINE,
    "unspecified": RefuseReason.UNKNOWN,
}
"""The protocol's own words for a bad coin; each is the name of its code, in the small letters of commands."""

FAILURES: Mapping[str, Fault] = {
    "coils": Fault.DEVICE_FAILURE,
    "credit-sensor": Fault.DEVICE_FAILURE,
    "sorter": Fault.DEVICE_FAILURE,
    "gate": Fault.DEVICE_FAILURE,
    "gate-closed": Fault.DEVICE_FAILURE,
    "reject-sensor": Fault.DEVICE_FAILURE,
    "motor": Fault.MOTOR_FAILURE,
}
"""What can break."""

SELF_CHECK: Mapping[str, FaultCode] = {
    "coils": FaultCode.COILS,
    "credit-sensor": FaultCode.CREDIT_SENSOR,
    "sorter": FaultCode.SORTER_SENSOR,
    "gate": FaultCode.GATE_CLOSED,
    "gate-closed": FaultCode.GATE_CLOSED,
    "reject-sensor": FaultCode.REJECT_SENSOR,
    "motor": FaultCode.UNSPECIFIED,
}
"""Fault code of the self-check (232) for what broke; their use is [U]."""

JAM_SELF_CHECK: Mapping[JamPlace, FaultCode] = {
    JamPlace.ENTRY: FaultCode.WAKE_UP_SENSOR,
    JamPlace.SENSOR: FaultCode.COILS,
    JamPlace.GATE: FaultCode.CREDIT_SENSOR,
    JamPlace.SORTER: FaultCode.SORTER_SENSOR,
}
"""Fault code of the self-check for the sensor that a stuck coin covers [U]."""

STUCK_ERRORS: Mapping[str, CoinError] = {
    "entry": CoinError.WAKE_UP_TIMEOUT,
    "sensor": CoinError.VALIDATION_TIMEOUT,
    "gate": CoinError.CREDIT_SENSOR_TIMEOUT,
    "sorter": CoinError.SORTER_OPTO_TIMEOUT,
}
"""What is told when a coin gets stuck there."""

TRICK_ERRORS: Mapping[str, CoinError] = {
    Trick.SLOW.value: CoinError.TOO_SLOW,
    Trick.FAST.value: CoinError.TOO_FAST,
    Trick.EARLY.value: CoinError.TOO_EARLY,
    Trick.SEQUENCE.value: CoinError.CREDIT_SEQUENCE,
    Trick.SWALLOWED.value: CoinError.SWALLOWED,
}
"""What is told of a coin that went in without a credit."""

REFUSAL_ERRORS: Mapping[str, CoinError] = {
    **{word: CoinError[word.upper().replace("-", "_")] for word in FLAWS},
    "close": CoinError.SECOND_CLOSE_COIN,
    "gate-blocked": CoinError.CREDIT_SENSOR_BLOCKED,
    "sorter-blocked": CoinError.SORTER_OPTO_BLOCKED,
    "entry-blocked": CoinError.VALIDATION_SENSOR_NOT_READY,
    "sensor-blocked": CoinError.VALIDATION_SENSOR_NOT_READY,
    "coils": CoinError.VALIDATION_SENSOR_NOT_READY,
    "credit-sensor": CoinError.CREDIT_SENSOR_NOT_READY,
    "sorter": CoinError.SORTER_NOT_READY,
    "gate": CoinError.GATE_NOT_READY,
    "gate-closed": CoinError.GATE_CLOSED,
    "reject-sensor": CoinError.REJECT_SENSOR_BLOCKED,
    "motor": CoinError.MOTOR,
}
"""What is told of a refused coin, by the mechanism's word for it."""

REASON_ERRORS: Mapping[str, CoinError] = {
    RefuseReason.INSERTION.value: CoinError.REPEATED_TRIP,
    RefuseReason.NOT_GENUINE.value: CoinError.SLUG,
    RefuseReason.UNREADABLE.value: CoinError.REJECT,
    RefuseReason.INHIBITED.value: CoinError.INHIBITED,
    RefuseReason.LENGTH.value: CoinError.MULTIPLE_WINDOW,
    RefuseReason.MULTIPLE.value: CoinError.SECOND_CLOSE_COIN,
    RefuseReason.TRANSPORT.value: CoinError.VALIDATION_TIMEOUT,
    RefuseReason.UNKNOWN.value: CoinError.UNSPECIFIED,
}
"""What is told of a refused coin for which there is no such word."""


@dataclass(frozen=True)
class CoinRow:
    """One position of the acceptor's table."""

    position: int
    """1 to 16: how events call the coin."""
    coin_id: str
    """Six characters, answered to 184: ``JP100A``. Also the kind of the coin as matter."""
    yen: int
    path: int
    """Sorter path after power-up."""


def coin_rows(file: ConfigFile) -> dict[int, CoinRow]:
    """Read the model's ``[[coins]]`` by position. Raises ConfigError."""
    rows: dict[int, CoinRow] = {}
    for table in file.tables("coins"):
        table.only("position", "id", "yen", "path")
        row = CoinRow(
            table.whole("position", low=1, high=POSITIONS),
            coin_id(table, "id"),
            table.whole("yen", low=1, high=9999),
            table.whole("path", 1, low=1, high=PATHS),
        )
        if row.position in rows:
            raise table.wrong("position", "one that no other coin has")
        if any(row.coin_id == other.coin_id for other in rows.values()):
            raise table.wrong("id", "one that no other coin has")
        rows[row.position] = row
    return rows


def coin_id(table: ConfigFile, key: str) -> str:
    """Return a coin's name of six printable characters. Raises ConfigError."""
    text = table.text(key)
    if len(text) != COIN_ID_LENGTH or not (text.isascii() and text.isprintable()):
        raise table.wrong(key, "six characters of ASCII, such as JP100A")
    return text
