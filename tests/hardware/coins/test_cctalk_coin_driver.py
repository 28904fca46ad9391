"""The ccTalk coin driver against a scripted device: the reference's bytes, marks, what was missed, restarts, noise."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.cctalk.codes import CoinError
from hardware.cctalk.events import EventBuffer
from hardware.cctalk.frames import Mode
from hardware.cctalk.headers import Header
from hardware.clock import run_virtual
from hardware.coins.acceptor import (
    CoinAccepted,
    CoinAcceptorStatus,
    CoinCountBegins,
    CoinEvent,
    CoinFraudSuspected,
    CoinRefused,
    CoinsUnaccounted,
)
from hardware.coins.cctalk.acceptor_driver import CcTalkCoinDriver
from hardware.coins.cctalk.marks import Mark, read_mark
from hardware.links.memory import MemoryEnd, memory_line
from hardware.vocabulary import Fault, PowerState, RefuseReason
from tests.hardware.cctalk_unit import LATE_FOR_S, Answer, ScriptedDevice, model
from tests.hardware.virtualtime import in_virtual_time, kill, until
from tests.sampling import sampled

IDS = {1: b"JP010A", 2: b"JP050A", 3: b"JP100A", 4: b"JP500A", 5: b"JP500B", 6: b"US025A"}
ALL_YEN = frozenset({10, 50, 100, 500})


class Device(ScriptedDevice):
    """A coin acceptor as the reference's exchanges show it."""

    def __init__(self, end: MemoryEnd, mode: Mode = Mode.SUM8) -> None:
        super().__init__(end, 2, mode)
        self.events = EventBuffer()
        self.mask, self.master, self.fault = b"\0\0", 1, 0
        self.table |= {
            Header.READ_BUFFERED_CREDIT: lambda data: self.events.answer(),
            Header.REQUEST_SERIAL_NUMBER: bytes.fromhex("03 02 01"),
            Header.REQUEST_COIN_ID: lambda data: IDS.get(data[0], b"......"),
            Header.PERFORM_SELF_CHECK: lambda data: bytes((self.fault,)),
            Header.MODIFY_INHIBIT_STATUS: self._set_mask,
            Header.REQUEST_INHIBIT_STATUS: lambda data: self.mask,
            Header.MODIFY_MASTER_INHIBIT: self._set_master,
            Header.REQUEST_MASTER_INHIBIT: lambda data: bytes((self.master,)),
        }

    def _set_mask(self, data: bytes) -> Answer:
        self.mask = data
        return b""

    def _set_master(self, data: bytes) -> Answer:
        self.master = data[0]
        return b""

    def restart(self) -> None:
        self.events.clear()
        self.mask, self.master = b"\0\0", 1


class Bench:
    """One driver, one scripted device, one memory line, and all that was told."""

    def __init__(self, device: Device | None = None, mode: Mode = Mode.SUM8) -> None:
        if device is None:
            self.host, end = memory_line("coins")
            self.device = Device(end, mode)
        else:
            self.host, self.device = device.end.peer, device
        self.driver = CcTalkCoinDriver(model("coin", 2, mode), self.host)
        self.told: list[CoinEvent] = []

    async def accepting(self, resume: str | None = None) -> "Bench":
        await self.device.end.open()
        await self.driver.start(self.told.append, resume)
        await until(lambda: self.driver.status.ready)
        self.driver.enable(ALL_YEN)
        await asyncio.sleep(0.5)
        return self

    @property
    def stories(self) -> list[CoinEvent]:
        return [event for event in self.told if not isinstance(event, CoinAcceptorStatus | CoinCountBegins)]


