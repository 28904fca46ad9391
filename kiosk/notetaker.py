"""The bill acceptor's clerk: what the unit says becomes events of the visit, and notes that no visit knows are booked."""

from collections.abc import Callable

import structlog

from hardware.bills import acceptor as bills
from hardware.errors import NotRecordedError, SequenceError
from hardware.vocabulary import Belief
from kiosk.books import stray_postings
from kiosk.desk import Desk
from kiosk.ledger import accounts
from kiosk.record import event_to_json
from kiosk.session import events as ev

log = structlog.get_logger()


class NoteTaker:
    """Serves one bill acceptor."""

    def __init__(self, acceptor: bills.BillAcceptor, desk: Desk, recovered_visit: int) -> None:
        self._acceptor = acceptor
        self._desk = desk
        self._recovered_visit = recovered_visit
        self._told_inside = False
        self._met_in_escrow = False
        """Whether the note on our books was told of in this life: then it is no former life's."""
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
            case bills.NoteInEscrow(yen):
                before = desk.state.escrow
                desk.handle(ev.NoteEscrowed(yen))
                # a unit tells first what became of the note before: one of the same value is the one on our books
                self._met_in_escrow = desk.state.escrow is not None and (before is None or before.yen == yen)
                if desk.lost:
                    self.return_()
                elif desk.state.escrow is None:
                    self._unasked_note(yen)
            case bills.NoteStacked(yen):
                self._of_this_visit(ev.NoteCredited(yen))
                self.on_stacked(yen)
            case bills.NoteReturned(yen):
                self._of_this_visit(ev.NoteGivenBack(yen))
            case bills.NoteUnaccounted(yen, believed):
                self._unaccounted(yen, believed)
            case bills.NoteRefused(reason, code):
                log.info("note refused", reason=reason.value, code=code)
                desk.handle(ev.NoteRejected(reason.value))
            case bills.FraudSuspected(code):
                desk.remark("fraud suspected", code=code)
        if desk.lost and isinstance(event, bills.NoteStacked | bills.NoteReturned | bills.NoteUnaccounted):
            raise NotRecordedError(f"{type(event).__name__} cannot be written down")

    def _changed(self, status: bills.AcceptorStatus) -> None:
        log.info("acceptor", state=status.state.value, power=status.power.value, faults=sorted(f.value for f in status.faults))
        was_blocked, self.status = self.status.blocked, status
        if status.blocked != was_blocked:
            self._desk.handle(ev.MouthBlocked(status.blocked))
        if status.ready and not self._told_inside:
            self._told_inside = True
            self._note_of_a_former_life()
        self._desk.devices_changed()

    def _note_of_a_former_life(self) -> None:
        """The unit has told all it knows. A note still in escrow on our books is not there any more."""
        escrow = self._desk.state.escrow
        if escrow is None or self._met_in_escrow or self._desk.state.visit != self._recovered_visit:
            return
        # never told to stack: it can only have gone back. Told to stack and silent about it: nobody can say.
        self._desk.handle(ev.NoteMissing(escrow.yen) if escrow.decision == "stack" else ev.NoteGivenBack(escrow.yen))

    def _of_this_visit(self, event: ev.NoteCredited | ev.NoteGivenBack) -> None:
        escrow = self._desk.state.escrow
        if escrow is not None and escrow.yen == event.yen:
            self._desk.handle(event)
        else:
            legs = stray_postings(event, self._desk.around.journal.balances())
            self._desk.remark("stray note", legs, **event_to_json(event))

    def _unaccounted(self, yen: int | None, believed: Belief) -> None:
        escrow = self._desk.state.escrow
        if escrow is None or yen not in (None, escrow.yen):
            # without a note on our books this is one that was booked before the unit heard our acknowledgement
            self._desk.remark("note of a former life", yen=yen, believed=believed.value)
            return
        match believed:
            case Belief.STACKED:
                self._desk.handle(ev.NoteCredited(escrow.yen))
                self.on_stacked(escrow.yen)
            case Belief.RETURNED:
                self._desk.handle(ev.NoteGivenBack(escrow.yen))
            case _:
                self._desk.handle(ev.NoteMissing(escrow.yen))

    def _unasked_note(self, yen: int) -> None:
        """A note came to escrow when none was welcome. One declared missing belongs in the box, any other goes back."""
        missing = self._desk.around.journal.balances()[accounts.UNACCOUNTED] >= yen
        self._desk.remark("note nobody asked for", yen=yen, missing=missing)
        self._decide(self._acceptor.stack if missing else self._acceptor.return_)
