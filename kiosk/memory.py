"""What a life of the kiosk has to know of all rows before it, filled row by row; and the checkpoint that holds it.

A checkpoint saves reading, and says nothing of its own: it is worked out from the rows by the very code that a start uses, and
the audit works it out again from the first row on (:class:`MemoryWitness`). One that another version of this module wrote is
passed over, and all rows are read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.journal import Journal
from kiosk.record import intent_id
from kiosk.session.state import Pieces

VERSION = 1
"""Of what a checkpoint holds. Whoever adds something to remember gives it the next number."""

CHECKPOINT_ROWS = 2000
"""After so many rows, some sixty visits, the next quiet moment is used for a checkpoint; a start reads them in 0.2 s [V]."""


@dataclass(frozen=True)
class Order:
    """One device's part of a payout, as announced to it."""

    visit: int
    intent: int
    device: str
    mark: str
    """The device's own count of orders before this one."""
    pieces: Pieces
    unsure: Pieces = ()
    """What of it nobody could speak for when the visit went on without waiting any longer."""

    @property
    def intent_id(self) -> str:
        """Name of the payout's intent."""
        return intent_id(self.visit, self.intent)

    def as_json(self) -> dict[str, Any]:
        """Return the body of its ``order`` row."""
        return {
            "intent": self.intent_id,
            "device": self.device,
            "mark": self.mark,
            "pieces": _as_lists(self.pieces),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Order":
        """Read back the body of an ``order`` row."""
        visit, intent = body["intent"].split(".")
        return cls(int(visit), int(intent), body["device"], body["mark"], as_tuple(body["pieces"]))


def as_tuple(pieces: Iterable[Iterable[int]]) -> Pieces:
    """Return pieces as read from JSON in the session's form."""
    return tuple((yen, count) for yen, count in pieces)


def _as_lists(pieces: Pieces) -> list[list[int]]:
    return [list(pair) for pair in pieces]


@dataclass
class Money:
    """What the journal says of coins and payouts: marks, orders and floats. Filled row by row."""

    marks: dict[str, str] = field(default_factory=dict)
    """The last mark of each coin acceptor."""
    orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    """Given, and not known how they ended; by intent and device."""
    given: dict[str, dict[str, Order]] = field(default_factory=dict)
    """Of visits not at rest: the last order to each device, by intent and device."""
    doubtful: dict[str, Order] = field(default_factory=dict)
    """The last order of a device that nobody could speak for, by device."""
    floats: set[str] = field(default_factory=set)
    """Devices whose float was booked."""
    waiting: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Pieces of the open visit that are booked in a box and may have gone to a drum: by device (of notes "") and value."""

    def hear(self, row: Row) -> None:
        """Take the next row."""
        match row.kind:
            # a look at the text first: of a journal's many rows few are of these, and parsing all would delay the start
            case Kind.EVENT | Kind.REMARK if '"mark":' in row.body_text and "device" in row.body:
                self.marks[row.body["device"]] = row.body["mark"]
                if row.body.get("type") == "CoinCredited":
                    self.waiting[row.body["device"], row.body["yen"]] += 1
            case Kind.EVENT if '"NoteCredited"' in row.body_text:
                self.waiting["", row.body["yen"]] += 1
            case Kind.MOVED:
                self.waiting[row.body["from"], row.body["yen"]] -= row.body["pieces"]
            case Kind.ENDED | Kind.PARKED:
                self.waiting.clear()
                if row.kind == Kind.ENDED:
                    self._at_rest(row.visit)
            case Kind.EVENT if '"PaidOut"' in row.body_text:
                self._ended(row.visit, row.body["device"], as_tuple(row.body["unsure"]))
            case Kind.ORDER:
                order = Order.from_json(row.body)
                self.orders[order.intent_id, order.device] = order
                self.given.setdefault(order.intent_id, {})[order.device] = order
            case Kind.ORDER_RESOLVED:
                self.doubtful.pop(row.body["device"], None)
            case Kind.FLOAT:
                self.floats.add(row.body["device"])

    def _at_rest(self, visit: str) -> None:
        for intent in [intent for intent in self.given if intent.startswith(f"{visit}.")]:
            del self.given[intent]

    def _ended(self, visit: str, device: str, unsure: Pieces) -> None:
        for key, order in list(self.orders.items()):
            if order.device == device and str(order.visit) == visit:
                del self.orders[key]
                if unsure:
                    self.doubtful[device] = replace(order, unsure=unsure)

    def as_json(self) -> dict[str, Any]:
        """Return it for a checkpoint."""
        return {
            "marks": dict(self.marks),
            "orders": [order.as_json() for order in self.orders.values()],
            "given": [order.as_json() for orders in self.given.values() for order in orders.values()],
            "doubtful": [order.as_json() | {"unsure": _as_lists(order.unsure)} for order in self.doubtful.values()],
            "floats": sorted(self.floats),
            "waiting": [[device, yen, count] for (device, yen), count in self.waiting.items()],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Money":
        """Read it back out of a checkpoint."""
        money = cls(marks=dict(body["marks"]), floats=set(body["floats"]))
        for order in map(Order.from_json, body["orders"]):
            money.orders[order.intent_id, order.device] = order
        for order in map(Order.from_json, body["given"]):
            money.given.setdefault(order.intent_id, {})[order.device] = order
        for doubtful in body["doubtful"]:
            order = replace(Order.from_json(doubtful), unsure=as_tuple(doubtful["unsure"]))
            money.doubtful[order.device] = order
        for device, yen, count in body["waiting"]:
            money.waiting[device, yen] = count
        return money


@dataclass(frozen=True)
class Settled:
    """How far the carriers' settlement files have been compared with the books."""

    day: date | None = None
    """The last day that is done; None before the first."""
    rows_after: int = 0
    """After this row begins what the next day's file is compared with."""
    early: tuple[str, ...] = ()
    """Transactions that might have stood in the next file and were in this one already."""

    def as_json(self) -> dict[str, Any]:
        """Return the part of the body of a ``settlement`` row that is read back."""
        day = self.day.isoformat() if self.day is not None else None
        return {"day": day, "rows_after": self.rows_after, "early": list(self.early)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Settled":
        """Read back the body of a ``settlement`` row."""
        day = date.fromisoformat(body["day"]) if body["day"] is not None else None
        return cls(day, body["rows_after"], tuple(body["early"]))


@dataclass
class Memory:
    """Everything that a start reads out of the journal, visits under way apart: of these it knows where they began."""

    last: int = 0
    """The last visit there was."""
    open: dict[str, int] = field(default_factory=dict)
    """Number of the first row of each visit that is not at rest."""
    parked: set[str] = field(default_factory=set)
    """Those whose customer has left, and whose carrier has not said what became of the commit."""
    reprints: dict[str, None] = field(default_factory=dict)
    """Intents of papers printed again at the desk that have no result."""
    settled: Settled = field(default_factory=Settled)
    money: Money = field(default_factory=Money)

    def hear(self, row: Row) -> None:
        """Take the next row."""
        self.money.hear(row)
        if row.kind == Kind.SETTLEMENT:
            self.settled = Settled.from_json(row.body)
        if not row.visit:
            if row.kind == Kind.INTENT and row.body.get("action") in ("reprint", "report"):
                self.reprints[row.body["intent"]] = None
            elif row.kind == Kind.RESULT:
                self.reprints.pop(row.body["intent"], None)
            return
        self.last = max(self.last, int(row.visit))
        # what comes to light of a visit at rest does not open it again
        match row.kind:
            case Kind.VISIT:
                self.open[row.visit] = row.seq
            case Kind.PARKED if row.visit in self.open:
                self.parked.add(row.visit)
            case Kind.ENDED:
                self.open.pop(row.visit, None)
                self.parked.discard(row.visit)

    def as_json(self) -> dict[str, Any]:
        """Return it for a checkpoint."""
        return {
            "version": VERSION,
            "last": self.last,
            "open": dict(self.open),
            "parked": sorted(self.parked),
            "reprints": list(self.reprints),
            "settled": self.settled.as_json(),
            "money": self.money.as_json(),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Memory":
        """Read it back out of a checkpoint of this version."""
        return cls(
            body["last"],
            dict(body["open"]),
            set(body["parked"]),
            dict.fromkeys(body["reprints"]),
            Settled.from_json(body["settled"]),
            Money.from_json(body["money"]),
        )


def remember(journal: Journal) -> Memory:
    """Read what there is to know: from the last checkpoint on, or from the first row on."""
    checkpoint = journal.checkpoint
    memory, after = Memory(), 0
    if checkpoint is not None and checkpoint.body["memory"].get("version") == VERSION:
        memory, after = Memory.from_json(checkpoint.body["memory"]), checkpoint.seq
    for row in journal.rows(after=after):
        memory.hear(row)
    return memory


def checkpoint_if_due(journal: Journal, now: datetime) -> None:
    """Write a checkpoint when many rows have come since the last one. Raises JournalError."""
    if journal.rows_since_checkpoint >= CHECKPOINT_ROWS:
        journal.append_checkpoint(now, remember(journal).as_json())


class MemoryWitness:
    """Reads along with an audit, and finds the checkpoint whose memory is not what the rows before it come to."""

    def __init__(self) -> None:
        self._memory = Memory()

    def hear(self, row: Row) -> str | None:
        """See :class:`kiosk.ledger.audit.Witness`. A row that no kiosk can have written is the audit's to name."""
        try:
            if row.kind == Kind.CHECKPOINT:
                said = row.body["memory"]
                if said.get("version") == VERSION and said != self._memory.as_json():
                    return "a checkpoint whose memory is not what the rows before it come to"
            else:
                self._memory.hear(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return f"cannot be read by a kiosk that starts ({type(error).__name__}: {error})"
        return None
