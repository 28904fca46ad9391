"""Paying out: one device after the other, each announced with its own mark before it is told, none ever told twice.

For each device the order is: the mark is read and written down with the pieces (synced); the device pays, and counts; what it
counted is written down, with its postings, before anybody is told. A kiosk killed in between asks the device by that mark what
became of the order. An answer that nobody can have within the driver's own patience is UNKNOWN: the customer is owed what was
not seen to come out, the pieces stand on UNACCOUNTED, and no yen is lost by it (``accounts.payout_unsure``). The device is not
told to pay anything again before it has answered; it is asked again from time to time, and the answer is booked.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import structlog

from hardware.dispenser import CashDispenser, Payout
from hardware.errors import DeviceError
from hardware.vocabulary import PayoutOutcome
from kiosk.desk import Desk
from kiosk.floats import Floats
from kiosk.ledger import accounts
from kiosk.ledger.accounts import Postings
from kiosk.ledger.entry import Entry, Kind
from kiosk.memory import Money, Order
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.change import without
from kiosk.session.state import Pieces

log = structlog.get_logger()

READY_S = 20.0
"""How long a payout waits for a device that is just coming up, or is back from a short trouble."""

ASK_AGAIN_S = 60.0
"""Between two questions about an order that nobody could speak for, while the device is ready or stays away."""

NOTHING = Payout(PayoutOutcome.NOTHING, {})


class Payouts:
    """Carries out the payouts of all visits, one at a time."""

    def __init__(
        self,
        dispensers: Mapping[str, CashDispenser],
        floats: Floats,
        desk: Desk,
        money: Money,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._dispensers = dispensers
        self._floats = floats
        self._desk = desk
        self._given = money.given
        self._open = money.orders
        self._spawn = spawn
        self._stirred = asyncio.Event()
        self.doubtful: dict[str, Order] = dict(money.doubtful)
        """Orders that nobody can speak for, by device."""

    def start(self) -> None:
        """Ask again about what a former life left in doubt."""
        for order in self.doubtful.values():
            self._spawn(self._clear_up(order))

    def stir(self) -> None:
        """A device's status has changed: whoever waits for it looks again."""
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def carry_out(self, visit: int, effect: fx.PayOut, *, again: bool) -> None:
        """Pay out; tell what each device did, and with the last of them that it is over.

        ``again`` after a restart: orders that were given are asked about, only the others are given now.
        """
        given = self._given.setdefault(f"{visit}.{effect.id}", {})
        asked = [order for order in given.values() if (order.intent_id, order.device) in self._open]
        left = without(effect.pieces, *(order.pieces for order in given.values()))
        if again and left:
            await self._wait_for(*self._dispensers)
        to_do: list[tuple[str, Pieces, Order | None]] = [(order.device, order.pieces, order) for order in asked]
        to_do += [(device, pieces, None) for device, pieces in self._floats.split(left, {**self.doubtful, **given})]
        in_doubt = False
        for number, (device, pieces, order) in enumerate(to_do, 1):
            payout = await self._ask(order) if order is not None else NOTHING
            if payout.outcome is PayoutOutcome.NOTHING and device in self._dispensers:
                payout = await self._give(
                    visit, effect.id, device, pieces
                )  # told for the first time, or known not to have heard
            paid, unsure = _counted(pieces, payout)
            if unsure:
                in_doubt = True
                self._doubt(replace(given[device], unsure=unsure))
            self._tell(effect, ev.PaidOut(device, paid, unsure, last=number == len(to_do)), in_doubt=in_doubt)
            self._book_extra(device, pieces, payout)
        if not to_do:
            self._tell(effect, ev.PaidOut("", ()), in_doubt=False)

    def _tell(self, effect: fx.PayOut, event: ev.PaidOut, *, in_doubt: bool) -> None:
        """Have it written down and told; the last word of a payout is the result of its intent."""
        if not event.last:
            self._desk.handle(event)
            return
        paying = self._desk.state.paying
        left = (paying.left_yen if paying else 0) - sum(yen * count for yen, count in event.paid)
        whole = sum(yen * count for yen, count in effect.pieces)
        word = "unknown" if in_doubt else "paid" if left <= 0 else "nothing" if left == whole else "partial"
        self._desk.handle(event, effect.id, word)

    async def _give(self, visit: int, intent: int, device: str, pieces: Pieces) -> Payout:
        """Announce an order and give it. Whatever goes wrong before the device was told has moved nothing."""
        dispenser = self._dispensers[device]
        await self._wait_for(device)
        try:
            order = Order(visit, intent, device, dispenser.mark, pieces)
        except DeviceError as error:
            log.warning("no payout: the device has no mark", device=device, why=str(error))
            return NOTHING
        if not self._desk.append(Entry(Kind.ORDER, str(visit), order.as_json())):
            return NOTHING  # what is not written down is not done
        self._given.setdefault(order.intent_id, {})[device] = order
        try:
            payout = await dispenser.dispense(dict(pieces))
        except DeviceError as error:
            log.warning("no payout: the device was not told", device=device, why=str(error))
            return NOTHING
        log.info("paid out", device=device, outcome=payout.outcome.value, asked=pieces, paid=dict(payout.paid))
        return payout

    async def _ask(self, order: Order) -> Payout:
        """Ask the device what became of an order of a former life."""
        dispenser = self._dispensers.get(order.device)
        if dispenser is None:
            return Payout(PayoutOutcome.UNKNOWN, {})  # it was taken off the bench meanwhile
        await self._wait_for(order.device)
        return await dispenser.outcome_since(order.mark, dict(order.pieces))

    async def _wait_for(self, *devices: str) -> None:
        """Wait until ``devices`` are ready, but not for ever."""
        if not await self._are_ready_within(READY_S, *devices):
            log.warning("devices are not ready to pay out", devices=devices)

    async def _are_ready_within(self, most_s: float, *devices: str) -> bool:
        """Wait until ``devices`` are ready, for so long at most; return whether they are."""
        try:
            async with asyncio.timeout(most_s):
                while not all(self._dispensers[device].status.ready for device in devices):
                    await self._stirred.wait()
        except TimeoutError:
            return False
        return True

    def _book_extra(self, device: str, pieces: Pieces, payout: Payout) -> None:
        """A device that counted more out than it was told to has cost the shop something."""
        extra = Counter(dict(payout.paid)) - Counter(dict(pieces))
        legs: Postings = ()
        for yen, count in extra.items():
            legs += accounts.extra_paid(device, yen, min(count, self._floats.booked(device, yen)) or 0) if count else ()
        if extra:
            self._desk.remark("paid too much", legs, float=device, extra=[list(pair) for pair in extra.items()])

    # --- what stayed unknown ----------------------------------------------------------------------------------------

    def _doubt(self, order: Order) -> None:
        log.error("nobody can say what became of a payout", device=order.device, pieces=order.unsure)
        self.doubtful[order.device] = order
        self._spawn(self._clear_up(order))

    async def _clear_up(self, order: Order) -> None:
        """Ask until the device says what became of the order, and book it; until then it pays nothing else."""
        dispenser = self._dispensers.get(order.device)
        while dispenser is not None:
            if dispenser.status.ready:
                await asyncio.sleep(ASK_AGAIN_S)
            else:  # asked as soon as it is back: the books are wrong as long as it has not said
                await self._are_ready_within(ASK_AGAIN_S, order.device)
            payout = await dispenser.outcome_since(order.mark, dict(order.pieces))
            if payout.outcome is not PayoutOutcome.UNKNOWN:
                self._clear(order, payout)
                return

    def _clear(self, order: Order, payout: Payout) -> None:
        counted_then = Counter(dict(order.pieces)) - Counter(dict(order.unsure))
        came_out = (Counter(dict(payout.paid)) - counted_then) & Counter(dict(order.unsure))
        still_there = Counter(dict(order.unsure)) - came_out
        legs: Postings = ()
        if yen := sum(value * count for value, count in came_out.items()):
            slip = -self._desk.around.journal.balances(str(order.visit))[accounts.OWED]
            legs += accounts.found_paid(yen, slip)
        for value, count in still_there.items():
            legs += accounts.unsure_still_there(order.device, value, count)
        facts = {"outcome": payout.outcome.value, "paid": [list(pair) for pair in sorted(payout.paid.items())]}
        self._desk.append(Entry(Kind.ORDER_RESOLVED, str(order.visit), {**order.as_json(), **facts}, legs))
        del self.doubtful[order.device]
        self._desk.devices_changed()


def _counted(pieces: Pieces, payout: Payout) -> tuple[Pieces, Pieces]:
    """Return what of ``pieces`` came out for sure, and what nobody can speak for."""
    asked = Counter(dict(pieces))
    paid = asked & Counter(dict(payout.paid))
    unsure = asked - paid if payout.outcome is PayoutOutcome.UNKNOWN else Counter()
    return _as_pieces(paid), _as_pieces(unsure)


def _as_pieces(counter: Counter[int]) -> Pieces:
    return tuple(sorted(((yen, count) for yen, count in counter.items() if count), reverse=True))
