"""The emulated ID-003 unit, byte for byte against the reference: start, note, settings, refusals."""

from dataclasses import replace

import pytest

from hardware.bills.id003.frames import Command, Reject, Status
from hardware.errors import ConfigError
from tests.hardware.bills.id003_host import (
    ACCEPTING,
    ACK,
    BACK_S,
    BOXED_S,
    DISABLE,
    ENABLE_ALL,
    ESCROW_1000,
    ESCROW_10000,
    HOLD,
    HOLDING,
    IDLING,
    INHIBIT_OFF,
    INHIBIT_ON,
    INITIALIZE,
    INVALID,
    LEVER_S,
    MODEL,
    NOTHING,
    POWER_UP,
    REJECT_INHIBITED,
    RESET,
    RETURN,
    RETURNING,
    STACK_1,
    STACK_2,
    STACKED,
    STACKING,
    TAKEN_S,
    TIMEOUT_S,
    VEND_VALID,
    WAIT,
    Host,
    spelled,
)


def test_the_start_is_power_up_reset_initialize_settings_idling(host: Host) -> None:
    assert host.poll() == POWER_UP
    assert host.say("FC 05 88 6F 5F") == spelled(0x88, b"i(JPN)100-SS ID003-05V280-42 01AUG17 964D")
    assert host.say(RESET) == ACK
    assert host.poll() == INITIALIZE
    host.wait(1.0)
    assert host.poll() == INITIALIZE, "it waits for settings, however long"
    assert host.say(ENABLE_ALL) == ENABLE_ALL
    assert host.say(INHIBIT_ON) == INHIBIT_ON
    assert host.poll() == DISABLE
    assert host.say(INHIBIT_OFF) == INHIBIT_OFF
    assert host.poll() == IDLING


def test_initialize_lasts_its_time_even_when_the_settings_came_at_once(host: Host) -> None:
    host.say(RESET)
    host.say(INHIBIT_OFF)
    assert host.poll() == INITIALIZE
    host.wait(1.0)
    assert host.poll() == IDLING


def test_a_note_goes_from_mouth_to_credit_as_in_the_manual(idle: Host) -> None:
    idle.hand("insert 10000")
    assert idle.poll() == ACCEPTING
    idle.wait(TAKEN_S)
    assert idle.poll() == ESCROW_10000
    assert idle.poll() == ESCROW_10000
    assert idle.say(STACK_2) == ACK
    assert idle.poll() == STACKING
    idle.wait(LEVER_S)
    assert idle.poll() == STACKING, "STACK-2 gives no credit at the lever"
    idle.wait(BOXED_S)
    assert [idle.poll(), idle.poll(), idle.poll()] == [VEND_VALID] * 3
    assert idle.say(ACK) == NOTHING
    assert idle.poll() == STACKED
    assert idle.poll() == IDLING
    assert idle.mechanism.cashbox == {10000: 1}


def test_stack_1_gives_the_credit_at_the_lever_and_stacked_in_the_box(idle: Host) -> None:
    idle.to_escrow()
    assert idle.say(STACK_1) == ACK
    idle.wait(LEVER_S)
    assert idle.poll() == VEND_VALID
    assert not idle.mechanism.cashbox
    idle.say(ACK)
    assert idle.poll() == STACKING
    idle.wait(BOXED_S)
    assert [idle.poll(), idle.poll()] == [STACKED, IDLING]


def test_an_ack_before_vend_valid_was_heard_acknowledges_nothing(idle: Host) -> None:
    idle.to_escrow()
    idle.say(STACK_2)
    idle.say(ACK)
    idle.wait(BOXED_S)
    idle.say(ACK)
    assert idle.poll() == VEND_VALID


def test_no_further_note_is_drawn_in_before_the_credit_is_acknowledged(idle: Host) -> None:
    idle.to_vend_valid()
    assert "not ready" in str(idle.hand("insert 5000")["note"])
    assert idle.poll() == VEND_VALID
    idle.say(ACK)
    assert [idle.poll(), idle.poll()] == [STACKED, ACCEPTING]


def test_a_note_asked_back_is_returned(idle: Host) -> None:
    idle.to_escrow()
    assert idle.say(RETURN) == ACK
    assert idle.poll() == RETURNING
    idle.wait(BACK_S)
    assert idle.poll() == IDLING
    assert idle.mechanism.at_customer == {1000: 1}


@pytest.mark.parametrize(("waited_s", "answer"), [(-0.001, ACK), (0.0, INVALID), (0.001, INVALID)])
def test_stacking_is_possible_until_the_escrow_timeout_and_not_at_it(idle: Host, waited_s: float, answer: str) -> None:
    idle.to_escrow()
    idle.wait(TIMEOUT_S + waited_s)
    assert idle.say(STACK_2) == answer
    idle.wait(2.0)
    assert sum(idle.mechanism.cashbox.values()) == (answer == ACK)


@pytest.mark.parametrize(("order", "status"), [(HOLD, HOLDING), (WAIT, ESCROW_1000)])
def test_hold_and_wait_restart_the_escrow_clock(idle: Host, order: str, status: str) -> None:
    idle.to_escrow()
    for _ in range(3):
        idle.wait(TIMEOUT_S - 0.5)
        assert idle.say(order) == ACK
        assert idle.poll() == status
    idle.wait(TIMEOUT_S)
    assert idle.poll() == RETURNING


