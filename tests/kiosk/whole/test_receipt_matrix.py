"""Each fault of the printer at sampled dot rows of a receipt: the screen never lies, and no copy comes out twice unmarked.

Every row of every fault: ``python -m tests.kiosk.whole.receiptmatrix``.
"""

import pytest

from kiosk.config import KioskConfig
from tests.kiosk.whole.receiptmatrix import FAULTS, mistakes

ROWS = (0, 517, 1247, 1290)
"""In the head, in the middle, in the last line, and in the white before the cut: 1,366 rows in all."""


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_said_of_a_receipt_is_what_lies_in_the_tray(config: KioskConfig, fault: str, row: int) -> None:
    assert mistakes(config, fault, row) == []
