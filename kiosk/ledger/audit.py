"""The books checked from nothing but the rows: what ``kiosk audit`` says.

Checked are the file (SQLite's own integrity check, tables and triggers as its schema makes them), the chain (every hash, no
gap in the numbers, the head where the journal left it, the end noted in its custody, and the anchors given), the checkpoints
(each says what the rows before it come to), double entry (each row and the whole sum to zero, no place holds less than
nothing), the intents (each answered once), and each visit at rest: CUSTOMER_INSERTED and ESCROW back at zero, so inserted +
card = sold + returned + owed + refunded + change + forgotten. See :mod:`kiosk.ledger.chain` for what no audit of one file can
see without an anchor, and what it cannot without the key.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import apsw

from kiosk.ledger.accounts import (
    CHANGE_PAID,
    CUSTOMER_INSERTED,
    ESCROW,
    PLAIN_ACCOUNTS,
    UNACCOUNTED,
    denomination_of,
    device_of,
    is_account,
)
from kiosk.ledger.chain import UNKEYED_SCHEMA, Chain, Head, fingerprint
from kiosk.ledger.custody import Custody
from kiosk.ledger.daycheck import DayCheck
from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.journal import Journal, custody_of
from kiosk.ledger.opening import chain_of
from kiosk.ledger.questions import Questions
from kiosk.ledger.report import AuditReport, Problem
from kiosk.ledger.rows import UNREADABLE, fetch, read_rows
from kiosk.ledger.schema import SCHEMA_VERSION, alterations, objects, read_head, read_meta
from kiosk.ledger.story import Flows, StoryTeller
from kiosk.ledger.trouble import JournalError, explain

TOLD_VISITS = 200
"""How many visits that left no question are told in full, the last ones; of those before, one line each."""


class Witness(Protocol):
    """Somebody who reads along from the first row on and knows what the ledger does not: the memory in a checkpoint."""

    def hear(self, row: Row) -> str | None:
        """Take the next row; return what is wrong with it, None when nothing is."""


def audit(
    path: Path, anchors: Iterable[Head] = (), *, custody: Custody | None = None, witness: Witness | None = None
) -> AuditReport:
    """Audit the journal at ``path`` without changing it; ``anchors`` are ends of the chain noted elsewhere earlier.

    ``custody`` holds its key and its noted end; without one, the folder of secrets that belongs to ``path`` does. When there
    is no key, or another, hashes cannot be checked, and the report says so. A damaged file gives a report with problems as far
    as it can be read. Raises JournalError when there is nothing to judge: no such file, one held by a running kiosk, a database
    that never was a journal; or when the custody cannot be used.
    """
    with reading(path) as db:
        return _audit_database(db, str(path), list(anchors), custody or custody_of(path), witness)


@contextmanager
def reading(path: Path) -> Iterator[apsw.Connection]:
    """Open the database at ``path`` without ever writing to it. Raises JournalError when there is nothing to read."""
    if not path.is_file():
        raise JournalError(f"{path}: there is no such file")
    wal = path.with_name(path.name + "-wal")
    # A journal closed in order has no WAL beside it: read as immutable it needs no lock, and its folder may be read-only.
    was_closed = not wal.exists()
    try:
        db = apsw.Connection(
            f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' * was_closed}",
            flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
        )
    except apsw.Error as error:
        raise JournalError(f"{path}: {explain(error)}") from error
    try:
        yield db
    finally:
        db.close()
    if was_closed and wal.exists():
        raise JournalError(f"{path}: a kiosk started while it was being audited; stop it and audit again")


def audit_journal(journal: Journal, anchors: Iterable[Head] = (), witness: Witness | None = None) -> AuditReport:
    """Audit an open journal, such as one in memory, from its rows."""
    return audit_rows(journal.rows(), journal.chain, head=journal.head, anchors=anchors, witness=witness)


def audit_rows(
    rows: Iterable[Row],
    chain: Chain,
    *,
    head: Head | None = None,
    anchors: Iterable[Head] = (),
    source: str = "rows",
    witness: Witness | None = None,
) -> AuditReport:
    """Audit ``rows`` from the first one on; ``head`` is where the journal says that they end."""
    auditor = _Auditor(chain, anchors, witness)
    for row in rows:
        auditor.hear(row)
    return auditor.report(source, head, [])


def _audit_database(
    db: apsw.Connection, source: str, anchors: list[Head], custody: Custody, witness: Witness | None
) -> AuditReport:
    problems: list[Problem] = []
    chain = Chain("", SCHEMA_VERSION, None)
    head: Head | None = None
    try:
        if "table meta" not in objects(db):
            raise JournalError(f"{source}: a database, but not a kiosk's journal")
        meta = read_meta(db)
        chain = Chain(meta.get("kiosk", ""), SCHEMA_VERSION, None)
        try:
            chain = keyed_chain(meta, custody)
        except JournalError as error:
            problems.append(Problem(str(error)))
        problems += [Problem(f"the schema was tampered with: {change}") for change in alterations(db, chain.schema)]
        problems += [
            Problem(f"SQLite's integrity check: {text}") for (text,) in fetch(db, "PRAGMA integrity_check(20)") if text != "ok"
        ]
        strays = fetch(db, "SELECT DISTINCT seq FROM posting WHERE seq NOT IN (SELECT seq FROM journal) LIMIT 20")
        problems += [Problem("postings without their row", seq) for (seq,) in strays]
        head = read_head(db)
    except UNREADABLE as error:
        if _is_held(error):
            raise JournalError(f"{source}: {explain(error)}") from error
        problems.append(Problem(f"the file is {explain(error)}"))
    if (noted := custody.noted()) is not None:
        anchors = [*anchors, noted]
    auditor = _Auditor(chain, anchors, witness)
    try:
        for row in read_rows(db):
            auditor.hear(row)
    except UNREADABLE as error:
        problems.append(Problem(f"no row after {auditor.end.seq} can be read: {explain(error)}"))
    return auditor.report(source, head, problems)


def _is_held(error: Exception) -> bool:
    """Tell a file that nobody may read now from one that is damaged."""
    return isinstance(error, apsw.BusyError | apsw.CantOpenError)


def keyed_chain(meta: dict[str, str], custody: Custody) -> Chain:
    """Return how a journal's rows are hashed, with the key if it is there. Raises JournalError when that is another."""
    chain = chain_of(meta, None)
    key = custody.existing_key()
    if key is None or chain.schema == UNKEYED_SCHEMA:
        return chain
    if meta.get("key") != fingerprint(key, chain.kiosk_id):
        raise JournalError(f"written under another key than the one in {custody}")
    return replace(chain, key=key)


