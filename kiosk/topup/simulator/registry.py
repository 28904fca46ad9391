"""Whose line a number is and what happens to it, from ``config/simulator.toml``.

Deterministic by number, so that a demonstration or a test picks its story by dialling it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hardware.configfile import ConfigFile
from kiosk.topup.subscriber import LineStatus
from kiosk.topup.target import Target


class CommitStory(StrEnum):
    """What a commit for the line does."""

    COMPLETED = "COMPLETED"
    DECLINED = "DECLINED"
    REPLY_LOST = "REPLY_LOST"
    """Takes effect; the first reply never leaves."""
    REQUEST_LOST = "REQUEST_LOST"
    """Never has an effect nor an answer."""
    HTTP_500 = "HTTP_500"
    """Takes effect; the first reply is an internal error."""
    SUBMITTED_THEN_COMPLETED = "SUBMITTED_THEN_COMPLETED"
    UNKNOWN_THEN_COMPLETED = "UNKNOWN_THEN_COMPLETED"
    UNKNOWN_THEN_DECLINED = "UNKNOWN_THEN_DECLINED"


class ReverseStory(StrEnum):
    """What a reversal for the line does."""

    REVERSED = "REVERSED"
    REFUSED = "REFUSED"
    PENDING = "PENDING"
    PENDING_THEN_FAILED = "PENDING_THEN_FAILED"


@dataclass(frozen=True)
class Line:
    """A line before any top-up of ours."""

    ending: str
    """Four digits that pick it; empty for the ordinary line."""
    story: str
    status: LineStatus
    valid_for_days: int | None
    """From the day of asking; None for a new line."""
    balance_yen: int
    ported: bool
    used_today_yen: int
    commit: CommitStory
    reverse: ReverseStory
    settles_after_s: int
    carrier_down: bool


@dataclass(frozen=True)
class Terms:
    """How long the gateway's promises hold."""

    quote_s: int = 600
    reservation_s: int = 900
    reversal_window_s: int = 1800
    settlement_s: int = 3 * 3600
    """After midnight, Japan's time: then a day is closed, what was unknown of it is decided, and its file can be had."""


@dataclass(frozen=True)
class Registry:
    """Every line there is."""

    otherwise: str
    digit: Mapping[str, str]
    ported_to: Mapping[str, str]
    ordinary: Line
    stories: Mapping[str, Line]
    """By ending."""
    terms: Terms

    def line(self, target: Target) -> Line:
        """Return the line of a number."""
        digits = target.value[:-1] if target.kind == "iccid" else target.value
        return self.stories.get(digits[-4:], self.ordinary)

    def carrier(self, target: Target) -> str:
        """Return who serves a number now."""
        # +8190 0 1... and 8981 99 1...: the digit is the seventh character of both.
        ours = target.value[5] == "0" if target.kind == "phone" else target.value.startswith("898199")
        first = self.digit.get(target.value[6], self.otherwise) if ours else self.otherwise
        return self.ported_to[first] if self.line(target).ported else first


def load_registry(path: Path, carriers: Collection[str]) -> Registry:
    """Read ``simulator.toml``. Raises ConfigError naming file, key, what was found and what was expected."""
    known = tuple(carriers)
    file = ConfigFile.read(path).only("carriers", "ordinary", "clock", "line")
    served = file.table("carriers").only("otherwise", "digit", "ported_to")
    digit = served.table("digit").only(*"0123456789")
    ported_to = served.table("ported_to").only(*known)
    clock = file.table("clock").only("quote_s", "reservation_s", "reversal_window_s", "settlement_s")
    base = file.table("ordinary").only("valid_for_days", "balance_yen")
    ordinary = Line(
        ending="",
        story="An ordinary line.",
        status=LineStatus.ACTIVE,
        valid_for_days=base.whole("valid_for_days", low=-3660, high=3660),
        balance_yen=base.whole("balance_yen"),
        ported=False,
        used_today_yen=0,
        commit=CommitStory.COMPLETED,
        reverse=ReverseStory.REVERSED,
        settles_after_s=0,
        carrier_down=False,
    )
    stories: dict[str, Line] = {}
    for table in file.tables("line"):
        line = _line(table, ordinary)
        if line.ending in stories:
            raise table.wrong("ending", "an ending that no other line has")
        stories[line.ending] = line
    return Registry(
        otherwise=served.choice("otherwise", known),
        digit={key: digit.choice(key, known) for key in digit.data},
        ported_to={key: ported_to.choice(key, known) for key in known},
        ordinary=ordinary,
        stories=stories,
        terms=Terms(
            quote_s=clock.whole("quote_s", low=1),
            reservation_s=clock.whole("reservation_s", low=1),
            reversal_window_s=clock.whole("reversal_window_s", low=1),
            settlement_s=clock.whole("settlement_s", Terms.settlement_s, low=3600, high=86_400),
        ),
    )


def _line(file: ConfigFile, ordinary: Line) -> Line:
    file.only(
        *("ending", "story", "status", "new", "valid_for_days", "balance_yen", "ported", "used_today_yen"),
        *("commit", "reverse", "settles_after_s", "carrier_down"),
    )
    ending = file.text("ending")
    if len(ending) != 4 or not (ending.isascii() and ending.isdigit()):
        raise file.wrong("ending", "four digits in quotes")
    new = file.flag("new", False)
    if new and "valid_for_days" in file.data:
        raise file.wrong("valid_for_days", "nothing: a new line has no validity yet")
    commit = file.choice("commit", tuple(CommitStory), ordinary.commit)
    return Line(
        ending=ending,
        story=file.text("story"),
        status=file.choice("status", tuple(LineStatus), ordinary.status),
        valid_for_days=None if new else file.whole("valid_for_days", ordinary.valid_for_days, low=-3660, high=3660),
        balance_yen=file.whole("balance_yen", ordinary.balance_yen),
        ported=file.flag("ported", False),
        used_today_yen=file.whole("used_today_yen", 0),
        commit=commit,
        reverse=file.choice("reverse", tuple(ReverseStory), ordinary.reverse),
        settles_after_s=file.whole("settles_after_s", low=1) if "_THEN_" in commit else 0,
        carrier_down=file.flag("carrier_down", False),
    )
