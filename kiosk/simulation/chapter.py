"""Plays one plan: a kiosk with an empty journal on a simulated disk, one customer after the other, and all who watch."""

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from weakref import WeakMethod

from hardware.bills.acceptor import BillAcceptor
from hardware.clock import run_virtual
from hardware.coins.acceptor import CoinAcceptor
from hardware.dispenser import CashDispenser
from kiosk.config import KioskConfig
from kiosk.ledger import accounts
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal, JournalError
from kiosk.ledger.story import Flows
from kiosk.screenmodel import Screen, ScreenModel
from kiosk.simulation.benches import config_of
from kiosk.simulation.customers import SimulatedCustomer
from kiosk.simulation.director import Director
from kiosk.simulation.disk import SimulatedDisk
from kiosk.simulation.diskvfs import JOURNAL, DiskVfs
from kiosk.simulation.driverdeaths import driver_deaths
from kiosk.simulation.fairness import Fairness
from kiosk.simulation.mortality import Killed, MortalJournal
from kiosk.simulation.oracle import at_rest, at_the_end
from kiosk.simulation.piles import differences
from kiosk.simulation.plan import Plan, Trouble, Visit, needs_recount
from kiosk.simulation.staff import count_by_hand, go_round, repair, take_what_was_left
from kiosk.simulation.witness import Witness
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store

REST_S = 900.0
"""How long a kiosk may take to come to rest once its customer has left and nothing goes wrong any more."""

PARTS_STOP_S = 8.0
"""How long parts may go on moving then, and a device that counts may take to have counted."""

LAST_ANSWERS_S = 8 * 3600.0
"""How long the slowest carrier of the demonstration takes to settle an unknown commit, and some."""

DOUBTFUL_DEEDS = frozenset({"string", "slow-coin", "coin-string", "lever"})
"""Quirks after which nobody can know where every piece is."""

PAPERS_S = 120.0
"""How long the last paper may take, that of staff included."""

STAFF = "staff at work"

Note = Callable[[str], None]
"""Takes a line of the story: what happened, when, in words."""


@dataclass(frozen=True)
class Violation:
    """What was wrong, and in which visit it showed."""

    journey: int
    text: str

    def __str__(self) -> str:
        return f"journey {self.journey}: {self.text}"


@dataclass(frozen=True)
class ChapterResult:
    """What came of one plan."""

    journeys: int
    """Customers who came, the last one being the one at whom something was found wrong, if anything was."""
    virtual_s: float
    troubles: int
    """Things that went wrong at their moment."""
    flows: Flows
    violations: tuple[Violation, ...]
    head: str
    """Hash of the journal's last row, which chains all rows before it."""


def play(folder: Path, plan: Plan, note: Note | None = None, config: KioskConfig | None = None) -> ChapterResult:
    """Play a plan in a virtual loop of its own. ``note`` hears the story line by line, with every byte on the lines.

    What breaks the simulation itself is a violation like any other.
    """
    chapter = Chapter(config or config_of(folder, plan.bench), plan, note)
    try:
        return run_virtual(chapter.play())
    except (Exception, Killed, asyncio.CancelledError) as error:
        return chapter.broken_off(error)


