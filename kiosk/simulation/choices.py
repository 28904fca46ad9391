"""Which cuts of a journey are tried: none, all of a kind, those of a list; or none, while all are written down."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from kiosk.simulation.atlas import Atlas, Cut, Like

Likeness = Callable[[str], Like | None]
"""Says what a cut of something, at the place where this was given, has in common with others; None for nothing."""


class Choice(ABC):
    """Which cuts are tried."""

    @abstractmethod
    def ways(self, place: str, possible: Sequence[str], like: Likeness) -> list[str]:
        """Return what is cut at a place of a kind. ``like`` says what a cut there has in common with others."""

    def wants(self, kind: str) -> bool:
        """Tell whether places of a kind may be asked for at all."""
        return True


class Nowhere(Choice):
    """Nothing is cut."""

    def ways(self, place: str, possible: Sequence[str], like: Likeness) -> list[str]:
        return []


class Anywhere(Choice):
    """Everything may be cut at all places of one kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def ways(self, place: str, possible: Sequence[str], like: Likeness) -> list[str]:
        return list(possible) if place.partition("-")[0] == self._kind else []

    def wants(self, kind: str) -> bool:
        return kind == self._kind


class Survey(Choice):
    """Nothing is cut; all that could be is written into an atlas."""

    def __init__(self, atlas: Atlas, kinds: Sequence[str], what: Sequence[str]) -> None:
        """``what``: only these are of interest; all when empty."""
        self._atlas, self._kinds, self._what = atlas, kinds, what

    def ways(self, place: str, possible: Sequence[str], like: Likeness) -> list[str]:
        if place.partition("-")[0] in self._kinds:
            for way in possible:
                if not self._what or way in self._what:
                    self._atlas.add(place, way, like(way))
        return []

    def wants(self, kind: str) -> bool:
        return kind in self._kinds


class Chosen(Choice):
    """These cuts."""

    def __init__(self, cuts: Iterable[Cut]) -> None:
        self._ways: defaultdict[str, list[str]] = defaultdict(list)
        for place, way in cuts:
            self._ways[place].append(way)
        self._kinds = {place.partition("-")[0] for place in self._ways}

    def ways(self, place: str, possible: Sequence[str], like: Likeness) -> list[str]:
        return self._ways.get(place, [])

    def wants(self, kind: str) -> bool:
        return kind in self._kinds
