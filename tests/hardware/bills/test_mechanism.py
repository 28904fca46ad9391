"""The note path of a bill acceptor: where every note is, whatever moves, breaks or loses power."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note, Place
from hardware.bills.phases import Phase
from hardware.bills.timings import NoteTimings
from hardware.vocabulary import Fault, RefuseReason

TIMINGS = NoteTimings(insert_to_escrow_s=1.0, lever_s=0.5, stack_s=2.0, return_s=1.0, escrow_timeout_s=10.0)
YEN = frozenset({1000, 2000, 5000, 10000})


@pytest.fixture
def mechanism() -> BillMechanism:
    """An acceptor that lets every note in, with a small box."""
    mechanism = BillMechanism(TIMINGS, capacity=3, known=YEN)
    mechanism.permitted = YEN
    mechanism.let_in(True, 0.0)
    return mechanism


def escrowed(mechanism: BillMechanism, yen: int = 1000) -> Note:
    """Put a note in at 0 s; at 1 s it lies in escrow."""
    note = mechanism.insert(yen, 0.0)
    assert note is not None
    mechanism.advance(1.0)
    assert mechanism.where(note) is Place.ESCROW
    return note


def told(mechanism: BillMechanism) -> list[tuple[float, str]]:
    return [(happening.t, happening.event) for happening in mechanism.take_happenings()]


def test_a_note_travels_from_mouth_to_box_in_its_times(mechanism: BillMechanism) -> None:
    note = escrowed(mechanism)
    assert mechanism.stack(4.0)
    assert mechanism.where(note) is Place.STACKER
    mechanism.advance(5.999)
    assert mechanism.where(note) is Place.STACKER
    mechanism.advance(6.0)
    assert mechanism.where(note) is Place.CASHBOX
    assert told(mechanism) == [
        (0.0, "note_inserted"),
        (0.0, "note_drawn"),
        (1.0, "note_in_escrow"),
        (4.0, "note_stacking"),
        (4.5, "note_at_lever"),
        (6.0, "note_stacked"),
    ]


def test_times_come_out_the_same_in_one_long_step_as_in_many_short_ones() -> None:
    def story(step_s: float) -> list[tuple[float, str]]:
        mechanism = BillMechanism(TIMINGS, 3, YEN)
        mechanism.permitted = YEN
        mechanism.let_in(True, 0.0)
        mechanism.insert(1000, 0.0)
        for step in range(1, round(16 / step_s) + 1):
            mechanism.advance(step * step_s)
        return told(mechanism)

    assert story(16.0) == story(0.25)
    assert story(16.0)[-1] == (12.0, "note_returned")


@pytest.mark.parametrize(("at_s", "stacked"), [(10.999, True), (11.0, False), (11.001, False)])
def test_an_undecided_note_goes_back_at_the_timeout_and_not_before(
    mechanism: BillMechanism, at_s: float, stacked: bool
) -> None:
    note = escrowed(mechanism)
    assert mechanism.stack(at_s) is stacked
    mechanism.advance(20.0)
    assert mechanism.where(note) is (Place.CASHBOX if stacked else Place.CUSTOMER)


def test_holding_starts_the_waiting_time_again(mechanism: BillMechanism) -> None:
    note = escrowed(mechanism)
    assert mechanism.restart_escrow_timer(10.5, held=True)
    mechanism.advance(20.4)
    assert mechanism.held
    assert mechanism.where(note) is Place.ESCROW
    mechanism.advance(21.5)
    assert not mechanism.held
    assert mechanism.where(note) is Place.CUSTOMER


def test_a_note_waits_for_ever_when_the_waiting_time_is_endless(mechanism: BillMechanism) -> None:
    mechanism.timings = replace(TIMINGS, escrow_timeout_s=math.inf)
    note = escrowed(mechanism)
    assert mechanism.next_due_s() is None
    mechanism.fail(Fault.MOTOR_FAILURE, 2.0)
    mechanism.faults.clear()
    mechanism.advance(1e9)
    assert mechanism.where(note) is Place.ESCROW
    assert mechanism.stack(1e9)
    mechanism.advance(1e9 + 2.0)
    assert mechanism.where(note) is Place.CASHBOX


def test_orders_about_escrow_do_nothing_when_no_note_is_there(mechanism: BillMechanism) -> None:
    assert not mechanism.stack(0.0)
    assert not mechanism.give_back(0.0)
    assert not mechanism.restart_escrow_timer(0.0, held=True)
    escrowed(mechanism)
    assert mechanism.stack(2.0)
    assert not mechanism.give_back(2.1), "it is past the point of return"


@pytest.mark.parametrize(
    ("yen", "flaw", "reason"),
    [
        (1000, RefuseReason.NOT_GENUINE, RefuseReason.NOT_GENUINE),
        (3000, None, RefuseReason.UNREADABLE),
        (2000, None, RefuseReason.INHIBITED),
    ],
)
def test_a_note_it_does_not_want_goes_back_with_the_reason(
    mechanism: BillMechanism, yen: int, flaw: RefuseReason | None, reason: RefuseReason
) -> None:
    mechanism.permitted = YEN - {2000}
    mechanism.insert(yen, 0.0, flaw)
    mechanism.advance(1.0)
    assert (mechanism.phase, mechanism.refused) == (Phase.REJECTING, reason)
    mechanism.advance(2.0)
    assert mechanism.at_customer == {yen: 1}
    refusal = next(h for h in mechanism.take_happenings() if h.event == "note_refused")
    assert refusal.data == {"yen": yen, "reason": reason.value}


def test_a_note_waits_at_the_mouth_until_it_is_let_in(mechanism: BillMechanism) -> None:
    mechanism.let_in(False, 0.0)
    note = mechanism.insert(1000, 0.0)
    assert note is not None
    mechanism.advance(60.0)
    assert mechanism.where(note) is Place.MOUTH
    mechanism.let_in(True, 60.0)
    mechanism.advance(61.0)
    assert mechanism.where(note) is Place.ESCROW


def test_a_second_note_stops_the_first_until_it_is_pulled_and_then_all_goes_on(mechanism: BillMechanism) -> None:
    first = mechanism.insert(1000, 0.0)
    assert first is not None
    second = mechanism.insert(5000, 0.4)
    assert second is not None
    assert mechanism.insert(5000, 0.5) is None, "a third finds no room"
    assert mechanism.paused
    mechanism.advance(30.0)
    assert mechanism.where(first) is Place.TRANSPORT
    assert mechanism.pull_back(30.0) is second
    mechanism.advance(30.59)
    assert mechanism.where(first) is Place.TRANSPORT
    mechanism.advance(30.61)
    assert mechanism.where(first) is Place.ESCROW


def test_a_second_note_does_not_stop_one_that_is_past_the_lever_and_is_drawn_when_that_lies_in_the_box(
    mechanism: BillMechanism,
) -> None:
    """A unit that credits at the lever asks for the next note then, and the customer has it ready."""
    mechanism.insert(1000, 0.0)
    mechanism.advance(3.0)
    assert mechanism.stack(3.0)
    now_s = 3.0
    while mechanism.phase is not Phase.PRESSING:
        now_s = mechanism.next_due_s() or now_s
        mechanism.advance(now_s)
    second = mechanism.insert(5000, now_s)
    assert second is not None
    assert not mechanism.paused
    mechanism.advance(now_s + 5.0)
    assert mechanism.cashbox == {1000: 1}
    assert mechanism.where(second) is Place.ESCROW


@pytest.mark.parametrize("pulled_at_s", [0.5, 3.0])
def test_a_note_pulled_back_by_hand_is_the_customers_and_the_rollers_run_back_empty(
    mechanism: BillMechanism, pulled_at_s: float
) -> None:
    mechanism.insert(1000, 0.0)
    assert mechanism.pull_back(pulled_at_s) is not None
    assert mechanism.at_customer == {1000: 1}
    phases = [mechanism.phase]
    mechanism.advance(pulled_at_s + 1.0)
    phases.append(mechanism.phase)
    assert phases == [Phase.REJECTING if pulled_at_s < 1.0 else Phase.RETURNING, Phase.REST]
    assert mechanism.at_customer == {1000: 1}


def test_fingers_do_not_reach_into_the_stacker_but_a_string_does(mechanism: BillMechanism) -> None:
    note = escrowed(mechanism)
    mechanism.stack(1.0)
    assert mechanism.pull_back(2.0) is None
    assert mechanism.cheat(2.0) is note
    assert mechanism.faults == {Fault.CHEATED}
    mechanism.forgive_cheat(3.0)
    mechanism.advance(10.0)
    assert mechanism.where(note) is Place.CUSTOMER
    assert not mechanism.cashbox


def test_what_lies_in_the_box_no_string_brings_back(mechanism: BillMechanism) -> None:
    note = escrowed(mechanism)
    mechanism.stack(1.0)
    assert mechanism.cheat(3.0) is None
    assert mechanism.where(note) is Place.CASHBOX


@pytest.mark.parametrize("fault", [Fault.JAM_IN_ACCEPTOR, Fault.JAM_IN_STACKER, Fault.MOTOR_FAILURE, Fault.DEVICE_FAILURE])
def test_a_fault_stops_everything_and_staff_keep_the_note_they_find(mechanism: BillMechanism, fault: Fault) -> None:
    note = escrowed(mechanism)
    mechanism.stack(1.0)
    mechanism.fail(fault, 1.2)
    mechanism.advance(100.0)
    assert mechanism.where(note) is Place.STACKER
    assert mechanism.clear(100.0) == [note]
    assert mechanism.where(note) is Place.STAFF
    assert not mechanism.faults
    other = mechanism.insert(2000, 101.0)
    assert other is not None
    mechanism.advance(102.0)
    assert mechanism.where(other) is Place.ESCROW, "it works again"


def test_a_jammed_note_cannot_be_pulled_out(mechanism: BillMechanism) -> None:
    mechanism.insert(1000, 0.0)
    mechanism.fail(Fault.JAM_IN_ACCEPTOR, 0.5)
    assert mechanism.pull_back(1.0) is None


def test_a_box_taken_out_in_the_middle_of_stacking_only_delays_it(mechanism: BillMechanism) -> None:
    note = escrowed(mechanism)
    mechanism.stack(1.0)
    mechanism.open_box(2.0)
    mechanism.advance(50.0)
    assert mechanism.where(note) is Place.STACKER
    mechanism.close_box(50.0)
    mechanism.advance(51.0)
    assert mechanism.where(note) is Place.CASHBOX


def test_a_box_at_its_capacity_takes_no_further_note_until_staff_empty_it(mechanism: BillMechanism) -> None:
    for count in range(3):
        start_s = count * 10.0
        mechanism.insert(1000, start_s)
        assert mechanism.stack(start_s + 1.0)
        mechanism.advance(start_s + 3.0)
    assert mechanism.box.full
    assert (23.0, "cashbox_full") in told(mechanism)
    mechanism.insert(5000, 30.0)
    assert not mechanism.stack(31.0)
    assert mechanism.empty_box(32.0) == {1000: 3}
    assert mechanism.piles.count(Place.STAFF) == {1000: 3}
    assert mechanism.stack(32.0)


def leave_drawing(mechanism: BillMechanism) -> None:
    mechanism.insert(1000, 0.0)
    mechanism.advance(0.5)


def leave_in_escrow(mechanism: BillMechanism) -> None:
    escrowed(mechanism)


def leave_returning(mechanism: BillMechanism) -> None:
    escrowed(mechanism)
    mechanism.give_back(1.2)


def leave_stacking(mechanism: BillMechanism) -> None:
    escrowed(mechanism)
    mechanism.stack(1.2)


@pytest.mark.parametrize(
    ("leave", "cut_s", "place", "end"),
    [
        (leave_drawing, 0.5, Place.TRANSPORT, Place.CUSTOMER),
        (leave_in_escrow, 10.9, Place.ESCROW, Place.CUSTOMER),
        (leave_returning, 2.1, Place.TRANSPORT, Place.CUSTOMER),
        (leave_stacking, 1.3, Place.STACKER, Place.CASHBOX),
        (leave_stacking, 3.1, Place.STACKER, Place.CASHBOX),
    ],
)
def test_a_note_lies_through_a_power_cut_where_it_was_and_goes_on_when_the_path_is_cleared(
    mechanism: BillMechanism, leave: Callable[[BillMechanism], None], cut_s: float, place: Place, end: Place
) -> None:
    leave(mechanism)
    note = mechanism.inside
    assert note is not None
    mechanism.power_off(cut_s)
    mechanism.advance(1000.0)
    mechanism.power_on(1000.0)
    mechanism.advance(2000.0)
    assert mechanism.where(note) is place, "power alone moves nothing"
    assert mechanism.note_in_stacker is (place is Place.STACKER)
    assert mechanism.note_in_acceptor is (place is not Place.STACKER)
    mechanism.clear_path(2000.0)
    mechanism.advance(2010.0)
    assert mechanism.where(note) is end


def test_a_note_kept_in_escrow_through_a_power_cut_has_its_whole_waiting_time(mechanism: BillMechanism) -> None:
    note = escrowed(mechanism)
    mechanism.power_off(9.0)
    mechanism.power_on(100.0)
    mechanism.clear_path(100.0, keep_escrow=True)
    mechanism.advance(109.9)
    assert mechanism.where(note) is Place.ESCROW
    assert mechanism.stack(109.9)


def test_without_power_a_note_can_be_pulled_from_the_rollers_and_one_at_the_mouth_stays(mechanism: BillMechanism) -> None:
    leave_drawing(mechanism)
    mechanism.power_off(0.5)
    waiting = mechanism.insert(5000, 1.0)
    assert mechanism.pull_back(2.0) is waiting
    drawn = mechanism.pull_back(3.0)
    assert drawn is not None
    assert mechanism.at_customer == {1000: 1, 5000: 1}


Deed = Callable[[BillMechanism, float], object]
DEEDS: dict[str, Deed] = {
    "insert": lambda m, t: m.insert(1000, t),
    "insert bad": lambda m, t: m.insert(5000, t, RefuseReason.LENGTH),
    "pull back": lambda m, t: m.pull_back(t),
    "cheat": lambda m, t: m.cheat(t),
    "forgive": lambda m, t: m.forgive_cheat(t),
    "stack": lambda m, t: m.stack(t),
    "give back": lambda m, t: m.give_back(t),
    "hold": lambda m, t: m.restart_escrow_timer(t, held=True),
    "jam": lambda m, t: m.fail(Fault.JAM_IN_STACKER, t),
    "clear": lambda m, t: m.clear(t),
    "open": lambda m, t: m.open_box(t),
    "close": lambda m, t: m.close_box(t),
    "full": lambda m, t: m.fill_box(t),
    "empty": lambda m, t: m.empty_box(t),
    "off": lambda m, t: m.power_off(t),
    "on": lambda m, t: m.power_on(t),
    "reset": lambda m, t: m.clear_path(t),
    "reset, keep": lambda m, t: m.clear_path(t, keep_escrow=True),
    "let in": lambda m, t: m.let_in(True, t),
    "keep out": lambda m, t: m.let_in(False, t),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.floats(0.0, 3.0)), max_size=80))
def test_whatever_is_done_to_it_each_note_is_in_one_place_and_one_at_most_inside(deeds: list[tuple[str, float]]) -> None:
    mechanism = BillMechanism(TIMINGS, capacity=3, known=YEN)
    mechanism.permitted = YEN
    now_s, inserted_yen, last_t = 0.0, 0, 0.0
    for name, pause_s in [("let in", 0.0), *deeds]:
        now_s += pause_s
        result = DEEDS[name](mechanism, now_s)
        if name.startswith("insert") and isinstance(result, Note):
            inserted_yen += result.yen
        inside = [n for p in (Place.TRANSPORT, Place.ESCROW, Place.STACKER) for n in mechanism.piles.at(p)]
        assert len(inside) <= 1
        assert len(mechanism.piles.at(Place.MOUTH)) <= 1
        assert mechanism.piles.total_yen() == inserted_yen
        assert mechanism.cashbox.total() <= mechanism.box.capacity
        for happening in mechanism.take_happenings():
            assert last_t <= happening.t <= now_s
            last_t = happening.t
