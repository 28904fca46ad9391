"""What every emulated bill acceptor shares: the mechanism, the bench commands, power, and replies that take their time.

A protocol's face is a subclass that hears bytes and speaks for the mechanism. It does not model the line itself: no baud
rate, no parity; whatever arrives, arrives whole.
"""

from abc import abstractmethod
from collections import deque
from collections.abc import Mapping
from typing import Any

from hardware.bills.hands import Answer, BenchCommand, Hands, no_words, on_or_off
from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note
from hardware.bills.timings import NoteTimings
from hardware.configfile import ConfigFile
from hardware.emulator import BadCommand, Emulator, Happening
from hardware.models import DeviceModel
from hardware.vocabulary import Fault, RefuseReason

DEFAULT_NOISE = bytes.fromhex("00 FF 02 FC 7F FC 03 E5")
"""What ``garbage`` puts on the line: no frame of any protocol, but with the beginnings of some in it."""


COMMON_FAILURES: Mapping[str, Fault] = {"motor": Fault.MOTOR_FAILURE, "sensor": Fault.DEVICE_FAILURE}
"""What can break in any of them."""


class BillEmulator(Emulator):
    """A bill acceptor made of software; subclasses are its protocol.

    A subclass implements :meth:`hear`, :meth:`notice`, :meth:`settle`, :meth:`wake`, :meth:`own_due_s` and
    :meth:`status_name`. The unit begins with power on and nothing said yet.
    """

    def __init__(
        self,
        model: DeviceModel,
        known: frozenset[int],
        flaws: Mapping[str, RefuseReason],
        failures: Mapping[str, Fault] = COMMON_FAILURES,
    ) -> None:
        """``known`` are the yen values of the model's notes, ``flaws`` the protocol's own words for bad ones.

        ``failures`` are the protocol's own codes for what can break, besides :data:`COMMON_FAILURES`; :attr:`failure` is the
        word last used. Raises ConfigError when the model's ``[timing]`` or ``[cashbox]`` cannot be used.
        """
        super().__init__(model)
        file = ConfigFile(model.path, model.settings)
        timing = file.table("timing")
        box = file.table("cashbox").only("capacity", "near_full")
        capacity = box.whole("capacity", low=1)
        near_full = box.whole("near_full", capacity * 9 // 10, high=capacity)
        self.mechanism = BillMechanism(NoteTimings.read(timing), capacity, known, near_full)
        self._failures = {**failures, **COMMON_FAILURES}
        self.failure = ""
        """The word of the last ``fail``: a face that has a code for it says that one, else what it says for the fault."""
        self._reply_s = timing.number("reply_s", 0.008)
        self._boot_s = timing.number("boot_s", 0.5)
        self._deaf_until_s = 0.0
        self._silent = False
        self._outbox: deque[tuple[float, bytes]] = deque()
        self._happenings: list[Happening] = []
        self._commands = {**Hands(self.mechanism, flaws).commands(), **self._line_commands()}

    def _line_commands(self) -> dict[str, BenchCommand]:
        """Return the commands that concern more than the mechanism; a face may add its own."""
        return {
            "fail": BenchCommand(
                "fail [WHAT]", f"break it; WHAT is one of {', '.join(self._failures)}, motor if none", self._fail
            ),
            "power": BenchCommand("power on|off", "switch the unit; a note inside stays where it is", self._power),
            "silence": BenchCommand("silence on|off", "it hears and obeys, but no answer reaches the host", self._silence),
            "garbage": BenchCommand("garbage [HEX]", "noise on the line towards the host", self._garbage),
            "state": BenchCommand("state", "tell where every note is and what the unit would report", self._state),
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

    def say(self, data: bytes, now_s: float) -> None:
        """Send ``data`` after the unit's reply time, behind whatever it is still sending."""
        if not self._silent:
            self._outbox.append((max(now_s + self._reply_s, self._outbox[-1][0] if self._outbox else 0.0), data))

    # -- the contract of Emulator --------------------------------------------------------------------------------------

    def receive(self, data: bytes, now_s: float) -> None:
        self.advance(now_s)
        if self.mechanism.powered and now_s >= self._deaf_until_s:
            self.hear(data, now_s)

    def advance(self, now_s: float) -> None:
        # Step by step: what the face orders after one arrival (take no further note before the host has its credit) must
        # hold before the next part moves.
        while (due_s := _earliest(self.mechanism.next_due_s(), self.own_due_s())) is not None and due_s <= now_s:
            self.mechanism.advance(due_s)
            self.react(due_s)

    def react(self, t: float) -> None:
        """Let the face know what happened by ``t`` and give its standing orders."""
        self._tell_face()
        self.settle(t)
        self._tell_face()

    def _tell_face(self) -> None:
        for happening in self.mechanism.take_happenings():
            self._happenings.append(happening)
            self.notice(happening)

    def next_due_s(self) -> float | None:
        first_reply_s = self._outbox[0][0] if self._outbox else None
        return _earliest(first_reply_s, self.mechanism.next_due_s(), self.own_due_s())

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

    def _fail(self, words: list[str], now_s: float) -> Answer:
        word = words[0].lower() if words else "motor"
        if len(words) > 1 or word not in self._failures:
            raise BadCommand(f"fail takes one of {', '.join(self._failures)}")
        self.failure = word
        self.mechanism.fail(self._failures[word], now_s, what=word)
        return {"ok": True, "note": f"broken: {word}"}

    def _power(self, words: list[str], now_s: float) -> Answer:
        wanted, had = on_or_off("power", words), self.mechanism.powered
        if wanted and not had:
            self.mechanism.power_on(now_s)
            self._deaf_until_s = now_s + self._boot_s
            self.wake(now_s)
        elif not wanted:
            self.mechanism.power_off(now_s)
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
        if not self.mechanism.powered:
            return {"ok": False, "note": "the unit has no power"}
        self._outbox.appendleft((now_s, noise))  # noise waits for nobody's turn
        return {"ok": True, "note": f"{len(noise)} bytes", "bytes": noise.hex(" ").upper()}

    def _state(self, words: list[str], now_s: float) -> Answer:
        no_words("state", words)
        mechanism = self.mechanism
        return {
            "ok": True,
            "powered": mechanism.powered,
            "silent": self._silent,
            "status": self.status_name(),
            "phase": mechanism.phase.value,
            "mouth": self._lying(mechanism.mouth),
            "inside": self._lying(mechanism.inside),
            "cashbox": {str(yen): n for yen, n in sorted(mechanism.cashbox.items())},
            "cashbox_fitted": mechanism.box.fitted,
            "cashbox_full": mechanism.box.full,
            "cashbox_near_full": mechanism.box.near_full,
            "at_customer": {str(yen): n for yen, n in sorted(mechanism.at_customer.items())},
            "faults": sorted(fault.value for fault in mechanism.faults),
        }

    def _lying(self, note: Note | None) -> dict[str, Any] | None:
        return None if note is None else {"yen": note.yen, "place": self.mechanism.where(note).value}


def _earliest(*times_s: float | None) -> float | None:
    earliest_s: float | None = None
    for t in times_s:
        if t is not None and (earliest_s is None or t < earliest_s):
            earliest_s = t
    return earliest_s
