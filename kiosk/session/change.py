"""Which sums can be made of what lies ready, and whether a price can still be paid to the yen. Pure arithmetic.

A set of sums is one Python integer: bit *n* stands for *n* units of 10 yen, the smallest piece a kiosk handles. Adding a
piece to every sum is a shift, so a float of thousands of pieces is one look of a few microseconds, and exact: nothing greedy,
which would refuse payable change as soon as a 2,000-yen note is about (reference japan.md 3).
"""

from functools import lru_cache

from hardware.change import pieces_for
from kiosk.session.state import Pieces

UNIT_YEN = 10
"""Coins of 1 and 5 yen are neither taken nor paid: prices are multiples of 10 (reference japan.md 3)."""

Purse = tuple[tuple[int, int | None], ...]
"""What may still be put in: by yen value, how many of it at most; None for as many as one likes."""


@lru_cache(maxsize=4096)
def _sums(pieces: Purse, most_yen: int) -> int:
    """Return the set of sums up to ``most_yen`` that ``pieces`` can make."""
    mask = (1 << (most_yen // UNIT_YEN + 1)) - 1
    reached = 1
    for yen, count in pieces:
        step = yen // UNIT_YEN
        left = most_yen // yen if count is None else min(count, most_yen // yen)
        many = 1
        while left > 0:  # 1, 2, 4 ... of them at a time
            many = min(many, left)
            reached |= (reached << (step * many)) & mask
            left -= many
            many *= 2
    return reached


def most_payable(due_yen: int, gives: Pieces) -> int:
    """Return the largest sum not above ``due_yen`` that can be paid out of ``gives`` to the yen."""
    return (_sums(gives, due_yen).bit_length() - 1) * UNIT_YEN if due_yen > 0 else 0


def is_payable(yen: int, gives: Pieces) -> bool:
    """Whether exactly ``yen`` can be paid out of ``gives``."""
    return yen == 0 or (yen > 0 and yen % UNIT_YEN == 0 and bool(_sums(gives, yen) >> (yen // UNIT_YEN) & 1))


def as_pieces(yen: int, gives: Pieces) -> Pieces:
    """Return the fewest pieces of ``gives`` that make ``yen``. Raises ValueError when none do: ask :func:`is_payable`."""
    found = pieces_for(yen, dict(gives))
    if found is None:
        raise ValueError(f"{yen} yen cannot be paid out of {gives}")
    return tuple(sorted(((value, count) for value, count in found.items() if count), reverse=True))


def without(gives: Pieces, *gone: Pieces) -> Pieces:
    """Return ``gives`` less the pieces ``gone``, never below none."""
    left = dict(gives)
    for pieces in gone:
        for yen, count in pieces:
            left[yen] = max(0, left.get(yen, 0) - count)
    return tuple(sorted(((yen, count) for yen, count in left.items() if count), reverse=True))


@lru_cache(maxsize=8192)
def can_finish(rest_yen: int, purse: Purse, gives: Pieces) -> bool:
    """Whether a customer with the right pieces can still pay ``rest_yen``, each piece taken while its change is payable."""
    if rest_yen == 0:
        return True
    if rest_yen < 0 or rest_yen % UNIT_YEN:
        return is_payable(-rest_yen, gives)
    rest = rest_yen // UNIT_YEN
    if _sums(purse, rest_yen) >> rest & 1:
        return True
    for yen, count in purse:
        if count == 0:
            continue
        # every sum below the price that the other pieces reach, this piece, and what is then too much
        before = _sums(tuple((v, n - 1 if v == yen and n is not None else n) for v, n in purse), rest_yen)
        over = (before << (yen // UNIT_YEN)) >> (rest + 1) << 1
        if over & _sums(gives, yen):
            return True
    return False
