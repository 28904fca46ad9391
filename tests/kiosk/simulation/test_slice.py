"""A slice of the simulation with everything going wrong: some hundred journeys, a chapter a test so that workers share them."""

import pytest

from kiosk.simulation.chapter import play
from kiosk.simulation.dice import SeededDice
from kiosk.simulation.faults import FAULTS
from kiosk.simulation.simulate import Order, plan_of
from tests.kiosk.whole.conftest import CONFIG

JOURNEYS = 10
SEEDS = range(1, 13)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_yen_is_lost_whatever_goes_wrong(seed: int) -> None:
    plan = plan_of(Order(CONFIG, JOURNEYS, seed, FAULTS), SeededDice(seed), JOURNEYS)
    result = play(CONFIG, plan)
    assert result.violations == (), f"kiosk simulate --journeys {JOURNEYS} --seed {seed}   ({plan.bench})"
    assert result.journeys == JOURNEYS
