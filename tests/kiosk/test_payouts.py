"""Floats and payouts with hoppers that do not count, one coin kind each, and that do what hoppers do on bad days."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from hardware.clock import SIMULATION_EPOCH, run_virtual
from hardware.dispenser import CashDispenser, DispenserListener, DispenserStatus, Payout, Pieces
from hardware.errors import SequenceError
from hardware.vocabulary import PayoutOutcome
from kiosk.floats import Floats
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.memory import Money
from kiosk.payouts import Payouts
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.state import Paying, State


class Hopper(CashDispenser):
    """A hopper of one kind of coin as the contract has it; how its next orders go is written down beforehand."""

    def __init__(self, yen: int, *outcomes: Payout) -> None:
        self.yen = yen
        self.status = DispenserStatus(ready=True)
        self.outcomes = list(outcomes)
        self.orders: list[dict[int, int]] = []
        self.asked: list[str] = []
        self.answers: list[Payout] = []

    @property
    def denominations(self) -> frozenset[int]:
        return frozenset({self.yen})

    @property
    def levels(self) -> Mapping[int, int | None]:
        return {self.yen: None}

    @property
    def mark(self) -> str:
        if not self.status.ready:
            raise SequenceError("not ready")
        return str(len(self.orders))

    async def start(self, listener: DispenserListener) -> None:
        listener(self.status)

    async def close(self) -> None:
        pass

    async def dispense(self, pieces: Pieces) -> Payout:
        self.orders.append(dict(pieces))
        await asyncio.sleep(1)
        return self.outcomes.pop(0) if self.outcomes else Payout(PayoutOutcome.DONE, pieces)

    async def outcome_since(self, mark: str, pieces: Pieces) -> Payout:
        self.asked.append(mark)
        await asyncio.sleep(1)
        return self.answers.pop(0)


class Counter:
    """The till's side of the counter: takes down what it is told."""

    def __init__(self, journal: Journal) -> None:
        self.around: Any = SimpleNamespace(journal=journal)
        self.state = State(visit=7, paying=Paying(1, 0))
        self.told: list[tuple[ev.Event, str]] = []
        self.remarks: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.disk_failed = False

    def handle(self, event: ev.Event, resolves: int = 0, outcome: str = "") -> None:
        self.told.append((event, outcome))

    def remark(self, what: str, legs: accounts.Postings = (), **facts: Any) -> None:
        self.remarks.append(what)
        self.append(Entry(Kind.REMARK, "", {"what": what, **facts}, legs))

    def append(self, *entries: Entry) -> bool:
        if self.disk_failed:
            return False
        self.around.journal.append(SIMULATION_EPOCH, *entries)
        return True

    def devices_changed(self) -> None:
        pass

    def spawn(self, work: Any) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))


OPENING = {"h500": {500: 5}, "h500b": {500: 5}, "h10": {10: 20}}


def counter(hoppers: dict[str, Hopper], money: Money | None = None) -> tuple[Counter, Floats, Payouts]:
    desk = Counter(Journal.open(None, "K"))
    money = money or Money()
    floats = Floats(hoppers, desk, money.floats, OPENING)
    floats.open()
    return desk, floats, Payouts(hoppers, floats, desk, money, desk.spawn)


def test_the_books_are_the_float_of_hoppers_and_begin_with_what_the_config_says() -> None:
    _, floats, payouts = counter({"h500": Hopper(500), "h500b": Hopper(500), "h10": Hopper(10)})
    assert floats.gives(payouts.doubtful) == ((500, 10), (10, 20))
    floats.open()
    assert floats.gives({}) == ((500, 10), (10, 20))  # once only


def test_a_hopper_that_nobody_has_spoken_for_holds_nothing() -> None:
    _, floats, _ = counter({"h50": Hopper(50)})
    assert floats.gives({}) == ()
    floats.refilled("h50", {50: 8}, "filled by staff")
    assert floats.gives({}) == ((50, 8),)


