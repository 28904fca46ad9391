"""The emulated EBDS unit in its ordinary life: the reference's sequences, byte for byte, in both ways to report a note."""

from dataclasses import replace

import pytest

from hardware.bills.ebds.extended import (
    Item,
    NoteRecord,
    ask,
    query_record,
    read_extended_reply,
    set_escrow_timeout,
    set_inhibits,
    tell_when_retrieved,
)
from hardware.bills.ebds.frames import Frame, Kind, Splitter
from hardware.bills.ebds.standard import HostOrders, Mode, read_status
from tests.hardware.bills.ebds_host import (
    ACCEPTING,
    BACK_S,
    BOXED_S,
    ESCROW_1,
    EXTENDED,
    EXTENDED_STACKING,
    IDLE,
    INVALID,
    LAPSE_S,
    NOTHING,
    PLAIN,
    POWER_UP,
    REJECTED,
    RETURNED,
    RETURNING,
    STACKED_1,
    STACKING_1,
    TAKEN_S,
    TIMEOUT_S,
    ebds,
    spelled,
)

EXT_ESCROW = "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 {} 2B 30 {} 00 41 41 41 41 00 00 00 03 {}"
EXT_ESCROW_BY_YEN = {
    1000: EXT_ESCROW.format("31", "33", "7C"),
    2000: EXT_ESCROW.format("32", "33", "7F"),
    5000: EXT_ESCROW.format("35", "33", "78"),
    10000: EXT_ESCROW.format("31", "34", "7B"),
}
EXT_STACKED_1000_ACK_1 = "02 1E 71 02 11 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 68"
RETRIEVED = "02 0D 70 0B 01 10 00 00 54 0A 7F 03 46"


def record_of(wire: str) -> NoteRecord | None:
    (frame,) = Splitter().feed(bytes.fromhex(wire))
    reply = read_extended_reply(frame)
    return reply.record if reply is not None else None


# -- one note's way -------------------------------------------------------------------------------------------------------


def test_a_note_is_accepted_held_and_stacked_in_the_references_bytes() -> None:
    host = ebds()
    assert host.poll() == IDLE
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)
    assert host.poll() == ACCEPTING
    host.wait(TAKEN_S)
    assert host.poll() == ESCROW_1
    assert host.poll(stack=True) == STACKING_1
    host.wait(BOXED_S)
    assert host.mechanism.cashbox == {1000: 1}
    assert host.poll() == STACKED_1
    assert host.poll() == IDLE


def test_a_note_is_given_back_in_the_references_bytes() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll() == ESCROW_1
    assert host.poll(return_=True) == RETURNING
    host.wait(BACK_S)
    assert host.mechanism.at_customer == {1000: 1}
    assert host.poll() == RETURNED
    assert host.poll() == IDLE


def test_a_bad_note_is_told_as_rejected_once_when_it_is_out() -> None:
    host = ebds()
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S)
    assert host.poll() == RETURNING
    host.wait(BACK_S)
    assert host.poll() == REJECTED
    assert host.poll() == IDLE


@pytest.mark.parametrize("yen", EXT_ESCROW_BY_YEN)
def test_extended_mode_reports_each_note_with_its_record_in_the_references_bytes(yen: int) -> None:
    host = ebds(EXTENDED)
    host.to_escrow(yen)
    assert host.poll() == EXT_ESCROW_BY_YEN[yen]
    assert host.poll() == EXT_ESCROW_BY_YEN[yen]
    assert host.poll(stack=True) == EXTENDED_STACKING
    host.wait(BOXED_S)
    stacked = record_of(host.poll())
    assert stacked is not None
    assert stacked.amount == yen
    assert host.poll() == IDLE


def test_every_reply_carries_the_bit_of_the_message() -> None:
    host = ebds(EXTENDED)
    if host.ack == 0:
        host.poll()
    assert host.line("02 08 10 7F 1C 10 03 6B") == IDLE
    assert host.line("02 08 11 7F 1C 10 03 6A") == "02 0B 21 01 10 00 00 54 0A 03 65"
    assert host.line("02 08 10 7F 1C 10 03 6B") == IDLE


