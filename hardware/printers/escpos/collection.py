"""What becomes of a printed ticket at the mouth of a presenter.

The full status of kiosk printers (``DLE EOT 20``) says whether a ticket is in the output [D: KPM manuals]; nothing says who
moved it. So a ticket is TAKEN when it was seen there and then not, while no motor ran and no retraction of ours or of the
printer's own was due; it is PRESENTED when it was seen there and anything else followed; it stays PRINTED when it was never
seen at the mouth, and is UNKNOWN when it stuck on the way. Polling sees nothing shorter than its period: a ticket snatched
sooner counts as never seen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from hardware.configfile import ConfigFile
from hardware.errors import DeviceTimeout, OfflineError
from hardware.printers.escpos.ejector import (
    EJECT,
    RETRACT,
    FullStatus,
    KioskPaperBits,
    KioskRecoverableBits,
    KioskUnrecoverableBits,
    KioskUserBits,
)
from hardware.printers.escpos.line import PrinterLine
from hardware.vocabulary import JobOutcome

LOOK_EVERY_S: Final = 0.2
_REMOVAL_S: Final = 5.0
"""Longest wait for a ticket to be drawn back or pushed out."""
_BEFORE_ITS_TIME_S: Final = 1.0
"""How near the printer's own time must be for a vanished ticket to be the printer's doing."""

NotTaken = Literal["retract", "eject", "leave"]
_CHOICES: Final[tuple[NotTaken, ...]] = ("retract", "eject", "leave")


@dataclass(frozen=True)
class TicketPolicy:
    """``[ticket]`` of a device model: how a presenter is used. A model without that table has none."""

    present_steps: int
    """Operand of ``GS e 3`` after the cut."""
    present_s: float
    """Longest wait for a ticket to reach the mouth."""
    take_s: float
    """How long a customer has to take it."""
    not_taken: NotTaken
    """What is done with it then; a ticket that was left is ejected before the next one."""
    own_hold_s: float | None
    """After how long the printer itself moves a ticket (``[presenter].hold_s``); None when it never does."""

    @property
    def put_away(self) -> bytes:
        """The command that makes room for another ticket."""
        return RETRACT if self.not_taken == "retract" else EJECT

    @classmethod
    def from_config(cls, file: ConfigFile) -> "TicketPolicy | None":
        """Read ``[ticket]``; None when the model has no such table. Raises ConfigError."""
        if "ticket" not in file.data:
            return None
        table = file.table("ticket").only("present_steps", "present_s", "take_s", "not_taken")
        hold_s = file.table("presenter", optional=True).number("hold_s", 0.0)
        return cls(
            present_steps=table.whole("present_steps", 8, low=1, high=255),
            present_s=table.number("present_s", 3.0, low=0.1),
            take_s=table.number("take_s", 20.0),
            not_taken=table.choice("not_taken", _CHOICES, "retract"),
            own_hold_s=hold_s or None,
        )


class Collection:
    """One printed ticket, from the cut until nobody waits for it any more."""

    def __init__(self, line: PrinterLine, policy: TicketPolicy, seen: Callable[[], None]) -> None:
        self._line = line
        self._policy = policy
        self._seen = seen
        """Called once, when the ticket is first seen at the mouth."""
        self.outcome = JobOutcome.PRINTED
        """What is true of the ticket if nobody looks any more."""

    async def follow(self) -> JobOutcome:
        """Watch the ticket until it is gone or its time is over; then see to it. Bounded in time; never raises for a line."""
        try:
            return await self._watch()
        except OfflineError:
            return self.outcome

    async def _watch(self) -> JobOutcome:
        loop = asyncio.get_running_loop()
        began_s = since_s = loop.time()
        motor_ran = False
        while True:
            status = await look(self._line)
            now_s = loop.time()
            at_mouth = self.outcome is JobOutcome.PRESENTED
            if status is not None:
                if is_jammed(status):
                    return self.outcome if at_mouth else JobOutcome.UNKNOWN
                moves = KioskUserBits.DRAG_MOTOR in status.user
                if KioskPaperBits.TICKET_IN_OUTPUT in status.paper:
                    if not at_mouth:
                        since_s, self.outcome = now_s, JobOutcome.PRESENTED
                        self._seen()
                elif at_mouth:
                    by_itself = motor_ran or moves or self._its_own_time(now_s - since_s)
                    return JobOutcome.PRESENTED if by_itself else JobOutcome.TAKEN
                motor_ran = moves
            if self.outcome is JobOutcome.PRESENTED:
                if now_s - since_s >= self._policy.take_s:
                    if self._policy.not_taken != "leave":
                        await remove(self._line, self._policy.put_away)
                    return self.outcome
            elif now_s - began_s >= self._policy.present_s:
                return self.outcome
            await asyncio.sleep(LOOK_EVERY_S)

    def _its_own_time(self, stood_s: float) -> bool:
        own_s = self._policy.own_hold_s
        return own_s is not None and stood_s >= own_s - _BEFORE_ITS_TIME_S


async def look(line: PrinterLine) -> FullStatus | None:
    """Ask for the full status; None when no answer comes. Raises OfflineError."""
    try:
        return await line.ask_full_status()
    except DeviceTimeout:
        return None


async def remove(line: PrinterLine, command: bytes) -> bool:
    """Draw a ticket back or push it out; return whether it is gone. Raises OfflineError."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + _REMOVAL_S
    try:
        async with asyncio.timeout_at(deadline_s):
            await line.wait_for_xon()
            await line.send(command)
    except TimeoutError:
        return False
    while loop.time() < deadline_s:
        await asyncio.sleep(LOOK_EVERY_S)
        status = await look(line)
        if status is not None and KioskPaperBits.TICKET_IN_OUTPUT not in status.paper:
            return True
    return False


def is_jammed(status: FullStatus) -> bool:
    """Tell whether paper is stuck, or the cutter."""
    return bool(status.recoverable & KioskRecoverableBits.PAPER_JAM or status.unrecoverable & KioskUnrecoverableBits.CUTTER)
