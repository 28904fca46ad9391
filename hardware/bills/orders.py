"""Orders to a unit and the patience with them: for the note in escrow, and for a unit that stays at fault."""

from collections.abc import Awaitable, Callable
from enum import Enum

from hardware.bills.story import Decision, NoteInside

ORDER_PATIENCE_S = 1.0
"""How long an acknowledged order to stack or return may leave the note in escrow before it is given again."""
RESET_AFTER_POLLS = 10
"""Polls of one fault before a reset (one host in the field does so [1]); doubled with every vain reset ..."""
RESET_AFTER_POLLS_AT_MOST = 50
"""... up to this: about as long as a clerk takes to close the cash box and look at the screen."""


class Answer(Enum):
    """How the unit took an order or a setting."""

    DONE = "done"
    REFUSED = "refused"
    """It said that it will not."""
    SILENT = "silent"
    """Nothing came: it may have been obeyed or not."""


Order = Callable[[], Awaitable[Answer]]


class NoteOrders:
    """Carries out what was decided about the note in escrow.

    A lost answer is not repeated blindly: :meth:`carry_out` is to be called only when the unit has just said that the note
    still waits in escrow, which shows that the order did not arrive. After an answer the unit gets time to begin.
    """

    def __init__(self, stack: Order, return_: Order, hold: Order, hold_renew_s: float) -> None:
        self._stack, self._return, self._hold = stack, return_, hold
        self._hold_renew_s = hold_renew_s
        self._not_before_s = 0.0

    def at_once(self) -> None:
        """A decision was just made: no patience with an earlier order holds it back."""
        self._not_before_s = 0.0

    async def carry_out(self, note: NoteInside, now_s: float) -> None:
        """Give the order that the decision asks for."""
        if note.decision is Decision.NONE or now_s < self._not_before_s:
            return
        if note.decision is Decision.HOLD:
            if await self._hold() is Answer.DONE and note.decision is Decision.HOLD:
                self._not_before_s = now_s + self._hold_renew_s
            return
        if note.decision is Decision.RETURN:
            answer = await self._return()
        else:
            sent_before, note.stack_sent = note.stack_sent, True
            answer = await self._stack()
            if answer is Answer.REFUSED and not sent_before:
                note.stack_sent = False
        if answer is Answer.DONE:
            self._not_before_s = now_s + ORDER_PATIENCE_S


class FaultPatience:
    """Says when a unit that stays at fault is to be reset: after a refit it usually waits for that."""

    def __init__(self) -> None:
        self._polls = 0
        self._reset_after = RESET_AFTER_POLLS

    def reset_is_due(self) -> bool:
        """Count one more poll at fault."""
        self._polls += 1
        if self._polls < self._reset_after:
            return False
        self._polls = 0
        self._reset_after = min(2 * self._reset_after, RESET_AFTER_POLLS_AT_MOST)
        return True

    def over(self) -> None:
        """The unit is well again."""
        self._polls, self._reset_after = 0, RESET_AFTER_POLLS
