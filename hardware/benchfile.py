"""Bench files: which devices there are, what is behind each line, and which of them share one.

::

    [buses.cash]                     # one line for several devices: ccTalk
    link = "pty"

    [devices.coins]
    model = "cctalk-coin-jpy"
    bus = "cash"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hardware.configfile import ConfigFile
from hardware.errors import ConfigError
from hardware.links.port import SerialSettings
from hardware.links.tcp import parse_address
from hardware.models import DeviceModel

LinkKind = Literal["memory", "pty", "serial", "tcp", "recording", "simulated"]
LINK_KINDS: tuple[LinkKind, ...] = ("memory", "pty", "serial", "tcp", "recording", "simulated")
"""``tcp`` is a device that listens somewhere (``address = "127.0.0.1:9100"``), real or emulated; ``recording`` plays a wire
trace back; ``simulated`` is for a machine that claims no wire and lives inside its driver."""
WIRES = tuple(kind for kind in LINK_KINDS if kind != "simulated")
BUS_WIRES: tuple[LinkKind, ...] = ("memory", "pty", "serial")
"""What can be behind a line that several devices share."""
WHERE = {"serial": "port", "tcp": "address", "recording": "trace"}
"""The key that says where the line is, for the kinds that need one."""
NAME = r"[a-z][a-z0-9-]*"
"""What a device or a bus may be called."""

SHARING = "cctalk"
"""Protocols whose name begins so put an address into every frame: several such devices may share a line."""


@dataclass(frozen=True)
class BusSpec:
    """One ``[buses.NAME]`` of a bench file."""

    name: str
    link: LinkKind
    port: str


@dataclass(frozen=True)
class DeviceSpec:
    """One ``[devices.NAME]`` of a bench file."""

    name: str
    model: DeviceModel
    link: LinkKind
    port: str
    """Of a serial line; the address of a TCP line; the trace file of a recording; else empty."""
    bus: BusSpec | None = None
    """The line that it shares with others; ``link`` and ``port`` are then the bus's."""

    @property
    def serial(self) -> SerialSettings:
        """How its line is driven. Raises ConfigError."""
        return serial_settings(self.model)


def load_bench(path: Path, models: dict[str, DeviceModel]) -> list[DeviceSpec]:
    """Read a bench file. Raises ConfigError naming file, key, found and expected."""
    file = ConfigFile.read(path).only("devices", "buses")
    devices = file.table("devices")
    if not devices.data:
        raise ConfigError(f"{path}: devices: found none, expected a table [devices.NAME] for each device")
    ports: set[str] = set()
    buses = {}
    for name, table in _named(file.table("buses", optional=True)):
        table.choice("link", BUS_WIRES)
        buses[name] = BusSpec(name, *_line(table, ports))
    specs: list[DeviceSpec] = []
    for name, table in _named(devices):
        if "bus" in table.data:
            bus = buses[table.only("model", "bus").choice("bus", sorted(buses))]
            spec = DeviceSpec(name, models[table.choice("model", sorted(models))], bus.link, bus.port, bus)
            try:
                check_sharing(name, spec.model, {other.name: other.model for other in specs if other.bus == bus})
            except ConfigError as error:
                raise table.wrong("model", str(error)) from error
        else:
            kind, port = _line(table, ports, "model")
            spec = DeviceSpec(name, models[table.choice("model", sorted(models))], kind, port)
            if (kind == "simulated") is spec.model.has_wire:
                raise table.wrong("link", f"one of {', '.join(WIRES)}" if spec.model.has_wire else "simulated: it has no wire")
        if any(name == bus_name for bus_name in buses):
            raise devices.wrong(name, "another name than the bus has")
        specs.append(spec)
    for name in buses:
        if not any(spec.bus is not None and spec.bus.name == name for spec in specs):
            raise file.table("buses").wrong(name, f'devices with bus = "{name}"')
    return specs


def _named(tables: ConfigFile) -> list[tuple[str, ConfigFile]]:
    """Return the tables in ``tables`` with their names, which are fit for files and commands."""
    for name in tables.data:
        if not re.fullmatch(NAME, name):
            raise tables.wrong(name, "a name of lower-case letters, digits and dashes")
    return [(name, tables.table(name)) for name in tables.data]


def _line(table: ConfigFile, ports: set[str], *others: str) -> tuple[LinkKind, str]:
    """Return what is behind a line, and its port or the file of its recording."""
    kind = table.choice("link", LINK_KINDS)
    key = WHERE.get(kind)
    table.only(*others, "link", *((key,) if key is not None else ()))
    where = table.text(key) if key is not None else ""
    if kind == "tcp":
        try:
            parse_address(where)
        except ValueError:
            raise table.wrong(key or "", 'a text like "127.0.0.1:9100"') from None
    if kind in ("serial", "tcp"):
        if where in ports:
            raise table.wrong(key or "", "a port that no other device is at")
        ports.add(where)
    return kind, where


def check_sharing(name: str, model: DeviceModel, others: Mapping[str, DeviceModel]) -> None:
    """Refuse what cannot share a line with ``others``: another protocol, other line settings, an address that is taken.

    Raises ConfigError whose text ends the sentence "expected ...".
    """
    if not model.protocol.startswith(SHARING):
        raise ConfigError(f"a {SHARING} model for {name}, since no other protocol here can share a line")
    for other_name, other in others.items():
        if serial_settings(model) != serial_settings(other):
            raise ConfigError(f"a model for {name} with the line settings of {other_name}")
        if bus_address(model) == bus_address(other):
            raise ConfigError(f"a model for {name} with another address than {bus_address(other)}, which {other_name} has")
        if _echoes(model) and _echoes(other):
            raise ConfigError(f"a model for {name} without echo, since {other_name} gives back the line's bytes already")


def _echoes(model: DeviceModel) -> bool:
    return ConfigFile(model.path, model.settings).table("cctalk").flag("echo", False)


def serial_settings(model: DeviceModel) -> SerialSettings:
    """Return how a model's line is driven. Raises ConfigError."""
    return SerialSettings.from_config(ConfigFile(model.path, model.settings).table("serial"))


def bus_address(model: DeviceModel) -> int:
    """Return the address of a device on its bus: ``[cctalk] address`` of its model. Raises ConfigError."""
    return ConfigFile(model.path, model.settings).table("cctalk").whole("address", low=2, high=255)
