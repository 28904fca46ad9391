"""The line in one process: when bytes arrive, and what a pulled cable does."""

import asyncio
from collections.abc import Iterator
from secrets import SystemRandom

import pytest

from hardware.errors import OfflineError
from hardware.links.bus import PartyLine
from hardware.links.memory import MemoryEnd, memory_line
from hardware.links.port import SerialPort, SerialSettings
from hardware.links.tap import Tap
from tests.hardware.virtualtime import in_virtual_time


class Ear:
    """Hears one end of a line, with the time of each piece."""

    def __init__(self, end: MemoryEnd) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.lost: list[str] = []
        end.attach(self._bytes, lambda error: self.lost.append(str(error)))

    def _bytes(self, data: bytes) -> None:
        self.heard.append((round(asyncio.get_running_loop().time(), 9), data))


class Line:
    """Both ends of an open line and what they hear."""

    def __init__(self, latency_s: float = 0.001) -> None:
        self.host, self.device = memory_line("validator", latency_s)
        self.at_host, self.at_device = Ear(self.host), Ear(self.device)

    async def open(self) -> "Line":
        await self.host.open()
        await self.device.open()
        return self


@in_virtual_time
async def test_bytes_arrive_after_the_latency_in_order_in_both_directions() -> None:
    line = await Line(0.01).open()
    line.host.write(b"a")
    line.device.write(b"x")
    await asyncio.sleep(0.005)
    line.host.write(b"b")
    assert line.at_device.heard == []
    await asyncio.sleep(1)
    assert line.at_device.heard == [(0.01, b"a"), (0.015, b"b")]
    assert line.at_host.heard == [(0.01, b"x")]


@in_virtual_time
async def test_without_latency_bytes_still_never_arrive_inside_the_write() -> None:
    line = await Line(0).open()
    line.host.write(b"a")
    line.host.write(b"b")
    assert line.at_device.heard == []
    await asyncio.sleep(0)
    assert line.at_device.heard == [(0.0, b"a"), (0.0, b"b")]


@in_virtual_time
async def test_nothing_waits_to_be_sent() -> None:
    line = await Line().open()
    line.host.write(bytes(100_000))
    await line.host.drain()
    assert line.host.unsent() == 0


@in_virtual_time
async def test_a_line_that_is_not_open_takes_nothing() -> None:
    host, _ = memory_line("validator")
    Ear(host)
    with pytest.raises(OfflineError, match="validator: not open"):
        host.write(b"a")
    with pytest.raises(OfflineError, match="validator: not open"):
        await host.drain()


@in_virtual_time
async def test_what_is_sent_to_a_closed_end_is_lost_and_nobody_is_told() -> None:
    line = await Line().open()
    line.device.close()
    line.device.close()
    line.host.write(b"a")
    await asyncio.sleep(1)
    await line.device.open()
    line.host.write(b"b")
    await asyncio.sleep(1)
    assert [data for _, data in line.at_device.heard] == [b"b"]
    assert line.at_device.lost == line.at_host.lost == []


@in_virtual_time
async def test_a_pulled_cable_is_told_once_to_each_open_end_and_swallows_what_is_under_way() -> None:
    line = await Line().open()
    line.host.write(b"a")
    line.host.unplug()
    line.host.unplug()
    await asyncio.sleep(1)
    assert line.at_device.heard == []
    assert line.at_host.lost == ["validator: unplugged"]
    assert line.at_device.lost == ["validator (device): unplugged"]
    for end in (line.host, line.device):
        with pytest.raises(OfflineError):
            end.write(b"b")
        with pytest.raises(OfflineError, match="unplugged"):
            await end.open()


@in_virtual_time
async def test_an_end_that_was_closed_is_not_told_that_the_cable_was_pulled() -> None:
    line = await Line().open()
    line.host.close()
    line.device.unplug()
    assert line.at_host.lost == []
    assert len(line.at_device.lost) == 1


@in_virtual_time
async def test_after_replugging_each_end_has_to_be_opened_again() -> None:
    line = await Line().open()
    line.host.unplug()
    line.host.replug()
    with pytest.raises(OfflineError, match="not open"):
        line.host.write(b"a")
    await line.open()
    line.host.write(b"b")
    line.device.write(b"y")
    await asyncio.sleep(1)
    assert [data for _, data in line.at_device.heard] == [b"b"]
    assert [data for _, data in line.at_host.heard] == [b"y"]


@in_virtual_time
async def test_what_passes_can_be_cut_and_something_can_happen_between_the_pieces() -> None:
    line = await Line().open()

    def cut(data: bytes) -> Iterator[bytes]:
        yield data[:2]
        line.device.close()
        yield data[2:]

    line.device.passing = cut
    line.host.write(b"abc")
    await asyncio.sleep(1)
    assert line.at_device.heard == [(0.001, b"ab")]


def test_only_keys_for_a_line_within_this_process_can_be_known_beforehand() -> None:
    host, _ = memory_line("validator")
    again, _ = memory_line("validator")
    assert host.dice.randbytes(8) == again.dice.randbytes(8)
    shared = PartyLine(memory_line("validator")[0]).member("coins")
    assert Tap(shared, print).dice is shared.dice
    assert not isinstance(shared.dice, SystemRandom)
    assert isinstance(SerialPort("/dev/ttyUSB0", SerialSettings()).dice, SystemRandom)
