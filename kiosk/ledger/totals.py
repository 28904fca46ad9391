"""What a business day added up to, from its rows alone: the figures of X and Z reports, and of the audit that checks them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.ledger import accounts
from kiosk.ledger.accounts import Posting
from kiosk.ledger.entry import Kind, Row

CUSTOMERS = (accounts.CUSTOMER_INSERTED, accounts.ESCROW)
IN, OUT, FILLED, COLLECTED, MOVED, ADJUSTED = "in", "out", "filled", "collected", "moved", "adjusted"
COLUMNS = (IN, OUT, FILLED, COLLECTED, MOVED, ADJUSTED)
"""How pieces come to a place and leave it; each column is signed, so opening and all columns add up to what is there now."""


def flows(postings: Iterable[Posting]) -> Iterator[tuple[str, str, int]]:
    """Yield (out of, to, yen): which account's yen went to which, leg against leg in order. A leg without its like is none."""
    open_: list[Posting] = []
    for leg in postings:
        yen = leg.yen
        while yen and open_ and (open_[0].yen > 0) != (yen > 0):
            first = open_.pop(0)
            part = min(abs(first.yen), abs(yen))
            yield (first.account, leg.account, part) if yen > 0 else (leg.account, first.account, part)
            if rest := abs(first.yen) - part:
                open_.insert(0, Posting(first.account, rest if first.yen > 0 else -rest))
            yen += part if yen < 0 else -part
        if yen:
            open_.append(Posting(leg.account, yen))


@dataclass(frozen=True)
class SoldLine:
    """What was sold of one product, for one line of a report."""

    carrier: str
    plan: str
    name: str
    tax: str


