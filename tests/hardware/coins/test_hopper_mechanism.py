"""The hopper: what leaves it, when the motor stops, and what is left when it is interrupted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.coins.coins import CoinPlace
from hardware.coins.hopper import HopperMechanism
from hardware.coins.timings import HopperTimings
from hardware.emulator import Happening
from hardware.vocabulary import Fault

TIMINGS = HopperTimings(lift_s=0.2, exit_s=0.1, motor_timeout_s=10.0)
COIN_S = 0.3


class Machine:
    """A hopper with a clock of its own."""

    def __init__(self, coins: int = 20) -> None:
        self.inner = HopperMechanism(TIMINGS, "JP100A", 100, 100, low_at=5, high_at=90)
        self.now_s = 10.0
        self.happenings: list[Happening] = []
        if coins:
            self.inner.fill(coins, self.now_s)

    def wait(self, seconds: float) -> None:
        self.now_s = round(self.now_s + seconds, 6)
        self.inner.advance(self.now_s)

    def ends(self) -> list[tuple[str, int]]:
        self.happenings += self.inner.take_happenings()
        return [(h.data["why"], h.data["unpaid"]) for h in self.happenings if h.event == "payout_ended"]

    @property
    def paid(self) -> int:
        return self.inner.paid_out[100]


def test_coins_leave_one_after_the_other_and_the_motor_stops_after_the_last() -> None:
    machine = Machine()
    assert machine.inner.run(3, machine.now_s)
    for paid in (1, 2, 3):
        machine.wait(COIN_S - 0.001)
        assert machine.paid == paid - 1
        machine.wait(0.001)
        assert machine.paid == paid
    assert not machine.inner.running
    assert machine.ends() == [("done", 0)]
    assert machine.inner.level == 17


def test_a_bowl_that_runs_empty_stops_the_motor_after_its_time_out() -> None:
    machine = Machine(2)
    machine.inner.run(5, machine.now_s)
    machine.wait(2 * COIN_S + 9.999)
    assert machine.inner.running
    machine.wait(0.002)
    assert machine.ends() == [("timed-out", 3)]
    assert machine.inner.faults == {Fault.PAYOUT_EMPTY}
    assert machine.paid == 2


def test_coins_poured_in_while_the_motor_runs_go_on_being_paid() -> None:
    machine = Machine(1)
    machine.inner.run(2, machine.now_s)
    machine.wait(5.0)
    machine.inner.fill(10, machine.now_s)
    machine.wait(1.0)
    assert machine.ends() == [("done", 0)]


def test_a_jam_ends_the_payout_by_the_time_out_and_the_next_one_finds_it_again() -> None:
    machine = Machine()
    machine.inner.run(5, machine.now_s)
    machine.wait(2 * COIN_S)
    machine.inner.jam(machine.now_s)
    machine.wait(10.0)
    assert machine.ends() == [("timed-out", 3)]
    assert machine.inner.faults == {Fault.PAYOUT_JAM}
    machine.inner.run(1, machine.now_s)
    machine.wait(10.0)
    assert machine.ends()[-1] == ("timed-out", 1)
    assert machine.paid == 2


def test_a_jam_cleared_in_time_lets_the_payout_go_on() -> None:
    machine = Machine()
    machine.inner.run(3, machine.now_s)
    machine.wait(COIN_S + 0.25)
    machine.inner.jam(machine.now_s)
    machine.wait(5.0)
    assert machine.inner.clear(machine.now_s) is not None, "the coin on the disc goes to staff"
    machine.wait(1.0)
    assert machine.ends() == [("done", 0)]
    assert (machine.paid, machine.inner.level) == (3, 16)


def test_a_covered_exit_stops_the_payout_at_once_and_the_next_before_it_begins() -> None:
    machine = Machine()
    machine.inner.run(5, machine.now_s)
    machine.wait(COIN_S + 0.25)
    machine.inner.block(machine.now_s)
    assert machine.ends() == [("blocked", 4)]
    machine.inner.run(2, machine.now_s)
    assert machine.ends()[-1] == ("blocked", 2)
    assert machine.paid == 1


def test_a_blinded_sensor_lets_one_coin_go_uncounted_and_the_motor_stops() -> None:
    machine = Machine()
    machine.inner.run(5, machine.now_s)
    machine.wait(COIN_S + 0.25)
    assert machine.inner.cheat(machine.now_s) is not None
    assert machine.ends() == [("cheated", 4)]
    assert machine.paid == 2, "one more than was counted"
    assert machine.inner.faults == {Fault.CHEATED}


def test_a_dead_motor_pays_nothing() -> None:
    machine = Machine()
    machine.inner.fail(Fault.MOTOR_FAILURE, machine.now_s)
    machine.inner.run(2, machine.now_s)
    assert machine.ends() == [("motor", 2)]
    assert machine.paid == 0


def test_a_stop_keeps_the_coin_on_the_disc_and_it_leaves_first_next_time() -> None:
    machine = Machine()
    machine.inner.run(2, machine.now_s)
    machine.wait(COIN_S + 0.25)
    machine.inner.stop(machine.now_s)
    assert machine.ends() == [("stopped", 1)]
    (on_disc,) = machine.inner.piles.at(CoinPlace.DISC)
    machine.inner.run(1, machine.now_s)
    machine.wait(TIMINGS.exit_s)
    assert machine.inner.where(on_disc) is CoinPlace.CUSTOMER


@pytest.mark.parametrize("after_s", [0.1, 0.25, 0.35, 0.55])
def test_a_power_cut_leaves_as_many_paid_as_the_sensor_saw(after_s: float) -> None:
    machine = Machine()
    machine.inner.run(3, machine.now_s)
    machine.wait(after_s)
    machine.inner.power_off(machine.now_s)
    machine.wait(5.0)
    seen = int(after_s / COIN_S)
    assert machine.paid == seen
    machine.ends()
    assert machine.happenings[-1].data["unpaid"] == 3 - seen
    machine.inner.power_on(machine.now_s)
    machine.wait(5.0)
    assert machine.paid == seen, "it does not go on by itself"


def test_a_worn_motor_takes_its_time() -> None:
    machine = Machine()
    machine.inner.slowness = 3.0
    machine.inner.run(1, machine.now_s)
    machine.wait(0.89)
    assert machine.paid == 0
    machine.wait(0.02)
    assert machine.paid == 1


def test_the_level_sensors_see_the_bowl() -> None:
    machine = Machine(4)
    assert (machine.inner.low, machine.inner.high) == (True, False)
    machine.inner.fill(86, machine.now_s)
    assert (machine.inner.low, machine.inner.high) == (False, True)
    assert not machine.inner.fill(11, machine.now_s), "more than fit"
    assert machine.inner.empty(machine.now_s) == 90
    assert machine.inner.level == 0


def test_a_second_order_while_the_motor_runs_is_refused() -> None:
    machine = Machine()
    machine.inner.run(2, machine.now_s)
    assert not machine.inner.run(2, machine.now_s)
    machine.wait(5.0)
    assert machine.paid == 2


_DEEDS = st.one_of(
    st.tuples(st.just("run"), st.integers(0, 9)),
    st.tuples(st.just("fill"), st.integers(1, 30)),
    st.tuples(st.just("wait"), st.sampled_from([0.05, 0.15, 0.3, 2.0, 11.0])),
    st.tuples(st.sampled_from(["stop", "jam", "block", "cheat", "clear", "empty", "power_off", "power_on"]), st.just(0)),
    st.tuples(st.sampled_from(["fail"]), st.just(0)),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(_DEEDS, max_size=40))
def test_no_coin_is_lost_or_made_and_the_count_tells_all_but_the_stolen(story: list[tuple[str, int]]) -> None:
    machine = Machine()
    inner = machine.inner
    for deed, number in story:
        match deed:
            case "run":
                inner.run(number, machine.now_s)
            case "fill":
                inner.fill(number, machine.now_s)
            case "wait":
                machine.wait(number)
            case "fail":
                inner.fail(Fault.MOTOR_FAILURE, machine.now_s)
            case _:
                getattr(inner, deed)(machine.now_s)
        places = (CoinPlace.HOPPER, CoinPlace.DISC, CoinPlace.CUSTOMER, CoinPlace.STAFF)
        assert sum(inner.piles.size(place) for place in places) == inner.piles.total()
        assert inner.piles.size(CoinPlace.DISC) <= 1
        machine.ends()
        counted = sum(h.event == "coin_paid" for h in machine.happenings)
        stolen = sum(h.event == "coin_stolen" for h in machine.happenings)
        assert machine.paid == counted + stolen
    ordered = sum(h.data["coins"] for h in machine.happenings if h.event == "payout_started")
    unpaid = sum(h.data["unpaid"] for h in machine.happenings if "unpaid" in h.data)
    assert ordered == counted_of(machine) + unpaid + inner.to_go


def counted_of(machine: Machine) -> int:
    return sum(h.event == "coin_paid" for h in machine.happenings)
