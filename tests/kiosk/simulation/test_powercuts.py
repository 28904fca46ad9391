"""Power cuts at sampled instants of some journeys, and what whole runs have found told again at its instant.

All instants of all journeys: ``kiosk power-cuts``.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from kiosk.simulation.crossroads import Ending, only
from kiosk.simulation.journeys import journeys
from kiosk.simulation.powercuts import DiskWithEar, Sample, travel
from tests.kiosk.whole.conftest import CONFIG

SAMPLES = (
    ("change:jcm-id003-jpy", "--kind", "write", "--kind", "state", "--step", "100"),
    ("changer", "--kind", "disk", "--kind", "event", "--step", "60"),
    ("notes:mei-ebds-jpy", "--kind", "byte", "--step", "1500"),
    ("change:nv200-essp-jpy", "--kind", "byte", "--step", "50000", "--leaves"),
    ("money back from a drum", "--kind", "event", "--kind", "write", "--step", "80"),
    ("pin", "--kind", "state", "--kind", "disk", "--step", "120", "--leaves"),
)
ROOT = Path(__file__).parents[3]
JOURNEYS = journeys(CONFIG)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "power-cuts", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def cut(journey: str, place: str, what: str) -> Ending:
    return only(partial(travel, CONFIG, JOURNEYS[journey], sample=Sample((place.partition("-")[0],))), place, what)


@pytest.mark.parametrize("words", SAMPLES, ids=lambda words: words[0])
def test_no_yen_is_lost_wherever_power_is_cut(words: tuple[str, ...]) -> None:
    done = command(*words, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 wrong" in done.stdout
    assert not done.stdout.startswith(f"{words[0]} (0 of")


def test_one_cut_can_be_looked_at_alone_with_every_byte() -> None:
    done = command("notes:jcm-id003-jpy", "--cut", "validator", "--at", "event-validator-4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " power-device: validator power off" in done.stdout
    assert done.stdout.splitlines()[-1] == "=== delivered"


@pytest.mark.parametrize("words", [["nothing"], ["--kind", "nothing"], ["--at", "write-1-after"]])
def test_what_there_is_not_is_refused(words: list[str]) -> None:
    done = command(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("kiosk: ")


def test_a_disk_that_never_syncs_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskWithEar, "sync", lambda disk, name: None)
    found = cut("notes:jcm-id003-jpy", "write-6-after", "terminal").mistakes
    assert any("the journal has lost" in mistake for mistake in found)


def test_a_coin_that_falls_in_as_the_program_dies_is_found_even_if_it_is_the_first_of_all() -> None:
    assert cut("coins", "disk-3-4", "program") == Ending("delivered, paid out", ())


@pytest.mark.parametrize("model", ["jcm-id003-jpy", "cctalk-bill-jpy"])
def test_a_note_still_in_escrow_after_a_restart_is_stacked_and_not_declared_missing(model: str) -> None:
    assert cut(f"change:{model}", "write-4-after", "program") == Ending("delivered, paid out", ())


def test_a_coin_that_an_acceptor_forgot_with_its_power_is_declared_even_if_it_was_its_first() -> None:
    assert cut("coins", "disk-3-4", "terminal") == Ending("paid out, counted by staff", ())
