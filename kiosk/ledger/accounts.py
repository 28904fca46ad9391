"""Where a yen can be, and one function for each thing that can happen to it.

Debit is positive. Accounts that *hold* money stand positive; accounts that say *whose* it is stand negative; every entry, and
so the whole ledger, sums to zero.

======================  =====  ==================================================================================
account                 sign   meaning
======================  =====  ==================================================================================
``ESCROW``              plus   a note held where it can still go both ways
``CASHBOX:<yen>``       plus   notes of that denomination in the cash box
``COINBOX:<yen>``       plus   pieces in a box that pays nothing out: of a coin acceptor, or a changer's overflow
``FLOAT:<dev>:<yen>``   plus   pieces in a hopper, drum or changer of that name, ready to be paid out
``UNACCOUNTED``         plus   money the machine can no longer speak for; declared, not guessed
``CARD_CLEARING``       plus   captured on a card, to come from the acquirer
``COLLECTED``           plus   taken out of the machine by staff
``OVER_SHORT``          both   differences found by counting: positive is missing money, negative is too much
``CUSTOMER_INSERTED``   minus  the customer's money while the visit lasts; zero when it is at rest
``SALES:<carrier>``     minus  top-ups completed at that carrier
``OWED``                minus  OWED slips printed and not honoured yet
``REFUND``              minus  slips honoured: paid out of the shop's own till
``CHANGE_PAID``         zero   passed through by every payout: what the customer was due against what left the float, so that
                               its turnover is all that was ever paid out
``REFILLED``            minus  the shop's own money that staff put into the float
``FORGOTTEN``           minus  left behind by a customer who walked away
======================  =====  ==================================================================================

The functions are pure and return a balanced tuple of postings; tuples may be joined with ``+`` into one entry. Each raises
ValueError for an amount that is not a whole number of yen above zero.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

CUSTOMER_INSERTED = "CUSTOMER_INSERTED"
ESCROW = "ESCROW"
OWED = "OWED"
UNACCOUNTED = "UNACCOUNTED"
REFUND = "REFUND"
FORGOTTEN = "FORGOTTEN"
OVER_SHORT = "OVER_SHORT"
CHANGE_PAID = "CHANGE_PAID"
REFILLED = "REFILLED"
CARD_CLEARING = "CARD_CLEARING"
COLLECTED = "COLLECTED"

PLAIN_ACCOUNTS = (
    CUSTOMER_INSERTED,
    ESCROW,
    UNACCOUNTED,
    CARD_CLEARING,
    COLLECTED,
    OVER_SHORT,
    OWED,
    REFUND,
    CHANGE_PAID,
    REFILLED,
    FORGOTTEN,
)
"""The accounts without a parameter; balances always name them, even at zero."""

_CASHBOX = "CASHBOX:"
_COINBOX = "COINBOX:"
_FLOAT = "FLOAT:"
_SALES = "SALES:"
_PLACE = re.compile(r"(?:CASHBOX|COINBOX|FLOAT:[a-z][a-z0-9-]{0,31}):([1-9][0-9]{0,6})")
_WITH_PARAMETER = re.compile(rf"{_PLACE.pattern}|SALES:[A-Za-z0-9][A-Za-z0-9._-]{{0,63}}")


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg of an entry: so many yen to the debit (positive) or credit (negative) of one account."""

    account: str
    yen: int


Postings = tuple[Posting, ...]


@lru_cache(maxsize=1024)
def is_account(name: str) -> bool:
    """Tell whether ``name`` is one of the accounts of this module."""
    return name in PLAIN_ACCOUNTS or _WITH_PARAMETER.fullmatch(name) is not None


def cashbox(yen: int) -> str:
    """Return the account of the cash box for notes of ``yen``."""
    return f"{_CASHBOX}{yen}"


def coinbox(yen: int) -> str:
    """Return the account of the boxes in which pieces of ``yen`` lie until staff collect them."""
    return f"{_COINBOX}{yen}"


def float_of(device: str, yen: int) -> str:
    """Return the account of the pieces of ``yen`` that ``device`` can pay out. Raises ValueError for a bad name."""
    if not is_account(f"{_FLOAT}{device}:{yen}"):
        raise ValueError(f"{device!r} and {yen!r} cannot name a float")
    return f"{_FLOAT}{device}:{yen}"


