"""Errands to the carrier: each turns one effect into the event that ends it, whatever the network does meanwhile.

Rules (the gateway's own): the intent is in the journal before the first byte; a lost reply is asked after by our reference,
never repeated under a new key; a commit that nobody answers for within the customer's patience is UNKNOWN, not failed.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime

import structlog

from hardware.clock import Calendar
from kiosk.receipts.voucher import Voucher
from kiosk.session import events as ev
from kiosk.session.state import PlanOffer
from kiosk.topup.answers import Lost, NotFound, Quote, Refused, Topup, TopupState
from kiosk.topup.catalogue import Catalogue
from kiosk.topup.gateway import Gateway
from kiosk.topup.promotions import Offer, offer
from kiosk.topup.settlement import SettlementEnd, SettlementLine
from kiosk.topup.subscriber import LineStatus, Subscriber
from kiosk.topup.target import Target

log = structlog.get_logger()

RETRY_S = (2.0, 4.0, 8.0, 16.0)
"""Waits between questions about an unanswered step; their sum is the customer's patience, about 30 s."""

STATUS_NOTICES = {
    LineStatus.SUSPENDED: "notice.line_suspended",
    LineStatus.KYC_REQUIRED: "notice.kyc_required",
    LineStatus.NOT_PREPAID: "notice.not_prepaid",
    LineStatus.UNKNOWN: "notice.number_unknown",
}

CODE_NOTICES = {
    "INVALID_TARGET": "notice.number_unknown",
    "NOT_SERVED_BY_CARRIER": "notice.not_served_by_carrier",
    "KYC_REQUIRED": "notice.kyc_required",
    "BALANCE_CAP": "notice.balance_cap",
    "DAILY_LIMIT": "notice.daily_limit",
    "QUOTE_EXPIRED": "notice.reservation_expired",
}

Occasion = Callable[[], str]
"""Names a fresh asking, different at every call over the kiosk's whole life."""


