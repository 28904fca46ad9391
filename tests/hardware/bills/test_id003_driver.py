"""The ID-003 driver against a scripted unit: every story of the contract, every lost reply, every state to start from."""

import asyncio

import pytest

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
from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.frames import Command, Frame, Status
from hardware.errors import ConfigError, SequenceError
from hardware.links.memory import memory_line
from hardware.models import DeviceModel
from hardware.vocabulary import Belief, DeviceState, Fault, PowerState, RefuseReason
from tests.hardware.bills.id003_unit import ALL_YEN, ESCROW_1000, ESCROW_10000, MODEL, Bench
from tests.hardware.virtualtime import in_virtual_time

# ---------------------------------------------------------------- start-up


@in_virtual_time
async def test_start_up_resets_reads_the_table_and_sends_the_settings_of_the_reference_in_order() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    said = [frame for frame in bench.unit.heard if frame.code != Command.STATUS_REQUEST]
    assert said == [
        Frame(Command.GET_INHIBIT),  # is there an echo?
        Frame(Command.VERSION),
        Frame(Command.RESET),
        Frame(Command.CURRENCY_ASSIGN),
        Frame(Command.SET_DENOMINATION, b"\xff\xff"),
        Frame(Command.SET_SECURITY, b"\x00\x00"),
        Frame(Command.SET_COMMUNICATION_MODE, b"\x00"),
        Frame(Command.SET_DIRECTION, b"\x00"),
        Frame(Command.SET_OPTIONAL_FUNCTION, b"\x02\x00"),
        Frame(Command.SET_INHIBIT, b"\x01"),
    ]
    assert bench.driver.denominations == ALL_YEN
    assert bench.driver.firmware == "i(JPN)100-SS ID003-05V280-42 01AUG17 964D"
    assert bench.stories == []
    assert bench.driver.status == AcceptorStatus(DeviceState.IDLE, PowerState.ONLINE, frozenset(), True)


@in_virtual_time
async def test_the_unit_stays_inhibited_until_enable_and_again_after_disable() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    await asyncio.sleep(5)
    assert bench.unit.inhibited
    bench.driver.enable(frozenset({1000, 10000, 777}))
    await asyncio.sleep(0.3)
    assert not bench.unit.inhibited
    assert bench.unit.mask == bytes((0b11110110, 0xFF))
    bench.driver.enable(frozenset({2000}))
    await asyncio.sleep(0.3)
    assert bench.unit.mask == bytes((0b11111101, 0xFF))
    bench.driver.disable()
    await asyncio.sleep(0.3)
    assert bench.unit.inhibited


@in_virtual_time
async def test_what_was_wanted_before_the_unit_was_up_is_carried_out_when_it_is() -> None:
    bench = Bench()
    bench.driver.enable(ALL_YEN)
    await bench.start()
    await bench.until_ready()
    await asyncio.sleep(0.3)
    assert not bench.unit.inhibited
    assert bench.unit.mask == b"\xf0\xff"


@in_virtual_time
async def test_version_is_not_asked_when_a_note_was_inside_at_power_up() -> None:
    bench = Bench()
    bench.unit.show(Status.POWER_UP_BILL_IN_ACCEPTOR)
    await bench.start()
    await bench.until_ready()
    assert bench.unit.count(Command.VERSION) == 0


@pytest.mark.parametrize(
    "code",
    [
        Command.GET_INHIBIT,
        Command.VERSION,
        Command.RESET,
        Command.CURRENCY_ASSIGN,
        Command.SET_DENOMINATION,
        Command.SET_SECURITY,
        Command.SET_COMMUNICATION_MODE,
        Command.SET_DIRECTION,
        Command.SET_OPTIONAL_FUNCTION,
        Command.SET_INHIBIT,
    ],
)
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_start_up_survives_any_message_lost_in_either_direction(code: int, way: str) -> None:
    bench = Bench()
    getattr(bench.unit, way)[code] = 1
    await bench.start()
    await bench.until_ready()
    assert bench.driver.denominations == ALL_YEN
    assert bench.unit.inhibited
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(0.5)
    assert not bench.unit.inhibited


