"""Every shipped model of cash, as a user meets it: one process emulates it on a pty, another drives it there."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from hardware.models import DeviceModel, load_models, models_folder
from tests.hardware.processes import Command, emulator, hardware

AT_ONCE = 4
"""Pairs of processes: a machine with two cores has to get through all of them."""


async def _each(device_class: str, check: Callable[[DeviceModel, Path], Awaitable[None]], folder: Path) -> None:
    """Check every model of a class, some at a time."""
    models = [m for m in load_models(models_folder()).values() if m.device_class == device_class and m.has_wire]
    assert models
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(model: DeviceModel) -> None:
        async with turns:
            try:
                await check(model, folder / model.name)
            except BaseException as error:
                error.add_note(f"model: {model.name}")
                raise

    async with asyncio.TaskGroup() as group:
        for model in models:
            group.create_task(one(model))


async def _until_in_escrow(unit: Command, yen: int) -> None:
    """Put a note in: it waits at the mouth, or is pushed out, until the host has enabled the unit; then again."""
    while True:
        unit.type(f"insert {yen}")
        if (await unit.until("note_in_escrow", "note_refused"))["event"] == "note_in_escrow":
            return
        await unit.until("note_returned")


async def _takes_a_note(model: DeviceModel, pty: Path) -> None:
    async with emulator(model.name, pty) as unit, hardware("drive", model.name, "--port", pty, "--accept") as driver:
        await driver.until("acceptor_status", ready=True)
        await _until_in_escrow(unit, 1000)
        await driver.until("note_stacked", yen=1000)
        await unit.until("note_stacked", yen=1000)


async def _gives_a_note_back(model: DeviceModel, pty: Path) -> None:
    async with emulator(model.name, pty) as unit, hardware("drive", model.name, "--port", pty, "--return") as driver:
        await driver.until("acceptor_status", ready=True)
        await _until_in_escrow(unit, 2000)
        await driver.until("note_returned", yen=2000)
        assert "note_stacked" not in unit.events()


async def _takes_a_coin(model: DeviceModel, pty: Path) -> None:
    async with emulator(model.name, pty) as unit, hardware("drive", model.name, "--port", pty) as driver:
        await driver.until("coin_acceptor_status", ready=True)
        fate = {"event": "coin_refused"}
        while fate["event"] == "coin_refused":  # until the unit is enabled
            unit.type("insert 100")
            fate = await unit.until("coin_admitted", "coin_refused")
        await driver.until("coin_accepted", yen=100)
        unit.type("insert 500b")
        await driver.until("coin_accepted", yen=500)


async def _pays_out(model: DeviceModel, pty: Path) -> None:
    yen = int(model.name.split("-")[-2])
    pay = ("drive", model.name, "--port", pty, "--pay", f"{yen}:3")
    async with emulator(model.name, pty) as unit, hardware(*pay) as driver:
        unit.type("state")
        told = await driver.until("payout")
        assert (told["outcome"], told["paid"]) == ("done", {str(yen): 3})


def test_every_bill_validator_takes_a_note_behind_a_pty(tmp_path: Path) -> None:
    asyncio.run(_each("bill", _takes_a_note, tmp_path))


def test_every_bill_validator_gives_a_note_back_behind_a_pty(tmp_path: Path) -> None:
    asyncio.run(_each("bill", _gives_a_note_back, tmp_path))


def test_every_coin_acceptor_takes_both_kinds_of_500_yen_behind_a_pty(tmp_path: Path) -> None:
    asyncio.run(_each("coin", _takes_a_coin, tmp_path))


def test_every_hopper_pays_three_coins_behind_a_pty(tmp_path: Path) -> None:
    asyncio.run(_each("hopper", _pays_out, tmp_path))
