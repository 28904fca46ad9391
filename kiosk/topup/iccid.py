"""The number printed on a SIM card (ICCID, ITU-T E.118) and the check digit that guards its typing.

19 digits by E.118, 20 on many cards because the file on the card has room for ten octets (GSM 11.11); both end in a Luhn
digit, and some cards print a filler ``F`` after it [S]. Japan's begin with 8981. The digits after that name who issued the
*card*, usually the host network and not the brand the customer knows, so they decide nothing here [A].
"""

import re

LENGTHS = (19, 20)

PREFIX = "problem.iccid_prefix"
LUHN = "problem.iccid_luhn"
TOO_SHORT = "problem.iccid_too_short"
TOO_LONG = "problem.iccid_too_long"
IS_EID = "problem.iccid_is_eid"
NOT_DIGITS = "problem.not_digits"

_BEGINNING = "8981"
_EID = re.compile(r"89[0-9]{30}")
_FILLER = re.compile(r"([0-9]{19,20})[Ff]")


def luhn_digit(payload: str) -> str:
    """Return the check digit that makes ``payload`` + digit valid (ISO/IEC 7812-1 annex B)."""
    return str(-_luhn_sum(payload + "0") % 10)


def luhn_valid(digits: str) -> bool:
    """Return whether the last of ``digits`` is the right check digit.

    Every single wrong digit is found; of swapped neighbours all but 09 for 90 are [V].
    """
    return bool(digits) and _luhn_sum(digits) % 10 == 0


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total


def without_filler(cleaned: str) -> str:
    """Return the digits of a number printed with the filler ``F``; anything else as it is."""
    printed = _FILLER.fullmatch(cleaned)
    return printed.group(1) if printed else cleaned


def iccid_problem(digits: str) -> str:
    """Return what is wrong with ``digits`` (perhaps unfinished), or "". Being too short is not wrong yet.

    32 digits beginning with 89 are an EID (GSMA SGP.02, SGP.29): it names the chip of an eSIM phone, not a line.
    """
    if not re.fullmatch(r"[0-9]*", digits):
        return NOT_DIGITS
    if _EID.fullmatch(digits):
        return IS_EID
    if digits[:4] != _BEGINNING[: len(digits)]:
        return PREFIX
    if len(digits) > LENGTHS[-1]:
        return TOO_LONG
    if len(digits) in LENGTHS and not luhn_valid(digits):
        # 19 digits may also be 20 unfinished, but silence would leave who mistyped one with a dead "next" and no reason.
        return LUHN
    return ""
