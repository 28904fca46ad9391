"""Consumption tax on a receipt: a class for each product, a total for each class, the tax rounded down once per rate.

Which class a product has is configuration (``tax`` of a plan), never advice: ask an accountant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

STANDARD_RATE_PERCENT: Final = 10
STANDARD: Final = "tax.standard_10_included"
"""A service sold for use from now on: the price includes the tax at the standard rate."""
EXEMPT: Final = "tax.exempt"
"""A prepaid instrument, its number or its symbols: sold free of tax, taxed when it is used (basic circular 6-4-4 [D])."""
NOT_TAXED: Final = "tax.not_taxed_at_sale"
"""A balance that is no sale of anything yet: outside the tax at the sale [S]."""

_TOTAL_LINES: Final = {STANDARD: "receipt.standard_rate", EXEMPT: "receipt.exempt", NOT_TAXED: "receipt.not_taxed"}


@dataclass(frozen=True)
class TaxTotal:
    """What a receipt says about one tax class."""

    line: str
    """Catalogue key of the total's line."""
    total_yen: int
    tax_yen: int | None
    """The tax inside the total; None for a class without a rate."""


def included_tax_yen(total_yen: int) -> int:
    """Return the consumption tax inside a total at the standard rate, rounded down once per receipt and rate."""
    return total_yen * STANDARD_RATE_PERCENT // (100 + STANDARD_RATE_PERCENT)


def totals(sold: Sequence[tuple[str, int]]) -> tuple[TaxTotal, ...]:
    """Return the totals of ``sold``, pairs of tax class and yen, in the order of the classes above. Raises KeyError."""
    sums: dict[str, int] = {}
    for tax, yen in sold:
        sums[_TOTAL_LINES[tax]] = sums.get(_TOTAL_LINES[tax], 0) + yen
    return tuple(
        TaxTotal(line, sums[line], included_tax_yen(sums[line]) if tax == STANDARD else None)
        for tax, line in _TOTAL_LINES.items()
        if line in sums
    )
