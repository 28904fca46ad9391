"""Power cuts and resets at every moment: the note stays where it was, the emulated CCNET unit says so; 81 is the model's."""

from collections.abc import Callable

import pytest

from hardware.models import DeviceModel
from tests.hardware.bills.ccnet_host import (
    ACK,
    BACK_S,
    BOXED_S,
    DISABLED,
    ENABLE_4,
    FORGETFUL,
    IDLING,
    INITIALIZE,
    LEVER_S,
    MODEL,
    POLL,
    POWER_UP,
    POWER_UP_IN_STACKER,
    POWER_UP_IN_VALIDATOR,
    RESET,
    RETURN,
    RETURNED_0,
    RETURNING,
    STACK,
    STACKED_0,
    STACKING,
    TAKEN_S,
    Host,
)

MODELS = pytest.mark.parametrize("model", [MODEL, FORGETFUL], ids=["keeps its credit", "forgets it"])


def drawing(host: Host) -> None:
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)


def in_escrow(host: Host) -> None:
    host.to_escrow()


def just_ordered(host: Host) -> None:
    host.to_escrow()
    host.say(STACK)


def past_the_lever(host: Host) -> None:
    just_ordered(host)
    host.wait(LEVER_S + 0.1)


def in_the_box(host: Host) -> None:
    just_ordered(host)
    host.wait(BOXED_S)


def told_and_not_acknowledged(host: Host) -> None:
    host.to_stacked()


def acknowledged(host: Host) -> None:
    host.to_stacked()
    host.say(ACK)


def returning(host: Host) -> None:
    host.to_escrow()
    host.say(RETURN)


def returned(host: Host) -> None:
    returning(host)
    host.wait(BACK_S)


def refused(host: Host) -> None:
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S)


def events_until_disabled(host: Host) -> list[str]:
    """Poll as a host does and return every 81 and 82."""
    told = []
    while (answer := host.poll()) != DISABLED:
        told.append(answer)
        host.wait(0.2)
    return [answer for answer in told if answer in (STACKED_0, RETURNED_0)]


@MODELS
@pytest.mark.parametrize(
    ("moment", "power_up", "in_box", "told"),
    [
        (drawing, POWER_UP_IN_VALIDATOR, 0, []),
        (refused, POWER_UP_IN_VALIDATOR, 0, []),
        (in_escrow, POWER_UP_IN_VALIDATOR, 0, [RETURNED_0]),
        (returning, POWER_UP_IN_VALIDATOR, 0, [RETURNED_0]),
        (returned, POWER_UP, 0, []),
        (just_ordered, POWER_UP_IN_STACKER, 1, [STACKED_0]),
        (past_the_lever, POWER_UP_IN_STACKER, 1, [STACKED_0]),
        (in_the_box, None, 1, [STACKED_0]),
        (told_and_not_acknowledged, None, 1, [STACKED_0]),
        (acknowledged, POWER_UP, 1, []),
    ],
)
def test_a_power_cut_at_any_moment_loses_no_note_and_is_told_at_power_up(
    moment: Callable[[Host], None], power_up: str | None, in_box: int, told: list[str], model: DeviceModel
) -> None:
    host = Host(model)
    host.start()
    moment(host)
    host.cut()
    keeps = model is MODEL
    # With the note in the box and the ACK missing, only a unit that keeps its credit still knows that it is owed.
    expected = power_up or (POWER_UP_IN_STACKER if keeps else POWER_UP)
    assert [host.poll(), host.poll()] == [expected, expected], "until RESET"
    assert host.mechanism.piles.total_yen() == 1000

    assert host.say(RESET) == ACK
    assert events_until_disabled(host) == [event for event in told if keeps or event != STACKED_0]
    assert host.mechanism.cashbox.total() == in_box
    assert host.mechanism.cashbox.total() + host.mechanism.at_customer.total() == 1
    host.say(ENABLE_4)
    assert host.poll() == IDLING


@MODELS
@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (drawing, []),
        (refused, []),
        (in_escrow, [RETURNED_0]),
        (returning, [RETURNED_0]),
        (just_ordered, [STACKED_0]),
        (past_the_lever, [STACKED_0]),
        (told_and_not_acknowledged, [STACKED_0]),
        (acknowledged, []),
    ],
)
def test_a_reset_in_the_middle_is_like_a_power_cut_for_the_credit(
    moment: Callable[[Host], None], told: list[str], model: DeviceModel
) -> None:
    host = Host(model)
    host.start()
    moment(host)
    assert host.say(RESET) == ACK
    assert events_until_disabled(host) == [event for event in told if model is MODEL or event != STACKED_0]
    assert host.mechanism.cashbox.total() + host.mechanism.at_customer.total() == 1


def test_the_note_moves_visibly_after_reset_and_81_is_told_while_initialising() -> None:
    host = Host()
    host.start()
    past_the_lever(host)
    host.cut()
    host.say(RESET)
    assert host.poll() == STACKING
    host.wait(BOXED_S - LEVER_S)
    assert [host.look(), host.poll(), host.poll()] == [STACKED_0, STACKED_0, INITIALIZE]
    host.wait(1.0)
    host.say(ENABLE_4)
    host.to_escrow()
    host.cut()
    host.say(RESET)
    assert host.poll() == RETURNING
    host.wait(BACK_S)
    assert host.poll() == RETURNED_0


def test_two_power_cuts_in_a_row_still_tell_81_once() -> None:
    host = Host()
    host.start()
    just_ordered(host)
    host.cut()
    host.say(RESET)
    host.wait(0.2)
    host.cut()
    assert host.poll() == POWER_UP_IN_STACKER
    host.say(RESET)
    assert events_until_disabled(host) == [STACKED_0]


def test_a_note_fetched_out_of_the_unit_without_power_is_told_by_nobody() -> None:
    host = Host()
    host.start()
    host.to_escrow()
    host.hand("power off")
    assert host.hand("pull-back")["yen"] == 1000
    host.hand("power on")
    host.wait(0.5)
    assert host.poll() == POWER_UP
    host.say(RESET)
    assert events_until_disabled(host) == []


def test_an_answer_not_yet_on_the_wire_dies_with_the_power() -> None:
    host = Host()
    host.start()
    host.unit.receive(bytes.fromhex(POLL), host.now_s)
    host.hand("power off")
    host.hand("power on")
    assert host.unit.take_replies(host.now_s + 10.0) == b""
