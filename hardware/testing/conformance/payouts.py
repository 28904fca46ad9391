"""A device that pays out: no order pays twice, and what has left is what was told (reference cash.md 3, Payout)."""

import asyncio

import pytest

from hardware.dispenser import Payout
from hardware.errors import BusyError, OverDispenseError, SequenceError
from hardware.links.faults import Toward
from hardware.testing.notrun import NotRun
from hardware.testing.payoutrig import COINS, PayoutRig
from hardware.vocabulary import PayoutOutcome, PowerState

INSTANTS_S = [n / 5 for n in range(0, 15)] + [4.0, 6.0, 8.0, 10.0, 12.0]
"""After the order: on the line, the motor starting, coins (or, slower, notes) leaving, done."""
ORDER = 5
"""Pieces in one order."""


async def test_an_order_pays_exactly_what_was_ordered(dispenser: PayoutRig) -> None:
    """DONE, with the device's own count, and the customer has it. The mark has moved on."""
    rig = await dispenser.ready()
    before = rig.dispenser.mark
    payout = await rig.pay(ORDER)
    assert payout.outcome is PayoutOutcome.DONE
    assert payout.paid_yen == ORDER * rig.yen
    assert rig.dispenser.mark != before
    await rig.check(payout, ordered=ORDER)


async def test_order_after_order_pays_each_once(dispenser: PayoutRig) -> None:
    """Three orders, three payouts."""
    rig = await dispenser.ready()
    payouts = [await rig.pay(count) for count in (1, 3, 2)]
    assert [payout.outcome for payout in payouts] == [PayoutOutcome.DONE] * 3
    await rig.check(*payouts, ordered=6)


async def test_a_mark_is_told_only_after_it_was_read(dispenser: PayoutRig) -> None:
    """Before ``ready`` there is no mark and no payout: a mark that was made up proves nothing."""
    rig = dispenser
    with pytest.raises(SequenceError):
        _ = rig.dispenser.mark
    with pytest.raises(SequenceError):
        await rig.dispenser.dispense({rig.yen: 1})
    await rig.ready()
    assert rig.dispenser.mark


async def test_only_one_order_at_a_time(dispenser: PayoutRig) -> None:
    """A second order during the first is refused with BusyError and pays nothing."""
    rig = await dispenser.ready()
    first = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(0.3)
    with pytest.raises(BusyError):
        await rig.pay(1)
    await rig.check(await first, ordered=ORDER)


async def test_a_value_that_it_does_not_have_is_the_callers_mistake(dispenser: PayoutRig) -> None:
    """OverDispenseError, and nothing leaves."""
    rig = await dispenser.ready()
    with pytest.raises(OverDispenseError):
        await rig.dispenser.dispense({7: 1})
    await rig.check(ordered=0)


async def test_empty_half_way_is_told_with_what_was_paid(dispenser: PayoutRig) -> None:
    """The device runs out of coins: PARTIAL, with the count of what has left. The rest is for the caller to owe."""
    rig = await dispenser.ready(filled=False)
    if rig.dispenser.levels.get(rig.yen) is not None:
        raise NotRun("the device counts what is in it, and orders that it cannot fill are refused")
    await rig.empty()
    await rig.fill(3)
    payout = await rig.pay(ORDER)
    assert payout.outcome is PayoutOutcome.PARTIAL
    assert payout.paid == {rig.yen: 3}
    await rig.check(payout, ordered=ORDER)


async def test_an_empty_device_pays_nothing_and_says_so(dispenser: PayoutRig) -> None:
    """NOTHING, not UNKNOWN: the device has its own count."""
    rig = await dispenser.ready(filled=False)
    if rig.dispenser.levels.get(rig.yen) is not None:
        raise NotRun("the device counts what is in it, and orders that it cannot fill are refused")
    await rig.empty()
    payout = await rig.pay(ORDER)
    assert payout.outcome is PayoutOutcome.NOTHING
    await rig.check(payout, ordered=ORDER)


async def test_a_wedged_coin_is_told_with_what_was_paid(dispenser: PayoutRig) -> None:
    """A jam during the payout: it ends, bounded, with the device's count; after the repair the device is ready again."""
    rig = await dispenser.ready()
    paying = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(0.7)
    await rig.wedge()
    payout = await asyncio.wait_for(paying, 300.0)
    assert payout.outcome is not PayoutOutcome.UNKNOWN
    await rig.check(payout, ordered=ORDER)
    await rig.person.do("clear", "clear the jam")
    await rig.until_ready()
    again = await rig.pay(1)
    assert again.outcome is PayoutOutcome.DONE


@pytest.mark.parametrize("toward", Toward, ids=lambda toward: f"to the {toward.value}")
@pytest.mark.parametrize("messages", [1, 2, 3])
async def test_a_lost_order_or_reply_never_pays_twice(dispenser: PayoutRig, messages: int, toward: Toward) -> None:
    """The order, or the reply to it, is lost. The driver asks by the device's counter whether it was carried out, and does not
    simply order again."""
    rig = await dispenser.ready()
    await rig.pause(0.05)
    rig.faults.drop(messages, toward)
    payout = await rig.pay(ORDER)
    await rig.check(payout, ordered=ORDER)
    await rig.until_ready()
    again = await rig.pay(1)
    assert again.outcome is PayoutOutcome.DONE
    await rig.check(payout, again, ordered=ORDER + 1)


