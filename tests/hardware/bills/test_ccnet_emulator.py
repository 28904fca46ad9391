"""The emulated CCNET unit, byte for byte against the reference: start, note, types, what is legal, and the host's ACK."""

import pytest

from hardware.bills.ccnet.frames import Command, PollCode, RejectReason
from tests.hardware.bills.ccnet_host import (
    ACCEPTING,
    ACK,
    BACK_S,
    BILL_TO_BILL,
    BOXED_S,
    BUSY_5,
    DISABLE,
    DISABLED,
    ENABLE_4,
    ENABLE_ALL,
    ESCROW_0,
    HOLD,
    IDENTIFICATION,
    IDLING,
    ILLEGAL,
    INITIALIZE,
    LEVER_S,
    NAK,
    NOTHING,
    PAUSE,
    POLL,
    POWER_UP,
    REJECT_INHIBITED,
    RESET,
    RETURN,
    RETURNED_0,
    RETURNING,
    STACK,
    STACKED_0,
    STACKING,
    STATUS,
    TABLE,
    TAKEN_S,
    TIMEOUT_S,
    Host,
    spelled,
)

JPN_TABLE = "02 03 7D 01 4A 50 4E 03 02 4A 50 4E 03 05 4A 50 4E 03 01 4A 50 4E 04 00 00"


@pytest.fixture
def host() -> Host:
    """A unit that has just got power."""
    return Host()


@pytest.fixture
def idle() -> Host:
    """A unit that accepts every note and holds it in escrow."""
    host = Host()
    host.start()
    assert host.poll() == IDLING
    return host


# -- start -------------------------------------------------------------------------------------------------------------


def test_the_start_is_as_in_the_reference(host: Host) -> None:
    assert host.poll() == POWER_UP
    assert host.say(RESET) == ACK
    assert host.look() == INITIALIZE
    assert host.say(ACK) == NOTHING
    host.wait(1.0)
    assert host.poll() == DISABLED
    assert host.say(IDENTIFICATION)[:9] == "02 03 27 "
    assert host.say(TABLE).startswith(JPN_TABLE)
    assert host.say(ENABLE_4) == ACK
    assert host.poll() == IDLING


def test_the_bill_table_is_a_frame_of_125_bytes_and_the_identification_one_of_39(host: Host) -> None:
    assert len(bytes.fromhex(host.say(TABLE))) == 125
    told = bytes.fromhex(host.say(IDENTIFICATION))
    assert told[3:18] == b"SM-JP1353      "
    assert told[18:30] == b"21KC06000123"
    assert told[30:37] == bytes(7)
    assert len(told) == 39


def test_the_status_is_the_enabled_types_and_the_security_that_were_set(idle: Host) -> None:
    assert idle.say(STATUS) == spelled(0x00, bytes.fromhex("00 0F 00 00 00"))
    assert idle.say(spelled(Command.SET_SECURITY, bytes.fromhex("00 00 08"))) == ACK
    assert idle.say(STATUS) == spelled(0x00, bytes.fromhex("00 0F 00 00 08"))
    assert idle.say(RESET) == ACK
    assert idle.say(STATUS) == spelled(0x00, bytes(5)), "RESET forgets both"


def test_types_enabled_during_initialize_hold_afterwards(host: Host) -> None:
    host.say(RESET)
    assert host.say(ENABLE_ALL) == ACK
    assert host.poll() == INITIALIZE
    host.wait(1.0)
    assert host.poll() == IDLING


# -- a note ------------------------------------------------------------------------------------------------------------


def test_a_note_goes_from_mouth_to_credit_as_in_the_reference(idle: Host) -> None:
    idle.hand("insert 1000")
    assert idle.poll() == ACCEPTING
    idle.wait(TAKEN_S)
    assert [idle.poll(), idle.poll()] == [ESCROW_0, ESCROW_0]
    assert idle.say(STACK) == ACK
    assert idle.poll() == STACKING
    idle.wait(LEVER_S)
    assert idle.poll() == STACKING, "no credit at the lever"
    idle.wait(BOXED_S)
    assert [idle.poll(), idle.poll()] == [STACKED_0, IDLING]
    assert idle.mechanism.cashbox == {1000: 1}