def test_a_stacked_note_told_with_the_bit_at_one_reads_as_in_the_reference() -> None:
    host = ebds(EXTENDED)
    host.to_escrow()
    host.poll(stack=True)
    if host.ack:
        host.poll()
    assert host.ack == 0
    host.wait(BOXED_S)
    assert host.line("02 08 11 7F 1C 10 03 6A") == EXT_STACKED_1000_ACK_1


@pytest.mark.parametrize(
    ("orders", "stacking"), [(PLAIN, STACKING_1), (EXTENDED, EXTENDED_STACKING)], ids=["plain", "extended"]
)
def test_without_the_escrow_bit_a_note_is_stacked_at_once(orders: HostOrders, stacking: str) -> None:
    host = ebds(replace(orders, escrow=False))
    host.to_escrow()
    assert host.poll() == stacking
    host.wait(BOXED_S)
    assert host.mechanism.cashbox == {1000: 1}


def test_without_the_escrow_bit_a_note_for_a_box_that_filled_meanwhile_goes_back() -> None:
    host = ebds(replace(PLAIN, escrow=False))
    host.hand("insert 1000")
    host.hand("full")
    host.wait(TAKEN_S + BACK_S)
    assert host.mechanism.at_customer == {1000: 1}
    assert host.mechanism.inside is None


def test_taking_the_escrow_bit_away_stacks_no_note_that_waits_already() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll(escrow=False) == ESCROW_1
    host.wait(BOXED_S)
    assert not host.mechanism.cashbox


# -- the acknowledgement bit ----------------------------------------------------------------------------------------------


def test_the_same_bit_gets_the_same_reply_and_nothing_advances() -> None:
    host = ebds()
    host.to_stacker()
    host.wait(BOXED_S)
    assert host.poll() == STACKED_1
    for _ in range(3):
        assert host.repeat() == STACKED_1
    assert host.poll() == IDLE


def test_a_stale_reply_is_repeated_even_when_the_unit_has_moved_on() -> None:
    host = ebds()
    assert host.poll() == IDLE
    host.to_escrow()
    assert host.repeat() == IDLE
    assert host.poll() == ESCROW_1


def test_an_order_under_the_bit_of_the_last_message_is_not_obeyed() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll() == ESCROW_1
    host.last = replace(PLAIN, stack=True).frame(host.ack).encode()
    assert host.repeat() == ESCROW_1
    host.wait(BOXED_S)
    assert not host.mechanism.cashbox
    assert host.poll(stack=True) == STACKING_1


def test_an_event_waits_for_the_host_through_a_silent_line() -> None:
    host = ebds()
    host.to_stacker()
    host.hand("silence on")
    host.wait(BOXED_S)
    assert host.poll() == NOTHING
    assert host.repeat() == NOTHING
    host.hand("silence off")
    assert host.repeat() == STACKED_1
    assert host.repeat() == STACKED_1
    assert host.poll() == IDLE


def test_no_note_is_drawn_in_before_the_host_knows_how_the_last_one_ended() -> None:
    host = ebds()
    host.to_stacker()
    host.wait(BOXED_S)
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    assert host.poll() == STACKED_1
    assert host.poll() == ACCEPTING


def test_a_question_neither_tells_nor_ends_an_event() -> None:
    host = ebds()
    host.to_stacker()
    host.wait(BOXED_S)
    assert host.say(ask(Item.SERIAL, 0)).startswith("02 19 60 30 30 30 31 32")
    table = host.say(query_record(PLAIN, 1).frame(0))
    assert table.startswith("02 1E 70 02 01 10 00 00 54 0A 01 4A 50 59")
    assert host.poll() == STACKED_1
    assert host.poll() == IDLE


def test_a_message_with_a_bad_check_is_not_answered() -> None:
    host = ebds()
    assert host.line("02 08 10 7F 1C 10 03 6A") == NOTHING
    assert host.line("02 08 10 7F 3C 10 03 6B") == NOTHING


