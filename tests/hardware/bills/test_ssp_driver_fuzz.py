"""Whatever the line says to the SSP driver: no exception, no credit made up, one story a note, and back in service."""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.acceptor import NoteStacked
from hardware.bills.ssp.frames import Packet
from hardware.clock import run_virtual
from hardware.testing.books import broken_stories
from tests.hardware.bills.ssp_unit import ALL_YEN, Bench

MOTIONS = "EF 00|EF 01|EF 04|EF 09|CC|EE 01|EE 04|EE 00|EE|EB|ED|EC|E1 01|E1 00|E2 01|E2 00|CA 01 E8 03 00 00 4A 50 59|CA FF"
STATES = "E8|E7|E9|EA|E3|E4|E6 01|F1|B5|B6|99"
EVENTS = [*MOTIONS.split("|"), *STATES.split("|")]
REPLIES = st.one_of(
    st.lists(st.sampled_from(EVENTS), max_size=4).map(lambda events: " ".join(["F0", *events])),
    st.sampled_from(["F2", "F3", "F4", "F5", "F6", "F8", "FA", "F9", "F0"]),
    # Replies have bit 7. Without it one is no answer, and a unit that repeats it is asked twenty times: soundly, but slowly.
    st.binary(min_size=1, max_size=12).map(lambda data: bytes((data[0] | 0x80, *data[1:])).hex(" ")),
)
GARBAGE = st.one_of(
    st.binary(max_size=20),
    st.builds(lambda data, flag: Packet(data, flag).encode(), st.binary(min_size=1, max_size=8), st.booleans()),
)


async def _life(encrypted: bool, answers: Sequence[str], garbage: Sequence[bytes], dice: Sequence[int]) -> None:
    bench = Bench(encrypted=encrypted)
    unit = bench.unit
    unit.needs_keys = encrypted
    said: list[str] = []
    orders = list(dice)

    def decide() -> None:
        order = orders.pop() if orders else 0
        if order:
            (bench.driver.stack, bench.driver.return_, bench.driver.hold)[order - 1]()

    bench.on_escrow = decide
    await bench.start()
    await bench.until_ready()
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(1)
    spoiled = iter(answers)
    true_answer = unit._answer

    def answer(command: str, message: bytes) -> str:
        reply = next(spoiled, None)
        if reply is None:
            return true_answer(command, message)
        said.append(reply.upper())
        return reply

    unit._answer = answer  # type: ignore[method-assign]
    for noise in garbage:
        unit.garbage = noise
        await asyncio.sleep(0.5)
    unit.garbage = b""
    unit.escrow = False
    await asyncio.sleep(40)
    unit.show("F0 E4")  # a box that was once said to be out is out until this
    await bench.until_ready(60)
    credited = sum(event == "EE" for reply in said for event in reply.split())
    credited += sum(noise.count(b"\xee") for noise in garbage)
    assert bench.stories.count(NoteStacked(1000)) + bench.stories.count(NoteStacked(10000)) <= credited
    assert broken_stories(bench.told) == []
    since = len(bench.stories)
    bench.on_escrow = bench.driver.stack
    unit.show("F0 EF 00", "F0 EF 01")
    await asyncio.sleep(6)
    assert bench.stories[since:].count(NoteStacked(1000)) == 1
    await bench.driver.close()


@settings(max_examples=60, deadline=None)
@given(
    st.booleans(),
    st.lists(REPLIES, max_size=25),
    st.lists(GARBAGE, max_size=6),
    st.lists(st.integers(0, 3), max_size=8),
)
def test_no_line_breaks_the_driver_or_makes_it_invent_money(
    encrypted: bool, answers: list[str], garbage: list[bytes], dice: list[int]
) -> None:
    run_virtual(_life(encrypted, answers, garbage, dice))