@pytest.mark.parametrize("echo", [False, True])
@in_virtual_time
async def test_the_bytes_of_a_coin_are_the_references_with_echo_and_without(echo: bool) -> None:
    bench = Bench()
    bench.device.echo = echo
    await bench.accepting()
    wire = bench.device.wire
    assert wire[0] == "02 00 01 E5 18"
    assert "02 01 01 B8 01 43" in wire
    assert "02 01 01 E4 01 17" in wire
    assert bench.driver.denominations == ALL_YEN
    assert bench.device.mask == b"\x1f\0"
    bench.device.events.add(3, 3)
    await asyncio.sleep(0.5)
    assert bench.stories == [CoinAccepted(100, "cctalk:010203:1")]


@in_virtual_time
async def test_both_coins_of_500_yen_are_500_yen() -> None:
    bench = await Bench().accepting()
    bench.device.events.add(4, 4)
    bench.device.events.add(5, 4)
    await asyncio.sleep(0.5)
    assert bench.stories == [CoinAccepted(500, "cctalk:010203:1"), CoinAccepted(500, "cctalk:010203:2")]
    bench.driver.enable(frozenset({500}))
    await asyncio.sleep(0.5)
    assert bench.device.mask == b"\x18\0"
    bench.driver.disable()
    await asyncio.sleep(0.5)
    assert (bench.device.mask, bench.device.master) == (b"\0\0", 0)


@in_virtual_time
async def test_300_coins_are_told_once_each_through_the_wrap_of_the_counter() -> None:
    bench = await Bench().accepting()
    for n in range(300):
        bench.device.events.add(1 + n % 4, 1)
        if n % 3 == 0:
            bench.device.unanswered[Header.READ_BUFFERED_CREDIT] = 1
        await asyncio.sleep(0.25)
    await asyncio.sleep(1)
    assert [event.yen for event in bench.stories if isinstance(event, CoinAccepted)] == [10, 50, 100, 500] * 75
    assert len(bench.stories) == 300
    assert bench.stories[254:256] == [CoinAccepted(100, "cctalk:010203:255"), CoinAccepted(500, "cctalk:010203:1")]


@pytest.mark.parametrize("missed", [0, 1, 5])
@in_virtual_time
async def test_a_new_host_is_told_what_it_missed_once(missed: int) -> None:
    bench = await Bench().accepting()
    for _ in range(253):
        bench.device.events.add(0, CoinError.REJECT)
        await asyncio.sleep(0.2)
    bench.device.events.add(1, 1)
    await asyncio.sleep(0.5)
    last = bench.stories[-1]
    assert last == CoinAccepted(10, "cctalk:010203:254")
    await kill(bench.driver, bench.host)
    for _ in range(missed):
        bench.device.events.add(2, 2)
    after = await Bench(bench.device).accepting(last.mark)
    assert after.stories == [CoinAccepted(50, f"cctalk:010203:{count}") for count in (255, 1, 2, 3, 4)[:missed]]


@in_virtual_time
async def test_more_than_a_device_keeps_is_declared_with_the_count_before_what_is_left() -> None:
    bench = await Bench().accepting()
    bench.device.silent = True
    await asyncio.sleep(1)
    for _ in range(7):
        bench.device.events.add(3, 3)
    bench.device.silent = False
    await until(lambda: len(bench.stories) >= 6)
    assert bench.stories == [
        CoinsUnaccounted(2, "EVENTS_LOST[0]", "cctalk:010203:2"),
        *(CoinAccepted(100, f"cctalk:010203:{count}") for count in (3, 4, 5, 6, 7)),
    ]


@in_virtual_time
async def test_a_device_that_restarted_is_set_up_again_and_nothing_is_replayed() -> None:
    bench = await Bench().accepting()
    bench.device.events.add(3, 3)
    await asyncio.sleep(0.5)
    bench.device.restart()
    bench.device.table[Header.READ_BUFFERED_CREDIT] = bytes((0, 3, 3, *bytes(8)))
    await asyncio.sleep(2)
    assert bench.stories == [CoinAccepted(100, "cctalk:010203:1"), CoinsUnaccounted(None, "RESTARTED[1]", "cctalk:010203:0")]
    assert bench.driver.status.ready
    assert bench.device.mask == b"\x1f\0"


