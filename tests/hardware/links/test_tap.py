"""The tapped line: it behaves as the line inside, and writes down what passes."""

import asyncio

import pytest

from hardware.clock import run_virtual
from hardware.errors import OfflineError
from hardware.links.memory import memory_line
from hardware.links.tap import Tap
from tests.hardware.links.test_memory import Ear


def test_what_passes_is_written_down_with_time_direction_and_bytes() -> None:
    async def pass_bytes() -> list[str]:
        trace: list[str] = []
        host, device = memory_line("line 1", 0.25)
        Ear(device)
        tap = Tap(host, trace.append, "validator")
        heard: list[bytes] = []
        tap.attach(heard.append, lambda error: None)
        await device.open()
        await tap.open()
        tap.write(bytes.fromhex("fc051127 56"))
        await asyncio.sleep(1)
        device.write(b"\x00\xff")
        await asyncio.sleep(1)
        assert heard == [b"\x00\xff"]
        assert tap.unsent() == 0
        await tap.drain()
        host.unplug()
        return trace

    assert run_virtual(pass_bytes()) == [
        "0.000000 validator = open",
        "0.000000 validator > FC 05 11 27 56",
        "1.250000 validator < 00 FF",
        "2.000000 validator = lost: line 1: unplugged",
    ]


def test_a_tap_is_called_as_its_line_and_loses_and_comes_back_as_its_line_does() -> None:
    async def lose() -> None:
        trace: list[str] = []
        host, device = memory_line("printer")
        heard = Ear(device)
        tap = Tap(host, trace.append)
        lost: list[OfflineError] = []
        tap.attach(lambda data: None, lost.append)
        assert tap.name == "printer"
        with pytest.raises(OfflineError):
            tap.write(b"early")
        await device.open()
        await tap.open()
        host.unplug()
        assert [str(error) for error in lost] == ["printer: unplugged"]
        with pytest.raises(OfflineError):
            await tap.open()
        host.replug()
        await device.open()
        await tap.open()
        tap.write(b"late")
        await asyncio.sleep(1)
        assert [data for _, data in heard.heard] == [b"late"]
        tap.close()
        with pytest.raises(OfflineError):
            tap.write(b"too late")
        assert not any(b"early".hex(" ").upper() in line or b"too late".hex(" ").upper() in line for line in trace)

    run_virtual(lose())