def device_of(account: str) -> str | None:
    """Return the device of a ``FLOAT`` account, None for any other."""
    return account.split(":")[1] if account.startswith(_FLOAT) and is_account(account) else None


def sales(carrier: str) -> str:
    """Return the account of top-ups completed at ``carrier``. Raises ValueError when that cannot be part of a name."""
    if not is_account(f"{_SALES}{carrier}"):
        raise ValueError(f"{carrier!r} cannot name a carrier's account: letters, digits, dot, dash and underscore only")
    return f"{_SALES}{carrier}"


def denomination_of(account: str) -> int | None:
    """Return the denomination in yen of a place of pieces (``CASHBOX``, ``COINBOX``, ``FLOAT``), None for any other account."""
    match = _PLACE.fullmatch(account)
    return int(match[1]) if match else None


def carrier_of(account: str) -> str | None:
    """Return the carrier of a ``SALES`` account, None for any other."""
    return account.removeprefix(_SALES) if account.startswith(_SALES) else None


def _move(yen: int, *, to: str, out_of: str) -> Postings:
    if type(yen) is not int or yen <= 0:
        raise ValueError(f"{yen!r} is not an amount: whole yen above zero")
    return Posting(to, yen), Posting(out_of, -yen)


def note_in_escrow(yen: int) -> Postings:
    """The validator has recognised a note and holds it; it still can be handed back."""
    return _move(yen, to=ESCROW, out_of=CUSTOMER_INSERTED)


def note_returned(yen: int) -> Postings:
    """The note in escrow went back into the customer's hand."""
    return _move(yen, to=CUSTOMER_INSERTED, out_of=ESCROW)


def note_stacked(yen: int) -> Postings:
    """The note in escrow fell into the cash box: the point of no return for cash. It is still the customer's money."""
    return _move(yen, to=cashbox(yen), out_of=ESCROW)


def sale(carrier: str, yen: int) -> Postings:
    """The carrier completed a top-up: so much of the customer's money is earned."""
    return _move(yen, to=CUSTOMER_INSERTED, out_of=sales(carrier))


def owed(yen: int) -> Postings:
    """The machine keeps money it sold nothing for and cannot pay back: the customer gets an OWED slip that staff honour."""
    return _move(yen, to=CUSTOMER_INSERTED, out_of=OWED)


def owed_paid(yen: int) -> Postings:
    """Staff honoured an OWED slip out of the shop's till."""
    return _move(yen, to=OWED, out_of=REFUND)


def note_unaccounted(yen: int) -> Postings:
    """The note left escrow and nobody saw where to: power went, a jam, a lost reply. Declared, until somebody looks."""
    return _move(yen, to=UNACCOUNTED, out_of=ESCROW)


def found_stacked(yen: int) -> Postings:
    """The unaccounted note turned out to be in the cash box: the device's own counter says so, or staff counted it.

    Whose money it is does not change: a customer who has a slip keeps it, one still at the kiosk is credited as before.
    """
    return _move(yen, to=cashbox(yen), out_of=UNACCOUNTED)


def found_returned(yen: int, *, slip_given: bool) -> Postings:
    """The unaccounted note turned out to have gone back to the customer.

    With ``slip_given`` it closes the OWED slip written meanwhile, as the customer has the note already; without, it takes the
    note off the credit of the visit, which is still under way.
    """
    return _move(yen, to=OWED if slip_given else CUSTOMER_INSERTED, out_of=UNACCOUNTED)


def unaccounted_written_off(yen: int) -> Postings:
    """Nobody ever found the note, or the customer was served on its credit and had it back as well: the shop's loss."""
    return _move(yen, to=OVER_SHORT, out_of=UNACCOUNTED)


def forgotten(yen: int) -> Postings:
    """The customer walked away and left money that no slip could be handed out for."""
    return _move(yen, to=CUSTOMER_INSERTED, out_of=FORGOTTEN)


def coin_in(place: str, yen: int) -> Postings:
    """A coin, or a note of a machine without escrow, fell into ``place``: it is the customer's credit at once."""
    return _move(yen, to=place, out_of=CUSTOMER_INSERTED)


