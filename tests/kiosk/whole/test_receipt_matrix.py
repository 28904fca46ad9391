"""Each fault of the printer at sampled places of a receipt: the screen never lies, and no copy comes out twice unmarked.

Every row and moment of every fault: ``python -m tests.matrix kiosk:tm-t88v-ja``.
"""

from functools import partial

import pytest

from kiosk.simulation.crossroads import only
from tests.matrix.kioskpaper import story
from tests.matrix.printerfaults import faults_of

PLACES = ("0.00s", "517", "1247", "1290")
"""Before the first byte, in the middle, in the last line, and in the white before the cut: 1,366 rows in all."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", faults_of(presenter=False))
def test_what_is_said_of_a_receipt_is_what_lies_in_the_tray(fault: str, place: str) -> None:
    assert only(partial(story, "tm-t88v-ja"), place, fault).mistakes == ()
