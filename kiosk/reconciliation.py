"""A day's settlement file against our own books, line by line. Pure: it says what it found, and books nothing.

What the file says of a commit that nobody had spoken about is the answer. Everything else in which it differs from our books is
a *difference*: written down for staff and the carrier to clear up, never booked away.

A commit is the carrier's business of the day on which it had its effect, by the carrier's clock. Near midnight that may be the
next day's, or the one before: such a commit has two days on which it may stand, and is missing only when neither file has it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from hardware.clock import JST
from kiosk.ledger.entry import Kind, Row
from kiosk.topup.answers import TopupState
from kiosk.topup.gateway import client_ref
from kiosk.topup.settlement import SettlementLine

NEAR_MIDNIGHT = timedelta(minutes=30)
"""A reservation lives 15 minutes, so its commit has no later effect; the rest is for clocks that are wrong."""


class What(StrEnum):
    """In which way file and books differ."""

    MISSING = "missing"
    """We sold it; the carrier does not list it."""
    NOT_DELIVERED = "not_delivered"
    """We sold it; the carrier lists it as taken back or declined."""
    EXTRA = "extra"
    """The carrier lists a top-up that we know nothing of."""
    DELIVERED = "delivered"
    """We owe the customer the money; the carrier delivered all the same."""
    AMOUNT = "amount"
    """Both have it, with different amounts."""
    CARRIER = "carrier"
    """Both have it, at different carriers."""
    OTHER_DAY = "other_day"
    """It stands in the file of a day on which it cannot have been."""
    REPEATED = "repeated"
    """It stands in the file twice."""
    UNDECIDED = "undecided"
    """The file does not say either what became of it."""
    NO_FILE = "no_file"
    """There is no file of the day, and there will be none."""


@dataclass(frozen=True)
class Difference:
    """One thing in which file and books differ."""

    what: What
    reference: str
    booked_yen: int = 0
    """0 when we sold nothing."""
    listed_yen: int = 0
    """0 when the carrier lists nothing."""
    carrier: str = ""

    def body(self) -> dict[str, Any]:
        """Return what the journal keeps of it, besides the day."""
        return {
            "what": self.what.value,
            "reference": self.reference,
            "booked_yen": self.booked_yen,
            "listed_yen": self.listed_yen,
            "carrier": self.carrier,
        }


@dataclass
class Commitment:
    """What our books say of one commit."""

    reference: str
    yen: int
    at: datetime
    carrier: str
    outcome: str = ""
    """``completed`` or ``declined``; empty while nobody has said."""

    @property
    def first_day(self) -> date:
        """First day on which it may stand in a file."""
        return (self.at - NEAR_MIDNIGHT).astimezone(JST).date()

    @property
    def last_day(self) -> date:
        """Last day on which it may stand in a file."""
        return (self.at + NEAR_MIDNIGHT).astimezone(JST).date()


class Commitments:
    """The commits among the rows heard, by transaction number. Only of them is anything kept."""

    def __init__(self, kiosk_id: str) -> None:
        self.found: dict[str, Commitment] = {}
        self.heard = 0
        """Number of the last row."""
        self._kiosk_id = kiosk_id
        self._carriers: dict[str, str] = {}
        self._of_intent: dict[str, Commitment] = {}

    def hear(self, row: Row) -> None:
        """Take the next row."""
        self.heard = row.seq
        match row.kind:
            case Kind.SNAPSHOT:
                self._carriers[row.visit] = row.body["state"]["carrier"]
            case Kind.INTENT if '"commit"' in row.body_text and row.body["action"] == "commit":
                reference = client_ref(self._kiosk_id, int(row.visit))
                made = Commitment(reference, row.body["yen"], row.at, self._carriers.get(row.visit, ""))
                self.found[reference] = self._of_intent[row.body["intent"]] = made
            case Kind.RESULT if (commitment := self._of_intent.get(row.body["intent"])) is not None:
                commitment.outcome = "" if row.body["outcome"] == "unknown" else row.body["outcome"]
            case Kind.ENDED:
                self._carriers.pop(row.visit, None)


@dataclass(frozen=True)
class Findings:
    """What one file says."""

    answers: Mapping[str, bool]
    """Of commits that nobody had spoken about: whether the carrier delivered."""
    differences: tuple[Difference, ...]
    confirmed: int
    """How many sales both sides have alike."""
    early: tuple[str, ...]
    """Commits listed now that might have stood in the next file instead."""


def reconcile(
    day: date,
    lines: Iterable[SettlementLine],
    books: Mapping[str, Commitment],
    early: Iterable[str],
    open_: Mapping[str, object],
) -> Findings:
    """Compare the file of ``day`` with the commits in ``books``.

    ``early`` are those that the file of the day before had already; ``open_`` those that wait for an answer: of an open commit
    that is not among them the visit is still under way, and nothing is said.
    """
    listed: dict[str, SettlementLine] = {}
    differences: list[Difference] = []
    answers: dict[str, bool] = {}
    confirmed = 0
    for line in lines:
        ours = books.get(line.client_ref)
        if line.client_ref in listed:
            differences.append(_difference(What.REPEATED, line, ours))
            continue
        listed[line.client_ref] = line
        if ours is None:
            differences.append(_difference(What.EXTRA, line, None))
            continue
        wrong = [*_odd(day, line, ours)]
        if line.state.is_final:
            delivered = line.state is TopupState.COMPLETED
            if line.client_ref in open_:
                answers[line.client_ref] = delivered
            elif ours.outcome == "completed" and not delivered:
                wrong.append(What.NOT_DELIVERED)
            elif ours.outcome == "declined" and delivered:
                wrong.append(What.DELIVERED)
            elif ours.outcome == "completed" and not wrong:
                confirmed += 1
        else:
            wrong.append(What.UNDECIDED)
        differences += [_difference(what, line, ours) for what in wrong]
    known = {*listed, *early}
    for reference, ours in books.items():
        if ours.last_day != day or reference in known:
            continue
        if reference in open_:
            answers[reference] = False
        elif ours.outcome == "completed":
            differences.append(Difference(What.MISSING, reference, ours.yen, 0, ours.carrier))
    later = tuple(reference for reference in listed if reference in books and books[reference].last_day > day)
    return Findings(answers, tuple(differences), confirmed, later)


def _odd(day: date, line: SettlementLine, ours: Commitment) -> Iterable[What]:
    if line.amount_yen != ours.yen:
        yield What.AMOUNT
    if ours.carrier and line.carrier != ours.carrier:
        yield What.CARRIER
    if not ours.first_day <= day <= ours.last_day:
        yield What.OTHER_DAY


def _difference(what: What, line: SettlementLine, ours: Commitment | None) -> Difference:
    return Difference(what, line.client_ref, ours.yen if ours is not None else 0, line.amount_yen, line.carrier)
