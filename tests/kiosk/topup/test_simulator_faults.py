"""Troubles of the wire: whatever gets lost, ``find`` tells the truth and the effect happens at most once."""

import asyncio
from random import Random
from typing import get_args

import pytest

from kiosk.topup.answers import Lost, NotFound, Refused, Topup, TopupState
from kiosk.topup.simulator.faults import ONLY_OF, TROUBLES, Fault, Faults, Operation
from kiosk.topup.subscriber import Subscriber
from tests.kiosk.topup.gatewaybench import DATA, KIOSK, REF, GatewayBench, at_the_gateway, docomo

S = TopupState
LOSING = [
    Fault.DROP_BEFORE_EFFECT,
    Fault.DROP_AFTER_EFFECT,
    Fault.DELAYED_REPLY,
    Fault.DELAYED_EFFECT,
    Fault.HTTP_500_AFTER_EFFECT,
    Fault.GARBAGE_REPLY,
    Fault.CROSSED_REPLY,
    Fault.DOWN,
]


@pytest.mark.parametrize("fault", LOSING)
def test_a_commit_whose_answer_is_lost_is_resolved_by_find_and_the_same_step_again(fault: Fault) -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        bench.faults.script("commit", fault)
        assert isinstance(await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH"), Lost)
        found = await bench.gateway.find(REF)
        assert isinstance(found, Topup)
        effect_first = fault not in (Fault.DROP_BEFORE_EFFECT, Fault.DELAYED_EFFECT, Fault.DOWN)
        assert found.state is (S.COMPLETED if effect_first else S.RESERVED)
        await asyncio.sleep(60)
        again = await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")
        assert isinstance(again, Topup)
        assert again.state is S.COMPLETED
        assert bench.row().effects == 1

    at_the_gateway(story)


def test_an_effect_may_come_after_find_said_reserved() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        bench.faults.script("commit", Fault.DELAYED_EFFECT)
        assert isinstance(await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH"), Lost)
        early = await bench.gateway.find(REF)
        busy = await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")
        await asyncio.sleep(10)
        late = await bench.gateway.find(REF)
        assert isinstance(early, Topup)
        assert isinstance(late, Topup)
        assert (early.state, late.state) == (S.RESERVED, S.COMPLETED)
        assert isinstance(busy, Lost)
        assert busy.code == "IN_PROGRESS"

    at_the_gateway(story)


@pytest.mark.parametrize("fault", LOSING)
def test_a_reserve_whose_answer_is_lost_makes_one_reservation_in_the_end(fault: Fault) -> None:
    async def story(bench: GatewayBench) -> None:
        quote = await bench.gateway.quote(docomo(), DATA, "1")
        bench.faults.script("reserve", fault)
        assert isinstance(await bench.gateway.reserve(REF, quote.id), Lost)  # type: ignore[union-attr]
        found = await bench.gateway.find(REF)
        assert isinstance(found, NotFound | Topup)
        await asyncio.sleep(60)
        again = await bench.gateway.reserve(REF, quote.id)  # type: ignore[union-attr]
        assert isinstance(again, Topup)
        assert again.state is S.RESERVED
        assert len(bench.store.topups.all()) == 1

    at_the_gateway(story)


def test_a_lost_find_is_asked_again() -> None:
    async def story(bench: GatewayBench) -> None:
        await bench.reserved(docomo())
        bench.faults.script("find", Fault.DROP_BEFORE_EFFECT, Fault.HTTP_500_AFTER_EFFECT, Fault.CROSSED_REPLY)
        for _ in range(3):
            assert isinstance(await bench.gateway.find(REF), Lost)
        assert isinstance(await bench.gateway.find(REF), Topup)

    at_the_gateway(story)


def test_a_carrier_declines_by_fault_and_delivers_nothing() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script("commit", Fault.DECLINE)
        assert (await bench.completed(docomo())).state is S.DECLINED
        assert bench.row().effects == 0

    at_the_gateway(story)


def test_a_commit_unknown_by_fault_completes_later() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script("commit", Fault.UNKNOWN)
        assert (await bench.completed(docomo())).state is S.UNKNOWN
        await asyncio.sleep(bench.faults.delay_s)
        found = await bench.gateway.find(REF)
        assert isinstance(found, Topup)
        assert found.state is S.COMPLETED

    at_the_gateway(story)


def test_a_swallowed_request_ends_with_504_for_who_waits_that_long() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script("lookup", Fault.DROP_AFTER_EFFECT)
        key = {"Idempotency-Key": "00000000-0000-0000-0000-000000000001"}
        reply = await bench.http.post("/lookups", json=docomo().to_api(), headers=key)
        assert reply.status_code == 504
        assert asyncio.get_running_loop().time() == pytest.approx(bench.faults.silence_s)

    at_the_gateway(story)


def test_a_carrier_that_is_down_says_so_in_its_health() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.set_state("kddi", "DOWN")
        states = {c.carrier: c.state for c in (await bench.gateway.health()).carriers}  # type: ignore[union-attr]
        assert states == {"docomo": "UP", "softbank": "UP", "kddi": "DOWN"}

    at_the_gateway(story)


async def _many_customers(bench: GatewayBench) -> list[str]:
    """Serve 60 customers through rolled faults, each step repeated until it is answered; return how each ended."""
    gateway = bench.gateway
    bench.faults.rates = dict.fromkeys(Fault, 0.04)  # those of a settlement file meet nothing here
    endings: list[str] = []
    for number in range(60):
        ref, target = f"{KIOSK}-{number}", docomo(f"{number:04d}")
        while isinstance(quote := await gateway.quote(target, DATA, ref), Lost):
            await asyncio.sleep(15)
        assert not isinstance(quote, Refused)
        while isinstance(held := await gateway.reserve(ref, quote.id), Lost):
            await asyncio.sleep(15)
        if isinstance(held, Refused):
            endings.append(f"{ref} {held.code} {bench.calendar.now().isoformat()}")
            continue
        answer: object = await gateway.commit(held.id, ref, held.amount_yen, "CASH")
        while not (isinstance(answer, Topup) and answer.state.is_final):
            await asyncio.sleep(15)
            answer = await gateway.find(ref)
            if isinstance(answer, Topup) and answer.state is S.RESERVED:
                answer = await gateway.commit(held.id, ref, held.amount_yen, "CASH")
        assert bench.row(ref).effects == (1 if answer.state is S.COMPLETED else 0)
        endings.append(f"{ref} {answer.state} {bench.calendar.now().isoformat()}")
    return endings


def test_sixty_customers_through_every_fault_are_each_served_at_most_once_and_the_same_on_every_run() -> None:
    first = at_the_gateway(_many_customers)
    assert {ending.split()[1] for ending in first} == {"COMPLETED", "DECLINED", "EXPIRED", "QUOTE_EXPIRED"}
    assert at_the_gateway(_many_customers) == first


def test_scripted_faults_come_first_and_one_request_each() -> None:
    faults = Faults(Random(1))
    faults.script("commit", Fault.DECLINE, Fault.DOWN)
    assert [faults.draw("commit"), faults.draw("lookup"), faults.draw("commit"), faults.draw("commit")] == [
        Fault.DECLINE,
        None,
        Fault.DOWN,
        None,
    ]


def test_commit_only_faults_never_meet_another_request() -> None:
    faults = Faults(Random(1), {Fault.DECLINE: 1.0})
    assert faults.draw("commit") is Fault.DECLINE
    assert faults.draw("reserve") is None
    with pytest.raises(ValueError, match="happens to a commit"):
        faults.script("reserve", Fault.DECLINE)


@pytest.mark.parametrize("rates", [{Fault.DOWN: 1.1}, {Fault.DOWN: -0.1}, {Fault.DOWN: 0.6, Fault.DECLINE: 0.6}])
def test_rates_that_are_no_probabilities_are_refused(rates: dict[Fault, float]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        Faults(Random(1), rates)


def test_a_lookup_through_a_late_reply_is_the_same_lookup() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script("lookup", Fault.DELAYED_REPLY)
        assert isinstance(await bench.gateway.lookup(docomo(), "1"), Lost)
        assert isinstance(await bench.gateway.lookup(docomo(), "1"), Subscriber)

    at_the_gateway(story)


def test_every_trouble_has_a_name_under_which_it_can_be_brought_about_and_all_of_them_end() -> None:
    for name, bring in TROUBLES.items():
        faults = Faults(Random(1))
        bring(faults)
        operation, _, what = name.partition(".")
        if operation == "carriers":
            assert faults.state("any") == what.upper()
        elif operation == "clock":
            assert (faults.skew_s > 0, faults.skew_s < 0) == (what == "ahead", what == "behind")
        else:
            assert faults.draw(operation) == what  # type: ignore[arg-type]
        bring(faults)
        faults.heal()
        assert faults.state("any") == "UP"
        assert faults.skew_s == 0
        assert all(faults.draw(operation) is None for operation in get_args(Operation))
    assert {name.split(".")[1] for name in TROUBLES} >= set(Fault)
    assert ONLY_OF[Fault.UNKNOWN] == ("commit",)


@pytest.mark.parametrize("operation", ["reserve", "commit"])
def test_a_price_that_changed_is_refused_and_nothing_is_delivered(operation: Operation) -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script(operation, Fault.PRICE_CHANGED)
        quote = await bench.gateway.quote(docomo(), DATA, "1")
        held = await bench.gateway.reserve(REF, quote.id)  # type: ignore[union-attr]
        if operation == "commit":
            held = await bench.gateway.commit(held.id, REF, held.amount_yen, "CASH")  # type: ignore[union-attr]
            assert bench.row().effects == 0
        assert isinstance(held, Refused)
        assert held.code == ("QUOTE_EXPIRED" if operation == "reserve" else "AMOUNT_MISMATCH")

    at_the_gateway(story)


def test_a_reservation_that_ran_out_before_the_commit_delivers_nothing() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        bench.faults.script("commit", Fault.RESERVATION_EXPIRED)
        answer = await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")
        assert isinstance(answer, Refused)
        assert not answer.is_final
        assert (bench.row().state, bench.row().effects) == ("EXPIRED", 0)

    at_the_gateway(story)


def test_a_reversal_refused_leaves_the_top_up_as_it_is() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.completed(docomo())
        bench.faults.script("reverse", Fault.REVERSAL_REFUSED)
        answer = await bench.gateway.reverse(topup.id, REF, "TIMEOUT")
        assert isinstance(answer, Refused)
        assert answer.code == "REVERSAL_NOT_POSSIBLE"
        assert bench.row().state == S.COMPLETED

    at_the_gateway(story)


@pytest.mark.parametrize("operation", ["reserve", "commit", "cancel", "find"])
def test_a_request_that_arrives_twice_has_one_effect(operation: Operation) -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script(operation, Fault.DUPLICATE_REPLY)
        topup = await bench.reserved(docomo())
        if operation == "cancel":
            assert (await bench.gateway.cancel(topup.id, REF)).state is S.CANCELLED  # type: ignore[union-attr]
            return
        done = await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")
        assert isinstance(done, Topup)
        assert await bench.gateway.find(REF) == done
        assert bench.row().effects == 1

    at_the_gateway(story)
