"""What the emulated ID-003 unit says when something is wrong with it, with a note, or with the line."""

import pytest

from hardware.bills.id003.frames import Failure, Frame, Reject, Splitter, Status
from tests.hardware.bills.id003_host import (
    ACCEPTING,
    ACK,
    BACK_S,
    BOXED_S,
    CHEATED,
    ESCROW_1000,
    FULL,
    IDLING,
    INHIBIT_OFF,
    INITIALIZE,
    INVALID,
    JAM_IN_ACCEPTOR,
    JAM_IN_STACKER,
    LEVER_S,
    NOTHING,
    OPEN,
    PAUSE,
    POLL,
    RESET,
    RETURN,
    RETURNING,
    STACK_2,
    STACKED,
    STACKING,
    TAKEN_S,
    VEND_VALID,
    Host,
    spelled,
)


def test_a_second_note_pauses_the_unit_until_it_is_pulled_out(idle: Host) -> None:
    idle.to_escrow()
    assert "pauses" in str(idle.hand("insert 5000")["note"])
    assert idle.poll() == PAUSE
    idle.wait(20.0)
    assert idle.hand("pull-back")["yen"] == 5000
    assert idle.poll() == ESCROW_1000


def test_a_note_at_the_mouth_of_a_repaired_unit_waits_until_the_unit_takes_notes_again(idle: Host) -> None:
    idle.hand("jam acceptor")
    idle.hand("insert 1000")
    idle.hand("clear")
    assert idle.poll() == INITIALIZE, "not drawn in (12)"
    idle.wait(2.0)
    assert idle.say(INHIBIT_OFF) == INHIBIT_OFF
    assert idle.poll() == ACCEPTING


def test_a_note_pulled_back_while_it_is_read_is_a_reject_for_insertion(idle: Host) -> None:
    idle.hand("insert 1000")
    idle.wait(TAKEN_S / 2)
    idle.hand("pull-back")
    assert idle.poll() == spelled(Status.REJECTING, bytes((Reject.INSERTION,)))
    idle.wait(BACK_S)
    assert idle.poll() == IDLING


@pytest.mark.parametrize(
    ("break_it", "status"),
    [
        ("jam acceptor", JAM_IN_ACCEPTOR),
        ("jam stacker", JAM_IN_STACKER),
        ("cheat", CHEATED),
        ("fail", "FC 06 49 A2 A0 21"),
        *[(f"fail {c:02X}", spelled(Status.FAILURE, bytes((c,)))) for c in Failure],
    ],
)
def test_a_fault_stays_until_staff_clear_it_and_then_the_unit_initialises(idle: Host, break_it: str, status: str) -> None:
    idle.hand(break_it)
    assert idle.poll() == status
    idle.wait(60.0)
    assert idle.poll() == status
    idle.hand("clear")
    assert idle.poll() == INITIALIZE
    idle.wait(1.0)
    idle.say(INHIBIT_OFF)
    assert idle.poll() == IDLING


def test_a_reset_ends_cheated_but_no_jam(idle: Host) -> None:
    idle.hand("cheat")
    idle.say(RESET)
    assert idle.poll() == INITIALIZE
    idle.hand("jam acceptor")
    assert idle.say(RESET) == ACK
    assert idle.poll() == JAM_IN_ACCEPTOR


def test_a_note_on_a_string_out_of_the_stacker_gives_no_credit(idle: Host) -> None:
    idle.to_escrow()
    idle.say(STACK_2)
    idle.wait(LEVER_S + 0.1)
    idle.hand("cheat")
    assert idle.poll() == CHEATED
    idle.start()
    assert idle.poll() == IDLING
    assert idle.mechanism.at_customer == {1000: 1}


def test_no_jam_hides_a_credit_that_is_due(idle: Host) -> None:
    idle.to_vend_valid()
    idle.hand("jam stacker")
    assert idle.poll() == VEND_VALID
    idle.say(ACK)
    assert idle.poll() == JAM_IN_STACKER


def test_an_open_box_is_told_and_stops_the_stacking_until_it_is_back(idle: Host) -> None:
    idle.hand("open")
    assert idle.poll() == OPEN
    idle.hand("close")
    assert idle.poll() == IDLING
    idle.to_escrow()
    idle.say(STACK_2)
    idle.wait(LEVER_S)
    idle.hand("open")
    idle.wait(10.0)
    assert idle.poll() == OPEN
    idle.hand("close")
    assert idle.poll() == STACKING
    idle.wait(BOXED_S)
    assert idle.poll() == VEND_VALID


def test_a_note_in_escrow_cannot_be_stacked_without_a_box_but_returned(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("open")
    assert idle.say(STACK_2) == INVALID
    assert idle.say(RETURN) == ACK
    assert idle.poll() == RETURNING


def test_a_full_box_is_told_and_takes_no_note_until_emptied(idle: Host) -> None:
    idle.to_vend_valid()
    idle.say(ACK)
    assert idle.poll() == STACKED
    idle.hand("full")
    assert idle.poll() == FULL
    assert "full" in str(idle.hand("insert 1000")["note"])
    assert idle.hand("empty")["notes"] == {"1000": 1}
    assert idle.poll() == ACCEPTING


def test_a_communication_error_is_said_once(idle: Host) -> None:
    idle.hand("comm-error")
    assert [idle.poll(), idle.poll()] == [spelled(Status.COMMUNICATION_ERROR), IDLING]


def test_a_silent_unit_still_hears_and_obeys(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("silence on")
    assert idle.say(STACK_2) == NOTHING
    idle.wait(BOXED_S)
    idle.hand("silence off")
    assert idle.poll() == VEND_VALID


def test_garbage_comes_on_the_line_at_once_and_holds_no_frame(idle: Host) -> None:
    idle.hand("garbage")
    noise = idle.unit.take_replies(idle.now_s)
    splitter = Splitter()
    assert noise
    assert splitter.feed(noise) == []
    assert splitter.feed(bytes.fromhex(idle.poll())) == [Frame(Status.IDLING)]


def test_a_bad_crc_is_met_with_silence(idle: Host) -> None:
    assert idle.say("FC 05 11 27 57") == NOTHING
    assert idle.poll() == IDLING


def test_a_frame_in_single_bytes_is_understood_unless_the_gap_is_too_long(idle: Host) -> None:
    def drip(gap_s: float) -> str:
        for byte in bytes.fromhex(POLL):
            idle.wait(gap_s)
            answer = idle.say(f"{byte:02X}")
        return answer

    assert [drip(0.001), drip(0.050), drip(0.200)] == [IDLING, IDLING, NOTHING]
    assert idle.poll() == IDLING


def test_the_answer_takes_its_time_on_the_wire(idle: Host) -> None:
    idle.unit.receive(bytes.fromhex(POLL), 200.0)
    assert idle.unit.take_replies(200.0) == b""
    assert idle.unit.next_due_s() == pytest.approx(200.008)
    assert idle.unit.take_replies(200.008) == bytes.fromhex(IDLING)
    assert idle.unit.take_replies(201.0) == b"", "said once"


def test_a_note_that_staff_took_from_the_stacker_gives_no_credit_and_blocks_no_later_one(idle: Host) -> None:
    idle.to_escrow()
    idle.say(STACK_2)
    idle.hand("jam stacker")
    assert idle.hand("clear")["yen"] == 1000
    idle.wait(1.0)
    idle.say(INHIBIT_OFF)
    assert idle.poll() == IDLING
    idle.to_vend_valid()
    idle.say(ACK)
    assert [idle.poll(), idle.poll()] == [STACKED, IDLING]
