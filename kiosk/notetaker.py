"""The bill acceptor's clerk: what the unit says becomes events of the visit, and notes that no visit knows are booked."""

from collections.abc import Callable

import structlog

from hardware.bills import acceptor as bills
from hardware.errors import NotRecordedError, SequenceError
from hardware.vocabulary import Belief
from kiosk.books import stray_postings
from kiosk.desk import Desk
from kiosk.ledger.entry import Entry, Kind
from kiosk.record import event_to_json
from kiosk.session import events as ev

log = structlog.get_logger()

NOTHING = (0, 0)


class NoteTaker:
    """Serves one bill acceptor."""

    def __init__(self, acceptor: bills.BillAcceptor, desk: Desk, recovered_visit: int) -> None:
        self._acceptor = acceptor
        self._desk = desk
        self._recovered_visit = recovered_visit
        self._told_inside = False
        self._met_in_escrow = False
        """Whether the note on our books was told of in this life: then it is no former life's."""
        self._inherited_yen = desk.state.escrow.yen if desk.state.escrow is not None else 0
        """Worth of the note that a former life had in escrow, as long as the unit has not told what became of it."""
        self._last_in_escrow = (desk.state.visit, self._inherited_yen)
        """Which visit had what in escrow last, until it is told as credited or given back."""
        self._unasked_yen = 0
        """Worth of the note inside that no visit took, and that is on its way back."""
        self._welcome: frozenset[int] = frozenset()
        self.status = bills.AcceptorStatus()
        self.on_stacked: Callable[[int], None] = lambda yen: None
        """Hears the value of every note that went into the unit for good, after it was booked."""

    async def start(self) -> None:
        """Begin to serve."""
        await self._acceptor.start(self._said)

    async def close(self) -> None:
        """Leave the line."""
        await self._acceptor.close()

    @property
    def denominations(self) -> frozenset[int]:
        """What the unit could take now."""
        return self._acceptor.denominations if self.status.ready else frozenset()

    def welcome(self, notes: frozenset[int]) -> None:
        """Let the unit take ``notes`` and no others."""
        notes = notes if self.status.ready else frozenset()
        if notes == self._welcome:
            return
        self._welcome = notes
        if notes:
            self._acceptor.enable(notes)
        else:
            self._acceptor.disable()

    def shut(self) -> None:
        """Take nothing more, and let go of a note that may still go back: there is no journal to write into."""
        self._acceptor.disable()
        escrow = self._desk.state.escrow
        if escrow is not None and escrow.decision == "hold":
            self.return_()

    def hold(self) -> None:
        """Keep the note in escrow."""
        self._decide(self._acceptor.hold)

    def stack(self) -> None:
        """Send the note in escrow to the box."""
        self._decide(self._acceptor.stack)

    def return_(self) -> None:
        """Give the note in escrow back."""
        self._decide(self._acceptor.return_)

    def _decide(self, decision: Callable[[], None]) -> None:
        """Tell the acceptor what to do with the note; the note may be gone by now, and then its event is on the way."""
        try:
            decision()
        except SequenceError as error:
            log.info("note gone before the decision", why=str(error))

    # --- what the unit says -----------------------------------------------------------------------------------------

    def _said(self, event: bills.BillEvent) -> None:
        desk = self._desk
        match event:
            case bills.AcceptorStatus():
                self._changed(event)
            case bills.NoteInEscrow(yen, mark):
                self._in_escrow(yen, mark)
            case bills.NoteStacked(yen):
                self._of_this_visit(ev.NoteCredited(yen))
                self.on_stacked(yen)
            case bills.NoteReturned(yen):
                self._of_this_visit(ev.NoteGivenBack(yen))
            case bills.NoteUnaccounted(yen, believed, mark):
                self._unaccounted(yen, believed, mark)
            case bills.NoteRefused(reason, code):
                log.info("note refused", reason=reason.value, code=code)
                desk.handle(ev.NoteRejected(reason.value))
            case bills.FraudSuspected(code):
                desk.remark("fraud suspected", code=code)
        if desk.lost and isinstance(event, bills.NoteStacked | bills.NoteReturned | bills.NoteUnaccounted):
            raise NotRecordedError(f"{type(event).__name__} cannot be written down")

    def _in_escrow(self, yen: int, mark: str) -> None:
        """A note waits: one of the visit's, one that a former life had there, or one that nobody asked for."""
        desk = self._desk
        before = desk.state.escrow
        self._unasked_yen = 0
        if before is not None and (before.yen != yen or self._is_another(mark)):
            self._note_of_a_former_life()  # of which the unit has said all it knows: that it holds another
            before = desk.state.escrow
        elif before is None and yen == self._inherited_yen and not self._is_another(mark):
            # declared missing since, and owed: it belongs in the box, whoever stands here now
            self._inherited_yen = 0
            desk.remark("note declared missing waits in escrow", yen=yen)
            self._decide(self._acceptor.return_ if desk.lost else self._acceptor.stack)
            return
        desk.handle(ev.NoteEscrowed(yen, mark))
        # a unit tells first what became of the note before: one of the same value is the one on our books
        self._met_in_escrow = desk.state.escrow is not None and (before is None or before.yen == yen)
        if desk.state.escrow is not None:
            self._last_in_escrow = desk.state.visit, desk.state.escrow.yen
        if desk.lost:
            self.return_()
        elif desk.state.escrow is None:
            self._unasked_yen = yen
            desk.remark("note nobody asked for", yen=yen)
            self.return_()

    def _changed(self, status: bills.AcceptorStatus) -> None:
        log.info("acceptor", state=status.state.value, power=status.power.value, faults=sorted(f.value for f in status.faults))
        was_blocked, self.status = self.status.blocked, status
        if status.blocked != was_blocked:
            self._desk.handle(ev.MouthBlocked(status.blocked))
        if status.ready and not self._told_inside:
            self._told_inside = True
            self._note_of_a_former_life()
            self._inherited_yen = 0
        self._desk.devices_changed()

    def _note_of_a_former_life(self) -> None:
        """The unit has told all it knows. A note still in escrow on our books is not there any more."""
        escrow = self._desk.state.escrow
        if escrow is None or self._met_in_escrow or self._desk.state.visit != self._recovered_visit:
            return
        # never told to stack: it can only have gone back. Told to stack and silent about it: nobody can say.
        self._desk.handle(ev.NoteMissing(escrow.yen) if escrow.decision == "stack" else ev.NoteGivenBack(escrow.yen))

    def _is_another(self, mark: str) -> bool:
        """Whether a note is surely not the one that the books had in escrow last, by what the unit calls its coming."""
        known = self._desk.state.escrow_mark
        return bool(mark and known) and mark != known

    def _of_this_visit(self, event: ev.NoteCredited | ev.NoteGivenBack) -> None:
        escrow = self._desk.state.escrow
        unasked, self._unasked_yen = event.yen == self._unasked_yen, 0
        if escrow is not None and escrow.yen == event.yen:
            self._last_in_escrow = NOTHING
            self._desk.handle(event)
        elif self._desk.lost:
            return
        elif unasked and isinstance(event, ev.NoteGivenBack):
            self._desk.remark("note nobody asked for went back", yen=event.yen)
        else:
            self._stray(event, unasked=unasked)

    def _stray(self, event: ev.NoteCredited | ev.NoteGivenBack, *, unasked: bool) -> None:
        """Book a note that no visit has in escrow: on the visit that had it there last and declared it missing, if any."""
        (visit, yen), self._last_in_escrow = self._last_in_escrow, NOTHING
        whose = str(visit) if yen == event.yen and not unasked else None
        legs = stray_postings(event, self._desk.around.journal.balances(whose), unasked=unasked)
        log.warning("stray note", **event_to_json(event))
        self._desk.append(Entry(Kind.REMARK, whose or "", {"what": "stray note", **event_to_json(event)}, legs))

    def _unaccounted(self, yen: int | None, believed: Belief, mark: str) -> None:
        escrow = self._desk.state.escrow
        if escrow is None or yen not in (None, escrow.yen) or self._is_another(mark):
            # without a note on our books this is one that was booked before the unit heard our acknowledgement
            self._desk.remark("note of a former life", yen=yen, believed=believed.value)
            return
        self._inherited_yen = 0
        match believed:
            case Belief.STACKED:
                self._desk.handle(ev.NoteCredited(escrow.yen))
                self.on_stacked(escrow.yen)
            case Belief.RETURNED:
                self._desk.handle(ev.NoteGivenBack(escrow.yen))
            case _:
                self._desk.handle(ev.NoteMissing(escrow.yen))
