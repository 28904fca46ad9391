"""The host's end of an emulated EBDS or Pyramid unit, for tests: frames as the reference prints them, a hand, and a clock."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hardware.bills.ebds.emulator import EbdsEmulator
from hardware.bills.ebds.emulator_standard import StandardEmulator
from hardware.bills.ebds.frames import Frame, Splitter
from hardware.bills.ebds.standard import HostOrders, Orientation, PowerUpPolicy
from hardware.bills.pyramid.emulator import PyramidEmulator
from hardware.models import DeviceModel, load_model
from tests.hardware.emulatorhost import EmulatorHost

_MODELS = Path(__file__).parents[3] / "config/devices"
EBDS = load_model(_MODELS / "mei-ebds-jpy.toml")
APEX = load_model(_MODELS / "pyramid-apex-jpy.toml")

IDLE = "02 0B 20 01 10 00 00 54 0A 03 64"
POWER_UP = "02 0B 20 01 10 01 00 54 0A 03 65"
ACCEPTING = "02 0B 20 02 10 00 00 54 0A 03 67"
ESCROW_1 = "02 0B 20 04 10 08 00 54 0A 03 69"
STACKING_1 = "02 0B 20 08 10 08 00 54 0A 03 65"
STACKED_1 = "02 0B 20 11 10 08 00 54 0A 03 7C"
RETURNING = "02 0B 20 20 10 00 00 54 0A 03 45"
RETURNED = "02 0B 20 41 10 00 00 54 0A 03 24"
REJECTED = "02 0B 20 01 12 00 00 54 0A 03 66"
CHEATED = "02 0B 20 01 11 00 00 54 0A 03 65"
JAM = "02 0B 20 00 14 00 00 54 0A 03 61"
FULL = "02 0B 20 00 18 00 00 54 0A 03 6D"
BOX_OUT = "02 0B 20 00 00 00 00 54 0A 03 75"
FAILURE = "02 0B 20 00 10 04 00 54 0A 03 61"
TRANSPORT_OPEN = "02 0B 20 00 10 40 00 54 0A 03 25"
INVALID = "02 0B 20 01 10 02 00 54 0A 03 66"
EXTENDED_STACKING = "02 0B 20 08 10 00 00 54 0A 03 6D"
NOTHING = ""

TAKEN_S, LEVER_S, BOXED_S, BACK_S, TIMEOUT_S, LAPSE_S, SOFT_RESET_S = 1.2, 0.6, 1.4, 1.0, 30.0, 5.0, 6.0
"""Times of the model files."""

PLAIN = HostOrders(enabled=0x7F, escrow=True, policy=PowerUpPolicy.A)
"""All seven denominations, notes kept for the host's decision, no extended notes."""
EXTENDED = replace(PLAIN, extended_notes=True)
SIMPLE = HostOrders(enabled=0x7F, orientation=Orientation.ONE_WAY, escrow=True)
"""What a host of Pyramid says."""


def with_settings(model: DeviceModel, **tables: Mapping[str, Any]) -> DeviceModel:
    """The same model with some keys of some tables changed."""
    changed = {name: {**model.settings.get(name, {}), **table} for name, table in tables.items()}
    return replace(model, settings={**model.settings, **changed})


def spelled(frame: Frame) -> str:
    """A frame in the reference's spelling."""
    return frame.encode().hex(" ").upper()


class Host(EmulatorHost[StandardEmulator]):
    """The other end of the line, with a hand at the machine and a clock of its own."""

    answer_s = 0.050

    def __init__(self, unit: StandardEmulator, orders: HostOrders = PLAIN) -> None:
        super().__init__(unit)
        self.mechanism = unit.mechanism
        self.orders = orders
        self.ack = 1
        self.last = b""

    def say(self, frame: Frame) -> str:
        """Send a new message, with the other acknowledgement bit; return the answer as it reads with that bit at 0."""
        self.ack ^= 1
        self.last = replace(frame, ack=self.ack).encode()
        return self.repeat()

    def repeat(self) -> str:
        """Send the last message once more, bit and all."""
        reply = self.exchange(self.last)
        if not reply:
            return NOTHING
        (frame,) = Splitter().feed(reply)
        assert frame.ack == self.ack
        return spelled(replace(frame, ack=0))

    def poll(self, **changes: Any) -> str:
        """Say the standing orders, for once with changes: ``poll(stack=True)``."""
        return self.say(replace(self.orders, **changes).frame(0))

    def start(self) -> None:
        """Bring the unit from power-up to accepting notes."""
        self.wait(3.0)
        self.poll()
        self.poll()

    def to_escrow(self, yen: int = 1000) -> None:
        self.hand(f"insert {yen}")
        self.wait(TAKEN_S)

    def to_stacker(self, yen: int = 1000) -> None:
        """Order a note to be stacked and let it pass the lever."""
        self.to_escrow(yen)
        self.poll(stack=True)
        self.wait(LEVER_S)

    def power_cycle(self) -> None:
        self.hand("power off")
        self.wait(2.0)
        self.hand("power on")
        self.wait(1.0)


def ebds(orders: HostOrders = PLAIN, **tables: Mapping[str, Any]) -> Host:
    """A host with an EBDS unit that accepts every note."""
    host = Host(EbdsEmulator(with_settings(EBDS, **tables)), orders)
    host.start()
    return host


def apex(**tables: Mapping[str, Any]) -> Host:
    """A host with a Pyramid unit that accepts every note."""
    host = Host(PyramidEmulator(with_settings(APEX, **tables)), SIMPLE)
    host.start()
    return host
