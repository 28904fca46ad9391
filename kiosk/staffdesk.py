"""What staff say at the desk, once they have logged in: readings and closings, money in and out, slips, receipts again.

The hand that pours the coins is another matter: at a real kiosk it is theirs, at an emulated one it is a command of the device.
"""

import re
from typing import Any

from hardware.emulator import BadCommand
from kiosk.ledger import accounts
from kiosk.pastpapers import PastPaper
from kiosk.receipts.electronic import plain_lines
from kiosk.stafflogin import StaffLogin
from kiosk.staffpins import StaffPins
from kiosk.till import Till
from kiosk.topup.gateway import client_ref

COMMANDS = {
    "staff login NAME": "begin, with the PIN on a line of its own; a second person logs in the same way",
    "staff logout": "end, for everybody",
    "staff x": "read what the business day adds up to by now (点検), here and on paper",
    "staff z [NUMBER]": "close the business day (精算) and print its report; with a number, print that one again",
    "staff money": "tell what the books have in every box and float, in pieces, and what nobody can speak for, in yen",
    "staff collect PLACE YENxCOUNT... seal SEAL": "a place was emptied and counted; PLACE as in ``staff money``",
    "staff take PLACE YENxCOUNT... seal SEAL": "a part was taken out of a place",
    "staff count PLACE YENxCOUNT...": "a place was counted and nothing taken",
    "staff fill DEVICE YENxCOUNT...": "the shop's own money was put into a hopper, drum or changer",
    "staff pay VISIT YEN": "a customer's slip was honoured out of the shop's till",
    "staff resolve VISIT delivered|refused": "the carrier's settlement says what became of a top-up under investigation",
    "staff write-off VISIT YEN": "what went out of sight on a visit will not be found any more",
    "staff receipts": "list today's receipts, and those of the last week that a customer may be without",
    "staff reprint VISIT": "print a receipt again, marked 再発行; VISIT is the transaction number or the receipt's number",
}
_MOST_PIECES = 100_000
_PIECES = re.compile(r"([1-9][0-9]{0,4})x([0-9]{1,6})")
_SEAL = re.compile(r"[A-Za-z0-9-]{1,24}")


