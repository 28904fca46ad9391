"""What the emulated CCNET unit says when something is wrong with it, with its cassette or with its model."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hardware.bills.ccnet.emulator import CcnetEmulator
from hardware.bills.ccnet.frames import FailureReason, PollCode
from hardware.emulator import BadCommand
from hardware.errors import ConfigError
from tests.hardware.bills.ccnet_host import (
    ACCEPTING,
    ACK,
    BILL_TO_BILL,
    BOXED_S,
    CHEATED,
    DISABLED,
    ENABLE_4,
    FAILURE_50,
    FULL,
    IDLING,
    ILLEGAL,
    INITIALIZE,
    LEVER_S,
    MODEL,
    NOTHING,
    OUT,
    RESET,
    RETURN,
    RETURNED_0,
    RETURNING,
    STACK,
    STACKED_0,
    STACKING,
    TAKEN_S,
    VALIDATOR_JAMMED,
    Host,
    spelled,
)


@pytest.fixture
def idle() -> Host:
    """A unit that accepts every note and holds it in escrow."""
    host = Host()
    host.start()
    return host


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        ("jam acceptor", VALIDATOR_JAMMED),
        ("jam stacker", spelled(PollCode.DROP_CASSETTE_JAMMED)),
        ("cheat", CHEATED),
        ("fail", FAILURE_50),
        ("fail sensor", spelled(PollCode.FAILURE, bytes((FailureReason.OPTIC_CANAL,)))),
        *[(f"fail {c:02X}", spelled(PollCode.FAILURE, bytes((c,)))) for c in FailureReason],
    ],
)
def test_a_fault_stays_until_staff_clear_it_and_then_the_unit_initialises(idle: Host, break_it: str, code: str) -> None:
    idle.hand(break_it)
    assert idle.poll() == code
    idle.wait(60.0)
    assert idle.poll() == code
    idle.hand("clear")
    assert idle.poll() == INITIALIZE
    idle.wait(1.0)
    assert idle.poll() == DISABLED
    assert idle.say(ENABLE_4) == ACK
    assert idle.poll() == IDLING


def test_a_reset_ends_cheated_but_no_jam(idle: Host) -> None:
    idle.hand("cheat")
    idle.say(RESET)
    assert idle.poll() == INITIALIZE
    idle.hand("jam acceptor")
    assert idle.say(RESET) == ACK
    assert idle.poll() == VALIDATOR_JAMMED


def test_a_note_at_the_mouth_of_a_repaired_unit_waits_until_the_unit_takes_notes_again(idle: Host) -> None:
    idle.hand("jam acceptor")
    idle.hand("insert 1000")
    idle.hand("clear")
    assert idle.poll() == INITIALIZE, "not drawn in (15) to be refused as inhibited (1C 68)"
    idle.wait(2.0)
    assert idle.poll() == DISABLED
    assert idle.say(ENABLE_4) == ACK
    assert idle.poll() == ACCEPTING


@pytest.mark.parametrize("waited_s", [0.0, LEVER_S + 0.1])
def test_a_note_on_a_string_gives_neither_credit_nor_return(idle: Host, waited_s: float) -> None:
    idle.to_escrow()
    idle.say(STACK)
    idle.wait(waited_s)
    idle.hand("cheat")
    assert idle.poll() == CHEATED
    idle.start()
    assert idle.poll() == IDLING
    assert idle.mechanism.at_customer == {1000: 1}


def test_no_fault_hides_an_81_that_is_due(idle: Host) -> None:
    idle.to_stacked()
    for line in ("jam stacker", "fail", "open", "full"):
        idle.hand(line)
        assert idle.look() == STACKED_0
    assert idle.poll() == STACKED_0
    assert idle.poll() == spelled(PollCode.DROP_CASSETTE_JAMMED)


def test_a_note_stuck_on_its_way_to_the_cassette_that_staff_took_gives_no_credit(idle: Host) -> None:
    idle.to_escrow()
    idle.say(STACK)
    idle.hand("jam stacker")
    assert idle.hand("clear")["yen"] == 1000
    idle.start()
    assert idle.poll() == IDLING
    idle.to_stacked()


def test_orders_are_illegal_while_a_jam_holds_the_note_in_escrow(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("jam acceptor")
    assert [idle.say(STACK), idle.say(RETURN)] == [ILLEGAL, ILLEGAL]
    assert idle.poll() == VALIDATOR_JAMMED


def test_a_cassette_that_is_out_is_told_and_stops_the_stacking_until_it_is_back(idle: Host) -> None:
    idle.hand("open")
    assert idle.poll() == OUT
    idle.hand("close")
    assert idle.poll() == IDLING
    idle.to_escrow()
    idle.say(STACK)
    idle.wait(LEVER_S)
    idle.hand("open")
    idle.wait(10.0)
    assert idle.poll() == OUT
    idle.hand("close")
    assert idle.poll() == STACKING
    idle.wait(BOXED_S)
    assert idle.poll() == STACKED_0


@pytest.mark.parametrize("line", ["open", "full"])
def test_a_note_in_escrow_cannot_be_stacked_without_room_but_returned(idle: Host, line: str) -> None:
    idle.to_escrow()
    idle.hand(line)
    assert idle.say(STACK) == ILLEGAL
    assert idle.say(RETURN) == ACK
    assert idle.poll() == RETURNING
    idle.wait(1.0)
    assert idle.poll() == RETURNED_0


def test_a_full_cassette_is_told_and_takes_no_note_until_emptied(idle: Host) -> None:
    idle.to_stacked()
    idle.say(ACK)
    idle.hand("full")
    assert idle.poll() == FULL
    assert "full" in str(idle.hand("insert 1000")["note"])
    assert idle.hand("empty")["notes"] == {"1000": 1}
    assert idle.poll() == ACCEPTING


def test_a_nearly_full_cassette_is_told_by_no_code() -> None:
    host = Host(replace(MODEL, settings={**MODEL.settings, "cashbox": {"capacity": 2, "near_full": 1}}))
    host.start()
    host.to_stacked()
    host.say(ACK)
    assert host.mechanism.box.near_full
    assert host.poll() == IDLING
    host.to_stacked()
    host.say(ACK)
    assert host.poll() == FULL


def test_a_silent_unit_still_hears_and_obeys(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("silence on")
    assert idle.say(STACK) == NOTHING
    idle.wait(BOXED_S)
    assert idle.look() == NOTHING
    idle.hand("silence off")
    assert idle.poll() == STACKED_0


def test_a_worn_motor_only_takes_longer(idle: Host) -> None:
    idle.hand("slow 3")
    idle.to_escrow()
    assert idle.poll() == ACCEPTING
    idle.wait(2 * TAKEN_S)
    assert idle.say(STACK) == ACK
    idle.wait(3 * BOXED_S)
    assert idle.poll() == STACKED_0


def test_the_state_is_told_in_the_manuals_words(idle: Host) -> None:
    assert idle.hand("state")["status"] == "IDLING[0x14]"
    idle.to_stacked()
    assert idle.hand("state")["status"] == "BILL_STACKED[0x81]"
    idle.hand("power off")
    assert idle.hand("state")["status"] == "no power"


@pytest.mark.parametrize("line", ["busy", "busy 26", "busy soon", "nak", "nak -1", "fail tube", "insert 1000 ugly"])
def test_a_wrong_bench_command_is_answered_with_what_is_right(idle: Host, line: str) -> None:
    with pytest.raises(BadCommand, match=line.split()[0]):
        idle.hand(line)


def _set(*keys: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def edit(settings: dict[str, Any]) -> None:
        place: Any = settings
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = to

    return edit


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_set("ccnet", "address", to=0), r"ccnet\.address: found 0, expected a whole number from 1"),
        (_set("ccnet", to={}), r"ccnet\.address: found nothing"),
        (_set("notes", 1, "type", to=0), r"notes\[1\]\.type: found 0, expected a type that no other note has"),
        (_set("notes", 0, "type", to=24), r"notes\[0\]\.type: found 24"),
        (_set("notes", 0, "country", to="JAPAN"), r"notes\[0\]\.country: found 'JAPAN', expected three ASCII letters"),
        (_set("notes", 0, "escrow", to=1), r"notes\[0\]\.escrow: unknown key"),
        (
            _set("unit", "credit_after_power_cut", to="yes"),
            r"unit\.credit_after_power_cut: found 'yes', expected true or false",
        ),
        (_set("identity", "part_number", to="x" * 16), r"identity\.part_number: .* at most 15 ASCII characters"),
        (_set("identity", "serial_number", to="製造番号"), r"identity\.serial_number: .* at most 12 ASCII characters"),
        (_set("identity", "asset_number", to="00"), r"identity\.asset_number: found '00', expected 7 bytes in hexadecimal"),
        (_set("identity", "crc32", to="wxyz"), r"identity\.crc32: found 'wxyz', expected 4 bytes in hexadecimal"),
        (_set("timing", "ack_s", to=-1), r"timing\.ack_s: found -1"),
    ],
)
def test_a_mistake_in_the_model_is_named(edit: Callable[[dict[str, Any]], None], says: str) -> None:
    settings = copy.deepcopy(dict(MODEL.settings))
    edit(settings)
    with pytest.raises(ConfigError, match=says):
        CcnetEmulator(replace(MODEL, settings=settings))


def test_a_model_without_a_firmware_crc_does_not_know_the_question() -> None:
    settings = copy.deepcopy(dict(BILL_TO_BILL.settings))
    del settings["identity"]["crc32"]
    settings["ccnet"]["address"] = 3
    host = Host(replace(BILL_TO_BILL, settings=settings))
    assert host.say(spelled(0x51)) == ILLEGAL
