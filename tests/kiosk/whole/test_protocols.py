"""One journey with coins and change on every bill protocol there is, and on ccTalk hoppers that jam or run empty."""

import asyncio
from pathlib import Path

import pytest

from hardware.models import load_models
from kiosk.config import KioskConfig, load_config
from kiosk.ledger import accounts
from kiosk.ledger.audit import audit_journal
from kiosk.screenmodel import Screen
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from tests.kiosk.whole.conftest import CONFIG
from tests.kiosk.whole.visits import choose, in_world, pay_with, walk_off

BENCH = CONFIG / "benches" / "cash-virtual.toml"
BILL_MODELS = sorted(name for name, model in load_models(CONFIG / "devices").items() if model.device_class == "bill")

ON_THE_LINE = ("coins", "hopper-500", "hopper-100", "hopper-50", "hopper-10")


def money(world: World) -> tuple[int, int, int, int]:
    totals = audit_journal(world.journal).totals
    return totals.inserted, totals.sold, totals.change, totals.owed


@pytest.fixture(scope="session")
def cash_config() -> KioskConfig:
    """A note acceptor, a ccTalk coin acceptor and four ccTalk hoppers on one line."""
    return load_config(CONFIG, BENCH)


@pytest.mark.parametrize("model", BILL_MODELS)
def test_one_line_of_the_bench_file_puts_another_note_acceptor_into_the_kiosk(tmp_path: Path, model: str) -> None:
    bench = tmp_path / "bench.toml"
    bench.write_text(BENCH.read_text(encoding="utf-8").replace("jcm-id003-jpy", model), encoding="utf-8")

    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 500, 5000)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert money(world) == (5500, 3480, 2020, 0)

    in_world(load_config(CONFIG, bench), story)


def test_a_hopper_that_jams_half_way_has_counted_and_the_rest_is_owed(cash_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.hand_at("hopper-500", "jam")
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 5000)
        await world.until(Screen.RESULT, timeout_s=200)
        assert (world.shown.change_yen, world.shown.change_paid_yen, world.shown.owed_yen) == (1520, 20, 1500)
        await world.until(Screen.ATTRACT)
        assert at_the_end(world) == []
        assert money(world) == (5000, 3480, 20, 1500)

    in_world(cash_config, story)


def test_a_hopper_with_fewer_coins_than_the_books_say_pays_what_it_has(cash_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.hand_at("hopper-10", "empty")
        await world.hand_at("hopper-10", "fill 1")
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 5000)
        await world.until(Screen.RESULT, timeout_s=200)
        assert (world.shown.change_paid_yen, world.shown.owed_yen) == (1510, 10)
        await world.until(Screen.ATTRACT)
        assert money(world) == (5000, 3480, 1510, 10)
        # only staff can find out that the hopper is empty: they count, and the books follow
        world.till.cash.count("FLOAT:hopper-10", {10: 0}, ("aoki",))
        assert world.journal.balance(accounts.float_of("hopper-10", 10)) == 0
        assert audit_journal(world.journal).ok

    in_world(cash_config, story)


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.8, 1.5, 3.0])
def test_a_kiosk_killed_while_hoppers_pay_asks_their_counters(cash_config: KioskConfig, after_s: float) -> None:
    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(after_s)
        await world.restart_kiosk()
        await world.until(Screen.RESULT, Screen.ATTRACT)
        await walk_off(world)
        assert money(world) == (5000, 3480, 1520, 0)

    in_world(cash_config, story)


def test_the_line_of_coins_and_hoppers_unplugged_while_change_comes_out_loses_no_yen(cash_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(0.5)
        for name in ON_THE_LINE:
            await world.hand_at(name, "line unplug")
        await world.until(Screen.RESULT, timeout_s=600)
        _, _, change, owed = money(world)
        assert change + owed == 1520
        await world.until(Screen.ATTRACT)
        for name in ON_THE_LINE:
            await world.hand_at(name, "line replug")
        await asyncio.sleep(400)
        assert world.till.in_doubt == frozenset()
        assert world.journal.balance(accounts.UNACCOUNTED) == 0
        assert at_the_end(world) == []

    in_world(cash_config, story)
