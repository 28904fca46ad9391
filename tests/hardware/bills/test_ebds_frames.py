"""The EBDS codec against the reference's frames, byte for byte; those of Pyramid RS-232 too, whose framer it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.ebds.extended import (
    ExtendedOrder,
    ExtendedReply,
    Item,
    NoteRecord,
    Subtype,
    ask,
    note_reply,
    query_record,
    read_extended_order,
    read_extended_reply,
    read_inhibits,
    read_record,
    set_escrow_timeout,
    set_inhibits,
    soft_reset,
    tell_when_retrieved,
)
from hardware.bills.ebds.frames import MAX_LENGTH, Frame, Kind, Splitter
from hardware.bills.ebds.standard import (
    Condition,
    DeviceStatus,
    HostOrders,
    Mode,
    Orientation,
    PowerUpPolicy,
    State,
    Trouble,
    read_orders,
    read_status,
)
from hardware.wire.codes import name_of

USUAL = HostOrders(enabled=0x7F, escrow=True, extended_notes=True)
ORDERS = [
    ("02 08 10 00 1C 10 03 14", 0, HostOrders(escrow=True, extended_notes=True)),
    ("02 08 10 7F 1C 10 03 6B", 0, USUAL),
    ("02 08 11 7F 1C 10 03 6A", 1, USUAL),
    ("02 08 10 7F 3C 10 03 4B", 0, HostOrders(0x7F, escrow=True, stack=True, extended_notes=True)),
    ("02 08 11 7F 5C 10 03 2A", 1, HostOrders(0x7F, escrow=True, return_=True, extended_notes=True)),
    # Pyramid: neither orientation nor extended notes
    ("02 08 10 7F 10 00 03 77", 0, HostOrders(0x7F, orientation=Orientation.ONE_WAY, escrow=True)),
    ("02 08 11 7F 30 00 03 56", 1, HostOrders(0x7F, orientation=Orientation.ONE_WAY, escrow=True, stack=True)),
    ("02 08 10 7F 50 00 03 37", 0, HostOrders(0x7F, orientation=Orientation.ONE_WAY, escrow=True, return_=True)),
]
BOX = Condition.CASSETTE_PRESENT


def unit(state: int, condition: int = BOX, trouble: int = 0, note: int = 0) -> DeviceStatus:
    """The status of the unit that the reference's EBDS frames come from."""
    return DeviceStatus(State(state), Condition(condition), Trouble(trouble), note, model=0x54, revision=0x0A)


def apex(state: int, condition: int = BOX, trouble: int = 0, note: int = 0) -> DeviceStatus:
    """The status of the unit that the vendor's Pyramid frames come from."""
    return DeviceStatus(State(state), Condition(condition), Trouble(trouble), note, model=0x01, revision=0x02)