class _Auditor:
    """Hears the rows in order and remembers what is wrong."""

    def __init__(self, chain: Chain, anchors: Iterable[Head], witness: Witness | None) -> None:
        self.end = Head(0, chain.genesis or "")
        self._chain = chain
        self._witness = witness
        self._hashes_checked = True
        self._rows = 0
        self._problems: list[Problem] = []
        self._anchors: dict[int, set[Head]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, set()).add(anchor)
        self._balances: Counter[str] = Counter(dict.fromkeys(PLAIN_ACCOUNTS, 0))
        self._tellers: dict[str, StoryTeller] = {}
        self._settled: deque[StoryTeller] = deque()
        self._questions = Questions()
        self._days = DayCheck()
        self._open_intents: dict[str, Row] = {}
        self._answered: dict[str, str] = {}
        self._check_anchor()

    def hear(self, row: Row) -> None:
        """Check the next row and add it to the books."""
        self._rows += 1
        if not _is_well_typed(row):
            self._problem("its columns hold values of the wrong types", row.seq)
            return
        self._check_link(row)
        self.end = Head(row.seq, row.hash)
        self._check_anchor()
        body = self._parse(row)
        self._check_bridge(row, body)
        self._check_postings(row)
        if row.kind == Kind.CHECKPOINT:
            self._check_checkpoint(row, body)
        if self._witness is not None and (wrong := self._witness.hear(row)):
            self._problem(wrong, row.seq)
        self._check_intent(row, body)
        teller = self._tellers.setdefault(row.visit, StoryTeller(row.visit, row.at_text))
        was_at_rest = _at_rest(teller)
        teller.hear(row, body)
        self._questions.hear(row, body)
        for wrong in self._days.hear(row, body):
            self._problem(wrong, row.seq)
        if row.kind == Kind.ENDED and teller.is_settled:
            self._settled.append(teller)
            if len(self._settled) > TOLD_VISITS:
                self._settled.popleft().forget_sentences()
        if was_at_rest and not _at_rest(teller) and teller.ended:
            self._problem(f"visit {row.visit} is at rest with {_leftover(teller)}", row.seq)

    def _problem(self, text: str, seq: int | None = None) -> None:
        self._problems.append(Problem(text, seq))

    def _check_link(self, row: Row) -> None:
        if row.seq != self.end.seq + 1:
            self._problem(f"{row.seq - self.end.seq - 1} rows are missing before it", row.seq)
        elif row.prev_hash != self.end.hash and (row.seq > 1 or self._chain.genesis is not None):
            self._problem("does not follow the row before it", row.seq)
        intact = self._chain.is_intact(row)
        if intact is None:
            self._hashes_checked = False
        elif not intact:
            self._problem("was changed after it was written: its hash does not fit", row.seq)

    def _check_bridge(self, row: Row, body: Mapping[str, Any]) -> None:
        """Where a journal of schema 1 goes on with keyed rows, and nowhere else, a row says so and names the end it seals."""
        at_the_bridge = row.seq == self._chain.bridge
        if at_the_bridge != (row.kind == Kind.MIGRATED):
            self._problem("rows without a key end here, and no row says so" if at_the_bridge else "bridges nothing", row.seq)
        elif at_the_bridge and body.get("end") != f"{row.seq - 1}:{row.prev_hash}":
            self._problem("seals another end than that of the row before it", row.seq)

    def _check_checkpoint(self, row: Row, body: Mapping[str, Any]) -> None:
        if body.get("balances") != {name: yen for name, yen in self._balances.items() if yen}:
            self._problem("a checkpoint whose balances are not what the rows before it come to", row.seq)

    def _check_anchor(self) -> None:
        if self.end.seq == 0 and self._chain.genesis is None:
            self._anchors.pop(0, None)
        elif self._anchors.pop(self.end.seq, set()) - {self.end}:
            self._problem("is not the row that was noted elsewhere: the chain up to here was rewritten", self.end.seq)

    def _parse(self, row: Row) -> Mapping[str, Any]:
        try:
            return row.body
        except (TypeError, ValueError):
            self._problem("its body cannot be read", row.seq)
            return {}

    def _check_postings(self, row: Row) -> None:
        total = sum(posting.yen for posting in row.postings)
        if total:
            self._problem(f"its postings sum to {total:,} yen instead of 0", row.seq)
        for posting in row.postings:
            name = posting.account
            if not is_account(name):
                self._problem(f"there is no account {name!r}", row.seq)
            self._balances[name] += posting.yen
            denomination = denomination_of(name)
            if denomination and posting.yen % denomination:
                self._problem(f"{posting.yen:,} yen is no number of {denomination:,} yen pieces", row.seq)
            holds_notes = denomination or name in (ESCROW, UNACCOUNTED)
            if posting.yen < 0 and self._balances[name] < 0 and holds_notes:
                self._problem(f"{name} holds {self._balances[name]:,} yen: more went out than came in", row.seq)

    def _check_intent(self, row: Row, body: Mapping[str, Any]) -> None:
        name = str(body.get("intent"))
        if row.kind == Kind.INTENT:
            if name in self._open_intents or name in self._answered:
                self._problem(f"intent {name} was announced before", row.seq)
            self._open_intents[name] = row
        elif row.kind == Kind.RESULT:
            # Unknown may become known later, a paper at the mouth be taken; anything else is said once.
            if self._open_intents.pop(name, None) is None and self._answered.get(name) not in ("unknown", "presented"):
                known = "has a result already" if name in self._answered else "was never announced"
                self._problem(f"a result for intent {name}, which {known}", row.seq)
            self._answered[name] = str(body.get("outcome"))

    def report(self, source: str, head: Head | None, problems: list[Problem]) -> AuditReport:
        """Close the books and say what was found; ``problems`` are those of the file, found before the rows."""
        if head is not None and head != self.end and (head.seq or self.end.seq or self._chain.genesis):
            self._problem(f"the journal ended with row {head.seq} ({head.hash[:12]}...); now it ends with row {self.end.seq}")
        if self.end.seq < self._chain.bridge:
            self._problem(f"it should have keyed rows from row {self._chain.bridge} on, and has none")
        for seq in sorted(self._anchors):
            self._problem(f"row {seq} was noted elsewhere and is not in the journal: its end was cut off")
        if total := sum(self._balances.values()):
            self._problem(f"all accounts sum to {total:,} yen instead of 0")
        if any(device_of(name) for name in self._balances) and (change := -self._balances[CHANGE_PAID]):
            self._problem(f"{change:,} yen of change were met on paper and left no float")
        unfinished = []
        for name, row in self._open_intents.items():
            text = f"row {row.seq}: intent {name} has no result"
            if row.visit in self._tellers and self._tellers[row.visit].ended:
                self._problem(f"intent {name} has no result, and visit {row.visit} was put to rest", row.seq)
            else:
                unfinished.append(text)
        unfinished += [f"visit {t.visit} is not at rest" for t in self._tellers.values() if t.visit and not t.ended]
        stories = [teller.story() for teller in self._tellers.values()]
        return AuditReport(
            kiosk_id=self._chain.kiosk_id,
            source=source,
            rows=self._rows,
            head=self.end,
            problems=(*problems, *self._problems),
            unfinished=tuple(unfinished),
            balances=dict(self._balances),
            totals=sum((story.flows for story in stories), Flows()),
            visits=tuple(story for story in stories if story.visit),
            hashes_checked=self._hashes_checked,
            questions=self._questions.all(self._chain.kiosk_id, self._tellers.values()),
        )


def _is_well_typed(row: Row) -> bool:
    """Whether the row holds what its type says: strict tables see to that, until somebody rebuilds them without."""
    texts = (row.at_text, row.kind, row.visit, row.body_text, row.prev_hash, row.hash, *(p.account for p in row.postings))
    return all(type(text) is str for text in texts) and all(type(n) is int for n in (row.seq, *(p.yen for p in row.postings)))


def _at_rest(teller: StoryTeller) -> bool:
    """Whether a visit that ended left nothing with the customer's name on it in the machine."""
    return teller.ended is None or not (teller.balances[CUSTOMER_INSERTED] or teller.balances[ESCROW])


def _leftover(teller: StoryTeller) -> str:
    return f"{-teller.balances[CUSTOMER_INSERTED]:,} yen of the customer's and {teller.balances[ESCROW]:,} yen in escrow"