@in_virtual_time
async def test_a_unit_that_refuses_optional_settings_is_served_all_the_same() -> None:
    bench = Bench()
    bench.unit.refused = {
        Command.GET_INHIBIT,
        Command.VERSION,
        Command.SET_SECURITY,
        Command.SET_COMMUNICATION_MODE,
        Command.SET_DIRECTION,
        Command.SET_OPTIONAL_FUNCTION,
    }
    await bench.start()
    await bench.until_ready()
    assert bench.driver.firmware is None


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"\x61\x0a\x01",
        bytes.fromhex("61 00 00 00 62 E0 05 00 63 E0 0A 00 64 E0 14 00"),
        bytes.fromhex("61 0A 01 FF"),
    ],
    ids=["empty", "broken row", "euro", "absurd power of ten"],
)
@in_virtual_time
async def test_a_table_without_readable_yen_is_a_fault_until_it_can_be_read(table: bytes) -> None:
    bench = Bench()
    good, bench.unit.table = bench.unit.table, table
    bench.driver.enable(ALL_YEN)
    await bench.start()
    await asyncio.sleep(10)
    assert bench.driver.status.faults == {Fault.UNKNOWN_TABLE}
    assert not bench.driver.status.ready
    assert bench.driver.denominations == frozenset()
    assert bench.unit.inhibited
    bench.unit.table = good
    await bench.until_ready()
    await asyncio.sleep(0.5)
    assert bench.unit.mask == b"\xf0\xff"


# ---------------------------------------------------------------- stories


@in_virtual_time
async def test_a_stacked_note_is_credited_once_and_acknowledged_after_the_listener() -> None:
    bench = await Bench().accepting()
    acks_when_credited: list[int] = []
    bench.on_escrow = bench.driver.stack
    listen = bench.listen

    def watch(event: BillEvent) -> None:
        if isinstance(event, NoteStacked):
            acks_when_credited.append(bench.unit.count(Command.ACK))
        listen(event)

    bench.driver._listener = watch
    bench.unit.show(Status.ACCEPTING, Status.ACCEPTING, ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    assert acks_when_credited == [0]
    assert bench.unit.count(Command.ACK) == 1
    assert bench.unit.count(Command.STACK_2) == 1
    assert bench.driver.status.ready


@pytest.mark.parametrize("acks_lost", [1, 2, 7])
@in_virtual_time
async def test_vend_valid_repeated_because_the_ack_got_lost_is_acked_every_time_and_credited_once(acks_lost: int) -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.unheard[Command.ACK] = acks_lost
    bench.unit.show(Status.ACCEPTING, ESCROW_10000)
    await asyncio.sleep(8)
    assert bench.stories == [NoteInEscrow(10000), NoteStacked(10000)]
    assert bench.unit.count(Command.ACK) == 1


@in_virtual_time
async def test_two_notes_of_the_same_value_are_two_credits() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    for _ in range(2):
        bench.unit.show(Status.ACCEPTING, ESCROW_1000)
        await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)] * 2


