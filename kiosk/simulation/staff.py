"""Staff between customers: new paper, empty boxes, full hoppers, a cleared fault. They count by hand and write it down."""

from hardware.bench import BenchDevice
from hardware.changer.changer import CashChanger
from hardware.coins.emulator import HopperEmulator
from kiosk.ledger import accounts
from kiosk.simulation.piles import Difference, changer_of, coin_box, float_in, note_box
from kiosk.simulation.world import World

BOX_PIECES = 250
"""Staff empty a box before it is full."""

FEW_PIECES = 12
FILLED_PIECES = 60
"""To what staff fill up a float that has come down to a few."""

PAPER_MM = 3000.0


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


async def go_round(world: World) -> None:
    """Look after the machine while nobody stands before it."""
    for name, device in world.bench.devices.items():
        if note_box(device).total() >= BOX_PIECES or coin_box(device).total() >= BOX_PIECES:
            await empty_box(world, name, device)
        await _fill_up(world, name, device)
    if world.printer.mechanism.paper_mm < PAPER_MM:
        await world.hand("printer", "paper new")


async def empty_box(world: World, name: str, device: BenchDevice) -> None:
    """Take what lies in the boxes of a device out, and book it."""
    notes, coins = note_box(device), coin_box(device)
    if device.spec.model.device_class == "bill":
        for command in ("open", "empty", "close"):
            await world.hand_at(name, command)
    elif coins:
        await world.hand_at(name, "collect" if changer_of(device) else "empty")
    for yen, pieces in sorted(notes.items()):
        world.till.collected(accounts.cashbox(yen), pieces)
    for yen, pieces in sorted(coins.items()):
        world.till.collected(accounts.coinbox(yen), pieces)


async def count_by_hand(world: World, differences: dict[str, Difference]) -> None:
    """Count by hand what is not where the books say, tell machines that count, and write it down."""
    for device in world.bench.devices.values():
        changer, driver = changer_of(device), device.driver
        if changer is not None and isinstance(driver, CashChanger):
            lying = float_in(device)
            wrong = {yen: lying[yen] for yen, counted in changer.counts.items() if counted != lying[yen]}
            if wrong:
                await driver.adjust_cash_counts(wrong)
    books = world.journal.balances()
    for place, (there, booked) in differences.items():
        of_the_place = books.get(place, 0) // (accounts.denomination_of(place) or 1)
        legs = accounts.counted(place, of_the_place, of_the_place + there - booked)
        world.till.remark("counted by staff", legs, place=place, booked=booked, found=there)


async def _fill_up(world: World, name: str, device: BenchDevice) -> None:
    """Pour in what is short, tell a machine that counts, and book it."""
    held = float_in(device)
    changer, driver = changer_of(device), device.driver
    if isinstance(device.emulator, HopperEmulator):
        hopper = device.emulator.mechanism
        if hopper.level < FEW_PIECES:
            more = min(FILLED_PIECES, hopper.capacity) - hopper.level
            await world.hand_at(name, f"fill {more}")
            world.till.refilled(name, {hopper.yen: more})
    elif changer is not None and isinstance(driver, CashChanger):
        for yen, unit in changer.units.items():
            if unit.loaded and held[yen] < FEW_PIECES:
                more = min(FILLED_PIECES, unit.capacity) - held[yen]
                await world.hand_at(name, f"load {yen} {more}")
                await driver.adjust_cash_counts({yen: changer.counts[yen] + more})
                world.till.refilled(name, {yen: more})
