"""A device that pays out, set up for a check: orders, their marks, and what has really left it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hardware.benchfile import DeviceSpec
from hardware.bills.acceptor import BillAcceptor
from hardware.dispenser import CashDispenser, DispenserStatus, Payout, Pieces
from hardware.testing.notrun import NotRun
from hardware.testing.person import Ask
from hardware.testing.rig import Rig
from hardware.vocabulary import PayoutOutcome

COINS = 20
"""What checks have in the device, of the value that they pay."""


class PayoutRig(Rig):
    """What the fixture ``dispenser`` gives."""

    def __init__(self, spec: DeviceSpec, ask: Ask | None = None, seed: int = 0) -> None:
        super().__init__(spec, ask, seed)
        self.told: list[DispenserStatus] = []
        self._dispenser: CashDispenser | None = None
        self._acceptor: BillAcceptor | None = None
        """Whose line the dispenser lives on, when it is a bill acceptor's recycler."""

    @property
    def dispenser(self) -> CashDispenser:
        """The driver under test; another one after :meth:`kill_host`."""
        driver = self.device.driver
        if isinstance(driver, CashDispenser):
            return driver
        part = getattr(driver, "dispenser", None)
        if not isinstance(part, CashDispenser):
            raise NotRun(f"{self.spec.model.protocol} pays nothing out")
        return part

    @property
    def status(self) -> DispenserStatus:
        """What the driver last told."""
        return self.dispenser.status

    @property
    def yen(self) -> int:
        """The value that checks pay out: the lowest of which there are enough, as far as the device counts."""
        levels = self.dispenser.levels
        for yen in sorted(self.dispenser.denominations):
            level = levels.get(yen)
            if level is None or level >= COINS:
                return yen
        return min(self.dispenser.denominations)

    async def ready(self, *, filled: bool = True) -> "PayoutRig":
        """Start the driver with at least :data:`COINS` pieces in the device, and wait until it is ready. Returns itself."""
        if filled:
            await self.fill(COINS)
        await self.start_driver()
        await self.until_ready()
        return self

    async def fill(self, count: int) -> None:
        """Let staff pour pieces in, where the device takes them so."""
        drums = await self._drums()
        for box, drum in drums.items():
            missing = count - len(drum["notes"])
            for yen in drum["assigned"][:1] if missing > 0 else ():
                await self.person.do(f"load {box} {yen} {missing}", f"make sure that {count} notes are in drum {box}")
        if drums:
            return
        try:
            await self.person.do(f"fill {count}", f"make sure that at least {count} pieces of each value are in it")
        except NotRun:
            if self.person.is_asked:
                raise  # an emulator without `fill` is loaded by its model

    async def empty(self) -> None:
        """Let staff take all pieces out."""
        drums = await self._drums()
        for box in drums:
            await self.person.do(f"unload {box}", f"empty drum {box}")
        if not drums:
            await self.person.do("empty", "empty it")

    async def wedge(self) -> None:
        """Let a piece get stuck on its way out."""
        if await self._drums():
            await self.person.do("fail recycler-jam", "wedge a note in a drum", at_an_instant=True)
            return
        try:
            await self.person.do("jam", "wedge a coin in it", at_an_instant=True)
        except NotRun:
            await self.person.do("fail payout", "block its exit", at_an_instant=True)

    async def _drums(self) -> Mapping[str, Any]:
        """Return the drums of an emulated recycler, by box: a bill acceptor's ``empty`` is about its cash box. {} otherwise."""
        state = await self.person.state()
        drums = {} if state is None or not isinstance(self.device.driver, BillAcceptor) else state.get("drums", {})
        return drums if isinstance(drums, dict) else {}

    async def start_driver(self) -> None:
        self._dispenser = self.dispenser
        await self._dispenser.start(self._hear)
        driver = self.device.driver
        if isinstance(driver, BillAcceptor):
            self._acceptor = driver
            await driver.start(lambda event: self.note_down(f"told: {event}"))

    async def close_driver(self) -> None:
        dispenser, self._dispenser = self._dispenser, None
        acceptor, self._acceptor = self._acceptor, None
        if dispenser is not None:
            await dispenser.close()
        if acceptor is not None:
            await acceptor.close()

    def _hear(self, status: DispenserStatus) -> None:
        if self._dispenser is not None:
            self.told.append(status)
            self.note_down(f"told: {status}")

    async def pay(self, count: int) -> Payout:
        """Order ``count`` pieces of :attr:`yen` and wait for the end."""
        payout = await self.dispenser.dispense({self.yen: count})
        self.note_down(f"ordered {count} x {self.yen}: {payout}")
        return payout

    async def asked(self, mark: str, count: int) -> Payout:
        """Ask what became of an order for ``count`` pieces given, or not given, at ``mark``."""
        payout = await self.dispenser.outcome_since(mark, {self.yen: count})
        self.note_down(f"asked about {count} x {self.yen} at {mark!r}: {payout}")
        return payout

    async def left(self) -> Counter[int] | None:
        """Return what has really left the device, by yen value; None at a real unit."""
        state = await self.person.state()
        return None if state is None else pieces_paid(state)

    async def check(self, *payouts: Payout, ordered: int) -> None:
        """Hold what was told of all orders of a check against what has left. Raises AssertionError.

        Never more than was ordered leaves; what is told as paid has left; with no outcome UNKNOWN it is all that has left."""
        __tracebackhide__ = True
        left = await self.left()
        paid: Counter[int] = Counter()
        for payout in payouts:
            paid.update(_counter(payout.paid))
        if left is None:
            return
        assert left.total() <= ordered, f"{ordered} were ordered, but {dict(left)} have left: a double payout"
        assert paid <= left, f"told {dict(paid)} as paid, but {dict(left)} have left"
        if not any(payout.outcome is PayoutOutcome.UNKNOWN for payout in payouts):
            assert paid == left, f"told {dict(paid)} as paid for sure, but {dict(left)} have left"


def _counter(pieces: Pieces) -> Counter[int]:
    return Counter({yen: count for yen, count in pieces.items() if count})


def pieces_paid(state: Mapping[str, Any]) -> Counter[int]:
    """Return the pieces that the customer got, by yen value, from the bench command ``state``: ``paid_out`` of a hopper, what
    lies with the ``customer`` and in the ``exit`` of a change machine, what is ``at_customer`` or sticks out of the ``mouth``
    of a recycler into which nothing was put."""
    if "paid_out" in state:
        piles = [state["paid_out"]]
    elif "exit" in state:
        piles = [state["customer"], state["exit"]]
    elif "at_customer" in state:
        mouth = state.get("mouth")
        piles = [state["at_customer"], {} if mouth is None else {mouth["yen"]: 1}]
    else:
        raise NotRun("the device's `state` does not say what it has paid out")
    paid: Counter[int] = Counter()
    for pile in piles:
        paid.update({int(yen): count for yen, count in pile.items() if count})
    return paid
