"""One print job on an open line, from the first byte to what is known of its end.

What is sure, and why:

* PRINTED: the printer answered the question behind the last command. ``GS ( H`` is answered when everything before it is
  physically printed [D]. ``GS r 1``, for models without it, is executed in sequence [D]: the data is processed, and the
  last line at most still moving.
* FAILED: the bytes of the last dot never left this end and were thrown away; or a fault stopped the printer, and it then
  confirmed that it cleared its buffers before it had answered.
* UNKNOWN: all else. So is a cutter jam: every dot may be on paper, only the cut is missing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.errors import DeviceTimeout, OfflineError
from hardware.printers.escpos.composer import Composition
from hardware.printers.escpos.frames import PAPER_STATUS_IN_SEQUENCE, parse_process_id, process_id_request
from hardware.printers.escpos.line import CHUNK_BYTES, PrinterLine
from hardware.printers.escpos.residue import clear, is_paper_in_sequence
from hardware.printers.escpos.status import BlockReply, Reply
from hardware.vocabulary import Fault, JobOutcome

MARGIN_S: Final = 5.0
"""Beyond wire and paper: motors start, heads cool, lines are retried."""
COOLING_S: Final = 30.0
"""How much longer a job may take when the head got hot: it goes on by itself."""
LOOK_EVERY_S: Final = 0.25
"""How often the printer is asked what is wrong while its answer is awaited."""

STOPPING: Final = frozenset({Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.CUTTER_JAM, Fault.DEVICE_FAILURE, Fault.UNRECOVERABLE})
"""Faults in which a job does not go on by itself."""


@dataclass(frozen=True)
class Question:
    """What stands behind the last command, and how its answer is known."""

    data: bytes
    is_answer: Callable[[Reply], bool]
    answers: int = 1


def process_id_question(number: int) -> Question:
    """Ask by ``GS ( H`` with an identity that no other job of the last ten thousand had."""
    identity = f"{number % 10_000:04d}".encode("ascii")
    return Question(
        process_id_request(identity),
        lambda reply: isinstance(reply, BlockReply) and parse_process_id(reply.block) == identity,
    )


def paper_question() -> Question:
    """Ask by ``GS r 1``, twice: its answer can be 00, which is also the glitch of a printer losing power."""
    return Question(2 * PAPER_STATUS_IN_SEQUENCE, is_paper_in_sequence, answers=2)


class Job:
    """One composed document on its way to paper."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition
        self._left = 0
        self._total = len(composition.data)
        self.outcome_if_cut_short = JobOutcome.FAILED
        """What is true of the job if nothing more is done for it from now on."""

    @property
    def all_sent(self) -> bool:
        """Whether every byte of it, the closing question included, has left."""
        return self._left >= self._total

    async def run(self, line: PrinterLine, question: Question, speed_mm_s: float) -> JobOutcome:
        """Send the document and wait for the printer's word. Bounded in time; never raises for what a line does."""
        loop = asyncio.get_running_loop()
        data = self._composition.data + question.data
        self._total = len(data)
        answer = line.expect(question.is_answer, question.answers)
        deadline_s = loop.time() + line.duration_s(len(data)) + self._composition.length_mm / speed_mm_s + MARGIN_S
        try:
            if await self._send(line, data, deadline_s):
                await self._await(line, answer, deadline_s)
            if not answer.done() and _stopped(line):
                return await self._give_up(line, answer)
            return JobOutcome.PRINTED if answer.done() and answer.result() else self.outcome_if_cut_short
        except OfflineError:
            return self.outcome_if_cut_short
        finally:
            answer.cancel()

    async def _send(self, line: PrinterLine, data: bytes, deadline_s: float) -> bool:
        """Send as far as the printer lets us; return whether all has left."""
        written = 0
        try:
            async with asyncio.timeout_at(deadline_s):
                while written < len(data):
                    if not await self._cleared_to_send(line):
                        return False
                    chunk = data[written : written + CHUNK_BYTES]
                    written += len(chunk)
                    self._note_left(written)
                    await line.send(chunk)
        except TimeoutError:
            self._note_left(written - line.unsent())
            return False
        return True

    async def _cleared_to_send(self, line: PrinterLine) -> bool:
        """Wait until the printer takes data; return False when a fault stops it for good."""
        while not _stopped(line):
            if await line.may_send(LOOK_EVERY_S):
                return True
            await _look(line)
        return False

    def _note_left(self, count: int) -> None:
        """Keep count of the most that can have reached the printer."""
        self._left = count
        reached = count >= self._composition.last_dot
        self.outcome_if_cut_short = JobOutcome.UNKNOWN if reached else JobOutcome.FAILED

    async def _await(self, line: PrinterLine, answer: "asyncio.Future[Reply]", deadline_s: float) -> None:
        """Wait for the answer, a fault that stops the job, or the end of patience."""
        loop = asyncio.get_running_loop()
        latest_s = deadline_s
        while not answer.done() and not _stopped(line) and loop.time() < latest_s:
            await asyncio.wait({answer}, timeout=min(LOOK_EVERY_S, latest_s - loop.time()))
            if not answer.done():
                await _look(line)
            if line.latest is not None and Fault.HEAD_HOT in line.latest.faults:
                latest_s = deadline_s + COOLING_S

    async def _give_up(self, line: PrinterLine, answer: "asyncio.Future[Reply]") -> JobOutcome:
        """Clear a stopped printer at once, so that new paper does not bring the rest of the job out."""
        assert line.latest is not None
        only_the_cut_may_miss = Fault.CUTTER_JAM in line.latest.faults
        cleared = await clear(line)
        if answer.done():  # it had printed all after all, and said so before it cleared
            return JobOutcome.PRINTED if answer.result() else JobOutcome.UNKNOWN
        if cleared and not only_the_cut_may_miss:
            return JobOutcome.FAILED
        return self.outcome_if_cut_short


def _stopped(line: PrinterLine) -> bool:
    return line.latest is not None and bool(line.latest.faults & STOPPING)


async def _look(line: PrinterLine) -> None:
    """Ask for the status; a printer too busy to answer is asked again soon."""
    try:
        await line.ask_status()
    except DeviceTimeout:
        return