def test_two_flips_that_the_check_does_not_see_are_obeyed_as_they_read() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll() == ESCROW_1
    host.ack ^= 1
    spoilt = bytearray(PLAIN.frame(host.ack).encode())
    spoilt[4] ^= 0x20  # STACK, where the host said nothing of the kind
    spoilt[5] ^= 0x20
    host.last = bytes(spoilt)
    assert host.repeat() == STACKING_1


def test_a_repeated_message_with_two_flips_changes_nothing() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll() == ESCROW_1
    spoilt = bytearray(host.last)
    spoilt[4] ^= 0x20
    spoilt[5] ^= 0x20
    host.last = bytes(spoilt)
    assert host.repeat() == ESCROW_1
    assert host.poll() == ESCROW_1


def test_a_units_own_message_come_back_as_an_echo_is_not_answered() -> None:
    host = ebds()
    assert host.line(IDLE) == NOTHING
    assert host.line("02 08 12 7F 1C 10 03 69") == NOTHING  # device 1


# -- which notes ----------------------------------------------------------------------------------------------------------


def test_a_host_that_enables_nothing_gets_no_note() -> None:
    host = ebds(replace(PLAIN, enabled=0))
    assert host.poll() == IDLE
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    host.wait(TAKEN_S)
    assert host.poll() == IDLE
    assert host.poll(enabled=0x01) == ACCEPTING


def test_a_note_whose_bit_is_not_set_is_rejected() -> None:
    host = ebds(replace(PLAIN, enabled=0b1101))
    host.to_escrow(2000)
    host.wait(BACK_S)
    assert host.poll() == REJECTED
    host.poll()
    host.to_escrow(5000)
    assert host.poll() == "02 0B 20 04 10 18 00 54 0A 03 79"


def test_in_extended_mode_any_bit_enables_all_and_the_inhibits_choose() -> None:
    host = ebds(replace(EXTENDED, enabled=0x40))
    assert host.say(set_inhibits(host.orders, frozenset({1, 3})).frame(0)) == IDLE
    host.to_escrow(10000)
    host.wait(BACK_S)
    assert host.poll() == REJECTED
    host.poll()
    host.to_escrow(5000)
    assert host.poll() == EXT_ESCROW_BY_YEN[5000]


def test_notes_disabled_while_one_is_on_its_way_in_are_rejected() -> None:
    host = ebds()
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)
    host.poll(enabled=0)
    host.wait(TAKEN_S + BACK_S)
    assert host.poll(enabled=0) == REJECTED


def test_a_note_in_escrow_stays_the_hosts_after_it_has_disabled_all() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll(enabled=0) == ESCROW_1
    assert host.poll(enabled=0, stack=True) == STACKING_1


def test_an_unpolled_unit_takes_no_more_notes_and_says_so_once() -> None:
    host = ebds()
    host.wait(LAPSE_S + 0.1)
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    assert host.poll() == "02 0B 20 02 10 00 20 54 0A 03 47"
    assert host.poll() == ACCEPTING


def test_a_unit_polled_just_in_time_goes_on() -> None:
    host = ebds()
    for _ in range(3):
        host.wait(LAPSE_S - 0.1)
        host.repeat()
    assert host.hand("insert 1000")["note"] == "drawn in"


# -- escrow ---------------------------------------------------------------------------------------------------------------


def test_an_undecided_note_goes_back_at_the_units_own_time_out() -> None:
    host = ebds()
    host.to_escrow()
    host.wait(TIMEOUT_S - 0.1)
    assert read_ends(host.poll()) == "ESCROWED"
    host.wait(0.2)
    assert host.poll() == RETURNING
    host.wait(BACK_S)
    assert host.poll() == RETURNED


def read_ends(wire: str) -> str:
    (frame,) = Splitter().feed(bytes.fromhex(wire))
    status = read_status(frame.data)
    assert status is not None
    return str(status.lasting.name)


