"""The qualified invoice issuer's number: ``T`` and 13 digits, and what can be said of it without asking the tax agency.

A corporation's digits are its corporate number, whose first digit checks the other twelve [D: Ministry of Finance ordinance
70, article 2]. A sole trader's are other digits, for which no check is documented; so a number that fails is worth a warning
to the installer and no more. The check cannot see a 0 taken for a 9.
"""

from typing import Final

NEVER_ASSIGNED: Final = "T9999999999999"
"""Passes the check and lies in no range that is assigned [D]: for demonstrations, and for nothing else."""


def check_digit(base: str) -> int:
    """Return the digit that stands before the twelve digits ``base`` of a corporate number: 1 to 9."""
    weighted = sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(base)))
    return 9 - weighted % 9


def doubts(registration: str, *, fictional: bool) -> str:
    """Return, in words for an installer, what speaks against a number of the right form; empty when nothing does."""
    if not registration:
        return ""
    if registration == NEVER_ASSIGNED:
        return "" if fictional else f"{NEVER_ASSIGNED} is assigned to nobody: it is for demonstrations"
    expected = check_digit(registration[2:])
    if int(registration[1]) != expected:
        return (
            f"not a corporate number: its first digit would be {expected}, not {registration[1]}; right only for a sole trader"
        )
    return ""
