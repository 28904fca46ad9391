"""The ccTalk hopper driver against a scripted hopper: the reference's bytes, lost answers, power cuts, dead hosts, noise."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.cctalk.events import next_count
from hardware.cctalk.frames import Mode
from hardware.cctalk.headers import Header
from hardware.clock import run_virtual
from hardware.coins.cctalk.hopper_driver import CcTalkHopperDriver
from hardware.coins.cctalk.hopper_outcome import Fate, HopperStatus, judge
from hardware.coins.cctalk.marks import Mark
from hardware.dispenser import DispenserStatus, Payout
from hardware.errors import BusyError, ConfigError, OverDispenseError, SequenceError
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import DeviceModel
from hardware.vocabulary import EmptyStatus, Fault, PayoutOutcome
from tests.hardware.cctalk_unit import NAK, Answer, ScriptedDevice, model
from tests.hardware.virtualtime import in_virtual_time, kill, until

COIN_S = 0.3
SERIAL = bytes.fromhex("12 34 56")
KEY = bytes.fromhex("11 22 33 44 55 66 77 88")


class Hopper(ScriptedDevice):
    """A hopper as the reference's exchanges show it: pays a coin every :data:`COIN_S`."""

    def __init__(self, end: MemoryEnd, mode: Mode = Mode.SUM8, security: str = "serial") -> None:
        super().__init__(end, 3, mode)
        self.security = {"serial": SERIAL, "cipher": KEY, "none": bytes(8)}[security]
        self.counter = self.remaining = self.paid = self.unpaid = self.fault = self.flags = 0
        self.enabled = False
        self.stock = 100
        self.out = 0
        self.orders = 0
        self.acknowledgement: bytes | None = b""
        self.levels = 0
        self.table |= {
            Header.REQUEST_HOPPER_STATUS: lambda data: bytes((self.counter, self.remaining, self.paid, self.unpaid)),
            Header.REQUEST_SERIAL_NUMBER: SERIAL,
            Header.REQUEST_HOPPER_COIN: b"JP500A",
            Header.REQUEST_HOPPER_DISPENSE_COUNT: lambda data: self.out.to_bytes(3, "little"),
            Header.PERFORM_SELF_CHECK: lambda data: bytes((self.fault,)),
            Header.TEST_HOPPER: lambda data: bytes((self.flags, 0)),
            Header.REQUEST_PAYOUT_HIGH_LOW: lambda data: bytes((self.levels,)),
            Header.ENABLE_HOPPER: self._enable,
            Header.PUMP_RNG: lambda data: b"" if len(data) == 8 else NAK,
            Header.REQUEST_CIPHER_KEY: KEY,
            Header.DISPENSE_HOPPER_COINS: self._dispense,
            Header.EMERGENCY_STOP: self._stop,
        }

    def _enable(self, data: bytes) -> Answer:
        self.enabled = data == b"\xa5"
        return b""

    def _dispense(self, data: bytes) -> Answer:
        if not self.enabled or data[:-1] != self.security or self.remaining:
            return NAK
        self.orders += 1
        self.counter, self.remaining, self.paid, self.unpaid = next_count(self.counter), data[-1], 0, 0
        asyncio.get_running_loop().call_later(COIN_S, self._coin, self.counter)
        return bytes((self.counter,)) if self.acknowledgement is None else self.acknowledgement

    def _coin(self, order: int) -> None:
        if not self.remaining or order != self.counter:
            return
        if not self.stock:
            self.fault = 24
            self.unpaid, self.remaining = self.remaining, 0
            return
        self.stock -= 1
        self.out += 1
        self.paid += 1
        self.remaining -= 1
        asyncio.get_running_loop().call_later(COIN_S, self._coin, order)

    def _stop(self, data: bytes) -> Answer:
        self.unpaid, self.remaining = self.remaining, 0
        return bytes((self.unpaid,))

    def lose_power(self) -> None:
        """Stop, and stand at 0 with what was paid."""
        if self.remaining:
            self._stop(b"")
        self.counter, self.enabled = 0, False


def hopper_model(mode: Mode = Mode.SUM8, security: str = "serial", yen: int = 500, **poll: float) -> DeviceModel:
    return model("hopper", 3, mode, hopper={"coin": f"JP{yen:03}A", "yen": yen, "security": security}, poll=poll)