@dataclass
class DayTotals:
    """One business day as far as its rows were heard. Begins with what the day before carried forward."""

    opening: dict[str, int] = field(default_factory=dict)
    """Yen by account when the day was opened."""
    grand_total_yen: int = 0
    """All sales of all time; it only grows."""
    grand_count: int = 0
    parked: set[str] = field(default_factory=set)
    """Visits whose carrier has not said yet what became of the top-up."""
    visits: int = 0
    sales: dict[SoldLine, list[int]] = field(default_factory=dict)
    """Count and yen by product."""
    turnover: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Yen by (out of, to)."""
    places: dict[str, Counter[str]] = field(default_factory=dict)
    """Yen by place and column."""
    changes: Counter[str] = field(default_factory=Counter)
    """Yen by which each account has grown."""
    collections: int = 0
    """Number of the last collection or filling, counted over the life of the journal."""

    @classmethod
    def carried(cls, opened: Mapping[str, Any]) -> "DayTotals":
        """Begin with the body of a ``day_opened`` row."""
        return cls(
            opening=dict(opened.get("balances", {})),
            grand_total_yen=opened.get("grand_total_yen", 0),
            grand_count=opened.get("grand_count", 0),
            parked=set(opened.get("parked", ())),
            collections=opened.get("collections", 0),
        )

    def to_carry(self) -> dict[str, Any]:
        """Return what the next day begins with, for its ``day_opened`` row."""
        return {
            "balances": {name: yen for name, yen in sorted(self.balances().items()) if yen},
            "grand_total_yen": self.grand_total_yen,
            "grand_count": self.grand_count,
            "parked": sorted(self.parked, key=lambda visit: (len(visit), visit)),
            "collections": self.collections,
        }

    def balances(self) -> dict[str, int]:
        """Return the yen on every account by now."""
        return {name: self.opening.get(name, 0) + self.changes[name] for name in self.opening.keys() | self.changes.keys()}

    def hear(self, row: Row) -> None:
        """Take the next row of the day."""
        match row.kind:
            case Kind.VISIT:
                self.visits += 1
            case Kind.SOLD:
                self._sold(row.body)
            case Kind.PARKED:
                self.parked.add(row.visit)
            case Kind.ENDED:
                self.parked.discard(row.visit)
            case Kind.COLLECTED | Kind.FLOAT:
                self.collections = max(self.collections, row.body.get("number", 0))
        for posting in row.postings:
            self.changes[posting.account] += posting.yen
        for out_of, to, yen in flows(row.postings):
            self.turnover[out_of, to] += yen
            if accounts.carrier_of(out_of) is not None:
                self.grand_total_yen += yen
            if row.kind != Kind.COLLECTED:
                self._moved(out_of, to, yen)
        if row.kind == Kind.COLLECTED:
            self._collected(row)

    def _sold(self, body: Mapping[str, Any]) -> None:
        line = SoldLine(*(str(body.get(key, "")) for key in ("carrier", "plan", "name", "tax")))
        figures = self.sales.setdefault(line, [0, 0])
        figures[0] += 1
        figures[1] += body.get("yen", 0)
        self.grand_count += 1

    def _moved(self, out_of: str, to: str, yen: int) -> None:
        for place, other, signed in ((out_of, to, -yen), (to, out_of, yen)):
            if accounts.denomination_of(place) is None:
                continue
            if other == accounts.OVER_SHORT:
                column = ADJUSTED
            elif other == accounts.REFILLED:
                column = FILLED
            elif accounts.denomination_of(other) is not None or other == accounts.UNACCOUNTED:
                column = MOVED
            else:
                column = IN if signed > 0 else OUT
            self.places.setdefault(place, Counter())[column] += signed

    def _collected(self, row: Row) -> None:
        """Hands counted: what they took is collected, and what the books had to learn by it is an adjustment."""
        taken = sum(leg.yen for leg in row.postings if leg.account == accounts.COLLECTED)
        for leg in row.postings:
            if accounts.denomination_of(leg.account) is not None:
                columns = self.places.setdefault(leg.account, Counter())
                columns[COLLECTED] -= taken
                columns[ADJUSTED] += leg.yen + taken

    def _from(self, *out_of: str) -> int:
        return sum(yen for (source, _), yen in self.turnover.items() if source in out_of)

    def _between(self, out_of: Iterable[str], to: Iterable[str]) -> int:
        return sum(self.turnover[source, target] for source in out_of for target in to)

    def as_json(self) -> dict[str, Any]:
        """Return the figures of a report."""
        now = self.balances()
        refused = self._between([accounts.ESCROW], [accounts.CUSTOMER_INSERTED])
        cash_in = self._from(accounts.CUSTOMER_INSERTED) - self._between([accounts.CUSTOMER_INSERTED], [accounts.CARD_CLEARING])
        return {
            "visits": self.visits,
            "sales": [
                {**vars(line), "count": count, "yen": yen}
                for line, (count, yen) in sorted(self.sales.items(), key=lambda item: tuple(vars(item[0]).values()))
            ],
            "cash_in": cash_in - refused,
            "given_back": refused,
            "card": self.changes[accounts.CARD_CLEARING],
            "change": self._change_paid(),
            "owed_issued": self._between([accounts.OWED], CUSTOMERS),
            "owed_paid": self._between([accounts.REFUND], [accounts.OWED]),
            "owed_found": self._between([accounts.UNACCOUNTED], [accounts.OWED]),
            "forgotten": self._between([accounts.FORGOTTEN], CUSTOMERS),
            "over_short": self.changes[accounts.OVER_SHORT],
            "owed": -now.get(accounts.OWED, 0),
            "investigated": -now.get(accounts.CUSTOMER_INSERTED, 0),
            "investigations": len(self.parked),
            "unaccounted": now.get(accounts.UNACCOUNTED, 0),
            "places": {
                place: {
                    "opening": self.opening.get(place, 0),
                    **{column: self.places.get(place, Counter())[column] for column in COLUMNS},
                    "now": now[place],
                }
                for place in sorted(now, key=_by_place)
                if accounts.denomination_of(place) is not None and (now[place] or place in self.places)
            },
            "grand_total_yen": self.grand_total_yen,
            "grand_count": self.grand_count,
        }

    def _change_paid(self) -> int:
        return sum(yen for (source, to), yen in self.turnover.items() if source == accounts.CHANGE_PAID and to in CUSTOMERS)


def _by_place(place: str) -> tuple[str, int]:
    name, _, yen = place.rpartition(":")
    return name, -int(yen) if yen.isdecimal() else 0
