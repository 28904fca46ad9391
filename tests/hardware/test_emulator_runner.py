"""The runner between a pure emulator, a line and the loop's clock, shown with a doorbell that answers late."""

import asyncio
from typing import Any

import pytest

from hardware.clock import run_virtual
from hardware.emulator import BadCommand, Emulator, EmulatorRunner, Happening
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import find_model

LATENCY_S = 0.001
ANSWER_S = 0.25


class Doorbell(Emulator):
    """Echoes what it gets after ``ANSWER_S``; ``ring S`` makes it ring by itself after S seconds."""

    def __init__(self) -> None:
        super().__init__(find_model("jcm-id003-jpy"))
        self._replies: list[tuple[float, bytes]] = []
        self._rings: list[float] = []
        self._happenings: list[Happening] = []

    def receive(self, data: bytes, now_s: float) -> None:
        self.advance(now_s)
        self._replies.append((now_s + ANSWER_S, data))

    def advance(self, now_s: float) -> None:
        for due_s in [due_s for due_s in self._rings if due_s <= now_s]:
            self._rings.remove(due_s)
            self._happenings.append(Happening(due_s, "rang", {"asked_at": now_s}))

    def next_due_s(self) -> float | None:
        return min([due_s for due_s, _ in self._replies] + self._rings, default=None)

    def take_replies(self, now_s: float) -> bytes:
        due = b"".join(data for due_s, data in self._replies if due_s <= now_s)
        self._replies = [(due_s, data) for due_s, data in self._replies if due_s > now_s]
        return due

    def take_happenings(self) -> list[Happening]:
        taken, self._happenings = self._happenings, []
        return taken

    def command(self, line: str, now_s: float) -> dict[str, Any]:
        self.advance(now_s)
        word, _, delay_s = line.partition(" ")
        if word != "ring":
            raise BadCommand("ring S")
        self._rings.append(now_s + float(delay_s))
        return {"rings_at": self._rings[-1]}

    def commands(self) -> dict[str, str]:
        return {"ring S": "ring after S seconds"}


class Door:
    """A doorbell on a line, and the host's end of it."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.happened: list[tuple[float, Happening]] = []
        self.host, device_end = memory_line("door", LATENCY_S)
        self.host.attach(lambda data: self.heard.append((self.now_s(), data)), lambda error: None)
        self.runner = EmulatorRunner(Doorbell(), device_end, lambda told: self.happened.append((self.now_s(), told)))

    @staticmethod
    def now_s() -> float:
        return asyncio.get_running_loop().time()

    async def open(self) -> MemoryEnd:
        await self.runner.start()
        await self.host.open()
        return self.host


def test_a_reply_leaves_when_the_device_says_so_and_not_before() -> None:
    async def knock() -> None:
        door = Door()
        host = await door.open()
        host.write(b"a")
        await asyncio.sleep(0.1)
        host.write(b"b")
        await asyncio.sleep(1)
        whole = [(round(t, 6), data) for t, data in door.heard]
        assert whole == [(0.252, b"a"), (0.352, b"b")]

    run_virtual(knock())


def test_an_earlier_alarm_comes_first_and_the_later_one_still_comes() -> None:
    async def ring() -> None:
        door = Door()
        await door.open()
        assert door.runner.command("ring 5") == {"rings_at": 5.0}
        assert door.runner.command("ring 2") == {"rings_at": 2.0}
        assert door.runner.command("ring 9") == {"rings_at": 9.0}
        await asyncio.sleep(20)
        assert [(t, told.t, told.event) for t, told in door.happened] == [(t, t, "rang") for t in (2.0, 5.0, 9.0)]

    run_virtual(ring())


def test_a_command_that_is_not_understood_is_the_callers_and_changes_nothing() -> None:
    async def mumble() -> None:
        door = Door()
        await door.open()
        door.runner.command("ring 2")
        with pytest.raises(BadCommand, match="ring S"):
            door.runner.command("mumble")
        await asyncio.sleep(3)
        assert len(door.happened) == 1

    run_virtual(mumble())


def test_a_stopped_device_is_still_and_off_its_line() -> None:
    async def stop() -> None:
        door = Door()
        host = await door.open()
        door.runner.command("ring 2")
        host.write(b"a")
        await asyncio.sleep(0.1)
        door.runner.stop()
        host.write(b"b")
        await asyncio.sleep(5)
        assert (door.heard, door.happened) == ([], [])

    run_virtual(stop())


def test_a_device_whose_cable_is_out_lives_on_and_talks_into_nothing() -> None:
    async def unplug() -> None:
        door = Door()
        host = await door.open()
        host.write(b"a")
        door.runner.command("ring 2")
        await asyncio.sleep(0.1)
        host.unplug()
        await asyncio.sleep(5)
        assert door.heard == []
        assert [told.event for _, told in door.happened] == ["rang"]

    run_virtual(unplug())


def test_a_happening_in_json_has_its_time_in_whole_microseconds() -> None:
    assert Happening(1.23456789, "note_stacked", {"yen": 1000}).as_json() == {
        "t": 1.234568,
        "event": "note_stacked",
        "yen": 1000,
    }
