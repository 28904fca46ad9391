"""Line faults: a pure mechanism that spoils messages, the same at both ends of any line."""

import asyncio
from random import Random

import pytest

from hardware.clock import run_virtual
from hardware.errors import OfflineError
from hardware.links.faults import STUCK_BYTES, LineFaults, Toward
from hardware.links.faultylink import FaultyLink
from hardware.links.memory import MemoryEnd, memory_line

FRAME = bytes.fromhex("FC 05 11 27 56")


def line() -> LineFaults:
    return LineFaults(Random(1))


def arrivals(
    faults: LineFaults, *messages: bytes, toward: Toward = Toward.HOST, until_s: float = 10.0
) -> list[tuple[float, bytes]]:
    """Carry messages one second apart, and return what arrives and when."""
    got: list[tuple[float, bytes]] = []

    def take(now_s: float) -> None:
        data = faults.take(toward, now_s)
        if data:
            got.append((round(now_s, 6), data))

    for t, message in enumerate(messages):
        while (due_s := faults.next_due_s()) is not None and due_s < t:
            take(due_s)
        faults.carry(toward, message, float(t))
        take(float(t))
    while (due_s := faults.next_due_s()) is not None and due_s <= until_s:
        take(due_s)
    return got


def test_a_line_without_faults_is_idle_and_passes_everything_at_once() -> None:
    faults = line()
    assert faults.idle
    assert arrivals(faults, FRAME, b"\x01") == [(0.0, FRAME), (1.0, b"\x01")]
    assert faults.idle


def test_the_next_n_messages_are_lost_and_the_line_is_then_idle_again() -> None:
    faults = line()
    faults.drop(2)
    assert not faults.idle
    assert arrivals(faults, b"a", b"b", b"c") == [(2.0, b"c")]
    assert faults.idle


def test_each_direction_has_faults_of_its_own() -> None:
    faults = line()
    faults.drop(1, Toward.DEVICE)
    assert arrivals(faults, b"reply") == [(0.0, b"reply")]
    assert arrivals(faults, b"request", b"again", toward=Toward.DEVICE) == [(1.0, b"again")]


def test_a_message_can_come_twice() -> None:
    faults = line()
    faults.duplicate()
    assert arrivals(faults, FRAME, b"z") == [(0.0, FRAME * 2), (1.0, b"z")]


@pytest.mark.parametrize("bits", [1, 2])
def test_so_many_bits_are_flipped_and_the_same_seed_flips_the_same_ones(bits: int) -> None:
    spoiled = []
    for _ in range(2):
        faults = line()
        faults.corrupt(bits, 2)
        spoiled.append([data for _, data in arrivals(faults, FRAME, FRAME, FRAME)])
    assert spoiled[0] == spoiled[1]
    distances = [sum((a ^ b).bit_count() for a, b in zip(FRAME, data, strict=True)) for data in spoiled[0]]
    assert distances == [bits, bits, 0]


def test_named_bits_are_flipped_and_those_beyond_the_end_are_not_there() -> None:
    faults = line()
    faults.flip([0, 15, 99])
    assert arrivals(faults, b"\x00\x00") == [(0.0, b"\x01\x80")]


def test_a_message_can_be_cut_short_prefixed_and_replaced() -> None:
    faults = line()
    faults.truncate(2)
    faults.insert(b"\x00\xff")
    faults.replace([b"abcdef"])
    assert arrivals(faults, FRAME, FRAME) == [(0.0, b"\x00\xffab"), (1.0, FRAME)]


def test_a_message_truncated_to_nothing_is_no_message() -> None:
    faults = line()
    faults.truncate(0)
    assert arrivals(faults, FRAME, b"z") == [(1.0, b"z")]


def test_two_messages_come_joined_when_the_second_comes() -> None:
    faults = line()
    faults.join()
    assert arrivals(faults, b"one", b"two", b"three") == [(1.0, b"onetwo"), (2.0, b"three")]


def test_a_late_line_keeps_the_order() -> None:
    faults = line()
    faults.delay(1.5)
    faults.carry(Toward.HOST, b"a", 0.0)
    faults.delay(0.0)
    faults.carry(Toward.HOST, b"b", 1.0)
    assert faults.take(Toward.HOST, 1.4) == b""
    assert faults.take(Toward.HOST, 1.5) == b"ab"


def test_bytes_come_one_by_one_with_a_gap() -> None:
    faults = line()
    faults.split(0.06)
    assert arrivals(faults, b"abc") == [(0.0, b"a"), (0.06, b"b"), (0.12, b"c")]


def test_echo_gives_the_host_its_own_bytes_and_the_device_too() -> None:
    faults = line()
    faults.echo()
    faults.carry(Toward.DEVICE, FRAME, 0.0)
    assert faults.take(Toward.HOST, 0.0) == FRAME
    assert faults.take(Toward.DEVICE, 0.0) == FRAME


def test_stale_replies_are_the_ones_before() -> None:
    faults = line()
    faults.stale()
    assert arrivals(faults, b"1", b"2", b"3") == [(1.0, b"1"), (2.0, b"2")]