@pytest.mark.parametrize(("yen", "bill_type"), [(1000, 0), (2000, 1), (5000, 2), (10000, 3)])
def test_every_note_has_its_type_from_escrow_to_the_end(idle: Host, yen: int, bill_type: int) -> None:
    idle.to_escrow(yen)
    assert idle.poll() == spelled(PollCode.ESCROW, bytes((bill_type,)))
    idle.say(STACK)
    idle.wait(BOXED_S)
    assert idle.poll() == spelled(PollCode.BILL_STACKED, bytes((bill_type,)))
    idle.to_escrow(yen)
    idle.say(RETURN)
    idle.wait(BACK_S)
    assert idle.poll() == spelled(PollCode.BILL_RETURNED, bytes((bill_type,)))


def test_a_note_asked_back_is_returned_as_in_the_reference(idle: Host) -> None:
    idle.to_escrow()
    assert idle.poll() == ESCROW_0
    assert idle.say(RETURN) == ACK
    assert idle.poll() == RETURNING
    idle.wait(BACK_S)
    assert [idle.poll(), idle.poll()] == [RETURNED_0, IDLING]
    assert idle.mechanism.at_customer == {1000: 1}


@pytest.mark.parametrize(("waited_s", "answer"), [(-0.001, ACK), (0.0, ILLEGAL), (0.001, ILLEGAL)])
def test_stacking_is_possible_until_the_escrow_timeout_and_not_at_it(idle: Host, waited_s: float, answer: str) -> None:
    idle.to_escrow()
    idle.wait(TIMEOUT_S + waited_s)
    assert idle.say(STACK) == answer
    idle.wait(2.0)
    assert idle.poll() == (STACKED_0 if answer == ACK else RETURNED_0)
    assert sum(idle.mechanism.cashbox.values()) == (answer == ACK)


def test_hold_is_told_and_gives_the_note_its_ten_seconds_again(idle: Host) -> None:
    idle.to_escrow()
    for _ in range(3):
        idle.wait(TIMEOUT_S - 0.5)
        assert idle.say(HOLD) == ACK
        assert idle.poll() == spelled(PollCode.HOLDING)
    idle.wait(TIMEOUT_S)
    assert idle.poll() == RETURNING
    idle.wait(BACK_S)
    assert idle.poll() == RETURNED_0


def test_a_note_that_was_held_can_still_be_stacked(idle: Host) -> None:
    idle.to_escrow()
    idle.say(HOLD)
    assert idle.say(STACK) == ACK
    idle.wait(BOXED_S)
    assert idle.poll() == STACKED_0


def test_a_note_given_back_and_left_sticking_out_is_told_until_it_is_taken(idle: Host) -> None:
    idle.hand("leave on")
    idle.to_escrow()
    idle.say(RETURN)
    idle.wait(60.0)
    assert idle.poll() == RETURNING
    idle.hand("take")
    assert [idle.poll(), idle.poll()] == [RETURNED_0, IDLING]
    idle.hand("insert 1000 counterfeit")
    idle.wait(60.0)
    assert idle.poll() == spelled(PollCode.REJECTING, bytes((RejectReason.VERIFICATION,)))
    idle.hand("take")
    assert idle.poll() == IDLING


