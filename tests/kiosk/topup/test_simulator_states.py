"""What becomes of a top-up as time passes and calls come in the right and the wrong order."""

import asyncio
import json
from datetime import timedelta

import pytest

from kiosk.topup.answers import Lost, NotFound, Quote, Refused, Topup, TopupState
from kiosk.topup.catalogue import fingerprint
from kiosk.topup.simulator.faults import Fault
from kiosk.topup.subscriber import LineStatus, Subscriber
from kiosk.topup.target import Target
from tests.kiosk.topup.gatewaybench import AIRTIME, CATALOGUE, DATA, REF, GatewayBench, at_the_gateway, docomo

S = TopupState


def state(answer: object) -> TopupState:
    assert isinstance(answer, Topup), answer
    return answer.state


def code(answer: object) -> str:
    assert isinstance(answer, Refused), answer
    return answer.code


def test_a_purchase_ends_completed_and_the_line_has_what_was_paid_for() -> None:
    async def story(bench: GatewayBench) -> None:
        before = await bench.gateway.lookup(docomo(), "1")
        quote = await bench.gateway.quote(docomo(), AIRTIME, "2")
        assert isinstance(before, Subscriber)
        assert isinstance(quote, Quote)
        assert quote.disclosures == ("refund.never", "tax.not_taxed_at_sale", "disclosure.fictional_plan")
        topup = await bench.completed(docomo(), AIRTIME)
        assert (topup.state, topup.amount_yen, topup.valid_until) == (S.COMPLETED, 3000, quote.valid_until)
        assert topup.carrier_ref
        after = await bench.gateway.lookup(docomo(), "3")
        assert isinstance(after, Subscriber)
        assert after.valid_until == quote.valid_until.date()
        assert (after.balance_yen or 0) - (before.balance_yen or 0) == 3000

    at_the_gateway(story)


def test_a_data_plan_shorter_than_the_line_does_not_shorten_the_line() -> None:
    async def story(bench: GatewayBench) -> None:
        before = await bench.gateway.lookup(docomo("9004"), "1")
        topup = await bench.completed(docomo("9004"))
        after = await bench.gateway.lookup(docomo("9004"), "2")
        assert isinstance(before, Subscriber)
        assert isinstance(after, Subscriber)
        assert after.valid_until == before.valid_until
        assert topup.valid_until is not None
        assert topup.valid_until.date() == bench.calendar.now().date() + timedelta(days=30)

    at_the_gateway(story)


def test_a_free_first_month_is_committed_with_zero_yen_and_only_once() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.completed(docomo("9001"))
        assert (topup.state, topup.amount_yen) == (S.COMPLETED, 0)
        second = await bench.gateway.quote(docomo("9001"), DATA, "2")
        assert isinstance(second, Quote)
        assert second.price_yen == 2000

    at_the_gateway(story)


def test_a_reservation_expires_by_itself_after_15_minutes() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        await asyncio.sleep(899)
        assert state(await bench.gateway.find(REF)) is S.RESERVED
        await asyncio.sleep(1)
        assert state(await bench.gateway.find(REF)) is S.EXPIRED
        late = await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")
        assert isinstance(late, Refused)
        assert (late.code, late.retry) == ("INVALID_STATE", "AFTER_QUERY")
        assert bench.row().effects == 0

    at_the_gateway(story)


def test_a_quote_holds_10_minutes() -> None:
    async def story(bench: GatewayBench) -> None:
        quote = await bench.gateway.quote(docomo(), DATA, "1")
        assert isinstance(quote, Quote)
        await asyncio.sleep(600)
        assert code(await bench.gateway.reserve(REF, quote.id)) == "QUOTE_EXPIRED"
        assert await bench.gateway.find(REF) == NotFound(REF)

    at_the_gateway(story)


def test_a_quote_is_good_for_one_reservation() -> None:
    async def story(bench: GatewayBench) -> None:
        quote = await bench.gateway.quote(docomo(), DATA, "1")
        assert isinstance(quote, Quote)
        assert state(await bench.gateway.reserve(REF, quote.id)) is S.RESERVED
        assert code(await bench.gateway.reserve("KIOSK001-2", quote.id)) == "QUOTE_EXPIRED"
        assert code(await bench.gateway.reserve("KIOSK001-3", "Q99999999")) == "QUOTE_EXPIRED"

    at_the_gateway(story)


