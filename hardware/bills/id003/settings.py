"""How one unit is served and set up: times from its model file, and what it is told at INITIALIZE."""

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.bills.id003.frames import (
    COUNTRY_JAPAN,
    Command,
    CurrencyRow,
    Frame,
    OptionalFunction,
)
from hardware.configfile import ConfigFile
from hardware.models import DeviceModel

FIRST_ESCROW_CODE = 0x61
LAST_ESCROW_CODE = 0x70
"""16 codes, one per bit of SET DENOMINATION; 69..70 on newer units only."""

INHIBIT = Frame(Command.SET_INHIBIT, b"\x01")
ACCEPT = Frame(Command.SET_INHIBIT, b"\x00")

SETTINGS_AT_INITIALIZE = (
    Frame(Command.SET_SECURITY, b"\x00\x00"),
    Frame(Command.SET_COMMUNICATION_MODE, b"\x00"),  # polled, whatever another host had set
    Frame(Command.SET_DIRECTION, b"\x00"),
    Frame(Command.SET_OPTIONAL_FUNCTION, bytes((OptionalFunction.POWER_RECOVERY, 0))),
)
"""What a unit may also refuse or round off without harm; SET DENOMINATION and SET INHIBIT it must take as sent."""


@dataclass(frozen=True)
class PollSettings:
    """``[poll]`` of the device model."""

    interval_s: float = 0.2
    """From one status request to the next; hosts in the field use 0.1, 0.15 and 0.2 [2]."""
    reply_timeout_s: float = 0.3
    """A unit answers within about 50 ms, 500 ms while initialising; allow 300 [2]."""
    lost_after: int = 3
    """So many unanswered status requests in a row mean that the unit is off line."""
    hold_renew_s: float = 4.0
    """How often HOLD is sent again; well under the escrow time-out, about 10 s [U]."""

    @classmethod
    def from_model(cls, model: DeviceModel) -> "PollSettings":
        """Read the table; what is missing keeps its default. Raises ConfigError."""
        poll = ConfigFile(model.path, model.settings).table("poll", optional=True)
        poll.only("interval_s", "reply_timeout_s", "lost_after", "hold_renew_s")
        return cls(
            interval_s=poll.number("interval_s", cls.interval_s, low=0.01),
            reply_timeout_s=poll.number("reply_timeout_s", cls.reply_timeout_s, low=0.01),
            lost_after=poll.whole("lost_after", cls.lost_after, low=1),
            hold_renew_s=poll.number("hold_renew_s", cls.hold_renew_s, low=0.1),
        )


def worth_in_yen(rows: list[CurrencyRow]) -> dict[int, int]:
    """Return what each escrow code is worth, for the rows of Japan; rows of country 00 mean "no note here"."""
    return {
        row.escrow_code: row.amount
        for row in rows
        if row.country == COUNTRY_JAPAN
        and row.value > 0
        and row.power_of_ten <= 6  # a garbled power of 255 would make a number of 255 digits and call it money
        and FIRST_ESCROW_CODE <= row.escrow_code <= LAST_ESCROW_CODE
    }


def denomination_mask(worth_yen: Mapping[int, int], wanted_yen: frozenset[int]) -> Frame:
    """Return the SET DENOMINATION that accepts the ``wanted_yen`` and nothing else. TRAP: 1 = disabled."""
    mask = 0xFFFF
    for escrow_code, yen in worth_yen.items():
        if yen in wanted_yen:
            mask &= ~(1 << escrow_code - FIRST_ESCROW_CODE)
    return Frame(Command.SET_DENOMINATION, mask.to_bytes(2, "little"))
