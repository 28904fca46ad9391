"""What the screen shows and what it sends back: the whole language between till and screen, one JSON object a line each way.

The session makes a :class:`ScreenModel`; the screen draws it and holds no rule. A touch comes back as an :class:`Intent`.
Texts are catalogue keys or facts (yen, ISO dates, digits); the screen words them in ``language``.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Screen(StrEnum):
    """Every screen there is."""

    ATTRACT = "attract"
    LANGUAGE = "language"
    CARRIER = "carrier"
    IDENTIFY = "identify"
    NUMBER_CHECK = "number_check"
    LOOKING_UP = "looking_up"
    """Short wait for the carrier before money: look-up, quote, reservation."""
    PLAN = "plan"
    CONFIRM = "confirm"
    NO_PRINTER = "no_printer"
    """The printer cannot print: go on without paper, or end?"""
    CASH = "cash"
    PROCESSING = "processing"
    CHANGE = "change"
    """The top-up is settled; change is on its way out: "take your change"."""
    RESULT = "result"
    TAKE = "take"
    RETURNING = "returning"
    """Cancelled: money on its way back, then what came back and what is owed."""
    DECLINED = "declined"
    """The carrier said no: nothing was delivered; money comes back or is owed."""
    UNKNOWN = "unknown"
    """The carrier did not say: under investigation, with a reference number."""
    SORRY = "sorry"
    """The visit ended early for another reason, before money: ``notice`` says why."""
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True)
class CarrierCard:
    """A carrier to choose."""

    id: str
    name: str


@dataclass(frozen=True)
class PlanCard:
    """A plan to choose, or the chosen one."""

    id: str
    name: str
    """In the model's language."""
    data_gb: str
    """Allowance as the shop says it: ``"3"``; empty when the plan has none."""
    price_yen: int
    """What the customer pays, promotion already taken off."""
    list_price_yen: int
    """Before promotion; equal to ``price_yen`` without one."""
    valid_until: str
    """Last day of validity, ISO date; empty when not known yet."""
    valid_days: int
    promotion: str = ""
    """Catalogue key of the promotion line (``promotion.first_month_free``), or empty."""
    refund: str = ""
    """Catalogue key of the refund policy (``refund.before_commit_only``)."""
    tax: str = ""
    """Catalogue key of the tax class (``tax.standard_10_included``, ``tax.not_taxed_at_sale``)."""
    product: str = "DIRECT"
    """``PIN`` when a number on paper is bought, to be entered by ``valid_until``; the line gets nothing before."""


@dataclass(frozen=True)
class EntryField:
    """The field that the keypad writes into."""

    kind: str
    """``phone`` or ``iccid``."""
    digits: str
    """What was typed, as typed."""
    shown: str
    """Grouped for reading, with ``_`` for what is still missing: ``090-1234-____``."""
    problem: str = ""
    """Catalogue key (``problem.phone_toll_free``) or empty; shown under the field, digits kept."""
    complete: bool = False
    """Whether "next" may be touched."""


@dataclass(frozen=True)
class Step:
    """A line of the processing screen."""

    text: str
    """Catalogue key (``step.payment_taken``)."""
    state: str
    """``waiting``, ``running``, ``done``, ``failed`` or ``unknown``."""


