"""The host's end of an emulated SSP unit, for tests: DATA as the reference prints it, a hand, and a clock."""

from dataclasses import replace
from pathlib import Path
from random import Random

from hardware.bills.ssp.crypto import (
    DEFAULT_FIXED_KEY,
    AesLayer,
    aes_key,
    encode_key,
    exchanged_key,
    intermediate_key,
    pick_primes,
)
from hardware.bills.ssp.emulator import SspEmulator
from hardware.bills.ssp.frames import Packet, Splitter
from hardware.models import DeviceModel, load_model
from tests.hardware.emulatorhost import EmulatorHost

DEVICES = Path(__file__).parents[3] / "config/devices"
PLAIN = load_model(DEVICES / "nv200-ssp-jpy.toml")
SECURE = load_model(DEVICES / "nv200-essp-jpy.toml")

POLL, POLL_WITH_ACK, EVENT_ACK, HOLD, REJECT = "07", "56", "57", "18", "08"
ENABLE, DISABLE, RESET, SYNC, INHIBITS = "0A", "09", "01", "11", "02 FF FF"
OK, NOT_NOW = "F0", "F5"
READING, ESCROW_1000, ESCROW_10000 = "F0 EF 00", "F0 EF 01", "F0 EF 04"
STACKING, CREDIT_STACKING, STACKED = "F0 CC", "F0 EE 01 CC", "F0 EB"
REJECTING, REJECTED, DISABLED, RESTARTED = "F0 ED", "F0 EC", "F0 E8", "F0 F1"
LAST_REJECT = "17"
NOTHING = ""

TAKEN_S, LEVER_S, BOXED_S, BACK_S, BOOT_S = 1.0, 0.6, 1.4, 1.0, 3.0
"""Times of the model files: to escrow, to the lever, into the box, back to the customer, until it answers."""


def changed(model: DeviceModel, table: str, **keys: object) -> DeviceModel:
    """Return the model with other figures in one table."""
    return replace(model, settings={**model.settings, table: {**model.settings[table], **keys}})


class Host(EmulatorHost[SspEmulator]):
    """The other end of the line, with a hand at the machine and a clock of its own. Flips the flag for every new packet."""

    def __init__(self, model: DeviceModel = PLAIN) -> None:
        super().__init__(SspEmulator(model))
        self.mechanism = self.unit.mechanism
        self.flag = True
        self.random = Random(5)
        self.layer: AesLayer | None = None
        self.count = 0

    def raw(self, wire: bytes | str) -> str:
        """Send these bytes; return what the unit has put on the line 10 ms later."""
        return self.exchange(bytes.fromhex(wire) if isinstance(wire, str) else wire).hex(" ").upper()

    def data(self, data: bytes) -> bytes:
        """Send DATA in a packet with the flag as it stands; return DATA of the answer, empty for none."""
        packets = Splitter().feed(bytes.fromhex(self.raw(Packet(data, self.flag).encode())))
        assert all(packet.flag == self.flag for packet in packets), "the device answers with the same SEQ/ID byte"
        return packets[0].data if packets else b""

    def say(self, data: str) -> str:
        """Send a new plain packet; return DATA of the answer."""
        self.flag = not self.flag
        return self.data(bytes.fromhex(data)).hex(" ").upper()

    def again(self, data: str) -> str:
        """Send a packet with the same flag as the last one."""
        self.flag = not self.flag
        return self.say(data)

    def poll(self) -> str:
        return self.say(POLL)

    def sync(self) -> None:
        """Begin the sequence anew, as a host does that got no answer and does not know which flag the unit saw last."""
        self.flag = False
        assert self.say(SYNC) == OK

    def start(self, protocol: int = 6) -> None:
        """Bring the unit from wherever it is to accepting notes."""
        self.sync()
        for command in (f"06 {protocol:02X}", INHIBITS, ENABLE):
            assert self.say(command) == OK

    def to_escrow(self, yen: int = 1000) -> None:
        """Insert a note and wait until the unit has told that it is in escrow."""
        self.hand(f"insert {yen}")
        self.wait(TAKEN_S)
        assert self.poll().startswith("F0 EF")

    def power_cut(self, for_s: float = 60.0) -> None:
        """Cut the power, wait, give it back, and wait until it answers."""
        self.hand("power off")
        assert self.poll() == NOTHING
        self.wait(for_s)
        self.hand("power on")
        assert self.poll() == NOTHING, "it boots"
        self.wait(BOOT_S)

    # -- eSSP ----------------------------------------------------------------------------------------------------------

    def agree(self, fixed_key: int = DEFAULT_FIXED_KEY) -> None:
        """Exchange keys."""
        generator, modulus = pick_primes(self.random)
        secret = self.random.randrange(2, modulus)
        for command, number in (("4A", generator), ("4B", modulus)):
            assert self.say(f"{command} {encode_key(number).hex()}") == OK
        reply = bytes.fromhex(self.say(f"4C {encode_key(intermediate_key(generator, modulus, secret)).hex()}"))
        assert len(reply) == 9
        exchanged = exchanged_key(int.from_bytes(reply[1:], "little"), modulus, secret)
        self.layer, self.count = AesLayer(aes_key(fixed_key, exchanged)), 0

    def whisper(self, data: str) -> str:
        """Send a new encrypted packet; return DATA of the answer, which is encrypted and counts one more."""
        assert self.layer is not None
        self.flag = not self.flag
        sealed = self.data(self.layer.seal(bytes.fromhex(data), self.count, self.random))
        if not sealed:
            return NOTHING
        opened = self.layer.open(sealed)
        if opened is None:
            return "plain " + sealed.hex(" ").upper()
        assert opened.count == self.count + 1
        self.count = opened.count
        return opened.data.hex(" ").upper()


def accepting(model: DeviceModel = PLAIN) -> Host:
    """Return a unit that accepts every note and has told that it had restarted."""
    host = Host(model)
    host.start()
    assert host.poll() == RESTARTED
    assert host.poll() == OK
    return host
