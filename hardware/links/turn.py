"""The right to speak on a line that several share: one at a time, in the order in which they asked for it.

``async with turn`` is what a task says. Whoever speaks from callbacks says :meth:`Turn.take` and :meth:`Turn.pass_on`: an idle
line then costs no wake-up of a task.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Turn:
    """One line's."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if not self._taken:
            self._taken = True
            return
        place = self._queue()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.pass_on()  # it came in the same moment
            raise

    async def __aexit__(self, *error: object) -> None:
        self.pass_on()

    def take(self, then: Callable[[], None]) -> "asyncio.Future[None] | None":
        """Call ``then`` when it is our turn, perhaps at once; whoever is called passes it on.

        Returns a place in the queue, to be cancelled by whoever does not want the turn any more; None when it has come already.
        """
        if not self._taken:
            self._taken = True
            then()
            return None
        place = self._queue()
        place.add_done_callback(lambda place: None if place.cancelled() else then())
        return place

    def pass_on(self) -> None:
        """Let the next one speak."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._taken = False

    def _queue(self) -> "asyncio.Future[None]":
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        return place
