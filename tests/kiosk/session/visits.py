"""A shop and a visit that tests take by the hand."""

from dataclasses import replace

from kiosk.languages import TAGS
from kiosk.screenmodel import Intent, Touch
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.machine import step
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, PlanOffer, State
from kiosk.session.timers import timer

SHOP = Shop(
    carriers={"docomo": {tag: "NTTドコモ" if tag == "ja" else "NTT docomo" for tag in TAGS}},
    allow_unassigned=True,
)

OFFER = PlanOffer(
    id="d3",
    carrier="docomo",
    names={"ja": "デモ 3GB", "en": "Demo 3 GB", "zh-Hans": "演示 3GB"},
    data_gb="3",
    price_yen=3000,
    list_price_yen=3000,
    valid_until="2026-12-22",
    valid_days=30,
    promotion="",
    refund="refund.never",
    tax="tax.not_taxed_at_sale",
)


class Visit:
    """A state that events are done to; keeps every effect asked for."""

    def __init__(self, state: State | None = None, shop: Shop = SHOP) -> None:
        self.shop = shop
        self.state = state or State(phase=Phase.ATTRACT, cash_ready=True, printer_ready=True)
        self.effects: list[fx.Effect] = []

    def do(self, *events: ev.Event) -> "Visit":
        for event in events:
            self.state, effects = step(self.shop, self.state, event)
            self.effects += effects
        return self

    def touch(self, touch: Touch, value: str = "") -> "Visit":
        return self.do(ev.Touched(Intent(touch, value)))

    def wait(self) -> "Visit":
        """Let the running timer ring."""
        alarm = timer(self.shop, self.state)
        assert alarm is not None
        return self.do(ev.TimedOut(alarm.key))

    def type_in(self, digits: str) -> "Visit":
        for digit in digits:
            self.touch(Touch.KEY, digit)
        return self

    def last(self, kind: type) -> fx.Effect:
        return next(effect for effect in reversed(self.effects) if isinstance(effect, kind))

    def count(self, kind: type) -> int:
        return sum(isinstance(effect, kind) for effect in self.effects)


def at_plan(offer: PlanOffer = OFFER) -> Visit:
    return to_plan(Visit(), offer)


def to_plan(visit: Visit, offer: PlanOffer = OFFER) -> Visit:
    visit.touch(Touch.START).touch(Touch.LANGUAGE, "en").touch(Touch.CARRIER, "docomo")
    visit.type_in("09001234567").touch(Touch.NEXT).touch(Touch.NEXT)
    return visit.do(ev.LookedUp("docomo", (offer,)))


def at_cash(price_yen: int = 3000) -> Visit:
    return to_cash(Visit(), price_yen)


def to_cash(visit: Visit, price_yen: int = 3000) -> Visit:
    to_plan(visit, replace(OFFER, price_yen=price_yen, list_price_yen=price_yen)).touch(Touch.PLAN, "d3")
    visit.do(ev.Quoted("q1", price_yen, "2026-12-22")).touch(Touch.AGREE).touch(Touch.NEXT)
    return visit.do(ev.Reserved("t1"))


def paid(price_yen: int = 3000) -> Visit:
    visit = at_cash(price_yen)
    for _ in range(price_yen // 1000):
        visit.do(ev.NoteEscrowed(1000), ev.NoteCredited(1000))
    return visit
