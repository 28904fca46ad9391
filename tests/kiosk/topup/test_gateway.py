"""The client against answers that no honest gateway gives."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from hardware.clock import run_virtual
from kiosk.topup.answers import Lost, NotFound, Refused, Topup, TopupState
from kiosk.topup.gateway import Gateway, client_ref
from tests.kiosk.topup.gatewaybench import KIOSK, REF, docomo

TOPUP = {"id": "T1", "client_ref": REF, "state": "COMPLETED", "version": 2, "amount_jpy": 2000}
PROBLEM = {"type": "urn:x", "title": "No", "status": 409, "code": "DAILY_LIMIT", "retry": "NEVER"}


def commit(status: int, body: object) -> Topup | Refused | Lost:
    """Return what the client makes of one answer to a commit."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def main() -> Topup | Refused | Lost:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: httpx.Response(status, content=content)), base_url="http://x/v1"
        ) as http:
            return await Gateway(http, KIOSK).commit("T1", REF, 2000, "CASH")

    return run_virtual(main())


def test_a_good_answer_is_believed() -> None:
    assert commit(200, TOPUP) == Topup("T1", REF, TopupState.COMPLETED, 2, 2000)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": "T2"}, "'T2', not 'T1'"),
        ({"id": "../health"}, "id is not"),
        ({"client_ref": "KIOSK001-2"}, "not 'KIOSK001-1'"),
        ({"amount_jpy": 1000}, "1000 yen, not 2000"),
        ({"amount_jpy": 2000.0}, "amount_jpy is not a whole number"),
        ({"amount_jpy": True}, "amount_jpy is not a whole number"),
        ({"amount_jpy": None}, "amount_jpy is not a whole number"),
        ({"version": -1}, "version is not a whole number"),
        ({"state": "FINE"}, "state is 'FINE'"),
        ({"valid_until": "tomorrow"}, "valid_until is not a date and time"),
        ({"valid_until": "2026-11-22T09:00:00"}, "valid_until has no time zone"),
    ],
)
def test_an_answer_about_something_else_is_lost_and_says_why(change: dict[str, object], why: str) -> None:
    answer = commit(200, {**TOPUP, **change})
    assert isinstance(answer, Lost)
    assert why in answer.why


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id"', b"\xff\xfe", b"[1]", b"[" * 60_000, b'"' + b"x" * 70_000 + b'"'])
@pytest.mark.parametrize("status", [200, 404, 409, 500])
def test_garbage_is_lost_whatever_its_status(status: int, body: bytes) -> None:
    assert isinstance(commit(status, body), Lost)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_lost_even_when_it_carries_a_problem(status: int) -> None:
    answer = commit(status, {**PROBLEM, "code": "CARRIER_DOWN", "retry": "SAME_KEY"})
    assert isinstance(answer, Lost)
    assert answer.code == "CARRIER_DOWN"


def test_a_problem_is_a_refusal_and_says_whether_it_is_final() -> None:
    assert commit(409, PROBLEM) == Refused("DAILY_LIMIT", "NEVER", "No")
    answer = commit(409, {**PROBLEM, "code": "INVALID_STATE", "retry": "AFTER_QUERY"})
    assert isinstance(answer, Refused)
    assert not answer.is_final


def test_a_problem_of_an_unknown_code_is_kept_as_it_came_but_an_unknown_retry_is_not_believed() -> None:
    assert commit(409, {**PROBLEM, "code": "MOON_PHASE"}) == Refused("MOON_PHASE", "NEVER", "No")
    assert isinstance(commit(409, {**PROBLEM, "retry": "PERHAPS"}), Lost)


def test_an_earlier_sending_still_under_way_decides_nothing() -> None:
    answer = commit(409, {**PROBLEM, "code": "IN_PROGRESS", "retry": "SAME_KEY"})
    assert isinstance(answer, Lost)


def test_a_redirect_is_no_answer() -> None:
    assert isinstance(commit(307, PROBLEM), Lost)


def test_only_the_gateways_own_404_means_never_received() -> None:
    def find(content: bytes) -> object:
        async def main() -> object:
            transport = httpx.MockTransport(lambda _: httpx.Response(404, content=content))
            async with httpx.AsyncClient(transport=transport, base_url="http://x/v1") as http:
                return await Gateway(http, KIOSK).find(REF)

        return run_virtual(main())

    assert find(json.dumps({**PROBLEM, "status": 404}).encode()) == NotFound(REF)
    assert isinstance(find(b"<h1>Not Found</h1>"), Lost)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.ReadTimeout])
def test_a_broken_line_is_lost(error: Callable[[str], Exception]) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise error("broken")

    async def main() -> object:
        async with httpx.AsyncClient(transport=httpx.MockTransport(broken), base_url="http://x/v1") as http:
            return await Gateway(http, KIOSK).health()

    assert isinstance(run_virtual(main()), Lost)


def test_every_call_is_bounded_in_the_loops_time() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(10_000)
        raise AssertionError

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(transport=httpx.MockTransport(never), base_url="http://x/v1") as http:
            gateway = Gateway(http, KIOSK, timeout_s=5)
            for call in (
                gateway.health(),
                gateway.lookup(docomo(), "1"),
                gateway.quote(docomo(), "p", "1"),
                gateway.reserve(REF, "Q1"),
                gateway.find(REF),
                gateway.commit("T1", REF, 1000, "CASH"),
                gateway.cancel("T1", REF),
                gateway.reverse("T1", REF, "TIMEOUT"),
            ):
                before = loop.time()
                assert await call == Lost("no answer within 5 s")
                assert loop.time() - before == pytest.approx(5)

    run_virtual(main())


def test_a_step_repeated_has_the_same_key_and_every_other_step_another() -> None:
    keys: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(500)

    async def main() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(note), base_url="http://x/v1") as http:
            for _ in range(2):
                # A new client each time: the same keys come from a kiosk that restarted.
                gateway = Gateway(http, KIOSK)
                await gateway.lookup(docomo(), "KIOSK001-1")
                await gateway.lookup(docomo(), "KIOSK001-2")
                await gateway.quote(docomo(), "p", "KIOSK001-1")
                await gateway.reserve(REF, "Q1")
                await gateway.commit("T1", REF, 1000, "CASH")
                await gateway.cancel("T1", REF)
                await gateway.reverse("T1", REF, "TIMEOUT")
                await gateway.reverse("T1", REF, "OPERATOR")
            await Gateway(http, "KIOSK002").lookup(docomo(), "KIOSK001-1")

    run_virtual(main())
    assert keys[:8] == keys[8:16]
    assert len(set(keys)) == 9


@pytest.mark.parametrize("reference", ["", "KIOSK001", "kiosk001-1", "KIOSK001-1234567890123", "KIOSK002-1", "KIOSK001-1\n"])
def test_a_reference_that_is_not_this_kiosks_is_the_callers_mistake(reference: str) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(base_url="http://x/v1") as http:
            await Gateway(http, KIOSK).find(reference)

    with pytest.raises(ValueError, match="not a client reference"):
        run_virtual(main())


def test_a_client_reference_is_kiosk_and_sequence() -> None:
    assert client_ref("KIOSK001", 42) == "KIOSK001-42"
    with pytest.raises(ValueError, match="not a client reference"):
        client_ref("kiosk", 42)
