"""The ccTalk bill driver against a scripted unit: the reference's bytes, every story, lost replies, restarts, noise."""

import asyncio
from typing import Self

import pytest
from hypothesis import HealthCheck, given, settings
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
from hardware.bills.cctalk.driver import CcTalkBillDriver
from hardware.cctalk.events import EventBuffer
from hardware.cctalk.frames import Codec, Frame, Mode
from hardware.cctalk.headers import Header
from hardware.clock import run_virtual
from hardware.errors import ConfigError
from hardware.links.memory import memory_line
from hardware.vocabulary import Belief, DeviceState, Fault, PowerState, RefuseReason
from tests.hardware.bills.driverbench import DriverBench
from tests.hardware.cctalk_unit import BUSY, LATE_FOR_S, Answer, ScriptedDevice, model
from tests.hardware.virtualtime import in_virtual_time, kill, until
from tests.sampling import sampled

ALL_YEN = frozenset({1000, 2000, 5000, 10000})
IDS = (b"JP0001A", b"JP0002A", b"JP0005A", b"JP0010A")


class Unit(ScriptedDevice):
    """A bill validator as the reference's exchanges show it."""

    def __init__(self, end: object, mode: Mode = Mode.SUM8) -> None:
        super().__init__(end, 40, mode)  # type: ignore[arg-type]
        self.events = EventBuffer()
        self.in_escrow = 0
        self.mask, self.master, self.mode = b"\0\0", 0, 1
        self.fault = 0
        self.table |= {
            Header.READ_BUFFERED_BILL_EVENTS: lambda data: self.events.answer(),
            Header.REQUEST_SERIAL_NUMBER: bytes.fromhex("12 34 56"),
            Header.REQUEST_COUNTRY_SCALING: lambda data: bytes.fromhex("E8 03 00") if data == b"JP" else bytes(3),
            Header.REQUEST_BILL_ID: lambda data: IDS[data[0] - 1] if data[0] <= len(IDS) else b"." * 7,
            Header.PERFORM_SELF_CHECK: lambda data: bytes((self.fault,)),
            Header.MODIFY_BILL_OPERATING_MODE: self._set_mode,
            Header.REQUEST_BILL_OPERATING_MODE: lambda data: bytes((self.mode,)),
            Header.MODIFY_INHIBIT_STATUS: self._set_mask,
            Header.REQUEST_INHIBIT_STATUS: lambda data: self.mask,
            Header.MODIFY_MASTER_INHIBIT: self._set_master,
            Header.REQUEST_MASTER_INHIBIT: lambda data: bytes((self.master,)),
            Header.ROUTE_BILL: self._route,
            Header.RESET_DEVICE: lambda data: self.restart(),
        }
        self.routes: list[int] = []

    def _set_mode(self, data: bytes) -> Answer:
        self.mode = data[0]
        return b""

    def _set_mask(self, data: bytes) -> Answer:
        self.mask = data
        return b""

    def _set_master(self, data: bytes) -> Answer:
        self.master = data[0]
        return b""

    def _route(self, data: bytes) -> Answer:
        self.routes.append(data[0])
        if not self.in_escrow:
            return b"\xfe"
        if data[0] != 255:
            bill, self.in_escrow = self.in_escrow, 0
            self.events.add(*((bill, 0) if data[0] else (0, 1)))
        return b""

    def escrow(self, bill: int) -> None:
        self.in_escrow = bill
        self.events.add(bill, 1)

    def restart(self) -> Answer:
        self.events.clear()
        self.mask, self.master, self.mode = b"\0\0", 0, 1
        return b""


class Bench(DriverBench[CcTalkBillDriver, Unit]):
    """The driver and a scripted unit."""

    def __init__(self, unit: Unit | None = None, mode: Mode = Mode.SUM8) -> None:
        unit = unit or Unit(memory_line("validator")[1], mode)
        super().__init__(CcTalkBillDriver(model("bill", 40, mode), unit.end.peer), unit)

    async def accepting(self) -> Self:
        await self.start()
        await self.until_ready()
        self.driver.enable(ALL_YEN)
        await asyncio.sleep(0.5)
        return self

    async def next_life(self) -> "Bench":
        await self.kill()
        return await Bench(self.unit).accepting()


