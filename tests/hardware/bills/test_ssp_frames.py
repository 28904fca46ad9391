"""The SSP codec against the reference's frames, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.ssp.commands import Command, Reject, Reply
from hardware.bills.ssp.events import (
    EventCode,
    PollEvent,
    amounts_of,
    decode_events,
    encode_amount,
)
from hardware.bills.ssp.frames import HIGHEST_ADDRESS, MAX_DATA, Packet, Splitter
from hardware.bills.ssp.messages import (
    Channel,
    Counters,
    Setup,
    UnitData,
    decode_inhibits,
    encode_channel_security,
    encode_channel_values,
    encode_inhibits,
)
from hardware.bills.ssp.stuffing import stuff, unstuff
from hardware.wire.codes import name_of
from hardware.wire.crc import crc16_cms

FROM_HOST = [
    (True, bytes((Command.SYNC,)), "7F 80 01 11 65 82"),
    (False, bytes((Command.HOST_PROTOCOL_VERSION, 6)), "7F 00 02 06 06 1B 94"),
    (True, bytes((Command.SETUP_REQUEST,)), "7F 80 01 05 1D 82"),
    (False, bytes((Command.POLL,)), "7F 00 01 07 11 88"),
    (True, bytes((Command.POLL,)), "7F 80 01 07 12 02"),
    (False, bytes((Command.SET_INHIBITS, 0xFF, 0xFF)), "7F 00 03 02 FF FF 26 18"),
    (True, bytes((Command.ENABLE,)), "7F 80 01 0A 3F 82"),
    (True, bytes((Command.DISABLE,)), "7F 80 01 09 35 82"),
    (True, bytes((Command.HOLD,)), "7F 80 01 18 53 82"),
    (True, bytes((Command.REJECT,)), "7F 80 01 08 30 02"),
    (False, bytes((Command.POLL_WITH_ACK,)), "7F 00 01 56 F4 09"),
    (True, bytes((Command.EVENT_ACK,)), "7F 80 01 57 F2 03"),
]
JPY_SETUP = (
    "F0 00 30 34 33 33 4A 50 59 00 00 00 04 01 02 05 0A 02 02 02 02 00 03 E8 06 4A 50 59 4A 50 59 4A 50 59 4A 50 59 "
    "E8 03 00 00 D0 07 00 00 88 13 00 00 10 27 00 00"
)
FROM_DEVICE = [
    (True, "F0", "7F 80 01 F0 23 80"),
    (False, "F0", "7F 00 01 F0 20 0A"),
    (False, "F0 F1", "7F 00 02 F0 F1 25 A2"),
    (True, "F0 E8", "7F 80 02 F0 E8 4F A2"),
    (False, "F0 EF 00", "7F 00 03 F0 EF 00 CC 76"),
    (True, "F0 EF 01", "7F 80 03 F0 EF 01 CA 4A"),
    (False, "F0 CC", "7F 00 02 F0 CC A8 22"),
    (True, "F0 EE 01", "7F 80 03 F0 EE 01 C9 CC"),
    (False, "F0 EE 01 CC", "7F 00 04 F0 EE 01 CC E0 C8"),
    (True, "F0 EB", "7F 80 02 F0 EB 45 A2"),
    (False, "FA", "7F 00 01 FA 1C 0A"),
    (True, JPY_SETUP, f"7F 80 35 {JPY_SETUP} A2 FB"),
]
VECTORS = [*FROM_HOST, *((flag, bytes.fromhex(data), wire) for flag, data, wire in FROM_DEVICE)]
YEN = tuple(Channel(worth // 1000, worth, "JPY", 2) for worth in (1000, 2000, 5000, 10000))

packets = st.builds(
    Packet,
    st.binary(min_size=1, max_size=MAX_DATA) | st.lists(st.sampled_from((0x7F, 0x7E, 0)), min_size=1, max_size=60).map(bytes),
    st.booleans(),
    st.integers(0, HIGHEST_ADDRESS),
)


def test_the_crc_gives_the_check_value_of_its_kind() -> None:
    assert crc16_cms(b"123456789") == 0xAEE7
    assert crc16_cms(b"") == 0xFFFF


@pytest.mark.parametrize(("flag", "data", "wire"), VECTORS)
def test_packets_are_those_of_the_reference(flag: bool, data: bytes, wire: str) -> None:
    packet = Packet(data, flag)
    assert packet.encode().hex(" ").upper() == wire
    assert Splitter().feed(bytes.fromhex(wire)) == [packet]


def test_a_7f_in_data_and_in_the_crc_goes_over_the_wire_twice() -> None:
    with_7f_in_crc = next(
        packet
        for packet in (Packet(bytes((0xF0, high, low))) for high in range(256) for low in range(256))
        if 0x7F in packet.encode()[-2:] and packet.data[1:].count(0x7F) == 1
    )
    wire = with_7f_in_crc.encode()
    assert wire.count(b"\x7f\x7f") == 2
    assert len(wire) == 3 + 3 + 2 + 2
    assert Splitter().feed(wire) == [with_7f_in_crc]


def test_stuffing_doubles_every_7f_and_a_lone_one_cannot_be_undone() -> None:
    assert stuff(bytes.fromhex("00 00 7F 2E")) == bytes.fromhex("00 00 7F 7F 2E")
    assert unstuff(bytes.fromhex("00 00 7F 7F 2E")) == bytes.fromhex("00 00 7F 2E")
    assert unstuff(bytes.fromhex("7F 7F 7F 7F")) == b"\x7f\x7f"
    assert unstuff(bytes.fromhex("00 7F 2E")) is None
    assert unstuff(bytes.fromhex("7F 7F 7F")) is None


def test_a_lone_7f_starts_the_packet_anew() -> None:
    broken_off = bytes.fromhex("7F 80 35 F0 00 30 34")
    assert Splitter().feed(broken_off + Packet(b"\x07").encode()) == [Packet(b"\x07")]


@pytest.mark.parametrize("garbage", ["7F", "7F 7F", "7F 00 FF 7F", "7F 7F 7F 00 10 7F 7F 01 7F", "7F 80 00 00", "00 FF 01"])
def test_one_good_packet_is_all_it_takes_after_garbage(garbage: str) -> None:
    packet = Packet(b"\x07", True)
    assert Splitter().feed(bytes.fromhex(garbage) + packet.encode()) == [packet]


@pytest.mark.parametrize(
    "wire",
    ["7F 80 01 11 65 83", "7F 80 01 7F 07 12 02", "7F 80 00", "7F 7E 01 11 65 82", "7F FE 01 07 0A 04", "80 01 11 65 82", ""],
    ids=["wrong CRC", "a lone 7F inside", "no data", "no such address", "such an address, good CRC", "no start", "nothing"],
)
def test_what_is_no_packet_is_dropped(wire: str) -> None:
    assert Splitter().feed(bytes.fromhex(wire)) == []


@given(st.lists(packets, min_size=1, max_size=4), st.data())
def test_packets_come_out_whatever_the_cut(sent: list[Packet], data: st.DataObject) -> None:
    wire = b"".join(packet.encode() for packet in sent)
    splitter, got, at = Splitter(), [], 0
    while at < len(wire):
        step = data.draw(st.integers(1, max(1, len(wire) - at)))
        got += splitter.feed(wire[at : at + step])
        at += step
    assert got == sent
    assert splitter.pending == 0


@given(st.lists(st.sampled_from((0x7F, 0x7F, 0, 1, 0x80, 3, 0xFF)), max_size=60).map(bytes) | st.binary(max_size=80), packets)
def test_after_any_garbage_the_first_good_packet_is_understood(garbage: bytes, packet: Packet) -> None:
    splitter = Splitter()
    splitter.feed(garbage)
    assert splitter.feed(packet.encode())[-1:] == [packet]


@given(st.lists(st.sampled_from((0x7F, 0xFF, 0)), max_size=3000).map(bytes))
def test_noise_never_fills_the_memory(noise: bytes) -> None:
    splitter = Splitter()
    splitter.feed(noise)
    assert splitter.pending <= 260 * 260


@pytest.mark.parametrize("packet", [Packet(b""), Packet(bytes(256)), Packet(b"\x07", address=0x7E)])
def test_what_no_packet_can_carry_is_refused(packet: Packet) -> None:
    with pytest.raises(ValueError, match="SSP"):
        packet.encode()


# -- what a poll brings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "events"),
    [
        ("F1", "F1"),
        ("EE 01 CC", "EE01 CC"),
        ("F1 E2 03 E8", "F1 E203 E8"),
        ("EF 00 E3 E4 E0 B5 B6", "EF00 E3 E4 E0 B5 B6"),
        ("E6 02 EA E9 E7 EB ED EC E1 00", "E602 EA E9 E7 EB ED EC E100"),
    ],
)
def test_events_stand_one_behind_the_other(data: str, events: str) -> None:
    found = decode_events(bytes.fromhex(data), 6)
    assert [event.encode().hex().upper() for event in found.events] == events.split()
    assert found.rest == b""
    assert b"".join(event.encode() for event in found.events) == bytes.fromhex(data)


def test_the_length_of_a_payout_event_depends_on_the_protocol_version() -> None:
    old, new = bytes.fromhex("D2 E8 03 00 00 E8"), bytes.fromhex("D2 01 E8 03 00 00 4A 50 59 E8")
    for version, data in ((5, old), (6, new), (8, new)):
        found = decode_events(data, version)
        assert [event.code for event in found.events] == [EventCode.DISPENSED, EventCode.DISABLED]
        assert found.rest == b""
        assert amounts_of(found.events[0], version) == ((1000, "" if version < 6 else "JPY"),)
        assert encode_amount(EventCode.DISPENSED, 1000, "JPY", version) == found.events[0]
    interrupted = decode_events(bytes.fromhex("DC 01 E8 03 00 00 D0 07 00 00 4A 50 59"), 6).events[0]
    assert amounts_of(interrupted, 6) == ((1000, "JPY"),)


def test_an_unknown_code_is_fatal_for_the_rest_of_the_packet_only() -> None:
    found = decode_events(bytes.fromhex("EE 01 99 EE 02"), 6)
    assert found.events == (PollEvent(EventCode.CREDIT, b"\x01"),)
    assert found.rest == bytes.fromhex("99 EE 02")
    assert name_of(EventCode, found.rest[0]) == "UNKNOWN[0x99]"


@pytest.mark.parametrize("cut", ["EE", "D2", "D2 02 E8 03 00 00 4A 50 59", "DC 01 00", "B1 01 E8 03 00 00 4A 50 59"])
def test_an_event_cut_short_is_none(cut: str) -> None:
    found = decode_events(bytes.fromhex(cut), 6)
    assert (found.events, found.rest) == ((), bytes.fromhex(cut))


@given(st.binary(max_size=255), st.integers(0, 10))
def test_any_poll_reply_is_taken_apart_without_raising_and_nothing_is_lost(data: bytes, version: int) -> None:
    found = decode_events(data, version)
    assert b"".join(event.encode() for event in found.events) + found.rest == data
    for event in found.events:
        assert event.channel in range(256)
        assert all(0 <= value < 2**32 for value, _ in amounts_of(event, version))


# -- replies with contents ---------------------------------------------------------------------------------------------


def test_the_set_up_reply_of_a_yen_unit_is_that_of_the_reference() -> None:
    data = bytes.fromhex(JPY_SETUP)[1:]
    setup = Setup(0, "0433", "JPY", 0, 1000, 6, YEN)
    assert Setup.decode(data) == setup
    assert setup.encode() == data


def test_before_protocol_6_worth_is_a_product() -> None:
    old = Setup(0, "0433", "JPY", 1000, 1000, 5, tuple(Channel(c.value, c.worth, "", c.security) for c in YEN))
    data = old.encode()
    assert data.hex(" ").upper() == "00 30 34 33 33 4A 50 59 00 03 E8 04 01 02 05 0A 02 02 02 02 00 03 E8 05"
    assert Setup.decode(data) == old


@given(st.binary(max_size=255))
def test_any_reply_is_read_or_refused_with_a_value_error(data: bytes) -> None:
    for kind in (Setup, UnitData, Counters):
        try:
            kind.decode(data)
        except ValueError:
            continue
        assert data


def test_the_smaller_replies_hold_what_their_tables_say() -> None:
    unit = UnitData(0, "0433", "JPY", 1000, 6)
    assert unit.encode().hex(" ").upper() == "00 30 34 33 33 4A 50 59 00 03 E8 06"
    assert UnitData.decode(unit.encode()) == unit
    counters = Counters(stacked=258, rejected=3)
    assert counters.encode().hex(" ").upper() == "05 02 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00"
    assert Counters.decode(counters.encode()) == counters
    assert encode_channel_values(YEN, 5) == bytes.fromhex("04 01 02 05 0A")
    assert encode_channel_values(YEN, 6) == bytes.fromhex("04 01 02 05 0A") + b"JPY" * 4 + bytes.fromhex(JPY_SETUP)[-16:]
    assert encode_channel_security(YEN) == bytes.fromhex("04 02 02 02 02")


def test_inhibits_name_low_channels_first_and_1_accepts() -> None:
    assert encode_inhibits(frozenset({1, 4, 9})) == bytes.fromhex("09 01")
    assert decode_inhibits(bytes.fromhex("09 01")) == {1, 4, 9}
    assert decode_inhibits(b"") == frozenset()
    with pytest.raises(ValueError, match="channels"):
        encode_inhibits(frozenset({17}))


def test_codes_have_the_numbers_of_the_manual() -> None:
    assert name_of(Command, 0x18) == "HOLD[0x18]"
    assert name_of(Reply, 0xFA) == "KEY_NOT_SET[0xFA]"
    assert name_of(Reject, 0x1D) == "UNABLE_TO_STACK[0x1D]"
    assert [int(reply) for reply in Reply] == [0xF0, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF8, 0xFA]
