"""How the shop does its books: what ``[business]`` of ``config/terminal.toml`` says."""

from dataclasses import dataclass, field

from kiosk.ledger.businessdate import ChangeOfDay


@dataclass(frozen=True)
class BusinessHours:
    """The rules of one shop."""

    change: ChangeOfDay = field(default_factory=ChangeOfDay)
    closes_by_itself: bool = True
    """Whether a day is closed at the change of day without being asked."""
    persons_to_collect: int = 2
    """How many persons take money out of the machine together."""
