"""Receipts of visits that are over: staff see which a customer may be without, and print them again, marked and counted."""

import asyncio
import re
from datetime import timedelta

import pytest

from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Kind
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.world import World
from tests.kiosk.whole.test_desk import desk
from tests.kiosk.whole.visits import books, buy, choose, enter, in_world, pay, walk_off


async def buy_in_doubt(world: World) -> None:
    """A visit whose printer falls silent in the receipt, and speaks again only after the customer has left."""
    await choose(world)
    await world.hand("printer", "at 300 silence on")
    await pay(world)
    await world.until(Screen.RESULT)
    await walk_off(world)
    await world.hand("printer", "silence off")
    await able_again(world)


async def able_again(world: World) -> None:
    async with asyncio.timeout(60):
        while not world.till.around.printer.status.can_print:
            await asyncio.sleep(0.5)


async def ended(world: World, visit: int, copy: int) -> str:
    """Wait until a reprint has its last word; return it."""
    news: list[str] = []
    world.till.papers.on_news = news.append
    async with asyncio.timeout(120):
        while not any(f"-{visit}, copy {copy}: " in line for line in news):
            await asyncio.sleep(0.1)
    return news[-1].rpartition(" ")[2]


def marks(world: World) -> list[str]:
    """The numbers of the copies in the tray, "" for an original; a torn one counts too."""
    found = (re.search(r"再発行（(\d+)回目）", receipt.text) for receipt in world.printer.receipts)
    return [mark[1] if mark else "" for mark in found]


def desk_prints(world: World) -> list[tuple[str, str]]:
    """What the journal says of prints at the desk."""
    rows = (row for row in world.journal.rows(visit="") if row.kind in (Kind.INTENT, Kind.RESULT))
    return [(row.body["intent"], row.body.get("outcome", "intent")) for row in rows]


def test_a_receipt_in_doubt_is_listed_and_printed_again_with_its_mark_and_its_first_date(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await buy_in_doubt(world)
        issued_at = world.now()
        (line,) = (await shell.do("staff receipts"))["lines"]
        assert line.startswith("KONBINI1-1 ")
        assert "receipt of 2,000 yen: unknown, sent to the printer once  IN DOUBT" in line
        await asyncio.sleep(3 * 3600)
        answer = await shell.answer("staff reprint KONBINI1-1")
        assert answer == "receipts: KONBINI1-1 goes to the printer, copy 1"
        assert await ended(world, 1, 1) == "printed"
        assert desk_prints(world) == [("1.again.1", "intent"), ("1.again.1", "printed")]
        text = world.printer.receipts[-1].text
        assert "再発行（1回目）" in text
        first = re.search(r"初回発行 .*日 (\d\d:\d\d)", text)
        assert first is not None
        assert first[1] in (f"{issued_at - timedelta(minutes=late):%H:%M}" for late in range(3))
        (line,) = (await shell.do("staff receipts"))["lines"]
        assert line.endswith("printed, sent to the printer 2 times")
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 2) == "printed"
        assert marks(world)[-2:] == ["1", "2"]
        assert books(world) == (2000, 2000, 0, 0)
        assert audit_journal(world.journal).ok

    in_world(config, story)


def test_a_reprint_that_a_restart_cut_off_is_unknown_and_the_next_bears_the_next_number(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world)
        await walk_off(world)
        shell = await desk(world)
        await shell.do("staff reprint 00000001")
        await asyncio.sleep(0.5)
        await world.restart_kiosk()
        assert desk_prints(world) == [("1.again.1", "intent"), ("1.again.1", "unknown")]
        await able_again(world)
        shell = await desk(world)
        assert "unknown" in (await shell.do("staff receipts"))["lines"][0]
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 2) == "printed"
        assert "再発行（2回目）" in world.printer.receipts[-1].text
        assert len(set(marks(world))) == len(marks(world))
        assert audit_journal(world.journal).ok
        await buy(world)
        await walk_off(world)

    in_world(config, story)


