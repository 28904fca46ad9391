"""The emulated eSSP unit: key exchange, encrypted packets and their counts, and what a wrong key does."""

import pytest

from hardware.bills.ssp.crypto import DEFAULT_FIXED_KEY, AesLayer, aes_key, encode_key
from hardware.bills.ssp.emulator import SspEmulator
from hardware.bills.ssp.frames import Packet
from tests.hardware.bills.ssp_host import (
    BOOT_S,
    BOXED_S,
    CREDIT_STACKING,
    DISABLED,
    ENABLE,
    ESCROW_1000,
    EVENT_ACK,
    HOLD,
    INHIBITS,
    LEVER_S,
    NOTHING,
    OK,
    PLAIN,
    POLL,
    POLL_WITH_ACK,
    RESET,
    RESTARTED,
    SECURE,
    STACKING,
    TAKEN_S,
    Host,
    changed,
)

NO_KEY = "FA"
WRONG = AesLayer(aes_key(DEFAULT_FIXED_KEY, 12345))


@pytest.fixture
def secure() -> Host:
    """A key-enabled unit with keys agreed on, accepting every note."""
    host = Host(SECURE)
    host.start()
    host.agree()
    assert host.whisper(POLL) == RESTARTED
    return host


def test_before_keys_a_key_enabled_unit_answers_key_not_set() -> None:
    host = Host(SECURE)
    host.raw("7F 80 01 11 65 82")
    assert host.raw("7F 00 01 07 11 88") == "7F 00 01 FA 1C 0A"
    host.flag = False
    for command in (POLL_WITH_ACK, EVENT_ACK, "33 E8 03 00 00 4A 50 59 58", "5C 00", "22", "3B"):
        assert host.say(command) == NO_KEY
    for command in ("05", "0C", INHIBITS, ENABLE, "06 06"):
        assert host.say(command).startswith("F0"), "the rest may go in plain"


def test_keys_do_not_make_a_plain_poll_welcome(secure: Host) -> None:
    assert secure.poll() == NO_KEY
    assert secure.whisper(POLL) == OK


def test_a_note_goes_encrypted_from_escrow_to_credit(secure: Host) -> None:
    secure.hand("insert 1000")
    secure.wait(TAKEN_S)
    assert secure.whisper(POLL) == ESCROW_1000
    assert secure.whisper(HOLD) == OK
    assert secure.whisper(POLL_WITH_ACK) == STACKING
    secure.wait(LEVER_S)
    assert secure.whisper(POLL_WITH_ACK) == CREDIT_STACKING
    assert secure.whisper(EVENT_ACK) == OK
    secure.wait(BOXED_S)
    assert secure.whisper(POLL_WITH_ACK) == "F0 EB"
    assert secure.mechanism.cashbox == {1000: 1}


def test_payout_commands_are_answered_as_by_a_validator_without_payout(secure: Host) -> None:
    assert secure.whisper("33 E8 03 00 00 4A 50 59 58") == "F2"
    assert secure.whisper("22") == "F2"
    assert secure.whisper("5C 00") == "F5 01"


def test_the_device_answers_one_more_than_the_host_has_counted(secure: Host) -> None:
    before = secure.count
    for sent in range(5):
        assert secure.whisper(POLL) == OK
        assert secure.count == before + sent + 1


def test_a_repeated_packet_gets_the_same_bytes_and_moves_no_count_on(secure: Host) -> None:
    assert secure.layer is not None
    secure.flag = not secure.flag
    packet = Packet(secure.layer.seal(b"\x07", secure.count, secure.random), secure.flag).encode()
    first = secure.raw(packet)
    assert first != NOTHING
    assert secure.raw(packet) == first
    secure.count += 1
    assert secure.whisper(POLL) == OK


@pytest.mark.parametrize("off_by", [-1, 1, 7])
def test_a_wrong_count_is_discarded_without_an_answer_and_without_harm(secure: Host, off_by: int) -> None:
    secure.count += off_by
    assert secure.whisper("09") == NOTHING
    secure.count -= off_by
    secure.sync()
    assert secure.whisper(POLL) == OK, "it was not executed"


def test_a_count_that_ran_off_inside_the_unit_is_cured_by_new_keys(secure: Host) -> None:
    secure.hand("skip-count 3")
    assert secure.whisper(POLL) == NOTHING
    secure.sync()
    secure.agree()
    assert secure.whisper(POLL) == OK


def test_a_wrong_key_silences_the_unit_and_takes_it_out_of_service_until_a_reset(secure: Host) -> None:
    secure.flag = not secure.flag
    assert secure.data(WRONG.seal(b"\x07", secure.count, secure.random)) == b""
    assert secure.whisper(POLL) == NOTHING, "the right key comes too late"
    assert secure.say("0C") == NOTHING
    assert "not ready" in secure.hand("insert 1000")["note"]
    assert secure.hand("state")["status"] == "OUT_OF_SERVICE"
    secure.sync()
    assert secure.say(RESET) == OK
    secure.wait(BOOT_S)
    secure.start()
    secure.agree()
    assert secure.whisper(POLL) == RESTARTED
    assert secure.whisper(POLL) == "F0 EF 00"


