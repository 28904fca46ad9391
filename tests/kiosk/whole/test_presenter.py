"""A printer that holds the receipt out: the screen asks for it while it is there, and says "taken" only when it was."""

import asyncio

import pytest

from hardware.clock import run_virtual
from kiosk.config import KioskConfig, load_config
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Kind
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.world import World
from tests.kiosk.whole.conftest import CONFIG
from tests.kiosk.whole.test_recovery import STORIES, killed_and_started_again
from tests.kiosk.whole.visits import books, buy, choose, in_world, pay, prints, walk_off


@pytest.fixture(scope="module")
def presenter_config() -> KioskConfig:
    return load_config(CONFIG, CONFIG / "benches" / "presenter-virtual.toml")


async def at_the_mouth(world: World) -> None:
    """Buy, until the receipt stands at the mouth."""
    await buy(world)
    assert world.shown.receipt == "presented"
    await asyncio.sleep(1)  # the sensor sees it a little before all of it is shown
    assert world.printer.presenter is not None
    assert world.printer.presenter.at_mouth


def test_a_receipt_at_the_mouth_is_asked_for_and_the_kiosk_goes_on_when_it_is_taken(presenter_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await at_the_mouth(world)
        assert prints(world) == ["intent", "presented"]
        world.touch(Touch.NEXT)
        assert (world.shown.screen, world.shown.receipt, world.shown.buttons) == (Screen.TAKE, "presented", ())
        await asyncio.sleep(8)
        world.touch(Touch.NEXT)
        assert world.shown.screen is Screen.TAKE  # it is another customer's turn only when this one's paper is gone
        await world.hand("printer", "take")
        assert await world.next_picture(2)
        assert (world.shown.screen, world.shown.receipt) == (Screen.TAKE, "taken")
        assert prints(world) == ["intent", "presented", "taken"]
        await world.until(Screen.ATTRACT, timeout_s=4)
        await walk_off(world)
        assert audit_journal(world.journal).ok
        assert books(world) == (2000, 2000, 0, 0)

    in_world(presenter_config, story)


def test_a_receipt_taken_at_once_leaves_the_result_on_the_screen_to_be_read(presenter_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await at_the_mouth(world)
        await world.hand("printer", "take")
        assert await world.next_picture(2)
        assert (world.shown.screen, world.shown.receipt) == (Screen.RESULT, "taken")
        await asyncio.sleep(10)
        assert world.shown.screen is Screen.RESULT
        await world.until(Screen.ATTRACT, timeout_s=3)

    in_world(presenter_config, story)


def test_a_receipt_nobody_takes_is_never_said_to_be_taken_and_stays_readable_as_a_symbol(presenter_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await at_the_mouth(world)
        said = set()
        while world.shown.receipt != "left":
            said.add((world.shown.screen, world.shown.receipt))
            assert await world.next_picture(40)
        assert said == {(Screen.RESULT, "presented"), (Screen.TAKE, "presented")}
        assert world.shown.screen is Screen.TAKE
        assert "¥2,000" in world.shown.electronic
        assert world.shown.buttons == ("next",)
        await walk_off(world)
        assert prints(world) == ["intent", "presented", "left"]
        assert audit_journal(world.journal).ok
        await buy(world)
        assert "再発行" not in world.printer.receipts[-1].text

    in_world(presenter_config, story)


def test_a_kiosk_killed_while_the_receipt_is_at_the_mouth_says_no_more_than_that_it_was_printed(
    presenter_config: KioskConfig,
) -> None:
    async def story(world: World) -> None:
        await at_the_mouth(world)
        world.touch(Touch.NEXT)
        await world.restart_kiosk()
        assert (world.shown.screen, world.shown.receipt) == (Screen.TAKE, "printed")
        await walk_off(world)
        assert prints(world) == ["intent", "presented"]
        assert len(world.printer.receipts) == 1
        assert audit_journal(world.journal).ok

    in_world(presenter_config, story)


@pytest.mark.parametrize("fault", ["jam presenter", "silence on", "power off", "cover open"])
def test_whatever_happens_at_the_mouth_the_customer_is_told_what_is_known(presenter_config: KioskConfig, fault: str) -> None:
    async def story(world: World) -> None:
        await choose(world)
        if fault == "jam presenter":
            await world.hand("printer", fault)
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            assert await world.next_picture(60)
        if fault == "jam presenter":
            assert world.shown.receipt in ("unknown", "printed")
        else:
            assert world.shown.receipt == "presented"
            await world.hand("printer", fault)
        while world.shown.screen in (Screen.RESULT, Screen.TAKE):
            assert world.shown.receipt != "taken"
            assert await world.next_picture(60)
        await walk_off(world)
        report = audit_journal(world.journal)
        assert report.ok
        results = [row.body["outcome"] for row in world.journal.rows() if row.kind == Kind.RESULT]
        assert "taken" not in results

    in_world(presenter_config, story)


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
def test_a_kiosk_killed_at_any_write_of_a_receipt_that_is_held_out_finishes_the_story(
    presenter_config: KioskConfig, after: bool
) -> None:
    whole = run_virtual(killed_and_started_again(presenter_config, STORIES["paid"], dies_at=0, after=after))
    opening, writes = (int(word) for word in whole.split() if word.isdecimal())
    for dies_at in range(opening + 1, writes + 1):
        outcome = run_virtual(killed_and_started_again(presenter_config, STORIES["paid"], dies_at, after))
        assert outcome == "recovered", f"killed {'after' if after else 'before'} write {dies_at} of {writes}"
