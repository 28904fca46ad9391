"""The check behind the keypad: after every key, what the field shows, what is already wrong, and whether "next" may be touched.

A wrong beginning is told at once. A number that is merely unfinished is not scolded while the customer types; only "next"
says so (:func:`finish_entry`). Pasted and scanned text may hold full-width digits and separators; what a customer sees as the
same number is the same number.
"""

import unicodedata
from dataclasses import dataclass, field

from kiosk.topup import iccid, numbers
from kiosk.topup.target import Kind, Target, grouped_iccid, grouped_phone

_SEPARATORS = str.maketrans("", "", " \t\r\n-‐‑‒–—―−ー().")
"""What people and printers put between groups, after NFKC; ー is what a Japanese keyboard gives for a hyphen."""

_LONGEST = 64
"""A scanner can send anything; no number with all its separators is longer, so the rest need not be looked at."""


@dataclass(frozen=True)
class Entry:
    """One look at the field."""

    shown: str = field(repr=False)
    """Grouped, with ``_`` for what is missing: ``090-1234-____``. In full, hence not in ``repr``."""
    problem: str
    """Catalogue key, or empty."""
    complete: bool
    """Whether "next" may be touched."""
    target: Target | None
    """The line; present exactly when complete."""


def check_entry(kind: Kind, typed: str, *, allow_unassigned: bool) -> Entry:
    """Look at what was typed so far. ``allow_unassigned`` admits the 0A0-0 numbers of the simulation."""
    cleaned = unicodedata.normalize("NFKC", typed[:_LONGEST]).translate(_SEPARATORS)
    if kind == "phone":
        digits = numbers.national(cleaned)
        problem = numbers.phone_problem(digits, allow_unassigned=allow_unassigned)
        complete = not problem and len(digits) == numbers.LENGTH
        shown = grouped_phone(digits.ljust(numbers.LENGTH, "_"))
        return Entry(shown, problem, complete, Target("phone", numbers.e164(digits)) if complete else None)
    digits = iccid.without_filler(cleaned)
    problem = iccid.iccid_problem(digits)
    complete = not problem and len(digits) in iccid.LENGTHS
    # 19 digits that do not check may want a twentieth: the blank says so.
    shown = grouped_iccid(digits.ljust(iccid.LENGTHS[problem == iccid.LUHN], "_"))
    return Entry(shown, problem, complete, Target("iccid", digits) if complete else None)


def finish_entry(kind: Kind, typed: str, *, allow_unassigned: bool) -> Entry:
    """Look at what was typed as "next" does: an entry without a target always has a problem, "too short" included."""
    entry = check_entry(kind, typed, allow_unassigned=allow_unassigned)
    if entry.complete:
        return entry
    too_short = numbers.TOO_SHORT if kind == "phone" else iccid.TOO_SHORT
    return Entry(entry.shown, entry.problem or too_short, False, None)
