"""The till's clerk for the shop's hand in the machine: collection, filling, counting, and slips honoured at the desk.

Staff count piece by piece without being told what the books expect. Every kind of piece that the books have at a place must be
named, 0 too, so that nothing is taken for missing that was only forgotten. What differs is OVER_SHORT, with who counted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.dayclerk import DayClerk, NotNow
from kiosk.desk import Desk
from kiosk.floats import Floats
from kiosk.investigations import Investigations
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry, Kind
from kiosk.reportclerk import ReportClerk
from kiosk.reports.slips import claim_slip, collection_slip, filling_slip

Pieces = Mapping[int, int]
"""Count by yen value."""


class CashClerk:
    """Books what staff do with one till's money. Everything raises NotNow or ValueError, with a text for people."""

    def __init__(
        self, desk: Desk, floats: Floats, days: DayClerk, reports: ReportClerk, investigations: Investigations
    ) -> None:
        self._desk = desk
        self._floats = floats
        self._days = days
        self._reports = reports
        self._investigations = investigations

    def places(self) -> dict[str, dict[int, int]]:
        """Return what the books have at every place, in pieces by yen value."""
        found: dict[str, dict[int, int]] = {}
        for account, balance in sorted(self._desk.around.journal.balances().items()):
            yen = accounts.denomination_of(account)
            if yen is not None and balance:
                found.setdefault(account.rpartition(":")[0], {})[yen] = balance // yen
        return found

    def collect(self, place: str, found: Pieces, by: Sequence[str], seal: str, *, partial: bool = False) -> int:
        """Book that ``place`` was emptied and counted, or that a part was taken out; print the slip, return its number."""
        self._needs_calm(place)
        booked = self._at(place, found, all_of_it=not partial)
        needed = self._desk.around.business.persons_to_collect
        if len(by) < needed:
            raise NotNow(f"{needed} persons take money out together: log the other one in too")
        if not seal:
            raise ValueError("the number of the bag's seal is missing: seal NUMBER at the end")
        number = self._next_number()
        entries = []
        for yen, pieces in sorted(found.items(), reverse=True):
            account, there = f"{place}:{yen}", booked.get(yen, 0)
            if partial and pieces > there:
                raise ValueError(f"the books have {there} pieces of {yen:,} yen there: collect all of it and count")
            if not pieces and (partial or not there):
                continue
            legs = accounts.collected(account, pieces if partial else there, pieces)
            facts = {"number": number, "place": account, "yen": yen, "booked": there, "found": pieces, "partial": partial}
            entries.append(Entry(Kind.COLLECTED, "", {**facts, "by": list(by), "seal": seal}, legs))
        if not entries:
            raise ValueError(f"there is nothing at {place} to be taken, by the books and by your count")
        intent = self._reports.intent("collection", number)
        self._write(*entries, intent)
        around = self._desk.around
        bodies = [entry.body for entry in entries]
        self._reports.print(intent, collection_slip(around.staff_paper, bodies, around.calendar.now(), 0))
        self._desk.devices_changed()
        return number

    def count(self, place: str, found: Pieces, by: Sequence[str]) -> int:
        """Book that ``place`` was counted and nothing taken; return by how many yen the books were wrong."""
        self._needs_calm(place)
        booked = self._at(place, found, all_of_it=True)
        difference = 0
        for yen, pieces in sorted(found.items(), reverse=True):
            there = booked.get(yen, 0)
            if legs := accounts.counted(f"{place}:{yen}", there, pieces):
                self._desk.remark("counted by staff", legs, place=f"{place}:{yen}", booked=there, found=pieces, by=list(by))
                difference += yen * (pieces - there)
        self._desk.devices_changed()
        return difference

    def fill(self, device: str, pieces: Pieces, by: Sequence[str]) -> int:
        """Book the shop's own money put into a device; print the slip, return its number."""
        if device not in self._desk.around.dispensers:
            known = ", ".join(self._desk.around.dispensers) or "none"
            raise ValueError(f"{device} pays nothing out, expected one of {known}")
        number = self._next_number()
        around, intent = self._desk.around, self._reports.intent("filling", number)
        facts = self._floats.refilled(device, pieces, "filled by staff", (intent,), number=number, by=list(by))
        self._reports.print(intent, filling_slip(around.staff_paper, facts, around.calendar.now(), 0))
        self._desk.devices_changed()
        return number

    def pay_claim(self, visit: int, yen: int, by: Sequence[str]) -> None:
        """Honour a customer's slip out of the shop's till: once, whole, and only what the books owe on it."""
        reference, story = self._story(visit)
        owed = -self._desk.around.journal.balances(str(visit))[accounts.OWED]
        if owed <= 0:
            paid = next((row for row in reversed(story) if row.kind == Kind.PAID_AT_DESK), None)
            if paid is not None:
                who = " and ".join(paid.body["by"])
                raise NotNow(f"{reference} was paid already: {paid.body['yen']:,} yen on {paid.at:%Y-%m-%d %H:%M} by {who}")
            raise NotNow(f"nothing is owed on {reference}")
        if yen != owed:
            raise NotNow(f"the books owe {owed:,} yen on {reference}, not {yen:,}: pay nothing, and look at the slip")
        body = {"claim": reference, "yen": yen, "by": list(by)}
        intent = self._reports.intent("claim", reference)
        self._write(Entry(Kind.PAID_AT_DESK, str(visit), body, accounts.owed_paid(yen)), intent)
        around = self._desk.around
        self._reports.print(intent, claim_slip(around.staff_paper, body, around.calendar.now(), 0))

    def resolve(self, visit: int, *, completed: bool, by: Sequence[str]) -> None:
        """Take staff's word for what became of a top-up under investigation: the carrier's settlement says so."""
        reference, _ = self._story(visit)
        if reference not in self._investigations.open:
            raise NotNow(f"{reference} is not under investigation")
        word = Entry(Kind.REMARK, "", {"what": "resolved by staff", "reference": reference, "by": list(by)})
        self._write(*self._investigations.entries(reference, completed=completed, by="staff"), word)
        self._investigations.close(reference)

    def write_off(self, visit: int, yen: int, by: Sequence[str]) -> None:
        """Nobody will ever find what went out of sight on this visit: the shop's loss, or a surplus at the next count."""
        reference, _ = self._story(visit)
        missing = self._desk.around.journal.balances(str(visit))[accounts.UNACCOUNTED]
        if yen != missing:
            raise NotNow(f"{missing:,} yen are out of sight on {reference}, not {yen:,}")
        facts = {"what": "written off by staff", "yen": yen, "by": list(by)}
        self._write(Entry(Kind.REMARK, str(visit), facts, accounts.unaccounted_written_off(yen)))

    def _story(self, visit: int) -> tuple[str, list[Any]]:
        around, state = self._desk.around, self._desk.state
        story = list(around.journal.rows(visit=str(visit)))
        if not story:
            raise NotNow(f"there is no {around.kiosk_id}-{visit} in this kiosk's books")
        if visit == state.visit and not state.at_rest:
            raise NotNow("that visit is not over")
        return f"{around.kiosk_id}-{visit}", story

    def _at(self, place: str, found: Pieces, *, all_of_it: bool) -> dict[int, int]:
        """Return what the books have at a place. Raises ValueError for a place or count that cannot be."""
        booked = self.places().get(place, {})
        if wrong := [yen for yen in found if not accounts.is_account(f"{place}:{yen}")]:
            raise ValueError(f"{place} holds no {wrong[0]} yen pieces; places are as in staff money")
        if not found or any(accounts.denomination_of(f"{place}:{yen}") is None for yen in found):
            raise ValueError(f"expected pieces as in 1000x12, at a place of staff money: {', '.join(self.places())}")
        if all_of_it and (unnamed := sorted(booked.keys() - found.keys(), reverse=True)):
            examples = " ".join(f"{yen}x0" for yen in unnamed)
            raise ValueError(f"{place} should hold other pieces too: count all of them, and say {examples} if there are none")
        return booked

    def _next_number(self) -> int:
        return self._days.totals().collections + 1

    def _needs_calm(self, place: str) -> None:
        if self._desk.state.paying is not None and place.startswith("FLOAT:"):
            raise NotNow("change is on its way out; say it again when it is")

    def _write(self, *entries: Entry) -> None:
        if not self._desk.append(*entries):
            raise NotNow("the journal cannot be written")
