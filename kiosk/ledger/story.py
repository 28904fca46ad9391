"""One visit's rows, told as one sentence and added up.

The figures come from postings alone. The words around them use, when they are there, these keys of a body: ``plan`` on the
row of a sale or on the intent it answers, ``action`` of an intent, ``outcome`` of a result.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from kiosk.ledger import accounts
from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.telling import sentences

_PLACES = (accounts.ESCROW, accounts.UNACCOUNTED, accounts.OVER_SHORT, accounts.COLLECTED, accounts.REFILLED)

CAME_OUT = ("printed", "presented", "taken", "left")
"""Outcomes of a customer's print by which the paper is out of the printer."""


@dataclass(frozen=True)
class Flows:
    """Where the money went, in yen. At rest ``inserted + card`` equals the sum of what follows, ``unaccounted`` aside."""

    inserted: int = 0
    """Notes that came into escrow, and coins."""
    card: int = 0
    """Captured on cards and not reversed."""
    sold: int = 0
    returned: int = 0
    """Notes handed back, from escrow or found to have gone back."""
    owed: int = 0
    """On OWED slips not honoured yet."""
    refunded: int = 0
    """On OWED slips that staff honoured."""
    change: int = 0
    """Paid out by a hopper, drum or changer: change, or credited money given back."""
    forgotten: int = 0
    unaccounted: int = 0
    """Money nobody can speak for at present; their owner's money is among ``sold``, ``owed`` or ``forgotten``."""

    def __add__(self, other: "Flows") -> "Flows":
        return Flows(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def as_json(self) -> dict[str, int]:
        """Return the figures by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Story:
    """What one visit was, as far as it is written."""

    visit: str
    began: str
    """Time of its first row, as stored."""
    ended: str | None
    """Time of the row that put it to rest; None while it is under way."""
    flows: Flows
    notes: Mapping[int, int]
    """Notes and coins put in, by denomination in yen."""
    happenings: tuple[str, ...]
    """What was sold and printed, in order, in words."""
    sentences: tuple[str, ...] = ()
    """All of it, a line each, with the time in front; empty when it was not kept."""

    def __str__(self) -> str:
        began = self.began[:16].replace("T", " ")
        head = (
            f"Visit {self.visit}, {began} to {self.ended[11:16]}" if self.ended else f"Visit {self.visit}, {began}, not at rest"
        )
        parts = [_money_in(self.flows, self.notes), *self.happenings]
        for yen, words in (
            (self.flows.returned, "handed back"),
            (self.flows.change, "paid out"),
            (self.flows.owed, "owed on a slip"),
            (self.flows.refunded, "refunded by staff"),
            (self.flows.forgotten, "left behind"),
            (self.flows.unaccounted, "unaccounted for"),
        ):
            if yen:
                parts.append(f"{yen:,} yen {words}")
        return f"{head}: {'; '.join(parts)}"

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "visit": self.visit,
            "began": self.began,
            "ended": self.ended,
            "flows": self.flows.as_json(),
            "notes": {str(yen): pieces for yen, pieces in self.notes.items()},
            "text": str(self),
            "sentences": list(self.sentences),
        }


def _money_in(flows: Flows, notes: Mapping[int, int]) -> str:
    parts = []
    if flows.inserted:
        pieces = ", ".join(f"{yen:,} x{count}" for yen, count in sorted(notes.items()))
        parts.append(f"{flows.inserted:,} yen in ({pieces})")
    if flows.card:
        parts.append(f"{flows.card:,} yen by card")
    return ", ".join(parts) or "no money in"


@dataclass
class StoryTeller:
    """Listens to the rows of one visit, one by one, and keeps its books. The only thing here that changes."""

    visit: str
    began: str
    ended: str | None = None
    balances: Counter[str] = field(default_factory=Counter)
    notes: Counter[int] = field(default_factory=Counter)
    change: int = 0
    parked: bool = False
    """Whether its customer left while the carrier had not spoken."""
    paper: str = ""
    """How the last print of its paper ended."""
    _told: list[str] = field(default_factory=list)
    _last_at: str = ""
    _intents: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _happenings: list[str] = field(default_factory=list)

    def hear(self, row: Row, body: Mapping[str, Any]) -> None:
        """Take the next row of the visit, with its body already parsed (empty when that could not be read)."""
        if row.kind == Kind.ENDED:
            self.ended = row.at_text
        intent = self._intents.get(str(body.get("intent")), {})
        if row.kind == Kind.INTENT:
            self._intents[str(body.get("intent"))] = body
        self.parked = self.parked or row.kind == Kind.PARKED
        self._tell(row, body, intent)
        credits_at_once = any(p.account == accounts.CUSTOMER_INSERTED and p.yen < 0 for p in row.postings)
        for posting in row.postings:
            self.balances[posting.account] += posting.yen
            if posting.account == accounts.CHANGE_PAID and posting.yen < 0:
                self.change -= posting.yen
            denomination = accounts.denomination_of(posting.account)
            if denomination and posting.yen > 0 and credits_at_once:
                self.notes[denomination] += posting.yen // denomination
            if posting.account == accounts.ESCROW and posting.yen > 0:
                self.notes[posting.yen] += 1
            carrier = accounts.carrier_of(posting.account)
            if carrier is not None:
                what = body.get("name") or body.get("plan") or intent.get("plan") or f"{carrier} top-up"
                self._happenings.append(f"{what} sold for {-posting.yen:,} yen" if posting.yen < 0 else f"{what} taken back")
        if row.kind == Kind.RESULT:
            self._hear_result(row, intent.get("action"), str(body.get("outcome")))

    def _hear_result(self, row: Row, action: object, outcome: str) -> None:
        if action == "print":
            self.paper = outcome
            came_out = outcome in CAME_OUT
            self._happenings.append(f"receipt {outcome}" if came_out else f"receipt not printed ({outcome})")
        elif action == "commit" and outcome != "completed":
            self._happenings.append(f"top-up not completed ({outcome})")
        elif action == "pay_out" and outcome != "paid":
            self._happenings.append(f"not all was paid out ({outcome})")

    def _tell(self, row: Row, body: Mapping[str, Any], intent: Mapping[str, Any]) -> None:
        for sentence in sentences(row, body, intent):
            date, _, time = row.at_text[:19].partition("T")
            when = time if date == self._last_at[:10] else f"{date} {time}"
            self._told.append(f"{when}  {sentence}.")
            self._last_at = row.at_text

    @property
    def is_settled(self) -> bool:
        """Whether the visit is at rest and leaves no question behind."""
        owed = self.balances[accounts.OWED] or self.balances[accounts.UNACCOUNTED]
        return bool(self.ended) and not owed and self.paper not in ("failed", "unknown")

    def forget_sentences(self) -> None:
        """Keep the figures and the one line only: of many visits the calm ones are not read one by one."""
        self._told.clear()

    def story(self) -> Story:
        """Return what is known by now."""
        held = sum(yen for name, yen in self.balances.items() if name in _PLACES or accounts.denomination_of(name))
        inserted = sum(yen * pieces for yen, pieces in self.notes.items())
        flows = Flows(
            inserted=inserted,
            card=self.balances[accounts.CARD_CLEARING],
            sold=-sum(yen for name, yen in self.balances.items() if accounts.carrier_of(name)),
            returned=inserted - held - self.change,
            owed=-self.balances[accounts.OWED],
            refunded=-self.balances[accounts.REFUND],
            change=self.change,
            forgotten=-self.balances[accounts.FORGOTTEN],
            unaccounted=self.balances[accounts.UNACCOUNTED],
        )
        return Story(self.visit, self.began, self.ended, flows, dict(self.notes), tuple(self._happenings), tuple(self._told))
