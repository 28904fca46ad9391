"""What a power cut leaves of a bill acceptor's insides: where every note lies, what is broken, what its program remembers."""

from itertools import groupby
from typing import Any

from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note, Place
from hardware.bills.recycler import RecyclerMechanism
from hardware.lasting import State
from hardware.vocabulary import Fault, RefuseReason


def state_of(mechanism: BillMechanism) -> State:
    """Return what a power cut at this instant would leave, for JSON. Motions are no part of it: the motors stop."""
    piles = {
        place.value: _runs(mechanism.piles.at(place))
        for place in Place
        if place is not Place.DRUM and mechanism.piles.size(place)
    }
    state: State = {
        "piles": piles,
        "faults": sorted(fault.value for fault in mechanism.faults),
        "box_fitted": mechanism.box.fitted,
        "box_pressed": mechanism.box.sensor_pressed,
        "slowness": mechanism.slowness,
        "notes_are_taken": mechanism.notes_are_taken,
    }
    if isinstance(mechanism, RecyclerMechanism):
        state["drums"] = {
            str(number): {"notes": _runs(drum.notes), "assigned": sorted(drum.assigned), "limit": drum.limit}
            for number, drum in mechanism.drums.items()
        }
    return state


def restore(mechanism: BillMechanism, state: State, now_s: float) -> None:
    """Make a new ``mechanism`` the one that ``state`` was taken of, without power. Serial numbers of notes begin anew."""
    piles = mechanism.piles
    piles.clear()
    for place, runs in state["piles"].items():
        _lay(mechanism, runs, Place(place))
    if isinstance(mechanism, RecyclerMechanism):
        for number, drum in mechanism.drums.items():
            kept = state["drums"][str(number)]
            drum.notes = _lay(mechanism, kept["notes"], Place.DRUM)
            drum.assigned, drum.limit = frozenset(kept["assigned"]), kept["limit"]
    mechanism.faults = {Fault(value) for value in state["faults"]}
    mechanism.box.fitted, mechanism.box.sensor_pressed = state["box_fitted"], state["box_pressed"]
    mechanism.slowness, mechanism.notes_are_taken = state["slowness"], state["notes_are_taken"]
    mechanism.power_off(now_s)


def _runs(notes: Any) -> list[list[Any]]:
    """Return notes that look alike and lie together as one: yen, flaw, detail, barcode, how many."""

    def look(note: Note) -> tuple[int, str, str, str]:
        return note.yen, note.flaw.value if note.flaw is not None else "", note.detail, note.barcode

    return [[*seen, len(list(run))] for seen, run in groupby(notes, look)]


def _lay(mechanism: BillMechanism, runs: list[list[Any]], place: Place) -> list[Note]:
    laid = []
    for yen, flaw, detail, barcode, count in runs:
        for _ in range(count):
            note = mechanism.piles.issue(yen, RefuseReason(flaw) if flaw else None, detail, barcode)
            mechanism.piles.move(note, place)
            laid.append(note)
    return laid
