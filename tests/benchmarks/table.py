"""One row a subject: what was measured, what it is held against, and whether the aim was met."""

from collections.abc import Sequence
from dataclasses import dataclass

_TITLES = ("what", "ours", "baseline", "ratio", "aim", "")


@dataclass(frozen=True)
class Row:
    """One subject, as it stands in the table."""

    what: str
    ours: str
    baseline: str
    ratio: float
    """Ours over the baseline."""
    aim: float
    unit: str = "x"
    """What ``ratio`` and ``aim`` count: ``x`` (times), or ``MB``, ``%`` where the aim is absolute."""
    more_is_better: bool = False

    @property
    def met(self) -> bool:
        """Whether the aim was met."""
        return self.ratio >= self.aim if self.more_is_better else self.ratio <= self.aim

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        sign = "≥" if self.more_is_better else "≤"
        aim = f"{sign} {self.aim:,.4g} {self.unit}"
        return (
            self.what,
            self.ours,
            self.baseline,
            f"{self.ratio:,.4g} {self.unit}",
            aim,
            "met" if self.met else "MISSED",
        )


def render(rows: Sequence[Row]) -> str:
    """Return the rows as a plain table."""
    lines = [_TITLES, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_TITLES))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
