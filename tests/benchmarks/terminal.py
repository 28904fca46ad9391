"""What the terminal takes of the machine while it runs: till and screen together, without emulators and carrier simulator."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import psutil

from kiosk.config import default_folder
from tests.benchmarks.children import descendants, running
from tests.benchmarks.table import Row

SETTLE_S = 6.0
IDLE_S = 12.0
VISIT_LIMIT_S = 90.0
_START_LIMIT_S = 30.0
_LOOK_EVERY_S = 0.1
_MEGABYTE = 1e6


@contextmanager
def _terminal(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[tuple[psutil.Process, psutil.Process]]:
    """Run a terminal; gives the till and its screen. Raises RuntimeError when it does not come up, or ends with an error."""
    with (
        tempfile.TemporaryDirectory(prefix="konbini-") as out,
        running("kiosk", "run", "--out", out, *arguments, environment=environment) as process,
    ):
        ends_s = monotonic() + _START_LIMIT_S
        while monotonic() < ends_s:
            screens = [child for child in descendants(process.pid) if "kiosk.screen" in child.cmdline()]
            if screens:
                yield psutil.Process(process.pid), screens[0]
                if process.poll():
                    raise RuntimeError(f"the terminal ended with status {process.returncode}")
                return
            sleep(_LOOK_EVERY_S)
        raise RuntimeError(f"the terminal started no screen within {_START_LIMIT_S:.0f} s")


def _cpu_s(processes: tuple[psutil.Process, ...]) -> float:
    return float(sum(times.user + times.system for times in (process.cpu_times() for process in processes)))


def _idle() -> Row:
    """A display is named so that no scripted customer comes; SDL is told not to open it."""
    with _terminal(environment={"DISPLAY": ":0"}) as both:
        sleep(SETTLE_S)
        before_cpu_s, before_s = _cpu_s(both), monotonic()
        sleep(IDLE_S)
        percent = (_cpu_s(both) - before_cpu_s) / (monotonic() - before_s) * 100
    return Row(f"CPU on the attract screen, {IDLE_S:.0f} s", f"till + screen {percent:.1f} %", "one core", percent, 5, "%")


def _memory(script: Path) -> Row:
    most, parts = 0.0, (0.0, 0.0)
    with _terminal("--customer", str(script)) as both:
        ends_s = monotonic() + VISIT_LIMIT_S
        with suppress(psutil.NoSuchProcess):  # it ends by itself when the customer has gone
            while monotonic() < ends_s:
                now = (both[0].memory_info().rss / _MEGABYTE, both[1].memory_info().rss / _MEGABYTE)
                if sum(now) > most:
                    most, parts = sum(now), now
                sleep(_LOOK_EVERY_S)
    ours = f"till {parts[0]:.0f} MB + screen {parts[1]:.0f} MB"
    return Row("most memory (RSS) in a whole top-up", ours, "-", most, 300, "MB")


def measure() -> list[Row]:
    """Return both rows. The customer of the memory row takes no photographs: they are of the test, not of the terminal."""
    steps = (default_folder() / "customers" / "first-topup.txt").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory(prefix="konbini-") as folder:
        script = Path(folder) / "no-photographs.txt"
        kept = ["pictures off", *(step for step in steps if not step.startswith("shot"))]
        script.write_text("\n".join(kept), encoding="utf-8")
        return [_memory(script), _idle()]
