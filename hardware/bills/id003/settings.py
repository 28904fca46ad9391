"""How one unit is set up: what it is told at INITIALIZE, and what its table is worth."""

from collections.abc import Mapping

from hardware.bills.id003.frames import (
    BARCODE_TICKET,
    COUNTRY_JAPAN,
    Command,
    CurrencyRow,
    Frame,
)

FIRST_ESCROW_CODE = 0x61
LAST_ESCROW_CODE = 0x70
"""16 codes, one per bit of SET DENOMINATION; 69..70 on newer units only. That of a barcode ticket is never a note's."""

INHIBIT = Frame(Command.SET_INHIBIT, b"\x01")
ACCEPT = Frame(Command.SET_INHIBIT, b"\x00")


def worth_in_yen(rows: list[CurrencyRow]) -> dict[int, int]:
    """Return what each escrow code is worth, for the rows of Japan; rows of country 00 mean "no note here"."""
    return {
        row.escrow_code: row.amount
        for row in rows
        if row.country == COUNTRY_JAPAN
        and row.value > 0
        and row.power_of_ten <= 6  # a garbled power of 255 would make a number of 255 digits and call it money
        and FIRST_ESCROW_CODE <= row.escrow_code <= LAST_ESCROW_CODE
        and row.escrow_code != BARCODE_TICKET
    }


def denomination_mask(worth_yen: Mapping[int, int], wanted_yen: frozenset[int]) -> Frame:
    """Return the SET DENOMINATION that accepts the ``wanted_yen`` and nothing else. TRAP: 1 = disabled."""
    mask = 0xFFFF
    for escrow_code, yen in worth_yen.items():
        if yen in wanted_yen:
            mask &= ~(1 << escrow_code - FIRST_ESCROW_CODE)
    return Frame(Command.SET_DENOMINATION, mask.to_bytes(2, "little"))