@in_virtual_time
async def test_the_bytes_of_a_note_that_is_stacked_are_the_references() -> None:
    bench = await Bench().accepting()
    assert bench.driver.denominations == ALL_YEN
    assert bench.driver.status == AcceptorStatus(DeviceState.IDLE, PowerState.ONLINE, frozenset(), True)
    assert bench.unit.wire[0] == "28 00 01 9F 38"
    assert (bench.unit.mask, bench.unit.master, bench.unit.mode) == (b"\x0f\0", 1, 3)
    bench.on_escrow = bench.driver.stack
    bench.unit.escrow(1)
    await asyncio.sleep(1)
    assert "28 01 01 9A 01 3B" in bench.unit.wire
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_the_bytes_of_a_note_that_is_given_back_are_the_references() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.return_
    bench.unit.escrow(4)
    await asyncio.sleep(1)
    assert "28 01 01 9A 00 3C" in bench.unit.wire
    assert bench.stories == [NoteInEscrow(10000), NoteReturned(10000)]


@pytest.mark.parametrize(
    ("mode", "events", "stack"),
    [
        (Mode.CRC16, "28 00 31 9F 5D", "28 01 BC 9A 01 62"),
        (Mode.BNV, "28 00 CB D8 FF", "28 01 93 30 2F 8B"),
    ],
)
@pytest.mark.parametrize("echo", [False, True])
@in_virtual_time
async def test_the_other_modes_say_the_references_bytes_with_echo_and_without(
    mode: Mode, events: str, stack: str, echo: bool
) -> None:
    bench = Bench(mode=mode)
    bench.unit.echo = echo
    await bench.accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.escrow(1)
    await asyncio.sleep(1)
    assert {events, stack} <= set(bench.unit.wire)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_an_echo_may_come_and_go_and_alone_it_is_nobody() -> None:
    bench = await Bench().accepting()
    for echo in (True, False, True):
        bench.unit.echo = echo
        await asyncio.sleep(5)
        assert bench.driver.status.ready
    bench.unit.silent = True
    await until(lambda: bench.driver.status.power is PowerState.OFFLINE)
    assert bench.driver.status.faults == {Fault.NO_ANSWER}
    assert bench.stories == []


@in_virtual_time
async def test_answers_of_another_device_and_of_other_questions_are_not_ours() -> None:
    bench = await Bench().accepting()
    codec = Codec(Mode.SUM8)
    for frame in (Frame(1, 0, bytes((9, 1, 0, *bytes(8))), 3), Frame(1, 0, b"JP0001A", 40), Frame(40, 0, bytes(11), 40)):
        bench.unit.garbage = codec.encode(frame)
        await asyncio.sleep(3)
    assert bench.stories == []
    assert bench.driver.status.ready


@pytest.mark.parametrize("late_s", [0.31, 0.4, 0.5, 0.65, 1.0])
@pytest.mark.parametrize("late_from", sampled(range(50), 4))
@in_virtual_time
async def test_answers_that_come_late_give_no_note_another_value(late_from: int, late_s: float) -> None:
    bench = Bench()
    bench.unit.late_from, bench.unit.late_s = late_from, late_s
    await bench.accepting()
    await asyncio.sleep(LATE_FOR_S + 2)
    for bill in (1, 2, 3, 4):
        bench.unit.escrow(bill)
        await asyncio.sleep(0.5)
        bench.unit.restart()
        await asyncio.sleep(5)
    assert [event.yen for event in bench.stories if isinstance(event, NoteInEscrow)] == [1000, 2000, 5000, 10000]