@in_virtual_time
async def test_a_note_given_back_on_request_is_returned_and_never_credited() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.return_
    bench.unit.show(Status.ACCEPTING, ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@pytest.mark.parametrize("rest", [Status.IDLING, Status.DISABLE])
@pytest.mark.parametrize("returning", [[], [Status.RETURNING], [Status.REJECTING]])
@in_virtual_time
async def test_a_note_that_leaves_escrow_undecided_was_returned(returning: list[int], rest: int) -> None:
    bench = await Bench().accepting()
    bench.unit.show(ESCROW_1000, ESCROW_1000, *returning, rest)
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_the_unit_may_say_that_the_stacked_note_came_back() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after[Command.STACK_2] = [Frame(Status.STACKING), Frame(Status.RETURNING), Frame(0)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_a_note_sent_to_the_box_and_never_reported_is_unaccounted_for() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after[Command.STACK_2] = [Frame(0)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]


@in_virtual_time
async def test_stacked_alone_never_credits() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after[Command.STACK_2] = [Frame(Status.STACKING), Frame(Status.STACKED), Frame(0)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.STACKED)]


@in_virtual_time
async def test_a_credit_after_return_was_asked_too_late_is_believed() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.return_
    bench.unit.after[Command.RETURN] = [Frame(Status.STACKING), Frame(Status.VEND_VALID)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@pytest.mark.parametrize(
    ("byte", "reason", "code"),
    [
        (0x71, RefuseReason.INSERTION, "INSERTION[0x71]"),
        (0x76, RefuseReason.UNREADABLE, "DENOMINATION[0x76]"),
        (0x79, RefuseReason.INHIBITED, "INHIBITED[0x79]"),
        (0x7D, RefuseReason.LENGTH, "LENGTH[0x7D]"),
        (0x98, RefuseReason.MULTIPLE, "MULTIPLE[0x98]"),
        (0x99, RefuseReason.UNKNOWN, "UNKNOWN[0x99]"),
    ],
)
@in_virtual_time
async def test_a_refused_note_is_told_once_with_what_the_unit_said(byte: int, reason: RefuseReason, code: str) -> None:
    bench = await Bench().accepting()
    rejecting = Frame(Status.REJECTING, bytes((byte,)))
    bench.unit.show(Status.ACCEPTING, rejecting, rejecting, rejecting, Status.IDLING)
    await asyncio.sleep(3)
    assert bench.stories == [NoteRefused(reason, code)]


@in_virtual_time
async def test_two_refusals_in_a_row_are_two_stories() -> None:
    bench = await Bench().accepting()
    rejecting = Frame(Status.REJECTING, b"\x71")
    bench.unit.show(rejecting, rejecting, Status.IDLING, Status.ACCEPTING, rejecting, rejecting, Status.IDLING)
    await asyncio.sleep(3)
    assert bench.stories == [NoteRefused(RefuseReason.INSERTION, "INSERTION[0x71]")] * 2


@in_virtual_time
async def test_a_note_that_the_table_does_not_know_is_sent_back_and_told_as_refused() -> None:
    bench = await Bench().accepting()
    bench.unit.show(Status.ACCEPTING, Frame(Status.ESCROW, b"\x67"))
    await asyncio.sleep(3)
    assert bench.stories == [NoteRefused(RefuseReason.UNKNOWN, "ESCROW[0x67]")]
    assert bench.unit.count(Command.RETURN) == 1


@in_virtual_time
async def test_a_second_note_at_the_mouth_leaves_the_first_ones_story_alone() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after[Command.STACK_2] = [
        Frame(Status.STACKING),
        Frame(Status.PAUSE),
        Frame(Status.PAUSE),
        Frame(Status.STACKING),
        Frame(Status.VEND_VALID),
    ]
    bench.unit.show(ESCROW_1000, Status.PAUSE, ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_held_note_is_renewed_until_it_is_decided() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.hold
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(13)
    assert bench.unit.count(Command.HOLD) == 4
    bench.driver.stack()
    await asyncio.sleep(5)
    assert bench.unit.count(Command.HOLD) == 4
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_lost_hold_is_said_again_at_the_next_poll() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.hold
    bench.unit.unheard[Command.HOLD] = 1
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(1)
    assert bench.unit.count(Command.HOLD) == 1


@in_virtual_time
async def test_a_note_stays_the_callers_to_decide_on_after_disable() -> None:
    bench = await Bench().accepting()
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(1)
    bench.driver.disable()
    await asyncio.sleep(1)
    assert bench.unit.count(Command.SET_INHIBIT) == 0
    bench.driver.stack()
    await asyncio.sleep(3)
    assert bench.unit.inhibited
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_deciding_without_an_undecided_note_is_a_wrong_order_of_calls() -> None:
    bench = await Bench().accepting()
    for call in (bench.driver.stack, bench.driver.return_, bench.driver.hold):
        with pytest.raises(SequenceError):
            call()
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    bench.driver.hold()
    bench.driver.return_()
    for call in (bench.driver.stack, bench.driver.return_, bench.driver.hold):
        with pytest.raises(SequenceError):
            call()


@in_virtual_time
async def test_start_twice_is_a_wrong_order_of_calls() -> None:
    bench = await Bench().start()
    with pytest.raises(SequenceError):
        await bench.driver.start(bench.listen)


@in_virtual_time
async def test_another_note_in_escrow_closes_the_story_of_the_first() -> None:
    bench = await Bench().accepting()
    bench.unit.show(ESCROW_1000, ESCROW_1000, ESCROW_10000)
    await asyncio.sleep(1)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000), NoteInEscrow(10000)]


# ---------------------------------------------------------------- the line


@pytest.mark.parametrize("code", [Command.STATUS_REQUEST, Command.STACK_2, Command.ACK])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@pytest.mark.parametrize("losses", [1, 2])
@in_virtual_time
async def test_a_note_is_stacked_and_credited_once_whatever_is_lost(code: int, way: str, losses: int) -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    getattr(bench.unit, way)[code] = losses
    bench.unit.show(Status.ACCEPTING, Status.ACCEPTING, ESCROW_1000, ESCROW_1000, ESCROW_1000)
    await asyncio.sleep(10)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]
    if way == "unanswered":
        assert bench.unit.count(Command.STACK_2) == 1, "the status showed that the lost reply's order was obeyed"


