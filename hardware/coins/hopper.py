"""What is inside a coin hopper: a bowl of coins of one kind, a motor with its disc, the exit sensor, and all that breaks.

::

    staff -> HOPPER (bowl) -> DISC -> (exit sensor) -> CUSTOMER (tray)

This is the truth that a test's oracle reads; it knows nothing of protocols. A coin on the disc is held there when the motor
stops, also by a power cut, and is the first one to leave when it runs again. The exit sensor sees a coin in the moment in
which it is the customer's, so the count of a payout is right whenever it is interrupted; only a blinded sensor defeats it.

Pure: times in seconds of one clock are handed in and never go back; every call first lets the parts move until then.

Not modelled: coins of another kind in the bowl, a motor that runs backwards to clear a jam, a coin too many that slips out
after the motor was stopped.
"""

import math
from collections import Counter
from enum import Enum

from hardware.coins.coins import Coin, CoinPiles, CoinPlace
from hardware.coins.events import Event
from hardware.coins.timings import HopperTimings
from hardware.emulator import Happening
from hardware.vocabulary import Fault


class PayoutEnd(Enum):
    """Why the motor has stopped."""

    DONE = "done"
    TIMED_OUT = "timed-out"
    """No coin at the exit for the motor's time-out: bowl empty, or jammed."""
    BLOCKED = "blocked"
    """Something covers the exit sensor."""
    CHEATED = "cheated"
    """The exit sensor was blinded."""
    MOTOR = "motor"
    """The motor draws too much current."""
    STOPPED = "stopped"
    """By order."""