def test_a_quote_whose_price_changed_meanwhile_is_no_longer_good() -> None:
    async def story(bench: GatewayBench) -> None:
        free = await bench.gateway.quote(docomo("9001"), DATA, "1")
        assert isinstance(free, Quote)
        await bench.completed(docomo("9001"), ref="KIOSK001-2")
        assert code(await bench.gateway.reserve(REF, free.id)) == "QUOTE_EXPIRED"

    at_the_gateway(story)


def test_a_cancelled_reservation_cannot_be_committed() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        assert state(await bench.gateway.cancel(topup.id, REF)) is S.CANCELLED
        assert code(await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")) == "INVALID_STATE"
        assert bench.row().effects == 0

    at_the_gateway(story)


def test_a_commit_cannot_be_cancelled_and_a_reservation_cannot_be_reversed() -> None:
    async def story(bench: GatewayBench) -> None:
        done = await bench.completed(docomo())
        assert code(await bench.gateway.cancel(done.id, REF)) == "INVALID_STATE"
        held = await bench.reserved(docomo("0001"), ref="KIOSK001-2")
        assert code(await bench.gateway.reverse(held.id, "KIOSK001-2", "OPERATOR")) == "INVALID_STATE"

    at_the_gateway(story)


def test_an_amount_other_than_the_quoted_one_is_refused_for_good() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        answer = await bench.gateway.commit(topup.id, REF, 1000, "CASH")
        assert isinstance(answer, Refused)
        assert (answer.code, answer.is_final) == ("AMOUNT_MISMATCH", True)
        assert bench.row().state == S.RESERVED

    at_the_gateway(story)


def test_a_reversal_takes_back_credit_and_days() -> None:
    async def story(bench: GatewayBench) -> None:
        before = await bench.gateway.lookup(docomo(), "1")
        done = await bench.completed(docomo(), AIRTIME)
        assert state(await bench.gateway.reverse(done.id, REF, "PAYMENT_FAILED")) is S.REVERSED
        assert await bench.gateway.lookup(docomo(), "2") == before

    at_the_gateway(story)


def test_a_reversal_leaves_a_later_top_ups_days_alone() -> None:
    async def story(bench: GatewayBench) -> None:
        week = await bench.completed(docomo("9003"), "docomo-data-1gb")
        month = await bench.completed(docomo("9003"), DATA, ref="KIOSK001-2")
        assert state(await bench.gateway.reverse(week.id, REF, "OPERATOR")) is S.REVERSED
        after = await bench.gateway.lookup(docomo("9003"), "9")
        assert isinstance(after, Subscriber)
        assert month.valid_until is not None
        assert after.valid_until == month.valid_until.date()

    at_the_gateway(story)


def test_the_reversal_window_closes_after_30_minutes() -> None:
    async def story(bench: GatewayBench) -> None:
        done = await bench.completed(docomo())
        await asyncio.sleep(1801)
        answer = await bench.gateway.reverse(done.id, REF, "OPERATOR")
        assert isinstance(answer, Refused)
        assert (answer.code, answer.is_final) == ("REVERSAL_NOT_POSSIBLE", True)
        assert state(await bench.gateway.find(REF)) is S.COMPLETED

    at_the_gateway(story)


@pytest.mark.parametrize(
    ("plan", "taken_back"), [("kddi-data-5gb-day", True), ("kddi-data-3gb", False), ("kddi-airtime-3000", False)]
)
def test_a_customers_change_of_mind_needs_a_refundable_plan(plan: str, taken_back: bool) -> None:
    async def story(bench: GatewayBench) -> None:
        kddi = Target("phone", "+819003000000")
        done = await bench.completed(kddi, plan)
        answer = await bench.gateway.reverse(done.id, REF, "CUSTOMER_CANCEL")
        assert (isinstance(answer, Topup) and answer.state is S.REVERSED) == taken_back

    at_the_gateway(story)


def test_a_client_ref_has_one_top_up_for_ever() -> None:
    async def story(bench: GatewayBench) -> None:
        await bench.reserved(docomo())
        quote = await bench.gateway.quote(docomo("0001"), DATA, "2")
        assert isinstance(quote, Quote)
        body = {"client_ref": REF, "quote_id": quote.id}
        again = await bench.http.post("/topups", json=body, headers={"Idempotency-Key": "00000000-0000-0000-0000-000000000009"})
        assert (again.status_code, again.json()["code"]) == (409, "INVALID_STATE")
        assert len(bench.store.topups.all()) == 1

    at_the_gateway(story)


def test_versions_grow_with_every_change() -> None:
    async def story(bench: GatewayBench) -> None:
        reserved = await bench.reserved(docomo())
        done = await bench.gateway.commit(reserved.id, REF, reserved.amount_yen, "CASH")
        undone = await bench.gateway.reverse(reserved.id, REF, "OPERATOR")
        assert isinstance(done, Topup)
        assert isinstance(undone, Topup)
        assert reserved.version < done.version < undone.version

    at_the_gateway(story)


def test_reservations_count_towards_the_daily_limit_until_they_are_let_go() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo(), AIRTIME)
        assert code(await bench.gateway.quote(docomo(), AIRTIME, "2")) == "DAILY_LIMIT"
        await bench.gateway.cancel(topup.id, REF)
        assert isinstance(await bench.gateway.quote(docomo(), AIRTIME, "3"), Quote)

    at_the_gateway(story)


