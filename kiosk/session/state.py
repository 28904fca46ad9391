"""Where one customer's visit stands: an immutable value, complete in itself."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from kiosk.topup.target import Target


class Phase(StrEnum):
    """The steps of a visit. What leads from one to the next stands in ``table.py``."""

    OUT_OF_SERVICE = "out_of_service"
    ATTRACT = "attract"
    LANGUAGE = "language"
    CARRIER = "carrier"
    IDENTIFY = "identify"
    NUMBER_CHECK = "number_check"
    LOOKUP = "lookup"
    PLAN = "plan"
    QUOTE = "quote"
    CONFIRM = "confirm"
    NO_PRINTER = "no_printer"
    RESERVE = "reserve"
    CASH = "cash"
    COMMIT = "commit"
    CHANGE = "change"
    """The carrier has spoken; what was paid too much is on its way out."""
    RESULT = "result"
    TAKE = "take"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    RETURNING = "returning"
    SORRY = "sorry"


BEFORE_MONEY = frozenset(
    {
        Phase.ATTRACT,
        Phase.LANGUAGE,
        Phase.CARRIER,
        Phase.IDENTIFY,
        Phase.NUMBER_CHECK,
        Phase.LOOKUP,
        Phase.PLAN,
        Phase.QUOTE,
        Phase.CONFIRM,
        Phase.NO_PRINTER,
        Phase.RESERVE,
    }
)
"""Phases in which a first note may wait in escrow, and none is credited."""

Decision = Literal["hold", "stack", "return"]
Pieces = tuple[tuple[int, int], ...]
"""Coins or notes by yen value, and how many of each: ``((500, 3), (10, 2))``; the largest value first, no count of 0."""
ReceiptKind = Literal["receipt", "owed", "investigation"]


@dataclass(frozen=True)
class Escrow:
    """The one note that is inside the acceptor and not yet credited."""

    yen: int
    decision: Decision
    intent: int
    """Number of the journal intent that carries the decision out; 0 for ``hold``, which moves nothing."""


@dataclass(frozen=True)
class Paying:
    """A payout under way: announced in the journal, and nobody has said yet how it ended."""

    intent: int
    """Number of the journal intent that carries it out."""
    left_yen: int
    """What of the order has neither been counted out nor been given up."""


@dataclass(frozen=True)
class PlanOffer:
    """A plan as offered to this line today, all names with it, so that a journal row explains itself."""

    id: str
    carrier: str
    names: dict[str, str]
    """By language tag."""
    data_gb: str
    price_yen: int
    list_price_yen: int
    valid_until: str
    valid_days: int
    promotion: str
    refund: str
    tax: str
    product: str = "DIRECT"
    """``PIN`` when what is bought is a number on paper: then nothing is sold while the printer cannot print."""

    def name_in(self, language: str) -> str:
        """Return the plan's name in a language; a journal of earlier days may hold it in fewer, then it is English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True)
