"""Who sells: what an installer writes into ``[store]`` of ``config/terminal.toml``, printed on every paper."""

from dataclasses import dataclass
from enum import StrEnum


class StampRule(StrEnum):
    """What happens where a paper receipt would need a revenue stamp (:mod:`kiosk.receipts.stamp`)."""

    BELOW = "below"
    """Nothing is sold at such a price: the start refuses a plan that costs as much."""
    BOX = "box"
    """The receipt carries a box for the stamp; staff put it on, or the shop pays the duty by declaration."""


@dataclass(frozen=True)
class StoreHeader:
    """Who sells: printed on top of every paper. From ``config/terminal.toml``."""

    chain: str
    store: str
    address: str
    telephone: str
    registration: str
    """Qualified invoice issuer's number, ``T`` and 13 digits; empty when there is none."""
    help_line: str
    fictional: bool
    """Whether the papers must say that they are a demonstration."""
    stamp: StampRule = StampRule.BELOW
