"""What a host of the EBDS family knows of its unit beforehand: ``[host]`` and ``[[notes]]`` of the device model."""

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.bills.ebds.extended import NoteRecord
from hardware.bills.ebds.standard import Orientation, PowerUpPolicy
from hardware.configfile import ConfigFile
from hardware.models import DeviceModel

CURRENCY = "JPY"
_POLICIES = {"A": PowerUpPolicy.A, "B": PowerUpPolicy.B, "C": PowerUpPolicy.C}


@dataclass(frozen=True)
class Profile:
    """How one unit is spoken to."""

    extended: bool
    """Whether notes come with their records, and the unit's own table is read."""
    orientation: int
    policy: int
    """A kiosk chooses B: the only one that loses no value [1]."""
    escrow_timeout_s: int
    """How long an undecided note waits, where the unit can be told to leave that to us: with extended notes."""
    near_full_as_cheated: bool
    """Some SC units say STACKED with CHEATED to mean that the stacker is nearly full [1]."""
    worth_by_number: Mapping[int, int]
    """Yen by the numbers 1 to 7 of a unit without records: not on the wire."""
    repeats_answers: bool = True
    """Whether the unit repeats its answer to a repeated message, as the protocol has it [R]. A simulator by others does not:
    with False it can be used, and two bit flips in one answer can then be believed."""

    @classmethod
    def ebds(cls, model: DeviceModel) -> "Profile":
        """Read a model of protocol ``ebds``. Raises ConfigError."""
        file = ConfigFile(model.path, model.settings)
        host = file.table("host", optional=True)
        host.only("extended", "policy", "escrow_timeout_s", "near_full_as_cheated", "repeats_answers")
        worth: dict[int, int] = {}
        for note in file.tables("notes"):
            number = note.whole("number", 0, high=7)
            record = NoteRecord(note.text("iso"), note.text("base"), note.text("exponent"))
            if number and record.iso == CURRENCY and record.amount:
                worth[number] = record.amount
        return cls(
            extended=host.flag("extended", True),
            orientation=Orientation.FOUR_WAY_BOTH_BITS,
            policy=_POLICIES[host.choice("policy", tuple(_POLICIES), "B")],
            escrow_timeout_s=host.whole("escrow_timeout_s", 30, low=1),
            near_full_as_cheated=host.flag("near_full_as_cheated", False),
            worth_by_number=worth,
            repeats_answers=host.flag("repeats_answers", True),
        )

    @classmethod
    def pyramid(cls, model: DeviceModel) -> "Profile":
        """Read a model of protocol ``pyramid``: no records, no orientation bits, no power-up policy. Raises ConfigError."""
        file = ConfigFile(model.path, model.settings)
        host = file.table("host", optional=True).only("repeats_answers")
        notes = file.tables("notes")
        worth = {note.whole("type", low=1, high=7): note.whole("yen", low=1, high=1_000_000) for note in notes}
        return cls(False, 0, PowerUpPolicy.A, 30, False, worth, host.flag("repeats_answers", True))
