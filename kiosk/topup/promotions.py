"""What a plan costs this line now: the one function that kiosk and carrier both use, so their prices cannot differ.

Stacking rule: BEST_SINGLE. Of all promotions that apply, the one that takes off most is given, alone; of two equal ones the
first in the file.
"""

from dataclasses import dataclass
from datetime import datetime

from kiosk.topup.catalogue import Plan, Promotion, PromotionKind
from kiosk.topup.subscriber import Subscriber
from kiosk.topup.validity import today, valid_until


@dataclass(frozen=True)
class Offer:
    """A plan, priced for one line at one moment."""

    plan: Plan
    price_yen: int
    """What the customer pays; 0 skips the payment."""
    discount_yen: int
    promotion: str
    """Catalogue key of the promotion line (``promotion.first_month_free``), or empty."""
    valid_until: datetime
    """Last second of validity after this top-up."""
    valid_days: int
    """From today to the last day."""

    @property
    def list_price_yen(self) -> int:
        """The price before the promotion."""
        return self.price_yen + self.discount_yen


def discount_yen(promotion: Promotion, plan: Plan, subscriber: Subscriber, now: datetime) -> int:
    """Return what ``promotion`` takes off ``plan`` for this line; 0 when it does not apply."""
    match promotion.kind:
        case PromotionKind.FIRST_MONTH_FREE:
            return plan.price_yen if subscriber.is_new else 0
        case PromotionKind.RENEWAL_DISCOUNT:
            return promotion.discount_yen if subscriber.is_valid(now) else 0


def offer(plan: Plan, subscriber: Subscriber, now: datetime) -> Offer:
    """Price ``plan`` for a line. Says nothing about whether the line may be topped up (``subscriber.can_top_up``)."""
    best_yen, key = 0, ""
    for promotion in plan.promotions:
        off_yen = discount_yen(promotion, plan, subscriber, now)
        if off_yen > best_yen:
            best_yen, key = off_yen, promotion.key
    ends = valid_until(plan.validity, now, subscriber.valid_until)
    return Offer(plan, plan.price_yen - best_yen, best_yen, key, ends, (ends.date() - today(now)).days)
