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
from kiosk.simulation.powercuts import Sample, travel
from tests.kiosk.whole.conftest import CONFIG

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


def test_a_coin_that_falls_in_as_the_program_dies_is_found_even_if_it_is_the_first_of_all() -> None:
    assert cut("coins", "disk-3-4", "program") == Ending("delivered, paid out", ())


@pytest.mark.parametrize("model", ["jcm-id003-jpy", "cctalk-bill-jpy"])
def test_a_note_still_in_escrow_after_a_restart_is_stacked_and_not_declared_missing(model: str) -> None:
    assert cut(f"change:{model}", "write-4-after", "program") == Ending("delivered, paid out", ())


def test_a_coin_that_an_acceptor_forgot_with_its_power_is_declared_even_if_it_was_its_first() -> None:
    assert cut("coins", "disk-3-4", "terminal") == Ending("paid out, counted by staff", ())
