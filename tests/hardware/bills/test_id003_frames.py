"""The ID-003 codec against the reference's frames, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.id003.frames import (
    COUNTRY_JAPAN,
    MAX_LENGTH,
    Command,
    CurrencyRow,
    Failure,
    Frame,
    Reject,
    Splitter,
    Status,
    decode_currency_table,
    encode_currency_table,
)
from hardware.wire.codes import name_of
from hardware.wire.crc import crc16_kermit

JPY_TABLE = "61 0A 01 03 62 0A 02 03 63 0A 05 03 64 0A 01 04 65 00 00 00 66 00 00 00 67 00 00 00 68 00 00 00"
EUR_TABLE = "61 00 00 00 62 E0 05 00 63 E0 0A 00 64 E0 14 00 65 E0 32 00 66 E0 0A 01 67 E0 14 01 68 E0 32 01"

COMMANDS = [
    (Command.STATUS_REQUEST, "", "FC 05 11 27 56"),
    (Command.RESET, "", "FC 05 40 2B 15"),
    (Command.STACK_1, "", "FC 05 41 A2 04"),
    (Command.STACK_2, "", "FC 05 42 39 36"),
    (Command.RETURN, "", "FC 05 43 B0 27"),
    (Command.HOLD, "", "FC 05 44 0F 53"),
    (Command.WAIT, "", "FC 05 45 86 42"),
    (Command.ACK, "", "FC 05 50 AA 05"),
    (Command.VERSION, "", "FC 05 88 6F 5F"),
    (Command.BOOT_VERSION, "", "FC 05 89 E6 4E"),
    (Command.CURRENCY_ASSIGN, "", "FC 05 8A 7D 7C"),
    (Command.SET_INHIBIT, "01", "FC 06 C3 01 8D C7"),
    (Command.SET_INHIBIT, "00", "FC 06 C3 00 04 D6"),
    (Command.SET_DENOMINATION, "00 00", "FC 07 C0 00 00 2D B5"),
    (Command.SET_COMMUNICATION_MODE, "00", "FC 06 C2 00 DC CF"),
    (Command.SET_COMMUNICATION_MODE, "01", "FC 06 C2 01 55 DE"),
    (Command.SET_OPTIONAL_FUNCTION, "02 00", "FC 07 C5 02 00 20 BF"),
]
STATUSES = [
    (Status.ENQ, "", "FC 05 05 82 00"),
    (Status.IDLING, "", "FC 05 11 27 56"),
    (Status.ACCEPTING, "", "FC 05 12 BC 64"),
    (Status.ESCROW, "61", "FC 06 13 61 B0 FB"),
    (Status.ESCROW, "64", "FC 06 13 64 1D AC"),
    (Status.STACKING, "", "FC 05 14 8A 01"),
    (Status.VEND_VALID, "", "FC 05 15 03 10"),
    (Status.STACKED, "", "FC 05 16 98 22"),
    (Status.REJECTING, "79", "FC 06 17 79 19 00"),
    (Status.RETURNING, "", "FC 05 18 E6 CB"),
    (Status.HOLDING, "", "FC 05 19 6F DA"),
    (Status.DISABLE, "", "FC 05 1A F4 E8"),
    (Status.INITIALIZE, "", "FC 05 1B 7D F9"),
    (Status.POWER_UP, "", "FC 05 40 2B 15"),
    (Status.POWER_UP_BILL_IN_ACCEPTOR, "", "FC 05 41 A2 04"),
    (Status.POWER_UP_BILL_IN_STACKER, "", "FC 05 42 39 36"),
    (Status.STACKER_FULL, "", "FC 05 43 B0 27"),
    (Status.STACKER_OPEN, "", "FC 05 44 0F 53"),
    (Status.JAM_IN_ACCEPTOR, "", "FC 05 45 86 42"),
    (Status.JAM_IN_STACKER, "", "FC 05 46 1D 70"),
    (Status.PAUSE, "", "FC 05 47 94 61"),
    (Status.CHEATED, "", "FC 05 48 63 99"),
    (Status.FAILURE, "A2", "FC 06 49 A2 A0 21"),
    (Status.INVALID_COMMAND, "", "FC 05 4B F8 AB"),
]
TABLES = [
    (Command.CURRENCY_ASSIGN, JPY_TABLE, f"FC 25 8A {JPY_TABLE} 3C F4"),
    (Command.CURRENCY_ASSIGN, EUR_TABLE, f"FC 25 8A {EUR_TABLE} 05 C1"),
]
RECYCLER = [
    (0xF0, "1A", "FC 06 F0 1A 15 F5"),
    (0xF0, "20 90", "FC 07 F0 20 90 39 84"),
    (0xF0, "20 D0 04 00 01 08 00 02", "FC 0D F0 20 D0 04 00 01 08 00 02 40 5A"),
    (0xF0, "20 4A 01 01", "FC 09 F0 20 4A 01 01 10 6E"),
    (0xF0, "20 4A 01 02", "FC 09 F0 20 4A 01 02 8B 5C"),
]
ALL_FRAMES = [
    (int(code), bytes.fromhex(data), bytes.fromhex(wire)) for code, data, wire in COMMANDS + STATUSES + TABLES + RECYCLER
]

frames = st.builds(Frame, st.integers(0, 255), st.binary(max_size=40))


def test_the_crc_gives_the_catalogue_check_value() -> None:
    assert crc16_kermit(b"123456789") == 0x2189
    assert crc16_kermit(b"") == 0


@pytest.mark.parametrize(("code", "data", "wire"), ALL_FRAMES, ids=[w.hex(" ")[:20] for _, _, w in ALL_FRAMES])
def test_every_frame_of_the_reference_is_written_and_read_byte_for_byte(code: int, data: bytes, wire: bytes) -> None:
    assert Frame(code, data).encode() == wire
    assert Splitter().feed(wire) == [Frame(code, data)]


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


def test_bytes_one_by_one_make_the_same_frame() -> None:
    splitter = Splitter()
    got = [frame for byte in bytes.fromhex("FC 06 13 61 B0 FB") for frame in splitter.feed(bytes([byte]))]
    assert got == [Frame(Status.ESCROW, b"\x61")]


@given(st.binary(max_size=200))
def test_one_valid_frame_is_enough_to_recover_after_any_garbage(garbage: bytes) -> None:
    splitter = Splitter()
    splitter.feed(garbage)
    assert splitter.feed(bytes.fromhex("FC 05 14 8A 01"))[-1:] == [Frame(Status.STACKING)]


def test_a_length_that_swallows_good_answers_does_not_hold_them_back() -> None:
    assert Splitter().feed(bytes.fromhex("FC 7F FC 05 15 03 10")) == [Frame(Status.VEND_VALID)]
    assert Splitter().feed(bytes.fromhex("FC FF FC 05 15 03 10")) == [Frame(Status.VEND_VALID)]
    assert Splitter().feed(bytes.fromhex("FC 00 FC 04 FC FC 05 15 03 10")) == [Frame(Status.VEND_VALID)]


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_noise_never_makes_the_buffer_grow_beyond_one_frame(noise: list[bytes]) -> None:
    splitter = Splitter()
    for data in noise:
        splitter.feed(data)
        assert splitter.pending < MAX_LENGTH


@pytest.mark.parametrize("bit", range(5 * 8))
def test_a_single_wrong_bit_is_never_believed(bit: int) -> None:
    wire = bytearray.fromhex("FC 05 15 03 10")
    wire[bit // 8] ^= 1 << bit % 8
    assert Splitter().feed(bytes(wire)) == []


def test_a_frame_cut_short_is_dropped_by_reset() -> None:
    splitter = Splitter()
    assert splitter.feed(bytes.fromhex("FC 05 15")) == []
    splitter.reset()
    assert splitter.feed(bytes.fromhex("03 10")) == []


def test_fc_inside_data_does_not_begin_a_frame() -> None:
    frame = Frame(Command.VERSION, b"\xfc\x05\x15\x03\x10"[:4] + b"\xfc")
    assert Splitter().feed(frame.encode()) == [frame]


def test_a_frame_too_long_for_the_wire_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValueError, match="fit"):
        Frame(Command.VERSION, bytes(MAX_LENGTH)).encode()


def test_unknown_codes_stay_printable() -> None:
    assert name_of(Reject, 0x76) == "DENOMINATION[0x76]"
    assert name_of(Reject, 0x99) == "UNKNOWN[0x99]"
    assert name_of(Failure, 0xA2) == "STACKER_MOTOR[0xA2]"


def test_the_currency_table_reads_as_yen_and_absent_rows() -> None:
    rows = decode_currency_table(bytes.fromhex(JPY_TABLE))
    assert {row.escrow_code: row.amount for row in rows if row.country == COUNTRY_JAPAN} == {
        0x61: 1000,
        0x62: 2000,
        0x63: 5000,
        0x64: 10000,
    }
    assert rows[4] == CurrencyRow(0x65, 0, 0, 0)
    assert encode_currency_table(rows) == bytes.fromhex(JPY_TABLE)


@pytest.mark.parametrize("size", [0, 1, 3, 33])
def test_a_currency_table_of_broken_rows_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="rows of 4"):
        decode_currency_table(bytes(size))
