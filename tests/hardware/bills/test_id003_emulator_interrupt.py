"""The emulated ID-003 unit in interrupt mode: it calls with ENQ, and goes on calling until it is asked."""

import pytest

from hardware.bills.id003.frames import Command, Splitter
from tests.hardware.bills.id003_host import (
    ACCEPTING,
    ACK,
    BOXED_S,
    ESCROW_1000,
    IDLING,
    INHIBIT_OFF,
    INITIALIZE,
    NOTHING,
    OPEN,
    POWER_UP,
    RESET,
    STACK_2,
    STACKED,
    STACKING,
    TAKEN_S,
    VEND_VALID,
    Host,
    spelled,
)

ENQ = "FC 05 05 82 00"
MODE_INTERRUPT = "FC 06 C2 01 55 DE"
MODE_POLLED = "FC 06 C2 00 DC CF"


class ListeningHost(Host):
    """A host that hears what the unit says unasked."""

    def listen(self, seconds: float) -> list[str]:
        until_s, said = self.now_s + seconds, b""
        while (due_s := self.unit.next_due_s()) is not None and due_s <= until_s:
            self.unit.advance(due_s)
            said += self.unit.take_replies(due_s)
        self.now_s = until_s
        return [frame.encode().hex(" ").upper() for frame in Splitter().feed(said)]


@pytest.fixture
def calling() -> ListeningHost:
    """A unit that accepts every note and calls at every change; its host knows that it is idle."""
    host = ListeningHost()
    host.start(MODE_INTERRUPT)
    host.poll()
    assert host.listen(5.0) == []
    return host


def test_setting_the_mode_is_echoed_and_calls_for_nothing_by_itself() -> None:
    host = ListeningHost()
    host.say(RESET)
    host.wait(2.0)
    assert host.poll() == INITIALIZE
    assert host.say(MODE_INTERRUPT) == MODE_INTERRUPT
    assert host.listen(30.0) == []
    assert host.say(spelled(Command.GET_COMMUNICATION_MODE)) == spelled(Command.GET_COMMUNICATION_MODE, b"\x01")


@pytest.mark.parametrize("mode", [b"\x01", b"\x02"], ids=["mode 1", "mode 2, unconfirmed"])
def test_a_change_of_status_calls_the_host_once_for_each_question(mode: bytes) -> None:
    host = ListeningHost()
    host.start(spelled(Command.SET_COMMUNICATION_MODE, mode))
    host.poll()
    host.hand("insert 1000")
    assert host.listen(0.1) == [ENQ]
    assert host.poll() == ACCEPTING
    assert host.listen(TAKEN_S) == [ENQ]
    assert host.poll() == ESCROW_1000
    assert host.listen(5.0) == []


def test_it_goes_on_calling_until_it_is_asked(calling: ListeningHost) -> None:
    calling.hand("open")
    assert calling.listen(0.1) == [ENQ]
    assert calling.listen(10.0) == [ENQ] * 10, "once a second"
    assert calling.poll() == OPEN
    assert calling.listen(10.0) == []


def test_a_whole_note_is_heard_from_calls_alone(calling: ListeningHost) -> None:
    calling.hand("insert 1000")
    heard: list[str] = []
    for _ in range(60):
        if ENQ in calling.listen(0.1):
            heard.append(calling.poll())
            if heard[-1] == ESCROW_1000:
                assert calling.say(STACK_2) == ACK
            elif heard[-1] == VEND_VALID:
                calling.say(ACK)
    assert heard == [ACCEPTING, ESCROW_1000, STACKING, VEND_VALID, STACKED, IDLING]


def test_a_vend_valid_without_its_ack_keeps_calling(calling: ListeningHost) -> None:
    calling.hand("insert 1000")
    calling.listen(TAKEN_S)
    calling.poll()
    calling.say(STACK_2)
    calling.listen(BOXED_S)
    assert calling.poll() == VEND_VALID
    assert calling.listen(3.5) == [ENQ] * 3
    assert calling.poll() == VEND_VALID
    calling.say(ACK)
    assert calling.listen(0.1) == [ENQ]
    assert calling.poll() == STACKED


def test_back_in_polled_mode_it_is_silent(calling: ListeningHost) -> None:
    assert calling.say(MODE_POLLED) == MODE_POLLED
    calling.hand("insert 1000")
    assert calling.listen(5.0) == []
    assert calling.poll() == ESCROW_1000


def test_a_reset_and_a_power_cut_end_the_mode(calling: ListeningHost) -> None:
    calling.say(RESET)
    assert calling.listen(20.0) == []
    calling.say(MODE_INTERRUPT)
    calling.say(INHIBIT_OFF)
    calling.hand("power off")
    calling.hand("power on")
    assert calling.listen(20.0) == []
    assert calling.poll() == POWER_UP


def test_a_silent_unit_calls_nobody(calling: ListeningHost) -> None:
    calling.hand("silence on")
    calling.hand("insert 1000")
    assert calling.listen(5.0) == []
    assert calling.poll() == NOTHING
    calling.hand("silence off")
    assert ENQ in calling.listen(10.0)
