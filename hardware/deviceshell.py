"""What every emulated device with moving parts shares: power, a line that can fall silent, replies that take their time.

A device is a mechanism (the truth that an oracle reads) inside a shell that a host talks to. It does not model the line
itself: no baud rate, no parity; whatever arrives, arrives whole.
"""

from abc import abstractmethod
from collections import deque
from typing import Any, Protocol

from hardware.benchcommand import Answer, BenchCommand, no_words, on_or_off
from hardware.configfile import ConfigFile
from hardware.emulator import BadCommand, Emulator, Happening
from hardware.lasting import State
from hardware.models import DeviceModel

DEFAULT_NOISE = bytes.fromhex("00 FF 02 FC 7F FC 03 E5")
"""What ``garbage`` puts on the line: no frame of any protocol, but with the beginnings of some in it."""


class Insides(Protocol):
    """A mechanism, as its shell sees it. Times are seconds of one clock that never goes back."""

    powered: bool

    def next_due_s(self) -> float | None:
        """Return when a part arrives or a timer ends, or None when everything stands still."""

    def advance(self, now_s: float) -> None:
        """Let the parts move until ``now_s``."""

    def take_happenings(self) -> list[Happening]:
        """Return, once, what has happened since the last call, oldest first."""

    def power_on(self, now_s: float) -> None:
        """Give it power."""

    def power_off(self, now_s: float) -> None:
        """Cut the power."""


