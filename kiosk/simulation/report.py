"""What a simulation found."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SimulationResult:
    """The figures of one run; the same seed gives the same, ``wall_s`` aside."""

    journeys: int
    seed: int
    virtual_s: float
    wall_s: float
    inserted_yen: int
    """Notes that came to escrow, and coins."""
    change_yen: int
    """Paid out of hoppers, drums and changers."""
    sold_yen: int
    returned_yen: int
    owed_yen: int
    violations: tuple[str, ...]
    """What the oracle found wrong, with the journey after which it showed."""
    journal_hash: str
    """Hash of the journal's last row, which chains all rows before it."""

    def as_json(self) -> dict[str, Any]:
        """Return the figures; ``violations`` is their number, ``violation_texts`` says what they are."""
        return {
            "journeys": self.journeys,
            "seed": self.seed,
            "virtual_s": round(self.virtual_s, 3),
            "wall_s": round(self.wall_s, 3),
            "inserted_yen": self.inserted_yen,
            "change_yen": self.change_yen,
            "sold_yen": self.sold_yen,
            "returned_yen": self.returned_yen,
            "owed_yen": self.owed_yen,
            "violations": len(self.violations),
            "violation_texts": list(self.violations),
            "journal_hash": self.journal_hash,
        }


def as_text(result: SimulationResult) -> str:
    """Return the result for people."""
    rate = result.virtual_s / result.wall_s if result.wall_s else 0.0
    lines = [
        f"{result.journeys:,} customers, seed {result.seed}: {result.virtual_s / 3600:,.1f} hours in {result.wall_s:,.1f} s "
        f"({rate:,.0f} times real time)",
        f"  inserted  {result.inserted_yen:>12,} yen",
        f"  change    {result.change_yen:>12,} yen",
        f"  sold      {result.sold_yen:>12,} yen",
        f"  returned  {result.returned_yen:>12,} yen",
        f"  owed      {result.owed_yen:>12,} yen",
        f"  journal   {result.journal_hash}",
        "  every yen is in one place, and the books agree" if not result.violations else "  VIOLATIONS",
    ]
    return "\n".join([*lines, *(f"    {text}" for text in result.violations)])
