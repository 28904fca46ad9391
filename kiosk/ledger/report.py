"""What an audit found, for people and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.ledger.accounts import PLAIN_ACCOUNTS
from kiosk.ledger.chain import Head
from kiosk.ledger.questions import Question
from kiosk.ledger.story import Flows, Story


@dataclass(frozen=True)
class Problem:
    """Something in the books that must not be."""

    text: str
    seq: int | None = None
    """The row it shows at; None when it concerns the file or the whole."""

    def __str__(self) -> str:
        return self.text if self.seq is None else f"row {self.seq}: {self.text}"


@dataclass(frozen=True)
class AuditReport:
    """The outcome of one audit."""

    kiosk_id: str
    source: str
    """The file, or where else the rows came from."""
    rows: int
    head: Head
    """The end of the chain as found; noted elsewhere, it is an anchor for the next audit."""
    problems: tuple[Problem, ...]
    unfinished: tuple[str, ...]
    """What a kiosk killed in mid-visit has still to find out when it starts; no fault of the books."""
    balances: Mapping[str, int]
    totals: Flows
    visits: tuple[Story, ...]

    questions: tuple[Question, ...] = ()
    """What somebody still has to see to."""
    part: str = ""
    """Which part of the journal this is about; empty for all of it."""
    diary: tuple[str, ...] = ()
    """Of a part: what concerned the kiosk and no customer, in sentences."""
    hashes_checked: bool = True
    """False without the journal's key: then a row and its hash may have been changed together, and nobody could tell."""

    @property
    def ok(self) -> bool:
        """Whether the books are whole and true, and no announced action is without its result."""
        return not self.problems and not self.unfinished

    def as_json(self) -> dict[str, Any]:
        """Return everything ready for JSON."""
        return {
            "ok": self.ok,
            "kiosk": self.kiosk_id,
            "source": self.source,
            "rows": self.rows,
            "hashes_checked": self.hashes_checked,
            "head": {"seq": self.head.seq, "hash": self.head.hash},
            "problems": [{"seq": problem.seq, "text": problem.text} for problem in self.problems],
            "unfinished": list(self.unfinished),
            "balances": dict(self.balances),
            "totals": self.totals.as_json(),
            "part": self.part,
            "questions": [question.as_json() for question in self.questions],
            "diary": list(self.diary),
            "visits": [story.as_json() for story in self.visits],
        }


_NO_KEY = "Structure only: the journal's key is not here, so its hashes could not be checked. Audit it where the key is."


def render(report: AuditReport) -> str:
    """Return the report as plain text for people: the verdict first, then money, then what is open, then every visit."""
    if report.problems:
        verdict = f"{len(report.problems)} PROBLEM{'S' * (len(report.problems) > 1)}"
    else:
        books = "This part of the books is" if report.part else "The books are"
        verdict = f"{books} in order." if report.ok else f"{books} whole; something is still open."
    blocks = [
        [
            f"Audit of kiosk {report.kiosk_id or '(unknown)'}: {report.source}" + (f", {report.part}" if report.part else ""),
            f"{report.rows:,} rows, {_visits(len(report.visits))}, chain ends at row {report.head.seq} with {report.head.hash}",
            verdict,
            *([_NO_KEY] * (not report.hashes_checked)),
            *(f"  - {problem}" for problem in report.problems),
        ]
    ]
    if report.unfinished:
        blocks.append(["Unfinished, to be asked about when the kiosk starts", *(f"  - {text}" for text in report.unfinished)])
    blocks.append(["Money in and out", *_columns(_flow_lines(report.totals))])
    moved = {name: yen for name, yen in report.balances.items() if yen}
    blocks.append(["Balances", *(_columns(_in_order(moved)) if moved else ["  all zero"])])
    if report.diary:
        blocks.append(["The kiosk and its staff", *(f"  {sentence}" for sentence in report.diary)])
    for story in report.visits:
        blocks.append([str(story), *(f"    {sentence}" for sentence in story.sentences)])
    asked = [f"  {number}. {question}" for number, question in enumerate(report.questions, 1)]
    blocks.append(["Open questions", *(asked or ["  none"])])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count:,} visits"


def _flow_lines(totals: Flows) -> list[tuple[str, int]]:
    always = ("inserted", "sold", "returned", "owed")
    return [(name, yen) for name, yen in totals.as_json().items() if yen or name in always]


def _in_order(balances: Mapping[str, int]) -> list[tuple[str, int]]:
    """Plain accounts as they stand in the plan of accounts, then cash boxes by denomination, then carriers by name."""
    plain = [(name, balances[name]) for name in PLAIN_ACCOUNTS if name in balances]
    others = [(name, yen) for name, yen in balances.items() if name not in PLAIN_ACCOUNTS]
    return plain + sorted(others, key=lambda item: (item[0].split(":")[0], len(item[0]) * item[0].startswith("CASH"), item[0]))


def _columns(lines: list[tuple[str, int]]) -> list[str]:
    width = max(len(name) for name, _ in lines)
    return [f"  {name:<{width}}  {yen:>12,} yen" for name, yen in lines]
