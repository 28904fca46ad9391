"""How much faster than the world the whole kiosk runs in virtual time."""

import json

from tests.benchmarks.children import output_of
from tests.benchmarks.table import Row

JOURNEYS = 30
_LIMIT_S = 120.0


def measure() -> list[Row]:
    """Return the row."""
    result = json.loads(
        output_of("kiosk", "simulate", "--journeys", str(JOURNEYS), "--seed", "1", "--json", timeout_s=_LIMIT_S)
    )
    virtual_s, wall_s = result["virtual_s"], result["wall_s"]
    ours = f"{virtual_s:,.0f} virtual s in {wall_s:.1f} s"
    return [Row(f"simulation, {JOURNEYS} customers", ours, "real time", virtual_s / wall_s, 1000, more_is_better=True)]
