"""The bench: which devices there are and what is behind each line, from a file in ``config/benches/``.

::

    [devices.validator]
    model = "jcm-id003-jpy"          # config/devices/jcm-id003-jpy.toml
    link = "pty"                     # an emulator in a process of its own, at the far end of a pty

    [devices.printer]
    model = "tm-t88v-ja"
    link = "serial"                  # a real unit
    port = "/dev/serial/by-id/usb-FTDI_0001-if00-port0"

``link = "memory"`` puts the emulator into the same loop: for tests and virtual time. A test never asks which it is.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hardware.configfile import ConfigFile
from hardware.emulator import Emulator, EmulatorRunner, Happening
from hardware.errors import ConfigError
from hardware.links.link import Link
from hardware.links.memory import MemoryEnd, memory_line
from hardware.links.port import SerialPort, SerialSettings
from hardware.links.tap import Tap, Trace
from hardware.models import DeviceModel
from hardware.process import EmulatorProcess
from hardware.protocols import Driver, make_driver, make_emulator

LinkKind = Literal["memory", "pty", "serial"]
LINK_KINDS: tuple[LinkKind, ...] = ("memory", "pty", "serial")
Watcher = Callable[[str, dict[str, Any]], None]
"""Hears the device's name and each happening as JSON: what the bench sees and the driver does not."""


@dataclass(frozen=True)
class DeviceSpec:
    """One ``[devices.NAME]`` of a bench file."""

    name: str
    model: DeviceModel
    link: LinkKind
    port: str


Wrap = Callable[[DeviceSpec, Link], Link]
"""Puts something between a driver and its line."""


def load_bench(path: Path, models: dict[str, DeviceModel]) -> list[DeviceSpec]:
    """Read a bench file. Raises ConfigError naming file, key, found and expected."""
    devices = ConfigFile.read(path).only("devices").table("devices")
    if not devices.data:
        raise ConfigError(f"{path}: devices: found none, expected a table [devices.NAME] for each device")
    specs: list[DeviceSpec] = []
    for name in devices.data:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            raise devices.wrong(name, "a name of lower-case letters, digits and dashes")
        table = devices.table(name)
        kind = table.choice("link", LINK_KINDS)
        table.only("model", "link", *(("port",) if kind == "serial" else ()))
        port = table.text("port") if kind == "serial" else ""
        if port and any(port == other.port for other in specs):
            raise table.wrong("port", "a port that no other device is at")
        specs.append(DeviceSpec(name, models[table.choice("model", sorted(models))], kind, port))
    return specs


class Hand(ABC):
    """A hand at an emulated machine; there is none at a real one."""

    @abstractmethod
    async def command(self, line: str) -> dict[str, Any]:
        """Do ``insert 1000`` and the like; returns what the machine showed. Raises BadCommand."""


class _NearHand(Hand):
    def __init__(self, runner: EmulatorRunner) -> None:
        self._runner = runner

    async def command(self, line: str) -> dict[str, Any]:
        return self._runner.command(line)


class _FarHand(Hand):
    def __init__(self, process: EmulatorProcess) -> None:
        self._process = process

    async def command(self, line: str) -> dict[str, Any]:
        return await self._process.command(line)


@dataclass(frozen=True)
class BenchDevice:
    """A device that is ready to be started."""

    spec: DeviceSpec
    link: Link
    driver: Driver
    hand: Hand | None
    emulator: Emulator | None
    """The emulator itself when it lives in this process: the oracle of tests and of the simulation."""
    line: MemoryEnd | None
    """The host's end of a memory line, for pulling the cable."""


class Bench:
    """The devices of one terminal, by name."""

    def __init__(self) -> None:
        self.devices: dict[str, BenchDevice] = {}
        self._runners: list[EmulatorRunner] = []
        self._processes: list[EmulatorProcess] = []

    @classmethod
    async def open(
        cls,
        specs: list[DeviceSpec],
        *,
        run_dir: Path | None = None,
        out_dir: Path | None = None,
        watch: Watcher = lambda name, happening: None,
        trace: Trace | None = None,
        wrap: Wrap = lambda spec, link: link,
    ) -> "Bench":
        """Set up every device. ``run_dir`` holds ptys' symlinks, ``out_dir`` what emulated printers print. ``wrap`` may
        put something between each driver and its line, such as :class:`hardware.links.faults.FaultyLink`.

        Drivers are made, not started: whoever owns the bench starts them. Ports are opened by their drivers. Raises
        ConfigError or OfflineError when a device cannot be set up; then nothing is left behind.
        """
        bench = cls()
        try:
            for spec in specs:
                await bench._add(spec, run_dir, out_dir, watch, trace, wrap)
            async with asyncio.TaskGroup() as starting:  # side by side: each takes the better part of a second
                for process in bench._processes:
                    starting.create_task(process.start())
        except BaseException as error:
            await bench.close()
            if isinstance(error, ExceptionGroup):
                raise error.exceptions[0] from error
            raise
        return bench

    async def _add(
        self,
        spec: DeviceSpec,
        run_dir: Path | None,
        out_dir: Path | None,
        watch: Watcher,
        trace: Trace | None,
        wrap: Wrap,
    ) -> None:
        link: Link
        hand: Hand | None = None
        emulator: Emulator | None = None
        line: MemoryEnd | None = None
        name = spec.name
        settings = SerialSettings.from_config(ConfigFile(spec.model.path, spec.model.settings).table("serial"))
        match spec.link:
            case "memory":
                emulator = make_emulator(spec.model)
                line, device_end = memory_line(name)
                link = line

                def happened(happening: Happening) -> None:
                    watch(name, happening.as_json())

                runner = EmulatorRunner(emulator, device_end, happened)
                await runner.start()
                self._runners.append(runner)
                hand = _NearHand(runner)
            case "pty":
                if run_dir is None:
                    raise ValueError("a bench with ptys needs a run_dir")
                process = EmulatorProcess(spec.model, run_dir / name, out_dir, lambda happening: watch(name, happening))
                self._processes.append(process)
                link = SerialPort(str(run_dir / name), settings)
                hand = _FarHand(process)
            case "serial":
                link = SerialPort(spec.port, settings)
        link = wrap(spec, link)
        if trace is not None:
            link = Tap(link, trace, name)
        self.devices[name] = BenchDevice(spec, link, make_driver(spec.model, link), hand, emulator, line)

    def renew_drivers(self) -> None:
        """Put fresh drivers on the same lines: what a restart of the host's program is to the devices."""
        for name, device in self.devices.items():
            self.devices[name] = replace(device, driver=make_driver(device.spec.model, device.link))

    def device(self, device_class: str) -> BenchDevice:
        """Return the first device of a class (``bill``, ``printer``). Raises KeyError when the bench has none."""
        for device in self.devices.values():
            if device.spec.model.device_class == device_class:
                return device
        raise KeyError(f"the bench has no {device_class} device")

    async def close(self) -> None:
        """Take emulators off their lines and end their processes. Drivers are closed by whoever started them."""
        for runner in self._runners:
            runner.stop()
        await asyncio.gather(*(process.stop() for process in self._processes))