@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_a_note_is_given_back_whatever_is_lost(way: str) -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.return_
    getattr(bench.unit, way)[Command.RETURN] = 2
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_an_order_refused_because_the_note_was_leaving_ends_as_returned() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.refused = {Command.STACK_2}
    bench.unit.show(ESCROW_1000, Status.IDLING)
    await asyncio.sleep(2)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_an_order_acknowledged_but_not_begun_is_given_again_only_after_patience() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after[Command.STACK_2] = [ESCROW_1000]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.9)
    assert bench.unit.count(Command.STACK_2) == 1
    await asyncio.sleep(0.9)
    assert bench.unit.count(Command.STACK_2) == 2


@pytest.mark.parametrize("garbage", [b"\x00", b"\xff\xff", b"\xfc\x7f", b"\xfc", bytes.fromhex("FC 05 15 03 11")])
@in_virtual_time
async def test_garbage_before_every_reply_changes_nothing(garbage: bytes) -> None:
    bench = Bench()
    bench.unit.garbage = garbage
    await bench.accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.show(Status.ACCEPTING, ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_bytes_said_while_nobody_asks_are_no_answer() -> None:
    bench = await Bench().accepting()
    for _ in range(20):
        await asyncio.sleep(0.19)
        bench.unit.end.write(Frame(Status.VEND_VALID).encode())
    assert [e for e in bench.stories if isinstance(e, NoteStacked)] == []


@in_virtual_time
async def test_the_rest_of_a_broken_answer_does_not_complete_the_next_one() -> None:
    bench = await Bench().accepting()
    answer = bench.unit._send
    broken = [bytes.fromhex("FC 05 15 03"), bytes.fromhex("10")]  # a VEND VALID in two answers

    def break_once(data: bytes) -> None:
        answer(broken.pop(0) + (data if len(broken) == 0 else b"") if broken else data)

    bench.unit._send = break_once  # type: ignore[method-assign]
    await asyncio.sleep(3)
    assert broken == []
    assert bench.stories == []


@in_virtual_time
async def test_two_silences_are_nothing_and_three_are_offline() -> None:
    bench = await Bench().accepting()
    bench.unit.unheard[Command.STATUS_REQUEST] = 2
    await asyncio.sleep(2)
    assert bench.driver.status.ready
    told_before = len(bench.told)
    bench.unit.silent = True
    await asyncio.sleep(5)
    assert bench.told[told_before:] == [
        AcceptorStatus(DeviceState.ERROR, PowerState.OFFLINE, frozenset({Fault.NO_ANSWER}), False)
    ]


@in_virtual_time
async def test_after_a_silence_the_unit_is_brought_up_again_as_it_was_wanted() -> None:
    bench = await Bench().accepting()
    bench.unit.silent = True
    await asyncio.sleep(5)
    bench.unit.silent = False
    bench.unit.show(Status.POWER_UP)
    bench.unit.inhibited = True
    await bench.until_ready()
    await asyncio.sleep(0.5)
    assert not bench.unit.inhibited
    assert bench.unit.mask == b"\xf0\xff"
    assert bench.stories == []


@in_virtual_time
async def test_a_pulled_cable_is_offline_at_once_and_comes_back_by_itself() -> None:
    bench = await Bench().accepting()
    bench.host.unplug()
    await asyncio.sleep(0.1)
    assert bench.driver.status.power is PowerState.OFFLINE
    assert bench.driver.status.faults == {Fault.NO_ANSWER}
    await asyncio.sleep(30)
    bench.host.replug()
    await bench.unit.end.open()
    await bench.until_ready(12.0)
    await asyncio.sleep(0.5)
    assert not bench.unit.inhibited


@in_virtual_time
async def test_a_line_that_cannot_be_opened_is_tried_again_ever_more_seldom() -> None:
    bench = Bench()
    bench.host.unplug()
    await bench.driver.start(bench.listen)
    await asyncio.sleep(100)
    assert bench.driver.status.faults == {Fault.NO_ANSWER}
    bench.host.replug()
    await bench.unit.end.open()
    await bench.until_ready(12.0)


@pytest.mark.parametrize("pulled_after_s", [0.05, 0.25, 0.45, 0.65, 0.85, 1.05])
@in_virtual_time
async def test_a_cable_pulled_while_a_note_is_stacked_neither_loses_nor_doubles_it(pulled_after_s: float) -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.show(Status.ACCEPTING, ESCROW_1000)
    await asyncio.sleep(pulled_after_s)
    bench.host.unplug()
    await asyncio.sleep(3)
    bench.host.replug()
    await bench.unit.end.open()
    await bench.until_ready()
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_line_with_echo_is_out_of_service_and_not_a_healthy_idle_unit() -> None:
    bench = Bench()
    bench.unit.echo = True
    bench.driver.enable(ALL_YEN)
    await bench.start()
    await asyncio.sleep(30)
    assert bench.driver.status.faults == {Fault.LINE_ECHO}
    assert not any(status.ready for status in bench.statuses)
    assert bench.stories == []
    bench.unit.echo = False
    await bench.until_ready()


@in_virtual_time
async def test_an_echo_that_begins_while_inhibited_is_found_out() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    bench.unit.echo = True
    await asyncio.sleep(10)
    assert bench.driver.status.faults == {Fault.LINE_ECHO}


@in_virtual_time
async def test_a_unit_that_forgot_that_it_was_inhibited_is_told_again() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    bench.unit.inhibited = False
    await asyncio.sleep(5)
    assert bench.unit.inhibited
    assert bench.driver.status.ready


@in_virtual_time
async def test_close_inhibits_the_unit_and_leaves_the_line() -> None:
    bench = await Bench().accepting()
    await bench.driver.close()
    assert bench.unit.inhibited
    assert bench.driver.status == AcceptorStatus()
    heard = len(bench.unit.heard)
    await asyncio.sleep(5)
    assert len(bench.unit.heard) == heard


@in_virtual_time
async def test_close_of_a_silent_unit_ends_all_the_same() -> None:
    bench = await Bench().accepting()
    bench.unit.silent = True
    await bench.driver.close()
    assert bench.driver.status.state is DeviceState.CLOSED


@in_virtual_time
async def test_a_listener_that_fails_gets_no_acknowledgement_and_the_failure_comes_out_of_close() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    listen = bench.listen

    def fail(event: BillEvent) -> None:
        if isinstance(event, NoteStacked):
            raise OSError("journal disk full")
        listen(event)

    bench.driver._listener = fail
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.unit.count(Command.ACK) == 0
    assert not bench.driver.status.ready
    with pytest.raises(OSError, match="journal disk full"):
        await bench.driver.close()


# ---------------------------------------------------------------- faults of the unit


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (Frame(Status.STACKER_FULL), Fault.STACKER_FULL),
        (Frame(Status.STACKER_OPEN), Fault.STACKER_OPEN),
        (Frame(Status.JAM_IN_ACCEPTOR), Fault.JAM_IN_ACCEPTOR),
        (Frame(Status.JAM_IN_STACKER), Fault.JAM_IN_STACKER),
        (Frame(Status.CHEATED), Fault.CHEATED),
        (Frame(Status.FAILURE, b"\xa2"), Fault.MOTOR_FAILURE),
        (Frame(Status.FAILURE, b"\xab"), Fault.STACKER_OPEN),
        (Frame(Status.FAILURE, b"\xb2"), Fault.DEVICE_FAILURE),
        (Frame(Status.FAILURE), Fault.DEVICE_FAILURE),
    ],
)
@in_virtual_time
async def test_a_fault_takes_the_unit_out_of_service_and_a_reset_brings_it_back(status: Frame, fault: Fault) -> None:
    bench = await Bench().accepting()
    bench.unit.refused = {Command.RESET}
    bench.unit.show(status)
    await asyncio.sleep(5)
    assert bench.driver.status == AcceptorStatus(DeviceState.ERROR, PowerState.ONLINE, frozenset({fault}), False)
    assert bench.unit.count(Command.RESET) >= 1
    bench.unit.refused = set()
    await bench.until_ready(30.0)
    await asyncio.sleep(0.5)
    assert not bench.unit.inhibited


