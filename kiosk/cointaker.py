"""A coin acceptor's clerk: a coin becomes a credit of the visit, with the mark by which a later life finds what it missed."""

from collections.abc import Callable

import structlog

from hardware.coins import acceptor as coins
from kiosk.desk import Desk
from kiosk.session import events as ev
from kiosk.session.state import Phase

log = structlog.get_logger()


class CoinTaker:
    """Serves one coin acceptor, or the taking half of a change machine."""

    def __init__(
        self,
        name: str,
        acceptor: coins.CoinAcceptor,
        desk: Desk,
        resume: str | None,
        on_credited: Callable[[str, int], None],
    ) -> None:
        """``resume`` is the last mark in the journal; ``on_credited`` hears of every coin after it was booked."""
        self.name = name
        self._acceptor = acceptor
        self._desk = desk
        self._resume = resume
        self._on_credited = on_credited
        self._welcome: frozenset[int] = frozenset()
        self.status = coins.CoinAcceptorStatus()

    async def start(self) -> None:
        """Begin to serve; coins that came in while nobody listened are told first."""
        await self._acceptor.start(self._said, self._resume)

    async def close(self) -> None:
        """Leave the line."""
        await self._acceptor.close()

    @property
    def denominations(self) -> frozenset[int]:
        """What the device could take now."""
        return self._acceptor.denominations if self.status.ready else frozenset()

    def welcome(self, pieces: frozenset[int]) -> None:
        """Let the device take these and no others: only while paying, for what falls in here cannot be held."""
        pieces = pieces & self.denominations if self._desk.state.phase is Phase.CASH else frozenset()
        if pieces == self._welcome:
            return
        self._welcome = pieces
        if pieces:
            self._acceptor.enable(pieces)
        else:
            self._acceptor.disable()

    def shut(self) -> None:
        """Take nothing more: there is no journal to write into."""
        self._acceptor.disable()

    def _said(self, event: coins.CoinEvent) -> None:
        match event:
            case coins.CoinAcceptorStatus():
                log.info("coins", device=self.name, state=event.state.value, faults=sorted(f.value for f in event.faults))
                self.status = event
                self._desk.devices_changed()
            case coins.CoinAccepted(yen, mark):
                self._desk.handle(ev.CoinCredited(yen, self.name, mark))
                self._on_credited(self.name, yen)
            case coins.CoinCountBegins(mark):
                self._desk.remark("coins counted from here on", device=self.name, mark=mark)
            case coins.CoinRefused(reason, code):
                log.info("coin refused", device=self.name, reason=reason.value, code=code)
                self._desk.handle(ev.CoinRejected(reason.value))
            case coins.CoinsUnaccounted(number, code, mark):
                # nobody knows whether it was money: no yen is booked, and staff compare box and books when they collect
                self._desk.remark("coins unaccounted", device=self.name, mark=mark, events=number, code=code)
                self._desk.handle(ev.CoinsUncounted())
            case coins.CoinFraudSuspected(code):
                self._desk.remark("fraud suspected", device=self.name, code=code)
