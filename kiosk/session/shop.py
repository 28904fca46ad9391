"""What a visit needs to know of the shop it is in: fixed while the kiosk runs."""

from dataclasses import dataclass, field

from kiosk.languages import TAGS
from kiosk.session.state import Timeouts


@dataclass(frozen=True)
class Shop:
    """Facts from ``config/``."""

    carriers: dict[str, dict[str, str]]
    """Names of each carrier by language tag, by carrier id, in the order shown."""
    languages: tuple[str, ...] = TAGS
    denominations: frozenset[int] = frozenset({1000, 5000, 10000})
    """Notes this kiosk takes, in yen."""
    coins: frozenset[int] = frozenset()
    """Coins this kiosk takes, in yen, where its bench has a device for them."""
    coins_of_a_kind: int = 20
    """How many coins of one value one customer may pay with: more need not be taken (currency act, article 7)."""
    allow_unassigned: bool = False
    """Whether numbers that no carrier assigns (0A0-0...) pass: simulation only."""
    timeouts: Timeouts = field(default_factory=Timeouts)
