"""What a simulated machine has counted, as text for a journal: ``12.000000/100:3,1000:1`` and ``12.000000/7``.

The first part says which machine counts: another one, or one whose memory began anew, can say nothing about the mark.
"""

from collections import Counter
from collections.abc import Mapping

LONGEST_MARK = 1000
"""Characters; a mark comes back from a file, and is not read further than any of ours could be."""


def deposit_mark(born: str, ever_counted: Mapping[int, int]) -> str:
    """Return the mark of all pieces ever taken."""
    return f"{born}/" + ",".join(f"{yen}:{count}" for yen, count in sorted(ever_counted.items()) if count)


def deposits_since(mark: str, born: str, ever_counted: Mapping[int, int]) -> list[tuple[int, str]] | None:
    """Return value and mark of each piece counted since ``mark``; None for a mark of another machine or one ahead of the count.

    The machine counts by value, so the pieces come in order of value, not of time.
    """
    machine, _, text = mark[:LONGEST_MARK].partition("/")
    if machine != born:
        return None
    count_then: Counter[int] = Counter()
    for pair in text.split(",") if text else ():
        value, _, number = pair.partition(":")
        if not (value.isdecimal() and number.isdecimal()):
            return None
        count_then[int(value)] += int(number)
    if any(count > ever_counted.get(yen, 0) for yen, count in count_then.items()):
        return None
    pieces: list[tuple[int, str]] = []
    for yen, count in sorted(ever_counted.items()):
        while count_then[yen] < count:
            count_then[yen] += 1
            pieces.append((yen, deposit_mark(born, count_then)))
    return pieces


def payout_mark(born: str, orders_given: int) -> str:
    """Return the mark of all orders ever given."""
    return f"{born}/{orders_given}"


def orders_since(mark: str, born: str, orders_given: int) -> int | None:
    """Return how many orders were given since ``mark``, or None for a mark of another machine or one ahead of the count."""
    machine, _, text = mark[:LONGEST_MARK].partition("/")
    if machine != born or not text.isdecimal() or int(text) > orders_given:
        return None
    return orders_given - int(text)
