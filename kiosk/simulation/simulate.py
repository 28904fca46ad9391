"""Plays customers against the whole kiosk in virtual time, one after the other, and asks the oracle after each."""

import asyncio
from random import Random

from hardware.clock import run_virtual, stopwatch_s
from kiosk.config import KioskConfig
from kiosk.ledger import accounts
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.journal import Journal
from kiosk.screenmodel import Screen
from kiosk.simulation.customers import SimulatedCustomer
from kiosk.simulation.oracle import at_rest, at_the_end
from kiosk.simulation.report import SimulationResult
from kiosk.simulation.staff import go_round
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store

BETWEEN_CUSTOMERS_S = 90.0
"""Mean time in which nobody stands at the kiosk."""

LAST_ANSWERS_S = 8 * 3600.0
"""How long the slowest carrier of the demonstration takes to settle an unknown commit, and some."""

PARTS_STOP_S = 5.0
"""How long a note may go on moving after its customer has left: some protocols credit it on its way into the box."""

MOST_VIOLATIONS = 20


def simulate(config: KioskConfig, journeys: int, seed: int) -> SimulationResult:
    """Play ``journeys`` customers from ``seed``. Ends early when too much is wrong."""
    began_s = stopwatch_s()
    virtual_s, violations, journal = run_virtual(_play(config, journeys, seed))
    totals = audit_journal(journal).totals
    result = SimulationResult(
        journeys=journeys,
        seed=seed,
        virtual_s=virtual_s,
        wall_s=stopwatch_s() - began_s,
        inserted_yen=totals.inserted,
        change_yen=totals.change,
        sold_yen=totals.sold,
        returned_yen=totals.returned,
        owed_yen=totals.owed,
        violations=tuple(violations),
        journal_hash=journal.head_hash(),
    )
    journal.close()
    return result


async def _play(config: KioskConfig, journeys: int, seed: int) -> tuple[float, list[str], Journal]:
    rng = Random(seed)
    journal = Journal.open(None, config.kiosk_id)
    carrier = Store(None)
    world = await World.open(config, rng, journal, carrier)
    violations: list[str] = []
    await world.until(Screen.ATTRACT)
    for number in range(1, journeys + 1):
        customer = SimulatedCustomer(world, Random(rng.getrandbits(64)))
        await customer.visit()
        try:
            await world.until(Screen.ATTRACT, timeout_s=900)
        except TimeoutError:
            violations.append(f"journey {number} ({customer.habit.name}): stuck on {world.shown.screen}")
            break
        await world.until_still(PARTS_STOP_S)
        violations += [f"journey {number} ({customer.habit.name}): {wrong}" for wrong in at_rest(world)]
        if len(violations) >= MOST_VIOLATIONS:
            break
        await go_round(world)
        await asyncio.sleep(rng.expovariate(1 / BETWEEN_CUSTOMERS_S))
    virtual_s = asyncio.get_running_loop().time()
    if not violations:
        await _last_answers(world)
        violations += at_the_end(world)
    await world.close()
    return virtual_s, violations, journal


async def _last_answers(world: World) -> None:
    """Wait until every commit that its carrier has not spoken about is settled, as long as that may take."""
    for device in world.bench.devices.values():
        await device.driver.close()  # hours of polling idle devices would prove nothing
    ends_s = asyncio.get_running_loop().time() + LAST_ANSWERS_S
    while world.journal.balances()[accounts.CUSTOMER_INSERTED] and asyncio.get_running_loop().time() < ends_s:
        await asyncio.sleep(60)
