"""A receipt of one printer model, driver and emulator alone: the outcome agrees with the paper, and no old job ever prints.

The papers are told apart by their marks: 0 is the first, 1 the copy of one that did not come out, 9 the next customer's.
"""

import asyncio
import re
from collections.abc import Sequence
from functools import cache

from PIL import ImageOps

from hardware.models import load_models
from hardware.printers.escpos.page import Receipt
from hardware.printers.printer import Align, Barcode, Blank, Columns, Cut, Document, Qr, Rule, Text
from hardware.vocabulary import JobOutcome
from kiosk.simulation.crossroads import Crossroads, Ending
from tests.hardware.printers.printerworld import MODELS, World, play
from tests.matrix.printerfaults import Places

PRINTERS = {name: "ticket" in model.settings for name, model in load_models(MODELS).items() if model.device_class == "printer"}
"""Every printer model, and whether it has a presenter."""
MARKS = FIRST, COPY, NEXT = 0, 1, 9
_TRIES, _AFTERWARDS_S = 5, 20.0
_LONGEST_JOB_S = 200.0
_LINES = 3


def receipt(mark: int) -> Document:
    """Return a receipt with everything on it that kiosks print, in text of the ROM and text that has to be drawn."""
    return Document(
        [
            Text("HEAD", Align.CENTER, width=2, height=2, bold=True),
            Columns(f"No {mark}", "2026-11-22"),
            Rule(),
            *(Columns(f"{line} チャージ", "¥1,000") for line in range(_LINES)),
            Text("谢谢惠顾", Align.CENTER),
            Blank(),
            Qr(f"MARK-{mark}", module_dots=4),
            Barcode(f"C{mark}", height_dots=40),
            Columns("TOTAL", f"END {mark}", bold=True, height=2),
            Cut(),
        ],
        "zh-Hans",
    )


@cache
def _whole(model: str) -> dict[int, bytes]:
    """Return the dots of each receipt of that model, from its first ink to its last, when nothing is wrong."""
    dots: dict[int, bytes] = {}

    async def print_all(world: World) -> None:
        taking = asyncio.create_task(_take_tickets(world))
        for mark in MARKS:
            outcome = await world.printer.print(receipt(mark))
            assert outcome.came_out, f"{model} prints nothing even when nothing is wrong: {outcome}"
            image = world.emulator.receipts[-1].image()
            inked = ImageOps.invert(image.convert("L")).getbbox()
            assert inked is not None
            dots[mark] = image.crop((0, inked[1], image.width, inked[3])).tobytes()
        taking.cancel()

    play(model, print_all)
    return dots


def marks(model: str, papers: Sequence[Receipt]) -> list[int]:
    """Return the marks of the receipts that stand whole, to the dot, on these papers."""
    whole = _whole(model)
    found = []
    for paper in papers:
        ended = {int(mark) for mark in re.findall(r"END (\d)", paper.text)}
        dots = paper.image().tobytes() if ended else b""
        found += [mark for mark in MARKS if mark in ended and whole[mark] in dots]
    return found


def story(model: str, roads: Crossroads) -> Ending:
    """Print a receipt while something happens to the printer, have it mended, and print another; tell what came of it."""
    _whole(model)
    endings: list[Ending] = []

    async def jobs(world: World) -> None:
        endings.append(await _jobs(model, world, roads))

    play(model, jobs)
    return endings[0]


async def _jobs(model: str, world: World, roads: Crossroads) -> Ending:
    taking = asyncio.create_task(_take_tickets(world))

    async def do(deed: str) -> None:
        if deed == "unplug":
            world.line.unplug()
        elif deed == "replug":
            world.line.replug()
            await world.line.peer.open()
        else:
            world.hand(deed)

    places = Places(roads, world.emulator.mechanism, do)
    async with asyncio.timeout(_LONGEST_JOB_S):
        outcome = await world.printer.print(receipt(FIRST))
    papers = list(world.emulator.receipts)
    await asyncio.sleep(4)
    await places.mend()
    await asyncio.sleep(10)
    second = NEXT if outcome.came_out else COPY
    ends = []
    while not (ends and ends[-1].came_out) and len(ends) < _TRIES:
        async with asyncio.timeout(_LONGEST_JOB_S):
            ends.append(await world.printer.print(receipt(second)))
        await asyncio.sleep(_AFTERWARDS_S)
    taking.cancel()
    at_once, at_last = marks(model, papers), marks(model, world.emulator.receipts)
    wrong = []
    if outcome.came_out and at_once != [FIRST]:
        wrong.append(f"{outcome.value}, but what lay there whole was {at_once}")
    if outcome is JobOutcome.TAKEN and not any(paper.place == "taken" for paper in papers):
        wrong.append("taken, but nobody took it")
    if outcome is JobOutcome.PRESENTED and not any(one.event == "ticket_presented" for one in world.happenings):
        wrong.append("presented, but it was never at the mouth")
    if outcome is JobOutcome.FAILED and FIRST in at_last:
        wrong.append("failed, but it came out whole")
    if at_last.count(FIRST) > 1:
        wrong.append(f"it came out again: {at_once}, then {at_last}")
    if not ends[-1].came_out:
        wrong.append(f"mended, it does not print: {', '.join(end.value for end in ends)}")
    elif at_last.count(second) != 1:
        wrong.append(f"the next receipt is {ends[-1].value}, but what lay there whole was {at_last}")
    elif (heads := world.emulator.receipts[-1].text.count("HEAD")) != 1:
        wrong.append(f"{heads} heads on the next customer's paper")
    if not places.fault and not (outcome.came_out and len(ends) == 1):
        wrong.append(f"nothing happened to it, and it is {outcome.value}, then {', '.join(end.value for end in ends)}")
    return Ending(outcome.value, tuple(wrong))


async def _take_tickets(world: World) -> None:
    """Take every ticket that a presenter holds out, after a moment."""
    while world.emulator.presenter is not None:
        if world.emulator.presenter.at_mouth:
            await asyncio.sleep(1.5)
            if world.emulator.presenter.at_mouth:
                world.hand("take")
        await asyncio.sleep(0.2)
