"""The codec against the bytes that the manuals print."""

import pytest

from hardware.printers.escpos.frames import (
    BLOCK_HEADS,
    PREAMBLE,
    Asb,
    AsbErrorBits,
    AsbPaperBits,
    AsbPrinterBits,
    ByteClass,
    ErrorBits,
    OfflineBits,
    PaperBits,
    PrinterBits,
    RealTimeBits,
    classify,
    decode_real_time,
    encode_real_time,
    parse_process_id,
    process_id_reply,
    process_id_request,
    real_time_status_request,
)

STATUS = [
    (1, PrinterBits(0), 0x12),
    (1, PrinterBits.DRAWER_PIN_HIGH, 0x16),
    (1, PrinterBits.OFFLINE, 0x1A),
    (2, OfflineBits(0), 0x12),
    (2, OfflineBits.COVER_OPEN, 0x16),
    (2, OfflineBits.PAPER_END, 0x32),
    (2, OfflineBits.ERROR, 0x52),
    (3, ErrorBits.CUTTER, 0x1A),
    (4, PaperBits(0), 0x12),
    (4, PaperBits.NEAR_END, 0x1E),
    (4, PaperBits.NEAR_END | PaperBits.END, 0x7E),
]


@pytest.mark.parametrize(("n", "bits", "byte"), STATUS)
def test_status_bytes_are_those_of_the_manual(n: int, bits: RealTimeBits, byte: int) -> None:
    assert encode_real_time(bits) == byte
    assert decode_real_time(n, byte) == bits


@pytest.mark.parametrize("byte", [0x11, 0x13, 0x10, 0x00, 0x37, 0xFF])
def test_a_byte_without_the_fixed_bits_is_no_status(byte: int) -> None:
    with pytest.raises(ValueError, match="not an answer"):
        decode_real_time(1, byte)


def test_an_idle_printer_reports_automatically_10_00_00_0f() -> None:
    assert Asb().encode().hex(" ") == "10 00 00 0f"
    assert Asb(AsbPrinterBits.DRAWER_PIN_HIGH).encode().hex(" ") == "14 00 00 0f"


def test_the_fourth_byte_of_automatic_status_means_nothing() -> None:
    assert Asb.decode(b"\x38\x08\x0f\x00") == Asb.decode(b"\x38\x08\x0f\x0f")


def test_automatic_status_survives_the_round_trip() -> None:
    asb = Asb(AsbPrinterBits.OFFLINE | AsbPrinterBits.COVER_OPEN, AsbErrorBits.CUTTER, AsbPaperBits.END)
    assert Asb.decode(asb.encode()) == asb


@pytest.mark.parametrize("data", [b"\x12\x00\x00\x00", b"\x10\x10\x00\x00", b"\x10\x00\x90\x00", b"\x10\x00\x00"])
def test_four_bytes_that_are_no_automatic_status_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an automatic status"):
        Asb.decode(data)


def test_every_first_byte_has_exactly_the_class_that_the_masks_give() -> None:
    for byte in range(256):
        if byte in (0x11, 0x13):
            assert classify(byte) in (ByteClass.XON, ByteClass.XOFF)
        elif byte & 0x93 == 0x12:
            assert classify(byte) is ByteClass.REAL_TIME
        elif byte & 0x93 == 0x10:
            assert classify(byte) is ByteClass.ASB_HEAD
        elif byte in BLOCK_HEADS:
            assert classify(byte) is ByteClass.BLOCK_HEAD
        else:
            assert classify(byte) is (ByteClass.GARBAGE if byte & 0x90 else ByteClass.SINGLE)


def test_requests_and_replies_are_those_of_the_manual() -> None:
    assert PREAMBLE.hex(" ") == "1b 40 1b 52 08 1b 74 01 1c 43 01"
    assert real_time_status_request(4).hex(" ") == "10 04 04"
    assert process_id_request(b"0042").hex(" ") == "1d 28 48 06 00 30 30 30 30 34 32"
    assert process_id_reply(b"0042").hex(" ") == "37 22 30 30 34 32 00"


def test_a_process_id_is_read_back_and_other_blocks_are_not_one() -> None:
    assert parse_process_id(process_id_reply(b"A~ z")) == b"A~ z"
    for other in (b"\x37\x25\x00", b"\x37\x2200420", b"\x5fEPSON\x00", b"\x37\x22004\x00"):
        assert parse_process_id(other) is None


@pytest.mark.parametrize("identity", [b"123", b"12345", b"12\x0034", b"12\x7f4"])
def test_an_identity_outside_the_allowed_characters_is_refused(identity: bytes) -> None:
    with pytest.raises(ValueError, match="process ID"):
        process_id_request(identity)
