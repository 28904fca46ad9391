"""How far sending runs ahead of the printer."""

import asyncio

from hypothesis import example, given
from hypothesis import strategies as st

from hardware.clock import run_virtual
from hardware.errors import OfflineError
from hardware.links.memory import memory_line
from hardware.printers.escpos.line import PrinterLine
from hardware.printers.escpos.window import Window

QUESTION = b"\x1dr\x01"


@given(st.lists(st.integers(1, 2100), min_size=1, max_size=30))
@example([1000, 2100])
@example([900, 3500, 900, 3500])
def test_any_row_of_commands_gets_through_and_no_more_is_under_way_than_fits(sizes: list[int]) -> None:
    """A printer that answers every question: sending never comes to a stand, also where a long command follows few bytes."""

    async def run() -> None:
        near, far = memory_line("printer")
        under_way = 0

        def answer(data: bytes) -> None:
            nonlocal under_way
            if data == QUESTION:
                asyncio.get_running_loop().call_later(0.05, far.write, b"\x00")
                under_way = 0

        def lost(error: OfflineError) -> None: ...

        far.attach(answer, lost)
        await far.open()
        line = PrinterLine(near, baud=115200, reply_timeout_s=0.5, heard=lambda status: None, lost=lambda: None)
        await line.open()
        window = Window(line, 3072, sum(sizes))
        async with asyncio.timeout(60):
            for size in sizes:
                while not window.has_room(size):
                    await window.answered(0.25)
                under_way += size
                assert under_way <= max(3072, size)
                await window.sent(size)
        window.close()
        line.close()

    run_virtual(run())
