"""The contract of every emulated device, and the runner that gives it a line and a clock.

An emulator is pure: bytes and times go in, bytes with times and happenings come out. It opens nothing, sleeps never and
reads no clock, so the same object serves a pty in real time and a simulation thousands of times faster.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hardware import linecommands
from hardware.errors import ConfigError, OfflineError
from hardware.lasting import MemoryFile, State
from hardware.links.faults import LineFaults, Toward
from hardware.links.link import Link
from hardware.models import DeviceModel


@dataclass(frozen=True)
class Happening:
    """Something that really happened inside a device, for people, tests and the oracle; the driver never sees it."""

    t: float
    """When, in seconds of the loop's clock."""
    event: str
    """What, in snake case: ``note_stacked``, ``receipt_cut``, ``cover_opened``."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Figures that go with it, ready for JSON: ``{"yen": 1000}``."""
    render_png: Callable[[], bytes] | None = field(default=None, compare=False)
    """For a ``receipt_cut``: draws the paper as PNG when somebody wants to look; whoever runs the emulator keeps the file."""

    def as_json(self) -> dict[str, Any]:
        """Return the one-line form the command line prints."""
        return {"t": round(self.t, 6), "event": self.event, **self.data}


class BadCommand(ValueError):
    """A bench command was not understood; the text says what would be."""


class Emulator(ABC):
    """A device made of software, at the far end of a line.

    All times are seconds of one clock that never goes back. After each call of ``receive``, ``advance`` or ``command`` the
    owner takes what is due with ``take_replies`` and ``take_happenings`` and asks ``next_due_s`` when to call again.
    """

    def __init__(self, model: DeviceModel) -> None:
        self.model = model

    @property
    def ready(self) -> bool:
        """Whether the device's ready line (DTR) lets the host send; always true for a device that does not drive it."""
        return True

    @abstractmethod
    def receive(self, data: bytes, now_s: float) -> None:
        """Let time pass until ``now_s``, then take bytes from the host, in any cut; never raises, whatever they are."""

    def passes_over(self, data: bytes) -> bool:
        """Tell whether ``data`` would change nothing in the device if they arrived now, with nothing due: on a line of many
        most of what is said is for another."""
        return False

    @abstractmethod
    def advance(self, now_s: float) -> None:
        """Let time pass until ``now_s``: motors move, timers end."""

    @abstractmethod
    def next_due_s(self) -> float | None:
        """Return when something will happen by itself (a reply to send or a part to move), or None."""

    @abstractmethod
    def take_replies(self, now_s: float) -> bytes:
        """Return, once, the bytes that the device has put on the line until ``now_s``."""

    @abstractmethod
    def take_happenings(self) -> list[Happening]:
        """Return, once, what has happened since the last call, oldest first."""

    def state(self) -> State | None:
        """Return what a power cut at this instant would leave, JSON; None for a device that keeps nothing.

        A state is never changed once it was returned.
        """
        return None

    def restore(self, state: State, now_s: float) -> None:
        """Make a new device the one whose ``state`` this is, after a power cut at that instant, with power since ``now_s``.

        Raises KeyError, TypeError or ValueError for what is no state of such a device; it is then of no use any more.
        """
        raise ValueError(f"{self.model.name} keeps nothing without power")

    @abstractmethod
    def command(self, line: str, now_s: float) -> dict[str, Any]:
        """Let time pass until ``now_s``, then do what a hand would: ``insert 1000``, ``cover open``. Returns facts for JSON.

        Raises BadCommand with a text for people when the line is not one of :meth:`commands`.
        """

    @abstractmethod
    def commands(self) -> dict[str, str]:
        """Return every command with one line of help, for ``help``."""


_PLUG_HELP = {
    "line unplug": "the cable comes out at the unit, which lives on",
    "line replug": "the cable is put back; a pseudo port comes back under the same path and perhaps another name",
}


