"""What the gateway does, without HTTP: quotes, reservations, commits, reversals, and the time that passes between them.

Nothing waits on a timer. A row says when it will change by itself and into what; whoever looks at it later first lets that
happen (:meth:`Operations.settled`). So the state survives a restart, and virtual time needs no task of ours.

Every method raises :class:`Problem` before it writes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from hardware.clock import JST, Calendar
from kiosk.topup.answers import TopupState
from kiosk.topup.catalogue import Catalogue, Plan, ProductKind, Refundable
from kiosk.topup.promotions import offer
from kiosk.topup.simulator.faults import Fault, Faults
from kiosk.topup.simulator.lines import Lines
from kiosk.topup.simulator.problems import Code, Problem, day_not_closed
from kiosk.topup.simulator.registry import CommitStory, Registry, ReverseStory
from kiosk.topup.simulator.store import QuoteRow, Store, TopupRow
from kiosk.topup.target import Kind, Target
from kiosk.topup.validity import valid_until

S = TopupState

_PENDING_REVERSAL_S = 10
_NO_SUCH_TOPUP = "No such top-up"


class RequestLost(Exception):
    """The line's story swallows this request: no effect, no answer."""


@dataclass(frozen=True)
class Reply:
    """What goes back, and what becomes of it on the way (``fate``, from the line's story)."""

    status: int
    body: Mapping[str, object]
    fate: Fault | None = None


def target_of(value: str) -> Target:
    """Return the target that the store keeps as one text."""
    kind: Kind = "phone" if value.startswith("+") else "iccid"
    return Target(kind, value)


