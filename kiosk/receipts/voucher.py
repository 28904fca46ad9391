"""A PIN that was sold: printed on the customer's copy, and on nothing else in the world.

Neither journal nor log nor trace may hold it. So it is no part of a visit: it is asked of the carrier when a paper is made,
lives as long as the making, and shows its serial number when anybody prints it for debugging.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Voucher:
    """One PIN and the serial number by which carrier and staff speak of it."""

    serial: str
    """Carrier's control number; may be written down anywhere."""
    pin: str = field(repr=False)
    enter_by: str = ""
    """Last day on which it can be entered, ISO date; empty when the carrier names none."""

    @property
    def groups(self) -> str:
        """The PIN in groups of four, as people type it."""
        return " ".join(self.pin[start : start + 4] for start in range(0, len(self.pin), 4))