class EmulatorRunner:
    """Connects one emulator to one line and to the running loop's clock.

    Between the two is a line that can go wrong: the commands ``line ...`` (:mod:`hardware.linecommands`) are obeyed here,
    and no emulator knows of them.
    """

    def __init__(
        self,
        emulator: Emulator,
        link: Link,
        on_happening: Callable[[Happening], None],
        dice: Random | None = None,
        *,
        memory: MemoryFile | None = None,
        name: str = "",
    ) -> None:
        """``dice`` choose what the line spoils; a seed of 0 when not given. ``memory`` is an open file in which the device is
        called ``name``: it goes on from what stands there, and everything that happens to it is written down before anybody
        is told."""
        self.emulator = emulator
        self._loop: asyncio.AbstractEventLoop
        """Held from the start on: asking for it costs a system call, and this is done with every byte."""
        self._link = link
        self._faults = LineFaults(dice or Random(0))
        self._line_commands = linecommands.LineCommands(self._faults)
        self._replugging: asyncio.Task[None] | None = None
        self._on_happening = on_happening
        self._memory = memory
        self._name = name
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due_s = 0.0
        self._stopped = False
        self._ready = True

    async def start(self) -> None:
        """Remember, open the device's end of the line and begin to live. Raises ConfigError for a memory of something else."""
        self._loop = asyncio.get_running_loop()
        self._recall()
        self._link.attach(self._receive, self._lost)
        await self._link.open()
        self._tick()

    def _recall(self) -> None:
        model = self.emulator.model.name
        state = self._memory.recall(self._name, model) if self._memory is not None else None
        if state is None:
            return
        try:
            self.emulator.restore(state, self._loop.time())
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"what is written down of {self._name or model} is no state of {model}: {error!r}") from error

    def command(self, line: str) -> dict[str, Any]:
        """Do a hand's work at the machine or at its line; see :meth:`Emulator.command`."""
        now_s = self._loop.time()
        words = line.split()
        answer = self._command_line(words[1:], now_s) if words[:1] == ["line"] else self.emulator.command(line, now_s)
        self._settle(now_s)
        return answer

    def commands(self) -> dict[str, str]:
        """Return every command with one line of help: the emulator's own, and those of its line."""
        return {**self.emulator.commands(), **linecommands.HELP, **_PLUG_HELP}

    def _command_line(self, words: list[str], now_s: float) -> dict[str, Any]:
        if words == ["unplug"]:
            self._link.close()
            return {"ok": True, "note": "the cable is out; the unit lives on"}
        if words == ["replug"]:
            self._replugging = self._loop.create_task(self._link.open())
            return {"ok": True, "note": "the cable is in; a port may have another name now"}
        try:
            return self._line_commands.obey(words, now_s)
        except ValueError as error:
            raise BadCommand(str(error)) from error

    def stop(self) -> None:
        """Take the device off the line."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._replugging is not None:
            self._replugging.cancel()
        self._link.close()

    def _receive(self, data: bytes) -> None:
        now_s = self._loop.time()
        if self._faults.idle:
            if not self._is_due(now_s) and self.emulator.passes_over(data):
                return
            self.emulator.receive(data, now_s)
        else:
            self._faults.carry(Toward.DEVICE, data, now_s)
        self._settle(now_s)

    def _is_due(self, now_s: float) -> bool:
        return self._timer is not None and self._timer_due_s <= now_s

    def _lost(self, error: OfflineError) -> None:
        """The cable is out: matter moves on without it, and replies go nowhere."""

    def _tick(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        self.emulator.advance(now_s)
        self._settle(now_s)

    def _settle(self, now_s: float) -> None:
        """Send what the emulator says by now, tell what happened, and set the next alarm."""
        if self._stopped:
            return
        faults = self._faults
        if not faults.idle:
            arrived = faults.take(Toward.DEVICE, now_s)
            if arrived:
                self.emulator.receive(arrived, now_s)
        if self._memory is not None and (state := self.emulator.state()) is not None:
            self._memory.keep(self._name, self.emulator.model.name, state)
        reply = self.emulator.take_replies(now_s)
        if not faults.idle:
            faults.carry(Toward.HOST, reply, now_s)
            reply = faults.take(Toward.HOST, now_s)
        if reply:
            try:
                self._link.write(reply)
            except OfflineError:
                pass  # a device talks into a dead line without noticing
        for happening in self.emulator.take_happenings():
            self._on_happening(happening)
        if self.emulator.ready is not self._ready:
            self._ready = self.emulator.ready
            self._link.set_ready(self._ready)
        due_s = self.emulator.next_due_s()
        line_due_s = None if faults.idle else faults.next_due_s()
        if line_due_s is not None:
            due_s = line_due_s if due_s is None else min(due_s, line_due_s)
        self._set_alarm(due_s)

    def _set_alarm(self, due_s: float | None) -> None:
        if self._timer is not None:
            if due_s == self._timer_due_s:
                return
            self._timer.cancel()
            self._timer = None
        if due_s is not None:
            self._timer_due_s = due_s
            self._timer = self._loop.call_at(due_s, self._tick)
