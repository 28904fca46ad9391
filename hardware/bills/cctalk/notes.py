"""What the events of a ccTalk bill validator say about notes: each becomes exactly one story of the acceptor's contract. Pure.

(bill, 0) is the only thing that credits, and names the bill [2]. Every event is told once by its counter, so nothing here is a
repetition. There is no event for a note being drawn in, nor one that says that an order was begun: the unit is asked for
that by ROUTE_BILL, which knows whether escrow is empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hardware.bills.acceptor import BillEvent, NoteInEscrow, NoteRefused, NoteUnaccounted
from hardware.bills.cctalk.meanings import FRAUDS, JAMS, REFUSE_REASONS
from hardware.bills.story import NOTHING, StoryTeller
from hardware.cctalk.codes import BillStatus, BillStep
from hardware.cctalk.events import Pair
from hardware.cctalk.headers import name_of
from hardware.vocabulary import Belief, RefuseReason

_UNSEEN: Pair = (0, BillStep.IN_ESCROW)
"""What came into escrow before all events that are left."""


class NoteTeller(StoryTeller):
    """Turns events into stories."""

    def __init__(self) -> None:
        super().__init__()
        self.adopted: int | None = None
        """Number of a bill that a former host left inside, while it is not known whether it still is in escrow."""
        self._mark = ""
        """Of the last bill that came into escrow."""

    def see(self, pair: Pair, worth_yen: Mapping[int, int], mark: str) -> Sequence[BillEvent]:
        """Take one event and return what it tells, in order. ``worth_yen`` says what bills are worth, ``mark`` what the event
        is called."""
        first, second = pair
        if _came_into_escrow(pair):
            self._mark = mark
        if first:
            return self._see_bill(first, second, worth_yen)
        note = self.note
        name = name_of(BillStatus, second)
        if second == BillStatus.RETURNED:
            if note is None:
                return NOTHING  # one that never was in escrow; or its story ended when it was pulled
            adopted, self.adopted = self.adopted, None
            return [*self.returned(None if adopted is None else worth_yen.get(adopted)), *self._rest()]
        if second in REFUSE_REASONS:
            if note is not None:
                return NOTHING  # a second note: the one in escrow goes back with RETURNED
            return [NoteRefused(REFUSE_REASONS.get(second, RefuseReason.UNKNOWN), name)]
        if second in FRAUDS:
            events = [*self.cheated(name)]
            if second == BillStatus.PULLED_BACK:
                events += self._rest()
            self._fraud_told = False
            return events
        if second in JAMS:
            self.stuck()
        return NOTHING

    def _see_bill(self, bill: int, step: int, worth_yen: Mapping[int, int]) -> Sequence[BillEvent]:
        note, yen = self.note, worth_yen.get(bill)
        match step:
            case BillStep.IN_ESCROW:
                # an event and no state: after an order, or a trouble, it is another note than the one there was
                another = note is not None and (note.stack_sent or note.obscured or self.adopted is not None)
                ended = self.is_lost(worth_yen) if another else NOTHING
                return [*ended, *self._waits(bill, worth_yen)]
            case BillStep.STACKED:
                another = note is not None and note.code not in (None, bill)
                ended = self._rest() if another else NOTHING
                self.adopted = None
                return [*ended, *self.credited(yen), *self._rest()]
            case _:
                return NOTHING

    def found_at_start(
        self, newest_first: Sequence[Pair], marks: Sequence[str], worth_yen: Mapping[int, int]
    ) -> Sequence[BillEvent]:
        """Look at what a unit kept that a former host served: the newest event about a note is the last that is known of it.

        A note that may still be in escrow becomes :attr:`adopted`, and what became of the one before it is told first: a host
        that dies while one is stacked may have let in another. A note whose story ended is told once as NoteUnaccounted: the
        former host may have died before it heard; a journal without an open intent, or whose note has another mark, knows that
        it did not.
        """
        waits = next((at for at, pair in enumerate(newest_first) if _came_into_escrow(pair)), None)
        ended = _end_of_the_newest(newest_first, marks, worth_yen)
        if ended or waits is None:
            return ended
        bill, self._mark = newest_first[waits][0], marks[waits]
        self.adopt(bill)
        before = _end_of_the_newest(newest_first[waits + 1 :], marks[waits + 1 :], worth_yen)
        # of two alike only their marks can tell which one a journal means
        return [end for end in before if end.mark or end.yen not in (None, worth_yen.get(bill))]

    def adopt(self, bill: int) -> None:
        """A former host left this bill in escrow; where it is now has to be asked."""
        self.adopted = bill
        self.inside()

    def is_in_escrow(self, worth_yen: Mapping[int, int]) -> Sequence[BillEvent]:
        """The unit, asked, says that the note inside is in escrow."""
        note = self.note
        bill = self.adopted if note is None or note.code is None else note.code
        if bill is None:
            return NOTHING
        self.adopted = None
        return self._waits(bill, worth_yen)

    def _waits(self, bill: int, worth_yen: Mapping[int, int]) -> Sequence[BillEvent]:
        events = self.in_escrow(bill, worth_yen.get(bill), table_known=True, name=f"IN_ESCROW[{bill}]")
        return [replace(event, mark=self._mark) if isinstance(event, NoteInEscrow) else event for event in events]

    def is_lost(self, worth_yen: Mapping[int, int]) -> Sequence[BillEvent]:
        """The unit, asked, knows nothing of the note inside any more: its story ends without a credit."""
        adopted, self.adopted = self.adopted, None
        if adopted is not None and self.note is not None and self.note.code is None:
            self.note = None
            return [NoteUnaccounted(worth_yen.get(adopted), Belief.UNKNOWN)]
        return self._rest()

    def doubt(self) -> None:
        """Events were lost, or the unit started anew: nothing that was seen of the note inside proves anything."""
        if self.note is not None:
            self.note.gets_stuck()

    def _rest(self) -> Sequence[BillEvent]:
        self.adopted = None if self.note is None or self.note.code is not None else self.adopted
        return self.at_rest()


def _end_of_the_newest(
    newest_first: Sequence[Pair], marks: Sequence[str], worth_yen: Mapping[int, int]
) -> Sequence[NoteUnaccounted]:
    """Return how the story of the newest note ended; nothing when it came into escrow and did not end, or there is none."""
    for at, (first, second) in enumerate(newest_first):
        if _came_into_escrow((first, second)):
            return ()
        before, mark = next(
            ((older, m) for older, m in zip(newest_first[at + 1 :], marks[at + 1 :], strict=True) if older[0]), (_UNSEEN, "")
        )
        if first and second == BillStep.STACKED:
            waited = before == (first, BillStep.IN_ESCROW)
            return [NoteUnaccounted(worth_yen.get(first), Belief.STACKED, mark if waited else "")]
        if second in (BillStatus.RETURNED, BillStatus.PULLED_BACK) and not first and before[1] != BillStep.STACKED:
            return [NoteUnaccounted(worth_yen.get(before[0]), Belief.RETURNED, mark)]
    return ()


def _came_into_escrow(pair: Pair) -> bool:
    return pair[0] != 0 and pair[1] == BillStep.IN_ESCROW
