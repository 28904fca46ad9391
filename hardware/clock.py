"""The only place in the project that decides what time it is.

Real runs use asyncio's own loop and :class:`RealCalendar`. Simulation uses :class:`VirtualTimeLoop`, whose clock jumps to
the next timer as soon as nothing is ready, and :class:`VirtualCalendar`, which reads the date off that loop. Inside, virtual
time stands on whole nanoseconds only: adding floats would drift away from the times that tests and journals name.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import datetime, timedelta, timezone
from heapq import heapify, heappop, heappush
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

JST = timezone(timedelta(hours=9), "JST")
"""Japan has one time zone and no daylight saving time."""

SIMULATION_EPOCH = datetime(2026, 11, 22, 9, 0, 0, tzinfo=JST)
"""Date and time at second 0 of a virtual loop, unless the caller gives another."""


_MANY_TIMERS = 100
"""Cancelled timers that are left lying in a loop's agenda until their time comes."""


class Calendar(Protocol):
    """Tells the date and time on the wall (not for measuring: that is the loop's ``time()``)."""

    def now(self) -> datetime:
        """Return the present moment in Japan, with its time zone."""
        ...


class RealCalendar:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(JST)


class VirtualCalendar:
    """Date and time of a virtual loop: the epoch plus the seconds that loop has lived."""

    def __init__(self, loop: asyncio.AbstractEventLoop, epoch: datetime = SIMULATION_EPOCH) -> None:
        self._loop = loop
        self._epoch = epoch

    def now(self) -> datetime:
        return self._epoch + timedelta(seconds=self._loop.time())


class DeadlockError(RuntimeError):
    """Every task of a virtual loop waits for something that no timer will ever bring."""


class VirtualTimeLoop(asyncio.base_events.BaseEventLoop):
    """An event loop whose clock runs as fast as the work allows.

    It has no files, sockets, subprocesses or threads: whatever asks for one fails at once, because a thread would make the
    order of events depend on the machine. The same tasks give the same trace on every run; timers of one moment fire in the
    order in which they were set.

    Tasks, futures and handles are asyncio's own. Only the agenda and the step through it are ours, because asyncio's compare
    timers in Python and ask a selector at every step, which took half the time of a simulation [M].
    """

    _ready: "deque[asyncio.Handle]"
    _stopping: bool

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._agenda: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timers_set = 0
        self._timers_cancelled = 0
        self._begun = 0

    @property
    def lined_up(self) -> int:
        """How many callbacks have begun or wait to: what is asked of the loop now comes behind so many."""
        return self._begun + len(self._ready)

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._now_s

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        # the nearest nanosecond to the sum: its last float bit, rounded up, would cost one nanosecond a sleep
        return self._set_timer(round((self._now_s + delay) * 1e9) / 1e9, callback, args, context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self._set_timer(when, callback, args, context)

    def _set_timer(
        self, when: float, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> asyncio.TimerHandle:
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._timers_set += 1
        heappush(self._agenda, (when, self._timers_set, timer))
        return timer

    def _timer_handle_cancelled(self, timer: asyncio.TimerHandle) -> None:
        """Throw cancelled timers away when they are many: a poll that sets an hour's time-out would pile them up."""
        self._timers_cancelled += 1
        if self._timers_cancelled > max(_MANY_TIMERS, len(self._agenda) // 2):
            self._agenda = [entry for entry in self._agenda if not entry[2].cancelled()]
            heapify(self._agenda)
            self._timers_cancelled = 0

    def _run_once(self) -> None:
        """Do what is ready, or jump to the next timer and do what is ready then. Raises DeadlockError."""
        ready, agenda = self._ready, self._agenda
        if not ready and not self._stopping:
            while agenda and agenda[0][2]._cancelled:
                heappop(agenda)
            if not agenda:
                raise DeadlockError("nothing is ready and no timer is set: all tasks wait for each other")
            when = agenda[0][0]
            if when > self._now_s:
                self._now_s = _whole_ns(when)
        now_s = self._now_s
        while agenda and agenda[0][0] <= now_s:
            ready.append(heappop(agenda)[2])
        for _ in range(len(ready)):  # what these make ready waits for the next step, as in asyncio
            handle = ready.popleft()
            self._begun += 1
            if not handle._cancelled:
                handle._run()

    def close(self) -> None:
        """Close it, and let go of whoever was still to be called: a closed loop may be remembered for long."""
        super().close()
        self._agenda.clear()

    def _write_to_self(self) -> None:
        raise RuntimeError("threads are forbidden in virtual time")

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        raise RuntimeError(f"threads are forbidden in virtual time (asked for by {func!r})")


def _whole_ns(t: float) -> float:
    """Return the first whole nanosecond, in seconds, that is not before ``t``: a timer never fires early."""
    ns = round(t * 1e9)
    return ns / 1e9 if ns / 1e9 >= t else (ns + 1) / 1e9


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end in a fresh virtual loop and return its result.

    Tasks left behind are cancelled, as ``asyncio.run`` does. Raises :class:`DeadlockError` when everything waits for ever.
    """
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def stopwatch_s() -> float:
    """Return a running count of real seconds, for saying how fast a simulation or a benchmark was; never for deciding."""
    return time.perf_counter()
