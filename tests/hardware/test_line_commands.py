"""The bench commands ``line ...``: every emulator has them, none knows of them."""

import asyncio
import re
from typing import Any

import pytest

from hardware.clock import run_virtual
from hardware.emulator import BadCommand, EmulatorRunner
from hardware.links.memory import memory_line
from hardware.models import find_model
from hardware.protocols import make_emulator

STATUS = bytes.fromhex("FC 05 11 27 56")
POWER_UP = bytes.fromhex("FC 05 40 2B 15")


class Desk:
    """An ID-003 unit that has just got power, and a host that writes by hand."""

    def __init__(self) -> None:
        self.host, device = memory_line("validator", latency_s=0.0)
        self.runner = EmulatorRunner(make_emulator(find_model("jcm-id003-jpy")), device, lambda happening: None)
        self.heard: list[bytes] = []

    async def open(self) -> "Desk":
        self.host.attach(self.heard.append, lambda error: None)
        await self.runner.start()
        await self.host.open()
        await asyncio.sleep(1.0)
        return self

    def hand(self, line: str) -> dict[str, Any]:
        return self.runner.command(line)

    async def ask(self, request: bytes = STATUS) -> bytes:
        self.heard.clear()
        self.host.write(request)
        await asyncio.sleep(0.2)
        return b"".join(self.heard)


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("line drop", [b"", POWER_UP]),
        ("line drop 2", [b"", b"", POWER_UP]),
        ("line drop 1 host", [b"", POWER_UP]),
        ("line duplicate", [POWER_UP * 2, POWER_UP]),
        ("line flip 0 8", [bytes.fromhex("FD 04 40 2B 15"), POWER_UP]),
        ("line truncate 3", [POWER_UP[:3], POWER_UP]),
        ("line insert 00 FF", [b"\x00\xff" + POWER_UP, POWER_UP]),
        ("line replace FC 05 82 00", [bytes.fromhex("FC 05 82 00"), POWER_UP]),
        ("line join", [b"", POWER_UP * 2]),
        ("line mute on", [b"", b""]),
        ("line mute on host", [b"", b""]),
        ("line echo on", [STATUS + POWER_UP, STATUS + POWER_UP]),
        ("line stale on", [b"", POWER_UP]),
        ("line parity wrong", [b"", b""]),
        ("line parity bit7", [bytes.fromhex("FC 05 C0 2B 95"), bytes.fromhex("FC 05 C0 2B 95")]),
        ("line delay 0.15", [POWER_UP, POWER_UP]),
        ("line split 0.001", [POWER_UP, POWER_UP]),
        ("line corrupt 1 0", [POWER_UP]),
        ("line off", [POWER_UP]),
    ],
)
def test_a_fault_at_the_devices_end_reaches_the_host_as_named(command: str, answers: list[bytes]) -> None:
    async def suffer() -> None:
        desk = await Desk().open()
        assert desk.hand(command)["ok"]
        assert [await desk.ask() for _ in answers] == answers
        desk.hand("line off")
        assert await desk.ask() == POWER_UP

    run_virtual(suffer())


def test_noise_on_the_line_differs_from_what_was_sent_and_ends_with_off() -> None:
    async def suffer() -> None:
        desk = await Desk().open()
        for command in ("line corrupt", "line corrupt 2 3", "line insert garbage", "line baud wrong", "line stuck FF"):
            desk.hand(command)
            assert await desk.ask() != POWER_UP, command
            desk.hand("line off")
            assert await desk.ask() == POWER_UP

    run_virtual(suffer())


def test_a_cable_pulled_at_the_device_comes_back_with_the_device_alive() -> None:
    async def pull() -> None:
        desk = await Desk().open()
        desk.hand("line unplug")
        assert await desk.ask() == b""
        desk.hand("insert 1000")
        desk.hand("line replug")
        await asyncio.sleep(0.1)
        assert await desk.ask() == POWER_UP
        assert desk.hand("state")["mouth"] == {"yen": 1000, "place": "mouth"}

    run_virtual(pull())


@pytest.mark.parametrize(
    "command",
    [
        "line",
        "line sing",
        "line drop x",
        "line drop 1 2",
        "line corrupt 3",
        "line corrupt 1 2 3",
        "line flip",
        "line truncate",
        "line insert",
        "line insert GG",
        "line replace",
        "line delay",
        "line delay -1",
        "line delay nan",
        "line split soon",
        "line mute",
        "line parity odd",
        "line baud 300",
        "line stuck",
        "line drop 99999999999",
    ],
)
def test_what_is_not_understood_is_answered_with_what_would_be(command: str) -> None:
    async def mumble() -> None:
        desk = await Desk().open()
        with pytest.raises(BadCommand, match=r"^line .*takes|^line .*expected") as told:
            desk.hand(command)
        assert not re.search("float|fromhex", str(told.value)), "it is for people"
        assert await desk.ask() == POWER_UP

    run_virtual(mumble())


def test_help_lists_the_commands_of_the_line_beside_the_devices_own() -> None:
    async def ask() -> None:
        desk = await Desk().open()
        commands = desk.runner.commands()
        assert {"line drop [N] [host]", "line off", "line unplug", "power on|off"} <= set(commands)
        assert all(commands.values())

    run_virtual(ask())
