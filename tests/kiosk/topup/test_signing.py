"""Signatures: what fits passes once, everything else is refused and has no effect."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import httpx
import pytest

from hardware.clock import JST, VirtualCalendar, run_virtual
from kiosk.topup.answers import Health, Lost, Quote, Topup
from kiosk.topup.gateway import Gateway
from kiosk.topup.signing import MOST_NONCES, WINDOW_S, Signer, Verifier, signature
from kiosk.topup.simulator.app import create_app
from kiosk.topup.simulator.door import LONGEST_BODY_BYTES, Door
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.store import Store
from tests.kiosk.topup.gatewaybench import CATALOGUE, DATA, KIOSK, REF, REGISTRY, docomo

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
NOON = datetime(2026, 11, 22, 12, tzinfo=JST)


class Wire(httpx.AsyncBaseTransport):
    """What lies between kiosk and carrier, and may change or repeat what passes."""

    def __init__(self, app: Door) -> None:
        self._inner = httpx.ASGITransport(app)
        self.passed: list[httpx.Request] = []
        self.change: Callable[[httpx.Request], httpx.Request] = lambda request: request

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.passed.append(request)
        return await self._inner.handle_async_request(self.change(request))


def at_the_door(story: object, key: bytes = KEY) -> None:
    async def main() -> None:
        calendar = VirtualCalendar(asyncio.get_running_loop())
        app = create_app(Store(), calendar, CATALOGUE, REGISTRY, Faults(Random(1)))
        wire = Wire(Door(app, Verifier({KIOSK: KEY}, calendar.now)))
        auth = Signer(KIOSK, key, calendar.now, Random(2))
        async with httpx.AsyncClient(transport=wire, base_url="http://carrier.invalid/v1", auth=auth) as http:
            await story(Gateway(http, KIOSK), wire)  # type: ignore[operator]

    run_virtual(main())


def again(request: httpx.Request, **changed: object) -> httpx.Request:
    facts = {"method": request.method, "url": request.url, "headers": request.headers, "content": request.content}
    return httpx.Request(**{**facts, **changed})  # type: ignore[arg-type]


def test_a_signature_is_what_openssl_makes_of_the_same_lines() -> None:
    """``printf 'konbini-signature-v1\\nPOST\\n...' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...``"""
    headers = {"konbini-kiosk": KIOSK, "konbini-time": "1795593600", "konbini-nonce": "00" * 16, "idempotency-key": "k"}
    expected = "v1=0e897735615b2b05cd1bb1aeca7fef925e867df9bf315eb8feac1efb4191141b"
    assert signature(KEY, "post", "/v1/topups?x=1", headers, b"{}") == expected


def test_a_whole_purchase_passes_the_door() -> None:
    async def story(gateway: Gateway, wire: Wire) -> None:
        quote = await gateway.quote(docomo(), DATA, "1")
        assert isinstance(quote, Quote)
        topup = await gateway.reserve(REF, quote.id)
        assert isinstance(topup, Topup)
        assert isinstance(await gateway.commit(topup.id, REF, topup.amount_yen, "CASH"), Topup)
        assert isinstance(await gateway.find(REF), Topup)
        assert len({request.headers["konbini-nonce"] for request in wire.passed}) == len(wire.passed)

    at_the_door(story)


CHANGES = {
    "body": lambda r: again(r, content=r.content.replace(b"0000", b"0001"), headers={**r.headers}),
    "path": lambda r: again(r, url=str(r.url).replace("/lookups", "/quotes")),
    "query": lambda r: again(r, url=f"{r.url}?x=1"),
    "method": lambda r: again(r, method="PUT"),
    "idempotency key": lambda r: again(r, headers={**r.headers, "Idempotency-Key": "0" * 8 + "-0000-0000-0000-" + "0" * 12}),
    "kiosk": lambda r: again(r, headers={**r.headers, "Konbini-Kiosk": "KIOSK002"}),
    "time": lambda r: again(r, headers={**r.headers, "Konbini-Time": str(int(r.headers["konbini-time"]) + 1)}),
    "nonce": lambda r: again(r, headers={**r.headers, "Konbini-Nonce": "0" * 32}),
    "signature": lambda r: again(r, headers={**r.headers, "Konbini-Signature": "v1=" + "0" * 64}),
    "no signature": lambda r: again(r, headers={k: v for k, v in r.headers.items() if k != "konbini-signature"}),
    "signature that is no ASCII": lambda r: again(r, headers=[*r.headers.raw[:-1], (b"Konbini-Signature", b"\xff\xfe")]),
    "a body too long": lambda r: again(r, content=b"x" * (LONGEST_BODY_BYTES + 1), headers={"Host": "x"}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_request_changed_on_its_way_is_refused(what: str) -> None:
    async def story(gateway: Gateway, wire: Wire) -> None:
        told: list[str] = []
        gateway.on_distrust = told.append
        wire.change = CHANGES[what]
        answer = await gateway.lookup(docomo(), "1")
        assert isinstance(answer, Lost)
        assert answer.code == "NOT_TRUSTED"
        assert len(told) == 1
        assert told[0].startswith("the gateway does not take this kiosk's requests")
        wire.change = lambda request: request
        assert isinstance(await gateway.health(), Health)
        assert told[1:] == [""]

    at_the_door(story)


def test_a_request_sent_twice_is_refused_the_second_time() -> None:
    async def story(gateway: Gateway, wire: Wire) -> None:
        assert isinstance(await gateway.health(), Health)
        sent = wire.passed[0]
        wire.change = lambda _: sent
        assert isinstance(await gateway.health(), Lost)
        await asyncio.sleep(WINDOW_S)
        assert isinstance(await gateway.health(), Lost)
        await asyncio.sleep(10 * WINDOW_S)
        assert isinstance(await gateway.health(), Lost)

    at_the_door(story)


def test_another_key_is_refused() -> None:
    async def story(gateway: Gateway, wire: Wire) -> None:
        assert isinstance(await gateway.health(), Lost)

    at_the_door(story, key=OTHER)


@pytest.mark.parametrize(
    ("late_s", "good"), [(0, True), (WINDOW_S, True), (-WINDOW_S, True), (WINDOW_S + 1, False), (-301, False)]
)
def test_clocks_may_differ_by_five_minutes(late_s: int, good: bool) -> None:
    verifier = Verifier({KIOSK: KEY}, lambda: NOON + timedelta(seconds=late_s))
    headers = {"konbini-kiosk": KIOSK, "konbini-time": str(int(NOON.timestamp())), "konbini-nonce": "n"}
    headers["konbini-signature"] = signature(KEY, "GET", "/", headers, b"")
    assert (verifier.objection("GET", "/", headers, b"") == "") is good


@pytest.mark.parametrize("time", ["", "-1", "1e9", "９９", "9" * 40])
def test_a_time_that_is_none_is_refused_also_when_it_is_signed(time: str) -> None:
    headers = {"konbini-kiosk": KIOSK, "konbini-time": time, "konbini-nonce": "n"}
    headers["konbini-signature"] = signature(KEY, "GET", "/", headers, b"")
    assert "too old" in Verifier({KIOSK: KEY}, lambda: NOON).objection("GET", "/", headers, b"")


def test_nonces_are_forgotten_when_their_request_would_be_too_old() -> None:
    now = NOON
    verifier = Verifier({KIOSK: KEY}, lambda: now)

    def ask(nonce: int) -> str:
        headers = {"konbini-kiosk": KIOSK, "konbini-time": str(int(now.timestamp())), "konbini-nonce": str(nonce)}
        headers["konbini-signature"] = signature(KEY, "GET", "/", headers, b"")
        return verifier.objection("GET", "/", headers, b"")

    assert {ask(nonce) for nonce in range(MOST_NONCES)} == {""}
    assert ask(MOST_NONCES) == "too many requests"
    now += timedelta(seconds=2 * WINDOW_S + 1)
    assert ask(0) == ""


def test_a_short_key_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="a key of 8 bytes"):
        Signer(KIOSK, b"8 bytes.", lambda: NOON, Random(1))
