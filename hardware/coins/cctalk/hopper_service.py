"""What the ccTalk host does about a hopper: watch it, give it one order, and find out by its own figures what became of it.

A lost answer is never a reason to order again. The hopper is enabled for an order only and disabled behind it, so an order that
was held up on the line cannot be obeyed when everybody has forgotten it: before an order is told as never arrived, the hopper
acknowledges that it is disabled, and its counter is read once more.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from hardware.bills.orders import Answer
from hardware.cctalk.events import next_count
from hardware.cctalk.host import TRIES, NoAnswer
from hardware.coins.cctalk.hopper_outcome import Fate, HopperStatus, judge, mark_of
from hardware.coins.cctalk.hopper_unit import Health, Unit
from hardware.coins.cctalk.marks import Mark, read_mark, serial_text
from hardware.dispenser import DispenserStatus, Payout
from hardware.polled import PolledService
from hardware.vocabulary import Fault, PayoutOutcome

LOOK_EVERY_S = 10.0
"""How often a hopper at rest is asked how it is."""
GIVE_WITHIN_S = 15.0
"""An order that could not be given for so long is dropped: it was never sent."""
NO_NEWS_S = 60.0
"""How long a hopper with an order may be silent before its outcome is UNKNOWN."""
STALLED_S = 60.0
"""How long an order may go on without a coin before it is stopped: longer than any hopper's own time-out [U]."""
ASK_WITHIN_S = 60.0
"""How long a question about a former order waits for the hopper."""
BEGIN_S = 2.0
"""How long an order that the hopper acknowledged may take to show in its counter."""
ODD_POLLS = 5
"""Figures that make no sense are asked for again so often."""
STOPS = 3
"""So many orders to stop, and then it is UNKNOWN."""

_log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Order:
    """An order on its way. Mutable: it lives."""

    mark: Mark
    """The hopper's count before it, as the caller could read it."""
    count: int
    end: "asyncio.Future[Payout]"
    since_s: float
    """When something was last heard of it, or it was given."""
    sent_s: float = 0.0
    sent: bool = False
    """It has left the host: it may have been obeyed."""
    seen_to_start: bool = False
    figures: HopperStatus | None = None
    """The last that was heard."""
    moved_s: float = 0.0
    """When the figures last changed."""
    stops: int = 0
    odd_polls: int = 0
    """How often its figures made no sense, one after the other."""

    @property
    def surely_paid(self) -> int:
        """Coins that it paid by the hopper's own figures, however it ends."""
        figures = self.figures
        return figures.paid if figures is not None and figures.counter == next_count(self.mark.counter) else 0


@dataclass(eq=False)
class Question:
    """A question about a former order."""

    mark: Mark
    count: int
    answer: "asyncio.Future[Payout]"
    until_s: float = field(default=0.0)


