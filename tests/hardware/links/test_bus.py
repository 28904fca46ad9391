"""A party line: who hears what, who opens and closes it, and whose turn it is."""

import asyncio
from random import Random

import pytest

from hardware.errors import OfflineError
from hardware.links.bus import BusMember, PartyLine
from hardware.links.faultylink import FaultyLink
from hardware.links.link import Link
from hardware.links.memory import MemoryEnd, memory_line
from hardware.links.tap import Tap
from tests.hardware.virtualtime import in_virtual_time


class Ear:
    """A user of a link, and all it has heard."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard = b""
        self.losses: list[str] = []
        link.attach(self._hear, lambda error: self.losses.append(str(error)))

    def _hear(self, data: bytes) -> None:
        self.heard += data


async def party() -> tuple[MemoryEnd, PartyLine, list[Ear], Ear]:
    """Return a line's host end shared by three members, and the device's end."""
    host, device = memory_line("bus")
    far = Ear(device)
    await device.open()
    line = PartyLine(host)
    return host, line, [Ear(line.member(name)) for name in ("coins", "hopper-500", "hopper-100")], far


@in_virtual_time
async def test_every_open_member_hears_what_comes_in_and_only_the_far_end_what_one_writes() -> None:
    _, _, ears, far = await party()
    for ear in ears[:2]:
        await ear.link.open()
    far.link.write(b"hello")
    ears[0].link.write(b"question")
    await asyncio.sleep(0.01)
    assert [ear.heard for ear in ears] == [b"hello", b"hello", b""]
    assert far.heard == b"question"


@in_virtual_time
async def test_the_line_is_open_while_any_member_is() -> None:
    host, _, ears, far = await party()
    for ear in ears:
        await ear.link.open()
        await ear.link.open()
    for ear in ears[:2]:
        ear.link.close()
        ear.link.close()
    with pytest.raises(OfflineError):
        ears[0].link.write(b"x")
    ears[2].link.write(b"still")
    await ears[2].link.drain()
    await asyncio.sleep(0.01)
    assert far.heard == b"still"
    ears[2].link.close()
    with pytest.raises(OfflineError):
        host.write(b"x")
    await ears[0].link.open()
    ears[0].link.write(b" again")
    await asyncio.sleep(0.01)
    assert far.heard == b"still again"


@in_virtual_time
async def test_members_that_open_at_the_same_time_open_the_line_once() -> None:
    host, _, ears, _ = await party()
    opened = 0
    open_host = host.open

    async def slowly() -> None:
        nonlocal opened
        opened += 1
        await asyncio.sleep(0.5)
        await open_host()

    host.open = slowly  # type: ignore[method-assign]
    await asyncio.gather(*(ear.link.open() for ear in ears))
    assert opened == 1
    for ear in ears:
        ear.link.write(b"x")


@in_virtual_time
async def test_a_cable_pulled_is_told_to_every_member_and_each_may_open_again() -> None:
    host, _, ears, far = await party()
    for ear in ears[:2]:
        await ear.link.open()
    host.unplug()
    assert [len(ear.losses) for ear in ears] == [1, 1, 0]
    assert "coins" in ears[0].losses[0]
    with pytest.raises(OfflineError):
        await ears[0].link.open()
    host.replug()
    await far.link.open()
    await ears[1].link.open()
    ears[1].link.write(b"back")
    await asyncio.sleep(0.01)
    assert far.heard == b"back"
    with pytest.raises(OfflineError):
        ears[0].link.write(b"x")


@in_virtual_time
async def test_a_member_that_closes_another_while_it_hears_is_obeyed() -> None:
    _, line, ears, far = await party()
    for ear in ears[:2]:
        await ear.link.open()
    second = ears[1].link
    assert isinstance(second, BusMember)
    ears[0].link.attach(lambda data: second.close(), lambda error: None)
    far.link.write(b"hello")
    await asyncio.sleep(0.01)
    assert ears[1].heard == b""
    assert not line.has(second)


@in_virtual_time
async def test_all_members_share_one_turn_through_whatever_wraps_them_and_two_lines_do_not() -> None:
    _, line, ears, far = await party()
    turns = {ear.link.turn for ear in ears} | {line.turn}
    turns |= {Tap(ears[0].link, lambda text: None).turn, FaultyLink(ears[1].link, Random(0)).turn}
    assert len(turns) == 1
    assert far.link.turn not in turns
    said: list[str] = []

    async def ask(name: str) -> None:
        async with ears[0].link.turn:
            said.append(f"{name} asks")
            await asyncio.sleep(0.1)
            said.append(f"{name} has its answer")

    await asyncio.gather(ask("coins"), ask("hopper"))
    assert said == ["coins asks", "coins has its answer", "hopper asks", "hopper has its answer"]
