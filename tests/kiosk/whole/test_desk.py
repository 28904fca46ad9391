"""What is typed at the desk: money finds its slot, and staff's words reach the books."""

import pytest

from hardware.emulator import BadCommand
from kiosk.config import KioskConfig
from kiosk.shell import DeskShell
from kiosk.simulation.attendant import AttendedShell
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import choose, in_world, settled, walk_off


async def desk(world: World) -> DeskShell:
    """Return the desk with two of the staff at it."""
    shell = AttendedShell(world)
    await shell.start()
    return shell


def test_a_coin_goes_to_the_change_machine_and_a_note_to_the_note_acceptor(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await choose(world, plan="docomo-data-5gb")
        assert (await shell.do("insert 100"))["device"] == "changer"
        assert (await shell.do("insert 100 2"))["device"] == "changer"
        await settled(world)
        assert world.shown.inserted_yen == 300
        assert (await shell.do("insert 1000"))["device"] == "validator"
        world.inserted[1000] += 1
        assert (await shell.do("changer insert 1000"))["device"] == "changer"
        await settled(world)
        assert world.shown.inserted_yen == 2300
        await walk_off(world)

    in_world(change_config, story)


def test_notes_go_into_the_change_machine_where_there_is_nothing_else(changer_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await choose(world, plan="docomo-data-5gb")
        assert (await shell.do("insert 1000"))["device"] == "changer"
        await settled(world)
        assert world.shown.inserted_yen == 1000

    in_world(changer_config, story)


def test_help_lists_what_can_be_done_at_the_change_machine_and_what_staff_can_say(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        text = (await desk(world)).help()
        for line in (
            "changer:",
            "insert YEN [COUNT] [FLAW]",
            "load YEN COUNT",
            "staff fill DEVICE YENxCOUNT...",
            "staff money",
        ):
            assert line in text

    in_world(change_config, story)


def test_staff_book_a_filling_and_a_collection_and_see_what_there_is(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        assert "10x50" in await shell.answer("staff money")
        await world.hand("changer", "load 10 5")
        await world.bench.device("changer").driver.adjust_cash_counts({10: 55})  # type: ignore[union-attr]
        assert await shell.answer("staff fill changer 10x5") == "changer: filling 1 booked, its slip goes to the printer"
        assert "10x55" in await shell.answer("staff money")
        await world.hand("changer", "unload 500 30")
        await world.bench.device("changer").driver.adjust_cash_counts({500: 0})  # type: ignore[union-attr]
        assert "count all of them" in await shell.answer("staff collect FLOAT:changer 500x29 seal A-17")
        await shell.answer("staff take FLOAT:changer 500x29 seal A-17")
        await shell.answer("staff count FLOAT:changer 5000x10 1000x40 500x0 100x60 50x40 10x55")
        told = await shell.answer("staff money")
        assert " 500x" not in told
        assert "OVER_SHORT 500 yen" in told

    in_world(change_config, story)


@pytest.mark.parametrize(
    "words",
    [
        "staff",
        "staff fill",
        "staff fill nobody 10x5",
        "staff fill changer 7x5",
        "staff fill changer tenx5",
        "staff fill changer 10x999999999",
        "staff fill changer 10x5 10x5",
        "staff collect OWED 3x3 seal 1",
        "staff collect FLOAT:changer 1x0 seal 1",
        "staff collect FLOAT:changer 10x50",
        "staff collect FLOAT:changer 10x50 seal",
        "staff collect FLOAT:changer 10x50 seal \x1b[2J",
        "staff take FLOAT:changer 10x51 seal 1",
        "staff take FLOAT:changer 10x0 seal 1",
        "staff count CASHBOX 1000x1000000",
        "staff pay 1 1000",
        "staff pay KONBINI2-1 1000",
        "staff pay ² 1000",
        "staff resolve 1 delivered",
        "staff resolve 1 perhaps",
        "staff write-off 1 1000",
        "staff z 7",
        "staff money please",
    ],
)
def test_what_staff_cannot_mean_is_told_and_books_nothing(change_config: KioskConfig, words: str) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await shell.answer("staff money")
        before = world.journal.head
        assert (await shell.answer(words)).startswith("? ")
        with pytest.raises(BadCommand):
            await shell.do(words)
        assert world.journal.head == before

    in_world(change_config, story)


def test_what_lies_in_a_device_on_its_first_day_is_booked_once_over_all_restarts(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.restart_kiosk()
        await world.restart_kiosk()
        assert [row.body["why"] for row in world.journal.rows() if row.kind == "float"] == ["found on the first day"]

    in_world(change_config, story)