class HopperMechanism:
    """One hopper.

    The program that runs it (a protocol face) orders with :meth:`run` and :meth:`stop` and counts by the happenings. Hands use
    :meth:`fill`, :meth:`jam`, :meth:`block`, :meth:`cheat`, :meth:`fail`, :meth:`clear` and :meth:`empty`.
    """

    def __init__(
        self, timings: HopperTimings, kind: str, yen: int, capacity: int, low_at: int | None = None, high_at: int | None = None
    ) -> None:
        """``capacity`` is in coins; ``low_at`` and ``high_at`` are where level sensors sit, None without one."""
        self.timings = timings
        self.kind = kind
        self.yen = yen
        self.capacity = capacity
        self.low_at, self.high_at = low_at, high_at
        self.piles = CoinPiles()
        self.powered = True
        self.to_go = 0
        """Coins that the motor still has to bring; 0 while it stands."""
        self.jammed = False
        self.exit_blocked = False
        self.faults: set[Fault] = set()
        """Lasting faults, until :meth:`clear`. They outlive a power cut."""
        self.failure = ""
        """The word of what broke, for a face that has a code for it."""
        self.slowness = 1.0
        """Every coin that is begun takes so many times as long as it should: a worn motor."""
        self._step_due_s: float | None = None
        self._given_up_s = 0.0
        self._happenings: list[Happening] = []

    # -- what the sensors and the oracle see ---------------------------------------------------------------------------

    @property
    def level(self) -> int:
        """Coins in it, that on the disc included: what staff would count."""
        return self.piles.size(CoinPlace.HOPPER) + self.piles.size(CoinPlace.DISC)

    @property
    def paid_out(self) -> Counter[int]:
        """Coins in the tray, seen by the sensor or not, by yen value: what the customer has."""
        return self.piles.count(CoinPlace.CUSTOMER)

    @property
    def low(self) -> bool | None:
        """Whether the low sensor is bare; None without one."""
        return None if self.low_at is None else self.piles.size(CoinPlace.HOPPER) < self.low_at

    @property
    def high(self) -> bool | None:
        """Whether the high sensor is covered; None without one."""
        return None if self.high_at is None else self.piles.size(CoinPlace.HOPPER) >= self.high_at

    @property
    def running(self) -> bool:
        """Whether the motor runs."""
        return self.to_go > 0

    def where(self, coin: Coin) -> CoinPlace:
        """Return where ``coin`` is. Raises KeyError for a coin of another machine."""
        return self.piles.where(coin)

    def take_happenings(self) -> list[Happening]:
        """Return, once, what has happened since the last call, oldest first."""
        happenings, self._happenings = self._happenings, []
        return happenings

    # -- time ----------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """Return when a coin is lifted or leaves, or the motor gives up; None while it stands."""
        if not self.running:
            return None
        return self._given_up_s if self._step_due_s is None else min(self._step_due_s, self._given_up_s)

    def advance(self, now_s: float) -> None:
        """Let the parts move until ``now_s``."""
        while (due_s := self.next_due_s()) is not None and due_s <= now_s:
            if due_s == self._step_due_s:
                self._step(due_s)
            else:
                self._end(PayoutEnd.TIMED_OUT, due_s)

    def _step(self, t: float) -> None:
        """A coin has reached the disc's top, or passed the exit."""
        coin = self.piles.first(CoinPlace.DISC)
        if coin is None:
            lifted = self.piles.first(CoinPlace.HOPPER)
            if lifted is not None:
                self.piles.move(lifted, CoinPlace.DISC)
        else:
            self.piles.move(coin, CoinPlace.CUSTOMER)
            self.to_go -= 1
            self._given_up_s = t + self.timings.motor_timeout_s
            self._tell(t, Event.COIN_PAID, yen=coin.yen)
            if not self.to_go:
                self._end(PayoutEnd.DONE, t)
                return
        self._plan(t)

    def _plan(self, t: float) -> None:
        """Set when the next part moves, if the motor runs and has something to move."""
        self._step_due_s = None
        if not self.running or self.jammed:
            return
        if self.piles.size(CoinPlace.DISC):
            self._step_due_s = t + self.timings.exit_s * self.slowness
        elif self.piles.size(CoinPlace.HOPPER):
            self._step_due_s = t + self.timings.lift_s * self.slowness

    def _end(self, why: PayoutEnd, t: float) -> None:
        if why is PayoutEnd.TIMED_OUT:
            self.faults.add(Fault.PAYOUT_EMPTY if not self.level else Fault.PAYOUT_JAM)
        unpaid, self.to_go = self.to_go, 0
        self._step_due_s = None
        self._tell(t, Event.PAYOUT_ENDED, why=why.value, unpaid=unpaid)

    def _tell(self, t: float, event: str, **data: int | str) -> None:
        self._happenings.append(Happening(t, str(event), data))

    # -- orders of the program -----------------------------------------------------------------------------------------

    def run(self, coins: int, now_s: float) -> bool:
        """Pay out; False when the motor runs already. What is in the way shows while it runs."""
        self.advance(now_s)
        if self.running or coins < 1 or not self.powered:
            return False
        self.faults -= {Fault.PAYOUT_EMPTY, Fault.PAYOUT_JAM}  # found again, if they are still there
        self.to_go = coins
        self._given_up_s = now_s + self.timings.motor_timeout_s
        self._tell(now_s, Event.PAYOUT_STARTED, coins=coins)
        if Fault.MOTOR_FAILURE in self.faults:
            self._end(PayoutEnd.MOTOR, now_s)
        elif self.exit_blocked:
            self._end(PayoutEnd.BLOCKED, now_s)
        self._plan(now_s)
        return True

    def stop(self, now_s: float) -> None:
        """Stop the motor; a coin on the disc stays there."""
        self.advance(now_s)
        if self.running:
            self._end(PayoutEnd.STOPPED, now_s)

    # -- hands outside -------------------------------------------------------------------------------------------------

    def fill(self, coins: int, now_s: float) -> bool:
        """Staff pour coins in; False, and none, when they would not fit."""
        self.advance(now_s)
        if self.level + coins > self.capacity:
            return False
        for _ in range(coins):
            self.piles.issue(self.kind, self.yen, CoinPlace.HOPPER)
        if self.level:
            self.faults.discard(Fault.PAYOUT_EMPTY)
        self._tell(now_s, Event.HOPPER_FILLED, coins=coins, level=self.level)
        if self._step_due_s is None:
            self._plan(now_s)
        return True

    def empty(self, now_s: float) -> int:
        """Staff take all coins out. Returns how many."""
        self.advance(now_s)
        taken = self.piles.at(CoinPlace.HOPPER, CoinPlace.DISC)
        for coin in taken:
            self.piles.move(coin, CoinPlace.STAFF)
        self._tell(now_s, Event.HOPPER_EMPTIED, coins=len(taken))
        self._plan(now_s)
        return len(taken)

    def jam(self, now_s: float) -> None:
        """Wedge a coin: the motor turns and nothing comes."""
        self.advance(now_s)
        self.jammed = True
        self._plan(now_s)

    def block(self, now_s: float) -> None:
        """Cover the exit sensor: a payout stops at once."""
        self.advance(now_s)
        self.exit_blocked = True
        self._tell(now_s, Event.EXIT_BLOCKED)
        if self.running:
            self._end(PayoutEnd.BLOCKED, now_s)

    def cheat(self, now_s: float) -> Coin | None:
        """Blind the exit sensor. The coin on the disc, if the motor runs, is the customer's uncounted; the motor stops.

        Returns that coin. The sensor notices that it was blinded, not what left meanwhile.
        """
        self.advance(now_s)
        coin = self.piles.first(CoinPlace.DISC) if self.running and not self.jammed else None
        self.faults.add(Fault.CHEATED)
        self._tell(now_s, Fault.CHEATED.value, in_payout=self.running)
        if coin is not None:
            self.piles.move(coin, CoinPlace.CUSTOMER)
            self._tell(now_s, Event.COIN_STOLEN, yen=coin.yen)
        if self.running:
            self._end(PayoutEnd.CHEATED, now_s)
        return coin

    def fail(self, fault: Fault, now_s: float, word: str = "") -> None:
        """Let something break; with the motor, the payout ends."""
        self.advance(now_s)
        self.faults.add(fault)
        self.failure = word
        self._tell(now_s, fault.value, what=word)
        if self.running and fault is Fault.MOTOR_FAILURE:
            self._end(PayoutEnd.MOTOR, now_s)

    def forgive_cheat(self, now_s: float) -> None:
        """A reset ends CHEATED: nothing is left to be repaired."""
        self.advance(now_s)
        self.faults.discard(Fault.CHEATED)

    def clear(self, now_s: float) -> Coin | None:
        """Staff repair everything; of a jam they keep the coin on the disc. Returns it. A motor still running goes on."""
        self.advance(now_s)
        coin = self.piles.first(CoinPlace.DISC) if self.jammed else None
        if coin is not None:
            self.piles.move(coin, CoinPlace.STAFF)
            self._tell(now_s, Event.COIN_TAKEN_BY_STAFF, yen=coin.yen)
        self.jammed = self.exit_blocked = False
        self.faults.clear()
        self.failure = ""
        self._tell(now_s, Event.CLEARED)
        self._plan(now_s)
        return coin

    # -- power ---------------------------------------------------------------------------------------------------------

    def power_off(self, now_s: float) -> None:
        """Cut the power: the motor stops, and what is left of the order is forgotten."""
        self.advance(now_s)
        if self.powered:
            self.powered = False
            unpaid, self.to_go = self.to_go, 0
            self._step_due_s = None
            self._tell(now_s, Event.POWER_OFF, unpaid=unpaid)

    def lose_power_in_payout(self, to_go: int, now_s: float) -> None:
        """Be a hopper whose power went while ``to_go`` coins were still to come; 0 for one that stood."""
        self.to_go = to_go
        self._given_up_s = math.inf
        self.power_off(now_s)

    def power_on(self, now_s: float) -> None:
        """Give it power: nothing moves until ordered."""
        self.advance(now_s)
        if not self.powered:
            self.powered = True
            self._tell(now_s, Event.POWER_ON)
