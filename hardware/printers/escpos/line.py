"""The host's end of a printer's line: questions with their answers, sending with flow control, and what the printer says
by itself.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.errors import DeviceTimeout, OfflineError
from hardware.links.link import Link
from hardware.printers.escpos.ejector import FULL_STATUS, FullStatus
from hardware.printers.escpos.frames import real_time_status_request
from hardware.printers.escpos.status import (
    AutomaticStatus,
    Demultiplexer,
    FlowControl,
    FullStatusReply,
    Garbage,
    RealTimeReply,
    RealTimeStatus,
    Reply,
    SingleReply,
)

CHUNK_BYTES: Final = 256
BITS_A_BYTE: Final = 10
"""Start bit, eight data bits, stop bit."""


_STATUS_QUESTIONS: Final = b"".join(real_time_status_request(n) for n in (1, 2, 3, 4))


@dataclass
class _Expectation:
    wanted: Callable[[Reply], bool]
    count: int
    taken: list[Reply]
    future: "asyncio.Future[list[Reply]]"


class PrinterLine:
    """One link to one printer, opened as often as needed.

    ``heard`` is called with every status, asked for or not; ``lost`` when the line died.
    """

    def __init__(
        self,
        link: Link,
        *,
        baud: int,
        reply_timeout_s: float,
        heard: Callable[[RealTimeStatus], None],
        lost: Callable[[], None],
        full_status: bool = False,
    ) -> None:
        self._link = link
        self._baud = baud
        self._reply_timeout_s = reply_timeout_s
        self._heard = heard
        self._lost = lost
        self._full_status = full_status
        self._demultiplexer = Demultiplexer(full_status=full_status)
        self._expected: list[_Expectation] = []
        self._may_send = asyncio.Event()
        self.latest: RealTimeStatus | None = None
        """The last status since the line was opened."""
        self.latest_full: FullStatus | None = None
        """The last full status of a kiosk printer since then."""
        self.garbage = 0
        """How often something came that no reply is."""
        self.strays = 0
        """How many single-byte answers came that nobody had asked for (or not any more)."""
        link.attach(self._receive, self._line_lost)

    async def open(self) -> None:
        """Open the link afresh. Raises OfflineError."""
        self._demultiplexer = Demultiplexer(full_status=self._full_status)
        self._may_send.set()
        self.latest = None
        self.latest_full = None
        await self._link.open()

    def close(self) -> None:
        """Close the link and throw away what it has not sent; whoever still waits for an answer hears OfflineError."""
        self._link.close()
        self._fail_expectations(OfflineError(f"{self._link.name}: closed"))

    def unsent(self) -> int:
        """Return how many bytes written have not left yet."""
        return self._link.unsent()

    def duration_s(self, count: int) -> float:
        """Return how long ``count`` bytes take on the wire."""
        return count * BITS_A_BYTE / self._baud

    def expect(self, wanted: Callable[[Reply], bool], count: int = 1) -> "asyncio.Future[list[Reply]]":
        """Return a future for the next ``count`` replies that are ``wanted``; ask after this, never before. Cancel it to give
        up.
        """
        future: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self._expected.append(_Expectation(wanted, count, [], future))
        return future

    async def answer(
        self, question: bytes, wanted: Callable[[Reply], bool], count: int = 1, patience_s: float = 0.0
    ) -> list[Reply]:
        """Send real-time commands in one piece and return their ``count`` answers, in order.

        Waits ``patience_s`` where that is longer than the model's ``reply_timeout_s``. Raises DeviceTimeout when they do not
        all come in time or the line still holds older bytes, OfflineError when the line is dead.
        """
        if self._link.unsent():
            raise DeviceTimeout(f"{self._link.name}: the printer holds the line")
        future = self.expect(wanted, count)
        self._link.write(question)
        try:
            async with asyncio.timeout(max(self._reply_timeout_s, patience_s)):
                return await future
        except TimeoutError as error:
            raise DeviceTimeout(f"{self._link.name}: no answer to {question.hex(' ')}") from error

    async def ask_status(self, patience_s: float = 0.0) -> RealTimeStatus:
        """Ask ``DLE EOT`` 1 to 4 and take four answers in that order, since they do not say to which question they belong.

        It is all four or silence: when one is missing or garbled, the other three could be anybody's. An answer too late for
        its question arrives when none is open and is thrown away. Raises as :meth:`answer`.
        """
        answers = await self.answer(_STATUS_QUESTIONS, lambda reply: isinstance(reply, RealTimeReply), 4, patience_s)
        status = RealTimeStatus.decode(bytes(reply.byte for reply in answers if isinstance(reply, RealTimeReply)))
        self._note(status)
        return status

    async def ask_full_status(self) -> FullStatus:
        """Ask a kiosk printer for its full status (``DLE EOT 20``). Raises as :meth:`answer`."""
        (answer,) = await self.answer(FULL_STATUS, lambda reply: isinstance(reply, FullStatusReply))
        assert isinstance(answer, FullStatusReply)
        self.latest_full = answer.status
        if self.latest is not None:
            self._heard(self.latest)
        return answer.status

    def command(self, data: bytes) -> None:
        """Send a real-time command at once, XOFF or not: the printer acts on it before its buffer sees it."""
        self._link.write(data)

    def open_for_data(self) -> bool:
        """Tell whether the printer takes data: its last word was not XOFF."""
        return self._may_send.is_set()

    async def wait_for_xon(self) -> None:
        """Wait until the printer takes data. The caller bounds the wait."""
        await self._may_send.wait()

    async def send(self, chunk: bytes) -> None:
        """Send at most :data:`CHUNK_BYTES` at the speed of the wire. The caller bounds the wait. Raises OfflineError.

        Sending no faster than the wire keeps what is queued short, so that it stays known what can have reached the printer.
        """
        self._link.write(chunk)
        await self._link.drain()
        await asyncio.sleep(self.duration_s(len(chunk)))

    def _receive(self, data: bytes) -> None:
        for reply in self._demultiplexer.feed(data):
            match reply:
                case FlowControl(may_send):
                    (self._may_send.set if may_send else self._may_send.clear)()
                case AutomaticStatus(asb):
                    self._note(RealTimeStatus.from_asb(asb))
                case _:
                    self._deliver(reply)

    def _deliver(self, reply: Reply) -> None:
        """Give a reply to the oldest open question it answers; to none, and it is one nobody waits for any more."""
        self._expected = [one for one in self._expected if not one.future.done()]
        for one in self._expected:
            if one.wanted(reply):
                one.taken.append(reply)
                if len(one.taken) == one.count:
                    one.future.set_result(one.taken)
                return
        self.garbage += isinstance(reply, Garbage)
        self.strays += isinstance(reply, SingleReply)

    def _note(self, status: RealTimeStatus) -> None:
        self.latest = status
        self._heard(status)

    def _line_lost(self, error: OfflineError) -> None:
        self._fail_expectations(error)
        self._lost()

    def _fail_expectations(self, error: OfflineError) -> None:
        expected, self._expected = self._expected, []
        for one in expected:
            if not one.future.done():
                one.future.set_exception(error)
                one.future.exception()  # seen: nobody may be waiting for it
