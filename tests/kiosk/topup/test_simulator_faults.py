"""Troubles of the wire: whatever gets lost, ``find`` tells the truth and the effect happens at most once."""

import asyncio
from random import Random

import pytest

from kiosk.topup.answers import Lost, NotFound, Refused, Topup, TopupState
from kiosk.topup.simulator.faults import Fault, Faults
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
    bench.faults.rates = dict.fromkeys(Fault, 0.04)
    endings: list[str] = []
    for number in range(60):
        ref, target = f"{KIOSK}-{number}", docomo(f"{number:04d}")
        while isinstance(quote := await gateway.quote(target, DATA, ref), Lost):
            await asyncio.sleep(15)
        assert not isinstance(quote, Refused)
        while isinstance(held := await gateway.reserve(ref, quote.id), Lost):
            await asyncio.sleep(15)
        assert isinstance(held, Topup)
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
    assert {ending.split()[1] for ending in first} == {"COMPLETED", "DECLINED"}
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
