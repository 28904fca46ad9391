"""The open questions of a journal: what somebody still has to see to, and what to do about each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.ledger import accounts
from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.story import StoryTeller
from kiosk.ledger.telling import difference, path, pieces, place_name
from kiosk.ledger.totals import flows

MOST_OF_A_KIND = 50
"""Lines of one kind of question: more are a list, and the last ones are the news."""


@dataclass(frozen=True)
class Question:
    """Something that is not settled."""

    text: str
    do: str
    """What to do about it."""
    at: str = ""
    """Since when, as stored."""
    visit: str = ""

    def __str__(self) -> str:
        since = f" ({self.at[:16].replace('T', ' ')})" if self.at else ""
        return f"{self.text}{since}\n      -> {self.do}"

    def as_json(self) -> dict[str, str]:
        """Return it ready for JSON."""
        return {"text": self.text, "do": self.do, "at": self.at, "visit": self.visit}


@dataclass
class Questions:
    """Listens to the rows of the kiosk, and asks the visits at the end."""

    differences: list[Question] = field(default_factory=list)
    _reports: dict[str, tuple[Row, Mapping[str, Any]]] = field(default_factory=dict)
    _doubtful: dict[str, Question] = field(default_factory=dict)

    def hear(self, row: Row, body: Mapping[str, Any]) -> None:
        """Take the next row, of a visit or not."""
        if row.kind == Kind.DIFFERENCE:
            self.differences.append(Question(difference(body), "ask the carrier, with both figures", row.at_text))
        for text in _differs(row, body):
            do = "look for a reason: a wrong count, a note put back, a coin under the hopper; else keep it with the Z"
            self.differences.append(Question(text, do, row.at_text, row.visit))
        if body.get("action") == "report":
            self._reports[str(body.get("intent"))] = row, body
        elif row.kind == Kind.RESULT and str(body.get("intent")) in self._reports:
            self._report(row, self._reports.pop(str(body.get("intent")))[1], str(body.get("outcome")))

    def _report(self, row: Row, intent: Mapping[str, Any], outcome: str) -> None:
        name = f"{intent.get('report')} {intent.get('number')}".strip()
        if outcome in ("printed", "presented", "taken"):
            self._doubtful.pop(name, None)
        elif intent.get("report") == "Z":
            self._doubtful[name] = Question(f"{name} is not surely on paper", f"staff z {intent.get('number')}", row.at_text)

    def all(self, kiosk_id: str, tellers: Iterable[StoryTeller]) -> tuple[Question, ...]:
        """Return every question there is, the customers' first."""
        asked = [question for teller in tellers if teller.visit for question in _of(kiosk_id, teller)]
        shown = self.differences[-MOST_OF_A_KIND:]
        if hidden := len(self.differences) - len(shown):
            shown = [Question(f"{hidden:,} older differences", "kiosk audit with --day shows them"), *shown]
        return (*asked, *self._doubtful.values(), *shown)


def _differs(row: Row, body: Mapping[str, Any]) -> Iterable[str]:
    """Say in what hands or a device found other than the books had it."""
    if row.kind == Kind.COLLECTED and (more := body.get("found", 0) - body.get("booked", 0)) and not body.get("partial"):
        place, what = place_name(str(body.get("place"))), pieces([(body.get("yen", 0), abs(more))])
        yield f"Collection {body.get('number')}: {what} {'more' if more > 0 else 'fewer'} in {place} than the books had"
        return
    for out_of, to, yen in flows(row.postings) if row.postings else ():
        if accounts.OVER_SHORT in (out_of, to) and accounts.UNACCOUNTED not in (out_of, to):
            text = path(out_of, to, yen)
            yield text[:1].upper() + text[1:]


def _of(kiosk_id: str, teller: StoryTeller) -> Iterable[Question]:
    visit, name, books = teller.visit, f"{kiosk_id}-{teller.visit}", teller.balances
    if teller.parked and not teller.ended:
        yen = -books[accounts.CUSTOMER_INSERTED]
        text = f"{name}: {yen:,} yen are in, and the carrier has not said whether it delivered"
        do = f"the settlement file says it next day; else ask the carrier, then: staff resolve {name} delivered|refused"
        yield Question(text, do, teller.began, visit)
    elif not teller.ended:
        yield Question(f"{name} is not at rest", "start the kiosk: it finishes the story by itself", teller.began, visit)
    if (owed := -books[accounts.OWED]) > 0:
        do = f"when the customer shows the slip: staff pay {name} {owed}"
        yield Question(f"{name}: {owed:,} yen are owed to the customer", do, teller.began, visit)
    elif owed < 0:
        text = f"{name}: the customer had {-owed:,} yen more than was owed"
        yield Question(text, "the shop's loss, unless the customer comes back", teller.began, visit)
    if missing := books[accounts.UNACCOUNTED]:
        do = f"look into the device and count its box (staff count); what is not found: staff write-off {name} {missing}"
        yield Question(f"{name}: {missing:,} yen went out of sight", do, teller.began, visit)
    if teller.paper in ("failed", "unknown"):
        doubt = "did not come out" if teller.paper == "failed" else "may not have come out"
        yield Question(f"{name}: its paper {doubt}", f"when the customer asks: staff reprint {name}", teller.began, visit)
