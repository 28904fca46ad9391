"""The note path inside a bill acceptor: motors, sensors and travel times, and what its program can order.

::

    customer -> MOUTH -> TRANSPORT -> ESCROW -> STACKER (lever) -> CASHBOX
                BEZEL <- TRANSPORT <-----'

This is the truth that a test's oracle reads. It knows nothing of protocols: a face reports it to a host and gives its orders.
Matter survives power: a note stays where the motors stopped, and the sensors see it there at power-up. What a power cut takes
is the program's memory: what was going on, and whether anybody had decided about the note.

Pure: times in seconds of one clock are handed in and never go back; every call first lets the parts move until then.

Not modelled: the orientation of a note, its slippage, two notes lying on each other, a bezel's lamps.
"""

import math
from collections import Counter
from itertools import chain

from hardware.bills.cashbox import CashBox
from hardware.bills.notes import Note, NotePiles, Place
from hardware.bills.phases import Event, Phase
from hardware.bills.timings import NoteTimings
from hardware.emulator import Happening
from hardware.vocabulary import Fault, RefuseReason


class NotePath:
    """The path with its cash box.

    The program that runs it (a protocol face) says what it wants with :meth:`let_in` and :attr:`permitted`, orders with
    :meth:`stack`, :meth:`give_back` and :meth:`restart_escrow_timer`, and reads :attr:`phase`, :attr:`faults` and the sensors.
    What hands do to it is in :class:`hardware.bills.mechanism.BillMechanism`.
    """

    def __init__(self, timings: NoteTimings, capacity: int, known: frozenset[int], near_full: int | None = None) -> None:
        """``capacity`` and ``near_full`` are in notes; ``known`` are the yen values that the sensors can recognise."""
        self.timings = timings
        self.known = known
        self.permitted: frozenset[int] = frozenset()
        """Yen values to let through to escrow; another one is read and refused as INHIBITED."""
        self.tickets_permitted = False
        """Whether a barcode ticket is let through to escrow."""
        self.piles = NotePiles()
        self._at_mouth = self.piles.at(Place.MOUTH)
        self._in_transport, self._in_escrow = self.piles.at(Place.TRANSPORT), self.piles.at(Place.ESCROW)
        self._in_stacker, self._at_bezel = self.piles.at(Place.STACKER), self.piles.at(Place.BEZEL)
        self.box = CashBox(self.piles, capacity, near_full)
        self.phase = Phase.REST
        self.held = False
        """Whether the host has asked to keep the note in escrow."""
        self.refused: RefuseReason | None = None
        """Why the note in phase REJECTING goes back."""
        self.faults: set[Fault] = set()
        """Lasting faults: they stop the motors until :meth:`clear`, and outlive a power cut."""
        self.powered = True
        self.slowness = 1.0
        """Every motion that begins takes so many times as long as it should: a worn motor."""
        self.notes_are_taken = True
        """Whether the customer takes a note that is given back at once; else it stays at the bezel until :meth:`take`."""
        self._rollers_wanted = False
        self._remaining_s: float | None = None  # of the phase, while the motors stand still
        self._due_s: float | None = None  # end of the phase, while they run
        self._happenings: list[Happening] = []

    # -- what the sensors and the oracle see ---------------------------------------------------------------------------

    @property
    def mouth(self) -> Note | None:
        """The note stuck into the slot that the rollers have not taken."""
        return next(iter(self._at_mouth), None)

    @property
    def inside(self) -> Note | None:
        """The one note between slot and cash box."""
        return next(chain(self._in_transport, self._in_escrow, self._in_stacker, self._at_bezel), None)

    @property
    def note_in_acceptor(self) -> bool:
        """Whether a sensor before the stacker is covered."""
        return bool(self._in_transport or self._in_escrow or self._at_bezel)

    @property
    def note_in_stacker(self) -> bool:
        """Whether the sensor between escrow and cash box is covered."""
        return bool(self._in_stacker)

    @property
    def paused(self) -> bool:
        """Whether a second note at the mouth holds up the one inside [U: every motion waits until it is pulled out].

        Not one that is past the lever: it is out of the second one's way, may be credited already (SSP), and a customer who is
        asked for the next note puts it in at once.
        """
        if self.mouth is None or self.phase is Phase.PRESSING:
            return False
        return self.inside is not None or self.phase is not Phase.REST

    @property
    def cashbox(self) -> Counter[int]:
        """Notes in the cash box by yen value: what staff would count."""
        return self.box.contents

    @property
    def at_customer(self) -> Counter[int]:
        """Notes that came back to the customer, by yen value."""
        return self.piles.count(Place.CUSTOMER)

    def where(self, note: Note) -> Place:
        """Return where ``note`` is. Raises KeyError for a note of another machine."""
        return self.piles.where(note)

    def take_happenings(self) -> list[Happening]:
        """Return, once, what has happened since the last call, oldest first."""
        happenings, self._happenings = self._happenings, []
        return happenings

    # -- time ----------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """Return when a part arrives or a timer ends, or None when everything stands still."""
        return self._due_s

    def advance(self, now_s: float) -> None:
        """Let the parts move until ``now_s``; a timer that ends exactly then has ended."""
        while self._due_s is not None and self._due_s <= now_s:
            due_s = self._due_s
            self._due_s = None
            self._arrive(due_s)
            self._regulate(due_s)

    def _arrive(self, t: float) -> None:
        """End the phase whose time is over."""
        phase, note = self.phase, self.inside
        if phase is Phase.ESCROW:
            self._begin(Phase.RETURNING, self.timings.return_s)
            self._lay(Place.TRANSPORT)
        elif phase is Phase.STACKING:
            self._tell(t, Event.NOTE_AT_LEVER, note)
            self._begin(Phase.PRESSING, self.timings.stack_s - self.timings.lever_s)
        elif phase is Phase.DRAWING and note is not None:
            self._judge(t, note)
        elif phase is Phase.PRESSING or note is None or self.notes_are_taken:
            self._finish()
            if note is not None and phase is Phase.PRESSING:
                self._store(t, note)
            elif note is not None:  # after a pull-back the rollers run back empty
                self.piles.move(note, Place.CUSTOMER)
                self._tell(t, Event.NOTE_RETURNED, note)
        else:  # the phase goes on, without an end of its own
            self._lay(Place.BEZEL)
            self._tell(t, Event.NOTE_AT_BEZEL, note)

    def _fits(self, note: Note | None) -> bool:
        """Return whether there is room for ``note`` behind the stacker."""
        return self.box.fitted and not self.box.full

    def _store(self, t: float, note: Note) -> None:
        """Lay a note down where it stays."""
        self.piles.move(note, Place.CASHBOX)
        self._tell(t, Event.NOTE_STACKED, note)
        if self.box.full:
            self._tell(t, Event.CASHBOX_FULL)
        elif self.box.near_full:
            self._tell(t, Event.CASHBOX_NEAR_FULL)

    def _judge(self, t: float, note: Note) -> None:
        """The sensors have seen the whole note."""
        if note.flaw is not None:
            self._reject(t, note, note.flaw)
        elif note.yen not in self.known and not note.barcode:
            self._reject(t, note, RefuseReason.UNREADABLE)
        elif not self.tickets_permitted if note.barcode else note.yen not in self.permitted:
            self._reject(t, note, RefuseReason.INHIBITED)
        else:
            self.piles.move(note, Place.ESCROW)
            self._begin(Phase.ESCROW, self.timings.escrow_timeout_s)
            self._tell(t, Event.NOTE_IN_ESCROW, note)

    def _reject(self, t: float, note: Note, reason: RefuseReason) -> None:
        self._begin(Phase.REJECTING, self.timings.return_s)
        self.refused = reason
        self._tell(t, Event.NOTE_REFUSED, note, reason=reason.value)

    def _begin(self, phase: Phase, lasts_s: float) -> None:
        """Enter ``phase``; its clock starts when :meth:`_regulate` lets the motors run."""
        self.phase, self.refused, self.held = phase, None, False
        lasts_s = lasts_s if phase is Phase.ESCROW else lasts_s * self.slowness
        self._remaining_s, self._due_s = lasts_s if lasts_s < math.inf else None, None

    def _finish(self) -> None:
        self.phase, self.refused, self.held = Phase.REST, None, False
        self._remaining_s = self._due_s = None

    def _lay(self, place: Place) -> None:
        note = self.inside
        if note is not None:
            self.piles.move(note, place)

    def _regulate(self, t: float) -> None:
        """Start, halt or let run: the motors turn only with power, no fault, a free mouth and somewhere to go."""
        can_move = self.powered and not self.faults
        waiting = self.mouth
        if waiting is not None and can_move and self._rollers_wanted and self.inside is None and self.phase is Phase.REST:
            self.piles.move(waiting, Place.TRANSPORT)
            self._begin(Phase.DRAWING, self.timings.insert_to_escrow_s)
            self._tell(t, Event.NOTE_DRAWN, waiting)
        runs = can_move and not self.paused and not self._way_barred()
        if runs and self._remaining_s is not None:
            self._due_s, self._remaining_s = t + self._remaining_s, None
        elif not runs and self._due_s is not None:
            self._remaining_s, self._due_s = self._due_s - t, None

    def _way_barred(self) -> bool:
        """Return whether a note on its way has nowhere to go."""
        return self.phase in (Phase.STACKING, Phase.PRESSING) and not self.box.fitted

    def _tell(self, t: float, event: str, note: Note | None = None, **data: int | str) -> None:
        facts: dict[str, int | str] = {"yen": note.yen} if note is not None else {}
        self._happenings.append(Happening(t, str(event), {**facts, **data}))

    # -- orders of the program -----------------------------------------------------------------------------------------

    def let_in(self, wanted: bool, now_s: float) -> None:
        """Say whether the rollers shall take a note that is at the mouth, now or later."""
        self.advance(now_s)
        if wanted != self._rollers_wanted:
            self._rollers_wanted = wanted
            self._regulate(now_s)

    def stack(self, now_s: float) -> bool:
        """Send the note in escrow to the cash box; False when none waits there or the box cannot take it."""
        self.advance(now_s)
        note = self.inside
        if self.phase is not Phase.ESCROW or self.faults or not self._fits(note):
            return False
        self._lay(Place.STACKER)
        self._begin(Phase.STACKING, self.timings.lever_s)
        self._tell(now_s, Event.NOTE_STACKING, note)
        self._regulate(now_s)
        return True

    def give_back(self, now_s: float) -> bool:
        """Send the note in escrow back to the customer; False when none waits there."""
        self.advance(now_s)
        if self.phase is not Phase.ESCROW or self.faults:
            return False
        self._lay(Place.TRANSPORT)
        self._begin(Phase.RETURNING, self.timings.return_s)
        self._regulate(now_s)
        return True

    def restart_escrow_timer(self, now_s: float, *, held: bool) -> bool:
        """Give the note in escrow its whole waiting time again; False when none waits there."""
        self.advance(now_s)
        if self.phase is not Phase.ESCROW or self.faults:
            return False
        self._begin(Phase.ESCROW, self.timings.escrow_timeout_s)
        self.held = held
        self._regulate(now_s)
        return True

    def clear_path(self, now_s: float, *, keep_escrow: bool = False) -> None:
        """Do what a reset does: a note before the stacker goes back, one in the stacker goes on into the box.

        With ``keep_escrow`` a note that lay in escrow through a power cut is offered again instead.
        """
        self.advance(now_s)
        if self.note_in_stacker:
            if self.phase not in (Phase.STACKING, Phase.PRESSING):
                self._begin(Phase.PRESSING, self.timings.stack_s - self.timings.lever_s)
        elif keep_escrow and self._in_escrow:
            self._begin(Phase.ESCROW, self.timings.escrow_timeout_s)
        elif self._at_bezel:
            if self.phase is Phase.REST:
                self._begin(Phase.RETURNING, self.timings.return_s)
        elif self.note_in_acceptor and self.phase not in (Phase.RETURNING, Phase.REJECTING):
            self._lay(Place.TRANSPORT)
            self._begin(Phase.RETURNING, self.timings.return_s)
        self._regulate(now_s)
