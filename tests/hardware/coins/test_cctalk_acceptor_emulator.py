"""The emulated ccTalk coin acceptor, byte for byte against the reference, and its events coin by coin."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.coins.cctalk.acceptor_emulator import CcTalkCoinEmulator
from hardware.coins.cctalk.acceptor_tables import FAILURES, FLAWS, SELF_CHECK
from hardware.errors import ConfigError
from hardware.models import find_model
from hardware.vocabulary import RefuseReason
from tests.hardware.coins.cctalk_host import ACK_2, NOTHING, Host, answer, spelled
from tests.hardware.coins.models import changed

MODEL = find_model("cctalk-coin-jpy")
POLL, RESET = "02 00 01 FE FF", "02 00 01 01 FC"
ALL_ON, MASTER_ON, CREDIT = "02 02 01 E7 FF FF 16", "02 01 01 E4 01 17", "02 00 01 E5 18"
ONE_COIN = "01 0B 02 00 01 01 01 00 00 00 00 00 00 00 00 EF"
INSIDE_S, RESET_S = 1.0, 0.5
JP010A, JP050A, JP100A, JP500A, JP500B = (1, 1), (2, 2), (3, 3), (4, 4), (5, 4)


def a_host(**acceptor: object) -> Host:
    return Host(CcTalkCoinEmulator(changed(MODEL, "acceptor", **acceptor)), 2)


@pytest.fixture
def fresh() -> Host:
    """A unit that has just got power."""
    return a_host()


@pytest.fixture
def host() -> Host:
    """A unit that accepts every coin."""
    host = a_host()
    assert host.say(ALL_ON) == ACK_2
    assert host.say(MASTER_ON) == ACK_2
    return host


def events(host: Host) -> tuple[int, list[tuple[int, int]]]:
    """Return the counter and the events that are not empty, newest first."""
    counter, *rest = host.ask(229)
    pairs = list(zip(rest[::2], rest[1::2], strict=True))
    return counter, [pair for pair in pairs if pair != (0, 0)]


def put(host: Host, coin: str) -> None:
    host.hand(f"insert {coin}")
    host.wait(INSIDE_S)


def test_the_frames_of_the_reference(fresh: Host) -> None:
    assert fresh.say(POLL) == ACK_2
    assert fresh.say(CREDIT) == answer(2, bytes(11))
    assert fresh.say(ALL_ON) == ACK_2
    assert fresh.say(MASTER_ON) == ACK_2
    put(fresh, "10")
    assert fresh.say(CREDIT) == ONE_COIN
    assert fresh.say("02 01 01 B8 03 41") == "01 06 02 00 4A 50 31 30 30 41 8B", "coin 3 is JP100A"
    assert fresh.say(RESET) == ACK_2
    assert fresh.say(CREDIT) == NOTHING, "it starts anew"
    fresh.wait(RESET_S)
    assert fresh.say(CREDIT) == answer(2, bytes(11))


def test_the_coin_id_of_the_reference_whose_first_coin_is_100_yen() -> None:
    rows = [{"position": 1, "id": "JP100A", "yen": 100}]
    host = Host(CcTalkCoinEmulator(replace(MODEL, settings={**MODEL.settings, "coins": rows})), 2)
    assert host.say("02 01 01 B8 01 43") == "01 06 02 00 4A 50 31 30 30 41 8B"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"position": 17, "id": "JP100A", "yen": 100}, "position: found 17"),
        ({"position": 1, "id": "JP100A", "yen": 100}, "position: found 1, expected one that no other coin has"),
        ({"position": 2, "id": "JP010A", "yen": 10}, "id: found 'JP010A', expected one that no other coin has"),
        ({"position": 2, "id": "JP100", "yen": 100}, "id: found 'JP100', expected six characters of ASCII"),
        ({"position": 2, "id": "JP100A", "yen": 100, "path": 9}, "path: found 9"),
    ],
)
def test_a_table_of_coins_that_cannot_be_used_is_named(row: dict[str, object], says: str) -> None:
    rows = [{"position": 1, "id": "JP010A", "yen": 10}, row]
    with pytest.raises(ConfigError, match=re.escape(f"coins[1].{says}")):
        CcTalkCoinEmulator(replace(MODEL, settings={**MODEL.settings, "coins": rows}))


def test_in_crc_mode_frames_have_no_source_and_sum8_gets_no_answer() -> None:
    host = Host(CcTalkCoinEmulator(changed(MODEL, "cctalk", mode="crc16", address=40)), 40)
    assert host.say("28 00 B6 FE 21") == "01 00 30 00 37"
    assert host.say("28 02 5F E7 FF FF DF") == "01 00 30 00 37", "inhibit"
    assert host.say(spelled(40, 254)) == NOTHING


def test_ids_name_every_coin_and_both_500s(fresh: Host) -> None:
    ids = [fresh.ask(184, bytes((position,))) for position in range(1, 17)]
    assert ids[:5] == [b"JP010A", b"JP050A", b"JP100A", b"JP500A", b"JP500B"]
    assert set(ids[5:]) == {b"......"}
    assert fresh.refuses(184, b"\x00")
    assert fresh.refuses(184, b"\x11")
    assert fresh.refuses(184)


@pytest.mark.parametrize(("coin", "pair"), [("10", JP010A), ("50", JP050A), ("100", JP100A), ("500", JP500A), ("500b", JP500B)])
def test_a_coin_is_credited_with_its_position_and_path(host: Host, coin: str, pair: tuple[int, int]) -> None:
    put(host, coin)
    assert events(host) == (1, [pair])


def test_after_power_up_every_coin_is_inhibited(fresh: Host) -> None:
    assert fresh.ask(230) == b"\x00\x00"
    assert fresh.ask(227) == b"\x01"
    put(fresh, "100")
    assert events(fresh) == (1, [(0, 2)])


def test_a_one_in_the_mask_accepts(fresh: Host) -> None:
    assert fresh.ask(231, b"\x04\x00") == b""
    assert fresh.ask(230) == b"\x04\x00"
    put(fresh, "100")
    put(fresh, "500")
    assert events(fresh) == (2, [(0, 2), JP100A])


def test_a_mask_of_one_byte_speaks_of_the_first_eight_coins_only(fresh: Host) -> None:
    assert fresh.say("02 02 01 E7 00 80 94") == ACK_2
    assert fresh.say("02 01 01 E7 FF 16") == ACK_2, "one public host sends this and waits for the ACK"
    assert fresh.say("02 00 01 E6 17") == answer(2, b"\xff\x80"), "the second byte was not spoken of"
    put(fresh, "100")
    assert events(fresh) == (1, [JP100A])


def test_a_mask_of_three_bytes_is_obeyed_as_far_as_there_are_positions(fresh: Host) -> None:
    assert fresh.say("02 03 01 E7 FF FF FF 16") == ACK_2
    assert fresh.say("02 00 01 E6 17") == answer(2, b"\xff\xff")


def test_a_mask_of_no_byte_is_refused(fresh: Host) -> None:
    assert fresh.say("02 00 01 E7 16") == "01 00 02 05 F8"
    assert fresh.say("02 00 01 E6 17") == answer(2, b"\x00\x00")


def test_the_master_switch_inhibits_all(host: Host) -> None:
    assert host.ask(228, b"\x00") == b""
    assert host.ask(227) == b"\x00"
    put(host, "100")
    assert events(host) == (1, [(0, 2)])


def test_a_model_may_name_the_inhibited_coin() -> None:
    host = a_host(names_inhibited_coin=True)
    put(host, "500b")
    assert events(host) == (1, [(0, 128 + 4)])


def test_events_stand_newest_first_and_a_late_poll_loses_the_oldest(host: Host) -> None:
    for coin in ("10", "50", "100", "500", "500b", "100", "100"):
        put(host, coin)
    assert events(host) == (7, [JP100A, JP100A, JP500B, JP500A, JP100A])
    assert host.unit.command("state", host.now_s)["box"] == {"1": {"10": 1}, "2": {"50": 1}, "3": {"100": 3}, "4": {"500": 2}}


def test_the_counter_goes_from_255_to_1_and_is_0_only_after_a_reset(host: Host) -> None:
    for _ in range(255):
        host.hand("event 1")
    assert events(host)[0] == 255
    host.hand("event 1")
    assert events(host)[0] == 1
    host.say(RESET)
    host.wait(RESET_S)
    assert events(host) == (0, [])
    assert host.ask(230) == b"\x00\x00", "a reset forgets the mask"


def test_reading_changes_nothing(host: Host) -> None:
    put(host, "100")
    assert host.ask(229) == host.ask(229)


_REASONS = {
    "insertion": 24,
    "not_genuine": 25,
    "counterfeit": 25,
    "unreadable": 1,
    "length": 3,
    "multiple": 8,
    "transport": 5,
    "unknown": 255,
}
_WORDS = {
    "reject": 1,
    "multiple-window": 3,
    "wake-up-timeout": 4,
    "validation-timeout": 5,
    "second-close-coin": 8,
    "reject-coin-not-cleared": 12,
    "dce-timeout": 21,
    "dce-not-seen": 22,
    "repeated-trip": 24,
    "slug": 25,
    "unspecified": 255,
}
_TRICKS = {"slow": 19, "fast": 18, "early": 23, "sequence": 16, "swallowed": 36, "backwards": 17, "string": 20}


@pytest.mark.parametrize(("flaw", "code"), sorted({**_REASONS, **_WORDS, **_TRICKS}.items()))
def test_a_coin_with_a_flaw_is_told_by_its_code_and_never_credited(host: Host, flaw: str, code: int) -> None:
    put(host, f"100 {flaw}")
    assert events(host) == (1, [(0, code)])
    state = host.hand("state")
    stays_inside = flaw in ("slow", "fast", "early", "sequence", "swallowed")
    assert bool(state["box"]) == stays_inside
    assert bool(state["at_customer"]) != stays_inside


def test_every_word_for_a_flaw_is_examined_here() -> None:
    assert set(_WORDS) == set(FLAWS)
    assert set(_REASONS) >= {reason.value for reason in RefuseReason} - {"inhibited"}


def test_a_foreign_coin_is_rejected(host: Host) -> None:
    put(host, "5")
    assert events(host) == (1, [(0, 1)])


def test_two_coins_too_close(host: Host) -> None:
    host.hand("insert 100")
    host.wait(0.05)
    put(host, "100")
    assert events(host) == (2, [JP100A, (0, 8)]), "the second is judged before the first is at the credit sensor"


@pytest.mark.parametrize(
    ("place", "missed", "credited", "next_coin", "self_check"),
    [("entry", 4, [], [], 7), ("sensor", 5, [], [], 2), ("gate", 6, [], [(0, 14)], 3), ("sorter", 7, [JP100A], [(0, 15)], 8)],
)
def test_a_jam_is_told_by_the_sensor_that_misses_the_coin(
    host: Host,
    place: str,
    missed: int,
    credited: list[tuple[int, int]],
    next_coin: list[tuple[int, int]],
    self_check: int,
) -> None:
    assert host.ask(232) == b"\x00"
    host.hand(f"jam {place}")
    put(host, "100")
    host.wait(1.0)
    assert events(host)[1] == [(0, missed), *credited]
    assert host.ask(232) == bytes((self_check,))
    put(host, "500")
    assert events(host)[1] == [*next_coin, (0, missed), *credited]
    host.hand("clear")
    assert host.ask(232) == b"\x00"
    put(host, "10")
    assert events(host)[1][0] == JP010A


def test_the_return_lever_is_told_and_frees_the_entry(host: Host) -> None:
    host.hand("jam entry")
    put(host, "100")
    host.wait(1.0)
    host.hand("lever")
    host.wait(1.0)
    assert events(host)[1][0] == (0, 254)
    assert host.ask(232) == b"\x00"
    assert host.hand("take")["yen"] == 100


def test_a_string_after_the_credit_is_told_with_the_credit_that_is_void(host: Host) -> None:
    host.hand("insert 500")
    host.wait(0.3)
    assert events(host) == (1, [JP500A])
    host.hand("string")
    assert events(host) == (3, [(0, 160 + 3), (0, 20), JP500A])
    assert host.hand("state")["at_customer"] == {"500": 1}


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("coils", 13),
        ("credit-sensor", 10),
        ("sorter", 11),
        ("gate", 9),
        ("gate-closed", 30),
        ("reject-sensor", 26),
        ("motor", 35),
    ],
)
def test_a_broken_unit_gives_coins_back_with_its_code_and_says_so_in_the_self_check(host: Host, what: str, code: int) -> None:
    assert what in FAILURES
    host.hand(f"fail {what}")
    put(host, "100")
    assert events(host) == (1, [(0, code)])
    assert host.ask(232) == bytes((SELF_CHECK[what],))
    assert host.hand("state")["at_customer"] == {"100": 1}


@pytest.mark.parametrize("code", [0, 27, 99, 191, 255])
def test_any_code_can_be_told(host: Host, code: int) -> None:
    host.hand(f"event {code}")
    assert host.ask(229)[:3] == bytes((1, 0, code))


def test_sorter_paths_are_read_and_set_and_coins_lie_there(host: Host) -> None:
    assert host.ask(209, b"\x03") == b"\x03"
    assert host.ask(210, b"\x03\x07") == b""
    assert host.ask(209, b"\x03") == b"\x07"
    put(host, "100")
    assert events(host) == (1, [(3, 7)])
    assert host.hand("state")["box"] == {"7": {"100": 1}}
    for wrong in (b"\x03\x00", b"\x03\x09", b"\x00\x01", b"\x0a\x01", b"\x03"):
        assert host.refuses(210, wrong)
    assert host.refuses(209, b"\x00")


def test_162_sets_what_holds_now_and_what_holds_after_one_coin(host: Host) -> None:
    assert host.ask(162, bytes.fromhex("FF FF FB 00 00 FF")) == b""
    put(host, "100")
    put(host, "100")
    assert events(host) == (2, [(0, 2), (3, 1)]), "path 3 is overridden, and one coin only is let in"


def test_opto_states_show_the_coin_that_covers_a_sensor(host: Host) -> None:
    assert host.ask(236) == b"\x00"
    host.hand("jam gate")
    put(host, "100")
    assert host.ask(236) == b"\x04"


def test_solenoids_are_tested_on_request(host: Host) -> None:
    assert host.ask(240, b"\x01") == b""


@pytest.mark.parametrize(("after_s", "in_box", "credited"), [(0.05, False, 0), (0.22, True, 0), (0.28, True, 1)])
def test_a_power_cut_forgets_the_events_whatever_became_of_the_coin(
    host: Host, after_s: float, in_box: bool, credited: int
) -> None:
    host.hand("insert 100")
    host.wait(after_s)
    host.hand("power off")
    assert host.say(POLL) == NOTHING
    host.wait(1.0)
    host.hand("power on")
    assert host.say(POLL) == NOTHING, "it boots"
    host.hand("insert 100")
    host.wait(0.5)
    assert events(host) == (0, [])
    box = host.hand("state")["box"]
    assert sum(coins for by_yen in box.values() for coins in by_yen.values()) == in_box
    assert sum(happening.event == "coin_credited" for happening in host.happened) == credited


def test_silence_takes_the_answers_and_not_the_coins(host: Host) -> None:
    host.hand("silence on")
    put(host, "100")
    assert host.say(CREDIT) == NOTHING
    host.hand("silence off")
    assert events(host) == (1, [JP100A])


def test_garbage_is_noise_towards_the_host(host: Host) -> None:
    host.hand("garbage 01 02 03")
    assert host.unit.take_replies(host.now_s) == b"\x01\x02\x03"


@pytest.mark.parametrize("request_", [spelled(3, 254), "02 00 01 FE 00", spelled(40, 229), "02 00 01 FE", "02 00 01 E5 19"])
def test_a_frame_for_another_address_or_with_a_bad_sum_gets_no_answer(host: Host, request_: str) -> None:
    assert host.say(request_) == NOTHING
    host.wait(0.2)
    assert host.say(POLL) == ACK_2


def test_an_unknown_header_is_survived(host: Host) -> None:
    for header in range(256):
        if header in (1, 250, 251, 252, 253):  # these start it anew or move it
            continue
        host.say(spelled(2, header, b""))
        host.say(spelled(2, header, b"\x01\x02\x03"))
    host.wait(1.0)
    assert host.say(POLL) == ACK_2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([0.0, 0.004, 0.06, 0.3])), max_size=30))
def test_any_bytes_are_survived_and_one_poll_after_silence_is_answered(pieces: list[tuple[bytes, float]]) -> None:
    host = a_host()
    for data, pause_s in pieces:
        host.unit.receive(data, host.now_s)
        host.wait(pause_s)
    host.wait(20.0)
    assert host.say(POLL) == ACK_2
    assert host.hand("state")["box"] == {}


_HANDS = ["insert 100", "insert 500b", "insert 10 slow", "insert 5", "lever", "string", "jam gate", "jam entry", "clear"]
_HANDS += ["take", "power off", "power on", "fail", "empty", "event 8"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_HANDS), st.sampled_from([0.0, 0.1, 0.3, 2.0])), max_size=30))
def test_a_host_that_polls_in_time_credits_what_went_past_the_credit_sensor_and_nothing_else(
    story: list[tuple[str, float]],
) -> None:
    host = a_host()
    yen_of = {1: 10, 2: 50, 3: 100, 4: 500, 5: 500}
    credited, last, is_sure = 0, 0, True

    def poll() -> None:
        nonlocal credited, last, is_sure
        request = spelled(2, 229)
        reply = bytes.fromhex(host.say(request))
        if not reply:
            return
        counter, pairs = reply[4], reply[5:-1]
        if counter == 0 and last:
            last = 0
        new = (counter - last) % 255
        if new > 5:  # it started anew and has told something since: nobody knows what was between
            is_sure, new = False, 0
        for at in range(new):
            first = pairs[2 * at]
            credited += yen_of.get(first, 0)
        last = counter
        if counter == 0:
            host.say(ALL_ON)

    host.say(ALL_ON)
    for deed, pause_s in story:
        host.hand(deed)
        is_sure &= deed != "power off"
        end_s = host.now_s + pause_s
        while host.now_s < end_s:
            poll()
            host.wait(0.05)
        poll()
    for _ in range(40):
        poll()
        host.wait(0.05)
    truth = sum(h.data["yen"] for h in host.happened if h.event == "coin_credited")
    assert credited <= truth
    if is_sure:
        assert credited == truth
