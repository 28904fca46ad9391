"""Coins, change and money paid back, with a change machine that jams, loses its power or runs empty: no yen is ever lost."""

import asyncio

import pytest

from hardware.changer.mechanism import ChangerMechanism
from hardware.changer.units import Place
from kiosk.config import KioskConfig
from kiosk.ledger import accounts
from kiosk.ledger.audit import audit_journal
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.oracle import at_rest, at_the_end
from kiosk.simulation.piles import changer_of
from kiosk.simulation.world import World
from kiosk.topup.simulator.faults import Fault
from tests.kiosk.whole.visits import PLAN, choose, in_world, look_up, pay_with, settled, walk_off

ODD = "docomo-data-5gb"
"""A plan for 3,480 yen."""
DECLINED = "09001009031"


def changer(world: World) -> ChangerMechanism:
    mechanism = changer_of(world.bench.device("changer"))
    assert mechanism is not None
    return mechanism


def paid_out(world: World) -> dict[int, int]:
    """What the customer has got out of the change machine."""
    return dict(changer(world).piles.at(Place.CUSTOMER))


def money(world: World) -> tuple[int, int, int, int]:
    """What the journal says: inserted, sold, paid out, owed."""
    totals = audit_journal(world.journal).totals
    return totals.inserted, totals.sold, totals.change, totals.owed


async def empty(world: World, *values: int) -> None:
    """Staff take all pieces of some values out of the drums, tell the machine, and book it."""
    for yen in values:
        count = changer(world).counts[yen]
        await world.hand("changer", f"unload {yen} {count}")
        await world.bench.device("changer").driver.adjust_cash_counts({yen: 0})  # type: ignore[union-attr]
        world.till.cash.collect("FLOAT:changer", {yen: count}, ("aoki", "sato"), "K-1", partial=True)


