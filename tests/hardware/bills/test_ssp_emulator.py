"""The emulated SSP unit, byte for byte against the reference: start, sequence flag, note, identity."""

from dataclasses import replace

import pytest

from hardware.bills.ssp.commands import Command, Reject
from hardware.models import DeviceModel
from tests.hardware.bills.ssp_host import (
    BACK_S,
    BOOT_S,
    BOXED_S,
    CREDIT_STACKING,
    DISABLE,
    DISABLED,
    ENABLE,
    ESCROW_1000,
    ESCROW_10000,
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
    READING,
    REJECT,
    REJECTED,
    REJECTING,
    RESET,
    RESTARTED,
    SECURE,
    STACKED,
    STACKING,
    SYNC,
    TAKEN_S,
    Host,
    accepting,
    changed,
)

JPY_SETUP = (
    "F0 00 30 34 33 33 4A 50 59 00 00 00 04 01 02 05 0A 02 02 02 02 00 03 E8 06 4A 50 59 4A 50 59 4A 50 59 4A 50 59 "
    "E8 03 00 00 D0 07 00 00 88 13 00 00 10 27 00 00"
)


# -- start and sequence flag -------------------------------------------------------------------------------------------


def test_the_start_goes_over_the_wire_as_in_the_reference() -> None:
    host = Host()
    assert host.raw("7F 80 01 11 65 82") == "7F 80 01 F0 23 80"
    assert host.raw("7F 00 02 06 06 1B 94") == "7F 00 01 F0 20 0A"
    assert host.raw("7F 80 01 05 1D 82") == f"7F 80 35 {JPY_SETUP} A2 FB"
    assert host.raw("7F 00 01 07 11 88") == "7F 00 02 F0 F1 25 A2"
    assert host.raw("7F 80 01 07 12 02") == "7F 80 02 F0 E8 4F A2"
    assert host.raw("7F 00 03 02 FF FF 26 18") == "7F 00 01 F0 20 0A"
    assert host.raw("7F 80 01 0A 3F 82") == "7F 80 01 F0 23 80"


def test_a_note_goes_over_the_wire_as_in_the_reference() -> None:
    host = accepting()
    assert host.raw("7F 80 01 07 12 02") == "7F 80 01 F0 23 80"
    host.hand("insert 1000")
    assert host.raw("7F 00 01 07 11 88") == "7F 00 03 F0 EF 00 CC 76"
    host.wait(TAKEN_S)
    assert host.raw("7F 80 01 07 12 02") == "7F 80 03 F0 EF 01 CA 4A"
    assert host.raw("7F 00 01 07 11 88") == "7F 00 02 F0 CC A8 22", "this poll has accepted the note"
    host.wait(LEVER_S)
    host.flag = False
    assert host.poll() == CREDIT_STACKING
    assert host.raw("7F 00 01 07 11 88") == "7F 00 02 F0 CC A8 22"
    host.wait(BOXED_S)
    assert host.raw("7F 80 01 07 12 02") == "7F 80 02 F0 EB 45 A2"
    assert host.raw("7F 00 01 07 11 88") == "7F 00 01 F0 20 0A"
    assert host.mechanism.cashbox == {1000: 1}


@pytest.mark.parametrize("sync", ["7F 80 01 11 65 82", "7F 00 01 11 66 08"], ids=["SYNC with 80", "SYNC with 00"])
def test_after_sync_the_next_packet_carries_flag_0_whichever_flag_sync_had(sync: str) -> None:
    host = Host()
    for _ in range(3):
        assert host.raw(sync).endswith(("F0 23 80", "F0 20 0A"))
        assert host.raw("7F 00 02 06 06 1B 94") == "7F 00 01 F0 20 0A"
        assert host.raw("7F 80 01 05 1D 82").startswith("7F 80 35 F0 00"), "HOST PROTOCOL VERSION was executed, not repeated"


def test_a_packet_with_the_flag_of_the_last_one_is_not_executed() -> None:
    host = accepting()
    host.to_escrow()
    for _ in range(20):
        assert host.again(POLL) == ESCROW_1000, "the last reply, again"
    assert host.again(REJECT) == ESCROW_1000, "whatever the packet says"
    assert host.mechanism.phase.value == "escrow"
    assert host.poll() == STACKING


def test_a_lost_reply_is_repeated_with_its_events_and_moves_nothing_on() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.wait(LEVER_S)
    host.hand("silence on")
    assert host.poll() == NOTHING, "the credit is lost on its way"
    host.hand("silence off")
    host.wait(1.0)
    assert host.again(POLL) == CREDIT_STACKING
    assert host.again(POLL) == CREDIT_STACKING
    assert host.poll() == STACKED


