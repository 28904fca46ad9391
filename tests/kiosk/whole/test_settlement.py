"""The carrier's side of the promise: nothing stays unknown for longer than to the settlement file of the next day."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Kind, Row
from kiosk.screenmodel import Screen
from kiosk.simulation.oracle import at_the_end
from kiosk.simulation.world import World
from kiosk.topup.simulator.faults import EVERY_CARRIER, Fault
from tests.kiosk.whole.visits import books, buy, in_world, walk_off

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
CLOSED_S = 20 * HOUR_S
"""From nine in the morning, when these stories begin, to five of the next: by then the carriers have closed the day."""


async def idle(world: World, seconds: float) -> None:
    """Let time pass with the devices asleep: hours of polling them would prove nothing."""
    for device in world.bench.devices.values():
        await device.driver.close()
    await asyncio.sleep(seconds)
    if world.till.broken.done():
        world.till.broken.result()


async def restart(world: World, wait_s: float = 0.0) -> None:
    await world.restart_kiosk()
    await idle(world, wait_s)


async def left_unknown(world: World, number: str = "09001012345") -> None:
    """Buy a top-up whose carrier, or whose gateway, will not say what became of it for a year."""
    world.faults.script("commit", Fault.UNKNOWN)
    world.faults.delay_s = 365 * DAY_S
    await buy(world, number)
    assert world.shown.screen is Screen.UNKNOWN
    await world.until(Screen.ATTRACT, timeout_s=900)
    world.faults.delay_s = 12.0


async def left_unreached(world: World) -> None:
    """Pay for a top-up whose commit never reaches the carrier, which then does not answer any question about it."""
    world.faults.script("commit", *[Fault.DROP_BEFORE_EFFECT] * 20)
    world.faults.script("find", *[Fault.DROP_BEFORE_EFFECT] * 2000)
    await buy(world)
    assert world.shown.screen is Screen.UNKNOWN
    await world.until(Screen.ATTRACT, timeout_s=900)


def rows(world: World, kind: Kind) -> Iterator[Row]:
    return (row for row in world.journal.rows() if row.kind == kind)


def differences(world: World) -> list[tuple[str, str, int, int]]:
    return [
        (row.body["what"], row.body["reference"], row.body["booked_yen"], row.body["listed_yen"])
        for row in rows(world, Kind.DIFFERENCE)
    ]


def days(world: World) -> list[str]:
    return [row.body["day"] for row in rows(world, Kind.SETTLEMENT)]


def test_a_carrier_unsure_for_a_year_is_decided_by_the_file_of_the_next_day_and_sold(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("find", *[Fault.DROP_BEFORE_EFFECT] * 2000)
        await left_unknown(world)
        await idle(world, 15 * HOUR_S)
        assert books(world) == (2000, 0, 0, 0)
        assert not audit_journal(world.journal).ok
        await asyncio.sleep(CLOSED_S - 15 * HOUR_S)
        assert books(world) == (2000, 2000, 0, 0)
        assert world.till.investigations.open == {}
        assert at_the_end(world) == []
        assert differences(world) == []
        assert days(world) == ["2026-11-22"]

    in_world(config, story)


def test_a_commit_that_never_arrived_is_not_in_the_file_and_is_owed(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await left_unreached(world)
        await idle(world, 15 * HOUR_S)
        assert books(world) == (2000, 0, 0, 0)
        await asyncio.sleep(CLOSED_S - 15 * HOUR_S)
        assert books(world) == (2000, 0, 0, 2000)
        assert at_the_end(world) == []

    in_world(config, story)


@pytest.mark.parametrize("unknown", [left_unknown, left_unreached])
def test_an_unknown_outlives_restarts_before_and_after_the_file(config: KioskConfig, unknown: object) -> None:
    async def story(world: World) -> None:
        world.faults.script("find", *[Fault.DROP_BEFORE_EFFECT] * 2000)
        await unknown(world)  # type: ignore[operator]
        await restart(world, 5 * HOUR_S)
        assert len(world.till.investigations.open) == 1
        await restart(world, CLOSED_S)
        sold = 2000 if unknown is left_unknown else 0
        assert books(world) == (2000, sold, 0, 2000 - sold)
        before = world.journal.head.seq
        await restart(world, 2 * HOUR_S)
        assert world.till.investigations.open == {}
        assert all(row.kind == Kind.OPENED for row in world.journal.rows(after=before) if not row.visit)
        assert days(world) == ["2026-11-22"]
        assert at_the_end(world) == []

    in_world(config, story)


def test_every_day_is_settled_once_also_those_on_which_the_kiosk_was_off(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world)
        await walk_off(world)
        await idle(world, 2 * DAY_S)
        assert days(world) == ["2026-11-22", "2026-11-23"]
        world.till.abandon()
        await asyncio.sleep(3 * DAY_S)
        await restart(world, 2 * DAY_S)
        assert days(world) == [f"2026-11-{day}" for day in range(22, 29)]
        confirmed = [row.body["confirmed"] for row in rows(world, Kind.SETTLEMENT)]
        assert confirmed == [1, 0, 0, 0, 0, 0, 0]
        assert differences(world) == []

    in_world(config, story)


REFERENCE = "KONBINI1-1"
CASES = [
    (Fault.LINE_MISSING, [("missing", REFERENCE, 2000, 0)]),
    (Fault.LINE_EXTRA, [("extra", "KONBINI1-999999999", 0, 2000)]),
    (Fault.LINE_ALTERED, [("amount", REFERENCE, 2000, 3000)]),
    (Fault.LINE_REPEATED, [("repeated", REFERENCE, 2000, 2000)]),
    (Fault.LINE_UNDECIDED, [("undecided", REFERENCE, 2000, 2000)]),
]


@pytest.mark.parametrize(("fault", "found"), CASES)
def test_what_differs_is_written_down_and_never_booked(
    config: KioskConfig, fault: Fault, found: list[tuple[str, str, int, int]]
) -> None:
    async def story(world: World) -> None:
        await buy(world)
        await walk_off(world)
        world.faults.script("settlement", *[Fault.SETTLEMENT_LATE] * 2, fault)
        before = books(world)
        await idle(world, CLOSED_S)
        assert books(world) == before == (2000, 2000, 0, 0)
        assert differences(world) == found
        assert days(world) == ["2026-11-22"]

    in_world(config, story)


def test_a_carrier_that_delivered_what_we_owe_for_is_told_of(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world, "09001009031")
        assert world.shown.screen is Screen.DECLINED
        await walk_off(world)
        (topup,) = world.carrier.topups.all()
        world.carrier.topups.put(replace(topup, state="COMPLETED"))  # a carrier that changes its mind overnight
        await idle(world, CLOSED_S)
        assert differences(world) == [("delivered", REFERENCE, 2000, 2000)]
        assert books(world) == (2000, 0, 0, 2000)

    in_world(config, story)


TROUBLES = [
    Fault.SETTLEMENT_LATE,
    Fault.SETTLEMENT_CUT,
    Fault.CROSSED_REPLY,
    Fault.GARBAGE_REPLY,
    Fault.HTTP_500_AFTER_EFFECT,
    Fault.DOWN,
    Fault.DROP_AFTER_EFFECT,
    Fault.DELAYED_REPLY,
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_file_that_does_not_come_whole_is_asked_for_until_it_does(config: KioskConfig, trouble: Fault) -> None:
    async def story(world: World) -> None:
        await left_unreached(world)
        world.faults.script("settlement", *[trouble] * 8)
        await idle(world, CLOSED_S + 8 * HOUR_S)
        assert books(world) == (2000, 0, 0, 2000)
        assert days(world) == ["2026-11-22"]
        assert at_the_end(world) == []

    in_world(config, story)


def test_a_file_that_is_overdue_is_told_to_staff_once_and_still_asked_for(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await left_unreached(world)
        world.faults.script("settlement", *[Fault.SETTLEMENT_LATE] * 80)
        await idle(world, 2 * DAY_S + 8 * HOUR_S)
        told = [row.body for row in rows(world, Kind.REMARK) if "settlement" in row.body["what"]]
        assert [body["day"] for body in told] == ["2026-11-22"]
        assert books(world) == (2000, 0, 0, 0)
        await asyncio.sleep(DAY_S)
        assert books(world) == (2000, 0, 0, 2000)

    in_world(config, story)


@pytest.mark.parametrize("skew_s", [-240.0, 240.0])
@pytest.mark.parametrize("minutes_to_midnight", [10, 1])
def test_a_top_up_near_midnight_is_found_whosever_clock_is_right(
    config: KioskConfig, skew_s: float, minutes_to_midnight: int
) -> None:
    async def story(world: World) -> None:
        world.faults.skew_s = skew_s
        await idle(world, 15 * HOUR_S - 60 * minutes_to_midnight - 60)
        await world.restart_kiosk()
        await buy(world)
        await world.until(Screen.ATTRACT, timeout_s=900)
        await left_unreached(world)
        await idle(world, 2 * DAY_S)
        assert differences(world) == []
        assert books(world) == (4000, 2000, 0, 2000)
        assert sum(row.body["confirmed"] for row in rows(world, Kind.SETTLEMENT)) == 1

    in_world(config, story)


def test_questions_about_an_unknown_come_less_and_less_often_and_not_in_step(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.set_state(EVERY_CARRIER, "UP")
        await left_unknown(world)
        asked: list[float] = []
        ask = world.till.around.errands.ask_about

        async def noted(topup: str, reference: str, yen: int) -> object:
            asked.append(asyncio.get_running_loop().time())
            return await ask(topup, reference, yen)

        world.till.around.errands.ask_about = noted  # type: ignore[method-assign, assignment]
        await idle(world, 6 * HOUR_S)
        gaps = [later - earlier for earlier, later in pairwise(asked)]
        assert len(asked) < 25
        assert max(gaps) <= 1.2 * 1800 + 1
        assert len({round(gap) for gap in gaps[-5:]}) > 1

    in_world(config, story)