@in_virtual_time
async def test_a_fault_that_clears_by_itself_needs_no_reset() -> None:
    bench = await Bench().accepting()
    bench.unit.show(Status.STACKER_OPEN, Status.STACKER_OPEN, Status.STACKER_OPEN, Status.IDLING)
    await asyncio.sleep(2)
    assert bench.driver.status.ready
    assert bench.unit.count(Command.RESET) == 0


@in_virtual_time
async def test_a_fault_does_not_flap_while_resets_are_in_vain() -> None:
    bench = await Bench().accepting()
    told_before = len(bench.statuses)
    bench.unit.show(Status.STACKER_FULL)
    for _ in range(10):
        bench.unit.after[Command.RESET] = [Frame(Status.INITIALIZE), Frame(Status.STACKER_FULL)]
        await asyncio.sleep(5)
    full = AcceptorStatus(DeviceState.ERROR, PowerState.ONLINE, frozenset({Fault.STACKER_FULL}), False)
    assert bench.statuses[told_before:] == [full]
    assert 4 <= bench.unit.count(Command.RESET) <= 8, "ever more seldom, but a refitted box is not waited for long"


@in_virtual_time
async def test_a_pulled_string_is_suspected_once_and_the_note_is_not_credited() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after[Command.STACK_2] = [Frame(Status.STACKING), *[Frame(Status.CHEATED)] * 3, Frame(0)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(5)
    assert bench.stories == [
        NoteInEscrow(1000),
        FraudSuspected("CHEATED[0x48]"),
        NoteUnaccounted(1000, Belief.UNKNOWN),
    ]


@in_virtual_time
async def test_unknown_statuses_and_interrupt_mode_calls_change_nothing() -> None:
    bench = await Bench().accepting()
    bench.unit.show(Frame(0x2F, b"\x01\x02"), Frame(Status.INVALID_COMMAND), Frame(Status.COMMUNICATION_ERROR), Status.IDLING)
    await asyncio.sleep(2)
    assert bench.driver.status.ready
    bench.unit.garbage = Frame(Status.ENQ).encode()
    await asyncio.sleep(2)
    assert bench.driver.status.ready
    assert bench.stories == []


@pytest.mark.parametrize("stuck", [Frame(Status.JAM_IN_ACCEPTOR), Frame(Status.FAILURE, b"\xa6")])
@pytest.mark.parametrize("before", [[], [Status.RETURNING]])
@in_virtual_time
async def test_a_note_that_got_stuck_may_be_in_the_hands_of_staff(before: list[int], stuck: Frame) -> None:
    bench = await Bench().accepting()
    bench.unit.show(ESCROW_1000, ESCROW_1000, *before, stuck, Status.INITIALIZE)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]


