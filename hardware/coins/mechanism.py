"""What is inside a coin acceptor: the coin path, its sensors, gate and sorter, the return cup, and everything that breaks.

::

    customer -> ENTRY -> SENSORS -> GATE -> (credit sensor) -> SORTER -> BOX, by sorter path
                            |
                            '-> RETURN -> CUP

This is the truth that a test's oracle reads; it knows nothing of protocols. A coin rolls by its weight: a power cut stops
none. What power holds is the gate: without it, or with nobody who has judged the coin, it opens to the cup, and a coin that is
past it falls into the box by the default path without a credit. That is the loss of the reference's table of credit points.

Pure: times in seconds of one clock are handed in and never go back; every call first lets the coins roll until then.

Not modelled: a box or tube that fills up, an escrow, the test of solenoids, foreign objects that are no coins.
"""

from collections import Counter
from collections.abc import Mapping
from enum import Enum

from hardware.coins.coins import Coin, CoinPiles, CoinPlace, Flaw, Trick
from hardware.coins.events import Event
from hardware.coins.timings import CoinTimings
from hardware.emulator import Happening
from hardware.vocabulary import Fault, RefuseReason

_AFTER_GATE = (CoinPlace.SORTER, CoinPlace.GATE)
_BEFORE_GATE = (CoinPlace.SENSORS, CoinPlace.ENTRY)
_INSIDE = (*_BEFORE_GATE, *_AFTER_GATE, CoinPlace.RETURN)


class JamPlace(Enum):
    """Where something can lie in the way. It is not seen until a coin gets stuck at it."""

    ENTRY = CoinPlace.ENTRY
    SENSOR = CoinPlace.SENSORS
    GATE = CoinPlace.GATE
    SORTER = CoinPlace.SORTER


