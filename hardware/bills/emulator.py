"""What every emulated bill acceptor shares: the mechanism, its bench commands, and what can break.

A protocol's face is a subclass that hears bytes and speaks for the mechanism; see :class:`~hardware.deviceshell.DeviceShell`.
"""

from collections.abc import Mapping
from typing import Any

from hardware.benchcommand import Answer, BenchCommand
from hardware.bills import lasting
from hardware.bills.hands import Hands
from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note, Place
from hardware.bills.timings import NoteTimings
from hardware.configfile import ConfigFile
from hardware.deviceshell import DeviceShell
from hardware.emulator import BadCommand
from hardware.lasting import State
from hardware.models import DeviceModel
from hardware.vocabulary import Fault, RefuseReason

COMMON_FAILURES: Mapping[str, Fault] = {"motor": Fault.MOTOR_FAILURE, "sensor": Fault.DEVICE_FAILURE}
"""What can break in any of them."""


class BillEmulator(DeviceShell):
    """A bill acceptor made of software; subclasses are its protocol."""

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
        file = ConfigFile(model.path, model.settings)
        box = file.table("cashbox").only("capacity", "near_full")
        capacity = box.whole("capacity", low=1)
        near_full = box.whole("near_full", capacity * 9 // 10, high=capacity)
        self.mechanism = self.build(NoteTimings.read(file.table("timing")), capacity, known, near_full)
        self._failures = {**failures, **COMMON_FAILURES}
        self.failure = ""
        """The word of the last ``fail``: a face that has a code for it says that one, else what it says for the fault."""
        super().__init__(model, self.mechanism, Hands(self.mechanism, flaws).commands())

    def build(self, timings: NoteTimings, capacity: int, known: frozenset[int], near_full: int) -> BillMechanism:
        """Return the mechanism of this model; a face whose units have more in them overrides it."""
        return BillMechanism(timings, capacity, known, near_full)

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            "fail": BenchCommand(
                "fail [WHAT]", f"break it; WHAT is one of {', '.join(self._failures)}, motor if none", self._fail
            ),
            **super()._line_commands(),
        }

    def _fail(self, words: list[str], now_s: float) -> Answer:
        word = words[0].lower() if words else "motor"
        if len(words) > 1 or word not in self._failures:
            raise BadCommand(f"fail takes one of {', '.join(self._failures)}")
        self.failure = word
        self.mechanism.fail(self._failures[word], now_s, what=word)
        return {"ok": True, "note": f"broken: {word}"}

    def insides_state(self) -> State:
        return lasting.state_of(self.mechanism)

    def restore_insides(self, state: State, now_s: float) -> None:
        lasting.restore(self.mechanism, state, now_s)

    def firmware(self) -> State:
        return {**super().firmware(), "failure": self.failure}

    def restore_firmware(self, state: State) -> None:
        super().restore_firmware(state)
        self.failure = state["failure"]

    def facts(self) -> Answer:
        mechanism = self.mechanism
        return {
            "phase": mechanism.phase.value,
            "mouth": self._lying(mechanism.mouth),
            "inside": self._lying(mechanism.inside),
            "cashbox": {str(yen): n for yen, n in sorted(mechanism.cashbox.items())},
            "cashbox_fitted": mechanism.box.fitted,
            "cashbox_full": mechanism.box.full,
            "cashbox_near_full": mechanism.box.near_full,
            "at_customer": {str(yen): n for yen, n in sorted(mechanism.at_customer.items())},
            "with_staff": {str(yen): n for yen, n in sorted(mechanism.piles.count(Place.STAFF).items())},
            "faults": sorted(fault.value for fault in mechanism.faults),
        }

    def _lying(self, note: Note | None) -> dict[str, Any] | None:
        return None if note is None else {"yen": note.yen, "place": self.mechanism.where(note).value}
