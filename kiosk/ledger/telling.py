"""Rows in sentences that a shop manager reads: what happened, and which way every yen went."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kiosk.ledger import accounts
from kiosk.ledger.entry import Kind, Row
from kiosk.ledger.totals import flows

_PAPERS = {"receipt": "receipt", "owed": "OWED slip", "investigation": '"under investigation" slip'}
_PRINTED = {
    "printed": "is printed",
    "presented": "is printed and stands at the mouth",
    "taken": "is taken",
    "left": "was printed and left at the mouth",
    "failed": "could not be printed",
    "unknown": "may or may not have come out; nobody can say",
}
_WHO = {"carrier": "The carrier", "settlement": "The carrier's settlement file", "staff": "A person of the staff"}


def place_name(account: str) -> str:
    """Return what people call a place of money."""
    if account.startswith("CASHBOX"):
        return "the note box"
    if account.startswith("COINBOX"):
        return "the coin box"
    device = accounts.device_of(account)
    return device if device is not None else account


def pieces(pairs: Iterable[Sequence[int]]) -> str:
    """Return ``2 x 1,000 and 2 x 10 yen``."""
    parts = [f"{count:,} x {yen:,}" for yen, count in pairs]
    return (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts) or "nothing") + " yen"


def path(out_of: str, to: str, yen: int) -> str:
    """Say which way ``yen`` went; empty for the paper half of a way whose other half is told."""
    at, held = accounts.denomination_of(to), accounts.denomination_of(out_of)
    match out_of, to:
        case (accounts.CUSTOMER_INSERTED, accounts.ESCROW):
            return f"a {yen:,} yen note goes from the customer into escrow"
        case (accounts.ESCROW, accounts.CUSTOMER_INSERTED):
            return f"the {yen:,} yen note goes back from escrow to the customer"
        case (accounts.ESCROW, accounts.UNACCOUNTED):
            return f"the {yen:,} yen note leaves escrow and nobody sees where to: {yen:,} yen unaccounted for"
        case (accounts.ESCROW, _) if at:
            return f"the {yen:,} yen note falls from escrow into {place_name(to)}"
        case (accounts.CUSTOMER_INSERTED, _) if at:
            return f"{pieces([(at, yen // at)])} from the customer into {place_name(to)}"
        case (_, accounts.CHANGE_PAID) if held:
            return f"{pieces([(held, yen // held)])} from {place_name(out_of)} to the customer"
        case (accounts.OWED, accounts.CUSTOMER_INSERTED):
            return f"{yen:,} yen stay owed to the customer, on a slip"
        case (accounts.REFUND, accounts.OWED):
            return f"{yen:,} yen from the shop's own till to the customer: the slip is settled"
        case (accounts.UNACCOUNTED, accounts.OWED):
            return f"the {yen:,} yen out of sight had gone to the customer after all: that much of the slip is settled"
        case (accounts.UNACCOUNTED, accounts.CUSTOMER_INSERTED):
            return f"the {yen:,} yen out of sight had gone back to the customer"
        case (accounts.UNACCOUNTED, accounts.OVER_SHORT):
            return f"{yen:,} yen out of sight are written off"
        case (accounts.UNACCOUNTED, _) if at:
            return f"the {yen:,} yen out of sight are found in {place_name(to)}"
        case (_, accounts.UNACCOUNTED) if held:
            return f"nobody can say whether {pieces([(held, yen // held)])} came out of {place_name(out_of)}"
        case (accounts.REFILLED, _) if at:
            return f"{pieces([(at, yen // at)])} of the shop's money into {place_name(to)}"
        case (_, accounts.COLLECTED) if held:
            return f"{pieces([(held, yen // held)])} taken out of {place_name(out_of)} by staff"
        case (accounts.OVER_SHORT, accounts.COLLECTED):
            return f"{yen:,} yen more than the books had"
        case (accounts.OVER_SHORT, _) if at:
            return f"{pieces([(at, yen // at)])} more in {place_name(to)} than the books had"
        case (_, accounts.OVER_SHORT) if held:
            return f"{pieces([(held, yen // held)])} fewer in {place_name(out_of)} than the books had"
        case (accounts.FORGOTTEN, accounts.CUSTOMER_INSERTED):
            return f"{yen:,} yen are left behind by the customer"
        case (_, _) if at and held:
            return f"{pieces([(at, yen // at)])} from {place_name(out_of)} to {place_name(to)}"
    return ""


def sentences(row: Row, body: Mapping[str, Any], intent: Mapping[str, Any]) -> Iterator[str]:
    """Yield what one row says. ``intent`` is the body of the intent that it answers, empty when it answers none."""
    yield from _said(row, body, intent)
    for (out_of, to), yen in _joined(row).items():
        if text := path(out_of, to, yen):
            yield text[0].upper() + text[1:]


def _joined(row: Row) -> Mapping[tuple[str, str], int]:
    ways: Counter[tuple[str, str]] = Counter()
    for out_of, to, yen in flows(row.postings):
        ways[out_of, to] += yen
    return ways


def _said(row: Row, body: Mapping[str, Any], intent: Mapping[str, Any]) -> Iterator[str]:
    match row.kind:
        case Kind.VISIT if "reference" in body:
            yield f"A customer is served, transaction {body['reference']}"
        case Kind.SNAPSHOT:
            yield from _wish(body.get("state", {}))
        case Kind.EVENT:
            yield from _event(body)
        case Kind.INTENT:
            yield from _plan(body)
        case Kind.RESULT:
            yield from _result(body, intent)
        case Kind.SOLD:
            yield f"The carrier has delivered: {body.get('carrier')} {body.get('name')} is sold for {body.get('yen', 0):,} yen"
        case Kind.ORDER:
            yield f"{body.get('device')} is told to pay {pieces(body.get('pieces', ()))}"
        case Kind.ORDER_RESOLVED:
            yield f"{body.get('device')} says at last what became of its order: {body.get('outcome')}"
        case Kind.PARKED:
            yield 'The customer leaves with an "under investigation" slip: the carrier has not said whether it delivered'
        case Kind.PAID_AT_DESK:
            yield f"{_names(body)} honour the slip" if len(body.get("by", ())) > 1 else f"{_names(body)} honours the slip"
        case Kind.REMARK if body.get("what") == "written off by staff":
            yield f"{_names(body)} give up what went out of sight"
        case Kind.ENDED:
            yield "All of it is at rest"
        case _:
            yield from diary(row, body)


def _wish(state: Mapping[str, Any]) -> Iterator[str]:
    plan = state.get("plan")
    if isinstance(plan, Mapping):
        name = plan.get("names", {}).get("ja", plan.get("id"))
        yield f"They want {plan.get('carrier')} {name} for {state.get('price_yen', 0):,} yen, on {state.get('masked')}"


def _event(body: Mapping[str, Any]) -> Iterator[str]:
    match body.get("type"):
        case "Restarted":
            yield "The kiosk was down and is back; it goes on where it stopped"
        case "TimedOut" if "cash" in str(body.get("key")):
            yield "The customer does nothing for too long"
        case "ReservationEnding":
            yield "The carrier will not hold the reservation any longer"
        case "CarrierSaidNo":
            yield "The carrier refuses"
        case "Touched" if body.get("intent", {}).get("touch") == "cancel":
            yield "The customer touches cancel"


def _plan(body: Mapping[str, Any]) -> Iterator[str]:
    match body.get("action"):
        case "commit":
            yield f"The carrier is told that {body.get('yen', 0):,} yen are in"
        case "pay_out":
            yield f"{pieces(body.get('pieces', ()))} are to be paid back"


def _result(body: Mapping[str, Any], intent: Mapping[str, Any]) -> Iterator[str]:
    outcome = str(body.get("outcome"))
    match intent.get("action"):
        case "reserve":
            yield "The carrier has reserved the top-up" if outcome == "Reserved" else "The carrier reserves nothing"
        case "commit" if outcome != "completed":
            yield f"{_WHO.get(str(body.get('by')), 'The carrier')} says that nothing was delivered ({outcome})"
        case "commit" if "by" in body:
            yield f"{_WHO.get(str(body.get('by')), 'The carrier')} says that it was delivered"
        case "cancel":
            yield f"The reservation is given up ({outcome})"
        case "pay_out" if outcome != "paid":
            yield f"Not all of that came out ({outcome})"
        case "print":
            copy = f", copy {intent['copy']}," if intent.get("copy") else ""
            paper = _PAPERS.get(str(intent.get("kind")), "paper")
            yield f"The {paper}{copy} {_PRINTED.get(outcome, outcome)}"
        case "report" | "reprint":
            what = f"{intent.get('report')} {intent.get('number')}".strip() if "report" in intent else "A receipt, again,"
            yield f"{what} {_PRINTED.get(outcome, outcome)}"


def diary(row: Row, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a row says that concerns the kiosk and no customer."""
    match row.kind:
        case Kind.OPENED:
            yield "The kiosk starts"
        case Kind.DAY_OPENED:
            yield f"Business day {body.get('date')} begins"
        case Kind.DAY_CLOSED:
            by = f"by {body['by']}" if body.get("by") else "by itself"
            sold = sum(line["yen"] for line in body.get("sales", ()))
            yield f"Business day {body.get('date')} is closed {by}: Z {body.get('number')}, {sold:,} yen sold"
        case Kind.FLOAT:
            yield f"{body.get('device')}: {body.get('why')}" + (f", {_names(body)}" if body.get("by") else "")
        case Kind.COLLECTED:
            what = f"Collection {body.get('number')} by {_names(body)}, seal {body.get('seal')}"
            counted = pieces([(body.get("yen", 0), body.get("found", 0))])
            yield f"{what}: {place_name(str(body.get('place')))}, {counted}, the books had {body.get('booked')}"
        case Kind.STAFF:
            words = {"login": "logs in", "logout": "logs out", "refused": "gave a wrong PIN", "locked": "is locked out"}
            yield f"{body.get('who') or 'Somebody unknown'} {words.get(str(body.get('what')), body.get('what'))}"
        case Kind.SETTLEMENT:
            yield (
                f"The carriers' settlement of {body.get('day')}: {body.get('confirmed')} sales confirmed, "
                f"{body.get('answered')} answered, {body.get('differences')} differences"
            )
        case Kind.DIFFERENCE:
            yield difference(body)
        case Kind.REMARK if "what" in body:
            facts = ", ".join(f"{key} {value}" for key, value in body.items() if key not in ("what", "by"))
            yield f"{str(body.get('what')).capitalize()}: {facts}" if facts else str(body.get("what")).capitalize()


def difference(body: Mapping[str, Any]) -> str:
    """Say in what a settlement file and the books differ."""
    ours, theirs = body.get("booked_yen", 0), body.get("listed_yen", 0)
    what = str(body.get("what")).replace("_", " ")
    of = body.get("reference") or "the whole day"
    return f"The settlement of {body.get('day')} differs ({what}) in {of}: {ours:,} yen here, {theirs:,} yen there"


def _names(body: Mapping[str, Any]) -> str:
    return " and ".join(body.get("by", ())) or "staff"
