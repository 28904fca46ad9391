"""Business days judged from their rows: a Z report says what its day's rows say, numbers have no gap, dates only grow."""

from collections.abc import Mapping
from typing import Any

from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.totals import DayTotals


class DayCheck:
    """Reads along, row by row."""

    def __init__(self) -> None:
        self.totals: DayTotals | None = None
        """The day that is open; None before the first."""
        self._opened: Mapping[str, Any] = {}

    def hear(self, row: Row, body: Mapping[str, Any]) -> list[str]:
        """Take the next row; return what is wrong with it."""
        wrong: list[str] = []
        if row.kind == Kind.DAY_CLOSED:
            wrong = self._closed(body)
        elif row.kind == Kind.DAY_OPENED:
            wrong = self._next(body)
            self.totals, self._opened = DayTotals.carried(body), body
        if self.totals is not None:
            self.totals.hear(row)
        return wrong

    def _closed(self, body: Mapping[str, Any]) -> list[str]:
        if self.totals is None:
            return ["closes a business day that was never opened"]
        found = {"number": self._opened.get("number"), "date": self._opened.get("date"), **self.totals.as_json()}
        return [
            f"Z {body.get('number')} says {name} {body.get(name)!r}, and its day's rows say {value!r}"
            for name, value in found.items()
            if body.get(name) != value
        ]

    def _next(self, body: Mapping[str, Any]) -> list[str]:
        if self.totals is None:
            return []
        wrong = [
            f"a business day begins with {name} {body.get(name)!r}, and the one before ended with {value!r}"
            for name, value in self.totals.to_carry().items()
            if body.get(name) != value
        ]
        if body.get("number") != self._opened.get("number", 0) + 1:
            wrong.append(f"business day {body.get('number')} follows business day {self._opened.get('number')}")
        if not str(self._opened.get("date")) < str(body.get("date")):
            wrong.append(f"the business date goes from {self._opened.get('date')} to {body.get('date')}")
        return wrong