@in_virtual_time
async def test_a_note_is_held_beyond_the_units_time_every_four_seconds() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.hold
    bench.unit.escrow(2)
    await asyncio.sleep(13)
    assert bench.unit.routes == [255] * 4
    bench.driver.return_()
    await asyncio.sleep(1)
    assert bench.stories == [NoteInEscrow(2000), NoteReturned(2000)]


@in_virtual_time
async def test_a_lost_answer_to_the_order_credits_once() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.unanswered[Header.ROUTE_BILL] = 1
    bench.unit.escrow(1)
    await asyncio.sleep(2)
    bench.unit.unheard[Header.ROUTE_BILL] = 1
    bench.unit.escrow(1)
    await asyncio.sleep(2)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)] * 2


@in_virtual_time
async def test_busy_is_asked_again() -> None:
    bench = await Bench().accepting()
    answer, calls = bench.unit.events.answer, iter(range(10))
    bench.unit.table[Header.READ_BUFFERED_BILL_EVENTS] = lambda data: BUSY if next(calls, 99) % 2 else answer()
    bench.unit.escrow(1)
    await asyncio.sleep(2)
    assert bench.stories == [NoteInEscrow(1000)]


@in_virtual_time
async def test_the_counter_wraps_from_255_to_1_without_a_loss() -> None:
    bench = await Bench().accepting()
    for _ in range(130):
        bench.unit.events.add(0, 2)
        bench.unit.events.add(0, 3)
        await asyncio.sleep(0.25)
    codes = [event.code for event in bench.stories if isinstance(event, NoteRefused)]
    assert codes == ["REJECT_VALIDATION[2]", "REJECT_TRANSPORT[3]"] * 130
    assert bench.driver.status.ready


@in_virtual_time
async def test_counter_0_is_a_restart_and_what_stands_there_is_not_replayed() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.table[Header.ROUTE_BILL] = b""  # obeyed, and then the power fails
    bench.unit.escrow(1)
    await asyncio.sleep(0.5)
    answer = bytes((0, 1, 0, 1, 1, *bytes(6)))
    bench.unit.restart()
    bench.unit.table[Header.READ_BUFFERED_BILL_EVENTS] = answer
    await asyncio.sleep(10)
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]
    assert (bench.unit.mask, bench.unit.master, bench.unit.mode) == (b"\x0f\0", 1, 3)
    assert bench.driver.status.ready


@pytest.mark.parametrize("counter", [1, 7, 200])
@in_virtual_time
async def test_more_than_five_new_events_leave_an_ordered_note_unknown(counter: int) -> None:
    bench = await Bench().accepting()
    for _ in range(60):
        bench.unit.events.add(0, 2)
        await asyncio.sleep(0.21)
    bench.on_escrow = bench.driver.stack
    bench.unit.table[Header.ROUTE_BILL] = b""
    bench.unit.escrow(1)
    await asyncio.sleep(0.5)
    bench.unit.table[Header.READ_BUFFERED_BILL_EVENTS] = bytes((counter, *bytes(10)))
    await asyncio.sleep(0.5)
    assert bench.stories[-2:] == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]


@in_virtual_time
async def test_a_unit_restarted_before_its_first_event_gets_its_settings_again() -> None:
    bench = await Bench().accepting()
    bench.unit.restart()
    await asyncio.sleep(4)
    assert (bench.unit.mask, bench.unit.master, bench.unit.mode) == (b"\x0f\0", 1, 3)


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ((0, 2), NoteRefused(RefuseReason.UNKNOWN, "REJECT_VALIDATION[2]")),
        ((0, 4), NoteRefused(RefuseReason.INHIBITED, "INHIBITED_SERIAL[4]")),
        ((0, 5), NoteRefused(RefuseReason.INHIBITED, "INHIBITED_DIP[5]")),
        ((0, 8), FraudSuspected("PULLED_BACK[8]")),
        ((0, 9), FraudSuspected("TAMPER[9]")),
        ((0, 17), FraudSuspected("OPTO_FRAUD[17]")),
        ((0, 18), FraudSuspected("STRING_FRAUD[18]")),
        ((2, 0), NoteUnaccounted(2000, Belief.STACKED)),
        ((9, 0), NoteUnaccounted(None, Belief.STACKED)),
        ((9, 1), NoteRefused(RefuseReason.UNKNOWN, "IN_ESCROW[9]")),
        ((0, 0), None),
        ((0, 1), None),
        ((0, 20), None),
        ((0, 99), None),
        ((1, 77), None),
    ],
)
@in_virtual_time
async def test_every_event_out_of_the_blue_is_told_as_it_is(pair: tuple[int, int], told: BillEvent | None) -> None:
    bench = await Bench().accepting()
    bench.unit.events.add(*pair)
    await asyncio.sleep(1)
    assert bench.stories == ([] if told is None else [told])
    assert bench.driver.status.ready


