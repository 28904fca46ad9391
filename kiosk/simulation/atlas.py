"""The cuts that there are on a journey, which of them are alike, and which have to be played to know them all.

Cuts that are alike make a *family*. There are two grounds for it. In a *proven* family all is the same for each member, to the
order of what the loop will do: one is played. In a family *by likeness* what decides (see :mod:`kiosk.simulation.likeness`) is
the same up to the time that is left until somebody does the next thing; its members follow each other in the journey. There the
first and the last are played; if they do not end with the same story, the one in the middle, and so on, until both neighbours
of everything that is left out tell the same story. A family whose members all tell other stories is played whole.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Cut = tuple[str, str]
"""Where, and what."""
_MOST_WAYS = 64


@dataclass(frozen=True)
class Like:
    """What a cut has in common with those of its family."""

    key: str
    proven: bool = False


@dataclass
class _Family:
    proven: bool
    cuts: "array[int]" = field(default_factory=lambda: array("L"))


@dataclass
class Tally:
    """How many cuts there are, and how each is known."""

    found: Counter[str] = field(default_factory=Counter)
    """By kind of place."""
    played: Counter[str] = field(default_factory=Counter)
    proven: Counter[str] = field(default_factory=Counter)
    """Not played: the same as one that was, by proof."""
    between: Counter[str] = field(default_factory=Counter)
    """Not played: alike, and between two that told the same story."""

    def add(self, other: "Tally") -> None:
        """Count those of another journey in."""
        self.found += other.found
        self.played += other.played
        self.proven += other.proven
        self.between += other.between

    @property
    def left(self) -> int:
        """How many are neither."""
        return self.found.total() - self.played.total() - self.proven.total() - self.between.total()


class Atlas:
    """All cuts of one journey, in the order in which it comes to them."""

    def __init__(self) -> None:
        self._places: list[str] = []
        self._ways: list[str] = []
        self._families: dict[str, _Family] = {}

    def add(self, place: str, way: str, like: Like | None) -> None:
        """There is a cut. Without a likeness it is a family of its own."""
        if not self._places or self._places[-1] != place:
            self._places.append(place)
        if way not in self._ways:
            self._ways.append(way)
        family = self._families.setdefault(like.key if like else f"{place} {way}", _Family(like is None or like.proven))
        family.cuts.append((len(self._places) - 1) * _MOST_WAYS + self._ways.index(way))

    def due(self, stories: Mapping[Cut, str]) -> list[Cut]:
        """Return the cuts to be played next, given the stories of those that were. Nothing when all are known."""
        return [self._cut(number) for family in self._families.values() for number in _due(family, self._told(family, stories))]

    def tally(self, stories: Mapping[Cut, str]) -> Tally:
        """Count how each cut is known."""
        tally = Tally()
        for family in self._families.values():
            told = self._told(family, stories)
            known = _known(family.proven, told)
            for number, story, is_known in zip(family.cuts, told, known, strict=True):
                kind = self._cut(number)[0].partition("-")[0]
                tally.found[kind] += 1
                tally.played[kind] += story is not None
                if story is None and is_known:
                    (tally.proven if family.proven else tally.between)[kind] += 1
        return tally

    def covered(self, stories: Mapping[Cut, str]) -> list[tuple[Cut, Cut]]:
        """Return every cut that is known and was not played, with one that was and must tell the same story."""
        found = []
        for family in self._families.values():
            told = self._told(family, stories)
            model = 0
            for at, (story, is_known) in enumerate(zip(told, _known(family.proven, told), strict=True)):
                if story is not None:
                    model = at
                elif is_known:
                    found.append((self._cut(family.cuts[at]), self._cut(family.cuts[model])))
        return found

    def family(self, cut: Cut) -> list[Cut]:
        """Return all cuts that are like one of them, itself with them. Raises KeyError when there is no such cut."""
        for family in self._families.values():
            cuts = [self._cut(number) for number in family.cuts]
            if cut in cuts:
                return cuts
        raise KeyError(cut)

    def _told(self, family: _Family, stories: Mapping[Cut, str]) -> list[str | None]:
        return [stories.get(self._cut(number)) for number in family.cuts]

    def _cut(self, number: int) -> Cut:
        return self._places[number // _MOST_WAYS], self._ways[number % _MOST_WAYS]


def _due(family: _Family, told: Sequence[str | None]) -> Iterator[int]:
    last = len(told) - 1
    for at in (0,) if family.proven else sorted({0, last}):
        if told[at] is None:
            yield family.cuts[at]
    if family.proven or told[0] is None or told[last] is None:
        return
    played = [at for at, story in enumerate(told) if story is not None]
    for left, right in pairwise(played):
        if right - left > 1 and told[left] != told[right]:
            yield family.cuts[(left + right) // 2]


def _known(proven: bool, told: Sequence[str | None]) -> list[bool]:
    if proven:
        return [told[0] is not None] * len(told)
    known = [story is not None for story in told]
    played = [at for at, story in enumerate(told) if story is not None]
    for left, right in pairwise(played):
        if told[left] == told[right]:
            known[left:right] = [True] * (right - left)
    return known
