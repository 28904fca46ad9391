"""Where every yen is after many kills: what lies in the emulators' memories, what the books say, what carriers delivered."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from kiosk.ledger import accounts
from kiosk.ledger.report import AuditReport
from kiosk.topup.answers import TopupState

INSIDE_NOTES = ("cashbox", "stacker")
MOVING = ("mouth", "bezel", "transport", "escrow", "entry", "sensors", "gate", "sorter", "return", "path")


COINS_UNDER_WAY = 2
"""Coins that can be past the gate, or credited and not told, when a coin acceptor loses its power: it forgets both, so they lie
in the box uncounted. A limit of ccTalk's coin headers, not of the kiosk: there is no lasting count that could be asked."""


def wrong_at_rest(out: Path, report: AuditReport, power_cuts: int = 0) -> list[str]:
    """Return what is wrong with a kiosk that has ended in order with nobody before it; an empty list when nothing is.

    ``power_cuts`` is how often its coin acceptor lost its power.
    """
    wrong = [f"audit: {problem}" for problem in report.problems]
    wrong += [f"audit: unfinished: {text}" for text in report.unfinished]
    wrong += [
        f"{-report.balances[account]} yen on {account} while nobody is served"
        for account in (accounts.CUSTOMER_INSERTED, accounts.ESCROW)
        if report.balances[account]
    ]
    wrong += [f"a visit with {visit.flows.owed} yen owed has no end, so no slip: {visit}" for visit in _unclaimable(report)]
    return wrong + _sales(out, report) + _piles(out, report, power_cuts)


def _unclaimable(report: AuditReport) -> list[Any]:
    return [visit for visit in report.visits if visit.flows.owed and not visit.ended]


def _sales(out: Path, report: AuditReport) -> list[str]:
    with closing(sqlite3.connect(out / "carrier.sqlite")) as db:
        rows = db.execute("SELECT client_ref, state, amount_yen, effects FROM TopupRow").fetchall()
    wrong = [f"{ref} was delivered {effects} times" for ref, _, _, effects in rows if effects > 1]
    delivered = sum(yen for _, state, yen, _ in rows if state == TopupState.COMPLETED)
    if delivered != report.totals.sold:
        wrong.append(f"carriers delivered for {delivered} yen, the books sold {report.totals.sold}")
    return wrong


def _piles(out: Path, report: AuditReport, power_cuts: int) -> list[str]:
    """Every pile against its account.

    What the books hold on UNACCOUNTED may be anywhere, inside or with the customer. What they hold on OVER_SHORT is missing
    from a float by the machine's own count, and lies in its overflow box: a piece on its way out as the power went.
    """
    there, moving = piles(out)
    booked = Counter(
        {
            account: yen // (accounts.denomination_of(account) or 1)
            for account, yen in report.balances.items()
            if accounts.denomination_of(account) and yen
        }
    )
    found = [
        (account, there[account] - booked[account])
        for account in sorted({*there, *booked})
        if there[account] != booked[account]
    ]
    if (out / "memory" / "cash.json").exists():
        coins = [(account, pieces) for account, pieces in found if account.startswith("COINBOX:")]
        if all(pieces > 0 for _, pieces in coins) and sum(pieces for _, pieces in coins) <= power_cuts * COINS_UNDER_WAY:
            found = [one for one in found if one not in coins]
    more_yen = sum(pieces * (accounts.denomination_of(account) or 0) for account, pieces in found)
    declared_yen = report.balances[accounts.UNACCOUNTED] + report.balances[accounts.OVER_SHORT]
    wrong = [f"something is still on its way: {dict(moving)}"] if moving else []
    if found and not (0 <= more_yen <= declared_yen and all(pieces > 0 for _, pieces in found)):
        wrong.append(f"pieces there and not in the books: {dict(found)}; declared missing: {declared_yen} yen")
    return wrong


def piles(out: Path) -> tuple[Counter[str], Counter[str]]:
    """Return the pieces inside by account, and what lies on a path, from the emulators' memories."""
    there: Counter[str] = Counter()
    moving: Counter[str] = Counter()
    for path in sorted((out / "memory").glob("*.json")):
        for name, device in json.loads(path.read_text())["devices"].items():
            insides = device["state"].get("insides", {})
            device_name = name or path.stem
            for place, pile in insides.get("piles", {}).items():
                for yen, count in _counted(pile).items():
                    if place in MOVING and count:
                        moving[f"{device_name} {place} {yen}"] += count
                    elif account := _account(device_name, place, yen):
                        there[account] += count
    return +there, +moving


def _counted(pile: Any) -> Counter[int]:
    if isinstance(pile, dict):
        return Counter({int(yen): count for yen, count in pile.items()})
    counted: Counter[int] = Counter()
    for run in pile:
        counted[next(word for word in run if isinstance(word, int))] += run[-1]
    return counted


def _account(device: str, place: str, yen: int) -> str:
    if place in INSIDE_NOTES:
        return accounts.cashbox(yen)
    if place in ("box", "overflow"):
        return accounts.coinbox(yen)
    return accounts.float_of(device, yen) if place in ("hopper", "disc", "unit") else ""
