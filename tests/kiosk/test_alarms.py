"""The clocks of a visit: they follow its state, until the till is over."""

import asyncio

from hardware.clock import run_virtual
from kiosk.alarms import Alarms
from kiosk.session import events as ev
from kiosk.session.state import Phase
from tests.kiosk.session.visits import SHOP, at_cash

LONG_S = 86_400.0


def test_a_payment_rings_for_want_of_a_customer_and_for_the_end_of_its_reservation() -> None:
    async def ring() -> list[ev.TimedOut | ev.ReservationEnding]:
        rung: list[ev.TimedOut | ev.ReservationEnding] = []
        alarms = Alarms(SHOP, rung.append)
        alarms.follow(at_cash().state)
        await asyncio.sleep(SHOP.timeouts.cash_total_s + 1)
        alarms.cancel()
        return rung

    idle, ending = run_virtual(ring())
    assert isinstance(idle, ev.TimedOut)
    assert Phase.CASH.value in idle.key
    assert isinstance(ending, ev.ReservationEnding)


def test_a_till_that_is_over_sets_no_alarm_at_the_last_word_of_a_device() -> None:
    """Seed 96227278905961, harsh: eight hundred seconds after it was killed it rang, and took the screen of the next one."""

    async def ring() -> list[ev.TimedOut | ev.ReservationEnding]:
        rung: list[ev.TimedOut | ev.ReservationEnding] = []
        alarms = Alarms(SHOP, rung.append)
        alarms.follow(at_cash().state)
        alarms.cancel()
        alarms.follow(at_cash().state)
        await asyncio.sleep(LONG_S)
        return rung

    assert run_virtual(ring()) == []
