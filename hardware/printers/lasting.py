"""What a killed process keeps of a printer: its paper, and what hands have done to it.

Not kept, though a real one's matter would be: what stands on the paper and is not cut off yet, and a ticket in the presenter.
"""

from hardware.lasting import State
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.presenter import Presenter


def state_of(machine: PrinterMechanism, presenter: Presenter | None) -> State:
    """Return it for JSON. ``paper_mm`` is what is left until the end sensor trips."""
    state: State = {
        "paper_mm": machine.paper_mm,
        "cover_open": machine.cover_open,
        "cutter_blocked": machine.cutter_blocked,
        "jammed": machine.jammed,
        "head_hot": machine.head_hot,
    }
    if presenter is not None:
        state["presenter"] = {"blocked": presenter.blocked, "jammed": presenter.jammed, "retracted": presenter.retracted}
    return state


def restore(machine: PrinterMechanism, presenter: Presenter | None, state: State, now_s: float) -> None:
    """Make a new printer the one that ``state`` was taken of."""
    machine.hold(state["paper_mm"], now_s)
    machine.cover_open, machine.cutter_blocked = state["cover_open"], state["cutter_blocked"]
    machine.jammed, machine.head_hot = state["jammed"], state["head_hot"]
    if presenter is not None:
        kept = state["presenter"]
        presenter.blocked, presenter.jammed, presenter.retracted = kept["blocked"], kept["jammed"], kept["retracted"]
