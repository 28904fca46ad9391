"""The right to speak on a shared line: one at a time, in order, whoever goes away."""

import asyncio

import pytest

from hardware.links.turn import Turn
from tests.hardware.virtualtime import in_virtual_time


@in_virtual_time
async def test_tasks_and_callbacks_speak_one_at_a_time_in_the_order_in_which_they_asked() -> None:
    turn, said = Turn(), list[str]()

    async def task(name: str) -> None:
        async with turn:
            said.append(f"{name} asks")
            await asyncio.sleep(0.1)
            said.append(f"{name} is done")

    def called() -> None:
        said.append("callback asks")
        asyncio.get_running_loop().call_later(0.1, passes_on)

    def passes_on() -> None:
        said.append("callback is done")
        turn.pass_on()

    first = asyncio.create_task(task("first"))
    await asyncio.sleep(0)
    assert turn.take(called) is not None
    await asyncio.gather(first, task("last"))
    assert said == ["first asks", "first is done", "callback asks", "callback is done", "last asks", "last is done"]
    assert turn.take(turn.pass_on) is None, "a free turn comes at once"
    assert turn.take(turn.pass_on) is None, "and was passed on"


@in_virtual_time
async def test_who_does_not_want_it_any_more_keeps_nobody_waiting() -> None:
    turn, said = Turn(), list[str]()
    async with turn:
        place = turn.take(lambda: said.append("never"))
        waits = asyncio.create_task(turn.__aenter__())
        await asyncio.sleep(0)
        assert place is not None
        place.cancel()
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        assert turn.take(lambda: said.append("now")) is not None
    await asyncio.sleep(0)
    assert said == ["now"]


@in_virtual_time
async def test_a_task_that_is_cancelled_as_its_turn_comes_passes_it_on() -> None:
    turn = Turn()
    await turn.__aenter__()
    waits = asyncio.create_task(turn.__aenter__())
    await asyncio.sleep(0)
    turn.pass_on()
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    async with asyncio.timeout(1):
        async with turn:
            pass
