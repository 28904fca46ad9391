"""What a kiosk that starts learns from its journal: the visit it was in, and what it had announced and never finished.

The last visit is lived through again by the same pure session that served it, from its snapshot on; every effect it asked for
and has no result of is pending. The till then asks whoever knows what became of each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.journal import Journal
from kiosk.memory import Money, Settled, remember
from kiosk.record import event_from_json, intent_from_json, state_from_json
from kiosk.session import effects as fx
from kiosk.session.machine import step
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State


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


def recover(shop: Shop, journal: Journal) -> Recovered:
    """Read a journal, from its last checkpoint on, and say where to go on."""
    memory = remember(journal)
    known = Recovered(
        State(visit=memory.last),
        journaled=memory.last,
        money=memory.money,
        reprints=tuple(memory.reprints),
        settled=memory.settled,
    )
    began = sorted(memory.open.items(), key=lambda visit: visit[1])
    stories = {visit: list(journal.rows(after=seq - 1, visit=visit)) for visit, seq in began}
    known = replace(known, parked=tuple(_parked(shop, stories[visit]) for visit, _ in began if visit in memory.parked))
    open_ = [stories[visit] for visit, _ in began if visit not in memory.parked]
    if not open_:
        return known
    state, pending = _relive(shop, open_[-1])
    state = replace(state, cash_ready=False, printer_ready=False, gives=None)
    return replace(known, state=state, pending=pending, issued_at=issued_at(shop, open_[-1]))


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
    row = next(row for row in story if row.kind == Kind.PARKED)
    _, pending = _relive(shop, story)
    commit = next(effect for effect in pending if isinstance(effect, fx.Commit))
    return Parked.from_row(row, commit)
