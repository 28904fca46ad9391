"""What tests of drivers in virtual time have in common: the loop, waiting, and killing a host program."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

from hardware.clock import run_virtual
from hardware.links.memory import MemoryEnd

P = ParamSpec("P")


def in_virtual_time(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run an async test in a virtual loop."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        run_virtual(test(*args, **kwargs))

    return run


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Let virtual time pass until ``condition`` holds."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


async def kill(driver: Any, end: MemoryEnd) -> None:
    """End a driver as a killed process does: no goodbye."""
    task = driver._task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    end.close()
