"""A Pyramid bill validator (Apex, Curve, Trilogy, Spectra) made of software: EBDS standard messages with habits of its own.

What the standard messages do is told in :mod:`hardware.bills.ebds.emulator_standard`. Pyramid's own [2]: no orientation, no
extended notes, the note's number is d2 >> 3, exactly one state bit beside the events, none with a jam, a full box or a
failure. Choices where the reference is silent [U]:

* after a power cut only the power-up bit is told: a note in escrow or on the rollers goes back, one past escrow is stacked
  without a word, one stacked but not told of is forgotten;
* a missing cash box is IDLING without the bit for it, because no state at all has other meanings;
* telemetry: a ping is answered with an empty message, the serial number with its digits; anything else (cash box metrics,
  service information) is an invalid command.

``quirks.returned_as_0x51`` is a unit in the field [R]: it says 51 after a return, so returned and STACKED and idle, with the
value still set. A host that credits on the stacked bit alone pays the customer twice.

Not modelled: barcodes, cash box metrics, service information.
"""

from enum import IntEnum

from hardware.bills.ebds.emulator_standard import PowerUpHabits, StandardEmulator
from hardware.bills.ebds.events import Ending, NoteEnd
from hardware.bills.ebds.frames import Frame, Kind
from hardware.bills.ebds.standard import NOTE_TYPES, State
from hardware.bills.phases import Phase
from hardware.configfile import ConfigFile
from hardware.models import DeviceModel


class Telemetry(IntEnum):
    """Last byte of a type 6 message [2]."""

    PING = 0x00
    SERIAL = 0x01


class PyramidEmulator(StandardEmulator):
    """One validator."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError naming file and key when it cannot be used."""
        file = ConfigFile(model.path, model.settings)
        quirks = file.table("quirks", optional=True).only("returned_as_0x51")
        self._returned_as_0x51 = quirks.flag("returned_as_0x51", False)
        self._serial = _serial(file.table("identity"))
        super().__init__(model, _types_by_yen(file), {})

    def power_up_habits(self) -> PowerUpHabits:
        return PowerUpHabits(hold_escrow=False, report_stacked=False)

    def answer(self, frame: Frame, now_s: float) -> Frame | None:
        if frame.kind != Kind.AUXILIARY:
            return super().answer(frame, now_s)
        replies = {bytes((0, 0, Telemetry.PING)): b"", bytes((0, 0, Telemetry.SERIAL)): self._serial}
        reply = replies.get(frame.data)
        if reply is None:
            return self.refuse(frame, now_s)
        self.react(now_s)
        return Frame(Kind.AUXILIARY, reply, frame.ack)

    def lasting(self) -> State:
        mechanism = self.mechanism
        box_is_missing = not (mechanism.box.fitted or mechanism.box.full or mechanism.faults)
        return State.IDLING if mechanism.phase is Phase.REST and box_is_missing else super().lasting()

    def state_event(self, ending: Ending | None) -> State:
        if ending is Ending.RETURNED and self._returned_as_0x51:
            return State.RETURNED | State.STACKED
        return super().state_event(ending)

    def number(self, state: State, end: NoteEnd | None) -> int:
        if end is not None and end.ending is Ending.RETURNED and self._returned_as_0x51:
            return self.numbers.get(end.yen, 0)
        return super().number(state, end)


def _types_by_yen(file: ConfigFile) -> dict[int, int]:
    """Return the bill types of ``[[notes]]`` by their value. Raises ConfigError."""
    types: dict[int, int] = {}
    for note in file.tables("notes"):
        note.only("type", "yen")
        number, yen = note.whole("type", low=1, high=NOTE_TYPES), note.whole("yen", low=1)
        if number in types.values():
            raise note.wrong("type", "a type that no other note has")
        if yen in types:
            raise note.wrong("yen", "a value that no other note has")
        types[yen] = number
    return types


def _serial(identity: ConfigFile) -> bytes:
    text = identity.text("serial")
    if not text.isascii() or not text.isdecimal() or len(text) > 20:
        raise identity.wrong("serial", "at most 20 digits")
    return text.encode("ascii")
