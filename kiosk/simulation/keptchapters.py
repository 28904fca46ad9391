"""What came of each chapter of a run, kept in a file as it comes."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kiosk.ledger.story import Flows
from kiosk.simulation.chapter import ChapterResult, Violation
from kiosk.simulation.keptfile import KeptFile

Kept = tuple[ChapterResult, float]
"""A chapter and the seconds it cost."""


class KeptChapters:
    """The chapters of one run of ``kiosk simulate``."""

    def __init__(self, path: Path, of: Mapping[str, object]) -> None:
        """``of`` names the run, as :class:`~kiosk.simulation.keptfile.KeptFile` takes it."""
        self._file = KeptFile(path, of)

    def read(self) -> dict[int, Kept]:
        """Return what is known already, by the seed of the chapter."""
        return {line.pop("seed"): (_result(line), line["wall_s"]) for line in self._file.read()}

    def add(self, seed: int, chapter: ChapterResult, wall_s: float) -> None:
        """Write one down."""
        self._file.add({"seed": seed, "wall_s": wall_s, **asdict(chapter)})


def _result(line: Mapping[str, Any]) -> ChapterResult:
    return ChapterResult(
        journeys=line["journeys"],
        virtual_s=line["virtual_s"],
        troubles=line["troubles"],
        flows=Flows(**line["flows"]),
        violations=tuple(Violation(**violation) for violation in line["violations"]),
        head=line["head"],
    )
