"""One device of a bench, set up for a check: its driver, its line with faults, its hand, its clock, and all that it said.

A check never asks what is behind the line. What differs is handed in: an emulator in memory lives in virtual time, one on a
pty and a real unit in real time; a hand works the emulator, a person the unit.
"""

import asyncio
import tempfile
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from hardware.bench import Bench, BenchDevice
from hardware.benchfile import DeviceSpec
from hardware.clock import stopwatch_s
from hardware.links.faults import LineFaults
from hardware.links.faultylink import WHOLE_AFTER_S, FaultyLink
from hardware.links.link import Link
from hardware.testing.notrun import NotRun
from hardware.testing.person import Ask, Person

RECOVERY_POLLS = 300
"""A driver is back at rest within so many polls after a fault is over."""
WIRE_LINES = 60
TOLD_LINES = 500
LOOK_EVERY_S = 0.25
"""A condition is looked at whenever something was told, and this often at least."""
SHORTEST_S = 1e-6
"""A wait shorter than this is over: virtual time stands on whole nanoseconds and would never come to its end."""
LONGEST_CHECK_S = 3600.0
"""No check takes longer by its own clock: what does is stuck."""


@dataclass
class Record:
    """What a check leaves for the report. Mutable: it grows while the check runs."""

    wire: deque[str] = field(default_factory=lambda: deque(maxlen=WIRE_LINES))
    """The last lines of the wire trace, as the driver saw it."""
    told: deque[str] = field(default_factory=lambda: deque(maxlen=TOLD_LINES))
    """The last events that the driver told, and happenings inside the emulator."""
    seconds: float = 0.0
    """How long it took by the clock that the device lives in."""
    real_seconds: float = 0.0


class Readiness(Protocol):
    """The status of any class of device, as far as all have it."""

    @property
    def ready(self) -> bool:
        """Whether it would do what it is asked to."""
        ...