def test_the_daily_limit_ends_with_the_day() -> None:
    async def story(bench: GatewayBench) -> None:
        await bench.completed(docomo(), AIRTIME)
        assert code(await bench.gateway.quote(docomo(), AIRTIME, "2")) == "DAILY_LIMIT"
        await asyncio.sleep(86_400)
        assert isinstance(await bench.gateway.quote(docomo(), AIRTIME, "3"), Quote)

    at_the_gateway(story)


def test_a_line_runs_out_and_comes_back() -> None:
    async def story(bench: GatewayBench) -> None:
        await bench.completed(docomo("9003"))
        for days, expected in ((0, LineStatus.ACTIVE), (30, LineStatus.ACTIVE), (1, LineStatus.EXPIRED_GRACE)):
            await asyncio.sleep(days * 86_400)
            line = await bench.gateway.lookup(docomo("9003"), f"after {bench.calendar.now()}")
            assert isinstance(line, Subscriber)
            assert line.status is expected

    at_the_gateway(story)


def test_an_unknown_product_and_a_product_of_another_carrier_are_refused() -> None:
    async def story(bench: GatewayBench) -> None:
        assert code(await bench.gateway.quote(docomo(), "no-such-plan", "1")) == "PRODUCT_UNAVAILABLE"
        assert code(await bench.gateway.quote(docomo(), "kddi-data-3gb", "2")) == "NOT_SERVED_BY_CARRIER"

    at_the_gateway(story)


def test_a_carrier_that_only_answers_questions_sells_nothing_but_lets_go() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        bench.faults.set_state("docomo", "QUERY_ONLY")
        assert isinstance(await bench.gateway.lookup(docomo(), "1"), Subscriber)
        for refused in (
            await bench.gateway.quote(docomo(), DATA, "2"),
            await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH"),
        ):
            assert isinstance(refused, Lost)
            assert refused.code == "CARRIER_DOWN"
        assert state(await bench.gateway.find(REF)) is S.RESERVED
        assert state(await bench.gateway.cancel(topup.id, REF)) is S.CANCELLED

    at_the_gateway(story)


