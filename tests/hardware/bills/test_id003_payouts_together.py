"""Payouts of driver and emulator, written apart: whatever happens, no order pays twice and no count is a guess."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from hardware.bills.acceptor import BillEvent, NoteInEscrow, NoteStacked
from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.emulator import Id003Emulator
from hardware.bills.id003.recycler import Id003Dispenser
from hardware.dispenser import DispenserStatus, Payout
from hardware.emulator import EmulatorRunner, Happening
from hardware.links.faults import Toward
from hardware.links.faultylink import FaultyLink
from hardware.links.memory import memory_line
from hardware.models import find_model
from hardware.vocabulary import Fault, PayoutOutcome
from tests.hardware.virtualtime import in_virtual_time

MODEL = find_model("jcm-id003-recycler-jpy")
DONE, PARTIAL = PayoutOutcome.DONE, PayoutOutcome.PARTIAL
NOTHING, UNKNOWN = PayoutOutcome.NOTHING, PayoutOutcome.UNKNOWN
NOTE_S = 3.0
"""About what one note takes, from order to PAY VALID, at the model's pace."""


class World:
    """A recycler with its cable, and the host program that can be killed and started again."""

    def __init__(self, seed: int = 0) -> None:
        host, device = memory_line("recycler")
        self.link = FaultyLink(host, Random(seed))
        self.happened: list[Happening] = []
        self.unit = EmulatorRunner(Id003Emulator(MODEL), device, self.happened.append)
        self.told: list[BillEvent] = []
        self.statuses: list[DispenserStatus] = []
        self._new_driver()

    def _new_driver(self) -> None:
        self.driver = Id003Driver(MODEL, self.link)
        assert self.driver.dispenser is not None
        self.dispenser: Id003Dispenser = self.driver.dispenser

    async def _start(self) -> None:
        await self.driver.start(self.told.append)
        await self.dispenser.start(self.statuses.append)
        await self.until(lambda: self.dispenser.status.ready)

    async def plug_in(self) -> "World":
        await self.unit.start()
        await self._start()
        return self

    async def restart_host(self) -> None:
        assert self.driver._task is not None
        self.driver._task.cancel()
        await asyncio.gather(self.driver._task, return_exceptions=True)
        self.link.close()
        await asyncio.sleep(0.5)
        self._new_driver()
        await self._start()

    async def until(self, condition: Callable[[], bool], within_s: float = 120.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.05)

    def hand(self, line: str) -> dict[str, Any]:
        return self.unit.command(line)

    @property
    def left(self) -> Counter[int]:
        """Notes that have left the machine: with the customer, or sticking out of the mouth."""
        state = self.hand("state")
        left = Counter({int(yen): count for yen, count in state["at_customer"].items()})
        if state["mouth"] is not None:
            left[state["mouth"]["yen"]] += 1
        return left

    def drum(self, box: int) -> int:
        return len(self.hand("state")["drums"][str(box)]["notes"])

    def paying(self, pieces: dict[int, int]) -> "asyncio.Task[Payout]":
        return asyncio.create_task(self.dispenser.dispense(pieces))

    def holds(self, payout: Payout, ordered: dict[int, int]) -> None:
        """What was told of the only order of this world is true, and it was not paid twice."""
        left, paid = self.left, Counter(payout.paid)
        assert left <= Counter(ordered), f"a double payout: {dict(left)}"
        assert paid <= left, f"told {dict(paid)}, left {dict(left)}"
        if payout.outcome is not UNKNOWN:
            assert +paid == +left
            assert (payout.outcome is DONE) == (+left == +Counter(ordered))


