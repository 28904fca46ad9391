"""Sees every write of the journal, everything inside the devices and every request, and says at once what is against the rules.

The oracle of the moment; :mod:`kiosk.simulation.oracle` is that of rest. What is checked at each step, in the words of the
invariants that ``docs/architecture.md`` and the README promise:

* *Books*: all accounts together are zero, and no more pieces of a kind are booked inside than there are inside.
* *Write first, then act*: no note passes escrow, no piece is paid out, no request that moves money leaves, no paper comes out
  without its intent in the journal.
* *Once*: no piece is paid out beyond what was ordered, no top-up delivered twice, no step sent under a second key, no paper
  of a visit printed more often than announced.
* *Truth*: no receipt of a sale is ordered before the carrier has delivered.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.simulation.piles import inside
from kiosk.simulation.world import World
from kiosk.topup.answers import TopupState

REFERENCE = re.compile(r"\b([A-Z0-9]{8})-([0-9]{1,12})\b")
_STEP = re.compile(r"/topups(?:/(?P<topup>[^/]+)/(?P<step>commit|cancel|reverse))?$")
_PAID = {"coin_paid", "coin_stolen", "note_paying", "cash_paid"}
_KEPT = {"coin_uncredited", "coin_taken_by_staff", "note_taken_by_staff"}
_TAKEN = {"cheated", "coin_pulled", "note_taken_by_staff", "coin_taken_by_staff", "coin_stolen", "hopper_emptied"}


class Witness:
    """Watches one world; what is wrong is told once, in words."""

    def __init__(self, world: World, tell: Callable[[str], None]) -> None:
        self._world = world
        self._tell = tell
        self.suspects: set[str] = set()
        """Why pieces may not be where the books say: told by whoever did it, forgotten when staff have counted."""
        self._open: dict[str, dict[str, Any]] = {}
        self._prints: Counter[str] = Counter()
        self._papers: Counter[str] = Counter()
        self._ordered: Counter[tuple[str, int]] = Counter()
        self._orders: dict[str, Counter[int]] = {}
        self._paid: Counter[tuple[str, int]] = Counter()
        self._keys: dict[str, str] = {}
        self._acknowledged = world.journal.head.seq
        self._turned_up_yen = 0
        """Worth of a note whose intent was ended as missing, and that was just written down as waiting in escrow after all."""
        self.may_have_yen = 0
        """Worth of what went out of sight, or was missed at a count: customers may have it, and nobody can know."""
        self.may_lack_yen = 0
        """Worth of what was found too much at a count, or taken off a slip because a device said that its customer has it."""
        self.kept_yen = 0
        """Worth of what customers have put in and no device could tell of: coins past the sensors, what staff found."""

    def memory(self) -> list[Any]:
        """Return all that it remembers: two with the same memory judge the same world alike."""
        return [value for name, value in vars(self).items() if name not in ("_world", "_tell")]

    # --- the journal ------------------------------------------------------------------------------------------------

    def wrote(self, entries: tuple[Entry, ...]) -> None:
        """The journal holds these from now on."""
        self._acknowledged = self._world.journal.head.seq
        touched = set()
        for entry in entries:
            self._hear(entry)
            self._weigh(entry)
            for posting in entry.postings:
                if accounts.denomination_of(posting.account):
                    touched.add(accounts.denomination_of(posting.account))
        if touched:
            self._no_more_than_there_is()

    def _weigh(self, entry: Entry) -> None:
        """Add up what the books themselves say that nobody can know."""
        legs: Counter[str] = Counter()
        for posting in entry.postings:
            legs[posting.account] += posting.yen
        out_of_sight, differs = legs[accounts.UNACCOUNTED], legs[accounts.OVER_SHORT]
        if out_of_sight < 0:
            self.may_lack_yen += max(0, legs[accounts.OWED])
        else:
            self.may_have_yen += out_of_sight + max(0, differs)
            self.may_lack_yen += max(0, -differs)

    def _hear(self, entry: Entry) -> None:
        body = entry.body
        match entry.kind:
            case Kind.INTENT:
                self._open[body["intent"]] = dict(body)
                if body["action"] == "print":
                    self._prints[entry.visit] += 1
                    if body["kind"] == "receipt":
                        self._sold(entry.visit)
            case Kind.RESULT:
                self._open.pop(body["intent"], None)
            case Kind.ORDER:
                for yen, count in body["pieces"]:
                    self._ordered[body["device"], yen] += count
                    self._orders.setdefault(body["intent"], Counter())[yen] += count
            case Kind.REMARK if body.get("what") == "coins unaccounted":
                self.suspects.add("coins that nobody recognised")
            case Kind.REMARK if body.get("what") == "note declared missing waits in escrow":
                self._turned_up_yen = body["yen"]

    def _sold(self, visit: str) -> None:
        reference = f"{self._world.config.kiosk_id}-{visit}"
        topups = self._world.carrier.topups.where("client_ref", reference)
        if not topups or topups[0].state != TopupState.COMPLETED:
            self._tell(f"a receipt of {reference} is ordered, and the carrier has not delivered")

    def _no_more_than_there_is(self) -> None:
        books = self._world.journal.balances()
        if total := sum(books.values()):
            self._tell(f"all accounts together are {total} yen, not 0")
        if self.suspects:
            return
        there = inside(self._world.bench.devices)
        booked: Counter[int] = Counter()
        for account, yen in books.items():
            if (piece := accounts.denomination_of(account)) is not None:
                booked[piece] += yen // piece
        for intent, pieces in self._orders.items():
            if intent in self._open:
                there += pieces  # on their way to the customer, or in the tray and not counted yet
        for piece, count in sorted(booked.items()):
            if count > there[piece]:
                self._tell(f"{count} pieces of {piece} yen are booked inside, and there are {there[piece]}")

    # --- devices ----------------------------------------------------------------------------------------------------

    def happened(self, device: str, fact: dict[str, Any]) -> None:
        """Something happened inside a device."""
        event = fact["event"]
        if event in _PAID:
            self._paid_out(device, fact["yen"], event)
        elif event == "note_taken_by_staff" and self._announced("pay_out"):
            self._paid[device, fact["yen"]] -= 1  # it was on its way out, and the unit pays another in its place
        elif event == "note_stacking":
            turned_up, self._turned_up_yen = fact["yen"] == self._turned_up_yen, 0
            if not turned_up and not self._announced("stack"):
                self._tell(f"{device}: a note of {fact['yen']} yen leaves escrow, and no intent says so")
        elif event == "receipt_cut":
            self._paper(str(fact.get("text", "")))
        if event in _TAKEN or (event == "cleared" and fact.get("yen")):
            self.suspects.add(f"{device}: {event}")
        if event in _KEPT or event == "cleared":
            self.kept_yen += fact.get("yen", 0)

    @property
    def prints(self) -> bool:
        """Whether a paper was announced and nobody has said yet what became of it."""
        return self._announced("print", "report", "reprint")

    def _announced(self, *actions: str) -> bool:
        return any(body["action"] in actions for body in self._open.values())

    def _paid_out(self, device: str, yen: int, event: str) -> None:
        if event == "coin_stolen":
            return
        self._paid[device, yen] += 1
        if self._paid[device, yen] > self._ordered[device, yen]:
            self._tell(
                f"{device} has paid out {self._paid[device, yen]} x {yen} yen, {self._ordered[device, yen]} were ordered"
            )

    def _paper(self, text: str) -> None:
        for kiosk_id, visit in set(REFERENCE.findall(text)):
            if kiosk_id != self._world.config.kiosk_id:
                continue
            self._papers[visit] += 1
            if self._papers[visit] > self._prints[visit]:
                self._tell(f"paper {self._papers[visit]} of visit {visit} came out, {self._prints[visit]} were announced")

    # --- the carrier ------------------------------------------------------------------------------------------------

    def asked(self, request: httpx.Request) -> None:
        """A request leaves for the carrier."""
        step = _STEP.search(request.url.path)
        if step is None or request.method != "POST":
            return
        body = json.loads(request.content or b"{}")
        key = request.headers["Idempotency-Key"]
        what = f"{step['step'] or 'reserve'} {step['topup'] or body['client_ref']}"
        if self._keys.setdefault(what, key) != key:
            self._tell(f"{what} was sent again under a new key: a carrier may do it twice")
        if not self._announced(step["step"] or "reserve") and not self._parked(step["topup"]):
            self._tell(f"{what} is sent, and no intent says so")

    def _parked(self, topup: str | None) -> bool:
        """Whether it is about a commit of a visit that has ended without its carrier's word."""
        return topup is not None and any(body.get("topup") == topup for body in self._open.values())

    def delivered_once(self) -> None:
        """No top-up was delivered twice."""
        for topup in self._world.carrier.topups.all():
            if topup.effects > 1:
                self._tell(f"{topup.client_ref} was delivered {topup.effects} times")

    def begin_again(self) -> None:
        """The program starts on a journal read anew from its disk: what it knows is what is in there."""
        head = self._world.journal.head.seq
        if head < self._acknowledged:
            self._tell(f"the journal has lost {self._acknowledged - head} rows that it had said were on the disk")
        self._acknowledged = head
        self._open, self._prints = {}, Counter()
        for row in self._world.journal.rows():
            if row.kind == Kind.INTENT:
                self._open[row.body["intent"]] = dict(row.body)
                self._prints[row.visit] += row.body["action"] == "print"
            elif row.kind == Kind.RESULT:
                self._open.pop(row.body["intent"], None)
