"""Drums behind the one note path: what goes into them, what comes out, and where a note is when something goes wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.notes import Place
from hardware.bills.phases import Event, Phase
from hardware.bills.recycler import DrumSettings, RecyclerMechanism
from hardware.bills.timings import NoteTimings
from hardware.vocabulary import EmptyStatus, Fault, FullStatus, RefuseReason

TIMINGS = NoteTimings(insert_to_escrow_s=1.0, lever_s=0.5, stack_s=1.0, return_s=1.0, escrow_timeout_s=10.0)
DRUMS = DrumSettings(capacity=5, near_full=4, near_empty=1, pay_s=1.5, take_s=1.0)
KNOWN = frozenset({1000, 2000, 5000, 10000})


class Unit:
    """A recycler with three 1,000-yen notes on drum 1, one 5,000-yen note on drum 2, and a clock."""

    def __init__(self) -> None:
        self.mechanism = RecyclerMechanism(TIMINGS, 100, KNOWN, None, DRUMS, [(1000, 3), (5000, 1)])
        self.mechanism.permitted = KNOWN
        self.now_s = 0.0
        self.mechanism.let_in(True, 0.0)

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.mechanism.advance(self.now_s)

    def stack(self, yen: int) -> None:
        self.mechanism.insert(yen, self.now_s)
        self.wait(1.0)
        assert self.mechanism.stack(self.now_s)
        self.wait(1.0)

    def pay(self, drum: int = 1) -> bool:
        return self.mechanism.pay_out(drum, self.now_s)

    def on(self, drum: int) -> list[int]:
        return [note.yen for note in self.mechanism.drums[drum].notes]

    def events(self) -> list[str]:
        return [happening.event for happening in self.mechanism.take_happenings()]


@pytest.fixture
def unit() -> Unit:
    return Unit()


def test_a_note_goes_to_the_drum_of_its_value_and_any_other_to_the_cash_box(unit: Unit) -> None:
    for yen in (1000, 5000, 2000, 10000):
        unit.stack(yen)
    assert unit.on(1) == [1000] * 4
    assert unit.on(2) == [5000, 5000]
    assert unit.mechanism.cashbox == {2000: 1, 10000: 1}
    assert unit.events().count(Event.NOTE_STACKED) == 4


def test_a_full_drum_sends_its_value_to_the_cash_box(unit: Unit) -> None:
    for _ in range(3):
        unit.stack(1000)
    assert unit.on(1) == [1000] * 5
    assert unit.mechanism.cashbox == {1000: 1}
    unit.mechanism.drums[2].limit = 1
    unit.stack(5000)
    assert unit.mechanism.cashbox == {1000: 1, 5000: 1}


def test_a_drum_takes_notes_while_the_cash_box_is_out_or_full(unit: Unit) -> None:
    unit.mechanism.open_box(unit.now_s)
    unit.stack(1000)
    assert unit.on(1) == [1000] * 4
    unit.mechanism.insert(2000, unit.now_s)
    unit.wait(1.0)
    assert not unit.mechanism.stack(unit.now_s)


def test_levels_are_told_by_sensors(unit: Unit) -> None:
    drum = unit.mechanism.drums[1]
    assert (drum.empty, drum.full) == (EmptyStatus.OK, FullStatus.OK)
    unit.stack(1000)
    assert drum.full is FullStatus.NEAR_FULL
    unit.stack(1000)
    assert drum.full is FullStatus.FULL
    unit.mechanism.unload(1, unit.now_s)
    assert drum.empty is EmptyStatus.EMPTY
    unit.mechanism.load(1, 1000, 1, unit.now_s)
    assert drum.empty is EmptyStatus.NEAR_EMPTY


def test_a_note_is_paid_out_waits_at_the_mouth_and_is_taken(unit: Unit) -> None:
    assert unit.pay()
    assert unit.mechanism.phase is Phase.PAYING
    unit.wait(1.5)
    assert unit.mechanism.phase is Phase.PRESENTING
    assert unit.mechanism.inside is not None
    assert unit.mechanism.where(unit.mechanism.inside) is Place.BEZEL
    unit.wait(1.0)
    assert unit.mechanism.phase is Phase.REST
    assert unit.mechanism.at_customer == {1000: 1}
    assert unit.events() == [Event.NOTE_PAYING, Event.NOTE_PRESENTED, Event.NOTE_PAID]


def test_the_last_note_in_is_the_first_one_out(unit: Unit) -> None:
    newest = unit.mechanism.drums[1].notes[-1]
    unit.pay()
    assert unit.mechanism.inside is newest


def test_a_note_that_nobody_takes_waits_and_holds_the_next_one_up(unit: Unit) -> None:
    unit.mechanism.notes_are_taken = False
    unit.pay()
    unit.wait(1000.0)
    assert unit.mechanism.phase is Phase.PRESENTING
    assert not unit.pay()
    assert unit.mechanism.take(unit.now_s) is not None
    assert unit.mechanism.at_customer == {1000: 1}
    assert unit.pay()


def test_fingers_get_hold_of_a_paid_note_only_when_it_sticks_out(unit: Unit) -> None:
    unit.mechanism.notes_are_taken = False
    unit.pay()
    unit.wait(1.0)
    assert unit.mechanism.pull_back(unit.now_s) is None
    unit.wait(1.0)
    assert unit.mechanism.pull_back(unit.now_s) is not None
    assert unit.events()[-1] == Event.NOTE_PAID


@pytest.mark.parametrize("drum", [0, 3])
def test_nothing_comes_from_a_drum_that_is_not_there(unit: Unit, drum: int) -> None:
    assert not unit.pay(drum)


def test_nothing_is_paid_while_a_note_is_inside_or_something_is_wrong(unit: Unit) -> None:
    unit.mechanism.insert(2000, unit.now_s)
    assert not unit.pay()
    unit.wait(20.0)
    unit.mechanism.fail(Fault.PAYOUT_JAM, unit.now_s)
    assert not unit.pay()
    unit.mechanism.clear(unit.now_s)
    unit.mechanism.power_off(unit.now_s)
    assert not unit.pay()


def test_an_empty_drum_pays_nothing(unit: Unit) -> None:
    unit.pay(2)
    unit.wait(10.0)
    assert not unit.pay(2)


def test_a_jam_stops_the_note_where_it_is_and_staff_keep_it(unit: Unit) -> None:
    unit.pay()
    unit.wait(1.0)
    unit.mechanism.fail(Fault.PAYOUT_JAM, unit.now_s)
    unit.wait(100.0)
    assert unit.mechanism.at_customer == {}
    assert [note.yen for note in unit.mechanism.clear(unit.now_s)] == [1000]
    assert unit.on(1) == [1000, 1000]


@pytest.mark.parametrize(("after_s", "place"), [(0.7, Place.TRANSPORT), (1.7, Place.BEZEL), (2.6, Place.CUSTOMER)])
def test_a_power_cut_while_paying_leaves_the_note_where_the_motors_stopped(unit: Unit, after_s: float, place: Place) -> None:
    note = unit.mechanism.drums[1].notes[-1]
    unit.pay()
    unit.wait(after_s)
    unit.mechanism.power_off(unit.now_s)
    unit.wait(100.0)
    unit.mechanism.power_on(unit.now_s)
    assert unit.mechanism.where(note) is place
    unit.mechanism.clear_path(unit.now_s)
    unit.wait(10.0)
    assert unit.mechanism.where(note) is Place.CUSTOMER
    assert unit.on(1) == [1000, 1000]


def test_a_worn_motor_pays_slowly(unit: Unit) -> None:
    unit.mechanism.slowness = 4.0
    unit.pay()
    unit.wait(5.9)
    assert unit.mechanism.phase is Phase.PAYING


DEEDS = ["insert 1000", "insert 5000", "insert 2000", "stack", "back", "pay 1", "pay 2", "pull", "take", "leave", "mind"]
TROUBLES = ["jam", "clear", "cheat", "off", "on", "open", "close"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DEEDS + TROUBLES), st.floats(0, 3)), max_size=30))
def test_whatever_is_done_every_note_is_in_exactly_one_place(deeds: list[tuple[str, float]]) -> None:
    unit = Unit()
    mechanism, brought_yen = unit.mechanism, 0
    before_yen = mechanism.piles.total_yen()
    for deed, wait_s in deeds:
        word, _, figure = deed.partition(" ")
        now_s = unit.now_s
        match word:
            case "insert":
                brought_yen += int(figure) if mechanism.insert(int(figure), now_s) is not None else 0
            case "stack":
                mechanism.stack(now_s)
            case "back":
                mechanism.give_back(now_s)
            case "pay":
                unit.pay(int(figure))
            case "pull":
                mechanism.pull_back(now_s)
            case "take":
                mechanism.take(now_s)
            case "leave" | "mind":
                mechanism.notes_are_taken = word == "mind"
            case "jam":
                mechanism.fail(Fault.JAM_IN_ACCEPTOR, now_s)
            case "clear":
                mechanism.clear(now_s)
            case "cheat":
                mechanism.cheat(now_s)
            case "off" | "on":
                (mechanism.power_off if word == "off" else mechanism.power_on)(now_s)
            case _:
                (mechanism.open_box if word == "open" else mechanism.close_box)(now_s)
        unit.wait(wait_s)
        assert mechanism.piles.total_yen() == before_yen + brought_yen
        assert sorted(note.yen for drum in mechanism.drums.values() for note in drum.notes) == sorted(
            mechanism.piles.count(Place.DRUM).elements()
        )
        assert sum(mechanism.piles.size(place) for place in (Place.TRANSPORT, Place.ESCROW, Place.STACKER, Place.BEZEL)) <= 1


def test_a_refused_note_never_reaches_a_drum(unit: Unit) -> None:
    unit.mechanism.insert(1000, unit.now_s, RefuseReason.NOT_GENUINE)
    unit.wait(5.0)
    assert unit.on(1) == [1000] * 3
