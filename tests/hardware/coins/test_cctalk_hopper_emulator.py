"""The emulated ccTalk hopper: frames of the reference, its security, and what its counters say after anything."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.coins.cctalk.hopper_emulator import CcTalkHopperEmulator
from hardware.models import find_model
from tests.hardware.coins.cctalk_host import ACK_3, NOTHING, Host, answer, spelled
from tests.hardware.coins.models import changed

SHIPPED = find_model("cctalk-hopper-500-jpy")
SERIAL = changed(SHIPPED, "hopper", filled=0)
CIPHER = changed(find_model("cctalk-hopper-cipher-500-jpy"), "hopper", filled=0)
POLL = spelled(3, 254)
ENABLE, STATUS, DISPENSE_5 = "03 01 01 A4 A5 B2", "03 00 01 A6 56", "03 04 01 A7 12 34 56 05 B0"
FIVE_PAID = "01 04 03 00 01 00 05 00 F2"
COIN_S, RESET_S = 0.25, 0.5
SECRET = bytes.fromhex("12 34 56")


@pytest.fixture
def host() -> Host:
    """A hopper with 50 coins in it, enabled."""
    return filled(Host(CcTalkHopperEmulator(SERIAL), 3))


def filled(host: Host, coins: int = 50) -> Host:
    host.hand(f"fill {coins}")
    assert host.say(ENABLE) == ACK_3
    return host


def dispense(host: Host, coins: int) -> str:
    return host.say(spelled(3, 167, SECRET + bytes((coins,))))


def reset(host: Host) -> None:
    assert host.say(spelled(3, 1)) == ACK_3
    host.wait(RESET_S)


def status(host: Host) -> tuple[int, int, int, int]:
    """Return event counter, coins remaining, coins paid, coins unpaid."""
    counter, remaining, paid, unpaid = host.ask(166)
    return counter, remaining, paid, unpaid


def flags(host: Host) -> set[int]:
    """Return the numbers of the bits that are set in the two registers."""
    registers = int.from_bytes(host.ask(163), "little")
    return {bit for bit in range(16) if registers >> bit & 1}


def tray(host: Host) -> int:
    """Return how many coins the customer has."""
    paid_out: dict[str, int] = host.hand("state")["paid_out"]
    return sum(paid_out.values())


def test_the_frames_of_the_reference(host: Host) -> None:
    assert host.say(POLL) == ACK_3
    assert host.say(STATUS) == answer(3, bytes(4))
    assert host.say(DISPENSE_5) == ACK_3
    host.wait(5 * COIN_S)
    assert host.say(STATUS) == FIVE_PAID
    assert tray(host) == 5


def test_the_status_follows_the_coins(host: Host) -> None:
    dispense(host, 3)
    seen = []
    for _ in range(40):
        seen.append(status(host))
    assert list(dict.fromkeys(seen)) == [(1, 3, 0, 0), (1, 2, 1, 0), (1, 1, 2, 0), (1, 0, 3, 0)]


def test_a_fresh_hopper_is_disabled_and_says_that_power_came() -> None:
    host = Host(CcTalkHopperEmulator(SERIAL), 3)
    host.hand("fill 10")
    assert flags(host) == {6, 7}
    assert dispense(host, 1) == answer(3, header=5)
    assert status(host) == (0, 0, 0, 0)
    host.say(ENABLE)
    assert flags(host) == {6}
    assert host.ask(164, b"\x00") == b""
    assert flags(host) == {6, 7}
    assert dispense(host, 1) == answer(3, header=5)


@pytest.mark.parametrize("secret", [b"\x12\x34\x57", b"\x56\x34\x12", b"\x12\x34", b"\x12\x34\x56\x00", b"", bytes(8)])
def test_a_wrong_serial_number_pays_nothing_and_does_not_count(host: Host, secret: bytes) -> None:
    assert host.refuses(167, secret + b"\x05")
    host.wait(5.0)
    assert status(host) == (0, 0, 0, 0)
    assert tray(host) == 0


def test_no_coins_is_no_order(host: Host) -> None:
    assert dispense(host, 0) == answer(3, header=5)
    assert status(host) == (0, 0, 0, 0)


def test_a_second_dispense_while_the_motor_runs_is_busy_and_does_not_count(host: Host) -> None:
    dispense(host, 3)
    assert dispense(host, 3) == answer(3, header=6)
    host.wait(5.0)
    assert status(host) == (1, 0, 3, 0)
    assert tray(host) == 3


def test_the_counter_tells_whether_a_dispense_with_a_lost_answer_was_heard(host: Host) -> None:
    host.hand("silence on")
    assert dispense(host, 2) == NOTHING
    host.hand("silence off")
    assert status(host)[0] == 1
    host.wait(1.0)
    assert status(host) == (1, 0, 2, 0)


def test_the_counter_goes_from_255_to_1(host: Host) -> None:
    host.hand("fill 300")
    for _ in range(255):
        dispense(host, 1)
        host.wait(COIN_S)
    assert status(host)[0] == 255
    dispense(host, 1)
    assert status(host)[0] == 1
    host.wait(COIN_S)
    assert host.ask(168) == b"\x00\x01\x00", "256 in all"


def test_a_model_may_answer_a_dispense_with_the_counter() -> None:
    host = filled(Host(CcTalkHopperEmulator(changed(SERIAL, "hopper", counts_in_reply=True)), 3))
    assert dispense(host, 1) == answer(3, b"\x01")


def test_a_hopper_that_runs_empty_half_way_tells_paid_and_unpaid_after_its_time_out() -> None:
    host = filled(Host(CcTalkHopperEmulator(SERIAL), 3), 2)
    dispense(host, 5)
    host.wait(2 * COIN_S + 9.8)
    assert status(host) == (1, 3, 2, 0)
    host.wait(0.3)
    assert status(host) == (1, 0, 2, 3)
    assert flags(host) == {1, 6}
    assert host.ask(232) == b"\x18"
    host.hand("fill 20")
    dispense(host, 1)
    host.wait(1.0)
    assert status(host) == (2, 0, 1, 0)
    assert flags(host) == {6}
    assert host.ask(232) == b"\x00"


@pytest.mark.parametrize(
    ("trouble", "waits_s", "bits", "self_check", "stolen"),
    [
        ("jam", 10.0, {1, 2, 6}, 25, 0),
        ("block", 0.0, {3, 5, 6}, 0, 0),
        ("cheat", 0.0, {6, 8}, 26, 1),
        ("fail motor", 0.0, {0, 6}, 23, 0),
    ],
)
def test_a_payout_that_stops_half_way_is_told_by_the_counts(
    host: Host, trouble: str, waits_s: float, bits: set[int], self_check: int, stolen: int
) -> None:
    dispense(host, 5)
    host.wait(2 * COIN_S + 0.15)  # 0.05 s went by with the answer: two coins out, the third on the disc
    host.hand(trouble)
    host.wait(waits_s)
    assert status(host) == (1, 0, 2, 3)
    assert flags(host) == bits
    assert host.ask(232) == bytes((self_check,))
    assert tray(host) == 2 + stolen
    host.hand("clear")
    reset(host)
    host.say(ENABLE)
    dispense(host, 2)
    host.wait(1.0)
    assert status(host) == (1, 0, 2, 0)
    assert flags(host) == set()


def test_fraud_while_it_stands_is_told_and_a_reset_ends_it(host: Host) -> None:
    host.hand("cheat")
    assert 4 in flags(host)
    assert dispense(host, 1) == answer(3, header=5)
    reset(host)
    assert 4 not in flags(host)
    host.say(ENABLE)
    assert dispense(host, 1) == ACK_3


def test_a_covered_exit_is_seen_while_it_stands(host: Host) -> None:
    host.hand("block")
    assert 3 in flags(host)
    assert host.ask(236) == b"\x01"
    dispense(host, 2)
    assert status(host) == (1, 0, 0, 2)


def test_the_emergency_stop_answers_with_what_is_unpaid(host: Host) -> None:
    dispense(host, 5)
    host.wait(2 * COIN_S)
    assert host.ask(172) == b"\x03"
    host.wait(5.0)
    assert status(host) == (1, 0, 2, 3)
    assert tray(host) == 2


@pytest.mark.parametrize("cut_after_s", [0.0, 0.15, 0.35, 0.8])
def test_after_a_power_cut_in_a_payout_the_counter_is_0_and_paid_and_unpaid_tell_the_truth(
    host: Host, cut_after_s: float
) -> None:
    dispense(host, 5)
    host.wait(cut_after_s)
    host.hand("power off")
    assert host.say(STATUS) == NOTHING
    host.wait(20.0)
    host.hand("power on")
    host.wait(0.5)
    out = tray(host)
    assert out < 5
    assert status(host) == (0, 0, out, 5 - out)
    assert flags(host) == {6, 7}
    host.wait(20.0)
    assert tray(host) == out, "it does not go on by itself"


def test_a_reset_in_a_payout_stops_it_and_keeps_the_counts(host: Host) -> None:
    dispense(host, 5)
    host.wait(2 * COIN_S)
    reset(host)
    host.wait(5.0)
    assert status(host) == (0, 0, 2, 3)


def test_the_power_up_flag_goes_with_a_reset(host: Host) -> None:
    assert flags(host) == {6}
    reset(host)
    assert flags(host) == {7}


def test_levels_and_the_coin_are_told(host: Host) -> None:
    assert host.ask(171) == b"JP500A"
    assert host.ask(217) == b"\x30"
    host.hand("empty")
    assert host.ask(217) == b"\x31"
    host.hand("fill 400")
    assert host.ask(217) == b"\x32"
    assert not host.hand("fill 1")["ok"]


def test_a_hopper_without_level_sensors_says_so() -> None:
    hopper = {key: figure for key, figure in SERIAL.settings["hopper"].items() if key not in ("low_at", "high_at")}
    model = replace(SERIAL, settings={**SERIAL.settings, "hopper": hopper})
    assert Host(CcTalkHopperEmulator(model), 3).ask(217) == b"\x00"


def test_a_hopper_may_begin_with_coins_in_it() -> None:
    host = Host(CcTalkHopperEmulator(SHIPPED), 3)
    assert host.hand("state")["level"] == 100
    host.wait(0.0)
    assert not host.happened


def test_damaged_memory_is_told(host: Host) -> None:
    host.hand("fail memory")
    assert 14 in flags(host)
    assert host.ask(232) == b"\x09"


# -- ciphers -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cipher() -> Host:
    return filled(Host(CcTalkHopperEmulator(CIPHER), 3))


def test_a_key_is_good_for_one_dispense(cipher: Host) -> None:
    assert cipher.ask(161, bytes(range(8))) == b""
    key = cipher.ask(160)
    assert len(key) == 8
    assert cipher.ask(167, key + b"\x02") == b""
    cipher.wait(1.0)
    assert status(cipher) == (1, 0, 2, 0)
    assert cipher.refuses(167, key + b"\x02")
    cipher.wait(1.0)
    assert status(cipher) == (1, 0, 2, 0)
    assert tray(cipher) == 2


def _asked_again(host: Host) -> None:
    host.ask(160)


def _pumped(host: Host) -> None:
    host.ask(161, bytes(8))


def _tried(host: Host) -> None:
    assert host.refuses(167, bytes(8) + b"\x02")


def _reset(host: Host) -> None:
    reset(host)
    assert host.say(ENABLE) == ACK_3


@pytest.mark.parametrize("between", [_asked_again, _pumped, _tried, _reset])
def test_a_stale_key_pays_nothing(cipher: Host, between: Callable[[Host], None]) -> None:
    key = cipher.ask(160)
    between(cipher)
    assert cipher.refuses(167, key + b"\x02")
    cipher.wait(1.0)
    assert tray(cipher) == 0


def test_a_cipher_hopper_wants_no_serial_number_and_the_other_no_cipher(cipher: Host, host: Host) -> None:
    assert cipher.refuses(167, SECRET + b"\x01")
    assert host.refuses(160)
    assert host.refuses(161, bytes(8))


def test_keys_come_from_the_seed_and_the_pump() -> None:
    def keys(seed: int, pump: bytes) -> list[bytes]:
        host = Host(CcTalkHopperEmulator(changed(CIPHER, "hopper", cipher_seed=seed)), 3)
        host.ask(161, pump)
        return [host.ask(160), host.ask(160)]

    assert keys(1, bytes(8)) == keys(1, bytes(8))
    assert len({key for seed in (1, 2) for pump in (bytes(8), bytes(7) + b"\x01") for key in keys(seed, pump)}) == 8


@pytest.mark.parametrize("dummy", [bytes(3), bytes(8)])
def test_a_hopper_without_security_takes_anything_in_its_place(dummy: bytes) -> None:
    host = filled(Host(CcTalkHopperEmulator(changed(SERIAL, "hopper", security="none")), 3))
    assert host.ask(167, dummy + b"\x02") == b""
    host.wait(1.0)
    assert tray(host) == 2
    assert host.refuses(167, b"\x00\x02")


# -- anything ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([0.0, 0.004, 0.06, 0.3])), max_size=30))
def test_any_bytes_are_survived_and_one_poll_after_silence_is_answered(pieces: list[tuple[bytes, float]]) -> None:
    host = filled(Host(CcTalkHopperEmulator(SERIAL), 3))
    for data, pause_s in pieces:
        host.unit.receive(data, host.now_s)
        host.wait(pause_s)
    host.wait(20.0)
    assert host.say(POLL) == ACK_3


_HANDS = ["fill 3", "jam", "block", "cheat", "clear", "empty", "power off", "power on", "fail motor", "slow 3"]
_ORDERS = ["dispense 1", "dispense 4", "stop", "enable", "reset"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_HANDS + _ORDERS), st.sampled_from([0.0, 0.1, 0.3, 2.0, 11.0])), max_size=30))
def test_paid_and_unpaid_make_up_each_order_and_the_tray_holds_what_was_paid(story: list[tuple[str, float]]) -> None:
    host = filled(Host(CcTalkHopperEmulator(SERIAL), 3), 6)
    ordered = counted_before = 0
    for deed, pause_s in story:
        if deed.startswith("dispense"):
            coins, counted = int(deed.split()[1]), tray(host) - stolen(host)
            if dispense(host, coins) == ACK_3:
                ordered, counted_before = coins, counted
        elif deed == "stop":
            host.say(spelled(3, 172))
        elif deed == "enable":
            host.say(ENABLE)
        elif deed == "reset":
            host.say(spelled(3, 1))
            host.wait(RESET_S)
        else:
            host.hand(deed)
        host.wait(pause_s)
        counted = tray(host) - stolen(host)
        reply = bytes.fromhex(host.say(STATUS))
        if reply:
            _, remaining, paid, unpaid = reply[4:8]
            assert remaining + paid + unpaid == ordered
            assert counted == counted_before + paid


def stolen(host: Host) -> int:
    """Return how many coins have left behind the sensor's back."""
    host.wait(0.0)
    return sum(happening.event == "coin_stolen" for happening in host.happened)