def test_only_the_poll_with_a_new_flag_accepts_the_note() -> None:
    host = accepting()
    host.hand("insert 1000")
    host.wait(TAKEN_S)
    host.hand("silence on")
    host.poll()
    host.hand("silence off")
    assert host.again(POLL) == ESCROW_1000
    assert host.mechanism.phase.value == "escrow"


@pytest.mark.parametrize(
    "wire",
    ["7F 80 01 07 12 03", "7F 90 01 07 51 83", "7F 10 01 07 52 09", "7F 80 00", "80 01 07 12 02", ""],
    ids=["wrong CRC", "another address", "another address, flag 0", "empty", "no start", "nothing"],
)
def test_there_is_no_answer_to_what_is_not_for_this_unit(wire: str) -> None:
    host = Host()
    assert host.raw(wire) == NOTHING
    assert host.poll() == RESTARTED


def test_a_packet_may_come_byte_by_byte() -> None:
    host = Host()
    for byte in bytes.fromhex("7F 80 01 11 65"):
        assert host.raw(bytes((byte,))) == NOTHING
        host.wait(0.06)
    assert host.raw("82") == "7F 80 01 F0 23 80"


# -- a note's ways -----------------------------------------------------------------------------------------------------


def test_hold_instead_of_poll_keeps_the_note_and_gives_it_its_whole_time_again() -> None:
    host = accepting()
    host.to_escrow(10000)
    for _ in range(5):
        host.wait(9.0)
        assert host.say(HOLD) == OK
    assert host.mechanism.phase.value == "escrow"
    assert host.poll() == STACKING
    host.wait(BOXED_S)
    assert host.poll() == "F0 EE 04 EB"
    assert host.mechanism.cashbox == {10000: 1}


def test_a_note_held_before_it_was_told_of_is_still_told_of_first() -> None:
    host = accepting()
    host.hand("insert 10000")
    assert host.poll() == READING
    host.wait(TAKEN_S)
    assert host.say(HOLD) == OK
    assert host.poll() == ESCROW_10000
    assert host.poll() == STACKING


def test_reject_gives_the_note_back() -> None:
    host = accepting()
    host.to_escrow()
    assert host.say(REJECT) == OK
    assert host.poll() == REJECTING
    assert host.poll() == REJECTING
    host.wait(BACK_S)
    assert [host.poll(), host.poll()] == [REJECTED, OK]
    assert host.say(LAST_REJECT) == "F0 08"
    assert host.mechanism.at_customer == {1000: 1}


@pytest.mark.parametrize("command", [HOLD, REJECT])
@pytest.mark.parametrize("moment_s", [0.0, TAKEN_S / 2, TAKEN_S + 0.5])
def test_hold_and_reject_need_a_note_in_escrow(command: str, moment_s: float) -> None:
    host = accepting()
    if moment_s:
        host.hand("insert 1000")
        host.wait(moment_s)
    if moment_s > TAKEN_S:
        host.poll()
        host.poll()
    assert host.say(command) == NOT_NOW


@pytest.mark.parametrize(("model", "timeout_s"), [(PLAIN, 10.0), (SECURE, 5.0)], ids=["GA138: 10 s", "GA973: 5 s"])
@pytest.mark.parametrize(("late_s", "answer"), [(-0.001, OK), (0.0, NOT_NOW), (0.001, NOT_NOW)])
def test_an_undecided_note_goes_back_after_its_time(model: DeviceModel, timeout_s: float, late_s: float, answer: str) -> None:
    host = Host(changed(model, "encryption", mode="optional"))
    assert model.settings["timing"]["escrow_timeout_s"] == timeout_s
    host.start()
    host.poll()
    host.hand("insert 1000")
    host.wait(TAKEN_S + 1.0)
    assert host.poll() == ESCROW_1000, "telling of it gives it no more time"
    host.wait(timeout_s - 1.010 + late_s)
    assert host.say(HOLD) == answer
    if answer == NOT_NOW:
        assert host.poll() == REJECTING
        host.wait(BACK_S)
        assert host.poll() == REJECTED
        assert host.say(LAST_REJECT) == "F0 13"
        assert host.mechanism.at_customer == {1000: 1}


def test_a_note_on_an_inhibited_channel_is_read_and_given_back() -> None:
    host = accepting()
    host.say("02 0E 00")
    host.hand("insert 1000")
    host.wait(TAKEN_S)
    assert host.poll() == REJECTING
    host.wait(BACK_S)
    assert host.poll() == REJECTED
    assert host.say(LAST_REJECT) == "F0 0C"
    host.hand("insert 2000")
    host.wait(TAKEN_S)
    assert host.poll() == "F0 EF 02"


def test_a_disabled_unit_takes_nothing_and_says_so() -> None:
    host = accepting()
    assert host.say(DISABLE) == OK
    assert "not ready" in host.hand("insert 1000")["note"]
    assert [host.poll(), host.poll()] == [DISABLED, DISABLED]
    assert host.say(ENABLE) == OK
    assert host.poll() == READING


