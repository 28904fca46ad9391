"""What lies ready to be paid out, by device: its own count where it counts, the books' where it does not.

A hopper knows nothing of what is in it: the books begin with what ``[float]`` in ``config/terminal.toml`` says, or staff,
and every coin in and out is booked from there. A changer or recycler counts: its count wins, and a difference to the books is
OVER_SHORT and a remark for staff. Payable is never more than both agree on.

Between the two is a recycler whose protocol tells no counts (ID-003): nobody can say whether a note went into its box or on a
drum. Such notes stay booked in the box until staff count; the float is what ``[float]`` or staff said, less what was paid.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hardware.dispenser import CashDispenser
from kiosk.desk import Desk
from kiosk.ledger import accounts
from kiosk.ledger.accounts import Postings
from kiosk.ledger.entry import Entry, Kind
from kiosk.session.change import UNIT_YEN
from kiosk.session.state import Pieces


class Floats:
    """The floats of all devices of one terminal."""

    def __init__(
        self, dispensers: Mapping[str, CashDispenser], desk: Desk, opened: set[str], opening: Mapping[str, Mapping[int, int]]
    ) -> None:
        """``opened`` names the devices whose float the journal knows; ``opening`` is what the config says of the others."""
        self._dispensers = dispensers
        self._desk = desk
        self._opened = opened
        self._opening = opening
        self._waiting: Counter[tuple[str, str, int]] = Counter()
        """Pieces that may have gone to a drum: by who took them, device and value."""

    def booked(self, device: str, yen: int) -> int:
        """Return how many pieces of ``yen`` the books have in ``device``."""
        return self._desk.around.journal.balance(accounts.float_of(device, yen)) // yen

    def held(self, device: str) -> Counter[int]:
        """Return what can be paid out of ``device``."""
        dispenser = self._dispensers[device]
        levels = dispenser.levels
        found: Counter[int] = Counter()
        for yen in dispenser.denominations:
            level, booked = levels.get(yen), self.booked(device, yen)
            if yen % UNIT_YEN == 0:
                found[yen] = booked if level is None else min(level, booked)
        return found

    def gives(self, doubtful: Mapping[str, object]) -> Pieces:
        """Return what can be paid out now by devices that are ready, and whose last order is not in doubt."""
        together: Counter[int] = Counter()
        for device, dispenser in self._dispensers.items():
            if dispenser.status.ready and device not in doubtful:
                together += self.held(device)
        return tuple(sorted(together.items(), reverse=True))

    def split(self, pieces: Pieces, doubtful: Mapping[str, object]) -> list[tuple[str, Pieces]]:
        """Share an order out among the devices that hold it; what none holds any more is left out."""
        left = Counter(dict(pieces))
        parts = []
        for device in self._dispensers:
            if device not in doubtful:
                part = left & self.held(device)
                left -= part
                if part:
                    parts.append((device, tuple(sorted(part.items(), reverse=True))))
        return parts

    def open(self) -> None:
        """Book, once, what lies in a device on its first day; a device that counts is waited for until it can say."""
        for device, dispenser in self._dispensers.items():
            if device in self._opened:
                continue
            pieces = Counter(dict(self._opening.get(device, {})))
            counted = {yen: level for yen, level in dispenser.levels.items() if level is not None}
            if counted and dispenser.status.ready:
                pieces = Counter(counted)
            elif counted or device not in self._opening:
                continue
            self._opened.add(device)
            self.refilled(device, +pieces, "found on the first day")

    def refilled(
        self, device: str, pieces: Mapping[int, int], why: str, also: tuple[Entry, ...] = (), **more: Any
    ) -> dict[str, Any]:
        """Book the shop's own money that was put into a device, with what is ``also`` to be in that commit; return its facts.

        Raises ValueError for what it cannot pay out.
        """
        dispenser = self._dispensers[device]
        if wrong := [yen for yen, count in pieces.items() if yen not in dispenser.denominations or count < 0]:
            raise ValueError(f"{device} does not pay out {', '.join(map(str, wrong))} yen, or less than nothing was put in")
        legs: Postings = ()
        for yen, count in sorted(pieces.items()):
            legs += accounts.refilled(device, yen, count) if count else ()
        self._opened.add(device)
        facts = {"device": device, "pieces": [[yen, count] for yen, count in sorted(pieces.items())], "why": why}
        self._desk.append(Entry(Kind.FLOAT, "", facts | more, legs), *also)
        return facts | more

    def taken(self, source: str, device: str, yen: int) -> None:
        """A piece went into a device that also pays out: it is booked in the box, until the device's own count has grown.

        ``source`` is the coin acceptor's name, empty for a note."""
        if device in self._dispensers:
            self._waiting[source, device, yen] += 1

    def follow(self) -> None:
        """Move pieces from box to drum in the books as far as a device's own count has grown."""
        for (source, device, yen), waiting in list(self._waiting.items()):
            level = self._dispensers[device].levels.get(yen)
            grown = min(waiting, (level or 0) - self.booked(device, yen))
            if grown > 0:
                self._waiting[source, device, yen] -= grown
                box = accounts.coinbox(yen) if source else accounts.cashbox(yen)
                legs = accounts.moved(box, accounts.float_of(device, yen), yen * grown)
                facts = {"from": source, "to": device, "yen": yen, "pieces": grown}
                self._desk.append(Entry(Kind.MOVED, "", facts, legs))
        self._waiting = +self._waiting

    def compare(self, doubtful: Mapping[str, object]) -> None:
        """With nobody served: where a device's own count is not that of the books, the device is right."""
        self.follow()
        for device, dispenser in self._dispensers.items():
            if device not in self._opened or device in doubtful or not dispenser.status.ready:
                continue
            for yen, level in sorted(dispenser.levels.items()):
                booked = self.booked(device, yen)
                if level is not None and level != booked:
                    legs = accounts.counted(accounts.float_of(device, yen), booked, level)
                    self._desk.remark("float differs", legs, float=device, yen=yen, booked=booked, found=level)
        self._waiting.clear()