class Bench:
    """One driver, one scripted hopper, one memory line, and all that was told."""

    def __init__(self, hopper: Hopper | None = None, mode: Mode = Mode.SUM8, security: str = "serial", **poll: float) -> None:
        if hopper is None:
            self.host, end = memory_line("hopper")
            self.hopper = Hopper(end, mode, security)
        else:
            self.host, self.hopper = hopper.end.peer, hopper
        self.driver = CcTalkHopperDriver(hopper_model(mode, security, **poll), self.host)
        self.told: list[DispenserStatus] = []

    async def ready(self) -> "Bench":
        await self.hopper.end.open()
        await self.driver.start(self.told.append)
        await until(lambda: self.driver.status.ready)
        return self

    async def paying(self, count: int) -> "asyncio.Task[Payout]":
        """Order and return when the order is on its way."""
        orders = self.hopper.orders
        task = asyncio.create_task(self.driver.dispense({500: count}))
        await until(lambda: self.hopper.orders > orders)
        return task


@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("acknowledgement", [b"", None])
@in_virtual_time
async def test_the_bytes_of_a_payout_are_the_references(echo: bool, acknowledgement: bytes | None) -> None:
    bench = Bench()
    bench.hopper.echo, bench.hopper.acknowledgement = echo, acknowledgement
    await bench.ready()
    assert bench.driver.mark == "cctalk:563412:0:0:0:0"
    assert await bench.driver.dispense({500: 5}) == Payout(PayoutOutcome.DONE, {500: 5})
    wire = bench.hopper.wire
    assert wire[0] == "03 00 01 A6 56"
    assert "03 01 01 A4 A5 B2" in wire
    assert wire.count("03 04 01 A7 12 34 56 05 B0") == 1
    assert bench.driver.mark == "cctalk:563412:1:5:0:5"
    assert not bench.hopper.enabled


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("security", ["serial", "cipher", "none"])
@in_virtual_time
async def test_every_kind_pays_in_every_mode(mode: Mode, security: str) -> None:
    bench = await Bench(mode=mode, security=security).ready()
    for count in (3, 1):
        assert await bench.driver.dispense({500: count, 100: 0}) == Payout(PayoutOutcome.DONE, {500: count})
    assert (bench.hopper.out, bench.hopper.orders) == (4, 2)
    assert bench.hopper.count(Header.REQUEST_CIPHER_KEY) == (2 if security == "cipher" else 0)


@in_virtual_time
async def test_the_callers_mistakes_are_errors_and_pay_nothing() -> None:
    bench = Bench()
    with pytest.raises(SequenceError):
        _ = bench.driver.mark
    with pytest.raises(SequenceError):
        await bench.driver.dispense({500: 1})
    with pytest.raises(SequenceError):
        await bench.driver.outcome_since("cctalk:563412:0:0:0:0", {500: 1})
    await bench.ready()
    for wrong in ({100: 1}, {500: 256}, {500: -1}):
        with pytest.raises(OverDispenseError):
            await bench.driver.dispense(wrong)
    assert await bench.driver.dispense({}) == Payout(PayoutOutcome.DONE, {})
    first = await bench.paying(2)
    with pytest.raises(BusyError):
        await bench.driver.dispense({500: 1})
    assert (await first).outcome is PayoutOutcome.DONE
    assert bench.hopper.out == 2


@in_virtual_time
async def test_a_hopper_at_rest_leaves_the_line_to_others_and_is_back_at_once_when_it_is_wanted() -> None:
    bench = await Bench(interval_s=0.2, rest_s=1.0).ready()
    loop = asyncio.get_running_loop()
    await asyncio.sleep(5.0)
    asked = bench.hopper.count(Header.REQUEST_HOPPER_STATUS)
    await asyncio.sleep(4.5)
    assert 4 <= bench.hopper.count(Header.REQUEST_HOPPER_STATUS) - asked <= 8  # and two more for each look at its health
    ordered_s = loop.time()
    await (await bench.paying(1))
    assert loop.time() - ordered_s < 1.0
    await asyncio.sleep(5.0)
    bench.hopper.silent, silent_s = True, loop.time()
    await until(lambda: not bench.driver.status.ready)
    assert loop.time() - silent_s < 1.0 + 3 * (0.3 * 3 + 0.2)  # a pause, then three polls at the pace of every device