@in_virtual_time
async def test_a_device_that_restarted_and_went_on_between_two_polls_is_seen_through() -> None:
    bench = await Bench().accepting()
    for _ in range(4):
        bench.device.events.add(3, 3)
        await asyncio.sleep(0.3)
    bench.device.restart()
    bench.device.events.add(2, 2)
    await asyncio.sleep(1)
    assert bench.stories[4:] == [
        CoinsUnaccounted(None, "RESTARTED[4]", "cctalk:010203:0"),
        CoinAccepted(50, "cctalk:010203:1"),
    ]
    assert bench.device.mask == b"\x1f\0"


@in_virtual_time
async def test_a_device_restarted_before_its_first_event_gets_its_settings_again() -> None:
    bench = await Bench().accepting()
    bench.device.restart()
    await asyncio.sleep(4)
    assert bench.device.mask == b"\x1f\0"
    assert bench.stories == [CoinsUnaccounted(None, "RESTARTED[0]", "cctalk:010203:0")]


@in_virtual_time
async def test_a_new_life_of_the_host_alone_leaves_nothing_in_doubt() -> None:
    bench = await Bench().accepting()
    bench.host.close()
    after = await Bench(device=bench.device).accepting("cctalk:010203:0")
    assert after.stories == []


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("cctalk:010203:0", [CoinsUnaccounted(None, "RESTARTED[0]", "cctalk:010203:0")]),
        (None, []),
        ("cctalk:010203:9", [CoinsUnaccounted(None, "RESTARTED[9]", "cctalk:010203:0")]),
        ("cctalk:999999:0", [CoinsUnaccounted(None, "ANOTHER_DEVICE[010203]", "cctalk:010203:0")]),
        ("something else", [CoinsUnaccounted(None, "MARK_OF_ANOTHER_KIND", "cctalk:010203:0")]),
    ],
)
@in_virtual_time
async def test_a_mark_that_does_not_fit_the_device_is_declared(mark: str | None, told: list[CoinEvent]) -> None:
    bench = await Bench().accepting(mark)
    assert bench.stories == told
    await asyncio.sleep(3)
    assert bench.stories == told


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (1, CoinRefused(RefuseReason.UNKNOWN, "REJECT[1]")),
        (2, CoinRefused(RefuseReason.INHIBITED, "INHIBITED[2]")),
        (8, CoinRefused(RefuseReason.MULTIPLE, "SECOND_CLOSE_COIN[8]")),
        (25, CoinRefused(RefuseReason.NOT_GENUINE, "SLUG[25]")),
        (130, CoinRefused(RefuseReason.INHIBITED, "INHIBITED_COIN_3[130]")),
        (99, CoinRefused(RefuseReason.UNKNOWN, "UNKNOWN[99]")),
        (17, CoinFraudSuspected("GOING_BACKWARDS[17]")),
        (20, CoinFraudSuspected("STRING_MECHANISM[20]")),
        (162, CoinFraudSuspected("CREDIT_CANCELLED_COIN_3[162]")),
        (36, CoinsUnaccounted(1, "SWALLOWED[36]", "cctalk:010203:1")),
        (254, None),
    ],
)
@in_virtual_time
async def test_every_status_is_told_as_it_is(code: int, told: CoinEvent | None) -> None:
    bench = await Bench().accepting()
    bench.device.events.add(0, code)
    await asyncio.sleep(1)
    assert bench.stories == ([] if told is None else [told])
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_coin_of_a_position_without_a_value_is_declared() -> None:
    bench = await Bench().accepting()
    bench.device.events.add(6, 1)
    await asyncio.sleep(0.5)
    assert bench.stories == [CoinsUnaccounted(1, "COIN[6]", "cctalk:010203:1")]


