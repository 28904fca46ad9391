"""Power cuts at every moment: the note stays where it was, and the emulated ID-003 unit says so."""

from collections.abc import Callable

import pytest

from tests.hardware.bills.id003_host import (
    ACK,
    BACK_S,
    ESCROW_1000,
    IDLING,
    INHIBIT_OFF,
    INITIALIZE,
    LEVER_S,
    NOTHING,
    POLL,
    POWER_RECOVERY,
    POWER_UP,
    POWER_UP_IN_ACCEPTOR,
    POWER_UP_IN_STACKER,
    RESET,
    RETURN,
    RETURNING,
    STACK_2,
    STACKED,
    STACKING,
    TAKEN_S,
    VEND_VALID,
    Host,
)


def drawing(host: Host) -> None:
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)


def in_escrow(host: Host) -> None:
    host.to_escrow()


def just_ordered(host: Host) -> None:
    host.to_escrow()
    host.say(STACK_2)


def past_the_lever(host: Host) -> None:
    just_ordered(host)
    host.wait(LEVER_S + 0.1)


def credit_due(host: Host) -> None:
    host.to_vend_valid()


def credited(host: Host) -> None:
    host.to_vend_valid()
    host.say(ACK)


def returning(host: Host) -> None:
    host.to_escrow()
    host.say(RETURN)


def refused(host: Host) -> None:
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S)


@pytest.mark.parametrize("recovery", [False, True], ids=["recovery off", "recovery on"])
@pytest.mark.parametrize(
    ("moment", "power_up", "box", "box_recovering", "vend_recovering"),
    [
        (drawing, POWER_UP_IN_ACCEPTOR, 0, 0, False),
        (in_escrow, POWER_UP_IN_ACCEPTOR, 0, 0, False),
        (returning, POWER_UP_IN_ACCEPTOR, 0, 0, False),
        (refused, POWER_UP_IN_ACCEPTOR, 0, 0, False),
        (just_ordered, POWER_UP_IN_STACKER, 1, 1, True),
        (past_the_lever, POWER_UP_IN_STACKER, 1, 1, True),
        (credit_due, None, 1, 1, True),
        (credited, POWER_UP, 1, 1, False),
    ],
)
def test_a_power_cut_at_any_moment_loses_no_note_and_is_told_at_power_up(
    moment: Callable[[Host], None], power_up: str | None, box: int, box_recovering: int, vend_recovering: bool, recovery: bool
) -> None:
    host = Host()
    host.start(*([POWER_RECOVERY] if recovery else []))
    moment(host)
    host.hand("power off")
    assert host.poll() == NOTHING
    host.wait(3600.0)
    host.hand("power on")
    assert host.poll() == NOTHING, "it boots"
    host.wait(0.5)
    # With the note in the box and the ACK missing, only power recovery still knows that a credit is owed.
    expected = power_up or (POWER_UP_IN_STACKER if recovery else POWER_UP)
    assert host.poll() == expected
    assert host.mechanism.piles.total_yen() == 1000

    assert host.say(RESET) == ACK
    host.wait(3.0)
    if recovery and vend_recovering:
        assert host.poll() == VEND_VALID
        host.say(ACK)
        assert host.poll() == STACKED
    assert host.poll() == INITIALIZE
    host.say(INHIBIT_OFF)
    if recovery and moment is in_escrow:
        assert host.poll() == ESCROW_1000, "offered again instead of returned"
        assert host.say(RETURN) == ACK
        host.wait(BACK_S)
    assert host.poll() == IDLING
    assert host.mechanism.cashbox.total() == (box_recovering if recovery else box)
    assert host.mechanism.cashbox.total() + host.mechanism.at_customer.total() == 1


def test_the_note_moves_visibly_after_reset_from_a_power_up_with_a_bill(idle: Host) -> None:
    idle.to_escrow()
    for line in ("power off", "power on"):
        idle.hand(line)
    idle.wait(0.5)
    idle.say(RESET)
    assert idle.poll() == RETURNING
    idle.wait(3.0)
    assert idle.poll() == INITIALIZE
    idle.say(INHIBIT_OFF)
    past_the_lever(idle)
    for line in ("power off", "power on"):
        idle.hand(line)
    idle.wait(0.5)
    idle.say(RESET)
    assert idle.poll() == STACKING


def test_an_answer_not_yet_on_the_wire_dies_with_the_power(idle: Host) -> None:
    idle.unit.receive(bytes.fromhex(POLL), idle.now_s)
    idle.hand("power off")
    idle.hand("power on")
    assert idle.unit.take_replies(idle.now_s + 10.0) == b""