@in_virtual_time
async def test_the_counter_wraps_from_255_to_1() -> None:
    bench = Bench()
    bench.hopper.counter, bench.hopper.paid = 254, 1
    await bench.ready()
    for _ in range(3):
        assert (await bench.driver.dispense({500: 1})).outcome is PayoutOutcome.DONE
    assert bench.driver.mark == "cctalk:563412:2:1:0:3"


@pytest.mark.parametrize("header", [Header.DISPENSE_HOPPER_COINS, Header.REQUEST_HOPPER_STATUS, Header.ENABLE_HOPPER])
@pytest.mark.parametrize("times", [1, 2, 4])
@in_virtual_time
async def test_a_lost_answer_is_found_out_about_and_never_ordered_again(header: Header, times: int) -> None:
    bench = await Bench().ready()
    bench.hopper.unanswered[header] = times
    payout = await bench.driver.dispense({500: 3})
    assert payout == Payout(PayoutOutcome.DONE, {500: 3})
    assert (bench.hopper.orders, bench.hopper.out) == (1, 3)


@in_virtual_time
async def test_an_order_that_never_arrived_is_nothing_once_the_hopper_is_known_to_be_disabled() -> None:
    bench = await Bench().ready()
    bench.hopper.unheard[Header.DISPENSE_HOPPER_COINS] = 1
    assert await bench.driver.dispense({500: 3}) == Payout(PayoutOutcome.NOTHING, {})
    assert not bench.hopper.enabled
    assert (await bench.driver.dispense({500: 3})).outcome is PayoutOutcome.DONE
    assert bench.hopper.out == 3


@in_virtual_time
async def test_an_order_that_is_refused_is_nothing() -> None:
    bench = await Bench().ready()
    bench.hopper.table[Header.DISPENSE_HOPPER_COINS] = NAK
    assert await bench.driver.dispense({500: 3}) == Payout(PayoutOutcome.NOTHING, {})


@pytest.mark.parametrize(("stock", "outcome", "paid"), [(0, PayoutOutcome.NOTHING, {}), (2, PayoutOutcome.PARTIAL, {500: 2})])
@in_virtual_time
async def test_a_hopper_that_runs_empty_is_counted_by_itself(stock: int, outcome: PayoutOutcome, paid: dict[int, int]) -> None:
    bench = await Bench().ready()
    bench.hopper.stock = stock
    assert await bench.driver.dispense({500: 5}) == Payout(outcome, paid, Fault.PAYOUT_EMPTY)
    assert bench.driver.status.ready
    assert bench.driver.status.empty == {500: EmptyStatus.EMPTY}
    assert bench.hopper.out == stock


@in_virtual_time
async def test_a_jam_half_way_is_partial_and_not_ready_until_it_is_cleared() -> None:
    bench = await Bench().ready()
    paying = await bench.paying(5)
    await asyncio.sleep(2.5 * COIN_S)
    bench.hopper.fault = 25
    bench.hopper._stop(b"")
    assert await paying == Payout(PayoutOutcome.PARTIAL, {500: 2}, Fault.PAYOUT_JAM)
    assert not bench.driver.status.ready
    bench.hopper.fault = 0
    await until(lambda: bench.driver.status.ready)


@pytest.mark.parametrize(
    ("flags", "levels", "fault"),
    [(0, 0, Fault.PAYOUT_EMPTY), (4, 0, Fault.PAYOUT_JAM), (0, 16, Fault.PAYOUT_JAM), (0, 17, Fault.PAYOUT_EMPTY)],
)
@in_virtual_time
async def test_a_time_out_is_a_jam_where_coins_or_a_jam_are_known_of(flags: int, levels: int, fault: Fault) -> None:
    bench = await Bench().ready()
    bench.hopper.stock, bench.hopper.flags, bench.hopper.levels = 1, flags, levels
    assert (await bench.driver.dispense({500: 2})).fault is fault


@pytest.mark.parametrize(("levels", "empty"), [(0, EmptyStatus.UNKNOWN), (16, EmptyStatus.OK), (17, EmptyStatus.NEAR_EMPTY)])
@in_virtual_time
async def test_the_low_sensor_is_told_where_there_is_one(levels: int, empty: EmptyStatus) -> None:
    bench = Bench()
    bench.hopper.levels = levels
    await bench.ready()
    assert bench.driver.status.empty == {500: empty}
    assert bench.driver.levels == {500: None}


