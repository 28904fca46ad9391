"""One print job on an open line, from the first byte to what is known of its end.

What is sure, and why:

* PRINTED: the printer answered the question behind the last command. ``GS ( H`` is answered when everything before it is
  physically printed [D]. ``GS r 1``, for models without it, is executed in sequence [D]: the data is processed, and the
  last line at most still moving.
* FAILED: the bytes of the last dot never left this end and were thrown away; or a fault stopped the printer, and it then
  confirmed that it cleared its buffers before it had answered the first question, which stands before the last line.
* UNKNOWN: all else. So is a fault in the last line or before the cut: the receipt may be whole, and hang uncut in the machine.
  So is an answer to ``GS r 1`` on a line that brought noise meanwhile: it is a byte like others, and may have been noise.
  So is a printer that did not answer, or kept the line to itself, for a moment: it may have been off and on again, without
  what it held until then, and a handshake kept the rest back for it.

Status is asked for between commands only: inside one, the question would be taken for its dots or parameters [D].
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hardware.errors import DeviceTimeout, OfflineError
from hardware.printers.escpos.composer import Composition
from hardware.printers.escpos.frames import PAPER_STATUS_IN_SEQUENCE, parse_process_id, process_id_request
from hardware.printers.escpos.line import CHUNK_BYTES, PrinterLine
from hardware.printers.escpos.residue import clear, is_paper_in_sequence
from hardware.printers.escpos.status import BlockReply, Reply
from hardware.printers.escpos.window import Window
from hardware.vocabulary import Fault, JobOutcome

MARGIN_S: Final = 5.0
"""Beyond wire and paper: motors start, heads cool, lines are retried."""
COOLING_S: Final = 30.0
"""How much longer a job may take when the head got hot: it goes on by itself."""
LOOK_EVERY_S: Final = 0.25
"""How often the printer is asked what is wrong while its answer is awaited."""
CALL_EVERY_S: Final = 0.5
"""How often it is asked while the document leaves."""
AWAY_S: Final = 0.8
"""A printer that does not answer for so long may have been off and on again, which takes any of them a second or more [K]. So
may one that holds a chunk for so long beyond its time on the wire: what is sent finds room
(:mod:`hardware.printers.escpos.window`), and no handshake should hold it."""

STOPPING: Final = frozenset({Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.CUTTER_JAM, Fault.DEVICE_FAILURE, Fault.UNRECOVERABLE})
"""Faults in which a job does not go on by itself."""


@dataclass(frozen=True)
class Question:
    """What stands behind the last command, and how its answer is known."""

    data: bytes
    is_answer: Callable[[Reply], bool]
    answers: int = 1
    before_last: bytes = PAPER_STATUS_IN_SEQUENCE
    """What asks the same before the last line: unanswered, that line has not begun. And how its one answer is known."""
    is_before_last: Callable[[Reply], bool] = is_paper_in_sequence
    unmistakable: bool = False
    """Whether noise cannot look like the answer."""


def process_id_question(number: int) -> Question:
    """Ask by ``GS ( H`` with an identity that no other job of the last ten thousand had."""
    identity, dots = f"{number % 10_000:04d}".encode("ascii"), f"D{number % 1_000:03d}".encode("ascii")
    return Question(
        process_id_request(identity),
        lambda reply: isinstance(reply, BlockReply) and parse_process_id(reply.block) == identity,
        1,
        process_id_request(dots),
        lambda reply: isinstance(reply, BlockReply) and parse_process_id(reply.block) == dots,
        unmistakable=True,
    )


def paper_question() -> Question:
    """Ask by ``GS r 1``, twice: its answer can be 00, which is also the glitch of a printer losing power."""
    return Question(2 * PAPER_STATUS_IN_SEQUENCE, is_paper_in_sequence, answers=2)


class Job:
    """One composed document on its way to paper."""

    def __init__(self, composition: Composition, window_bytes: int) -> None:
        self._composition = composition
        self._window_bytes = window_bytes
        self._deadline_s = 0.0
        self._was_hot = False
        self._was_away = False
        """Whether it was out of reach for as long as a printer needs to lose power and come back."""
        self._call_at_s = 0.0
        self._last_line_at = max((seam for seam in composition.seams if seam < composition.last_dot), default=0)
        self._near_end: asyncio.Future[list[Reply]] | None = None
        """Answered before the last line begins; None while that was not asked."""
        self.outcome_if_cut_short = JobOutcome.FAILED
        """What is true of the job if nothing more is done for it from now on."""

    async def run(self, line: PrinterLine, question: Question, speed_mm_s: float) -> JobOutcome:
        """Send the document and wait for the printer's word. Bounded in time; never raises for what a line does."""
        data_bytes = len(self._composition.data) + len(question.data)
        length_s = self._composition.length_mm / speed_mm_s
        now_s = asyncio.get_running_loop().time()
        self._deadline_s = now_s + line.duration_s(data_bytes) + length_s + MARGIN_S
        self._call_at_s = now_s + CALL_EVERY_S
        window = Window(line, self._window_bytes, len(self._composition.data))
        garbage, strays = line.garbage, line.strays
        answer: asyncio.Future[list[Reply]] | None = None
        try:
            if await self._send(line, window, question):
                garbage = line.garbage
                answer = line.expect(question.is_answer, question.answers)
                await self._ask_and_wait(line, question, answer)
            if answer is not None and answer.done() and answer.result():
                clean = question.unmistakable or (line.garbage, line.strays) == (garbage, strays)
                # an answer too many: sending may have run ahead of the printer, and what it had to drop left a hole
                counted = line.strays == strays or not window.questions
                return JobOutcome.PRINTED if clean and counted and not self._was_away else JobOutcome.UNKNOWN
            return await self._give_up(line, answer) if _stopped(line) else self.outcome_if_cut_short
        except OfflineError:
            return self.outcome_if_cut_short
        finally:
            window.close()
            for future in (answer, self._near_end):
                if future is not None:
                    future.cancel()

    async def _send(self, line: PrinterLine, window: Window, question: Question) -> bool:
        """Send the document as far as the printer lets us; return whether all has left."""
        written = 0
        try:
            async with asyncio.timeout_at(self._deadline_s) as patience:
                for unit in self._units():
                    while not window.has_room(len(unit)) or not line.open_for_data() or _hot(line):
                        self._allow_for_heat(line)
                        patience.reschedule(self._deadline_s)
                        if _stopped(line):
                            return False
                        if not await window.answered(LOOK_EVERY_S):
                            await self._look(line)
                    if asyncio.get_running_loop().time() >= self._call_at_s:
                        await self._look(line)
                    if _stopped(line):
                        return False
                    for start in range(0, len(unit), CHUNK_BYTES):
                        await line.wait_for_xon()  # in the middle of a command: nothing else may be sent meanwhile
                        chunk = unit[start : start + CHUNK_BYTES]
                        written += len(chunk)
                        self._note_left(written)
                        await self._put(line, chunk)
                    await window.sent(len(unit))
                    if written == self._last_line_at:
                        self._near_end = line.expect(question.is_before_last)
                        window.asked_bytes += len(question.before_last)
                        await self._put(line, question.before_last)
        except TimeoutError:
            self._note_left(written - max(0, line.unsent() - window.asked_bytes))
            return False
        return True

    def _units(self) -> Iterator[bytes]:
        """Cut the document at its seams into pieces of a chunk, or of one command where that is longer."""
        data, start, end = self._composition.data, 0, 0
        for seam in self._composition.seams:
            if end > start and (seam - start > CHUNK_BYTES or end == self._last_line_at):
                yield data[start:end]
                start = end
            end = seam
        if end > start:
            yield data[start:end]

    def _note_left(self, count: int) -> None:
        """Keep count of the most that can have reached the printer."""
        reached = count >= self._composition.last_dot
        self.outcome_if_cut_short = JobOutcome.UNKNOWN if reached else JobOutcome.FAILED

    async def _put(self, line: PrinterLine, chunk: bytes) -> None:
        """Send a chunk, and see whether the line held it."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + line.duration_s(len(chunk)) + AWAY_S
        await line.send(chunk)
        self._was_away = self._was_away or loop.time() > due_s

    async def _look(self, line: PrinterLine) -> None:
        """Ask for the status, and see whether the printer is there."""
        self._call_at_s = asyncio.get_running_loop().time() + CALL_EVERY_S
        try:
            await line.ask_status(AWAY_S)
        except DeviceTimeout:
            self._was_away = True

    def _allow_for_heat(self, line: PrinterLine) -> None:
        if _hot(line) and not self._was_hot:
            self._was_hot = True
            self._deadline_s += COOLING_S

    async def _ask_and_wait(self, line: PrinterLine, question: Question, answer: "asyncio.Future[list[Reply]]") -> None:
        """Ask, and wait for the answer, a fault that stops the job, or the end of patience."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(self._deadline_s):
                await line.wait_for_xon()
                await self._put(line, question.data)
        except TimeoutError:
            return
        while not answer.done() and not _stopped(line) and loop.time() < self._deadline_s:
            await asyncio.wait({answer}, timeout=min(LOOK_EVERY_S, self._deadline_s - loop.time()))
            if not answer.done():
                await self._look(line)
            self._allow_for_heat(line)

    async def _give_up(self, line: PrinterLine, answer: "asyncio.Future[list[Reply]] | None") -> JobOutcome:
        """Clear a stopped printer at once, so that new paper does not bring the rest of the job out."""
        assert line.latest is not None
        only_the_cut_may_miss = Fault.CUTTER_JAM in line.latest.faults
        cleared = await clear(line)
        if answer is not None and answer.done():  # it had printed all after all, and said so before it cleared
            return JobOutcome.PRINTED if answer.result() and not self._was_away else JobOutcome.UNKNOWN
        last_line_may_be_out = self._near_end is not None and self._near_end.done()
        if cleared and not only_the_cut_may_miss and not last_line_may_be_out:
            return JobOutcome.FAILED
        return self.outcome_if_cut_short


def _stopped(line: PrinterLine) -> bool:
    return line.latest is not None and bool(line.latest.faults & STOPPING)


def _hot(line: PrinterLine) -> bool:
    return line.latest is not None and Fault.HEAD_HOT in line.latest.faults