@pytest.mark.parametrize(
    ("code", "check", "fault"),
    [
        (CoinError.CREDIT_SENSOR_BLOCKED, 3, Fault.COIN_JAM),
        (CoinError.MOTOR, 23, Fault.MOTOR_FAILURE),
        (CoinError.GATE_OPEN, 99, Fault.DEVICE_FAILURE),
    ],
)
@in_virtual_time
async def test_troubles_have_their_common_names_and_end_with_the_self_check(code: int, check: int, fault: Fault) -> None:
    bench = await Bench().accepting()
    bench.device.fault = check
    bench.device.events.add(0, code)
    await asyncio.sleep(5)
    assert fault in bench.driver.status.faults
    assert not bench.driver.status.ready
    bench.device.fault = 0
    await asyncio.sleep(5)
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_message_with_two_flipped_bits_whose_sum_is_right_credits_nothing() -> None:
    bench = await Bench().accepting()
    flipped = iter((bytes((1, 4, 0, *bytes(8))),))
    bench.device.table[Header.READ_BUFFERED_CREDIT] = lambda data: next(flipped, bench.device.events.answer())
    await asyncio.sleep(2)
    assert bench.stories == []


@pytest.mark.parametrize("late_s", [0.31, 0.4, 0.5, 0.65, 1.0])
@pytest.mark.parametrize("late_from", sampled(range(50), 4))
@in_virtual_time
async def test_answers_that_come_late_give_no_coin_another_value(late_from: int, late_s: float) -> None:
    bench = Bench()
    bench.device.late_from, bench.device.late_s = late_from, late_s
    await bench.accepting()
    await asyncio.sleep(LATE_FOR_S + 2)
    for position in (1, 2, 3, 4, 5):
        bench.device.events.add(position, 1)
        await asyncio.sleep(0.5)
    assert [event.yen for event in bench.stories if isinstance(event, CoinAccepted)] == [10, 50, 100, 500, 500]


@in_virtual_time
async def test_two_drivers_on_one_line_take_turns() -> None:
    bench = await Bench().accepting()
    async with bench.host.turn:
        asked = len(bench.device.wire)
        await asyncio.sleep(5)
        assert len(bench.device.wire) == asked
    await asyncio.sleep(1)
    assert len(bench.device.wire) > asked
    assert bench.driver.status.power is PowerState.ONLINE


@pytest.mark.parametrize(
    "text", ["", "cctalk", "cctalk:1", "cctalk:1:-1", "cctalk:1:256", "cctalk:1:²", "x:1:2", "cctalk:1:2:x"]
)
def test_what_is_no_mark_is_none(text: str) -> None:
    assert read_mark(text) is None


@given(st.sampled_from(["-", "010203"]), st.integers(0, 255), st.lists(st.integers(0, 2**24), max_size=3))
def test_a_mark_is_read_as_it_was_written(serial: str, counter: int, more: list[int]) -> None:
    mark = Mark(serial, counter, tuple(more))
    assert read_mark(str(mark)) == mark


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.lists(st.binary(max_size=24), max_size=12), mode=st.sampled_from(list(Mode)))
def test_noise_makes_no_exception_no_coin_and_no_end(noise: list[bytes], mode: Mode) -> None:
    async def live() -> None:
        bench = await Bench(mode=mode).accepting()
        for piece in noise:
            bench.device.garbage = piece
            bench.device.send(piece)
            await asyncio.sleep(0.35)
        bench.device.garbage = b""
        await until(lambda: bench.driver.status.ready, 60.0)
        assert bench.stories == []
        bench.device.events.add(3, 3)
        await until(lambda: bool(bench.stories))
        assert bench.stories == [CoinAccepted(100, "cctalk:010203:1")]
        await bench.driver.close()
        assert bench.device.master == 0

    run_virtual(live())


@in_virtual_time
async def test_a_first_life_tells_from_which_count_on_it_listens_and_a_later_one_does_not() -> None:
    bench = await Bench().accepting()
    assert [event for event in bench.told if isinstance(event, CoinCountBegins)] == [CoinCountBegins("cctalk:010203:0")]
    after = await Bench(device=bench.device).accepting("cctalk:010203:0")
    assert not [event for event in after.told if isinstance(event, CoinCountBegins)]
