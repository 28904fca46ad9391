"""A kiosk's gateway client and the simulated carriers on one virtual loop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

import httpx

from hardware.clock import VirtualCalendar, run_virtual
from kiosk.topup.answers import Quote, Topup
from kiosk.topup.catalogue import Catalogue, load_catalogue
from kiosk.topup.gateway import Gateway
from kiosk.topup.simulator.app import create_app, in_process
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.registry import Registry, load_registry
from kiosk.topup.simulator.store import Store, TopupRow
from kiosk.topup.target import Target

CONFIG = Path(__file__).parents[3] / "config"
CATALOGUE: Catalogue = load_catalogue(CONFIG / "carriers")
REGISTRY: Registry = load_registry(CONFIG / "simulator.toml", [c.id for c in CATALOGUE.carriers])

KIOSK = "KIOSK001"
REF = f"{KIOSK}-1"
DATA = "docomo-data-3gb"
AIRTIME = "docomo-airtime-3000"

T = TypeVar("T")


def docomo(ending: str = "0000") -> Target:
    """Return a docomo line of the simulation."""
    return Target("phone", "+819001000000"[:-4] + ending)


@dataclass
class GatewayBench:
    """What a test holds in its hands."""

    http: httpx.AsyncClient
    gateway: Gateway
    faults: Faults
    store: Store
    calendar: VirtualCalendar

    async def reserved(self, target: Target, plan: str = DATA, ref: str = REF) -> Topup:
        """Return a fresh reservation."""
        quote = await self.gateway.quote(target, plan, ref)
        assert isinstance(quote, Quote), quote
        topup = await self.gateway.reserve(ref, quote.id)
        assert isinstance(topup, Topup), topup
        return topup

    async def completed(self, target: Target, plan: str = DATA, ref: str = REF) -> Topup:
        """Return a fresh commit."""
        topup = await self.reserved(target, plan, ref)
        done = await self.gateway.commit(topup.id, ref, topup.amount_yen, "CASH")
        assert isinstance(done, Topup), done
        return done

    def row(self, ref: str = REF) -> TopupRow:
        """Return what the carrier's own books say."""
        (row,) = self.store.topups.where("client_ref", ref)
        return row


def at_the_gateway(story: Callable[[GatewayBench], Awaitable[T]], store: Store | None = None) -> T:
    """Run ``story`` in virtual time."""

    async def main() -> T:
        calendar = VirtualCalendar(asyncio.get_running_loop())
        faults = Faults(Random(7))
        books = store or Store()
        app = create_app(books, calendar, CATALOGUE, REGISTRY, faults)
        async with in_process(app) as http:
            return await story(GatewayBench(http, Gateway(http, KIOSK), faults, books, calendar))

    return run_virtual(main())
