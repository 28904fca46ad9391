"""What is inside a change machine: entries, belts, drums and hoppers, overflow box, exits, and everything that breaks.

::

    customer -> ENTRY -> PATH -> UNIT (drum or hopper of the value) -> PATH -> EXIT -> customer
                          |  '-> OVERFLOW (unit full, or none for this value)
                          '----> EXIT (rejected)

Notes and coins move side by side, each on a path that holds one piece at a time. Matter survives a power cut, and so does
what such machines keep in memory that needs no current: counts, the pieces ever counted, the last order and how much of it
has passed the exit sensor. What is lost is the program: an open deposit, and the rest of an order.

Pure: times in seconds of one clock are handed in and never go back; every call first lets the parts move until then.

Of no maker's machine; all of it is [U]. Not modelled: two pieces at once on a path, coins in motion while a jam is being
cleared, a cassette for collection, more than one exit for each kind.
"""

from collections import Counter
from collections.abc import Mapping

from hardware.changer.phases import Deposit, Event
from hardware.changer.tracks import ChangerTimings, Moving, Order, Track
from hardware.changer.units import CashPiles, CashUnit, Kind, Place
from hardware.dispenser import Pieces
from hardware.emulator import Happening
from hardware.vocabulary import EmptyStatus, Fault, FullStatus, RefuseReason