FIELD = DeviceStatus(
    State.RETURNED | State.STACKED | State.IDLING, Condition.CASSETTE_PRESENT, note=3, model=0x01, revision=0x01
)
"""The unit in the field that says STACKED after a return."""
STATUSES = [
    ("02 0B 20 01 10 00 00 54 0A 03 64", 0, unit(State.IDLING)),
    ("02 0B 20 01 10 01 00 54 0A 03 65", 0, unit(State.IDLING, trouble=Trouble.POWER_UP)),
    ("02 0B 20 04 10 08 00 54 0A 03 69", 0, unit(State.ESCROWED, note=1)),
    ("02 0B 20 08 10 08 00 54 0A 03 65", 0, unit(State.STACKING, note=1)),
    ("02 0B 20 11 10 08 00 54 0A 03 7C", 0, unit(State.STACKED | State.IDLING, note=1)),
    ("02 0B 20 41 10 00 00 54 0A 03 24", 0, unit(State.RETURNED | State.IDLING)),
    ("02 0B 20 01 12 00 00 54 0A 03 66", 0, unit(State.IDLING, BOX | Condition.REJECTED)),
    ("02 0B 20 00 14 00 00 54 0A 03 61", 0, unit(0, BOX | Condition.JAMMED)),
    ("02 0B 20 00 18 00 00 54 0A 03 6D", 0, unit(0, BOX | Condition.STACKER_FULL)),
    ("02 0B 20 00 00 00 00 54 0A 03 75", 0, unit(0, 0)),
    ("02 0B 20 00 10 04 00 54 0A 03 61", 0, unit(0, trouble=Trouble.FAILURE)),
    ("02 0B 20 01 10 00 00 01 02 03 39", 0, apex(State.IDLING)),
    ("02 0B 21 41 10 00 00 01 02 03 78", 1, apex(State.RETURNED | State.IDLING)),
    ("02 0B 21 00 14 00 00 01 02 03 3D", 1, apex(0, BOX | Condition.JAMMED)),
    (
        "02 0B 21 51 13 03 00 01 02 03 68",
        1,
        apex(
            State.RETURNED | State.STACKED | State.IDLING,
            BOX | Condition.CHEATED | Condition.REJECTED,
            Trouble.POWER_UP | Trouble.INVALID_COMMAND,
        ),
    ),
    ("02 0B 20 51 10 18 00 01 01 03 72", 0, FIELD),
]


def yen(base: str, exponent: str) -> NoteRecord:
    return NoteRecord("JPY", base, exponent, 0, 0x41, 0x41, 0x41, 0x41)


USD_1 = NoteRecord("USD", "001", "+00", 2, 0x43, 0x41, 0x44, 0x42)
USD_UNIT = DeviceStatus(State.STACKED | State.IDLING, BOX, mode=Mode.DEVICE_CAPS, model=0x55, revision=0x35)
NOTES = [
    (
        "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 7C",
        0,
        note_reply(unit(State.ESCROWED), 0, yen("001", "+03")),
        1000,
    ),
    (
        "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 32 2B 30 33 00 41 41 41 41 00 00 00 03 7F",
        0,
        note_reply(unit(State.ESCROWED), 0, yen("002", "+03")),
        2000,
    ),
    (
        "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 35 2B 30 33 00 41 41 41 41 00 00 00 03 78",
        0,
        note_reply(unit(State.ESCROWED), 0, yen("005", "+03")),
        5000,
    ),
    (
        "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 34 00 41 41 41 41 00 00 00 03 7B",
        0,
        note_reply(unit(State.ESCROWED), 0, yen("001", "+04")),
        10000,
    ),
    (
        "02 1E 71 02 11 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 41 41 41 00 00 00 03 68",
        1,
        note_reply(unit(State.STACKED | State.IDLING), 0, yen("001", "+03")),
        1000,
    ),
    (
        "02 1E 70 02 11 10 00 10 55 35 00 55 53 44 30 30 31 2B 30 30 02 43 41 44 42 00 00 00 03 43",
        0,
        note_reply(USD_UNIT, 0, USD_1),
        1,
    ),
]
EXTENDED_ORDERS = [
    ("02 0A 70 02 7F 1C 10 01 03 0A", query_record(USUAL, 1)),
    ("02 0B 70 04 7F 1C 10 1E 1E 03 0C", set_escrow_timeout(USUAL, 30, 30)),
]
QUESTIONS = [("02 08 60 00 00 05 03 6D", ask(Item.SERIAL, 0)), ("02 08 60 7F 7F 7F 03 17", soft_reset(0))]
ALL_WIRES = [bytes.fromhex(str(row[0])) for row in [*ORDERS, *STATUSES, *NOTES, *EXTENDED_ORDERS, *QUESTIONS]]

frames = st.builds(
    Frame,
    st.integers(0, 7),
    st.lists(st.integers(0, 0x7F), max_size=40).map(bytes),
    st.integers(0, 1),
    st.integers(0, 7),
)


