"""The emulated Pyramid unit: EBDS standard messages with the vendor's habits, byte for byte."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.ebds.extended import ask
from hardware.bills.ebds.frames import Frame, Kind, Splitter
from hardware.bills.ebds.standard import Condition, DeviceStatus, State, Trouble, read_status
from hardware.bills.pyramid.emulator import PyramidEmulator, Telemetry
from hardware.emulator import BadCommand
from hardware.errors import ConfigError
from hardware.vocabulary import Fault
from tests.hardware.bills.ebds_host import (
    APEX,
    BACK_S,
    BOXED_S,
    LAPSE_S,
    LEVER_S,
    NOTHING,
    SIMPLE,
    TAKEN_S,
    TIMEOUT_S,
    Host,
    apex,
    spelled,
    with_settings,
)

IDLE = "02 0B 20 01 10 00 00 01 02 03 39"
ACCEPTING = "02 0B 20 02 10 00 00 01 02 03 3A"
ESCROW_1 = "02 0B 20 04 10 08 00 01 02 03 34"
STACKING_1 = "02 0B 20 08 10 08 00 01 02 03 38"
STACKED_1 = "02 0B 20 11 10 08 00 01 02 03 21"
RETURNING = "02 0B 20 20 10 00 00 01 02 03 18"
RETURNED = "02 0B 20 41 10 00 00 01 02 03 79"
RETURNED_ACK_1 = "02 0B 21 41 10 00 00 01 02 03 78"
REJECTED = "02 0B 20 01 12 00 00 01 02 03 3B"
JAM = "02 0B 20 00 14 00 00 01 02 03 3C"
JAM_ACK_1 = "02 0B 21 00 14 00 00 01 02 03 3D"
FULL = "02 0B 20 00 18 00 00 01 02 03 30"
FAILURE = "02 0B 20 00 10 04 00 01 02 03 3C"
BOX_OUT = "02 0B 20 01 00 00 00 01 02 03 29"
POWER_UP = "02 0B 20 01 10 01 00 01 02 03 38"
INVALID = "02 0B 20 01 10 02 00 01 02 03 3B"
POLL_ACK_0 = "02 08 10 7F 10 00 03 77"
STACK_ACK_1 = "02 08 11 7F 30 00 03 56"
RETURN_ACK_0 = "02 08 10 7F 50 00 03 37"


def status_of(wire: str) -> DeviceStatus:
    (frame,) = Splitter().feed(bytes.fromhex(wire))
    status = read_status(frame.data)
    assert status is not None
    return status


def with_last_ack(bit: int) -> Host:
    """A host whose last message had this acknowledgement bit, so that the next one has the other."""
    host = apex()
    while host.ack != bit:
        host.poll()
    return host


def test_a_note_is_stacked_by_the_vendors_own_frames() -> None:
    host = with_last_ack(1)
    assert host.line(POLL_ACK_0) == IDLE
    host.to_escrow()
    assert host.line(STACK_ACK_1) == "02 0B 21 08 10 08 00 01 02 03 39"
    host.wait(BOXED_S)
    assert host.line(POLL_ACK_0) == STACKED_1
    assert host.mechanism.cashbox == {1000: 1}


def test_a_note_is_returned_by_the_vendors_own_frames() -> None:
    host = with_last_ack(1)
    host.to_escrow()
    assert host.line(RETURN_ACK_0) == RETURNING
    host.wait(BACK_S)
    host.ack = 0
    assert host.poll() == RETURNED
    assert host.mechanism.at_customer == {1000: 1}


def test_a_return_and_a_jam_told_with_the_bit_at_one_read_as_the_vendor_has_them() -> None:
    host = with_last_ack(1)
    host.to_escrow()
    host.line(RETURN_ACK_0)
    host.wait(BACK_S)
    assert host.line("02 08 11 7F 10 00 03 76") == RETURNED_ACK_1
    host.hand("jam")
    assert host.line(POLL_ACK_0) == JAM
    assert host.line("02 08 11 7F 10 00 03 76") == JAM_ACK_1


@pytest.mark.parametrize(("yen", "bill"), [(1000, 1), (2000, 2), (5000, 3), (10000, 4)])
def test_the_bill_type_is_the_third_byte_without_its_lowest_bits(yen: int, bill: int) -> None:
    host = apex()
    host.to_escrow(yen)
    reply = bytes.fromhex(host.poll())
    assert reply[3:5] == b"\x04\x10"
    assert reply[5] >> 3 == bill
    host.poll(stack=True)
    host.wait(BOXED_S)
    assert bytes.fromhex(host.poll())[5] >> 3 == bill


def test_the_model_says_what_the_bill_types_are_worth() -> None:
    notes = [{"type": 7, "yen": 1000}]
    host = Host(PyramidEmulator(replace(APEX, settings={**APEX.settings, "notes": notes})), SIMPLE)
    host.start()
    host.to_escrow(1000)
    assert bytes.fromhex(host.poll())[5] >> 3 == 7
    host.poll(return_=True)
    host.wait(BACK_S)
    assert [host.poll(), host.poll()] == [RETURNED, IDLE]
    host.to_escrow(2000)
    host.wait(BACK_S)
    assert host.poll() == REJECTED


def test_the_unit_goes_through_its_states_one_bit_at_a_time() -> None:
    host = apex()
    host.hand("insert 1000")
    assert host.poll() == ACCEPTING
    host.wait(TAKEN_S)
    assert host.poll() == ESCROW_1
    assert host.poll(stack=True) == STACKING_1
    host.wait(LEVER_S)
    assert host.poll() == STACKING_1
    host.wait(BOXED_S)
    assert host.poll() == STACKED_1
    assert host.repeat() == STACKED_1
    assert host.poll() == IDLE


def test_without_the_escrow_bit_a_note_is_stacked_at_once() -> None:
    host = apex()
    host.orders = replace(SIMPLE, escrow=False)
    host.poll()
    host.to_escrow()
    assert host.poll() == STACKING_1


@pytest.mark.parametrize(
    ("hand", "reply"),
    [("jam", JAM), ("jam stacker", JAM), ("full", FULL), ("fail", FAILURE), ("fail sensor", FAILURE), ("open", BOX_OUT)],
)
def test_each_trouble_is_told_for_as_long_as_it_lasts(hand: str, reply: str) -> None:
    host = apex()
    host.hand(hand)
    assert [host.poll(), host.poll()] == [reply, reply]
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    for remedy in ("clear", "close", "empty"):
        host.hand(remedy)
    assert host.poll() == ACCEPTING


def test_a_transport_that_opens_is_no_trouble_of_this_protocol() -> None:
    with pytest.raises(BadCommand, match="fail takes one of motor, sensor"):
        apex().hand("fail transport")


def test_a_bad_note_is_rejected_and_a_cheat_told_once() -> None:
    host = apex()
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S + BACK_S)
    assert [host.poll(), host.poll()] == [REJECTED, IDLE]
    host.hand("cheat")
    assert [host.poll(), host.poll()] == ["02 0B 20 01 11 00 00 01 02 03 38", IDLE]


def test_an_undecided_note_goes_back_by_itself() -> None:
    host = apex()
    host.to_escrow()
    host.wait(TIMEOUT_S - 1.0)
    assert status_of(host.poll()).state == State.ESCROWED
    host.wait(1.0 + BACK_S)
    assert host.poll() == RETURNED


def test_the_field_unit_says_stacked_too_after_a_return_in_the_bytes_seen_live() -> None:
    host = apex(quirks={"returned_as_0x51": True}, identity={"revision": 0x01})
    host.to_escrow(5000)
    host.poll(return_=True)
    host.wait(BACK_S)
    reply = host.poll()
    assert reply == "02 0B 20 51 10 18 00 01 01 03 72"
    assert status_of(reply).contradictory
    assert status_of(host.poll()).state == State.IDLING
    assert not host.mechanism.cashbox


def test_the_field_unit_stacks_and_rejects_as_others_do() -> None:
    host = apex(quirks={"returned_as_0x51": True})
    host.to_stacker()
    host.wait(BOXED_S)
    assert [host.poll(), host.poll()] == [STACKED_1, IDLE]
    host.hand("insert 2000 counterfeit")
    host.wait(TAKEN_S + BACK_S)
    assert [host.poll(), host.poll()] == [REJECTED, IDLE]


@pytest.mark.parametrize("when", ["drawing", "escrow", "ordered", "stacked untold", "stacked told", "returning"])
def test_after_a_power_cut_only_the_power_up_bit_is_told_of_a_note_that_was_stacked(when: str) -> None:
    host = apex()
    host.hand("insert 1000")
    if when == "drawing":
        host.wait(TAKEN_S / 2)
    else:
        host.wait(TAKEN_S)
    if when in ("ordered", "stacked untold", "stacked told"):
        host.poll(stack=True)
    if when in ("stacked untold", "stacked told"):
        host.wait(BOXED_S)
    if when == "stacked told":
        assert host.poll() == STACKED_1
    if when == "returning":
        host.poll(return_=True)
    host.power_cycle()
    replies = []
    for _ in range(8):
        replies.append(status_of(host.poll()))
        host.wait(0.4)
    assert all(State.STACKED not in status.state and status.note == 0 for status in replies)
    assert Trouble.POWER_UP in replies[0].trouble
    assert replies[-1].state == State.IDLING
    assert not replies[-1].trouble
    went_back = when in ("drawing", "escrow", "returning")
    assert sum(State.RETURNED in status.state for status in replies) == went_back
    assert host.mechanism.cashbox.total() == (not went_back)


def test_a_unit_that_just_got_power_says_so() -> None:
    host = apex()
    host.power_cycle()
    assert host.poll() == POWER_UP
    assert host.repeat() == POWER_UP


def test_an_unpolled_unit_takes_no_more_notes() -> None:
    host = apex()
    host.wait(LAPSE_S + 0.1)
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    host.poll()
    assert host.poll() == ACCEPTING


def test_a_ping_and_the_serial_number_are_answered() -> None:
    host = apex()
    assert host.say(ask(Telemetry.PING, 0)) == spelled(Frame(Kind.AUXILIARY))
    assert host.say(ask(Telemetry.SERIAL, 0)) == spelled(Frame(Kind.AUXILIARY, b"104000001"))


def test_telemetry_ends_no_event() -> None:
    host = apex()
    host.to_stacker()
    host.wait(BOXED_S)
    host.say(ask(Telemetry.PING, 0))
    assert host.poll() == STACKED_1


@pytest.mark.parametrize(
    "frame", [ask(0x02, 0), Frame(Kind.AUXILIARY, b"\x7f\x7f\x7f"), Frame(Kind.EXTENDED, b"\x02\x7f\x10\0\1")]
)
def test_what_it_does_not_know_is_an_invalid_command(frame: Frame) -> None:
    host = apex()
    assert host.say(frame) == INVALID
    assert host.poll() == IDLE


def test_a_bad_check_is_not_answered() -> None:
    assert apex().line("02 08 10 7F 10 00 03 76") == NOTHING


@pytest.mark.parametrize(
    ("notes", "says"),
    [
        ([{"type": 8, "yen": 1000}], "from 1 to 7"),
        ([{"type": 1, "yen": 1000}, {"type": 1, "yen": 2000}], "a type that no other note has"),
        ([{"type": 1, "yen": 1000}, {"type": 2, "yen": 1000}], "a value that no other note has"),
        ([{"type": 1, "yen": 1000, "iso": "JPY"}], "unknown key"),
    ],
)
def test_a_wrong_note_of_the_model_is_named(notes: list[dict[str, object]], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        PyramidEmulator(replace(APEX, settings={**APEX.settings, "notes": notes}))


@pytest.mark.parametrize("serial", ["ABC", "1" * 21])
def test_a_wrong_serial_number_of_the_model_is_named(serial: str) -> None:
    with pytest.raises(ConfigError, match="at most 20 digits"):
        PyramidEmulator(with_settings(APEX, identity={"serial": serial}))


HANDS = [
    *("insert 1000", "insert 5000 counterfeit", "insert 10000", "pull-back", "cheat", "jam", "clear", "open", "close"),
    *("full", "empty", "fail", "power off", "power on"),
]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(["poll", "stack", "return", "repeat"]), st.sampled_from(HANDS), st.binary(max_size=20)),
        max_size=40,
    ),
    st.booleans(),
)
def test_a_status_has_one_state_bit_or_says_why_it_has_none(steps: list[str | bytes], quirk: bool) -> None:
    host = apex(quirks={"returned_as_0x51": quirk})
    credited: Counter[int] = Counter()
    for step in steps:
        if isinstance(step, bytes):
            host.exchange(step)
            continue
        if step in HANDS:
            host.hand(step)
            host.wait(0.7)
            continue
        reply = host.repeat() if step == "repeat" and host.last else host.poll(stack=step == "stack", return_=step == "return")
        if not reply:
            continue
        status = status_of(reply)
        bits = status.lasting.bit_count()
        troubles = status.condition & (Condition.JAMMED | Condition.STACKER_FULL) or status.trouble & Trouble.FAILURE
        assert bits == 1 or (bits == 0 and troubles)
        assert status.contradictory == (quirk and State.RETURNED in status.state)
        if State.STACKED in status.state and not status.contradictory and step != "repeat":
            credited[{1: 1000, 4: 10000}[status.note]] += 1
        put_in = host.mechanism.piles.total_yen() - sum(y * n for y, n in host.mechanism.at_customer.items())
        assert sum(yen * n for yen, n in credited.items()) <= put_in


def test_a_cheat_and_a_power_up_at_once_are_two_bits_of_two_bytes() -> None:
    host = apex()
    host.power_cycle()
    host.hand("cheat")
    status = status_of(host.poll())
    assert (status.condition, status.trouble) == (Condition.CASSETTE_PRESENT | Condition.CHEATED, Trouble.POWER_UP)
    assert Fault.CHEATED in host.mechanism.faults
    host.poll()
    assert Fault.CHEATED not in host.mechanism.faults
