"""The host's end of an emulated ID-003 unit, for tests: frames as the reference prints them, a hand, and a clock."""

from pathlib import Path

from hardware.bills.id003.emulator import Id003Emulator
from hardware.bills.id003.frames import Frame
from hardware.models import DeviceModel, load_model
from tests.hardware.emulatorhost import EmulatorHost

MODEL = load_model(Path(__file__).parents[3] / "config/devices/jcm-id003-jpy.toml")

ACK = "FC 05 50 AA 05"
INVALID = "FC 05 4B F8 AB"
POLL = "FC 05 11 27 56"
IDLING = POLL
RESET = POWER_UP = "FC 05 40 2B 15"
STACK_1 = POWER_UP_IN_ACCEPTOR = "FC 05 41 A2 04"
STACK_2 = POWER_UP_IN_STACKER = "FC 05 42 39 36"
RETURN = FULL = "FC 05 43 B0 27"
HOLD = OPEN = "FC 05 44 0F 53"
WAIT = JAM_IN_ACCEPTOR = "FC 05 45 86 42"
JAM_IN_STACKER = "FC 05 46 1D 70"
PAUSE = "FC 05 47 94 61"
CHEATED = "FC 05 48 63 99"
ACCEPTING = "FC 05 12 BC 64"
ESCROW_1000 = "FC 06 13 61 B0 FB"
ESCROW_10000 = "FC 06 13 64 1D AC"
STACKING = "FC 05 14 8A 01"
VEND_VALID = "FC 05 15 03 10"
STACKED = "FC 05 16 98 22"
REJECT_INHIBITED = "FC 06 17 79 19 00"
RETURNING = "FC 05 18 E6 CB"
HOLDING = "FC 05 19 6F DA"
DISABLE = "FC 05 1A F4 E8"
INITIALIZE = "FC 05 1B 7D F9"
INHIBIT_ON = "FC 06 C3 01 8D C7"
INHIBIT_OFF = "FC 06 C3 00 04 D6"
ENABLE_ALL = "FC 07 C0 00 00 2D B5"
POWER_RECOVERY = "FC 07 C5 02 00 20 BF"
NOTHING = ""

TAKEN_S, LEVER_S, BOXED_S, BACK_S, TIMEOUT_S = 1.2, 0.6, 1.4, 1.0, 10.0
"""Times of the model file: to escrow, to the lever, into the box, back to the customer, undecided."""


class Host(EmulatorHost[Id003Emulator]):
    """The other end of the line, with a hand at the machine and a clock of its own."""

    def __init__(self, model: DeviceModel = MODEL) -> None:
        super().__init__(Id003Emulator(model))
        self.mechanism = self.unit.mechanism

    def say(self, request: str) -> str:
        """Send one frame; return what the unit has answered."""
        return self.line(request)

    def poll(self) -> str:
        return self.say(POLL)

    def start(self, *settings: str) -> None:
        """Bring the unit from wherever a reset helps to accepting notes."""
        assert self.say(RESET) == ACK
        self.wait(3.0)
        for setting in (*settings, ENABLE_ALL, INHIBIT_OFF):
            assert self.say(setting) == setting

    def to_escrow(self, yen: int = 1000) -> None:
        self.hand(f"insert {yen}")
        self.wait(TAKEN_S)

    def to_vend_valid(self, stack: str = STACK_2) -> None:
        self.to_escrow()
        assert self.say(stack) == ACK
        self.wait(BOXED_S)
        assert self.poll() == VEND_VALID


def spelled(code: int, data: bytes = b"") -> str:
    """Return a frame in the reference's spelling: ``FC 05 11 27 56``."""
    return Frame(code, data).encode().hex(" ").upper()