def only(wire: str) -> Frame:
    """The one frame that ``wire`` is."""
    (frame,) = Splitter().feed(bytes.fromhex(wire))
    return frame


@pytest.mark.parametrize(("wire", "ack", "orders"), ORDERS)
def test_every_order_of_the_reference_is_written_and_read_byte_for_byte(wire: str, ack: int, orders: HostOrders) -> None:
    frame = orders.frame(ack)
    assert frame.encode() == bytes.fromhex(wire)
    assert only(wire) == frame
    assert frame.kind == Kind.HOST
    assert read_orders(frame.data) == orders


@pytest.mark.parametrize(("wire", "ack", "status"), STATUSES)
def test_every_status_of_the_reference_is_written_and_read_byte_for_byte(wire: str, ack: int, status: DeviceStatus) -> None:
    frame = status.frame(ack)
    assert frame.encode() == bytes.fromhex(wire)
    assert only(wire) == frame
    assert frame.kind == Kind.DEVICE
    assert read_status(frame.data) == status


@pytest.mark.parametrize(("wire", "ack", "reply", "amount"), NOTES)
def test_every_note_of_the_reference_is_written_and_read_byte_for_byte(
    wire: str, ack: int, reply: ExtendedReply, amount: int
) -> None:
    frame = reply.frame(ack)
    assert frame.encode() == bytes.fromhex(wire)
    assert only(wire) == frame
    read = read_extended_reply(frame)
    assert read == reply
    assert read.index == 0
    assert read.record is not None
    assert read.record.amount == amount
    assert not read.record.blank


@pytest.mark.parametrize(("wire", "order"), EXTENDED_ORDERS)
def test_every_extended_order_of_the_reference_is_written_and_read_byte_for_byte(wire: str, order: ExtendedOrder) -> None:
    assert order.frame(0).encode() == bytes.fromhex(wire)
    assert read_extended_order(only(wire)) == order


@pytest.mark.parametrize(("wire", "question"), QUESTIONS)
def test_every_question_of_the_reference_is_written_and_read_byte_for_byte(wire: str, question: Frame) -> None:
    assert question.encode() == bytes.fromhex(wire)
    assert only(wire) == question
    assert question.kind == Kind.AUXILIARY


def test_the_check_does_not_cover_the_end_byte() -> None:
    assert Frame(Kind.HOST, b"\x00\x1c\x10").encode()[-1] == 0x08 ^ 0x10 ^ 0x00 ^ 0x1C ^ 0x10


def test_the_acknowledgement_bit_and_the_device_stand_in_the_control_byte() -> None:
    assert Frame(7, b"", 1, 5).encode().hex(" ") == "02 05 7b 03 7e"
    assert Splitter().feed(bytes.fromhex("02 05 7b 03 7e")) == [Frame(7, b"", 1, 5)]


def test_the_power_up_policy_stands_in_bits_two_and_three_of_the_third_byte() -> None:
    thirds = {policy: HostOrders(policy=policy).encode()[2] for policy in PowerUpPolicy}
    assert thirds == {PowerUpPolicy.A: 0x00, PowerUpPolicy.B: 0x04, PowerUpPolicy.C: 0x08}


@given(st.lists(st.integers(0, 0x7F), min_size=3, max_size=3).map(bytes))
def test_any_three_bytes_of_orders_survive_reading_and_writing(data: bytes) -> None:
    orders = read_orders(data)
    assert orders is not None
    assert orders.encode() == data


@given(st.lists(st.integers(0, 0x7F), min_size=6, max_size=6).map(bytes))
def test_any_six_bytes_of_status_survive_reading_and_writing(data: bytes) -> None:
    status = read_status(data)
    assert status is not None
    assert status.encode() == data


