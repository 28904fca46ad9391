"""Runs of chapters: the same seed tells the same story however it is played, every fault strikes, a failure gets short."""

import ast
import gc
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.simulation.benches import benches, config_of, targets_of
from kiosk.simulation.chapter import play
from kiosk.simulation.command import run
from kiosk.simulation.dice import SeededDice
from kiosk.simulation.faults import FAULTS, FaultKind, UnknownFault, chosen, listing
from kiosk.simulation.plan import Plan, Trouble, Visit
from kiosk.simulation.report import SimulationResult
from kiosk.simulation.shrink import shrunk
from kiosk.simulation.simulate import Order, chapter_seed, plan_of, simulate
from kiosk.simulation.world import World
from tests.kiosk.simulation.test_planted import CHANGER, credit_at_escrow, double_print
from tests.kiosk.whole.conftest import CONFIG

ROOT = CONFIG.parent
CHANGE_BENCH, CASH_BENCH = "change-virtual", "cash-virtual+jcm-id003-jpy"
PRESENTER_BENCH = "changer-virtual+custom-vkp80-ja"


def simulated(*arguments: str, hash_seed: str) -> dict[str, object]:
    command = [sys.executable, "-m", "kiosk", "simulate", "--json", "--bench", str(CHANGER), *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    facts: dict[str, object] = json.loads(done.stdout)
    return facts


def test_neither_workers_nor_the_order_of_sets_change_what_a_seed_tells() -> None:
    one = simulated("--journeys", "25", "--seed", "3", "--workers", "1", hash_seed="1")
    two = simulated("--journeys", "25", "--seed", "3", "--workers", "2", hash_seed="2")
    assert one["journeys"] == 25
    assert one["troubles"] != 0
    for name in ("journal_hash", "virtual_s", "inserted_yen", "sold_yen", "change_yen", "owed_yen", "troubles"):
        assert one[name] == two[name], name


def test_a_chapter_of_a_run_is_the_run_of_its_own_seed() -> None:
    order = Order(CONFIG, 43, 5, (), CHANGER)
    seeds = [seed for seed, _ in order.chapters]
    assert seeds == [chapter_seed(5, number) for number in range(3)]
    assert seeds[0] == 5
    assert [journeys for _, journeys in order.chapters] == [20, 20, 3]
    alone = simulate(Order(CONFIG, 3, seeds[2], (), CHANGER))
    whole = plan_of(order, SeededDice(seeds[2]), 3)
    assert alone.journeys == 3
    assert play(CONFIG, whole).flows == alone.flows


def test_a_run_that_was_stopped_goes_on_from_what_it_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept" / "run.jsonl"
    plain = simulate(Order(CONFIG, 50, 5, (), CHANGER))

    def stopped(so_far: SimulationResult) -> None:
        if so_far.journeys == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(Order(CONFIG, 50, 5, (), CHANGER, keep=kept), stopped)
    assert len(kept.read_text().splitlines()) == 3
    with kept.open("a") as file:
        file.write('{"seed": 1, "half a l')  # it was killed in mid-line
    played: list[int] = []
    monkeypatch.setattr("kiosk.simulation.simulate.play", lambda folder, plan: played.append(1) or play(folder, plan))
    again = simulate(Order(CONFIG, 50, 5, (), CHANGER, keep=kept))
    assert len(played) == 1
    assert replace(again, wall_s=0.0) == replace(plain, wall_s=0.0)
    assert simulate(Order(CONFIG, 50, 5, (), CHANGER, keep=kept)) == again
    other = simulate(Order(CONFIG, 20, 6, (), CHANGER, keep=kept))
    assert other.journeys == 20
    assert len(played) == 2
    assert (tmp_path / "kept" / "run.old").exists()


def test_what_breaks_the_simulation_itself_is_a_violation_of_its_chapter_and_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def trips(world: World) -> None:
        raise ZeroDivisionError("staff stumbled")

    monkeypatch.setattr("kiosk.simulation.chapter.go_round", trips)
    order = Order(CONFIG, 41, 5, (), CHANGER)
    assert run(order, "none", tmp_path, as_json=False, shrink=False) == 1
    told = capsys.readouterr().out
    assert told.count("journey 1: the simulation broke: ZeroDivisionError: staff stumbled (raised at ") == 3
    assert told.count("trips, called from simulation/chapter.py:") == 3
    assert f"kiosk simulate --journeys 20 --seed 5 --faults none --bench {CHANGER}" in told


def test_a_trouble_that_cannot_happen_is_not_taken_for_one_that_did() -> None:
    trouble = Trouble("note-jam", "jam nowhere", "validator", "s", 1, 1)
    result = play(CONFIG, Plan(CHANGE_BENCH, (Visit("careful", troubles=(trouble,)),)))
    assert "note-jam (validator jam nowhere) did not happen: BadCommand" in result.violations[0].text


def test_a_chapter_that_is_over_leaves_no_world_behind() -> None:
    def worlds() -> int:
        gc.collect()
        return sum(type(found) is World for found in gc.get_objects())

    before = worlds()
    play(CONFIG, Plan(CHANGE_BENCH, (Visit("careful"),)))
    assert worlds() == before


def test_faults_are_chosen_by_name_and_by_group() -> None:
    assert chosen("all") == FAULTS
    assert chosen("none") == ()
    assert [kind.name for kind in chosen("disk, power-killed")] == [
        "power-killed",
        "disk-full",
        "disk-error",
        "disk-read-only",
    ]
    with pytest.raises(UnknownFault, match="there is no 'gremlins'"):
        chosen("note-jam,gremlins")
    assert all(kind.name in listing() for kind in FAULTS)


def test_every_bench_in_memory_is_played_on() -> None:
    names = [name for name, _ in benches(CONFIG)]
    assert len(names) == len(set(names)) > 12
    for name in names:
        assert targets_of(CONFIG, name)["printer"], name
        assert config_of(CONFIG, name).bench


@pytest.mark.parametrize("group", sorted({kind.name.partition("-")[0] for kind in FAULTS}))
def test_every_fault_strikes_and_is_put_right(group: str) -> None:
    usual = {"coin": CASH_BENCH, "hopper": CASH_BENCH, "printer": PRESENTER_BENCH}.get(group, CHANGE_BENCH)
    where: dict[str, list[FaultKind]] = {}
    for kind in chosen(group):
        bench = next(name for name in (usual, *dict(benches(CONFIG))) if kind.where in targets_of(CONFIG, name))
        where.setdefault(bench, []).append(kind)
    for bench, kinds in where.items():
        targets = targets_of(CONFIG, bench)
        troubles = [Trouble(k.name, deed, targets[k.where][0], "s", 6, 4) for k in kinds for deed in k.deeds]
        visits = tuple(Visit("careful", plan=1, troubles=(trouble,)) for trouble in troubles)
        result = play(CONFIG, Plan(bench, visits))
        assert result.violations == ()
        assert result.troubles == len(troubles)


@pytest.mark.parametrize(("plant", "wrong"), [(credit_at_escrow, "are booked inside"), (double_print, "were announced")])
def test_a_failure_shrinks_to_one_customer_and_a_test_to_paste(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plant: object, wrong: str
) -> None:
    assert callable(plant)
    plant(monkeypatch)
    monkeypatch.setattr("kiosk.simulation.shrink.MOST_PLAYS", 60)
    order = Order(
        CONFIG, 20, 20261125, FAULTS, CHANGER if plant is double_print else CONFIG / "benches" / "change-virtual.toml"
    )
    result = simulate(order)
    found = shrunk(order, result.failures[0], tmp_path)
    assert len(found.plan.visits) == 1
    assert wrong in found.result.violations[0].text
    trace, story, test = (path.read_text(encoding="utf-8") for path in found.files)
    assert "WRONG: " in trace
    assert " journal | " in trace
    assert story.startswith("On the bench")
    assert wrong in story
    ast.parse(test)
    assert "play(CONFIG, plan).violations == ()" in test
