"""The only place where a visit's effects meet devices, gateway and journal.

Order, always: what happened is journaled together with the postings it means and the intents of what is to follow, in one
synced commit; then the effects are carried out; then the screen shows it. A kiosk killed between any two of these starts
again from the journal (``kiosk/recovery.py``) and finishes the story.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import structlog

from hardware.bills import acceptor as bills
from hardware.errors import SequenceError
from hardware.printers.printer import PrinterStatus
from hardware.vocabulary import Belief, JobOutcome
from kiosk.alarms import Alarms
from kiosk.books import postings, stray_postings
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import JournalError
from kiosk.record import event_to_json, intent_id, intent_to_json, state_to_json
from kiosk.recovery import Parked, Recovered
from kiosk.screenmodel import Intent
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.cash import accepted
from kiosk.session.machine import step
from kiosk.session.picture import picture
from kiosk.session.state import Phase, State
from kiosk.surroundings import Surroundings
from kiosk.topup.gateway import client_ref

log = structlog.get_logger()

SETTLE_EVERY_S = 60.0
"""How often an unanswered commit is asked about after its customer has left."""

PRINT_AGAIN_S = 10.0
"""After a receipt that did not come out: by then a printer that is really gone has been found silent."""


class Till:
    """One terminal at work. ``handle`` is synchronous: when it returns, what it was told is durable and under way."""

    def __init__(self, around: Surroundings, recovered: Recovered) -> None:
        self._around = around
        self.state = recovered.state
        self._recovered = recovered
        self._journaled = recovered.journaled
        self._issued_at = recovered.issued_at
        self._commit: fx.Commit | None = recovered.open_commit
        self._acceptor_status = bills.AcceptorStatus()
        self._told_inside = False
        self._welcome: frozenset[int] = frozenset()
        self._alarms = Alarms(around.shop, self.handle)
        self._tasks: set[asyncio.Task[None]] = set()
        self._printing = asyncio.Lock()
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when the till cannot go on: the journal is lost, or an error of ours. Whoever runs it awaits this."""

    async def start(self) -> None:
        """Finish what a former life left open, then serve."""
        if self._recovered.unfinished:
            self.handle(ev.Restarted())
            for effect in self._recovered.pending:
                if not isinstance(effect, fx.Commit) or self.state.phase is Phase.COMMIT:
                    self._perform(effect, again=True)
        for parked in self._recovered.parked:
            self._spawn(self._settle(parked))
        await self._around.printer.start(self._printer_said)
        await self._around.acceptor.start(self._acceptor_said)
        self._settle_down()

    @property
    def goes_on(self) -> bool:
        """Whether the journal held a visit that was not at rest, which goes on where it stopped."""
        return self._recovered.unfinished

    async def close(self) -> None:
        """Stop serving. What is open stays open in the journal."""
        under_way = tuple(self._tasks)
        self.abandon()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._around.acceptor.close()
        await self._around.printer.close()

    def abandon(self) -> None:
        """Stop dead, as a killed process does: nothing is finished, told or written."""
        self._alarms.cancel()
        for task in tuple(self._tasks):
            task.cancel()

    # --- what happens -----------------------------------------------------------------------------------------------

    def touched(self, intent: Intent) -> None:
        """The screen sends a touch."""
        self.handle(ev.Touched(intent))

    def handle(self, event: ev.Event, resolves: int = 0, outcome: str = "") -> None:
        """Take one event through session, journal and world. ``resolves`` names the intent that it ends."""
        before = self.state
        after, effects = step(self._around.shop, before, event)
        try:
            self._write_down(before, event, after, effects, resolves, outcome)
        except JournalError as error:
            self._break_down(error)
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
        begins = after.booked and not before.booked
        number = after.visit or before.visit
        ends = any(isinstance(effect, fx.EndVisit) for effect in effects) and self._journaled == number
        if not (legs or durable or resolves or ends or (before.booked and after != before)):
            return
        at = self._around.calendar.now()
        visit = str(number)
        entries: list[Entry] = []
        if self._journaled != number:
            entries.append(Entry(Kind.VISIT, visit, {"reference": client_ref(self._around.kiosk_id, number)}))
            self._journaled = number
        if before.booked or legs:
            entries.append(Entry(Kind.EVENT, visit, event_to_json(event), legs))
        if before.escrow is not None and after.escrow != before.escrow and before.escrow.intent:
            body = {"intent": intent_id(number, before.escrow.intent), "outcome": type(event).__name__}
            entries.append(Entry(Kind.RESULT, visit, body))
        if resolves:
            entries.append(Entry(Kind.RESULT, visit, {"intent": intent_id(number, resolves), "outcome": outcome}))
        if begins:
            entries.append(Entry(Kind.SNAPSHOT, visit, {"state": state_to_json(after)}))
        entries += [Entry(Kind.INTENT, visit, intent_to_json(number, effect)) for effect in durable]
        if ends:
            entries.append(self._ending(visit))
        self._around.journal.append(at, *entries)

    def _ending(self, visit: str) -> Entry:
        """A visit is at rest, or parked while its carrier has not said what became of the commit."""
        if self._commit is None:
            return Entry(Kind.ENDED, visit, {})
        return Entry("parked", visit, {"intent": intent_id(int(visit), self._commit.id), "state": state_to_json(self.state)})

    def _settle_down(self) -> None:
        """After every step: let the acceptor take what the state takes, set the alarm, show the picture."""
        around = self._around
        welcome = accepted(around.shop, self.state) if self._acceptor_status.ready else frozenset()
        if welcome != self._welcome:
            self._welcome = welcome
            if welcome:
                around.acceptor.enable(welcome)
            else:
                around.acceptor.disable()
        self._alarms.follow(self.state)
        around.show(picture(around.shop, self.state, client_ref(around.kiosk_id, self.state.visit)))

    # --- what is done -----------------------------------------------------------------------------------------------

    def _perform(self, effect: fx.Effect, *, again: bool) -> None:
        """Carry out one effect; ``again`` after a restart, when it may have been carried out already."""
        around, state = self._around, self.state
        reference = client_ref(around.kiosk_id, state.visit)
        match effect:
            case fx.HoldNote():
                self._decide(around.acceptor.hold)
            case fx.StackNote() if not again:
                self._decide(around.acceptor.stack)
            case fx.ReturnNote() if not again:
                self._decide(around.acceptor.return_)
            case fx.StackNote() | fx.ReturnNote():
                pass  # the acceptor tells by itself what became of a note of a former life
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
                    self.handle(ev.PrintEnded("unknown"), effect.id, "unknown")
                else:
                    self._spawn(self._print(effect))
            case fx.EndVisit():
                self._visit_ended()

    def _decide(self, decision: Callable[[], None]) -> None:
        """Tell the acceptor what to do with the note; the note may be gone by now, and then its event is on the way."""
        try:
            decision()
        except SequenceError as error:
            log.info("note gone before the decision", why=str(error))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

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
        outcome = await self._around.errands.release(topup, reference)
        self.handle(ev.Released(), number, outcome)

    async def _print(self, effect: fx.PrintPaper) -> None:
        around, state = self._around, self.state
        self._issued_at = self._issued_at or around.calendar.now()
        reference = client_ref(around.kiosk_id, state.visit)
        document = around.paper.document(state, effect.kind, effect.copy, reference, self._issued_at)
        async with self._printing:
            outcome = await around.printer.print(document)
        self.handle(ev.PrintEnded(outcome.value), effect.id, outcome.value)
        if outcome is JobOutcome.PRINTED:
            return
        await asyncio.sleep(PRINT_AGAIN_S)
        able = around.printer.status.can_print
        if able and self.state.visit == state.visit and self.state.receipt == outcome.value:
            self.handle(ev.DevicesChanged(self.state.cash_ready, able))  # it may have been back before anybody missed it

    def _visit_ended(self) -> None:
        commit, self._commit, self._issued_at = self._commit, None, None
        if commit is not None:
            last = self._around.journal.rows(visit=str(self.state.visit))
            parked = next(row for row in last if row.kind == "parked")
            self._spawn(self._settle(Parked.from_row(parked, commit)))

    async def _settle(self, parked: Parked) -> None:
        """Book what became of a commit whose customer has left with an "under investigation" slip."""
        visit, commit = parked.state.visit, parked.commit
        reference = client_ref(self._around.kiosk_id, visit)
        event = await self._around.errands.settle(commit.topup, reference, commit.yen, every_s=SETTLE_EVERY_S)
        legs: accounts.Postings = ()
        if commit.yen:
            done = event.outcome == "completed"
            legs = accounts.sale(parked.state.carrier, commit.yen) if done else accounts.owed(commit.yen)
        body = {"intent": intent_id(visit, commit.id), "outcome": event.outcome}
        entries = (Entry(Kind.RESULT, str(visit), body, legs), Entry(Kind.ENDED, str(visit), {}))
        self._append(*entries)

    # --- what the devices say ---------------------------------------------------------------------------------------

    def _acceptor_said(self, event: bills.BillEvent) -> None:
        match event:
            case bills.AcceptorStatus():
                self._acceptor_changed(event)
            case bills.NoteInEscrow(yen):
                self.handle(ev.NoteEscrowed(yen))
                if self.state.escrow is None:
                    self._unasked_note(yen)
            case bills.NoteStacked(yen):
                self._of_this_visit(ev.NoteCredited(yen))
            case bills.NoteReturned(yen):
                self._of_this_visit(ev.NoteGivenBack(yen))
            case bills.NoteUnaccounted(yen, believed):
                self._unaccounted(yen, believed)
            case bills.NoteRefused(reason, code):
                log.info("note refused", reason=reason.value, code=code)
                self.handle(ev.NoteRejected(reason.value))
            case bills.FraudSuspected(code):
                self._remark("fraud suspected", code=code)

    def _acceptor_changed(self, status: bills.AcceptorStatus) -> None:
        log.info("acceptor", state=status.state.value, power=status.power.value, faults=sorted(f.value for f in status.faults))
        was_blocked, self._acceptor_status = self._acceptor_status.blocked, status
        if status.blocked != was_blocked:
            self.handle(ev.MouthBlocked(status.blocked))
        if status.ready and not self._told_inside:
            self._told_inside = True
            self._note_of_a_former_life()
        self._devices_changed()

    def _printer_said(self, status: PrinterStatus) -> None:
        log.info("printer", state=status.state.value, paper=status.paper.value, faults=sorted(f.value for f in status.faults))
        self._devices_changed()

    def _devices_changed(self) -> None:
        cash, paper = self._acceptor_status.ready, self._around.printer.status.can_print
        if (cash, paper) != (self.state.cash_ready, self.state.printer_ready):
            self.handle(ev.DevicesChanged(cash, paper))

    def _note_of_a_former_life(self) -> None:
        """The unit has told all it knows. A note still in escrow on our books is not there any more."""
        escrow = self.state.escrow
        if escrow is None or self.state.visit != self._recovered.state.visit:
            return
        # never told to stack: it can only have gone back. Told to stack and silent about it: nobody can say.
        self.handle(ev.NoteMissing(escrow.yen) if escrow.decision == "stack" else ev.NoteGivenBack(escrow.yen))

    def _of_this_visit(self, event: ev.NoteCredited | ev.NoteGivenBack) -> None:
        escrow = self.state.escrow
        if escrow is not None and escrow.yen == event.yen:
            self.handle(event)
        else:
            self._stray(event)

    def _unaccounted(self, yen: int | None, believed: Belief) -> None:
        escrow = self.state.escrow
        if escrow is None or yen not in (None, escrow.yen):
            # without a note on our books this is one that was booked before the unit heard our acknowledgement
            self._remark("note of a former life", yen=yen, believed=believed.value)
            return
        match believed:
            case Belief.STACKED:
                self.handle(ev.NoteCredited(escrow.yen))
            case Belief.RETURNED:
                self.handle(ev.NoteGivenBack(escrow.yen))
            case _:
                self.handle(ev.NoteMissing(escrow.yen))

    def _stray(self, event: ev.NoteCredited | ev.NoteGivenBack) -> None:
        """A note that no visit has in escrow."""
        legs = stray_postings(event, self._around.journal.balances())
        self._remark("stray note", legs, **event_to_json(event))

    def _unasked_note(self, yen: int) -> None:
        """A note came to escrow when none was welcome. One declared missing belongs in the box, any other goes back."""
        missing = self._around.journal.balances()[accounts.UNACCOUNTED] >= yen
        self._remark("note nobody asked for", yen=yen, missing=missing)
        self._decide(self._around.acceptor.stack if missing else self._around.acceptor.return_)

    # --- the journal ------------------------------------------------------------------------------------------------

    def _remark(self, what: str, legs: accounts.Postings = (), **facts: Any) -> None:
        log.warning(what, **facts)
        self._append(Entry(Kind.REMARK, "", {"what": what, **facts}, legs))

    def _append(self, *entries: Entry) -> None:
        try:
            self._around.journal.append(self._around.calendar.now(), *entries)
        except JournalError as error:
            self._break_down(error)

    def _break_down(self, error: JournalError) -> None:
        """Without a journal no yen may move: take nothing more, let go of what is in escrow, and say so."""
        log.error("journal lost", why=str(error))
        self._around.acceptor.disable()
        if self.state.escrow is not None and self.state.escrow.decision == "hold":
            self._decide(self._around.acceptor.return_)
        dead = replace(State(), phase=Phase.OUT_OF_SERVICE, language=self.state.language)
        self._around.show(picture(self._around.shop, dead, ""))
        if not self.broken.done():
            self.broken.set_exception(error)