class Service(PolledService[HopperStatus, DispenserStatus]):
    """Serves one hopper, poll by poll."""

    watches = True

    def __init__(self, unit: Unit, yen: int) -> None:
        super().__init__()
        self._unit = unit
        self._yen = yen
        self._serial: bytes | None = None
        self._serial_text: str | None = None
        """None until the hopper was asked."""
        self._rest: HopperStatus | None = None
        """Its figures when it last was at rest; the mark is made of them."""
        self.mark: Mark | None = None
        self.health: Health | None = None
        self._look_at_s = 0.0
        self._wrong_coin = False
        self.order: Order | None = None
        self.questions: list[Question] = []

    @property
    def faults(self) -> frozenset[Fault]:
        found = None if self.health is None else self.health.fault
        wrong = Fault.UNKNOWN_TABLE if self._wrong_coin else None
        return frozenset(fault for fault in (found, wrong) if fault is not None)

    def forget_unit(self) -> None:
        self.settled = False
        self._serial_text = self._rest = self.quiet = None
        self._look_at_s = 0.0
        self._give_up_waiting()

    async def inhibit(self) -> None:
        if self.order is None:
            await self._unit.enable(on=False)

    async def ask(self) -> HopperStatus | None:
        status = None if self._unit.is_spared else await self._unit.status(TRIES if self.settled else 1)
        if status is None:
            self._give_up_waiting()
            return None
        if status == self.quiet and self._now_s() < self._look_at_s:
            return self.quiet
        return status

    async def watch(self, first_s: float, interval_s: float) -> HopperStatus | None:
        assert self.quiet is not None
        await self._unit.watch(self.quiet, self._look_at_s, first_s, interval_s)
        return None

    async def serve(self, heard: HopperStatus) -> None:
        self.quiet = None
        if not await self._identify():
            self._give_up_waiting()
            return
        if self.order is not None:
            if self.order.sent:
                await self._follow(self.order)
            elif await self._take_in():
                await self._give(self.order)
        elif await self._take_in():
            await self._answer_questions()
        self._give_up_waiting()
        self.busy = self.order is not None or heard.remaining > 0
        self.settled = self._rest is not None or self.order is not None
        self._publish()
        if self.settled and not self.busy and not self.questions and not self.faults:
            self.quiet = self._rest

    # -- at rest -------------------------------------------------------------------------------------------------------

    async def _identify(self) -> bool:
        if self._serial_text is not None:
            return True
        serial = await self._unit.serial()
        if serial in (NoAnswer.SILENT, NoAnswer.BUSY):
            return False
        self._serial = serial if isinstance(serial, bytes) else None
        coin_yen = await self._unit.coin_yen()
        self._wrong_coin = coin_yen not in (None, self._yen)
        if self._wrong_coin:
            _log.error("cctalk_hopper_of_other_coins", expected_yen=self._yen, found_yen=coin_yen)
        self._serial_text = serial_text(self._serial)
        return True

    async def _take_in(self) -> bool:
        """Take in the figures of a hopper at rest, for the mark; False while it is not, or does not say."""
        status = await self._unit.status_for_sure()
        if status is None or status.remaining:
            return False
        if status != self._rest or self.mark is None:
            assert self._serial_text is not None
            total = await self._unit.total()
            again = await self._unit.status_for_sure()
            if again != status:  # it moved between the two: they would not fit together
                return False
            self._rest, self.mark = status, mark_of(self._serial_text, status, total)
            self._look_at_s = 0.0
        if self._now_s() >= self._look_at_s or self.faults:
            self.health = await self._unit.health() or self.health
            self._look_at_s = self._now_s() + LOOK_EVERY_S
        return True

    # -- an order ------------------------------------------------------------------------------------------------------

    def begin(self, count: int) -> Order:
        """Take an order; it is given with the next polls. There is a mark, and no other order."""
        assert self.mark is not None
        loop = asyncio.get_running_loop()
        self.order = Order(self.mark, count, loop.create_future(), loop.time())
        self.busy = True
        return self.order

    async def _give(self, order: Order) -> None:
        if order.end.done():  # the caller is gone, and nothing was sent
            self.order = None
            return None
        if self.mark != order.mark:
            _log.warning("cctalk_hopper_moved_on", was=str(order.mark), now=str(self.mark))
            return await self._finish(order, Fate.NEVER_ARRIVED)
        enabled = await self._unit.enable(on=True)
        if enabled is Answer.REFUSED:
            return await self._finish(order, Fate.NEVER_ARRIVED)
        key = await self._unit.key(self._serial, str(order.mark)) if enabled is Answer.DONE else None
        if key is None or order.end.done():
            return None
        order.sent, order.since_s = True, self._now_s()
        order.moved_s = order.sent_s = order.since_s
        order.seen_to_start = await self._unit.dispense(key, order.count) is Answer.DONE
        self._nudge()
        return None

    async def _follow(self, order: Order) -> None:
        status = await self._unit.status_for_sure()
        if status is None:
            status = await self._unit.status()  # coins are leaving it: no two answers are alike
            if status is None or not status.remaining:
                return
        now_s = self._now_s()
        order.since_s = now_s
        if status != order.figures:
            order.figures, order.moved_s = status, now_s
        total = await self._unit.total() if status.counter == 0 else None
        match judge(order.mark, order.count, status, total, seen_to_start=order.seen_to_start):
            case Fate.UNDER_WAY:
                order.seen_to_start = True
                if now_s - order.moved_s > STALLED_S:
                    await self._stop(order)
            case Fate.NEVER_ARRIVED if status.remaining or (order.seen_to_start and now_s - order.sent_s < BEGIN_S):
                if now_s - order.moved_s > STALLED_S:
                    await self._stop(order)
            case Fate.NEVER_ARRIVED:
                if await self._unit.enable(on=False) is Answer.DONE and await self._unit.status_for_sure() == status:
                    await self._finish(order, Fate.NEVER_ARRIVED)
            case Fate.UNKNOWN if order.odd_polls < ODD_POLLS:
                order.odd_polls += 1
                return
            case fate:
                await self._finish(order, fate)
        order.odd_polls = 0

    async def _stop(self, order: Order) -> None:
        if order.stops >= STOPS:
            return await self._finish(order, Fate.UNKNOWN)
        order.stops += 1
        _log.error("cctalk_hopper_stalled", figures=str(order.figures))
        await self._unit.stop()
        return None

    async def _finish(self, order: Order, fate: Fate) -> None:
        """The order has ended: say how, and why it is not all."""
        await self._unit.enable(on=False)
        self.health = await self._unit.health() or self.health
        self._rest = None  # with new figures comes a new mark
        await self._take_in()
        self.order, self.busy = None, False
        if not order.end.done():
            order.end.set_result(self._payout(order.count, fate, order.figures, order.surely_paid))

    def _payout(self, count: int, fate: Fate, figures: HopperStatus | None, surely_paid: int = 0) -> Payout:
        why = None if self.health is None else self.health.why_stopped
        if fate is Fate.NEVER_ARRIVED:
            return Payout(PayoutOutcome.NOTHING, {}, why)
        if fate is not Fate.ENDED or figures is None:
            return Payout(PayoutOutcome.UNKNOWN, self._coins(surely_paid))
        if figures.paid == count:
            return Payout(PayoutOutcome.DONE, self._coins(count))
        if figures.paid == 0:
            return Payout(PayoutOutcome.NOTHING, {}, why)
        return Payout(PayoutOutcome.PARTIAL, self._coins(figures.paid), why)

    def _coins(self, count: int) -> dict[int, int]:
        return {self._yen: count} if count else {}

    # -- questions -----------------------------------------------------------------------------------------------------

    def question(self, mark: str, count: int) -> "asyncio.Future[Payout]":
        """Ask what became of an order for ``count`` coins at ``mark``."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Payout] = loop.create_future()
        read = read_mark(mark)
        if read is None:
            answer.set_result(Payout(PayoutOutcome.UNKNOWN, {}))
        else:
            self.questions.append(Question(read, count, answer, loop.time() + ASK_WITHIN_S))
        return answer

    async def _answer_questions(self) -> None:
        """The hopper is at rest, and its figures are known for sure."""
        if not self.questions or self._rest is None:
            return
        status, total = self._rest, await self._unit.total()
        for question in tuple(self.questions):
            fate = Fate.UNKNOWN
            if question.mark.serial == self._serial_text:
                fate = judge(question.mark, question.count, status, total)
            if fate is Fate.NEVER_ARRIVED and not await self._is_nothing_on_the_way(status):
                continue
            self.questions.remove(question)
            if not question.answer.done():
                question.answer.set_result(self._payout(question.count, fate, status))

    async def _is_nothing_on_the_way(self, status: HopperStatus) -> bool:
        return await self._unit.enable(on=False) is Answer.DONE and await self._unit.status_for_sure() == status

    def _give_up_waiting(self) -> None:
        """End what has waited too long for a hopper that does not say."""
        now_s = self._now_s()
        order = self.order
        if order is not None and now_s - order.since_s > (NO_NEWS_S if order.sent else GIVE_WITHIN_S):
            self.end_order()
        for question in tuple(self.questions):
            if now_s > question.until_s or question.answer.done():
                self.questions.remove(question)
                if not question.answer.done():
                    question.answer.set_result(Payout(PayoutOutcome.UNKNOWN, {}))

    def end_order(self) -> None:
        """Nobody can follow the order any more: it was never sent, or nobody knows."""
        order, self.order = self.order, None
        self.busy = False
        if order is not None and not order.end.done():
            outcome = PayoutOutcome.UNKNOWN if order.sent else PayoutOutcome.NOTHING
            order.end.set_result(Payout(outcome, self._coins(order.surely_paid)))

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
