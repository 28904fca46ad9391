"""The bench: which devices there are and what is behind each line, from a file in ``config/benches/``.

::

    [devices.validator]
    model = "jcm-id003-jpy"          # config/devices/jcm-id003-jpy.toml
    link = "pty"                     # an emulator in a process of its own, at the far end of a pty

    [devices.printer]
    model = "tm-t88v-ja"
    link = "serial"                  # a real unit
    port = "/dev/serial/by-id/usb-FTDI_0001-if00-port0"

``link = "memory"`` puts the emulator into the same loop: for tests and virtual time. ``link = "recording"`` with
``trace = "FILE"`` plays back what a device of that name said once (:mod:`hardware.links.replay`). A test never asks which it
is. Devices may share a line, a ``bus``: see :mod:`hardware.benchfile`. ``link = "simulated"`` is for a machine that claims no
wire. ``link = "tcp"`` with ``address = "HOST:9100"`` is a device on the network, or one that
``python -m hardware emulate MODEL --tcp 9100`` plays.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hardware.benchfile import BusSpec, DeviceSpec
from hardware.emulator import Emulator, EmulatorRunner, Happening
from hardware.lasting import MemoryFile
from hardware.links.bus import PartyLine
from hardware.links.link import Link
from hardware.links.memory import MemoryEnd, memory_line
from hardware.links.nowire import NoWire, SimulatedMachine
from hardware.links.port import SerialPort
from hardware.links.replay import Recording, ReplayLink
from hardware.links.tap import Tap, Trace
from hardware.links.tcp import TcpPort
from hardware.process import EmulatorProcess
from hardware.protocols import Driver, make_driver, make_emulator

Watcher = Callable[[str, dict[str, Any]], None]
"""Hears the device's name and each happening as JSON: what the bench sees and the driver does not."""

Wrap = Callable[[DeviceSpec, Link], Link]
"""Puts something between a driver and its line."""


class Hand(ABC):
    """A hand at an emulated machine; there is none at a real one."""

    @abstractmethod
    async def command(self, line: str) -> dict[str, Any]:
        """Do ``insert 1000`` and the like; returns what the machine showed. Raises BadCommand."""


class _NearHand(Hand):
    def __init__(self, runner: EmulatorRunner | SimulatedMachine) -> None:
        self._runner = runner

    async def command(self, line: str) -> dict[str, Any]:
        return self._runner.command(line)


class _FarHand(Hand):
    def __init__(self, process: EmulatorProcess, device: str = "") -> None:
        self._process = process
        self._device = device

    async def command(self, line: str) -> dict[str, Any]:
        return await self._process.command(line, self._device)


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
    """The host's end of a memory line, for pulling the cable; that of the bus, if it shares one."""


@dataclass(frozen=True)
class _Bus:
    """A line that devices of the bench share."""

    host: PartyLine
    line: MemoryEnd | None
    devices: PartyLine | None
    """The far end, when the emulators live in this process."""
    process: EmulatorProcess | None
    """Where they live otherwise."""