class StaffDesk:
    """Staff's words to one till."""

    def __init__(self, till: Till, pins: StaffPins) -> None:
        self._till = till
        self.login = StaffLogin(till, pins)
        self._entering: str | None = None

    @property
    def greeting(self) -> str:
        """One line for whoever starts the kiosk: how staff get in."""
        return self.login.closed_because()

    @property
    def asks_pin(self) -> bool:
        """Whether the next line is a PIN, which nobody must see."""
        return self._entering is not None

    async def do(self, words: list[str]) -> dict[str, Any]:
        """Carry out what follows ``staff``. Raises BadCommand with a text for people."""
        try:
            match words:
                case ["login", name]:
                    self._entering = name
                    return {"device": "staff", "note": "PIN? (nothing is shown; an empty line goes back)"}
                case ["logout"]:
                    self.login.leave()
                    return {"device": "staff", "note": "logged out"}
            return await self._deed(words, self.login.persons())
        except ValueError as error:
            raise BadCommand(str(error)) from error

    def take_pin(self, pin: str) -> dict[str, Any]:
        """Take the line that was asked for. Raises BadCommand."""
        name, self._entering = self._entering or "", None
        if not pin:
            return {"device": "staff", "note": "nobody logged in"}
        try:
            persons = self.login.enter(name, pin.strip())
        except ValueError as error:
            raise BadCommand(str(error)) from error
        return {"device": "staff", "note": f"logged in: {' and '.join(persons)}"}

    async def _deed(self, words: list[str], by: tuple[str, ...]) -> dict[str, Any]:
        till = self._till
        match words:
            case ["x"]:
                return {"device": "X", "lines": plain_lines(till.days.print_reading())}
            case ["z"]:
                number = till.days.close_day(by[-1])
                return {"device": "Z", "note": f"Z {number} goes to the printer, {till.days.day.of} begins"}
            case ["z", old]:
                till.days.print_again(_whole(old))
                return {"device": "Z", "note": f"Z {old} goes to the printer again"}
            case ["collect" | "take" as word, place, *pieces, "seal", seal]:
                number = till.cash.collect(place, _pieces(pieces), by, _seal(seal), partial=word == "take")
                return {"device": place, "note": f"collection {number} booked, its slip goes to the printer{self._doubt()}"}
            case ["count", place, *pieces]:
                difference = till.cash.count(place, _pieces(pieces), by)
                return {"device": place, "note": f"counted, {difference:+,} yen against the books{self._doubt()}"}
            case ["fill", device, *pieces]:
                number = till.cash.fill(device, _pieces(pieces), by)
                return {"device": device, "note": f"filling {number} booked, its slip goes to the printer"}
            case ["pay", visit, yen]:
                till.cash.pay_claim(self._visit(visit), _whole(yen), by)
                return {"device": "books", "note": f"pay {int(yen):,} yen out of the shop's till; a slip is printed"}
            case ["resolve", visit, "delivered" | "refused" as word]:
                till.cash.resolve(self._visit(visit), completed=word == "delivered", by=by)
                return {"device": "books", "note": "booked as sold" if word == "delivered" else "booked as owed"}
            case ["write-off", visit, yen]:
                till.cash.write_off(self._visit(visit), _whole(yen), by)
                return {"device": "books", "note": f"{int(yen):,} yen written off"}
            case ["receipts"]:
                return {"device": "receipts", "lines": [self._line(past) for past in await till.papers.listing()]}
            case ["reprint", visit]:
                past = till.papers.print_again(self._visit(visit), by)
                return {"device": "receipts", "note": f"{self._reference(past)} goes to the printer, copy {past.copy}"}
            case ["money"]:
                return {"device": "books", **self._money()}
        raise ValueError("staff what? " + "; ".join(COMMANDS))

    def _doubt(self) -> str:
        """A warning while pieces may lie elsewhere than the books have them."""
        doubted = " and ".join(sorted(self._till.in_doubt))
        return f"; {doubted} has yet to say what became of a payout: count again when it has" if doubted else ""

    def _visit(self, text: str) -> int:
        """Read ``KONBINI1-7``, ``00000007`` or ``7``. Raises ValueError."""
        number = text.removeprefix(f"{self._till.around.kiosk_id}-")
        if not re.fullmatch("[0-9]{1,12}", number) or int(number) == 0:
            raise ValueError(f"found {text!r}, expected a transaction number such as {self._till.around.kiosk_id}-7")
        return int(number)

    def _reference(self, past: PastPaper) -> str:
        return client_ref(self._till.around.kiosk_id, past.state.visit)

    def _line(self, past: PastPaper) -> str:
        what = {"receipt": "receipt", "owed": "OWED slip", "investigation": "slip, under investigation"}
        told = f"{what[past.state.receipt_kind]} of {past.yen:,} yen"
        doubt = "  IN DOUBT" if past.in_doubt else ""
        sent = f"sent to the printer {past.copy} times" if past.copy != 1 else "sent to the printer once"
        return f"{self._reference(past)}  {past.issued_at:%Y-%m-%d %H:%M}  {told}: {past.outcome}, {sent}{doubt}"

    def _money(self) -> dict[str, int | str]:
        told: dict[str, int | str] = {}
        for place, pieces in self._till.cash.places().items():
            told[place] = " ".join(f"{yen}x{count}" for yen, count in sorted(pieces.items(), reverse=True))
        books = self._till.around.journal.balances()
        for name in (accounts.UNACCOUNTED, accounts.OVER_SHORT, accounts.OWED):
            if books[name]:
                told[name] = f"{books[name]:,} yen"
        if self._till.in_doubt:
            told["in doubt"] = " ".join(sorted(self._till.in_doubt))
        return told


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,7}", text):
        raise ValueError(f"found {text!r}, expected a whole number")
    return int(text)


def _pieces(words: list[str]) -> dict[int, int]:
    """Read ``1000x12 500x3``. Raises ValueError."""
    found: dict[int, int] = {}
    for word in words:
        match = _PIECES.fullmatch(word)
        if match is None or int(match[2]) > _MOST_PIECES or int(match[1]) in found:
            raise ValueError(f"found {word!r}, expected each kind of piece once, as in 1000x12")
        found[int(match[1])] = int(match[2])
    if not found:
        raise ValueError("expected pieces, as in 1000x12 500x3")
    return found


def _seal(text: str) -> str:
    if not _SEAL.fullmatch(text):
        raise ValueError(f"found {text!r}, expected the number on the seal: letters, digits and dashes")
    return text
