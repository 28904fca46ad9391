"""``kiosk simulate`` at a terminal: progress, figures, and of the first failure the shortest story."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kiosk.simulation.report import SimulationResult, as_line, as_text
from kiosk.simulation.simulate import Order, simulate

Progressed = Callable[[SimulationResult], None]


def run(order: Order, faults: str, out: Path, *, as_json: bool, shrink: bool) -> int:
    """Simulate, say what came of it, and return the exit status."""
    with _progress(order.journeys) as progress:
        result = simulate(order, progress)
    print(json.dumps(result.as_json()) if as_json else as_text(result))
    if not result.failures:
        return 0
    first = result.failures[0]
    if not as_json:
        print(f"\nThe first one alone:\n  {replay_command(order, faults, first.seed, first.journeys)}")
    if shrink:
        from kiosk.simulation.shrink import shrunk

        told = shrunk(order, first, out)
        print(told.text, file=sys.stderr if as_json else sys.stdout)
    return 1


def replay_command(order: Order, faults: str, seed: int, journeys: int) -> str:
    """Return what plays one chapter again."""
    words = ["kiosk simulate", f"--journeys {journeys}", f"--seed {seed}"]
    words += [f"--faults {faults}"] if faults != "all" else []
    words += [f"--bench {order.bench}"] if order.bench is not None else []
    return " ".join(words)


@contextmanager
def _progress(journeys: int) -> Iterator[Progressed]:
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=journeys)
        yield lambda so_far: bar.update(task, completed=so_far.journeys, description=as_line(so_far))
