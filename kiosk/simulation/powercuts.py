"""Power is cut at every instant of a journey, and everything must come to rest: delivered, returned or owed on a slip.

*Where* it is cut (a *place*; its first word is its *kind*):

* ``write-N-before``, ``write-N-after``: the N-th commit of the journal since the customer came;
* ``disk-N-M``: just before the M-th operation by which the N-th commit changes the disk;
* ``state-N``: when the session has come to another state, and its picture is not shown yet;
* ``event-DEVICE-N``: when something has happened inside a device: a note moved, a motor started, a line was printed;
* ``byte-LINE-to-N``, ``byte-LINE-from-N``: the N-th byte to or from the devices on a line is the last one of its message, if
  who speaks or hears is cut off; a device beside them dies as the message passes.

*What* is cut: ``program`` (the kiosk's program is killed; devices live on), ``terminal`` (the kiosk and all devices lose power,
the disk what was not synced), or one device by its name (the kiosk lives on). At a byte that is the program, the terminal, and
each device on that line; in the middle of a commit the program and the terminal. At a commit also ``program-twice`` and
``terminal-twice``: the next life is cut off right after one of its first :data:`FIRST_WRITES` commits, as it recovers.

Power comes back after :data:`OUTAGE_S`, and nothing else goes wrong any more. Judges are those of the simulation, at every step
and at rest; besides, what is owed must stand on a paper, or on the screen for want of one.

Not here: the screen is a process that remembers nothing and is no part of virtual time.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EIO
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zlib import crc32

import httpx

from hardware.clock import VirtualTimeLoop, run_virtual
from kiosk.config import KioskConfig
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.ledger.story import Flows
from kiosk.recovery import retell
from kiosk.session.state import State
from kiosk.simulation.atlas import Atlas, Like
from kiosk.simulation.benches import config_of
from kiosk.simulation.chapter import Chapter, ChapterResult, Note
from kiosk.simulation.choices import Choice, Likeness, Nowhere, Survey
from kiosk.simulation.crossroads import Crossroads, Ending, Onward
from kiosk.simulation.disk import DiskError, SimulatedDisk
from kiosk.simulation.fingerprint import CLOCK_FROM_S
from kiosk.simulation.journeys import Journey, Traveller
from kiosk.simulation.likeness import TERMINAL, Message, Onlooker, in_the_dark, story_of
from kiosk.simulation.plan import Plan, Trouble, Visit

KINDS: Final = ("write", "disk", "state", "event", "byte")
PROGRAM = "program"
TWICE = "-twice"
FIRST_WRITES: Final = 5
OUTAGE_S: Final = 4.0


@dataclass
class DiskWithEar(SimulatedDisk):
    """A disk with somebody who hears of each change before it is made."""

    before_change: Callable[[], None] = lambda: None

    def write(self, name: str, offset: int, data: bytes) -> None:
        self.before_change()
        super().write(name, offset, data)

    def truncate(self, name: str, size: int) -> None:
        self.before_change()
        super().truncate(name, size)

    def sync(self, name: str) -> None:
        self.before_change()
        super().sync(name)

    def delete(self, name: str, *, syncs_folder: bool) -> None:
        self.before_change()
        super().delete(name, syncs_folder=syncs_folder)


@dataclass
class Lane:
    """One line between the kiosk and some devices."""

    name: str
    devices: list[str]
    secret: bool
    """Whether what is said on it is encrypted with keys and counters of the day."""
    speakers: list[str] = field(default_factory=list)
    """Those that the last message to them was for; what comes back is theirs."""
    _bytes: Counter[bool] = field(default_factory=Counter)

    def next_place(self, *, to: bool) -> str:
        """Return the name of the next byte, to the devices or from them."""
        self._bytes[to] += 1
        return f"byte-{self.name}-{'to' if to else 'from'}-{self._bytes[to]}"


class CutJourney(Chapter):
    """One journey on its way through the crossroads."""

    def __init__(
        self,
        config: KioskConfig,
        journey: Journey,
        roads: Crossroads,
        choice: Choice,
        note: Note | None = None,
        *,
        leaves: bool = False,
        operations: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        """``leaves``: the customer walks off when power is cut; else they stay as long as people do.

        ``operations``: how often each commit changes the disk, from a rehearsal. To be known beforehand, because a process
        must not fork within SQLite: the child would wait for locks that its parent holds.
        """
        self._ear = DiskWithEar(before_change=self._disk_changes)
        super().__init__(config, Plan(journey.bench, (journey.visit,)), note, self._ear)
        self._cut_journey = journey
        self._roads = roads
        self._choice = choice
        self._leaves = leaves
        self._traveller: Traveller | None = None
        self._counts: Counter[str] = Counter()
        self._state: State | None = None
        self._planned = operations
        self._dies_at = 0, ""
        """In the middle of a commit: before which operation of the disk, and what is cut there."""
        self.operations: Counter[int] = Counter()
        """How often each commit changed the disk."""
        self._over = False
        self._writes_to_live = 0
        """After so many more commits what was cut is cut again; 0 when it is not."""
        self._counted = False
        self.cut = ""
        """What was cut where, in words; empty as long as nothing is."""
        self.told = ""
        """The journal's whole story; see :func:`kiosk.simulation.likeness.story_of`."""

    async def _open(self) -> None:
        await asyncio.sleep(CLOCK_FROM_S)
        await super()._open()
        self._world.on_step = self._stepped
        self._world.carrier_line.watch = self._asked
        self._onlooker = Onlooker(self._world)
        if self._choice.wants("byte"):
            for line in self._world.lines:
                devices = {name: device for name, device in self._world.bench.devices.items() if device.line is line}
                secret = any(device.spec.model.settings.get("host", {}).get("encrypted") for device in devices.values())
                lane = Lane(line.name, list(devices), secret=secret)
                line.passing = partial(self._passes, lane, False)
                line.peer.passing = partial(self._passes, lane, True)

    def _say(self, text: str) -> None:
        if self._note is not None:
            self._note(f"{self._loop.time() - CLOCK_FROM_S:.6f} {text}")

    def _asked(self, request: httpx.Request) -> None:
        self._onlooker.requests += 1
        self._witness.asked(request)

    def _customer(self, visit: Visit) -> Traveller:
        self._traveller = Traveller(self._world, self._cut_journey, lambda: self._leaves and bool(self.cut))
        return self._traveller

    # --- places -----------------------------------------------------------------------------------------------------

    def _writes(self, entries: tuple[Entry, ...]) -> None:
        self._counts["write"] += self._asking
        self._everything(f"write-{self._counts['write']}-before", PROGRAM + TWICE, TERMINAL + TWICE)
        number = self._counts["write"]
        for operation in range(1, self._planned.get(number, 0) + 1):
            if self._asking and (way := self._way(f"disk-{number}-{operation}", (PROGRAM, TERMINAL), _unlike)):
                self._dies_at = operation, way
        super()._writes(entries)

    def _wrote(self, entries: tuple[Entry, ...]) -> None:
        self._everything(f"write-{self._counts['write']}-after", PROGRAM + TWICE, TERMINAL + TWICE)
        if self._writes_to_live and not self._world.dead:
            self._writes_to_live -= 1
            if not self._writes_to_live:
                self._strike(self.cut.partition(TWICE)[0], OUTAGE_S / 2)
        super()._wrote(entries)

    def _disk_changes(self) -> None:
        if self._traveller is None or self._over:
            return
        number = self._counts["write"]
        self.operations[number] += 1
        operation, way = self._dies_at
        if way and self.operations[number] == operation:
            self._dies_at = 0, ""
            self._strike(way)
            self._disk.program_killed()
            raise DiskError(EIO, "whoever wrote is gone")

    def _stepped(self) -> None:
        if self._world.till.state != self._state:
            self._state = self._world.till.state
            self._counts["state"] += self._asking
            self._everything(f"state-{self._counts['state']}")

    def _happened(self, device: str, fact: dict[str, Any]) -> None:
        super()._happened(device, fact)
        self._onlooker.forget((device,))
        self._counts[device] += self._asking
        self._everything(f"event-{device}-{self._counts[device]}")

    def _passes(self, lane: Lane, to: bool, data: bytes) -> Iterator[bytes]:
        """A message arrives at one end of a line; power may be cut at each byte of it."""
        if not self._asking or self._world.dead:
            yield data
            return
        if to:
            lane.speakers = [name for name in lane.devices if not self._passes_over(name, data)]
        ways = (PROGRAM, TERMINAL, *lane.devices)
        message = Message(to, lane.speakers, str(len(data)) if lane.secret else data.hex())
        cut_short, whole = (self._likeness(message, whole=whole) for whole in (False, True))
        for sent in range(1, len(data) + 1):
            like = whole if sent == len(data) else cut_short
            if way := self._way(lane.next_place(to=to), ways, like):
                yield data[:sent] if way in (PROGRAM, TERMINAL, *lane.speakers) else data
                self._strike(way)
                return
        self._onlooker.passed(message)
        yield data
        self._onlooker.forget(lane.speakers)

    def _passes_over(self, name: str, data: bytes) -> bool:
        emulator = self._world.bench.devices[name].emulator
        return emulator is not None and emulator.passes_over(data)

    def _likeness(self, message: Message, *, whole: bool) -> Likeness:
        assert self._traveller is not None
        customer = self._traveller.memory()
        return cache(lambda way: self._onlooker.like(way, message, customer, whole=whole))

    @property
    def _asking(self) -> bool:
        """Whether the customer has come, nothing was cut yet, and the visit is not over."""
        return self._traveller is not None and not self.cut and not self._over

    def _everything(self, place: str, *more: str) -> None:
        """Power may be cut here, in every way."""
        if not self._asking:
            return
        way = self._way(place, (PROGRAM, TERMINAL, *self._world.bench.devices, *more), self._in_line)
        if way is not None:
            self._strike(way.removesuffix(TWICE))
            self._writes_to_live = crc32(place.encode()) % FIRST_WRITES + 1 if way.endswith(TWICE) else 0

    def _in_line(self, way: str) -> Like | None:
        """A device dies as soon as the loop comes to it: what is asked of the loop at the same point is the same."""
        assert isinstance(self._loop, VirtualTimeLoop)
        return Like(f"{way} {self._loop.lined_up}", proven=True) if way in self._world.bench.devices else None

    def _way(self, place: str, ways: Sequence[str], like: Likeness) -> str | None:
        chosen = self._choice.ways(place, ways, like)
        way = self._roads.way(place, chosen) if chosen else None
        if way is not None:
            shown = self._world.shown
            self.cut = (
                f"{way} cut at {place}, {self._loop.time() - CLOCK_FROM_S:.3f} s, "
                f"screen {shown.screen.value}, {shown.inserted_yen} yen in"
            )
        return way

    def _strike(self, way: str, outage_s: float = OUTAGE_S) -> None:
        match way:
            case "program":
                trouble = Trouble("power-killed", "kill", "", "s", 0, outage_s)
            case "terminal":
                trouble = Trouble("power-kiosk", "power", "", "s", 0, outage_s)
            case _:
                trouble = Trouble("power-device", "power off", way, "s", 0, outage_s)
        self._director.strike(trouble)

    def _reopen(self) -> Journal:
        journal = super()._reopen()
        if self.cut and self._traveller is not None and not (self._over or self._writes_to_live or self._violations):
            self._roads.meet(in_the_dark(self._world, self._traveller.memory(), self._witness))
        return journal

    # --- judging ----------------------------------------------------------------------------------------------------

    def _struck(self, trouble: Trouble) -> None:
        """Nothing is excused beforehand: what a device does not know after a power cut has to be declared."""

    async def _comes_to_rest(self) -> bool:
        self._writes_to_live = 0  # nothing goes wrong any more
        return await super()._comes_to_rest()

    async def _last_answers(self) -> None:
        await super()._last_answers()
        self.told = story_of(self._world.journal)

    async def _look(self, visit: Visit) -> None:
        self._over = True
        journal = self._world.journal
        if journal.balance(accounts.OVER_SHORT):  # a machine that counts itself has found another number than was booked
            self._witness.suspects.add("a count")
        for text in self._claims():
            self._wrong(text)
        await super()._look(visit)
        self.told = story_of(journal)
        self._counted = any(row.body["what"] == "counted by staff" for row in journal.rows() if row.kind == Kind.REMARK)

    def _claims(self) -> Iterator[str]:
        """Say of each visit that is owed money whether it has a paper that names all of it."""
        journal = self._world.journal
        for visit in {row.visit for row in journal.rows() if row.visit}:
            if not (owed := -journal.balances(visit)[accounts.OWED]):
                continue
            *_, state = (state for _, state in retell(self._config.shop, journal.rows(visit=visit)) if state.owed_yen)
            if not state.has_paper or state.slip_yen < owed:
                yield f"visit {visit} is owed {owed} yen, its paper ({state.receipt or 'none'}) names {state.slip_yen}"

    def ending(self, result: ChapterResult) -> Ending:
        """Return what came of it."""
        wrong = tuple(violation.text for violation in result.violations)
        return Ending(self.outcome(result.flows), (*wrong, self.cut or "nothing was cut") if wrong else (), self.told)

    def outcome(self, flows: Flows) -> str:
        """Return what became of the customer's money, in a few words."""
        words = [
            name
            for name, yen in (
                ("delivered", flows.sold),
                ("returned", flows.returned),
                ("paid out", flows.change),
                ("owed", flows.owed),
                ("forgotten", flows.forgotten),
                ("out of sight", flows.unaccounted),
            )
            if yen
        ]
        return ", ".join(words) + (", counted by staff" if self._counted else "") or "nothing moved"


