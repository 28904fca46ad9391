"""Announced actions whose end nobody wrote down: what a kiosk that was killed has to ask its devices about."""

from collections.abc import Iterable

from kiosk.ledger.entry import Kind, Row


def open_intents(rows: Iterable[Row]) -> list[Row]:
    """Return the intents among ``rows`` without a result, oldest first.

    A result with the outcome ``unknown`` is a result: the action was asked about, and what became of it is declared unknown.
    """
    announced: dict[str, Row] = {}
    for row in rows:
        if row.kind == Kind.INTENT:
            announced[str(row.body.get("intent"))] = row
        elif row.kind == Kind.RESULT:
            announced.pop(str(row.body.get("intent")), None)
    return list(announced.values())