def test_wrong_parity_loses_bytes_both_ways_and_mute_one_way() -> None:
    faults = line()
    faults.parity(wrong=True)
    assert arrivals(faults, FRAME) == []
    assert arrivals(faults, FRAME, toward=Toward.DEVICE) == []
    faults.parity()
    faults.mute()
    assert arrivals(faults, FRAME) == []
    assert arrivals(faults, FRAME, toward=Toward.DEVICE) == [(0.0, FRAME)]


def test_a_7e1_device_read_at_8n1_shows_its_parity_as_bit_7() -> None:
    faults = line()
    faults.parity(as_bit_7=True)
    ebds_idle = bytes.fromhex("02 0B 20 01 10 00 00 54 0A 03 64")
    assert arrivals(faults, ebds_idle) == [(0.0, bytes.fromhex("82 8B A0 81 90 00 00 D4 0A 03 E4"))]


def test_a_wrong_baud_rate_makes_other_bytes_of_them() -> None:
    faults = line()
    faults.wrong_baud()
    heard = b"".join(data for _, data in arrivals(faults, *[FRAME] * 9))
    assert heard
    assert FRAME not in heard


def test_a_stuck_line_streams_and_swallows_replies_until_it_is_freed() -> None:
    faults = line()
    faults.stuck(0xFF, 0.0)
    faults.carry(Toward.HOST, FRAME, 0.005)
    assert faults.take(Toward.HOST, 0.02) == b"\xff" * 3 * STUCK_BYTES
    faults.off()
    assert faults.idle
    assert faults.next_due_s() is None


def test_off_ends_everything_and_what_was_under_way_still_arrives() -> None:
    faults = line()
    faults.delay(1.0)
    faults.drop(5, Toward.DEVICE)
    faults.carry(Toward.HOST, FRAME, 0.0)
    faults.off()
    assert not faults.idle
    assert faults.take(Toward.HOST, 1.0) == FRAME
    assert faults.idle


def test_on_a_real_port_a_message_is_whole_after_a_silence_or_when_the_host_speaks() -> None:
    faults = LineFaults(Random(1), whole_after_s=0.03)
    faults.duplicate(2)
    faults.carry(Toward.HOST, FRAME[:2], 0.0)
    faults.carry(Toward.HOST, FRAME[2:], 0.02)
    assert faults.take(Toward.HOST, 0.03) == b""
    assert faults.next_due_s() == pytest.approx(0.05)
    assert faults.take(Toward.HOST, 0.05) == FRAME * 2
    faults.carry(Toward.HOST, b"x", 1.0)
    faults.carry(Toward.DEVICE, b"request", 1.01)
    assert faults.take(Toward.HOST, 1.01) == b"xx"


class Ends:
    """A faulty link over a memory line, and what both ends hear."""

    def __init__(self) -> None:
        host, self.device = memory_line("line", latency_s=0.0)
        self.link = FaultyLink(host, Random(1))
        self.host_heard: list[bytes] = []
        self.device_heard: list[bytes] = []
        self.lost: list[OfflineError] = []

    async def open(self) -> MemoryEnd:
        self.link.attach(self.host_heard.append, self.lost.append)
        self.device.attach(self.device_heard.append, lambda error: None)
        await self.link.open()
        await self.device.open()
        return self.device


def test_a_link_wrapped_in_faults_behaves_as_it_does_while_nothing_is_wrong() -> None:
    async def talk() -> None:
        ends = Ends()
        device = await ends.open()
        ends.link.write(b"hello")
        device.write(b"you")
        await asyncio.sleep(0.01)
        await ends.link.drain()
        assert (ends.device_heard, ends.host_heard, ends.link.unsent()) == ([b"hello"], [b"you"], 0)
        ends.link.close()
        with pytest.raises(OfflineError):
            ends.link.write(b"?")
        assert ends.lost == []

    run_virtual(talk())


def test_a_faulty_link_delivers_late_bytes_by_itself() -> None:
    async def talk() -> None:
        ends = Ends()
        device = await ends.open()
        ends.link.faults.delay(2.0)
        ends.link.faults.split(0.5, Toward.DEVICE)
        ends.link.write(b"ab")
        device.write(b"late")
        await asyncio.sleep(0.6)
        assert (ends.device_heard, ends.host_heard) == ([b"a", b"b"], [])
        await asyncio.sleep(1.5)
        assert ends.host_heard == [b"late"]

    run_virtual(talk())


def test_the_cable_is_pulled_once_and_the_line_opens_again_only_when_it_is_back() -> None:
    async def pull() -> None:
        ends = Ends()
        device = await ends.open()
        ends.link.faults.delay(1.0)
        device.write(b"under way")
        await asyncio.sleep(0.1)
        ends.link.unplug()
        ends.link.unplug()
        assert len(ends.lost) == 1
        with pytest.raises(OfflineError, match="unplugged"):
            await ends.link.open()
        await asyncio.sleep(5)
        assert ends.host_heard == []
        ends.link.replug()
        await ends.link.open()
        ends.link.faults.off()
        device.write(b"again")
        await asyncio.sleep(0.1)
        assert ends.host_heard == [b"again"]

    run_virtual(pull())
