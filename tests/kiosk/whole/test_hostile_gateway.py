"""A gateway, or somebody in its place, that answers with hostile texts: the kiosk shows, prints and writes none of them raw."""

import asyncio
import json

import httpx
import pytest

from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.report import render
from kiosk.screenmodel import Screen, ScreenModel, Touch
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from tests.kiosk.test_outside_texts import NASTY, harmless, texts_in
from tests.kiosk.whole.visits import enter, in_world, pay
from tests.sampling import sampled


class Hostile(httpx.AsyncBaseTransport):
    """Puts a text into every text of an honest answer, one field at a time, or into an error."""

    def __init__(self, inner: httpx.AsyncBaseTransport, text: str) -> None:
        self._inner = inner
        self._text = text
        self._turn = 0
        self.on = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        honest = await self._inner.handle_async_request(request)
        await honest.aread()
        if not self.on or not honest.headers["content-type"].endswith("json"):
            return honest
        self._turn += 1
        body = json.loads(honest.content)
        texts = [key for key, value in body.items() if isinstance(value, str)]
        if self._turn % 3 == 0:
            problem = {"title": self._text, "code": self._text, "retry": "AFTER_QUERY"}
            return httpx.Response(409, content=json.dumps(problem).encode())
        if texts:
            body[texts[self._turn % len(texts)]] = self._text
        return httpx.Response(honest.status_code, content=json.dumps(body).encode())


@pytest.mark.parametrize("number", sampled(range(len(NASTY)), 2))
def test_a_hostile_answer_shows_prints_and_books_nothing_of_itself(config: KioskConfig, number: int) -> None:
    async def story(world: World) -> None:
        shown: list[ScreenModel] = []
        world.on_picture = shown.append
        http = world.till.around.errands._gateway._http
        line = Hostile(http._transport, NASTY[number])
        for safe_s in (0.0, 2.0, 4.0, 6.0):
            http._transport = line
            line.on = safe_s == 0.0
            await enter(world)
            world.touch(Touch.NEXT)
            if await world.until(Screen.PLAN, Screen.SORRY, Screen.CARRIER) is Screen.PLAN:
                line.on = line.on or safe_s == 2.0
                world.touch(Touch.PLAN, world.shown.plans[0].id)
                await asyncio.sleep(20)
                if world.shown.screen is Screen.CONFIRM:
                    line.on = line.on or safe_s == 4.0
                    world.touch(Touch.AGREE)
                    world.touch(Touch.NEXT)
                    if await world.until(Screen.CASH, Screen.SORRY) is Screen.CASH:
                        line.on = True
                        await pay(world)
            await world.until(Screen.ATTRACT, timeout_s=900)
        line.on = False
        await asyncio.sleep(3600)
        assert at_the_end(world) == []
        assert any(model.screen is Screen.CASH for model in shown)
        assert all(harmless(text) for model in shown for text in texts_in(model) if text != model.electronic)
        for row in world.journal.rows():
            assert harmless(json.dumps(json.loads(row.body_text), ensure_ascii=False)[:1000])
        assert all(harmless(line) for line in render(audit_journal(world.journal)).split("\n"))
        for receipt in world.printer.receipts:
            assert not receipt.fates.unknown
            assert all(harmless(line) for line in receipt.text.split("\n"))

    in_world(config, story)
