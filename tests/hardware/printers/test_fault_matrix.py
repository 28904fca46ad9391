"""Each fault at sampled places of a receipt, on every printer model: the outcome agrees with the paper, to the dot.

Every row and moment of every fault: ``python -m tests.matrix printer:MODEL``.
"""

from functools import partial

import pytest

from kiosk.simulation.crossroads import only
from tests.matrix.driverpaper import PRINTERS, story
from tests.matrix.printerfaults import faults_of
from tests.sampling import sampled

PLACES = ("0.00s", "60", "300", "490", "560")
"""Before the first byte, in the head, in the symbols, in the last line, and behind it."""


@pytest.mark.parametrize("model", PRINTERS)
@pytest.mark.parametrize("place", PLACES)
def test_whatever_happens_the_outcome_agrees_with_the_paper(model: str, place: str) -> None:
    faults = tuple(faults_of(presenter=PRINTERS[model]))
    for fault in sampled(faults, 3, PLACES.index(place) + list(PRINTERS).index(model)):
        assert only(partial(story, model), place, fault).mistakes == (), fault