class State:
    """One visit. Amounts are yen; ids of effects count up within the visit."""

    phase: Phase = Phase.OUT_OF_SERVICE
    visit: int = 0
    """Number of the visit, counting up over the life of the journal."""
    effects: int = 0
    """How many effects with an intent this visit has given out."""
    activity: int = 0
    """Counts what the customer and the devices did; a change restarts the phase's timer."""
    asking: bool = False
    """Whether "more time?" lies over the screen."""
    choosing_language: bool = False
    """Whether the sheet of languages lies over the screen; it goes when the visit moves on."""
    cash_ready: bool = False
    printer_ready: bool = False
    mouth_blocked: bool = False
    """Whether a note sticks in the acceptor's mouth, whoever left it there: nothing is taken before it is out."""
    language: str = "ja"
    carrier: str = ""
    kind: Literal["phone", "iccid"] = "phone"
    typed: str = ""
    target: Target | None = None
    masked: str = ""
    """The number as it may be written down."""
    problem: str = ""
    """What was wrong with the number when "next" was touched; gone with the next key."""
    offers: tuple[PlanOffer, ...] = ()
    plan: PlanOffer | None = None
    quote: str = ""
    """Quote id of the carrier."""
    agreed: bool = False
    price_yen: int = 0
    topup: str = ""
    """Top-up id of the carrier while a reservation of ours may be standing."""
    takes: tuple[int, ...] | None = None
    """Values that the devices could take now, whatever the visit wants; None until the till has said it the first time."""
    gives: Pieces | None = ()
    """What lies ready to be paid out; None after a restart, until the devices have said it again."""
    notes: tuple[int, ...] = ()
    """Notes credited: stacked, in order."""
    coins: tuple[int, ...] = ()
    """Credited without escrow, in order: coins, and the notes of a machine that has none."""
    escrow: Escrow | None = None
    escrow_mark: str = ""
    """What the acceptor called the moment at which the last note came into escrow; empty where it counts none."""
    missing: tuple[int, ...] = ()
    """Notes that went out of sight and were declared so."""
    returned_yen: int = 0
    committed: Literal["", "completed", "declined", "unknown"] = ""
    """What the carrier said of the commit."""
    sold_yen: int = 0
    paying: Paying | None = None
    change_yen: int = 0
    """Paid out by a hopper, a drum or a changer, as counted by it: change, or money given back."""
    owed_yen: int = 0
    owed_missing_yen: int = 0
    """The part of ``owed_yen`` that is for notes gone out of sight."""
    notice: str = ""
    notice_yen: int = 0
    releasing: bool = False
    """Whether the cancelling of the reservation is under way."""
    receipt: str = ""
    """``printing``, ``printed``, ``failed``, ``unknown`` or ``none``; with a presenter ``presented``, then ``taken``,
    or ``left`` when nobody was seen to take it."""
    paper: int = 0
    """Number of the intent that the last paper was sent to the printer by."""
    receipt_kind: ReceiptKind = "receipt"
    copies: int = 0
    """How many times this visit's paper was sent to the printer."""
    slip_yen: int = 0
    """How much of ``owed_yen`` the last paper names."""
    booked: bool = False
    """Whether the journal follows this visit event by event: from its first effect with an intent on."""

    @property
    def has_paper(self) -> bool:
        """Whether a receipt or slip was issued, on paper or on the screen only."""
        return self.receipt not in ("", "none")

    @property
    def paper_doubtful(self) -> bool:
        """Whether the last paper did not come out, or nobody can say that the customer has it."""
        return self.receipt in ("failed", "unknown", "left")

    @property
    def credited_yen(self) -> int:
        """Sum of the notes and coins that are inside for good."""
        return sum(self.notes) + sum(self.coins)

    @property
    def remaining_yen(self) -> int:
        """What is still to be paid."""
        return max(0, self.price_yen - self.credited_yen)

    @property
    def kept_yen(self) -> int:
        """What the kiosk keeps: the price of what was delivered, and of what may have been."""
        return self.price_yen if self.committed in ("completed", "unknown") else self.sold_yen

    @property
    def due_yen(self) -> int:
        """What is in for good, is not kept, and was neither paid back nor put on a slip; of interest once paying is over."""
        return self.credited_yen - self.kept_yen - self.change_yen - (self.owed_yen - self.owed_missing_yen)

    @property
    def due_missing_yen(self) -> int:
        """Worth of the notes gone out of sight that no slip names yet."""
        return sum(self.missing) - self.owed_missing_yen

    @property
    def inserted_yen(self) -> int:
        """Everything the customer has put in so far that did not come back."""
        return self.credited_yen + (self.escrow.yen if self.escrow else 0) + sum(self.missing)

    @property
    def at_rest(self) -> bool:
        """Whether nobody is being served, and no money of a customer's is inside."""
        return self.phase in (Phase.OUT_OF_SERVICE, Phase.ATTRACT) and self.escrow is None and not self.booked

    def for_journal(self) -> "State":
        """Return the state without what must not be written down: the number in full."""
        return replace(self, target=None, typed="", offers=())


def sells_paper(state: State) -> bool:
    """Tell whether the paper is what is bought, and not only the proof of it."""
    return state.plan is not None and state.plan.product == "PIN"


@dataclass(frozen=True)
class Timeouts:
    """How long each phase waits for the customer, in seconds."""

    cash_total_s: float = 780
    """How long paying may take in all: shorter than carriers hold a reservation, which is 15 minutes."""
    more_time_s: float = 20
    take_s: float = 10
    result_s: float = 12
    thanks_s: float = 3
    """How long TAKE stays when there is nothing to take any more."""
    note_s: float = 60
    """How long an ending visit waits for a silent acceptor to say where the note is."""
    idle_s: dict[Phase, float] = field(
        default_factory=lambda: {
            Phase.LANGUAGE: 30,
            Phase.CARRIER: 45,
            Phase.IDENTIFY: 60,
            Phase.NUMBER_CHECK: 45,
            Phase.PLAN: 60,
            Phase.CONFIRM: 60,
            Phase.NO_PRINTER: 45,
            Phase.CASH: 90,
            Phase.SORRY: 20,
        }
    )