def test_an_order_is_shared_out_among_hoppers_and_each_is_announced_with_its_mark_before_it_is_told() -> None:
    hoppers = {"h500": Hopper(500), "h500b": Hopper(500), "h10": Hopper(10)}

    async def main() -> None:
        desk, _, payouts = counter(hoppers)
        desk.state = State(visit=7, paying=Paying(1, 3520))
        await payouts.carry_out(7, fx.PayOut(1, ((500, 7), (10, 2))), again=False)
        assert [hopper.orders for hopper in hoppers.values()] == [[{500: 5}], [{500: 2}], [{10: 2}]]
        assert [event for event, _ in desk.told] == [
            ev.PaidOut("h500", ((500, 5),), (), last=False),
            ev.PaidOut("h500b", ((500, 2),), (), last=False),
            ev.PaidOut("h10", ((10, 2),), (), last=True),
        ]
        orders = [row.body for row in desk.around.journal.rows() if row.kind == "order"]
        assert [(order["device"], order["mark"]) for order in orders] == [("h500", "0"), ("h500b", "0"), ("h10", "0")]

    run_virtual(main())


def test_what_a_hopper_gives_too_much_is_the_shops_loss_and_told() -> None:
    async def main() -> None:
        desk, floats, payouts = counter({"h10": Hopper(10, Payout(PayoutOutcome.DONE, {10: 3}))})
        desk.state = State(visit=7, paying=Paying(1, 20))
        await payouts.carry_out(7, fx.PayOut(1, ((10, 2),)), again=False)
        assert desk.told == [(ev.PaidOut("h10", ((10, 2),)), "paid")]
        assert desk.remarks == ["paid too much"]
        assert desk.around.journal.balance(accounts.OVER_SHORT) == 10
        assert floats.booked("h10", 10) == 19  # the two that were asked for are booked by the till, with the event

    run_virtual(main())


def test_a_hopper_that_is_not_ready_in_time_is_not_told_and_nothing_is_in_doubt() -> None:
    async def main() -> None:
        hopper = Hopper(10)
        desk, _, payouts = counter({"h10": hopper})
        desk.state = State(visit=7, paying=Paying(1, 20))
        hopper.status = DispenserStatus(ready=False)
        await payouts.carry_out(7, fx.PayOut(1, ((10, 2),)), again=False)
        assert hopper.orders == []
        assert desk.told == [(ev.PaidOut("h10", ()), "nothing")]
        assert payouts.doubtful == {}

    run_virtual(main())


def test_a_lost_answer_is_in_doubt_until_the_hopper_speaks_and_no_other_order_is_given_meanwhile() -> None:
    async def main() -> None:
        hopper = Hopper(10, Payout(PayoutOutcome.UNKNOWN, {10: 1}))
        hopper.answers = [Payout(PayoutOutcome.UNKNOWN, {}), Payout(PayoutOutcome.PARTIAL, {10: 3})]
        desk, floats, payouts = counter({"h10": hopper})
        desk.state = State(visit=7, paying=Paying(1, 50))
        await payouts.carry_out(7, fx.PayOut(1, ((10, 5),)), again=False)
        assert desk.told == [(ev.PaidOut("h10", ((10, 1),), ((10, 4),)), "unknown")]
        assert set(payouts.doubtful) == {"h10"}
        assert floats.gives(payouts.doubtful) == ()
        legs = accounts.change_paid(10) + accounts.float_paid("h10", 10, 1) + accounts.payout_unsure("h10", 10, 4)
        desk.append(Entry(Kind.EVENT, "7", {"type": "by the till"}, legs + accounts.owed(40)))
        await asyncio.gather(*desk.tasks)
        assert hopper.asked == ["0", "0"]
        assert payouts.doubtful == {}
        balance = desk.around.journal.balance
        assert balance(accounts.UNACCOUNTED) == 0
        assert balance(accounts.OWED) == -20  # two of the four had come out, so twenty yen of the slip are settled
        assert floats.booked("h10", 10) == 17

    run_virtual(main())


