"""Where money really lies in a device, as simulated matter itself knows: for oracle and staff, never for the kiosk."""

from collections import Counter

from hardware.bench import BenchDevice
from hardware.bills.acceptor import BillAcceptor
from hardware.bills.emulator import BillEmulator
from hardware.bills.notes import Place as NotePlace
from hardware.changer.machine import ChangerMachine
from hardware.changer.mechanism import ChangerMechanism
from hardware.changer.units import Place
from hardware.coins.emulator import CoinAcceptorEmulator, HopperEmulator
from hardware.links.nowire import NoWire


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