@pytest.mark.parametrize("trouble", [Status.JAM_IN_STACKER, Status.CHEATED])
@in_virtual_time
async def test_a_note_seen_in_the_stacker_is_no_longer_believed_there_after_it_got_stuck(trouble: int) -> None:
    bench = Bench()
    bench.unit.after[Command.RESET] = [Frame(trouble), Frame(trouble), Frame(Status.INITIALIZE)]
    bench.unit.show(Status.POWER_UP_BILL_IN_STACKER)
    await bench.start()
    await bench.until_ready()
    assert [e for e in bench.stories if isinstance(e, NoteUnaccounted)] == [NoteUnaccounted(None, Belief.UNKNOWN)]


@in_virtual_time
async def test_a_note_that_got_stuck_and_then_came_back_was_returned() -> None:
    bench = await Bench().accepting()
    bench.unit.show(ESCROW_1000, Status.JAM_IN_ACCEPTOR, Status.RETURNING, Status.INITIALIZE)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]


@in_virtual_time
async def test_a_unit_that_offers_the_note_again_after_a_power_cut_goes_on_with_the_same_story() -> None:
    bench = await Bench().accepting()
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    bench.unit.after[Command.RESET] = [Frame(Status.INITIALIZE), ESCROW_1000]
    bench.unit.show(Status.POWER_UP_BILL_IN_ACCEPTOR)
    await asyncio.sleep(2)
    assert bench.stories == [NoteInEscrow(1000)]
    bench.driver.stack()
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


