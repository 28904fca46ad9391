"""A coin acceptor set up for a check: what was told, the marks that a journal would hold, and the coins themselves."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hardware.benchfile import DeviceSpec
from hardware.coins.acceptor import (
    CoinAccepted,
    CoinAcceptor,
    CoinAcceptorStatus,
    CoinCountBegins,
    CoinEvent,
    CoinRefused,
    CoinsUnaccounted,
)
from hardware.testing.acceptorrig import AcceptorRig
from hardware.testing.notrun import NotRun
from hardware.testing.person import PERSON_S, Ask
from hardware.vocabulary import DeviceState

REST_S = 3.0
"""So long after the last coin nothing more is told before the books are held against the coins."""


class CoinRig(AcceptorRig):
    """What the fixture ``coin_acceptor`` gives."""

    def __init__(self, spec: DeviceSpec, ask: Ask | None = None, seed: int = 0) -> None:
        super().__init__(spec, ask, seed)
        self.told: list[CoinEvent] = []
        """Every event, of every host that lived."""
        self.journal: str | None = None
        """The last mark that the host has written down; what a new host resumes from."""
        self.on_coin: Callable[[], None] | None = None
        """Called while CoinAccepted is being told."""
        self._acceptor: CoinAcceptor | None = None
        self._loaded: Counter[int] | None = None
        """What lay inside before anybody put anything in."""

    @property
    def acceptor(self) -> CoinAcceptor:
        """The driver under test; another one after :meth:`kill_host`."""
        driver = self.device.driver
        if isinstance(driver, CoinAcceptor):
            return driver
        part = getattr(driver, "acceptor", None)
        if not isinstance(part, CoinAcceptor):
            raise NotRun(f"{self.spec.model.protocol} takes no coins")
        return part

    @property
    def status(self) -> CoinAcceptorStatus:
        """What the driver last told of the device as a whole."""
        return self.acceptor.status

    @property
    def coin(self) -> int:
        """The value that checks use when any will do: 100 yen, else the lowest."""
        return 100 if 100 in self.denominations else self.denominations[0]

    @property
    def credited(self) -> Counter[int]:
        """Coins told as accepted, by yen value."""
        return Counter(event.yen for event in self.told if isinstance(event, CoinAccepted))

    @property
    def stories(self) -> list[CoinEvent]:
        """What was told about coins, without the states of the device."""
        return [event for event in self.told if not isinstance(event, CoinAcceptorStatus | CoinCountBegins)]

    async def start_driver(self) -> None:
        if self._loaded is None:
            state = await self.person.state()
            self._loaded = Counter() if state is None else coins_taken(state)
        self._acceptor = self.acceptor
        await self._acceptor.start(self._hear, self.journal)
        if self._wanted is not None:
            self._acceptor.enable(self._wanted)

    async def close_driver(self) -> None:
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            await acceptor.close()

    def _hear(self, event: CoinEvent) -> None:
        if self._acceptor is None:
            return  # the last words of a host that is being killed reach nobody
        self.told.append(event)
        self.note_down(f"told: {event}")
        if isinstance(event, CoinAccepted | CoinCountBegins | CoinsUnaccounted):
            self.journal = event.mark
        if isinstance(event, CoinAccepted) and self.on_coin is not None:
            self.on_coin()

    async def insert(self, yen: int, flaw: str = "", *, noticed: bool = True) -> None:
        """Drop a coin in; with a person, wait, bounded, until the driver has told of one (if it is to be ``noticed``)."""
        words = f"insert a {yen:,}-yen coin" + (f" that is {flaw} (or any other that it must refuse for that)" if flaw else "")
        seen = len(self.told)
        await self.person.do(f"insert {yen} {flaw}".strip(), words)
        if self.person.is_asked:
            if not noticed:
                return await self.pause(PERSON_S / 4)
            try:
                await self.until(
                    lambda: any(not isinstance(e, CoinAcceptorStatus) for e in self.told[seen:]), "a coin told", 0.0
                )
            except AssertionError as error:
                raise NotRun(f"nobody did within {PERSON_S:g} s: {words}") from error
        return None

    async def until_credited(self, count: int, within_s: float | None = None) -> None:
        """Wait until so many coins were told as accepted, in all."""
        await self.until(lambda: self.credited.total() >= count, f"{count} coins credited", within_s)

    # -- the end of every check ----------------------------------------------------------------------------------------

    async def come_to_rest(self) -> None:
        """Let the line be right again, and wait until the device is ready and nothing rolls."""
        __tracebackhide__ = True
        self.mend_line()
        await self.until(lambda: self.status.ready and self.status.state is DeviceState.IDLE, "at rest: ready and idle")
        await self.pause(REST_S)
        await self.until(lambda: self.status.ready and self.status.state is DeviceState.IDLE, "at rest: ready and idle")

    async def check_books(self, *, swallowed: int = 0) -> None:
        """Hold the credits against the coins in the box. ``swallowed`` coins may lie there that the device never credited.

        Raises AssertionError when more was credited than is there, or when a coin is there that was neither credited nor
        declared (each CoinsUnaccounted declares as many as it says, or any number)."""
        __tracebackhide__ = True
        state = await self.person.state()
        if state is None or self._loaded is None:
            return
        box = coins_taken(state) - self._loaded
        assert self.credited <= box, f"credited {dict(self.credited)}, but the box holds {dict(box)}"
        declared = [event.events for event in self.told if isinstance(event, CoinsUnaccounted)]
        if None not in declared:
            uncredited = (box - self.credited).total()
            allowed = swallowed + sum(events or 0 for events in declared)
            assert uncredited <= allowed, f"{uncredited} coins in the box were neither credited nor declared"

    async def conclude(self, *, swallowed: int = 0) -> None:
        """End a check: come to rest, check the books, and show that the next coin is credited once. A person is not asked for
        that further coin."""
        __tracebackhide__ = True
        await self.come_to_rest()
        await self.check_books(swallowed=swallowed)
        if self.person.is_asked:
            return
        since = len(self.told)
        await self.insert(self.coin)
        await self.pause(REST_S)
        stories = [event for event in self.told[since:] if not isinstance(event, CoinAcceptorStatus | CoinCountBegins)]
        assert [e.yen for e in stories if isinstance(e, CoinAccepted)] == [self.coin], f"the next coin was told as {stories}"
        assert not any(isinstance(e, CoinRefused) for e in stories), f"the next coin was told as {stories}"
        await self.check_books(swallowed=swallowed)


def coins_taken(state: Mapping[str, Any]) -> Counter[int]:
    """Return the pieces that lie inside for good, by yen value, from the bench command ``state``: the ``box`` of a coin
    acceptor, path by path, or the ``unit``s and the ``overflow`` of a change machine."""
    if "box" in state:
        piles = list(state["box"].values())
    elif "unit" in state:
        piles = [state["unit"], state["overflow"]]
    else:
        raise NotRun("the device's `state` does not say what is in its box")
    taken: Counter[int] = Counter()
    for pile in piles:
        taken.update({int(yen): count for yen, count in pile.items()})
    return taken
