"""One question, one answer: the half-duplex line under every polled driver."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from hardware.errors import OfflineError
from hardware.links.link import Link

F = TypeVar("F")


class Splits(Protocol[F]):
    """What finds a protocol's frames in a stream: :class:`hardware.wire.splitter.FrameSplitter` or one like it."""

    def feed(self, data: bytes) -> list[F]:
        """Take what arrived and return the frames that are now complete, in order."""
        ...

    def reset(self) -> None:
        """Drop a frame that never became whole."""
        ...


class Exchange(Generic[F]):
    """Puts one request at a time on a link and waits for the frame that answers it.

    A late answer to the previous question can look like an answer to this one. What helps: bytes that arrive while nobody
    asks are dropped, a broken frame is forgotten with every new question, and each question says what an answer to it can
    look like. The line keeps the order, so at worst the host sees the recent past, never a mixture.
    """

    def __init__(self, link: Link, splitter: Splits[F], reply_timeout_s: float) -> None:
        self._link = link
        self._reply_timeout_s = reply_timeout_s
        self._splitter = splitter
        self._reply: asyncio.Future[F | None] | None = None
        self._accept: Callable[[F], bool] = lambda _: False
        self.on_unasked: Callable[[F], None] | None = None
        """Hears frames that arrive while nobody asks, or that do not answer the question; None drops them."""
        self.lost: OfflineError | None = None
        """Why the line is gone, or None while it is open."""
        link.attach(self._arrived, self._line_lost)

    async def open(self) -> None:
        """Open the line. Raises OfflineError."""
        await self._link.open()
        self.lost = None

    def close(self) -> None:
        """Leave the line."""
        self._link.close()

    async def ask(self, request: bytes, accept: Callable[[F], bool], timeout_s: float | None = None) -> F | None:
        """Send ``request`` and return the first frame that ``accept`` takes; None after the time-out or when the line died."""
        loop = asyncio.get_running_loop()
        self._splitter.reset()
        self._accept = accept
        reply: asyncio.Future[F | None] = loop.create_future()
        self._reply = reply
        self.tell(request)
        timer = loop.call_later(self._reply_timeout_s if timeout_s is None else timeout_s, _give_up, reply)
        try:
            return await reply
        finally:
            timer.cancel()
            self._reply = None

    def tell(self, message: bytes) -> None:
        """Send what has no answer. A dead line is noted in ``lost`` and not raised."""
        try:
            self._link.write(message)
        except OfflineError as error:
            self._line_lost(error)

    def _arrived(self, data: bytes) -> None:
        reply = self._reply
        if reply is None and self.on_unasked is None:
            return
        for frame in self._splitter.feed(data):
            if reply is not None and not reply.done() and self._accept(frame):
                reply.set_result(frame)
            elif self.on_unasked is not None:
                self.on_unasked(frame)

    def _line_lost(self, error: OfflineError) -> None:
        self.lost = error
        if self._reply is not None:
            _give_up(self._reply)


def _give_up(reply: "asyncio.Future[F | None]") -> None:
    if not reply.done():
        reply.set_result(None)