@pytest.mark.parametrize("order", [STACK_1, STACK_2, RETURN, HOLD, WAIT])
def test_orders_about_escrow_are_invalid_without_a_note_there(idle: Host, order: str) -> None:
    assert idle.say(order) == INVALID
    idle.to_escrow()
    idle.say(STACK_2)
    assert idle.say(order) == INVALID, "too late: it is on its way"
    idle.wait(BOXED_S)
    assert idle.mechanism.cashbox == {1000: 1}


@pytest.mark.parametrize("request_code", [0x05, 0x20, 0x4A, 0x99, 0xC8, 0xCC, 0xD0, 0xD4, 0xF0, 0xFF])
def test_unknown_commands_are_invalid(idle: Host, request_code: int) -> None:
    assert idle.say(spelled(request_code)) == INVALID


@pytest.mark.parametrize("command", [c for c in Command if 0xC0 <= c <= 0xCD])
def test_a_setting_is_echoed_and_read_back(idle: Host, command: Command) -> None:
    two_bytes = command in (
        Command.SET_DENOMINATION,
        Command.SET_SECURITY,
        Command.SET_OPTIONAL_FUNCTION,
        Command.SET_BARCODE_FUNCTION,
    )
    data = b"\x01\x12" if two_bytes else b"\x01"
    setting = spelled(command, data)
    assert idle.say(setting) == setting
    assert idle.say(spelled(command, data + b"\x00")) == INVALID, "one data byte too many"
    if command <= Command.SET_BAR_INHIBIT:
        assert idle.say(spelled(command - 0x40)) == spelled(command - 0x40, data)


def test_settings_are_invalid_before_reset(host: Host) -> None:
    assert host.say(INHIBIT_OFF) == INVALID


def test_the_currency_table_and_the_boot_version_are_the_models(host: Host) -> None:
    assert host.say("FC 05 8A 7D 7C") == (
        "FC 25 8A 61 0A 01 03 62 0A 02 03 63 0A 05 03 64 0A 01 04 65 00 00 00 66 00 00 00 67 00 00 00 68 00 00 00 3C F4"
    )
    assert host.say("FC 05 89 E6 4E") == spelled(0x89, b"B05 ")


def test_a_table_with_codes_up_to_70_is_longer() -> None:
    notes = [*MODEL.settings["notes"], {"code": 0x70, "country": 0x0A, "value": 5, "power": 4}]
    host = Host(replace(MODEL, settings={**MODEL.settings, "notes": notes}))
    answer = host.say("FC 05 8A 7D 7C")
    assert answer.startswith("FC 45 8A 61 0A 01 03")
    assert answer[:-6].endswith("6F 00 00 00 70 0A 05 04")


def test_the_code_of_tickets_is_no_notes_code() -> None:
    notes = [*MODEL.settings["notes"], {"code": 0x6F, "country": 0x0A, "value": 5, "power": 4}]
    with pytest.raises(ConfigError, match="code: found 111, expected a code other than 6F"):
        Host(replace(MODEL, settings={**MODEL.settings, "notes": notes}))


def test_an_inhibited_unit_takes_the_note_and_pushes_it_back(idle: Host) -> None:
    idle.say(INHIBIT_ON)
    idle.hand("insert 1000")
    assert idle.poll() == ACCEPTING
    idle.wait(TAKEN_S)
    assert idle.poll() == REJECT_INHIBITED
    idle.wait(BACK_S)
    assert idle.poll() == DISABLE
    assert idle.mechanism.at_customer == {1000: 1}


def test_a_set_bit_disables_its_denomination_and_no_other(idle: Host) -> None:
    idle.say(spelled(Command.SET_DENOMINATION, b"\x01\x00"))
    idle.to_escrow(1000)
    assert idle.poll() == REJECT_INHIBITED
    idle.wait(BACK_S)
    idle.to_escrow(10000)
    assert idle.poll() == ESCROW_10000


def test_inhibiting_leaves_a_note_in_escrow_to_be_decided(idle: Host) -> None:
    idle.to_escrow()
    idle.say(INHIBIT_ON)
    assert idle.poll() == ESCROW_1000
    assert idle.say(STACK_2) == ACK


@pytest.mark.parametrize("code", [code for code in Reject if code is not Reject.INHIBITED])
def test_every_reject_code_can_be_asked_for_by_its_name(idle: Host, code: Reject) -> None:
    idle.hand(f"insert 1000 {code.name.lower()}")
    idle.wait(TAKEN_S)
    assert idle.poll() == spelled(Status.REJECTING, bytes((code,)))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("insert 1000 counterfeit", Reject.PHOTO_PATTERN_1),
        ("insert 3000", Reject.DENOMINATION),
        ("insert 1000 length", Reject.LENGTH),
    ],
)
def test_a_bad_note_is_rejected_with_its_reason(idle: Host, line: str, code: Reject) -> None:
    idle.hand(line)
    idle.wait(TAKEN_S)
    assert idle.poll() == spelled(Status.REJECTING, bytes((code,)))
    idle.wait(BACK_S)
    assert idle.poll() == IDLING