@pytest.mark.parametrize("at_s", INSTANTS_S)
async def test_a_message_lost_at_any_moment_of_a_payout_never_pays_twice(dispenser: PayoutRig, at_s: float) -> None:
    """One reply is lost, so much later after the order."""
    rig = await dispenser.ready()
    rig.faults  # noqa: B018 - a device without a line cannot lose a message
    paying = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(at_s)
    rig.faults.drop(1)
    payout = await paying
    assert payout.outcome is PayoutOutcome.DONE
    await rig.check(payout, ordered=ORDER)


@pytest.mark.parametrize("at_s", INSTANTS_S)
async def test_a_power_cut_in_a_payout_is_counted_by_the_device(dispenser: PayoutRig, at_s: float) -> None:
    """The device stops where it is. What it had paid is told when it is back, or stays UNKNOWN; nothing is paid again."""
    rig = await dispenser.ready()
    mark = rig.dispenser.mark
    paying = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(at_s)
    await rig.power(on=False)
    await rig.pause(2.0)
    await rig.power(on=True)
    payout = await asyncio.wait_for(paying, 600.0)
    await rig.until_ready()
    await rig.check(payout, ordered=ORDER)
    asked = await rig.asked(mark, ORDER)
    await _agrees(rig, asked)


@pytest.mark.parametrize("at_s", INSTANTS_S)
async def test_a_host_killed_in_a_payout_asks_by_its_mark(dispenser: PayoutRig, at_s: float) -> None:
    """The mark was journaled before the order. The new host asks by it, gets the device's own count, and pays nothing again."""
    rig = await dispenser.ready()
    mark = rig.dispenser.mark
    paying = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(at_s)
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)
    await rig.kill_host()
    await rig.pause(1.0)
    await rig.start_driver()
    await rig.until_ready()
    asked = await rig.asked(mark, ORDER)
    await _agrees(rig, asked)


async def test_an_order_that_was_never_given_is_told_as_nothing(dispenser: PayoutRig) -> None:
    """The host journaled the mark and died before it ordered: NOTHING."""
    rig = await dispenser.ready()
    await rig.pay(2)
    mark = rig.dispenser.mark
    asked = await rig.asked(mark, ORDER)
    assert asked.outcome is PayoutOutcome.NOTHING
    assert asked.paid_yen == 0


async def test_an_order_that_was_carried_out_is_told_as_done(dispenser: PayoutRig) -> None:
    """Asked by the mark of before: DONE, with the count, as often as it is asked, and nothing is paid for asking."""
    rig = await dispenser.ready()
    mark = rig.dispenser.mark
    payout = await rig.pay(ORDER)
    for _ in range(2):
        asked = await rig.asked(mark, ORDER)
        assert asked.outcome is PayoutOutcome.DONE
        assert asked.paid_yen == payout.paid_yen
    await rig.check(payout, ordered=ORDER)


async def test_silence_during_a_payout_ends_in_the_devices_count_or_unknown(dispenser: PayoutRig) -> None:
    """Nobody answers for five seconds in the middle of it: the wait is bounded, the count comes from the device."""
    rig = await dispenser.ready()
    paying = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(0.5)
    rig.faults.mute()
    await rig.pause(5.0)
    rig.faults.off()
    payout = await asyncio.wait_for(paying, 600.0)
    await rig.check(payout, ordered=ORDER)


async def test_a_device_that_is_gone_for_good_ends_in_unknown_and_never_in_a_guess(dispenser: PayoutRig) -> None:
    """The cable stays out after the order: UNKNOWN within a bounded time, and asked by the mark when it is back, the truth."""
    rig = await dispenser.ready()
    mark = rig.dispenser.mark
    paying = asyncio.create_task(rig.pay(ORDER))
    await rig.pause(0.5)
    rig.link.unplug()
    payout = await asyncio.wait_for(paying, 900.0)
    assert payout.outcome is PayoutOutcome.UNKNOWN
    rig.link.replug()
    await rig.until(lambda: rig.status.ready and rig.status.power is PowerState.ONLINE, "ready again")
    await _agrees(rig, await rig.asked(mark, ORDER))


async def _agrees(rig: PayoutRig, asked: Payout) -> None:
    """What the device says by its mark is what has left it, unless it says that it does not know."""
    left = await rig.left()
    if left is None:
        return
    assert left.total() <= ORDER, f"{dict(left)} have left for an order of {ORDER}: a double payout"
    if asked.outcome is PayoutOutcome.UNKNOWN:
        assert asked.paid_yen <= sum(yen * count for yen, count in left.items())
        return
    assert dict(asked.paid) == dict(left) or (not asked.paid_yen and not left)
    assert (asked.outcome is PayoutOutcome.DONE) == (left.total() == ORDER)
    assert left.total() <= COINS