@given(st.binary(max_size=50))
def test_reading_never_raises(data: bytes) -> None:
    for frame in (Frame(Kind.EXTENDED, data), Frame(Kind.DEVICE, data)):
        read_extended_order(frame)
        reply = read_extended_reply(frame)
        if reply is not None and reply.record is not None:
            assert reply.record.amount is None or reply.record.amount >= 0
    read_orders(data)
    read_status(data)
    read_inhibits(data)


def test_orders_and_statuses_that_are_too_short_are_none() -> None:
    assert read_orders(b"\x7f\x1c") is None
    assert read_status(b"\x01\x10\x00\x00\x54") is None
    assert read_record(bytes(16)) is None
    assert read_extended_order(Frame(Kind.EXTENDED, b"\x02\x7f\x1c")) is None
    assert read_extended_reply(Frame(Kind.EXTENDED, b"\x02\x01\x10\x00\x00\x54")) is None
    assert read_extended_reply(Frame(Kind.DEVICE, bytes(6))) is None


def test_a_note_message_cut_short_has_no_record() -> None:
    reply = ExtendedReply(Subtype.NOTE, unit(State.STACKED), b"\x00JPY")
    assert (reply.index, reply.record) == (0, None)
    assert ExtendedReply(Subtype.NOTE, unit(State.STACKED)).index is None
    assert ExtendedReply(Subtype.BARCODE, unit(State.STACKED), bytes(18)).record is None


def test_a_blank_record_is_known_by_its_three_zero_letters_and_is_worth_nothing_known() -> None:
    assert NoteRecord().encode() == bytes(17)
    assert read_record(bytes(17)) == NoteRecord()
    assert NoteRecord().blank
    assert NoteRecord().amount is None


@pytest.mark.parametrize(
    ("base", "exponent", "amount"),
    [
        ("002", "+03", 2000),
        ("500", "-02", 5),
        ("050", "-02", None),
        ("0x2", "+03", None),
        ("002", " 03", None),
        ("002", "+0-", None),
        ("002", "+99", None),
        ("00²", "+03", None),
    ],
)
def test_a_record_is_worth_a_whole_number_or_nothing_known(base: str, exponent: str, amount: int | None) -> None:
    assert NoteRecord("JPY", base, exponent).amount == amount


def test_inhibits_are_eight_bytes_of_seven_bits() -> None:
    order = set_inhibits(USUAL, frozenset({1, 7, 8, 56}))
    assert order.frame(0).encode().hex(" ") == "02 11 70 03 7f 1c 10 41 01 00 00 00 00 00 40 03 11"
    assert read_inhibits(order.arguments) == {1, 7, 8, 56}


@pytest.mark.parametrize("index", [0, 57])
def test_a_record_that_the_inhibits_have_no_bit_for_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match=str(index)):
        set_inhibits(USUAL, frozenset({index}))


def test_asking_to_be_told_of_notes_taken_is_one_more_byte() -> None:
    assert tell_when_retrieved(USUAL, wanted=True).frame(1).encode().hex(" ") == "02 0a 71 0b 7f 1c 10 01 03 02"


@pytest.mark.parametrize(
    ("status", "contradictory"),
    [
        (unit(State.STACKED | State.IDLING), False),
        (unit(State.RETURNED | State.IDLING), False),
        (FIELD, True),
        (unit(State.STACKED | State.IDLING, BOX | Condition.REJECTED), True),
    ],
)
def test_a_status_with_two_ends_of_one_note_contradicts_itself(status: DeviceStatus, contradictory: bool) -> None:
    assert status.contradictory == contradictory


def test_what_the_unit_is_at_leaves_out_the_events() -> None:
    assert unit(0x51).lasting == State.IDLING
    assert unit(State.STACKED).lasting == 0


