"""Carriers and their plans, read from ``config/carriers/*.toml`` with every mistake named.

The shipped files are fictional demonstration plans and say so: docomo and KDDI sell no prepaid top-up over a counter today [S].
Prices are multiples of 10 yen, the smallest coin that a kiosk takes. A kiosk without coins and change offers those that its
notes can pay to the yen.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from hardware.configfile import ConfigFile
from hardware.errors import ConfigError
from kiosk.languages import TAGS
from kiosk.topup.validity import Rule, Validity

STEP_YEN = 10
"""Smallest coin, and so the step of every price."""

LOWEST_YEN = 100

MOST_YEN = 100_000
"""No prepaid top-up costs as much; a price beyond it is a slip of the pen."""


class Tax(StrEnum):
    """Whether the sale itself is taxed. A prepaid balance is not (its use is); a data plan sold for use now is [S]."""

    STANDARD_10_INCLUDED = "STANDARD_10_INCLUDED"
    EXEMPT = "EXEMPT"
    """A prepaid instrument, such as a PIN: exempt at its sale (basic circular 6-4-4 [D])."""
    NOT_TAXED_AT_SALE = "NOT_TAXED_AT_SALE"


class Refundable(StrEnum):
    """Until when the customer may ask for the money back."""

    NEVER = "NEVER"
    BEFORE_COMMIT_ONLY = "BEFORE_COMMIT_ONLY"
    WINDOW = "WINDOW"
    """As long as the carrier's reversal window is open."""


class ProductKind(StrEnum):
    """How what was bought reaches the line."""

    DIRECT = "DIRECT"
    """The carrier credits the line."""
    PIN = "PIN"
    """The customer gets a number on paper and enters it at the telephone; nothing is credited before."""


class PromotionKind(StrEnum):
    """What a promotion asks for and gives."""

    FIRST_MONTH_FREE = "FIRST_MONTH_FREE"
    """A new line's first top-up costs nothing."""
    RENEWAL_DISCOUNT = "RENEWAL_DISCOUNT"
    """Yen off for a line topped up while it is still valid."""


@dataclass(frozen=True)
class Promotion:
    """One promotion of one carrier."""

    kind: PromotionKind
    plans: tuple[str, ...]
    """Ids of the plans it applies to."""
    discount_yen: int = 0
    """RENEWAL_DISCOUNT: what it takes off."""

    @property
    def key(self) -> str:
        """Catalogue key of its line on the screen."""
        return f"promotion.{self.kind.value.lower()}"


@dataclass(frozen=True)
class Plan:
    """Something a customer can buy."""

    id: str
    carrier: str
    name: Mapping[str, str]
    """By language tag."""
    data_gb: str
    """Allowance as the shop says it (``"3"``); empty for a plan without one."""
    price_yen: int
    credit_yen: int
    """What is added to the line's balance; 0 for a data plan."""
    tax: Tax
    refundable: Refundable
    validity: Validity
    balance_cap_yen: int
    """Most that the line's balance may reach; 0 means no cap."""
    daily_limit_yen: int
    """Most that may be credited to one line in one day; 0 means no limit."""
    kind: ProductKind = ProductKind.DIRECT
    promotions: tuple[Promotion, ...] = ()
    """Those that name this plan, in the file's order."""

    @property
    def tax_key(self) -> str:
        """Catalogue key of the tax class."""
        return f"tax.{self.tax.value.lower()}"

    @property
    def refund_key(self) -> str:
        """Catalogue key of the refund policy."""
        return f"refund.{self.refundable.value.lower()}"


@dataclass(frozen=True)
class Carrier:
    """A carrier to choose."""

    id: str
    name: Mapping[str, str]
    fictional: bool
    """Whether the plans are invented; screen and receipt then say so."""
    notice: Mapping[str, str]
    """What the file says about itself, by language tag."""
    plans: tuple[Plan, ...]
    help_line: str = ""
    """Telephone number of the carrier's own help line, for the receipt; empty when none is to be printed."""


@dataclass(frozen=True)
class Catalogue:
    """Every carrier, in the order the screen offers them."""

    carriers: tuple[Carrier, ...]

    def carrier(self, carrier_id: str) -> Carrier | None:
        """Return the carrier with this id."""
        return next((c for c in self.carriers if c.id == carrier_id), None)

    def plan(self, plan_id: str) -> Plan | None:
        """Return the plan with this id, whoever sells it."""
        return next((p for c in self.carriers for p in c.plans if p.id == plan_id), None)


def fingerprint(carrier: Carrier) -> str:
    """Return a short text that changes whenever anything about the carrier's offer does (the gateway's ETag)."""
    return hashlib.sha256(json.dumps(asdict(carrier), sort_keys=True).encode()).hexdigest()[:16]


