"""What staff tell the books at the desk: a device was filled up, a box was emptied and counted; and receipts printed again.

The hand that pours the coins is another matter: at a real kiosk it is theirs, at an emulated one it is a command of the device.
"""

from typing import Any

from hardware.emulator import BadCommand
from kiosk.ledger import accounts
from kiosk.pastpapers import PastPaper
from kiosk.till import Till
from kiosk.topup.gateway import client_ref

COMMANDS = {
    "staff fill DEVICE YEN COUNT": "book that so many pieces of the shop's money were put into a hopper, drum or changer",
    "staff collect PLACE COUNT": "book that a place was emptied and so many pieces counted; PLACE as in ``staff money``",
    "staff receipts": "list today's receipts, and those of the last week that a customer may be without",
    "staff reprint VISIT": "print a receipt again, marked 再発行; VISIT is the transaction number or the receipt's number",
    "staff money": "tell what the books have in every box and float, in pieces, and what nobody can speak for, in yen",
}
_MOST_PIECES = 100_000


class StaffDesk:
    """Staff's words to one till."""

    def __init__(self, till: Till) -> None:
        self._till = till

    async def do(self, words: list[str]) -> dict[str, Any]:
        """Carry out what follows ``staff``. Raises BadCommand with a text for people."""
        try:
            match words:
                case ["fill", device, yen, count]:
                    self._till.refilled(device, {_whole(yen): _whole(count)})
                    return {"device": device, "note": f"{count} pieces of {yen} yen booked"}
                case ["collect", place, count]:
                    self._till.collected(place, _whole(count))
                    return {"device": place, "note": f"{count} pieces booked as collected"}
                case ["receipts"]:
                    return {"device": "receipts", "lines": [self._line(past) for past in await self._till.papers.listing()]}
                case ["reprint", visit]:
                    past = self._till.papers.print_again(self._visit(visit))
                    return {"device": "receipts", "note": f"{self._reference(past)} goes to the printer, copy {past.copy}"}
                case ["money"]:
                    return {"device": "books", **self._money()}
        except ValueError as error:
            raise BadCommand(str(error)) from error
        raise BadCommand("staff what? " + "; ".join(COMMANDS))

    def _visit(self, text: str) -> int:
        """Read ``KONBINI1-7``, ``00000007`` or ``7``. Raises ValueError."""
        number = text.removeprefix(f"{self._till.around.kiosk_id}-")
        if not number.isdecimal() or len(number) > 12 or int(number) == 0:
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
        books = self._till.around.journal.balances()
        places = {name: accounts.denomination_of(name) for name in sorted(books)}
        told: dict[str, int | str] = {name: books[name] // yen for name, yen in places.items() if yen and books[name]}
        for name in (accounts.UNACCOUNTED, accounts.OVER_SHORT, accounts.OWED):
            if books[name]:
                told[name] = f"{books[name]:,} yen"
        if self._till.in_doubt:
            told["in doubt"] = " ".join(sorted(self._till.in_doubt))
        return told


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 7 or int(text) > _MOST_PIECES:
        raise ValueError(f"found {text!r}, expected a whole number up to {_MOST_PIECES:,}")
    return int(text)
