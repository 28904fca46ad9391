"""The only place in the project that decides what time it is.

Real runs use asyncio's own loop and :class:`RealCalendar`. Simulation uses :class:`VirtualTimeLoop`, whose clock jumps to
the next timer as soon as nothing is ready, and :class:`VirtualCalendar`, which reads the date off that loop. Inside, virtual
time is whole nanoseconds: adding floats would drift and make two runs of one seed differ.
"""

import asyncio
import math
import time
from collections.abc import Coroutine
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

JST = timezone(timedelta(hours=9), "JST")
"""Japan has one time zone and no daylight saving time."""

SIMULATION_EPOCH = datetime(2026, 11, 22, 9, 0, 0, tzinfo=JST)
"""Date and time at second 0 of a virtual loop, unless the caller gives another."""


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


class _JumpingSelector:
    """Stands where a loop keeps its selector; instead of waiting for files it moves the clock."""

    def __init__(self) -> None:
        self.now_ns = 0

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise DeadlockError("nothing is ready and no timer is set: all tasks wait for each other")
        if timeout > 0:
            self.now_ns += math.ceil(timeout * 1e9)
        return []

    def close(self) -> None: ...


class VirtualTimeLoop(asyncio.base_events.BaseEventLoop):
    """An event loop whose clock runs as fast as the work allows.

    It has no files, sockets, subprocesses or threads: whatever asks for one fails at once, because a thread would make the
    order of events depend on the machine. The same tasks give the same trace on every run.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = _JumpingSelector()
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._selector.now_ns / 1e9

    def _process_events(self, event_list: list[Any]) -> None: ...

    def _write_to_self(self) -> None:
        raise RuntimeError("threads are forbidden in virtual time")

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        raise RuntimeError(f"threads are forbidden in virtual time (asked for by {func!r})")


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