def test_the_host_can_set_how_long_a_note_waits() -> None:
    host = ebds()
    assert host.say(set_escrow_timeout(PLAIN, 5, 5).frame(0)) == IDLE
    host.to_escrow()
    host.wait(4.9)
    assert read_ends(host.poll()) == "ESCROWED"
    host.wait(0.1)
    assert host.poll() == RETURNING


def test_a_time_out_of_zero_is_never() -> None:
    host = ebds()
    host.say(set_escrow_timeout(PLAIN, 0, 0).frame(0))
    host.to_escrow()
    host.wait(86400)
    assert read_ends(host.poll()) == "ESCROWED"
    assert host.poll(stack=True) == STACKING_1


def test_an_order_to_stack_just_after_the_time_out_does_nothing() -> None:
    host = ebds()
    host.to_escrow()
    host.wait(TIMEOUT_S - 1.0)
    assert read_ends(host.poll()) == "ESCROWED"
    host.wait(1.0)
    assert host.poll(stack=True) == RETURNING
    host.wait(BACK_S)
    assert host.poll() == RETURNED
    assert not host.mechanism.cashbox


def test_orders_about_escrow_do_nothing_without_a_note_there() -> None:
    host = ebds()
    assert host.poll(stack=True) == IDLE
    assert host.poll(return_=True) == IDLE
    host.hand("insert 1000")
    assert host.poll(stack=True) == ACCEPTING
    host.wait(TAKEN_S)
    assert host.poll() == ESCROW_1


def test_a_return_ordered_while_stacking_comes_too_late() -> None:
    host = ebds()
    host.to_stacker()
    assert host.poll(return_=True) == STACKING_1
    host.wait(BOXED_S)
    assert host.poll() == STACKED_1


def test_stack_and_return_together_are_an_invalid_command() -> None:
    host = ebds()
    host.to_escrow()
    assert host.poll(stack=True, return_=True) == "02 0B 20 04 10 0A 00 54 0A 03 6B"
    assert host.poll() == ESCROW_1


# -- notes left at the bezel ----------------------------------------------------------------------------------------------


def test_a_note_left_at_the_bezel_is_returned_only_when_it_is_taken() -> None:
    host = ebds()
    host.hand("leave on")
    host.to_escrow()
    host.poll(return_=True)
    host.wait(BACK_S + 3.0)
    assert host.poll() == RETURNING
    host.hand("take")
    assert host.poll() == RETURNED
    assert host.poll() == IDLE


@pytest.mark.parametrize(("note", "end"), [("insert 1000", RETURNED), ("insert 1000 counterfeit", REJECTED)])
def test_a_host_that_asked_for_it_is_told_when_a_note_is_taken(note: str, end: str) -> None:
    host = ebds()
    host.hand("leave on")
    assert host.say(tell_when_retrieved(PLAIN, wanted=True).frame(0)) == "02 0D 70 0B 01 10 00 00 54 0A 01 03 38"
    host.hand(note)
    host.wait(TAKEN_S)
    host.poll(return_=True)
    host.wait(BACK_S)
    assert host.poll() == RETURNING
    host.hand("take")
    assert [host.poll(), host.poll(), host.poll()] == [end, RETRIEVED, IDLE]


def test_a_host_that_asked_for_no_more_of_it_is_not_told() -> None:
    host = ebds()
    host.say(tell_when_retrieved(PLAIN, wanted=True).frame(0))
    host.say(tell_when_retrieved(PLAIN, wanted=False).frame(0))
    host.to_escrow()
    host.poll(return_=True)
    host.wait(BACK_S)
    assert [host.poll(), host.poll()] == [RETURNED, IDLE]


# -- questions ------------------------------------------------------------------------------------------------------------