def test_products_come_with_an_etag_that_saves_the_second_download() -> None:
    async def story(bench: GatewayBench) -> None:
        first = await bench.http.get("/products", params={"carrier": "softbank"})
        softbank = CATALOGUE.carrier("softbank")
        assert softbank is not None
        assert first.headers["ETag"] == f'"{fingerprint(softbank)}"'
        assert [p["id"] for p in first.json()] == [p.id for p in softbank.plans]
        airtime = first.json()[0]
        assert airtime["price"] == {"fixed_jpy": 3000}
        assert airtime["validity"] == {"rule": "EXTEND_CURRENT_BY_DAYS", "n": 60, "cap_days": 360}
        assert (airtime["balance_cap_jpy"], airtime["daily_limit_jpy"]) == (60_000, 5000)
        second = await bench.http.get(
            "/products", params={"carrier": "softbank"}, headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (second.status_code, second.content) == (304, b"")
        assert (await bench.http.get("/products", params={"carrier": "nobody"})).status_code == 404

    at_the_gateway(story)


def test_the_settlement_file_lists_what_was_committed_that_day() -> None:
    async def story(bench: GatewayBench) -> None:
        await bench.completed(docomo())
        await bench.completed(docomo("9031"), ref="KIOSK001-2")
        await bench.reserved(docomo("0002"), ref="KIOSK001-3")
        reversed_one = await bench.completed(docomo("0003"), ref="KIOSK001-4")
        await bench.gateway.reverse(reversed_one.id, "KIOSK001-4", "OPERATOR")
        await bench.completed(docomo("9038"), ref="KIOSK001-5")
        await asyncio.sleep(86_400)
        await bench.completed(docomo("0004"), ref="KIOSK001-6")
        reply = await bench.http.get("/settlements/2026-11-22")
        assert reply.headers["content-type"] == "application/x-ndjson"
        *lines, end = [json.loads(line) for line in reply.text.splitlines()]
        assert {(line["client_ref"], line["state"]) for line in lines} == {
            (REF, "COMPLETED"),
            ("KIOSK001-4", "REVERSED"),
            ("KIOSK001-5", "COMPLETED"),
        }
        assert lines[0]["amount_jpy"] == 2000
        assert end == {"business_date": "2026-11-22", "lines": 3, "amount_jpy": 6000}
        (end,) = [json.loads(line) for line in (await bench.http.get("/settlements/2026-11-21")).text.splitlines()]
        assert end == {"business_date": "2026-11-21", "lines": 0, "amount_jpy": 0}
        assert (await bench.http.get("/settlements/2026-13-45")).json()["retry"] == "NEVER"


@pytest.mark.parametrize(("hour", "there"), [(26, False), (27, True)])
def test_a_day_is_closed_three_hours_after_midnight_and_then_knows_what_became_of_everything(hour: int, there: bool) -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.script("commit", Fault.UNKNOWN)
        bench.faults.delay_s = 10 * 86_400
        await bench.completed(docomo())
        await asyncio.sleep(hour * 3600 - 9 * 3600)
        reply = await bench.http.get("/settlements/2026-11-22")
        if there:
            assert json.loads(reply.text.splitlines()[0])["state"] == "COMPLETED"
        else:
            assert (reply.status_code, reply.json()["retry"]) == (404, "SAME_KEY")
            assert (await bench.gateway.find(REF)).state is S.UNKNOWN  # type: ignore[union-attr]

    at_the_gateway(story)


def test_a_degraded_carrier_makes_every_answer_late_but_not_too_late() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.set_state("kddi", "DEGRADED")
        began = asyncio.get_running_loop().time()
        health = await bench.gateway.health()
        assert asyncio.get_running_loop().time() - began == bench.faults.degraded_s
        assert {c.carrier: c.state for c in health.carriers}["kddi"] == "DEGRADED"  # type: ignore[union-attr]

    at_the_gateway(story)


def test_carriers_whose_clock_is_wrong_count_by_their_own() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        bench.faults.skew_s = 901.0
        found = await bench.gateway.find(topup.client_ref)
        assert isinstance(found, Topup)
        assert found.state is S.EXPIRED

    at_the_gateway(story)

    at_the_gateway(story)


def test_a_top_up_is_found_by_the_gateways_id_too() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        assert (await bench.http.get(f"/topups/{topup.id}")).json()["client_ref"] == REF
        assert (await bench.http.get("/topups/T99999999")).status_code == 404

    at_the_gateway(story)