@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.5, 1.0, 1.6])
@in_virtual_time
async def test_a_power_cut_in_a_payout_leaves_the_hoppers_own_count(after_s: float) -> None:
    bench = await Bench().ready()
    mark = bench.driver.mark
    paying = await bench.paying(5)
    await asyncio.sleep(after_s)
    bench.hopper.silent = True
    bench.hopper.lose_power()
    await asyncio.sleep(2)
    bench.hopper.silent = False
    payout = await paying
    assert sum(payout.paid.values()) == bench.hopper.out
    assert (payout.outcome is PayoutOutcome.DONE) == (bench.hopper.out == 5)
    asked = await bench.driver.outcome_since(mark, {500: 5})
    assert (asked.outcome, asked.paid) == (payout.outcome, payout.paid)
    assert bench.hopper.orders == 1


@pytest.mark.parametrize("after_s", [0.0, 0.5, 1.0, 5.0])
@in_virtual_time
async def test_a_host_killed_in_a_payout_asks_by_its_mark_and_pays_nothing_again(after_s: float) -> None:
    bench = await Bench().ready()
    await bench.driver.dispense({500: 2})
    mark = bench.driver.mark
    paying = await bench.paying(4)
    await asyncio.sleep(after_s)
    paying.cancel()
    await kill(bench.driver, bench.host)
    after = await Bench(bench.hopper).ready()
    assert await after.driver.outcome_since(mark, {500: 4}) == Payout(PayoutOutcome.DONE, {500: 4})
    assert await after.driver.outcome_since(after.driver.mark, {500: 4}) == Payout(PayoutOutcome.NOTHING, {})
    assert (bench.hopper.orders, bench.hopper.out) == (2, 6)


@pytest.mark.parametrize("mark", ["", "something", "cctalk:999999:0:0:0:0", "cctalk:563412:77:1:0:1"])
@in_virtual_time
async def test_a_mark_that_proves_nothing_is_unknown(mark: str) -> None:
    bench = await Bench().ready()
    assert await bench.driver.outcome_since(mark, {500: 4}) == Payout(PayoutOutcome.UNKNOWN, {})


@in_virtual_time
async def test_a_hopper_that_is_gone_ends_in_unknown_with_what_was_seen_to_leave() -> None:
    bench = await Bench().ready()
    mark = bench.driver.mark
    paying = await bench.paying(5)
    await asyncio.sleep(2.2 * COIN_S)
    bench.host.unplug()
    payout = await asyncio.wait_for(paying, 120)
    assert payout.outcome is PayoutOutcome.UNKNOWN
    assert payout.paid in ({500: 1}, {500: 2})
    bench.host.replug()
    await bench.hopper.end.open()
    await until(lambda: bench.driver.status.ready)
    assert await bench.driver.outcome_since(mark, {500: 5}) == Payout(PayoutOutcome.DONE, {500: 5})


@in_virtual_time
async def test_a_hopper_that_turns_for_ever_is_stopped() -> None:
    bench = await Bench().ready()
    bench.hopper._coin = lambda order: None  # type: ignore[method-assign]
    payout = await bench.driver.dispense({500: 5})
    assert payout.outcome is PayoutOutcome.NOTHING
    assert bench.hopper.count(Header.EMERGENCY_STOP) == 1


@in_virtual_time
async def test_closing_in_mid_payout_tells_unknown_and_lets_it_go_on() -> None:
    bench = await Bench().ready()
    paying = await bench.paying(3)
    await bench.driver.close()
    assert (await paying).outcome is PayoutOutcome.UNKNOWN
    await asyncio.sleep(3)
    assert bench.hopper.out == 3


@in_virtual_time
async def test_an_order_whose_caller_is_gone_before_it_was_sent_is_not_given() -> None:
    bench = await Bench().ready()
    bench.hopper.silent = True
    paying = asyncio.create_task(bench.driver.dispense({500: 3}))
    await asyncio.sleep(0.1)
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)
    bench.hopper.silent = False
    await asyncio.sleep(10)
    assert bench.hopper.orders == 0
    assert (await bench.driver.dispense({500: 1})).outcome is PayoutOutcome.DONE