@dataclass(frozen=True)
class ScreenModel:
    """One picture, complete in itself. Fields that a screen does not use are empty."""

    screen: Screen
    language: str = "ja"
    """BCP 47 tag of a catalogue (``ja``, ``en``, ``zh-Hans``)."""
    progress: int = 0
    """Position on the bar of five (1 SIM, 2 number, 3 plan, 4 pay, 5 done); 0 shows no bar."""
    carriers: tuple[CarrierCard, ...] = ()
    carrier: str = ""
    """Name of the chosen carrier."""
    entry: EntryField | None = None
    number: str = ""
    """Phone number or ICCID: in full on NUMBER_CHECK (that is the check), masked everywhere else."""
    number_kind: str = "phone"
    plans: tuple[PlanCard, ...] = ()
    plan: PlanCard | None = None
    agreed: bool = False
    """Whether the consent box on CONFIRM is ticked; only then ``next`` is enabled."""
    price_yen: int = 0
    inserted_yen: int = 0
    """Credited so far: notes stacked, coins fallen in."""
    escrow_yen: int = 0
    """In escrow now, not yet credited; 0 when nothing waits there."""
    remaining_yen: int = 0
    accepted_yen: tuple[int, ...] = ()
    """Notes and coins that would be taken now."""
    gives_change: bool = False
    """Whether there is anything to give change with."""
    change_yen: int = 0
    """What is too much: while paying in prospect, then in all."""
    change_paid_yen: int = 0
    """What was paid out so far, as counted by the device: change, or credited money given back."""
    returned_yen: int = 0
    owed_yen: int = 0
    """What the kiosk keeps and the shop owes; the slip says how to claim."""
    reference: str = ""
    """Transaction number, to show to staff."""
    steps: tuple[Step, ...] = ()
    receipt: str = ""
    """``printing``, ``printed``, ``failed``, ``unknown`` or ``none``; with a presenter ``presented`` while the paper stands at
    its mouth, then ``taken``, or ``left`` when nobody was seen to take it."""
    electronic: str = ""
    """The receipt in short, to be shown as a QR symbol unless the paper surely came out and was not left; empty else."""
    notice: str = ""
    """Catalogue key of a message to show now (``notice.note_too_large``), or empty."""
    notice_yen: int = 0
    """Amount that goes with the notice."""
    more_time_s: int = 0
    """Above 0: the "more time?" dialog lies over the screen, with this many seconds left to answer."""
    choosing_language: bool = False
    """Whether the sheet of all languages lies over the screen."""
    buttons: tuple[str, ...] = ()
    """Which of ``back``, ``next``, ``cancel`` may be touched; absent ones are drawn disabled or not at all."""

    def to_json(self) -> str:
        """Return the model as one line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> "ScreenModel":
        """Read back what ``to_json`` wrote. Raises ValueError, KeyError or TypeError when it is something else."""
        raw: dict[str, Any] = json.loads(line)
        raw["screen"] = Screen(raw["screen"])
        raw["carriers"] = tuple(CarrierCard(**c) for c in raw["carriers"])
        raw["plans"] = tuple(PlanCard(**p) for p in raw["plans"])
        raw["plan"] = PlanCard(**raw["plan"]) if raw["plan"] else None
        raw["entry"] = EntryField(**raw["entry"]) if raw["entry"] else None
        raw["steps"] = tuple(Step(**s) for s in raw["steps"])
        raw["accepted_yen"] = tuple(raw["accepted_yen"])
        raw["buttons"] = tuple(raw["buttons"])
        return cls(**raw)


class Touch(StrEnum):
    """What can be touched."""

    START = "start"
    """Anywhere on ATTRACT."""
    LANGUAGE = "language"
    """Value: language tag. On the LANGUAGE screen, and on the strip and the sheet of every other screen; the strip's globe has
    none and opens the sheet, or shuts it."""
    CARRIER = "carrier"
    """Value: carrier id."""
    KIND = "kind"
    """Value: ``phone`` or ``iccid``; the tabs of IDENTIFY."""
    KEY = "key"
    """Value: one character ``0`` to ``9``, ``delete`` or ``clear``."""
    PLAN = "plan"
    """Value: plan id."""
    AGREE = "agree"
    """Toggles the consent box."""
    NEXT = "next"
    """The bottom-right button, whatever it says: next, yes, pay, go on without receipt."""
    BACK = "back"
    CANCEL = "cancel"
    MORE_TIME = "more_time"
    """"Continue" in the more-time dialog; its "end" is CANCEL."""


@dataclass(frozen=True)
class Intent:
    """A touch, as the screen tells it."""

    touch: Touch
    value: str = ""

    def to_json(self) -> str:
        """Return the intent as one line."""
        return json.dumps({"touch": self.touch.value, "value": self.value})

    @classmethod
    def from_json(cls, line: str) -> "Intent":
        """Read back what ``to_json`` wrote. Raises ValueError, KeyError or TypeError when it is something else."""
        raw = json.loads(line)
        return cls(Touch(raw["touch"]), str(raw.get("value", "")))
