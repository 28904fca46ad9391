"""Commands of an emulated device's bench: what hands do at a machine, as lines of text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hardware.emulator import BadCommand

Answer = dict[str, Any]
"""Facts for JSON: ``ok`` says whether the hand got its way, ``note`` tells people what came of it."""

Deed = Callable[[list[str], float], Answer]
"""Does one command: the words after its name and the time; raises BadCommand for words that it cannot read."""


@dataclass(frozen=True)
class BenchCommand:
    """One command with its line of help."""

    usage: str
    help: str
    do: Deed


def no_words(name: str, words: list[str]) -> None:
    """Refuse words after a command that takes none. Raises BadCommand."""
    if words:
        raise BadCommand(f"{name} takes nothing after it, found {' '.join(words)!r}")


def on_or_off(name: str, words: list[str]) -> bool:
    """Return whether the one word is ``on``. Raises BadCommand when it is neither ``on`` nor ``off``."""
    if words not in (["on"], ["off"]):
        raise BadCommand(f"{name} takes on or off")
    return words == ["on"]


def whole_number(name: str, words: list[str], low: int, high: int) -> int:
    """Return the one word as a whole number from ``low`` to ``high``. Raises BadCommand."""
    if len(words) != 1 or not (words[0].isascii() and words[0].isdecimal() and len(words[0]) < 10):
        raise BadCommand(f"{name} takes a whole number from {low} to {high}")
    number = int(words[0])
    if not low <= number <= high:
        raise BadCommand(f"{name} takes a whole number from {low} to {high}")
    return number


def slowness(words: list[str]) -> float:
    """Return the one word of ``slow``: how many times as long motions take. Raises BadCommand."""
    try:
        (factor,) = map(float, words)
    except ValueError as error:
        raise BadCommand("slow takes a factor: slow 3") from error
    if not 0.1 <= factor <= 100:
        raise BadCommand("slow takes a factor from 0.1 to 100")
    return factor
