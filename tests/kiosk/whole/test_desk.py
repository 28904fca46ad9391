"""What is typed at the desk: money finds its slot, and staff's words reach the books."""

import pytest

from hardware.emulator import BadCommand
from kiosk.config import KioskConfig
from kiosk.shell import DeskShell
from kiosk.simulation.world import World
from kiosk.staffdesk import StaffDesk
from tests.kiosk.whole.visits import choose, in_world, settled, walk_off


async def desk(world: World) -> DeskShell:
    shell = DeskShell(world.bench, StaffDesk(world.till))
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
        for line in ("changer:", "insert YEN [COUNT] [FLAW]", "load YEN COUNT", "staff fill DEVICE YEN COUNT", "staff money"):
            assert line in text

    in_world(change_config, story)


def test_staff_book_a_filling_and_a_collection_and_see_what_there_is(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        assert "FLOAT:changer:10 50" in await shell.answer("staff money")
        await world.hand("changer", "load 10 5")
        await world.bench.device("changer").driver.adjust_cash_counts({10: 55})  # type: ignore[union-attr]
        assert await shell.answer("staff fill changer 10 5") == "changer: note 5 pieces of 10 yen booked"
        assert "FLOAT:changer:10 55" in await shell.answer("staff money")
        await world.hand("changer", "unload 500 30")
        await world.bench.device("changer").driver.adjust_cash_counts({500: 0})  # type: ignore[union-attr]
        await shell.answer("staff collect FLOAT:changer:500 29")
        told = await shell.answer("staff money")
        assert "FLOAT:changer:500 " not in told
        assert "OVER_SHORT 500 yen" in told

    in_world(change_config, story)


@pytest.mark.parametrize(
    "words",
    [
        "staff",
        "staff fill",
        "staff fill nobody 10 5",
        "staff fill changer 7 5",
        "staff fill changer ten 5",
        "staff fill changer 10 999999999",
        "staff collect OWED 3",
        "staff collect FLOAT:changer:1 0",
        "staff money please",
    ],
)
def test_what_staff_cannot_mean_is_told_and_books_nothing(change_config: KioskConfig, words: str) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
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