@pytest.mark.parametrize(
    ("code", "check", "fault"),
    [
        (6, 39, Fault.JAM_IN_ACCEPTOR),
        (16, 39, Fault.JAM_IN_ACCEPTOR),
        (7, 38, Fault.JAM_IN_STACKER),
        (15, 38, Fault.JAM_IN_STACKER),
        (11, 44, Fault.STACKER_OPEN),
        (14, 45, Fault.STACKER_FULL),
        (13, 38, Fault.DEVICE_FAILURE),
        (19, 41, Fault.DEVICE_FAILURE),
        (10, 37, Fault.MOTOR_FAILURE),
        (10, 99, Fault.DEVICE_FAILURE),
    ],
)
@in_virtual_time
async def test_troubles_have_their_common_names_and_end_with_the_self_check(code: int, check: int, fault: Fault) -> None:
    bench = await Bench().accepting()
    bench.unit.fault = check
    bench.unit.events.add(0, code)
    await asyncio.sleep(1)
    assert fault in bench.driver.status.faults
    assert not bench.driver.status.ready
    bench.unit.fault = 0
    await asyncio.sleep(1)
    assert bench.driver.status.ready
    assert bench.stories == []


@pytest.mark.parametrize(
    ("events", "in_escrow", "told"),
    [
        ([(1, 1)], 1, [NoteInEscrow(1000)]),
        ([(1, 1), (1, 0)], 0, [NoteUnaccounted(1000, Belief.STACKED)]),
        ([(4, 1), (0, 1), (0, 2)], 0, [NoteUnaccounted(10000, Belief.RETURNED)]),
        ([(0, 2), (0, 10)], 0, []),
        ([(1, 1), (1, 0), (3, 1)], 3, [NoteUnaccounted(1000, Belief.STACKED), NoteInEscrow(5000)]),
        ([(1, 1), (1, 0), (1, 1)], 1, [NoteUnaccounted(1000, Belief.STACKED), NoteInEscrow(1000)]),
        ([(4, 1), (0, 1), (1, 1)], 1, [NoteUnaccounted(10000, Belief.RETURNED), NoteInEscrow(1000)]),
        ([(1, 0), (1, 1)], 1, [NoteInEscrow(1000)]),
    ],
)
@in_virtual_time
async def test_a_host_that_starts_finds_what_the_last_one_left(
    events: list[tuple[int, int]], in_escrow: int, told: list[BillEvent]
) -> None:
    bench = Bench()
    for pair in events:
        bench.unit.events.add(*pair)
    bench.unit.in_escrow = in_escrow
    await bench.accepting()
    assert bench.stories == told


@in_virtual_time
async def test_two_notes_of_one_value_have_different_marks_and_another_host_calls_them_the_same() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.escrow(1)
    await asyncio.sleep(1)
    bench.on_escrow = lambda: None
    bench.unit.escrow(1)
    await asyncio.sleep(0.5)
    first, second = (event.mark for event in bench.stories if isinstance(event, NoteInEscrow))
    assert first != second
    await kill(bench.driver, bench.host)
    after = await Bench(bench.unit).accepting()
    told = [event.mark for event in after.stories if isinstance(event, NoteInEscrow | NoteUnaccounted)]
    assert told == [first, second]


