"""What a rule returns, and the three plainest outcomes."""

from dataclasses import replace

from kiosk.session.effects import Effect
from kiosk.session.state import Phase, State

Outcome = tuple[State, tuple[Effect, ...]]


def stay(state: State) -> Outcome:
    return state, ()


def go(state: State, phase: Phase) -> Outcome:
    return replace(state, phase=phase, notice="", notice_yen=0), ()


def begin(state: State, phase: Phase) -> State:
    """A new visit on a clean state."""
    return State(
        phase=phase,
        visit=state.visit + 1,
        cash_ready=state.cash_ready,
        printer_ready=state.printer_ready,
        mouth_blocked=state.mouth_blocked,
        activity=state.activity,
        takes=state.takes,
        gives=state.gives,
    )
