"""A simulated change machine alive: its mechanism on the running loop's clock, with hands at it."""

import asyncio
from collections.abc import Callable
from typing import Any

from hardware.changer.hands import Hands
from hardware.changer.lasting import restore, state_of
from hardware.changer.mechanism import ChangerMechanism
from hardware.changer.tracks import ChangerTimings
from hardware.changer.units import read_units
from hardware.configfile import ConfigFile
from hardware.emulator import BadCommand, Happening
from hardware.errors import ConfigError
from hardware.lasting import MemoryFile
from hardware.models import DeviceModel


class ChangerMachine:
    """The machine itself. It outlives the drivers that use it one after the other, and a power cut, and with :meth:`remember`

    also the process, in which it has a power cut of its own when that is killed."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError."""
        file = ConfigFile(model.path, model.settings).only("cash", "overflow", "timing")
        timing = file.table("timing")
        overflow = file.table("overflow").only("capacity")
        self.mechanism = ChangerMechanism(read_units(file), ChangerTimings.read(timing), overflow.whole("capacity"))
        self.answer_s = timing.number("answer_s", 60.0, low=0.1)
        """How long a verb waits for the machine beyond what its motion should take."""
        self.watch: Callable[[Happening], None] = lambda happening: None
        """Hears everything that happens: for the bench, the oracle and people."""
        self.host: Callable[[list[Happening]], None] | None = None
        """Hears what happened when anything may have changed: the one driver in charge."""
        self._write_down: Callable[[], None] = lambda: None
        self._commands = Hands(self.mechanism).commands()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self.born = ""
        """Tells this machine from another one that counts from nothing again: when it was first looked at."""

    def remember(self, memory: MemoryFile, name: str, model: str) -> None:
        """Go on from what is written down in ``memory``, an open file, and keep it true from here on. Raises ConfigError."""
        state = memory.recall(name, model)
        if state is not None:
            try:
                self.born = str(state["born"])
                now_s = asyncio.get_running_loop().time()
                restore(self.mechanism, state["insides"], now_s)
                self.mechanism.power_on(now_s)
            except (KeyError, TypeError, ValueError) as error:
                raise ConfigError(f"what is written down of {name} is no state of {model}: {error!r}") from error
        self.now_s()
        self._write_down = lambda: memory.keep(name, model, {"born": self.born, "insides": state_of(self.mechanism)})
        self._write_down()

    def now_s(self) -> float:
        """Return the loop's time, and let the parts have moved until then."""
        now_s = asyncio.get_running_loop().time()
        self.born = self.born or f"{now_s:.6f}"
        self.mechanism.advance(now_s)
        return now_s

    def command(self, line: str) -> dict[str, Any]:
        """Do a hand's work. Raises BadCommand with a text for people."""
        name, *words = line.split() or [""]
        command = self._commands.get(name)
        if command is None:
            raise BadCommand(f"no command {name!r}, expected one of: {', '.join(self.commands())}")
        answer = command.do(words, self.now_s())
        self.settle()
        return answer

    def commands(self) -> dict[str, str]:
        """Return every command with one line of help."""
        return {command.usage: command.help for command in self._commands.values()}

    def settle(self) -> None:
        """Tell what happened and set the next alarm; after every order and every hand."""
        self._write_down()
        happenings = self.mechanism.take_happenings()
        for happening in happenings:
            self.watch(happening)
        if self.host is not None:
            self.host(happenings)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        self._set_alarm()

    def _set_alarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_s = self.mechanism.next_due_s()
        self._timer = None if due_s is None else asyncio.get_running_loop().call_at(due_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.now_s()
        self.settle()

    async def until(self, reached: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until ``reached``, looked at after every change; False when that does not come within ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                while not reached():
                    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting.append(future)
                    await future
        except TimeoutError:
            return reached()
        return True

    def leave(self) -> None:
        """Tell the driver nothing any more."""
        self.host = None

    def stop(self) -> None:
        """Let the machine stand still for good."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
