"""Barcode tickets at an emulated ID-003 unit: which ones it lets through, as its settings say.

C6 ``01 12`` is interleaved 2 of 5 with 18 characters; bit 3 of C5 makes it 24 [2]. [U]: that 00 switches tickets off, that bit
0 of C7 inhibits them as C3 inhibits everything, that a ticket of another length is refused with 91 (what each of 91..96 and
9D stands for is not known), and that a ticket's way to the box is that of a note, VEND VALID included.
"""

from collections.abc import Mapping

from hardware.benchcommand import Answer, BenchCommand
from hardware.bills.id003.frames import Command, OptionalFunction, Reject
from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Place
from hardware.emulator import BadCommand
from hardware.vocabulary import RefuseReason

INTERLEAVED_2_OF_5 = 0x01
LONG_CHARACTERS = 24
LONGEST = 40


def tickets_permitted(settings: Mapping[int, bytes]) -> bool:
    """Return whether tickets are let through to escrow."""
    inhibited = settings[Command.SET_INHIBIT][0] & 1 or settings[Command.SET_BAR_INHIBIT][0] & 1
    return settings[Command.SET_BARCODE_FUNCTION][0] == INTERLEAVED_2_OF_5 and not inhibited


def ticket_characters(settings: Mapping[int, bytes]) -> int:
    """Return how long a ticket has to be."""
    long = settings[Command.SET_OPTIONAL_FUNCTION][0] & OptionalFunction.BARCODE_24_CHARACTERS
    return LONG_CHARACTERS if long else settings[Command.SET_BARCODE_FUNCTION][1]


def ticket_command(mechanism: BillMechanism, settings: Mapping[int, bytes]) -> BenchCommand:
    """Return the hand that inserts a ticket; ``settings`` are looked at when it does."""

    def insert(words: list[str], now_s: float) -> Answer:
        if len(words) != 1 or not (words[0].isascii() and words[0].isdecimal()) or len(words[0]) > LONGEST:
            raise BadCommand(f"ticket takes up to {LONGEST} digits: ticket 123456789012345678")
        fits = len(words[0]) == ticket_characters(settings) or not tickets_permitted(settings)
        flaw, detail = (None, "") if fits else (RefuseReason.UNKNOWN, Reject.BARCODE_1.name.lower())
        ticket = mechanism.insert(0, now_s, flaw, detail, barcode=words[0])
        if ticket is None:
            return {"ok": False, "note": "something sticks in the mouth; the customer keeps the ticket"}
        drawn = mechanism.where(ticket) is not Place.MOUTH
        return {"ok": True, "note": "drawn in" if drawn else "left at the mouth"}

    return BenchCommand("ticket DIGITS", "put a barcode ticket to the mouth", insert)