def moved(place: str, to: str, yen: int) -> Postings:
    """Pieces went from one place inside the machine to another: from the box to a drum, or over the brim into the box."""
    return _move(yen, to=to, out_of=place)


def change_paid(yen: int) -> Postings:
    """The customer has got back so much of what was theirs; the other half of the story is :func:`float_paid`."""
    return _move(yen, to=CUSTOMER_INSERTED, out_of=CHANGE_PAID)


def float_paid(device: str, piece_yen: int, count: int) -> Postings:
    """``device`` counted so many pieces out to the customer."""
    return _move(piece_yen * count, to=CHANGE_PAID, out_of=float_of(device, piece_yen))


def payout_unsure(device: str, piece_yen: int, count: int) -> Postings:
    """Nobody can say whether so many pieces still lie in ``device`` or are in the customer's hand: declared, until asked again.

    No yen is lost by it. The pieces stand here at their full worth until the device's counter or staff's hands say where they
    are; and the customer, to whom :func:`owed` books as much, holds a slip for all that was not seen to come out.
    """
    return _move(piece_yen * count, to=UNACCOUNTED, out_of=float_of(device, piece_yen))


def found_paid(yen: int, slip_yen: int) -> Postings:
    """The customer turned out to have so much of what was out of sight; ``slip_yen`` is what a slip still owes them.

    What staff had honoured already when that came to light, the customer has twice: the shop's loss.
    """
    lost = unaccounted_written_off(yen)
    settled = max(0, min(yen, slip_yen))
    if not settled:
        return lost
    legs = found_returned(settled, slip_given=True)
    return legs + unaccounted_written_off(yen - settled) if yen > settled else legs


def unsure_still_there(device: str, piece_yen: int, count: int) -> Postings:
    """The device's counter says that they never left it; the slip stands."""
    return _move(piece_yen * count, to=float_of(device, piece_yen), out_of=UNACCOUNTED)


def refilled(device: str, piece_yen: int, count: int) -> Postings:
    """Staff put the shop's own money into the float; also what was found in it on its first day."""
    return _move(piece_yen * count, to=float_of(device, piece_yen), out_of=REFILLED)


def counted(place: str, booked: int, found: int) -> Postings:
    """A count of the pieces at ``place`` does not agree with the books: the count wins, OVER_SHORT has the difference.

    Empty when they agree. Raises ValueError for a place that holds no pieces.
    """
    piece_yen = denomination_of(place)
    if piece_yen is None:
        raise ValueError(f"{place} holds no pieces")
    more = piece_yen * (found - booked)
    return (Posting(place, more), Posting(OVER_SHORT, -more)) if more else ()


def extra_paid(device: str, piece_yen: int, count: int) -> Postings:
    """``device`` paid out more than it was told to: the shop's loss."""
    return _move(piece_yen * count, to=OVER_SHORT, out_of=float_of(device, piece_yen))


def card_captured(yen: int) -> Postings:
    """The card terminal approved and captured a payment, which is the customer's credit from here on."""
    return _move(yen, to=CARD_CLEARING, out_of=CUSTOMER_INSERTED)


def card_reversed(yen: int) -> Postings:
    """The terminal acknowledged that a captured payment was taken back."""
    return _move(yen, to=CUSTOMER_INSERTED, out_of=CARD_CLEARING)


def cash_collected(note_yen: int, booked_notes: int, counted_notes: int) -> Postings:
    """Staff emptied the cash box of one denomination; see :func:`collected`."""
    return collected(cashbox(note_yen), booked_notes, counted_notes)


def collected(place: str, booked: int, found: int) -> Postings:
    """Staff emptied ``place``: the books said ``booked`` pieces, hands counted ``found``.

    The difference goes to OVER_SHORT for all to see. Raises ValueError when either count is negative or both are zero, or when
    ``place`` holds no pieces.
    """
    piece_yen = denomination_of(place)
    if piece_yen is None or booked < 0 or found < 0 or not booked + found:
        raise ValueError(f"cannot collect {found} of {booked} pieces of {place}")
    legs = (
        Posting(place, -piece_yen * booked),
        Posting(COLLECTED, piece_yen * found),
        Posting(OVER_SHORT, piece_yen * (booked - found)),
    )
    return tuple(leg for leg in legs if leg.yen)
