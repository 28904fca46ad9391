"""How long a visit waits before time itself becomes an event."""

from dataclasses import dataclass

from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State


@dataclass(frozen=True)
class Timer:
    """One alarm; the till sets it anew whenever the key changes."""

    key: str
    seconds: float


def timer(shop: Shop, state: State) -> Timer | None:
    """Return the alarm that should be running in this state, or None where something else is certain to come."""
    seconds = _seconds(shop, state)
    if seconds is None:
        return None
    return Timer(f"{state.visit}/{state.phase.value}/{state.activity}/{'asking' if state.asking else ''}", seconds)


def _seconds(shop: Shop, state: State) -> float | None:
    times = shop.timeouts
    if state.asking:
        return times.more_time_s
    match state.phase:
        case _ if state.paying is not None:
            return None
        case Phase.CHANGE:
            return times.note_s
        case Phase.RESULT | Phase.DECLINED | Phase.UNKNOWN:
            if state.receipt == "printing":
                return None
            if state.due_yen > 0:
                return times.note_s
            return times.result_s * 2.5 if state.paper_doubtful else times.result_s
        case Phase.TAKE if state.receipt == "presented":
            return None
        case Phase.TAKE:
            nothing_left = state.receipt == "taken" and not state.change_yen and not state.returned_yen
            return times.thanks_s if nothing_left else times.take_s
        case Phase.RETURNING:
            if state.escrow is not None or state.due_yen > 0:
                return times.note_s
            return None if state.releasing or state.receipt == "printing" else times.result_s
        case _:
            return times.idle_s.get(state.phase)
