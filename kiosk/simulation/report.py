"""What a simulation found."""

import hashlib
from dataclasses import dataclass
from typing import Any

from kiosk.ledger.story import Flows
from kiosk.simulation.chapter import ChapterResult


@dataclass(frozen=True)
class Failure:
    """A chapter in which something was wrong."""

    seed: int
    journeys: int
    violations: tuple[str, ...]


@dataclass(frozen=True)
class SimulationResult:
    """The figures of one run; the same seed gives the same, ``wall_s`` aside."""

    journeys: int
    seed: int
    virtual_s: float
    wall_s: float
    troubles: int
    """Things that went wrong at their moment, as planned."""
    flows: Flows
    """Of customers' money, in yen."""
    failures: tuple[Failure, ...]
    journal_hash: str
    """Hash over the last rows of all chapters' journals, each of which chains all rows before it."""

    @property
    def violations(self) -> tuple[str, ...]:
        """What the oracle found wrong, with the journey at which it showed."""
        return tuple(text for failure in self.failures for text in failure.violations)

    @property
    def ratio(self) -> float:
        """Virtual seconds in a real one, of all workers together."""
        return self.virtual_s / self.wall_s if self.wall_s else 0.0

    @property
    def rate(self) -> float:
        """Journeys in a real second."""
        return self.journeys / self.wall_s if self.wall_s else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the figures; ``violations`` is their number, ``violation_texts`` says what they are."""
        return {
            "journeys": self.journeys,
            "seed": self.seed,
            "virtual_s": round(self.virtual_s, 3),
            "wall_s": round(self.wall_s, 3),
            "journeys_per_s": round(self.rate, 3),
            "times_real_time": round(self.ratio, 1),
            "troubles": self.troubles,
            "inserted_yen": self.flows.inserted,
            "change_yen": self.flows.change,
            "sold_yen": self.flows.sold,
            "returned_yen": self.flows.returned,
            "owed_yen": self.flows.owed,
            "violations": len(self.violations),
            "violation_texts": list(self.violations),
            "failing_seeds": [failure.seed for failure in self.failures],
            "journal_hash": self.journal_hash,
        }


class Sum:
    """Adds up the chapters of a run, in their order."""

    def __init__(self, seed: int) -> None:
        self._heads = hashlib.sha256()
        self.result = SimulationResult(0, seed, 0.0, 0.0, 0, Flows(), (), self._heads.hexdigest())
        """Of the chapters so far."""

    def add(self, seed: int, journeys: int, chapter: ChapterResult, wall_s: float) -> None:
        """Add the chapter of that seed, in which ``journeys`` were to be played, and what it cost."""
        so_far = self.result
        self._heads.update(f"{'/' if so_far.journeys else ''}{chapter.head}".encode())
        failures = so_far.failures
        if chapter.violations:
            failures += (Failure(seed, journeys, tuple(map(str, chapter.violations))),)
        self.result = SimulationResult(
            journeys=so_far.journeys + chapter.journeys,
            seed=so_far.seed,
            virtual_s=so_far.virtual_s + chapter.virtual_s,
            wall_s=so_far.wall_s + wall_s,
            troubles=so_far.troubles + chapter.troubles,
            flows=so_far.flows + chapter.flows,
            failures=failures,
            journal_hash=self._heads.hexdigest(),
        )


def as_line(result: SimulationResult) -> str:
    """Return how it stands, in one line."""
    wrong = f", {len(result.failures)} chapters with violations" if result.failures else ""
    return (
        f"{result.journeys:,} journeys, {result.troubles:,} troubles, {result.rate:,.1f} journeys/s, "
        f"{result.ratio:,.0f} times real time{wrong}"
    )


def as_text(result: SimulationResult) -> str:
    """Return the result for people."""
    flows = result.flows
    lines = [
        f"{result.journeys:,} customers, {result.troubles:,} troubles, seed {result.seed}: "
        f"{result.virtual_s / 3600:,.1f} hours in {result.wall_s:,.1f} s "
        f" ({result.ratio:,.0f} times real time, {result.rate:,.1f} journeys/s)",
        f"  inserted  {flows.inserted:>12,} yen",
        f"  change    {flows.change:>12,} yen",
        f"  sold      {flows.sold:>12,} yen",
        f"  returned  {flows.returned:>12,} yen",
        f"  owed      {flows.owed:>12,} yen",
        f"  journal   {result.journal_hash}",
        "  every yen is in one place, and the books agree" if not result.failures else "  VIOLATIONS",
    ]
    for failure in result.failures:
        lines += [f"    seed {failure.seed}", *(f"      {text}" for text in failure.violations)]
    return "\n".join(lines)
