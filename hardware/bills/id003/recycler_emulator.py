"""The recycler extension (F0) of an emulated ID-003 unit, after public captures [1]; see :mod:`.recycler_frames`.

An option of a model: a ``[recycler]`` table switches it on. Choices where the captures are silent, all [U]:

* notes of an order go one by one: PAYING, PAY STAY until the customer takes it, PAY VALID until the host's ACK, and only then
  does the next note leave its drum;
* an order for no note, for more than the drum holds, for an unknown box, or outside DISABLE is INVALID COMMAND, and nothing
  moves;
* a jam, a RESET or a power cut ends the order: the rest is not paid. There is no counter: after a power cut the unit knows
  only where a note lies (POWER UP WITH BILL IN ACCEPTOR, which RESET pushes out to the customer) and nothing of PAY VALID;
* what the boxes recycle outlives power, and cannot be changed for a box that has notes in it.
"""

from collections.abc import Callable, Sequence

from hardware.benchcommand import Answer, BenchCommand
from hardware.bills.id003.emulator_tables import FIRST_CODE
from hardware.bills.id003.frames import Command, CurrencyRow, Frame, Status
from hardware.bills.id003.recycler_frames import (
    BOXES,
    RECYCLER,
    ExtensionCommand,
    ExtensionStatus,
    PayoutStatus,
    RecyclerError,
    decode_masks,
    extension_status,
    recycle_currency,
    request,
)
from hardware.bills.phases import Event, Phase
from hardware.bills.recycler import DrumSettings, RecyclerMechanism
from hardware.configfile import ConfigFile
from hardware.emulator import BadCommand, Happening
from hardware.lasting import State
from hardware.vocabulary import Fault

FAILURES: dict[str, Fault] = {
    "recycler-jam": Fault.PAYOUT_JAM,
    "recycler-door": Fault.DEVICE_FAILURE,
    "recycler-motor": Fault.MOTOR_FAILURE,
    "recycler-eeprom": Fault.DEVICE_FAILURE,
    "recycler-note": Fault.PAYOUT_JAM,
    "recycler-box": Fault.DEVICE_FAILURE,
    "recycler-hardware": Fault.DEVICE_FAILURE,
}
"""Words of ``fail`` for what can break in the recycler."""
ERRORS: dict[str, RecyclerError] = dict(zip(FAILURES, RecyclerError, strict=True))
_PHASES = {Phase.PAYING: PayoutStatus.PAYING, Phase.PRESENTING: PayoutStatus.PAY_STAY}


