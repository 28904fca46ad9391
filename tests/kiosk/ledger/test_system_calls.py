"""A real process on a real disk, whose system calls fail or kill it: what it was told is safe is there, and it stops for good.

strace does it, which needs leave to trace; where there is none the tests are skipped and say so.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.ledger.audit import audit
from kiosk.ledger.journal import Journal
from tests.kiosk.ledger.world import KIOSK

PROGRAM = """
import sys, pathlib
from hardware.clock import SIMULATION_EPOCH as NOW
from kiosk.ledger.accounts import note_in_escrow, note_stacked
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal, JournalError
journal = Journal.open(pathlib.Path(sys.argv[1]), sys.argv[2])
print("open", flush=True)
for n in range(int(sys.argv[3])):
    try:
        pair = Entry("event", "1", {"n": n}, note_in_escrow(1000)), Entry("event", "1", {}, note_stacked(1000))
        rows = journal.append(NOW, *pair)
    except JournalError as error:
        print("failed", error, flush=True)
    else:
        print("row", rows[-1], flush=True)
"""
COMMITS = 40


def may_trace() -> str:
    """Return why nothing can be traced here; empty when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed (apt-get install strace)"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"ptrace is not permitted here: {tried.stderr.strip()}"


pytestmark = pytest.mark.skipif(bool(may_trace()), reason=may_trace())


@dataclass(frozen=True)
class Outcome:
    """What the process said, in order."""

    lines: tuple[str, ...]

    @property
    def acknowledged(self) -> int:
        """The last row that it was told is safe."""
        return max((int(line.split()[1]) for line in self.lines if line.startswith("row")), default=0)

    @property
    def failures(self) -> list[str]:
        return [line for line in self.lines if line.startswith("failed")]

    @property
    def went_on(self) -> bool:
        """Whether a row was acknowledged after one had failed."""
        first = next((n for n, line in enumerate(self.lines) if line.startswith("failed")), len(self.lines))
        return any(line.startswith("row") for line in self.lines[first:])


def traced(path: Path, *injected: str) -> Outcome:
    """Run the program under strace, on files of the journal alone."""
    command = ["strace", "-f", "-qq", "-o", str(path.with_name("trace"))]
    command += ["-P", str(path), "-P", f"{path}-wal", "-e", "trace=fdatasync,fsync,pwrite64,openat"]
    command += [part for what in injected for part in ("-e", f"inject={what}")]
    command += [sys.executable, "-c", PROGRAM, str(path), KIOSK, str(COMMITS)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return Outcome(tuple(run.stdout.splitlines()))


def calls(path: Path, name: str) -> int:
    return sum(f" {name}(" in line for line in path.with_name("trace").read_text(encoding="utf-8").splitlines())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal that exists, so that what fails is serving and not the making of the file."""
    Journal.open(tmp_path / "journal.db", KIOSK).close()
    return tmp_path / "journal.db"


def everything_acknowledged_is_there(path: Path, outcome: Outcome) -> None:
    with Journal.open(path, KIOSK) as journal:
        assert outcome.acknowledged <= journal.head.seq <= outcome.acknowledged + 2
        assert journal.head.seq % 2 == 0, "half a commit"
        assert sum(journal.balances().values()) == 0
    assert audit(path).problems == ()


def test_every_commit_is_one_sync(path: Path) -> None:
    outcome = traced(path)
    assert outcome.acknowledged == 2 * COMMITS
    assert COMMITS <= calls(path, "fdatasync") + calls(path, "fsync") <= COMMITS + 10


@pytest.mark.parametrize("nth", [1, 2, 3, 7, 20, 39])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_sync_that_fails_once_is_the_last_one_that_is_tried(path: Path, nth: int, error: str) -> None:
    outcome = traced(path, f"fdatasync:error={error}:when={nth}")
    assert outcome.failures or "open" not in outcome.lines
    assert not outcome.went_on
    everything_acknowledged_is_there(path, outcome)


@pytest.mark.parametrize("nth", [1, 2, 5, 30, 90, 151])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS"])
def test_a_write_that_fails_leaves_what_was_acknowledged_and_no_half_of_another(path: Path, nth: int, error: str) -> None:
    outcome = traced(path, f"pwrite64:error={error}:when={nth}+")
    assert outcome.failures or "open" not in outcome.lines
    assert not outcome.went_on
    everything_acknowledged_is_there(path, outcome)


@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
@pytest.mark.parametrize("nth", [1, 4, 15, 37])
def test_killed_in_a_system_call_it_loses_nothing_it_was_told_is_safe(path: Path, call: str, nth: int) -> None:
    outcome = traced(path, f"{call}:signal=SIGKILL:when={nth}")
    assert outcome.acknowledged < 2 * COMMITS
    everything_acknowledged_is_there(path, outcome)


def test_a_journal_that_cannot_be_opened_says_so_and_is_whole_afterwards(path: Path) -> None:
    outcome = traced(path, "openat:error=EIO:when=1+")
    assert "open" not in outcome.lines
    everything_acknowledged_is_there(path, outcome)