def test_what_staff_had_honoured_when_it_came_out_after_all_is_the_shops_loss_and_no_debt_of_the_customers() -> None:
    async def main() -> None:
        hopper = Hopper(10, Payout(PayoutOutcome.UNKNOWN, {}))
        hopper.answers = [Payout(PayoutOutcome.DONE, {10: 4})]
        desk, _, payouts = counter({"h10": hopper})
        desk.state = State(visit=7, paying=Paying(1, 40))
        await payouts.carry_out(7, fx.PayOut(1, ((10, 4),)), again=False)
        legs = accounts.payout_unsure("h10", 10, 4) + accounts.owed(40)
        desk.append(Entry(Kind.EVENT, "7", {"type": "by the till"}, legs))
        desk.append(Entry(Kind.PAID_AT_DESK, "7", {"claim": "KONBINI1-7", "yen": 40}, accounts.owed_paid(40)))
        await asyncio.gather(*desk.tasks)
        balance = desk.around.journal.balance
        assert (balance(accounts.UNACCOUNTED), balance(accounts.OWED), balance(accounts.OVER_SHORT)) == (0, 0, 40)

    run_virtual(main())


def test_after_a_restart_an_order_without_an_answer_is_asked_about_and_only_the_rest_is_given() -> None:
    async def main() -> None:
        first, second = Hopper(500), Hopper(10)
        first.answers = [Payout(PayoutOutcome.PARTIAL, {500: 1})]
        money = Money()
        desk, _, payouts = counter({"h500": first, "h10": second}, money)
        order = {"intent": "7.1", "device": "h500", "mark": "0", "pieces": [[500, 2]]}
        desk.append(Entry("order", "7", order))
        for row in desk.around.journal.rows():
            money.hear(row)
        desk.state = State(visit=7, paying=Paying(1, 1020))
        await payouts.carry_out(7, fx.PayOut(1, ((500, 2), (10, 2))), again=True)
        assert first.asked == ["0"]
        assert first.orders == []
        assert second.orders == [{10: 2}]
        assert [event for event, _ in desk.told] == [
            ev.PaidOut("h500", ((500, 1),), (), last=False),
            ev.PaidOut("h10", ((10, 2),), (), last=True),
        ]

    run_virtual(main())


def test_an_order_that_never_arrived_is_given_after_all() -> None:
    async def main() -> None:
        hopper = Hopper(500)
        hopper.answers = [Payout(PayoutOutcome.NOTHING, {})]
        money = Money()
        desk, _, payouts = counter({"h500": hopper}, money)
        desk.append(Entry("order", "7", {"intent": "7.1", "device": "h500", "mark": "0", "pieces": [[500, 2]]}))
        for row in desk.around.journal.rows():
            money.hear(row)
        desk.state = State(visit=7, paying=Paying(1, 1000))
        await payouts.carry_out(7, fx.PayOut(1, ((500, 2),)), again=True)
        assert hopper.orders == [{500: 2}]
        assert desk.told == [(ev.PaidOut("h500", ((500, 2),)), "paid")]

    run_virtual(main())


def test_an_order_that_cannot_be_written_down_is_not_given() -> None:
    async def main() -> None:
        hopper = Hopper(500)
        desk, _, payouts = counter({"h500": hopper})
        desk.disk_failed = True
        await payouts.carry_out(7, fx.PayOut(1, ((500, 2),)), again=False)
        assert hopper.orders == []

    run_virtual(main())


def test_a_device_that_was_taken_off_the_bench_leaves_its_order_in_doubt() -> None:
    async def main() -> None:
        money = Money()
        desk, _, payouts = counter({"h10": Hopper(10)}, money)
        desk.append(Entry("order", "7", {"intent": "7.1", "device": "gone", "mark": "3", "pieces": [[500, 2]]}))
        for row in desk.around.journal.rows():
            money.hear(row)
        desk.state = State(visit=7, paying=Paying(1, 1000))
        await payouts.carry_out(7, fx.PayOut(1, ((500, 2),)), again=True)
        assert desk.told == [(ev.PaidOut("gone", (), ((500, 2),)), "unknown")]
        assert set(payouts.doubtful) == {"gone"}

    run_virtual(main())
