"""Revenue stamp duty on paper receipts (document class 17): who stays below the line owes nothing.

A paper receipt for money received of 50,000 yen or more carries a stamp of 200 yen (up to a million) [D]. The tax does not
count where the paper shows it by itself [K]. A card receipt that says so is no receipt of money [D]; an electronic receipt is
no document [K]. A sum must not be split to stay below. So the shipped rule is to sell nothing that reaches the line, tax
included, which is right under every reading.
"""

from typing import Final

STAMP_FROM_YEN: Final = 50_000
STAMP_YEN: Final = 200


def needs_stamp(cash_yen: int, shown_tax_yen: int = 0) -> bool:
    """Tell whether a paper receipt for ``cash_yen`` in cash, of which it shows ``shown_tax_yen`` as tax, needs a stamp."""
    return cash_yen - shown_tax_yen >= STAMP_FROM_YEN
