"""A gateway that cannot be trusted sells nothing; a terminal whose gateway is trusted again serves again, by itself."""

import asyncio
import ssl
from random import Random

import httpx
import pytest

from kiosk.config import KioskConfig
from kiosk.ledger.entry import Kind
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.signing import Signer, Verifier
from kiosk.topup.simulator.door import Door
from tests.kiosk.whole.visits import books, buy, choose, in_world, walk_off

KEY = bytes(32)


class Impostor(httpx.AsyncBaseTransport):
    """Answers with a certificate of its own."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        refusal = ssl.SSLCertVerificationError()
        refusal.verify_message = "self-signed certificate"
        raise httpx.ConnectError("all connection attempts failed") from refusal


def line(world: World) -> httpx.AsyncClient:
    return world.till.around.errands._gateway._http


def put(world: World, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    """Put something else at the far end of the line; return what was there."""
    before = line(world)._transport
    line(world)._transport = transport
    return before


def remarks(world: World) -> list[tuple[str, str]]:
    return [
        (row.body["what"], row.body["why"])
        for row in world.journal.rows()
        if row.kind == Kind.REMARK and "the gateway" in row.body["what"]
    ]


def test_a_gateway_with_a_strange_certificate_ends_the_service_until_the_right_one_is_back(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        told: list[str] = []
        world.till.trust.on_news = told.append
        await buy(world)
        await walk_off(world)
        before = put(world, Impostor())
        await world.restart_kiosk()
        world.till.trust.on_news = told.append
        await asyncio.sleep(30)
        assert world.shown.screen is Screen.OUT_OF_SERVICE
        assert remarks(world) == [
            ("the gateway is not trusted", "the gateway's certificate is refused: self-signed certificate")
        ]
        await asyncio.sleep(3600)
        assert len(remarks(world)) == 1
        put(world, before)
        await world.until(Screen.ATTRACT, timeout_s=600)
        assert [what for what, _ in remarks(world)] == ["the gateway is not trusted", "the gateway is trusted again"]
        assert told[-1] == "the carriers' gateway is trusted again"
        await buy(world)
        await walk_off(world)
        assert books(world) == (4000, 4000, 0, 0)

    in_world(config, story)


@pytest.mark.parametrize("notes", [0, 1])
def test_a_customer_who_is_paying_is_told_and_gets_everything_back_on_cancelling(config: KioskConfig, notes: int) -> None:
    async def story(world: World) -> None:
        await choose(world)
        for _ in range(notes):
            await world.insert(1000)
            await asyncio.sleep(5)
        before = put(world, Impostor())
        await world.till.around.errands.greet()
        assert (world.shown.screen, world.shown.notice) == (Screen.CASH, "notice.device_trouble")
        world.touch(Touch.CANCEL)
        await world.until(Screen.RETURNING, Screen.TAKE, Screen.SORRY, Screen.OUT_OF_SERVICE)
        put(world, before)
        await walk_off(world)
        assert books(world)[1] == 0
        assert at_the_end(world) == []

    in_world(config, story)


def test_a_kiosk_whose_signature_is_not_taken_sells_nothing(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        now = world.till.around.calendar.now
        inner = world.carrier_line._inner
        inner.app = Door(inner.app, Verifier({config.kiosk_id: KEY}, now))
        await world.restart_kiosk()
        await asyncio.sleep(30)
        assert world.shown.screen is Screen.OUT_OF_SERVICE
        assert "does not take this kiosk's requests" in remarks(world)[0][1]
        line(world).auth = Signer(config.kiosk_id, KEY, now, Random(1))
        await world.until(Screen.ATTRACT, timeout_s=600)
        await buy(world)
        await walk_off(world)
        assert books(world) == (2000, 2000, 0, 0)

    in_world(config, story)
