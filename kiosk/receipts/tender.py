"""What was paid with, as far as a paper tells it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class CardSlip:
    """A card payment: what the customer's copy says of it. Holds no more of the card's number than its last four digits.

    Raises ValueError for anything else, so that a full number can reach neither paper nor journal by mistake.
    """

    brand: str
    """As the terminal names it: ``VISA``."""
    last4: str
    approval: str
    """The issuer's approval code, letters and digits; empty for a payment approved offline."""
    terminal: str = ""
    """The payment terminal's own number."""
    signed: bool = False
    """Whether the card asked for a signature, and the slip must have a line for it."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{4}", self.last4):
            raise ValueError("last4: found something else, expected the last four digits of the card")
        if re.search(r"[0-9]{12,}", re.sub(r"[ -]", "", f"{self.brand}/{self.approval}/{self.terminal}")):
            raise ValueError("a card slip must not hold a card's number")

    @property
    def masked(self) -> str:
        """The number as it is printed."""
        return f"**** **** **** {self.last4}"
