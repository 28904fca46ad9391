"""A receipt at the whole kiosk: whatever happens to the printer, the screen tells no lie and no copy comes out twice unmarked.

Judged by the paper that really came out.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from hardware.models import load_model
from hardware.printers.escpos.page import Receipt
from kiosk.config import KioskConfig, load_config
from kiosk.ledger.entry import Kind
from kiosk.screenmodel import Screen
from kiosk.simulation.crossroads import Crossroads, Ending
from kiosk.simulation.world import World
from tests.kiosk.whole.visits import books, choose, in_world, pay, walk_off
from tests.matrix.printerfaults import Places

CONFIG = Path(__file__).parents[2] / "config"
_LONGEST_JOB_S = 200.0
TITLE = "領収書\n"
WHOLE = ("¥2,000", "[QR", "これはデモです")
"""What stands on every whole receipt of the top-up bought here, its total, symbol and last line."""


@cache
def kiosk_with(printer: str) -> KioskConfig:
    """Return the kiosk that is shipped, in memory, with a printer of that model."""
    config = load_config(CONFIG, CONFIG / "benches" / "virtual.toml")
    model = load_model(CONFIG / "devices" / f"{printer}.toml")
    bench = [replace(spec, model=model) if spec.model.device_class == "printer" else spec for spec in config.bench]
    return replace(config, bench=bench)


def copies(papers: Sequence[Receipt], whole: Sequence[str] = WHOLE) -> list[int]:
    """Return which whole receipts came out: 0 for one without a mark, else the number on its mark.

    Whole is what has all the lines of ``whole`` in their order; the mark may stand between them. A receipt is looked for from
    its head downwards, for a paper may begin with the half of another.
    """
    found = []
    for paper in papers:
        for part in paper.text.split(TITLE)[1:]:
            lines = iter(part.split("\n"))
            if all(any(wanted in line for line in lines) for wanted in whole):
                mark = re.search(r"再発行（(\d+)回目）", part)
                found.append(int(mark[1]) if mark else 0)
    return found


@cache
def _lines(printer: str) -> tuple[str, ...]:
    """Return all lines below the head of a receipt on that printer when nothing is wrong."""
    found: list[str] = []

    async def visit(world: World) -> None:
        await choose(world)
        await pay(world)
        await world.until(Screen.RESULT)
        while world.shown.receipt == "printing":
            await world.next_picture(_LONGEST_JOB_S)
        found.extend(line for line in world.printer.receipts[-1].text.split(TITLE)[1].split("\n") if line)

    in_world(kiosk_with(printer), visit)
    return tuple(found)


def ends_of_prints(world: World) -> list[str]:
    """What the journal says of each print in order: how it ended, or ``intent`` as long as nobody knows."""
    ends: dict[str, str] = {}
    for row in world.journal.rows():
        if row.kind == Kind.INTENT and row.body["action"] == "print":
            ends[row.body["intent"]] = "intent"
        elif row.kind == Kind.RESULT and row.body["intent"] in ends:
            ends[row.body["intent"]] = row.body["outcome"]
    return list(ends.values())


def story(printer: str, roads: Crossroads) -> Ending:
    """Sell one top-up while something happens to the printer, one of that model; tell what came of it."""
    whole = _lines(printer)
    endings: list[Ending] = []

    async def visit(world: World) -> None:
        endings.append(await _visit(world, roads, whole))

    in_world(kiosk_with(printer), visit)
    return endings[0]


async def _visit(world: World, roads: Crossroads, whole: Sequence[str]) -> Ending:
    said: list[str] = []
    watching = asyncio.create_task(_watch(world, said))
    taking = asyncio.create_task(_take_tickets(world))
    await choose(world)
    await pay(world)

    async def do(deed: str) -> None:
        if deed == "unplug":
            world.unplug("printer")
        elif deed == "replug":
            await world.replug("printer")
        else:
            await world.hand("printer", deed)

    places = Places(roads, world.printer.mechanism, do)
    await world.until(Screen.RESULT)
    while world.shown.receipt == "printing":
        if not await world.next_picture(_LONGEST_JOB_S):
            return Ending("printing", ("the screen says for ever that it prints",))
    await asyncio.sleep(4)
    await places.mend()
    await asyncio.sleep(6)
    await walk_off(world)
    await asyncio.sleep(20)
    watching.cancel()
    taking.cancel()
    return Ending(" then ".join(ends_of_prints(world)), tuple(_mistakes(world, whole, said, struck=bool(places.fault))))


def _mistakes(world: World, whole: Sequence[str], said: list[str], *, struck: bool) -> list[str]:
    """Every lie, every unmarked copy, every yen out of its place."""
    out, ends = copies(world.printer.receipts, whole), ends_of_prints(world)
    wrong = []
    if len(set(out)) != len(out):
        wrong.append(f"the same copy came out twice: {out}")
    for number, end in enumerate(ends):
        if end in ("printed", "presented", "taken") and number not in out:
            wrong.append(f"copy {number} is {end} in the journal; what came out: {out}")
        if end in ("failed", "intent") and number in out:
            wrong.append(f"copy {number} is {end} in the journal; what came out: {out}")
    last_words = [word for word, following in pairwise([*said, "printing"]) if following == "printing" != word]
    if last_words != ends:
        wrong.append(f"the journal says {ends}, the screen said {said}")
    if "taken" in said and not any(paper.place == "taken" for paper in world.printer.receipts):
        wrong.append(f"nobody took it, and the screen said {said}")
    if not struck and ends not in (["printed"], ["taken"]):
        wrong.append(f"nothing happened to it, and it is said to be {ends}")
    if books(world) != (2000, 2000, 0, 0):
        wrong.append(f"books: {books(world)}")
    return wrong


async def _watch(world: World, said: list[str]) -> None:
    """Note every change of what the screen says of the receipt."""
    last = ""
    while True:
        word = world.shown.receipt
        if word and word != last:
            said.append(word)
        last = word
        await world.next_picture(600)


async def _take_tickets(world: World) -> None:
    """Take every ticket that a presenter holds out, after a moment."""
    while world.printer.presenter is not None:
        if world.printer.presenter.at_mouth:
            await asyncio.sleep(1.5)
            await world.hand("printer", "take")
        await asyncio.sleep(0.2)
