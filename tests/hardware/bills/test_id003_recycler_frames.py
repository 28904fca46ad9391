"""The recycler extension's frames, byte for byte as they were captured, and what is read from the unit's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.id003.frames import Frame, Splitter
from hardware.bills.id003.recycler_frames import (
    ExtensionCommand,
    ExtensionStatus,
    PayoutStatus,
    RecyclerError,
    decode_extension_status,
    decode_masks,
    extension_status,
    get_recycle_currency,
    pay_out,
    recycle_currency,
    request,
    set_recycle_currency,
    status_request,
)

CAPTURED = [
    (status_request(), "FC 06 F0 1A 15 F5"),
    (get_recycle_currency(), "FC 07 F0 20 90 39 84"),
    (set_recycle_currency({1: 0x04, 2: 0x08}), "FC 0D F0 20 D0 04 00 01 08 00 02 40 5A"),
    (pay_out(1, 1), "FC 09 F0 20 4A 01 01 10 6E"),
    (pay_out(1, 2), "FC 09 F0 20 4A 01 02 8B 5C"),
    (Frame(PayoutStatus.PAY_STAY), "FC 05 24 09 30"),
    (request(ExtensionCommand.GET_RECYCLE_COUNT), "FC 07 F0 20 92 2B A7"),
    (request(ExtensionCommand.GET_RECYCLE_COUNT, bytes.fromhex("05 00 0A 00")), "FC 0B F0 20 92 05 00 0A 00 D1 64"),
    (request(ExtensionCommand.SET_RECYCLE_COUNT, bytes.fromhex("32 00 01")), "FC 0A F0 20 D2 32 00 01 0D D2"),
    (request(ExtensionCommand.GET_CURRENT_COUNT), "FC 07 F0 20 A2 A8 96"),
]


@pytest.mark.parametrize(("frame", "wire"), CAPTURED, ids=[wire for _, wire in CAPTURED])
def test_every_captured_frame_is_written_and_read_byte_for_byte(frame: Frame, wire: str) -> None:
    assert frame.encode() == bytes.fromhex(wire)
    assert Splitter().feed(bytes.fromhex(wire)) == [frame]


@pytest.mark.parametrize("status", [*ExtensionStatus, *PayoutStatus, *RecyclerError])
def test_a_status_is_read_with_the_request_code_before_it_and_without(status: int) -> None:
    assert decode_extension_status(extension_status(status)) == status
    assert decode_extension_status(Frame(0xF0, bytes((status,)))) == status


def test_masks_are_read_from_the_answer_and_from_the_echo() -> None:
    assert decode_masks(recycle_currency({1: 0x04, 2: 0x108})) == {1: 0x04, 2: 0x108}
    assert decode_masks(set_recycle_currency({1: 0x04, 2: 0x08})) == {1: 0x04, 2: 0x08}


@given(st.integers(0, 255), st.binary(max_size=20))
def test_no_frame_is_too_odd_to_be_read(code: int, data: bytes) -> None:
    masks, status = decode_masks(Frame(code, data)), decode_extension_status(Frame(code, data))
    assert masks is None or code == 0xF0
    assert status is None or (code == 0xF0 and 0 <= status <= 255)


def test_another_frame_is_no_answer_of_the_extension() -> None:
    assert decode_extension_status(Frame(0x1A)) is None
    assert decode_extension_status(Frame(0xF0, b"\x20\x90\x01\x00\x04\x00")) is None
    assert decode_masks(Frame(0xF0, b"\x20\x90\x01")) is None
    assert decode_masks(Frame(0xF0, b"\x20\xd0\x01\x00")) is None
    assert decode_masks(Frame(0xF0, b"\x20\x4a\x01\x01")) is None