def test_a_note_pulled_out_of_escrow_is_told_as_returned(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("pull-back")
    assert idle.poll() == RETURNING
    idle.wait(BACK_S)
    assert [idle.poll(), idle.poll()] == [RETURNED_0, IDLING]


def test_a_second_note_pauses_the_unit_until_it_is_pulled_out(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("insert 5000")
    assert idle.poll() == PAUSE
    idle.wait(20.0)
    assert idle.hand("pull-back")["yen"] == 5000
    assert idle.poll() == ESCROW_0


# -- types -------------------------------------------------------------------------------------------------------------


def test_a_type_without_escrow_is_stacked_at_once(idle: Host) -> None:
    idle.say(spelled(Command.ENABLE_BILL_TYPES, bytes.fromhex("00 00 0F 00 00 0E")))
    idle.to_escrow(1000)
    assert idle.poll() == STACKING
    assert idle.say(RETURN) == ILLEGAL
    idle.wait(BOXED_S)
    assert idle.poll() == STACKED_0
    idle.to_escrow(2000)
    assert idle.poll() == spelled(PollCode.ESCROW, b"\x01"), "the others are held"


def test_a_type_without_escrow_goes_back_when_the_cassette_cannot_take_it(idle: Host) -> None:
    idle.say(spelled(Command.ENABLE_BILL_TYPES, bytes.fromhex("00 00 01 00 00 00")))
    idle.hand("insert 1000")
    idle.hand("open")
    idle.wait(TAKEN_S)
    assert idle.poll() == RETURNING
    idle.wait(BACK_S)
    assert idle.poll() == RETURNED_0
    assert idle.mechanism.at_customer == {1000: 1}


def test_with_no_type_enabled_a_note_stays_at_the_mouth(idle: Host) -> None:
    idle.say(DISABLE)
    assert "not ready" in str(idle.hand("insert 1000")["note"])
    idle.wait(5.0)
    assert idle.poll() == DISABLED
    idle.say(ENABLE_4)
    assert idle.poll() == ACCEPTING


def test_only_the_enabled_types_pass_and_type_0_is_bit_0_of_the_third_byte(idle: Host) -> None:
    idle.say(spelled(Command.ENABLE_BILL_TYPES, bytes.fromhex("00 00 01 00 00 01")))
    idle.to_escrow(10000)
    assert idle.poll() == REJECT_INHIBITED
    idle.wait(BACK_S)
    assert idle.poll() == IDLING, "a reject ends without 82"
    idle.to_escrow(1000)
    assert idle.poll() == ESCROW_0


def test_disabling_leaves_a_note_in_escrow_to_be_decided(idle: Host) -> None:
    idle.to_escrow()
    idle.say(DISABLE)
    assert idle.poll() == ESCROW_0
    assert idle.say(STACK) == ACK
    idle.wait(BOXED_S)
    assert [idle.poll(), idle.poll()] == [STACKED_0, DISABLED]


@pytest.mark.parametrize("code", [code for code in RejectReason if code is not RejectReason.INHIBITED])
def test_every_reject_reason_can_be_asked_for_by_its_name(idle: Host, code: RejectReason) -> None:
    idle.hand(f"insert 1000 {code.name.lower()}")
    idle.wait(TAKEN_S)
    assert idle.poll() == spelled(PollCode.REJECTING, bytes((code,)))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("insert 1000 counterfeit", RejectReason.VERIFICATION),
        ("insert 3000", RejectReason.IDENTIFICATION),
        ("insert 1000 multiple", RejectReason.OPERATION),
        ("insert 1000 unknown", RejectReason.OPERATION),
    ],
)
def test_a_bad_note_is_rejected_with_its_reason(idle: Host, line: str, code: RejectReason) -> None:
    idle.hand(line)
    idle.wait(TAKEN_S)
    assert idle.poll() == spelled(PollCode.REJECTING, bytes((code,)))
    idle.wait(BACK_S)
    assert idle.poll() == IDLING


# -- what is legal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [STACK, RETURN, HOLD])
def test_orders_about_escrow_are_illegal_without_a_note_there(idle: Host, order: str) -> None:
    assert idle.say(order) == ILLEGAL
    idle.to_escrow()
    idle.say(STACK)
    assert idle.say(order) == ILLEGAL, "too late: it is on its way"
    idle.wait(BOXED_S)
    assert idle.mechanism.cashbox == {1000: 1}


