"""Lines as they are now: the registry's story until a top-up, the store's row after it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kiosk.topup.catalogue import Plan
from kiosk.topup.simulator.problems import Code, Problem
from kiosk.topup.simulator.registry import Line, Registry
from kiosk.topup.simulator.store import LineRow, Store, TopupRow
from kiosk.topup.subscriber import LineStatus, Subscriber
from kiosk.topup.target import Target
from kiosk.topup.validity import today

_COUNTS_TODAY = ("RESERVED", "SUBMITTED", "UNKNOWN", "COMPLETED", "REVERSAL_PENDING", "REVERSAL_FAILED")


@dataclass(frozen=True)
class Lines:
    """Reads lines, judges whether they may be topped up, and writes what a top-up does to them."""

    store: Store
    registry: Registry

    def subscriber(self, target: Target, now: datetime) -> Subscriber:
        """Return what a look-up tells about a line."""
        line = self.registry.line(target)
        carrier = self.registry.carrier(target)
        row = self.store.lines.get(target.value)
        if row is None:
            days = line.valid_for_days
            until = None if days is None else today(now) + timedelta(days=days)
            return Subscriber(carrier, line.status, until, line.balance_yen)
        until = date.fromisoformat(row.valid_until) if row.valid_until else None
        status = line.status
        if status in (LineStatus.ACTIVE, LineStatus.EXPIRED_GRACE):
            over = until is not None and until < today(now)
            status = LineStatus.EXPIRED_GRACE if over else LineStatus.ACTIVE
        return Subscriber(carrier, status, until, row.balance_yen)

    def check(self, plan: Plan, target: Target, now: datetime) -> Subscriber:
        """Return the line if ``plan`` may be sold to it now. Raises Problem."""
        subscriber = self.subscriber(target, now)
        if subscriber.status is LineStatus.KYC_REQUIRED:
            raise Problem(Code.KYC_REQUIRED)
        if not subscriber.can_top_up:
            raise Problem(Code.INVALID_TARGET)
        if subscriber.carrier != plan.carrier:
            raise Problem(Code.NOT_SERVED_BY_CARRIER)
        balance_yen = subscriber.balance_yen or 0
        if plan.balance_cap_yen and balance_yen + plan.credit_yen > plan.balance_cap_yen:
            raise Problem(Code.BALANCE_CAP)
        if plan.daily_limit_yen and self._credited_today_yen(target, now) + plan.credit_yen > plan.daily_limit_yen:
            raise Problem(Code.DAILY_LIMIT)
        return subscriber

    def _credited_today_yen(self, target: Target, now: datetime) -> int:
        ours = sum(
            t.credited_yen
            for t in self.store.topups.where("target", target.value)
            if t.state in _COUNTS_TODAY and today(datetime.fromisoformat(t.committed_at or t.reserved_at)) == today(now)
        )
        return ours + self.registry.line(target).used_today_yen

    def story(self, target: Target) -> Line:
        """Return what happens to a line."""
        return self.registry.line(target)

    def give(self, topup: TopupRow, target: Target, ends: date, now: datetime) -> TopupRow:
        """Give the line what was paid for: credit, and validity to ``ends`` unless it has more. Returns the row of it."""
        line = self.subscriber(target, now)
        before = line.valid_until.isoformat() if line.valid_until else ""
        after = max(ends.isoformat(), before)
        self.store.lines.put(LineRow(target.value, (line.balance_yen or 0) + topup.credited_yen, after))
        return replace(topup, effects=topup.effects + 1, before=before, after=after)

    def take_back(self, topup: TopupRow) -> None:
        """Undo :meth:`give`; the days only if no later top-up has built on them."""
        row = self.store.lines.get(topup.target)
        if row is not None:
            until = topup.before if row.valid_until == topup.after else row.valid_until
            self.store.lines.put(LineRow(topup.target, row.balance_yen - topup.credited_yen, until))