class Chapter:
    """One kiosk, whoever comes to it, and all who watch."""

    def __init__(self, config: KioskConfig, plan: Plan, note: Note | None, disk: SimulatedDisk | None = None) -> None:
        self._config = config
        self._plan = plan
        self._note = note
        self._dice = Random(plan.dice)
        self._disk = disk or SimulatedDisk()
        self._vfs = DiskVfs(self._disk)
        self._violations: list[Violation] = []
        self._journey = 0
        self._troubles = 0
        self._papers = 0
        self._smeared = False
        """Whether noise may have been printed on the paper that comes out next."""
        self._declared = 0
        """Worth of what was out of sight at the last rest."""
        self._restarting: asyncio.Task[None] | None = None
        self._journal: MortalJournal | None = None

    async def play(self) -> ChapterResult:
        self._loop = loop = asyncio.get_running_loop()
        unhandled = WeakMethod(self._unhandled)  # a closed loop may be remembered for long, by FastAPI for one

        def hear(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            if (tell := unhandled()) is not None:
                tell(loop, context)

        loop.set_exception_handler(hear)
        with driver_deaths(lambda text: self._wrong(f"a driver died: {text}")):
            await self._open()
            await self._serve_everybody()
            virtual_s = loop.time()
            if not self._violations:
                await self._last_answers()
                for text in at_the_end(self._world, noisy=True):
                    self._wrong(text)
        journal = self._world.journal
        result = ChapterResult(
            journeys=self._journey,
            virtual_s=virtual_s,
            troubles=self._troubles,
            flows=audit_journal(journal).totals,
            violations=tuple(self._violations),
            head=journal.head_hash(),
        )
        await self._world.kill()
        await self._world.bench.close()
        journal.close()
        return result

    def broken_off(self, error: BaseException) -> ChapterResult:
        """Return what there is of a chapter that ``error`` has ended, once its loop is closed."""
        self._say("".join(traceback.format_exception(error)))
        self._wrong(f"the simulation broke: {type(error).__name__}: {error} (raised at {_places(error)})")
        if self._journal is not None:
            self._journal.close()
        return ChapterResult(
            self._journey, self._loop.time(), self._troubles, flows=Flows(), violations=tuple(self._violations), head=""
        )

    async def _open(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._world = world = await World.open(
            self._config, Random(self._dice.getrandbits(64)), self._open_journal(), Store(None), self._trace()
        )
        task.set_name("bystander")
        self._witness = Witness(world, self._wrong)
        self._fairness = Fairness(world, self._witness)
        self._director = Director(world, self._disk, self._dice, self._reopen, self._say, self._wrong, self._struck)
        world.watch = self._happened
        world.carrier_line.watch = self._witness.asked
        world.on_broken = self._broken
        world.on_picture = self._picture
        self._hook(world.journal)
        await world.until(Screen.ATTRACT)
        self._witness.begin_again()

    def _open_journal(self) -> MortalJournal:
        self._journal = MortalJournal.open(JOURNAL, self._config.kiosk_id, vfs=self._vfs.name)
        return self._journal

    def _reopen(self) -> Journal:
        self._world.journal.close()
        journal = self._open_journal()
        self._world.journal = journal
        self._witness.begin_again()
        self._hook(journal)
        return journal

    def _hook(self, journal: Journal) -> None:
        assert isinstance(journal, MortalJournal)
        journal.before_write = self._writes
        journal.after_write = self._wrote
        journal.on_failure = self._director.write_failed

    # --- what is seen -----------------------------------------------------------------------------------------------

    def _wrong(self, text: str) -> None:
        violation = Violation(self._journey, text)
        if violation not in self._violations:
            self._violations.append(violation)
            self._say(f"WRONG: {text}")

    def _say(self, text: str) -> None:
        if self._note is not None:
            self._note(f"{self._loop.time():.6f} {text}")

    def _struck(self, trouble: Trouble) -> None:
        if needs_recount(trouble):
            self._witness.suspects.add(trouble.fault)

    def _trace(self) -> Any:
        return None

    def _writes(self, entries: tuple[Entry, ...]) -> None:
        self._director.before_write(entries)

    def _wrote(self, entries: tuple[Entry, ...]) -> None:
        for entry in entries:
            if self._note is not None:
                self._say(
                    f"journal | {entry.kind} {entry.visit} {entry.body_text()} {[(p.account, p.yen) for p in entry.postings]}"
                )
        self._witness.wrote(entries)
        self._director.after_write(entries)

    def _happened(self, device: str, fact: dict[str, Any]) -> None:
        if self._note is not None:
            self._say(f"{device} * {' '.join(f'{k}={v}' for k, v in fact.items() if k not in ('t', 'text'))}")
        self._witness.happened(device, fact)
        self._director.happened()

    def _picture(self, model: ScreenModel) -> None:
        if self._note is not None:
            self._say(f"screen # {model.screen.value} {model.notice} inserted {model.inserted_yen} escrow {model.escrow_yen}")

    def _broken(self, error: BaseException) -> None:
        """The program has ended by itself: for want of a journal it must, for any other reason it must not."""
        if isinstance(error, Killed) or self._world.dead:
            return
        if not isinstance(error, JournalError):
            self._wrong(f"the kiosk's program ended: {type(error).__name__}: {error}")
        self._say(f"the kiosk's program ended: {error}")
        self._world.dead = True
        self._restarting = self._world.spawn(self._director.restart())

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, Killed | asyncio.CancelledError):
            self._wrong(f"nobody handled it: {context.get('message')}: {type(error).__name__}: {error}")

    # --- the visits -------------------------------------------------------------------------------------------------

    async def _serve_everybody(self) -> None:
        for visit in self._plan.visits:
            self._journey += 1
            self._say(f"--- customer {self._journey}: {visit.habit}")
            self._director.arm(visit.troubles)
            await self._customer(visit).visit()
            self._say("the customer has left")
            await self._director.finish()
            self._troubles += len(self._director.struck)
            if not await self._comes_to_rest():
                return
            await self._look(visit)
            if self._violations:
                return
            self._witness.suspects.add(STAFF)
            await go_round(self._world)
            self._witness.suspects.clear()
            await asyncio.sleep(visit.gap_s)

    def _customer(self, visit: Visit) -> SimulatedCustomer:
        return SimulatedCustomer(self._world, visit)

    async def _comes_to_rest(self) -> bool:
        if self._restarting is not None:
            await self._restarting
            self._restarting = None
        self._witness.suspects.add(STAFF)
        await repair(self._world)
        self._witness.suspects.discard(STAFF)
        try:
            async with asyncio.timeout(REST_S):
                await self._until_nothing_stirs()
        except TimeoutError:
            away = _away(self._world)
            self._wrong(
                f"still on the screen {self._world.shown.screen} {REST_S:.0f} s after the customer left; not ready: {away}"
            )
            return False
        return True

    async def _until_nothing_stirs(self) -> None:
        """Wait until all devices are back on their lines, and the kiosk has stood ready for the next customer for a while.

        A device that is back may tell of a coin only then, and the kiosk pays it out to whoever is there.
        """
        world = self._world
        while True:
            await world.until(Screen.ATTRACT, timeout_s=REST_S)
            await take_what_was_left(world)
            while _away(world):
                await asyncio.sleep(1)
            await world.until_still(PARTS_STOP_S)
            await asyncio.sleep(PARTS_STOP_S)
            if world.shown.screen is Screen.ATTRACT:
                return

    async def _look(self, visit: Visit) -> None:
        """Let staff and oracle look at a kiosk at rest."""
        world, witness = self._world, self._witness
        if any(quirk.deed in DOUBTFUL_DEEDS for quirk in visit.quirks):
            witness.suspects.add("a quirk")
        wrong = differences(world.bench.devices, world.journal.balances(), world.till.in_doubt)
        before, self._declared = self._declared, world.journal.balance(accounts.UNACCOUNTED)
        told = before != self._declared  # something went out of sight, or turned up
        if wrong and (witness.suspects or told):
            witness.suspects.add(STAFF)
            await count_by_hand(world, wrong)
            self._say(f"staff count: {wrong}")
        ordinary = not witness.suspects and not self._director.struck and not told
        witness.suspects.clear()
        papers, self._papers = self._papers, len(world.printer.receipts)
        self._smeared |= bool(self._director.struck)
        noisy = self._smeared or papers == self._papers
        self._smeared &= papers == self._papers or bool(self._director.struck)
        for text in [*at_rest(world, noisy=noisy), *self._fairness.check(ordinary=ordinary)]:
            self._wrong(text)
        witness.delivered_once()

    async def _last_answers(self) -> None:
        """Wait until every commit that its carrier has not spoken about is settled, as long as that may take."""
        world = self._world
        printed_s = self._loop.time() + PAPERS_S
        while self._witness.prints and self._loop.time() < printed_s:
            await asyncio.sleep(1)
        for device in world.bench.devices.values():
            await device.driver.close()  # hours of polling idle devices would prove nothing
        ends_s = asyncio.get_running_loop().time() + LAST_ANSWERS_S
        while world.journal.balances()[accounts.CUSTOMER_INSERTED] and asyncio.get_running_loop().time() < ends_s:
            await asyncio.sleep(60)


def _away(world: World) -> dict[str, list[str]]:
    """Return the devices for money that are not ready, with what they say is wrong."""
    around = world.till.around
    acceptors = {around.acceptor_name: around.acceptor} if around.acceptor is not None else {}
    drivers: dict[str, BillAcceptor | CoinAcceptor | CashDispenser] = {
        **acceptors,
        **around.coin_acceptors,
        **around.dispensers,
    }
    return {
        name: sorted(fault.value for fault in driver.status.faults)
        for name, driver in drivers.items()
        if not driver.status.ready
    }


def _places(error: BaseException) -> str:
    """Return where an error was raised, and from where that was called."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-3:])
    return ", called from ".join(f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in frames)
