"""What an emulated ID-003 unit knows of the note that it stacked last: a credit on its way to the host, and STACKED."""

from dataclasses import dataclass
from enum import Enum

from hardware.lasting import State


class Credit(Enum):
    """Where a note stands between the order to stack it and the host's ACK."""

    NONE = "none"
    OWED = "owed"
    """Stacking was ordered; VEND VALID comes when the note has got far enough."""
    DUE = "due"
    """VEND VALID is said on every poll until the host says ACK."""


@dataclass
class StackedNote:
    """Lives in lasting memory; what of it a power cut takes, an optional function decides. Mutable: it is the unit's memory."""

    credit: Credit = Credit.NONE
    credit_at_lever: bool = False
    ordered: bool = False
    untold: bool = False
    """It is in its place, and no status request has been answered STACKED."""

    def forget_credit(self) -> None:
        """No credit is owed any more."""
        self.credit, self.ordered = Credit.NONE, False

    def state(self) -> State:
        """Return all of it, for JSON."""
        return {
            "credit": self.credit.value,
            "credit_at_lever": self.credit_at_lever,
            "ordered": self.ordered,
            "untold": self.untold,
        }

    @classmethod
    def restored(cls, state: State) -> "StackedNote":
        """Return what :meth:`state` was told of."""
        return cls(Credit(state["credit"]), state["credit_at_lever"], state["ordered"], state["untold"])
