"""From a touch to the finished frame that answers it: a key of the number screen against a bare Kivy button."""

import json
from statistics import median

from tests.benchmarks.children import output_of
from tests.benchmarks.table import Row

RUNS = 3
_LIMIT_S = 60.0


def _median_ms(module: str) -> float:
    took_ms: list[float] = json.loads(output_of(module, timeout_s=_LIMIT_S))
    return median(took_ms)


def measure() -> list[Row]:
    """Return the row."""
    ours_ms, bare_ms = [], []
    for _ in range(RUNS):
        ours_ms.append(_median_ms("tests.benchmarks.keypad"))
        bare_ms.append(_median_ms("tests.benchmarks.bare_button"))
    ours, bare = median(ours_ms), median(bare_ms)
    return [Row("touch to finished frame", f"keypad {ours:.1f} ms", f"Kivy button {bare:.1f} ms", ours / bare, 1.5)]