class Bench:
    """The devices of one terminal, by name."""

    def __init__(self, memory_dir: Path | None = None) -> None:
        self._memory_dir = memory_dir
        self._memories: list[MemoryFile] = []
        self.devices: dict[str, BenchDevice] = {}
        self._runners: list[EmulatorRunner | SimulatedMachine] = []
        self._processes: list[EmulatorProcess] = []
        self._buses: dict[str, _Bus] = {}

    @classmethod
    async def open(
        cls,
        specs: list[DeviceSpec],
        *,
        run_dir: Path | None = None,
        out_dir: Path | None = None,
        memory_dir: Path | None = None,
        watch: Watcher = lambda name, happening: None,
        trace: Trace | None = None,
        wrap: Wrap = lambda spec, link: link,
    ) -> "Bench":
        """Set up every device. ``run_dir`` holds ptys' symlinks, ``out_dir`` what emulated printers print. ``wrap`` may
        put something between each driver and its line, such as :class:`hardware.links.faultylink.FaultyLink`.

        With ``memory_dir`` emulated devices in processes of their own, and simulated machines, keep there what they keep
        without power: they outlive this process, and an emulator that is killed is started again.

        Drivers are made, not started: whoever owns the bench starts them. Ports are opened by their drivers. Raises
        ConfigError or OfflineError when a device cannot be set up; then nothing is left behind.
        """
        bench = cls(memory_dir)
        try:
            for bus in dict.fromkeys(spec.bus for spec in specs if spec.bus is not None):
                bench._add_bus(bus, [spec for spec in specs if spec.bus == bus], run_dir, out_dir, watch, trace)
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

    def _add_bus(
        self,
        spec: BusSpec,
        devices: list[DeviceSpec],
        run_dir: Path | None,
        out_dir: Path | None,
        watch: Watcher,
        trace: Trace | None,
    ) -> None:
        """Set up a line for ``devices``; each is put on it afterwards, as if it were its own."""
        link: Link
        line: MemoryEnd | None = None
        far_end: PartyLine | None = None
        process: EmulatorProcess | None = None
        match spec.link:
            case "memory":
                line, device_end = memory_line(spec.name)
                link, far_end = line, PartyLine(device_end)
            case "pty":
                path = _folder(run_dir) / spec.name
                models = {device.name: device.model for device in devices}
                process = EmulatorProcess(
                    models, path, out_dir, lambda told: watch(told.pop("device", spec.name), told), self._memory_of(spec.name)
                )
                self._processes.append(process)
                link = SerialPort(str(path), devices[0].serial)
            case "serial":
                link = SerialPort(spec.port, devices[0].serial)
        if trace is not None:
            link = Tap(link, trace, spec.name)
        self._buses[spec.name] = _Bus(PartyLine(link), line, far_end, process)

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
        bus = None if spec.bus is None else self._buses[spec.bus.name]
        match spec.link:
            case "memory":
                device_end: Link
                if bus is None or bus.devices is None:
                    line, device_end = memory_line(name)
                    link = line
                else:
                    line, link, device_end = bus.line, bus.host.member(name), bus.devices.member(f"{name} (device)")
                emulator = make_emulator(spec.model)

                def happened(happening: Happening) -> None:
                    watch(name, happening.as_json())

                runner = EmulatorRunner(emulator, device_end, happened)
                await runner.start()
                self._runners.append(runner)
                hand = _NearHand(runner)
            case "pty" if bus is not None and bus.process is not None:
                link, hand = bus.host.member(name), _FarHand(bus.process, name)
            case "pty":
                path = _folder(run_dir) / name
                process = EmulatorProcess(
                    spec.model, path, out_dir, lambda happening: watch(name, happening), self._memory_of(name)
                )
                self._processes.append(process)
                link = SerialPort(str(path), spec.serial)
                hand = _FarHand(process)
            case "serial":
                link = SerialPort(spec.port, spec.serial) if bus is None else bus.host.member(name)
            case "tcp":
                link = TcpPort(spec.port)
            case "recording":
                link = ReplayLink(name, Recording.read(Path(spec.port), name))
            case "simulated":
                await self._add_simulated(spec, watch)
                return
        link = wrap(spec, link)
        if trace is not None and bus is None:
            link = Tap(link, trace, name)
        self.devices[name] = BenchDevice(spec, link, make_driver(spec.model, link), hand, emulator, line)

    async def _add_simulated(self, spec: DeviceSpec, watch: Watcher) -> None:
        """Set up a machine that lives inside its driver; the link keeps it when the driver is renewed."""
        link = NoWire(spec.name)
        driver = make_driver(spec.model, link)
        hand = None
        if link.machine is not None:
            link.machine.watch = lambda happening: watch(spec.name, happening.as_json())
            if (path := self._memory_of(spec.name)) is not None:
                memory = MemoryFile(path, lambda why: watch(spec.name, {"event": "memory_failed", "why": why}))
                await memory.open()
                self._memories.append(memory)
                link.machine.remember(memory, spec.name, spec.model.name)
            self._runners.append(link.machine)
            hand = _NearHand(link.machine)
        self.devices[spec.name] = BenchDevice(spec, link, driver, hand, None, None)

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
        for memory in self._memories:
            memory.close()

    def _memory_of(self, name: str) -> Path | None:
        return None if self._memory_dir is None else self._memory_dir / f"{name}.json"


def _folder(run_dir: Path | None) -> Path:
    if run_dir is None:
        raise ValueError("a bench with ptys needs a run_dir")
    return run_dir
