"""The emulated ccTalk bill validator as a place on a line: addresses, modes, echo, silence, noise."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.cctalk.emulator import CcTalkBillEmulator
from hardware.cctalk.frames import Codec, Frame, Mode
from hardware.cctalk.headers import Header
from hardware.clock import run_virtual
from hardware.emulator import BadCommand, EmulatorRunner
from hardware.links.memory import memory_line
from hardware.models import DeviceModel
from tests.hardware.bills.cctalk_host import (
    ACK,
    BNV_MODEL,
    BOXED_S,
    BUSY,
    CRC16_MODEL,
    EVENTS,
    MODEL,
    NAK,
    NOTHING,
    POLL,
    Host,
)

SUM8_POLL, CRC16_POLL, BNV_POLL = "00 00 01 FD 02", "00 00 B2 FD 3E", "00 00 85 80 C9"
MODELS = {Mode.SUM8: MODEL, Mode.CRC16: CRC16_MODEL, Mode.BNV: BNV_MODEL}


def quiet_line(model: DeviceModel) -> Host:
    host = Host(model)
    host.hand("echo off")
    return host


@pytest.mark.parametrize(("mode", "model"), MODELS.items(), ids=[mode.value for mode in MODELS])
def test_the_broadcast_address_poll_finds_a_unit_in_its_own_mode_only(mode: Mode, model: DeviceModel) -> None:
    host = quiet_line(model)
    for poll, asked in ((SUM8_POLL, Mode.SUM8), (CRC16_POLL, Mode.CRC16), (BNV_POLL, Mode.BNV)):
        assert host.say(poll, for_s=1.0) == ("28" if asked is mode else NOTHING)


def test_the_address_is_one_raw_byte_after_4_ms_for_each_number_of_it() -> None:
    host = Host()
    assert host.say(SUM8_POLL, for_s=0.159) == NOTHING
    host.now_s += 0.002
    assert host.unit.take_replies(host.now_s) == b"\x28"


def test_an_address_clash_is_answered_with_the_raw_address_within_a_second() -> None:
    host = Host()
    assert host.say(host.spelled(Header.ADDRESS_CLASH), for_s=1.0) == "28"


def test_an_address_given_by_the_host_holds_from_the_next_frame_and_through_a_power_cut() -> None:
    host = Host()
    assert host.say(host.spelled(Header.ADDRESS_CHANGE, b"\x29")) == ACK
    assert host.say(POLL) == NOTHING
    host.off_and_on()
    assert host.say(host.spelled(Header.SIMPLE_POLL, to=41)) == "01 00 29 00 D6"
    for wrong in (b"\0", b"\x01"):
        assert host.say(host.spelled(Header.ADDRESS_CHANGE, wrong, to=41)).split()[3] == "05"


def test_an_address_by_chance_is_neither_everybodys_nor_the_hosts() -> None:
    host = Host()
    for _ in range(50):
        assert host.say(host.spelled(Header.ADDRESS_RANDOM, to=host.unit.address)).split()[3] == "00"
        assert host.unit.address > 1


def test_a_broadcast_is_obeyed_and_answered() -> None:
    assert Host().say(host_frame(0, Header.SIMPLE_POLL)) == ACK


def test_the_answer_goes_to_whoever_asked() -> None:
    frame = Frame(40, Header.SIMPLE_POLL, source=7)
    assert Host().say(Codec(Mode.SUM8).encode(frame).hex(" ")) == "07 00 28 00 D1"


def host_frame(to: int, header: int) -> str:
    return Codec(Mode.SUM8).encode(Frame(to, header)).hex(" ")


@pytest.mark.parametrize(
    "request_",
    [
        "28 00 01 FE D8",  # a wrong sum
        "29 00 01 FE D8",  # for another address
        "28 00 B6 FE 21",  # in another mode
        "28 00 7F C0 89",  # scrambled
        "28 00 01 00 D7",  # an answer
        "28 00 01 05 D2",  # NAK
        "28 00 01 06 D1",  # BUSY
        "28 00 01 FE",  # not all of it
    ],
)
def test_silence_is_the_answer_to_what_is_wrong_or_not_for_it(request_: str) -> None:
    host = Host()
    assert host.say(request_, for_s=2.0) == NOTHING
    assert host.say(POLL) == ACK


def test_a_bnv_unit_is_silent_to_another_code_and_answers_its_own() -> None:
    host = Host(DeviceModel("", "bill", "", "", "", _with_code("654321"), BNV_MODEL.path))
    assert host.say(BNV_POLL, for_s=1.0) == NOTHING
    assert host.say("28 00 7F C0 89") == NOTHING
    assert host.ask(Header.REQUEST_MANUFACTURER_ID) == b"KBK"


def _with_code(code: str) -> dict[str, object]:
    return {**BNV_MODEL.settings, "cctalk": {**BNV_MODEL.settings["cctalk"], "code": code}}


def test_an_unknown_header_is_refused_and_a_known_one_with_too_much_data_too() -> None:
    host = Host()
    assert host.say(host.spelled(99)) == NAK
    assert host.say(host.spelled(Header.SIMPLE_POLL, b"\0")) == NAK
    assert host.say(host.spelled(Header.REQUEST_SERIAL_NUMBER, b"\0")) == NAK
    assert host.say(host.spelled(Header.RESET_DEVICE, b"\0")) == NAK
    assert host.say(POLL) == ACK, "it was no reset"


def test_a_unit_may_ignore_unknown_headers_instead() -> None:
    line = {**MODEL.settings["cctalk"], "unknown_header": "silence"}
    host = Host(DeviceModel("", "bill", "", "", "", {**MODEL.settings, "cctalk": line}, MODEL.path))
    assert host.say(host.spelled(99)) == NOTHING
    assert host.say(POLL) == ACK


# -- echo --------------------------------------------------------------------------------------------------------------


def test_with_echo_the_host_hears_its_own_bytes_before_anything_else() -> None:
    host = Host()
    host.hand("echo on")
    assert host.say(EVENTS) == EVENTS + " 01 0B 28 00 00 00 00 00 00 00 00 00 00 00 00 CC"
    assert host.say(POLL, for_s=0.001) == POLL, "at once; the answer takes its time"
    host.hand("echo off")
    assert host.say(POLL, for_s=0.1) == f"{ACK} {ACK}"


def test_the_echo_comes_before_an_answer_that_is_still_due() -> None:
    host = Host()
    host.hand("echo on")
    host.unit.receive(bytes.fromhex(POLL), host.now_s)
    host.unit.receive(bytes.fromhex(EVENTS)[:2], host.now_s)
    assert host.unit.take_replies(host.now_s).hex(" ").upper() == f"{POLL} 28 00"


def test_the_wire_echoes_without_a_living_unit_too() -> None:
    host = Host()
    host.hand("echo on")
    host.hand("silence on")
    assert host.say(POLL) == POLL
    host.hand("power off")
    assert host.say(POLL) == POLL


def test_a_model_says_whether_its_line_echoes() -> None:
    poll = "28 00 B6 FE 21"
    assert Host(CRC16_MODEL).say(poll) == f"{poll} 01 00 30 00 37"


# -- silence in time and noise -----------------------------------------------------------------------------------------


def test_a_frame_may_come_byte_by_byte_until_the_gap_is_too_long() -> None:
    for gap_s, expected in ((0.009, ACK), (0.04, ACK), (0.06, NOTHING)):
        host = Host()
        for byte in bytes.fromhex(POLL):
            host.unit.receive(bytes((byte,)), host.now_s)
            host.now_s += gap_s
        host.now_s += 0.012
        assert host.unit.take_replies(host.now_s).hex(" ").upper() == expected


def test_a_garbled_length_swallows_what_follows_until_the_line_is_silent() -> None:
    host = Host()
    assert host.say("28 FE 01") == NOTHING
    assert host.say(POLL) == NOTHING, "12 ms later it still waits for the rest"
    host.wait(0.06)
    assert host.say(POLL) == ACK


def test_two_frames_in_one_piece_get_two_answers_in_order() -> None:
    host = Host()
    assert host.say(f"{POLL} {EVENTS}") == f"{ACK} 01 0B 28 00 00 00 00 00 00 00 00 00 00 00 00 CC"


def test_what_follows_a_reset_in_one_piece_is_lost() -> None:
    host = Host()
    assert host.say(f"28 00 01 01 D6 {POLL}", for_s=1.0) == ACK


def test_busy_and_nak_are_said_as_often_as_asked_for_and_do_nothing() -> None:
    host = Host()
    host.enable()
    host.hand("busy 2")
    host.hand("nak 1")
    host.to_escrow()
    assert [host.say("28 01 01 9A 01 3B") for _ in range(4)] == [NAK, BUSY, BUSY, ACK]


def test_a_silent_unit_obeys_all_the_same() -> None:
    host = Host()
    host.enable()
    host.to_escrow()
    host.hand("silence on")
    assert host.say("28 01 01 9A 01 3B") == NOTHING
    host.wait(BOXED_S)
    host.hand("silence off")
    assert host.mechanism.cashbox == {1000: 1}
    assert host.news() == [(1, 1), (1, 0)]


def test_commands_lists_all_and_a_wrong_one_is_answered_with_the_list() -> None:
    host = Host()
    words = {usage.split()[0] for usage in host.unit.commands()}
    assert words >= {"insert", "cheat", "power", "silence", "garbage", "state", "fail", "echo", "nak", "busy", "event"}
    for line in (
        "explode",
        "echo",
        "echo maybe",
        "nak",
        "nak many",
        "busy -1",
        "event 256",
        "fail everything",
        "insert 1000 x",
    ):
        with pytest.raises(BadCommand):
            host.hand(line)
    assert host.hand("state")["status"] == "event counter 0, self-check OK[0]"
    host.hand("power off")
    assert host.hand("state")["status"] == "no power"


def test_a_runner_answers_on_a_line_in_its_own_time() -> None:
    async def poll() -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()
        near, far = memory_line("bv0")
        runner = EmulatorRunner(CcTalkBillEmulator(MODEL), far, lambda happening: None)
        heard: list[tuple[bytes, float]] = []
        near.attach(lambda data: heard.append((data, loop.time())), lambda error: None)
        await runner.start()
        await near.open()
        begin_s = loop.time()
        near.write(bytes.fromhex(POLL))
        await asyncio.sleep(1.0)
        runner.stop()
        return b"".join(data for data, _ in heard), heard[0][1] - begin_s

    answer, after_s = run_virtual(poll())
    assert answer.hex(" ").upper() == ACK
    assert after_s == pytest.approx(0.010, abs=0.002)


# -- any bytes ---------------------------------------------------------------------------------------------------------

FRAGMENTS = [
    bytes.fromhex(text)
    for text in (POLL, EVENTS, "28 01 01 9A 01 3B", "28 01 01 9A 00 3C", "28 02 01 E7 FF FF F0", "28 01 01 E4 01 F1", SUM8_POLL)
]


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(list(Mode)),
    steps=st.lists(
        st.tuples(
            st.one_of(st.binary(max_size=40), st.sampled_from(FRAGMENTS), st.sampled_from(["insert 1000", "power off", "jam"])),
            st.floats(0.0, 2.0),
        ),
        max_size=25,
    ),
)
def test_no_bytes_in_any_cut_raise_hang_or_invent_a_credit(mode: Mode, steps: list[tuple[bytes | str, float]]) -> None:
    host = quiet_line(MODELS[mode])
    host.enable()
    for step, pause_s in steps:
        if isinstance(step, str):
            host.hand(step)
        else:
            host.unit.receive(step, host.now_s)
        host.wait(pause_s)
    host.hand("power on")
    host.hand("clear")
    host.unit.address = 40
    host.wait(10.0)
    assert host.ask(Header.SIMPLE_POLL) == b"", "one frame after silence is answered"
    report = host.report()
    credited = sum(pair == (1, 0) for pair in report.pairs)
    assert credited <= host.mechanism.cashbox.total()
    assert host.mechanism.piles.total_yen() % 1000 == 0


@settings(max_examples=100, deadline=None)
@given(header=st.integers(0, 255), data=st.binary(max_size=20), mode=st.sampled_from(list(Mode)))
def test_any_request_is_answered_or_ignored_and_the_unit_lives_on(header: int, data: bytes, mode: Mode) -> None:
    host = quiet_line(MODELS[mode])
    host.enable()
    host.to_escrow()
    host.say(host.spelled(header, data), for_s=1.2)
    host.wait(12.0)
    host.unit.address = 40
    assert host.ask(Header.SIMPLE_POLL) == b""
    assert host.mechanism.cashbox.total() + host.mechanism.at_customer.total() == 1
    assert ((1, 0) in host.report().pairs) == (host.mechanism.cashbox.total() == 1)