def read_drums(file: ConfigFile) -> DrumSettings:
    """Read the figures of a ``[recycler]`` table. Raises ConfigError."""
    capacity = file.whole("capacity", low=1, high=1000)
    return DrumSettings(
        capacity=capacity,
        near_full=file.whole("near_full", capacity * 9 // 10, high=capacity),
        near_empty=file.whole("near_empty", capacity // 10, high=capacity),
        pay_s=file.number("pay_s", low=0.001),
        take_s=file.number("take_s", low=0.001),
    )


def read_loads(file: ConfigFile, rows: Sequence[CurrencyRow]) -> list[tuple[int, int]]:
    """Return value and number of the notes in each drum, from ``[[recycler.drums]]``. Raises ConfigError."""
    values = {row.escrow_code: row.amount for row in rows if row.country}
    tables = file.only("capacity", "near_full", "near_empty", "pay_s", "take_s", "drums").tables("drums")
    if len(tables) != BOXES:
        raise file.wrong("drums", f"{BOXES} tables")
    loads: list[tuple[int, int]] = []
    for table in tables:
        code = table.only("code", "loaded").whole("code", low=FIRST_CODE, high=FIRST_CODE + 15)
        if code not in values:
            raise table.wrong("code", "the code of one of [[notes]]")
        loads.append((values[code], table.whole("loaded", 0, high=file.whole("capacity"))))
    return loads


class RecyclerFace:
    """Speaks F0 for the drums. Its owner asks it first, and says what the unit as a whole is at."""

    def __init__(self, mechanism: RecyclerMechanism, rows: Sequence[CurrencyRow]) -> None:
        self._mechanism = mechanism
        self._values = {row.escrow_code - FIRST_CODE: row.amount for row in rows if row.country}
        self._masks = {box: self._mask_of(drum.assigned) for box, drum in mechanism.drums.items()}
        self._box = 0
        self._left = 0
        self.pay_valid = False
        """Whether a note was paid out and the host has not acknowledged it."""
        self.pay_valid_was_said = False

    def _mask_of(self, values: frozenset[int]) -> int:
        return sum(1 << bit for bit, yen in self._values.items() if yen in values)

    # -- what the owner asks -------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether an order is under way, up to its last acknowledgement."""
        return self.pay_valid or self._left > 0 or self._mechanism.phase in _PHASES

    def status(self) -> PayoutStatus | None:
        """Return what STATUS REQUEST is answered with while notes are paid out."""
        if self.pay_valid:
            return PayoutStatus.PAY_VALID
        if self._left > 0:
            return _PHASES.get(self._mechanism.phase, PayoutStatus.PAYING)
        return _PHASES.get(self._mechanism.phase)

    def acknowledge(self) -> None:
        """The host said ACK."""
        if self.pay_valid_was_said:
            self.pay_valid = self.pay_valid_was_said = False

    def forget(self) -> None:
        """RESET, or no power: the order is over, and whatever it still owed."""
        self._left = 0
        self.pay_valid = self.pay_valid_was_said = False

    def firmware(self) -> State:
        """Return what is kept without power, for JSON: what each box recycles. How many it holds is the mechanism's."""
        return {str(box): mask for box, mask in self._masks.items()}

    def restore_firmware(self, state: State) -> None:
        """Take up what :meth:`firmware` of a former life returned."""
        self._masks = {box: state[str(box)] for box in self._masks}

    def notice(self, happening: Happening) -> None:
        """Learn what happened inside."""
        if happening.event == Event.NOTE_PAID and self._left:
            self._left -= 1
            self.pay_valid, self.pay_valid_was_said = True, False

    def settle(self, now_s: float) -> None:
        """Send the next note of an order out when the one before is settled; a fault ends the order."""
        if self._mechanism.faults or (self._left and not self._under_way() and not self._mechanism.drums[self._box].notes):
            self._left = 0
        elif self._left and not self._under_way():
            self._mechanism.pay_out(self._box, now_s)

    def _under_way(self) -> bool:
        return self.pay_valid or self._mechanism.phase in _PHASES

    # -- the host's commands -------------------------------------------------------------------------------------------

    def reply_to(self, frame: Frame, error: RecyclerError | None, now_s: float, *, may_pay: bool) -> Frame:
        """Do what a frame with code F0 asks. ``error`` stands in the recycler; ``may_pay``: the unit is at rest, inhibited."""
        data = frame.data
        if data == bytes((ExtensionCommand.STATUS_REQUEST,)):
            status = self.status()
            self.pay_valid_was_said = self.pay_valid_was_said or status is PayoutStatus.PAY_VALID
            return extension_status(error or status or ExtensionStatus.NORMAL)
        if len(data) < 2 or data[0] != RECYCLER:
            return Frame(Status.INVALID_COMMAND)
        deeds: dict[int, Callable[[], Frame | None]] = {
            ExtensionCommand.GET_RECYCLE_CURRENCY: lambda: None if data[2:] else recycle_currency(self._masks),
            ExtensionCommand.SET_RECYCLE_CURRENCY: lambda: self._set_currency(frame),
            ExtensionCommand.GET_RECYCLE_COUNT: lambda: None if data[2:] else self._counts(),
            ExtensionCommand.SET_RECYCLE_COUNT: lambda: self._set_count(frame),
            ExtensionCommand.PAY_OUT: lambda: self._pay_out(data[2:], now_s) if may_pay and error is None else None,
        }
        deed = deeds.get(data[1])
        return (deed() if deed is not None else None) or Frame(Status.INVALID_COMMAND)

    def _set_currency(self, frame: Frame) -> Frame | None:
        masks = decode_masks(frame)
        drums = self._mechanism.drums
        if not masks or len(masks) * 3 != len(frame.data) - 2 or not masks.keys() <= drums.keys():
            return None
        if any(drums[box].notes and mask != self._masks[box] for box, mask in masks.items()):
            return None
        for box, mask in masks.items():
            self._masks[box] = mask
            drums[box].assigned = frozenset(yen for bit, yen in self._values.items() if mask >> bit & 1)
        return frame

    def _counts(self) -> Frame:
        limits = (drum.limit.to_bytes(2, "little") for _, drum in sorted(self._mechanism.drums.items()))
        return request(ExtensionCommand.GET_RECYCLE_COUNT, b"".join(limits))

    def _set_count(self, frame: Frame) -> Frame | None:
        if len(frame.data) != 5:
            return None
        count, drum = int.from_bytes(frame.data[2:4], "little"), self._mechanism.drums.get(frame.data[4])
        if drum is None or count > drum.capacity:
            return None
        drum.limit = count
        return frame

    def _pay_out(self, data: bytes, now_s: float) -> Frame | None:
        if len(data) != 2 or self.busy:
            return None
        count, box = data
        drum = self._mechanism.drums.get(box)
        if drum is None or not 1 <= count <= len(drum.notes) or not self._mechanism.pay_out(box, now_s):
            return None
        self._box, self._left = box, count
        return Frame(Command.ACK)

    # -- bench commands ------------------------------------------------------------------------------------------------

    def commands(self) -> dict[str, BenchCommand]:
        """Return what staff do at the drums."""
        return {
            "load": BenchCommand("load BOX YEN COUNT", "staff wind notes onto a drum", self._load),
            "unload": BenchCommand("unload BOX", "staff take all notes off a drum", self._unload),
        }

    def _load(self, words: list[str], now_s: float) -> Answer:
        if len(words) != 3 or not all(word.isascii() and word.isdecimal() and len(word) < 7 for word in words):
            raise BadCommand("load takes a box, a value and how many: load 1 1000 20")
        box, yen, count = map(int, words)
        if box not in self._mechanism.drums or yen not in self._values.values():
            raise BadCommand(f"load: boxes are 1 to {BOXES}, values are {', '.join(map(str, sorted(self._values.values())))}")
        loaded = self._mechanism.load(box, yen, count, now_s)
        return {"ok": loaded == count, "note": f"{loaded} wound onto drum {box}"}

    def _unload(self, words: list[str], now_s: float) -> Answer:
        if len(words) != 1 or words[0] not in map(str, self._mechanism.drums):
            raise BadCommand(f"unload takes a box from 1 to {BOXES}")
        taken = self._mechanism.unload(int(words[0]), now_s)
        return {"ok": bool(taken), "note": f"staff have {len(taken)} notes", "yen": sum(note.yen for note in taken)}

    def facts(self) -> Answer:
        """Return what is on the drums, for ``state``."""
        return {
            "drums": {
                str(box): {
                    "notes": [note.yen for note in drum.notes],
                    "assigned": sorted(drum.assigned),
                    "empty": drum.empty.value,
                    "full": drum.full.value,
                }
                for box, drum in self._mechanism.drums.items()
            }
        }
