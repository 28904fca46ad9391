"""One question, one answer: the half-duplex line under every polled driver."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from hardware.errors import OfflineError
from hardware.links.link import Link

F = TypeVar("F")
F_contra = TypeVar("F_contra", contravariant=True)


class Splits(Protocol[F]):
    """What finds a protocol's frames in a stream: :class:`hardware.wire.splitter.FrameSplitter` or one like it."""

    def feed(self, data: bytes) -> list[F]:
        """Take what arrived and return the frames that are now complete, in order."""
        ...

    def reset(self) -> None:
        """Drop a frame that never became whole."""
        ...


class Watch(Protocol[F_contra]):
    """A question that is asked again and again while the same answer comes."""

    def question(self) -> bytes:
        """Return the next question as bytes; called once for each."""
        ...

    def answers(self, frame: F_contra) -> bool:
        """Tell whether a frame can be the answer to the question on the line."""
        ...

    def is_quiet(self, frame: F_contra) -> bool:
        """Tell whether an answer says nothing new. Called once for each answer: what it needs said back is said here."""
        ...


class Exchange(Generic[F]):
    """Puts one request at a time on a link and waits for the frame that answers it.

    A late answer to the previous question can look like an answer to this one. What helps: bytes that arrive while nobody
    asks are dropped, a broken frame is forgotten with every new question, and each question says what an answer to it can
    look like. The line keeps the order, so at worst the host sees the recent past, never a mixture.
    """

    def __init__(self, link: Link, splitter: Splits[F], reply_timeout_s: float) -> None:
        self._link = link
        self._loop: asyncio.AbstractEventLoop
        """Held while the line is open: asking for it costs a system call."""
        self._reply_timeout_s = reply_timeout_s
        self._splitter = splitter
        self._reply: asyncio.Future[F | None] | None = None
        self._accept: Callable[[F], bool] = lambda _: False
        self._watch: Watch[F] | None = None
        self._watch_ended: asyncio.Future[F | None] | None = None
        self._watch_asked_s = self._watch_interval_s = 0.0
        self._timer: asyncio.TimerHandle
        self.on_unasked: Callable[[F], None] | None = None
        """Hears frames that arrive while nobody asks, or that do not answer the question; None drops them."""
        self.lost: OfflineError | None = None
        """Why the line is gone, or None while it is open."""
        link.attach(self._arrived, self._line_lost)

    async def open(self) -> None:
        """Open the line. Raises OfflineError."""
        await self._link.open()
        self._loop = asyncio.get_running_loop()
        self.lost = None

    def now_s(self) -> float:
        """Return the loop's time; the line has been open."""
        return self._loop.time()

    def close(self) -> None:
        """Leave the line."""
        self._link.close()

    async def ask(self, request: bytes, accept: Callable[[F], bool], timeout_s: float | None = None) -> F | None:
        """Send ``request`` and return the first frame that ``accept`` takes; None after the time-out or when the line died."""
        loop = self._loop
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

    async def watch(self, watch: "Watch[F]", first_s: float, interval_s: float) -> F | None:
        """Ask again and again, first at ``first_s`` of the loop's clock, until an answer is not the quiet one; return that.

        None when an answer did not come, the line died, or :meth:`interrupt` was called: then ask in the ordinary way. An
        idle line costs two callbacks a question instead of two wake-ups of a task.
        """
        if self.lost is not None:
            return None
        loop = self._loop
        ended: asyncio.Future[F | None] = loop.create_future()
        self._watch, self._watch_ended, self._watch_interval_s = watch, ended, interval_s
        self._timer = loop.call_at(first_s, self._watch_asks)
        try:
            return await ended
        finally:
            self._timer.cancel()
            self._watch = self._watch_ended = None

    def interrupt(self) -> None:
        """End a :meth:`watch`, if one is on."""
        if self._watch_ended is not None:
            _give_up(self._watch_ended)

    def _watch_asks(self) -> None:
        watch, ended = self._watch, self._watch_ended
        if watch is None or ended is None or ended.done():
            return
        loop = self._loop
        self._watch_asked_s = loop.time()
        self._splitter.reset()
        self.tell(watch.question())
        self._timer = loop.call_later(self._reply_timeout_s, self.interrupt)

    def _watched(self, watch: "Watch[F]", frame: F) -> None:
        ended = self._watch_ended
        assert ended is not None
        if ended.done():
            return
        if not watch.answers(frame):
            if self.on_unasked is not None:
                self.on_unasked(frame)
        elif watch.is_quiet(frame):
            self._timer.cancel()
            self._timer = self._loop.call_at(self._watch_asked_s + self._watch_interval_s, self._watch_asks)
        else:
            ended.set_result(frame)

    def tell(self, message: bytes) -> None:
        """Send what has no answer. A dead line is noted in ``lost`` and not raised."""
        try:
            self._link.write(message)
        except OfflineError as error:
            self._line_lost(error)

    def _arrived(self, data: bytes) -> None:
        reply = self._reply
        watch = self._watch
        if watch is not None:
            for frame in self._splitter.feed(data):
                self._watched(watch, frame)
            return
        if reply is None and self.on_unasked is None:
            return
        for frame in self._splitter.feed(data):
            if reply is not None and not reply.done() and self._accept(frame):
                reply.set_result(frame)
            elif self.on_unasked is not None:
                self.on_unasked(frame)

    def _line_lost(self, error: OfflineError) -> None:
        self.lost = error
        self.interrupt()
        if self._reply is not None:
            _give_up(self._reply)


def _give_up(reply: "asyncio.Future[F | None]") -> None:
    if not reply.done():
        reply.set_result(None)
