"""A whole kiosk in virtual time: production code from till to wire, emulated devices, carriers, and eyes on all of it.

Three things live in one loop, and die apart. The kiosk's *program* (till, drivers, gateway client) is what :meth:`World.kill`
ends and :meth:`World.start` begins anew. *Matter* (devices, and what lies in them) outlives it. *Bystanders* are people, the
carriers, and whoever plays with the mains: tasks made by :meth:`World.spawn`. Whatever else runs in the loop is the program.

Who wants to see more than the screen sets :attr:`World.watch`, who wants to know of the program's end :attr:`World.on_broken`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import httpx

from hardware.bench import Bench
from hardware.bills.emulator import BillEmulator
from hardware.clock import VirtualCalendar
from hardware.links.memory import MemoryEnd
from hardware.links.nowire import NoWire
from hardware.printers.escpos.emulator import EscposEmulator
from kiosk.config import KioskConfig
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Intent, Screen, ScreenModel, Touch
from kiosk.simulation.carrierline import CarrierLine
from kiosk.simulation.mortality import Killed
from kiosk.simulation.piles import held_yen, is_still
from kiosk.terminal import make_till
from kiosk.till import Till
from kiosk.topup.simulator.app import create_app
from kiosk.topup.simulator.exactly_once import LATE
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.registry import load_registry
from kiosk.topup.simulator.store import Store
from kiosk.wiretrace import WireTrace

BYSTANDER = "bystander"
"""Name of the tasks that are not the kiosk's program."""


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
    carrier_line: CarrierLine
    """The network between kiosk and carriers."""
    _http: httpx.AsyncClient
    _calendar: VirtualCalendar
    shown: ScreenModel = field(default_factory=lambda: ScreenModel(Screen.OUT_OF_SERVICE))
    inserted: Counter[int] = field(default_factory=Counter)
    """Notes put to the bill acceptor's mouth, by denomination: more than the books see, for some never reach escrow."""
    shop_yen: Counter[str] = field(default_factory=Counter)
    """Worth of the shop's own money that was brought to each device: found in it on the first day, or filled in by staff."""
    dead: bool = False
    """Whether the kiosk's program is not running: killed, or without power."""
    watch: Callable[[str, dict[str, Any]], None] = lambda device, happening: None
    """Hears everything that happens inside a device, also what no driver can see."""
    on_picture: Callable[[ScreenModel], None] = lambda model: None
    """Hears of every new picture."""
    on_step: Callable[[], None] = lambda: None
    """Hears whenever the program shows where it stands, be it the same as before."""
    on_broken: Callable[[BaseException], None] | None = None
    """Hears what ended the kiosk's program by itself. Without it, the next touch raises that."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def open(
        cls,
        config: KioskConfig,
        rng: Random,
        journal: Journal,
        carrier: Store,
        trace: WireTrace | None = None,
        watch: Callable[[str, dict[str, Any]], None] = lambda device, happening: None,
    ) -> "World":
        """Switch everything on. Journal and carrier outlive a world: open another on them and the kiosk has restarted."""
        calendar = VirtualCalendar(asyncio.get_running_loop())
        registry = load_registry(config.folder / "simulator.toml", [c.id for c in config.catalogue.carriers])
        faults = Faults(Random(rng.getrandbits(64)))
        app = create_app(carrier, calendar, config.catalogue, registry, faults)
        line = CarrierLine(app)
        http = line.client()
        bench = await Bench.open(config.bench, trace=trace, watch=lambda name, happening: world.watch(name, happening))

        def show(model: ScreenModel) -> None:
            world._show(model)

        discreet = trace.discreet if trace is not None else nullcontext
        till = make_till(config, bench, http, journal, calendar, show, discreet)
        world = cls(config, rng, journal, carrier, bench, faults, till, line, http, calendar, watch=watch)
        world.shop_yen.update({name: held_yen(device) for name, device in bench.devices.items()})
        await world._begin()
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
        """Do something at the first device of a class. Raises BadCommand."""
        return await self.hand_at(self.bench.device(device_class).spec.name, command)

    async def hand_at(self, name: str, command: str) -> dict[str, Any]:
        """Do something at the device of that name. Raises BadCommand."""
        device = self.bench.devices[name]
        assert device.hand is not None
        before_yen = held_yen(device)
        answer: dict[str, Any] = {"ok": True, "note": "the kiosk's program died of it"}
        with suppress(Killed):  # a machine without a wire tells the program at once
            answer = await device.hand.command(command)
        if command.split()[0] in ("load", "fill"):
            self.shop_yen[name] += held_yen(device) - before_yen
        return answer

    async def insert(self, yen: int, flaw: str = "") -> bool:
        """Put a note to the mouth, or a coin into the slot: where this bench takes it. Returns whether it went in."""
        wanted = ("bill", "changer") if yen >= 1000 else ("coin", "changer")
        device_class = next(name for name in wanted if self.has(name))
        answer = await self.hand(device_class, f"insert {yen} {flaw}".strip())
        went_in = bool(answer.get("ok", True))
        if device_class == "bill" and went_in:
            self.inserted[yen] += 1
        return went_in

    @property
    def lines(self) -> list[MemoryEnd]:
        """The host's ends of all lines."""
        return list(dict.fromkeys(device.line for device in self.bench.devices.values() if device.line is not None))

    def unplug(self, device_class: str) -> None:
        """Pull the cable of the first device of a class; it is the line of all that share it."""
        self.unplug_at(self.bench.device(device_class).spec.name)

    async def replug(self, device_class: str) -> None:
        """Put that cable back; drivers find that out by themselves."""
        await self.replug_at(self.bench.device(device_class).spec.name)

    def unplug_at(self, name: str) -> None:
        """Pull the cable of the device of that name."""
        self._line(name).unplug()

    async def replug_at(self, name: str) -> None:
        """Put the cable of that device back."""
        line = self._line(name)
        line.replug()
        for other, device in self.bench.devices.items():
            if device.line is line:
                await self.hand_at(other, "line replug")
        await asyncio.sleep(0)

    def _line(self, name: str) -> MemoryEnd:
        line = self.bench.devices[name].line
        assert line is not None
        return line

    def touch(self, touch: Touch, value: str = "") -> None:
        """Touch the screen; a dead one feels nothing. Raises whatever broke the till, unless somebody hears of that."""
        if self.till.broken.done():
            if self.on_broken is None:
                self.till.broken.result()
            return
        if not self.dead:
            try:
                self.till.touched(Intent(touch, value))
            except Killed:
                return  # it died of this very touch

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

    def spawn(self, deed: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Let a bystander do something: the task outlives the kiosk's program."""
        return asyncio.get_running_loop().create_task(deed, name=BYSTANDER)

    async def restart_kiosk(self) -> None:
        """Kill the kiosk's program where it stands and start it again; devices, carrier and journal live on."""
        await self.kill()
        await self.start()

    async def kill(self) -> None:
        """End the kiosk's program where it stands, without a last word. The caller is a bystander, whoever it is."""
        self.dead = True
        for device in self.bench.devices.values():
            if device.line is not None:
                device.link.close()
            if isinstance(device.link, NoWire) and device.link.machine is not None:
                device.link.machine.leave()
        self.till.abandon()
        living = (BYSTANDER, LATE)
        program = [t for t in asyncio.all_tasks() - {asyncio.current_task()} if t is not None and t.get_name() not in living]
        for task in program:
            task.cancel()
        await asyncio.gather(*program, return_exceptions=True)
        if self.till.broken.done():
            self.till.broken.exception()  # seen: whoever was to hear of it has
        self._show(ScreenModel(Screen.OUT_OF_SERVICE))

    async def start(self, journal: Journal | None = None) -> None:
        """Start the kiosk's program anew, on ``journal`` if it was opened anew."""
        self.journal = journal or self.journal
        self.dead = False
        self.bench.renew_drivers()
        self.till = make_till(self.config, self.bench, self._http, self.journal, self._calendar, self._show)
        await self._begin()

    async def switch_devices(self, on: bool) -> None:
        """Switch the mains of all devices."""
        for name in self.bench.devices:
            await self.hand_at(name, f"power {'on' if on else 'off'}")

    async def _begin(self) -> None:
        self.till.broken.add_done_callback(self._program_ended)
        await self.till.start()

    def _program_ended(self, broken: "asyncio.Future[None]") -> None:
        error = None if broken.cancelled() else broken.exception()  # that of a former program, too, is looked at here
        if error is not None and broken is self.till.broken and self.on_broken is not None:
            self.on_broken(error)

    def _show(self, model: ScreenModel) -> None:
        self.on_step()
        if model != self.shown:
            self.shown = model
            self.on_picture(model)
            self._changed.set()

    def now(self) -> datetime:
        """Date and time of this world."""
        return self._calendar.now()

    async def close(self) -> None:
        """Switch everything off; what is open stays open in the journal."""
        await self.till.close()
        await self.bench.close()