@pytest.mark.parametrize("question", [IDENTIFICATION, TABLE, spelled(Command.GET_CRC32)])
def test_the_units_facts_are_told_only_where_no_note_can_be_on_its_way(idle: Host, question: str) -> None:
    def legal() -> bool:
        return idle.say(question) != ILLEGAL

    assert not legal(), "idling"
    idle.hand("insert 1000")
    assert not legal(), "accepting"
    idle.wait(TAKEN_S)
    assert not legal(), "escrow"
    idle.hand("insert 5000")
    assert legal(), "pause"
    idle.hand("pull-back")
    idle.say(STACK)
    assert not legal(), "stacking"
    idle.wait(BOXED_S)
    assert not legal(), "stacked and not acknowledged"
    idle.poll()
    for line in ("jam acceptor", "clear", "fail", "clear", "open"):
        idle.hand(line)
        assert legal(), line
    idle.hand("close")
    idle.wait(1.0)
    assert idle.poll() == DISABLED
    assert legal(), "disabled"
    idle.cut()
    assert legal(), "power up"
    idle.say(RESET)
    assert legal(), "initialize"


@pytest.mark.parametrize("order", [ENABLE_4, STACK, RETURN, HOLD, spelled(Command.SET_SECURITY, bytes(3))])
def test_before_reset_orders_are_illegal(host: Host, order: str) -> None:
    assert host.say(order) == ILLEGAL
    assert host.poll() == POWER_UP


@pytest.mark.parametrize("code", [0x01, 0x20, 0x39, 0x3A, 0x50, 0x60, 0x99, 0xF0])
def test_unknown_commands_and_those_of_parts_it_does_not_have_are_illegal(idle: Host, code: int) -> None:
    assert idle.say(spelled(code)) == ILLEGAL
    assert idle.say(spelled(code, b"\x01")) == ILLEGAL


@pytest.mark.parametrize(
    ("code", "data"),
    [(0x30, "01"), (0x31, "01"), (0x32, "00 00"), (0x33, "01"), (0x34, "00 00 0F"), (0x35, "01"), (0x37, "01"), (0x41, "01")],
)
def test_data_of_a_wrong_size_makes_a_command_illegal(idle: Host, code: int, data: str) -> None:
    idle.to_escrow()
    assert idle.say(spelled(code, bytes.fromhex(data))) == ILLEGAL
    assert idle.poll() == ESCROW_0


def test_the_firmwares_crc_is_four_bytes_of_the_model(host: Host) -> None:
    assert host.say(spelled(Command.GET_CRC32)) == spelled(0x5A, bytes.fromhex("3C 11 E7"))


# -- ACK and NAK -------------------------------------------------------------------------------------------------------


def test_a_lost_ack_repeats_81_until_one_comes(idle: Host) -> None:
    idle.to_stacked()
    assert [idle.look(), idle.look(), idle.look()] == [STACKED_0] * 3
    idle.wait(60.0)
    assert idle.poll() == STACKED_0
    assert idle.poll() == IDLING


def test_a_lost_ack_repeats_82_as_well(idle: Host) -> None:
    idle.to_escrow()
    idle.say(RETURN)
    idle.wait(BACK_S)
    assert [idle.look(), idle.poll(), idle.poll()] == [RETURNED_0, RETURNED_0, IDLING]


def test_an_ack_counts_only_for_the_answer_just_before_it(idle: Host) -> None:
    idle.to_escrow()
    idle.say(STACK)
    idle.say(ACK)
    idle.wait(BOXED_S)
    idle.say(ACK)
    assert idle.look() == STACKED_0
    assert idle.say(STATUS) != ILLEGAL
    idle.say(ACK)  # for the status
    assert idle.look() == STACKED_0
    idle.wait(0.6)
    idle.say(ACK)  # too late
    assert idle.poll() == STACKED_0


