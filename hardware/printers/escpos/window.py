"""How far sending may run ahead of the printer, kept by the printer's own answers.

A TM printer's default handshake is DTR/DSR, which Linux does not obey [M], and a line set to no flow control has none: bytes
that find its receive buffer full are dropped without a word [D], and a receipt with a hole would still be reported as printed.
So a long job carries ``GS r 1`` after every part, and no more is under way than the buffer surely holds. A job shorter than
that carries none.
"""

import asyncio
from collections import deque
from typing import Final

from hardware.printers.escpos.frames import PAPER_STATUS_IN_SEQUENCE
from hardware.printers.escpos.line import PrinterLine
from hardware.printers.escpos.residue import is_paper_in_sequence
from hardware.printers.escpos.status import Reply

_PARTS: Final = 3
"""Into how many parts a full window is asked for: with one the printer would stand still at each answer."""


class Window:
    """The bytes of one job that have been sent and not yet been answered for."""

    def __init__(self, line: PrinterLine, size_bytes: int, job_bytes: int) -> None:
        self._line = line
        self._size_bytes = size_bytes
        self._left_bytes = job_bytes
        self._parts: deque[tuple[int, asyncio.Future[list[Reply]]]] = deque()
        self._unasked_bytes = 0
        self.asked_bytes = 0
        """Bytes of questions written in between, which are no part of the document."""
        self.questions = 0
        """How many of them were about the window."""

    def has_room(self, count: int) -> bool:
        """Tell whether ``count`` bytes more surely find room; a command longer than the window waits for an empty one.

        Raises OfflineError when the line is dead.
        """
        while self._parts and self._parts[0][1].done():
            self._parts.popleft()[1].result()
        held = self._held_bytes()
        return not held or held + count <= self._size_bytes

    def _held_bytes(self) -> int:
        return self._unasked_bytes + sum(size for size, _ in self._parts)

    async def sent(self, count: int) -> None:
        """Note that whole commands of ``count`` bytes have left; ask about them when they are many. Raises OfflineError."""
        self._unasked_bytes += count
        self._left_bytes -= count
        all_fits = self._held_bytes() + self._left_bytes <= self._size_bytes
        if self._unasked_bytes >= self._size_bytes // _PARTS and not all_fits:
            await self._ask()

    async def _ask(self) -> None:
        size, self._unasked_bytes = self._unasked_bytes + len(PAPER_STATUS_IN_SEQUENCE), 0
        self.asked_bytes += len(PAPER_STATUS_IN_SEQUENCE)
        self.questions += 1
        self._parts.append((size, self._line.expect(is_paper_in_sequence)))
        await self._line.send(PAPER_STATUS_IN_SEQUENCE)

    async def answered(self, timeout_s: float) -> bool:
        """Wait for the next answer and return True, or False after ``timeout_s``. Call it between commands only.

        A few bytes that nobody asked about and a long command after them would wait for each other: then they are asked about.
        """
        if not self._parts and self._unasked_bytes and self._line.open_for_data():
            await self._ask()
        if not self._parts:
            await asyncio.sleep(timeout_s)
            return False
        done, _ = await asyncio.wait({self._parts[0][1]}, timeout=timeout_s)
        return bool(done)

    def close(self) -> None:
        """Wait for no answer any more."""
        for _, answer in self._parts:
            answer.cancel()
