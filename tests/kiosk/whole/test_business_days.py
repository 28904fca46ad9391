"""X and Z: what a shop reads during its day and at its end, in the books and on paper."""

import asyncio
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from kiosk.businesshours import BusinessHours
from kiosk.config import KioskConfig
from kiosk.dayclerk import NotNow
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.businessdate import ChangeOfDay
from kiosk.ledger.chain import Head
from kiosk.ledger.entry import Kind, Row
from kiosk.screenmodel import Screen
from kiosk.simulation.oracle import at_rest
from kiosk.simulation.world import World
from tests.kiosk.whole.test_desk import desk
from tests.kiosk.whole.visits import choose, in_world, pay_with, walk_off

PLAN = "docomo-data-5gb"
PRINTED_S = 20.0


def closing_at(config: KioskConfig, at: time, *, by_itself: bool = True) -> KioskConfig:
    """The kiosk of a shop whose day changes at ``at``; a simulation begins at nine."""
    return replace(config, business=BusinessHours(ChangeOfDay(at), closes_by_itself=by_itself))


async def buy(world: World) -> None:
    await choose(world, plan=PLAN)
    await pay_with(world, 500, 5000)
    await world.until(Screen.RESULT)
    await walk_off(world)


def rows_of(world: World, kind: Kind) -> list[Row]:
    return [row for row in world.journal.rows() if row.kind == kind]


def last_paper(world: World) -> str:
    return world.printer.receipts[-1].text


def test_the_day_is_closed_by_itself_at_the_change_of_day_and_its_report_is_printed(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world)
        await buy(world)
        await asyncio.sleep(600)
        (closed,) = rows_of(world, Kind.DAY_CLOSED)
        assert f"{closed.at:%H:%M}" == "09:05"
        assert (closed.body["date"], closed.body["number"], closed.body["by"]) == ("2026-11-21", 1, "")
        assert [(line["name"], line["count"], line["yen"]) for line in closed.body["sales"]] == [("データ 5GB", 2, 6960)]
        assert (closed.body["cash_in"], closed.body["change"], closed.body["grand_total_yen"]) == (11000, 4040, 6960)
        for line in ("精算 (Z)", "2026年11月21日", "0001", "¥6,960", "うち消費税", "¥632", "自動"):
            assert line in last_paper(world), line
        assert world.till.days.day.of.isoformat() == "2026-11-22"

    in_world(closing_at(change_config, time(9, 5)), story)


