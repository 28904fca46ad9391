"""The simulator proves its worth on bugs that are planted: each is found within a thousand journeys of an arbitrary seed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardware.bills import acceptor as bills
from hardware.dispenser import Payout
from kiosk.errands import Errands
from kiosk.ledger import accounts, opening
from kiosk.ledger.entry import Entry, Kind
from kiosk.notetaker import NoteTaker
from kiosk.paperclerk import PaperClerk
from kiosk.payouts import NOTHING, Payouts
from kiosk.session import events as ev
from kiosk.simulation.chapter import play
from kiosk.simulation.faults import chosen
from kiosk.simulation.plan import Plan, Quirk, Trouble, Visit
from kiosk.simulation.simulate import Order, simulate
from kiosk.till import Till
from kiosk.topup.gateway import Gateway
from tests.kiosk.whole.conftest import CONFIG

MOST_JOURNEYS = 1000
SEED = 20261125
CHANGE = CONFIG / "benches" / "change-virtual.toml"
CHANGER = CONFIG / "benches" / "changer-virtual.toml"

Plant = Callable[[pytest.MonkeyPatch], None]


def credit_at_escrow(patch: pytest.MonkeyPatch) -> None:
    """A note counts as soon as it is recognised."""
    said = NoteTaker._said

    def hasty(self: NoteTaker, event: bills.BillEvent) -> None:
        if isinstance(event, bills.NoteStacked):
            return
        said(self, event)
        escrow = self._desk.state.escrow
        if isinstance(event, bills.NoteInEscrow) and escrow is not None and escrow.decision == "stack":
            self._desk.handle(ev.NoteCredited(event.yen))

    patch.setattr(NoteTaker, "_said", hasty)


def no_sync(patch: pytest.MonkeyPatch) -> None:
    """The journal does not wait for the disk."""
    patch.setattr(opening, "_SYNCHRONOUS_FULL", 0)


def a_new_key_for_every_try(patch: pytest.MonkeyPatch) -> None:
    """What was not answered is sent again as if it were another step."""
    post, tries = Gateway._post, iter(range(10**9))

    async def post_anew(self: Gateway, path: str, step: str, body: object, read: Any) -> Any:
        return await post(self, path, f"{step}|{next(tries)}", body, read)

    patch.setattr(Gateway, "_post", post_anew)


def double_print(patch: pytest.MonkeyPatch) -> None:
    """Every paper comes twice."""
    make = PaperClerk.make

    async def twice(self: PaperClerk, *what: Any) -> Any:
        *paper, _ = what
        await make(self, *paper, lambda outcome: None)
        return await make(self, *what)

    patch.setattr(PaperClerk, "make", twice)


def change_paid_again_after_a_restart(patch: pytest.MonkeyPatch) -> None:
    """A restarted kiosk takes an order without a result for one that was never heard."""

    async def never_heard(self: Payouts, order: object) -> Payout:
        return NOTHING

    patch.setattr(Payouts, "_ask", never_heard)


def owed_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The slip is printed, and the books know nothing of it."""
    patch.setattr(accounts, "owed", lambda yen: ())


def refund_after_an_unknown_commit(patch: pytest.MonkeyPatch) -> None:
    """No answer is taken for a no."""
    commit = Errands.commit

    async def impatient(self: Errands, *arguments: Any, **more: Any) -> ev.Committed:
        answer = await commit(self, *arguments, **more)
        return replace(answer, outcome="declined") if answer.outcome == "unknown" else answer

    patch.setattr(Errands, "commit", impatient)


def payout_before_it_is_written(patch: pytest.MonkeyPatch) -> None:
    """A device is told to pay, and the journal hears of it later."""
    append = Till.append

    def late(self: Till, *entries: Entry) -> bool:
        if entries[0].kind != Kind.ORDER:
            return append(self, *entries)
        asyncio.get_running_loop().call_later(60, append, self, *entries)
        return True

    patch.setattr(Till, "append", late)


PLANTED: dict[str, tuple[Plant, str, Path]] = {
    "credit at escrow": (credit_at_escrow, "all", CHANGE),
    "no sync": (no_sync, "all", CHANGER),
    "retry with a new key": (a_new_key_for_every_try, "all", CHANGER),
    "double print": (double_print, "all", CHANGER),
    "change paid twice after a restart": (change_paid_again_after_a_restart, "power", CHANGER),
    "owed forgotten": (owed_forgotten, "all", CHANGER),
    "refund after an unknown commit": (refund_after_an_unknown_commit, "carrier", CHANGER),
    "payout before it is written": (payout_before_it_is_written, "all", CHANGER),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found_within_a_thousand_journeys(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plant, faults, bench = PLANTED[name]
    plant(monkeypatch)
    result = simulate(Order(CONFIG, MOST_JOURNEYS, SEED, chosen(faults), bench, failures=1))
    assert result.failures, f"{result.journeys} journeys, {result.troubles} troubles, and nothing was found"
    print(f"{name}: found in journey {result.journeys}: {result.violations[0]}")


def test_a_note_swallowed_in_place_of_a_missing_one_is_a_loss_though_the_books_call_it_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(NoteTaker, "return_", lambda self: self._decide(self._acceptor.stack))
    monkeypatch.setattr("kiosk.notetaker.stray_postings", lambda event, *books, **facts: accounts.found_stacked(event.yen))
    jam = Trouble("note-jam", "jam stacker", "validator", "device", 3, 1)
    loses = Visit("pulls notes back", carrier="kddi", number="07003631246", plan=4, pace=994, troubles=(jam,))
    hasty = Visit("two at once", carrier="kddi", number="07003631246", pace=40, quirks=(Quirk("second-note", 0),))
    found = play(CONFIG, Plan("cash-virtual+nv200-ssp-jpy", (loses, hasty))).violations
    assert "customers lost 1000 yen; nobody can know of 0 yen to have and 0 yen to lack" in [wrong.text for wrong in found]
