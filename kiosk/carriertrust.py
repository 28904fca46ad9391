"""Whether the gateway is the carriers', and takes the kiosk for itself: without that nothing is sold.

A wrong certificate or a refused signature is not a carrier that is down: it does not pass by itself, somebody has to mend it,
and until then whoever answers must not be told a customer's number. So the kiosk takes no money and says so to staff.
"""

import asyncio
from collections.abc import Callable

import structlog

from kiosk.desk import Desk
from kiosk.investigations import waits

log = structlog.get_logger()

FIRST_WAIT_S = 15.0
MOST_WAIT_S = 300.0


class CarrierTrust:
    """Follows what the gateway's client finds out, and asks again until it is mended."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._changed = asyncio.Event()
        self.why_not = ""
        """Why the gateway is not trusted; empty when it is."""
        self.on_news: Callable[[str], None] = lambda news: None
        """Told of a change, in a line for staff."""
        desk.around.errands.on_distrust = self._heard

    async def run(self) -> None:
        """Ask at the start, and as long as something is wrong."""
        while True:
            self._changed.clear()
            await self._desk.around.errands.greet()
            for wait_s in waits(self._desk.around.jitter, FIRST_WAIT_S, MOST_WAIT_S):
                if not self.why_not:
                    break
                await asyncio.sleep(wait_s)
                await self._desk.around.errands.greet()
            await self._changed.wait()

    def _heard(self, why_not: str) -> None:
        if why_not == self.why_not:
            return
        self.why_not = why_not
        self._changed.set()
        news = f"nothing is sold: {why_not}" if why_not else "the carriers' gateway is trusted again"
        self._desk.remark("the gateway is not trusted" if why_not else "the gateway is trusted again", why=why_not)
        self.on_news(news)
        self._desk.devices_changed()