class Operations:
    """The carriers and their gateway."""

    def __init__(self, store: Store, calendar: Calendar, catalogue: Catalogue, registry: Registry, faults: Faults) -> None:
        self.store = store
        self._calendar = calendar
        self._catalogue = catalogue
        self._terms = registry.terms
        self._faults = faults
        self._lines = Lines(store, registry)

    def lookup(self, target: Target) -> Reply:
        """Answer who serves a line."""
        self._settle_line(target)
        subscriber = self._lines.subscriber(target, self._now())
        self._reach(subscriber.carrier, target, asking=True)
        body: dict[str, object] = {"carrier": subscriber.carrier, "status": subscriber.status.value}
        if subscriber.can_top_up:
            body["balance_jpy"] = subscriber.balance_yen
            if subscriber.valid_until is not None:
                body["valid_until"] = subscriber.valid_until.isoformat()
        return Reply(200, body)

    def quote(self, target: Target, product_id: str) -> Reply:
        """Price a product for a line."""
        plan = self._plan(product_id)
        self._reach(plan.carrier, target)
        self._settle_line(target)
        now = self._now()
        priced = offer(plan, self._lines.check(plan, target, now), now)
        row = QuoteRow(
            id=f"Q{self.store.quotes.next_number():08d}",
            target=target.value,
            product_id=plan.id,
            price_yen=priced.price_yen,
            discount_yen=priced.discount_yen,
            credited_yen=plan.credit_yen,
            valid_until=priced.valid_until.isoformat(),
            expires_at=(now + timedelta(seconds=self._terms.quote_s)).isoformat(),
            used_by="",
        )
        self.store.quotes.put(row)
        carrier = self._catalogue.carrier(plan.carrier)
        fictional = ["disclosure.fictional_plan"] if carrier and carrier.fictional else []
        return Reply(
            201,
            {
                "id": row.id,
                "price_jpy": row.price_yen,
                "credited_jpy": row.credited_yen,
                "fee_jpy": 0,
                "discount_jpy": row.discount_yen,
                "valid_until_after": row.valid_until,
                "expires_at": row.expires_at,
                "disclosures": [plan.refund_key, plan.tax_key, *fictional],
            },
        )

    def reserve(self, client_ref: str, quote_id: str, fault: Fault | None = None) -> Reply:
        """Reserve what was quoted. ``fault`` may be PRICE_CHANGED."""
        now = self._now()
        quote = self.store.quotes.get(quote_id)
        if self._by_client_ref(client_ref) is not None:
            raise Problem(Code.INVALID_STATE, "This client_ref has a top-up already")
        if quote is None or now >= datetime.fromisoformat(quote.expires_at):
            raise Problem(Code.QUOTE_EXPIRED)
        if quote.used_by:
            raise Problem(Code.QUOTE_EXPIRED, "The quote was used")
        target = target_of(quote.target)
        plan = self._plan(quote.product_id)
        self._reach(plan.carrier, target)
        self._settle_line(target)
        price_yen = offer(plan, self._lines.check(plan, target, now), now).price_yen
        if price_yen != quote.price_yen or fault is Fault.PRICE_CHANGED:
            raise Problem(Code.QUOTE_EXPIRED, "The price has changed")
        row = TopupRow(
            id=f"T{self.store.topups.next_number():08d}",
            client_ref=client_ref,
            target=quote.target,
            carrier=plan.carrier,
            product_id=plan.id,
            state=S.RESERVED,
            version=1,
            amount_yen=quote.price_yen,
            credited_yen=quote.credited_yen,
            valid_until=quote.valid_until,
            reserved_at=now.isoformat(),
            committed_at="",
            tender="",
            effects=0,
            before="",
            after="",
            settles_at=(now + timedelta(seconds=self._terms.reservation_s)).isoformat(),
            settles_to=S.EXPIRED,
            decline_code="",
        )
        self.store.quotes.put(replace(quote, used_by=client_ref))
        self.store.topups.put(row)
        return Reply(201, describe(row))

    def commit(self, topup_id: str, amount_yen: int, tender: str, fault: Fault | None = None) -> Reply:
        """Deliver. ``fault`` may be one of a commit's own and then wins over the line's story."""
        topup = self._get(topup_id)
        target = target_of(topup.target)
        if fault is Fault.RESERVATION_EXPIRED and topup.state == S.RESERVED:
            topup = self._change(topup, S.EXPIRED, self._now())
        if topup.state != S.RESERVED:
            raise Problem(Code.INVALID_STATE, f"The top-up is {topup.state}")
        self._reach(topup.carrier, target)
        if amount_yen != topup.amount_yen or fault is Fault.PRICE_CHANGED:
            raise Problem(Code.AMOUNT_MISMATCH)
        line = self._lines.story(target)
        story, settles_after_s = line.commit, float(line.settles_after_s)
        if fault is Fault.DECLINE:
            story = CommitStory.DECLINED
        elif fault is Fault.UNKNOWN:
            story, settles_after_s = CommitStory.UNKNOWN_THEN_COMPLETED, self._faults.delay_s
        if story is CommitStory.REQUEST_LOST:
            raise RequestLost
        now = self._now()
        topup = replace(topup, tender=tender, committed_at=now.isoformat(), settles_at="", settles_to="")
        match story:
            case CommitStory.COMPLETED | CommitStory.REPLY_LOST | CommitStory.HTTP_500:
                fates = {CommitStory.REPLY_LOST: Fault.DROP_AFTER_EFFECT, CommitStory.HTTP_500: Fault.HTTP_500_AFTER_EFFECT}
                return Reply(200, describe(self._change(topup, S.COMPLETED, now)), fate=fates.get(story))
            case CommitStory.DECLINED:
                return Reply(200, describe(self._change(topup, S.DECLINED, now)))
        first, later = story.value.split("_THEN_")
        due = min(now + timedelta(seconds=settles_after_s), self._closing(now))
        waiting = replace(self._change(topup, S(first), now), settles_at=due.isoformat(), settles_to=later)
        self.store.topups.put(waiting)
        return Reply(202, describe(waiting))

    def cancel(self, topup_id: str) -> Reply:
        """Release a reservation."""
        topup = self._get(topup_id)
        if topup.state != S.RESERVED:
            raise Problem(Code.INVALID_STATE, f"The top-up is {topup.state}")
        return Reply(200, describe(self._change(topup, S.CANCELLED, self._now())))

    def reverse(self, topup_id: str, reason: str, fault: Fault | None = None) -> Reply:
        """Take a commit back. CUSTOMER_CANCEL needs a plan that is refundable inside the window; technical reasons do not.

        ``fault`` may be REVERSAL_REFUSED.
        """
        topup = self._get(topup_id)
        if topup.state not in (S.COMPLETED, S.UNKNOWN):
            raise Problem(Code.INVALID_STATE, f"The top-up is {topup.state}")
        target = target_of(topup.target)
        self._reach(topup.carrier, target)
        now = self._now()
        window = timedelta(seconds=self._terms.reversal_window_s)
        story = ReverseStory.REFUSED if fault is Fault.REVERSAL_REFUSED else self._lines.story(target).reverse
        unwilling = reason == "CUSTOMER_CANCEL" and self._plan(topup.product_id).refundable is not Refundable.WINDOW
        if unwilling or story is ReverseStory.REFUSED or now > datetime.fromisoformat(topup.committed_at) + window:
            raise Problem(Code.REVERSAL_NOT_POSSIBLE)
        if story is ReverseStory.REVERSED:
            return Reply(200, describe(self._change(topup, S.REVERSED, now)))
        later = S.REVERSED if story is ReverseStory.PENDING else S.REVERSAL_FAILED
        due = now + timedelta(seconds=_PENDING_REVERSAL_S)
        waiting = replace(self._change(topup, S.REVERSAL_PENDING, now), settles_at=due.isoformat(), settles_to=later.value)
        self.store.topups.put(waiting)
        return Reply(202, describe(waiting))

    def get(self, topup_id: str) -> Reply:
        """Answer what became of a top-up, by the gateway's id."""
        return Reply(200, describe(self._get(topup_id)))

    def find(self, client_ref: str) -> Reply:
        """Answer what became of a top-up, by the kiosk's own reference."""
        topup = self._by_client_ref(client_ref)
        if topup is None:
            raise Problem(Code.INVALID_STATE, "Never received: the same reserve may be sent", status=404, retry="SAME_KEY")
        return Reply(200, describe(topup) | self._voucher(topup))

    def _voucher(self, topup: TopupRow) -> dict[str, object]:
        """Return the PIN of a completed purchase. It is worked out anew each time: not even the carrier's books hold it."""
        if self._plan(topup.product_id).kind is not ProductKind.PIN or topup.state != S.COMPLETED:
            return {}
        digest = sha256(f"{topup.id}/{topup.client_ref}/{topup.reserved_at}".encode()).hexdigest()
        serial = f"{topup.carrier.upper()}-{topup.id}"
        enter_by = datetime.fromisoformat(topup.valid_until).date().isoformat()
        return {"voucher": {"serial": serial, "pin": f"{int(digest, 16) % 10**16:016d}", "enter_by": enter_by}}

    def settlement(self, business_date: str) -> list[Mapping[str, object]]:
        """Return the carriers' own list of one day's commits (Japan's date), for reconciliation.

        Raises Problem before the day is closed. Nothing in it is undecided: a commit is decided then, if not before.
        """
        try:
            day = date.fromisoformat(business_date)
        except ValueError as error:
            raise Problem(Code.INVALID_STATE, "No such day", status=404, retry="NEVER") from error
        if self._now() < self._closing(datetime(day.year, day.month, day.day, tzinfo=JST)):
            raise day_not_closed()
        rows = [self.settled(row) for row in self.store.topups.starting("committed_at", business_date)]
        return [
            {
                "client_ref": row.client_ref,
                "id": row.id,
                "carrier": row.carrier,
                "product_id": row.product_id,
                "amount_jpy": row.amount_yen,
                "tender": row.tender,
                "state": row.state,
                "committed_at": row.committed_at,
            }
            for row in rows
            if row.state != S.DECLINED
        ]

    def _closing(self, moment: datetime) -> datetime:
        """Return when the day of ``moment`` is closed."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return midnight + timedelta(seconds=self._terms.settlement_s)

    def settled(self, topup: TopupRow) -> TopupRow:
        """Let happen what was due, and return the row as it is now."""
        if not topup.settles_at:
            return topup
        due = datetime.fromisoformat(topup.settles_at)
        return self._change(topup, S(topup.settles_to), due) if self._now() >= due else topup

    def _change(self, topup: TopupRow, state: TopupState, when: datetime) -> TopupRow:
        """Move a top-up to ``state``, with what that does to the line, and keep it."""
        changed = replace(topup, state=state.value, version=topup.version + 1, settles_at="", settles_to="")
        if state is S.COMPLETED and self._plan(topup.product_id).kind is ProductKind.PIN:
            changed = replace(changed, effects=changed.effects + 1)  # a number is given out; the line gets nothing yet
        elif state is S.COMPLETED:
            target = target_of(topup.target)
            # At least what was promised, even when the commit comes after midnight or another kiosk extended the line.
            current = self._lines.subscriber(target, when).valid_until
            ends = valid_until(self._plan(topup.product_id).validity, when, current)
            ends = max(ends, datetime.fromisoformat(topup.valid_until))
            changed = replace(self._lines.give(changed, target, ends.date(), when), valid_until=ends.isoformat())
        elif state is S.REVERSED and topup.effects and self._plan(topup.product_id).kind is ProductKind.DIRECT:
            self._lines.take_back(topup)
        elif state is S.DECLINED:
            changed = replace(changed, decline_code="CARRIER_DECLINED")
        self.store.topups.put(changed)
        return changed

    def _settle_line(self, target: Target) -> None:
        for topup in self.store.topups.where("target", target.value):
            self.settled(topup)

    def _get(self, topup_id: str) -> TopupRow:
        topup = self.store.topups.get(topup_id)
        if topup is None:
            raise Problem(Code.INVALID_STATE, _NO_SUCH_TOPUP, status=404)
        return self.settled(topup)

    def _by_client_ref(self, client_ref: str) -> TopupRow | None:
        rows = self.store.topups.where("client_ref", client_ref)
        return self.settled(rows[0]) if rows else None

    def _plan(self, product_id: str) -> Plan:
        plan = self._catalogue.plan(product_id)
        if plan is None:
            raise Problem(Code.PRODUCT_UNAVAILABLE)
        return plan

    def _reach(self, carrier: str, target: Target, *, asking: bool = False) -> None:
        """Raise Problem when the carrier cannot do this now."""
        state = self._faults.state(carrier)
        if self._lines.story(target).carrier_down or state == "DOWN" or (state == "QUERY_ONLY" and not asking):
            raise Problem(Code.CARRIER_DOWN)

    def _now(self) -> datetime:
        return self._calendar.now().astimezone(JST) + timedelta(seconds=self._faults.skew_s)


def describe(topup: TopupRow) -> dict[str, object]:
    """Return the gateway's ``Topup`` object."""
    body: dict[str, object] = {
        "id": topup.id,
        "client_ref": topup.client_ref,
        "state": topup.state,
        "version": topup.version,
        "amount_jpy": topup.amount_yen,
        "valid_until": topup.valid_until,
    }
    if topup.effects:
        body["carrier_ref"] = f"{topup.carrier.upper()}-{topup.id}"
    if topup.decline_code:
        body["decline_code"] = topup.decline_code
    return body
