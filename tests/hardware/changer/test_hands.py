"""Hands at a change machine, and a customer who does anything: no yen appears or vanishes."""

import asyncio
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.changer.machine import ChangerMachine
from hardware.changer.units import CashPiles, Place
from hardware.clock import run_virtual
from hardware.dispenser import Pieces
from hardware.emulator import BadCommand
from hardware.errors import ConfigError, DeviceError
from hardware.models import load_model
from hardware.vocabulary import PayoutOutcome
from tests.hardware.changer.world import ALL, ENOUGH_S, MODEL, World


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "no command ''"),
        ("juggle", "no command 'juggle'"),
        ("insert", "insert takes a value"),
        ("insert x", "expected a whole number"),
        ("insert 100 101", "from 1 to 100"),
        ("insert 100 1 1 1", "insert takes a value"),
        ("leave maybe", "on or off"),
        ("take it", "takes nothing"),
        ("fail", "fail takes one of coins"),
        ("load 10000 1", "no unit of 10000 yen"),
        ("load 100", "load takes a value and how many"),
        ("slow never", "slow takes a factor"),
        ("slow 1000", "from 0.1 to 100"),
        ("power", "on or off"),
    ],
)
def test_a_command_that_nobody_can_follow_says_what_would_be(line: str, says: str) -> None:
    async def visit() -> None:
        with pytest.raises(BadCommand) as error:
            World().hand(line)
        assert says in str(error.value)

    run_virtual(visit())


def test_state_tells_where_everything_is() -> None:
    async def visit() -> None:
        world = World()
        await world.start()
        await world.changer.begin_deposit()
        world.hand("slow 10")
        world.hand("insert 100 2")
        state = world.hand("state")
        assert state["deposit"] == "open"
        assert state["entry"] == state["path"] == {"100": 1}
        assert state["counts"]["1000"] == state["unit"]["1000"] == 40
        assert len(world.changer.machine.commands()) == 11

    run_virtual(visit())


def test_no_piece_is_moved_from_where_none_lies() -> None:
    piles = CashPiles()
    piles.issue(100, 2, Place.ENTRY)
    with pytest.raises(ValueError, match="there are 2"):
        piles.move(100, Place.ENTRY, Place.UNIT, 3)
    assert piles.at(Place.ENTRY) == {100: 2}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("yen = 5\n", "yen = 1\n", "a value that no other [[cash]] has"),
        ('kind = "note"', 'kind = "paper"', "cash[6].kind: found 'paper', expected one of note, coin"),
        ("loaded = 50", "loaded = 121", "loaded: found 121"),
        ("boot_s", "boots", "timing.boot_s: found nothing"),
        ("[overflow]", "[overflown]", "overflown: unknown key"),
    ],
)
def test_every_mistake_in_a_model_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "changer.toml"
    path.write_text(MODEL.path.read_text().replace(old, new, 1))
    assert tomllib.loads(path.read_text())
    with pytest.raises(ConfigError) as error:
        ChangerMachine(load_model(path))
    assert says in str(error.value)


HANDS = ["insert 100 3", "insert 1000", "insert 10000", "insert 500 1 counterfeit", "leave on", "leave off", "take", "clear"]
TROUBLES = ["fail coins", "fail notes", "fail payout", "power off", "power on", "unload 100 70", "load 1000 2", "slow 3"]
ORDERS: list[Pieces] = [{100: 2}, {1000: 1, 500: 1}, {5000: 1, 10: 3}]
Deed = str | Pieces


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*HANDS, *TROUBLES, *ORDERS, *ORDERS]), st.floats(0, 3)),
        min_size=1,
        max_size=20,
    )
)
def test_whatever_happens_credits_and_payouts_are_what_moved(deeds: list[tuple[Deed, float]]) -> None:
    async def visit() -> None:
        world = World()
        await world.start_halves()
        world.changer.acceptor.enable(ALL)
        paid_yen, unknown = 0, False
        customer_yen = staff_yen = 0
        for deed, wait_s in [*deeds, ("power on", 5.0), ("clear", 5.0), ("leave off", 0.0), ("take", ENOUGH_S)]:
            if isinstance(deed, str):
                customer_yen += int(deed.split()[1]) * int(deed.split()[2]) if deed.startswith("insert 100 ") else 0
                customer_yen += {"insert 1000": 1000, "insert 10000": 10000, "insert 500 1 counterfeit": 500}.get(deed, 0)
                staff_yen += 2000 if deed.startswith("load") else 0
                world.hand(deed)
            else:
                try:
                    payout = await world.changer.dispenser.dispense(deed)
                except DeviceError:
                    continue
                paid_yen += payout.paid_yen
                unknown = unknown or payout.outcome is PayoutOutcome.UNKNOWN
            await asyncio.sleep(wait_s)
        assert world.lying_yen() == world.worth_yen + customer_yen + staff_yen
        stored_yen = world.lying_yen(Place.UNIT, Place.OVERFLOW)
        handed_to_staff_yen = world.lying_yen(Place.STAFF)
        assert world.lying_yen(Place.PATH, Place.ENTRY, Place.EXIT) == 0
        if not unknown:
            # The customer has what they brought, less what was credited, plus what was paid; staff have what they took out of
            # drums and belts, of which a piece on its way in was nobody's credit.
            owed_yen = customer_yen - world.credited_yen + paid_yen
            assert owed_yen - handed_to_staff_yen <= world.lying_yen(Place.CUSTOMER) <= owed_yen
        assert stored_yen + handed_to_staff_yen + world.lying_yen(Place.CUSTOMER) == world.lying_yen()

    run_virtual(visit())
