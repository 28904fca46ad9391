"""What became of an order to a ccTalk hopper, read from its own figures. Pure.

166 answers with the event counter, the coins that remain of the order under way, and what the last order paid and left unpaid
[1]. The counter goes up by one with every order that was accepted, 255 to 1; it is 0 after a power failure, and last paid and
last unpaid then still hold the truth of the order that it cut off [U].

So an order given at a mark is judged so:

* counter as it was: it never arrived;
* counter one further: it was accepted, and paid and unpaid are its own;
* counter 0 where it was not: the power failed. Paid and unpaid are those of the order if they are no longer what they were.
  Where they could be either's, the count of all coins ever paid (168) decides, and without it whether the order was seen to
  start; without that nobody knows;
* anything else, or figures that do not add up to the order: nobody knows.
"""

from dataclasses import dataclass
from enum import Enum

from hardware.cctalk.events import next_count
from hardware.coins.cctalk.marks import Mark

STATUS_LENGTH = 4
HIGHEST_COUNT = 255
"""Coins in one order: the count is one byte, and so are paid and unpaid."""


@dataclass(frozen=True, slots=True)
class HopperStatus:
    """Answer to REQUEST_HOPPER_STATUS."""

    counter: int
    remaining: int
    paid: int
    unpaid: int

    def encode(self) -> bytes:
        """Return the 4 bytes of data."""
        return bytes((self.counter, self.remaining, self.paid, self.unpaid))

    @classmethod
    def decode(cls, data: bytes) -> "HopperStatus | None":
        """Read the data of an answer; None when it is not four bytes."""
        return cls(*data) if len(data) == STATUS_LENGTH else None


class Fate(Enum):
    """What is known of an order."""

    NEVER_ARRIVED = "never arrived"
    UNDER_WAY = "under way"
    ENDED = "ended"
    """With :attr:`HopperStatus.paid` coins out."""
    UNKNOWN = "unknown"


def mark_of(serial: str, status: HopperStatus, total: int | None) -> Mark:
    """Return the mark of a hopper at rest. ``total`` are the coins it ever paid, None where it does not count them."""
    figures = (status.paid, status.unpaid)
    return Mark(serial, status.counter, figures if total is None else (*figures, total))


def judge(mark: Mark, count: int, now: HopperStatus, total: int | None, *, seen_to_start: bool = False) -> Fate:
    """Say what became of an order for ``count`` coins given at ``mark``; ``total`` is what the hopper ever paid by now."""
    adds_up = now.paid + now.unpaid == count
    if now.counter == next_count(mark.counter):
        if now.remaining:
            return Fate.UNDER_WAY
        return Fate.ENDED if adds_up else Fate.UNKNOWN
    if now.counter == 0 and (mark.counter or seen_to_start or mark.more[:2] != (now.paid, now.unpaid)):
        return _after_power_failure(mark, now, total, adds_up=adds_up, seen_to_start=seen_to_start)
    if now.counter == mark.counter:
        if mark.counter == 0 and adds_up:  # nothing happened, or the same order once more and a power failure
            return _after_power_failure(mark, now, total, adds_up=True, seen_to_start=False)
        return Fate.NEVER_ARRIVED
    return Fate.UNKNOWN


def _after_power_failure(mark: Mark, now: HopperStatus, total: int | None, *, adds_up: bool, seen_to_start: bool) -> Fate:
    if now.remaining:
        return Fate.UNKNOWN
    if mark.more[:2] != (now.paid, now.unpaid):
        return Fate.ENDED if adds_up and (mark.more or seen_to_start) else Fate.UNKNOWN
    if not adds_up:
        return Fate.UNKNOWN if seen_to_start else Fate.NEVER_ARRIVED  # the figures are still those of the order before
    if total is None or len(mark.more) < 3:
        return Fate.ENDED if seen_to_start else Fate.UNKNOWN
    paid_since = (total - mark.more[2]) % (1 << 24)
    if paid_since == 0:
        return Fate.NEVER_ARRIVED  # or it paid nothing, which is the same to everybody
    return Fate.ENDED if paid_since == now.paid else Fate.UNKNOWN
