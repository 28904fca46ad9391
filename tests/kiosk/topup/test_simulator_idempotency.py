import asyncio
from pathlib import Path
from uuid import UUID

from kiosk.topup.answers import Lost, Topup, TopupState
from kiosk.topup.simulator.faults import Fault
from kiosk.topup.simulator.store import Store
from tests.kiosk.topup.gatewaybench import DATA, REF, GatewayBench, at_the_gateway, docomo

KEY = {"Idempotency-Key": str(UUID(int=1))}


def test_the_same_key_and_request_get_the_kept_reply_and_one_effect() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        body = {"amount_jpy": 2000, "tender": "CASH"}
        first = await bench.http.post(f"/topups/{topup.id}/commit", json=body, headers=KEY)
        second = await bench.http.post(f"/topups/{topup.id}/commit", json=body, headers=KEY)
        assert (first.status_code, first.json()["state"]) == (200, "COMPLETED")
        assert (second.status_code, second.json()) == (200, first.json())
        assert "Idempotency-Replayed" not in first.headers
        assert second.headers["Idempotency-Replayed"] == "true"
        assert bench.row().effects == 1

    at_the_gateway(story)


def test_the_same_key_with_another_request_is_a_mismatch() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        path = f"/topups/{topup.id}/commit"
        await bench.http.post(path, json={"amount_jpy": 2000, "tender": "CASH"}, headers=KEY)
        other = await bench.http.post(path, json={"amount_jpy": 2000, "tender": "CARD"}, headers=KEY)
        assert other.status_code == 422
        assert other.headers["content-type"] == "application/problem+json"
        assert (other.json()["code"], other.json()["retry"]) == ("IDEMPOTENCY_MISMATCH", "AFTER_QUERY")

    at_the_gateway(story)


def test_the_same_key_on_another_path_is_a_mismatch() -> None:
    async def story(bench: GatewayBench) -> None:
        one, two = await bench.reserved(docomo()), await bench.reserved(docomo("0001"), ref="KIOSK001-2")
        await bench.http.post(f"/topups/{one.id}/cancel", headers=KEY)
        other = await bench.http.post(f"/topups/{two.id}/cancel", headers=KEY)
        assert other.json()["code"] == "IDEMPOTENCY_MISMATCH"
        assert bench.row("KIOSK001-2").state == "RESERVED"

    at_the_gateway(story)


def test_a_second_sending_while_the_first_is_under_way_is_told_so() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo())
        body = {"amount_jpy": 2000, "tender": "CASH"}
        bench.faults.script("commit", Fault.DELAYED_EFFECT)
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(bench.http.post(f"/topups/{topup.id}/commit", json=body, headers=KEY))
            await asyncio.sleep(1)
            second = await bench.http.post(f"/topups/{topup.id}/commit", json=body, headers=KEY)
        assert (second.status_code, second.json()["code"], second.json()["retry"]) == (409, "IN_PROGRESS", "SAME_KEY")
        assert first.result().json()["state"] == "COMPLETED"
        assert bench.row().effects == 1

    at_the_gateway(story)


def test_a_refusal_that_may_pass_is_not_kept() -> None:
    async def story(bench: GatewayBench) -> None:
        bench.faults.set_state("docomo", "DOWN")
        down = await bench.gateway.lookup(docomo(), "1")
        assert isinstance(down, Lost)
        assert down.code == "CARRIER_DOWN"
        bench.faults.set_state("docomo", "UP")
        assert not isinstance(await bench.gateway.lookup(docomo(), "1"), Lost)

    at_the_gateway(story)


def test_a_final_refusal_is_kept() -> None:
    async def story(bench: GatewayBench) -> None:
        body = {"target": docomo("9012").to_api(), "product_id": DATA}
        first = await bench.http.post("/quotes", json=body, headers=KEY)
        second = await bench.http.post("/quotes", json=body, headers=KEY)
        assert first.json()["code"] == "INVALID_TARGET"
        assert (second.status_code, second.json()) == (first.status_code, first.json())
        assert second.headers["Idempotency-Replayed"] == "true"

    at_the_gateway(story)


