"""The coin path: where a coin is, when, and that it is never in two places or in none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.coins.coins import Coin, CoinPlace, Flaw, Trick
from hardware.coins.hands import COMMON_FLAWS
from hardware.coins.mechanism import CoinMechanism, JamPlace
from hardware.coins.timings import CoinTimings
from hardware.emulator import Happening
from hardware.vocabulary import Fault, RefuseReason

TIMINGS = CoinTimings(entry_s=0.1, validate_s=0.1, gate_s=0.05, sorter_s=0.2, return_s=0.3, closest_s=0.12, stuck_s=1.0)
KNOWN = {"JP010A": 10, "JP050A": 50, "JP100A": 100, "JP500A": 500, "JP500B": 500}
CREDITED_S, BOXED_S, REFUSED_S, CUP_S = 0.25, 0.45, 0.2, 0.5


class Machine:
    """A mechanism with a clock of its own."""

    def __init__(self) -> None:
        self.inner = CoinMechanism(TIMINGS, KNOWN)
        self.inner.permitted = frozenset(KNOWN)
        self.now_s = 10.0
        self.happenings: list[Happening] = []

    def drop(self, yen: int = 100, flaw: Flaw | None = None, issue: str = "A") -> Coin:
        return self.inner.insert(f"JP{yen:03d}{issue}", yen, self.now_s, flaw)

    def wait(self, seconds: float) -> None:
        self.now_s = round(self.now_s + seconds, 6)
        self.inner.advance(self.now_s)

    def events(self) -> list[str]:
        self.happenings += self.inner.take_happenings()
        return [happening.event for happening in self.happenings]


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize(("yen", "issue"), [(10, "A"), (50, "A"), (100, "A"), (500, "A"), (500, "B")])
def test_a_good_coin_is_credited_at_the_credit_sensor_and_lies_in_the_box_after_it(
    machine: Machine, yen: int, issue: str
) -> None:
    coin = machine.drop(yen, issue=issue)
    machine.wait(CREDITED_S - 0.001)
    assert "coin_credited" not in machine.events()
    machine.wait(0.002)
    assert machine.events()[-1] == "coin_credited"
    assert machine.inner.where(coin) is CoinPlace.SORTER
    machine.wait(BOXED_S - CREDITED_S)
    assert machine.inner.where(coin) is CoinPlace.BOX
    assert machine.inner.in_box == {yen: 1}


def test_coins_lie_below_the_sorter_path_of_their_kind(machine: Machine) -> None:
    machine.inner.paths = {"JP500A": 3, "JP500B": 4}
    for yen, issue in ((500, "A"), (500, "B"), (100, "A")):
        machine.drop(yen, issue=issue)
        machine.wait(1.0)
    assert machine.inner.in_box_by_path == {3: {500: 1}, 4: {500: 1}, 1: {100: 1}}


def test_an_inhibited_coin_comes_back_to_the_cup_and_to_the_hand(machine: Machine) -> None:
    machine.inner.permitted = frozenset({"JP100A"})
    coin = machine.drop(500)
    machine.wait(1.0)
    assert machine.inner.where(coin) is CoinPlace.CUP
    assert machine.events() == ["coin_inserted", "coin_refused", "coin_returned"]
    assert machine.happenings[1].data["reason"] == RefuseReason.INHIBITED.value
    machine.inner.take(machine.now_s)
    assert machine.inner.where(coin) is CoinPlace.CUSTOMER


@pytest.mark.parametrize("reason", [reason for reason in RefuseReason if reason is not RefuseReason.INHIBITED])
def test_a_bad_coin_is_refused_for_its_reason(machine: Machine, reason: RefuseReason) -> None:
    machine.drop(100, reason)
    machine.wait(REFUSED_S)
    assert machine.events()[-1] == "coin_refused"
    assert machine.happenings[-1].data["reason"] == reason.value
    machine.wait(1.0)
    assert machine.inner.at_customer == {100: 1}


def test_a_coin_of_no_known_kind_is_unreadable(machine: Machine) -> None:
    machine.drop(5)
    machine.wait(1.0)
    assert machine.events()[1] == "coin_refused"
    assert machine.happenings[1].data["reason"] == RefuseReason.UNREADABLE.value


def test_of_two_coins_too_close_the_second_one_is_refused(machine: Machine) -> None:
    first = machine.drop()
    machine.wait(TIMINGS.closest_s - 0.001)
    second = machine.drop()
    machine.wait(1.0)
    assert (machine.inner.where(first), machine.inner.where(second)) == (CoinPlace.BOX, CoinPlace.CUP)


def test_two_coins_just_far_enough_apart_are_both_taken(machine: Machine) -> None:
    machine.drop()
    machine.wait(TIMINGS.closest_s + 0.001)
    machine.drop()
    machine.wait(1.0)
    assert machine.inner.in_box == {100: 2}


@pytest.mark.parametrize("trick", [Trick.SLOW, Trick.FAST, Trick.EARLY, Trick.SEQUENCE, Trick.SWALLOWED])
def test_a_coin_that_the_credit_sensor_sees_wrongly_is_inside_and_not_credited(machine: Machine, trick: Trick) -> None:
    machine.drop(100, trick)
    machine.wait(1.0)
    assert machine.inner.in_box == {100: 1}
    assert "coin_credited" not in machine.events()
    assert "coin_uncredited" in machine.events()


@pytest.mark.parametrize("trick", [Trick.BACKWARDS, Trick.STRING])
def test_a_coin_that_comes_out_again_is_never_credited(machine: Machine, trick: Trick) -> None:
    coin = machine.drop(500, trick)
    machine.wait(1.0)
    assert machine.inner.where(coin) is CoinPlace.CUSTOMER
    assert "coin_credited" not in machine.events()


@pytest.mark.parametrize("place", JamPlace)
def test_a_jam_holds_the_coin_and_is_missed_after_its_time(machine: Machine, place: JamPlace) -> None:
    machine.inner.jam(place, machine.now_s)
    coin = machine.drop()
    machine.wait(0.45)
    assert machine.inner.where(coin) is place.value
    assert not machine.inner.faults
    machine.wait(TIMINGS.stuck_s)
    assert machine.inner.faults == {Fault.COIN_JAM}
    assert machine.events()[-1] == "coin_stuck"
    assert machine.inner.clear(machine.now_s) == [coin]
    assert machine.inner.where(coin) is CoinPlace.STAFF
    machine.drop()
    machine.wait(1.0)
    assert machine.inner.in_box == {100: 1}


@pytest.mark.parametrize("place", [JamPlace.ENTRY, JamPlace.SENSOR])
def test_coins_behind_a_jam_before_the_gate_pile_up_until_the_lever_frees_them(machine: Machine, place: JamPlace) -> None:
    machine.inner.jam(place, machine.now_s)
    for _ in range(3):
        machine.drop()
        machine.wait(2.0)
    assert len(machine.inner.inside) == 3
    assert machine.events().count("coin_stuck") == 1
    assert len(machine.inner.pull_lever(machine.now_s)) == 3
    assert not machine.inner.faults
    machine.wait(1.0)
    assert machine.inner.at_customer == {100: 3}


@pytest.mark.parametrize("place", [JamPlace.GATE, JamPlace.SORTER])
def test_coins_after_a_jam_behind_the_gate_go_to_the_cup_and_the_lever_frees_nothing(machine: Machine, place: JamPlace) -> None:
    machine.inner.jam(place, machine.now_s)
    stuck = machine.drop()
    machine.wait(2.0)
    machine.drop(500)
    machine.wait(2.0)
    assert machine.inner.at_customer == {500: 1}
    machine.inner.pull_lever(machine.now_s)
    assert machine.inner.where(stuck) is place.value


def test_the_string_pulls_out_a_credited_coin_from_the_sorter(machine: Machine) -> None:
    coin = machine.drop()
    machine.wait(CREDITED_S + 0.05)
    assert machine.inner.pull_string(machine.now_s) is coin
    machine.wait(1.0)
    assert machine.inner.where(coin) is CoinPlace.CUSTOMER
    machine.events()
    assert machine.happenings[-1].data["credited"] is True


@pytest.mark.parametrize(("cut_after_s", "ends_in"), [(0.05, "cup"), (0.15, "cup"), (0.22, "box"), (0.3, "box")])
def test_a_power_cut_stops_no_coin(machine: Machine, cut_after_s: float, ends_in: str) -> None:
    machine.inner.paths = {"JP100A": 5}
    coin = machine.drop()
    machine.wait(cut_after_s)
    machine.inner.power_off(machine.now_s)
    machine.wait(1.0)
    assert machine.inner.where(coin).value == ends_in
    credited = "coin_credited" in machine.events()
    assert credited == (cut_after_s > CREDITED_S)
    if ends_in == "box":
        assert machine.inner.piles.path_of(coin) == (5 if credited else 1), "without power the sorter falls back"


def test_a_coin_forgotten_in_a_power_cut_is_not_credited_when_power_is_back_before_it_arrives(machine: Machine) -> None:
    machine.drop()
    machine.wait(0.21)
    machine.inner.power_off(machine.now_s)
    machine.inner.power_on(machine.now_s)
    machine.wait(1.0)
    assert machine.inner.in_box == {100: 1}
    assert "coin_credited" not in machine.events()


def test_coins_inserted_without_power_fall_into_the_cup(machine: Machine) -> None:
    machine.inner.power_off(machine.now_s)
    machine.drop()
    machine.wait(1.0)
    assert machine.inner.at_customer == {100: 1}


def test_a_jam_that_nobody_watched_is_seen_at_power_up(machine: Machine) -> None:
    machine.inner.power_off(machine.now_s)
    machine.inner.jam(JamPlace.ENTRY, machine.now_s)
    machine.drop()
    machine.wait(3.0)
    assert not machine.inner.faults
    machine.inner.power_on(machine.now_s)
    assert machine.inner.faults == {Fault.COIN_JAM}


def test_a_broken_unit_sends_every_coin_to_the_cup(machine: Machine) -> None:
    machine.inner.fail(Fault.DEVICE_FAILURE, machine.now_s, "coils")
    machine.drop()
    machine.wait(1.0)
    assert machine.inner.at_customer == {100: 1}
    machine.inner.clear(machine.now_s)
    machine.drop()
    machine.wait(1.0)
    assert machine.inner.in_box == {100: 1}


_DEEDS = st.one_of(
    st.tuples(st.just("insert"), st.sampled_from(sorted(KNOWN)), st.sampled_from([None, *COMMON_FLAWS.values()])),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.06, 0.11, 0.3, 2.0])),
    st.tuples(st.just("jam"), st.sampled_from(JamPlace)),
    st.tuples(st.sampled_from(["take", "lever", "string", "clear", "empty", "power_off", "power_on", "fail", "inhibit"])),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(_DEEDS, max_size=40))
def test_every_coin_is_in_exactly_one_place_after_any_story(story: list[tuple[object, ...]]) -> None:
    machine = Machine()
    inner = machine.inner
    coins: list[Coin] = []
    for deed in story:
        match deed:
            case ("insert", str() as kind, flaw):
                assert flaw is None or isinstance(flaw, RefuseReason | Trick)
                coins.append(inner.insert(kind, KNOWN[kind], machine.now_s, flaw))
            case ("wait", float() as seconds):
                machine.wait(seconds)
            case ("jam", JamPlace() as place):
                inner.jam(place, machine.now_s)
            case ("take",):
                inner.take(machine.now_s)
            case ("lever",):
                inner.pull_lever(machine.now_s)
            case ("string",):
                inner.pull_string(machine.now_s)
            case ("clear",):
                inner.clear(machine.now_s)
            case ("empty",):
                inner.empty_box(machine.now_s)
            case ("power_off",):
                inner.power_off(machine.now_s)
            case ("power_on",):
                inner.power_on(machine.now_s)
            case ("fail",):
                inner.fail(Fault.DEVICE_FAILURE, machine.now_s)
            case _:
                inner.permitted = frozenset()
        assert inner.piles.total() == len(coins)
        assert sum(coin in inner.piles.at(place) for coin in coins for place in CoinPlace) == len(coins)
    inner.clear(machine.now_s)
    machine.wait(10.0)
    assert inner.next_due_s() is None
    assert not inner.inside, "what was not stuck has arrived"
    credited = [happening for happening in _all(machine) if happening.event == "coin_credited"]
    pulled = [h for h in _all(machine) if h.event == "coin_pulled" and h.data.get("credited")]
    inside_yen = sum(coin.yen for coin in coins if inner.where(coin) in (CoinPlace.BOX, CoinPlace.STAFF))
    assert sum(h.data["yen"] for h in credited) - sum(h.data["yen"] for h in pulled) <= inside_yen


def _all(machine: Machine) -> list[Happening]:
    machine.events()
    return machine.happenings
