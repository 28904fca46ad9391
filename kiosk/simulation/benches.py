"""The benches that a simulation plays on: those of ``config/benches/`` that run in memory, with every bill acceptor."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hardware.models import DeviceModel, load_models
from hardware.protocols import make_emulator
from kiosk.config import KioskConfig, load_config, load_devices
from kiosk.simulation.plan import Targets

NOTES, CHANGE, CHANGER, CASH = "virtual", "change-virtual", "changer-virtual", "cash-virtual"
PRESENTER = "custom-vkp80-ja"
"""A printer that holds the ticket until it is taken; stands on every other bench."""

Bench = tuple[str, int]


@lru_cache(maxsize=4)
def _models(folder: Path) -> dict[str, DeviceModel]:
    return load_models(folder / "devices")


@lru_cache(maxsize=4)
def _whole(folder: Path) -> KioskConfig:
    """Return the configuration that all benches share; nine languages take half a second to read."""
    return load_config(folder, folder / "benches" / f"{NOTES}.toml")


@lru_cache(maxsize=64)
def config_of(folder: Path, bench: str) -> KioskConfig:
    """Return the configuration of one bench: a name of :func:`benches`, or the path of a bench file. Raises ConfigError.

    A name is that of a file in ``config/benches/``, and behind a plus the models that stand on it in place of its own.
    """
    base, *others = bench.split("+")
    named = folder / "benches" / f"{base}.toml"
    path = named if named.is_file() and "/" not in base else Path(base)
    config = replace(_whole(folder), bench=load_devices(path, _models(folder)))
    for name in others:
        model = _models(folder)[name]
        specs = [replace(spec, model=model) if _stands_in(model, spec.model) else spec for spec in config.bench]
        config = replace(config, bench=specs)
    return config


def _stands_in(model: DeviceModel, other: DeviceModel) -> bool:
    """Whether one takes the place of the other: the same class, of hoppers the one for the same coin."""
    coins = [m.settings["hopper"]["yen"] for m in (model, other) if m.device_class == "hopper"]
    return model.device_class == other.device_class and len(set(coins)) <= 1


@lru_cache(maxsize=4)
def benches(folder: Path) -> tuple[Bench, ...]:
    """Return the names of all benches with their weights, the simplest first."""
    found = [(CHANGE, 3), (CHANGER, 2), (f"{CHANGER}+{PRESENTER}", 1), (NOTES, 1)]
    found += [
        (f"{CASH}+{model}" + (f"+{PRESENTER}" if number % 2 else ""), 1) for number, model in enumerate(bill_models(folder))
    ]
    return tuple(found)


def bill_models(folder: Path) -> list[str]:
    """Return the names of all models of bill acceptors."""
    return sorted(name for name, model in _models(folder).items() if model.device_class == "bill")


@lru_cache(maxsize=64)
def targets_of(folder: Path, bench: str) -> Targets:
    """Return what faults can strike on a bench: names of devices by class; see :class:`kiosk.simulation.faults.FaultKind`."""
    found: dict[str, list[str]] = {"carrier": [""], "kiosk": [""], "disk": [""]}
    for spec in config_of(folder, bench).bench:
        model = spec.model
        found.setdefault(model.device_class, []).append(spec.name)
        found.setdefault("device", []).append(spec.name)
        if model.has_wire:
            found.setdefault("line", []).append(spec.name)
        if model.name == PRESENTER:
            found["presenter"] = [spec.name]
        for command in make_emulator(model).commands() if model.has_wire else ():
            found.setdefault(f"can {command.split()[0]}", []).append(spec.name)
    return found