class DeviceShell(Emulator):
    """A device made of software; subclasses bring its mechanism and its protocol.

    A protocol's face implements :meth:`hear`, :meth:`notice`, :meth:`settle`, :meth:`wake`, :meth:`own_due_s` and
    :meth:`status_name`, a class of devices :meth:`facts`. The unit begins with power on and nothing said yet.
    """

    def __init__(self, model: DeviceModel, insides: Insides, hands: dict[str, BenchCommand]) -> None:
        """``hands`` are the commands that reach the mechanism alone. ``[timing]`` may hold ``reply_s`` and ``boot_s``.

        Raises ConfigError.
        """
        super().__init__(model)
        timing = ConfigFile(model.path, model.settings).table("timing")
        self._insides = insides
        self._reply_s = timing.number("reply_s", 0.008)
        self._boot_s = timing.number("boot_s", 0.5)
        self._deaf_until_s = 0.0
        self._silent = False
        self._outbox: deque[tuple[float, bytes]] = deque()
        self._happenings: list[Happening] = []
        self._commands = {**hands, **self._line_commands()}

    def _line_commands(self) -> dict[str, BenchCommand]:
        """Return the commands that concern more than the mechanism; a subclass may add its own."""
        return {
            "power": BenchCommand("power on|off", "switch the unit; matter inside stays where it is", self._power),
            "silence": BenchCommand("silence on|off", "it hears and obeys, but no answer reaches the host", self._silence),
            "garbage": BenchCommand("garbage [HEX]", "noise on the line towards the host", self._garbage),
            "state": BenchCommand("state", "tell what is inside and what the unit would report", self._state),
        }

    # -- what a face must do -------------------------------------------------------------------------------------------

    @abstractmethod
    def hear(self, data: bytes, now_s: float) -> None:
        """Take bytes while powered and booted; answer with :meth:`say`, and :meth:`react` after each message obeyed."""

    @abstractmethod
    def notice(self, happening: Happening) -> None:
        """Learn what happened inside; called once for each, in order."""

    @abstractmethod
    def settle(self, now_s: float) -> None:
        """After anything happened, or :meth:`own_due_s` came: give the mechanism its standing orders."""

    @abstractmethod
    def own_due_s(self) -> float | None:
        """Return when the face itself has something to do, or None."""

    @abstractmethod
    def wake(self, now_s: float) -> None:
        """Power came: forget what lived in memory only."""

    @abstractmethod
    def status_name(self) -> str:
        """Return what the unit would report now, in the manual's words."""

    @abstractmethod
    def insides_state(self) -> State:
        """Return what a power cut at this instant would leave of the mechanism, for JSON."""

    @abstractmethod
    def restore_insides(self, state: State, now_s: float) -> None:
        """Make a new mechanism the one that ``state`` was taken of, without power."""

    def firmware(self) -> State:
        """Return what the face keeps without power, for JSON; a subclass adds what it has to its parent's."""
        return {}

    def restore_firmware(self, state: State) -> None:
        """Take up what :meth:`firmware` of a former life returned; the mechanism is restored already, and without power."""

    @abstractmethod
    def facts(self) -> Answer:
        """Return where matter is, for ``state``."""

    def say(self, data: bytes, now_s: float, after_s: float | None = None) -> None:
        """Send ``data`` after the unit's reply time, or ``after_s`` if given, behind whatever it is still sending."""
        if not self._silent:
            due_s = now_s + (self._reply_s if after_s is None else after_s)
            self._outbox.append((max(due_s, self._outbox[-1][0] if self._outbox else 0.0), data))

    def put_on_line(self, data: bytes, now_s: float) -> None:
        """Let the host hear ``data`` at once: what no program says and no silence holds back, such as an echo or noise."""
        at = sum(due_s <= now_s for due_s, _ in self._outbox)
        self._outbox.insert(at, (now_s, data))

    # -- the contract of Emulator --------------------------------------------------------------------------------------

    def state(self) -> State:
        return {"insides": self.insides_state(), "firmware": self.firmware()}

    def restore(self, state: State, now_s: float) -> None:
        self.restore_insides(state["insides"], now_s)
        self.restore_firmware(state["firmware"])
        self._tell_face()  # that the power went
        self._power(["on"], now_s)
        self.react(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        self.advance(now_s)
        if self._insides.powered and now_s >= self._deaf_until_s:
            self.hear(data, now_s)

    def advance(self, now_s: float) -> None:
        # Step by step: what the face orders after one arrival (take no further note before the host has its credit) must
        # hold before the next part moves.
        while (due_s := earliest(self._insides.next_due_s(), self.own_due_s())) is not None and due_s <= now_s:
            self._insides.advance(due_s)
            self.react(due_s)

    def react(self, t: float) -> None:
        """Let the face know what happened by ``t`` and give its standing orders."""
        self._tell_face()
        self.settle(t)
        self._tell_face()

    def _tell_face(self) -> None:
        for happening in self._insides.take_happenings():
            self._happenings.append(happening)
            self.notice(happening)

    def next_due_s(self) -> float | None:
        first_reply_s = self._outbox[0][0] if self._outbox else None
        return earliest(first_reply_s, self._insides.next_due_s(), self.own_due_s())

    def take_replies(self, now_s: float) -> bytes:
        due = b""
        while self._outbox and self._outbox[0][0] <= now_s:
            due += self._outbox.popleft()[1]
        return due

    def take_happenings(self) -> list[Happening]:
        happenings, self._happenings = self._happenings, []
        return happenings

    def command(self, line: str, now_s: float) -> dict[str, Any]:
        name, *words = line.split() or [""]
        command = self._commands.get(name)
        if command is None:
            raise BadCommand(f"no command {name!r}, expected one of: {', '.join(self.commands())}")
        self.advance(now_s)
        answer = command.do(words, now_s)
        self.react(now_s)
        return answer

    def commands(self) -> dict[str, str]:
        return {command.usage: command.help for command in self._commands.values()}

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _power(self, words: list[str], now_s: float) -> Answer:
        wanted, had = on_or_off("power", words), self._insides.powered
        if wanted and not had:
            self._insides.power_on(now_s)
            self._deaf_until_s = now_s + self._boot_s
            self.wake(now_s)
        elif not wanted:
            self._insides.power_off(now_s)
            self._outbox.clear()
        return {"ok": wanted != had, "note": f"power is {words[0]}" + (" already" if wanted == had else "")}

    def _silence(self, words: list[str], now_s: float) -> Answer:
        self._silent = on_or_off("silence", words)
        return {"ok": True, "note": "no answer reaches the host" if self._silent else "it answers"}

    def _garbage(self, words: list[str], now_s: float) -> Answer:
        try:
            noise = bytes.fromhex("".join(words)) or DEFAULT_NOISE
        except ValueError as error:
            raise BadCommand("garbage takes bytes in hexadecimal: garbage FC 05") from error
        if not self._insides.powered:
            return {"ok": False, "note": "the unit has no power"}
        self._outbox.appendleft((now_s, noise))  # noise waits for nobody's turn
        return {"ok": True, "note": f"{len(noise)} bytes", "bytes": noise.hex(" ").upper()}

    def _state(self, words: list[str], now_s: float) -> Answer:
        no_words("state", words)
        return {
            "ok": True,
            "powered": self._insides.powered,
            "silent": self._silent,
            "status": self.status_name(),
            **self.facts(),
        }


def earliest(*times_s: float | None) -> float | None:
    """Return the earliest of the times that are given, or None."""
    earliest_s: float | None = None
    for t in times_s:
        if t is not None and (earliest_s is None or t < earliest_s):
            earliest_s = t
    return earliest_s
