"""States, events and effects as JSON for the journal, and back: pydantic reads the same dataclasses the session uses."""

from dataclasses import fields
from typing import Any, get_args

from pydantic import TypeAdapter

from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.state import State

_STATE = TypeAdapter(State)
_EVENTS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(ev.Event)}
ACTIONS: dict[type, str] = {
    fx.StackNote: "stack",
    fx.ReturnNote: "return",
    fx.Reserve: "reserve",
    fx.Commit: "commit",
    fx.Release: "cancel",
    fx.PayOut: "pay_out",
    fx.PrintPaper: "print",
}
"""What the journal calls each effect that is announced before it is carried out."""
_EFFECTS: dict[str, TypeAdapter[Any]] = {action: TypeAdapter(kind) for kind, action in ACTIONS.items()}


def state_to_json(state: State) -> dict[str, Any]:
    """Return a state as the journal may keep it: the number masked."""
    plain: dict[str, Any] = _STATE.dump_python(state.for_journal(), mode="json")
    return plain


def state_from_json(plain: dict[str, Any]) -> State:
    """Read back ``state_to_json``. Raises ValueError when it is something else."""
    return _STATE.validate_python(plain)


def event_to_json(event: ev.Event) -> dict[str, Any]:
    """Return an event with its type's name."""
    kind = type(event).__name__
    return {"type": kind, **_EVENTS[kind].dump_python(event, mode="json")}


def event_from_json(plain: dict[str, Any]) -> ev.Event:
    """Read back ``event_to_json``. Raises ValueError or KeyError when it is something else."""
    rest = {key: value for key, value in plain.items() if key != "type"}
    event: ev.Event = _EVENTS[plain["type"]].validate_python(rest)
    return event


def intent_to_json(visit: int, effect: fx.Durable) -> dict[str, Any]:
    """Return the body of the intent that announces an effect."""
    facts = {field.name: getattr(effect, field.name) for field in fields(effect) if field.name != "id"}
    return {"intent": intent_id(visit, effect.id), "action": ACTIONS[type(effect)], **facts}


def intent_from_json(body: dict[str, Any]) -> fx.Durable:
    """Read back ``intent_to_json``. Raises KeyError or ValueError when it is something else."""
    facts = {key: value for key, value in body.items() if key not in ("intent", "action")}
    effect: fx.Durable = _EFFECTS[body["action"]].validate_python({"id": int(body["intent"].split(".")[1]), **facts})
    return effect


def intent_id(visit: int, number: int) -> str:
    """Return the name of an intent: unique over the journal's life."""
    return f"{visit}.{number}"
