"""The virtual-time loop: time that jumps, an order that never varies, and no way out to threads."""

import asyncio
import gc
import random
import weakref
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from hardware.clock import (
    JST,
    SIMULATION_EPOCH,
    DeadlockError,
    RealCalendar,
    VirtualCalendar,
    VirtualTimeLoop,
    run_virtual,
    stopwatch_s,
)


def now_s() -> float:
    return asyncio.get_running_loop().time()


def test_a_day_passes_in_no_time() -> None:
    async def wait_a_day() -> float:
        await asyncio.sleep(86_400)
        return now_s()

    began = stopwatch_s()
    assert run_virtual(wait_a_day()) == 86_400
    assert stopwatch_s() - began < 5


def test_work_that_does_not_wait_takes_no_time() -> None:
    async def work() -> float:
        for _ in range(1000):
            await asyncio.sleep(0)
        return now_s()

    assert run_virtual(work()) == 0


def test_a_loop_that_is_over_holds_nobody_who_was_still_to_be_called() -> None:
    class Somebody:
        def called(self, *what: object) -> None:
            raise AssertionError(what)

    async def begin() -> tuple[asyncio.AbstractEventLoop, weakref.ref[Somebody]]:
        somebody, loop = Somebody(), asyncio.get_running_loop()
        loop.call_later(3600, somebody.called)
        return loop, weakref.ref(somebody)

    loop, somebody = run_virtual(begin())
    gc.collect()
    assert loop.is_closed()
    assert somebody() is None


def test_sleepers_wake_in_order_of_time_and_those_of_one_moment_in_order_of_asking() -> None:
    async def sleep_all() -> list[tuple[float, str]]:
        woken: list[tuple[float, str]] = []

        async def sleep(name: str, delay_s: float) -> None:
            await asyncio.sleep(delay_s)
            woken.append((now_s(), name))

        async with asyncio.TaskGroup() as group:
            for name, delay_s in (("late", 3.0), ("a", 1.0), ("b", 1.0), ("early", 0.5), ("c", 1.0)):
                group.create_task(sleep(name, delay_s))
        return woken

    assert run_virtual(sleep_all()) == [(0.5, "early"), (1.0, "a"), (1.0, "b"), (1.0, "c"), (3.0, "late")]


@pytest.mark.parametrize(
    ("delay_s", "times", "total_s"),
    [(1e-6, 1_000_000, 1.0), (0.1, 100_000, 10_000.0), (0.2 + 0.1, 10_000, 3_000.0), (3e-9, 10_000, 3e-5)],
)
def test_many_small_sleeps_add_up_to_the_nanosecond(delay_s: float, times: int, total_s: float) -> None:
    async def ring() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        left = times

        def tick() -> None:
            nonlocal left
            left -= 1
            if left:
                loop.call_later(delay_s, tick)
            else:
                done.set_result(None)

        loop.call_later(delay_s, tick)
        await done
        return loop.time()

    assert run_virtual(ring()) == total_s


def test_a_timer_set_for_a_moment_never_fires_before_it() -> None:
    async def set_timers() -> None:
        loop = asyncio.get_running_loop()
        dice = random.Random(7)
        early: list[tuple[float, float]] = []

        def check(when: float) -> None:
            if loop.time() < when or loop.time() - when > 1.5e-9:
                early.append((when, loop.time()))

        for _ in range(10_000):
            when = dice.random() * 100
            loop.call_at(when, check, when)
        await asyncio.sleep(101)
        assert early == []

    run_virtual(set_timers())


def test_a_timer_for_the_past_fires_now_and_time_stands() -> None:
    async def look_back() -> list[float]:
        fired: list[float] = []
        await asyncio.sleep(5)
        asyncio.get_running_loop().call_at(1.0, lambda: fired.append(now_s()))
        await asyncio.sleep(0.5)
        return fired

    assert run_virtual(look_back()) == [5.0]