def test_a_visit_over_the_change_of_day_belongs_to_the_day_on_which_it_began(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        while world.now().time() < time(9, 4, 50):
            await asyncio.sleep(1)
        await choose(world, plan=PLAN)
        await pay_with(world, 500)
        while world.now().time() < time(9, 5, 30):
            await asyncio.sleep(1)
        assert rows_of(world, Kind.DAY_CLOSED) == []
        await pay_with(world, 5000)
        await world.until(Screen.RESULT)
        await walk_off(world)
        await asyncio.sleep(30)
        (closed,) = rows_of(world, Kind.DAY_CLOSED)
        assert (closed.body["date"], closed.body["visits"], closed.body["grand_total_yen"]) == ("2026-11-21", 1, 3480)

    in_world(closing_at(change_config, time(9, 5)), story)


def test_a_shop_that_closes_its_days_itself_is_not_forestalled(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await asyncio.sleep(900)
        assert rows_of(world, Kind.DAY_CLOSED) == []
        assert world.till.days.close_day("aoki") == 1

    in_world(closing_at(change_config, time(9, 5), by_itself=False), story)


def test_a_reading_is_printed_and_changes_nothing(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await buy(world)
        before, rows = world.till.days.totals().as_json(), len(rows_of(world, Kind.DAY_CLOSED))
        told = await shell.answer("staff x")
        assert "点検 (X)" in told
        await asyncio.sleep(PRINTED_S)
        assert "この票で集計は変わりません" in last_paper(world)
        assert "¥3,480" in last_paper(world)
        assert world.till.days.totals().as_json() == before
        assert len(rows_of(world, Kind.DAY_CLOSED)) == rows

    in_world(change_config, story)


def test_a_day_is_closed_once_and_the_next_begins_with_what_it_carried_forward(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await buy(world)
        assert await shell.answer("staff z") == "Z: Z 1 goes to the printer, 2026-11-23 begins"
        assert "closed already" in await shell.answer("staff z")
        await buy(world)
        (closed,), (_, opened) = rows_of(world, Kind.DAY_CLOSED), rows_of(world, Kind.DAY_OPENED)
        places: dict[str, Any] = closed.body["places"]
        assert {place: columns["now"] for place, columns in places.items() if columns["now"]} == {
            name: yen for name, yen in opened.body["balances"].items() if name in places
        }
        for columns in places.values():
            assert columns["now"] == sum(yen for name, yen in columns.items() if name != "now")
        today = world.till.days.totals()
        assert (today.visits, today.grand_total_yen, today.grand_count) == (1, 6960, 2)
        assert {name: yen for name, yen in today.balances().items() if yen} == {
            name: yen for name, yen in world.journal.balances().items() if yen
        }
        assert at_rest(world) == []

    in_world(change_config, story)


def test_no_day_is_closed_and_nothing_read_while_a_customer_is_served(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=PLAN)
        await pay_with(world, 500)
        for word in (lambda: world.till.days.close_day("aoki"), world.till.days.print_reading):
            with pytest.raises(NotNow, match="being served"):
                word()

    in_world(change_config, story)


def test_a_kiosk_killed_while_its_report_is_printed_goes_on_with_the_next_day_and_prints_a_copy_when_asked(
    change_config: KioskConfig,
) -> None:
    async def story(world: World) -> None:
        await buy(world)
        world.till.days.close_day("aoki")
        await asyncio.sleep(0.05)
        await world.restart_kiosk()
        assert world.till.days.day.number == 2
        await world.until(Screen.ATTRACT)
        await asyncio.sleep(PRINTED_S)
        intent = next(row.body["intent"] for row in rows_of(world, Kind.INTENT) if row.body.get("report") == "Z")
        assert [row.body["outcome"] for row in rows_of(world, Kind.RESULT) if row.body["intent"] == intent] == ["unknown"]
        shell = await desk(world)
        await shell.answer("staff z 1")
        await asyncio.sleep(PRINTED_S)
        assert "再印字" in last_paper(world)
        assert "0001" in last_paper(world)
        assert audit_journal(world.journal).ok

    in_world(change_config, story)


def test_the_end_of_the_journal_on_a_report_is_an_anchor_for_the_audit(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world)
        world.till.days.close_day("aoki")
        await asyncio.sleep(PRINTED_S)
        await buy(world)
        (closed,) = rows_of(world, Kind.DAY_CLOSED)
        assert closed.hash[:32] in last_paper_of(world, "精算")
        assert closed.hash[32:] in last_paper_of(world, "精算")
        assert audit_journal(world.journal, [Head(closed.seq, closed.hash)]).ok
        assert not audit_journal(world.journal, [Head(closed.seq, "0" * 64)]).ok

    in_world(change_config, story)


def last_paper_of(world: World, title: str) -> str:
    return next(receipt.text for receipt in reversed(world.printer.receipts) if title in receipt.text)


def test_a_report_that_cannot_be_printed_closes_the_day_all_the_same_and_staff_hear_of_it(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        news: list[str] = []
        world.till.reports.on_news = news.append
        await world.hand("printer", "cover open")
        await asyncio.sleep(5)
        world.till.days.close_day("aoki")
        await asyncio.sleep(60)
        assert news == ["Z 1: NOT PRINTED (failed)"]
        assert world.till.days.day.number == 2

    in_world(change_config, story)


def test_the_numbers_of_reports_have_no_gap_over_restarts(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        for _ in range(3):
            await world.restart_kiosk()
            await world.until(Screen.ATTRACT)
        world.till.days.close_day("aoki")
        await asyncio.sleep(PRINTED_S)
        await world.restart_kiosk()
        numbers = [row.body["number"] for row in rows_of(world, Kind.DAY_OPENED)]
        assert numbers == [1, 2]

    in_world(change_config, story)
