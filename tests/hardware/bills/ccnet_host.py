"""The host's end of an emulated CCNET unit, for tests: frames as the reference prints them, a hand, and a clock."""

from dataclasses import replace
from pathlib import Path

from hardware.bills.ccnet.emulator import CcnetEmulator
from hardware.bills.ccnet.frames import Frame
from hardware.models import DeviceModel, load_model
from tests.hardware.emulatorhost import EmulatorHost

_FOLDER = Path(__file__).parents[3] / "config/devices"
MODEL = load_model(_FOLDER / "cashcode-ccnet-jpy.toml")
FORGETFUL = replace(MODEL, settings={**MODEL.settings, "unit": {"credit_after_power_cut": False}})
BILL_TO_BILL = load_model(_FOLDER / "cashcode-ccnet-b2b-jpy.toml")

ACK = "02 03 06 00 C2 82"
NAK = "02 03 06 FF BA 8D"
RESET = ILLEGAL = "02 03 06 30 41 B3"
STATUS = "02 03 06 31 C8 A2"
POLL = "02 03 06 33 DA 81"
ENABLE_4 = "02 03 0C 34 00 00 0F 00 00 0F 19 46"
ENABLE_ALL = "02 03 0C 34 FF FF FF FF FF FF FE F7"
DISABLE = "02 03 0C 34 00 00 00 00 00 00 17 0C"
STACK = "02 03 06 35 EC E4"
RETURN = "02 03 06 36 77 D6"
IDENTIFICATION = "02 03 06 37 FE C7"
HOLD = "02 03 06 38 09 3F"
TABLE = FULL = "02 03 06 41 4F D1"
POWER_UP = "02 03 06 10 43 92"
POWER_UP_IN_VALIDATOR = "02 03 06 11 CA 83"
POWER_UP_IN_STACKER = "02 03 06 12 51 B1"
INITIALIZE = "02 03 06 13 D8 A0"
IDLING = "02 03 06 14 67 D4"
ACCEPTING = "02 03 06 15 EE C5"
STACKING = "02 03 06 17 FC E6"
RETURNING = "02 03 06 18 0B 1E"
DISABLED = "02 03 06 19 82 0F"
BUSY_5 = "02 03 07 1B 05 D4 99"
REJECT_INHIBITED = "02 03 07 1C 68 3F 6C"
OUT = "02 03 06 42 D4 E3"
VALIDATOR_JAMMED = "02 03 06 43 5D F2"
CHEATED = "02 03 06 45 6B 97"
PAUSE = "02 03 06 46 F0 A5"
FAILURE_50 = "02 03 07 47 50 AB E6"
ESCROW_0 = "02 03 07 80 00 8C 33"
STACKED_0 = "02 03 07 81 00 54 2A"
RETURNED_0 = "02 03 07 82 00 3C 00"
NOTHING = ""

TAKEN_S, LEVER_S, BOXED_S, BACK_S, TIMEOUT_S = 1.2, 0.6, 1.4, 1.0, 10.0
"""Times of the model file: to escrow, to the lever, into the box, back to the customer, undecided."""


class Host(EmulatorHost[CcnetEmulator]):
    """The other end of the line, with a hand at the machine and a clock of its own."""

    def __init__(self, model: DeviceModel = MODEL) -> None:
        super().__init__(CcnetEmulator(model))
        self.mechanism = self.unit.mechanism

    def say(self, request: str) -> str:
        """Send one frame; return what the unit has answered."""
        return self.line(request)

    def look(self) -> str:
        """Poll, and do not acknowledge the answer."""
        return self.say(POLL)

    def poll(self) -> str:
        """Poll and acknowledge, as hosts do."""
        answer = self.look()
        assert self.say(ACK) == NOTHING
        return answer

    def reset(self) -> None:
        assert self.say(RESET) == ACK
        self.wait(3.0)

    def start(self) -> None:
        """Bring the unit from wherever a reset helps to accepting notes, and forget what it told on the way."""
        self.reset()
        while self.poll() != DISABLED:
            pass
        assert self.say(ENABLE_4) == ACK

    def cut(self) -> None:
        """Cut the power for an hour, and let the unit boot."""
        self.hand("power off")
        assert self.look() == NOTHING
        self.wait(3600.0)
        self.hand("power on")
        assert self.look() == NOTHING, "it boots"
        self.wait(0.5)

    def to_escrow(self, yen: int = 1000) -> None:
        self.hand(f"insert {yen}")
        self.wait(TAKEN_S)

    def to_stacked(self) -> None:
        """Bring a note of 1000 yen to where its 81 is told, and do not acknowledge it."""
        self.to_escrow()
        assert self.say(STACK) == ACK
        self.wait(BOXED_S)
        assert self.look() == STACKED_0


def spelled(code: int, data: bytes = b"", address: int = 3) -> str:
    """Return a frame in the reference's spelling: ``02 03 06 33 DA 81``."""
    return Frame(address, code, data).encode().hex(" ").upper()
