"""What a top-up is for: a phone number or the card number of a SIM (ICCID).

A number is personal. It is shown in full once, so that the customer can check it; everywhere else, and in every log line that
happens to print a target, it is masked. That is why ``repr`` and ``str`` mask too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["phone", "iccid"]

_FORMS = {"phone": re.compile(r"\+81[2-9]0[0-9]{8}"), "iccid": re.compile(r"8981[0-9]{15,16}")}
_PHONE_GROUPS = (3, 4, 4)


def grouped(digits: str, sizes: tuple[int, ...], separator: str) -> str:
    """Return ``digits`` cut into groups of ``sizes``; what is left over joins the last group."""
    groups: list[str] = []
    start = 0
    for size in sizes[:-1]:
        groups.append(digits[start : start + size])
        start += size
    groups.append(digits[start:])
    return separator.join(group for group in groups if group)


def grouped_phone(digits: str) -> str:
    """Return national digits as 3-4-4: ``090-0123-4567``."""
    return grouped(digits, _PHONE_GROUPS, "-")


def grouped_iccid(digits: str) -> str:
    """Return an ICCID in groups of four, as cards print it: ``8981 9900 0000 0000 013``."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


@dataclass(frozen=True, repr=False)
class Target:
    """A line to top up. ``value`` is E.164 (``+8190...``) or the ICCID's 19 or 20 digits."""

    kind: Kind
    value: str

    def __post_init__(self) -> None:
        form = _FORMS.get(self.kind)
        if form is None or not form.fullmatch(self.value):
            # Without the value: an exception's text ends up in logs.
            raise ValueError(f"not a target of kind {self.kind!r} ({len(self.value)} characters)")

    @property
    def full(self) -> str:
        """The number for the one screen where the customer checks it: ``090-0123-4567``."""
        return grouped_phone("0" + self.value[3:]) if self.kind == "phone" else grouped_iccid(self.value)

    @property
    def masked(self) -> str:
        """The number for receipts, logs and every other screen: ``090-****-4567``; of an ICCID the last five digits."""
        if self.kind == "phone":
            return f"0{self.value[3:5]}-****-{self.value[-4:]}"
        return grouped_iccid(self.value[:4] + "*" * (len(self.value) - 9) + self.value[-5:])

    def __repr__(self) -> str:
        return f"Target({self.kind} {self.masked})"

    def to_api(self) -> dict[str, str]:
        """Return the ``Target`` object of the carrier gateway. Holds the number in full: for the wire, never for a log."""
        return {"msisdn" if self.kind == "phone" else "iccid": self.value}

    @classmethod
    def from_api(cls, raw: Mapping[str, str]) -> "Target":
        """Read back what :meth:`to_api` wrote. Raises ValueError when it is something else."""
        match dict(raw):
            case {"msisdn": str(value), **rest} if not rest:
                return cls("phone", value)
            case {"iccid": str(value), **rest} if not rest:
                return cls("iccid", value)
        raise ValueError("a target has either msisdn or iccid")

    def for_journal(self) -> dict[str, str]:
        """Return what the journal may keep: the kind and the masked number."""
        return {"kind": self.kind, "masked": self.masked}
