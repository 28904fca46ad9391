"""Power is cut at every instant of a journey, and everything must come to rest: delivered, returned or owed on a slip.

*Where* it is cut (a *place*; its first word is its *kind*):

* ``write-N-before``, ``write-N-after``: the N-th commit of the journal since the customer came;
* ``disk-N-M``: just before the M-th operation by which the N-th commit changes the disk;
* ``state-N``: when the session has come to another state, and its picture is not shown yet;
* ``event-DEVICE-N``: when something has happened inside a device: a note moved, a motor started, a line was printed;
* ``byte-LINE-to-N``, ``byte-LINE-from-N``: the N-th byte to or from the devices on a line is the last one of its message.

*What* is cut: ``program`` (the kiosk's program is killed; devices live on), ``terminal`` (the kiosk and all devices lose power,
the disk what was not synced), or one device by its name (the kiosk lives on). At a byte that is the program, the terminal, and
each device on that line; in the middle of a commit the program and the terminal. At a commit also ``program-twice`` and
``terminal-twice``: the next life is cut off right after one of its first :data:`FIRST_WRITES` commits, as it recovers.

Power comes back after :data:`OUTAGE_S`, and nothing else goes wrong any more. Judges are those of the simulation, at every step
and at rest; besides, what is owed must stand on a paper, or on the screen for want of one.

Not here: the screen is a process that remembers nothing and is no part of virtual time.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EIO
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, Final
from zlib import crc32

from hardware.clock import run_virtual
from hardware.links.memory import MemoryEnd
from kiosk.config import KioskConfig
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.story import Flows
from kiosk.recovery import retell
from kiosk.session.state import State
from kiosk.simulation.benches import config_of
from kiosk.simulation.chapter import Chapter, Note
from kiosk.simulation.crossroads import Crossroads, Ending
from kiosk.simulation.disk import DiskError, SimulatedDisk
from kiosk.simulation.journeys import Journey, Traveller
from kiosk.simulation.plan import Plan, Trouble, Visit

KINDS: Final = ("write", "disk", "state", "event", "byte")
PROGRAM, TERMINAL = "program", "terminal"
TWICE = "-twice"
FIRST_WRITES: Final = 5
OUTAGE_S: Final = 4.0


@dataclass
class Sample:
    """Which cuts of a journey are tried: about every ``step``-th of each kind, thrown by dice of its own. Counts what there is;
    made anew for each journey."""

    kinds: Sequence[str] = KINDS
    step: int = 1
    what: Sequence[str] = ()
    """Only these are cut; all when empty."""
    seed: str = ""
    seen: Counter[str] = field(default_factory=Counter)
    """Cuts that there were, by kind."""

    def __post_init__(self) -> None:
        self._dice = Random(self.seed)

    def ways(self, place: str, possible: Sequence[str]) -> list[str]:
        """Return what is cut at a place."""
        kind = place.partition("-")[0]
        if kind not in self.kinds:
            return []
        chosen = []
        for way in possible:
            if not self.what or way in self.what:
                self.seen[kind] += 1
                if self.step == 1 or self._dice.random() * self.step < 1:
                    chosen.append(way)
        return chosen


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


class CutJourney(Chapter):
    """One journey on its way through the crossroads."""

    def __init__(
        self,
        config: KioskConfig,
        journey: Journey,
        roads: Crossroads,
        sample: Sample,
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
        self._sample = sample
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

    async def _open(self) -> None:
        await super()._open()
        self._world.on_step = self._stepped
        lines = defaultdict(list)
        for name, device in self._world.bench.devices.items():
            if device.line is not None:
                lines[device.line].append(name)
        for line, names in lines.items():
            line.passing = self._hears(line, "from", names)
            line.peer.passing = self._hears(line.peer, "to", names)

    def _customer(self, visit: Visit) -> Traveller:
        self._traveller = Traveller(self._world, self._cut_journey, lambda: self._leaves and bool(self.cut))
        return self._traveller

    # --- places -----------------------------------------------------------------------------------------------------

    def _writes(self, entries: tuple[Entry, ...]) -> None:
        self._counts["write"] += self._asking
        self._everything(f"write-{self._counts['write']}-before", PROGRAM + TWICE, TERMINAL + TWICE)
        number = self._counts["write"]
        for operation in range(1, self._planned.get(number, 0) + 1):
            if self._asking and (way := self._way(f"disk-{number}-{operation}", (PROGRAM, TERMINAL))):
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
        self._counts[device] += self._asking
        self._everything(f"event-{device}-{self._counts[device]}")

    def _hears(self, end: MemoryEnd, direction: str, devices: list[str]) -> Callable[[bytes], Iterator[bytes]]:
        lane = f"{end.name.removesuffix(' (device)')}-{direction}"
        ways = (PROGRAM, TERMINAL, *devices)

        def passing(data: bytes) -> Iterator[bytes]:
            if self._asking and self._world.dead is False:
                for sent in range(1, len(data) + 1):
                    self._counts[lane] += 1
                    if way := self._way(f"byte-{lane}-{self._counts[lane]}", ways):
                        yield data[:sent]
                        self._strike(way)
                        return
            yield data

        return passing

    @property
    def _asking(self) -> bool:
        """Whether the customer has come, nothing was cut yet, and the visit is not over."""
        return self._traveller is not None and not self.cut and not self._over

    def _everything(self, place: str, *more: str) -> None:
        self._ask(place, (PROGRAM, TERMINAL, *self._world.bench.devices, *more))

    def _ask(self, place: str, ways: Sequence[str]) -> bool:
        way = self._way(place, ways) if self._asking else None
        if way is not None:
            self._strike(way.removesuffix(TWICE))
            self._writes_to_live = crc32(place.encode()) % FIRST_WRITES + 1 if way.endswith(TWICE) else 0
        return way is not None

    def _way(self, place: str, ways: Sequence[str]) -> str | None:
        chosen = self._sample.ways(place, ways)
        way = self._roads.way(place, chosen) if chosen else None
        if way is not None:
            shown = self._world.shown
            self.cut = (
                f"{way} cut at {place}, {self._loop.time():.3f} s, screen {shown.screen.value}, {shown.inserted_yen} yen in"
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

    # --- judging ----------------------------------------------------------------------------------------------------

    def _struck(self, trouble: Trouble) -> None:
        """Nothing is excused beforehand: what a device does not know after a power cut has to be declared."""

    async def _comes_to_rest(self) -> bool:
        self._writes_to_live = 0  # nothing goes wrong any more
        return await super()._comes_to_rest()

    async def _look(self, visit: Visit) -> None:
        self._over = True
        journal = self._world.journal
        if journal.balance(accounts.OVER_SHORT):  # a machine that counts itself has found another number than was booked
            self._witness.suspects.add("a count")
        for text in self._claims():
            self._wrong(text)
        await super()._look(visit)
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


def travel(
    folder: Path, journey: Journey, roads: Crossroads, sample: Sample, note: Note | None = None, *, leaves: bool = False
) -> Ending:
    """Let one journey happen, and power be cut where the crossroads say."""
    config = config_of(folder, journey.bench)
    rehearsal = CutJourney(config, journey, roads, Sample(kinds=()))
    if "disk" in sample.kinds:
        run_virtual(rehearsal.play())
    story = CutJourney(config, journey, roads, sample, note, leaves=leaves, operations=rehearsal.operations)
    result = run_virtual(story.play())
    wrong = tuple(violation.text for violation in result.violations)
    return Ending(story.outcome(result.flows), (*wrong, story.cut or "nothing was cut") if wrong else ())
