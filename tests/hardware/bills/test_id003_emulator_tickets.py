"""Barcode tickets at the emulated ID-003 unit, and notes that nobody takes from its bezel."""

import pytest

from hardware.bills.id003.frames import Command, Reject, Status
from hardware.emulator import BadCommand
from tests.hardware.bills.id003_host import (
    ACK,
    BACK_S,
    BOXED_S,
    DISABLE,
    IDLING,
    INHIBIT_ON,
    REJECT_INHIBITED,
    RETURN,
    RETURNING,
    STACK_2,
    STACKED,
    TAKEN_S,
    VEND_VALID,
    Host,
    spelled,
)

DIGITS = "012345678901234567"
LONG_DIGITS = "012345678901234567890123"
TICKETS_ON = spelled(Command.SET_BARCODE_FUNCTION, b"\x01\x12")
ESCROW_TICKET = spelled(Status.ESCROW, b"\x6f" + DIGITS.encode())
WRONG_LENGTH = spelled(Status.REJECTING, bytes((Reject.BARCODE_1,)))


def insert(host: Host, digits: str = DIGITS) -> str:
    """Put a ticket in and return what the unit says when it has read it."""
    host.hand(f"ticket {digits}")
    host.wait(TAKEN_S)
    return host.poll()


@pytest.fixture
def taking() -> Host:
    """A unit that takes notes and tickets."""
    host = Host()
    host.start(TICKETS_ON)
    assert host.poll() == IDLING
    return host


def test_a_ticket_waits_in_escrow_with_its_digits(taking: Host) -> None:
    assert insert(taking) == ESCROW_TICKET


def test_a_ticket_is_stacked_like_a_note_and_is_worth_nothing(taking: Host) -> None:
    insert(taking)
    assert taking.say(STACK_2) == ACK
    taking.wait(BOXED_S)
    assert taking.poll() == VEND_VALID
    taking.say(ACK)
    assert [taking.poll(), taking.poll()] == [STACKED, IDLING]
    assert taking.mechanism.piles.total_yen() == 0
    assert taking.mechanism.cashbox.total() == 1


def test_a_ticket_is_given_back(taking: Host) -> None:
    insert(taking)
    assert taking.say(RETURN) == ACK
    assert taking.poll() == RETURNING
    taking.wait(BACK_S)
    assert taking.poll() == IDLING


@pytest.mark.parametrize(
    "setting",
    [
        spelled(Command.SET_BARCODE_FUNCTION, b"\x00\x00"),
        spelled(Command.SET_BAR_INHIBIT, b"\x01"),
        INHIBIT_ON,
    ],
    ids=["function off", "tickets inhibited", "everything inhibited"],
)
def test_a_ticket_that_is_not_wanted_is_rejected_as_inhibited(taking: Host, setting: str) -> None:
    assert taking.say(setting) == setting
    assert insert(taking) == REJECT_INHIBITED
    taking.wait(BACK_S)
    assert taking.poll() == (DISABLE if setting == INHIBIT_ON else IDLING)


def test_without_settings_no_ticket_is_taken(idle: Host) -> None:
    assert insert(idle) == REJECT_INHIBITED
    idle.wait(BACK_S)
    idle.to_escrow()
    assert idle.poll() == spelled(Status.ESCROW, b"\x61")


def test_the_option_for_long_tickets_changes_the_length(taking: Host) -> None:
    assert insert(taking, LONG_DIGITS) == WRONG_LENGTH
    taking.wait(BACK_S)
    long = spelled(Command.SET_OPTIONAL_FUNCTION, b"\x08\x00")
    assert taking.say(long) == long
    assert insert(taking, LONG_DIGITS) == spelled(Status.ESCROW, b"\x6f" + LONG_DIGITS.encode())


@pytest.mark.parametrize("line", ["ticket", "ticket 12 34", "ticket 12a", "ticket " + "1" * 41])
def test_a_ticket_is_digits(idle: Host, line: str) -> None:
    with pytest.raises(BadCommand, match="ticket takes up to 40 digits"):
        idle.hand(line)


def test_a_second_ticket_stays_with_the_customer_while_something_sticks_in_the_mouth(taking: Host) -> None:
    insert(taking)
    assert taking.hand(f"ticket {DIGITS}")["note"] == "left at the mouth"
    assert not taking.hand(f"ticket {DIGITS}")["ok"]


def test_a_note_given_back_and_left_keeps_the_unit_returning_until_it_is_taken(idle: Host) -> None:
    idle.hand("leave on")
    idle.to_escrow()
    idle.say(RETURN)
    idle.wait(600.0)
    assert idle.poll() == RETURNING
    idle.hand("take")
    assert idle.poll() == IDLING


def test_a_note_refused_and_left_keeps_the_unit_rejecting_until_it_is_taken(idle: Host) -> None:
    idle.hand("leave on")
    idle.hand("insert 1000 multiple")
    idle.wait(600.0)
    assert idle.poll() == spelled(Status.REJECTING, bytes((Reject.MULTIPLE,)))
    idle.hand("take")
    assert idle.poll() == IDLING