@given(st.lists(frames, max_size=5), st.data())
def test_frames_are_found_however_the_bytes_are_cut(sent: list[Frame], data: st.DataObject) -> None:
    wire = b"".join(frame.encode() for frame in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    splitter = Splitter()
    found: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        found += splitter.feed(wire[start:end])
    assert [frame for frame in found if frame in sent] == sent
    assert splitter.pending <= MAX_LENGTH


@given(st.binary(max_size=200), st.sampled_from(ALL_WIRES))
def test_one_whole_frame_after_any_garbage_is_found(garbage: bytes, wire: bytes) -> None:
    splitter = Splitter()
    splitter.feed(garbage)
    found = splitter.feed(wire + bytes(MAX_LENGTH))
    assert only(wire.hex()) in found or _swallowed(garbage, wire)


def _swallowed(garbage: bytes, wire: bytes) -> bool:
    """Whether noise and the frame's beginning together happen to be a frame: one check byte can do no better."""
    (frame,) = Splitter().feed(wire)
    return any(other != frame for other in Splitter().feed(garbage + wire))


@pytest.mark.parametrize("wire", ALL_WIRES, ids=lambda wire: wire.hex(" ")[:24])
def test_a_frame_with_one_bit_wrong_is_no_frame(wire: bytes) -> None:
    for bit in range(8 * len(wire)):
        spoilt = bytearray(wire)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert Splitter().feed(bytes(spoilt)) == []


def test_two_flips_of_one_bit_position_pass_the_check() -> None:
    stacked, idle = bytes.fromhex("02 0B 20 11 10 08 00 54 0A 03 7C"), bytes.fromhex("02 0B 20 01 10 08 00 54 1A 03 7C")
    assert Splitter().feed(stacked) != Splitter().feed(idle)
    assert len(Splitter().feed(idle)) == 1


def test_an_adapter_left_at_eight_bits_shows_the_parity_which_can_be_masked() -> None:
    wire = bytes.fromhex("02 0B 20 01 10 00 00 54 0A 03 64")
    shown = bytes(byte | (byte.bit_count() & 1) << 7 for byte in wire)
    assert shown != wire
    assert Splitter().feed(shown) == []
    assert Splitter(mask_parity=True).feed(shown) == [unit(State.IDLING).frame(0)]


def test_a_byte_of_eight_bits_makes_a_frame_noise() -> None:
    assert Splitter().feed(bytes((0x02, 0x06, 0x20, 0x80, 0x03, 0x06 ^ 0x20 ^ 0x80))) == []


@pytest.mark.parametrize("length", [0x00, 0x04, 0x80, 0xFF])
def test_a_length_that_no_frame_has_is_not_waited_for(length: int) -> None:
    splitter = Splitter()
    assert splitter.feed(bytes((0x02, length))) == []
    assert splitter.pending == 0


@pytest.mark.parametrize(
    "frame",
    [Frame(8), Frame(-1), Frame(1, ack=2), Frame(1, device=8), Frame(1, b"\x80"), Frame(1, bytes(MAX_LENGTH))],
    ids=["type", "negative type", "acknowledgement", "device", "eight bits", "too long"],
)
def test_what_no_frame_can_carry_is_refused(frame: Frame) -> None:
    with pytest.raises(ValueError, match="EBDS"):
        frame.encode()


@pytest.mark.parametrize(
    "orders", [HostOrders(enabled=0x80), HostOrders(orientation=4), HostOrders(policy=4)], ids=["enabled", "ways", "policy"]
)
def test_orders_that_do_not_fit_their_bits_are_refused(orders: HostOrders) -> None:
    with pytest.raises(ValueError, match="out of range"):
        orders.encode()


def test_a_status_or_a_record_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        DeviceStatus(note=8).encode()
    with pytest.raises(ValueError, match="wrong length"):
        NoteRecord("JP", "002", "+03").encode()


def test_codes_print_with_their_number_and_unknown_ones_too() -> None:
    assert name_of(Kind, 7) == "EXTENDED[0x07]"
    assert name_of(Kind, 0) == "UNKNOWN[0x00]"
    assert name_of(Item, 0x42) == "UNKNOWN[0x42]"
    assert str(State(0x51)) == "81"
