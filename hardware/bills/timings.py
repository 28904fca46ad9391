"""How long the moving parts of a bill acceptor take: the ``[timing]`` table of a device model."""

from dataclasses import dataclass

from hardware.configfile import ConfigFile


@dataclass(frozen=True)
class NoteTimings:
    """Travel times of one model, in seconds. All are [U]: typical of the class, measured on no unit of ours."""

    insert_to_escrow_s: float
    """Slot to escrow, sensors read and the note judged."""
    lever_s: float
    """Escrow to the moment the note has passed the stacker lever."""
    stack_s: float
    """Escrow to lying in the cash box; longer than ``lever_s``."""
    return_s: float
    """Escrow, or wherever it was refused, back to the customer's hand."""
    escrow_timeout_s: float
    """How long an undecided note waits before it goes back by itself; ``math.inf`` (not from a file): until it is decided."""

    @classmethod
    def read(cls, table: ConfigFile) -> "NoteTimings":
        """Read the model's ``[timing]`` table. Raises ConfigError, also for a lever that comes after the box."""
        timings = cls(
            insert_to_escrow_s=table.number("insert_to_escrow_s", low=0.001),
            lever_s=table.number("lever_s", low=0.001),
            stack_s=table.number("stack_s", low=0.002),
            return_s=table.number("return_s", low=0.001),
            escrow_timeout_s=table.number("escrow_timeout_s", 10.0, low=0.001),
        )
        if timings.lever_s >= timings.stack_s:
            raise table.wrong("lever_s", f"less than stack_s ({timings.stack_s})")
        return timings
