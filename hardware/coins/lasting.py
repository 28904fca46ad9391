"""What a power cut leaves of a coin acceptor's and of a hopper's insides: where every coin lies, and what is broken."""

from itertools import groupby
from typing import Any

from hardware.coins.coins import Coin, CoinPiles, CoinPlace, Flaw, Trick
from hardware.coins.hopper import HopperMechanism
from hardware.coins.mechanism import CoinMechanism, JamPlace
from hardware.lasting import State
from hardware.vocabulary import Fault, RefuseReason


def acceptor_state(mechanism: CoinMechanism) -> State:
    """Return what a power cut at this instant would leave, for JSON."""
    return {
        "piles": _piles(mechanism.piles),
        "stuck": [mechanism.is_stuck(coin) for coin in mechanism.inside],
        "obstacle": mechanism.obstacle.name if mechanism.obstacle is not None else "",
        "faults": sorted(fault.value for fault in mechanism.faults),
        "failure": mechanism.failure,
    }


def restore_acceptor(mechanism: CoinMechanism, state: State, now_s: float) -> None:
    """Make a new ``mechanism`` the one that ``state`` was taken of, without power. What was rolling rolls on."""
    _fill(mechanism.piles, state["piles"])
    mechanism.obstacle = JamPlace[state["obstacle"]] if state["obstacle"] else None
    mechanism.faults = {Fault(value) for value in state["faults"]}
    mechanism.failure = state["failure"]
    mechanism.power_off(now_s)
    for coin, stuck in zip(mechanism.inside, state["stuck"], strict=True):
        mechanism.let_roll(coin, now_s, stuck=stuck)


def hopper_state(mechanism: HopperMechanism) -> State:
    """Return what a power cut at this instant would leave, for JSON; ``to_go`` is what it would leave unpaid."""
    return {
        "piles": _piles(mechanism.piles),
        "to_go": mechanism.to_go,
        "jammed": mechanism.jammed,
        "exit_blocked": mechanism.exit_blocked,
        "faults": sorted(fault.value for fault in mechanism.faults),
        "failure": mechanism.failure,
        "slowness": mechanism.slowness,
    }


def restore_hopper(mechanism: HopperMechanism, state: State, now_s: float) -> None:
    """Make a new ``mechanism`` the one that ``state`` was taken of, without power: an order under way has ended with it."""
    _fill(mechanism.piles, state["piles"])
    mechanism.jammed, mechanism.exit_blocked = state["jammed"], state["exit_blocked"]
    mechanism.faults = {Fault(value) for value in state["faults"]}
    mechanism.failure, mechanism.slowness = state["failure"], state["slowness"]
    mechanism.lose_power_in_payout(state["to_go"], now_s)


def _piles(piles: CoinPiles) -> dict[str, list[list[Any]]]:
    """Return coins that look alike and lie together as one: kind, yen, flaw, detail, sorter path, how many."""

    def look(coin: Coin) -> tuple[str, int, str, str, int]:
        return coin.kind, coin.yen, coin.flaw.value if coin.flaw is not None else "", coin.detail, piles.path_of(coin)

    return {
        place.value: [[*seen, len(list(run))] for seen, run in groupby(piles.at(place), look)]
        for place in CoinPlace
        if piles.size(place)
    }


def _fill(piles: CoinPiles, state: dict[str, list[list[Any]]]) -> None:
    piles.clear()
    for place, runs in state.items():
        for kind, yen, flaw, detail, path, count in runs:
            for _ in range(count):
                coin = piles.issue(kind, yen, CoinPlace(place), _flaw(flaw), detail)
                if path:
                    piles.steer(coin, path)


def _flaw(word: str) -> Flaw | None:
    if not word:
        return None
    return Trick(word) if word in {trick.value for trick in Trick} else RefuseReason(word)