def test_disable_decides_nothing_about_a_note_in_escrow() -> None:
    host = accepting()
    host.to_escrow()
    host.say(DISABLE)
    assert host.say(HOLD) == OK
    assert host.poll() == "F0 CC E8"
    host.wait(BOXED_S)
    assert host.poll() == "F0 EE 01 EB E8"


def test_a_unit_that_hears_nothing_for_10_seconds_disables_itself() -> None:
    host = accepting()
    host.wait(9.98)
    assert host.poll() == OK
    host.wait(9.99)
    assert host.poll() == DISABLED
    host.say(ENABLE)
    for _ in range(4):
        host.wait(4.0)
        assert host.say("0C") == "F0 00 1C 96 2C"
    assert host.poll() == OK, "any command is a sign of life"


@pytest.mark.parametrize(("version", "reply"), [(6, "F0 E8"), (7, "F0 B5 E8"), (8, "F0 B5 E8")])
def test_all_channels_inhibited_is_told_from_protocol_7_on(version: int, reply: str) -> None:
    host = Host()
    host.start(version)
    host.poll()
    host.say("02 00 00")
    assert host.poll() == reply


# -- poll with ack -----------------------------------------------------------------------------------------------------


def test_poll_with_ack_repeats_the_credit_until_it_is_acknowledged_and_takes_no_note_meanwhile() -> None:
    host = accepting()
    host.to_escrow()
    assert host.say(POLL_WITH_ACK) == STACKING
    host.wait(LEVER_S)
    assert host.say(POLL_WITH_ACK) == CREDIT_STACKING
    host.wait(BOXED_S)
    assert host.say(POLL_WITH_ACK) == "F0 EE 01 EB"
    assert "not ready" in host.hand("insert 5000")["note"]
    assert [host.say(POLL_WITH_ACK) for _ in range(3)] == ["F0 EE 01"] * 3
    assert host.say(EVENT_ACK) == OK
    assert host.say(POLL_WITH_ACK) == READING
    assert host.say(EVENT_ACK) == NOT_NOW


def test_a_note_in_escrow_is_not_accepted_while_a_credit_waits_for_its_acknowledgement() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.wait(BOXED_S)
    host.hand("insert 5000")
    host.wait(TAKEN_S)
    assert host.say(POLL_WITH_ACK) == "F0 EE 01 EB EF 03"
    assert [host.say(POLL_WITH_ACK) for _ in range(2)] == ["F0 EE 01 EF 03"] * 2
    assert host.say(EVENT_ACK) == OK
    assert host.say(POLL_WITH_ACK) == STACKING


def test_an_ack_clears_only_what_the_host_has_been_told() -> None:
    host = accepting()
    host.to_escrow()
    host.say(POLL_WITH_ACK)
    host.wait(BOXED_S)
    assert host.say(EVENT_ACK) == NOT_NOW
    assert host.say(POLL_WITH_ACK) == "F0 EE 01 EB"
    assert host.say(EVENT_ACK) == OK
    assert host.say(POLL_WITH_ACK) == OK


def test_a_plain_poll_clears_its_events_at_once() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.wait(BOXED_S)
    assert [host.poll(), host.poll()] == ["F0 EE 01 EB", OK]
    assert host.say(EVENT_ACK) == NOT_NOW


def test_with_plain_polls_two_credits_can_wait_for_a_slow_host() -> None:
    host = accepting()
    for yen in (1000, 5000):
        host.hand(f"insert {yen}")
        host.wait(TAKEN_S)
        assert host.poll().startswith("F0 EF" if yen == 1000 else "F0 EE 01 EB EF")
        host.poll()
        host.wait(BOXED_S)
    assert host.poll() == "F0 EE 03 EB"


# -- identity and settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("0C", "F0 00 1C 96 2C"),
        ("0D", "F0 00 30 34 33 33 4A 50 59 00 03 E8 06"),
        ("0E", "F0 04 01 02 05 0A" + " 4A 50 59" * 4 + " E8 03 00 00 D0 07 00 00 88 13 00 00 10 27 00 00"),
        ("0F", "F0 04 02 02 02 02"),
        ("20", "F0 " + b"NV02004333498000".hex(" ").upper()),
        ("21", "F0 " + b"JPY01A02".hex(" ").upper()),
        ("17", "F0 00"),
        ("03", OK),
        ("04", OK),
        ("54 00 FF 00 00", OK),
        ("58", "F0 05" + " 00" * 20),
        ("59", OK),
        ("05 00", "F3"),
        ("06", "F3"),
        ("02", "F3"),
        ("06 08", OK),
        ("06 09", "F8"),
        ("06 00", "F8"),
        ("99", "F2"),
        ("4D 00 00", "F2"),
        ("76", "F2"),
        ("7E 01", "F2"),
    ],
)
def test_each_command_has_its_answer(command: str, reply: str) -> None:
    assert accepting().say(command) == reply


