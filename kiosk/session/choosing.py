"""Rules from the first touch to the consent: language, carrier, number, plan, price."""

from dataclasses import replace

from kiosk.screenmodel import Touch
from kiosk.session import events as ev
from kiosk.session.cash import can_be_paid, hold, stop
from kiosk.session.effects import GetQuote, LookUp, Reserve
from kiosk.session.outcome import Outcome, begin, go, stay
from kiosk.session.shop import Shop
from kiosk.session.state import Phase as P
from kiosk.session.state import State, sells_paper
from kiosk.topup.entry import finish_entry


def attract_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.LANGUAGE if event.intent.value in shop.languages:
            return replace(begin(state, P.CARRIER), language=event.intent.value), ()
        case Touch.START | Touch.NEXT:
            return begin(state, P.LANGUAGE), ()
    return stay(state)


def note_starts_a_visit(shop: Shop, state: State, event: ev.NoteEscrowed) -> Outcome:
    return hold(begin(state, P.LANGUAGE), event.yen)


def language_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.LANGUAGE if event.intent.value in shop.languages:
            return replace(state, phase=P.CARRIER, language=event.intent.value), ()
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def carrier_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.CARRIER if event.intent.value in shop.carriers:
            return go(replace(state, carrier=event.intent.value), P.IDENTIFY)
        case Touch.BACK:
            return go(state, P.LANGUAGE)
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def identify_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.KIND if event.intent.value == "phone" and state.kind != "phone":
            return replace(state, kind="phone", typed="", problem=""), ()
        case Touch.KIND if event.intent.value == "iccid" and state.kind != "iccid":
            return replace(state, kind="iccid", typed="", problem=""), ()
        case Touch.KEY:
            return replace(state, typed=typed_after(state.typed, event.intent.value), problem=""), ()
        case Touch.NEXT:
            entry = finish_entry(state.kind, state.typed, allow_unassigned=shop.allow_unassigned)
            if entry.target is None:
                return replace(state, problem=entry.problem), ()
            return go(replace(state, target=entry.target, masked=entry.target.masked), P.NUMBER_CHECK)
        case Touch.BACK:
            return go(state, P.CARRIER)
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def typed_after(typed: str, key: str) -> str:
    """Return the field's content after one key; 32 digits hold an EID, the longest thing people try."""
    if key == "clear":
        return ""
    if key == "delete":
        return typed[:-1]
    return typed + key if len(key) == 1 and len(typed) < 32 else typed


def number_check_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.NEXT if state.target is not None:
            return replace(state, phase=P.LOOKUP), (LookUp(state.target),)
        case Touch.BACK:
            return go(state, P.IDENTIFY)
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def looked_up(shop: Shop, state: State, event: ev.LookedUp) -> Outcome:
    if event.carrier != state.carrier:
        return replace(state, phase=P.CARRIER, notice="notice.not_served_by_carrier"), ()
    offers = tuple(offer for offer in event.offers if can_be_paid(shop, state, offer.price_yen))
    if event.offers and not offers:
        return stop(state, "notice.no_change_left")
    return go(replace(state, offers=offers), P.PLAN)


def said_no(shop: Shop, state: State, event: ev.CarrierSaidNo) -> Outcome:
    return stop(state, event.notice)


def plan_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.PLAN if state.target is not None:
            for offer in state.offers:
                if offer.id == event.intent.value:
                    return go(replace(state, plan=offer, agreed=False), P.QUOTE)[0], (GetQuote(state.target, offer.id),)
        case Touch.BACK:
            return go(state, P.IDENTIFY)
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def quoted(shop: Shop, state: State, event: ev.Quoted) -> Outcome:
    plan = state.plan
    if plan is None:
        return replace(state, phase=P.PLAN, notice="notice.quote_changed"), ()
    if not can_be_paid(shop, state, event.price_yen):
        return replace(state, phase=P.PLAN, notice="notice.no_change_left"), ()
    changed = plan.price_yen != event.price_yen
    plan = replace(plan, price_yen=event.price_yen, valid_until=event.valid_until or plan.valid_until)
    state = replace(state, phase=P.CONFIRM, plan=plan, price_yen=event.price_yen, quote=event.quote)
    return replace(state, notice="notice.quote_changed" if changed else "", notice_yen=event.price_yen if changed else 0), ()


def no_quote(shop: Shop, state: State, event: ev.CarrierSaidNo) -> Outcome:
    return replace(state, phase=P.PLAN, notice=event.notice), ()


def confirm_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.AGREE:
            return replace(state, agreed=not state.agreed), ()
        case Touch.NEXT if state.agreed:
            return reserve(state) if state.printer_ready else go(state, P.NO_PRINTER)
        case Touch.BACK:
            return go(state, P.PLAN)
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def reserve(state: State) -> Outcome:
    state = replace(state, phase=P.RESERVE, effects=state.effects + 1, notice="", notice_yen=0)
    return state, (Reserve(state.effects, state.quote),)


def no_printer_touched(shop: Shop, state: State, event: ev.Touched) -> Outcome:
    match event.intent.touch:
        case Touch.NEXT if not sells_paper(state):
            return reserve(state)
        case Touch.CANCEL:
            return stop(state, "notice.cancelled")
    return stay(state)


def printer_awaited(shop: Shop, state: State, event: ev.DevicesChanged) -> Outcome:
    """A printer that is back answers the question: the customer is where they were before it, and agreed."""
    return go(state, P.CONFIRM) if event.printer_ready and event.cash_ready else cash_lost_early(shop, state, event)


def cash_lost_early(shop: Shop, state: State, event: ev.DevicesChanged) -> Outcome:
    if event.cash_ready or state.escrow is not None:
        return stay(state)
    return stop(state, "notice.cash_unavailable")
