"""How much of what could be tried the suite tries: a sample, another one in each test, so that few gaps are left.

``WHOLE=1 make test`` tries all of it.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

WHOLE = bool(os.environ.get("WHOLE"))


def sampled(items: Sequence[T], every: int, first: int = 0) -> Sequence[T]:
    """Return every so many-th of ``items``, from number ``first`` (modulo ``every``) on; all when the suite is to be whole."""
    return items if WHOLE else items[first % every :: every]
