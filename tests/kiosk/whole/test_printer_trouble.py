"""The printer without paper, open, jammed, silent: the customer is told, and a second copy of a receipt says that it is one."""

import asyncio
from pathlib import Path

import pytest

from kiosk.config import KioskConfig
from kiosk.receiptfile import NoReceipt, write_receipt
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import books, buy, choose, consent, in_world, look_up, pay, prints, walk_off
from tests.matrix.kioskpaper import copies

UNABLE = {
    "no paper": ("paper 0", "paper new"),
    "cover open": ("cover open", "cover close"),
    "silent": ("silence on", "silence off"),
    "switched off": ("power off", "power on"),
    "broken": ("fail", "power off"),
}


@pytest.mark.parametrize("name", UNABLE)
def test_a_printer_that_cannot_print_is_told_before_payment_and_the_customer_may_go_on(config: KioskConfig, name: str) -> None:
    async def story(world: World) -> None:
        await world.hand("printer", UNABLE[name][0])
        await asyncio.sleep(10)
        assert world.shown.screen is Screen.ATTRACT  # notes can be taken: the kiosk serves
        await look_up(world)
        await consent(world)
        world.touch(Touch.NEXT)
        assert world.shown.screen is Screen.NO_PRINTER
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            await world.next_picture(60)
        assert world.shown.receipt == "failed"
        for fact in ("電子控え", "¥2,000", "090-****-2345", world.shown.reference):
            assert fact in world.shown.electronic
        await walk_off(world)
        assert world.shown.electronic == ""
        assert books(world) == (2000, 2000, 0, 0)
        assert world.printer.receipts == []

    in_world(config, story)


def test_a_customer_who_wants_no_top_up_without_a_receipt_pays_nothing(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.hand("printer", "cover open")
        await look_up(world)
        await consent(world)
        await asyncio.sleep(3)
        world.touch(Touch.NEXT)
        assert world.shown.screen is Screen.NO_PRINTER
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    in_world(config, story)


MISHAPS = {
    "paper ends": ("paper 0", ("paper new",)),
    "cover opened": ("cover open", ("cover close",)),
    "cutter jams": ("jam cutter", ("jam clear", "cover open", "cover close")),
    "power lost": ("power off", ("power on",)),
}


@pytest.mark.parametrize("name", MISHAPS)
@pytest.mark.parametrize("row", [0, 200, 900])
def test_a_receipt_that_broke_off_is_printed_again_once_and_says_so(config: KioskConfig, name: str, row: int) -> None:
    breaks, mends = MISHAPS[name]

    async def story(world: World) -> None:
        await choose(world)
        await world.hand("printer", f"at {row} {breaks}")
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            await world.next_picture(120)
        assert world.shown.receipt in ("failed", "unknown")
        for deed in mends:
            await asyncio.sleep(3)
            await world.hand("printer", deed)
        while world.shown.receipt != "printed":
            assert await world.next_picture(60), f"no reprint; the screen says {world.shown.receipt}"
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)
        texts = [receipt.text for receipt in world.printer.receipts]
        whole = [text for text in texts if "[QR" in text]
        assert sum("再発行" in text for text in texts) == 1, texts
        assert "再発行（1回目）" in whole[-1]
        assert "¥2,000" in whole[-1]

    in_world(config, story)


def test_a_printer_that_falls_silent_in_the_receipt_does_not_hold_the_customer(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.hand("printer", "at 300 silence on")
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            assert await world.next_picture(60)
        assert world.shown.receipt == "unknown"
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)
        await world.hand("printer", "silence off")
        await asyncio.sleep(30)
        await buy(world)
        assert "再発行" not in world.printer.receipts[-1].text
        await walk_off(world)

    in_world(config, story)


def test_an_owed_slip_that_did_not_come_out_is_printed_when_there_is_paper_again(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, "09001009031")
        await world.hand("printer", "paper 0")
        await pay(world)
        await world.until(Screen.DECLINED)
        while world.shown.receipt == "printing":
            await world.next_picture(60)
        assert (world.shown.receipt, world.shown.owed_yen) == ("failed", 2000)
        await world.hand("printer", "paper new")
        while world.shown.receipt != "printed":
            assert await world.next_picture(60)
        assert "お預かり票" in world.printer.receipts[-1].text
        await walk_off(world)
        assert books(world) == (2000, 0, 0, 2000)

    in_world(config, story)


@pytest.mark.parametrize("row", [0, 600, 1250])
def test_a_kiosk_killed_while_it_prints_does_not_know_says_so_and_prints_again_with_the_mark(
    config: KioskConfig, row: int
) -> None:
    async def story(world: World) -> None:
        await choose(world)
        reached = asyncio.Event()
        world.printer.mechanism.at_receipt_row(row, lambda t: reached.set())
        paying = asyncio.create_task(pay(world))
        await reached.wait()
        await paying
        await world.restart_kiosk()
        await world.until(Screen.RESULT)
        assert world.shown.receipt == "unknown"
        assert "電子控え" in world.shown.electronic
        while world.shown.receipt != "printed":
            assert await world.next_picture(60), f"no reprint; the screen says {world.shown.receipt}"
        await walk_off(world)
        assert sorted(copies(world.printer.receipts)) in ([1], [0, 1])
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)


def test_a_print_is_in_the_journal_before_it_begins_and_how_it_ended_before_the_screen_says_so(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.hand("printer", "at 400 cover open")
        await pay(world)
        await world.until(Screen.RESULT)
        seen = []
        while world.shown.receipt != "printed":
            seen.append((world.shown.receipt, prints(world)))
            if world.shown.receipt == "failed" and prints(world)[-1:] != ["intent"]:
                await world.hand("printer", "cover close")
            assert await world.next_picture(60)
        assert seen[0] == ("printing", ["intent"])
        assert prints(world) == ["intent", "failed", "intent", "printed"]
        assert ("failed", ["intent", "failed"]) in seen
        await walk_off(world)

    in_world(config, story)


def test_a_receipt_can_be_written_again_as_files_from_the_journal_and_is_marked_electronic(
    config: KioskConfig, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        await buy(world)
        visit = world.till.state.visit
        await walk_off(world)
        picture, text = write_receipt(world.config, world.journal.rows(visit=str(visit)), visit, tmp_path)
        assert picture.read_bytes().startswith(b"\x89PNG")
        words = text.read_text(encoding="utf-8")
        for part in ("電子控え", "領収書", "¥2,000", "090-****-2345", f"KONBINI1-{visit}"):
            assert part in words
        with pytest.raises(NoReceipt):
            write_receipt(world.config, world.journal.rows(visit="99"), 99, tmp_path)

    in_world(config, story)


def test_a_receipt_that_was_never_printed_can_be_written_from_the_journal_too(config: KioskConfig, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await choose(world)
        await world.hand("printer", "paper 0")
        await asyncio.sleep(5)
        await pay(world)
        await world.until(Screen.RESULT)
        visit = world.till.state.visit
        await walk_off(world)
        _, text = write_receipt(world.config, world.journal.rows(visit=str(visit)), visit, tmp_path)
        assert "¥2,000" in text.read_text(encoding="utf-8")

    in_world(config, story)