def test_a_power_cut_ends_being_out_of_service_too(secure: Host) -> None:
    secure.flag = not secure.flag
    secure.data(WRONG.seal(b"\x07", secure.count, secure.random))
    secure.power_cut()
    assert secure.poll() == NO_KEY


@pytest.mark.parametrize("how", ["power cut", "reset", "forgotten"])
def test_keys_are_lost_with_the_memory_and_encrypted_packets_then_get_key_not_set(secure: Host, how: str) -> None:
    if how == "power cut":
        secure.power_cut()
    elif how == "reset":
        assert secure.say(RESET) == OK
        secure.wait(BOOT_S)
    else:
        assert secure.hand("lose-key")["ok"]
        assert not secure.hand("lose-key")["ok"]
    assert secure.whisper(POLL) == f"plain {NO_KEY}"
    assert secure.say("4C 01 00 00 00 00 00 00 00") == "F8", "generator and modulus are gone too"
    secure.agree()
    assert secure.whisper(POLL) == (OK if how == "forgotten" else RESTARTED)


def test_a_key_exchange_wants_primes_in_eight_bytes_and_both_of_them() -> None:
    host = Host(SECURE)
    prime, composite = encode_key(4294967291).hex(), encode_key(4294967295).hex()
    assert host.say(f"4C {prime}") == "F8"
    assert host.say(f"4A {composite}") == "F4"
    assert host.say(f"4B {composite}") == "F4"
    assert host.say(f"4A {prime[:-2]}") == "F3"
    assert host.say("4C") == "F3"
    assert host.say(f"4A {prime}") == OK
    assert host.say(f"4C {prime}") == "F8"
    assert host.say(f"4B {encode_key(65521).hex()}") == OK
    assert host.say(f"4C {encode_key(2).hex()}").startswith("F0 ")


def test_new_keys_can_be_agreed_on_under_the_old_ones(secure: Host) -> None:
    old = secure.layer
    assert secure.whisper(f"4A {encode_key(104729).hex()}") == OK
    assert secure.whisper(f"4B {encode_key(65521).hex()}") == OK
    reply = bytes.fromhex(secure.whisper(f"4C {encode_key(pow(104729, 3, 65521)).hex()}"))
    assert secure.layer is old, "the answer still comes under the old key"
    exchanged = pow(int.from_bytes(reply[1:], "little"), 3, 65521)
    secure.layer, secure.count = AesLayer(aes_key(DEFAULT_FIXED_KEY, exchanged)), 0
    assert secure.whisper(POLL) == OK


def test_the_fixed_key_can_be_changed_encrypted_only_and_holds_from_the_next_exchange_on(secure: Host) -> None:
    new = 0xFEDCBA9876543210
    assert secure.say(f"60 {encode_key(new).hex()}") == NO_KEY
    assert secure.whisper(f"60 {encode_key(new).hex()}") == OK
    assert secure.whisper(POLL) == OK
    secure.power_cut()
    secure.agree(new)
    assert secure.whisper(POLL) == RESTARTED
    assert secure.whisper("61") == OK
    assert secure.whisper(POLL) == NOTHING, "it restarts"
    secure.wait(BOOT_S)
    secure.agree()
    assert secure.whisper(POLL) == RESTARTED


def test_a_host_with_another_fixed_key_is_a_host_with_a_wrong_key() -> None:
    host = Host(SECURE)
    host.start()
    host.agree(fixed_key=1)
    assert host.whisper(POLL) == NOTHING
    assert host.poll() == NOTHING


def test_a_plain_unit_may_be_spoken_to_either_way() -> None:
    host = Host(PLAIN)
    host.start()
    assert host.poll() == RESTARTED
    host.agree()
    assert host.whisper(POLL) == OK
    assert host.poll() == OK
    assert host.whisper("09") == OK
    assert host.poll() == DISABLED


def test_a_unit_without_encryption_does_not_know_its_commands() -> None:
    host = Host(changed(PLAIN, "encryption", mode="none"))
    for command in ("4A 01", "4B 01", "4C 01", "60 01", "61"):
        assert host.say(command) == "F2"
    assert host.data(WRONG.seal(b"\x07", 0, host.random)) == bytes.fromhex("F2")


def test_an_empty_encrypted_message_is_no_command(secure: Host) -> None:
    assert secure.whisper("") == "F2"


def test_two_runs_of_one_model_say_the_same_bytes() -> None:
    def run() -> list[str]:
        host = Host(SECURE)
        host.start()
        host.agree()
        assert host.layer is not None
        return [host.raw(Packet(host.layer.seal(b"\x07", n, host.random), bool(n % 2)).encode()) for n in range(2)]

    assert run() == run()
    assert isinstance(Host(SECURE).unit, SspEmulator)
