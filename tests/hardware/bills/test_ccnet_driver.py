"""The CCNET driver against a unit of quoted bytes: the handshake, every story, every code, every lost byte, every state."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardware.bills.acceptor import (
    AcceptorStatus,
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.clock import run_virtual
from hardware.vocabulary import Belief, DeviceState, Fault, PowerState, RefuseReason
from tests.hardware.bills.quoted_unit import (
    ACK,
    ALL_YEN,
    DISABLED,
    IDLING,
    INITIALIZE,
    POLL,
    POWER_UP,
    RESET,
    RETURN,
    SAYS_ILLEGAL,
    SAYS_NAK,
    STACK,
    TABLE,
    Bench,
    CcnetUnit,
    model_with,
    with_crc,
)
from tests.hardware.virtualtime import in_virtual_time

MODEL = model_with("cashcode-ccnet-jpy")
IN_VALIDATOR, IN_STACKER = "02 03 06 11 CA 83", "02 03 06 12 51 B1"
ACCEPTING, STACKING, RETURNING = "02 03 06 15 EE C5", "02 03 06 17 FC E6", "02 03 06 18 0B 1E"
HOLDING, BUSY, PAUSE = "02 03 06 1A 19 3D", "02 03 07 1B 05 D4 99", "02 03 06 46 F0 A5"
ESCROW_1000, STACKED_1000, RETURNED_1000 = "02 03 07 80 00 8C 33", "02 03 07 81 00 54 2A", "02 03 07 82 00 3C 00"


def bench(unit: CcnetUnit | None = None) -> Bench:
    return Bench(MODEL, CcnetUnit, unit)


def said(bench: Bench) -> list[str]:
    """Return what was asked besides polls and their acknowledgements."""
    return [r.hex(" ").upper() for r in bench.unit.heard if r[3] not in (0x33, 0x00)]


# ---------------------------------------------------------------- start-up


@in_virtual_time
async def test_start_up_says_the_references_bytes_in_order_and_acknowledges_every_answer_with_data() -> None:
    b = await bench().start()
    await b.until_ready()
    await asyncio.sleep(0.1)
    assert said(b) == [
        "02 03 06 30 41 B3",
        "02 03 06 41 4F D1",
        "02 03 06 37 FE C7",
        "02 03 0C 34 00 00 00 00 00 00 17 0C",
    ]
    assert b.unit.count(ACK) == b.unit.count(POLL) - 1 + 2, "all polls but the echo question, and table and identification"
    assert b.driver.denominations == ALL_YEN
    assert b.driver.identification.serial_number == "21KC06000123"
    assert b.driver.status == AcceptorStatus(DeviceState.IDLE, PowerState.ONLINE, frozenset(), True)


@in_virtual_time
async def test_enable_and_disable_send_the_masks_of_the_reference_and_a_restarted_unit_gets_them_again() -> None:
    b = await bench().accepting()
    b.driver.enable(frozenset({777}))
    await asyncio.sleep(1)
    b.driver.enable(ALL_YEN)
    await asyncio.sleep(1)
    b.unit.show(POWER_UP)
    await asyncio.sleep(5)
    disable, enable = "02 03 0C 34 00 00 00 00 00 00 17 0C", "02 03 0C 34 00 00 0F 00 00 0F 19 46"
    assert said(b)[:3] == [disable, enable, "02 03 06 30 41 B3"]
    assert said(b)[-1] == enable
    assert b.driver.status.ready
    assert b.stories == []


@pytest.mark.parametrize("key", [POLL, ACK, RESET, "41", "37", "34"])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_start_up_survives_any_message_lost_in_either_direction(key: str, way: str) -> None:
    b = bench()
    getattr(b.unit, way)[bytes.fromhex(key)] = 1
    b.driver.enable(ALL_YEN)
    await b.start()
    await b.until_ready()
    await asyncio.sleep(1)
    assert b.driver.denominations == ALL_YEN
    assert b.unit.enabled


@pytest.mark.parametrize("refusal", [SAYS_ILLEGAL, SAYS_NAK, "02 03 06 41 4F D1"])
@in_virtual_time
async def test_a_table_that_never_comes_is_a_fault_until_it_does(refusal: str) -> None:
    b = bench()
    b.unit.refused = {"41": refusal}
    b.driver.enable(ALL_YEN)
    await b.start()
    await asyncio.sleep(15)
    assert b.driver.status.faults == {Fault.UNKNOWN_TABLE}
    assert not b.unit.enabled
    assert b.unit.count("41") < 40, "asked for ever more seldom"
    b.unit.refused = {}
    await b.until_ready()
    await asyncio.sleep(1)
    assert b.unit.enabled


@pytest.mark.parametrize(
    "table",
    [
        "02 03 7D" + "00" * 120,
        "02 03 7D 01 55534402" + "00" * 115,
        "02 03 7D 01 4A504E7F" + "00" * 115,
        "02 03 7D 01 4A504E83" + "00" * 115,
        "02 03 0A 014A504E03",
    ],
    ids=["empty", "dollars", "absurd", "a thousandth", "one row"],
)
@in_virtual_time
async def test_a_table_without_yen_is_no_table(table: str) -> None:
    b = bench()
    b.unit.table = table
    await b.start()
    await asyncio.sleep(10)
    assert b.driver.status.faults == {Fault.UNKNOWN_TABLE}
    assert b.driver.denominations == frozenset()
    b.unit.table = TABLE.replace("4A504E", "4A5059")
    await b.until_ready()
    assert b.driver.denominations == ALL_YEN


@in_virtual_time
async def test_a_table_in_a_long_frame_is_not_believed_to_be_a_table_of_another_length() -> None:
    b = bench()
    b.unit.table = "02 03 00 01 00 FB" + "4A504E0301" * 48 + "4A504E"  # 251 bytes
    await b.start()
    await asyncio.sleep(5)
    assert not b.driver.status.ready
    assert b.driver.denominations == frozenset()


@in_virtual_time
async def test_answers_of_another_address_are_nobodys() -> None:
    b = bench()
    b.unit.show(with_crc("02 01 06 14").hex())
    await b.start()
    await asyncio.sleep(5)
    assert b.driver.status.faults == {Fault.NO_ANSWER}


@in_virtual_time
async def test_an_echo_is_out_of_service_and_no_idle_unit() -> None:
    b = bench()
    b.unit.echo = True
    await b.start()
    await asyncio.sleep(20)
    assert b.driver.status.faults == {Fault.LINE_ECHO}
    b.unit.echo = False
    await b.until_ready()
    b.unit.echo = True
    await asyncio.sleep(10)
    assert b.driver.status.faults == {Fault.LINE_ECHO}


# ---------------------------------------------------------------- stories


@in_virtual_time
async def test_a_note_is_credited_once_and_its_81_acknowledged_only_when_the_listener_returned() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    last_heard: list[str] = []
    listen = b.listen

    def watch(event: BillEvent) -> None:
        if isinstance(event, NoteStacked):
            last_heard.append(b.unit.heard[-1].hex(" ").upper())
        listen(event)

    b.driver._listener = watch
    b.unit.show(ACCEPTING, ESCROW_1000)
    await asyncio.sleep(5)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    assert last_heard == ["02 03 06 33 DA 81"]
    assert b.unit.count(STACK) == 1
    assert b.driver.status.ready


@pytest.mark.parametrize("decision", [STACK, RETURN])
@pytest.mark.parametrize("key", [POLL, ACK, STACK, RETURN])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@pytest.mark.parametrize("losses", [1, 2])
@in_virtual_time
async def test_a_note_has_one_story_whatever_is_lost(decision: str, key: str, way: str, losses: int) -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack if decision == STACK else b.driver.return_
    getattr(b.unit, way)[bytes.fromhex(key)] = losses
    b.unit.show(ACCEPTING, ACCEPTING, ESCROW_1000)
    await asyncio.sleep(15)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000) if decision == STACK else NoteReturned(1000)]
    if way == "unanswered":
        assert b.unit.count(decision) == 1, "the polls showed that it was obeyed"


@in_virtual_time
async def test_two_notes_of_one_value_are_two_credits() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    for _ in range(2):
        b.unit.show(ESCROW_1000)
        await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)] * 2


@pytest.mark.parametrize("end", [[RETURNING, RETURNED_1000], [RETURNED_1000, RETURNING], [], [RETURNING]])
@in_virtual_time
async def test_an_undecided_note_that_leaves_was_returned(end: list[str]) -> None:
    b = await bench().accepting()
    b.unit.show(ESCROW_1000, *end, "rest")
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_a_listener_that_fails_gets_no_acknowledgement() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    listen = b.listen

    def fail(event: BillEvent) -> None:
        if isinstance(event, NoteStacked):
            b.unit.heard.clear()
            raise OSError("journal disk full")
        listen(event)

    b.driver._listener = fail
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert b.unit.heard == []
    with pytest.raises(OSError, match="journal"):
        await b.driver.close()


@in_virtual_time
async def test_a_stack_repeated_and_refused_because_the_note_is_on_its_way_does_not_look_like_one_never_sent() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.unanswered[bytes.fromhex(STACK)] = 1
    b.unit.after[STACK] = [ESCROW_1000, "rest"]  # obeyed; the poll was answered a moment before it showed
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.45)
    b.unit.refused = {STACK: SAYS_ILLEGAL}
    await asyncio.sleep(3)
    assert b.unit.count(STACK) == 2
    assert b.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]


@in_virtual_time
async def test_a_stack_refused_at_once_with_the_note_leaving_ends_as_returned() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.refused = {STACK: SAYS_ILLEGAL}
    b.unit.show(ESCROW_1000, "rest")
    await asyncio.sleep(2)
    assert b.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_a_late_poll_answer_is_no_refusal_of_the_order_said_meanwhile() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[STACK] = ["rest"]
    b.unit.show(ESCROW_1000)
    answer: Callable[[bytes], bytes | None] = b.unit.answer

    def late(request: bytes) -> bytes | None:
        own = answer(request)
        return bytes.fromhex(STACKING) + own if request[3] == 0x35 and own else own

    b.unit.answer = late
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)], "it was ordered into the box"


@in_virtual_time
async def test_nak_repeats_an_order_three_times_in_all() -> None:
    b = await bench().accepting()
    b.unit.refused = {STACK: SAYS_NAK}
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    before = b.unit.count(POLL)
    b.driver.stack()
    await asyncio.sleep(0.05)
    assert b.unit.count(STACK) == 3
    assert b.unit.count(POLL) == before + 1
    b.unit.refused = {}
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


REASONS = [
    (0x60, RefuseReason.INSERTION, "INSERTION"),
    (0x61, RefuseReason.NOT_GENUINE, "MAGNETIC"),
    (0x62, RefuseReason.TRANSPORT, "REMAINING_IN_HEAD"),
    (0x63, RefuseReason.UNREADABLE, "COMPENSATION"),
    (0x64, RefuseReason.TRANSPORT, "CONVEYING"),
    (0x65, RefuseReason.UNREADABLE, "IDENTIFICATION"),
    (0x66, RefuseReason.NOT_GENUINE, "VERIFICATION"),
    (0x67, RefuseReason.NOT_GENUINE, "OPTIC"),
    (0x68, RefuseReason.INHIBITED, "INHIBITED"),
    (0x69, RefuseReason.NOT_GENUINE, "CAPACITANCE"),
    (0x6A, RefuseReason.UNKNOWN, "OPERATION"),
    (0x6C, RefuseReason.LENGTH, "LENGTH"),
    (0x6D, RefuseReason.NOT_GENUINE, "ULTRAVIOLET"),
    (0x92, RefuseReason.UNREADABLE, "BARCODE_UNRECOGNISED"),
    (0x93, RefuseReason.UNREADABLE, "BARCODE_LENGTH"),
    (0x94, RefuseReason.UNREADABLE, "BARCODE_START"),
    (0x95, RefuseReason.UNREADABLE, "BARCODE_STOP"),
    (0x7A, RefuseReason.UNKNOWN, "UNKNOWN"),
]


@pytest.mark.parametrize(("byte", "reason", "name"), REASONS)
@in_virtual_time
async def test_each_refusal_is_told_once_with_what_the_unit_said(byte: int, reason: RefuseReason, name: str) -> None:
    b = await bench().accepting()
    rejecting = with_crc(f"02 03 07 1C {byte:02X}").hex()
    b.unit.show(ACCEPTING, rejecting, rejecting, PAUSE, rejecting, "rest")
    await asyncio.sleep(3)
    assert b.stories == [NoteRefused(reason, f"{name}[0x{byte:02X}]")]


@in_virtual_time
async def test_a_bill_type_that_the_table_does_not_have_is_given_back_and_told_as_refused() -> None:
    b = await bench().accepting()
    b.unit.show(with_crc("02 03 07 80 02").hex())  # in the table
    await asyncio.sleep(0.5)
    assert b.stories == [NoteInEscrow(5000)]
    b.unit.show("rest")
    await asyncio.sleep(0.5)
    b.unit.show(with_crc("02 03 07 80 17").hex())  # a ticket
    b.unit.after[RETURN] = [RETURNING, with_crc("02 03 07 82 17").hex(), "rest"]
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(5000), NoteReturned(5000), NoteRefused(RefuseReason.UNKNOWN, "ESCROW[0x17]")]


@in_virtual_time
async def test_a_held_note_is_renewed_until_it_is_decided() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.hold
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(13)
    assert b.unit.count("38") == 4
    assert b"\x02\x03\x06\x38\x09\x3f" in b.unit.heard
    b.driver.stack()
    await asyncio.sleep(3)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


# ---------------------------------------------------------------- faults


FAULTS = [
    ("02 03 06 41 4F D1", Fault.STACKER_FULL),
    ("02 03 06 42 D4 E3", Fault.STACKER_OPEN),
    ("02 03 06 43 5D F2", Fault.JAM_IN_ACCEPTOR),
    ("02 03 06 44 E2 86", Fault.JAM_IN_STACKER),
    ("02 03 06 45 6B 97", Fault.CHEATED),
    ("02 03 07 47 50 AB E6", Fault.MOTOR_FAILURE),
    *[
        (with_crc(f"02 03 07 47 {byte:02X}").hex(), fault)
        for byte, fault in (
            (0x51, Fault.MOTOR_FAILURE),
            (0x52, Fault.MOTOR_FAILURE),
            (0x53, Fault.MOTOR_FAILURE),
            (0x54, Fault.STACKER_OPEN),
            (0x55, Fault.DEVICE_FAILURE),
            (0x56, Fault.DEVICE_FAILURE),
            (0x5F, Fault.DEVICE_FAILURE),
            (0x77, Fault.DEVICE_FAILURE),
        )
    ],
    (with_crc("02 03 06 47").hex(), Fault.DEVICE_FAILURE),
]


@pytest.mark.parametrize(("quoted", "fault"), FAULTS)
@in_virtual_time
async def test_each_fault_takes_the_unit_out_of_service_and_a_reset_brings_it_back(quoted: str, fault: Fault) -> None:
    b = await bench().accepting()
    b.unit.refused = {RESET: SAYS_ILLEGAL}
    b.unit.show(quoted)
    await asyncio.sleep(5)
    assert b.driver.status == AcceptorStatus(DeviceState.ERROR, PowerState.ONLINE, frozenset({fault}), False)
    b.unit.refused = {}
    await b.until_ready(30.0)
    await asyncio.sleep(1)
    assert b.unit.enabled
    assert [type(story) for story in b.stories] == ([FraudSuspected] if fault is Fault.CHEATED else [])


@in_virtual_time
async def test_a_jam_with_a_note_inside_leaves_its_fate_to_nobodys_guess() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[STACK] = [STACKING, "02 03 06 44 E2 86", INITIALIZE, "rest"]
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(5)
    assert b.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]


@in_virtual_time
async def test_codes_of_nobody_and_of_recyclers_change_nothing() -> None:
    b = await bench().accepting()
    odd = [with_crc(f"02 03 06 {code}").hex() for code in ("1D", "1E", "21", "28", "7E", "16")]
    b.unit.show(*odd, with_crc("02 03 08 25 01 02").hex(), BUSY, "rest")
    await asyncio.sleep(4)
    assert b.driver.status.ready
    assert b.stories == []


# ---------------------------------------------------------------- restarts of the unit, deaths of the host


@pytest.mark.parametrize(
    ("ordered", "afterwards", "end"),
    [
        (False, [POWER_UP], NoteReturned(1000)),
        (False, [IN_VALIDATOR], NoteUnaccounted(1000, Belief.RETURNED)),
        (True, [IN_STACKER], NoteUnaccounted(1000, Belief.STACKED)),
        (True, [POWER_UP], NoteUnaccounted(1000, Belief.UNKNOWN)),
    ],
)
@pytest.mark.parametrize("told", [None, STACKED_1000, RETURNED_1000])
@in_virtual_time
async def test_a_power_cut_with_a_note_inside_is_told_as_what_the_unit_then_shows(
    ordered: bool, afterwards: list[str], end: BillEvent, told: str | None
) -> None:
    b = await bench().accepting()
    b.unit.after[STACK] = [STACKING]
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    if ordered:
        b.driver.stack()
        await asyncio.sleep(0.5)
    b.unit.after[RESET] = [INITIALIZE, *([told, told] if told else []), INITIALIZE, "rest"]
    b.unit.enabled = False
    b.unit.show(*afterwards)
    await asyncio.sleep(8)
    expected = {None: end, STACKED_1000: NoteStacked(1000), RETURNED_1000: NoteReturned(1000)}[told]
    assert b.stories == [NoteInEscrow(1000), expected]
    assert b.driver.status.ready
    assert b.unit.enabled


@in_virtual_time
async def test_a_credit_told_before_a_power_cut_and_again_after_it_is_one_credit() -> None:
    b = await bench().accepting()
    b.on_escrow = b.driver.stack
    b.unit.after[STACK] = [STACKED_1000]
    b.unit.after[RESET] = [INITIALIZE, STACKED_1000, INITIALIZE, "rest"]
    b.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    assert b.stories[-1] == NoteStacked(1000)
    b.unit.show(IN_STACKER)
    await asyncio.sleep(5)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    assert b.driver.status.ready


@pytest.mark.parametrize(
    ("left_in", "told"),
    [
        ([POWER_UP], []),
        ([IDLING], []),
        ([DISABLED], []),
        ([INITIALIZE, "rest"], []),
        ([ACCEPTING, "rest"], []),
        ([STACKING, STACKING, STACKED_1000, "rest"], [NoteUnaccounted(None, Belief.STACKED)]),
        ([STACKING, "rest"], [NoteUnaccounted(None, Belief.UNKNOWN)]),
        ([STACKED_1000, STACKED_1000, "rest"], [NoteUnaccounted(None, Belief.STACKED)]),
        ([RETURNED_1000, "rest"], [NoteUnaccounted(None, Belief.RETURNED)]),
        ([ESCROW_1000], [NoteUnaccounted(None, Belief.RETURNED)]),
        ([HOLDING], [NoteUnaccounted(None, Belief.RETURNED)]),
    ],
)
@in_virtual_time
async def test_a_new_host_finds_any_state_and_tells_what_was_inside_before_it_is_ready(
    left_in: list[str], told: list[BillEvent]
) -> None:
    b = await (await bench().accepting()).kill_host()
    b.unit.show(*left_in)
    b.unit.enabled = left_in == [IDLING]
    if left_in in ([IDLING], [DISABLED]):
        b.unit.show("rest")
    b.driver.enable(ALL_YEN)
    await b.start()
    await b.until_ready(5.0)
    assert b.stories == told
    await asyncio.sleep(1)
    assert b.unit.enabled


@in_virtual_time
async def test_what_the_unit_says_to_the_echo_question_of_a_new_host_is_told_before_it_is_acknowledged() -> None:
    b = bench()
    answer: Callable[[bytes], bytes | None] = b.unit.answer
    polls = [STACKING, STACKED_1000]

    def moves_on(request: bytes) -> bytes | None:
        if request[3] == 0x33 and polls:
            b.unit.show(polls.pop(0), "rest")  # between the two polls, the note arrives in the box
        return answer(request)

    b.unit.answer = moves_on
    await b.start()
    await b.until_ready()
    assert b.stories == [NoteUnaccounted(None, Belief.STACKED)]


# ---------------------------------------------------------------- the line


@pytest.mark.parametrize(
    "noise", ["00", "FF FF", "02", "02 03", "02 03 7D", "02 03 00 33 01 2C", "02 03 07 81 00 54", STACKED_1000[:-2] + "2B"]
)
@pytest.mark.parametrize("side", ["before", "behind"])
@in_virtual_time
async def test_noise_around_every_answer_changes_nothing(noise: str, side: str) -> None:
    b = bench()
    setattr(b.unit, side, bytes.fromhex(noise))
    await b.accepting()
    b.on_escrow = b.driver.stack
    b.unit.show(ACCEPTING, ESCROW_1000)
    await asyncio.sleep(5)
    assert b.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_three_silences_are_off_line_and_two_are_nothing() -> None:
    b = await bench().accepting()
    b.unit.unheard[bytes.fromhex(POLL)] = 3  # the first one is a watch's
    await asyncio.sleep(3)
    assert b.driver.status.ready
    before = len(b.told)
    b.unit.silent = True
    await asyncio.sleep(1.6)
    assert b.told[before:] == [AcceptorStatus(DeviceState.ERROR, PowerState.OFFLINE, frozenset({Fault.NO_ANSWER}))]
    b.unit.silent = False
    await b.until_ready()
    await asyncio.sleep(1)
    assert b.unit.enabled


FRAGMENTS = [
    IDLING, DISABLED, INITIALIZE, POWER_UP, IN_VALIDATOR, ACCEPTING, RETURNING, RETURNED_1000, HOLDING, BUSY, PAUSE,
    ESCROW_1000, SAYS_ILLEGAL, SAYS_NAK, "02 03 06 33 DA 81", *[quoted for quoted, _ in FAULTS[:6]],
]  # fmt: skip


@settings(max_examples=40, deadline=None)
@example([bytes.fromhex(quoted) for quoted in ("02 03 06 1A 19 3D", "02 03 06 14 67 D4", "02 03 06 14 67 D4", ESCROW_1000)])
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS).map(bytes.fromhex), st.binary(max_size=12)), max_size=25))
def test_whatever_the_line_says_nothing_is_credited_that_was_not_said_and_service_comes_back(line: list[bytes]) -> None:
    async def hear() -> None:
        b = await bench().accepting()
        b.on_escrow = b.driver.stack
        answer, noise = b.unit.answer, list(line)
        stacked, b.unit.after[STACK] = b.unit.after[STACK], ["rest"]
        b.unit.answer = lambda request: noise.pop(0) if noise else answer(request)
        await asyncio.sleep(15)
        assert not noise
        b.unit.answer = answer
        b.unit.show("rest")
        await b.until_ready(60.0)
        assert not any(isinstance(event, NoteStacked) for event in b.stories)
        b.unit.after[STACK] = stacked
        await asyncio.sleep(1)
        b.unit.show(ESCROW_1000)
        await asyncio.sleep(5)
        assert b.stories[-1] == NoteStacked(1000)

    run_virtual(hear())
