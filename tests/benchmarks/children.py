"""The processes that are measured: in one environment, bounded in time, ended by their own pids."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

ENVIRONMENT = {
    "SDL_VIDEODRIVER": "offscreen",
    "KIVY_WINDOW": "sdl2",
    "KIVY_GL_BACKEND": "sdl2",
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
}
"""The same for ours and for the baselines."""

_END_S = 10.0


def command(module: str, *arguments: str) -> list[str]:
    """Return what starts a module with this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def output_of(module: str, *arguments: str, timeout_s: float) -> str:
    """Run a module to its end and return what it printed. Raises CalledProcessError, TimeoutExpired (and then kills it)."""
    done = subprocess.run(
        command(module, *arguments),
        env=os.environ | ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=timeout_s,
        check=True,
        text=True,
    )
    return done.stdout


@contextmanager
def running(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Start a module, and end it with all it has started when the block ends."""
    process = subprocess.Popen(
        command(module, *arguments),
        env=os.environ | ENVIRONMENT | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        family = descendants(process.pid)
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_S)
        for orphan in psutil.wait_procs(family, timeout=1)[1]:
            orphan.kill()
        if process.stdout is not None:
            process.stdout.close()


def descendants(pid: int) -> Sequence[psutil.Process]:
    """Return the processes that ``pid`` has started, theirs too; none when it is gone."""
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found