# ---------------------------------------------------------------- power cuts of the unit

UP_40, UP_41, UP_42 = Status.POWER_UP, Status.POWER_UP_BILL_IN_ACCEPTOR, Status.POWER_UP_BILL_IN_STACKER


@pytest.mark.parametrize(
    ("decided", "power_up", "afterwards", "end"),
    [
        (False, UP_41, [Status.RETURNING, Status.INITIALIZE], NoteReturned(1000)),
        (False, UP_41, [Status.INITIALIZE], NoteUnaccounted(1000, Belief.RETURNED)),
        (False, UP_40, [Status.INITIALIZE], NoteReturned(1000)),
        (True, UP_42, [Status.INITIALIZE], NoteUnaccounted(1000, Belief.STACKED)),
        (True, UP_42, [Status.STACKING, Status.VEND_VALID], NoteStacked(1000)),
        (True, UP_40, [Status.VEND_VALID], NoteStacked(1000)),
        (True, UP_40, [Status.INITIALIZE], NoteUnaccounted(1000, Belief.UNKNOWN)),
        (True, UP_41, [Status.RETURNING, Status.INITIALIZE], NoteReturned(1000)),
    ],
)
@in_virtual_time
async def test_a_power_cut_with_a_note_inside_is_told_as_what_the_unit_then_shows(
    decided: bool, power_up: int, afterwards: list[int], end: BillEvent
) -> None:
    bench = await Bench().accepting()
    bench.unit.after[Command.STACK_2] = [Frame(Status.STACKING)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    if decided:
        bench.driver.stack()
        await asyncio.sleep(0.5)
    bench.unit.after[Command.RESET] = [Frame(code) for code in afterwards]
    bench.unit.show(power_up)
    await asyncio.sleep(10)
    assert bench.stories == [NoteInEscrow(1000), end]
    assert bench.driver.status.ready


@pytest.mark.parametrize("power_up", [UP_40, UP_42])
@in_virtual_time
async def test_a_power_cut_after_the_credit_whose_ack_was_lost_does_not_credit_again(power_up: int) -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.unheard[Command.ACK] = 1
    bench.unit.after[Command.STACK_2] = [Frame(Status.VEND_VALID)]
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.3)
    assert bench.stories[-1] == NoteStacked(1000)
    bench.unit.show(power_up, Status.STACKING, Status.VEND_VALID)
    bench.unit.refused = {Command.RESET}
    await asyncio.sleep(3)
    bench.unit.refused = set()
    await bench.until_ready()
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_note_found_in_the_stacker_long_after_the_last_credit_is_another_one() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(5)
    bench.unit.show(UP_42)
    await asyncio.sleep(5)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000), NoteUnaccounted(None, Belief.STACKED)]


# ---------------------------------------------------------------- a host killed, and a new one


@in_virtual_time
async def test_an_idle_unit_is_inhibited_before_it_is_reset_so_that_no_note_slips_in() -> None:
    bench = Bench()
    bench.unit.inhibited = False
    bench.unit.show(Status.IDLING)
    await bench.start()
    await bench.until_ready()
    said = [frame for frame in bench.unit.heard if frame.code != Command.STATUS_REQUEST]
    assert said[1:3] == [Frame(Command.SET_INHIBIT, b"\x01"), Frame(Command.RESET)]


