"""One fault of the printer at one dot row of a receipt, at the whole kiosk, judged by the paper that really came out.

``python -m tests.kiosk.whole.receiptmatrix [STEP [FAULT]]`` goes through every STEP-th row (default: every one) and tells what
it found; the tests sample rows.
"""

import asyncio
import logging
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from hardware.printers.escpos.page import Receipt
from kiosk.config import KioskConfig, load_config
from kiosk.screenmodel import Screen
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import books, choose, in_world, pay, walk_off

CONFIG = Path(__file__).parents[3] / "config"
ROWS = 1480
"""Beyond the last row of the story's receipt, its feed to the cutter included."""

Act = Callable[[World], Awaitable[object]]


def _hand(*deeds: str) -> Act:
    async def act(world: World) -> None:
        for deed in deeds:
            await world.hand("printer", deed)
            await asyncio.sleep(1)

    return act


async def _unplug(world: World) -> None:
    world.unplug("printer")


async def _replug(world: World) -> None:
    await world.replug("printer")


async def _nothing(world: World) -> None:
    """It mends by itself."""


FAULTS: dict[str, tuple[Act, Act]] = {
    "paper ends": (_hand("paper 0"), _hand("paper new")),
    "cover opened": (_hand("cover open"), _hand("cover close")),
    "cover opened and paper changed": (_hand("cover open"), _hand("paper new", "cover close")),
    "paper jams": (_hand("fail"), _hand("power off", "power on")),
    "cutter jams": (_hand("jam cutter"), _hand("jam clear", "cover open", "cover close")),
    "power cut": (_hand("power off"), _hand("power on")),
    "power blinks": (_hand("power off", "power on"), _nothing),
    "cable out": (_unplug, _replug),
    "buffer full": (_hand("hot on"), _hand("hot off")),
    "silence": (_hand("silence on"), _hand("silence off")),
    "garbage status": (_hand(*["garbage"] * 5), _nothing),
}
"""What happens, and what staff do about it afterwards."""


def copies(papers: list[Receipt]) -> list[int]:
    """Return which whole receipts came out: 0 for one without a mark, else the number on its mark.

    Whole is what ends with the last line of a receipt and has its QR symbol and its total; its head is looked for from there
    upwards, for a paper may begin with the half of another.
    """
    found = []
    for paper in papers:
        for part in re.split(r"(?=領収書\n)", paper.text)[1:]:
            if "[QR" in part and "¥2,000" in part and "これはデモです" in part:
                mark = re.search(r"再発行（(\d+)回目）", part)
                found.append(int(mark[1]) if mark else 0)
    return found


async def _story(world: World, fault: str, row: int) -> list[str]:
    """Let the fault happen at that row and return every lie and every unmarked copy."""
    breaks, mends = FAULTS[fault]
    mechanism = world.printer.mechanism
    struck = asyncio.Event()
    await choose(world)
    mechanism.at_receipt_row(row, lambda t: struck.set())
    said: list[str] = []
    watching = asyncio.create_task(_watch(world, said))
    breaking = asyncio.create_task(_when(struck, breaks, world))
    await pay(world)
    await world.until(Screen.RESULT)
    while world.shown.receipt == "printing":
        if not await world.next_picture(200):
            return ["the screen says for ever that it prints"]
    first = world.shown.receipt
    hit = struck.is_set()
    await asyncio.sleep(4)
    await mends(world)
    await asyncio.sleep(6)
    await walk_off(world)
    await asyncio.sleep(60)
    watching.cancel()
    breaking.cancel()
    out = copies(world.printer.receipts)
    wrong = []
    if len(set(out)) != len(out):
        wrong.append(f"the same copy came out twice: {out}")
    for number, word in enumerate(word for word in said if word != "printing"):
        if word == "printed" and number not in out:
            wrong.append(f"said to be printed: copy {number}, came out: {out}")
        if word == "failed" and number in out:
            wrong.append(f"said to have failed: copy {number}, came out: {out}")
    if not hit and first != "printed":
        wrong.append(f"nothing happened to it, and it is said to be {first}")
    if books(world) != (2000, 2000, 0, 0):
        wrong.append(f"books: {books(world)}")
    return [f"{fault} at row {row}: {mistake} (said {said})" for mistake in wrong]


async def _when(struck: asyncio.Event, breaks: Act, world: World) -> None:
    await struck.wait()
    await breaks(world)


async def _watch(world: World, said: list[str]) -> None:
    """Note every change of what the screen says of the receipt."""
    last = ""
    while True:
        word = world.shown.receipt
        if word and word != last:
            said.append(word)
        last = word
        await world.next_picture(600)


def mistakes(config: KioskConfig, fault: str, row: int) -> list[str]:
    """Play one story in a world of its own; return what was wrong in words, nothing when all was true."""
    found: list[str] = []

    async def story(world: World) -> None:
        found.extend(await _story(world, fault, row))

    in_world(config, story)
    return found


def main(step: int, only: str) -> None:
    """Go through the rows."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    config = load_config(CONFIG, CONFIG / "benches" / "virtual.toml")
    count = 0
    for fault in FAULTS:
        if only in fault:
            for row in range(0, ROWS, step):
                for mistake in mistakes(config, fault, row):
                    count += 1
                    sys.stdout.write(mistake + "\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{count} mistakes\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1, sys.argv[2] if len(sys.argv) > 2 else "")
