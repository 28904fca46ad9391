"""The matrix itself: it forks, counts, finds what is wrong and says how to see it again."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from hardware.printers.escpos.job import Job
from kiosk.simulation.crossroads import Crossroads, Ending, only
from tests.matrix.driverpaper import story

ROOT = Path(__file__).parents[2]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.matrix", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_matrix_goes_to_every_so_many_th_place_and_counts_what_came_of_each_fault() -> None:
    done = command("printer:tm-t88v-ja", "--step", "150", "--fault", "cover opened", "--fault", "silence")
    assert done.returncode == 0, done.stdout + done.stderr
    head, *faults = done.stdout.splitlines()
    assert head.startswith("printer:tm-t88v-ja: 9 stories in ")
    assert head.endswith(" min, 0 wrong")
    assert [line.split("  ")[1].strip() for line in faults] == ["cover opened", "silence", "nothing happens"]


def test_one_place_can_be_looked_at_alone() -> None:
    done = command("printer:tm-t88v-ja", "--fault", "cover opened", "--at", "300")
    assert (done.returncode, done.stdout.splitlines()[1].split()) == (0, ["cover", "opened", "1", "failed"])


@pytest.mark.parametrize("words", [["nothing"], ["printer:tm-t88v-ja", "--fault", "nothing"]])
def test_what_there_is_not_is_refused_with_what_there_is(words: list[str]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "there are" in done.stderr


def test_a_place_that_the_story_never_comes_to_is_a_mistake() -> None:
    assert only(partial(story, "tm-t88v-ja"), "99999", "cover opened").mistakes == ("the story never came to 99999",)


def test_a_story_that_breaks_tells_where() -> None:
    def broken(roads: Crossroads) -> Ending:
        raise ValueError(roads.way("1"))

    ending = only(broken, "1", "left")
    assert ending.outcome == "broke"
    assert "ValueError: left" in ending.mistakes[0]


def test_a_driver_that_lies_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Job, "_was_away", property(lambda job: False, lambda job, value: None), raising=False)
    found = only(partial(story, "generic-80-ja"), "60", "power blinks")
    assert found == Ending("printed", ("printed, but what lay there whole was []",))