def test_a_cancelled_timer_neither_fires_nor_moves_time() -> None:
    async def cancel_many() -> tuple[list[int], float]:
        loop = asyncio.get_running_loop()
        fired: list[int] = []
        timers = [loop.call_later(10 + i, fired.append, i) for i in range(1000)]
        for i, timer in enumerate(timers):
            if i != 3:
                timer.cancel()
        await asyncio.sleep(20)
        return fired, loop.time()

    assert run_virtual(cancel_many()) == ([3], 20.0)


def test_time_outs_run_in_virtual_time() -> None:
    async def give_up() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        return now_s()

    assert run_virtual(give_up()) == 3600


def test_tasks_that_wait_for_each_other_are_a_deadlock() -> None:
    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError):
        run_virtual(wait_for_ever())


def test_a_deadlock_cancels_what_is_left_so_that_cleaning_up_still_happens() -> None:
    cleaned: list[str] = []

    async def hold(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(name)

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(hold("door"))
            group.create_task(hold("drawer"))

    with pytest.raises(DeadlockError):
        run_virtual(both())
    assert sorted(cleaned) == ["door", "drawer"]


@pytest.mark.parametrize(
    "escape",
    [
        lambda: asyncio.to_thread(print),
        lambda: asyncio.get_running_loop().run_in_executor(None, print),
        lambda: asyncio.get_running_loop().getaddrinfo("localhost", 80),
    ],
)
def test_threads_are_forbidden(escape: Callable[[], Awaitable[object]]) -> None:
    async def try_it() -> None:
        with pytest.raises(RuntimeError, match="threads are forbidden"):
            await escape()
        with pytest.raises(RuntimeError, match="threads are forbidden"):
            asyncio.get_running_loop().call_soon_threadsafe(print)

    run_virtual(try_it())


def test_files_sockets_and_processes_are_not_there() -> None:
    async def try_all() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(NotImplementedError):
            loop.add_reader(0, print)
        with pytest.raises(NotImplementedError):
            await asyncio.create_subprocess_exec("true")

    run_virtual(try_all())


def _busy_street(seed: int) -> list[tuple[float, int, int]]:
    async def street() -> list[tuple[float, int, int]]:
        trace: list[tuple[float, int, int]] = []
        queue: asyncio.Queue[int] = asyncio.Queue(3)
        dice = random.Random(seed)

        async def walk(name: int) -> None:
            for _ in range(20):
                try:
                    async with asyncio.timeout(dice.choice((0.0, 0.1, 0.2))):
                        await queue.put(name)
                except TimeoutError:
                    trace.append((now_s(), name, -1))
                await asyncio.sleep(dice.choice((0.0, 0.1, 0.25)))

        async def serve() -> None:
            while True:
                trace.append((now_s(), -1, await queue.get()))
                await asyncio.sleep(0.05)

        server = asyncio.create_task(serve())
        async with asyncio.TaskGroup() as group:
            for name in range(10):
                group.create_task(walk(name))
        server.cancel()
        return trace

    return run_virtual(street())


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    first = _busy_street(1)
    assert len(first) > 100
    assert all(_busy_street(1) == first for _ in range(3))
    assert _busy_street(2) != first


def test_a_closed_loop_takes_no_timers() -> None:
    loop = VirtualTimeLoop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_later(1, print)


def test_the_calendar_of_a_loop_is_its_epoch_and_the_seconds_it_has_lived() -> None:
    async def look() -> None:
        calendar = VirtualCalendar(asyncio.get_running_loop())
        assert calendar.now() == SIMULATION_EPOCH
        await asyncio.sleep(3600.5)
        assert calendar.now() - SIMULATION_EPOCH == timedelta(seconds=3600.5)

    run_virtual(look())


def test_calendars_tell_japanese_time() -> None:
    assert RealCalendar().now().utcoffset() == timedelta(hours=9)
    assert SIMULATION_EPOCH.tzinfo is JST
