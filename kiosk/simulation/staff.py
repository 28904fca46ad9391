"""Staff between customers: new paper, empty boxes, full hoppers, a cleared fault. They count by hand and write it down."""

from collections.abc import Mapping

from hardware.bench import BenchDevice
from hardware.bills.emulator import BillEmulator
from hardware.changer.changer import CashChanger
from hardware.coins.emulator import HopperEmulator
from kiosk.simulation.attendant import AttendedShell
from kiosk.simulation.piles import Difference, box_and_float_are_one, changer_of, coin_box, float_in, note_box
from kiosk.simulation.world import World

BOX_PIECES = 250
"""Staff empty a box before it is full."""

FEW_PIECES = 12
FILLED_PIECES = 60
"""To what staff fill up a float that has come down to a few."""

PAPER_MM = 3000.0

VISITS_OF_A_DAY = 5
"""After so many staff close the first business day; the next can only be closed on another day."""


async def _say(world: World, words: str) -> None:
    """Say something at the desk, as both of the staff. Raises BadCommand when it is refused."""
    await AttendedShell(world).do(f"staff {words}")


def _counted(pieces: Mapping[int, int]) -> str:
    return " ".join(f"{yen}x{count}" for yen, count in sorted(pieces.items(), reverse=True))


async def repair(world: World) -> None:
    """Clear whatever a device itself says is wrong with it, and close what stands open."""
    for name, device in world.bench.devices.items():
        state = await world.hand_at(name, "state")
        if state.get("faults"):
            await world.hand_at(name, "clear")
        if state.get("cashbox_fitted") is False:
            await world.hand_at(name, "close")
        if state.get("cashbox_full"):
            await empty_box(world, name, device)


async def take_what_was_left(world: World) -> None:
    """Pull out a note that sticks in a mouth and holds up another one on its way: that comes back too."""
    for name, device in world.bench.devices.items():
        if isinstance(device.emulator, BillEmulator) and device.emulator.mechanism.paused:
            await world.hand_at(name, "pull-back")


async def go_round(world: World) -> None:
    """Look after the machine while nobody stands before it."""
    for name, device in world.bench.devices.items():
        if note_box(device).total() >= BOX_PIECES or coin_box(device).total() >= BOX_PIECES:
            await empty_box(world, name, device)
        await _fill_up(world, name, device)
    if world.printer.mechanism.paper_mm < PAPER_MM:
        await world.hand("printer", "paper new")
    if world.till.days.day.number == 1 and world.till.days.totals().visits >= VISITS_OF_A_DAY:
        await _say(world, "z")


async def empty_box(world: World, name: str, device: BenchDevice) -> None:
    """Take what lies in the boxes of a device out, and book it."""
    notes, coins = note_box(device), coin_box(device)
    if device.spec.model.device_class == "bill":
        for command in ("open", "empty", "close"):
            await world.hand_at(name, command)
    elif coins:
        await world.hand_at(name, "collect" if changer_of(device) else "empty")
    for place, found in (("CASHBOX", notes), ("COINBOX", coins)):
        if found and box_and_float_are_one(device):
            await _say(world, f"take {place} {_counted(found)} seal {name}")  # the rest of what is booked there is on drums
        elif found:
            booked = dict.fromkeys(world.till.cash.places().get(place, {}), 0)
            await _say(world, f"collect {place} {_counted(booked | found)} seal {name}")


async def count_by_hand(world: World, differences: dict[str, Difference]) -> None:
    """Count by hand what is not where the books say, tell machines that count, and write it down."""
    for device in world.bench.devices.values():
        changer, driver = changer_of(device), device.driver
        if changer is not None and isinstance(driver, CashChanger):
            lying = float_in(device)
            wrong = {yen: lying[yen] for yen, counted in changer.counts.items() if counted != lying[yen]}
            if wrong:
                await driver.adjust_cash_counts(wrong)
    found = world.till.cash.places()
    for account, (there, booked) in differences.items():
        place, _, yen = account.rpartition(":")
        pieces = found.setdefault(place, {})
        pieces[int(yen)] = pieces.get(int(yen), 0) + there - booked
    places = dict.fromkeys(account.rpartition(":")[0] for account in differences)
    for name, device in world.bench.devices.items():
        if box_and_float_are_one(device):
            # more is gone than was booked in the box: the rest was on the drums, with which it was compared as one
            box, drums = found.get("CASHBOX", {}), found.get(f"FLOAT:{name}", {})
            for piece in [piece for piece, count in box.items() if count < 0]:
                drums[piece] += box[piece]
                box[piece] = 0
                places[f"FLOAT:{name}"] = None
    for place in places:
        await _say(world, f"count {place} {_counted(found[place])}")


async def _fill_up(world: World, name: str, device: BenchDevice) -> None:
    """Pour in what is short, tell a machine that counts, and book it."""
    held = float_in(device)
    changer, driver = changer_of(device), device.driver
    if isinstance(device.emulator, HopperEmulator):
        hopper = device.emulator.mechanism
        if hopper.level < FEW_PIECES:
            more = min(FILLED_PIECES, hopper.capacity) - hopper.level
            await world.hand_at(name, f"fill {more}")
            await _say(world, f"fill {name} {hopper.yen}x{more}")
    elif changer is not None and isinstance(driver, CashChanger):
        for yen, unit in changer.units.items():
            if unit.loaded and held[yen] < FEW_PIECES:
                more = min(FILLED_PIECES, unit.capacity) - held[yen]
                await world.hand_at(name, f"load {yen} {more}")
                await driver.adjust_cash_counts({yen: changer.counts[yen] + more})
                await _say(world, f"fill {name} {yen}x{more}")
