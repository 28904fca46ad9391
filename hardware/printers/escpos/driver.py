"""The ESC/POS receipt printer driver: one task that keeps the line, asks for status and runs jobs.

The task alone writes to the line, so questions and answers never cross. While no job runs it asks ``DLE EOT`` 1 to 4 every
``poll_s``; three polls without an answer and the printer is offline, until it answers again. Automatic status, where the
printer sends it, is heard at once and in jobs too. How sure a job's outcome is stands in
:mod:`hardware.printers.escpos.job`, what becomes of an old job in :mod:`hardware.printers.escpos.residue`.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from hardware.configfile import ConfigFile
from hardware.errors import BusyError, DeviceTimeout, OfflineError, SequenceError
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.printers.escpos.collection import Collection, TicketPolicy, look, remove
from hardware.printers.escpos.composer import PrintSettings, compose
from hardware.printers.escpos.ejector import KioskPaperBits
from hardware.printers.escpos.frames import AUTOMATIC_STATUS_ON, RECOVER_AFTER_CLEARING
from hardware.printers.escpos.job import Job, paper_question, process_id_question
from hardware.printers.escpos.line import PrinterLine
from hardware.printers.escpos.residue import Residue, clear, pad, run_empty
from hardware.printers.escpos.status import RealTimeStatus, with_presenter
from hardware.printers.printer import Document, Listener, PrinterStatus, ReceiptPrinter
from hardware.vocabulary import DeviceState, Fault, JobOutcome, PaperStatus, PowerState

SILENT_POLLS: Final = 3
FIRST_BACKOFF_S: Final = 0.5
LONGEST_BACKOFF_S: Final = 8.0
TIDY_EVERY_S: Final = 10.0
"""How often an idle printer that cannot be cleared is tried again."""
RECOVER_EVERY_S: Final = 60.0
"""How often a jammed cutter is tried again. It takes a person and then ``DLE ENQ`` [D]: trying at once would only make the
fault vanish until the next receipt jams. When the cover was open, a person was there, and it is tried when it closes."""
_PATIENCE_POLLS: Final = 4
"""Polls a job waits at its start while the printer is offline for a passing reason, such as paper being fed by hand."""

_SILENT: Final = PrinterStatus(DeviceState.ERROR, PowerState.OFFLINE, PaperStatus.UNKNOWN, frozenset({Fault.NO_ANSWER}))


class _Order:
    """A job that the task has been given, and the caller's way to its outcome."""

    def __init__(self, job: Job, presented: Callable[[], None] | None) -> None:
        self.job = job
        self._presented = presented
        self.outcome: asyncio.Future[JobOutcome] = asyncio.get_running_loop().create_future()

    def seen_at_mouth(self) -> None:
        self.job.outcome_if_cut_short = JobOutcome.PRESENTED
        if self._presented is not None:
            self._presented()

    def end(self, outcome: JobOutcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class EscposPrinter(ReceiptPrinter):
    """An ESC/POS printer of one model on one line.

    Reads ``[print]``, ``[serial].baud``, ``[buffer].bytes``, ``[status]`` and, for a presenter, ``[ticket]`` of the model's
    file. Raises ConfigError for a value it cannot use.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        file = ConfigFile(model.path, model.settings)
        status = file.table("status", optional=True)
        self._ticket = TicketPolicy.from_config(file)
        steps = self._ticket.present_steps if self._ticket else 0
        self._settings = replace(PrintSettings.from_config(file.table("print", optional=True)), present_steps=steps)
        self._automatic = status.flag("automatic", True)
        self._poll_s = status.number("poll_s", 1.0, low=0.01)
        self._reply_timeout_s = status.number("reply_timeout_s", 0.5, low=0.01)
        buffer_bytes = file.table("buffer", optional=True).whole("bytes", 4096, low=45)
        self._window_bytes = buffer_bytes * 3 // 4
        self._line = PrinterLine(
            link,
            baud=file.table("serial", optional=True).whole("baud", 9600, low=300, high=4_000_000),
            reply_timeout_s=self._reply_timeout_s,
            heard=self._heard,
            lost=self._line_lost,
            full_status=self._ticket is not None,
        )
        self.status = PrinterStatus()
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._order: _Order | None = None
        self._jobs = 0
        self._printing = False
        self._line_is_lost = False
        self._silent_polls = 0
        self._backoff_s = FIRST_BACKOFF_S
        self._residue = Residue.UNKNOWN
        self._cleared = False
        """Whether the printer confirmed that it forgot what it held."""
        self._reports = False
        """Whether automatic status was asked for since the printer last came back."""
        self._tidy_at_s = 0.0
        self._recover_at_s: float | None = None
        self._waits_since_s: float | None = None
        """Since when a ticket has stood at the mouth that no job follows."""

    async def start(self, listener: Listener) -> None:
        if self._task is not None:
            raise SequenceError("the printer is started already")
        self._listener = listener
        self._tell(replace(self.status, state=DeviceState.STARTING))
        self._task = asyncio.get_running_loop().create_task(self._serve())

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._tell(PrinterStatus())

    async def print(self, document: Document, presented: Callable[[], None] | None = None) -> JobOutcome:
        """See :meth:`ReceiptPrinter.print`.

        Raises SequenceError before ``start`` and after ``close``, and ValueError for a text that its symbol cannot hold.
        """
        if self._task is None:
            raise SequenceError("start the printer first")
        if self._order is not None:
            raise BusyError("another job runs")
        order = self._order = _Order(Job(compose(document, self._settings), self._window_bytes), presented)
        self._wake.set()
        return await asyncio.shield(order.outcome)  # a caller who leaves does not stop the paper

    # --- the line ---

    async def _serve(self) -> None:
        """Keep the line open for ever."""
        try:
            while True:
                self._line_is_lost = self._reports = False
                try:
                    await self._line.open()
                    await self._keep_talking()
                except OfflineError:
                    self._tell(_SILENT)
                finally:
                    self._line.close()
                self._end_order()
                await self._pause(self._backoff_s)
                self._backoff_s = min(2 * self._backoff_s, LONGEST_BACKOFF_S)
        finally:
            self._end_order()

    async def _keep_talking(self) -> None:
        """Ask and print until the line dies. Raises OfflineError then."""
        while True:
            status = await self._look()
            if status is not None:
                self._backoff_s = FIRST_BACKOFF_S
                await self._tidy(status)
            if self._order is None:
                await self._pause(self._poll_s)
            if self._order is not None:
                await self._run(self._order)
            if self._line_is_lost:
                raise OfflineError("the line was lost")

    async def _pause(self, duration_s: float) -> None:
        """Wait, but no longer than until a job comes or the line is lost."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(duration_s):
                await self._wake.wait()
        self._wake.clear()

    def _line_lost(self) -> None:
        self._line_is_lost = True
        self._wake.set()

    # --- status ---

    async def _look(self) -> RealTimeStatus | None:
        """Ask for the status; None when the printer is silent. Raises OfflineError."""
        try:
            status = await self._line.ask_status()
        except DeviceTimeout:
            self._silent_polls += 1
            if self._silent_polls >= SILENT_POLLS:
                self._reports = False
                self._tell(_SILENT)
            return None
        if self._ticket is not None:
            await look(self._line)
        return status

    def _heard(self, status: RealTimeStatus) -> None:
        self._silent_polls = 0
        if {Fault.CUTTER_JAM, Fault.COVER_OPEN} <= status.faults:
            self._recover_at_s = 0.0
        self._tell(with_presenter(status.told(printing=self._printing), self._line.latest_full))

    def _tell(self, status: PrinterStatus) -> None:
        if status != self.status:
            self.status = status
            assert self._listener is not None
            self._listener(status)

    # --- jobs ---

    async def _run(self, order: _Order) -> None:
        """Run the job that waits. Raises OfflineError when the line is dead afterwards."""
        try:
            if not await self._ready():
                order.end(JobOutcome.FAILED)
                return
            self._residue, self._cleared = Residue.JOB, False
            with self._busy():
                self._jobs += 1
                question = process_id_question(self._jobs) if self._settings.process_id else paper_question()
                outcome = await order.job.run(self._line, question, self._settings.speed_mm_s)
                if outcome is JobOutcome.PRINTED:
                    self._residue, self._cleared = Residue.NONE, True
                    outcome = await self._follow(order)
            self._tidy_at_s = 0.0
            order.end(outcome)
        finally:
            if order.outcome.done():
                self._order = None
        if not outcome.came_out and not self._line_is_lost and self._line.unsent():
            self._line.close()  # what still waits in it must not follow later
            await self._line.open()

    async def _follow(self, order: _Order) -> JobOutcome:
        """Follow a printed ticket to the customer's hand, where the printer can see that."""
        order.job.outcome_if_cut_short = JobOutcome.PRINTED
        if self._ticket is None:
            return JobOutcome.PRINTED
        return await Collection(self._line, self._ticket, order.seen_at_mouth).follow()

    async def _ready(self) -> bool:
        """Tell whether a job can start: the printer answers, can print, and holds nothing old."""
        for _ in range(_PATIENCE_POLLS):
            status = await self._look()
            if status is None or not with_presenter(status.told(), self._line.latest_full).can_print:
                return False
            if not status.busy:
                return await self._emptied(status) and await self._mouth_is_free()
            await asyncio.sleep(self._poll_s)
        return False

    async def _mouth_is_free(self) -> bool:
        """Make room for the next ticket, so that nobody gets another's. Raises OfflineError."""
        full = self._line.latest_full
        if self._ticket is None or full is None or KioskPaperBits.TICKET_IN_OUTPUT not in full.paper:
            return True
        return await remove(self._line, self._ticket.put_away)

    @contextlib.contextmanager
    def _busy(self) -> Iterator[None]:
        self._printing = True
        if self._line.latest is not None:
            self._heard(self._line.latest)
        try:
            yield
        finally:
            self._printing = False
            if self._line.latest is not None and not self._line_is_lost:
                self._heard(self._line.latest)

    def _end_order(self) -> None:
        """Tell a waiting caller what is sure when nobody will work on the job any more."""
        order, self._order = self._order, None
        if order is not None:
            order.end(order.job.outcome_if_cut_short)

    # --- what the printer may still hold ---

    async def _tidy(self, status: RealTimeStatus) -> None:
        """Empty an idle printer of an old job, before new paper brings it out; now and then try a jammed cutter again."""
        now_s = asyncio.get_running_loop().time()
        if Fault.CUTTER_JAM not in status.faults:
            self._recover_at_s = None
        elif self._recover_at_s is None:
            self._recover_at_s = now_s + RECOVER_EVERY_S
        elif now_s >= self._recover_at_s and Fault.COVER_OPEN not in status.faults:
            self._recover_at_s = now_s + RECOVER_EVERY_S
            self._line.command(RECOVER_AFTER_CLEARING)
        if not self._cleared:  # at every poll, so that it is done before new paper brings an old job out
            self._cleared = await clear(self._line)
        if now_s >= self._tidy_at_s and not await self._emptied(status):
            self._tidy_at_s = now_s + TIDY_EVERY_S
        if self._ticket is not None:
            await self._tidy_mouth(self._ticket, now_s)

    async def _tidy_mouth(self, policy: TicketPolicy, now_s: float) -> None:
        """See to a ticket that no job follows: from before a restart, or one that would not move the first time."""
        if not self.status.ticket_waits:
            self._waits_since_s = None
        elif self._waits_since_s is None:
            self._waits_since_s = now_s
        elif now_s - self._waits_since_s >= policy.take_s:
            self._waits_since_s = now_s
            if policy.not_taken != "leave":
                await remove(self._line, policy.put_away)

    async def _emptied(self, status: RealTimeStatus) -> bool:
        """Make sure that the printer holds nothing old; return whether it is sure. Raises OfflineError."""
        if self._residue is not Residue.NONE:
            self._cleared = self._cleared or await clear(self._line)
            if not status.told().can_print or status.busy:
                return False  # it reads nothing now: more data would only fill its buffer
            if self._cleared and self._residue is Residue.UNKNOWN:
                emptied = await pad(self._line)
            else:
                put_away = self._ticket.put_away if self._ticket is not None else b""
                emptied = await run_empty(self._line, self._residue, self._reply_timeout_s, put_away)
            if not emptied:
                return False
            self._residue, self._cleared = Residue.NONE, True
        if self._automatic and not self._reports:
            self._line.command(AUTOMATIC_STATUS_ON)
            self._reports = True
        return True
