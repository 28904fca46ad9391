"""The clocks of a visit on the running loop: how long a phase waits for its customer, and how long paying may take in all."""

import asyncio
from collections.abc import Callable

from kiosk.session import events as ev
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State
from kiosk.session.timers import timer

DEADLINE_AGAIN_S = 5.0
"""Between two tries to end a payment whose reservation ends; a note on its way to the box is waited for."""


class Alarms:
    """Two alarms that follow the state of a visit and ring as events."""

    def __init__(self, shop: Shop, ring: Callable[[ev.TimedOut | ev.ReservationEnding], None]) -> None:
        self._shop = shop
        self._ring = ring
        self._state = State()
        self._alarm: tuple[str, asyncio.TimerHandle] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._over = False

    def follow(self, state: State) -> None:
        """Set, keep or cancel the alarms as ``state`` wants them."""
        if self._over:
            return
        self._state = state
        self._set_alarm(state)
        self._set_deadline()

    def cancel(self) -> None:
        """Let nothing ring any more: a device that is let go of may still have the last word, and set an alarm by it."""
        self._over = True
        if self._alarm is not None:
            self._alarm[1].cancel()
            self._alarm = None
        self._cancel_deadline()

    def _set_alarm(self, state: State) -> None:
        alarm = timer(self._shop, state)
        if self._alarm is not None:
            if alarm is not None and alarm.key == self._alarm[0]:
                return
            self._alarm[1].cancel()
            self._alarm = None
        if alarm is not None:
            handle = asyncio.get_running_loop().call_later(alarm.seconds, self._rang, alarm.key)
            self._alarm = (alarm.key, handle)

    def _rang(self, key: str) -> None:
        self._alarm = None
        self._ring(ev.TimedOut(key))

    def _set_deadline(self) -> None:
        """Money is taken under a reservation only: while paying, ask the session to come to an end, until it can."""
        if self._state.phase is not Phase.CASH:
            self._cancel_deadline()
        elif self._deadline is None:
            seconds = self._shop.timeouts.cash_total_s
            self._deadline = asyncio.get_running_loop().call_later(seconds, self._reservation_ends)

    def _reservation_ends(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(DEADLINE_AGAIN_S, self._reservation_ends)
        self._ring(ev.ReservationEnding())

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