@in_virtual_time
async def test_several_notes_of_two_drums_leave_and_the_acceptor_takes_notes_again() -> None:
    world = await World().plug_in()
    world.driver.enable(frozenset({1000}))
    await asyncio.sleep(1)
    assert await world.dispenser.dispense({1000: 3, 5000: 2}) == Payout(DONE, {5000: 2, 1000: 3})
    assert world.left == {1000: 3, 5000: 2}
    assert (world.drum(1), world.drum(2)) == (17, 4)
    await asyncio.sleep(1)
    world.hand("insert 1000")
    await world.until(lambda: NoteInEscrow(1000) in world.told)
    world.driver.stack()
    await world.until(lambda: NoteStacked(1000) in world.told)


@in_virtual_time
async def test_a_note_on_its_way_in_comes_first() -> None:
    world = await World().plug_in()
    world.driver.enable(frozenset({1000}))
    await asyncio.sleep(1)
    world.hand("insert 1000")
    await asyncio.sleep(0.5)
    paying = world.paying({5000: 1})
    await world.until(lambda: NoteInEscrow(1000) in world.told)
    world.driver.stack()
    assert (await paying).outcome is DONE
    assert NoteStacked(1000) in world.told


@pytest.mark.parametrize("what", ["jam", "door", "motor", "eeprom", "note", "box", "hardware"])
@in_virtual_time
async def test_trouble_half_way_ends_the_order_with_the_count_and_staff_can_repair_it(what: str) -> None:
    world = await World().plug_in()
    paying = world.paying({1000: 4})
    await asyncio.sleep(1.2 * NOTE_S)
    world.hand(f"fail recycler-{what}")
    payout = await paying
    assert payout.outcome is PARTIAL
    assert payout.fault is not None
    world.holds(payout, {1000: 4})
    await asyncio.sleep(5)
    assert not world.dispenser.status.ready
    world.hand("clear")
    await world.until(lambda: world.dispenser.status.ready)
    before = world.left[1000]
    assert (await world.dispenser.dispense({1000: 1})).outcome is DONE
    assert world.left[1000] == before + 1


@pytest.mark.parametrize("loaded", [0, 1, 3])
@in_virtual_time
async def test_a_drum_that_runs_empty_ends_the_order_with_the_count(loaded: int) -> None:
    world = await World().plug_in()
    world.hand("unload 1")
    if loaded:
        world.hand(f"load 1 1000 {loaded}")
    payout = await world.dispenser.dispense({1000: 4})
    assert payout.outcome is (PARTIAL if loaded else NOTHING)
    assert payout.paid_yen == 1000 * loaded
    world.holds(payout, {1000: 4})
    await world.until(lambda: world.dispenser.status.ready)
    assert (await world.dispenser.dispense({5000: 1})).outcome is DONE


@in_virtual_time
async def test_a_note_that_is_left_at_the_mouth_is_waited_for() -> None:
    world = await World().plug_in()
    world.hand("leave on")
    paying = world.paying({1000: 2})
    await asyncio.sleep(30)
    assert not paying.done()
    assert world.hand("state")["inside"] == {"yen": 1000, "place": "bezel"}
    world.hand("leave off")
    world.hand("take")
    payout = await paying
    assert payout == Payout(DONE, {1000: 2})
    world.holds(payout, {1000: 2})


@in_virtual_time
async def test_a_note_that_is_never_taken_is_unknown_until_it_goes() -> None:
    world = await World().plug_in()
    world.hand("leave on")
    mark = world.dispenser.mark
    payout = await world.dispenser.dispense({1000: 2})
    assert payout.outcome is UNKNOWN
    world.holds(payout, {1000: 2})
    world.hand("take")
    asked = await world.dispenser.outcome_since(mark, {1000: 2})
    assert (asked.outcome, asked.paid) == (PARTIAL, {1000: 1})
    world.holds(asked, {1000: 2})


@pytest.mark.parametrize("at_s", [n / 4 for n in range(0, 28)])
@in_virtual_time
async def test_a_power_cut_at_any_moment_pays_nothing_more_and_tells_no_guess(at_s: float) -> None:
    world = await World().plug_in()
    mark = world.dispenser.mark
    paying = world.paying({1000: 2})
    await asyncio.sleep(at_s)
    world.hand("power off")
    await asyncio.sleep(2)
    world.hand("power on")
    world.holds(await paying, {1000: 2})
    await world.until(lambda: world.dispenser.status.ready)
    await asyncio.sleep(10)
    world.holds(await world.dispenser.outcome_since(mark, {1000: 2}), {1000: 2})


