"""The ccTalk codec against the reference's frames, byte for byte, in all three modes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cctalk.bnv import BnvCipher
from hardware.cctalk.codes import BillStatus, CoinError, FaultCode, coin_error_name
from hardware.cctalk.events import EventBuffer, EventReport, count_before, count_between, next_count
from hardware.cctalk.frames import HOST, MAX_DATA, Codec, Frame, Mode, Splitter
from hardware.cctalk.headers import Header, name_of
from hardware.cctalk.ids import (
    EMPTY_BILL_ID,
    EMPTY_COIN_ID,
    JAPANESE_BILLS,
    CountryScaling,
    MoneyId,
    read_bill_id,
    read_coin_id,
    write_bill_id,
    write_coin_id,
)
from hardware.wire.crc import crc16_xmodem

SUM8, CRC16, BNV = Codec(Mode.SUM8), Codec(Mode.CRC16), Codec(Mode.BNV)
CODECS = [SUM8, CRC16, BNV]


def request(to: int, header: int, data: str = "") -> Frame:
    return Frame(to, header, bytes.fromhex(data))


def answer(source: int, data: str = "", header: int = 0) -> Frame:
    return Frame(HOST, header, bytes.fromhex(data), source)


SUM8_FRAMES = [
    (request(2, Header.SIMPLE_POLL), "02 00 01 FE FF"),
    (answer(2), "01 00 02 00 FD"),
    (request(2, Header.RESET_DEVICE), "02 00 01 01 FC"),
    (request(2, Header.MODIFY_INHIBIT_STATUS, "FF FF"), "02 02 01 E7 FF FF 16"),
    (request(2, Header.MODIFY_MASTER_INHIBIT, "01"), "02 01 01 E4 01 17"),
    (request(2, Header.READ_BUFFERED_CREDIT), "02 00 01 E5 18"),
    (request(2, Header.REQUEST_COIN_ID, "01"), "02 01 01 B8 01 43"),
    (answer(2, "4A 50 31 30 30 41"), "01 06 02 00 4A 50 31 30 30 41 8B"),
    (answer(2, "01 01 01 00 00 00 00 00 00 00 00"), "01 0B 02 00 01 01 01 00 00 00 00 00 00 00 00 EF"),
    (request(40, Header.READ_BUFFERED_BILL_EVENTS), "28 00 01 9F 38"),
    (request(40, Header.ROUTE_BILL, "01"), "28 01 01 9A 01 3B"),
    (request(40, Header.ROUTE_BILL, "00"), "28 01 01 9A 00 3C"),
    (answer(40, header=Header.NAK), "01 00 28 05 D2"),
    (answer(40, header=Header.BUSY), "01 00 28 06 D1"),
    (request(3, Header.ENABLE_HOPPER, "A5"), "03 01 01 A4 A5 B2"),
    (request(3, Header.REQUEST_HOPPER_STATUS), "03 00 01 A6 56"),
    (answer(3, "01 00 05 00"), "01 04 03 00 01 00 05 00 F2"),
    (request(3, Header.DISPENSE_HOPPER_COINS, "12 34 56 05"), "03 04 01 A7 12 34 56 05 B0"),
    (request(0, Header.ADDRESS_POLL), "00 00 01 FD 02"),
]
CRC16_FRAMES = [
    (request(40, Header.SIMPLE_POLL), "28 00 B6 FE 21"),
    (answer(HOST), "01 00 30 00 37"),
    (request(40, Header.READ_BUFFERED_BILL_EVENTS), "28 00 31 9F 5D"),
    (request(40, Header.REQUEST_MANUFACTURER_ID), "28 00 BE F6 A0"),
    (request(40, Header.MODIFY_INHIBIT_STATUS, "FF FF"), "28 02 5F E7 FF FF DF"),
    (request(40, Header.ROUTE_BILL, "01"), "28 01 BC 9A 01 62"),
    (answer(HOST, "01 01 01 00 00 00 00 00 00 00 00"), "01 0B B1 00 01 01 01 00 00 00 00 00 00 00 00 E3"),
    (request(0, Header.ADDRESS_POLL), "00 00 B2 FD 3E"),
]
BNV_FRAMES = [
    (request(40, Header.SIMPLE_POLL), "28 00 7F C0 89"),
    (request(40, Header.READ_BUFFERED_BILL_EVENTS), "28 00 CB D8 FF"),
    (request(40, Header.ROUTE_BILL, "01"), "28 01 93 30 2F 8B"),
    (request(0, Header.ADDRESS_POLL), "00 00 85 80 C9"),
]
VECTORS = [
    *((SUM8, frame, wire) for frame, wire in SUM8_FRAMES),
    *((CRC16, frame, wire) for frame, wire in CRC16_FRAMES),
    *((BNV, frame, wire) for frame, wire in BNV_FRAMES),
]

frames = st.builds(Frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=MAX_DATA), st.just(HOST))
codes = st.text("0123456789", min_size=6, max_size=6)


@pytest.mark.parametrize(("codec", "frame", "wire"), VECTORS, ids=[f"{c.mode.value} {w}" for c, _, w in VECTORS])
def test_every_frame_of_the_reference_is_written_and_read_byte_for_byte(codec: Codec, frame: Frame, wire: str) -> None:
    raw = bytes.fromhex(wire)
    assert codec.encode(frame) == raw
    assert codec.decode(raw) == frame
    assert Splitter(codec).feed(raw) == [frame]


@pytest.mark.parametrize(
    ("clear", "scrambled"), [("B6 FE 21", "7F C0 89"), ("31 9F 5D", "CB D8 FF"), ("BC 9A 01 62", "93 30 2F 8B")]
)
def test_the_cipher_scrambles_as_units_in_the_field_do(clear: str, scrambled: str) -> None:
    cipher = BnvCipher("123456")
    assert cipher.encrypt(bytes.fromhex(clear)) == bytes.fromhex(scrambled)
    assert cipher.decrypt(bytes.fromhex(scrambled)) == bytes.fromhex(clear)


@given(codes, st.binary(min_size=3, max_size=260))
def test_what_was_scrambled_under_any_code_is_read_under_the_same(code: str, block: bytes) -> None:
    cipher = BnvCipher(code)
    assert cipher.decrypt(cipher.encrypt(block)) == block
    assert len(cipher.encrypt(block)) == len(block)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"])
def test_a_code_that_is_not_six_digits_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        Codec(Mode.BNV, code)


def test_a_frame_under_another_code_is_not_read() -> None:
    wire = Codec(Mode.BNV, "000000").encode(request(40, Header.SIMPLE_POLL))
    assert wire[:2] == b"\x28\x00", "address and length stay in clear"
    assert BNV.decode(wire) is None


def test_the_crc_is_xmodem() -> None:
    assert crc16_xmodem(b"123456789") == 0x31C3


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.mode.value)
@given(sent=st.lists(frames, max_size=4), draw=st.data())
def test_any_cut_of_a_stream_gives_the_same_frames(codec: Codec, sent: list[Frame], draw: st.DataObject) -> None:
    stream = b"".join(codec.encode(frame) for frame in sent)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    splitter = Splitter(codec)
    got: list[Frame] = []
    now_s = 5.0
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += splitter.feed(stream[begin:end], now_s)
        now_s += 0.04
    assert got == sent
    assert splitter.pending == 0


def test_bytes_one_by_one_make_a_frame_until_the_gap_is_too_long() -> None:
    wire = bytes.fromhex("28 01 01 9A 01 3B")
    for gap_s, expected in ((0.01, 1), (0.05, 1), (0.06, 0)):
        splitter = Splitter(SUM8, 0.0501)
        got = [frame for at, byte in enumerate(wire) for frame in splitter.feed(bytes([byte]), 10.0 + at * gap_s)]
        assert len(got) == expected, gap_s


@given(st.sampled_from(CODECS), st.lists(st.binary(max_size=300), max_size=10))
def test_one_frame_after_silence_is_read_whatever_came_before(codec: Codec, noise: list[bytes]) -> None:
    splitter = Splitter(codec)
    now_s = 1.0
    for data in noise:
        splitter.feed(data, now_s)
        assert splitter.pending < 260
        now_s += 0.01
    frame = request(40, Header.ROUTE_BILL, "01")
    assert splitter.feed(codec.encode(frame), now_s + 0.06) == [frame]


def test_a_frame_is_never_searched_for_in_what_came_without_a_silence() -> None:
    splitter = Splitter(SUM8)
    assert splitter.feed(bytes.fromhex("FF FF 28 00 01 9F 38"), 1.0) == []
    assert splitter.feed(bytes.fromhex("28 00 01 9F 38"), 1.04) == []
    assert splitter.feed(bytes.fromhex("28 00 01 9F 38"), 1.10) == [request(40, 159)]


def test_a_wrong_frame_is_left_out_as_a_whole_and_the_next_one_follows_it() -> None:
    wrong = "28 01 01 9A 01 3A"
    assert Splitter(SUM8).feed(bytes.fromhex(wrong + "28 00 01 9F 38"), 1.0) == [request(40, 159)]


def test_frames_of_other_modes_on_the_same_line_are_skipped_by_their_length() -> None:
    frame = request(40, Header.ROUTE_BILL, "01")
    line = b"".join(codec.encode(frame) for codec in (SUM8, CRC16, BNV, CRC16, SUM8))
    for codec, times in ((SUM8, 2), (CRC16, 2), (BNV, 1)):
        assert Splitter(codec).feed(line, 1.0) == [frame] * times


def test_a_splitter_without_a_clock_is_reset_by_whoever_asks() -> None:
    splitter = Splitter(SUM8)
    assert splitter.feed(b"\x28\xff") == []
    splitter.reset()
    assert splitter.feed(bytes.fromhex("28 00 01 9F 38")) == [request(40, 159)]


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.mode.value)
def test_a_single_wrong_bit_is_never_believed(codec: Codec) -> None:
    wire = codec.encode(answer(HOST, "01 01 01 00 00 00 00 00 00 00 00"))
    for bit in range(8 * len(wire)):
        flipped = bytearray(wire)
        flipped[bit // 8] ^= 1 << bit % 8
        assert codec.decode(bytes(flipped)) is None


def test_data_too_long_for_a_frame_is_refused_when_it_is_written_and_not_read() -> None:
    assert len(SUM8.encode(Frame(40, 0, bytes(MAX_DATA)))) == 257
    with pytest.raises(ValueError, match="252 fit"):
        SUM8.encode(Frame(40, 0, bytes(MAX_DATA + 1)))
    assert SUM8.decode(b"\x00\xff\x01\x00" + bytes(255)) is None


@given(st.sampled_from(CODECS), st.binary(max_size=300))
def test_any_bytes_are_a_frame_or_none(codec: Codec, raw: bytes) -> None:
    frame = codec.decode(raw)
    assert frame is None or codec.encode(frame) == raw


# -- buffered events ---------------------------------------------------------------------------------------------------


def test_one_coin_reads_as_counter_and_five_pairs_newest_first() -> None:
    report = EventReport.decode(bytes.fromhex("01 01 01 00 00 00 00 00 00 00 00"))
    assert report == EventReport(1, ((1, 1), (0, 0), (0, 0), (0, 0), (0, 0)))
    assert report.encode() == bytes.fromhex("01 01 01 00 00 00 00 00 00 00 00")


def test_the_counter_is_0_after_reset_only_and_wraps_from_255_to_1() -> None:
    assert [next_count(counter) for counter in (0, 1, 254, 255)] == [1, 2, 255, 1]
    assert count_between(0, 1) == 1
    assert count_between(255, 1) == 1
    assert count_between(253, 2) == 4
    assert count_between(7, 7) == 0


@given(st.integers(1, 255), st.integers(0, 254))
def test_counting_back_and_on_again_ends_where_it_began(counter: int, events: int) -> None:
    before = count_before(counter, events)
    assert 1 <= before <= 255
    assert count_between(before, counter) == events


@given(st.integers(0, 300), st.integers(0, 20))
def test_a_host_that_reads_in_time_gets_every_event_once_and_oldest_first(earlier: int, new: int) -> None:
    buffer = EventBuffer()
    for number in range(earlier):
        buffer.add(9, number % 256)
    before = buffer.counter
    for number in range(new):
        buffer.add(1, number)
    report = EventReport.decode(buffer.answer())
    assert report is not None
    got, lost = report.since(before)
    assert got == [(1, number) for number in range(new)][-5:]
    assert lost == max(0, new - 5)


def test_after_a_reset_nothing_in_the_buffer_is_new() -> None:
    buffer = EventBuffer()
    buffer.add(1, 0)
    buffer.clear()
    assert buffer.answer() == bytes(11)
    report = EventReport.decode(bytes.fromhex("00 01 00 00 00 00 00 00 00 00 00"))
    assert report is not None
    assert report.since(17) == ([], 0)


@given(st.binary(max_size=30).filter(lambda data: len(data) != 11))
def test_an_event_report_of_another_length_is_none(data: bytes) -> None:
    assert EventReport.decode(data) is None


# -- names of money ----------------------------------------------------------------------------------------------------


def test_ids_of_japanese_money_are_read_and_written() -> None:
    assert read_coin_id(b"JP100A") == MoneyId("JP", 100, "A")
    assert read_coin_id(b"JP500B") == MoneyId("JP", 500, "B")
    assert read_bill_id(b"JP0001A") == MoneyId("JP", 1, "A")
    assert read_bill_id(b"JP0010A") == MoneyId("JP", 10, "A")
    assert write_coin_id("JP", 10, "A") == b"JP010A"
    assert write_bill_id("JP", 5, "A") == b"JP0005A"


@pytest.mark.parametrize(("data", "value"), [(b"XX1K0A", 1000), (b"XX2K5A", 2500), (b"XX1M0A", 1_000_000), (b"XX.50A", None)])
def test_a_mark_in_the_value_stands_for_thousands_and_millions(data: bytes, value: int | None) -> None:
    got = read_coin_id(data)
    assert (None if got is None else got.value) == value


@pytest.mark.parametrize("data", [b"", EMPTY_COIN_ID, b"      ", b"JP000A", b"jp100a", b"JP100", b"JP1..A", b"\xff" * 6])
def test_what_is_no_coin_is_none(data: bytes) -> None:
    assert read_coin_id(data) is None


@given(st.binary(max_size=9))
def test_any_bytes_are_money_or_none(data: bytes) -> None:
    for money in (read_coin_id(data), read_bill_id(data)):
        assert money is None or money.value > 0


def test_an_empty_bill_position_and_a_value_too_long_are_refused() -> None:
    assert read_bill_id(EMPTY_BILL_ID) is None
    with pytest.raises(ValueError, match="7 characters"):
        write_bill_id("JP", 10_000, "A")
    with pytest.raises(ValueError, match="6 characters"):
        write_coin_id("JP", 0, "A")


def test_japan_scales_its_bills_by_a_thousand() -> None:
    assert JAPANESE_BILLS.encode() == bytes.fromhex("E8 03 00")
    assert CountryScaling.decode(bytes.fromhex("E8 03 00")) == JAPANESE_BILLS
    assert JAPANESE_BILLS.amount(10) == 10_000
    assert CountryScaling(100, 2).amount(5) == 5
    assert CountryScaling(1, 2).amount(5) is None, "five hundredths are no whole amount"
    assert CountryScaling(1, 255).amount(5) is None


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"\0\0\2", b"\xe8\x03"])
def test_a_country_without_a_scale_is_none(data: bytes) -> None:
    assert CountryScaling.decode(data) is None


def test_codes_stay_printable() -> None:
    assert name_of(Header, 154) == "ROUTE_BILL[154]"
    assert name_of(BillStatus, 8) == "PULLED_BACK[8]"
    assert name_of(FaultCode, 39) == "BILL_JAMMED[39]"
    assert name_of(BillStatus, 99) == "UNKNOWN[99]"
    assert coin_error_name(25) == "SLUG[25]"
    assert coin_error_name(130) == "INHIBITED_COIN_3[130]"
    assert coin_error_name(191) == "CREDIT_CANCELLED_COIN_32[191]"
    assert coin_error_name(99) == "UNKNOWN[99]"
    assert {coin_error_name(code).split("[")[0] for code in CoinError if code < 128} == {
        code.name for code in CoinError if code < 128
    }
