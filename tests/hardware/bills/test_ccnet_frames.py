"""The CCNET codec against the reference's frames, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.ccnet.frames import (
    ILLEGAL_COMMAND,
    MAX_LENGTH,
    MAX_SHORT,
    Address,
    Command,
    FailureReason,
    Frame,
    PollCode,
    RejectReason,
    Splitter,
)
from hardware.bills.ccnet.tables import (
    EMPTY_ROW,
    MASK_ALL,
    BillRow,
    Identification,
    decode_bill_table,
    decode_mask,
    encode_bill_table,
    encode_mask,
)
from hardware.wire.codes import name_of

COMMANDS = [
    (Command.ACK, "", "02 03 06 00 C2 82"),
    (Command.NAK, "", "02 03 06 FF BA 8D"),
    (Command.RESET, "", "02 03 06 30 41 B3"),
    (Command.GET_STATUS, "", "02 03 06 31 C8 A2"),
    (Command.POLL, "", "02 03 06 33 DA 81"),
    (Command.ENABLE_BILL_TYPES, "00 00 0F 00 00 0F", "02 03 0C 34 00 00 0F 00 00 0F 19 46"),
    (Command.ENABLE_BILL_TYPES, "FF FF FF FF FF FF", "02 03 0C 34 FF FF FF FF FF FF FE F7"),
    (Command.ENABLE_BILL_TYPES, "00 00 00 00 00 00", "02 03 0C 34 00 00 00 00 00 00 17 0C"),
    (Command.STACK, "", "02 03 06 35 EC E4"),
    (Command.RETURN, "", "02 03 06 36 77 D6"),
    (Command.IDENTIFICATION, "", "02 03 06 37 FE C7"),
    (Command.HOLD, "", "02 03 06 38 09 3F"),
    (Command.GET_BILL_TABLE, "", "02 03 06 41 4F D1"),
]
ANSWERS = [
    (PollCode.POWER_UP, "", "02 03 06 10 43 92"),
    (PollCode.POWER_UP_BILL_IN_VALIDATOR, "", "02 03 06 11 CA 83"),
    (PollCode.POWER_UP_BILL_IN_STACKER, "", "02 03 06 12 51 B1"),
    (PollCode.INITIALIZE, "", "02 03 06 13 D8 A0"),
    (PollCode.IDLING, "", "02 03 06 14 67 D4"),
    (PollCode.ACCEPTING, "", "02 03 06 15 EE C5"),
    (PollCode.STACKING, "", "02 03 06 17 FC E6"),
    (PollCode.RETURNING, "", "02 03 06 18 0B 1E"),
    (PollCode.UNIT_DISABLED, "", "02 03 06 19 82 0F"),
    (PollCode.DEVICE_BUSY, "05", "02 03 07 1B 05 D4 99"),
    (PollCode.REJECTING, "68", "02 03 07 1C 68 3F 6C"),
    (PollCode.DROP_CASSETTE_FULL, "", "02 03 06 41 4F D1"),
    (PollCode.DROP_CASSETTE_OUT, "", "02 03 06 42 D4 E3"),
    (PollCode.VALIDATOR_JAMMED, "", "02 03 06 43 5D F2"),
    (PollCode.CHEATED, "", "02 03 06 45 6B 97"),
    (PollCode.PAUSE, "", "02 03 06 46 F0 A5"),
    (PollCode.FAILURE, "50", "02 03 07 47 50 AB E6"),
    (PollCode.ESCROW, "00", "02 03 07 80 00 8C 33"),
    (PollCode.BILL_STACKED, "00", "02 03 07 81 00 54 2A"),
    (PollCode.BILL_RETURNED, "00", "02 03 07 82 00 3C 00"),
    (ILLEGAL_COMMAND, "", "02 03 06 30 41 B3"),
]
ALL_FRAMES = [(int(code), bytes.fromhex(data), bytes.fromhex(wire)) for code, data, wire in COMMANDS + ANSWERS]
STACKED_0 = bytes.fromhex("02 03 07 81 00 54 2A")
JPY_ROWS = "01 4A 50 4E 03 02 4A 50 4E 03 05 4A 50 4E 03 01 4A 50 4E 04"

frames = st.builds(Frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=300))


@pytest.mark.parametrize(("code", "data", "wire"), ALL_FRAMES, ids=[w.hex(" ")[:36] for _, _, w in ALL_FRAMES])
def test_every_frame_of_the_reference_is_written_and_read_byte_for_byte(code: int, data: bytes, wire: bytes) -> None:
    frame = Frame(Address.BILL_VALIDATOR, code, data)
    assert frame.encode() == wire
    assert Splitter().feed(wire) == [frame]


def test_the_bill_table_reply_has_no_command_byte_and_is_a_frame_of_125_bytes_hex_7d() -> None:
    table = bytes.fromhex(JPY_ROWS).ljust(120, b"\0")
    wire = Frame.answer(3, table).encode()
    assert wire[:8].hex(" ") == "02 03 7d 01 4a 50 4e 03"
    assert len(wire) == 125
    (got,) = Splitter().feed(wire)
    assert got.payload == table


def test_an_answer_of_nothing_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Frame.answer(3, b"")


def test_a_frame_of_250_bytes_is_short_and_one_byte_more_makes_it_long() -> None:
    short = Frame(3, Command.GET_BILL_TABLE, bytes(MAX_SHORT - 6)).encode()
    assert (len(short), short[2]) == (250, 250)
    long = Frame(3, Command.GET_BILL_TABLE, bytes(MAX_SHORT - 5)).encode()
    assert long[:6].hex(" ") == "02 03 00 41 00 fd"
    assert len(long) == 0xFD


def test_in_a_long_frame_the_length_stands_high_byte_first_behind_the_subcommand() -> None:
    wire = Frame(3, Command.DOWNLOAD, b"\x01" + bytes(500)).encode()
    assert wire[:8].hex(" ") == "02 03 00 50 01 01 fd 00"
    assert len(wire) == 0x01FD
    assert Splitter().feed(wire) == [Frame(3, Command.DOWNLOAD, b"\x01" + bytes(500))]


@pytest.mark.parametrize("length", ["00 06", "00 FA", "04 01", "FF FF"])
def test_a_long_frame_that_is_not_long_or_longer_than_our_cap_is_noise(length: str) -> None:
    splitter = Splitter()
    assert splitter.feed(bytes.fromhex("02 03 00 33" + length) + bytes(2000)) == []
    assert splitter.pending == 0
    assert splitter.feed(STACKED_0) == [Frame(3, 0x81, b"\0")]


@given(st.lists(frames, max_size=5), st.data())
def test_any_cut_of_the_stream_gives_the_same_frames(sent: list[Frame], draw: st.DataObject) -> None:
    stream = b"".join(frame.encode() for frame in sent)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    splitter = Splitter()
    got: list[Frame] = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += splitter.feed(stream[begin:end])
    assert [f for f in got if f in sent] == sent
    assert splitter.pending == 0


def test_bytes_one_by_one_make_the_same_frame_even_a_long_one() -> None:
    for wire in (STACKED_0, Frame(3, Command.DOWNLOAD, bytes(400)).encode()):
        splitter = Splitter()
        got = [frame for byte in wire for frame in splitter.feed(bytes([byte]))]
        assert [frame.encode() for frame in got] == [wire]


@given(st.binary(max_size=1500))
def test_one_valid_frame_is_enough_to_recover_after_any_garbage(garbage: bytes) -> None:
    splitter = Splitter()
    splitter.feed(garbage)
    assert splitter.feed(STACKED_0)[-1:] == [Frame(3, 0x81, b"\0")]


@pytest.mark.parametrize("garbage", ["02", "02 03", "02 03 FA", "02 03 00 50 01 03 FF", "02 03 05", "02 02 02"])
def test_a_length_that_swallows_good_answers_does_not_hold_them_back(garbage: str) -> None:
    assert Splitter().feed(bytes.fromhex(garbage) + STACKED_0) == [Frame(3, 0x81, b"\0")]


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_noise_never_makes_the_buffer_grow_beyond_one_frame(noise: list[bytes]) -> None:
    splitter = Splitter()
    for data in noise:
        splitter.feed(data)
        assert splitter.pending < MAX_LENGTH


@pytest.mark.parametrize("bit", range(7 * 8))
def test_a_single_wrong_bit_is_never_believed(bit: int) -> None:
    wire = bytearray(STACKED_0)
    wire[bit // 8] ^= 1 << bit % 8
    assert Splitter().feed(bytes(wire)) == []


def test_02_inside_data_does_not_begin_a_frame_and_is_a_bill_type() -> None:
    frame = Frame(3, PollCode.ESCROW, b"\x02")
    assert Splitter().feed(frame.encode()) == [frame]
    table = Frame(3, Command.GET_BILL_TABLE, b"\x02\x03\x06\x33" * 30)
    assert Splitter().feed(table.encode()) == [table]


def test_a_frame_too_long_for_the_wire_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValueError, match="fit"):
        Frame(3, Command.DOWNLOAD, bytes(MAX_LENGTH - 7)).encode()


def test_unknown_codes_stay_printable() -> None:
    assert name_of(RejectReason, 0x65) == "IDENTIFICATION[0x65]"
    assert name_of(RejectReason, 0x99) == "UNKNOWN[0x99]"
    assert name_of(FailureReason, 0x50) == "STACK_MOTOR[0x50]"


def test_the_japanese_table_reads_as_yen_and_absent_rows() -> None:
    data = bytes.fromhex(JPY_ROWS).ljust(120, b"\0")
    rows = decode_bill_table(data)
    assert [row.amount for row in rows[:4]] == [1000, 2000, 5000, 10000]
    assert {row.country for row in rows[:4]} == {"JPN"}
    assert rows[4:] == [EMPTY_ROW] * 20
    assert encode_bill_table(rows) == data
    assert encode_bill_table(rows[:4]) == data, "zeros fill the table up"


def test_bit_7_of_the_exponent_divides() -> None:
    assert BillRow(5, "EUR", 0x01).amount == 50
    assert BillRow(50, "EUR", 0x81).amount == 5
    assert BillRow(5, "EUR", 0x81).amount is None, "half a euro is no whole amount"


@given(st.binary(min_size=120, max_size=120))
def test_any_120_bytes_are_a_table_and_every_row_has_an_amount_or_none(data: bytes) -> None:
    assert len([row.amount for row in decode_bill_table(data)]) == 24


@pytest.mark.parametrize("size", [0, 1, 115, 119, 121, 125])
def test_a_bill_table_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="120"):
        decode_bill_table(bytes(size))
    with pytest.raises(ValueError, match="24 fit"):
        encode_bill_table([EMPTY_ROW] * 25)


def test_bill_type_0_is_bit_0_of_the_third_byte() -> None:
    assert encode_mask({0}) == bytes.fromhex("00 00 01")
    assert encode_mask(range(4)) == bytes.fromhex("00 00 0F")
    assert encode_mask({8, 23}) == bytes.fromhex("80 01 00")
    assert encode_mask(range(24)) == MASK_ALL
    with pytest.raises(ValueError, match="24"):
        encode_mask({24})


@given(st.frozensets(st.integers(0, 23)))
def test_a_mask_is_read_as_it_was_written(types: frozenset[int]) -> None:
    assert decode_mask(encode_mask(types)) == types


def test_an_identification_is_15_and_12_characters_and_7_bytes() -> None:
    unit = Identification("SM-JP1234-5.10 ".strip(), "21KC06000123", bytes(range(7)))
    data = unit.encode()
    assert data == b"SM-JP1234-5.10 21KC06000123\x00\x01\x02\x03\x04\x05\x06"
    assert Identification.decode(data) == unit
    assert Identification.decode(b"\xff" * 34).part_number.startswith("\\xff"), "survived and printable"


@pytest.mark.parametrize("size", [0, 33])
def test_an_identification_cut_short_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="34"):
        Identification.decode(bytes(size))


@pytest.mark.parametrize(("part", "serial", "asset"), [("x" * 16, "", bytes(7)), ("", "x" * 13, bytes(7)), ("", "", b"")])
def test_an_identification_that_does_not_fit_is_refused_when_it_is_written(part: str, serial: str, asset: bytes) -> None:
    with pytest.raises(ValueError, match="takes 15"):
        Identification(part, serial, asset).encode()