@pytest.mark.parametrize("at_s", [n / 4 for n in range(0, 28)])
@in_virtual_time
async def test_a_host_killed_at_any_moment_leaves_an_order_that_the_next_one_calls_unknown(at_s: float) -> None:
    world = await World().plug_in()
    mark = world.dispenser.mark
    paying = world.paying({1000: 2})
    await asyncio.sleep(at_s)
    await world.restart_host()
    paying.cancel()
    asked = await world.dispenser.outcome_since(mark, {1000: 2})
    assert asked == Payout(UNKNOWN, {})
    await asyncio.sleep(10)
    left = world.left
    assert left <= Counter({1000: 2})
    assert (await world.dispenser.dispense({5000: 1})) == Payout(DONE, {5000: 1})
    assert world.left == left + Counter({5000: 1})


@pytest.mark.parametrize("toward", Toward)
@pytest.mark.parametrize("at_s", [0.0, 0.01, 0.2, 0.5, 1.5, 2.2, 2.6, 2.8, 3.0, 3.2])
@in_virtual_time
async def test_two_messages_lost_at_any_moment_cost_time_only(at_s: float, toward: Toward) -> None:
    world = await World().plug_in()
    paying = world.paying({1000: 2})
    await asyncio.sleep(at_s)
    world.link.faults.drop(2, toward)
    payout = await paying
    assert payout == Payout(DONE, {1000: 2})
    world.holds(payout, {1000: 2})


@pytest.mark.parametrize("seed", range(40))
@in_virtual_time
async def test_a_bad_line_and_any_misfortune_never_pay_twice(seed: int) -> None:
    dice = Random(seed)
    world = await World(seed).plug_in()
    ordered = {1000: dice.randint(1, 3), 5000: dice.randint(0, 2)}
    paying = world.paying(ordered)
    for _ in range(dice.randint(1, 6)):
        await asyncio.sleep(dice.uniform(0.0, 2.5))
        toward = dice.choice(list(Toward))
        match dice.randint(0, 7):
            case 0 | 1:
                world.link.faults.drop(dice.randint(1, 4), toward)
            case 2:
                world.link.faults.duplicate(dice.randint(1, 4), toward)
            case 3:
                world.link.faults.corrupt(dice.randint(1, 2), dice.randint(1, 4), toward)
            case 4:
                world.link.unplug()
                await asyncio.sleep(dice.uniform(0.1, 5.0))
                world.link.replug()
            case 5:
                world.hand("power off")
                await asyncio.sleep(dice.uniform(0.0, 4.0))
                world.hand("power on")
            case 6:
                world.hand("fail recycler-jam")
                await asyncio.sleep(dice.uniform(0.0, 6.0))
                world.hand("clear")
            case 7:
                world.link.faults.mute()
                await asyncio.sleep(dice.uniform(0.1, 4.0))
                world.link.faults.off()
    payout = await paying
    world.holds(payout, ordered)
    world.link.faults.off()
    await world.until(lambda: world.dispenser.status.ready)
    await asyncio.sleep(10)
    assert world.left <= Counter(ordered)


@in_virtual_time
async def test_the_unit_hears_no_order_while_it_accepts() -> None:
    world = await World().plug_in()
    world.driver.enable(frozenset({1000, 5000}))
    await asyncio.sleep(1)
    payouts = [await world.dispenser.dispense({1000: 1}) for _ in range(3)]
    assert [payout.outcome for payout in payouts] == [DONE] * 3
    assert Fault.DEVICE_FAILURE not in {fault for status in world.statuses for fault in status.faults}
    assert world.left == {1000: 3}