def test_only_papers_of_today_and_those_in_doubt_are_listed(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world)
        await walk_off(world)
        await buy_in_doubt(world)
        await enter(world)
        world.touch(Touch.CANCEL)
        await walk_off(world)
        shell = await desk(world)
        assert [line.split()[0] for line in (await shell.do("staff receipts"))["lines"]] == ["KONBINI1-2", "KONBINI1-1"]
        for device in world.bench.devices.values():
            await device.driver.close()  # days of polling would prove nothing
        await asyncio.sleep(24 * 3600)
        assert [line.split()[0] for line in (await shell.do("staff receipts"))["lines"]] == ["KONBINI1-2"]
        await asyncio.sleep(7 * 24 * 3600)
        assert await shell.answer("staff receipts") == "receipts:\n  none"

    in_world(config, story)


def test_what_cannot_be_printed_again_now_is_told_with_why(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        assert "left no receipt" in await shell.answer("staff reprint 7")
        for nonsense in ("0", "KONBINI2-1", "one", "-1", "9999999999999"):
            assert "expected a transaction number" in await shell.answer(f"staff reprint {nonsense}")
        await buy(world)
        assert "not over" in await shell.answer("staff reprint 1")
        await walk_off(world)
        await enter(world)
        assert "wanted by a customer" in await shell.answer("staff reprint 1")
        world.touch(Touch.CANCEL)
        await walk_off(world)
        await shell.do("staff reprint 1")
        assert "not out yet" in await shell.answer("staff reprint 1")
        assert await ended(world, 1, 1) == "printed"
        await world.hand("printer", "cover open")
        await asyncio.sleep(5)
        assert "cannot print now" in await shell.answer("staff reprint 1")
        assert len(desk_prints(world)) == 2

    in_world(config, story)


@pytest.mark.parametrize("restarts", [0, 1])
def test_a_receipt_that_was_on_the_screen_only_keeps_its_time_for_the_paper_that_comes_later(
    config: KioskConfig, restarts: int
) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.hand("printer", "paper 0")
        await asyncio.sleep(5)
        await pay(world)
        await world.until(Screen.RESULT)
        assert world.shown.receipt == "failed"
        shown = re.search(r"(\d\d:\d\d) 端末", world.shown.electronic)
        assert shown is not None
        await asyncio.sleep(8)
        for _ in range(restarts):
            await world.restart_kiosk()
            await asyncio.sleep(20)
            await world.restart_kiosk()
        assert shown[0] in world.shown.electronic
        await walk_off(world)
        await asyncio.sleep(3600)
        await world.hand("printer", "paper new")
        await able_again(world)
        shell = await desk(world)
        (line,) = (await shell.do("staff receipts"))["lines"]
        assert f" {shown[1]}  receipt of 2,000 yen: failed" in line
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 0) == "printed"
        text = world.printer.receipts[-1].text
        assert f" {shown[1]} " in text
        assert "再発行" not in text  # the first that is on paper

    in_world(config, story)


def test_a_slip_whose_claim_was_paid_is_printed_no_more(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world, "09001009031")
        await walk_off(world)
        shell = await desk(world)
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 1) == "printed"
        (intent,) = [row for row in world.journal.rows(visit="") if row.body.get("action") == "reprint"]
        assert intent.body["by"]  # who asked for it
        await shell.do("staff pay 1 2000")
        await asyncio.sleep(30)
        assert "was paid" in await shell.answer("staff reprint 1")

    in_world(config, story)


@pytest.mark.parametrize("number", ["09001009031", "09001009038"])
def test_slips_are_listed_by_what_they_are_and_printed_again_too(config: KioskConfig, number: str) -> None:
    async def story(world: World) -> None:
        await buy(world, number)
        await world.until(Screen.ATTRACT)
        shell = await desk(world)
        what = {"09001009031": "OWED slip of 2,000 yen", "09001009038": "slip, under investigation of 2,000 yen"}[number]
        assert what in (await shell.do("staff receipts"))["lines"][0]
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 1) == "printed"
        title = {"09001009031": "お預かり票", "09001009038": "確認中のご案内"}[number]
        assert title in world.printer.receipts[-1].text
        assert "再発行（1回目）" in world.printer.receipts[-1].text

    in_world(config, story)
