"""How the host wants to talk to an ID-003 unit: ``[host]`` of the device model."""

from dataclasses import dataclass
from typing import Literal

from hardware.bills.id003.frames import Command, Frame, OptionalFunction
from hardware.configfile import ConfigFile
from hardware.models import DeviceModel

Mode = Literal["polled", "interrupt"]


@dataclass(frozen=True)
class HostOptions:
    """What another host might choose otherwise; the defaults are the safe ones."""

    mode: Mode = "polled"
    """In interrupt mode the unit says ENQ at each change and is asked at once; the slow poll goes on beside it, because an
    ENQ can be lost like anything else. Interrupt mode 1 [2]; mode 2 is not used [U]."""
    credit_at_lever: bool = False
    """STACK-1 instead of STACK-2: VEND VALID when the note passes the stacker lever, before it lies in the box."""
    power_recovery: bool = True
    """C5 bit 1: a note in the stacker through a power cut is credited afterwards [U for the exact behaviour]."""

    @classmethod
    def from_model(cls, model: DeviceModel) -> "HostOptions":
        """Read the table; what is missing keeps its default. Raises ConfigError."""
        host = ConfigFile(model.path, model.settings).table("host", optional=True)
        host.only("mode", "credit_at_lever", "power_recovery")
        return cls(
            mode=host.choice("mode", ("polled", "interrupt"), cls.mode),
            credit_at_lever=host.flag("credit_at_lever", cls.credit_at_lever),
            power_recovery=host.flag("power_recovery", cls.power_recovery),
        )

    @property
    def stack_command(self) -> Command:
        """The order that sends a note to the box."""
        return Command.STACK_1 if self.credit_at_lever else Command.STACK_2

    def settings_at_initialize(self) -> tuple[Frame, ...]:
        """Return what a unit is told at INITIALIZE and may also refuse or round off without harm.

        SET DENOMINATION and SET INHIBIT are not among them: those it must take as sent.
        """
        recovery = OptionalFunction.POWER_RECOVERY if self.power_recovery else 0
        return (
            Frame(Command.SET_SECURITY, b"\x00\x00"),
            Frame(Command.SET_COMMUNICATION_MODE, bytes((self.mode == "interrupt",))),  # whatever another host had set
            Frame(Command.SET_DIRECTION, b"\x00"),
            Frame(Command.SET_OPTIONAL_FUNCTION, bytes((recovery, 0))),
        )
