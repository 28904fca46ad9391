"""What a kiosk that starts learns from its journal: the visit it was in, and what it had announced and never finished.

The last visit is lived through again by the same pure session that served it, from its snapshot on; every effect it asked for
and has no result of is pending. The till then asks whoever knows what became of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.ledger.entry import Kind, Row
from kiosk.record import event_from_json, intent_from_json, state_from_json
from kiosk.session import effects as fx
from kiosk.session.machine import step
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State

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
class Recovered:
    """Where to go on."""

    state: State
    pending: tuple[fx.Effect, ...] = ()
    """Announced, and no result in the journal: to be asked about, in this order."""
    parked: tuple[Parked, ...] = ()
    journaled: int = 0
    """The last visit the journal knows of."""
    issued_at: datetime | None = None
    """When the open visit's paper was first sent to the printer."""

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
    for row in rows:
        if not row.visit:
            continue
        last = max(last, int(row.visit))
        if row.kind == Kind.ENDED:
            visits.pop(row.visit, None)
        else:
            visits.setdefault(row.visit, []).append(row)
    parked = tuple(_parked(shop, story) for story in visits.values() if any(row.kind == PARKED for row in story))
    open_ = [story for story in visits.values() if not any(row.kind == PARKED for row in story)]
    if not open_:
        return Recovered(State(visit=last), parked=parked, journaled=last)
    state, pending = _relive(shop, open_[-1])
    issued = [row.at for row in open_[-1] if row.kind == Kind.INTENT and row.body.get("action") == "print"]
    return Recovered(
        replace(state, cash_ready=False, printer_ready=False),
        pending,
        parked,
        journaled=last,
        issued_at=issued[0] if issued else None,
    )


def _relive(shop: Shop, story: list[Row]) -> tuple[State, tuple[fx.Effect, ...]]:
    """Take one visit through the session again."""
    number = int(story[0].visit)
    state = State(phase=Phase.ATTRACT, visit=number - 1, cash_ready=True)
    asked: dict[str, fx.Durable] = {}
    for row in story:
        match row.kind:
            case Kind.SNAPSHOT:
                state = state_from_json(row.body["state"])
            case Kind.EVENT:
                state, _ = step(shop, state, event_from_json(dict(row.body)))
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
