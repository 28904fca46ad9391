"""Lets the troubles of one visit happen at their moment, and puts everything right when the customer has left."""

import asyncio
import errno
from collections.abc import Callable
from random import Random

from hardware.emulator import BadCommand
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal, JournalError
from kiosk.simulation.disk import SimulatedDisk, Verb
from kiosk.simulation.faults import BY_NAME
from kiosk.simulation.mortality import Killed
from kiosk.simulation.plan import Trouble
from kiosk.simulation.world import World
from kiosk.topup.simulator.faults import EVERY_CARRIER
from kiosk.topup.simulator.faults import Fault as CarrierFault

RESTART_S = 3.0
"""How long the computer takes to start the kiosk's program again after it has ended by itself."""

MOST_STARTS = 5
"""How often it tries."""

Tell = Callable[[str], None]
Reopen = Callable[[], Journal]
"""Opens the journal anew, after whatever happened to its disk."""


class Director:
    """Plays with one world.

    ``tell`` hears in words what is done, ``wrong`` what must not be; ``reopen`` gives the program of the next life its journal.
    """

    def __init__(
        self,
        world: World,
        disk: SimulatedDisk,
        dice: Random,
        reopen: Reopen,
        tell: Tell,
        wrong: Tell,
        on_strike: Callable[[Trouble], None] = lambda trouble: None,
    ) -> None:
        self._world = world
        self._disk = disk
        self._dice = dice
        self._reopen = reopen
        self._tell = tell
        self._wrong = wrong
        self._on_strike = on_strike
        self._waiting: list[Trouble] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._under_way: dict[Trouble, asyncio.Task[None]] = {}
        self._writes = self._happenings = 0
        self._starting = asyncio.Lock()
        self.struck: list[Trouble] = []
        """What has happened since the visit began."""

    def arm(self, troubles: tuple[Trouble, ...]) -> None:
        """A visit begins: its troubles wait for their moment."""
        self._writes = self._happenings = 0
        self.struck = []
        self._waiting = [trouble for trouble in troubles if trouble.clock != "s"]
        loop = asyncio.get_running_loop()
        self._timers = [loop.call_later(t.n, self.strike, t) for t in troubles if t.clock == "s"]

    def before_write(self, entries: tuple[Entry, ...]) -> None:
        """The journal is about to be written; a program that is to die just before it dies here."""
        if self._world.dead:
            raise Killed
        for trouble in self._due("write", self._writes, before=True):
            self.strike(trouble)
        if self._world.dead:
            raise Killed

    def after_write(self, entries: tuple[Entry, ...]) -> None:
        """The journal has been written."""
        for trouble in self._due("write", self._writes, before=False):
            self.strike(trouble)
        self._writes += 1
        if self._world.dead:
            raise Killed

    def write_failed(self) -> None:
        """The journal could not be written; a program that died meanwhile never hears of it."""
        if self._world.dead:
            raise Killed

    def happened(self) -> None:
        """Something happened inside a device."""
        for trouble in self._due("device", self._happenings, before=False):
            asyncio.get_running_loop().call_soon(self.strike, trouble)
        self._happenings += 1

    def _due(self, clock: str, n: int, *, before: bool) -> list[Trouble]:
        due = [t for t in self._waiting if t.clock == clock and t.n == n and t.before is before]
        self._waiting = [t for t in self._waiting if t not in due]
        return due

    def strike(self, trouble: Trouble) -> None:
        """Let it happen now, and be put right when it has lasted."""
        if trouble in self._under_way:
            return
        self._tell(f"{trouble.fault}: {trouble.device} {trouble.deed}")
        self.struck.append(trouble)
        self._on_strike(trouble)
        if BY_NAME[trouble.fault].where == "kiosk" and not self._world.dead:
            self._world.dead = True  # from this very instant on; what is left of the program is taken away next
            if trouble.deed == "power":
                self._disk.power_cut(self._dice)
        self._under_way[trouble] = self._world.spawn(self._last(trouble))

    async def _last(self, trouble: Trouble) -> None:
        """Do it, and put it right when it has lasted."""
        await self._do(trouble, trouble.deed)
        await asyncio.sleep(trouble.lasts_s)
        await self._cure(trouble)
        self._under_way.pop(trouble, None)

    async def finish(self) -> None:
        """The customer has left: nothing goes wrong any more, and what is wrong is put right."""
        self._waiting = []
        for timer in self._timers:
            timer.cancel()
        while self._under_way:
            trouble, task = self._under_way.popitem()
            task.cancel()
            for error in await asyncio.gather(task, return_exceptions=True):
                if isinstance(error, Exception):
                    self._wrong(f"{trouble.fault} ({trouble.device} {trouble.deed}) did not happen: {error!r}")
            await self._cure(trouble)
        self._world.faults.heal()
        self._disk.heal()
        if self._world.dead:
            await self._start()

    async def _cure(self, trouble: Trouble) -> None:
        for cure in BY_NAME[trouble.fault].cures:
            await self._do(trouble, cure)
        self._tell(f"{trouble.fault}: over")

    async def _do(self, trouble: Trouble, deed: str) -> None:
        match BY_NAME[trouble.fault].where:
            case "kiosk":
                await self._to_kiosk(deed)
            case "carrier":
                self._to_carrier(deed)
            case "disk":
                self._to_disk(deed)
            case _ if deed == "unplug":
                self._world.unplug_at(trouble.device)
            case _ if deed == "replug":
                await self._world.replug_at(trouble.device)
            case _:
                await self._to_device(trouble.device, deed)

    async def _to_device(self, device: str, deed: str) -> None:
        try:
            await self._world.hand_at(device, deed)
        except BadCommand:
            if deed not in ("take", "silence off", "garbage", "leave off"):
                raise

    def _to_carrier(self, deed: str) -> None:
        faults = self._world.faults
        match deed.split():
            case ["heal"]:
                faults.heal()
            case ["state", state]:
                faults.set_state(EVERY_CARRIER, state)  # type: ignore[arg-type]
            case ["skew", seconds]:
                faults.skew_s = float(seconds)
            case [operation, fault]:
                faults.script(operation, CarrierFault(fault))  # type: ignore[arg-type]

    def _to_disk(self, deed: str) -> None:
        match deed.split():
            case ["heal"]:
                self._disk.heal()
            case ["read-only"]:
                self._disk.read_only = True
            case [verb, why, *rest]:
                self._disk.fail(Verb(verb), getattr(errno, why), lasting=bool(rest))

    async def _to_kiosk(self, deed: str) -> None:
        match deed:
            case "start":
                await self._start()
            case "kill":
                await self._world.kill()
                self._disk.program_killed()
            case "power":
                await self._world.kill()
                await self._world.switch_devices(False)

    async def restart(self) -> None:
        """The program ended by itself: whoever looks after it starts it again."""
        await self._world.kill()
        self._disk.program_killed()
        await asyncio.sleep(RESTART_S)
        self._disk.heal()
        await self._start()

    async def _start(self) -> None:
        async with self._starting:
            if not self._world.dead:
                return
            for _ in range(MOST_STARTS):
                await self._world.switch_devices(True)  # the mains may have failed between two tries
                if await self._started():
                    return
                await self._world.kill()
                self._disk.program_killed()
                await asyncio.sleep(RESTART_S)
                self._disk.heal()
            self._wrong(f"it does not start, {MOST_STARTS} times in a row")

    async def _started(self) -> bool:
        """Start the program; return whether it lives, or another trouble sees to it."""
        self._tell("the kiosk starts")
        try:
            await self._world.start(self._reopen())
        except JournalError as error:
            self._tell(f"it cannot start: {error}")
            return False
        except Killed:
            self._tell("it dies while it starts")
        return True
