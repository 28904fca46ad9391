"""What the customer sees of a visit: a pure function from state to screen model."""

from kiosk.screenmodel import CarrierCard, EntryField, PlanCard, Screen, ScreenModel, Step
from kiosk.session.cash import accepted, unsettled
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, PlanOffer, State, sells_paper
from kiosk.topup.entry import check_entry

SCREENS = {
    Phase.OUT_OF_SERVICE: Screen.OUT_OF_SERVICE,
    Phase.ATTRACT: Screen.ATTRACT,
    Phase.LANGUAGE: Screen.LANGUAGE,
    Phase.CARRIER: Screen.CARRIER,
    Phase.IDENTIFY: Screen.IDENTIFY,
    Phase.NUMBER_CHECK: Screen.NUMBER_CHECK,
    Phase.LOOKUP: Screen.LOOKING_UP,
    Phase.PLAN: Screen.PLAN,
    Phase.QUOTE: Screen.LOOKING_UP,
    Phase.CONFIRM: Screen.CONFIRM,
    Phase.NO_PRINTER: Screen.NO_PRINTER,
    Phase.RESERVE: Screen.LOOKING_UP,
    Phase.CASH: Screen.CASH,
    Phase.COMMIT: Screen.PROCESSING,
    Phase.CHANGE: Screen.CHANGE,
    Phase.RESULT: Screen.RESULT,
    Phase.TAKE: Screen.TAKE,
    Phase.DECLINED: Screen.DECLINED,
    Phase.UNKNOWN: Screen.UNKNOWN,
    Phase.RETURNING: Screen.RETURNING,
    Phase.SORRY: Screen.SORRY,
}

PROGRESS = {
    Phase.CARRIER: 1,
    Phase.IDENTIFY: 2,
    Phase.NUMBER_CHECK: 2,
    Phase.LOOKUP: 2,
    Phase.PLAN: 3,
    Phase.QUOTE: 3,
    Phase.CONFIRM: 3,
    Phase.NO_PRINTER: 3,
    Phase.RESERVE: 4,
    Phase.CASH: 4,
    Phase.COMMIT: 4,
    Phase.CHANGE: 5,
    Phase.RESULT: 5,
    Phase.TAKE: 5,
}


def picture(shop: Shop, state: State, reference: str) -> ScreenModel:
    """Draw the state. ``reference`` is the transaction number that staff can search for."""
    in_full = state.phase is Phase.NUMBER_CHECK and state.target is not None
    return ScreenModel(
        screen=SCREENS[state.phase],
        language=state.language,
        progress=PROGRESS.get(state.phase, 0),
        carriers=tuple(CarrierCard(id_, names[state.language]) for id_, names in shop.carriers.items()),
        carrier=shop.carriers[state.carrier][state.language] if state.carrier else "",
        entry=_entry(shop, state) if state.phase is Phase.IDENTIFY else None,
        number=state.target.full if in_full and state.target else state.masked,
        number_kind=state.kind,
        plans=tuple(_card(offer, state.language) for offer in state.offers) if state.phase is Phase.PLAN else (),
        plan=_card(state.plan, state.language) if state.plan else None,
        agreed=state.agreed,
        price_yen=state.price_yen,
        inserted_yen=state.credited_yen,
        escrow_yen=state.escrow.yen if state.escrow else 0,
        remaining_yen=state.remaining_yen,
        accepted_yen=tuple(sorted(accepted(shop, state))),
        gives_change=bool(state.gives),
        change_yen=_change_yen(state),
        change_paid_yen=state.change_yen,
        returned_yen=state.returned_yen,
        owed_yen=state.owed_yen,
        reference=reference if state.visit else "",
        steps=_steps(state) if state.phase is Phase.COMMIT else (),
        receipt=state.receipt,
        notice=state.notice,
        notice_yen=state.notice_yen,
        more_time_s=int(shop.timeouts.more_time_s) if state.asking else 0,
        choosing_language=state.choosing_language,
        buttons=_buttons(state),
    )


def _change_yen(state: State) -> int:
    """What is too much: in prospect while paying, all of it afterwards; 0 where the visit sells nothing."""
    if state.phase is Phase.CASH:
        coming = state.escrow.yen if state.escrow and state.escrow.decision == "stack" else 0
        return max(0, state.credited_yen + coming - state.price_yen)
    return max(0, state.credited_yen - state.kept_yen) if state.committed in ("completed", "unknown") else 0


def _entry(shop: Shop, state: State) -> EntryField:
    entry = check_entry(state.kind, state.typed, allow_unassigned=shop.allow_unassigned)
    return EntryField(state.kind, state.typed, entry.shown, entry.problem or state.problem, entry.complete)


def _card(offer: PlanOffer, language: str) -> PlanCard:
    return PlanCard(
        id=offer.id,
        name=offer.name_in(language),
        data_gb=offer.data_gb,
        price_yen=offer.price_yen,
        list_price_yen=offer.list_price_yen,
        valid_until=offer.valid_until,
        valid_days=offer.valid_days,
        promotion=offer.promotion,
        refund=offer.refund,
        tax=offer.tax,
        product=offer.product,
    )


def _steps(state: State) -> tuple[Step, ...]:
    paid = (Step("step.payment_taken", "done"),) if state.credited_yen else ()
    last = "step.issuing" if sells_paper(state) else "step.applying"
    return (*paid, Step("step.contacting_carrier", "running"), Step(last, "waiting"))


def _buttons(state: State) -> tuple[str, ...]:
    match state.phase:
        case Phase.LANGUAGE:
            return ("cancel",)
        case Phase.CARRIER | Phase.PLAN:
            return ("back", "cancel")
        case Phase.IDENTIFY:
            # a number that is not complete may be sent too: the answer says what is missing
            return ("back", "cancel", "next") if state.typed else ("back", "cancel")
        case Phase.NUMBER_CHECK:
            return ("back", "cancel", "next")
        case Phase.CONFIRM:
            return ("back", "cancel", "next") if state.agreed else ("back", "cancel")
        case Phase.NO_PRINTER:
            return ("cancel",) if sells_paper(state) else ("cancel", "next")
        case Phase.CASH:
            stacking = state.escrow is not None and state.escrow.decision == "stack"
            return () if stacking else ("cancel",)
        case Phase.RESULT | Phase.DECLINED | Phase.UNKNOWN | Phase.RETURNING:
            waiting = state.releasing or state.receipt == "printing" or state.escrow is not None or unsettled(state)
            return () if waiting else ("next",)
        case Phase.TAKE if state.receipt == "presented":
            return ()
        case Phase.SORRY | Phase.TAKE:
            return ("next",)
    return ()
