"""Finds drivers and emulators by protocol name: entry points, so that a package from outside can add its own.

Groups: ``konbini.drivers`` (a class called with ``(model, link)``) and ``konbini.emulators`` (called with ``(model)``).
Nothing is imported before it is asked for.
"""

import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from hardware.bills.acceptor import BillAcceptor
from hardware.changer.changer import CashChanger
from hardware.coins.acceptor import CoinAcceptor
from hardware.dispenser import CashDispenser
from hardware.emulator import Emulator
from hardware.errors import ConfigError
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.printers.printer import ReceiptPrinter

Driver = BillAcceptor | CoinAcceptor | CashDispenser | CashChanger | ReceiptPrinter
DRIVERS = "konbini.drivers"
EMULATORS = "konbini.emulators"


def registered(group: str) -> dict[str, EntryPoint]:
    """Return what is registered in a group, by protocol name."""
    return _registered(group, tuple(sys.path))


@cache
def _registered(group: str, path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Look it up in every package on ``path``, once: it reads a file of each, and a bench asks for every driver it makes."""
    return {entry.name: entry for entry in entry_points(group=group)}


def make_driver(model: DeviceModel, link: Link) -> Driver:
    """Return a driver for ``model`` on ``link``. Raises ConfigError when no package brings one that loads."""
    driver: Driver = _load(DRIVERS, model)(model, link)
    return driver


def make_emulator(model: DeviceModel) -> Emulator:
    """Return an emulator of ``model``. Raises ConfigError when no package brings one that loads."""
    if not model.has_wire:
        raise ConfigError(f'{model.path}: has no wire to emulate; put it into a bench with link = "simulated"')
    emulator: Emulator = _load(EMULATORS, model)(model)
    return emulator


def _load(group: str, model: DeviceModel) -> Any:
    known = registered(group)
    if model.protocol not in known:
        expected = ", ".join(sorted(known)) or "an installed package that registers one"
        raise ConfigError(f"{model.path}: protocol: found {model.protocol!r} in no {group}, expected {expected}")
    try:
        return known[model.protocol].load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{model.path}: protocol: {model.protocol!r} of {group} cannot be loaded: {error}") from error
