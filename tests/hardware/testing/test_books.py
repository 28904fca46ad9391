"""The oracle for notes: every way in which books and box can disagree has its sentence, and what is right has none."""

from collections import Counter

import pytest

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
from hardware.testing.books import Matter, disagreements
from hardware.vocabulary import Belief, RefuseReason

ESCROW, STACKED, RETURNED = NoteInEscrow(1000), NoteStacked(1000), NoteReturned(1000)
FRAUD = FraudSuspected("CHEATED[0x48]")
REFUSED = NoteRefused(RefuseReason.LENGTH, "LENGTH[0x7D]")
STATUS = AcceptorStatus()


def unaccounted(believed: Belief, yen: int | None = 1000) -> NoteUnaccounted:
    return NoteUnaccounted(yen, believed)


def matter(box: int = 0, customer: int = 0) -> Matter:
    return Matter(Counter({1000: box}), Counter({1000: customer}))


RIGHT: list[tuple[list[list[BillEvent]], Matter]] = [
    ([[]], matter()),
    ([[STATUS, ESCROW, STATUS, STACKED]], matter(box=1)),
    ([[ESCROW, RETURNED, REFUSED, ESCROW, STACKED]], matter(box=1, customer=2)),
    ([[ESCROW, unaccounted(Belief.UNKNOWN)]], matter(box=1)),
    ([[ESCROW, unaccounted(Belief.UNKNOWN)]], matter(customer=1)),
    ([[ESCROW, unaccounted(Belief.RETURNED)]], matter(customer=1)),
    ([[ESCROW], [unaccounted(Belief.STACKED, None)]], matter(box=1)),
    ([[ESCROW], []], matter(box=1)),
    ([[ESCROW], [ESCROW, STACKED]], matter(box=1)),
    ([[ESCROW, STACKED], [unaccounted(Belief.STACKED, None)]], matter(box=1)),
    ([[ESCROW, STACKED, FRAUD]], matter(customer=1)),
    ([[ESCROW, STACKED]], Matter(Counter(), Counter(), staff=Counter({1000: 1}))),
]
WRONG: list[tuple[list[list[BillEvent]], Matter, str]] = [
    ([[ESCROW, STACKED]], matter(customer=1), "credited 1 x 1000 yen, but the cash box holds nothing"),
    ([[ESCROW, STACKED, FRAUD, ESCROW, STACKED]], matter(customer=2), "credited 2 x 1000 yen, but the cash box holds nothing"),
    ([[ESCROW, STACKED, STACKED]], matter(box=1), "credited 2 x 1000 yen"),
    ([[ESCROW, STACKED, STACKED]], matter(box=2), "without its own NoteInEscrow"),
    ([[ESCROW, STACKED, RETURNED]], matter(box=1), "without its own NoteInEscrow"),
    ([[STACKED]], matter(box=1), "without its own NoteInEscrow"),
    ([[ESCROW, NoteStacked(5000)]], matter(box=1), "without its own NoteInEscrow"),
    ([[ESCROW, RETURNED]], matter(), "as returned, but the customer has nothing"),
    ([[ESCROW, ESCROW, STACKED]], matter(box=1), "while the story of a note of 1000 yen was open"),
    ([[ESCROW, REFUSED, RETURNED]], matter(customer=1), "for a note that was told as in escrow"),
    ([[ESCROW]], matter(), "has no end"),
    ([[]], matter(box=1), "neither credited nor declared"),
    ([[ESCROW, unaccounted(Belief.RETURNED)]], matter(box=1), "neither credited nor declared"),
    ([[ESCROW, unaccounted(Belief.STACKED)]], matter(customer=1), "declared as stacked, but the box holds nothing"),
]


@pytest.mark.parametrize(("lives", "where"), RIGHT)
def test_books_that_are_right_leave_nothing_to_say(lives: list[list[BillEvent]], where: Matter) -> None:
    assert disagreements(lives, where) == []


@pytest.mark.parametrize(("lives", "where", "says"), WRONG)
def test_every_disagreement_is_said(lives: list[list[BillEvent]], where: Matter, says: str) -> None:
    assert any(says in sentence for sentence in disagreements(lives, where)), disagreements(lives, where)


def test_at_a_real_unit_the_stories_alone_are_judged() -> None:
    assert disagreements([[ESCROW, STACKED]], None) == []
    assert disagreements([[ESCROW, STACKED, STACKED]], None) != []
