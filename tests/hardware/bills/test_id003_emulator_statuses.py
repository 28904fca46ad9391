"""Every status of the manual's table can be had from the emulated ID-003 unit, from hands and host alone."""

from collections.abc import Callable

import pytest

from hardware.bills.id003.frames import Splitter, Status
from tests.hardware.bills.id003_host import ACK, BOXED_S, HOLD, INHIBIT_ON, RESET, RETURN, STACK_2, TAKEN_S, Host


def _again(host: Host, *lines: str) -> None:
    for line in (*lines, "power off", "power on"):
        host.hand(line)
    host.wait(0.5)


def _stacking(host: Host) -> None:
    host.to_escrow()
    host.say(STACK_2)


def _stacked(host: Host) -> None:
    host.to_vend_valid()
    host.say(ACK)


WAYS: dict[Status, Callable[[Host], object]] = {
    Status.IDLING: lambda host: None,
    Status.ACCEPTING: lambda host: host.hand("insert 1000"),
    Status.ESCROW: lambda host: host.to_escrow(),
    Status.STACKING: _stacking,
    Status.VEND_VALID: lambda host: (_stacking(host), host.wait(BOXED_S)),
    Status.STACKED: _stacked,
    Status.REJECTING: lambda host: (host.hand("insert 1000 magnetic"), host.wait(TAKEN_S)),
    Status.RETURNING: lambda host: (host.to_escrow(), host.say(RETURN)),
    Status.HOLDING: lambda host: (host.to_escrow(), host.say(HOLD)),
    Status.DISABLE: lambda host: host.say(INHIBIT_ON),
    Status.INITIALIZE: lambda host: host.say(RESET),
    Status.POWER_UP: _again,
    Status.POWER_UP_BILL_IN_ACCEPTOR: lambda host: (host.to_escrow(), _again(host)),
    Status.POWER_UP_BILL_IN_STACKER: lambda host: (_stacking(host), _again(host)),
    Status.STACKER_FULL: lambda host: host.hand("full"),
    Status.STACKER_OPEN: lambda host: host.hand("open"),
    Status.JAM_IN_ACCEPTOR: lambda host: host.hand("jam acceptor"),
    Status.JAM_IN_STACKER: lambda host: host.hand("jam stacker"),
    Status.PAUSE: lambda host: (host.to_escrow(), host.hand("insert 1000")),
    Status.CHEATED: lambda host: host.hand("cheat"),
    Status.FAILURE: lambda host: host.hand("fail"),
    Status.COMMUNICATION_ERROR: lambda host: host.hand("comm-error"),
}
UNASKED = {Status.ENQ, Status.INVALID_COMMAND}
"""Said of itself, and in answer to a command: see the tests of interrupt mode and of commands."""


def test_no_status_of_the_table_is_left_out() -> None:
    assert set(WAYS) | UNASKED == set(Status)


@pytest.mark.parametrize("status", WAYS, ids=lambda status: status.name)
def test_each_status_can_be_had(idle: Host, status: Status) -> None:
    WAYS[status](idle)
    assert [frame.code for frame in Splitter().feed(bytes.fromhex(idle.poll()))] == [status]
