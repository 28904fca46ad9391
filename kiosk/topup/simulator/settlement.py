"""The settlement file of one day, and the ways in which a carrier gets it wrong.

One JSON object a line (NDJSON): a line for each top-up committed that day, and a last one that says how many those were and of
how many yen. Without it, a file cut at the end of a line would say of all that is missing that it was never delivered.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from kiosk.topup.simulator.faults import Fault

Line = Mapping[str, object]

_STRANGER = "999999999"
"""Sequence of a top-up that no kiosk ever sold."""


def settlement_lines(lines: list[Line], business_date: str, fault: Fault | None) -> list[Line]:
    """Return the whole file, with what ``fault`` does to its first line; its end always agrees with the lines before it."""
    lines = [*_first_line(lines, fault), *lines[1:]] if lines else _first_line(lines, fault)
    total_yen = sum(yen for line in lines if isinstance(yen := line["amount_jpy"], int))
    if fault is Fault.CROSSED_REPLY:
        business_date = (date.fromisoformat(business_date) - timedelta(days=1)).isoformat()
    return [*lines, {"business_date": business_date, "lines": len(lines), "amount_jpy": total_yen}]


def _first_line(lines: list[Line], fault: Fault | None) -> list[Line]:
    first = lines[:1]
    if fault is Fault.LINE_EXTRA:
        return [*first, _stranger(first)]
    if not first:
        return []
    line = first[0]
    match fault:
        case Fault.LINE_MISSING:
            return []
        case Fault.LINE_ALTERED if isinstance(yen := line["amount_jpy"], int):
            return [{**line, "amount_jpy": yen + 1000}]
        case Fault.LINE_REPEATED:
            return [line, line]
        case Fault.LINE_UNDECIDED:
            return [{**line, "state": "UNKNOWN"}]
    return first


def _stranger(first: list[Line]) -> Line:
    like = {"carrier": "docomo", "product_id": "docomo-data-3gb", "amount_jpy": 2000, "tender": "CASH", "state": "COMPLETED"}
    line = first[0] if first else like
    kiosk = str(line.get("client_ref", "KONBINI1-0")).split("-")[0]
    return {**line, "client_ref": f"{kiosk}-{_STRANGER}", "id": "T99999999"}


def cut(text: str) -> str:
    """Return a file whose end was lost on the way."""
    return text[: max(0, len(text) - 20)]
