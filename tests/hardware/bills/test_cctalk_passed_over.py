"""What a ccTalk unit passes over, because it is for another on its line: it makes no difference whether the unit hears that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.cctalk.frames import Codec, Frame, Mode
from tests.hardware.bills.cctalk_host import BNV_MODEL, CRC16_MODEL, EVENTS, MODEL, POLL, STACK, Host

MODELS = {Mode.SUM8: MODEL, Mode.CRC16: CRC16_MODEL, Mode.BNV: BNV_MODEL}
OTHERS_POLL, EVERYBODYS_POLL = "03 00 01 FE FE", "00 00 01 FE 01"


def passes_over(host: Host, message: str) -> bool:
    return host.unit.passes_over(bytes.fromhex(message))


def test_a_frame_for_another_is_passed_over_and_no_other() -> None:
    host = Host()
    assert passes_over(host, OTHERS_POLL)
    for message in (POLL, EVERYBODYS_POLL, "", "03", "03 00 01 FE", f"{OTHERS_POLL} {POLL}", f"{OTHERS_POLL} 28"):
        assert not passes_over(host, message), message


def test_nothing_is_passed_over_in_the_middle_of_a_frame_or_on_a_wire_that_echoes() -> None:
    host = Host()
    host.unit.receive(bytes.fromhex(POLL)[:2], host.now_s)
    assert not passes_over(host, OTHERS_POLL)
    host = Host()
    host.hand("echo on")
    assert not passes_over(host, OTHERS_POLL)


def test_the_address_that_counts_is_the_present_one() -> None:
    host = Host()
    host.unit.address = 3
    assert not passes_over(host, OTHERS_POLL)
    assert passes_over(host, POLL)


_frames = st.builds(
    lambda mode, to, header: Codec(mode).encode(Frame(to, header)),
    st.sampled_from(list(Mode)), st.sampled_from([0, 2, 3, 40, 48]), st.sampled_from([254, 159, 1, 251, 0]),
)  # fmt: skip
_messages = st.one_of(_frames, st.sampled_from([bytes.fromhex(text) for text in (POLL, EVENTS, STACK)]), st.binary(max_size=12))


@pytest.mark.parametrize("mode", list(Mode))
@settings(max_examples=100, deadline=None)
@given(steps=st.lists(st.tuples(_messages, st.sampled_from([0.0, 0.004, 0.06, 1.5])), max_size=20))
def test_a_unit_that_never_hears_what_it_passes_over_says_and_keeps_the_same(
    mode: Mode, steps: list[tuple[bytes, float]]
) -> None:
    hears_all, spared = Host(MODELS[mode]), Host(MODELS[mode])
    for host in (hears_all, spared):
        host.hand("echo off")
        host.enable()
        host.to_escrow()
    for message, pause_s in steps:
        hears_all.unit.receive(message, hears_all.now_s)
        spared.unit.advance(spared.now_s)
        if not spared.unit.passes_over(message):
            spared.unit.receive(message, spared.now_s)
        for host in (hears_all, spared):
            host.now_s += pause_s
            host.unit.advance(host.now_s)
        assert spared.unit.take_replies(spared.now_s) == hears_all.unit.take_replies(hears_all.now_s)
        assert spared.unit.next_due_s() == hears_all.unit.next_due_s()
    assert spared.unit.state() == hears_all.unit.state()
    assert spared.hand("state") == hears_all.hand("state")
