"""What a kiosk that starts learns from its journal: the visit it was in, and what it had announced and never finished.

The last visit is lived through again by the same pure session that served it, from its snapshot on; every effect it asked for
and has no result of is pending. The till then asks whoever knows what became of each.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from kiosk.ledger.entry import Kind, Row
from kiosk.record import event_from_json, intent_from_json, intent_id, state_from_json
from kiosk.session import effects as fx
from kiosk.session.machine import step
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, Pieces, State

PARKED = "parked"
"""Kind of the row that ends a visit whose commit the carrier has not answered yet; its ``ended`` comes later."""


@dataclass(frozen=True)
class Parked:
    """A visit whose customer has left, and whose carrier has not said yet what became of the commit."""

    state: State
    commit: fx.Commit

    @classmethod
    def from_row(cls, row: Row, commit: fx.Commit) -> "Parked":
        """Read the ``parked`` row of a visit."""
        return cls(state_from_json(row.body["state"]), commit)


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
            "pieces": [list(pair) for pair in self.pieces],
        }

    @classmethod
    def from_row(cls, row: Row) -> "Order":
        """Read back an ``order`` row."""
        visit, intent = row.body["intent"].split(".")
        return cls(int(visit), int(intent), row.body["device"], row.body["mark"], as_tuple(row.body["pieces"]))


def as_tuple(pieces: Iterable[Iterable[int]]) -> Pieces:
    """Return pieces as read from JSON in the session's form."""
    return tuple((yen, count) for yen, count in pieces)


@dataclass
class Money:
    """What the journal says of coins and payouts: marks, orders and floats. Filled row by row."""

    marks: dict[str, str] = field(default_factory=dict)
    """The last mark of each coin acceptor."""
    orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    """Given, and not known how they ended; by intent and device."""
    given: dict[str, dict[str, Order]] = field(default_factory=dict)
    """The last order to each device, by intent and device."""
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
            case Kind.ENDED | "parked":
                self.waiting.clear()
            case Kind.EVENT if '"PaidOut"' in row.body_text:
                self._ended(row.visit, row.body["device"], as_tuple(row.body["unsure"]))
            case Kind.ORDER:
                order = Order.from_row(row)
                self.orders[order.intent_id, order.device] = order
                self.given.setdefault(order.intent_id, {})[order.device] = order
            case Kind.ORDER_RESOLVED:
                self.doubtful.pop(row.body["device"], None)
            case Kind.FLOAT:
                self.floats.add(row.body["device"])

    def _ended(self, visit: str, device: str, unsure: Pieces) -> None:
        for key, order in list(self.orders.items()):
            if order.device == device and str(order.visit) == visit:
                del self.orders[key]
                if unsure:
                    self.doubtful[device] = replace(order, unsure=unsure)


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
    def from_row(cls, row: Row) -> "Settled":
        """Read back a ``settlement`` row."""
        return cls(date.fromisoformat(row.body["day"]), row.body["rows_after"], tuple(row.body["early"]))


@dataclass(frozen=True)
class Recovered:
    """Where to go on."""

    state: State
    pending: tuple[fx.Effect, ...] = ()
    """Announced, and no result in the journal: to be asked about, in this order."""
    parked: tuple[Parked, ...] = ()
    journaled: int = 0
    """The last visit the journal knows of."""
    money: Money = field(default_factory=Money)
    issued_at: datetime | None = None
    """When the open visit's paper was issued, on paper or on the screen only; None before."""
    reprints: tuple[str, ...] = ()
    """Intents of papers printed again at the desk that have no result."""
    settled: Settled = field(default_factory=Settled)

    @property
    def unfinished(self) -> bool:
        """Whether a customer was being served when the kiosk went down."""
        return self.state.phase not in (Phase.OUT_OF_SERVICE, Phase.ATTRACT)

    @property
    def open_commit(self) -> fx.Commit | None:
        """The commit of the open visit that has no result yet."""
        return next((effect for effect in self.pending if isinstance(effect, fx.Commit)), None)


def recover(shop: Shop, rows: Iterable[Row]) -> Recovered:
    """Read a journal from its first row to its last and say where to go on."""
    visits: dict[str, list[Row]] = {}
    last = 0
    money = Money()
    reprints: dict[str, None] = {}
    settled = Settled()
    for row in rows:
        money.hear(row)
        if row.kind == Kind.SETTLEMENT:
            settled = Settled.from_row(row)
        if not row.visit:
            if row.kind == Kind.INTENT and row.body.get("action") == "reprint":
                reprints[row.body["intent"]] = None
            elif row.kind == Kind.RESULT:
                reprints.pop(row.body["intent"], None)
            continue
        last = max(last, int(row.visit))
        if row.kind == Kind.ENDED:
            visits.pop(row.visit, None)
        elif row.kind == Kind.VISIT:
            visits[row.visit] = [row]
        elif row.visit in visits:  # what comes to light of a visit at rest does not open it again
            visits[row.visit].append(row)
    parked = tuple(_parked(shop, story) for story in visits.values() if any(row.kind == PARKED for row in story))
    open_ = [story for story in visits.values() if not any(row.kind == PARKED for row in story)]
    if not open_:
        rest = State(visit=last)
        return Recovered(rest, parked=parked, journaled=last, money=money, reprints=tuple(reprints), settled=settled)
    state, pending = _relive(shop, open_[-1])
    return Recovered(
        replace(state, cash_ready=False, printer_ready=False, gives=None),
        pending,
        parked,
        journaled=last,
        money=money,
        issued_at=issued_at(shop, open_[-1]),
        reprints=tuple(reprints),
        settled=settled,
    )


def retell(shop: Shop, story: Iterable[Row]) -> Iterator[tuple[Row, State]]:
    """Take one visit through the session again: yield each of its rows, and the state after it."""
    state: State | None = None
    for row in story:
        if state is None:
            state = State(phase=Phase.ATTRACT, visit=int(row.visit) - 1, cash_ready=True)
        if row.kind == Kind.SNAPSHOT:
            state = state_from_json(row.body["state"])
        elif row.kind == Kind.EVENT:
            state, _ = step(shop, state, event_from_json(dict(row.body)))
        yield row, state


def issued_at(shop: Shop, story: Iterable[Row]) -> datetime | None:
    """Return when a visit's paper was issued, on paper or on the screen only; None when it has none."""
    return next((row.at for row, state in retell(shop, story) if state.has_paper), None)


def _relive(shop: Shop, story: list[Row]) -> tuple[State, tuple[fx.Effect, ...]]:
    """Return where one visit stopped, and what it asked for and has no result of."""
    state = State()
    asked: dict[str, fx.Durable] = {}
    for row, after in retell(shop, story):
        state = after
        match row.kind:
            case Kind.INTENT:
                asked[row.body["intent"]] = intent_from_json(dict(row.body))
            case Kind.RESULT:
                asked.pop(row.body["intent"], None)
    return state, tuple(asked.values())


def _parked(shop: Shop, story: list[Row]) -> Parked:
    row = next(row for row in story if row.kind == PARKED)
    _, pending = _relive(shop, story)
    commit = next(effect for effect in pending if isinstance(effect, fx.Commit))
    return Parked.from_row(row, commit)