def test_books_in_a_file_survive_a_restart_with_replies_and_reservations(tmp_path: Path) -> None:
    path = tmp_path / "carriers.db"

    async def before(bench: GatewayBench) -> str:
        bench.faults.script("commit", Fault.DROP_AFTER_EFFECT)
        topup = await bench.reserved(docomo())
        assert isinstance(await bench.gateway.commit(topup.id, REF, 2000, "CASH"), Lost)
        return topup.id

    async def after(bench: GatewayBench) -> None:
        replayed = await bench.gateway.commit(topup_id, REF, 2000, "CASH")
        assert isinstance(replayed, Topup)
        assert replayed.state is TopupState.COMPLETED
        assert bench.row().effects == 1
        assert (await bench.reserved(docomo("0001"), ref="KIOSK001-2")).id != topup_id

    store = Store(path)
    topup_id = at_the_gateway(before, store)
    store.close()
    again = Store(path)
    at_the_gateway(after, again)
    again.close()


def test_a_transaction_that_fails_leaves_nothing() -> None:
    async def story(bench: GatewayBench) -> None:
        topup = await bench.reserved(docomo("9033"))
        assert isinstance(await bench.gateway.commit(topup.id, REF, 2000, "CASH"), Lost)
        assert bench.row().state == "RESERVED"
        assert bench.store.lines.all() == []

    at_the_gateway(story)


def test_malformed_requests_are_problems_that_do_not_repeat_the_number() -> None:
    async def story(bench: GatewayBench) -> None:
        number = "+81900123456789"
        for path, body, code in (
            ("/lookups", {"msisdn": number}, "INVALID_TARGET"),
            ("/lookups", {}, "INVALID_TARGET"),
            ("/lookups", {"msisdn": "+819001234567", "iccid": "8981990000000000013"}, "INVALID_TARGET"),
            ("/quotes", {"target": {"msisdn": number}, "product_id": DATA}, "INVALID_TARGET"),
            ("/quotes", {"target": docomo().to_api()}, "PRODUCT_UNAVAILABLE"),
            ("/quotes", {"target": docomo().to_api(), "product_id": DATA, "amount_jpy": 0}, "AMOUNT_MISMATCH"),
            ("/topups", {"client_ref": "x", "quote_id": "Q1"}, "INVALID_STATE"),
            ("/topups/T1/commit", {"amount_jpy": "2000", "tender": "CASH"}, "AMOUNT_MISMATCH"),
            ("/topups/T1/reverse", {"reason": "BORED"}, "INVALID_STATE"),
        ):
            reply = await bench.http.post(path, json=body, headers=KEY)
            assert (reply.status_code, reply.json()["code"]) == (400, code), path
            assert reply.headers["content-type"] == "application/problem+json"
            assert number not in reply.text

    at_the_gateway(story)


def test_a_request_without_a_key_is_refused() -> None:
    async def story(bench: GatewayBench) -> None:
        for headers in ({}, {"Idempotency-Key": "not-a-uuid"}):
            reply = await bench.http.post("/lookups", json=docomo().to_api(), headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (400, "IDEMPOTENCY_MISMATCH")

    at_the_gateway(story)


def test_the_carriers_books_on_disk_hold_no_number_in_clear_and_are_read_with_their_key(tmp_path: Path) -> None:
    key = bytes(32)
    path = tmp_path / "carriers.sqlite"

    async def story(bench: GatewayBench) -> None:
        await bench.completed(docomo())
        assert bench.row().target == docomo().value

    books = Store(path, key)
    at_the_gateway(story, books)
    assert [row.client_ref for row in books.topups.where("target", docomo().value)] == [REF]
    books.close()
    assert docomo().value.encode() not in path.read_bytes()
    again = Store(path, key)
    assert {row.target for row in (*again.quotes.all(), *again.topups.all(), *again.lines.all())} == {docomo().value}
    again.close()
