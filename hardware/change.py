"""Which pieces make up an amount when only so many of each are there: fewest pieces, exactly, or not at all.

Taking the largest piece first is wrong where a 2,000-yen note is in play: 6,000 yen from one 5,000 and three 2,000 is three
2,000, and the largest-first rule finds nothing. So this looks at every sum that still matters, smallest pieces first: after
the pieces up to some value are chosen, what is left must be a multiple of the greatest common divisor of the larger ones,
and little else survives. Each value costs one pass over the sums that it can reach (a sliding window over how many of it).
"""

from collections import deque
from collections.abc import Mapping
from itertools import accumulate
from math import gcd

HIGHEST_YEN = 1_000_000
"""No more is asked for at once: the work grows with the amount, and an amount from outside is capped before it is believed."""


def pieces_for(yen: int, available: Mapping[int, int]) -> dict[int, int] | None:
    """Return the fewest pieces that pay ``yen`` exactly, as ``{value: count}`` without zeroes, or None when none do.

    ``available`` is how many pieces of each yen value there are. Of several choices with as few pieces the same one is
    returned every time. Raises ValueError for a negative amount or one above :data:`HIGHEST_YEN`.
    """
    if not 0 <= yen <= HIGHEST_YEN:
        raise ValueError(f"{yen} yen: expected 0 to {HIGHEST_YEN}")
    values = sorted(value for value, count in available.items() if count > 0 and 0 < value <= yen)
    larger_worth = [*accumulate((value * available[value] for value in reversed(values)), initial=0)][-2::-1]
    fewest = {0: 0}  # by the sum that the pieces looked at so far make up
    choices: list[dict[int, int]] = []  # by that sum, how many of this value are in it
    for i, value in enumerate(values):
        divisor = gcd(*values[i + 1 :])
        fewest, choice = _add(value, available[value], fewest, yen, divisor, yen - larger_worth[i])
        choices.append(choice)
    if yen not in fewest:
        return None
    pieces: dict[int, int] = {}
    left = yen
    for value, choice in zip(reversed(values), reversed(choices), strict=True):
        if choice[left]:
            pieces[value] = choice[left]
        left -= value * choice[left]
    return pieces


def _add(
    value: int, at_most: int, fewest: Mapping[int, int], yen: int, divisor: int, lowest: int
) -> tuple[dict[int, int], dict[int, int]]:
    """Put 0 to ``at_most`` pieces of ``value`` on each sum.

    Keeps the sums that pieces of multiples of ``divisor`` (0: no larger piece) worth ``yen - lowest`` can still bring to
    ``yen``. Returns the fewest pieces for each, and how many of ``value`` those have.
    """
    rests: dict[int, list[int]] = {}
    for total in sorted(fewest):
        rests.setdefault(total % value, []).append(total // value)
    result: dict[int, int] = {}
    choice: dict[int, int] = {}
    for rest, starts in rests.items():
        window: deque[tuple[int, int]] = deque()  # (start, its pieces minus start): the first is the cheapest in reach
        waiting = iter(starts)
        coming = next(waiting, None)
        for position in range(starts[0], min((yen - rest) // value, starts[-1] + at_most) + 1):
            if coming == position:
                cost = fewest[position * value + rest] - position
                while window and window[-1][1] >= cost:
                    window.pop()
                window.append((position, cost))
                coming = next(waiting, None)
            while window and window[0][0] < position - at_most:
                window.popleft()
            total = position * value + rest
            left = yen - total
            if window and total >= lowest and (left % divisor == 0 if divisor else left == 0):
                start, cost = window[0]
                result[total] = cost + position
                choice[total] = position - start
    return result, choice