@in_virtual_time
async def test_a_hopper_of_other_coins_than_its_model_says_is_not_ready() -> None:
    bench = Bench()
    bench.hopper.table[Header.REQUEST_HOPPER_COIN] = b"JP100A"
    await bench.hopper.end.open()
    await bench.driver.start(bench.told.append)
    await asyncio.sleep(5)
    assert bench.driver.status.faults == {Fault.UNKNOWN_TABLE}
    assert not bench.driver.status.ready


A_MARK = Mark("563412", 7, (2, 0, 40))
FRESH = Mark("563412", 0, (5, 0, 40))


@pytest.mark.parametrize(
    ("mark", "figures", "total", "seen", "fate"),
    [
        (A_MARK, (7, 0, 2, 0), 40, False, Fate.NEVER_ARRIVED),
        (A_MARK, (8, 3, 2, 0), 42, False, Fate.UNDER_WAY),
        (A_MARK, (8, 0, 5, 0), 45, False, Fate.ENDED),
        (A_MARK, (8, 0, 2, 3), 42, False, Fate.ENDED),
        (A_MARK, (8, 0, 2, 1), 42, False, Fate.UNKNOWN),
        (A_MARK, (9, 0, 5, 0), 45, False, Fate.UNKNOWN),
        (A_MARK, (0, 0, 3, 2), 43, False, Fate.ENDED),
        (A_MARK, (0, 0, 2, 0), 40, False, Fate.NEVER_ARRIVED),
        (A_MARK, (0, 0, 2, 0), 40, True, Fate.UNKNOWN),
        (A_MARK, (0, 0, 4, 0), 44, True, Fate.UNKNOWN),
        (A_MARK, (0, 1, 4, 0), 44, True, Fate.UNKNOWN),
        (FRESH, (0, 0, 5, 0), 45, False, Fate.ENDED),
        (FRESH, (0, 0, 5, 0), 40, False, Fate.NEVER_ARRIVED),
        (FRESH, (0, 0, 5, 0), 43, False, Fate.UNKNOWN),
        (FRESH, (0, 0, 5, 0), None, False, Fate.UNKNOWN),
        (FRESH, (0, 0, 5, 0), None, True, Fate.ENDED),
        (FRESH, (0, 0, 1, 4), 41, False, Fate.ENDED),
        (Mark("563412", 255, ()), (1, 0, 5, 0), None, False, Fate.ENDED),
        (Mark("563412", 9, ()), (0, 0, 5, 0), None, False, Fate.UNKNOWN),
        (Mark("563412", 9, ()), (0, 0, 5, 0), None, True, Fate.ENDED),
    ],
)
def test_an_order_for_five_coins_is_judged_by_the_hoppers_figures(
    mark: Mark, figures: tuple[int, int, int, int], total: int | None, seen: bool, fate: Fate
) -> None:
    assert judge(mark, 5, HopperStatus(*figures), total, seen_to_start=seen) is fate


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"yen": 0, "security": "serial"}, "hopper.yen: found 0"),
        ({"yen": 500, "security": "key"}, "hopper.security: found 'key', expected one of serial, cipher, none"),
    ],
)
def test_settings_that_cannot_be_used_are_named(table: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        CcTalkHopperDriver(model("hopper", 3, hopper=table), memory_line("x")[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    noise=st.lists(st.binary(max_size=24), max_size=12),
    lost=st.lists(st.sampled_from(list(Header)), max_size=12),
    security=st.sampled_from(["serial", "cipher", "none"]),
)
def test_noise_in_a_payout_makes_no_exception_and_no_second_payout(
    noise: list[bytes], lost: list[Header], security: str
) -> None:
    async def live() -> None:
        bench = await Bench(security=security).ready()
        mark = bench.driver.mark
        bench.hopper.unanswered.update(lost)
        paying = asyncio.create_task(bench.driver.dispense({500: 4}))
        for piece in noise:
            bench.hopper.garbage = piece
            bench.hopper.send(piece)
            await asyncio.sleep(0.35)
        bench.hopper.garbage = b""
        payout = await paying
        await until(lambda: bench.driver.status.ready, 60.0)
        assert bench.hopper.orders <= 1
        if payout.outcome is not PayoutOutcome.UNKNOWN:
            assert payout.paid.get(500, 0) == bench.hopper.out
        asked = await bench.driver.outcome_since(mark, {500: 4})
        assert asked.paid.get(500, 0) == bench.hopper.out
        await bench.driver.close()

    run_virtual(live())
