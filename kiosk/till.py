"""The only place where a visit's effects meet devices, gateway and journal.

Order, always: what happened is journaled together with the postings it means and the intents of what is to follow, in one
synced commit; then the effects are carried out; then the screen shows it. A kiosk killed between any two of these starts
again from the journal (``kiosk/recovery.py``) and finishes the story.

A journal that cannot be written (disk full, read-only, failing) ends all of it at once, without a retry. Nothing is announced
any more, so nothing is begun: no note taken, no coin paid out, no top-up committed, no paper sent. What needs no announcement
is done: acceptors are shut, and a note that lies in escrow undecided goes back. Money already in the box stays there: paid out
unannounced, it would be paid again after the next start. The screen gives the visit's number, and the next life pays or owes
what the journal says. What a device tells meanwhile is not acknowledged to it, so that it tells the next life again; what was
asked of a carrier is asked about again, by the same reference.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from hardware.dispenser import DispenserStatus
from hardware.printers.printer import PrinterStatus
from kiosk.alarms import Alarms
from kiosk.books import postings
from kiosk.carriertrust import CarrierTrust
from kiosk.cashclerk import CashClerk
from kiosk.chronicle import entries_of_step
from kiosk.cointaker import CoinTaker
from kiosk.dayclerk import DayClerk
from kiosk.floats import Floats
from kiosk.investigations import Investigations
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import JournalError
from kiosk.memory import checkpoint_if_due
from kiosk.notetaker import NoteTaker
from kiosk.paperclerk import PaperClerk
from kiosk.pastpapers import PastPapers
from kiosk.payouts import READY_S, Payouts
from kiosk.record import intent_id, state_to_json
from kiosk.recovery import Parked, Recovered
from kiosk.reportclerk import ReportClerk
from kiosk.screenmodel import Intent
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.cash import accepted
from kiosk.session.machine import step
from kiosk.session.picture import picture
from kiosk.session.state import Phase, State
from kiosk.settlements import Settlements
from kiosk.surroundings import Surroundings
from kiosk.topup.gateway import client_ref

log = structlog.get_logger()

COMPARE_S = 5.0
"""After a visit: by then a device that counts has counted."""


class Till:
    """One terminal at work. ``handle`` is synchronous: when it returns, what it was told is durable and under way."""

    def __init__(self, around: Surroundings, recovered: Recovered) -> None:
        self.around = around
        self.state = recovered.state
        self._recovered = recovered
        self._journaled = recovered.journaled
        self._commit: fx.Commit | None = recovered.open_commit
        self._notes = NoteTaker(around.acceptor, self, recovered.state.visit) if around.acceptor is not None else None
        money = recovered.money
        self._floats = Floats(around.dispensers, self, money.floats, around.opening_floats)
        for (device, yen), count in (+money.waiting).items():
            for _ in range(count):
                self._floats.taken(device, device or around.acceptor_name, yen)
        self._coins = [
            CoinTaker(name, acceptor, self, money.marks.get(name), self._coin_in)
            for name, acceptor in around.coin_acceptors.items()
        ]
        self._takers: list[NoteTaker | CoinTaker] = [*self._coins, *([self._notes] if self._notes else [])]
        self._payouts = Payouts(around.dispensers, self._floats, self, money, self._spawn)
        self._awaited = True
        """Whether devices may still be coming up; until all are, or have had their time, nobody is served."""
        self._clocks: list[asyncio.TimerHandle] = []
        self._alarms = Alarms(around.shop, self.handle)
        self._tasks: set[asyncio.Task[None]] = set()
        self._clerk = PaperClerk(self, recovered.issued_at)
        self.trust = CarrierTrust(self)
        """Whether the gateway is the carriers'."""
        self.investigations = Investigations(self, self._spawn)
        """Top-ups of customers who have left, whose carrier has not said what became of them."""
        self._settlements = Settlements(self, self.investigations, recovered.settled)
        self.reports = ReportClerk(self, self._clerk, self._spawn)
        self.days = DayClerk(self, self.reports)
        self.cash = CashClerk(self, self._floats, self.days, self.reports, self.investigations)
        self.papers = PastPapers(self, self._clerk, self._spawn)
        """Receipts of visits that are over, for staff."""
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when the till cannot go on: the journal is lost, or an error of ours. Whoever runs it awaits this."""
        self.lost = False
        """Whether the journal cannot be written any more."""

    async def start(self) -> None:
        """Finish what a former life left open, then serve."""
        self.days.start()
        if self._recovered.unfinished:
            self.handle(ev.Restarted())
            for effect in self._recovered.pending:
                if not isinstance(effect, fx.Commit) or self.state.phase is Phase.COMMIT:
                    self._perform(effect, again=True)
        for parked in self._recovered.parked:
            self.investigations.take(parked)
        self._spawn(self._settlements.run())
        self._spawn(self.trust.run())
        self.papers.resolve(self._recovered.reprints)
        self._payouts.start()
        await self.around.printer.start(self._printer_said)
        for name, dispenser in self.around.dispensers.items():
            await dispenser.start(partial(self._dispenser_said, name))
        if self._notes is not None:
            self._notes.on_stacked = self._note_in
        for taker in self._takers:
            await taker.start()
        self._after(READY_S, self._come_up)
        self._settle_down()

    @property
    def goes_on(self) -> bool:
        """Whether the journal held a visit that was not at rest, which goes on where it stopped."""
        return self._recovered.unfinished

    @property
    def committing(self) -> bool:
        """Whether the visit waits for its carrier's answer to a commit."""
        return self._commit is not None

    @property
    def in_doubt(self) -> frozenset[str]:
        """Devices whose last payout nobody can speak for; they pay nothing until they have said."""
        return frozenset(self._payouts.doubtful)

    async def close(self) -> None:
        """Stop serving. What is open stays open in the journal."""
        under_way = tuple(self._tasks)
        self.abandon()
        await asyncio.gather(*under_way, return_exceptions=True)
        for taker in self._takers:
            await taker.close()
        for dispenser in self.around.dispensers.values():
            await dispenser.close()
        await self.around.printer.close()

    def abandon(self) -> None:
        """Stop dead, as a killed process does: nothing is finished, told or written."""
        self._alarms.cancel()
        self.days.stop()
        for clock in self._clocks:
            clock.cancel()
        for task in tuple(self._tasks):
            task.cancel()

    # --- what happens -----------------------------------------------------------------------------------------------

    def touched(self, intent: Intent) -> None:
        """The screen sends a touch."""
        self.handle(ev.Touched(intent))

    def handle(self, event: ev.Event, resolves: int = 0, outcome: str = "") -> None:
        """Take one event through session, journal and world. ``resolves`` names the intent that it ends."""
        if self.lost:
            return  # what is not written has not happened: the next life hears of it again, or asks
        before = self.state
        after, effects = step(self.around.shop, before, event)
        if not self._written(lambda: self._write_down(before, event, after, effects, resolves, outcome)):
            return
        self.state = after
        for effect in effects:
            self._perform(effect, again=False)
        self._settle_down()

    def _write_down(
        self, before: State, event: ev.Event, after: State, effects: tuple[fx.Effect, ...], resolves: int, outcome: str
    ) -> None:
        """Journal one step, all of it in one commit; nothing for steps that neither move money nor belong to a booked visit.

        A visit that the journal has heard of is told to be at rest there, also when its only money was a note that came back.
        """
        durable = [effect for effect in effects if isinstance(effect, fx.Durable)]
        legs = postings(before, event, after)
        number = after.visit or before.visit
        ends = any(isinstance(effect, fx.EndVisit) for effect in effects) and self._journaled == number
        if not (legs or durable or resolves or ends or (before.booked and after != before)):
            return
        at = self.around.calendar.now()
        visit = str(number)
        entries: list[Entry] = []
        if self._journaled != number:
            entries.append(Entry(Kind.VISIT, visit, {"reference": client_ref(self.around.kiosk_id, number)}))
            self._journaled = number
        entries += entries_of_step(before, event, after, durable, legs, resolves, outcome)
        if ends:
            entries.append(self._ending(visit))
        self.around.journal.append(at, *entries)
        if after.has_paper and self._clerk.issued_at is None:
            self._clerk.issued_at = at

    def _ending(self, visit: str) -> Entry:
        """A visit is at rest, or parked while its carrier has not said what became of the commit."""
        if self._commit is None:
            return Entry(Kind.ENDED, visit, {})
        return Entry("parked", visit, {"intent": intent_id(int(visit), self._commit.id), "state": state_to_json(self.state)})

    def _settle_down(self) -> None:
        """After every step: let the acceptor take what the state takes, set the alarm, show the picture."""
        around = self.around
        self._cash_changed()
        if self.lost or self.broken.done():
            return
        welcome = frozenset[int]() if self.trust.why_not else accepted(around.shop, self.state)
        for taker in self._takers:
            taker.welcome(welcome)
        self._alarms.follow(self.state)
        model = picture(around.shop, self.state, client_ref(around.kiosk_id, self.state.visit))
        around.show(replace(model, electronic=self._clerk.electronic()))

    # --- what is done -----------------------------------------------------------------------------------------------

    def _perform(self, effect: fx.Effect, *, again: bool) -> None:
        """Carry out one effect; ``again`` after a restart, when it may have been carried out already."""
        around, state = self.around, self.state
        reference = client_ref(around.kiosk_id, state.visit)
        match effect:
            case fx.HoldNote() if self._notes is not None:
                self._notes.hold()
            case fx.StackNote() if self._notes is not None and not again:
                self._notes.stack()
            case fx.ReturnNote() if self._notes is not None and not again:
                self._notes.return_()
            case fx.StackNote() | fx.ReturnNote() | fx.HoldNote():
                pass  # the acceptor tells by itself what became of a note of a former life
            case fx.PayOut():
                self._spawn(self._payouts.carry_out(state.visit, effect, again=again))
            case fx.LookUp(target):
                self._spawn(self._answer(around.errands.look_up(target)))
            case fx.GetQuote(target, plan):
                self._spawn(self._answer(around.errands.quote(target, plan)))
            case fx.Reserve(number, quote):
                self._spawn(self._answer(around.errands.reserve(reference, quote, ask_first=again), number))
            case fx.Commit(number, topup, yen):
                self._commit = effect
                self._spawn(self._commit_it(effect, around.errands.commit(topup, reference, yen, ask_first=again)))
            case fx.Release(number, topup):
                self._spawn(self._release(number, topup, reference))
            case fx.PrintPaper():
                if again:
                    self.handle(ev.PrintEnded("unknown", effect.id), effect.id, "unknown")
                else:
                    self._spawn(self._clerk.print(effect))
            case fx.EndVisit():
                self._visit_ended()

    def _after(self, seconds: float, deed: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        self._clocks = [clock for clock in self._clocks if clock.when() >= now_s]
        self._clocks.append(loop.call_later(seconds, deed))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self.broken.done():
            self.broken.set_exception(error)

    async def _answer(self, errand: Coroutine[Any, Any, ev.Event], number: int = 0) -> None:
        event = await errand
        self.handle(event, number, type(event).__name__)

    async def _commit_it(self, effect: fx.Commit, errand: Coroutine[Any, Any, ev.Committed]) -> None:
        event = await errand
        if event.outcome == "unknown":
            self.handle(event)  # the intent stays open: settled when the carrier speaks
            return
        self._commit = None
        self.handle(event, effect.id, event.outcome)

    async def _release(self, number: int, topup: str, reference: str) -> None:
        outcome = await self.around.errands.release(topup, reference)
        self.handle(ev.Released(), number, outcome)

    def _visit_ended(self) -> None:
        commit, self._commit = self._commit, None
        self._clerk.issued_at = None
        self._after(COMPARE_S, self._after_a_visit)
        if commit is not None:
            last = self.around.journal.rows(visit=str(self.state.visit))
            parked = next(row for row in last if row.kind == "parked")
            self.investigations.take(Parked.from_row(parked, commit))

    # --- what the devices say ---------------------------------------------------------------------------------------

    def _printer_said(self, status: PrinterStatus) -> None:
        log.info("printer", state=status.state.value, paper=status.paper.value, faults=sorted(f.value for f in status.faults))
        self.devices_changed()

    def _dispenser_said(self, name: str, status: DispenserStatus) -> None:
        log.info("dispenser", device=name, state=status.state.value, faults=sorted(f.value for f in status.faults))
        self._payouts.stir()
        self.devices_changed()

    def _note_in(self, yen: int) -> None:
        self._floats.taken("", self.around.acceptor_name, yen)
        self._look_again()

    def _coin_in(self, device: str, yen: int) -> None:
        self._floats.taken(device, device, yen)
        self._look_again()

    def _look_again(self) -> None:
        """Once the device has said all of what it has to say now, its count may have grown."""
        if self.around.dispensers:
            asyncio.get_running_loop().call_soon(self._settle_down)

    def devices_changed(self) -> None:
        """Tell the visit what the devices can do now, if that is not what it knows."""
        devices = (*self._takers, *self.around.dispensers.values())
        self._awaited = self._awaited and not all(device.status.ready for device in devices)
        cash = not self._awaited and not self.trust.why_not and any(taker.status.ready for taker in self._takers)
        printer = self.around.printer.status
        paper = printer.can_print and not printer.held_up
        if (cash, paper) != (self.state.cash_ready, self.state.printer_ready):
            self.handle(ev.DevicesChanged(cash, paper))
        else:
            self._settle_down()

    def _cash_changed(self) -> None:
        """Tell the visit what can be put in and paid out, once the devices have had time to come up."""
        if self._awaited and self.around.dispensers:
            return
        self._floats.open()
        self._floats.follow()
        shop = self.around.shop
        takes = frozenset[int]().union(*(taker.denominations for taker in self._takers)) & (shop.denominations | shop.coins)
        known = (tuple(sorted(takes)), self._floats.gives(self._payouts.doubtful))
        if known != (self.state.takes, self.state.gives) and self.state.paying is None:
            self.handle(ev.CashChanged(*known))

    def _come_up(self) -> None:
        """The devices have had the time to come up; what is not there by now is done without."""
        self._awaited = False
        self.devices_changed()
        if self.around.dispensers:
            self._after(COMPARE_S, self._compare_floats)  # a former life may have ended before it compared

    def _after_a_visit(self) -> None:
        if self.around.dispensers:
            self._compare_floats()
        self.days.look()
        self._written(lambda: checkpoint_if_due(self.around.journal, self.around.calendar.now()))

    def _compare_floats(self) -> None:
        if self.state.phase in (Phase.ATTRACT, Phase.OUT_OF_SERVICE) and not self._awaited:
            self._floats.compare(self._payouts.doubtful)
            self._settle_down()

    # --- the journal ------------------------------------------------------------------------------------------------

    def remark(self, what: str, legs: accounts.Postings = (), **facts: Any) -> None:
        log.warning(what, **facts)
        self.append(Entry(Kind.REMARK, "", {"what": what, **facts}, legs))

    def append(self, *entries: Entry) -> bool:
        """Write rows; return whether they are written. Without a journal the kiosk is out of service."""
        return self._written(lambda: self.around.journal.append(self.around.calendar.now(), *entries))

    def _written(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except JournalError as error:
            self._break_down(error)
        return not self.lost

    def _break_down(self, error: JournalError) -> None:
        """Without a journal no yen may move: take nothing more, let go of what is in escrow, and say so."""
        if self.lost:
            return
        self.lost = True
        log.error("journal lost", why=str(error))
        self._alarms.cancel()
        for taker in self._takers:
            taker.shut()
        dead = replace(State(), phase=Phase.OUT_OF_SERVICE, visit=self.state.visit, language=self.state.language)
        self.around.show(picture(self.around.shop, dead, client_ref(self.around.kiosk_id, self.state.visit)))
        if not self.broken.done():
            self.broken.set_exception(error)