@pytest.mark.parametrize(
    ("left_in", "then", "told"),
    [
        (UP_40, [], []),
        (UP_41, [Status.INITIALIZE], [NoteUnaccounted(None, Belief.RETURNED)]),
        (UP_42, [Status.INITIALIZE], [NoteUnaccounted(None, Belief.STACKED)]),
        (Status.IDLING, [], []),
        (Status.DISABLE, [], []),
        (Status.INITIALIZE, [], []),
        (Status.ACCEPTING, [Status.IDLING], []),
        (Status.STACKING, [Status.VEND_VALID], [NoteUnaccounted(None, Belief.STACKED)]),
        (Status.STACKING, [Status.IDLING], [NoteUnaccounted(None, Belief.UNKNOWN)]),
        (Status.VEND_VALID, [], [NoteUnaccounted(None, Belief.STACKED)]),
        (Status.STACKED, [Status.IDLING], []),
        (Status.RETURNING, [Status.IDLING], [NoteUnaccounted(None, Belief.RETURNED)]),
        (Status.HOLDING, [Status.RETURNING, Status.IDLING], [NoteUnaccounted(None, Belief.RETURNED)]),
    ],
)
@in_virtual_time
async def test_a_new_host_finds_any_state_and_tells_what_was_inside_before_it_is_ready(
    left_in: int, then: list[int], told: list[BillEvent]
) -> None:
    bench = await (await Bench().accepting()).kill_host()
    bench.unit.show(left_in, left_in, *then)
    bench.driver.enable(ALL_YEN)
    await bench.start()
    await bench.until_ready()
    assert bench.stories == told
    assert isinstance(bench.told[-1], AcceptorStatus)
    assert bench.told[-1].ready
    await asyncio.sleep(1)
    assert not bench.unit.inhibited
    assert bench.unit.mask == b"\xf0\xff"


@pytest.mark.parametrize(("decide", "end"), [("stack", NoteStacked(10000)), ("return_", NoteReturned(10000))])
@in_virtual_time
async def test_a_note_left_in_escrow_by_a_killed_host_is_the_new_hosts_to_decide(decide: str, end: BillEvent) -> None:
    before = await Bench().accepting()
    before.unit.show(ESCROW_10000)
    await asyncio.sleep(1)
    bench = await before.kill_host()
    await bench.start()
    await bench.until_ready()
    assert bench.stories == [NoteInEscrow(10000)]
    assert bench.unit.count(Command.RESET) == 0
    getattr(bench.driver, decide)()
    await asyncio.sleep(10)
    assert bench.stories == [NoteInEscrow(10000), end]
    assert bench.driver.status.ready
    assert bench.unit.count(Command.RESET) == 1, "after the note was settled the unit is set up anew"


@in_virtual_time
async def test_a_note_held_by_a_killed_host_is_told_when_the_unit_falls_back_to_escrow() -> None:
    bench = Bench()
    bench.unit.show(*[Status.HOLDING] * 20, ESCROW_1000)
    bench.on_escrow = bench.driver.stack
    await bench.start()
    await asyncio.sleep(10)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_a_note_held_by_a_killed_host_for_ever_is_at_last_given_back() -> None:
    bench = Bench()
    bench.unit.show(Status.HOLDING)
    await bench.start()
    await asyncio.sleep(14)
    assert bench.stories == []
    assert not bench.driver.status.ready
    await bench.until_ready()
    assert bench.stories == [NoteUnaccounted(None, Belief.RETURNED)]


@in_virtual_time
async def test_a_vend_valid_left_by_a_killed_host_is_acknowledged_after_it_was_told() -> None:
    bench = Bench()
    bench.unit.show(Status.VEND_VALID)
    bench.unit.unheard[Command.ACK] = 2
    await bench.start()
    await bench.until_ready()
    assert bench.stories == [NoteUnaccounted(None, Belief.STACKED)]
    assert bench.unit.count(Command.ACK) == 1


# ---------------------------------------------------------------- the model file


def test_a_poll_setting_that_nothing_reads_is_named() -> None:
    settings = {"poll": {"intervall_s": 0.2}}
    model = DeviceModel("m", "bill", "id003", "d", "c", settings, MODEL.path)
    with pytest.raises(ConfigError, match=r"test-unit.toml: poll.intervall_s: unknown key"):
        Id003Driver(model, memory_line("x")[0])