def test_no_further_note_is_drawn_in_before_81_is_acknowledged(idle: Host) -> None:
    idle.to_stacked()
    assert "not ready" in str(idle.hand("insert 5000")["note"])
    assert idle.look() == STACKED_0
    idle.say(ACK)
    assert idle.poll() == ACCEPTING


def test_nak_from_the_host_repeats_the_last_answer_and_its_ack_still_counts(idle: Host) -> None:
    idle.to_stacked()
    assert [idle.say(NAK), idle.say(NAK), idle.say(NAK), idle.say(NAK)] == [STACKED_0] * 4
    idle.say(ACK)
    assert idle.poll() == IDLING


def test_nak_repeats_the_ack_of_an_order_without_obeying_twice(idle: Host) -> None:
    idle.to_escrow()
    assert idle.say(STACK) == ACK
    assert idle.say(NAK) == ACK
    idle.wait(BOXED_S)
    assert idle.poll() == STACKED_0
    assert idle.mechanism.cashbox == {1000: 1}


def test_nak_with_nothing_said_yet_is_met_with_silence(host: Host) -> None:
    assert host.say(NAK) == NOTHING
    assert host.say(ACK) == NOTHING


def test_a_busy_unit_says_how_long_and_refuses_orders_until_then(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("busy 1")
    idle.wait(0.5)
    assert idle.poll() == BUSY_5
    assert idle.say(STACK) == NAK
    idle.wait(0.5)
    assert idle.say(STACK) == ACK


def test_a_storm_of_naks_obeys_nothing(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("nak 3")
    assert [idle.say(STACK), idle.say(RETURN), idle.look(), idle.poll()] == [NAK, NAK, NAK, ESCROW_0]


# -- the wire ----------------------------------------------------------------------------------------------------------


def test_a_bad_crc_and_another_address_are_met_with_silence(idle: Host) -> None:
    assert idle.say("02 03 06 33 DA 82") == NOTHING
    assert idle.say(spelled(Command.POLL, address=1)) == NOTHING
    assert idle.say(spelled(Command.RESET, address=2)) == NOTHING
    assert idle.poll() == IDLING


def test_words_to_another_device_are_no_ack_of_ours(idle: Host) -> None:
    idle.to_stacked()
    idle.say(spelled(Command.ACK, address=1))
    assert idle.poll() == STACKED_0


def test_a_bill_to_bill_unit_answers_at_its_own_address() -> None:
    host = Host(BILL_TO_BILL)
    assert host.say(POLL) == NOTHING
    assert host.say(spelled(Command.POLL, address=1)) == spelled(PollCode.POWER_UP, address=1)


@pytest.mark.parametrize(("gap_s", "answer"), [(0.001, IDLING), (0.050, IDLING), (0.200, NOTHING)])
def test_a_frame_in_single_bytes_is_understood_unless_the_gap_is_too_long(idle: Host, gap_s: float, answer: str) -> None:
    said = ""
    for byte in bytes.fromhex(POLL):
        idle.wait(gap_s)
        said = idle.say(f"{byte:02X}")
    assert said == answer
    assert idle.poll() == IDLING


def test_the_strict_model_allows_5_ms_between_bytes() -> None:
    host = Host(BILL_TO_BILL)
    poll = Command.POLL
    for gap_s, answer in ((0.004, spelled(PollCode.POWER_UP, address=1)), (0.006, NOTHING)):
        wire = bytes.fromhex(spelled(poll, address=1))
        for byte in wire:
            host.now_s += gap_s
            host.unit.receive(bytes((byte,)), host.now_s)
        host.now_s += 0.01
        assert host.unit.take_replies(host.now_s).hex(" ").upper() == answer


def test_two_requests_in_one_piece_are_both_answered(idle: Host) -> None:
    idle.to_escrow()
    assert idle.say(STACK + POLL) == f"{ACK} {STACKING}"
