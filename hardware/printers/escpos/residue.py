"""Getting an old job out of a printer, so that it never prints under a new one.

``DLE DC4 8`` clears both buffers and is confirmed by ``37 25 00`` [D]: after that it is certain that nothing more of the job
prints. A printer that does not confirm it cannot be cleared from outside (``ESC @`` leaves the receive buffer alone [D],
``DLE ENQ 2`` acts in a cutter error only and answers nothing [D]); it can only be run empty: what it still held comes out, and
the answers to ``GS r 1``, which is executed in sequence, prove that nothing is left. Either way the scrap is cut off before the
next job, because it may show one customer's number to the next.
"""

import asyncio
from enum import Enum
from typing import Final

from hardware.errors import DeviceTimeout
from hardware.printers.escpos.drawing import BAND_BYTES
from hardware.printers.escpos.frames import (
    CLEAR_BUFFERS,
    CLEAR_RESPONSE,
    CUT_PARTIAL_AFTER_FEED,
    INITIALISE,
    PAPER_STATUS_IN_SEQUENCE,
    PaperInSequenceBits,
)
from hardware.printers.escpos.line import CHUNK_BYTES, PrinterLine
from hardware.printers.escpos.status import BlockReply, Reply, SingleReply

PADDING: Final = bytes(BAND_BYTES)
"""NULs, which are white in an image and ignored elsewhere: they complete the longest command that can have been cut short,
or else the printer would take the next job for the rest of it (a partial command waits for ever [K])."""

_PROBES: Final = 3
"""One answer could belong to a question of an earlier, given-up attempt; a whole volley does not."""
_RUN_EMPTY_S: Final = 15.0
"""Longest wait for what a 4 KB buffer can hold to be printed."""


class Residue(Enum):
    """What the printer may still hold."""

    NONE = "none"
    UNKNOWN = "unknown"
    """We have just come to it; an earlier run may have died in the middle of a job."""
    JOB = "job"
    """A job of ours that did not end well."""


def is_paper_in_sequence(reply: Reply) -> bool:
    """Tell an answer to ``GS r 1`` from other single bytes: each of its sensors drives two bits together."""
    both = int(PaperInSequenceBits.NEAR_END | PaperInSequenceBits.END)
    return isinstance(reply, SingleReply) and not reply.byte & ~both and reply.byte in (0x00, 0x03, 0x0C, 0x0F)


async def clear(line: PrinterLine) -> bool:
    """Clear both buffers; return whether the printer confirmed it. Raises OfflineError."""
    try:
        await line.answer(CLEAR_BUFFERS, lambda reply: reply == BlockReply(CLEAR_RESPONSE))
    except DeviceTimeout:
        return False
    return True


async def pad(line: PrinterLine) -> bool:
    """Complete a command that was cut short; return whether the printer took it in time. Raises OfflineError."""
    try:
        async with asyncio.timeout(_RUN_EMPTY_S + line.duration_s(len(PADDING))):
            await send_all(line, PADDING)
    except TimeoutError:
        return False
    return True


async def run_empty(line: PrinterLine, residue: Residue, quiet_s: float, put_away: bytes = b"") -> bool:
    """Let a printer that can print finish what it holds; return whether it said it is through. Raises OfflineError.

    On a line that brings noise meanwhile it is not believed. After a job of ours the paper is cut, too, and ``put_away`` says
    what a presenter does with the piece, so that no customer finds another's. ``quiet_s`` is how long to listen for answers to
    older questions afterwards, so that none is taken for a new one's.
    """
    cut = INITIALISE + CUT_PARTIAL_AFTER_FEED + put_away if residue is Residue.JOB else INITIALISE
    answer = line.expect(is_paper_in_sequence, _PROBES)
    noise = (line.garbage, line.strays)
    try:
        async with asyncio.timeout(_RUN_EMPTY_S + line.duration_s(len(PADDING))):
            await send_all(line, PADDING + cut + PAPER_STATUS_IN_SEQUENCE * _PROBES)
            await answer
    except TimeoutError:
        return False
    finally:
        answer.cancel()
    await asyncio.sleep(quiet_s)
    return noise == (line.garbage, line.strays)


async def send_all(line: PrinterLine, data: bytes) -> None:
    """Send data of any length under flow control, for as long as it takes. Raises OfflineError."""
    for start in range(0, len(data), CHUNK_BYTES):
        await line.wait_for_xon()
        await line.send(data[start : start + CHUNK_BYTES])