class CoinMechanism:
    """One acceptor with its cup and the box below.

    The program that runs it (a protocol face) sets :attr:`permitted` and :attr:`paths` and listens to the happenings. Hands
    use :meth:`insert`, :meth:`take`, :meth:`pull_lever`, :meth:`pull_string`, :meth:`jam`, :meth:`fail`, :meth:`clear` and
    :meth:`empty_box`.
    """

    def __init__(self, timings: CoinTimings, known: Mapping[str, int], default_path: int = 1) -> None:
        """``known`` are the kinds that the sensors can recognise, with their values in yen."""
        self.timings = timings
        self.known = known
        self.permitted: frozenset[str] = frozenset()
        """Kinds to let through; another one is recognised and refused as INHIBITED."""
        self.paths: dict[str, int] = {}
        """Sorter path by kind; others take the default path."""
        self.default_path = default_path
        self.piles = CoinPiles()
        self.obstacle: JamPlace | None = None
        self.blocked: JamPlace | None = None
        """Where a coin is known to be stuck."""
        self.faults: set[Fault] = set()
        """Lasting faults, until :meth:`clear`: every coin goes to the cup. They outlive a power cut."""
        self.failure = ""
        """The word of what broke, for a face that has a code for it."""
        self.powered = True
        self._watched = True
        self._due_s: dict[Coin, float] = {}
        self._sticking: set[Coin] = set()
        self._close: set[Coin] = set()
        self._unseen: set[Coin] = set()
        """Coins under way that the program has forgotten, in a power cut or by starting anew."""
        self._last_at_sensors_s: float | None = None
        self._happenings: list[Happening] = []

    # -- what the oracle sees ------------------------------------------------------------------------------------------

    @property
    def in_box(self) -> Counter[int]:
        """Coins below the sorter by yen value: what staff would count."""
        return self.piles.count(CoinPlace.BOX)

    @property
    def in_box_by_path(self) -> dict[int, Counter[int]]:
        """Coins below each sorter path, by yen value."""
        boxes: dict[int, Counter[int]] = {}
        for coin in self.piles.at(CoinPlace.BOX):
            boxes.setdefault(self.piles.path_of(coin), Counter())[coin.yen] += 1
        return boxes

    @property
    def at_customer(self) -> Counter[int]:
        """Coins that the customer has, or can take out of the cup, by yen value."""
        return self.piles.count(CoinPlace.CUSTOMER, CoinPlace.CUP)

    @property
    def inside(self) -> list[Coin]:
        """Coins between slot and box or cup."""
        return self.piles.at(*_INSIDE)

    def is_stuck(self, coin: Coin) -> bool:
        """Return whether something holds ``coin`` where it is, seen or not."""
        return coin in self._sticking

    def where(self, coin: Coin) -> CoinPlace:
        """Return where ``coin`` is. Raises KeyError for a coin of another machine."""
        return self.piles.where(coin)

    def take_happenings(self) -> list[Happening]:
        """Return, once, what has happened since the last call, oldest first."""
        happenings, self._happenings = self._happenings, []
        return happenings

    # -- time ----------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """Return when a coin arrives somewhere, or None when everything lies still."""
        return min(self._due_s.values(), default=None)

    def advance(self, now_s: float) -> None:
        """Let coins roll until ``now_s``."""
        while self._due_s:
            coin = min(self._due_s, key=lambda one: (self._due_s[one], one.serial))
            due_s = self._due_s[coin]
            if due_s > now_s:
                return
            del self._due_s[coin]
            self._arrive(coin, due_s)

    def _arrive(self, coin: Coin, t: float) -> None:
        """``coin`` has come to the end of where it is."""
        place = self.where(coin)
        if coin in self._sticking:
            self._found_stuck(coin, place, t)
        elif place is CoinPlace.ENTRY and any(self.where(other) in _BEFORE_GATE for other in self._sticking):
            self._sticking.add(coin)  # behind the one that is stuck, seen by no sensor
        elif self.obstacle is not None and place is self.obstacle.value:
            self._sticking.add(coin)
            self._due_s[coin] = t + self.timings.stuck_s
        elif place is CoinPlace.ENTRY:
            self._reach_sensors(coin, t)
        elif place is CoinPlace.SENSORS:
            self._leave_sensors(coin, t)
        elif place is CoinPlace.GATE:
            self._reach_credit_sensor(coin, t)
        elif place is CoinPlace.SORTER:
            self.piles.move(coin, CoinPlace.BOX)
            self._tell(t, Event.COIN_IN_BOX, coin, path=self.piles.path_of(coin))
            self._forget(coin)
        else:
            self.piles.move(coin, CoinPlace.CUP)
            self._tell(t, Event.COIN_RETURNED, coin)
            self._forget(coin)

    def _found_stuck(self, coin: Coin, place: CoinPlace, t: float) -> None:
        if not self.running:
            return  # nobody watches; the sensors see it at the start
        self.blocked = JamPlace(place)
        self.faults.add(Fault.COIN_JAM)
        self._tell(t, Event.COIN_STUCK, coin, at=self.blocked.name.lower())

    def _reach_sensors(self, coin: Coin, t: float) -> None:
        if self._last_at_sensors_s is not None and t - self._last_at_sensors_s < self.timings.closest_s:
            self._close.add(coin)
        self._last_at_sensors_s = t
        self._roll(coin, CoinPlace.SENSORS, t + self.timings.validate_s)

    def _leave_sensors(self, coin: Coin, t: float) -> None:
        if not self.running or coin in self._unseen:
            self._roll(coin, CoinPlace.RETURN, t + self.timings.return_s)
            return
        refusal = self._why_refused(coin)
        if refusal is None:
            self.piles.steer(coin, self.paths.get(coin.kind, self.default_path))
            self._tell(t, Event.COIN_ADMITTED, coin)
            self._roll(coin, CoinPlace.GATE, t + self.timings.gate_s * (3 if coin.flaw is Trick.SLOW else 1))
            return
        reason, why = refusal
        self._tell(t, Event.COIN_REFUSED, coin, reason=reason.value, why=why)
        self._roll(coin, CoinPlace.RETURN, t + self.timings.return_s)

    def _why_refused(self, coin: Coin) -> tuple[RefuseReason, str] | None:
        """Return why the gate stays shut, and the word of a face's table for it."""
        if self.blocked is not None:
            return RefuseReason.TRANSPORT, f"{self.blocked.name.lower()}-blocked"
        if self.faults:
            return RefuseReason.TRANSPORT, self.failure
        if coin in self._close:
            return RefuseReason.MULTIPLE, "close"
        if isinstance(coin.flaw, RefuseReason):
            return coin.flaw, coin.detail
        if coin.kind not in self.known:
            return RefuseReason.UNREADABLE, ""
        return None if coin.kind in self.permitted else (RefuseReason.INHIBITED, "")

    def _reach_credit_sensor(self, coin: Coin, t: float) -> None:
        if not self.running or coin in self._unseen:
            self.piles.steer(coin, self.default_path)
        elif coin.flaw in (Trick.BACKWARDS, Trick.STRING):
            self.piles.move(coin, CoinPlace.CUSTOMER)
            event = Event.COIN_BACKWARDS if coin.flaw is Trick.BACKWARDS else Event.COIN_PULLED
            self._tell(t, event, coin, credited=False)
            self._forget(coin)
            return
        elif isinstance(coin.flaw, Trick):
            self._tell(t, Event.COIN_UNCREDITED, coin, why=coin.flaw.value)
        else:
            self._tell(t, Event.COIN_CREDITED, coin, path=self.piles.path_of(coin))
        self._roll(coin, CoinPlace.SORTER, t + self.timings.sorter_s)

    def _roll(self, coin: Coin, to: CoinPlace, until_s: float) -> None:
        self.piles.move(coin, to)
        self._due_s[coin] = until_s

    def _forget(self, coin: Coin) -> None:
        """``coin`` is not on its way any more."""
        self._due_s.pop(coin, None)
        for group in (self._sticking, self._close, self._unseen):
            group.discard(coin)

    def _tell(self, t: float, event: str, coin: Coin | None = None, **data: int | str) -> None:
        facts: dict[str, int | str] = {"yen": coin.yen, "kind": coin.kind} if coin is not None else {}
        self._happenings.append(Happening(t, str(event), {**facts, **data}))

    # -- hands outside -------------------------------------------------------------------------------------------------

    def insert(self, kind: str, yen: int, now_s: float, flaw: Flaw | None = None, detail: str = "") -> Coin:
        """Drop a coin into the slot, which takes any."""
        self.advance(now_s)
        coin = self.piles.issue(kind, yen, CoinPlace.CUSTOMER, flaw, detail)
        self._tell(now_s, Event.COIN_INSERTED, coin)
        self._roll(coin, CoinPlace.ENTRY, now_s + self.timings.entry_s)
        return coin

    def take(self, now_s: float) -> list[Coin]:
        """The customer takes everything out of the cup. Returns it."""
        self.advance(now_s)
        taken = self.piles.at(CoinPlace.CUP)
        for coin in taken:
            self.piles.move(coin, CoinPlace.CUSTOMER)
            self._tell(now_s, Event.COIN_TAKEN, coin)
        return taken

    def pull_lever(self, now_s: float) -> list[Coin]:
        """The return lever opens the path before the gate: what is there falls into the cup, a jam there too. Returns it."""
        self.advance(now_s)
        freed = self.piles.at(*_BEFORE_GATE)
        self._tell(now_s, Event.LEVER_PULLED)
        if self.obstacle in (JamPlace.ENTRY, JamPlace.SENSOR):
            self.obstacle = self.blocked = None
            self.faults.discard(Fault.COIN_JAM)
        for coin in freed:
            self._forget(coin)
            self._roll(coin, CoinPlace.RETURN, now_s + self.timings.return_s)
        return freed

    def pull_string(self, now_s: float) -> Coin | None:
        """Pull on a string that the deepest coin in the path hangs on; the anti-string mechanism notices.

        Returns the coin, None when none is in there that is not stuck fast.
        """
        self.advance(now_s)
        loose = (coin for coin in self.piles.at(*_AFTER_GATE, *_BEFORE_GATE) if coin not in self._sticking)
        coin = next(loose, None)
        if coin is None:
            self._tell(now_s, Event.COIN_PULLED, None, credited=False)
            return None
        credited = self.where(coin) is CoinPlace.SORTER and not isinstance(coin.flaw, Trick) and coin not in self._unseen
        self.piles.move(coin, CoinPlace.CUSTOMER)
        self._forget(coin)
        self._tell(now_s, Event.COIN_PULLED, coin, credited=credited)
        return coin

    def jam(self, place: JamPlace, now_s: float) -> None:
        """Put something in the way: the next coin that comes there sticks, and is missed ``stuck_s`` later."""
        self.advance(now_s)
        self.obstacle = place

    def fail(self, fault: Fault, now_s: float, word: str = "") -> None:
        """Let something break: every coin that is not past the gate goes to the cup until :meth:`clear`."""
        self.advance(now_s)
        self.faults.add(fault)
        self.failure = word
        self._tell(now_s, fault.value, None, what=word)

    def clear(self, now_s: float) -> list[Coin]:
        """Staff repair everything and keep the coins that were stuck. Returns them."""
        self.advance(now_s)
        taken = sorted(self._sticking, key=lambda coin: coin.serial)
        for coin in taken:
            self.piles.move(coin, CoinPlace.STAFF)
            self._forget(coin)
            self._tell(now_s, Event.COIN_TAKEN_BY_STAFF, coin)
        self.obstacle = self.blocked = None
        self.faults.clear()
        self.failure = ""
        self._tell(now_s, Event.CLEARED)
        return taken

    def empty_box(self, now_s: float) -> Counter[int]:
        """Staff take all coins below the sorter. Returns them by yen value."""
        self.advance(now_s)
        taken = self.in_box
        for coin in self.piles.at(CoinPlace.BOX):
            self.piles.move(coin, CoinPlace.STAFF)
        self._tell(now_s, Event.BOX_EMPTIED, yen=sum(y * n for y, n in taken.items()), coins=taken.total())
        return taken

    # -- power and program ---------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether there is power, and a program that looks at the sensors."""
        return self.powered and self._watched

    def watch(self, wanted: bool, now_s: float) -> None:
        """Say whether the program runs: one that boots is as good as none, and knows nothing of coins under way."""
        self.advance(now_s)
        if wanted == self._watched:
            return
        self._watched = wanted
        self._program_changed()

    def power_off(self, now_s: float) -> None:
        """Cut the power. Coins roll on, and the program forgets those that are under way."""
        self.advance(now_s)
        if self.powered:
            self.powered = False
            self._program_changed()
            self._tell(now_s, Event.POWER_OFF)

    def power_on(self, now_s: float) -> None:
        """Give it power."""
        self.advance(now_s)
        if not self.powered:
            self.powered = True
            self._tell(now_s, Event.POWER_ON)
            self._program_changed()

    def let_roll(self, coin: Coin, now_s: float, *, stuck: bool) -> None:
        """Have a coin that lies inside come to the end of where it is now, or be ``stuck`` there."""
        if stuck:
            self._sticking.add(coin)
        else:
            self._due_s[coin] = now_s

    def _program_changed(self) -> None:
        if not self.running:
            self._unseen.update(self.inside)
            self._last_at_sensors_s = None
        elif any(coin not in self._due_s for coin in self._sticking):
            self.blocked = self.obstacle
            self.faults.add(Fault.COIN_JAM)
