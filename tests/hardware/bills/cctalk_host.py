"""The host's end of an emulated ccTalk bill validator, for tests: frames as the reference prints them, a hand, and a clock."""

from pathlib import Path

from hardware.bills.cctalk.emulator import CcTalkBillEmulator
from hardware.bills.phases import Event
from hardware.cctalk.events import EventReport, Pair
from hardware.cctalk.frames import Codec, Frame, Mode
from hardware.cctalk.headers import Header
from hardware.models import DeviceModel, load_model
from tests.hardware.emulatorhost import EmulatorHost

DEVICES = Path(__file__).parents[3] / "config/devices"
MODEL = load_model(DEVICES / "cctalk-bill-jpy.toml")
CRC16_MODEL = load_model(DEVICES / "cctalk-bill-crc16-jpy.toml")
BNV_MODEL = load_model(DEVICES / "cctalk-bill-bnv-jpy.toml")

ACK = "01 00 28 00 D7"
NAK = "01 00 28 05 D2"
BUSY = "01 00 28 06 D1"
POLL = "28 00 01 FE D9"
RESET = "28 00 01 01 D6"
EVENTS = "28 00 01 9F 38"
STACK = "28 01 01 9A 01 3B"
RETURN = "28 01 01 9A 00 3C"
EXTEND = "28 01 01 9A FF 3D"
NOTES_ON = "28 02 01 E7 FF FF F0"
NOTES_OFF = "28 02 01 E7 00 00 EE"
MASTER_ON = "28 01 01 E4 01 F1"
MASTER_OFF = "28 01 01 E4 00 F2"
ESCROW_ON = "28 01 01 99 03 3A"
ESCROW_EMPTY = "01 01 28 00 FE D8"
FAILED = "01 01 28 00 FF D7"
NOTHING = ""

TAKEN_S, LEVER_S, BOXED_S, BACK_S, TIMEOUT_S, QUIET_S = 1.2, 0.6, 1.4, 1.0, 10.0, 4.0
"""Times of the model file: to escrow, to the lever, into the box, back to the customer, undecided, after a reset."""

IN_ESCROW, STACKED, RETURNED = (1, 1), (1, 0), (0, 1)
"""Pairs of a 1,000-yen note."""


class Host(EmulatorHost[CcTalkBillEmulator]):
    """The other end of the line, with a hand at the machine and a clock of its own."""

    def __init__(self, model: DeviceModel = MODEL) -> None:
        super().__init__(CcTalkBillEmulator(model))
        self.mechanism = self.unit.mechanism
        line = model.settings["cctalk"]
        self.codec = Codec(Mode(line["mode"]), line.get("code", "123456"))
        self.seen = 0
        """The counter when the host last looked."""

    def say(self, request: str, for_s: float = 0.012) -> str:
        """Send one frame; return what has come back 12 ms later."""
        answer = self.line(request, for_s)
        self.happened += self.unit.take_happenings()
        return answer

    def seen_yen(self, event: Event) -> int:
        """Return the worth of the notes that this really happened to, as far as :meth:`wait` and :meth:`say` have seen it."""
        return sum(happening.data["yen"] for happening in self.happened if happening.event == event)

    def ask(self, header: int, data: bytes = b"") -> bytes | None:
        """Ask for data by header; None for NAK, BUSY and silence."""
        frame = self.codec.decode(bytes.fromhex(self.say(self.spelled(header, data))))
        return None if frame is None or frame.header else frame.data

    def spelled(self, header: int, data: bytes = b"", to: int = 40) -> str:
        return self.codec.encode(Frame(to, header, data)).hex(" ").upper()

    def report(self) -> EventReport:
        data = self.ask(Header.READ_BUFFERED_BILL_EVENTS)
        assert data is not None
        report = EventReport.decode(data)
        assert report is not None
        return report

    def news(self) -> list[Pair]:
        """Return what is new since the last look, oldest first."""
        report = self.report()
        pairs, lost = report.since(self.seen)
        assert not lost
        self.seen = report.counter
        return pairs

    def enable(self, mode: int = 3) -> None:
        for header, data in (
            (Header.MODIFY_BILL_OPERATING_MODE, bytes((mode,))),
            (Header.MODIFY_INHIBIT_STATUS, b"\xff\xff"),
            (Header.MODIFY_MASTER_INHIBIT, b"\x01"),
        ):
            assert self.ask(header, data) == b""

    def to_escrow(self, yen: int = 1000) -> None:
        self.hand(f"insert {yen}")
        self.wait(TAKEN_S)

    def off_and_on(self, off_s: float = 5.0) -> None:
        self.hand("power off")
        self.wait(off_s)
        self.hand("power on")
        self.wait(0.5)
        self.seen = 0