@pytest.mark.parametrize("command", ["22", "30 05", "33 E8 03 00 00", "35", "38", "3D", "3E", "3F", "44", "46", "52", "53"])
def test_a_unit_without_payout_does_not_know_payout_commands(command: str) -> None:
    assert accepting().say(command) == "F2"


@pytest.mark.parametrize("command", ["3B 00 E8 03 00 00 4A 50 59", "3C E8 03 00 00 4A 50 59", "5B", "5C 00"])
def test_a_unit_without_payout_says_that_none_is_connected(command: str) -> None:
    assert accepting().say(command) == "F5 01"


def test_before_protocol_6_replies_are_short() -> None:
    host = Host()
    host.start(5)
    assert host.say("05") == "F0 00 30 34 33 33 4A 50 59 00 03 E8 04 01 02 05 0A 02 02 02 02 00 03 E8 05"
    assert host.say("0E") == "F0 04 01 02 05 0A"


def test_every_command_of_the_table_is_answered_with_a_known_word() -> None:
    for command in Command:
        reply = accepting().say(f"{command:02X}")
        assert reply[:2] in {"F0", "F2", "F3", "F5"}, command


def test_counters_count_what_lies_in_the_box_and_what_went_back_and_outlive_a_power_cut() -> None:
    host = accepting()
    host.to_escrow()
    host.poll()
    host.wait(BOXED_S)
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S + BACK_S)
    counted = "F0 05 01 00 00 00" + " 00" * 12 + " 01 00 00 00"
    assert host.say("58") == counted
    host.power_cut()
    assert host.say("58") == counted
    host.say("59")
    assert host.say("58") == "F0 05" + " 00" * 20


def test_reset_answers_first_and_then_restarts() -> None:
    host = accepting()
    assert host.say(RESET) == OK
    assert host.poll() == NOTHING
    host.wait(BOOT_S)
    assert host.poll() == RESTARTED
    assert host.poll() == DISABLED
    assert host.say("0D")[-2:] == "04", "the protocol version is the unit's own again"
    host.say(ENABLE)
    assert host.poll() == DISABLED, "all channels are inhibited again"
    host.say(INHIBITS)
    assert host.poll() == OK
    assert host.say(SYNC) == OK


# -- why a note came back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        code
        for code in Reject
        if code not in (Reject.ACCEPTED, Reject.CHANNEL_INHIBIT, Reject.BY_HOST, Reject.DISABLED_BY_HOST, Reject.ESCROW_TIMEOUT)
    ],
    ids=lambda code: code.name,
)
def test_every_reject_code_can_be_asked_for(code: Reject) -> None:
    host = accepting()
    host.hand(f"insert 1000 {code.name.lower()}")
    host.wait(TAKEN_S)
    assert host.poll() == REJECTING
    host.wait(BACK_S)
    assert host.poll() == REJECTED
    assert host.say(LAST_REJECT) == f"F0 {code:02X}"


@pytest.mark.parametrize("flaw", ["counterfeit", "insertion", "unreadable", "length", "multiple", "transport", "unknown"])
def test_a_flaw_in_our_words_has_a_code_too(flaw: str) -> None:
    host = accepting()
    host.hand(f"insert 1000 {flaw}")
    host.wait(TAKEN_S + BACK_S)
    assert host.poll() == REJECTED
    assert host.say(LAST_REJECT) in {f"F0 {code:02X}" for code in Reject if code is not Reject.ACCEPTED}


def test_a_note_of_a_channel_the_dataset_inhibits_has_a_code_of_its_own() -> None:
    notes = [dict(note) for note in PLAIN.settings["notes"]]
    notes[1]["security"] = 4
    host = accepting(replace(PLAIN, settings={**PLAIN.settings, "notes": notes}))
    assert host.say("0F") == "F0 04 02 04 02 02"
    host.hand("insert 2000")
    host.wait(TAKEN_S + BACK_S)
    assert host.poll() == REJECTED
    assert host.say(LAST_REJECT) == "F0 06"


def test_a_stacked_note_ends_the_last_reject_code() -> None:
    host = accepting()
    host.hand("insert 1000 short")
    host.wait(TAKEN_S + BACK_S)
    host.poll()
    assert host.say(LAST_REJECT) == "F0 1A"
    host.to_escrow()
    host.poll()
    host.wait(BOXED_S)
    assert host.say(LAST_REJECT) == "F0 00"
    assert host.poll() == f"F0 EE 01 {STACKED[3:]}"
