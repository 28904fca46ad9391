"""Japanese phone numbers as a customer types them: what may be topped up, and what is wrong as soon as it is certain.

A prefix tells the *kind* of number, never the carrier: numbers are portable (MNP), so the customer picks the carrier and the
gateway's look-up decides.

Rules, from the reference (tags in brackets):

* 060, 070, 080, 090 followed by 1..9 are mobile lines; 060 is in service since July 2026 [V phonenumbers 9.0.43 knows it].
* 0A0-0 is never assigned; 080-0 is not free either: it is 0800, toll-free, and ``phonenumbers`` calls it valid [V].
* 020 followed by 1..3 or 5..9 are data lines, which data-only prepaid SIMs carry; 020-4 are pagers and 0200 is the 14-digit
  machine-to-machine range [S]. ``phonenumbers`` calls all of them pagers [V], hence a rule of our own.
* 03, 011, 050 (VoIP), 0570 and the rest are real numbers but not mobile lines.
"""

import re

import phonenumbers

LENGTH = 11
"""Digits of a mobile number in national form, with its leading zero."""

NOT_DIGITS = "problem.not_digits"
TOO_SHORT = "problem.phone_too_short"
TOO_LONG = "problem.phone_too_long"
NOT_MOBILE = "problem.phone_not_mobile"
TOLL_FREE = "problem.phone_toll_free"
UNASSIGNED = "problem.phone_unassigned"

_ABROAD = re.compile(r"\+810?")
_DIALLED_FROM_ABROAD = re.compile(r"010810?([2-9]0[0-9]{8})")


def national(cleaned: str) -> str:
    """Return the national form of an international one: ``+8190...``, ``+81090...`` (from ``+81(0)90``), ``0108190...``.

    Anything else comes back as it is. ``0081`` is no way to dial Japan and stays wrong [V].
    """
    if abroad := _ABROAD.match(cleaned):
        return "0" + cleaned[abroad.end() :]
    if dialled := _DIALLED_FROM_ABROAD.fullmatch(cleaned):
        return "0" + dialled.group(1)
    return cleaned


def e164(digits: str) -> str:
    """Return the international form of a complete national one."""
    return "+81" + digits[1:]


def prefix_problem(digits: str, *, allow_unassigned: bool) -> str:
    """Return what is certainly wrong with the beginning of a number, or "".

    ``allow_unassigned`` lets the never-assigned 060-0, 070-0 and 090-0 through: the numbers of tests and demonstrations.
    """
    if digits and digits[0] != "0":
        return NOT_MOBILE
    if digits.startswith(("0120", "0800")):
        return TOLL_FREE
    if len(digits) >= 2 and digits[1] not in "26789":
        return NOT_MOBILE
    if len(digits) >= 3 and digits[2] != "0":
        return NOT_MOBILE
    if len(digits) >= 4:
        if digits[1] == "2":
            return NOT_MOBILE if digits[3] in "04" else ""
        if digits[3] == "0" and not allow_unassigned:
            return UNASSIGNED
    return ""


def phone_problem(digits: str, *, allow_unassigned: bool) -> str:
    """Return what is wrong with ``digits`` (national form, perhaps unfinished), or "". Being too short is not wrong yet."""
    if not re.fullmatch(r"[0-9]*", digits):
        return NOT_DIGITS
    if problem := prefix_problem(digits, allow_unassigned=allow_unassigned):
        return problem
    if len(digits) > LENGTH:
        return TOO_LONG
    if len(digits) == LENGTH and digits[1] != "2" and digits[3] != "0" and not _is_mobile(digits):
        return NOT_MOBILE
    return ""


def _is_mobile(digits: str) -> bool:
    """Ask the library's number plan, which is renewed more often than this module."""
    number = phonenumbers.parse(e164(digits))
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
