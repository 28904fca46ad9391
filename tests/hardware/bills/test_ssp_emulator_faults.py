"""What breaks in and around the emulated SSP unit, power cuts at every moment, and streams of any bytes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.ssp.commands import Command
from hardware.bills.ssp.events import EventCode, decode_events
from hardware.bills.ssp.frames import Packet, Splitter
from hardware.emulator import BadCommand
from tests.hardware.bills.ssp_host import (
    BACK_S,
    BOXED_S,
    CREDIT_STACKING,
    DISABLED,
    ENABLE,
    EVENT_ACK,
    HOLD,
    INHIBITS,
    LAST_REJECT,
    LEVER_S,
    NOT_NOW,
    NOTHING,
    OK,
    PLAIN,
    POLL,
    POLL_WITH_ACK,
    REJECT,
    REJECTED,
    REJECTING,
    RESET,
    RESTARTED,
    STACKING,
    SYNC,
    TAKEN_S,
    Host,
    accepting,
    changed,
)

# -- mechanics ---------------------------------------------------------------------------------------------------------


def test_a_jam_before_the_stacker_is_unsafe_and_one_in_it_safe() -> None:
    host = accepting()
    host.hand("insert 1000")
    host.hand("jam acceptor")
    assert [host.poll(), host.poll()] == ["F0 EF 00 E9 E8"] * 2
    host.hand("clear")
    assert host.poll() == OK
    host.to_escrow()
    host.poll()
    host.hand("jam stacker")
    assert host.poll() == "F0 CC EA E8"
    host.hand("clear")
    assert host.poll() == OK
    assert not host.mechanism.cashbox


@pytest.mark.parametrize(("what", "reply"), [("motor", "F0 E8"), ("sensor", "F0 E8")])
def test_a_failure_has_no_word_of_its_own(what: str, reply: str) -> None:
    host = accepting()
    host.hand(f"fail {what}")
    assert host.poll() == reply
    host.hand("clear")
    host.hand("insert 1000")
    host.hand(f"fail {what}")
    assert host.poll() == "F0 EF 00 E9 E8"


def test_a_full_box_is_told_while_it_lasts_and_near_full_never() -> None:
    host = accepting(changed(PLAIN, "cashbox", capacity=2, near_full=1))
    for reply in (OK, "F0 E7 E8"):
        host.to_escrow()
        host.poll()
        host.wait(BOXED_S)
        assert host.poll() == f"F0 EE 01 EB{reply[2:]}"
        assert host.poll() == reply
    host.hand("empty")
    assert host.poll() == OK


def test_the_cash_box_is_told_when_out_and_when_replaced() -> None:
    host = accepting()
    host.hand("open")
    assert [host.poll(), host.poll()] == ["F0 E3 E8"] * 2
    host.hand("close")
    assert [host.poll(), host.poll()] == ["F0 E4", OK]


def test_a_box_taken_out_under_a_moving_note_stops_it_until_it_is_back() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.hand("open")
    host.wait(BOXED_S)
    assert host.poll() == "F0 CC E3 E8"
    host.hand("close")
    host.wait(BOXED_S)
    assert host.poll() == "F0 E4 EE 01 EB"


def test_a_note_the_stacker_cannot_take_goes_back() -> None:
    host = accepting()
    host.to_escrow()
    host.hand("full")
    assert host.poll() == "F0 ED E7 E8"
    host.wait(BACK_S)
    assert host.poll() == "F0 EC E7 E8"
    assert host.say(LAST_REJECT) == "F0 1D"


def test_an_open_note_path_is_told_while_it_is_open() -> None:
    host = accepting()
    host.hand("path open")
    assert host.poll() == "F0 E0 E8"
    assert "not ready" in host.hand("insert 1000")["note"]
    host.hand("path shut")
    assert host.poll() == "F0 EF 00"


def test_a_string_is_a_fraud_attempt_with_the_channel_and_no_credit() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.wait(LEVER_S)
    host.hand("cheat")
    assert [host.poll(), host.poll()] == ["F0 E6 01 E8", OK], "the credit nobody had heard of is never told"
    host.hand("cheat")
    assert host.poll() == "F0 E6 00 E8"


def test_with_poll_with_ack_a_fraud_attempt_stays_until_acknowledged() -> None:
    host = accepting()
    host.say(POLL_WITH_ACK)
    host.hand("cheat")
    assert [host.say(POLL_WITH_ACK) for _ in range(2)] == ["F0 E6 00 E8"] * 2
    assert host.say(EVENT_ACK) == OK
    assert host.say(POLL_WITH_ACK) == OK


def test_a_note_pulled_back_is_never_credited() -> None:
    host = accepting()
    host.to_escrow()
    assert host.hand("pull-back")["ok"]
    assert host.poll() == REJECTING
    host.wait(BACK_S)
    assert host.poll() == REJECTED
    assert host.say(LAST_REJECT) == "F0 10"


def test_a_note_left_sticking_out_is_told_as_rejected_and_holds_the_unit_up() -> None:
    host = accepting()
    host.hand("leave on")
    host.to_escrow()
    host.say(REJECT)
    host.wait(BACK_S)
    assert [host.poll(), host.poll()] == [REJECTED, OK]
    assert host.mechanism.inside is not None
    host.hand("take")
    assert host.poll() == OK
    host.hand("insert 5000")
    assert host.poll() == "F0 EF 00"


def test_a_second_note_at_the_mouth_stops_the_first_one() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.hand("insert 5000")
    host.wait(5.0)
    assert host.poll() == STACKING
    host.hand("pull-back")
    host.wait(BOXED_S)
    assert host.poll() == "F0 EE 01 EB"


def test_a_slow_motor_shows_in_stacking_that_does_not_end() -> None:
    host = accepting()
    host.hand("slow 5")
    host.hand("insert 1000")
    host.wait(TAKEN_S * 5)
    host.poll()
    host.poll()
    host.wait(LEVER_S * 5)
    assert host.poll() == CREDIT_STACKING
    host.wait(BOXED_S)
    assert host.poll() == STACKING


def test_a_unit_may_credit_only_what_lies_in_the_box() -> None:
    host = accepting(changed(PLAIN, "unit", credit_at="cashbox"))
    host.to_escrow()
    host.poll()
    host.wait(LEVER_S + 0.1)
    assert host.poll() == STACKING
    host.wait(BOXED_S)
    assert host.poll() == "F0 EE 01 EB"


def test_many_rejected_notes_fit_into_polls_one_after_the_other() -> None:
    host = accepting()
    for _ in range(20):
        host.say(HOLD)
        host.hand("insert 1000 short")
        host.wait(TAKEN_S + BACK_S)
    assert host.poll() == "F0" + " EC" * 16
    assert host.poll() == "F0" + " EC" * 4


# -- power -------------------------------------------------------------------------------------------------------------


def drawing(host: Host) -> None:
    host.hand("insert 2000")
    host.wait(TAKEN_S / 2)


def in_escrow(host: Host) -> None:
    host.to_escrow(2000)


def just_accepted(host: Host) -> None:
    in_escrow(host)
    host.poll()


def past_the_lever(host: Host) -> None:
    just_accepted(host)
    host.wait(LEVER_S + 0.1)


def told_of_the_credit(host: Host) -> None:
    past_the_lever(host)
    assert host.poll() == "F0 EE 02 CC"


def told_with_ack(host: Host) -> None:
    past_the_lever(host)
    assert host.say(POLL_WITH_ACK) == "F0 EE 02 CC"


def acknowledged(host: Host) -> None:
    told_with_ack(host)
    assert host.say(EVENT_ACK) == OK


def in_the_box_untold(host: Host) -> None:
    just_accepted(host)
    host.wait(BOXED_S)


def in_the_box_told(host: Host) -> None:
    in_the_box_untold(host)
    host.poll()


def returning(host: Host) -> None:
    in_escrow(host)
    host.say(REJECT)
    host.wait(BACK_S / 2)


def refused(host: Host) -> None:
    host.hand("insert 2000 twisted")
    host.wait(TAKEN_S)


MOMENTS = [
    (drawing, " E1 00", 0),
    (in_escrow, " E1 02", 0),
    (returning, " E1 02", 0),
    (refused, " E1 00", 0),
    (just_accepted, " E2 02", 1),
    (past_the_lever, " E2 02", 1),
    (told_of_the_credit, "", 1),
    (told_with_ack, " E2 02", 1),
    (acknowledged, "", 1),
    (in_the_box_untold, " E2 02", 1),
    (in_the_box_told, "", 1),
]


@pytest.mark.parametrize("how", ["power cut", "reset", "two power cuts"])
@pytest.mark.parametrize(("moment", "told", "box"), MOMENTS)
def test_a_restart_at_any_moment_loses_no_note_and_is_told_in_the_first_poll(
    moment: Callable[[Host], None], told: str, box: int, how: str
) -> None:
    host = accepting()
    moment(host)
    if how == "reset":
        assert host.say(RESET) == OK
        host.wait(3.0)
    else:
        host.power_cut()
    if how == "two power cuts":
        host.power_cut()
    assert host.poll() == RESTARTED + told
    assert host.poll() == DISABLED
    assert host.mechanism.piles.total_yen() == 2000
    assert host.mechanism.cashbox.total() == box
    assert host.mechanism.at_customer.total() == 1 - box
    host.start()
    assert host.poll() == OK


def test_a_power_cut_while_the_note_is_being_cleared_does_not_tell_it_twice() -> None:
    host = accepting()
    just_accepted(host)
    host.hand("power off")
    host.hand("power on")
    host.wait(0.3)
    host.power_cut()
    assert host.poll() == RESTARTED + " E2 02"
    host.power_cut()
    assert host.poll() == RESTARTED


def test_a_unit_may_tell_a_note_of_its_former_life_by_value() -> None:
    host = accepting(changed(PLAIN, "unit", power_up_event="value"))
    just_accepted(host)
    host.power_cut()
    host.say("06 06")
    assert host.poll() == RESTARTED + " CA 01 D0 07 00 00 4A 50 59"


def test_with_poll_with_ack_the_news_of_the_former_life_repeats_until_acknowledged() -> None:
    host = accepting()
    just_accepted(host)
    host.power_cut()
    assert host.say(POLL_WITH_ACK) == RESTARTED + " E2 02"
    assert host.say(POLL_WITH_ACK) == "F0 E2 02 E8"
    assert host.say(EVENT_ACK) == OK
    assert host.say(POLL_WITH_ACK) == DISABLED


def test_a_note_that_clears_slowly_shows_as_initialising_to_poll_with_ack_only() -> None:
    host = accepting()
    host.to_escrow()
    host.hand("slow 10")
    host.power_cut()
    assert host.say(POLL_WITH_ACK) == RESTARTED
    assert host.say(POLL_WITH_ACK) == "F0 B6 E8"
    assert host.poll() == DISABLED
    host.wait(BACK_S * 10)
    assert host.poll() == "F0 E1 01 E8"


def test_an_answer_not_yet_on_the_wire_dies_with_the_power() -> None:
    host = accepting()
    host.unit.receive(Packet(b"\x07", True).encode(), host.now_s)
    host.hand("power off")
    host.hand("power on")
    assert host.unit.take_replies(host.now_s + 10.0) == b""


def test_after_a_power_cut_the_first_packet_is_new_whatever_its_flag() -> None:
    for flag in (False, True):
        host = accepting()
        host.power_cut()
        host.flag = not flag
        assert host.poll() == RESTARTED


def test_a_jam_found_at_a_start_is_told_and_the_note_is_not_conjured_away() -> None:
    host = accepting()
    just_accepted(host)
    host.hand("jam stacker")
    host.power_cut()
    assert [host.poll(), host.poll()] == [RESTARTED, "F0 EA E8"]
    host.hand("clear")
    assert host.poll() == DISABLED
    assert not host.mechanism.cashbox


# -- hands -------------------------------------------------------------------------------------------------------------


def test_a_swapped_unit_has_another_serial_number() -> None:
    host = accepting()
    host.hand("serial 258")
    assert host.say("0C") == "F0 00 00 01 02"


@pytest.mark.parametrize("line", ["path", "path ajar", "serial x", "serial -1", "lose-key now", "skip-count 0", "skip-count"])
def test_bench_commands_refuse_what_they_cannot_read(line: str) -> None:
    with pytest.raises(BadCommand):
        Host().hand(line)


def test_state_says_what_the_unit_would_report() -> None:
    host = Host()
    assert host.hand("state")["status"] == "DISABLED[0xE8]"
    host.start()
    assert host.hand("state")["status"] == "READY"
    host.hand("power off")
    assert host.hand("state")["status"] == "no power"


# -- any bytes ---------------------------------------------------------------------------------------------------------

noise = st.binary(max_size=60) | st.lists(st.sampled_from((0x7F, 0x7F, 0, 1, 3, 0x80, 0xFF)), max_size=40).map(bytes)


@given(st.lists(noise, max_size=6))
def test_any_bytes_in_any_cut_are_survived_and_one_good_packet_is_then_answered(chunks: list[bytes]) -> None:
    host = Host()
    for chunk in chunks:
        host.raw(chunk)
    answers = Splitter().feed(bytes.fromhex(host.raw(Packet(bytes((Command.SYNC,)), True).encode())))
    assert [answer.data for answer in answers][-1:] == [b"\xf0"]


command = st.one_of(
    st.sampled_from([POLL, POLL, POLL, POLL_WITH_ACK, EVENT_ACK, HOLD, REJECT, ENABLE, INHIBITS, SYNC, RESET, "06 06", "17"]),
    st.binary(min_size=1, max_size=10).map(lambda data: data.hex()),
)
HANDS = ["insert 1000", "insert 10000", "insert 1000 twisted", "pull-back", "leave on", "leave off", "take", "jam", "clear"]
BOX = ["open", "close", "full", "empty", "path open", "path shut"]
CURRENT = ["power off", "power on", "silence on", "silence off"]
deed = st.sampled_from([*HANDS, *BOX, *CURRENT])
step = st.one_of(
    command.map(lambda data: ("say", data)),
    command.map(lambda data: ("again", data)),
    deed.map(lambda line: ("hand", line)),
    st.floats(0.01, 4.0).map(lambda seconds: ("wait", seconds)),
)


@given(st.lists(step, max_size=40))
def test_whatever_happens_nothing_is_credited_that_does_not_lie_in_the_box(steps: list[tuple[str, str | float]]) -> None:
    host = accepting(changed(PLAIN, "unit", credit_at="cashbox"))
    credited = 0
    for what, with_what in steps:
        if what == "wait":
            host.wait(float(with_what))
            continue
        if what == "hand":
            host.hand(str(with_what))
            continue
        data = str(with_what)
        answer = bytes.fromhex(host.say(data) if what == "say" else host.again(data))
        if what == "say" and data == POLL and answer[:1] == b"\xf0":
            events = decode_events(answer[1:], 6)
            assert events.rest == b""
            credited += sum(event.code == EventCode.CREDIT for event in events.events)
    host.hand("power on")
    host.hand("clear")
    host.wait(20.0)
    assert credited <= sum(happening.event == "note_stacked" for happening in host.happened)
    assert host.say(SYNC) in (OK, NOT_NOW, NOTHING)


@given(
    st.lists(
        st.sampled_from(["insert 1000", "insert 5000", POLL_WITH_ACK, POLL_WITH_ACK, EVENT_ACK, HOLD, REJECT, "cut"])
        | st.floats(0.05, 2.0),
        max_size=40,
    )
)
def test_a_host_that_counts_what_it_acknowledges_counts_exactly_what_lies_in_the_box(steps: list[str | float]) -> None:
    host = accepting()
    told = counted = 0
    for step in [*steps, "cut", POLL_WITH_ACK, EVENT_ACK, POLL_WITH_ACK, EVENT_ACK]:
        if isinstance(step, float):
            host.wait(step)
        elif step.startswith("insert"):
            host.hand(step)
        elif step == "cut":
            host.power_cut(1.0)
            told = 0
            host.start()
        else:
            answer = bytes.fromhex(host.say(step))
            if step == POLL_WITH_ACK:
                events = decode_events(answer[1:], 6).events
                told = sum(event.code in (EventCode.CREDIT, EventCode.CLEARED_INTO_CASHBOX) for event in events)
            elif step == EVENT_ACK and answer == b"\xf0":
                counted += told
                told = 0
    assert counted == host.mechanism.cashbox.total()
