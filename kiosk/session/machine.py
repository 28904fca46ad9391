"""One step of a visit: (state, event) -> (state, effects). Pure, and total: any event in any state has an answer."""

from dataclasses import replace

from kiosk.screenmodel import Touch
from kiosk.session import events as ev
from kiosk.session.effects import Durable
from kiosk.session.outcome import Outcome
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State
from kiosk.session.table import RULES
from kiosk.session.timers import timer

_OWN_LANGUAGES = (Phase.ATTRACT, Phase.LANGUAGE, Phase.OUT_OF_SERVICE)
"""Screens that ask for the language themselves, or speak all of them."""


class TableError(AssertionError):
    """A rule led where its row does not say: a mistake of ours in ``table.py``."""


def step(shop: Shop, state: State, event: ev.Event) -> Outcome:
    """Return the state after ``event``, and what to ask of the world, in this order."""
    match event:
        case ev.TimedOut(key):
            alarm = timer(shop, state)
            if alarm is None or alarm.key != key:
                return state, ()
        case ev.DevicesChanged(cash_ready, printer_ready):
            state = replace(state, cash_ready=cash_ready, printer_ready=printer_ready)
        case ev.MouthBlocked(blocked):
            state = replace(state, activity=state.activity + 1, mouth_blocked=blocked)
        case ev.CashChanged(takes, gives):
            state = replace(state, takes=takes, gives=gives)
        case ev.Restarted():
            # nobody knows yet what the devices of this life can do; the same when the journal is lived through again
            state = replace(
                state, cash_ready=False, printer_ready=False, mouth_blocked=False, gives=None, activity=state.activity + 1
            )
        case ev.Touched(intent):
            state, settled = _touched_anywhere(shop, state, intent.touch, intent.value)
            if settled:
                return state, ()
        case ev.NoteEscrowed():
            state = replace(state, activity=state.activity + 1, asking=False)  # a note is an answer to "more time?"
        case _:
            state = replace(state, activity=state.activity + 1)
    if _from_another_story(state, event):
        return state, ()
    rule = RULES.get((state.phase, type(event)))
    if rule is None:
        return state, ()
    after, effects = rule.do(shop, state, event)
    if after.phase not in rule.to:
        raise TableError(f"{state.phase} answered {type(event).__name__} by going to {after.phase}")
    if after.phase is not state.phase:
        after = replace(after, choosing_language=False)
    if isinstance(event, ev.NoteEscrowed):
        after = replace(after, escrow_mark=event.mark)
    if not after.booked and any(isinstance(effect, Durable) for effect in effects):
        after = replace(after, booked=True)
    return after, effects


def _touched_anywhere(shop: Shop, state: State, touch: Touch, value: str) -> tuple[State, bool]:
    """What a touch does on every screen: it shows that somebody is there, and the language strip works."""
    state = replace(state, activity=state.activity + 1)
    if state.asking:
        # the dialog covers the screen: only its two answers count
        return replace(state, asking=False), touch is not Touch.CANCEL
    if state.phase in _OWN_LANGUAGES:
        return state, False
    if touch is Touch.LANGUAGE and value in shop.languages:
        return replace(state, language=value, choosing_language=False), True
    if state.choosing_language or (touch is Touch.LANGUAGE and not value):
        return replace(state, choosing_language=not state.choosing_language), True  # the sheet covers the screen
    return state, False


def _from_another_story(state: State, event: ev.Event) -> bool:
    """Whether a note is told of that this visit does not have in escrow; the till writes it down by itself."""
    match event:
        case ev.NoteCredited(yen) | ev.NoteGivenBack(yen) | ev.NoteMissing(yen):
            return state.escrow is None or state.escrow.yen != yen
    return False
