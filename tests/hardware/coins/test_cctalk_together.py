"""ccTalk drivers and emulators together on one line: each hears its own, coins come in while others go out."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hardware.bench import Bench
from hardware.benchfile import load_bench
from hardware.bills.acceptor import BillAcceptor, BillEvent, NoteInEscrow, NoteStacked
from hardware.clock import run_virtual
from hardware.coins.acceptor import CoinAccepted, CoinAcceptor, CoinEvent
from hardware.dispenser import CashDispenser, Payout
from hardware.models import load_models, models_folder
from hardware.vocabulary import PayoutOutcome, PowerState
from tests.hardware.virtualtime import until

LINE = """
[buses.cash]
link = "memory"
[devices.coins]
model = "cctalk-coin-jpy"
bus = "cash"
[devices.hopper-500]
model = "cctalk-hopper-500-jpy"
bus = "cash"
[devices.hopper-10]
model = "cctalk-hopper-10-jpy"
bus = "cash"
[devices.validator]
model = "{validator}"
bus = "cash"
"""


class Till:
    """Every driver of a bench, started, and what each told."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.notes: list[BillEvent] = []
        self.coins: list[CoinEvent] = []

    def driver(self, name: str) -> Any:
        return self.bench.devices[name].driver

    async def start(self) -> None:
        for device in self.bench.devices.values():
            match device.driver:
                case BillAcceptor() as acceptor:
                    await acceptor.start(self._note)
                    acceptor.enable(frozenset({1000}))
                case CoinAcceptor() as acceptor:
                    await acceptor.start(self.coins.append)
                    acceptor.enable(frozenset({10, 100, 500}))
                case CashDispenser() as dispenser:
                    await dispenser.start(lambda status: None)
        await until(lambda: all(self.driver(name).status.ready for name in self.bench.devices))
        await asyncio.sleep(2)

    def _note(self, event: BillEvent) -> None:
        self.notes.append(event)
        if isinstance(event, NoteInEscrow):
            asyncio.get_running_loop().call_soon(self.driver("validator").stack)

    async def hand(self, name: str, command: str) -> dict[str, Any]:
        hand = self.bench.devices[name].hand
        assert hand is not None
        return await hand.command(command)

    async def close(self) -> None:
        for name in self.bench.devices:
            await self.driver(name).close()
        await self.bench.close()


@pytest.mark.parametrize("validator", ["cctalk-bill-jpy", "cctalk-bill-crc16-jpy", "cctalk-bill-bnv-jpy"])
def test_four_devices_in_two_modes_share_one_wire(tmp_path: Path, validator: str) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(LINE.format(validator=validator))

    async def use() -> None:
        till = Till(await Bench.open(load_bench(path, load_models(models_folder()))))
        await till.start()
        payouts = [
            asyncio.create_task(till.driver("hopper-500").dispense({500: 7})),
            asyncio.create_task(till.driver("hopper-10").dispense({10: 9})),
        ]
        await till.hand("validator", "insert 1000")
        for coin in ("500", "500b", "100", "10"):
            await till.hand("coins", f"insert {coin}")
            await asyncio.sleep(0.7)
        assert await asyncio.gather(*payouts) == [
            Payout(PayoutOutcome.DONE, {500: 7}),
            Payout(PayoutOutcome.DONE, {10: 9}),
        ]
        await until(lambda: NoteStacked(1000) in till.notes)
        await asyncio.sleep(2)
        assert [event.yen for event in till.coins if isinstance(event, CoinAccepted)] == [500, 500, 100, 10]
        assert [type(event) for event in till.notes].count(NoteStacked) == 1
        for name, yen, count in (("hopper-500", "500", 7), ("hopper-10", "10", 9)):
            assert (await till.hand(name, "state"))["paid_out"] == {yen: count}
        await till.close()

    run_virtual(use())


def test_a_dead_device_on_the_line_keeps_nobody_else_from_working(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(LINE.format(validator="cctalk-bill-jpy"))

    async def use() -> None:
        till = Till(await Bench.open(load_bench(path, load_models(models_folder()))))
        await till.start()
        for name in ("hopper-10", "validator"):
            await till.hand(name, "power off")
        await until(lambda: till.driver("hopper-10").status.power is PowerState.OFFLINE)
        for _ in range(12):
            await till.hand("coins", "insert 100")
            await asyncio.sleep(0.5)
        assert (await till.driver("hopper-500").dispense({500: 3})).outcome is PayoutOutcome.DONE
        await asyncio.sleep(3)
        assert sum(isinstance(event, CoinAccepted) for event in till.coins) == 12
        assert till.driver("coins").status.ready
        await till.hand("hopper-10", "power on")
        await until(lambda: till.driver("hopper-10").status.ready)
        await till.close()

    run_virtual(use())


def test_nobody_asks_on_a_shared_line_before_the_one_before_has_its_answer_or_has_waited_for_it(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(LINE.format(validator="cctalk-bill-jpy"))
    wire: list[tuple[float, str]] = []

    def passed(line: str) -> None:
        t, _, mark, *_ = line.split()
        if mark in "<>":
            wire.append((float(t), mark))

    async def story() -> None:
        bench = await Bench.open(load_bench(path, load_models(models_folder())), trace=passed)
        till = Till(bench)
        await till.start()
        wire.clear()
        payout = asyncio.create_task(till.driver("hopper-500").dispense({500: 3}))
        await till.hand("coins", "insert 100")
        await till.hand("hopper-10", "power off")
        await asyncio.sleep(30)
        await till.hand("hopper-10", "power on")
        assert (await payout).outcome is PayoutOutcome.DONE
        await asyncio.sleep(30)
        await till.close()

    run_virtual(story())
    assert len(wire) > 1000
    together = [t for (before_s, before), (t, now) in pairwise(wire) if (before, now) == (">", ">") and t - before_s < 0.29]
    assert together == []
