"""The oracle for notes: what a driver told, held against what lies where. Pure.

The invariants (reference cash.md 3): what was credited is in the cash box, and what is in the box and was not credited was
declared; at most one credit a note; no note both returned and credited; each note is one story of the contract.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hardware.bills.acceptor import (
    AcceptorStatus,
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.vocabulary import Belief


@dataclass(frozen=True)
class Matter:
    """Where the notes are, by yen value: read off the emulator's ``state``."""

    cashbox: Counter[int]
    """In the cash box, or in a recycler's drums."""
    customer: Counter[int]
    staff: Counter[int] = field(default_factory=Counter)
    """Taken out of a jam by staff, where the protocol credits at the stacker lever: such a note may have been credited."""

    @classmethod
    def of_state(cls, state: dict[str, Any], *, credits_at_lever: bool = False) -> "Matter":
        """Read the answer of the bench command ``state``. What staff took counts only with ``credits_at_lever``: anywhere
        else a note that was credited and is not in the box is a fault of the driver."""
        box = _counter(state["cashbox"])
        for drum in state.get("drums", {}).values():
            box.update(drum["notes"])
        staff = _counter(state.get("with_staff", {})) if credits_at_lever else Counter()
        return cls(box, _counter(state["at_customer"]), staff)

    def since(self, earlier: "Matter") -> "Matter":
        """Return what has come there since: a recycler's drums are loaded before anybody puts a note in."""
        return Matter(self.cashbox - earlier.cashbox, self.customer - earlier.customer, self.staff - earlier.staff)


def _counter(figures: dict[str, int]) -> Counter[int]:
    return Counter({int(yen): count for yen, count in figures.items()})


def open_story_yen(life: Sequence[BillEvent]) -> int | None:
    """Return the value of the note whose story has begun and not ended, or None."""
    yen: int | None = None
    for event in life:
        match event:
            case NoteInEscrow():
                yen = event.yen
            case NoteStacked() | NoteReturned() | NoteUnaccounted():
                yen = None
            case _:
                pass
    return yen


def broken_stories(life: Sequence[BillEvent]) -> list[str]:
    """Return what in the events of one host's life is no story of the contract, in sentences."""
    wrong: list[str] = []
    yen: int | None = None
    for event in life:
        match event:
            case AcceptorStatus():
                continue
            case NoteInEscrow():
                if yen is not None:
                    wrong.append(f"{event} while the story of a note of {yen} yen was open")
                yen = event.yen
            case NoteStacked() | NoteReturned():
                if yen != event.yen:
                    wrong.append(f"{event} without its own NoteInEscrow before it")
                yen = None
            case NoteUnaccounted():
                yen = None
            case NoteRefused():
                if yen is not None:
                    wrong.append(f"{event} for a note that was told as in escrow")
            case _:
                continue
    return wrong


def disagreements(lives: Sequence[Sequence[BillEvent]], matter: Matter | None) -> list[str]:
    """Return everything in which the books and the world disagree, in sentences; empty is right.

    ``lives`` are the events told to each host that lived; the last one is alive and at rest. ``matter`` is None at a real
    unit. A story that a host's death cut off counts as declared: that host's journal knows it by its open intent. A note that
    a host was credited with right before it died, or before the next one came into escrow, may be declared as stacked to the
    next host, which the unit never heard thank for it; the journal knows that one too. A note that was credited at the stacker
    lever, as some protocols do, can still be pulled out on a string: each FraudSuspected accounts for one that is missing; or
    get stuck, and then ``matter.staff`` has it.
    """
    wrong = [sentence for life in lives for sentence in broken_stories(life)]
    still_open = open_story_yen(lives[-1])
    if still_open is not None:
        wrong.append(f"the story of a note of {still_open} yen has no end")
    told = [event for life in lives for event in life]
    credited = Counter(event.yen for event in told if isinstance(event, NoteStacked))
    returned = Counter(event.yen for event in told if isinstance(event, NoteReturned))
    if matter is None:
        return wrong
    frauds = sum(isinstance(event, FraudSuspected) for event in told)
    if (credited - matter.cashbox - matter.staff).total() > frauds:
        wrong.append(f"credited {_named(credited)}, but the cash box holds {_named(matter.cashbox)}")
    if not returned <= matter.customer:
        wrong.append(f"told {_named(returned)} as returned, but the customer has {_named(matter.customer)}")
    declared = Counter(event.believed for event in told if isinstance(event, NoteUnaccounted))
    cut_off = sum(open_story_yen(life) is not None for life in lives[:-1])
    told_again = sum(_ends_in_the_box(life) for life in lives[:-1])
    surely, perhaps = declared[Belief.STACKED], declared[Belief.UNKNOWN] + cut_off
    uncredited = matter.cashbox - credited
    if uncredited.total() > surely + perhaps:
        wrong.append(f"the cash box holds {_named(uncredited)} that was neither credited nor declared")
    if surely > uncredited.total() + told_again + frauds:
        wrong.append(
            f"{surely} notes were declared as stacked, but the box holds {_named(uncredited)} beyond what was credited"
        )
    return wrong


def _ends_in_the_box(life: Sequence[BillEvent]) -> bool:
    stories = [event for event in life if not isinstance(event, AcceptorStatus)]
    if stories and isinstance(stories[-1], NoteInEscrow):
        stories.pop()  # the one after it waits
    match stories[-1:]:
        case [NoteStacked() | NoteUnaccounted(believed=Belief.STACKED)]:
            return True
        case _:
            return False


def _named(notes: Counter[int]) -> str:
    return ", ".join(f"{count} x {yen} yen" for yen, count in sorted(notes.items()) if count) or "nothing"