def _unlike(way: str) -> None:
    """No other cut is known to be the same."""


def rehearse(folder: Path, journey: Journey) -> Mapping[int, int]:
    """Return how often each commit of a journey changes the disk."""
    rehearsal = CutJourney(config_of(folder, journey.bench), journey, Onward(), Nowhere())
    run_virtual(rehearsal.play())
    return rehearsal.operations


def survey(folder: Path, journey: Journey, kinds: Sequence[str], what: Sequence[str], operations: Mapping[int, int]) -> Atlas:
    """Return all cuts of a journey, at places of these kinds; only of ``what`` is named there, if anything is.

    ``operations`` are those of :func:`rehearse`.
    """
    atlas = Atlas()
    config = config_of(folder, journey.bench)
    choice = Survey(atlas, kinds, what)
    run_virtual(CutJourney(config, journey, Onward(), choice, operations=operations).play())
    return atlas


def travel(
    folder: Path,
    journey: Journey,
    roads: Crossroads,
    choice: Choice,
    note: Note | None = None,
    *,
    leaves: bool = False,
    operations: Mapping[int, int] = MappingProxyType({}),
) -> Ending:
    """Let one journey happen, and power be cut where the crossroads say."""
    config = config_of(folder, journey.bench)
    story = CutJourney(config, journey, roads, choice, note, leaves=leaves, operations=operations)
    return story.ending(run_virtual(story.play()))