def load_catalogue(folder: Path) -> Catalogue:
    """Read every ``<carrier>.toml`` of a folder. Raises ConfigError naming file, key, what was found and what was expected."""
    positions: dict[int, Carrier] = {}
    owners: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        file = ConfigFile.read(path)
        carrier = _carrier(file)
        position = file.whole("position", low=1, high=99)
        if position in positions:
            raise file.wrong("position", f"another than that of {positions[position].id}")
        positions[position] = carrier
        for plan in carrier.plans:
            if owner := owners.get(plan.id):
                raise ConfigError(f"{path}: plan.id: found {plan.id!r}, expected one that {owner} does not have")
            owners[plan.id] = carrier.id
    if not positions:
        raise ConfigError(f"{folder}: found no *.toml, expected one file for each carrier")
    return Catalogue(tuple(positions[p] for p in sorted(positions)))


def _carrier(file: ConfigFile) -> Carrier:
    file.only("id", "position", "fictional", "notice", "stacking", "name", "help_line", "plan", "promotion")
    if file.text("id") != file.path.stem:
        raise file.wrong("id", f"the file's name, {file.path.stem!r}")
    # Written in every file although there is one answer: who reads the prices should not have to guess.
    file.choice("stacking", ("BEST_SINGLE",))
    fictional = file.flag("fictional")
    plan_files = file.tables("plan")
    prices: dict[str, int] = {}
    for plan_file in plan_files:
        plan_id = plan_file.text("id")
        if plan_id in prices:
            raise plan_file.wrong("id", "an id that no other plan has")
        prices[plan_id] = _yen(plan_file, "price_yen", low=LOWEST_YEN, high=MOST_YEN)
    promotions = [_promotion(p, prices) for p in (file.tables("promotion") if "promotion" in file.data else [])]
    return Carrier(
        id=file.text("id"),
        name=_names(file, "name"),
        fictional=fictional,
        notice=_names(file, "notice") if fictional or "notice" in file.data else {},
        plans=tuple(_plan(p, file.text("id"), promotions) for p in plan_files),
        help_line=file.text("help_line") if "help_line" in file.data else "",
    )


def _plan(file: ConfigFile, carrier: str, promotions: list[Promotion]) -> Plan:
    file.only(
        "id",
        "name",
        "data_gb",
        "price_yen",
        "credit_yen",
        "tax",
        "refundable",
        "kind",
        "validity",
        "balance_cap_yen",
        "daily_limit_yen",
    )
    kind = file.choice("kind", tuple(ProductKind))
    tax = file.choice("tax", tuple(Tax))
    credit_yen = file.whole("credit_yen", 0)
    if tax is not Tax.STANDARD_10_INCLUDED and not credit_yen:
        raise file.wrong("credit_yen", "the balance that is sold: only a balance is not taxed at sale")
    return Plan(
        id=file.text("id"),
        carrier=carrier,
        name=_names(file, "name"),
        data_gb=file.text("data_gb") if "data_gb" in file.data else "",
        price_yen=file.whole("price_yen"),
        credit_yen=credit_yen,
        tax=tax,
        refundable=file.choice("refundable", tuple(Refundable)),
        validity=_validity(file.table("validity")),
        balance_cap_yen=file.whole("balance_cap_yen", 0),
        daily_limit_yen=file.whole("daily_limit_yen", 0),
        kind=kind,
        promotions=tuple(p for p in promotions if file.text("id") in p.plans),
    )


def _validity(file: ConfigFile) -> Validity:
    file.only("rule", "n", "cap_days")
    rule = file.choice("rule", tuple(Rule))
    if rule is not Rule.EXTEND_CURRENT_BY_DAYS and "cap_days" in file.data:
        raise file.wrong("cap_days", f"nothing: only {Rule.EXTEND_CURRENT_BY_DAYS} has a cap")
    return Validity(rule, file.whole("n", low=1, high=3660), file.whole("cap_days", 0, high=3660))


def _promotion(file: ConfigFile, prices: Mapping[str, int]) -> Promotion:
    file.only("kind", "plans", "discount_yen")
    kind = file.choice("kind", tuple(PromotionKind))
    plans = file.data.get("plans")
    if not isinstance(plans, list) or not plans or not all(isinstance(p, str) and p in prices for p in plans):
        raise file.wrong("plans", "a list of plan ids of this file: " + ", ".join(prices))
    if kind is PromotionKind.FIRST_MONTH_FREE:
        if "discount_yen" in file.data:
            raise file.wrong("discount_yen", f"nothing: {kind} takes off the whole price")
        return Promotion(kind, tuple(plans))
    # A discount that leaves nothing to pay is a gift; that is what FIRST_MONTH_FREE says openly.
    highest_yen = min(prices[p] for p in plans) - LOWEST_YEN
    return Promotion(kind, tuple(plans), _yen(file, "discount_yen", low=LOWEST_YEN, high=highest_yen))


def _yen(file: ConfigFile, key: str, *, low: int, high: int) -> int:
    amount_yen = file.whole(key, low=low, high=high)
    if amount_yen % STEP_YEN:
        raise file.wrong(key, f"a multiple of {STEP_YEN}, the smallest coin that is taken")
    return amount_yen


def _names(file: ConfigFile, key: str) -> dict[str, str]:
    """Return a name in every language: Japanese and English must be there, English stands in for any other."""
    table = file.table(key).only(*TAGS)
    return {tag: table.text(tag if tag in table.data or tag == "ja" else "en") for tag in TAGS}
