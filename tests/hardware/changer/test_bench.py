"""A change machine on a bench: no wire, a hand all the same, and the same machine for the next driver."""

import json
from pathlib import Path
from typing import Any

from hardware.bench import Bench
from hardware.benchfile import load_bench
from hardware.changer.changer import CashChanger
from hardware.clock import run_virtual
from hardware.dispenser import Payout
from hardware.models import load_models, models_folder
from hardware.vocabulary import PayoutOutcome


def test_a_bench_gives_a_changer_a_hand_and_keeps_its_machine_when_drivers_are_renewed(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text('[devices.changer]\nmodel = "upos-changer-jpy"\nlink = "simulated"\n')
    told: list[tuple[str, dict[str, Any]]] = []

    async def visit() -> None:
        bench = await Bench.open(
            load_bench(path, load_models(models_folder())), watch=lambda name, told_: told.append((name, told_))
        )
        device = bench.device("changer")
        assert isinstance(device.driver, CashChanger)
        assert device.hand is not None
        await device.driver.dispenser.start(lambda status: None)
        mark = device.driver.dispenser.mark
        assert (await device.driver.dispenser.dispense({100: 4})).outcome is PayoutOutcome.DONE
        assert (await device.hand.command("state"))["counts"]["100"] == 56
        bench.renew_drivers()
        heir = bench.device("changer").driver
        assert isinstance(heir, CashChanger)
        await heir.dispenser.start(lambda status: None)
        assert await heir.dispenser.outcome_since(mark, {100: 4}) == Payout(PayoutOutcome.DONE, {100: 4})
        await bench.close()

    run_virtual(visit())
    assert [happening["event"] for _, happening in told].count("cash_paid") == 4
    assert {name for name, _ in told} == {"changer"}


def test_a_killed_process_leaves_its_machine_with_counts_and_marks_that_the_next_one_goes_on_from(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text('[devices.changer]\nmodel = "upos-changer-jpy"\nlink = "simulated"\n')
    specs = load_bench(path, load_models(models_folder()))
    memory = tmp_path / "memory" / "changer.json"
    instants: list[str] = []

    async def pay_five() -> str:
        bench = await Bench.open(specs, memory_dir=tmp_path / "memory", watch=lambda *_: instants.append(memory.read_text()))
        changer = bench.device("changer").driver
        assert isinstance(changer, CashChanger)
        await changer.dispenser.start(lambda status: None)
        mark = changer.dispenser.mark
        assert (await changer.dispenser.dispense({1000: 1, 100: 4})).outcome is PayoutOutcome.DONE
        await bench.close()
        return mark

    async def ask(mark: str) -> Payout:
        bench = await Bench.open(specs, memory_dir=tmp_path / "memory")
        device = bench.device("changer")
        assert isinstance(device.driver, CashChanger)
        await device.driver.dispenser.start(lambda status: None)
        payout = await device.driver.dispenser.outcome_since(mark, {1000: 1, 100: 4})
        await bench.close()
        return payout

    mark = run_virtual(pay_five())
    paid_yen = []
    for instant in instants:
        memory.write_text(instant)
        payout = run_virtual(ask(mark))
        insides = json.loads(memory.read_text())["devices"]["changer"]["state"]["insides"]
        assert insides["piles"]["customer"] == {str(yen): count for yen, count in payout.paid.items()}
        paid_yen.append(payout.paid_yen)
    assert paid_yen == sorted(paid_yen)
    assert len(set(paid_yen)) > 3
    assert paid_yen[-1] == 1400