@in_virtual_time
async def test_a_note_that_a_dead_host_had_ordered_into_the_box_is_told_when_it_is_there_and_before_ready() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.table[Header.ROUTE_BILL] = lambda data: b"" if data == b"\1" else b"\xfe"
    bench.unit.escrow(2)
    await asyncio.sleep(0.5)
    await kill(bench.driver, bench.host)
    after = Bench(bench.unit)
    await after.driver.start(after.listen)
    await asyncio.sleep(3)
    assert not after.driver.status.ready
    assert after.stories == []
    bench.unit.events.add(2, 0)
    await until(lambda: after.driver.status.ready)
    assert after.stories == [NoteUnaccounted(2000, Belief.STACKED)]


@in_virtual_time
async def test_a_message_with_two_flipped_bits_whose_sum_is_right_credits_nothing() -> None:
    bench = await Bench().accepting()
    flipped = iter((bytes((1, 1, 0, *bytes(8))),))
    bench.unit.table[Header.READ_BUFFERED_BILL_EVENTS] = lambda data: next(flipped, bench.unit.events.answer())
    await asyncio.sleep(2)
    assert bench.stories == []
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_unit_that_is_exchanged_starts_a_new_count() -> None:
    bench = await Bench().accepting()
    bench.unit.escrow(1)
    await asyncio.sleep(0.5)
    bench.unit.silent = True
    await until(lambda: bench.driver.status.power is PowerState.OFFLINE)
    bench.unit.events.clear()
    bench.unit.events.add(0, 2)
    bench.unit.in_escrow = 0
    bench.unit.table[Header.REQUEST_SERIAL_NUMBER] = bytes.fromhex("99 99 99")
    bench.unit.silent = False
    await until(lambda: bench.driver.status.ready)
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"address": 1}, "cctalk.address: found 1"),
        ({"address": 40, "mode": "sum9"}, "cctalk.mode: found 'sum9', expected one of sum8, crc16, bnv"),
        ({"address": 40, "mode": "bnv", "code": "12345x"}, "cctalk.code: found '12345x', expected six digits"),
        ({"address": 40, "colour": 1}, "cctalk.colour: unknown key"),
    ],
)
def test_settings_that_cannot_be_used_are_named(table: dict[str, object], says: str) -> None:
    wrong = model("bill", 40, cctalk=table)
    with pytest.raises(ConfigError, match=says):
        CcTalkBillDriver(wrong, memory_line("x")[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.lists(st.binary(max_size=24), max_size=12), seed=st.sampled_from(list(Mode)))
def test_noise_makes_no_exception_no_credit_and_no_end(noise: list[bytes], seed: Mode) -> None:
    async def live() -> None:
        bench = await Bench(mode=seed).accepting()
        for piece in noise:
            bench.unit.garbage = piece
            bench.unit.send(piece)
            await asyncio.sleep(0.35)
        bench.unit.garbage = b""
        await until(lambda: bench.driver.status.ready, 60.0)
        assert bench.stories == []
        bench.on_escrow = bench.driver.stack
        bench.unit.escrow(1)
        await until(lambda: NoteStacked(1000) in bench.told)
        assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]
        await bench.driver.close()
        assert bench.unit.master == 0

    run_virtual(live())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    answers=st.lists(st.one_of(st.binary(max_size=12), st.binary(min_size=11, max_size=11), st.integers(0, 255)), max_size=25)
)
def test_whatever_a_unit_answers_in_valid_frames_is_survived(answers: list[bytes | int]) -> None:
    async def live() -> None:
        bench = Bench()
        planned = iter(answers)
        rightly = bench.unit.answer
        bench.unit.answer = lambda header, data: next(planned, rightly(header, data))  # type: ignore[method-assign]
        await bench.accepting()
        await asyncio.sleep(20)
        await until(lambda: bench.driver.status.ready, 60.0)
        told = sum(isinstance(event, NoteStacked) for event in bench.stories)
        assert told == 0
        await bench.driver.close()

    run_virtual(live())