class Errands:
    """Everything the till has to ask a carrier."""

    def __init__(self, gateway: Gateway, catalogue: Catalogue, calendar: Calendar, occasion: Occasion) -> None:
        self._gateway = gateway
        self._catalogue = catalogue
        self._calendar = calendar
        self._occasion = occasion

    @property
    def on_distrust(self) -> Callable[[str], None]:
        """Told, with every answer, why the gateway cannot be trusted; with an empty text when it can."""
        return self._gateway.on_distrust

    @on_distrust.setter
    def on_distrust(self, told: Callable[[str], None]) -> None:
        self._gateway.on_distrust = told

    async def greet(self) -> None:
        """Ask the gateway whether it is there, to find out whether it can be trusted."""
        answer = await self._gateway.health()
        log.info("gateway", answer=type(answer).__name__)

    async def look_up(self, target: Target) -> ev.LookedUp | ev.CarrierSaidNo:
        """Ask who serves the number and what it may have today."""
        answer = await self._gateway.lookup(target, self._occasion())
        match answer:
            case Subscriber() if answer.can_top_up:
                return ev.LookedUp(answer.carrier, self._offers(answer))
            case Subscriber():
                return ev.CarrierSaidNo(STATUS_NOTICES[answer.status])
        return _no(answer)

    def _offers(self, subscriber: Subscriber) -> tuple[PlanOffer, ...]:
        carrier = self._catalogue.carrier(subscriber.carrier)
        now = self._calendar.now()
        return tuple(_plan_offer(offer(plan, subscriber, now)) for plan in carrier.plans) if carrier else ()

    async def quote(self, target: Target, plan: str) -> ev.Quoted | ev.CarrierSaidNo:
        """Ask for the binding price."""
        answer = await self._gateway.quote(target, plan, self._occasion())
        if isinstance(answer, Quote):
            return ev.Quoted(answer.id, answer.price_yen, _day(answer.valid_until))
        return _no(answer)

    async def reserve(self, reference: str, quote: str, *, ask_first: bool) -> ev.Reserved | ev.CarrierSaidNo:
        """Reserve; after a lost reply ask what became of it. ``ask_first`` when a former life may have reserved already."""
        answer: Topup | NotFound | Refused | Lost = Lost("asked before") if ask_first else NotFound(reference)
        for wait_s in (0.0, *RETRY_S[:2]):
            await asyncio.sleep(wait_s)
            if not isinstance(answer, NotFound):
                answer = await self._gateway.find(reference)
            if isinstance(answer, NotFound):
                answer = await self._gateway.reserve(reference, quote)
            match answer:
                case Topup(state=TopupState.RESERVED):
                    return ev.Reserved(answer.id)
                case Topup():
                    return ev.CarrierSaidNo("notice.reservation_expired")
                case Refused() if answer.is_final:
                    return _no(answer)
            log.warning("reservation unanswered", reference=reference, why=str(answer))
        return ev.CarrierSaidNo("notice.carrier_down")

    async def commit(self, topup: str, reference: str, yen: int, *, ask_first: bool) -> ev.Committed:
        """Have it delivered. Unknown after about 30 s: neither repeated nor refunded; :meth:`ask_about` it later."""
        for wait_s in (0.0, *RETRY_S):
            await asyncio.sleep(wait_s)
            ended = await self._commit_once(topup, reference, yen, ask_first=ask_first or wait_s > 0)
            if ended is not None:
                return ended
        return ev.Committed("unknown")

    async def ask_about(self, topup: str, reference: str, yen: int) -> ev.Committed | None:
        """Ask once what became of a commit whose customer has left; None when nobody can say yet."""
        return await self._commit_once(topup, reference, yen, ask_first=True)

    async def settlement(self, day: date, hear: Callable[[SettlementLine], None]) -> SettlementEnd | Refused | Lost:
        """Read the carriers' settlement file of a day; ``hear`` gets our lines, to be forgotten unless it ends well."""
        return await self._gateway.settlement(day, hear)

    async def _commit_once(self, topup: str, reference: str, yen: int, *, ask_first: bool) -> ev.Committed | None:
        """Return how the commit ended, or None when nobody can say yet. Commits only what is found still reserved."""
        if ask_first:
            found = await self._gateway.find(reference)
            match found:
                case NotFound():
                    return ev.Committed("declined")  # the carrier holds nothing under our reference: it cannot deliver
                case Topup(state=TopupState.RESERVED):
                    pass
                case Topup():
                    return _ending(found)
                case _:
                    return None
        answer = await self._gateway.commit(topup, reference, yen, "CASH")
        match answer:
            case Topup():
                return _ending(answer)
            case Refused() if answer.is_final:
                found = await self._gateway.find(reference)
                if isinstance(found, Topup) and found.state is not TopupState.RESERVED:
                    return _ending(found)
                return ev.Committed("declined") if isinstance(found, Topup | NotFound) else None
        return None

    async def voucher(self, reference: str) -> Voucher | None:
        """Ask for the PIN that was bought, to print it; None when the carrier does not tell it just now. Kept nowhere."""
        for wait_s in (0.0, *RETRY_S[:2]):
            await asyncio.sleep(wait_s)
            found = await self._gateway.find(reference)
            if isinstance(found, Topup) and found.voucher is not None:
                return found.voucher
        return None

    async def release(self, topup: str, reference: str) -> str:
        """Cancel a reservation; return the outcome for the journal. One that nobody answers for expires by itself."""
        for wait_s in (0.0, *RETRY_S[:2]):
            await asyncio.sleep(wait_s)
            answer = await self._gateway.cancel(topup, reference)
            match answer:
                case Topup():
                    return answer.state.value.lower()
                case Refused() if answer.is_final:
                    return "refused_" + answer.code.lower()
        return "left_to_expire"


def _ending(topup: Topup) -> ev.Committed | None:
    match topup.state:
        case TopupState.COMPLETED:
            return ev.Committed("completed", _day(topup.valid_until) if topup.valid_until else "")
        case TopupState.DECLINED | TopupState.CANCELLED | TopupState.EXPIRED | TopupState.REVERSED:
            return ev.Committed("declined")
    return None


def _no(answer: Refused | Lost) -> ev.CarrierSaidNo:
    log.info("carrier said no", answer=repr(answer))
    return ev.CarrierSaidNo(CODE_NOTICES.get(answer.code, "notice.carrier_down"))


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _plan_offer(priced: Offer) -> PlanOffer:
    plan = priced.plan
    return PlanOffer(
        id=plan.id,
        carrier=plan.carrier,
        names=dict(plan.name),
        data_gb=plan.data_gb,
        price_yen=priced.price_yen,
        list_price_yen=priced.list_price_yen,
        valid_until=_day(priced.valid_until),
        valid_days=priced.valid_days,
        promotion=priced.promotion,
        refund=plan.refund_key,
        tax=plan.tax_key,
        product=plan.kind.value,
    )
