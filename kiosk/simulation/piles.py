"""Where money really lies in a device, as simulated matter itself knows: for oracle and staff, never for the kiosk."""

from collections import Counter
from collections.abc import Container, Mapping

from hardware.bench import BenchDevice
from hardware.bills.acceptor import BillAcceptor
from hardware.bills.emulator import BillEmulator
from hardware.bills.notes import Place as NotePlace
from hardware.changer.machine import ChangerMachine
from hardware.changer.mechanism import ChangerMechanism
from hardware.changer.units import Place
from hardware.coins.coins import CoinPlace
from hardware.coins.emulator import CoinAcceptorEmulator, HopperEmulator
from hardware.links.nowire import NoWire
from hardware.vocabulary import RefuseReason
from kiosk.ledger import accounts

NOTE_BOX = "CASHBOX:"


def changer_of(device: BenchDevice) -> ChangerMechanism | None:
    """Return the insides of a simulated change machine, None for any other device."""
    link = device.link
    machine = link.machine if isinstance(link, NoWire) else None
    return machine.mechanism if isinstance(machine, ChangerMachine) else None


def note_box(device: BenchDevice) -> Counter[int]:
    """Return the notes in the cash box of a bill acceptor, by yen value."""
    return +device.emulator.mechanism.cashbox if isinstance(device.emulator, BillEmulator) else Counter()


def past_the_lever(device: BenchDevice) -> Counter[int]:
    """Return the notes between a bill acceptor's stacker lever and its box: some protocols have credited them already."""
    return device.emulator.mechanism.piles.count(NotePlace.STACKER) if isinstance(device.emulator, BillEmulator) else Counter()


def coin_box(device: BenchDevice) -> Counter[int]:
    """Return the pieces in a box that pays nothing out: under a coin acceptor, or the overflow of a change machine."""
    if isinstance(device.emulator, CoinAcceptorEmulator):
        return +device.emulator.mechanism.in_box
    changer = changer_of(device)
    return changer.piles.at(Place.OVERFLOW) if changer is not None else Counter()


def float_in(device: BenchDevice) -> Counter[int]:
    """Return the pieces that the device can pay out."""
    if isinstance(device.emulator, HopperEmulator):
        mechanism = device.emulator.mechanism
        return +Counter({mechanism.yen: mechanism.level})
    if isinstance(device.emulator, BillEmulator):
        return device.emulator.mechanism.piles.count(NotePlace.DRUM)
    changer = changer_of(device)
    return changer.piles.at(Place.UNIT) if changer is not None else Counter()


def box_and_float_are_one(device: BenchDevice) -> bool:
    """Whether nobody but matter itself knows which notes lie in the box and which on a drum: a recycler that does not count."""
    driver = device.driver
    dispenser = driver.dispenser if isinstance(driver, BillAcceptor) else None
    return dispenser is not None and all(level is None for level in dispenser.levels.values())


def is_still(device: BenchDevice) -> bool:
    """Whether nothing is on its way; a note past the lever that a second one at the mouth holds up stands still."""
    if isinstance(device.emulator, BillEmulator):
        mechanism = device.emulator.mechanism
        return mechanism.inside is None or (mechanism.note_in_stacker and mechanism.paused)
    if isinstance(device.emulator, CoinAcceptorEmulator):
        return not device.emulator.mechanism.inside
    if isinstance(device.emulator, HopperEmulator):
        return not device.emulator.mechanism.running
    changer = changer_of(device)
    return changer is None or not changer.powered or not (changer.counting or changer.paying)


def held_yen(device: BenchDevice) -> int:
    """Return the worth of all genuine pieces ever brought to a device that are not in a customer's hand or reach.

    What staff have taken out counts too. Less what the shop brought itself, it is what customers have parted with there.
    """
    emulator = device.emulator
    if isinstance(emulator, BillEmulator):
        piles = emulator.mechanism.piles
        return sum(n.yen for place in NotePlace if place not in _OUTSIDE for n in piles.at(place) if n.flaw is None)
    if isinstance(emulator, CoinAcceptorEmulator | HopperEmulator):
        coins = emulator.mechanism.piles.at(*(place for place in CoinPlace if place not in _OUTSIDE))
        return sum(coin.yen for coin in coins if not isinstance(coin.flaw, RefuseReason))
    changer = changer_of(device)
    return changer.piles.worth_yen(*(place for place in Place if place not in _OUTSIDE)) if changer is not None else 0


_OUTSIDE = (
    NotePlace.CUSTOMER, NotePlace.MOUTH, NotePlace.BEZEL, CoinPlace.CUSTOMER, CoinPlace.CUP, Place.CUSTOMER, Place.EXIT
)  # fmt: skip
"""With the customer, or within reach."""


def inside(world_devices: Mapping[str, BenchDevice]) -> Counter[int]:
    """Return every piece that is inside for good or lies ready to be paid out, in all devices together, by value."""
    found: Counter[int] = Counter()
    for device in world_devices.values():
        found += note_box(device) + past_the_lever(device) + coin_box(device) + float_in(device)
        if isinstance(device.emulator, CoinAcceptorEmulator):
            found += device.emulator.mechanism.piles.count(CoinPlace.SORTER)
    return found


Difference = tuple[int, int]
"""Pieces that are there, and pieces in the books."""


def differences(devices: Mapping[str, BenchDevice], books: Mapping[str, int], doubted: Container[str]) -> dict[str, Difference]:
    """Return where the books do not hold the pieces that are there, by account.

    Devices in doubt are left out, and so is the note box when it is one with the float of such a device.
    """
    piles: Counter[str] = Counter()
    pressed: Counter[str] = Counter()
    box_in_doubt = any(name in doubted and box_and_float_are_one(device) for name, device in devices.items())
    booked = Counter({place: yen // (accounts.denomination_of(place) or 1) for place, yen in books.items() if yen})
    for name, device in devices.items():
        one = box_and_float_are_one(device)
        for place in [place for place in booked if one and accounts.device_of(place) == name]:
            booked[accounts.cashbox(accounts.denomination_of(place) or 0)] += booked.pop(place)
        for yen, pieces in note_box(device).items():
            piles[accounts.cashbox(yen)] += pieces
        for yen, pieces in past_the_lever(device).items():
            pressed[accounts.cashbox(yen)] += pieces
        for yen, pieces in coin_box(device).items():
            piles[accounts.coinbox(yen)] += pieces
        for yen, pieces in float_in(device).items():
            piles[accounts.cashbox(yen) if one else accounts.float_of(name, yen)] += pieces
    found = {}
    for place in sorted({*piles, *(account for account in booked if accounts.denomination_of(account))}):
        right = booked[place] in (piles[place], piles[place] + pressed[place])
        in_doubt = box_in_doubt if place.startswith(NOTE_BOX) else accounts.device_of(place) in doubted
        if not right and not in_doubt:
            found[place] = (piles[place], booked[place])
    return found
