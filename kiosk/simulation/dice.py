"""Where a plan's choices come from: rolled from a seed, or put forward by whoever looks for the shortest story that fails."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")


class Dice(Protocol):
    """Whole numbers in a range; the smaller, the simpler the story."""

    def number(self, low: int, high: int) -> int:
        """Return a number from ``low`` to ``high``, both possible."""
        ...

    def group(self) -> AbstractContextManager[None]:
        """What is drawn inside belongs together and can be left out together."""
        ...


class SeededDice:
    """Rolls from a seed, and remembers what it rolled."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        self.rolled: list[int] = []
        self.groups: list[tuple[int, int]] = []
        """Where in ``rolled`` what belongs together begins and ends; an inner group stands before the one around it."""

    def number(self, low: int, high: int) -> int:
        found = self._rng.randint(low, high)
        self.rolled.append(found)
        return found

    @contextmanager
    def group(self) -> Iterator[None]:
        begin = len(self.rolled)
        yield
        self.groups.append((begin, len(self.rolled)))


def pick(dice: Dice, options: Sequence[T]) -> T:
    """Choose one of ``options``, the simplest of which stands first. No number is drawn for a choice of one."""
    return options[0] if len(options) == 1 else options[dice.number(0, len(options) - 1)]


def weighted(dice: Dice, options: Sequence[tuple[T, int]]) -> T:
    """Choose one of ``options`` by its weight, the simplest of which stands first."""
    point = dice.number(0, sum(weight for _, weight in options) - 1)
    for option, weight in options:
        point -= weight
        if point < 0:
            return option
    raise AssertionError("a point beyond the last weight")


def chance(dice: Dice, percent: int) -> bool:
    """Let something happen in ``percent`` of a hundred cases; the simplest is that it does not."""
    return dice.number(0, 99) >= 100 - percent
