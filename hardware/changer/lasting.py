"""What a power cut leaves of a change machine: where every piece lies, its counts, and the last order."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hardware.changer.mechanism import ChangerMechanism
from hardware.changer.tracks import Moving, Order
from hardware.changer.units import Kind, Place
from hardware.lasting import State
from hardware.vocabulary import Fault, RefuseReason


def state_of(mechanism: ChangerMechanism) -> State:
    """Return what a power cut at this instant would leave, for JSON: no open deposit, nothing of the rest of an order."""
    order = mechanism.order
    return {
        "piles": {place.value: _counts(mechanism.piles.at(place)) for place in Place},
        "counts": _counts(mechanism.counts),
        "ever_counted": _counts(mechanism.ever_counted),
        "deposit_counts": _counts(mechanism.deposit_counts),
        "discrepancy": mechanism.discrepancy,
        "orders_given": mechanism.orders_given,
        "order": None
        if order is None
        else {
            "number": order.number,
            "pieces": _counts(order.pieces),
            "paid": _counts(order.paid),
            "fault": order.fault.value if order.fault is not None else "",
            "ended": order.ended,
        },
        "faults": sorted(fault.value for fault in mechanism.faults),
        "slowness": mechanism.slowness,
        "cash_is_taken": mechanism.cash_is_taken,
        "tracks": {
            kind.value: {
                "entry": [[yen, flaw.value if flaw is not None else ""] for yen, flaw in track.entry],
                "moving": None if track.moving is None else [track.moving.yen, track.moving.outwards],
            }
            for kind, track in mechanism.tracks.items()
        },
    }


def restore(mechanism: ChangerMechanism, state: State, now_s: float) -> None:
    """Make a new ``mechanism`` the one that ``state`` was taken of, without power; belts hold what was on them."""
    mechanism.piles.clear()
    for place, counts in state["piles"].items():
        for yen, count in _counter(counts).items():
            mechanism.piles.issue(yen, count, Place(place))
    mechanism.counts = _counter(state["counts"])
    mechanism.ever_counted = _counter(state["ever_counted"])
    mechanism.deposit_counts = _counter(state["deposit_counts"])
    mechanism.discrepancy, mechanism.orders_given = state["discrepancy"], state["orders_given"]
    if (order := state["order"]) is not None:
        mechanism.order = Order(
            order["number"],
            _counter(order["pieces"]),
            _counter(order["paid"]),
            Fault(order["fault"]) if order["fault"] else None,
            order["ended"],
        )
    mechanism.faults = {Fault(value) for value in state["faults"]}
    mechanism.slowness, mechanism.cash_is_taken = state["slowness"], state["cash_is_taken"]
    for kind, kept in state["tracks"].items():
        track = mechanism.tracks[Kind(kind)]
        track.entry.extend((yen, RefuseReason(flaw) if flaw else None) for yen, flaw in kept["entry"])
        if kept["moving"] is not None:
            yen, outwards = kept["moving"]
            track.moving = Moving(yen, outwards)
    mechanism.power_off(now_s)


def _counts(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(yen): count for yen, count in sorted(counts.items())}


def _counter(counts: Mapping[str, Any]) -> Counter[int]:
    return Counter({int(yen): count for yen, count in counts.items()})