class Rig(ABC):
    """Opens one device and closes it again: ``async with rig``. Subclasses know its class of device."""

    def __init__(self, spec: DeviceSpec, ask: Ask | None = None, seed: int = 0) -> None:
        """``ask`` shows a request to the person at the terminal, if there is one; ``seed`` is for what the line spoils."""
        self.spec = spec
        self.record = Record()
        self.happened: list[dict[str, Any]] = []
        """What really happened inside the emulator; empty at a real unit."""
        self._ask = ask
        self._seed = seed
        self._changed = asyncio.Event()
        self._bench = Bench()
        self._links: list[FaultyLink] = []
        self._run_dir: tempfile.TemporaryDirectory[str] | None = None
        self.trace_path: Path | None = None
        """Where the whole wire trace is to be written, for playing it back; None keeps its end in the record only."""
        self._trace_file: TextIO | None = None
        self._began_s = self._began_real_s = 0.0

    # -- what is there -------------------------------------------------------------------------------------------------

    @property
    def virtual(self) -> bool:
        """Whether its clock is virtual: so it is for an emulator in memory and for what is simulated."""
        return self.spec.link in ("memory", "simulated", "recording")

    @property
    def device(self) -> BenchDevice:
        """The device as the bench has it; its driver is another one after :meth:`kill_host`."""
        return self._bench.devices[self.spec.name]

    @property
    def link(self) -> FaultyLink:
        """The host's end of the line. Raises NotRun for a device that is simulated and has none."""
        if not self._links:
            raise NotRun(f"{self.spec.name} has no line: {self.spec.model.protocol} claims no wire")
        return self._links[0]

    @property
    def faults(self) -> LineFaults:
        """What is wrong with the line: at first nothing."""
        return self.link.faults

    @property
    def person(self) -> Person:
        """The hand at the device."""
        recorded = self.spec.link == "recording"  # what the hand did then is in the recording: it comes by itself
        return Person(self.spec.name, self.device.hand, (lambda request: None) if recorded else self._ask)

    def figure(self, table: str, key: str) -> float | None:
        """Return a number from the model file, such as ``[timing] escrow_timeout_s``; None when it is not there."""
        value = self.spec.model.settings.get(table, {}).get(key)
        return float(value) if isinstance(value, int | float) else None

    @property
    def recovery_s(self) -> float:
        """:data:`RECOVERY_POLLS` at this model's pace."""
        pace_s = self.figure("poll", "rest_s") or self.figure("poll", "interval_s") or 0.2
        return RECOVERY_POLLS * max(pace_s, 0.2)

    # -- life ----------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._began_s, self._began_real_s = asyncio.get_running_loop().time(), stopwatch_s()
        self._changed = asyncio.Event()
        if self.trace_path is not None:
            self.trace_path.parent.mkdir(parents=True, exist_ok=True)
            self._trace_file = self.trace_path.open("w", encoding="ascii")
        if self.spec.link == "pty":
            self._run_dir = tempfile.TemporaryDirectory(prefix="bench-")
        self._bench = await Bench.open(
            [self.spec],
            run_dir=Path(self._run_dir.name) if self._run_dir else None,
            watch=self._watch,
            trace=self._trace,
            wrap=self._wrap,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.close_driver()
        finally:
            await self._bench.close()
            if self._run_dir is not None:
                self._run_dir.cleanup()
            if self._trace_file is not None:
                self._trace_file.close()
            self.record.seconds = asyncio.get_running_loop().time() - self._began_s
            self.record.real_seconds = stopwatch_s() - self._began_real_s

    def _trace(self, line: str) -> None:
        self.record.wire.append(line)
        if self._trace_file is not None:
            print(line, file=self._trace_file)

    def _wrap(self, spec: DeviceSpec, link: Link) -> Link:
        faulty = FaultyLink(link, Random(self._seed), 0.0 if self.virtual else WHOLE_AFTER_S)
        self._links.append(faulty)
        return faulty

    def _watch(self, name: str, happening: dict[str, Any]) -> None:
        self.happened.append(happening)
        self.note_down(f"inside: {_words(happening)}", happening["t"])
        self._changed.set()

    def note_down(self, line: str, t: float | None = None) -> None:
        """Write a line into the record, and look at all conditions again."""
        t = asyncio.get_running_loop().time() if t is None else t
        self.record.told.append(f"{t:.3f} {line}")
        self._changed.set()

    @property
    @abstractmethod
    def status(self) -> Readiness:
        """What the driver last told of the device as a whole."""

    @abstractmethod
    async def close_driver(self) -> None:
        """Close the driver if it was started."""

    @abstractmethod
    async def start_driver(self) -> None:
        """Start the bench's present driver: the first, or a new one after :meth:`kill_host`."""

    # -- time ----------------------------------------------------------------------------------------------------------

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def until(self, condition: Callable[[], bool], what: str | Callable[[], str], within_s: float | None = None) -> None:
        """Wait until ``condition`` holds. Raises AssertionError naming ``what`` after ``within_s`` (:attr:`recovery_s`);
        as a function, it is asked then."""
        __tracebackhide__ = True
        within_s = self.recovery_s if within_s is None else within_s
        within_s += self.person.patience_s
        loop = asyncio.get_running_loop()
        end_s = loop.time() + within_s
        while not condition():
            left_s = end_s - loop.time()
            if left_s < SHORTEST_S:
                raise AssertionError(f"{what if isinstance(what, str) else what()}: not within {within_s:g} s")
            self._changed.clear()
            timer = loop.call_later(min(left_s, LOOK_EVERY_S), self._changed.set)
            try:
                await self._changed.wait()
            finally:
                timer.cancel()

    async def until_ready(self) -> None:
        """Wait until the driver says that the device is ready."""
        await self.until(lambda: self.status.ready, lambda: f"ready (now {self.status})")

    async def until_inside(self, event: str, *, since: int = 0, within_s: float | None = None) -> None:
        """Wait for a happening inside the emulator: ``note_stacking``. Nothing is waited for at a real unit."""
        if not self.person.is_asked:
            await self.until(lambda: any(h["event"] == event for h in self.happened[since:]), f"{event} inside", within_s)

    # -- misfortunes of host, line and power ---------------------------------------------------------------------------

    async def kill_host(self) -> None:
        """Let the host's program die without a goodbye: not a byte leaves it any more. A new driver takes its place, and
        :meth:`start_driver` starts it."""
        for link in self._links:
            link.unplug()  # so that closing the old driver cannot say anything to the unit
        await self.close_driver()
        for link in self._links:
            link.replug()
        self._bench.renew_drivers()
        self.note_down("-- the host is dead")

    def mend_line(self) -> None:
        """Let the line, if there is one, be right and plugged in again."""
        for link in self._links:
            link.faults.off()
            link.replug()

    async def power(self, on: bool) -> None:
        """Switch the device, at this instant."""
        word = "on" if on else "off"
        await self.person.do(f"power {word}", f"switch its power {word}", at_an_instant=True)


def _words(happening: dict[str, Any]) -> str:
    return " ".join([happening["event"], *(f"{k}={v}" for k, v in happening.items() if k not in ("t", "event"))])
