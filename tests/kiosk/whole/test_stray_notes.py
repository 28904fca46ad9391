"""Notes that come to escrow when no visit asks for one: somebody's who stands there, or one declared missing before."""

import asyncio

import pytest

from kiosk.ledger import accounts
from kiosk.screenmodel import Screen
from kiosk.simulation.benches import config_of
from kiosk.simulation.oracle import at_rest
from kiosk.simulation.world import World
from tests.kiosk.whole.conftest import CONFIG
from tests.kiosk.whole.visits import choose, everything_is_there, in_world

ONE_NOTE = "kddi-data-5gb-day"
KDDI = "09003012345"


async def note_goes_missing(world: World) -> None:
    """A note jams on its way to the box, and staff take it out: its customer gets a slip."""
    await choose(world)
    await world.insert(1000)
    while not world.validator.mechanism.note_in_stacker:
        await asyncio.sleep(0.01)
    await world.hand("bill", "jam acceptor")
    await asyncio.sleep(1)
    await world.hand("bill", "clear")
    await world.until(Screen.ATTRACT, timeout_s=600)
    assert (world.journal.balance(accounts.UNACCOUNTED), world.journal.balance(accounts.OWED)) == (1000, -1000)
    await everything_is_there(world)


@pytest.mark.parametrize("model", ["nv200-ssp-jpy", "nv200-essp-jpy", "pyramid-apex-jpy", "mei-ebds-jpy"])
def test_a_note_too_many_goes_back_though_one_of_another_visit_is_missing(model: str) -> None:
    """Seeds 257207162083246 and 99821543699208: it went into the box, as if it were the missing one, and nobody was owed it.

    Units that let nothing in while a note is stacked leave it in the mouth.
    """

    async def story(world: World) -> None:
        await note_goes_missing(world)
        had = world.validator.mechanism.at_customer[1000]
        await choose(world, number=KDDI, plan=ONE_NOTE, carrier="kddi")
        await world.insert(1000)
        while not world.validator.mechanism.note_in_stacker:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.7)
        await world.insert(1000)
        await world.until(Screen.TAKE, timeout_s=600)
        if (await world.hand("bill", "state"))["mouth"] is not None:
            await world.hand("bill", "pull-back")
        await world.until(Screen.ATTRACT, timeout_s=600)
        assert world.validator.mechanism.at_customer[1000] == had + 1
        assert (world.journal.balance(accounts.UNACCOUNTED), world.journal.balance(accounts.OWED)) == (1000, -1000)
        assert at_rest(world) == []

    in_world(config_of(CONFIG, f"cash-virtual+{model}"), story)


def test_a_note_of_a_former_life_that_was_declared_missing_goes_into_the_box_when_it_turns_up() -> None:
    async def story(world: World) -> None:
        await world.insert(1000)
        await world.until(Screen.LANGUAGE)
        await world.kill()
        world.unplug("bill")
        await world.start()
        await world.until(Screen.TAKE, timeout_s=600)
        assert (world.journal.balance(accounts.UNACCOUNTED), world.journal.balance(accounts.OWED)) == (1000, -1000)
        await world.replug("bill")
        await world.until(Screen.ATTRACT, timeout_s=600)
        await everything_is_there(world)
        assert world.validator.mechanism.cashbox[1000] == 1
        assert (world.journal.balance(accounts.UNACCOUNTED), world.journal.balance(accounts.OWED)) == (0, -1000)
        assert world.journal.balances("1")[accounts.UNACCOUNTED] == 0
        assert at_rest(world) == []

    in_world(config_of(CONFIG, "cash-virtual+mei-ebds-jpy"), story)


@pytest.mark.parametrize("second_yen", [1000, 5000])
@pytest.mark.parametrize("heard", [False, True], ids=["stacking unheard", "stacking heard"])
@pytest.mark.parametrize("model", ["cctalk-bill-jpy", "cctalk-bill-crc16-jpy", "cctalk-bill-bnv-jpy", "nv200-ssp-jpy"])
def test_a_note_let_in_as_the_program_died_is_not_taken_for_the_one_before_it(model: str, heard: bool, second_yen: int) -> None:
    """Seed 257441560597957: the first note was in the box and the second in escrow, and the books had one of them."""

    async def story(world: World) -> None:
        bill = world.validator.mechanism
        await choose(world, plan="docomo-data-5gb")
        await asyncio.sleep(1)  # the unit has to be told that notes are welcome
        await world.insert(1000)
        async with asyncio.timeout(60):
            while not bill.note_in_stacker:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.7)
            await world.insert(second_yen)
            while not bill.cashbox[1000]:
                await asyncio.sleep(0.001)
            if heard:
                while world.shown.escrow_yen != second_yen or world.shown.inserted_yen != 1000:
                    await asyncio.sleep(0.001)
        await world.kill()
        await asyncio.sleep(3)
        assert bill.inside is not None or heard
        await world.start()
        await world.until(Screen.ATTRACT, timeout_s=900)
        await asyncio.sleep(60)
        assert at_rest(world) == []
        assert world.journal.balance(accounts.UNACCOUNTED) == 0
        assert world.inserted[1000] + world.inserted[5000] == 2

    in_world(config_of(CONFIG, f"cash-virtual+{model}"), story)
