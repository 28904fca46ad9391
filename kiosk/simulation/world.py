"""A whole kiosk in virtual time: production code from till to wire, emulated devices, carriers, and eyes on all of it."""

import asyncio
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import httpx

from hardware.bench import Bench
from hardware.bills.emulator import BillEmulator
from hardware.clock import VirtualCalendar
from hardware.links.memory import MemoryEnd
from hardware.printers.escpos.emulator import EscposEmulator
from kiosk.config import KioskConfig
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Intent, Screen, ScreenModel, Touch
from kiosk.simulation.piles import is_still
from kiosk.terminal import make_till
from kiosk.till import Till
from kiosk.topup.simulator.app import create_app, in_process
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.registry import load_registry
from kiosk.topup.simulator.store import Store
from kiosk.wiretrace import WireTrace


@dataclass
class World:
    """Everything there is in one simulation. Must be opened inside a virtual loop."""

    config: KioskConfig
    rng: Random
    journal: Journal
    carrier: Store
    bench: Bench
    faults: Faults
    """What goes wrong between kiosk and carriers, to be scripted."""
    till: Till
    _http: httpx.AsyncClient
    _calendar: VirtualCalendar
    shown: ScreenModel = field(default_factory=lambda: ScreenModel(Screen.OUT_OF_SERVICE))
    inserted: Counter[int] = field(default_factory=Counter)
    """Notes put to the bill acceptor's mouth, by denomination: more than the books see, for some never reach escrow."""
    loaded_yen: int = 0
    """Worth of the notes that lay in the bill acceptor, a recycler, on its first day."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def open(
        cls, config: KioskConfig, rng: Random, journal: Journal, carrier: Store, trace: WireTrace | None = None
    ) -> "World":
        """Switch everything on. Journal and carrier outlive a world: open another on them and the kiosk has restarted."""
        calendar = VirtualCalendar(asyncio.get_running_loop())
        registry = load_registry(config.folder / "simulator.toml", [c.id for c in config.catalogue.carriers])
        faults = Faults(Random(rng.getrandbits(64)))
        app = create_app(carrier, calendar, config.catalogue, registry, faults)
        http = in_process(app)
        bench = await Bench.open(config.bench, trace=trace)

        def show(model: ScreenModel) -> None:
            world._show(model)

        discreet = trace.discreet if trace is not None else nullcontext
        till = make_till(config, bench, http, journal, calendar, show, discreet)
        world = cls(config, rng, journal, carrier, bench, faults, till, http, calendar)
        if world.has("bill"):
            world.loaded_yen = world.validator.mechanism.piles.total_yen()
        await till.start()
        return world

    @property
    def validator(self) -> BillEmulator:
        """The bill acceptor's insides. Raises KeyError on a bench without one."""
        emulator = self.bench.device("bill").emulator
        assert isinstance(emulator, BillEmulator)
        return emulator

    @property
    def on_its_way(self) -> bool:
        """Whether a note or coin is on its way through any device."""
        return not all(is_still(device) for device in self.bench.devices.values())

    async def until_still(self, within_s: float) -> None:
        """Wait until nothing is on its way any more, or as long as that may take."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + within_s
        while self.on_its_way and loop.time() < ends_s:
            await asyncio.sleep(0.1)

    def has(self, device_class: str) -> bool:
        """Whether the bench has a device of this class."""
        return any(device.spec.model.device_class == device_class for device in self.bench.devices.values())

    @property
    def printer(self) -> EscposEmulator:
        """The printer's insides."""
        emulator = self.bench.device("printer").emulator
        assert isinstance(emulator, EscposEmulator)
        return emulator

    async def hand(self, device_class: str, command: str) -> dict[str, Any]:
        """Do something at the first device of a class."""
        hand = self.bench.device(device_class).hand
        assert hand is not None
        return await hand.command(command)

    async def hand_at(self, name: str, command: str) -> dict[str, Any]:
        """Do something at the device of that name."""
        hand = self.bench.devices[name].hand
        assert hand is not None
        return await hand.command(command)

    async def insert(self, yen: int, flaw: str = "") -> bool:
        """Put a note to the mouth, or a coin into the slot: where this bench takes it. Returns whether it went in."""
        wanted = ("bill", "changer") if yen >= 1000 else ("coin", "changer")
        device_class = next(name for name in wanted if self.has(name))
        answer = await self.hand(device_class, f"insert {yen} {flaw}".strip())
        went_in = bool(answer.get("ok", True))
        if device_class == "bill" and went_in:
            self.inserted[yen] += 1
        return went_in

    def unplug(self, device_class: str) -> None:
        """Pull a device's cable."""
        self._line(device_class).unplug()

    async def replug(self, device_class: str) -> None:
        """Put a device's cable back; its driver finds that out by itself."""
        line = self._line(device_class)
        line.replug()
        await line.peer.open()

    def _line(self, device_class: str) -> MemoryEnd:
        line = self.bench.device(device_class).line
        assert line is not None
        return line

    def touch(self, touch: Touch, value: str = "") -> None:
        """Touch the screen. Raises whatever broke the till."""
        if self.till.broken.done():
            self.till.broken.result()
        self.till.touched(Intent(touch, value))

    async def until(self, *screens: Screen, timeout_s: float = 300.0) -> Screen:
        """Wait until one of ``screens`` is shown and return which. Raises TimeoutError in virtual time."""
        async with asyncio.timeout(timeout_s):
            while self.shown.screen not in screens:
                self._changed.clear()
                await self._changed.wait()
        return self.shown.screen

    async def next_picture(self, timeout_s: float) -> bool:
        """Wait until the picture changes; return whether it did in time."""
        self._changed.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def think(self, least_s: float = 0.6, most_s: float = 3.5) -> None:
        """Let a person's time pass."""
        await asyncio.sleep(self.rng.uniform(least_s, most_s))

    async def restart_kiosk(self) -> None:
        """Kill the kiosk's program where it stands and start it again; devices, carrier and journal live on.

        Whatever runs in this loop besides the caller is the kiosk's program, and is gone without a last word.
        """
        for device in self.bench.devices.values():
            if device.line is not None:
                device.link.close()
        self.till.abandon()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.bench.renew_drivers()
        self.till = make_till(self.config, self.bench, self._http, self.journal, self._calendar, self._show)
        await self.till.start()

    def _show(self, model: ScreenModel) -> None:
        if model != self.shown:
            self.shown = model
            self._changed.set()

    def now(self) -> datetime:
        """Date and time of this world."""
        return self._calendar.now()

    async def close(self) -> None:
        """Switch everything off; what is open stays open in the journal."""
        await self.till.close()
        await self.bench.close()