class ChangerMechanism:
    """One change machine. Its program orders with ``begin``, ``pause``, ``fix``, ``end`` and ``pay``; hands do the rest."""

    def __init__(self, units: Mapping[int, CashUnit], timings: ChangerTimings, overflow_capacity: int) -> None:
        self.units = units
        self.timings = timings
        self.overflow_capacity = overflow_capacity
        self.piles = CashPiles()
        for unit in units.values():
            self.piles.issue(unit.yen, unit.loaded, Place.UNIT)
        self.counts: Counter[int] = Counter({yen: unit.loaded for yen, unit in units.items() if unit.pays})
        """Pieces in each unit, as the machine believes."""
        self.discrepancy = False
        self.deposit = Deposit.CLOSED
        self.accepted: frozenset[int] = frozenset()
        self.deposit_counts: Counter[int] = Counter()
        self.ever_counted: Counter[int] = Counter()
        """Every piece ever taken in, by value."""
        self.orders_given = 0
        self.order: Order | None = None
        """The last order, under way or ended."""
        self.faults: set[Fault] = set()
        """Lasting ones; they stop all belts until :meth:`clear`, and outlive a power cut."""
        self.powered = True
        self.slowness = 1.0
        self.cash_is_taken = True
        """Whether the customer takes what lies in an exit at once; else it stays until :meth:`take`."""
        self._booted_s: float | None = None  # when the machine will have initialised itself
        self._exit_blocks = False
        self.tracks = {kind: Track() for kind in Kind}
        self._happenings: list[Happening] = []

    # -- what sensors, program and oracle see --------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether the program runs."""
        return self.powered and self._booted_s is None

    @property
    def counting(self) -> bool:
        """Whether pieces are on their way in."""
        return any(track.entry or (track.moving and not track.moving.outwards) for track in self.tracks.values())

    @property
    def paying(self) -> bool:
        """Whether an order is under way."""
        return self.order is not None and not self.order.ended

    @property
    def notes_in_exit(self) -> bool:
        """Whether the exit of the notes is occupied."""
        return any(self._kind(yen) is Kind.NOTE for yen in self.piles.at(Place.EXIT))

    def level(self, yen: int) -> EmptyStatus:
        """Return what the sensors of a unit see."""
        pieces, unit = self.piles.number(yen, Place.UNIT), self.units[yen]
        if pieces == 0:
            return EmptyStatus.EMPTY
        return EmptyStatus.NEAR_EMPTY if pieces <= unit.near_empty else EmptyStatus.OK

    @property
    def full(self) -> FullStatus:
        """How much room is left: FULL when some value could not be taken in."""
        overflow_full = self._overflowing >= self.overflow_capacity
        if overflow_full and any(self._unit_full(unit) for unit in self.units.values()):
            return FullStatus.FULL
        near = any(unit.pays and self.piles.number(yen, Place.UNIT) >= unit.near_full for yen, unit in self.units.items())
        return FullStatus.NEAR_FULL if near or self._overflowing >= self.overflow_capacity * 9 // 10 else FullStatus.OK

    @property
    def _overflowing(self) -> int:
        return self.piles.at(Place.OVERFLOW).total()

    def _unit_full(self, unit: CashUnit) -> bool:
        return self.piles.number(unit.yen, Place.UNIT) >= unit.capacity

    def _kind(self, yen: int) -> Kind:
        unit = self.units.get(yen)
        return unit.kind if unit is not None else Kind.NOTE if yen >= 1000 else Kind.COIN

    def take_happenings(self) -> list[Happening]:
        """Return, once, what has happened since the last call, oldest first."""
        happenings, self._happenings = self._happenings, []
        return happenings

    def _tell(self, t: float, event: str, **data: int | str) -> None:
        self._happenings.append(Happening(t, str(event), data))

    # -- time ----------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """Return when something arrives, or None when everything stands still."""
        times_s = [self._booted_s, *(track.due_s for track in self.tracks.values())]
        return min((t for t in times_s if t is not None), default=None)

    def advance(self, now_s: float) -> None:
        """Let the parts move until ``now_s``."""
        while (due_s := self.next_due_s()) is not None and due_s <= now_s:
            if self._booted_s == due_s:
                self._booted_s = None
                self._initialise(due_s)
            for track in self.tracks.values():
                if track.due_s == due_s and track.moving is not None:
                    moving, track.moving, track.due_s = track.moving, None, None
                    self._arrive(due_s, moving)
            self._regulate(due_s)

    def _arrive(self, t: float, moving: Moving) -> None:
        if not moving.outwards:
            self._judge(t, moving)
        elif moving.yen:
            self.piles.move(moving.yen, Place.PATH, Place.EXIT)
            if self.order is not None:
                self.order.paid[moving.yen] += 1
            self._tell(t, Event.PAID, yen=moving.yen)
            self._let_take(t)
        else:
            self.counts[moving.wanted_yen] = 0
            self.discrepancy = True
            self._cut_order(Fault.PAYOUT_EMPTY)

    def _judge(self, t: float, moving: Moving) -> None:
        """The sensors have seen the whole piece."""
        yen, unit = moving.yen, self.units.get(moving.yen)
        reason = moving.flaw or (RefuseReason.UNREADABLE if unit is None else None)
        room = unit is not None and (not self._unit_full(unit) or self._overflowing < self.overflow_capacity)
        if reason is None and (yen not in self.accepted or not room):
            reason = RefuseReason.INHIBITED
        if reason is not None or unit is None:
            self.piles.move(yen, Place.PATH, Place.EXIT)
            self._tell(t, Event.REJECTED, yen=yen, reason=(reason or RefuseReason.UNKNOWN).value)
            self._let_take(t)
            return
        to_unit = not self._unit_full(unit)
        self.piles.move(yen, Place.PATH, Place.UNIT if to_unit else Place.OVERFLOW)
        self.counts[yen] += to_unit
        self.deposit_counts[yen] += 1
        self.ever_counted[yen] += 1
        self._tell(t, Event.COUNTED, yen=yen)

    def _regulate(self, t: float) -> None:
        """Start, halt or let run, and notice what has come to its end."""
        runs = self.ready and not self.faults
        for kind, track in self.tracks.items():
            if runs and track.moving is None:
                self._start_next(kind, track)
            if runs and track.rest_s is not None:
                track.due_s, track.rest_s = t + track.rest_s, None
            elif not runs and track.due_s is not None:
                track.rest_s, track.due_s = track.due_s - t, None
        if self.deposit is Deposit.FIXING and not self.counting:
            self.deposit = Deposit.FIXED
            self._tell(t, Event.FIXED, yen=sum(yen * n for yen, n in self.deposit_counts.items()))
        order = self.order
        if order is not None and not order.ended and self.ready:
            outwards = any(track.moving and track.moving.outwards for track in self.tracks.values())
            if not any(track.outgoing for track in self.tracks.values()) and (not outwards or self.faults):
                order.ended = True
                self._exit_blocks = False
                self._tell(t, Event.PAYOUT_ENDED, yen=sum(yen * n for yen, n in order.paid.items()))

    def _start_next(self, kind: Kind, track: Track) -> None:
        timings, note = self.timings, kind is Kind.NOTE
        if track.outgoing and not (note and self._exit_blocks):
            yen = track.outgoing.popleft()
            if self.piles.number(yen, Place.UNIT):
                self.piles.move(yen, Place.UNIT, Place.PATH)
                self.counts[yen] -= 1
                track.moving = Moving(yen, outwards=True)
                track.rest_s = (timings.note_out_s if note else timings.coin_out_s) * self.slowness
            else:
                track.moving = Moving(0, outwards=True, wanted_yen=yen)
                track.rest_s = timings.empty_s
        elif track.entry:
            yen, flaw = track.entry.popleft()
            self.piles.move(yen, Place.ENTRY, Place.PATH)
            track.moving = Moving(yen, outwards=False, flaw=flaw)
            track.rest_s = (timings.note_in_s if note else timings.coin_in_s) * self.slowness

    def _cut_order(self, fault: Fault | None) -> None:
        """Leave out what has not yet left its unit."""
        if self.paying and self.order is not None:
            self.order.fault = self.order.fault or fault
        for track in self.tracks.values():
            track.outgoing.clear()

    def _initialise(self, t: float) -> None:
        """What the machine does by itself when power has come: no belt may start with a piece on it."""
        self._tell(t, Event.READY)
        if not self.faults:
            self._empty_paths(t)

    def _empty_paths(self, t: float) -> None:
        for track in self.tracks.values():
            moving, track.moving, track.rest_s = track.moving, None, None
            if moving is not None and moving.yen and moving.outwards:
                self.piles.move(moving.yen, Place.PATH, Place.OVERFLOW)
                self._tell(t, Event.RECOVERED, yen=moving.yen)
            elif moving is not None and moving.yen:
                self.piles.move(moving.yen, Place.PATH, Place.EXIT)
                self._tell(t, Event.GIVEN_BACK, yen=moving.yen)
            self._give_back_entry(t, track)
        self._let_take(t)

    def _give_back_entry(self, t: float, track: Track) -> None:
        while track.entry:
            yen, _ = track.entry.popleft()
            self.piles.move(yen, Place.ENTRY, Place.EXIT)
            self._tell(t, Event.GIVEN_BACK, yen=yen)

    def _let_take(self, t: float) -> None:
        if self.cash_is_taken:
            self._empty_exit(t)

    def _empty_exit(self, t: float) -> Counter[int]:
        taken = self.piles.at(Place.EXIT)
        for yen, count in taken.items():
            self.piles.move(yen, Place.EXIT, Place.CUSTOMER, count)
        self._exit_blocks = False
        return taken

    # -- orders of the program -----------------------------------------------------------------------------------------

    def begin(self, accepted: frozenset[int], now_s: float) -> bool:
        """Open the entries for a new deposit; False when one is open, or a payout under way, or nothing could move."""
        self.advance(now_s)
        if self.deposit is not Deposit.CLOSED or self.paying or not self.ready or self.faults:
            return False
        self.deposit, self.accepted = Deposit.OPEN, accepted
        self.deposit_counts = Counter()
        return True

    def pause(self, paused: bool, now_s: float) -> bool:
        """Shut or reopen the entries; False when that is not what comes next."""
        self.advance(now_s)
        if self.deposit is not (Deposit.OPEN if paused else Deposit.PAUSED):
            return False
        self.deposit = Deposit.PAUSED if paused else Deposit.OPEN
        return True

    def fix(self, now_s: float) -> bool:
        """Shut the entries for good; ``deposit`` is FIXED once all is counted. False when no deposit is open."""
        self.advance(now_s)
        if self.deposit not in (Deposit.OPEN, Deposit.PAUSED):
            return False
        self.deposit = Deposit.FIXING
        self._regulate(now_s)
        return True

    def end(self, now_s: float) -> bool:
        """Close a fixed deposit; False when there is none."""
        self.advance(now_s)
        if self.deposit is not Deposit.FIXED:
            return False
        self.deposit = Deposit.CLOSED
        return True

    def pay(self, pieces: Pieces, now_s: float) -> bool:
        """Begin an order; False when one is under way, a deposit is open, or nothing could move. Larger pieces go first."""
        self.advance(now_s)
        if self.deposit is not Deposit.CLOSED or self.paying or not self.ready or self.faults:
            return False
        self.orders_given += 1
        self.order = Order(self.orders_given, {yen: count for yen, count in pieces.items() if count})
        self._exit_blocks = self.notes_in_exit
        for yen in sorted(self.order.pieces, reverse=True):
            self.tracks[self._kind(yen)].outgoing.extend([yen] * pieces[yen])
        self._tell(now_s, Event.PAYOUT_STARTED, number=self.orders_given, yen=sum(y * n for y, n in pieces.items()))
        self._regulate(now_s)
        return True

    def stop_paying(self, now_s: float) -> None:
        """Leave out what has not yet left its unit."""
        self.advance(now_s)
        self._cut_order(None)
        self._regulate(now_s)

    # -- hands outside -------------------------------------------------------------------------------------------------

    def insert(self, yen: int, now_s: float, flaw: RefuseReason | None = None) -> bool:
        """Put a piece into the entry; False when it is shut, and the customer keeps the piece."""
        self.advance(now_s)
        open_ = self.deposit is Deposit.OPEN and self.ready and not self.faults
        self.piles.issue(yen, 1, Place.ENTRY if open_ else Place.CUSTOMER)
        if open_:
            self.tracks[self._kind(yen)].entry.append((yen, flaw))
            self._tell(now_s, Event.INSERTED, yen=yen)
            self._regulate(now_s)
        return open_

    def take(self, now_s: float) -> Counter[int]:
        """Take everything that lies in the exits."""
        self.advance(now_s)
        taken = self._empty_exit(now_s)
        self._tell(now_s, Event.TAKEN, yen=sum(yen * n for yen, n in taken.items()))
        self._regulate(now_s)
        return taken

    def fail(self, fault: Fault, now_s: float) -> None:
        """Let something jam or break: all belts stop, what is on them stays there, and the counts are in doubt."""
        self.advance(now_s)
        self.faults.add(fault)
        self._tell(now_s, fault.value)
        for track in self.tracks.values():
            if track.moving is not None and track.moving.yen:
                self.discrepancy = True
                if not track.moving.outwards:
                    self._tell(now_s, Event.STUCK, yen=track.moving.yen)
        self._cut_order(fault)
        self._regulate(now_s)

    def clear(self, now_s: float) -> Counter[int]:
        """Staff repair everything, keep what they find on the belts (returned), and give back what is in the entries."""
        self.advance(now_s)
        found = self.piles.at(Place.PATH)
        for track in self.tracks.values():
            track.moving = track.due_s = track.rest_s = None
            self._give_back_entry(now_s, track)
        for yen, count in found.items():
            self.piles.move(yen, Place.PATH, Place.STAFF, count)
        self._let_take(now_s)
        self.faults.clear()
        self._tell(now_s, Event.CLEARED, yen=sum(yen * n for yen, n in found.items()))
        self._regulate(now_s)
        return found

    def load(self, yen: int, count: int, now_s: float) -> None:
        """Staff put pieces into a unit behind the machine's back. Raises KeyError for a value without a unit."""
        self.advance(now_s)
        _ = self.units[yen]
        self.piles.issue(yen, count, Place.UNIT)

    def unload(self, yen: int, count: int, now_s: float) -> int:
        """Staff take up to ``count`` pieces out of a unit behind the machine's back. Returns how many there were."""
        self.advance(now_s)
        taken = min(count, self.piles.number(yen, Place.UNIT))
        self.piles.move(yen, Place.UNIT, Place.STAFF, taken)
        return taken

    def collect(self, now_s: float) -> Counter[int]:
        """Staff empty the overflow box."""
        self.advance(now_s)
        taken = self.piles.at(Place.OVERFLOW)
        for yen, count in taken.items():
            self.piles.move(yen, Place.OVERFLOW, Place.STAFF, count)
        return taken

    def power_off(self, now_s: float) -> None:
        """Cut the power: belts stop where they are; an open deposit and the rest of an order are forgotten."""
        self.advance(now_s)
        if self.powered:
            self.powered, self._booted_s = False, None
            self.deposit = Deposit.CLOSED
            self._cut_order(None)
            self._exit_blocks = False
            self._tell(now_s, Event.POWER_OFF)
            self._regulate(now_s)

    def power_on(self, now_s: float) -> None:
        """Give it power; it is ready when it has initialised itself."""
        self.advance(now_s)
        if not self.powered:
            self.powered, self._booted_s = True, now_s + self.timings.boot_s
            self._tell(now_s, Event.POWER_ON)
