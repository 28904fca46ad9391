"""What a visit needs to know of the shop it is in: fixed while the kiosk runs."""

from dataclasses import dataclass, field

from kiosk.session.state import Timeouts


@dataclass(frozen=True)
class Shop:
    """Facts from ``config/``."""

    carriers: dict[str, dict[str, str]]
    """Names of each carrier by language tag, by carrier id, in the order shown."""
    languages: tuple[str, ...] = ("ja", "en", "zh-Hans")
    denominations: frozenset[int] = frozenset({1000, 5000, 10000})
    """Notes this kiosk takes, in yen."""
    allow_unassigned: bool = False
    """Whether numbers that no carrier assigns (0A0-0...) pass: simulation only."""
    timeouts: Timeouts = field(default_factory=Timeouts)

    def payable(self, yen: int) -> bool:
        """Whether ``yen`` can still be paid to the last yen with the notes taken (no change is given)."""
        reachable = {0}
        for amount in range(1000, yen + 1, 1000):
            if any(amount - note in reachable for note in self.denominations):
                reachable.add(amount)
        return yen in reachable
