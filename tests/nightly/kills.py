"""One story: a kiosk in real time, killed here and there at random instants, started again, and judged when it is at rest."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from kiosk.ledger.audit import audit
from kiosk.memory import MemoryWitness
from tests.kiosk.whole.terminal import ROOT, Terminal
from tests.nightly.bot import HERE
from tests.nightly.oracle import wrong_at_rest
from tests.nightly.papers import wrong_papers

START_S = 180.0
END_S = 420.0
"""Longest wait for a kiosk to come to rest: a visit cut off may first have to miss its customer."""
LONGEST_S = 12.0
"""From one kill to the next, at most."""
BENCHES = ("change", "cash")
TARGETS = ("till", "screen", "emulator", "till", "emulators", "all")
SETTLING_LIVES = 3


@dataclass
class Story:
    """What a seed made happen. Mutable: it happens."""

    seed: int
    kills: int
    out: Path
    tell: Callable[[str], None]
    bench: str = ""
    targets: tuple[str, ...] = TARGETS
    longest_s: float = LONGEST_S
    last_visits: int = 1
    """Visits after the last kill, once everything has come to rest."""
    figures: str = ""
    """What was inserted, sold and so on, in the end."""
    killed: int = 0
    lost_credits: int = 0
    """How often a coin acceptor lost its power, and with it what it had not told: by its own end or with its kiosk's."""
    printer_kills: int = 0
    """How often the printer's process was killed, perhaps with a picture not yet drawn."""
    lives: int = 0
    wrong: list[str] = field(default_factory=list)

    def play(self) -> None:
        """Live it, and fill in what is wrong at its end."""
        dice = Random(self.seed)
        self.bench = self.bench or BENCHES[self.seed % len(BENCHES)]
        try:
            while self.killed < self.kills:
                self._live(dice)
            for _ in range(SETTLING_LIVES):
                self._settle(dice)
                report = audit(self.out / "journal.sqlite", witness=MemoryWitness())
                self.wrong = wrong_at_rest(self.out, report, self.lost_credits)
                self.wrong += wrong_papers(self.out, report, self.printer_kills)
                self.figures = ", ".join(f"{name} {yen}" for name, yen in report.totals.as_json().items() if yen)
                if not any("unfinished" in text for text in self.wrong):
                    break
        except Exception as error:  # whatever it is, it is this story's end and no other's
            self.wrong.append(f"life {self.lives}: {error!r}")

    def _start(self, dice: Random, visits: int) -> Terminal:
        self.lives += 1
        bench = ROOT / "config" / "benches" / f"{self.bench}.toml"
        words = ("--bench", str(bench), "--seed", str(dice.randrange(10**6)), "--visits", str(visits))
        return Terminal(self.out, *words, program=("tests.nightly.bot",), stdin=None)

    def _live(self, dice: Random) -> None:
        with self._start(dice, 1000) as kiosk:
            kiosk.until(HERE, START_S)
            while self.killed < self.kills:
                pause_s = dice.uniform(0, self.longest_s)
                target = dice.choice(self.targets)
                kiosk.listen(pause_s)
                if kiosk.process.poll() is not None:
                    raise AssertionError(f"the kiosk ended by itself, {kiosk.process.returncode}:\n{kiosk.said[-3000:]}")
                pids = _pids(kiosk, target, dice)
                self.lost_credits += any(pid in pids for pid in (kiosk.process.pid, *kiosk.alive("coins=")))
                self.printer_kills += any(pid in pids for pid in kiosk.alive("/printer.json"))
                for pid in pids:
                    _kill(pid)
                self.killed += 1
                self.tell(f"seed {self.seed}: kill {self.killed} in life {self.lives}, after {pause_s:.2f} s: {target}")
                if kiosk.process.pid in pids:
                    kiosk.process.wait(60)
                    return

    def _settle(self, dice: Random) -> None:
        with self._start(dice, self.last_visits) as kiosk:
            kiosk.until(HERE, START_S)
            if (status := kiosk.end(END_S)) != 0:
                raise AssertionError(f"the kiosk did not end in order, {status}:\n{kiosk.said[-3000:]}")


def _pids(kiosk: Terminal, target: str, dice: Random) -> list[int]:
    """Return the processes to kill, all of them started by ``kiosk``, itself among them."""
    emulators = sorted(kiosk.alive("-m hardware emulate"))
    match target:
        case "till":
            return [kiosk.process.pid]
        case "screen":
            return kiosk.alive("-m kiosk.screen")
        case "emulator":
            return [dice.choice(emulators)] if emulators else []
        case "emulators":
            return emulators
        case _:
            return [kiosk.process.pid, *kiosk.alive("-m kiosk.screen"), *emulators]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it was ending anyway
