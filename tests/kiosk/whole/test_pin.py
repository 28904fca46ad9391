"""A PIN that is sold: on the customer's paper, and nowhere else that anybody could look."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from hardware.clock import run_virtual
from kiosk.config import KioskConfig, load_config
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store
from kiosk.wiretrace import WireTrace
from tests.kiosk.whole.conftest import CONFIG
from tests.kiosk.whole.test_desk import desk
from tests.kiosk.whole.test_reprints import able_again, ended
from tests.kiosk.whole.visits import books, buy, consent, everything_is_there, look_up, walk_off

NUMBER = "09002001234"
PLAN = "softbank-pin-3000"


async def buy_pin(world: World, language: str = "ja") -> None:
    await buy(world, NUMBER, PLAN, language, "softbank")


def told(config: KioskConfig, story: Callable[[World], Awaitable[None]], journal: Path) -> str:
    """Let a story happen and return all that was written down of it: journal file, log and wire trace."""
    lines: list[str] = []

    async def main() -> None:
        trace = WireTrace(lines.append, "printer")
        world = await World.open(config, Random(1), Journal.open(journal, config.kiosk_id), Store(None), trace)
        await everything_is_there(world)
        await story(world)
        await world.close()
        world.journal.close()

    with capture_logs() as logs:
        run_virtual(main())
    wire = bytearray()
    for line in lines:
        data = line.partition(" printer > ")[2]
        if re.fullmatch(r"([0-9A-F]{2} ?)+", data):
            wire += bytes.fromhex(data)
    written = journal.read_bytes().decode("latin-1") + repr(logs) + "\n".join(lines) + wire.decode("latin-1")
    assert "kiosk" in written
    return re.sub(r"[ \x00-\x1f]", "", written)


def pins(world: World) -> list[str]:
    """The PINs on the papers in the tray, without their gaps."""
    return [pin.replace(" ", "") for r in world.printer.receipts for pin in re.findall(r"\d{4} \d{4} \d{4} \d{4}", r.text)]


def test_a_pin_is_on_the_customers_paper_and_in_no_journal_log_trace_or_screen(config: KioskConfig, tmp_path: Path) -> None:
    found: list[str] = []
    shown: list[str] = []

    async def story(world: World) -> None:
        await buy_pin(world)
        shown.append(repr(world.shown))
        await walk_off(world)
        found.extend(pins(world))
        assert books(world) == (3000, 3000, 0, 0)
        assert "非課税 対象計" in world.printer.receipts[-1].text

    written = told(config, story, tmp_path / "journal.sqlite")
    (pin,) = found
    assert pin not in written + shown[0]
    assert pin[:8] not in written + shown[0]
    assert "bytesofapaperwithaPIN" in written


@pytest.mark.parametrize("fault", ["cover open", "power off", "silence on"])
def test_a_pin_whose_paper_broke_off_is_kept_nowhere_and_is_on_the_marked_reprint(
    config: KioskConfig, tmp_path: Path, fault: str
) -> None:
    mends = {"cover open": "cover close", "power off": "power on", "silence on": "silence off"}
    found: list[str] = []

    async def story(world: World) -> None:
        await world.hand("printer", f"at 700 {fault}")
        await buy_pin(world)
        assert world.shown.receipt in ("failed", "unknown")
        assert not re.search(r"\d{4} \d{4} \d{4} \d{4}", world.shown.electronic)
        await asyncio.sleep(2)
        await world.hand("printer", mends[fault])
        while world.shown.receipt != "printed":
            assert await world.next_picture(60)
        await walk_off(world)
        found.extend(pins(world))
        assert "再発行" in world.printer.receipts[-1].text

    written = told(config, story, tmp_path / "journal.sqlite")
    assert found
    assert len(set(found)) == 1  # the same number, not a second one
    assert found[0] not in written


def test_a_pin_is_not_sold_while_the_printer_cannot_print(config: KioskConfig, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hand("printer", "paper 0")
        await asyncio.sleep(5)
        await look_up(world, NUMBER, carrier="softbank")
        await consent(world, PLAN)
        world.touch(Touch.NEXT)
        assert world.shown.screen is Screen.NO_PRINTER
        assert world.shown.buttons == ("cancel",)
        world.touch(Touch.NEXT)
        assert world.shown.screen is Screen.NO_PRINTER
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert books(world) == (0, 0, 0, 0)

    assert told(config, story, tmp_path / "journal.sqlite")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_pin_is_on_paper_in_every_language(config: KioskConfig, tmp_path: Path, language: str) -> None:
    found: list[str] = []

    async def story(world: World) -> None:
        await buy_pin(world, language)
        assert world.shown.plan is not None
        assert world.shown.plan.product == "PIN"
        await walk_off(world)
        found.extend(pins(world))

    written = told(config, story, tmp_path / "journal.sqlite")
    (pin,) = found
    assert pin not in written


def test_a_pin_that_came_out_is_not_printed_again_at_the_desk(config: KioskConfig, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await buy_pin(world)
        await walk_off(world)
        shell = await desk(world)
        assert "its PIN came out on paper" in await shell.answer("staff reprint 1")
        assert len(pins(world)) == 1

    assert told(config, story, tmp_path / "journal.sqlite")


def test_a_pin_that_may_not_have_come_out_is_printed_again_at_the_desk_once_it_is_known_to_be_on_paper_no_more(
    config: KioskConfig, tmp_path: Path
) -> None:
    found: list[str] = []

    async def story(world: World) -> None:
        await world.hand("printer", "at 900 silence on")
        await buy_pin(world)
        assert world.shown.receipt == "unknown"
        await walk_off(world)
        await world.hand("printer", "silence off")
        await able_again(world)
        shell = await desk(world)
        assert "IN DOUBT" in await shell.answer("staff receipts")
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 1) == "printed"
        assert "再発行（1回目）" in world.printer.receipts[-1].text
        found.extend(pins(world))
        assert "its PIN came out on paper" in await shell.answer("staff reprint 1")

    written = told(config, story, tmp_path / "journal.sqlite")
    assert found
    assert len(set(found)) == 1
    assert found[0] not in written


def test_a_pin_left_at_the_mouth_of_a_presenter_can_be_had_at_the_desk_and_is_written_down_nowhere(
    tmp_path: Path,
) -> None:
    found: list[str] = []

    async def story(world: World) -> None:
        await buy_pin(world)
        while world.shown.receipt != "left":
            assert await world.next_picture(40)
        assert not re.search(r"\d{4} \d{4} \d{4} \d{4}", world.shown.electronic)
        await walk_off(world)
        shell = await desk(world)
        await shell.do("staff reprint 1")
        assert await ended(world, 1, 1) == "presented"
        await asyncio.sleep(2)
        await world.hand("printer", "take")
        assert await ended(world, 1, 1) == "taken"
        found.extend(pins(world))
        assert "its PIN came out on paper" in await shell.answer("staff reprint 1")

    written = told(load_config(CONFIG, CONFIG / "benches" / "presenter-virtual.toml"), story, tmp_path / "journal.sqlite")
    assert len(found) == 2
    assert len(set(found)) == 1
    assert found[0] not in written
