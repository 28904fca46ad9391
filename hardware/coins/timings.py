"""How long coins take on their way: the ``[timing]`` tables of coin acceptors and hoppers. All [U]: typical of the class."""

from dataclasses import dataclass

from hardware.configfile import ConfigFile


@dataclass(frozen=True)
class CoinTimings:
    """Travel times of one coin acceptor, in seconds."""

    entry_s: float
    """Slot to the validation sensors."""
    validate_s: float
    """Through the sensors to the gate, and judged."""
    gate_s: float
    """From the gate to the credit sensor: the credit."""
    sorter_s: float
    """From the credit sensor into the box."""
    return_s: float
    """From the gate, or wherever the lever lets go of it, into the cup."""
    closest_s: float
    """Coins that follow closer than this at the sensors cannot be told apart: the second one is refused."""
    stuck_s: float
    """How long a sensor waits for a coin that should have come before it says so."""

    @classmethod
    def read(cls, table: ConfigFile) -> "CoinTimings":
        """Read the model's ``[timing]`` table. Raises ConfigError."""
        return cls(
            entry_s=table.number("entry_s", low=0.001),
            validate_s=table.number("validate_s", low=0.001),
            gate_s=table.number("gate_s", low=0.001),
            sorter_s=table.number("sorter_s", low=0.001),
            return_s=table.number("return_s", low=0.001),
            closest_s=table.number("closest_s", low=0.0),
            stuck_s=table.number("stuck_s", low=0.001),
        )


@dataclass(frozen=True)
class HopperTimings:
    """Times of one hopper, in seconds."""

    lift_s: float
    """From the bowl to before the exit sensor."""
    exit_s: float
    """Past the exit sensor. A coin takes ``lift_s + exit_s`` in all."""
    motor_timeout_s: float
    """How long the motor runs without a coin at the exit before the payout is given up."""

    @classmethod
    def read(cls, table: ConfigFile) -> "HopperTimings":
        """Read the model's ``[timing]`` table. Raises ConfigError, also for a time-out that no coin could meet."""
        timings = cls(
            lift_s=table.number("lift_s", low=0.001),
            exit_s=table.number("exit_s", low=0.001),
            motor_timeout_s=table.number("motor_timeout_s", 10.0, low=0.001),
        )
        if timings.lift_s + timings.exit_s >= timings.motor_timeout_s:
            raise table.wrong("motor_timeout_s", "longer than one coin takes (lift_s and exit_s together)")
        return timings