def test_the_table_is_read_record_by_record_until_a_null_record() -> None:
    host = ebds(EXTENDED)
    amounts = []
    for index in range(1, 50):
        record = record_of(host.say(query_record(EXTENDED, index).frame(0)))
        assert record is not None
        if record.blank:
            break
        amounts.append(record.amount)
    assert amounts == [1000, 2000, 5000, 10000]


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        (Item.SOFTWARE_CRC, bytes.fromhex("01 0A 02 0B 00 00")),
        (Item.CASH_VALUE, bytes.fromhex("00 00 00 00 00 00")),
        (Item.RESETS, bytes.fromhex("00 00 00 00 00 01")),
        (Item.TYPE, b"SC-8307" + bytes(13)),
        (Item.SERIAL, b"000123456789" + bytes(8)),
        (Item.BOOT_VERSION, b"286000100"),
        (Item.APPLICATION, b"286001203"),
        (Item.VARIANT_NAME, b"JPY" + bytes(29)),
        (Item.VARIANT_VERSION, b"490901207"),
        (Item.APPLICATION_ID, b"286001203"),
        (Item.VARIANT_ID, b"490901207"),
    ],
)
def test_questions_about_the_unit_are_answered(item: Item, answer: bytes) -> None:
    assert ebds().say(ask(item, 0)) == spelled(Frame(Kind.AUXILIARY, answer))


def test_capabilities_are_told_by_a_unit_that_announces_them() -> None:
    host = ebds(identity={"capabilities": 0x05})
    reply = read_status(bytes.fromhex(host.poll())[3:-2])
    assert reply is not None
    assert reply.mode == Mode.DEVICE_CAPS
    assert host.say(ask(Item.CAPABILITIES, 0)) == spelled(Frame(Kind.AUXILIARY, bytes.fromhex("05 00 00 00 00 00")))


def test_the_value_of_what_is_in_the_box_is_told_in_four_bits_a_byte() -> None:
    host = ebds()
    host.to_stacker(10000)
    host.wait(BOXED_S)
    host.poll()
    assert host.say(ask(Item.CASH_VALUE, 0)) == spelled(Frame(Kind.AUXILIARY, bytes.fromhex("00 00 02 07 01 00")))


@pytest.mark.parametrize(
    "frame",
    [
        ask(Item.CAPABILITIES, 0),
        ask(Item.AUDIT_LIFETIME, 0),
        ask(0x55, 0),
        Frame(Kind.AUXILIARY, b"\x01\x00\x05"),
        Frame(Kind.AUXILIARY, b"\x05"),
        Frame(Kind.HOST, b"\x7f\x1c"),
        Frame(Kind.HOST, b"\x7f\x1c\x00\x00"),
        Frame(Kind.BOOKMARK, bytes(3)),
        Frame(Kind.FLASH_DOWNLOAD, bytes(3)),
        Frame(0, bytes(3)),
        Frame(Kind.EXTENDED, b""),
        Frame(Kind.EXTENDED, b"\x02\x7f"),
        Frame(Kind.EXTENDED, b"\x02\x7f\x1c\x00\x00"),
        Frame(Kind.EXTENDED, b"\x03\x7f\x1c\x00\x00"),
        Frame(Kind.EXTENDED, b"\x04\x7f\x1c\x00\x1e"),
        Frame(Kind.EXTENDED, b"\x06\x7f\x1c\x00"),
        Frame(Kind.EXTENDED, b"\x0b\x7f\x1c\x00\x02"),
        Frame(Kind.EXTENDED, b"\x1d\x7f\x1c\x00"),
    ],
    ids=spelled,
)
def test_what_the_unit_does_not_understand_is_an_invalid_command_once(frame: Frame) -> None:
    host = ebds()
    assert host.say(frame) == INVALID
    assert host.poll() == IDLE


def test_a_unit_that_just_got_power_says_so_until_the_host_has_heard_it() -> None:
    host = ebds()
    host.power_cycle()
    assert host.poll() == POWER_UP
    assert host.repeat() == POWER_UP
    host.wait(2.0)
    assert host.poll() == IDLE


def test_the_state_command_speaks_the_manuals_words() -> None:
    host = ebds()
    host.to_escrow()
    assert host.hand("state")["status"] == "ESCROWED|CASSETTE_PRESENT"
    host.hand("power off")
    assert host.hand("state")["status"] == "no power"