def test_change_for_a_large_note_and_a_coin_comes_out_to_the_yen(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        assert world.shown.accepted_yen == (10, 50, 100, 500, 1000, 5000, 10000)
        await pay_with(world, 500, 5000)
        assert await world.until(Screen.CHANGE) is Screen.CHANGE
        assert world.shown.change_yen == 2020
        await world.until(Screen.RESULT)
        assert paid_out(world) == {1000: 2, 10: 2}
        await walk_off(world)
        assert money(world) == (5500, 3480, 2020, 0)

    in_world(change_config, story)


def test_the_receipt_names_what_was_put_in_and_the_change(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.TAKE)
        text = world.printer.receipts[-1].text
        assert [line.split() for line in text.splitlines() if "お預り" in line or "お釣り" in line] == [
            ["お預り(現金)", "¥5,000"],
            ["お釣り", "¥1,520"],
        ]
        await walk_off(world)

    in_world(change_config, story)


def test_what_was_put_in_comes_back_when_the_customer_cancels(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 100, 1000)
        world.touch(Touch.CANCEL)
        await world.until(Screen.TAKE)
        assert paid_out(world) == {1000: 1, 100: 1}
        assert world.printer.receipts == []
        await walk_off(world)
        assert money(world) == (1100, 0, 1100, 0)

    in_world(change_config, story)


def test_what_was_put_in_comes_back_when_the_carrier_refuses(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, DECLINED, PLAN)
        await pay_with(world, 500, 5000)
        await world.until(Screen.DECLINED)
        while world.shown.buttons == ():
            await world.next_picture(60)
        assert (world.shown.owed_yen, world.shown.change_paid_yen) == (0, 5500)
        await walk_off(world)
        assert money(world) == (5500, 0, 5500, 0)

    in_world(change_config, story)


def test_change_is_paid_at_once_while_the_top_up_itself_is_under_investigation(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        world.faults.script("commit", Fault.UNKNOWN)
        world.faults.delay_s = 300.0
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.UNKNOWN)
        assert paid_out(world) == {1000: 1, 500: 1, 10: 2}
        await world.until(Screen.ATTRACT)
        assert at_rest(world) == []
        await asyncio.sleep(700)
        await walk_off(world)
        assert money(world) == (5000, 3480, 1520, 0)

    in_world(change_config, story)


def test_a_note_is_taken_only_while_its_change_is_there_and_a_coin_after_all_makes_it_payable(
    change_config: KioskConfig,
) -> None:
    async def story(world: World) -> None:
        await empty(world, 10, 50)
        await choose(world, plan=ODD)
        assert 5000 not in world.shown.accepted_yen
        assert {10, 50, 100, 1000} <= set(world.shown.accepted_yen)
        await world.insert(5000)
        await settled(world)
        assert world.shown.notice == "notice.no_change"
        await pay_with(world, 50, 10, 10, 10)
        assert 5000 in world.shown.accepted_yen  # what is left is 3,400 yen, and there are hundreds for the change
        await pay_with(world, 5000)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert money(world) == (5080, 3480, 1600, 0)

    in_world(change_config, story)


def test_coins_already_rolling_when_all_is_paid_are_paid_back(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=PLAN)
        await pay_with(world, 1000, 500)
        await world.hand("changer", "insert 500 3")
        await world.until(Screen.RESULT)
        await walk_off(world)
        inserted, sold, change, owed = money(world)
        assert (sold, owed) == (2000, 0)
        assert inserted - change == 2000

    in_world(change_config, story)


def test_the_twenty_first_coin_of_a_kind_is_not_taken(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        for _ in range(20):
            await pay_with(world, 10)
        assert 10 not in world.shown.accepted_yen
        assert world.shown.inserted_yen == 200
        await world.insert(10)
        await settled(world)
        assert world.shown.inserted_yen == 200
        world.touch(Touch.CANCEL)
        await walk_off(world)

    in_world(change_config, story)


@pytest.mark.parametrize("after_s", [0.1, 0.3, 0.5])
def test_a_payout_that_jams_half_way_is_counted_and_the_rest_is_owed_on_the_receipt(
    change_config: KioskConfig, after_s: float
) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(after_s)
        await world.hand("changer", "fail payout")
        await world.until(Screen.RESULT, timeout_s=200)
        got = sum(yen * count for yen, count in paid_out(world).items())
        assert got < 1520
        assert (world.shown.change_paid_yen, world.shown.owed_yen) == (got, 1520 - got)
        await world.until(Screen.TAKE)
        assert f"¥{1520 - got:,}" in world.printer.receipts[-1].text
        assert "店員" in world.printer.receipts[-1].text
        await world.until(Screen.ATTRACT, Screen.OUT_OF_SERVICE)
        assert money(world) == (5000, 3480, got, 1520 - got)
        await world.hand("changer", "clear")
        await asyncio.sleep(60)
        assert audit_journal(world.journal).ok

    in_world(change_config, story)


@pytest.mark.parametrize("after_s", [0.1, 0.3, 0.65])
def test_a_change_machine_that_is_back_in_time_says_what_it_paid(change_config: KioskConfig, after_s: float) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(after_s)
        await world.hand("changer", "power off")
        await asyncio.sleep(10)
        await world.hand("changer", "power on")
        await world.until(Screen.RESULT, timeout_s=200)
        got = sum(yen * count for yen, count in paid_out(world).items())
        assert (world.shown.change_paid_yen, world.shown.owed_yen) == (got, 1520 - got)
        await world.until(Screen.ATTRACT)
        assert money(world) == (5000, 3480, got, 1520 - got)

    in_world(change_config, story)


def test_a_payout_that_nobody_can_speak_for_is_owed_and_cleared_up_when_the_machine_is_back(
    change_config: KioskConfig,
) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(0.3)
        got = sum(yen * count for yen, count in paid_out(world).items())
        await world.hand("changer", "power off")
        await world.until(Screen.RESULT, timeout_s=600)
        books = world.journal.balances()
        assert books[accounts.UNACCOUNTED] == world.shown.owed_yen == 1520
        await world.until(Screen.ATTRACT)
        assert at_rest(world) == []
        assert world.till.in_doubt == {"changer"}
        assert world.till.state.gives == ()
        await asyncio.sleep(300)
        await world.hand("changer", "power on")
        await asyncio.sleep(300)
        assert world.till.in_doubt == frozenset()
        assert world.journal.balance(accounts.UNACCOUNTED) == 0
        assert -world.journal.balance(accounts.OWED) == 1520 - got
        assert audit_journal(world.journal).ok

    in_world(change_config, story)


def test_a_doubt_outlives_a_restart_and_the_machine_pays_nothing_until_it_has_spoken(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(0.5)
        await world.hand("changer", "power off")
        await world.until(Screen.ATTRACT, timeout_s=600)
        await world.restart_kiosk()
        await asyncio.sleep(30)
        assert world.till.in_doubt == {"changer"}
        await asyncio.sleep(100)
        assert world.till.state.gives == ()
        await world.hand("changer", "power on")
        await asyncio.sleep(10)  # it is asked as soon as it is back: until then the books may be wrong, and staff count
        assert world.till.in_doubt == frozenset()
        assert world.till.state.gives
        assert world.journal.balance(accounts.UNACCOUNTED) == 0

    in_world(change_config, story)


def test_a_kiosk_that_died_before_it_compared_its_floats_compares_them_when_it_has_come_up(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await walk_off(world)
        there = changer(world).counts[100]
        await world.bench.device("changer").driver.adjust_cash_counts({100: there - 2})  # type: ignore[union-attr]
        await world.restart_kiosk()
        await world.until(Screen.ATTRACT)
        await asyncio.sleep(60)
        told = [row.body for row in world.journal.rows() if row.body.get("what") == "float differs"]
        assert [(row["yen"], row["booked"], row["found"]) for row in told] == [(100, there, there - 2)]

    in_world(change_config, story)


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.3, 0.5, 0.65, 1.0])
def test_a_kiosk_killed_while_change_comes_out_asks_the_machine_and_pays_nothing_twice(
    change_config: KioskConfig, after_s: float
) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await asyncio.sleep(after_s)
        await world.restart_kiosk()
        await world.until(Screen.RESULT, Screen.ATTRACT)
        await walk_off(world)
        assert sum(yen * count for yen, count in paid_out(world).items()) == 1520
        assert money(world) == (5000, 3480, 1520, 0)

    in_world(change_config, story)


def test_coins_that_came_in_while_the_kiosk_was_down_are_credited_once(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 500)
        await world.hand("changer", "insert 100 3")
        await asyncio.sleep(0.1)
        await world.restart_kiosk()
        await world.until(Screen.CASH)
        await settled(world)
        assert world.shown.inserted_yen == 800
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert money(world) == (800, 0, 800, 0)

    in_world(change_config, story)


def test_a_float_that_is_not_what_the_books_say_is_booked_as_over_or_short_and_told(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        held = changer(world).counts[500]
        await world.hand("changer", "unload 500 2")
        await world.bench.device("changer").driver.adjust_cash_counts({500: held - 2})  # type: ignore[union-attr]
        await choose(world, plan=ODD)
        await pay_with(world, 5000)
        await world.until(Screen.ATTRACT)
        await asyncio.sleep(10)
        assert world.journal.balance(accounts.OVER_SHORT) == 1000
        assert at_the_end(world) == []

    in_world(change_config, story)


def test_staff_fill_up_and_the_books_follow(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await empty(world, 10)
        assert 10 not in dict(world.till.state.gives or ())
        await world.hand("changer", "load 10 40")
        await world.bench.device("changer").driver.adjust_cash_counts({10: 40})  # type: ignore[union-attr]
        world.till.cash.fill("changer", {10: 40}, ("aoki",))
        assert dict(world.till.state.gives or ())[10] == 40
        with pytest.raises(ValueError, match="does not pay out 7 yen"):
            world.till.cash.fill("changer", {7: 1}, ("aoki",))
        with pytest.raises(ValueError, match="pays nothing out"):
            world.till.cash.fill("validator", {1000: 1}, ("aoki",))
        assert at_rest(world) == []

    in_world(change_config, story)


def test_without_change_a_plan_that_notes_cannot_pay_is_not_offered(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await look_up(world)
        assert ODD not in [plan.id for plan in world.shown.plans]
        assert len(world.shown.plans) == 4
        world.touch(Touch.CANCEL)
        await walk_off(world)

    in_world(config, story)


def test_a_kiosk_with_nothing_but_a_change_machine_serves_and_gives_change(changer_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.insert(5000)  # the entry is shut until paying begins: nothing could wait there
        await choose(world, plan=ODD)
        await pay_with(world, 500, 5000)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert money(world) == (5500, 3480, 2020, 0)
        assert world.journal.balance(accounts.float_of("changer", 5000)) == 11 * 5000

    in_world(changer_config, story)


def test_a_note_for_which_the_change_machine_has_no_drum_lies_in_its_box(changer_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 10000)
        await walk_off(world)
        assert world.journal.balance(accounts.coinbox(10000)) == 10000
        assert money(world) == (10000, 3480, 6520, 0)

    in_world(changer_config, story)


def test_a_change_machine_that_dies_puts_a_kiosk_without_another_out_of_service(changer_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.hand("changer", "power off")
        await world.until(Screen.OUT_OF_SERVICE)
        await world.hand("changer", "power on")
        await world.until(Screen.ATTRACT)
        await choose(world, plan=ODD)
        await pay_with(world, 500)
        await world.hand("changer", "fail coins")
        assert world.shown.notice == "notice.device_trouble"
        world.touch(Touch.CANCEL)
        await world.until(Screen.OUT_OF_SERVICE, timeout_s=200)
        assert money(world) == (500, 0, 0, 500)
        assert "¥500" in world.printer.receipts[-1].text

    in_world(changer_config, story)


def test_a_change_machine_beside_a_note_acceptor_may_die_and_notes_are_still_taken(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await world.hand("changer", "power off")
        await asyncio.sleep(5)
        assert world.shown.screen is Screen.ATTRACT
        await look_up(world)
        assert ODD not in [plan.id for plan in world.shown.plans]
        world.touch(Touch.CANCEL)
        await choose(world, plan=PLAN)
        assert world.shown.accepted_yen == (1000,)
        assert not world.shown.gives_change
        await pay_with(world, 1000, 1000)
        await world.until(Screen.RESULT)
        await walk_off(world)
        assert money(world) == (2000, 2000, 0, 0)

    in_world(change_config, story)


def test_change_that_breaks_away_while_paying_is_told_and_what_is_in_comes_back_as_a_slip(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan=ODD)
        await pay_with(world, 500)
        await world.hand("changer", "power off")
        await asyncio.sleep(1)
        assert world.shown.notice == "notice.no_change_left"
        assert world.shown.accepted_yen == ()
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert money(world) == (500, 0, 0, 500)

    in_world(change_config, story)
