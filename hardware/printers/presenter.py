"""Presenter of a kiosk printer: the cut ticket is held inside, shown at the mouth, and taken, ejected or drawn back.

::

    cut -> INSIDE -> (present) -> MOUTH -> taken by the customer
                                       \\-> (eject) pushed out, falls to whoever stands there
                                       \\-> (retract, or the time is over) drawn back into the bin

Sources: the states are those of the presenters that Custom's manuals describe (VKP80, KPM) [D]; speeds, the length of the path
and what a pull at an uncut ticket does are [K]. What it does not model: a ticket longer than the path that hangs out of the
mouth while it is printed, several tickets gathered into a bundle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from hardware.printers.paper import Piece

Place = Literal["inside", "mouth", "taken", "ejected", "retracted"]
"""Where a ticket is."""

STEP_MM: Final = 7.3
"""Paper that one step of "present" shows [D: KPM manuals]; a model file may say otherwise."""


class Moving(Enum):
    """What the presenter's motor is doing."""

    NO = "no"
    PRESENTING = "presenting"
    EJECTING = "ejecting"
    RETRACTING = "retracting"


@dataclass(frozen=True)
class PresenterFigures:
    """Measures of one presenter."""

    speed_mm_s: float = 200.0
    path_mm: float = 60.0
    """From the blade to the mouth."""
    can_retract: bool = True
    hold_s: float = 0.0
    """How long a ticket stays at the mouth before ``then`` is done with it; 0 waits for ever."""
    then: Literal["retract", "eject"] = "retract"


class Presenter:
    """One ticket at most. ``tell`` hears what happens, with the ticket; call :meth:`advance` first at every new time."""

    def __init__(self, figures: PresenterFigures, tell: Callable[[str, float, Piece | None], None]) -> None:
        self.figures = figures
        self.blocked = False
        """Something sits in its path: nobody knows until the motor turns."""
        self.jammed = False
        self.moving = Moving.NO
        self.ticket: Piece | None = None
        self.at_mouth = False
        self.shown_mm = 0.0
        """How much of the ticket stands out."""
        self.retracted = 0
        """Tickets in the bin."""
        self._tell = tell
        self._until_s: float | None = None
        self._target_mm = 0.0

    @property
    def occupied(self) -> bool:
        """Whether the sensor in the output sees paper."""
        return self.ticket is not None

    @property
    def where(self) -> Literal["empty", "inside", "mouth", "jammed"]:
        """What a look at it shows."""
        if self.jammed:
            return "jammed"
        return "mouth" if self.at_mouth else "inside" if self.occupied else "empty"

    def accept(self, piece: Piece, t: float) -> None:
        """Take over what the blade cut off; a ticket still in the way is pushed out by it."""
        self._stop()
        if self.ticket is not None:
            self._gone("ticket_ejected", t)
        self.ticket, self.at_mouth, self.shown_mm = piece, False, 0.0

    def present(self, shown_mm: float, t: float) -> bool:
        """Show ``shown_mm`` of the ticket; returns whether there is one that can be moved."""
        if shown_mm <= 0:
            return False
        return self._move(Moving.PRESENTING, self.figures.path_mm + shown_mm, t, shown_mm)

    def eject(self, t: float) -> bool:
        """Push the ticket out altogether."""
        return self._move(Moving.EJECTING, self.figures.path_mm + 2 * STEP_MM, t)

    def retract(self, t: float) -> bool:
        """Draw the ticket back into the bin."""
        return self.figures.can_retract and self._move(Moving.RETRACTING, self.figures.path_mm + self.shown_mm, t)

    def halt(self) -> None:
        """Stop where it is: the power is gone, and with it the time at the mouth."""
        self._stop()

    def due_s(self) -> float | None:
        """Return when the motor stops or the time at the mouth is over."""
        return None if self.jammed else self._until_s

    def advance(self, now_s: float) -> None:
        """Let motor and timer run until ``now_s``."""
        while not self.jammed and self._until_s is not None and self._until_s <= now_s + 1e-9:
            t, done, self._until_s = self._until_s, self.moving, None
            self.moving = Moving.NO
            if done is Moving.PRESENTING:
                self.at_mouth, self.shown_mm = True, self._target_mm
                self._tell("ticket_presented", t, self.ticket)
                if self.figures.hold_s:
                    self._until_s = t + self.figures.hold_s
            elif done is Moving.EJECTING:
                self._gone("ticket_ejected", t)
            elif done is Moving.RETRACTING:
                self.retracted += 1
                self._gone("ticket_retracted", t)
            else:  # it stood at the mouth for too long
                self._tell("ticket_left", t, self.ticket)
                _ = self.retract(t) if self.figures.then == "retract" else self.eject(t)

    # --- a hand at the mouth ---

    def take(self, t: float) -> bool:
        """Take the ticket from the mouth; returns whether one stood there (a motor holding it gives way)."""
        self.advance(t)
        if self.ticket is None or not self.at_mouth or self.jammed:
            return False
        self._stop()
        self._gone("ticket_taken", t)
        return True

    def pull(self, t: float) -> bool:
        """Tear at paper that is not offered; a ticket half shown comes out, one inside jams the path [K]."""
        self.advance(t)
        if self.ticket is None or self.at_mouth:
            return self.take(t)
        if self.moving is Moving.PRESENTING:
            self._stop()
            self._gone("ticket_taken", t)
            return True
        self._jam(t)
        return False

    def clear_jam(self, t: float) -> None:
        """Take out what sits in the path, the ticket with it."""
        self.blocked = False
        if self.jammed:
            self.jammed = False
            self._stop()
            if self.ticket is not None:
                self._gone("ticket_removed", t)

    # --- inside ---

    def _move(self, how: Moving, path_mm: float, t: float, target_mm: float = 0.0) -> bool:
        if self.ticket is None or self.jammed:
            return False
        if self.blocked:
            self._jam(t)
            return True
        gone_mm = self.figures.path_mm + self.shown_mm if self.at_mouth and how is not Moving.RETRACTING else 0.0
        self.moving, self._target_mm = how, target_mm
        self._until_s = t + max(path_mm - gone_mm, 0.0) / self.figures.speed_mm_s
        return True

    def _jam(self, t: float) -> None:
        self._stop()
        self.jammed = True
        self._tell("presenter_jammed", t, self.ticket)

    def _stop(self) -> None:
        self.moving, self._until_s = Moving.NO, None

    def _gone(self, event: str, t: float) -> None:
        ticket, self.ticket = self.ticket, None
        self.at_mouth, self.shown_mm = False, 0.0
        self._tell(event, t, ticket)
