"""``python -m tests.benchmarks [SUBJECT...]``: measure, and print one table. It fails no build: figures are to be read."""

import os
import sys
from collections.abc import Callable
from time import perf_counter

from tests.benchmarks import codecs, commits, first_frame, receipts, simulation, terminal, touches, validators, year
from tests.benchmarks.table import Row, render

SUBJECTS: dict[str, Callable[[], list[Row]]] = {
    "commits": commits.measure,
    "year": year.measure,
    "first-frame": first_frame.measure,
    "touches": touches.measure,
    "terminal": terminal.measure,
    "simulation": simulation.measure,
    "validators": validators.measure,
    "codecs": codecs.measure,
    "receipts": receipts.measure,
}


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def main(asked: list[str]) -> int:
    """Measure the subjects asked for, all when none is named. Returns the exit status."""
    if unknown := [name for name in asked if name not in SUBJECTS]:
        print(f"no such subject: {unknown[0]}; there are {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    began_s, load, rows = perf_counter(), _load(), []
    for name in asked or SUBJECTS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += SUBJECTS[name]()
    print(render(rows))
    took_s = perf_counter() - began_s
    print(
        f"\n{os.cpu_count()} cores, load {load} before and {_load()} after; {took_s:.0f} s; medians, ours and baseline by turns"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
